"""The two ends of a published transformer, which both families share: tokens to states, and states to logits.

All states are [B, h, w, channels]; tensors have the published names. Knows nothing of the layers between.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from muse_studio.weights.norms import RootMeanSquareNorm

_ROWS = 128  # of fewer than 96, at the widths there are, oneDNN makes sums in another order


def pointwise(conv: nn.Conv2d, x: Tensor) -> Tensor:
    """A 1x1 convolution of [..., channels].

    On a CPU it is one, and no product, which several threads would sum otherwise: each position has the very numbers
    that it has among all others of a picture, whichever positions are given.
    """
    if x.device.type != "cpu":
        return F.linear(x, conv.weight.flatten(1))
    rows = x.reshape(-1, x.shape[-1])
    padded = F.pad(rows, (0, 0, 0, max(0, _ROWS - len(rows))))
    out = F.conv2d(padded.view(1, 1, *padded.shape).permute(0, 3, 1, 2), conv.weight)
    return out.permute(0, 2, 3, 1)[0, 0, : len(rows)].view(*x.shape[:-1], conv.out_channels)


class TokenEmbedding(nn.Module):
    """Tokens int64 [B, h, w] of a vocabulary to states [B, h, w, width], by way of `inner` numbers each."""

    def __init__(self, vocab_size: int, inner: int, width: int, epsilon: float) -> None:
        super().__init__()
        self.embeddings = nn.Embedding(vocab_size, inner)
        self.layer_norm = RootMeanSquareNorm(inner, epsilon)
        self.conv = nn.Conv2d(inner, width, 1, bias=False)

    def forward(self, tokens: Tensor) -> Tensor:
        return pointwise(self.conv, self.layer_norm(self.embeddings(tokens)))


class TokenHead(nn.Module):
    """States [..., width] to logits [..., codebook_size], by way of `inner` numbers each."""

    def __init__(self, width: int, inner: int, codebook_size: int, epsilon: float) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(width, inner, 1, bias=False)
        self.layer_norm = RootMeanSquareNorm(inner, epsilon)
        self.conv2 = nn.Conv2d(inner, codebook_size, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return pointwise(self.conv2, self.layer_norm(pointwise(self.conv1, x)))


class Resample(nn.Module):
    """An RMSNorm, then a 2x2 convolution that halves both sides or, `up`, doubles them.

    Half of an odd side is rounded up: past an edge there are zeros.
    """

    def __init__(self, width: int, epsilon: float, *, up: bool) -> None:
        super().__init__()
        self.up = up
        self.norm = RootMeanSquareNorm(width, epsilon)
        kind = nn.ConvTranspose2d if up else nn.Conv2d
        self.conv = kind(width, width, 2, stride=2, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """[B, h, w, width] to the same with other sides."""
        x = self.norm(x).permute(0, 3, 1, 2)
        if not self.up:
            x = F.pad(x, (0, 1, 0, 1))  # for even sides too: as published, and another sum in another order without it
        out: Tensor = self.conv(x)
        return out.permute(0, 2, 3, 1)
