"""Which places of a picture are alike while every token is unknown. Knows no network.

Where positions are told by 3x3 convolutions alone, whose edges are padded with zeros, a place of a blank picture is
told from others by nothing but how near the edges are, and only as far as the convolutions reach. What is computed for
one of them holds for all that are alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Alike:
    """first: int64 [N], one place of each kind. kinds: int64 [height * width], the kind of each place, row by row."""

    first: Tensor
    kinds: Tensor


def places_alike(height: int, width: int, reach: int) -> Alike:
    """The kinds of places after `reach` convolutions: (2 * reach + 1) squared of them where the picture is as large."""
    rows, columns = (_nearness(side, reach) for side in (height, width))
    every = (rows[:, None] * (reach + 1) ** 2 + columns).flatten()
    found, kinds = torch.unique(every, return_inverse=True)
    first = torch.full_like(found, len(every)).scatter_reduce(0, kinds, torch.arange(len(every)), "amin")
    return Alike(first, kinds)


def _nearness(side: int, reach: int) -> Tensor:
    """One number for how far each place of a line is from both ends, as far as that can be told."""
    place = torch.arange(side)
    return place.clamp(max=reach) * (reach + 1) + (side - 1 - place).clamp(max=reach)
