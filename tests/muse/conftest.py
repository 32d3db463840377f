"""Tests of the model run on one thread, with transformers' progress bars off: their monitor is a thread."""

from __future__ import annotations

import pytest

from muse_studio.muse.cascade import Cascade
from muse_studio.muse.presets import build_random
from tests.quiet import quiet_and_single_threaded  # noqa: F401 - a fixture of every test here


@pytest.fixture(scope="session")
def cascade() -> Cascade:
    """A tiny random cascade. Nothing may change it."""
    return build_random(seed=1)
