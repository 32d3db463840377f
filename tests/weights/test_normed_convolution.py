"""Norm, activation and convolution by bands make the very picture that they make one after the other."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from muse_studio.evaluation.machine import counted, counter
from muse_studio.weights import normed_convolution as module
from muse_studio.weights.normed_convolution import fits, normed_convolution


def parts(channels: int, made: int) -> tuple[nn.GroupNorm, nn.Conv2d]:
    torch.manual_seed(channels)
    norm, conv = nn.GroupNorm(4, channels, eps=1e-6), nn.Conv2d(channels, made, 3, padding=1)
    with torch.no_grad():
        norm.weight.normal_()
        norm.bias.normal_()
    return norm, conv


def exact(x: Tensor, norm: nn.GroupNorm, conv: nn.Conv2d) -> Tensor:
    """In float64, one after the other."""
    x = F.group_norm(x.double(), norm.num_groups, norm.weight.double(), norm.bias.double(), norm.eps)
    bias = None if conv.bias is None else conv.bias.double()
    return F.conv2d(F.silu(x), conv.weight.double(), bias, padding=1)


@pytest.mark.parametrize("size", [(64, 64), (64, 5), (100, 33), (132, 12)], ids=str)
@pytest.mark.parametrize("floats", [1, 3000, 2**19])
@pytest.mark.parametrize("batch", [1, 2])
@torch.inference_mode()
def test_bands_of_any_size_make_the_same_picture(
    size: tuple[int, int], floats: int, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FLOATS", floats)
    norm, conv = parts(16, 24)
    x = 3 * torch.randn(batch, 16, *size) + torch.arange(16.0)[:, None, None]
    before = x.clone()
    found = normed_convolution(x, norm, conv)
    assert fits(x, conv)
    assert found.shape == (batch, 24, *size)
    assert float((found - exact(x, norm, conv)).abs().max()) < 2e-5
    assert x.equal(before)


@torch.inference_mode()
def test_half_of_the_products_are_left() -> None:
    norm, conv = parts(16, 16)
    x = torch.randn(1, 16, 64, 32)
    with counter() as ours:
        normed_convolution(x, norm, conv)
    with counter() as theirs:
        conv(F.silu(norm(x)))
    half = sum(counted(theirs).values()) // 2
    assert half <= sum(counted(ours).values()) < 1.01 * half  # and the kernels, which are made once


@torch.inference_mode()
def test_a_group_far_from_nothing_keeps_its_variance() -> None:
    norm, conv = parts(8, 8)
    x = torch.randn(1, 8, 64, 16) + 1000
    assert float((normed_convolution(x, norm, conv) - exact(x, norm, conv)).abs().max()) < 5e-4


@pytest.mark.parametrize("case", ["few rows", "odd rows", "bfloat16", "no bias", "pointwise", "gradients"])
def test_what_does_not_fit_is_computed_by_torch(case: str) -> None:
    norm, conv = parts(8, 8)
    x = torch.randn(1, 8, {"few rows": 32, "odd rows": 66}.get(case, 64), 16)
    if case == "no bias":
        conv.bias = None
    if case == "pointwise":
        conv = nn.Conv2d(8, 8, 1)
    if case == "bfloat16":
        x, norm, conv = x.bfloat16(), norm.bfloat16(), conv.bfloat16()
    with torch.set_grad_enabled(case == "gradients"):
        found, expected = normed_convolution(x, norm, conv), conv(F.silu(norm(x)))
        by_bands = fits(x, conv)
    assert by_bands == (case == "no bias")
    if by_bands:
        assert torch.allclose(found, expected, atol=1e-5)
    else:
        assert found.equal(expected)
        assert found.requires_grad == (case == "gradients")
