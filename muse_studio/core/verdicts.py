"""What this machine was once measured to be good at, kept so that it is measured once. Knows no tensors.

One small JSON file beside the settings. A damaged or foreign file is no fault: it is measured again.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from muse_studio.core import limits
from muse_studio.core.errors import MuseStudioError
from muse_studio.core.files import atomic_write, disk_error
from muse_studio.core.pictures import read_bounded
from muse_studio.core.settings import settings_folder

FILE_NAME = "measured.json"
KEPT = 64  # machines, models and versions of torch that are remembered; the oldest go first


@dataclass(frozen=True, slots=True)
class Verdict:
    """Which numbers a model is computed in here, and the seconds of a picture that said so."""

    dtype: str
    float32_s: float
    bfloat16_s: float | None


def known_verdict(key: str, path: Path | None = None) -> Verdict | None:
    """What was measured for this key; None where nothing was, or it cannot be read. Never raises."""
    entry = _read(path or settings_folder() / FILE_NAME).get(key)
    if not isinstance(entry, dict) or set(entry) != {"dtype", "float32_s", "bfloat16_s"}:
        return None
    dtype, single, half = entry["dtype"], entry["float32_s"], entry["bfloat16_s"]
    sound = dtype in ("float32", "bfloat16") and _is_time(single) and (half is None or _is_time(half))
    return Verdict(dtype, single, half) if sound else None


def keep_verdict(key: str, verdict: Verdict, path: Path | None = None) -> None:
    """Remember it from now on. MuseStudioError(DISK) on any fault; the old file then stays."""
    target = path or settings_folder() / FILE_NAME
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise disk_error(target, fault) from fault
    entries = _read(target)
    entries.pop(key, None)
    entries[key] = asdict(verdict)
    kept = dict(list(entries.items())[-KEPT:])
    atomic_write(target, json.dumps(kept, indent=2).encode("ascii"))


def _is_time(value: object) -> bool:
    return isinstance(value, float) and 0 < value < float("inf")


def _read(path: Path) -> dict[str, Any]:
    try:
        stored = json.loads(read_bounded(path, limits.SETTINGS_LIMIT_BYTES))
    except (MuseStudioError, ValueError, RecursionError):
        return {}
    return stored if isinstance(stored, dict) else {}
