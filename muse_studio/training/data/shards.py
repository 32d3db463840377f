"""Reads webdataset shards (.tar of pictures, .txt and .json, as img2dataset writes CC3M) by example number.

Shards are indexed once, from their headers; from then on an example is one seek and one read. So the same number is the
same example in every run and every process, all shards are shuffled as one, and a resumed run goes on where it stopped
with nothing to remember but that number. Members are grouped by webdataset's rule. Nothing is unpacked, nothing but
files is opened, and nothing in a shard is ever unpickled. Knows nothing of models.
"""

from __future__ import annotations

import glob
import hashlib
import io
import json
import tarfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import FileIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.files import atomic_write
from muse_studio.core.limits import PICTURE_LIMIT_BYTES
from muse_studio.training.data.captioned import CAPTION_LIMIT_BYTES, SUFFIXES, caption_of
from muse_studio.training.data.skipped import Skipped
from muse_studio.training.data.squares import Square, open_rgb

OPEN_SHARDS = 64
"""File handles that are kept; the least allowance of a common system is 256."""
TRIES = 1_000
"""Unusable examples one after another before the set is given up: one in fifty broken makes two in a row."""
Spans = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Example:
    """rgb: uint8 [H, W, 3], of any size. caption: not empty."""

    rgb: Square
    caption: str


def expand(patterns: Sequence[str]) -> tuple[Path, ...]:
    """The files of patterns such as `cc3m/{00000..00331}.tar` or `cc3m/*.tar`, sorted, each once.

    Raises MuseStudioError BAD_REQUEST where a pattern names no file, or an address: fetching is a step of its own.
    """
    found: dict[Path, None] = {}
    for pattern in patterns:
        if "://" in pattern or pattern.startswith("pipe:"):
            raise MuseStudioError(
                ErrorKind.BAD_REQUEST, f"{pattern} is an address or a command. Shards are read from files: fetch them."
            )
        for name in _braces(pattern):
            paths = [Path(one) for one in sorted(glob.glob(name))] if glob.has_magic(name) else [Path(name)]
            missing = [path for path in paths if not path.is_file()]
            if missing or not paths:
                raise MuseStudioError(ErrorKind.BAD_REQUEST, f"There is no shard {missing[0] if missing else name}.")
            found |= dict.fromkeys(paths)
    if not found:
        raise MuseStudioError(ErrorKind.BAD_REQUEST, "No shards were named.")
    return tuple(sorted(found))


def _braces(pattern: str) -> list[str]:
    if "{" not in pattern:
        return [pattern]
    try:
        import braceexpand
    except ImportError as fault:
        raise MuseStudioError(
            ErrorKind.BAD_REQUEST, "A pattern with braces needs: pip install 'muse-studio[train]'"
        ) from fault
    return list(braceexpand.braceexpand(pattern))


class Shards:
    """All examples of some shards, shuffled by `seed` in every round, by number from 0 without end.

    least: a picture whose shorter side has fewer pixels is too small, and skipped.
    cache: a file for the index, which is used again while no shard has changed.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        *,
        least: int,
        seed: int = 0,
        cache: Path | None = None,
        report: Callable[[str], None] = print,
    ) -> None:
        self.paths, self.least, self.seed = tuple(paths), least, seed
        self.skipped = Skipped()
        self._spans = _cached_spans(self.paths, cache, self.skipped, report)
        if not len(self._spans):
            raise MuseStudioError(
                ErrorKind.BAD_REQUEST,
                f"No picture with a caption is in {self.paths[0].name} or the other shards.",
                "; ".join(self.skipped.lines()),
            )
        self._order = lru_cache(maxsize=2)(self._shuffled)
        self._files: dict[int, FileIO] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Examples of one round, before what is broken inside of them is known."""
        return len(self._spans)

    def config(self) -> dict[str, Any]:
        """What a resumed run must share with the first: which files by name and length, not where they lie."""
        names = hashlib.sha256("|".join(f"{path.name} {path.stat().st_size}" for path in self.paths).encode())
        return {
            "shards": len(self.paths),
            "examples": len(self),
            "files": names.hexdigest()[:16],
            "least": self.least,
            "seed": self.seed,
        }

    def example(self, number: int) -> Example:
        """Example `number`; one that can't be used gives its place to the next of the order, and is counted.

        Raises MuseStudioError BAD_REQUEST where none of TRIES in a row can be used, DISK where a shard can't be read.
        """
        epoch, place = divmod(number, len(self))
        order = self._order(epoch)
        for step in range(min(TRIES, len(self))):
            found = self._open(int(order[(place + step) % len(self)]))
            if found is not None:
                return found
        raise MuseStudioError(
            ErrorKind.BAD_REQUEST,
            f"None of {min(TRIES, len(self))} examples in a row can be used ({self.skipped.remark()}).",
            "; ".join(self.skipped.lines()),
        )

    def close(self) -> None:
        """Closes the shards."""
        with self._lock:
            for file in self._files.values():
                file.close()
            self._files.clear()

    def _shuffled(self, epoch: int) -> NDArray[np.int64]:
        return np.random.default_rng((self.seed, epoch)).permutation(len(self._spans))

    def _open(self, index: int) -> Example | None:
        shard, at, size, text_at, text_size, is_json = (int(value) for value in self._spans[index])
        name = f"{self.paths[shard].name} at byte {at}"
        caption, fault = caption_in(self._read(shard, text_at, text_size), bool(is_json))
        if fault:
            self.skipped.add(fault, name)
            return None
        try:
            rgb = open_rgb(self._read(shard, at, size), name)
        except MuseStudioError as problem:
            if problem.kind is not ErrorKind.BAD_PICTURE:
                raise
            self.skipped.add("broken picture", name)
            return None
        if min(rgb.shape[:2]) < self.least:
            self.skipped.add("too small", name)
            return None
        return Example(rgb, caption)

    def _read(self, shard: int, at: int, size: int) -> bytes:
        with self._lock:  # a file has one position, and another thread may be closing the oldest
            try:
                file = self._file(shard)
                file.seek(at)
                return file.read(size)
            except OSError as fault:
                message = f"The shard {self.paths[shard]} can't be read: {fault.strerror}."
                raise MuseStudioError(ErrorKind.DISK, message, repr(fault)) from fault

    def _file(self, shard: int) -> FileIO:
        if shard in self._files:
            self._files[shard] = self._files.pop(shard)  # the youngest is last
        else:
            if len(self._files) >= OPEN_SHARDS:
                self._files.pop(next(iter(self._files))).close()
            self._files[shard] = self.paths[shard].open("rb", buffering=0)
        return self._files[shard]


