"""The files of a stranger's folder: plain names, regular files, nothing outside it, nothing that can run code.

A snapshot in the Hub's own cache consists of links into the “blobs” beside it; those are inside, and no other place is.
Knows nothing of what the files hold.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path, PurePosixPath
from typing import Any

from muse_studio.core import limits
from muse_studio.core.cascade_facts import FileRecord
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.files import printable

PICKLE_SUFFIXES = frozenset({".bin", ".ckpt", ".npy", ".npz", ".pickle", ".pkl", ".pt", ".pth", ".py"})
_SHA256 = re.compile(r"[0-9a-f]{64}")
_WALK_LIMIT = 2_000  # files and folders that are looked at: a cascade has a dozen


def bad_model(message: str, detail: str = "") -> MuseStudioError:
    """The refusal of a cascade."""
    return MuseStudioError(ErrorKind.BAD_MODEL, message, detail)


def hub_cache_of(folder: Path) -> Path | None:
    """The folder of one repository in the Hub's cache that `folder` is a snapshot of; None where it is none.

    Such a snapshot is `models--OWNER--NAME/snapshots/COMMIT`, and its files are links to `models--OWNER--NAME/blobs`.
    """
    snapshots = folder.resolve().parent
    is_cache = snapshots.name == "snapshots" and snapshots.parent.name.startswith("models--")
    return snapshots.parent if is_cache else None


def is_inside(folder: Path, path: Path) -> bool:
    """Whether the path, links followed, is the folder's own file."""
    cache, real = hub_cache_of(folder), path.resolve()
    return real.is_relative_to(folder.resolve()) or (cache is not None and real.is_relative_to(cache / "blobs"))


@contextmanager
def open_inside(folder: Path, name: str, size_bytes: int | None = None) -> Iterator[BufferedReader]:
    """A regular file inside the folder, of this size if one is given. MuseStudioError(BAD_MODEL), OSError."""
    check_name(name)
    try:
        path = (folder / name).resolve(strict=True)
        if not is_inside(folder, path):
            raise _leads_out(name)
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        file = os.fdopen(os.open(path, flags), "rb")
    except FileNotFoundError as fault:
        raise bad_model(f"“{printable(name)}” is missing. Fetch the cascade again.", repr(fault)) from fault
    except RuntimeError as fault:  # a loop of links
        raise bad_model(f"“{printable(name)}” cannot be read.", repr(fault)) from fault
    with file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise bad_model(f"“{printable(name)}” is a folder or a device where a file belongs.")
        if size_bytes is not None and status.st_size != size_bytes:
            sizes = f"{status.st_size:,} bytes where {size_bytes:,} belong"
            raise bad_model(f"“{printable(name)}” has {sizes}: it is cut off or another file. Fetch the cascade again.")
        yield file


def read_inside(folder: Path, name: str, limit_bytes: int) -> bytes:
    """All of a small file inside the folder. MuseStudioError(BAD_MODEL), OSError."""
    with open_inside(folder, name) as file:
        data = file.read(limit_bytes + 1)
    if len(data) > limit_bytes:
        raise bad_model(f"“{printable(name)}” is far too large to be what its name says.")
    return data


def check_name(name: str) -> None:
    """MuseStudioError(BAD_MODEL) for a name that is not plainly inside its folder, or a format that can run code."""
    path = PurePosixPath(name)
    if not name or len(name) > 200 or path.is_absolute() or ".." in path.parts or str(path) != name:
        raise bad_model("A file name in this cascade leads out of its folder. Don't use it.", ascii(name[:80]))
    if any(ord(letter) < 32 or letter in '\\:*?"<>|' for letter in name) or name.startswith("~"):
        raise bad_model("A file name in this cascade is not possible on every system.", ascii(name[:80]))
    if path.suffix.lower() in PICKLE_SUFFIXES:
        raise bad_model(f"This cascade lists “{printable(name)}”, which can run code when it is opened. Don't use it.")


def file_records(stored: Any) -> dict[str, FileRecord]:
    """A table of files, their sizes and hashes. MuseStudioError(BAD_MODEL), KeyError, TypeError or ValueError."""
    if not isinstance(stored, dict) or not 0 < len(stored) <= limits.CASCADE_FILES_LIMIT:
        raise TypeError("files is no table")
    records = {}
    for name, entry in stored.items():
        check_name(name)
        sha256, size = entry["sha256"], entry["bytes"]
        if not isinstance(sha256, str) or not _SHA256.fullmatch(sha256) or type(size) is not int or size < 0:
            raise ValueError(f"the record of {name}")
        records[name] = FileRecord(sha256, size)
    return records


def check_links(folder: Path) -> tuple[str, ...]:
    """Names of the files in the folder that can run code when they are opened; none is. MuseStudioError(BAD_MODEL) for
    a link that leads out, and for far too many files."""
    pickles = []
    for path in _everything(folder):
        name = path.relative_to(folder).as_posix()
        if not is_inside(folder, path):
            raise _leads_out(name)
        if path.suffix.lower() in PICKLE_SUFFIXES:
            pickles.append(printable(name))
    return tuple(sorted(pickles))


def _leads_out(name: str) -> MuseStudioError:
    return bad_model(f"“{printable(name)}” is a link that leads out of the folder. Replace it by the file itself.")


def _everything(folder: Path) -> Iterator[Path]:
    """Every file, and every link that is not followed. MuseStudioError where there is far too much."""
    count = 0
    for place, folders, files in os.walk(folder, followlinks=False):
        links = [name for name in folders if (Path(place) / name).is_symlink()]
        for name in (*files, *links):
            count += 1
            if count > _WALK_LIMIT:
                raise bad_model(f"There are more than {_WALK_LIMIT:,} files in this folder. Choose the cascade's own.")
            yield Path(place) / name
