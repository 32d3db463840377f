"""Root-mean-square normalisation that takes a tenth of the time on a CPU. Knows no network.

torch has no kernel of its own for it there: it goes over the numbers five times and makes an array each time, which
is a tenth of an aMUSEd step. These are its very operations in its order, so that the same bits come out.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def normalise(x: Tensor, weight: Tensor, epsilon: float) -> Tensor:
    """[..., width] divided by the root of its mean square, times `weight`, [width]. A new tensor."""
    if x.device.type != "cpu" or x.dtype is not torch.float32:
        return F.rms_norm(x, x.shape[-1:], weight, epsilon)
    root = x.square().mean(-1, keepdim=True).add_(epsilon).rsqrt_()
    return (x * root).mul_(weight)


class RootMeanSquareNorm(nn.RMSNorm):
    """nn.RMSNorm with the same weight and, on a CPU in float32, the same bits. For inference alone."""

    def __init__(self, width: int, epsilon: float) -> None:
        super().__init__(width, epsilon)
        self.epsilon = epsilon

    def forward(self, x: Tensor) -> Tensor:
        return normalise(x, self.weight, self.epsilon)
