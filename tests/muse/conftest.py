"""Tests of the model run on one thread, with transformers' progress bars off: their monitor is a thread."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from muse_studio.muse.cascade import Cascade
from muse_studio.muse.presets import build_random


@pytest.fixture(autouse=True, scope="module")
def quiet_and_single_threaded() -> Iterator[None]:
    from transformers.utils import logging

    logging.disable_progress_bar()
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
    logging.enable_progress_bar()


@pytest.fixture(scope="session")
def cascade() -> Cascade:
    """A tiny random cascade. Nothing may change it."""
    return build_random(seed=1)
