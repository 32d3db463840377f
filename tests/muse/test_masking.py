"""From painted pixels to tokens: any touched cell is masked, and no other."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from muse_studio.muse.masking import known_grids, masked_cells

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
