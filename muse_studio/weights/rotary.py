"""Rotary positions: pairs of a query's or key's numbers turned by angles that grow with where its token stands.

Several axes share a head's numbers; FLUX and Meissonic have three: 16 numbers for an axis that pictures do not use,
56 for rows and 56 for columns. Knows nothing of attention or of what the tokens mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

THETA = 10000.0


@dataclass(frozen=True, slots=True)
class Rotation:
    """cosine, sine: float32 [L, head width / 2], of the angle that each pair of numbers of each token is turned by."""

    cosine: Tensor
    sine: Tensor

    def turn(self, x: Tensor) -> Tensor:
        """Queries or keys [B, heads, L, head width] with neighbouring numbers turned; computed in float32."""
        first, second = x.float().view(*x.shape[:-1], -1, 2).unbind(-1)
        turned = (first * self.cosine - second * self.sine, second * self.cosine + first * self.sine)
        return torch.stack(turned, -1).flatten(-2).to(x.dtype)


def grid_rotation(
    before: int, height: int, width: int, axes: Sequence[int], device: torch.device | str = "cpu"
) -> Rotation:
    """`before` tokens at position 0, then a grid row by row, at (0, row, column).

    axes: how many numbers of a head each of the three has; even.
    """
    rows = torch.arange(height, dtype=torch.float64)[:, None].expand(height, width).flatten()
    columns = torch.arange(width, dtype=torch.float64).repeat(height)
    places = torch.stack([torch.zeros_like(rows), rows, columns], -1)
    places = torch.cat([places.new_zeros(before, 3), places])
    angles = torch.cat([_angles(places[:, axis], count) for axis, count in enumerate(axes)], -1)
    return Rotation(angles.cos().float().to(device), angles.sin().float().to(device))


def _angles(places: Tensor, count: int) -> Tensor:
    """float64 [L, count / 2], on the CPU: not every device has float64."""
    speeds = THETA ** (-torch.arange(0, count, 2, dtype=torch.float64) / count)
    return places[:, None] * speeds
