"""What a published transformer is told beside the tokens, computed once per picture. Knows no network's layers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from muse_studio.core.geometry import Extent
from muse_studio.muse.layers import KeysValues

Modulation = tuple[Tensor, Tensor]
"""Gain and shift of an adaptive normalisation, each [B, 1, width] or [B, 1, 1, width]."""
ConvContext = tuple[Modulation, KeysValues, KeysValues]
"""Of a convolution and the two cross-attentions after it."""
LayerContext = tuple[Modulation, Modulation, Modulation, KeysValues]
"""Of a transformer layer: its three normalisations and its cross-attention."""


@dataclass(frozen=True, slots=True)
class Conditioning:
    """What every step of a decode needs of the prompts and the pictures' size: per block, before, in and after the
    transformer layers."""

    before: tuple[ConvContext, ...]
    layers: tuple[LayerContext, ...]
    after: tuple[ConvContext, ...]

    def rows(self, which: slice) -> Conditioning:
        """Some rows of the batch, as views."""
        return Conditioning(*(_rows(part, which) for part in (self.before, self.layers, self.after)))


def _rows(part: Any, which: slice) -> Any:
    return part[which] if isinstance(part, Tensor) else tuple(_rows(inner, which) for inner in part)


@dataclass(frozen=True, slots=True)
class MicroConditions:
    """What the network was told of each training picture beside its caption; these are what to ask for.

    picture:   size in pixels of the picture, before it was cropped.
    crop:      where the crop began, (0, 0) for a subject that is not cut off. In pixels.
    aesthetic: predicted score of the picture, to about 10; the published default is 6.
    """

    picture: Extent
    crop: tuple[int, int] = field(default=(0, 0))
    aesthetic: float = 6.0

    def tensor(self, count: int) -> Tensor:
        """float32 [count, 5]: width, height, crop, crop, aesthetic."""
        row = torch.tensor([self.picture.width, self.picture.height, *self.crop, self.aesthetic], dtype=torch.float32)
        return row.expand(count, -1)