def caption_in(data: bytes, is_json: bool) -> tuple[str, str]:
    """A member's caption, and why there is none."""
    try:
        text = data.decode("utf-8")
        caption = " ".join((caption_of(json.loads(text)) if is_json else text).split())
    except ValueError:
        return "", "broken caption"
    return caption, "" if caption else "empty caption"


# The index -----------------------------------------------------------------------------------------------------------


def _cached_spans(paths: Sequence[Path], cache: Path | None, skipped: Skipped, report: Callable[[str], None]) -> Spans:
    key = hashlib.sha256("|".join(f"{p.resolve()} {p.stat().st_size} {p.stat().st_mtime_ns}" for p in paths).encode())
    if cache is not None and cache.is_file():
        try:
            with cache.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                if str(stored["key"]) == key.hexdigest():
                    for reason, name in stored["skipped"]:
                        skipped.add(str(reason), str(name))
                    return np.array(stored["spans"])
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):
            pass  # a damaged index is made again
    found: list[tuple[int, ...]] = []
    notes: list[tuple[str, str]] = []
    for shard, path in enumerate(paths):
        found += [(shard, *span) for span in spans(path, lambda reason, name: notes.append((reason, name)))]
        if len(paths) > 1 and (shard + 1) % 20 == 0:
            report(f"indexed {shard + 1} of {len(paths)} shards, {len(found)} examples")
    for reason, name in notes:
        skipped.add(reason, name)
    made = np.array(found, dtype=np.int64).reshape(-1, 6)
    if cache is not None:
        stream = io.BytesIO()
        told = np.array(notes, dtype=np.str_).reshape(-1, 2)
        np.savez(stream, key=np.array(key.hexdigest()), spans=made, skipped=told)
        cache.parent.mkdir(parents=True, exist_ok=True)
        atomic_write(cache, stream.getvalue())
    return made


def spans(path: Path, note: Callable[[str, str], None]) -> Iterator[tuple[int, int, int, int, int]]:
    """Where each example of a shard lies: picture's offset and size, caption's offset and size, whether it is JSON.

    A shard that ends too early gives the examples before its end. `note` is told what was left out, and why.
    """
    name = ""
    members: dict[str, tuple[int, int]] = {}
    for member in _members(path, note):
        prefix, _, suffix = _split(member.name)
        if prefix != name:
            yield from _span(path, name, members, note)
            name, members = prefix, {}
        members.setdefault(suffix, (member.offset_data, member.size))
    yield from _span(path, name, members, note)


def _split(name: str) -> tuple[str, str, str]:
    """webdataset's rule: the suffix is all that follows the first full stop after the last slash, in small letters."""
    folder, slash, file = name.rpartition("/")
    stem, stop, suffix = file.partition(".")
    return folder + slash + stem, stop, suffix.lower()


def _members(path: Path, note: Callable[[str, str], None]) -> Iterator[tarfile.TarInfo]:
    try:
        with tarfile.open(path, mode="r:") as archive:
            for member in archive:
                if member.isreg():
                    yield member
                archive.members = []  # type: ignore[attr-defined]  # or every header of a large shard stays in memory
            if path.stat().st_size < archive.offset + tarfile.BLOCKSIZE:  # no room for the empty block at an end
                note("shard cut short or damaged", path.name)
    except (tarfile.TarError, EOFError, ValueError):
        note("shard cut short or damaged", path.name)
    except OSError as fault:
        message = f"The shard {path} can't be read: {fault.strerror or fault}."
        raise MuseStudioError(ErrorKind.DISK, message, repr(fault)) from fault


def _span(
    path: Path, name: str, members: dict[str, tuple[int, int]], note: Callable[[str, str], None]
) -> Iterator[tuple[int, int, int, int, int]]:
    if not members or name.startswith("__"):
        return
    picture = next((members[suffix[1:]] for suffix in sorted(SUFFIXES) if suffix[1:] in members), None)
    text = members.get("txt") or members.get("json")
    label = f"{path.name} {name}"
    if picture is None or text is None:
        note("no picture" if picture is None else "no caption", label)
    elif picture[1] > PICTURE_LIMIT_BYTES or text[1] > CAPTION_LIMIT_BYTES:
        note("too large", label)
    else:
        yield (*picture, *text, int("txt" not in members))
