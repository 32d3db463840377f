"""Recovery files: what a document looked like shortly before the program ended without saving it.

One file for each document, in a folder of the settings, named after the process that writes it, so that no two can
collide and a file whose process is gone is known as an orphan. A file goes when its document was saved, closed or
discarded, never by itself. Knows nothing about windows; everything but `Pace` may be called in any thread.
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil
from numpy.typing import NDArray

from muse_studio.core import limits
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.files import TEMPORARY_PREFIX, atomic_write_parts, disk_error
from muse_studio.core.geometry import Extent
from muse_studio.core.project.encoded import EncodedPixels
from muse_studio.core.project.project import Project
from muse_studio.core.project.reading import read_table, read_thumbnail
from muse_studio.core.project.writing import project_parts
from muse_studio.core.settings import settings_folder

Pixels = NDArray[np.uint8]

ORIGIN = "origin"
"""The fact of a recovery file that names the project file it belongs to, if there is one."""

_NAME = re.compile(r"(\d{1,10})-(\d{1,15})-([0-9a-f]{32})\.ora")
_START_TOLERANCE_CS = 200  # hundredths of a second: how exactly a process's start can be told
_mine: set[str] = set()  # names that this process has given


def recovery_folder() -> Path:
    """Where recovery files are; it need not exist yet."""
    return settings_folder() / "recovery"


@dataclass(slots=True)
class RecoveryFile:
    """One document's recovery file. It does not exist before the first `write`."""

    path: Path
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _gone: bool = False

    @classmethod
    def in_folder(cls, folder: Path) -> RecoveryFile:
        return cls(folder / _own_name())

    def write(self, project: Project, encoded: EncodedPixels) -> None:
        """Replace what is in it, whole or not at all. Nothing happens after `discard`. MuseStudioError(DISK)."""
        with self._lock:
            if not self._gone:
                _make_folder(self.path.parent)
                atomic_write_parts(self.path, project_parts(project, encoded, merged=False))
        if self._gone:  # discarded while it was written
            self._remove()

    def discard(self) -> None:
        """The document is saved or no longer wanted: the file goes, and is not written any more. Never waits."""
        self._gone = True
        if self._lock.acquire(blocking=False):  # else the thread that writes removes it
            try:
                self._remove()
            finally:
                self._lock.release()

    def _remove(self) -> None:
        with contextlib.suppress(OSError):
            self.path.unlink()
        _mine.discard(self.path.name)


@dataclass(frozen=True, slots=True, eq=False)
class Orphan:
    """A recovery file whose program is gone.

    saved:     when it was written, in seconds of the epoch.
    origin:    the project file it belongs to; None for a document that never had one.
    extent:    of the document; None with `thumbnail` for a file that is damaged.
    thumbnail: uint8 [h, w, 4].
    """

    path: Path
    title: str
    saved: float
    origin: Path | None
    extent: Extent | None
    thumbnail: Pixels | None

    def adopt(self) -> RecoveryFile:
        """Take the file over, to go on with its document. MuseStudioError(DISK) if another window was quicker."""
        own = RecoveryFile.in_folder(self.path.parent)
        try:
            self.path.rename(own.path)
        except OSError as fault:
            message = f"“{self.title}” is not there any more: another window has opened or discarded it."
            raise MuseStudioError(ErrorKind.DISK, message, repr(fault)) from fault
        return own

    def discard(self) -> None:
        """Remove the file for good. MuseStudioError(DISK) if it cannot be."""
        try:
            self.path.unlink(missing_ok=True)
        except OSError as fault:
            raise disk_error(self.path, fault) from fault


def orphans(folder: Path) -> tuple[Orphan, ...]:
    """The files in the folder that no running program writes, the newest first. Never raises."""
    try:
        found = sorted(_orphaned(folder.iterdir()), reverse=True)
    except OSError:
        return ()
    _sweep(folder)
    return tuple(_described(path, saved) for saved, path in found[: limits.RECOVERY_OFFERED_LIMIT])


def _orphaned(paths: Iterable[Path]) -> Iterable[tuple[float, Path]]:
    for path in paths:
        match = _NAME.fullmatch(path.name)
        if match is None or path.name in _mine:
            continue
        if int(match[1]) != os.getpid() and _is_running(int(match[1]), int(match[2])):
            continue
        with contextlib.suppress(OSError):
            yield path.stat().st_mtime, path


def _described(path: Path, saved: float) -> Orphan:
    table = read_table(path)
    if table is None:
        return Orphan(path, path.stem, saved, None, None, None)
    origin = table.facts.get(ORIGIN)
    there = Path(origin) if isinstance(origin, str) and origin and "\x00" not in origin else None
    return Orphan(path, table.title or "Untitled", saved, there, table.extent, read_thumbnail(path))


def _sweep(folder: Path) -> None:
    """Remove what writes that were killed have left half done."""
    for path in folder.glob(f"{TEMPORARY_PREFIX}*.tmp"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > limits.RECOVERY_STALE_S:
                path.unlink()


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise disk_error(folder, fault) from fault


# Processes ----------------------------------------------------------------------------------------------------------


def _own_name() -> str:
    pid = os.getpid()
    name = f"{pid}-{_start_cs(psutil.Process(pid))}-{uuid.uuid4().hex}.ora"
    _mine.add(name)
    return name


def _start_cs(process: psutil.Process) -> int:
    """When it started, in hundredths of a second after the computer did: setting the clock does not change it."""
    since_boot_s = float(process.create_time() - psutil.boot_time())
    return max(0, round(100 * since_boot_s))


def _is_running(pid: int, start_cs: int) -> bool:
    """Whether the process that gave the name still runs, and not another one that was given its number."""
    try:
        return abs(_start_cs(psutil.Process(pid)) - start_cs) <= _START_TOLERANCE_CS
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return True  # it may not be asked, so it may be the one
    except (OverflowError, ValueError):
        return False


# When ---------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Pace:
    """Decides when a recovery file is due: in a pause of the work, or when there has been none for long."""

    _written: int | None = None
    _seen: int | None = None
    _seen_s: float = 0.0
    _since_s: float = 0.0

    def is_due(self, version: int, now_s: float) -> bool:
        """Ask every second or so. version: the document's; now_s: of a clock that is never set."""
        if version == self._written:
            self._seen = version
            return False
        if self._seen == self._written:  # the first change after the last writing
            self._since_s = now_s
        if version != self._seen:
            self._seen, self._seen_s = version, now_s
        return now_s - self._seen_s >= limits.RECOVERY_QUIET_S or now_s - self._since_s >= limits.RECOVERY_WAIT_S

    def note_written(self, version: int) -> None:
        """This state of the document is safe in a file."""
        self._written = self._seen = version
