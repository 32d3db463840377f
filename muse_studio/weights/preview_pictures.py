"""Invented pictures: what a tokenizer's decoder is watched at. Knows no tokenizer.

Clouds of colour with the spectrum of photographs, and ovals and boxes with edges in front of them. Whatever a
checkpoint was trained on, pictures of this kind lead through most of its codes; and none have to be shipped.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor


def invented_picture(number: int, side: int) -> Tensor:
    """Picture `number` of an endless series, float32 [3, side, side] in [0, 1]; the same every time."""
    noise = torch.Generator().manual_seed(number)
    picture = _clouds(side, noise)
    for _ in range(int(torch.randint(2, 9, (), generator=noise))):
        picture = _shape_on(picture, noise)
    return picture.clamp(0, 1)


def _clouds(side: int, noise: torch.Generator) -> Tensor:
    """Noise whose power falls as frequency to the power of -1.6 to -3.6, mixed into a palette of its own."""
    rows, columns = torch.fft.fftfreq(side)[:, None], torch.fft.rfftfreq(side)[None]
    power = 0.8 + _one(noise)
    spectrum = torch.randn(3, side, side // 2 + 1, 2, generator=noise)
    shaped = torch.view_as_complex(spectrum) * (rows**2 + columns**2 + 1e-5) ** (-power / 2)
    waves = torch.fft.irfft2(shaped, s=(side, side))
    spread, centre = torch.std_mean(waves, (1, 2), keepdim=True)
    palette = torch.randn(3, 3, generator=noise)
    palette = palette / palette.norm(dim=1, keepdim=True) * (0.05 + 0.25 * _one(noise))
    mixed = palette @ ((waves - centre) / spread).flatten(1)
    clouds: Tensor = mixed.view_as(waves) + torch.rand(3, 1, 1, generator=noise)
    return clouds


def _shape_on(picture: Tensor, noise: torch.Generator) -> Tensor:
    """The picture behind an oval or a box, turned by any angle, of a colour that changes across it."""
    side = picture.shape[-1]
    place = torch.arange(side) / side
    x, y, turn = (_one(noise) for _ in range(3))
    width, height = (0.03 + 0.3 * _one(noise) for _ in range(2))
    right, down = place[None] - x, place[:, None] - y
    angle = math.pi * turn
    along = (right * math.cos(angle) + down * math.sin(angle)) / width
    across = (down * math.cos(angle) - right * math.sin(angle)) / height
    oval = _one(noise) < 0.5
    inside = along**2 + across**2 < 1 if oval else along.abs().maximum(across.abs()) < 1
    colour, change = torch.rand(2, 3, 1, 1, generator=noise)
    surface = 0.2 * _one(noise) * (picture - picture.mean())
    return torch.where(inside, colour + 0.6 * (change - 0.5) * along + surface, picture)


def _one(noise: torch.Generator) -> float:
    return float(torch.rand((), generator=noise))
