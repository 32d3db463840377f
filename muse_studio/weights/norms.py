"""Root-mean-square normalisation that takes a tenth of the time on a CPU. Knows no network.

torch has no kernel of its own for it there: it goes over the numbers four times and makes an array each time, which
is a tenth of an aMUSEd step.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def normalise(x: Tensor, gain: Tensor, epsilon: float) -> Tensor:
    """[..., width] divided by the root of its mean square, times `gain`, which broadcasts to it. A new tensor."""
    if x.device.type != "cpu" or x.dtype is not torch.float32:
        return F.rms_norm(x, x.shape[-1:], None, epsilon) * gain
    size: Tensor = torch.linalg.vector_norm(x, dim=-1, keepdim=True)
    root = size.square_().mul_(1 / x.shape[-1]).add_(epsilon).rsqrt_()
    return (x * root).mul_(gain)


class RootMeanSquareNorm(nn.RMSNorm):
    """nn.RMSNorm with the same weight and, to float32's last digits, the same result. For inference alone."""

    def __init__(self, width: int, epsilon: float) -> None:
        super().__init__(width, epsilon)
        self.epsilon = epsilon

    def forward(self, x: Tensor) -> Tensor:
        return normalise(x, self.weight, self.epsilon)
