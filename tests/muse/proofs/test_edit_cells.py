"""Which cells mask-free editing resamples: 20 of 256, each as often as any other, independent of the iteration before.

Seeds are fixed, so the figures are the same in every run; the bounds are those a fair draw keeps 9,999 times in 10,000.
"""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from muse_studio.muse import editing
from muse_studio.muse.editing import edit
from muse_studio.muse.plans import EditPlan
from muse_studio.muse.sampling import RowNoise

CELLS, CHOSEN, ROWS, ITERATIONS = 256, 20, 40, 100


def chosen_cells() -> Tensor:
    """bool [iterations, rows, 256] of the paper's plan."""

    def predict(tokens: Tensor, guidance: Tensor, wanted: Tensor) -> Tensor:
        return torch.zeros(int(wanted.sum()), 4)

    tokens = torch.zeros(ROWS, 16, 16, dtype=torch.int64)
    steps = edit(predict, tokens, 4, EditPlan(ITERATIONS), RowNoise(range(ROWS), "base"))
    return torch.stack([~step.known.flatten(1) for step in steps])


def chi_square(counts: Tensor, draws: int) -> float:
    """Distributed as chi-square with 255 degrees where each draw takes CHOSEN of CELLS places without repeating.

    A place's count then has the variance n p (1 - p), and each two places are correlated by -1 / 255.
    """
    share = CHOSEN / CELLS
    expected = draws * share
    return float(((counts - expected) ** 2).sum() / (expected * (1 - share)) * (CELLS - 1) / CELLS)


LEAST, MOST = 176.0, 353.0
"""Quantiles 0.00005 and 0.99995 of chi-square with 255 degrees, rounded outwards (Wilson and Hilferty's cube)."""


def test_the_bounds_are_the_quantiles() -> None:
    z = 3.8906  # of a normal distribution, 0.99995
    low, high = (255 * (1 - 2 / (9 * 255) + sign * z * (2 / (9 * 255)) ** 0.5) ** 3 for sign in (-1, 1))
    assert LEAST <= low < LEAST + 1
    assert MOST - 1 < high <= MOST


def test_each_iteration_chooses_twenty() -> None:
    assert (chosen_cells().sum(-1) == CHOSEN).all()


def test_every_cell_is_chosen_as_often_as_any_other() -> None:
    counts = chosen_cells().sum((0, 1)).double()
    assert LEAST < chi_square(counts, ROWS * ITERATIONS) < MOST


def test_an_iteration_does_not_know_which_cells_the_last_one_chose() -> None:
    """Two draws of 20 from 256 share 20 * 20 / 256 cells on average, with the hypergeometric variance."""
    cells = chosen_cells()
    shared = (cells[1:] & cells[:-1]).sum(-1).double()
    mean, count = CHOSEN * CHOSEN / CELLS, shared.numel()
    variance = mean * (1 - CHOSEN / CELLS) * (CELLS - CHOSEN) / (CELLS - 1)
    assert abs(float(shared.mean()) - mean) < 3.89 * (variance / count) ** 0.5


@pytest.mark.parametrize(
    "unfair",
    [
        lambda uniform: uniform.flatten(1).cumsum(1).view_as(uniform),  # the first ones in reading order
        lambda uniform: uniform * torch.linspace(1, 1.5, 256).view(16, 16),  # rather the upper ones
        lambda uniform: torch.arange(256.0).view(1, 16, 16).expand_as(uniform),  # the same ones again and again
    ],
    ids=["the first ones", "rather the upper ones", "always the same"],
)
def test_an_unfair_choice_is_told(unfair: object, monkeypatch: pytest.MonkeyPatch) -> None:
    fair = editing.random_cells
    monkeypatch.setattr(editing, "random_cells", lambda uniform, share: fair(unfair(uniform), share))  # type: ignore[operator]
    with pytest.raises(AssertionError):
        test_every_cell_is_chosen_as_often_as_any_other()
