"""GroupNorm, SiLU and a 3x3 convolution as one operation on a CPU, with half of the products. Knows no network.

A band of rows goes through all three before the next is touched. Down the columns the convolution is F(4, 3) of
Winograd: four rows take six products and not twelve (Lavin and Gray, "Fast Algorithms for Convolutional Neural
Networks", section 4.1). Along the rows it stays as it is, for a second transform would treble the rounding.

Pictures are float32 [B, C, H, W] and best channels last. For inference alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from muse_studio.weights.bands import band_rows, walk

LEAST_ROWS = 64
"""Of fewer the transformed kernels cost more than they save."""
FLOATS = 2**21
"""Of a band: with what is made of it, it then takes some 20 MB, about a cache's last level."""
TAPS = ((1 / 4, 0, 0), (-1 / 6, -1 / 6, -1 / 6), (-1 / 6, 1 / 6, -1 / 6), (1 / 24, 1 / 12, 1 / 6),
        (1 / 24, -1 / 12, 1 / 6), (0, 0, 1))  # fmt: skip
"""G of F(4, 3): six kernels of the three rows of one."""


def normed_convolution(x: Tensor, norm: nn.GroupNorm, conv: nn.Conv2d, *, over: bool = False) -> Tensor:
    """conv(silu(norm(x))), [B, C, H, W] to [B, conv.out_channels, H, W].

    By bands where `fits`, and then off by some 2e-5 of a spread of 1, as torch's own is by 1e-5; else by torch.
    over: x may be written over: a new array of 134 MB costs 0.1 s, for the kernel clears its pages.
    """
    if not fits(x, conv):
        out: Tensor = conv(F.silu(norm(x), inplace=True))
        return out
    kernels = _kernels(conv.weight)
    pictures = x.permute(0, 2, 3, 1)
    made = (
        pictures
        if over and conv.in_channels == conv.out_channels
        else pictures.new_empty((*pictures.shape[:3], conv.out_channels))
    )
    for picture, rows in zip(pictures, made, strict=True):
        _convolve(picture, _gain_and_shift(picture, norm), kernels, conv.bias, rows)
    return made.permute(0, 3, 1, 2)


def fits(x: Tensor, conv: nn.Conv2d) -> bool:
    """Whether bands are faster: float32 on a CPU, a plain 3x3 kernel, many rows, and these in fours."""
    plain = conv.kernel_size == (3, 3) and conv.padding == (1, 1) and conv.stride == (1, 1) and conv.groups == 1
    on_cpu = x.device.type == "cpu" and x.dtype is torch.float32 and not torch.is_grad_enabled()
    return plain and on_cpu and x.shape[2] >= LEAST_ROWS and x.shape[2] % 4 == 0


def _kernels(weight: Tensor) -> list[Tensor]:
    """Six kernels [out, in, 1, 3] of one, [out, in, 3, 3]."""
    taps = torch.tensor(TAPS, dtype=weight.dtype)
    every = torch.einsum("nr,oirc->noic", taps, weight)[:, :, :, None]
    return [one.contiguous(memory_format=torch.channels_last) for one in every]


def _gain_and_shift(picture: Tensor, norm: nn.GroupNorm) -> tuple[Tensor, Tensor]:
    """What GroupNorm multiplies the channels of [H, W, C] with, and what it adds, both [C].

    A group's variance is the mean of its channels' and the variance of their means.
    """
    means, variances = torch.batch_norm_update_stats(picture.permute(2, 0, 1)[None], None, None, 0.0)
    means, variances = (one.double().view(norm.num_groups, -1) for one in (means, variances))
    mean = means.mean(1, keepdim=True)
    variance = variances.mean(1, keepdim=True) + (means - mean).square().mean(1, keepdim=True)
    gain = (variance + norm.eps).rsqrt() * norm.weight.double().view_as(means)
    shift = norm.bias.double().view_as(means) - mean * gain
    return gain.flatten().to(picture.dtype), shift.flatten().to(picture.dtype)


def _convolve(
    picture: Tensor, normed: tuple[Tensor, Tensor], kernels: Sequence[Tensor], bias: Tensor | None, made: Tensor
) -> None:
    """Writes the convolution of a normed and activated [H, W, C] into `made`, [H, W, out], which may be the picture."""
    gain, shift = normed

    def activate(rows: Tensor, into: Tensor) -> None:
        F.silu(torch.addcmul(shift, rows, gain, out=into), inplace=True)

    height, width, channels = picture.shape
    fours = band_rows(height // 4, width, 4 * channels, FLOATS)
    mixed = picture.new_empty(6, fours, width, channels)
    buffer = picture.new_empty(4 * fours + 2, width, channels)
    for place, rows in walk(picture, 4 * fours, buffer, activate):
        count = (place.stop - place.start) // 4
        parts = mixed[:, :count]
        _mix([rows[row : row + 4 * count - 3 : 4] for row in range(6)], parts)
        products = [
            F.conv2d(part[None].permute(0, 3, 1, 2), kernel, padding=(0, 1)).permute(0, 2, 3, 1)[0]
            for part, kernel in zip(parts, kernels, strict=True)
        ]
        _unmix(products, made[place].view(count, 4, width, -1))
        if bias is not None:
            made[place].add_(bias)


def _mix(rows: Sequence[Tensor], into: Tensor) -> None:
    """B^T of F(4, 3): what the six products are made from, of six rows each, [count, W, C]."""
    even, odd = torch.sub(rows[4], rows[2], alpha=4), torch.sub(rows[3], rows[1], alpha=4)
    torch.add(even, odd, out=into[1])
    torch.sub(even, odd, out=into[2])
    torch.sub(rows[4], rows[2], out=even)
    torch.sub(rows[3], rows[1], out=odd)
    torch.add(even, odd, alpha=2, out=into[3])
    torch.sub(even, odd, alpha=2, out=into[4])
    for place in (0, 1):  # 4 a - 5 b + c
        torch.sub(rows[place], rows[place + 2], out=even)
        torch.add(even.mul_(4).sub_(rows[place + 2]), rows[place + 4], out=into[5 * place])


def _unmix(products: Sequence[Tensor], into: Tensor) -> None:
    """A^T of F(4, 3): four rows, into [count, 4, W, out], of six products [count, W, out], which are spent."""
    near, far = products[1] + products[2], products[3] + products[4]
    left, right = products[1].sub_(products[2]), products[3].sub_(products[4])
    torch.add(products[0].add_(near), far, out=into[:, 0])
    torch.add(left, right, alpha=2, out=into[:, 1])
    torch.add(near, far, alpha=4, out=into[:, 2])
    torch.add(left.add_(products[5]), right, alpha=8, out=into[:, 3])
