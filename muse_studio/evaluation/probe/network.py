"""The probe's network: one small convolutional trunk at 128 px and a head for each axis. Knows nothing of data."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SIDE_PX = 128
WIDTHS = (32, 64, 96, 160)
AXES = ("concept", "style", "count", "background")


@dataclass(frozen=True, slots=True)
class Labels:
    """The words of each axis; a class is its place in the tuple."""

    concept: tuple[str, ...]
    style: tuple[str, ...]
    count: tuple[str, ...]
    background: tuple[str, ...]

    def of(self, axis: str) -> tuple[str, ...]:
        """The words of one of AXES."""
        words: tuple[str, ...] = getattr(self, axis)
        return words


class _Block(nn.Module):
    """Two 3×3 convolutions around a short cut; the first halves the side where the width changes."""

    def __init__(self, width_in: int, width: int) -> None:
        super().__init__()
        stride = 1 if width_in == width else 2
        self.first = nn.Conv2d(width_in, width, 3, stride, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(width)
        self.second = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(width)
        self.short_cut = nn.Conv2d(width_in, width, 1, bias=False) if stride == 2 else None

    def forward(self, x: Tensor) -> Tensor:
        kept = x if self.short_cut is None else self.short_cut(F.avg_pool2d(x, 2))
        x = F.relu(self.first_norm(self.first(x)))
        return F.relu(kept + self.second_norm(self.second(x)))


class Probe(nn.Module):
    """float [B, 3, 128, 128] in [0, 1] to logits [B, words] of every axis."""

    def __init__(self, labels: Labels) -> None:
        super().__init__()
        self.labels = labels
        self.stem = nn.Conv2d(3, WIDTHS[0], 7, 4, 3, bias=False)
        self.stem_norm = nn.BatchNorm2d(WIDTHS[0])
        self.early = _Block(WIDTHS[0], WIDTHS[1])
        self.blocks = nn.Sequential(
            _Block(WIDTHS[1], WIDTHS[1]), _Block(WIDTHS[1], WIDTHS[2]), _Block(WIDTHS[2], WIDTHS[3])
        )
        width = WIDTHS[1] + 2 * WIDTHS[3]
        self.heads = nn.ModuleDict({axis: nn.Linear(width, len(labels.of(axis))) for axis in AXES})

    def forward(self, pictures: Tensor) -> dict[str, Tensor]:
        x = F.relu(self.stem_norm(self.stem(pictures * 2 - 1)))
        early = self.early(x)
        late = self.blocks(early)
        features = torch.cat([early.mean((2, 3)), late.mean((2, 3)), late.amax((2, 3))], 1)
        features = F.dropout(features, 0.2, self.training)
        return {axis: head(features) for axis, head in self.heads.items()}
