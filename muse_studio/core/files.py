"""Writing files so that a fault leaves either the old file or the new one, never something between.

Knows nothing about what the bytes mean. Pillow's and Qt's own `save(path)` destroy the old file on a full disk, so
every file the program writes goes through `atomic_write`.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from muse_studio.core.errors import ErrorKind, MuseStudioError

_WRITE_BYTES = 1024 * 1024  # one os.write; a full disk is noticed within this much
TEMPORARY_PREFIX = ".muse-studio-"
_BINARY = getattr(os, "O_BINARY", 0)  # Windows would turn \n into \r\n without it

_ADVICE = {
    errno.ENOSPC: "the disk is full. Free some space, or save to another folder.",
    errno.EDQUOT: "your disk quota is used up. Free some space, or save to another folder.",
    errno.EFBIG: "the file is larger than this disk allows. Save to another disk.",
    errno.EACCES: "writing there is not allowed. Choose another folder or name.",
    errno.EPERM: "writing there is not allowed. Choose another folder or name.",
    errno.EROFS: "the folder is read-only. Choose another folder.",
    errno.ENOENT: "the folder does not exist. Choose another folder.",
    errno.ENOTDIR: "part of the path is a file, not a folder. Choose another folder.",
    errno.ENAMETOOLONG: "the name is too long. Choose a shorter one.",
    errno.EISDIR: "there is a folder of that name. Choose another name.",
    errno.EIO: "the disk reported an error. Save to another disk.",
}


def atomic_write(path: Path, data: bytes | bytearray | memoryview) -> None:
    """Replace the file at `path` by `data`, whole or not at all.

    Bytes go to a temporary file in the same folder, are flushed to the disk, and take the target's name in one move.
    A link is followed; an existing file's permission bits are kept. MuseStudioError(DISK) on any fault, with the old
    file untouched and no temporary file left.
    """
    atomic_write_parts(path, (data,))


def atomic_write_parts(path: Path, parts: Iterable[bytes | bytearray | memoryview]) -> None:
    """The same for bytes that come one part at a time, so that a file larger than the memory left can be written.

    What `parts` raises goes on to the caller, after the temporary file is gone.
    """
    try:
        target = Path(os.path.realpath(path))
        mode = _mode_of_target(target)
        temporary = target.parent / f"{TEMPORARY_PREFIX}{uuid.uuid4().hex}.tmp"
        _write_and_move(temporary, target, parts, mode)
    except (OSError, ValueError) as fault:  # ValueError: a NUL in the name
        raise disk_error(path, fault) from fault


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What tells one state of a file from another without reading it."""

    changed_ns: int
    size_bytes: int
    number: int

    @classmethod
    def of(cls, path: Path) -> FileStamp | None:
        """The file as it is now; None if it cannot be seen."""
        try:
            status = path.stat()
        except (OSError, ValueError):
            return None
        return cls(status.st_mtime_ns, status.st_size, status.st_ino)


def disk_error(path: Path, fault: Exception) -> MuseStudioError:
    """The fault of a file operation in a person's words."""
    number = fault.errno if isinstance(fault, OSError) else None
    advice = _ADVICE.get(number or 0, f"{_reason(fault)}. Choose another folder or name.")
    name = path.name or str(path)
    return MuseStudioError(ErrorKind.DISK, f"“{printable(name)}” could not be saved: {advice}", f"{path!r}: {fault!r}")


def printable(name: str, limit_characters: int = 120) -> str:
    """A file's name fit for a sentence: no control characters or lone surrogates, and never endless."""
    clean = "".join(character if character.isprintable() else "�" for character in name)
    return clean if len(clean) <= limit_characters else clean[: limit_characters - 1] + "…"


def _reason(fault: Exception) -> str:
    text = fault.strerror if isinstance(fault, OSError) and fault.strerror else "the name is not possible"
    return text[:1].lower() + text[1:]


def _mode_of_target(target: Path) -> int | None:
    """Permission bits to keep; None for a new file. OSError if the target is not a file that may be replaced."""
    try:
        status = target.stat()
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "it is a device, not a file")
    if not status.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
        raise PermissionError(errno.EACCES, "the file is write-protected")  # a move would overrule the protection
    return stat.S_IMODE(status.st_mode)


def _write_and_move(
    temporary: Path, target: Path, parts: Iterable[bytes | bytearray | memoryview], mode: int | None
) -> None:
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o666)
    try:
        try:
            for part in parts:
                _write_all(descriptor, memoryview(part).cast("B"))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if mode is not None:
            temporary.chmod(mode)
        temporary.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    flush_folder(target.parent)


def _write_all(descriptor: int, data: memoryview) -> None:
    while data:
        data = data[os.write(descriptor, data[:_WRITE_BYTES]) :]


def flush_folder(folder: Path) -> None:
    """Make the new names in a folder survive a power cut. What they name is whole already: a refusal is no fault."""
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
