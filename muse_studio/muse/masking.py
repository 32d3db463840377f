"""From painted pixels to tokens: which cells a mask touches. Knows nothing about models."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from muse_studio.muse.plans import KnownGrids


def masked_cells(mask: Tensor, grid: int) -> Tensor:
    """bool [B, grid, grid]: True where any painted pixel of mask [B, S, S] touches the cell.

    A maximum and never an interpolation: a stroke thinner than a cell still masks it. ValueError where the grid does
    not divide the mask's side.
    """
    if mask.ndim != 3 or mask.shape[1] % grid or mask.shape[2] % grid:
        raise ValueError(f"a mask must be [B, S, S] with S divisible by {grid}: {tuple(mask.shape)}")
    painted = (mask > 0).float()[:, None]
    return F.max_pool2d(painted, (mask.shape[1] // grid, mask.shape[2] // grid))[:, 0] > 0


def known_grids(mask: Tensor, base_grid: int = 16, superres_grid: int = 64) -> KnownGrids:
    """The tokens to keep on both grids, for a mask [B, 512, 512] in which any value above 0 means regenerate."""
    return KnownGrids(~masked_cells(mask, base_grid), ~masked_cells(mask, superres_grid))


def cell_pixels(cells: Tensor, side_px: int) -> Tensor:
    """uint8 [B, side_px, side_px]: 255 over the cells that are True in bool [B, n, n]. Undoes `masked_cells`."""
    times = side_px // cells.shape[-1]
    pixels: Tensor = cells.repeat_interleave(times, 1).repeat_interleave(times, 2)
    return pixels.to(torch.uint8) * 255
