"""Every finished picture, kept in one folder as a PNG that carries its settings and tokens. Knows no Qt and no jobs.

The PNGs are all there is: prompt, seed, model, even the star are inside each of them. The index beside them only saves
reading them all again; it is trusted for a file whose size and time it names, and made anew where it is missing,
damaged or old. So two programs may use one folder, and none can harm the other. Call what is slow from a thread: one
lock guards every change, and `entries` is a value that a window may read meanwhile.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import stat
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse_studio.core import limits
from muse_studio.core.containers import BadContainerError, png_head
from muse_studio.core.entries import Entry, entry_from_json, entry_name, entry_of, entry_to_json
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.files import atomic_write, atomic_write_parts, disk_error, printable
from muse_studio.core.metadata import pixels_digest, read_request_text, request_text, tokens_of
from muse_studio.core.pictures import Picture, encode_png, open_picture, read_bounded
from muse_studio.core.request import EditRequest
from muse_studio.core.settings import data_folder
from muse_studio.core.stars import with_star
from muse_studio.core.thumbnails import drop_thumbnail, keep_thumbnail, small, thumbnail
from muse_studio.core.tokens import TokenState

log = logging.getLogger(__name__)

Pixels = NDArray[np.uint8]

_FORMAT = 1
_INDEX_NAME = "index.json"
_THUMBNAILS = "thumbnails"
_HEAD_BYTES = 64 * 1024  # what stands before the pixels: 3 to 20 KB
_TAIL = b"IEND\xaeB`\x82"
_UNSAVED_LIMIT = 25  # changes that the index may lag behind: as many files are read again after a crash


def gallery_folder() -> Path:
    """Where the pictures are kept; it need not exist yet."""
    return data_folder() / "gallery"


class Gallery:
    """The pictures of one folder, newest first. `broken` names the files that could not be read."""

    def __init__(self, folder: Path | None = None, limit_bytes: int = limits.GALLERY_LIMIT_BYTES) -> None:
        self.folder = folder or gallery_folder()
        self.cache = self.folder / _THUMBNAILS
        self.limit_bytes = limit_bytes
        self.broken: tuple[str, ...] = ()
        self.told = False
        self._entries: tuple[Entry, ...] = ()
        self._lock = Lock()
        self._unsaved = 0

    # Looking

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All that is known, newest first."""
        return self._entries

    @property
    def size_bytes(self) -> int:
        """What the pictures take on the disk."""
        return sum(entry.size_bytes for entry in self._entries)

    def search(self, text: str = "", *, starred: bool = False) -> tuple[Entry, ...]:
        """Entries in which every word occurs, newest first; the starred ones only, if asked."""
        words = text.casefold().split()
        return tuple(
            entry
            for entry in self._entries
            if (entry.starred or not starred) and all(word in entry.words for word in words)
        )

    def path(self, entry: Entry) -> Path:
        """Its file."""
        return self.folder / entry.name

    def thumbnail(self, entry: Entry) -> Pixels:
        """uint8 [h, w, 3 or 4], small. MuseStudioError where the picture cannot be opened."""
        return thumbnail(self.path(entry), self.cache)

    def picture(self, entry: Entry) -> Picture:
        """The whole picture and its text. MuseStudioError where it cannot be opened."""
        return open_picture(self.path(entry))

    def contents(self, entry: Entry) -> tuple[Picture, dict[str, Any] | None, TokenState | None]:
        """The picture, its settings, and the tokens it was made of. MuseStudioError where it cannot be opened."""
        picture = self.picture(entry)
        return picture, read_request_text(picture.text), tokens_of(picture.pixels, picture.text)

    def settings(self, entry: Entry) -> dict[str, Any] | None:
        """As `read_request_text` gives them, read from the file; None if it carries none, or is gone."""
        try:
            return read_request_text(_read_head(self.path(entry))[1])
        except (OSError, BadContainerError):
            return None

    # Changing

    def load(self) -> None:
        """Look at the folder: entries from the index where it is right, from the files where not. Never raises."""
        with self._lock:
            known, self.told = (
                _read_index(self.folder / _INDEX_NAME) if not self._entries else (self._known(), self.told)
            )
            entries: list[Entry] = []
            broken: list[str] = []
            fresh = 0
            for name, status in _png_files(self.folder):
                entry = known.get(name)
                if entry is None or (entry.size_bytes, entry.modified_ns) != (status.st_size, status.st_mtime_ns):
                    entry, fresh = self._read(name, broken), fresh + 1
                if entry is not None:
                    entries.append(entry)
            changed = fresh > 0 or len(entries) != len(known)
            self._entries, self.broken = _newest_first(entries), tuple(sorted(broken))
            if changed:
                self._write_index()

    def keep(
        self,
        pixels: Pixels,
        request: EditRequest,
        variation: int = 0,
        facts: Mapping[str, Any] | None = None,
        tokens: TokenState | None = None,
    ) -> Entry:
        """Write one finished picture, uint8 [H, W, 3 or 4], and make it the newest entry. MuseStudioError(DISK).

        request:   the job's; the file carries that of this variation alone, so that it makes this picture again.
        facts:     what else is known of it, such as {"model": name, "run": id}; JSON-able.
        """
        own = request.variation(variation)
        extra = {**(facts or {}), "pixels": pixels_digest(pixels)}
        data = encode_png(pixels, request_text(own, extra, tokens))
        self._make_folder()
        path = self.folder / entry_name(time.time(), uuid.uuid4().hex[:8])
        atomic_write(path, data)
        keep_thumbnail(small(pixels), path, self.cache)
        entry = _read_entry(path)
        with self._lock:
            self._entries = _newest_first({**self._known(), entry.name: entry}.values())
            self._note_change()
        return entry

    def star(self, entry: Entry, starred: bool) -> Entry:
        """The entry with or without a star, which is written into its file; everything else in it stays as it was.

        MuseStudioError(BAD_PICTURE, DISK); the file is then as before.
        """
        path = self.path(entry)
        with self._lock:
            data = read_bounded(path)
            try:
                changed = with_star(data, starred)
            except ValueError as fault:
                raise _not_a_picture(path, fault) from fault
            if changed != data:
                atomic_write(path, changed)
                with contextlib.suppress(OSError):  # the moment it was made stays its time
                    os.utime(path, ns=(entry.modified_ns, entry.modified_ns))
            after = _read_entry(path)
            self._entries = tuple(after if each.name == entry.name else each for each in self._entries)
            self._note_change()
        return after

    def delete(self, entries: Iterable[Entry], remove: Callable[[Path], bool]) -> tuple[Entry, ...]:
        """Take pictures away by `remove`, which may refuse; those that it refused, and that are still there."""
        gone: set[str] = set()
        kept: list[Entry] = []
        for entry in entries:
            path = self.path(entry)
            if not path.exists() or remove(path):
                gone.add(entry.name)
                drop_thumbnail(path, self.cache)
            else:
                kept.append(entry)
        with self._lock:
            self._entries = tuple(entry for entry in self._entries if entry.name not in gone)
            self._note_change()
        return tuple(kept)

    def save_index(self) -> None:
        """Write down what is known, so that the next start need not read it all again."""
        with self._lock:
            if self._unsaved:
                self._write_index()

    # Room

    @property
    def is_nearly_full(self) -> bool:
        """Whether a person should be told that the oldest will go."""
        return self.size_bytes >= limits.GALLERY_TELL_SHARE * self.limit_bytes

    def mark_told(self) -> None:
        """The person has been told; from now on `make_room` may take the oldest away. Remembered."""
        with self._lock:
            self.told = True
            self._write_index()

    def too_many(self) -> tuple[Entry, ...]:
        """The oldest without a star, as many as are beyond the limit, oldest first."""
        excess = self.size_bytes - self.limit_bytes
        going: list[Entry] = []
        for entry in reversed(self._entries):
            if excess <= 0:
                break
            if not entry.starred:
                going.append(entry)
                excess -= entry.size_bytes
        return tuple(going)

    def make_room(self) -> int:
        """Delete what is beyond the limit, but never before it was told: how many pictures went."""
        going = self.too_many() if self.told else ()
        return len(going) - len(self.delete(going, delete_file)) if going else 0

    # Inside

    def _known(self) -> dict[str, Entry]:
        return {entry.name: entry for entry in self._entries}

    def _read(self, name: str, broken: list[str]) -> Entry | None:
        try:
            return _read_entry(self.folder / name)
        except FileNotFoundError:
            return None  # another program has just deleted it
        except (OSError, BadContainerError) as fault:
            log.warning("%s in the gallery is skipped: %r", printable(name), fault)
            broken.append(name)
            return None

    def _make_folder(self) -> None:
        try:
            self.cache.mkdir(parents=True, exist_ok=True)
        except OSError as fault:
            raise disk_error(self.folder, fault) from fault

    def _note_change(self) -> None:
        self._unsaved += 1
        if self._unsaved >= _UNSAVED_LIMIT:
            self._write_index()

    def _write_index(self) -> None:
        """One line an entry, encoded one at a time: other threads need not wait for the whole."""
        self._unsaved = 0
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            atomic_write_parts(self.folder / _INDEX_NAME, _index_parts(self._entries, self.told))
        except (OSError, MuseStudioError) as fault:
            log.warning("the gallery's index could not be written: %s", fault)


