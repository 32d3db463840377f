"""The Halton order: every cell once, and every beginning of it evenly spread."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from muse_studio.muse.halton import halton_ranks, radical_inverse


@given(st.integers(1, 20), st.integers(1, 20))
def test_every_cell_has_a_rank_of_its_own(height: int, width: int) -> None:
    ranks = halton_ranks(height, width, torch.device("cpu"))
    assert ranks.shape == (height, width)
    assert sorted(ranks.flatten().tolist()) == list(range(height * width))


@pytest.mark.parametrize("part", [32, 64, 128])
def test_the_first_cells_fill_every_quarter_alike(part: int) -> None:
    first = halton_ranks(16, 16, torch.device("cpu")) < part
    for rows in (slice(0, 8), slice(8, 16)):
        for columns in (slice(0, 8), slice(8, 16)):
            assert int(first[rows, columns].sum()) == pytest.approx(part / 4, abs=3)


def test_the_digits_are_mirrored() -> None:
    assert [radical_inverse(number, 2) for number in range(5)] == [0, 0.5, 0.25, 0.75, 0.125]
    assert radical_inverse(5, 3) == pytest.approx(2 / 3 + 1 / 9)
