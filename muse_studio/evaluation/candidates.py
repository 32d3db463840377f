"""Cascades to time: the model of a folder, or random weights of a preset's true sizes. Knows nothing about clocks.

Random weights take as long as trained ones. They come without their text encoder, which for the paper's sizes has 4.8
billion parameters of its own: texts are random states as wide as the encoder's.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import torch
from torch import nn

from muse_studio.muse.cascade import Cascade, working_dtype
from muse_studio.muse.checkpoint import read_cascade_json
from muse_studio.muse.config import CascadeConfig
from muse_studio.muse.device import describe_device
from muse_studio.muse.int8 import multiplies_in_int8, quantise_transformers
from muse_studio.muse.presets import PRESETS, build_modules, parameter_counts
from muse_studio.muse.text import TextEncoder, TextStates

DEFAULT_SIZES = "default-sizes"
NAMES = (*PRESETS, DEFAULT_SIZES)
PAPER_SIZES = ("muse-900m", "muse-3b")
TEXT_TOKENS = 16
"""Of a random text: about as many as a sentence has."""


class RandomTexts:
    """Stands for a text encoder: states float32 [B, 16, width], the same for equal texts."""

    def __init__(self, width: int, length: int, device: torch.device) -> None:
        self.width, self.length, self.device = width, length, device

    def encode(self, texts: Sequence[str]) -> TextStates:
        states = torch.stack([self._states(text) for text in texts]).to(self.device)
        return TextStates(states, torch.ones(states.shape[:2], dtype=torch.bool, device=self.device))

    def _states(self, text: str) -> torch.Tensor:
        generator = torch.Generator().manual_seed(sum(text.encode()))
        return torch.randn(TEXT_TOKENS, self.width, generator=generator)


def random_cascade(name: str, model: Path, device: torch.device) -> Cascade:
    """A preset, or `model`'s sizes under the name "default-sizes", with random weights in the device's dtype.

    Raises CheckpointError where the sizes of `model` can't be read.
    """
    config = replace(read_cascade_json(model).config, name=name) if name == DEFAULT_SIZES else PRESETS[name]()
    dtype = working_dtype(device)
    warn_of_memory(config, dtype, device)
    with torch.device("meta"):
        modules = build_modules(config)
    for module in modules.values():
        _fill(module.to(dtype).to_empty(device=device))
    if multiplies_in_int8(device, dtype):
        quantise_transformers(modules)
    texts = RandomTexts(config.text_encoder.width, config.text_encoder.length, device)
    return Cascade(config, modules, cast(TextEncoder, texts), device, dtype)


@torch.no_grad()
def _fill(module: nn.Module) -> None:
    """Numbers that stay finite through any depth; nobody looks at the pictures."""
    for parameter in module.parameters():
        if parameter.ndim > 1:
            parameter.normal_(std=parameter[0].numel() ** -0.5)
        else:
            parameter.fill_(1.0)


def warn_of_memory(config: CascadeConfig, dtype: torch.dtype, device: torch.device) -> None:
    """Says on stderr where the weights alone need more memory than the device has free."""
    needed = sum(parameter_counts(config).values()) * dtype.itemsize
    free = describe_device(device).free_bytes
    if free is not None and needed > free:
        print(
            f"{config.name} needs {needed / 1e9:.1f} GB for its weights and {free / 1e9:.1f} GB are free: "
            "this may fail, or slow the machine down. Choose a smaller preset to be safe.",
            file=sys.stderr,
        )
