"""The paper's schedules: what holds for every plan. Their tables are proved in proofs/test_counts.py."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muse_studio.muse.schedules import (
    guidance_at,
    mask_ratio,
    masked_after,
    temperature_at,
    training_mask_ratio,
)


def test_whole_numbers_are_not_lost_to_rounding() -> None:
    # cos(pi/3) is a half: 2 of 3 steps leave 30 of 60, though the float is a hair less than 0.5.
    assert [masked_after(step, 3, 60) for step in range(3)] == [51, 30, 0]


@given(st.integers(1, 300), st.integers(0, 5000))
def test_every_step_fixes_a_token_while_any_is_left_and_the_last_fixes_all(steps: int, unknown: int) -> None:
    left = unknown
    for step in range(steps):
        now = masked_after(step, steps, unknown)
        assert 0 <= now <= max(0, left - 1)
        left = now
    assert left == 0


@pytest.mark.parametrize("steps", [1, 2, 8, 24, 100])
def test_guidance_rises_linearly_to_its_value(steps: int) -> None:
    values = [guidance_at(step, steps, 4.0) for step in range(steps)]
    assert values[-1] == pytest.approx(4.0)
    assert values == pytest.approx([4.0 * (step + 1) / steps for step in range(steps)])
    assert all(guidance_at(step, steps, 0.0) == 0 for step in range(steps))


@pytest.mark.parametrize("steps", [1, 2, 8, 24, 100])
def test_temperature_falls_linearly_to_nothing(steps: int) -> None:
    values = [temperature_at(step, steps, 2.0) for step in range(steps)]
    assert values[-1] == 0
    falls = [before - after for before, after in itertools.pairwise(values)]
    assert falls == pytest.approx([2.0 / steps] * (steps - 1))
    assert all(0 <= value < 2.0 for value in values)


def test_the_share_of_masked_tokens_goes_from_all_to_none() -> None:
    assert mask_ratio(0) == 1
    assert mask_ratio(1) == pytest.approx(0, abs=1e-15)
    assert mask_ratio(2 / 3) == pytest.approx(0.5)


def test_training_masks_64_percent_on_average_with_the_papers_density() -> None:
    count = 100_000
    ratios = sorted(training_mask_ratio((i + 0.5) / count) for i in range(count))
    assert sum(ratios) / count == pytest.approx(2 / math.pi, abs=1e-4)  # 0.6366
    for r in (0.1, 0.5, 0.9, 0.99):  # the integral of (2/pi)(1 - r^2)^(-1/2) up to r is (2/pi) asin(r)
        below = sum(ratio <= r for ratio in ratios) / count
        assert below == pytest.approx(2 / math.pi * math.asin(r), abs=1e-3)
