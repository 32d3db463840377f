"""An order of a grid's cells in which every beginning is spread evenly: the Halton sequence. Knows nothing of models.

Neighbouring tokens tell much about each other; fixing them in one step fixes them without each other's knowledge.
"""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor


def halton_ranks(height: int, width: int, device: torch.device) -> Tensor:
    """float32 [height, width]: when the sequence of bases 2 and 3 first comes to each cell, counted from 0."""
    return torch.tensor(_ranks(height, width), dtype=torch.float32, device=device).view(height, width)


@lru_cache(maxsize=8)  # two grids in use at a time; 4,096 cells take 50 ms
def _ranks(height: int, width: int) -> tuple[int, ...]:
    ranks = [-1] * (height * width)
    found = number = 0
    while found < len(ranks):
        number += 1
        cell = int(height * radical_inverse(number, 2)) * width + int(width * radical_inverse(number, 3))
        if ranks[cell] < 0:
            ranks[cell] = found
            found += 1
    return tuple(ranks)


def radical_inverse(number: int, base: int) -> float:
    """The digits of `number` mirrored at the point: 6, binary 110, becomes binary 0.011. From 0 to below 1."""
    mirrored, share = 0.0, 1.0
    while number:
        share /= base
        mirrored += share * (number % base)
        number //= base
    return mirrored
