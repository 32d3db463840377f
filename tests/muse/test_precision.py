"""bfloat16 is chosen where it is faster, by a clear margin, in parts of the very model; noise never decides."""

from __future__ import annotations

import itertools

import pytest
import torch

from muse_studio.muse import precision
from muse_studio.muse.precision import MARGIN, ROUNDS, WORTH_S, Timing, time_both
from muse_studio.muse.presets import muse_3b, tiny

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("single", "half", "expected"),
    [
        (10.0, 5.0, torch.bfloat16),
        (10.0, 10.0 / MARGIN * 1.01, torch.float32),
        (10.0, 16.0, torch.float32),
        (10.0, float("inf"), torch.float32),
        (0.9 * WORTH_S, 0.1, torch.float32),
    ],
)
def test_bfloat16_must_be_worth_it(single: float, half: float, expected: torch.dtype) -> None:
    assert Timing(single, half).dtype is expected


class Machine:
    """A clock that runs by the work that is done: seconds for each run, by what the run computes in."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, single: float, half: float) -> None:
        self.now, self.hiccups = 0.0, itertools.repeat(0.0)
        seconds = {torch.float32: single, torch.bfloat16: half}

        def part(dtype: torch.dtype) -> object:
            def run() -> None:
                self.now += seconds[dtype] + next(self.hiccups)

            return run

        monkeypatch.setattr(precision, "_parts", lambda config, device: ((2.0, part), (1.0, part)))

    def timing(self) -> Timing:
        return time_both(tiny(), CPU, lambda: self.now)


def test_every_part_counts_as_often_as_a_picture_takes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    timing = Machine(monkeypatch, 0.5, 0.2).timing()
    assert timing.float32_s == pytest.approx(1.5)
    assert timing.bfloat16_s == pytest.approx(0.6)


def test_what_else_the_machine_does_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most runs are disturbed, by up to five times their length; one undisturbed round of each is enough."""
    machine = Machine(monkeypatch, 0.05, 0.03)
    disturbed = [0.25, 0.11, 0.02, 0.0, 0.0, 0.17, 0.2, 0.09, 0.01, 0.25, 0.13]
    machine.hiccups = itertools.cycle(disturbed)
    timing = machine.timing()
    assert timing.float32_s == pytest.approx(0.15, rel=0.15)
    assert timing.bfloat16_s == pytest.approx(0.09, rel=0.15)


def test_a_slow_machine_is_not_kept_measuring(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch, 3.0, 3.0)
    machine.timing()
    assert machine.now < 2 * 2 * ROUNDS * 3.0


def test_a_device_that_cannot_is_infinitely_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    def part(dtype: torch.dtype) -> object:
        if dtype is torch.bfloat16:
            raise TypeError("BFloat16 is not supported on MPS")
        return lambda: None

    monkeypatch.setattr(precision, "_parts", lambda config, device: ((1.0, part),))
    assert time_both(tiny(), CPU).bfloat16_s == float("inf")
    assert time_both(tiny(), CPU).dtype is torch.float32


def test_the_parts_are_the_model_s_own_and_run_in_both() -> None:
    timing = time_both(tiny(), CPU)
    assert 0 < timing.float32_s < float("inf")
    assert 0 < timing.bfloat16_s < float("inf")
    assert timing.dtype is torch.float32, "a model this small is computed at once in any numbers"


def test_torch_s_own_random_numbers_are_left_alone() -> None:
    torch.manual_seed(3)
    expected = torch.rand(4)
    torch.manual_seed(3)
    time_both(tiny(), CPU)
    assert torch.equal(torch.rand(4), expected)


def test_large_models_are_timed_on_parts_of_bounded_size() -> None:
    with torch.device("meta"):
        parts = precision._parts(muse_3b(), torch.device("meta"))
        for uses, prepare in parts:
            assert uses > 0
            prepare(torch.bfloat16)()
