"""The numbers that a cascade folder gives as its own defaults, for showing beside empty fields. Knows no Qt, no torch.

Only shown: the worker reads and checks the folder itself.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

_LIMIT_BYTES = 1024 * 1024  # our own cascade.json is a few KiB


@dataclass(frozen=True, slots=True)
class StageDefaults:
    """None where the folder doesn't say."""

    steps: int | None = None
    guidance: float | None = None
    temperature: float | None = None


@dataclass(frozen=True, slots=True)
class ModelDefaults:
    """One for each stage; edit: for editing by prompt, whose steps are iterations."""

    base: StageDefaults = StageDefaults()
    superres: StageDefaults = StageDefaults()
    edit: StageDefaults = StageDefaults()


def read_defaults(folder: Path) -> ModelDefaults:
    """The defaults in `cascade.json`; unknown ones where the file is missing or damaged."""
    try:
        with (folder / "cascade.json").open("rb") as file:
            read: Any = json.loads(file.read(_LIMIT_BYTES))
        defaults = read["defaults"]
        edit = {**defaults.get("edit", {})}
        edit["steps"] = edit.get("iterations")
        return ModelDefaults(_stage(defaults["base"]), _stage(defaults["superres"]), _stage(edit))
    except (OSError, ValueError, KeyError, TypeError) as fault:
        log.info("no defaults read from %s: %r", folder, fault)
        return ModelDefaults()


def _stage(read: Any) -> StageDefaults:
    steps, others = read.get("steps"), (read.get("guidance"), read.get("temperature"))
    guidance, temperature = (float(value) if isinstance(value, int | float) else None for value in others)
    return StageDefaults(steps if isinstance(steps, int) else None, guidance, temperature)
