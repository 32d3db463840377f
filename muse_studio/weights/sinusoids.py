"""Numbers as vectors: sines and cosines of a number, and the two linear layers that read them.

Both published families describe a picture (its size, its crop, its score) and a step in this way. Knows nothing of
what the numbers mean.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

PERIOD = 10000.0


def sinusoids(numbers: Tensor, width: int = 256) -> Tensor:
    """float32 [..., width] of numbers [...]: cosines first, then sines, from one radian a unit to 1 / PERIOD.

    In float32 whatever the model computes in, for that is what the checkpoints were trained with: a thousand times
    the 67th step is more than float16 can hold, and its sine would be NaN.
    """
    places = torch.arange(width // 2, dtype=torch.float32, device=numbers.device)
    speeds = torch.exp(-math.log(PERIOD) * places / (width // 2))
    angles = numbers.float()[..., None] * speeds
    return torch.cat([angles.cos(), angles.sin()], -1)


class Embedder(nn.Module):
    """Linear, SiLU, linear: [..., width] to [..., hidden]."""

    def __init__(self, width: int, hidden: int, *, bias: bool = True) -> None:
        super().__init__()
        self.linear_1 = nn.Linear(width, hidden, bias)
        self.linear_2 = nn.Linear(hidden, hidden, bias)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.linear_2(F.silu(self.linear_1(x)))
        return out
