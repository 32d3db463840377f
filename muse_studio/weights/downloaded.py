"""Folders of published cascades that were fetched: where they lie, and the note in each that says what was verified.

Knows no network, and runs no cascade. A folder has its name only once every file in it was verified; until then all of
it lies in a hidden one beside it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from muse_studio.core import limits
from muse_studio.core.cascade_folder import (
    CascadeFacts,
    FileRecord,
    StagePlanFacts,
    bad_model,
    file_records,
    read_inside,
)
from muse_studio.core.errors import MuseStudioError
from muse_studio.core.files import TEMPORARY_PREFIX, atomic_write, printable
from muse_studio.core.settings import data_folder
from muse_studio.weights.catalogue import Published
from muse_studio.weights.offer import Offer

NOTE_NAME = "download.json"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Place:
    """Where a published cascade lies below a folder, or would: `folder` when whole, `hidden` before."""

    folder: Path
    hidden: Path
    lock: Path

    @property
    def is_there(self) -> bool:
        """Whether something has the whole one's name: a fetched cascade, or what somebody else put there."""
        return self.folder.exists() or self.folder.is_symlink()

    @property
    def kept_bytes(self) -> int:
        """What an unfinished download has left for the next try."""
        try:
            return sum(path.stat().st_size for path in self.hidden.rglob("*") if path.is_file())
        except OSError:
            return 0


def models_folder() -> Path:
    """Where fetched cascades go; it need not exist yet."""
    return data_folder() / "models"


def place_of(entry: Published, parent: Path) -> Place:
    """Its place below `parent`."""
    stem = f"{TEMPORARY_PREFIX}{entry.name}"
    return Place(parent / entry.name, parent / f"{stem}.partial", parent / f"{stem}.lock")


def write_note(folder: Path, offer: Offer, files: Mapping[str, FileRecord]) -> None:
    """Say in the folder what it is, and what each file was when it was verified. MuseStudioError(DISK)."""
    note = {
        "format": _FORMAT,
        "name": offer.entry.name,
        "repo": offer.entry.repo,
        "commit": offer.commit,
        "licence": offer.licence,
        "link": offer.entry.link,
        "files": {name: {"sha256": record.sha256, "bytes": record.size_bytes} for name, record in files.items()},
    }
    atomic_write(folder / NOTE_NAME, json.dumps(note, indent=2).encode("ascii"))


def read_note(folder: Path) -> CascadeFacts | None:
    """What was fetched into this folder; None where nothing was. MuseStudioError(BAD_MODEL) for a damaged note."""
    if not (folder / NOTE_NAME).exists():
        return None
    try:
        stored = json.loads(read_inside(folder, NOTE_NAME, limits.CASCADE_JSON_LIMIT_BYTES))
        if stored["format"] != _FORMAT:
            raise ValueError("format")
        name, licence = printable(str(stored["name"]), 80), printable(str(stored["licence"]), 80)
        return CascadeFacts(name, licence, file_records(stored["files"]), StagePlanFacts(), StagePlanFacts(), {})
    except MuseStudioError:
        raise
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        message = (
            f"{NOTE_NAME} in “{printable(folder.name)}” is damaged. Delete the folder and fetch the cascade again."
        )
        raise bad_model(message, repr(fault)) from fault
