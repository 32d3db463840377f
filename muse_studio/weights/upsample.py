"""The up-sampling of the published VQGAN's decoder, by four ninths of its operations on a CPU. Knows no network."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from muse_studio.weights.bands import band_rows, walk

FLOATS = 2**20
"""Of a band."""
BEHIND = ((slice(0, 1), slice(1, 3)), (slice(0, 2), slice(2, 3)))
"""Of the three rows of a kernel those that fall on the same row of the small picture: for even pixels, for odd ones."""


class Upsample(nn.Module):
    """Doubles both sides: nearest neighbour, then a convolution.

    After the first, pixels come in fours that are alike, so the nine weights of the second meet only four different
    numbers. On a CPU they are added up beforehand: four small convolutions make one pixel of each four.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        if x.device.type == "cpu":
            return self._in_fours(x)
        out: Tensor = self.conv(F.interpolate(x, scale_factor=2.0, mode="nearest"))
        return out

    def _in_fours(self, x: Tensor) -> Tensor:
        batch, channels, height, width = x.shape
        made = x.new_empty(batch, 2 * height, 2 * width, channels)
        kernels = [(row, column, self._kernel(row, column)) for row in (0, 1) for column in (0, 1)]
        size = band_rows(height, width, channels, FLOATS)
        buffer = x.new_zeros(size + 2, width + 2, channels)
        for picture, doubled in zip(x.permute(0, 2, 3, 1), made, strict=True):
            for place, rows in walk(picture, size, buffer, _between_columns):
                twice = doubled[2 * place.start : 2 * place.stop]
                for row, column, kernel in kernels:
                    part = rows[row : len(rows) - 1 + row, column : width + 1 + column]
                    quarter = F.conv2d(part[None].permute(0, 3, 1, 2), kernel, self.conv.bias)
                    twice[row::2, column::2] = quarter[0].permute(1, 2, 0)
        return made.permute(0, 3, 1, 2)

    def _kernel(self, row: int, column: int) -> Tensor:
        """[channels, channels, 2, 2]: of the pixels in this place of each four."""
        weight = self.conv.weight.float()
        rows = [weight[:, :, part].sum(2) for part in BEHIND[row]]
        cells = [torch.stack([line[..., part].sum(-1) for part in BEHIND[column]], -1) for line in rows]
        return torch.stack(cells, -2).to(self.conv.weight.dtype).contiguous(memory_format=torch.channels_last)


def _between_columns(rows: Tensor, into: Tensor) -> None:
    into[:, 1:-1] = rows
