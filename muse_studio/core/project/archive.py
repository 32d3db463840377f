"""The zip file around a project, written part by part and read without trusting a byte. Knows nothing about pictures.

Written: every entry with its sizes up front and no time, so equal projects are equal files. Read: the directory's size
is known before it is parsed, names must be plain, nothing unfolds beyond a limit, and every checksum must be right.
"""

from __future__ import annotations

import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from muse_studio.core import limits

MIMETYPE = b"image/openraster"
_MIMETYPE_NAME = "mimetype"
_END = struct.Struct("<4s4H2LH")  # end of central directory: signature, disks, counts, size, offset, comment's length
_END_SIGNATURE = b"PK\x05\x06"
_END_64_SIGNATURE = b"PK\x06\x07"  # stands 20 bytes before the end of a directory with more than 65,535 entries
_LOCAL = struct.Struct("<4s5H3L2H")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_STORED, _DEFLATED = 0, 8
_UTF8_NAME = 0x0800
_VERSION = 20  # of the zip format: deflate
_EPOCH_DATE = 0x21  # 1 January 1980, the first day that a zip knows: files do not differ by when they were saved
_REGULAR_FILE = (stat.S_IFREG | 0o644) << 16
_ZIP32_LIMIT_BYTES = 2**32 - 1
_PACKED = (".json", ".xml")  # the rest is compressed already
_OPEN_NO_WAIT = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)  # a FIFO must not hang us

Entries = Mapping[str, bytes]


class BadArchiveError(ValueError):
    """The file is not a whole, sane archive. The text is the end of a sentence for a person."""


# Writing ------------------------------------------------------------------------------------------------------------


def archive_parts(entries: Entries) -> Iterator[bytes]:
    """The bytes of an OpenRaster file, part by part, `mimetype` first. BadArchiveError if it would be beyond 4 GiB."""
    directory: list[bytes] = []
    offset = 0
    for name, data in {_MIMETYPE_NAME: MIMETYPE, **entries}.items():
        parts, listed = _packed_entry(name, data, offset)
        yield from parts
        offset += sum(map(len, parts))
        directory.append(listed)
        if offset > limits.PROJECT_LIMIT_BYTES:
            raise BadArchiveError("it would be larger than any project may be. Merge or delete some layers")
    if len(directory) > limits.PROJECT_ENTRIES_LIMIT:
        raise BadArchiveError("it would have more parts than any project may have. Delete some runs or layers")
    listing = b"".join(directory)
    yield listing
    yield _END.pack(_END_SIGNATURE, 0, 0, len(directory), len(directory), len(listing), offset, 0)


def _packed_entry(name: str, data: bytes, offset: int) -> tuple[tuple[bytes, bytes], bytes]:
    """(local header and content, line of the directory) of one entry that begins at `offset`."""
    raw_name = name.encode("utf-8")
    method, content = _STORED, data
    if name.endswith(_PACKED):
        method, content = _DEFLATED, _deflated(data)
    flags = 0 if name.isascii() else _UTF8_NAME
    common = (_VERSION, flags, method, 0, _EPOCH_DATE, zlib.crc32(data), len(content), len(data), len(raw_name), 0)
    local = _LOCAL.pack(b"PK\x03\x04", *common) + raw_name
    listed = _ENTRY.pack(b"PK\x01\x02", _VERSION, *common, 0, 0, 0, _REGULAR_FILE, offset) + raw_name
    return (local, content), listed


def _deflated(data: bytes) -> bytes:
    engine = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    return engine.compress(data) + engine.flush()


# Reading ------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Archive:
    """An open OpenRaster file. `read` gives an entry's bytes; what all entries unfold to is bounded together."""

    _zip: zipfile.ZipFile
    _entries: dict[str, zipfile.ZipInfo]
    _room_bytes: int = limits.PROJECT_UNFOLDED_LIMIT_BYTES

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._entries)

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def read(self, name: str, limit_bytes: int) -> bytes:
        """The entry's content. BadArchiveError if it is missing, damaged or larger than `limit_bytes`."""
        info = self._entries.get(name)
        if info is None:
            raise BadArchiveError(f"its part {name!r} is missing")
        most = min(limit_bytes, self._room_bytes)
        if info.file_size > most:
            raise BadArchiveError(f"its part {name!r} is too large")
        try:
            with self._zip.open(info) as stream:
                data = stream.read(info.file_size + 1)
        except _FAULTS as fault:
            raise BadArchiveError(f"its part {name!r} is damaged or cut off") from fault
        if len(data) != info.file_size:
            raise BadArchiveError(f"its part {name!r} is damaged or cut off")
        self._room_bytes -= len(data)
        return data


