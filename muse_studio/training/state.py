"""What a training run leaves on disk: weights, optimiser state and figures, without pickle. Knows no model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.files import atomic_write

CHECKPOINT = "checkpoint.safetensors"
FIGURES = "figures.jsonl"


@dataclass(slots=True)
class Progress:
    """How far a run is. elapsed_s counts training time over all resumed parts; examples counts pictures seen."""

    step: int = 0
    elapsed_s: float = 0.0
    examples: int = 0


def _optimiser_tensors(optimisers: Sequence[torch.optim.Optimizer]) -> dict[str, Tensor]:
    return {
        f"optimiser.{number}.{index}.{name}": value if isinstance(value, Tensor) else torch.tensor(value)
        for number, optimiser in enumerate(optimisers)
        for index, entry in optimiser.state_dict()["state"].items()
        for name, value in entry.items()
    }


def save_checkpoint(
    folder: Path,
    module: nn.Module,
    averaged: nn.Module,
    optimisers: Sequence[torch.optim.Optimizer],
    progress: Progress,
    config: Any,
) -> None:
    """Writes one file with everything a resumed run needs; a killed process leaves the last one whole."""
    tensors = {f"module.{name}": value for name, value in module.state_dict().items()}
    tensors |= {f"averaged.{name}": value for name, value in averaged.state_dict().items()}
    tensors |= _optimiser_tensors(optimisers)
    tensors = {name: value.detach().cpu().contiguous().clone() for name, value in tensors.items()}
    header = {
        "config": json.dumps(config, sort_keys=True),
        "step": str(progress.step),
        "elapsed_s": repr(progress.elapsed_s),
        "examples": str(progress.examples),
    }
    atomic_write(folder / CHECKPOINT, save(tensors, metadata=header))


def load_checkpoint(
    folder: Path,
    module: nn.Module,
    averaged: nn.Module,
    optimisers: Sequence[torch.optim.Optimizer],
    config: Any,
) -> Progress:
    """Restores a run in place; an empty folder gives a fresh Progress. A `config` of None fits all; without
    optimisers their state stays unread.

    Raises MuseStudioError BAD_MODEL where the checkpoint is damaged or was made with another configuration.
    """
    path = folder / CHECKPOINT
    if not path.exists():
        return Progress()
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata()
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
        if config is not None:
            _refuse_other_config(path, json.loads(header["config"]), config)
        module.load_state_dict(_below(tensors, "module."))
        averaged.load_state_dict(_below(tensors, "averaged."))
        for number, optimiser in enumerate(optimisers):
            _restore_optimiser(optimiser, _below(tensors, f"optimiser.{number}."))
        return Progress(int(header["step"]), float(header["elapsed_s"]), int(header["examples"]))
    except (SafetensorError, KeyError, ValueError, RuntimeError) as error:
        raise MuseStudioError(
            ErrorKind.BAD_MODEL,
            f"The checkpoint {path.name} in {folder.name} can't be resumed. Move it away to start afresh.",
            f"{path}: {error}",
        ) from error


def _below(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name[len(prefix) :]: value for name, value in tensors.items() if name.startswith(prefix)}


def _restore_optimiser(optimiser: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        index, _, key = name.partition(".")
        state.setdefault(int(index), {})[key] = value
    whole = optimiser.state_dict()
    whole["state"] = state
    optimiser.load_state_dict(whole)


def _refuse_other_config(path: Path, saved: Any, wanted: Any) -> None:
    wanted = json.loads(json.dumps(wanted))
    if saved != wanted:
        changed = sorted(key for key in {*saved, *wanted} if saved.get(key) != wanted.get(key))
        raise MuseStudioError(
            ErrorKind.BAD_MODEL,
            f"{path} was trained with other settings ({', '.join(changed)}). Use another folder or the same settings.",
        )


def append_figures(folder: Path, figures: dict[str, float]) -> None:
    """Adds one line of figures to the run's log."""
    with (folder / FIGURES).open("a", encoding="utf-8") as file:
        file.write(json.dumps(figures) + "\n")


def read_figures(folder: Path) -> list[dict[str, float]]:
    """All lines of figures that a run has logged; a line cut by a killed process is left out."""
    path = folder / FIGURES
    if not path.exists():
        return []
    lines: list[dict[str, float]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            lines.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return lines
