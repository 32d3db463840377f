"""How well a tokenizer keeps a picture: PSNR, SSIM and codebook use. Knows nothing about where pictures come from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from muse_studio.muse.vqgan import VQGAN


@dataclass(frozen=True, slots=True)
class Reconstruction:
    """Means over pictures. psnr: dB. ssim: in [-1, 1]. codes_used: share of the codebook seen at least once."""

    psnr: float
    ssim: float
    codes_used: float
    pictures: int


def psnr(made: Tensor, real: Tensor) -> Tensor:
    """Peak signal-to-noise ratio in dB of each picture, [B], for float [B, C, H, W] in [0, 1]."""
    error = (made - real).pow(2).mean((1, 2, 3))
    return -10 * torch.log10(error.clamp_min(1e-10))


def ssim(made: Tensor, real: Tensor) -> Tensor:
    """Structural similarity of each picture, [B], with the 11-px Gaussian window of Wang et al. 2004."""
    channels = real.shape[1]
    place = torch.arange(11, dtype=real.dtype, device=real.device) - 5
    line = torch.exp(-place.pow(2) / (2 * 1.5**2))
    window = (line[:, None] * line / line.sum() ** 2).expand(channels, 1, 11, 11)

    def blur(x: Tensor) -> Tensor:
        return F.conv2d(x, window, groups=channels)

    mean_a, mean_b = blur(made), blur(real)
    variance_a = blur(made * made) - mean_a**2
    variance_b = blur(real * real) - mean_b**2
    covariance = blur(made * real) - mean_a * mean_b
    c1, c2 = 0.01**2, 0.03**2
    above = (2 * mean_a * mean_b + c1) * (2 * covariance + c2)
    below = (mean_a**2 + mean_b**2 + c1) * (variance_a + variance_b + c2)
    return (above / below).mean((1, 2, 3))


@torch.no_grad()
def reconstruct(vqgan: VQGAN, pictures: Iterable[Tensor]) -> Reconstruction:
    """Encodes and decodes each picture, float32 [3, H, W] in [0, 1]. Raises ValueError where there are none."""
    seen = torch.zeros(vqgan.config.codebook_size, dtype=torch.bool)
    ratios, similarities = [], []
    dtype = vqgan.codebook.dtype
    for picture in pictures:
        real = picture[None].to(vqgan.codebook.device)
        tokens = vqgan.encode(real.to(dtype).contiguous(memory_format=torch.channels_last))
        made = vqgan.decode(tokens)
        seen[tokens.flatten().cpu()] = True
        ratios.append(float(psnr(made, real)))
        similarities.append(float(ssim(made, real)))
    if not ratios:
        raise ValueError("no pictures to reconstruct")
    count = len(ratios)
    return Reconstruction(sum(ratios) / count, sum(similarities) / count, float(seen.float().mean()), count)
