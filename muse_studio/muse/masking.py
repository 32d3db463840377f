"""From painted pixels to tokens: which cells a mask touches. Knows nothing about models."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from muse_studio.muse.plans import KnownGrids

_SHARE_SALT = 2**40
"""Away from the seeds of every decode's own noise: which cells are chosen must not foretell what is drawn for them."""


def masked_cells(mask: Tensor, grid: int) -> Tensor:
    """bool [B, grid, grid]: True where any painted pixel of mask [B, S, S] touches the cell.

    A maximum and never an interpolation: a stroke thinner than a cell still masks it. ValueError where the grid does
    not divide the mask's side.
    """
    if mask.ndim != 3 or mask.shape[1] % grid or mask.shape[2] % grid:
        raise ValueError(f"a mask must be [B, S, S] with S divisible by {grid}: {tuple(mask.shape)}")
    painted = (mask > 0).float()[:, None]
    return F.max_pool2d(painted, (mask.shape[1] // grid, mask.shape[2] // grid))[:, 0] > 0


def known_grids(mask: Tensor, base_grid: int = 16, superres_grid: int | None = 64) -> KnownGrids:
    """The tokens to keep on each grid there is, for a mask [B, S, S] in which any value above 0 means regenerate."""
    fine = None if superres_grid is None else ~masked_cells(mask, superres_grid)
    return KnownGrids(~masked_cells(mask, base_grid), fine)


def seeded_share(cells: Tensor, share: float, seeds: Sequence[int]) -> Tensor:
    """bool [B, n, n], one row for each seed: a random `share` of the True cells of bool [1, n, n]; one at least.

    The same number in every row. A smaller share's cells are among those of a larger one with the same seed.
    """
    count = int(cells.sum())
    chosen = min(count, max(1, round(share * count)))
    rows = []
    for seed in seeds:
        generator = torch.Generator().manual_seed(seed + _SHARE_SALT)  # on the CPU, so that devices agree
        order = (
            torch.rand(cells[0].shape, generator=generator)
            .masked_fill(~cells[0].cpu(), 2.0)
            .flatten()
            .argsort(stable=True)
        )
        rows.append(torch.zeros(cells[0].numel(), dtype=torch.bool).index_fill(0, order[:chosen], value=True))
    return torch.stack(rows).view(-1, *cells.shape[1:]).to(cells.device)


def cell_pixels(cells: Tensor, side_px: int) -> Tensor:
    """uint8 [B, side_px, side_px]: 255 over the cells that are True in bool [B, n, n]. Undoes `masked_cells`."""
    times = side_px // cells.shape[-1]
    pixels: Tensor = cells.repeat_interleave(times, 1).repeat_interleave(times, 2)
    return pixels.to(torch.uint8) * 255
