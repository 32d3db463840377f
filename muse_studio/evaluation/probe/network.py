"""The probe's network: one small convolutional trunk at 128 px and a head for each axis. Knows nothing of data."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SIDE_PX = 128
WIDTHS = (32, 64, 96, 160)
STEPS = (0.002, 0.01, 0.03, 0.08, 0.2, 0.5, 1.0)
"""Edges of the histogram of steps between neighbouring pixels."""
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

    texture_mean: Tensor
    texture_scale: Tensor

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
        texture = 3 * (WIDTHS[0] + 2 * WIDTHS[1]) + len(STEPS) - 1
        self.register_buffer("texture_mean", torch.zeros(texture))
        self.register_buffer("texture_scale", torch.ones(texture))
        self.texture_head = nn.Linear(texture, len(labels.style))

    def forward(self, pictures: Tensor) -> dict[str, Tensor]:
        early = self.early(self._stem(pictures))
        late = self.blocks(early)
        features = torch.cat([early.mean((2, 3)), late.mean((2, 3)), late.amax((2, 3))], 1)
        features = F.dropout(features, 0.2, self.training)
        logits = {axis: head(features) for axis, head in self.heads.items()}
        if not self.training:
            texture = (self.texture(pictures) - self.texture_mean) / self.texture_scale
            logits["style"] = logits["style"].log_softmax(1) + self.texture_head(texture).log_softmax(1)
        return logits

    @torch.no_grad()
    def texture(self, pictures: Tensor) -> Tensor:
        """float [B, T]: what squares of at most 31 px look like, and how strong the steps between neighbours are.

        Style is read from these, too: from whole pictures a network learns by heart which drawing has which style.
        """
        stem = self._stem(pictures)
        first = F.relu(self.early.first_norm(self.early.first(stem)))
        parts = [self._statistics(x) for x in (stem, first, self.early(stem))]
        grey = pictures.mean(1)
        steps = (grey[..., 1:] - grey[..., :-1]).abs().flatten(1)
        shares = [((steps > low) & (steps <= high)).float().mean(1) for low, high in pairwise(STEPS)]
        return torch.cat([*parts, torch.stack(shares, 1).clamp_min(1e-4).log()], 1)

    def _stem(self, pictures: Tensor) -> Tensor:
        return F.relu(self.stem_norm(self.stem(pictures * 2 - 1)))

    @staticmethod
    def _statistics(x: Tensor) -> Tensor:
        return torch.cat([x.mean((2, 3)), x.flatten(2).std(2), x.amax((2, 3))], 1)
