"""Folders of published cascades that the program fetches: where they lie, the notes in them, and how they are deleted.

A folder has its name only once every file in it was verified; until then all of it lies in a hidden one beside it.
Knows no network, and runs no cascade.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from muse_studio.core import limits
from muse_studio.core.cascade_facts import FileRecord
from muse_studio.core.catalogue import Published
from muse_studio.core.errors import MuseStudioError
from muse_studio.core.files import TEMPORARY_PREFIX, atomic_write, disk_error, printable
from muse_studio.core.folder_files import bad_model, file_records, is_inside, read_inside
from muse_studio.core.settings import data_folder

NOTE_NAME = "download.json"
TERMS_NAME = "terms.json"
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
            return sum(
                path.stat().st_size for path in self.hidden.rglob("*") if path.is_file() and path.name != TERMS_NAME
            )
        except OSError:
            return 0


@dataclass(frozen=True, slots=True)
class Note:
    """What our own download has left in a folder: what each file was when it was verified."""

    name: str
    licence: str
    files: Mapping[str, FileRecord]

    @property
    def size_bytes(self) -> int:
        """All files together."""
        return sum(record.size_bytes for record in self.files.values())


@dataclass(frozen=True, slots=True)
class Begun:
    """What a person has agreed to before a download began that is not finished."""

    licence: str
    total_bytes: int


def models_folder() -> Path:
    """Where fetched cascades go; it need not exist yet."""
    return data_folder() / "models"


def place_of(entry: Published, parent: Path) -> Place:
    """Its place below `parent`."""
    stem = f"{TEMPORARY_PREFIX}{entry.name}"
    return Place(parent / entry.name, parent / f"{stem}.partial", parent / f"{stem}.lock")


def write_note(folder: Path, entry: Published, commit: str, licence: str, files: Mapping[str, FileRecord]) -> None:
    """Say in the folder what it is, and what each file was when it was verified. MuseStudioError(DISK)."""
    note = {
        "format": _FORMAT,
        "name": entry.name,
        "repo": entry.repo,
        "commit": commit,
        "licence": licence,
        "link": entry.link,
        "files": {name: {"sha256": record.sha256, "bytes": record.size_bytes} for name, record in files.items()},
    }
    atomic_write(folder / NOTE_NAME, json.dumps(note, indent=2).encode("ascii"))


def read_note(folder: Path) -> Note | None:
    """None where nothing was fetched into the folder. MuseStudioError(BAD_MODEL) for a damaged note."""
    if not (folder / NOTE_NAME).exists():
        return None
    try:
        stored = json.loads(read_inside(folder, NOTE_NAME, limits.CASCADE_JSON_LIMIT_BYTES))
        if stored["format"] != _FORMAT:
            raise ValueError("format")
        name, licence = printable(str(stored["name"]), 80), printable(str(stored["licence"]), 80)
        return Note(name, licence, file_records(stored["files"]))
    except MuseStudioError:
        raise
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        message = (
            f"{NOTE_NAME} in “{printable(folder.name)}” is damaged. Delete the folder and fetch the cascade again."
        )
        raise bad_model(message, repr(fault)) from fault


def write_begun(place: Place, begun: Begun) -> None:
    """Remember what was agreed to beside what has come, until the download is finished. MuseStudioError(DISK)."""
    try:
        place.hidden.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise disk_error(place.hidden, fault) from fault
    terms = {"licence": begun.licence, "bytes": begun.total_bytes}
    atomic_write(place.hidden / TERMS_NAME, json.dumps(terms).encode("ascii"))


def read_begun(place: Place) -> Begun | None:
    """None where nothing was begun, or nobody can say what."""
    try:
        stored = json.loads(read_inside(place.hidden, TERMS_NAME, limits.CASCADE_JSON_LIMIT_BYTES))
        licence, total = stored["licence"], stored["bytes"]
    except (MuseStudioError, OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return Begun(printable(licence, 80), total) if isinstance(licence, str) and type(total) is int else None


def was_fetched(folder: Path) -> bool:
    """Whether the program itself has put all of it there, so that it may delete it."""
    try:
        return not folder.is_symlink() and read_note(folder) is not None
    except MuseStudioError:
        return False


def delete_fetched(folder: Path) -> int:
    """Delete the files that the program has fetched into a folder, and the folder where nothing else is in it.

    The bytes that were freed. MuseStudioError: BAD_MODEL where it was not fetched by the program, DISK.
    """
    note = None if folder.is_symlink() else read_note(folder)
    if note is None:
        raise bad_model(
            f"“{printable(folder.name)}” was not fetched by this program, so it deletes nothing there.", str(folder)
        )
    freed = 0
    try:
        for name in (*note.files, NOTE_NAME):
            path = folder / name
            if path.is_file() and is_inside(folder, path.parent):
                freed += path.lstat().st_size
                path.unlink()
    except OSError as fault:
        raise _not_deleted(folder, fault) from fault
    _sweep(folder)
    return freed


def delete_begun(place: Place) -> None:
    """Delete what an unfinished download has left. MuseStudioError(DISK)."""
    if place.hidden.is_symlink() or not place.hidden.is_dir():
        return
    try:
        for path in [each for each in place.hidden.rglob("*") if each.is_symlink() or not each.is_dir()]:
            path.unlink()
    except OSError as fault:
        raise _not_deleted(place.hidden, fault) from fault
    _sweep(place.hidden)


def _sweep(folder: Path) -> None:
    """Remove the folders in which nothing is left."""
    for path in (*sorted((each for each in folder.rglob("*") if each.is_dir()), reverse=True), folder):
        with contextlib.suppress(OSError):
            path.rmdir()


def _not_deleted(folder: Path, fault: OSError) -> MuseStudioError:
    error = disk_error(folder, fault)
    message = f"“{printable(folder.name)}” could not be deleted whole. Close what uses it, and try again."
    return MuseStudioError(error.kind, message, error.detail)