# What zipfile says of broken files; RuntimeError is an encrypted entry, NotImplementedError an unknown compression.
_FAULTS = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, KeyError, IndexError, OverflowError,
    RuntimeError, NotImplementedError,
)  # fmt: skip


@contextmanager
def opened_archive(path: Path) -> Iterator[Archive]:
    """Open an OpenRaster file for reading. BadArchiveError says why it cannot be; an OSError passes."""
    if not stat.S_ISREG(path.stat().st_mode):  # asked before opening: opening a device may have effects
        raise BadArchiveError("it is a folder or a device, not a project file")
    with open(path, "rb", opener=lambda file, flags: os.open(file, flags | _OPEN_NO_WAIT)) as stream:
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise BadArchiveError("it is a folder or a device, not a project file")
        if status.st_size > limits.PROJECT_LIMIT_BYTES:
            raise BadArchiveError(f"it has more than {limits.PROJECT_LIMIT_BYTES // 1024**2:,} MB")
        _check_end(stream, status.st_size)
        try:
            archive = zipfile.ZipFile(stream)
        except _FAULTS as fault:
            raise BadArchiveError("it is damaged or cut off") from fault
        with archive:
            yield Archive(archive, _checked_entries(archive))


def is_archive(head: bytes) -> bool:
    """Whether a file that begins with these bytes may be an OpenRaster file, whatever its name says."""
    return head.startswith(b"PK\x03\x04")


def _check_end(stream: IO[bytes], size: int) -> None:
    """The directory's size must be known and small before anything parses it; a comment at the end is allowed."""
    tail_bytes = min(size, _END.size + 0xFFFF)
    stream.seek(size - tail_bytes)
    tail = stream.read(tail_bytes)
    place = tail.rfind(_END_SIGNATURE)
    if place < 0 or len(tail) - place < _END.size:
        raise BadArchiveError("it is not an OpenRaster file, or it is cut off")
    _, _, _, _, count, listing_bytes, _, _ = _END.unpack_from(tail, place)
    most = limits.PROJECT_ENTRIES_LIMIT
    if tail[max(0, place - 20) : place].startswith(_END_64_SIGNATURE):
        raise BadArchiveError("it is a zip of the large kind, which no project needs")
    if count > most or listing_bytes > most * limits.PROJECT_ENTRY_LIMIT_BYTES:
        raise BadArchiveError("it has too many parts")
    stream.seek(0)


def _checked_entries(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The entries by name. BadArchiveError for names that no honest program writes, and for claims beyond reason."""
    entries: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        name = info.orig_filename.removeprefix("/")  # some programs write it; nothing is ever unpacked to a disk
        if name in entries:
            raise BadArchiveError("two of its parts have one name")
        if not _is_plain(name):
            raise BadArchiveError("one of its parts has a name that no program should give")
        if not name.endswith("/"):
            entries[name] = info
    if len(entries) > limits.PROJECT_ENTRIES_LIMIT:
        raise BadArchiveError("it has too many parts")
    if _MIMETYPE_NAME not in entries or entries[_MIMETYPE_NAME].file_size != len(MIMETYPE):
        raise BadArchiveError("it is not an OpenRaster file")
    if Archive(archive, entries).read(_MIMETYPE_NAME, len(MIMETYPE)) != MIMETYPE:
        raise BadArchiveError("it is not an OpenRaster file")
    return entries


def _is_plain(name: str) -> bool:
    """A path below the archive's root, with no way out of it on any system."""
    parts = name.removesuffix("/").split("/")
    return bool(name) and not any(part in ("", ".", "..") for part in parts) and not set(name) & set("\\:\x00")
