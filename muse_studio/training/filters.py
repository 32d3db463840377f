"""A perceptual distance that needs no download: fixed filters, each answer measured against its surroundings.

Pictures become one channel of brightness and two of colour, on several scales; Gabor filters of four directions answer
to lines and steps; each answer is divided by the strength of all answers around it. The division is what makes it see
as people do: an error hides in a busy place and shows in a plain one (Laparra et al., "Perceptual image quality
assessment using a normalized Laplacian pyramid"). Knows nothing about tokenizers.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

SIDE = 7
WAVELENGTH_PX = 4.0
DIRECTIONS = 4
SCALES = 4
FLOOR = 0.05
"""Of the strength that answers are divided by, as contrast: what is fainter is not made any stronger."""
OPPONENT = ((0.299, 0.587, 0.114), (0.5, -0.5, 0.0), (-0.25, -0.25, 0.5))
"""Brightness, red against green, blue against yellow."""


class FilterDistance:
    """See `training.losses.Distance`."""

    def __init__(self, device: torch.device, scales: int = SCALES, floor: float = FLOOR) -> None:
        self.scales, self.floor = scales, floor
        self.filters = gabor_filters().to(device)
        self.colours = torch.tensor(OPPONENT, device=device)[:, :, None, None]

    def __call__(self, made: Tensor, real: Tensor) -> Tensor:
        with torch.no_grad():  # a gradient for the real ones too would cost half as much again
            wanted = self._scales(real)
        gaps = [(one - other).abs().mean() for one, other in zip(self._scales(made), wanted, strict=True)]
        return torch.stack(gaps).sum() / self.scales

    def _scales(self, pictures: Tensor) -> list[Tensor]:
        """Normalised answers on every scale; to colours on all but the finest, where eyes hardly tell them."""
        planes = F.conv2d(pictures.float(), self.colours)
        found = [self._answers(planes[:, :1])]
        for _ in range(self.scales - 1):
            planes = F.avg_pool2d(planes, 2)
            if min(planes.shape[-2:]) >= SIDE:
                found.append(self._answers(planes))
        return found

    def _answers(self, planes: Tensor) -> Tensor:
        """Normalised answers [B * C, 2 * DIRECTIONS, h, w] to planes [B, C, h, w]."""
        flat = F.pad(planes.flatten(0, 1)[:, None], (SIDE // 2,) * 4, mode="reflect")
        answers = F.conv2d(flat, self.filters)
        energy = answers.pow(2).mean(1, keepdim=True)
        around = F.avg_pool2d(energy, SIDE, stride=1, padding=SIDE // 2, count_include_pad=False)
        return answers / (around + self.floor**2).sqrt()


def gabor_filters() -> Tensor:
    """Even and odd filters [2 * DIRECTIONS, 1, SIDE, SIDE]; none answers to a plain area, all to contrast alike."""
    place = torch.arange(SIDE) - SIDE // 2
    y, x = torch.meshgrid(place, place, indexing="ij")
    window = torch.exp(-(x**2 + y**2) / (2 * (SIDE / 4) ** 2))
    filters = []
    for number in range(DIRECTIONS):
        angle = math.pi * number / DIRECTIONS
        phase = 2 * math.pi / WAVELENGTH_PX * (x * math.cos(angle) + y * math.sin(angle))
        for wave in (phase.cos(), phase.sin()):
            made = window * wave
            made = made - window * (made.sum() / window.sum())
            filters.append(made / made.abs().sum() * 2)
    return torch.stack(filters)[:, None]
