"""A small Meissonic with random weights and something to ask it; and what the published folders say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from muse_studio.weights.meissonic import JointConditioning, MeissonicTransformer, meissonic_config

PUBLISHED: Mapping[str, Any] = {
    "_class_name": "Transformer2DModel",
    "_diffusers_version": "0.30.2",
    "attention_head_dim": 128,
    "axes_dims_rope": [16, 56, 56],
    "codebook_size": 8192,
    "downsample": True,
    "guidance_embeds": False,
    "in_channels": 64,
    "joint_attention_dim": 1024,
    "num_attention_heads": 8,
    "num_layers": 14,
    "num_single_layers": 28,
    "patch_size": 1,
    "pooled_projection_dim": 1024,
    "upsample": True,
    "vocab_size": 8256,
}
"""Meissonic's. Monetico's has downsample and upsample false."""

SMALL: Mapping[str, Any] = {
    **PUBLISHED,
    "attention_head_dim": 12,
    "axes_dims_rope": [2, 6, 4],
    "codebook_size": 20,
    "joint_attention_dim": 10,
    "num_attention_heads": 2,
    "num_layers": 2,
    "num_single_layers": 2,
    "pooled_projection_dim": 24,
    "vocab_size": 32,
}
TEXT_LENGTH = 3
MICRO = [1024.0, 768.0, 0.0, 0.0, 6.0]


def small(*, halved: bool = True) -> dict[str, Any]:
    """The small config.json, of Meissonic's kind or of Monetico's."""
    return {**SMALL, "downsample": halved, "upsample": halved}


def random_model(table: Mapping[str, Any], seed: int = 0) -> MeissonicTransformer:
    """Weights that keep every part of the model at work: gates as large as states, no bias or scale left at 0 or 1."""
    with torch.device("meta"):
        model = MeissonicTransformer(meissonic_config(table))
    model.to_empty(device="cpu").eval().requires_grad_(False)
    random = torch.Generator().manual_seed(seed)
    for name, weight in model.named_parameters():
        if weight.ndim == 1:
            weight.normal_(0, 0.3, generator=random).add_("norm" in name and "linear" not in name)
        else:
            weight.normal_(0, weight[0].numel() ** -0.5, generator=random)
    return model


@dataclass(frozen=True, slots=True)
class Question:
    """A batch that the small models can be asked about."""

    tokens: Tensor
    states: Tensor
    pooled: Tensor
    micro: Tensor

    def prepared(self, model: MeissonicTransformer) -> JointConditioning:
        height, width = self.tokens.shape[1:]
        return model.prepare(self.states, self.pooled, self.micro, (height, width))

    def repeated(self, rows: int) -> Question:
        """The first row, this many times."""
        parts = (self.tokens, self.states, self.pooled, self.micro)
        return Question(*(part[:1].expand(rows, *part.shape[1:]) for part in parts))


def question(
    height: int, width: int, rows: int = 1, seed: int = 1, table: Mapping[str, Any] = SMALL, length: int = TEXT_LENGTH
) -> Question:
    """For a model of `table`, with a text of `length` tokens."""
    random = torch.Generator().manual_seed(seed)
    return Question(
        torch.randint(0, table["vocab_size"], (rows, height, width), generator=random),
        torch.randn(rows, length, table["joint_attention_dim"], generator=random),
        torch.randn(rows, table["pooled_projection_dim"], generator=random),
        torch.tensor(MICRO).expand(rows, -1),
    )
