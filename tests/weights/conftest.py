"""Tests of published checkpoints run on one thread."""

from __future__ import annotations

from tests.quiet import quiet_and_single_threaded  # noqa: F401 - a fixture of every test here
