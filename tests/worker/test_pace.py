"""Seconds left follow what was timed."""

from __future__ import annotations

import pytest

from muse_studio.worker.pace import SMOOTHING, UNMEASURED_SUPERRES_RATIO, Pace, decode_part


def test_nothing_is_guessed_before_anything_was_timed() -> None:
    assert Pace().left({"base": 3, "superres": 2}, "superres") is None


def test_both_stages_and_the_right_decode_are_counted() -> None:
    pace = Pace()
    pace.note("base", 1.0)
    pace.note("superres", 10.0)
    pace.note(decode_part("base"), 100.0)
    pace.note(decode_part("superres"), 1000.0)
    assert pace.left({"base": 2, "superres": 3}, "superres") == 1032.0
    assert pace.left({"base": 2, "superres": 0}, "base") == 102.0


def test_a_stage_never_timed_is_guessed_from_the_other() -> None:
    pace = Pace()
    pace.note("base", 1.0)
    assert pace.left({"base": 0, "superres": 2}, "superres") == 2 * UNMEASURED_SUPERRES_RATIO


def test_a_machine_that_slows_down_shows_within_three_steps() -> None:
    pace = Pace()
    pace.note("base", 1.0)
    for _ in range(3):
        pace.note("base", 2.0)
    left = pace.left({"base": 1}, "base")
    assert left == pytest.approx(2 - (1 - SMOOTHING) ** 3)
    assert left is not None
    assert left > 1.7
