"""What a training run leaves on disk: weights, optimiser state and figures, without pickle. Knows no model."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.files import disk_error
from muse_studio.training.settings import Settings, differences
from muse_studio.training.tensors import write_tensors

CHECKPOINT = "checkpoint.safetensors"
FIGURES = "figures.jsonl"
ADVERSARY = "adversary."
"""In the names of parameters that are trained against the others, and of no use once these are finished."""


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
    averaged: nn.Module | None,
    optimisers: Sequence[torch.optim.Optimizer],
    progress: Progress,
    config: Settings,
    *,
    writes: bool = True,
) -> None:
    """Writes one file with everything a resumed run needs; a killed process leaves the last one whole.

    averaged: None where no average is kept. writes: see `write_tensors`. Raises MuseStudioError DISK.
    """
    tensors = {f"module.{name}": value for name, value in module.state_dict().items()}
    if averaged is not None:
        tensors |= {f"averaged.{name}": value for name, value in averaged.state_dict().items()}
    tensors |= _optimiser_tensors(optimisers)
    header = {
        "config": json.dumps(config.values, sort_keys=True),
        "step": str(progress.step),
        "elapsed_s": repr(progress.elapsed_s),
        "examples": str(progress.examples),
    }
    write_tensors(folder / CHECKPOINT, tensors, header, writes=writes)


def load_checkpoint(
    folder: Path,
    module: nn.Module,
    averaged: nn.Module | None,
    optimisers: Sequence[torch.optim.Optimizer],
    config: Settings | None,
) -> Progress:
    """Restores a run in place; an empty folder gives a fresh Progress. A `config` of None fits all, and leaves an
    adversary out; without optimisers their state stays unread. Where a checkpoint holds no average, its weights take
    the average's place.

    Raises MuseStudioError BAD_MODEL where the checkpoint is damaged or was made with another configuration.
    """
    path = folder / CHECKPOINT
    if not path.exists():
        return Progress()
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata()
            if config is not None:
                _refuse_other_config(path, json.loads(header["config"]), config)
            names = {name for name in file.keys() if config is not None or f".{ADVERSARY}" not in name}  # noqa: SIM118
            _restore(file, names, module, "module.")
            if averaged is not None:
                _restore(file, names, averaged, "averaged." if has_below(names, "averaged.") else "module.")
            for number, optimiser in enumerate(optimisers):
                _restore_optimiser(file, names, optimiser, f"optimiser.{number}.")
            return Progress(int(header["step"]), float(header["elapsed_s"]), int(header["examples"]))
    except (SafetensorError, KeyError, ValueError, RuntimeError) as error:
        raise MuseStudioError(
            ErrorKind.BAD_MODEL,
            f"The checkpoint {path.name} in {folder.name} can't be resumed. Move it away to start afresh.",
            f"{path}: {error}",
        ) from error


def saved_settings(folder: Path) -> Any:
    """The configuration that a checkpoint was made with; None where the folder has no checkpoint."""
    path = folder / CHECKPOINT
    if not path.exists():
        return None
    try:
        with safe_open(path, framework="pt") as file:
            return json.loads(file.metadata()["config"])
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise MuseStudioError(ErrorKind.BAD_MODEL, f"{path} can't be read: {error}. Train the stage again.") from error


def has_below(names: Iterable[str], prefix: str) -> bool:
    """Whether a name starts with `prefix`."""
    return any(name.startswith(prefix) for name in names)


@torch.no_grad()
def _restore(file: Any, names: set[str], module: nn.Module, prefix: str) -> None:
    """One tensor at a time. Raises ValueError where names or shapes differ."""
    state = module.state_dict()
    found = {name.removeprefix(prefix) for name in names if name.startswith(prefix)}
    if found != set(state):
        raise ValueError(f"other tensors than the model has: {sorted(found ^ set(state))[:5]}")
    for name, value in state.items():
        stored = file.get_tensor(prefix + name)
        if stored.shape != value.shape:
            raise ValueError(f"{name} has shape {list(stored.shape)} and not {list(value.shape)}")
        value.copy_(placed_like(stored, value))


def _restore_optimiser(file: Any, names: set[str], optimiser: torch.optim.Optimizer, prefix: str) -> None:
    """Not by load_state_dict: it would turn a state kept in bfloat16 into the weights' float32."""
    parameters = [p for group in optimiser.param_groups for p in group["params"]]
    for name in sorted(names):
        if name.startswith(prefix):
            index, _, key = name.removeprefix(prefix).partition(".")
            parameter, value = parameters[int(index)], file.get_tensor(name)
            if key != "step":
                value = placed_like(value.to(parameter.device), parameter)
            optimiser.state[parameter][key] = value.clone()  # or the whole file would stay mapped into memory


def placed_like(value: Tensor, like: Tensor) -> Tensor:
    """`value` as it is, or spread over the processes as `like` is; a factor without its first side is whole in each."""
    placements = getattr(like, "placements", None)
    if placements is None:
        return value
    from torch.distributed.tensor import Replicate, distribute_tensor

    if value.shape[0] != like.shape[0]:
        placements = [Replicate()] * len(placements)
    return distribute_tensor(value, like.device_mesh, placements)  # type: ignore[attr-defined]


def _refuse_other_config(path: Path, saved: Any, wanted: Settings) -> None:
    if changed := differences(saved, wanted.values, wanted.defaults):
        raise MuseStudioError(
            ErrorKind.BAD_MODEL,
            f"{path} was trained with other settings ({', '.join(changed)}). Use another folder or the same settings.",
        )


def append_figures(folder: Path, figures: dict[str, float]) -> None:
    """Adds one line of figures to the run's log. Raises MuseStudioError DISK."""
    path = folder / FIGURES
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(figures) + "\n")
    except OSError as fault:
        raise disk_error(path, fault) from fault


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
