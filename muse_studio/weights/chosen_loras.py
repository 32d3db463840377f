"""The LoRA files that a person chose, put on the parts of a cascade. Every fault is a sentence for that person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from torch import nn

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.files import printable
from muse_studio.muse.folder import CheckpointError, UnusableFolder
from muse_studio.weights.lora import Chosen, Loras
from muse_studio.weights.lora_file import Lora, read_lora

LoraFiles = Sequence[tuple[Path, float]]
"""Paths with their strengths: 1 as trained."""


def read_chosen(files: LoraFiles) -> Chosen:
    """The LoRAs of these files. MuseStudioError(BAD_MODEL) names the first that is none."""
    chosen = []
    for path, strength in files:
        with _in_words(path.name):
            chosen.append((read_lora(path.expanduser()), strength))
    return chosen


def dress(module: nn.Module, part: str, chosen: Chosen) -> nn.Module:
    """The module with what of these LoRAs is for this part. MuseStudioError(BAD_MODEL) where one does not fit."""
    own = [(Lora(lora.name, {part: lora.parts[part]}), strength) for lora, strength in chosen if part in lora.parts]
    loras = Loras({part: module})
    with _in_words(", ".join(lora.name for lora, _ in own)):
        loras.put(own)
    return module


@contextmanager
def _in_words(name: str) -> Iterator[None]:
    try:
        yield
    except (CheckpointError, ValueError, OSError) as fault:
        message = f"The LoRA “{printable(name)}” cannot be used: {_reason(fault)}. Choose another, or none."
        raise MuseStudioError(ErrorKind.BAD_MODEL, message, str(fault)) from fault


def _reason(fault: Exception) -> str:
    """The first problem, and what it is a problem of where that is not the file itself."""
    if not isinstance(fault, CheckpointError) or not fault.problems:
        return str(fault)
    said = isinstance(fault, UnusableFolder)
    return fault.problems[0] if said else f"{fault.message}: {fault.problems[0]}"
