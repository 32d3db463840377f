"""Linear layers in eight bits, for CPUs that multiply fast in int8 and not in bfloat16. Knows nothing about decoding.

Weights are rounded once, per output; inputs at every call, per row. Sums are whole numbers in int32, so they are exact
and the same on every machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import torch
from torch import Tensor, nn

NARROWEST = 128
"""Inputs of the narrowest layer that is worth the rounding of its inputs."""


class Int8Linear(nn.Module):
    """Stands for a linear layer without bias: weight int8 [in, out], scale float32 [1, out]."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        scale = _scale(linear.weight.detach().float())
        self.weight: Tensor
        self.scale: Tensor
        self.register_buffer("weight", _rounded(linear.weight.detach().float(), scale).T.contiguous())
        self.register_buffer("scale", scale.T.contiguous())

    def forward(self, x: Tensor) -> Tensor:
        """[..., out] of float [..., in], in the same dtype."""
        rows = x.flatten(0, -2).float()
        scale = _scale(rows)
        products = torch._int_mm(_rounded(rows, scale), self.weight)
        out = (products * (scale * self.scale)).to(x.dtype)
        return out.view(*x.shape[:-1], -1)


def _scale(rows: Tensor) -> Tensor:
    """What one step of int8 is worth in each row of [N, K]: [N, 1]."""
    return rows.abs().amax(-1, keepdim=True).clamp_min(1e-12) / 127


def _rounded(rows: Tensor, scale: Tensor) -> Tensor:
    return (rows / scale).round_().to(torch.int8)


def quantise(module: nn.Module, endings: tuple[str, ...] = ("",)) -> None:
    """Puts an Int8Linear in the place of every linear layer without bias that is wide enough, at any depth.

    endings: of the dotted names of those that are meant.
    """
    for path, part in list(module.named_modules()):
        fits = isinstance(part, nn.Linear) and getattr(part, "bias", None) is None and part.in_features >= NARROWEST
        if fits and path.endswith(endings):
            parent, _, name = path.rpartition(".")
            setattr(module.get_submodule(parent), name, Int8Linear(cast(nn.Linear, part)))


def quantise_transformers(modules: Mapping[str, nn.Module]) -> None:
    """Rounds of a cascade's modules, by name, what loses no more than bfloat16 does.

    Of the base, whose tokens are drawn by chance and one other token changes the picture, only what reads normalised
    states: outputs of attention and of GELUs have outliers, which leave the rest of their row few of the eight bits.
    Projections of text and output MLPs cost little and stay exact in both.
    """
    quantise(modules["base"].get_submodule("layers"), (".qkv", ".mlp.0"))
    quantise(modules["superres"].get_submodule("layers"))


def is_quantised(module: nn.Module) -> bool:
    """Whether any part of a module is rounded to int8."""
    return any(isinstance(part, Int8Linear) for part in module.modules())


def multiplies_in_int8(device: torch.device, dtype: torch.dtype) -> bool:
    """Whether int8 is the fastest a machine has: a CPU with AVX512-VNNI on which models stay in float32.

    A fixed property of the machine, as `working_dtype` is. Without VNNI torch's int8 product is slower, and sums of
    pairs may overflow 16 bits.
    """
    check = getattr(torch.cpu, "_is_vnni_supported", None)
    return device.type == "cpu" and dtype is torch.float32 and bool(check and check())
