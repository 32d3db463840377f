"""Tests of other people's checkpoints run on one thread, as those of the model do, and diffusers keeps quiet."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.quiet import quiet_and_single_threaded  # noqa: F401 - a fixture of every test here


@pytest.fixture(autouse=True)
def no_monitor_and_no_farewell() -> Iterator[None]:
    """The bars of diffusers start a thread, even where they are not shown; its pipeline says that it is deprecated."""
    from diffusers.utils import logging
    from tqdm import std

    level = logging.get_verbosity()
    logging.set_verbosity_error()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(std.tqdm, "monitor_interval", 0)
        yield
    logging.set_verbosity(level)
