"""Weights kept every so many steps, and their average taken offline afterwards. Knows no model.

The paper's averaging (Muse 3): of checkpoints saved every 5,000 steps, decay 0.7, outside of training. Nothing is held
in memory but one tensor's running average and the next file's share of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.training.state import Progress
from muse_studio.training.tensors import DTYPES, write_tensors

SERIES = "series"
AVERAGED = "averaged.safetensors"
DECAY = 0.7
"""The paper's, of one kept file to the next."""


def keep_weights(folder: Path, module: nn.Module, progress: Progress, last: int, writes: bool) -> None:
    """Writes the weights as they are to `folder`/series, and deletes all but the `last` ones. Raises DISK."""
    kept = folder / SERIES
    if writes:
        kept.mkdir(exist_ok=True)
    path = kept / f"{progress.step:08d}.safetensors"
    write_tensors(path, module.state_dict(), {"step": str(progress.step)}, writes=writes)
    if writes:
        for old in series(folder)[:-last]:
            with suppress(OSError):  # a file that stays is no fault of the training
                old.unlink()


def series(folder: Path) -> list[Path]:
    """The kept weights of a run, oldest first."""
    kept = folder / SERIES
    found = kept.glob("*.safetensors") if kept.is_dir() else ()
    return sorted(path for path in found if re.fullmatch(r"\d{8}\.safetensors", path.name))


def average(files: Sequence[Path], output: Path, decay: float = DECAY) -> None:
    """The exponential average of the files' tensors, oldest first: a = decay * a + (1 - decay) * next, from the first.

    Raises MuseStudioError: BAD_REQUEST without a file or for another decay, BAD_MODEL where files differ in what they
    hold or are damaged, DISK.
    """
    if not files or not 0 <= decay < 1:
        raise MuseStudioError(ErrorKind.BAD_REQUEST, "Averaging needs files and a decay from 0 to 1. Train first.")
    try:
        outline = _outline(files[0])
        for path in files[1:]:
            if _described(_outline(path)) != _described(outline):
                raise MuseStudioError(ErrorKind.BAD_MODEL, f"{path} holds other tensors than {files[0].name}.")
        told = {"of": ", ".join(path.stem for path in files), "decay": repr(decay)}
        write_tensors(output, outline, told, make=lambda name: averaged_tensor(files, name, decay))
    except (SafetensorError, FileNotFoundError, KeyError) as error:
        raise MuseStudioError(ErrorKind.BAD_MODEL, f"A file of the series can't be read: {error}") from error


def _outline(path: Path) -> dict[str, Tensor]:
    """Every tensor of a file, without its numbers."""
    with safe_open(path, framework="pt") as file:
        slices = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118 - not a dict
        return {
            name: torch.empty(one.get_shape(), dtype=DTYPES[one.get_dtype()], device="meta")
            for name, one in slices.items()
        }


def _described(outline: Mapping[str, Tensor]) -> dict[str, tuple[torch.Size, torch.dtype]]:
    return {name: (tensor.shape, tensor.dtype) for name, tensor in outline.items()}


@torch.no_grad()
def averaged_tensor(files: Sequence[Path], name: str, decay: float) -> Tensor:
    """One tensor's average, worked out in float64; of numbers that are no floats, the last."""
    average: Any = None
    stored = torch.empty(0)
    for path in files:
        with safe_open(path, framework="pt") as file:
            stored = file.get_tensor(name)
        if stored.is_floating_point():
            value = stored.double()
            average = value if average is None else average.mul_(decay).add_(value, alpha=1 - decay)
    return stored if average is None else average.to(stored.dtype)
