"""What the studio remembers between starts, as one small JSON file. Knows nothing about widgets.

A damaged, foreign or half-right file is no fault: what is sound is used, the rest is the default.
"""

from __future__ import annotations

import dataclasses
import json
import math
import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from muse_studio.core import limits
from muse_studio.core.brush import Brush
from muse_studio.core.errors import MuseStudioError
from muse_studio.core.files import atomic_write, disk_error
from muse_studio.core.loras import LoraFile
from muse_studio.core.pictures import read_bounded
from muse_studio.core.selection import Combine

FOLDER_VARIABLE = "MUSE_STUDIO_CONFIG"  # another folder than the platform's, for tests and portable installs
_DATA_VARIABLE = "MUSE_STUDIO_DATA"  # likewise, for what the program keeps of the artist's work
_FILE_NAME = "settings.json"
_FORMAT = 1
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")


class Language(StrEnum):
    """Of the window's words."""

    SYSTEM = "system"
    ENGLISH = "en"
    JAPANESE = "ja"


class Theme(StrEnum):
    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"
    HIGH_CONTRAST = "high_contrast"


@dataclass(frozen=True, slots=True)
class CanvasSettings:
    """How the canvas looks and its tools work.

    mask_color:   "#rrggbb" of the mask over the picture, None for the theme's. mask_opacity: 0 to 1.
    mask_outline: only the mask's edge is shown. cells: the cells of the model that it touches are shown.
    frame_shown:  the model's frame is shown with every tool.
    area:         what a new area does to the mask. tolerance: the magic wand's, 0 to 255.
    """

    mask_color: str | None = None
    mask_opacity: float = 0.55
    mask_outline: bool = False
    mask_shown: bool = True
    cells: bool = False
    frame_shown: bool = True
    area: Combine = Combine.REPLACE
    tolerance: int = 32
    contiguous: bool = True


@dataclass(frozen=True, slots=True)
class Settings:
    """One value for everything remembered. Change it with `dataclasses.replace`.

    prompt_history: newest first. presets: a person's own, by name, each as `Wishes.settings` without a seed.
    window: Qt's saved geometry as base64 text; opaque here. docks: likewise where the panels are.
    shortcuts: keys of commands where a person chose others than the program's own, as QKeySequence writes them.
    export: how the last picture was exported; whoever exports reads it and trusts nothing in it.
    device: as the command line takes it: auto, cpu, cuda, mps or xla.
    model:  checkpoint folder, None for the one that ships with the program.
    models: folders of further cascades that were added to the list.
    lora_files: LoRAs that were used, newest first. loras: those of the panel, each as `Wishes.settings` has it.
    """

    theme: Theme = Theme.SYSTEM
    language: Language = Language.SYSTEM
    shortcuts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    last_folder: str | None = None
    export_folder: str | None = None
    recent_files: tuple[str, ...] = ()
    brush: Brush = field(default_factory=lambda: Brush(pressure_fades=False))
    canvas: CanvasSettings = field(default_factory=CanvasSettings)
    prompt: str = ""
    negative_prompt: str = ""
    seed: int = 0
    seed_locked: bool = False
    prompt_history: tuple[str, ...] = ()
    presets: Mapping[str, Any] = field(default_factory=dict)
    device: str = "auto"
    model: str | None = None
    models: tuple[str, ...] = ()
    lora_files: tuple[LoraFile, ...] = ()
    loras: tuple[Mapping[str, Any], ...] = ()
    export: dict[str, Any] = field(default_factory=dict)
    window: str = ""
    docks: str = ""

    def without_recent(self) -> Settings:
        """With an empty list of recent files."""
        return dataclasses.replace(self, recent_files=())

    def with_recent(self, path: Path) -> Settings:
        """With `path` as the newest of the recent files, each once, at most RECENT_FILES_LIMIT."""
        newest = str(path)
        others = tuple(name for name in self.recent_files if name != newest)
        kept = (newest, *others)[: limits.RECENT_FILES_LIMIT]
        return dataclasses.replace(self, recent_files=kept, last_folder=str(path.parent))


def settings_folder() -> Path:
    """The platform's folder for settings; it need not exist yet."""
    if chosen := os.environ.get(FOLDER_VARIABLE):
        return Path(chosen)
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming") / "Muse Studio"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Muse Studio"
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "muse-studio"


def data_folder() -> Path:
    """The platform's folder for what the program keeps of the artist's work, such as the gallery; it need not exist."""
    if chosen := os.environ.get(_DATA_VARIABLE):
        return Path(chosen)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "Muse Studio"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Muse Studio"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "muse-studio"


def load_settings(path: Path | None = None) -> Settings:
    """From the file (the platform's place by default); the defaults where it is missing or damaged. Never raises."""
    try:
        stored = json.loads(read_bounded(path or settings_folder() / _FILE_NAME, limits.SETTINGS_LIMIT_BYTES))
    except (MuseStudioError, ValueError, RecursionError):
        return Settings()
    return _from_json(stored) if isinstance(stored, dict) else Settings()