def delete_file(path: Path) -> bool:
    """Delete for good; False where the system refuses."""
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return False
    return True


def _index_parts(entries: Iterable[Entry], told: bool) -> Iterator[bytes]:
    yield json.dumps({"format": _FORMAT, "told": told})[:-1].encode("ascii") + b', "entries": [\n'
    between = b""
    for entry in entries:
        yield between + json.dumps(entry_to_json(entry), sort_keys=True).encode("ascii")
        between = b",\n"
    yield b"\n]}\n"


def _read_index(path: Path) -> tuple[dict[str, Entry], bool]:
    """What is sound of it, and whether it says that the person was told.

    Line by line: a damaged line costs its own entry only, and no other thread waits for the whole.
    """
    try:
        head, *lines = read_bounded(path, limits.GALLERY_INDEX_LIMIT_BYTES).split(b"\n")
        stored = json.loads(head + b"]}")
        if stored["format"] != _FORMAT:
            return {}, False
        told = stored.get("told") is True
    except (MuseStudioError, ValueError, KeyError, TypeError, RecursionError):
        return {}, False
    entries = {}
    for line in lines:
        try:
            entry = entry_from_json(json.loads(line.removesuffix(b",")))
        except (KeyError, TypeError, ValueError, OverflowError, OSError, RecursionError):
            continue
        entries[entry.name] = entry
    return entries, told


