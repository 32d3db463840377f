"""From painted pixels to tokens: any touched cell is masked, and no other."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from muse_studio.muse.masking import known_grids, masked_cells, seeded_share

PLACES = st.integers(0, 511)


@settings(max_examples=100, deadline=None)
@given(PLACES, PLACES, st.integers(1, 255))
def test_one_pixel_of_any_strength_masks_its_cells_and_no_other(x: int, y: int, value: int) -> None:
    mask = torch.zeros(1, 512, 512, dtype=torch.uint8)
    mask[0, y, x] = value
    known = known_grids(mask)
    assert (~known.base).nonzero().tolist() == [[0, y // 32, x // 32]]
    assert (~known.superres).nonzero().tolist() == [[0, y // 8, x // 8]]


@pytest.mark.parametrize("column", [0, 7, 8, 31, 32, 511])
def test_a_stroke_thinner_than_a_cell_masks_every_cell_it_crosses(column: int) -> None:
    mask = torch.zeros(1, 512, 512, dtype=torch.bool)
    mask[0, :, column] = True
    known = known_grids(mask)
    assert (~known.base[0]).sum() == 16
    assert (~known.base[0])[:, column // 32].all()
    assert (~known.superres[0]).sum() == 64
    assert (~known.superres[0])[:, column // 8].all()


def test_an_empty_mask_keeps_everything_and_a_full_one_nothing() -> None:
    empty, full = torch.zeros(2, 512, 512, dtype=torch.uint8), torch.full((2, 512, 512), 255, dtype=torch.uint8)
    assert known_grids(empty).base.all()
    assert known_grids(empty).superres.all()
    assert not known_grids(full).base.any()
    assert not known_grids(full).superres.any()


def test_pictures_of_a_batch_are_masked_apart() -> None:
    mask = torch.zeros(2, 512, 512, dtype=torch.uint8)
    mask[1] = 255
    assert known_grids(mask).base.flatten(1).all(1).tolist() == [True, False]


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32))
def test_a_masked_fine_cell_lies_in_a_masked_coarse_one(seed: int) -> None:
    mask = torch.rand(1, 512, 512, generator=torch.Generator().manual_seed(seed)) > 0.9995
    known = known_grids(mask)
    coarse = (~known.base).repeat_interleave(4, 1).repeat_interleave(4, 2)
    assert not (~known.superres & ~coarse).any()


@pytest.mark.parametrize("shape", [(512, 512), (1, 1, 512, 512), (1, 500, 512), (1, 512, 500)])
def test_a_mask_of_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="must be"):
        masked_cells(torch.zeros(shape), 16)


cells_of_a_grid = st.lists(st.booleans(), min_size=64, max_size=64).map(lambda cells: torch.tensor(cells).view(1, 8, 8))


@settings(max_examples=100, deadline=None)
@given(cells_of_a_grid, st.floats(0.001, 1), st.floats(0.001, 1), st.integers(0, 2**32 - 2))
def test_a_share_of_the_cells_is_chosen_by_the_seed_alone(
    cells: torch.Tensor, share: float, other: float, seed: int
) -> None:
    """As many in each row; a row is the same whatever its neighbours are; less is a part of more."""
    few, many = sorted((share, other))
    both = seeded_share(cells, few, [seed, seed + 1])
    count = int(cells.sum())
    assert both.flatten(1).sum(1).tolist() == [min(count, max(1, round(few * count)))] * 2
    assert not both[(~cells).expand_as(both)].any()
    assert torch.equal(both[1:], seeded_share(cells, few, [seed + 1]))
    assert seeded_share(cells, many, [seed])[0][both[0]].all()
    assert torch.equal(seeded_share(cells, 1.0, [seed]), cells)


def test_cells_are_chosen_evenly_and_otherwise_by_every_seed() -> None:
    chosen = seeded_share(torch.ones(1, 8, 8, dtype=torch.bool), 0.25, range(2000))
    counts = chosen.sum(0).float()
    assert ((counts - 500).abs() < 6 * (2000 * 0.25 * 0.75) ** 0.5).all()
    assert len({row.numpy().tobytes() for row in chosen}) == 2000
