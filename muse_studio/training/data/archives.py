"""Reads single members out of fetched archives, in memory and within limits; nothing is unpacked to disk.

Because no member's name is ever used as a path, an archive cannot write outside its place. Knows nothing of pictures.
"""

from __future__ import annotations

import io
import json
import lzma
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from muse_studio.core.errors import ErrorKind, MuseStudioError

MEMBER_LIMIT_BYTES = 256 * 2**20
MEMBERS_LIMIT = 20_000
_AR_MAGIC = b"!<arch>\n"
_AR_HEADER_BYTES = 60


def members(archive: Path, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of each regular file in a .tgz or .deb whose name `wanted` accepts.

    Raises MuseStudioError(BAD_REQUEST) for a damaged archive, too many members or one that is too large.
    """
    try:
        with _open_tar(archive) as tar:
            for count, member in enumerate(tar):
                if count >= MEMBERS_LIMIT:
                    raise _damaged(archive, "too many members")
                if not member.isfile() or not wanted(member.name):
                    continue
                if member.size > MEMBER_LIMIT_BYTES:
                    raise _damaged(archive, f"{member.name} is too large")
                stream = tar.extractfile(member)
                if stream is not None:
                    yield member.name, stream.read(member.size)
    except (tarfile.TarError, EOFError, OSError, lzma.LZMAError) as error:
        raise _damaged(archive, str(error)) from error


def read_json(archive: Path, name: str) -> dict[str, Any]:
    """The JSON object that is the member `name`. Raises MuseStudioError(BAD_REQUEST) if there is none."""
    for _, data in members(archive, lambda found: found == name):
        try:
            value = json.loads(data)
        except ValueError as error:
            raise _damaged(archive, f"{name}: {error}") from error
        if isinstance(value, dict):
            return value
    raise _damaged(archive, f"no {name} inside")


def _open_tar(archive: Path) -> tarfile.TarFile:
    if archive.suffix != ".deb":
        return tarfile.open(archive, mode="r:*")
    return tarfile.open(fileobj=io.BytesIO(_deb_data(archive)), mode="r:*")


def _deb_data(archive: Path) -> bytes:
    """The data.tar.* member of a Debian package: an `ar` archive, whose headers are 60 bytes of text (deb(5))."""
    data = archive.read_bytes()
    if not data.startswith(_AR_MAGIC):
        raise _damaged(archive, "not an ar archive")
    at = len(_AR_MAGIC)
    while at + _AR_HEADER_BYTES <= len(data):
        name = data[at : at + 16].decode("ascii", "replace").strip().rstrip("/")
        try:
            size = int(data[at + 48 : at + 58])
        except ValueError as error:
            raise _damaged(archive, "an ar header without a size") from error
        at += _AR_HEADER_BYTES
        if name.startswith("data.tar"):
            return data[at : at + size]
        at += size + size % 2
    raise _damaged(archive, "no data.tar inside")


def _damaged(archive: Path, detail: str) -> MuseStudioError:
    return MuseStudioError(
        ErrorKind.BAD_REQUEST, f"The archive {archive.name} is damaged. Delete it and run the command again.", detail
    )