def _png_files(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    try:
        with os.scandir(folder) as found:
            for number, item in enumerate(found):
                if number >= limits.GALLERY_FILES_LIMIT:
                    log.warning("the gallery has more than %d files; the rest is not shown", number)
                    return
                if item.name.lower().endswith(".png") and not item.name.startswith("."):
                    with contextlib.suppress(OSError):
                        status = item.stat()
                        if stat.S_ISREG(status.st_mode):
                            yield item.name, status
    except OSError as fault:
        if not isinstance(fault, FileNotFoundError):
            log.warning("the gallery's folder cannot be read: %r", fault)


def _read_entry(path: Path) -> Entry:
    extent, text, status = _read_head(path)
    return entry_of(path.name, extent, text, status.st_size, status.st_mtime_ns)


def _read_head(path: Path) -> tuple[Any, dict[str, str], os.stat_result]:
    """Extent, text and status of a PNG; only its beginning and end are read. OSError, BadContainerError."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise BadContainerError("it is no file")
        head = file.read(_HEAD_BYTES)
        try:
            extent, text = png_head(head)
        except BadContainerError:
            if len(head) < _HEAD_BYTES:
                raise
            extent, text = png_head(head + file.read(2 * limits.PICTURE_TEXT_LIMIT_BYTES))
        file.seek(max(0, status.st_size - len(_TAIL)))
        if file.read() != _TAIL:
            raise BadContainerError("it is cut off")
    return extent, text, status


def _newest_first(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    return tuple(sorted(entries, key=lambda entry: (entry.made_s, entry.name), reverse=True))


def _not_a_picture(path: Path, fault: Exception) -> MuseStudioError:
    message = f"“{printable(path.name)}” in the history is damaged. Delete it, or restore it from a copy."
    return MuseStudioError(ErrorKind.BAD_PICTURE, message, repr(fault))
