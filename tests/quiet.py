"""A fixture for tests that load models. Each folder that wants it imports it in its conftest."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch


@pytest.fixture(autouse=True, scope="module")
def quiet_and_single_threaded() -> Iterator[None]:
    """One thread, and transformers' progress bars off: their monitor is a thread too."""
    from transformers.utils import logging

    logging.disable_progress_bar()
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
    logging.enable_progress_bar()