def save_settings(settings: Settings, path: Path | None = None) -> None:
    """To the file, whose folder is made if missing. MuseStudioError(DISK) on any fault; the old file then stays."""
    target = path or settings_folder() / _FILE_NAME
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise disk_error(target, fault) from fault
    stored = {"format": _FORMAT, **dataclasses.asdict(settings)}
    atomic_write(target, json.dumps(stored, indent=2, sort_keys=True).encode("ascii"))


def _from_json(stored: dict[str, Any]) -> Settings:
    fields: dict[str, Any] = {}
    for name, read in _READERS.items():
        try:
            fields[name] = read(stored[name])
        except (KeyError, ValueError, TypeError, MuseStudioError):
            continue  # missing or damaged: the default
    return Settings(**fields)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _text_or_none(value: object) -> str | None:
    return None if value is None else _text(value)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError("not a flag")
    return value


def _share(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise ValueError("not a share")
    return float(value)


def _seed(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < limits.SEED_LIMIT:
        raise ValueError("not a seed")
    return value


def _names(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError("not a list")
    return tuple(_text(name) for name in value)[: limits.RECENT_FILES_LIMIT]


def _prompts(value: object) -> tuple[str, ...]:
    return tuple(_text(prompt) for prompt in _list(value))[: limits.PROMPT_HISTORY_LIMIT]


def _presets(value: object) -> Mapping[str, Any]:
    """Their wishes are checked by whoever uses them: `Wishes.from_settings` takes a stranger's JSON."""
    if not isinstance(value, dict):
        raise TypeError("not a table")
    return {_text(name): dict(wishes) for name, wishes in list(value.items())[: limits.PRESETS_LIMIT]}


def _shortcuts(value: object) -> Mapping[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        raise TypeError("not a table")
    kept = list(value.items())[: limits.SHORTCUTS_LIMIT]
    return {_text(name): tuple(_text(key) for key in _list(keys))[: limits.SHORTCUT_KEYS_LIMIT] for name, keys in kept}


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError("not a list")
    return value


def _folders(value: object) -> tuple[str, ...]:
    return tuple(_text(name) for name in _list(value))[: limits.SHELF_LIMIT]


def _lora_files(value: object) -> tuple[LoraFile, ...]:
    kept = [_table(each) for each in _list(value)[: limits.LORA_FILES_LIMIT]]
    return tuple(LoraFile(_text(each["path"]), _text(each["sha256"])) for each in kept)


def _loras(value: object) -> tuple[Mapping[str, Any], ...]:
    """Checked by whoever uses them, as presets are."""
    return tuple(_table(each) for each in _list(value)[: limits.LORAS_LIMIT])


def _brush(value: object) -> Brush:
    if not isinstance(value, dict):
        raise TypeError("not a brush")
    size_px = float(value["size_px"])
    if not math.isfinite(size_px):
        raise ValueError("not a size")
    return Brush(
        erase=_flag(value["erase"]),
        hardness=_share(value["hardness"]),
        opacity=_share(value["opacity"]),
        pressure_sizes=_flag(value.get("pressure_sizes", True)),
        pressure_fades=_flag(value.get("pressure_fades", False)),
    ).sized(size_px)


def _canvas(value: object) -> CanvasSettings:
    """Each part by itself: what is sound is used."""
    if not isinstance(value, dict):
        raise TypeError("not a table")
    parts: dict[str, Any] = {}
    for name, read in _CANVAS_READERS.items():
        try:
            parts[name] = read(value[name])
        except (KeyError, ValueError, TypeError):
            continue
    return CanvasSettings(**parts)


def _color(value: object) -> str | None:
    if value is not None and not _COLOR.fullmatch(_text(value)):
        raise ValueError("not a colour")
    return _text_or_none(value)


def _tolerance(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 255:
        raise ValueError("not a tolerance")
    return value


def _table(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("not a table")
    return value


def _device(value: object) -> str:
    text = _text(value)
    if text not in ("auto", "cpu", "cuda", "mps", "xla"):
        raise ValueError("not a device")
    return text


_CANVAS_READERS: dict[str, Callable[[object], object]] = {
    "mask_color": _color,
    "mask_opacity": _share,
    "mask_outline": _flag,
    "mask_shown": _flag,
    "cells": _flag,
    "frame_shown": _flag,
    "area": lambda value: Combine(_text(value)),
    "tolerance": _tolerance,
    "contiguous": _flag,
}

_READERS: dict[str, Callable[[object], object]] = {
    "theme": lambda value: Theme(_text(value)),
    "language": lambda value: Language(_text(value)),
    "shortcuts": _shortcuts,
    "last_folder": _text_or_none,
    "export_folder": _text_or_none,
    "recent_files": _names,
    "brush": _brush,
    "canvas": _canvas,
    "prompt": _text,
    "negative_prompt": _text,
    "seed": _seed,
    "seed_locked": _flag,
    "prompt_history": _prompts,
    "presets": _presets,
    "device": _device,
    "model": _text_or_none,
    "models": _folders,
    "lora_files": _lora_files,
    "loras": _loras,
    "export": _table,
    "window": _text,
    "docks": _text,
}
