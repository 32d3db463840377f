"""The files of a checkpoint folder: read only from inside it, only when they are what they should be.

Knows nothing of what the files hold.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path, PurePosixPath
from typing import Any

CASCADE_NAME = "cascade.json"
JSON_LIMIT_BYTES = 2**20  # cascade.json is 4 KB
SHOWN_PROBLEMS = 5
REFUSED_SUFFIXES = frozenset({".bin", ".ckpt", ".npy", ".npz", ".pickle", ".pkl", ".pt", ".pth", ".py"})


class CheckpointError(ValueError):
    """A checkpoint that cannot be loaded, or not be trusted. `problems`: one line each, all that were found."""

    def __init__(self, message: str, problems: tuple[str, ...] = ()) -> None:
        self.message = message
        self.problems = problems
        shown = list(problems[:SHOWN_PROBLEMS])
        if len(problems) > SHOWN_PROBLEMS:
            shown.append(f"and {len(problems) - SHOWN_PROBLEMS} more")
        super().__init__(message + (": " + "; ".join(shown) if shown else ""))


class UnusableFolder(CheckpointError):
    """One whose message names the folder and no more: what is wrong is in its problems."""


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What a file of a checkpoint must be: its sha256 in hexadecimal and its size in bytes."""

    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Folder:
    """The only way to files of a checkpoint: none outside it, none but regular files, none that fails its hash.

    files: what each file must be, by name; a file without a record is refused. None = nothing is verified.
    root:  links may lead to files inside here; None = inside `path` itself.
    """

    path: Path
    files: Mapping[str, FileRecord] | None = None
    root: Path | None = None

    def inside(self, name: str) -> Folder:
        """The folder `name` of this one, with its share of the records."""
        check_name(name)
        files = self.files
        if files is not None:
            files = {key.removeprefix(name + "/"): value for key, value in files.items() if key.startswith(name + "/")}
        return Folder(self.path / name, files, self.root or self.path)

    def has(self, name: str) -> bool:
        """Whether the folder offers `name`: on record where there are records, else on disk."""
        return name in self.files if self.files is not None else (self.path / name).is_file()

    def read(self, name: str, limit_bytes: int) -> bytes:
        """All of a small file. Raises CheckpointError."""
        with self.open(name) as (file, record, size):
            if size > limit_bytes:
                raise fault(self.path, f"{name}: takes {size} bytes; {limit_bytes} are the most that is read")
            data = file.read(size)
            check_hash(self.path, name, hashlib.sha256(data), record)
            return data

    def read_json(self, name: str, limit_bytes: int = JSON_LIMIT_BYTES) -> dict[str, Any]:
        """A small file that holds one JSON object. Raises CheckpointError."""
        data = self.read(name, limit_bytes)
        try:
            content = json.loads(data.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise fault(self.path, f"{name}: not JSON: {str(error)[:200]}") from error
        if not isinstance(content, dict):
            raise fault(self.path, f"{name}: not a JSON object")
        return content

    @contextmanager
    def open(self, name: str) -> Iterator[tuple[BufferedReader, FileRecord | None, int]]:
        """A regular file inside the folder, its record and its size in bytes. Raises CheckpointError."""
        check_name(name)
        record = None
        if self.files is not None:
            record = self.files.get(name)
            if record is None:
                raise fault(self.path, f"{name}: is not among the files that {CASCADE_NAME} lists")
        try:
            path = (self.path / name).resolve(strict=True)
            if not path.is_relative_to((self.root or self.path).resolve()):
                raise fault(self.path, f"{name}: leads out of the folder")
            # Not blocking: a FIFO in a file's place would wait for ever.
            flags = (
                os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
            )
            file = os.fdopen(os.open(path, flags), "rb")
        except FileNotFoundError as error:
            raise fault(self.path, f"{name}: missing") from error
        except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links
            raise fault(self.path, f"{name}: cannot be read: {error}") from error
        with file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise fault(self.path, f"{name}: not a regular file")
            if record is not None and status.st_size != record.bytes:
                raise fault(self.path, f"{name}: takes {status.st_size} bytes and {CASCADE_NAME} says {record.bytes}")
            yield file, record, status.st_size


def check_name(name: str) -> None:
    """Refuses a file name that is not plainly inside its folder, and formats that can run code."""
    path = PurePosixPath(name)
    if not name or len(name) > 200 or path.is_absolute() or ".." in path.parts or str(path) != name:
        raise CheckpointError("a file name in this checkpoint leads out of its folder", (ascii(name[:80]),))
    if any(ord(letter) < 32 or letter in '\\:*?"<>|' for letter in name) or name.startswith("~"):
        raise CheckpointError("a file name in this checkpoint is not portable", (ascii(name[:80]),))
    if path.suffix.lower() in REFUSED_SUFFIXES:
        problem = f"{name}: only safetensors are read; {path.suffix} files can run code"
        raise CheckpointError("this checkpoint is in a format that is never opened", (problem,))


def fault(folder: Path, *problems: str) -> CheckpointError:
    """The error for a folder that cannot be used because of `problems`."""
    return UnusableFolder(f"the checkpoint in {folder} cannot be used", problems)


def check_hash(folder: Path, name: str, digest: Any, record: FileRecord | None) -> None:
    """Compares a hashlib object that has seen all of a file with its record, if it has one. Raises CheckpointError."""
    if record is not None and digest.hexdigest() != record.sha256:
        raise fault(
            folder, f"{name}: its sha256 is not the one {CASCADE_NAME} lists: damaged or exchanged; fetch it again"
        )
