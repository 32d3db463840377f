"""A file that grows while it is fetched, hashed on the way, so that it is known for what it is with its last byte.

Knows no network. What a broken connection, a cancelled download or a full disk leaves is a beginning that the next try
reads again and goes on from.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from muse_studio.core.files import disk_error
from muse_studio.core.folder_files import bad_model
from muse_studio.weights.offer import WantedFile

_CHUNK_BYTES = 1024 * 1024
_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)


class PartialFile:
    """The bytes of one wanted file that are here. Use as a context; MuseStudioError(DISK) where the disk refuses.

    size_bytes: of the beginning that is written and hashed.
    """

    def __init__(self, path: Path, wanted: WantedFile) -> None:
        self._path = path
        self._wanted = wanted
        self._descriptor = -1
        self._forget()

    def __enter__(self) -> PartialFile:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(self._path, _FLAGS, 0o644)
        except OSError as fault:
            raise disk_error(self._path, fault) from fault
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            os.close(self._descriptor)

    def reread(self) -> Iterator[int]:
        """Hash what an earlier try has left, telling the bytes as it goes. More than belongs there is thrown away."""
        try:
            while chunk := os.read(self._descriptor, _CHUNK_BYTES):
                if self.size_bytes + len(chunk) > self._wanted.size_bytes:
                    self.restart()
                    return
                self._hash(chunk)
                yield len(chunk)
        except OSError as fault:
            raise disk_error(self._path, fault) from fault

    def write(self, data: bytes) -> None:
        """Append. MuseStudioError(BAD_MODEL) where the file would get longer than was published."""
        if self.size_bytes + len(data) > self._wanted.size_bytes:
            raise bad_model(f"“{self._wanted.name}” is not what was published: it is longer.")
        try:
            write_all(self._descriptor, data)
        except OSError as fault:
            raise disk_error(self._path, fault) from fault
        self._hash(data)

    def restart(self) -> None:
        """Throw away everything that is here. The file is never cut: it may be the Hub cache's own by a second name."""
        try:
            os.close(self._descriptor)
            self._descriptor = -1
            self._path.unlink()
            self._descriptor = os.open(self._path, _FLAGS, 0o644)
        except OSError as fault:
            raise disk_error(self._path, fault) from fault
        self._forget()

    def is_published(self) -> bool:
        """Whether it is whole and what was published; if so, it is on the disk when this returns."""
        if self.size_bytes != self._wanted.size_bytes:
            return False
        if self._wanted.sha256 is not None:
            right = self.sha256 == self._wanted.sha256
        else:
            right = self._git.hexdigest() == self._wanted.blob
        if right:
            try:
                os.fsync(self._descriptor)
            except OSError as fault:
                raise disk_error(self._path, fault) from fault
        return right

    @property
    def sha256(self) -> str:
        """Of what is here."""
        return self._sha256.hexdigest()

    def _hash(self, data: bytes) -> None:
        self._sha256.update(data)
        if self._wanted.sha256 is None:
            self._git.update(data)
        self.size_bytes += len(data)

    def _forget(self) -> None:
        self.size_bytes = 0
        self._sha256 = hashlib.sha256()
        # git's name of a small file, for which the Hub publishes nothing better. Weights never rest on it.
        self._git = hashlib.sha1(b"blob %d\0" % self._wanted.size_bytes, usedforsecurity=False)


def write_all(descriptor: int, data: bytes) -> None:
    """The one place where a download touches the disk. OSError."""
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]
