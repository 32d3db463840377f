"""Tests of other people's checkpoints run on one thread, as those of the model do."""

from __future__ import annotations

from tests.quiet import quiet_and_single_threaded  # noqa: F401 - a fixture of every test here
