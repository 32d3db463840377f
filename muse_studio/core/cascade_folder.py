"""A cascade's folder as it describes itself, read without torch and without trusting a word of it.

What loads the model checks everything again; this is for listing, telling and verifying. No file outside the folder is
read, no pickle is opened, nothing is allocated that a header claims.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from math import prod
from pathlib import Path, PurePosixPath
from typing import Any

from muse_studio.core import limits
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.files import printable

CASCADE_NAME = "cascade.json"
CARD_NAMES = ("README.md", "MODEL_CARD.md", "README.txt")
SAMPLE_NAMES = ("sample.png", "sample.webp", "sample.jpg", "sample.jpeg")
PICKLE_SUFFIXES = frozenset({".bin", ".ckpt", ".npy", ".npz", ".pickle", ".pkl", ".pt", ".pth", ".py"})
_FORMAT = 1
_NAME_CHARACTERS = 80
_CHUNK_BYTES = 1024 * 1024
_WALK_LIMIT = 2_000  # files and folders that are looked at: a cascade has a dozen

Progress = Callable[[int, int], bool]
"""Told the bytes that are done and all there are; returns False to stop."""


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What a file of a cascade must be."""

    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class StagePlanFacts:
    """A stage's default plan; None where the folder does not say."""

    steps: int | None = None
    guidance: float | None = None
    temperature: float | None = None


@dataclass(frozen=True, slots=True)
class CascadeFacts:
    """What cascade.json says.

    architecture: as it is written, for reckoning; of unknown content.
    """

    name: str
    licence: str
    files: Mapping[str, FileRecord]
    base: StagePlanFacts
    superres: StagePlanFacts
    architecture: Mapping[str, Any]

    @property
    def size_bytes(self) -> int:
        """All files together."""
        return sum(record.size_bytes for record in self.files.values())


def read_cascade(folder: Path) -> CascadeFacts:
    """cascade.json of a folder, checked. MuseStudioError(BAD_MODEL) says why it is none."""
    name = printable(folder.name or str(folder))
    if folder.is_file():
        raise bad_model(f"“{name}” is a single file. A cascade is a folder with {CASCADE_NAME} and safetensors in it.")
    if not folder.is_dir():
        raise bad_model(f"There is no folder “{name}”. It may have been moved or deleted.", str(folder))
    if not (folder / CASCADE_NAME).exists():
        raise bad_model(f"“{name}” is no cascade: there is no {CASCADE_NAME} in it. Choose the folder that has one.")
    try:
        stored = json.loads(read_inside(folder, CASCADE_NAME, limits.CASCADE_JSON_LIMIT_BYTES))
        if stored["format"] != _FORMAT:
            raise bad_model(f"“{name}” is of a newer format. A newer version of this program may read it.")
        defaults = stored["defaults"]
        return CascadeFacts(
            name=_text(stored["name"]),
            licence=_text(stored.get("licence", "")),
            files=file_records(stored["files"]),
            base=plan_facts(defaults["base"]),
            superres=plan_facts(defaults["superres"]),
            architecture=dict(stored["architecture"]),
        )
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError, OSError) as fault:
        raise bad_model(f"The {CASCADE_NAME} of “{name}” is damaged. Fetch the cascade again.", repr(fault)) from fault


def read_card(folder: Path) -> str:
    """The model card's text; "" where there is none that can be read."""
    for name in CARD_NAMES:
        try:
            return read_inside(folder, name, limits.MODEL_CARD_LIMIT_BYTES).decode("utf-8", "replace")
        except (MuseStudioError, OSError):
            continue
    return ""


def sample_picture(folder: Path) -> Path | None:
    """The picture that shows what the model draws, not opened; None where there is none inside the folder."""
    for name in SAMPLE_NAMES:
        try:
            with open_inside(folder, name):
                return folder / name
        except (MuseStudioError, OSError):
            continue
    return None


def parameter_counts(folder: Path, facts: CascadeFacts) -> dict[str, int]:
    """Parameters of each part by its weights' name, as “base” or “text_encoder/model”. MuseStudioError(BAD_MODEL)."""
    return {
        name.removesuffix(".safetensors"): sum(prod(shape) for shape in _weight_shapes(folder, name))
        for name in facts.files
        if name.endswith(".safetensors")
    }


def verify(folder: Path, facts: CascadeFacts, progress: Progress | None = None) -> tuple[str, ...]:
    """Hash every file; one sentence for each that is not what cascade.json says. Stops early if `progress` says so."""
    problems: list[str] = []
    done, total = 0, max(1, facts.size_bytes)
    for name, record in facts.files.items():
        digest = hashlib.sha256()
        try:
            with open_inside(folder, name, record.size_bytes) as file:
                while chunk := file.read(_CHUNK_BYTES):
                    digest.update(chunk)
                    done += len(chunk)
                    if progress is not None and not progress(min(done, total), total):
                        return tuple(problems)
        except (MuseStudioError, OSError) as fault:
            problems.append(str(fault))
            continue
        if digest.hexdigest() != record.sha256:
            problems.append(f"{name} is damaged or was exchanged: its sha256 is not the one that was published.")
    return tuple(problems)


def check_folder(folder: Path) -> CascadeFacts:
    """All that can be told of a folder without hashing it: MuseStudioError(BAD_MODEL) names the first thing wrong."""
    facts = read_cascade(folder)
    for path in _everything(folder):
        inside = printable(path.relative_to(folder).as_posix())
        if path.suffix.lower() in PICKLE_SUFFIXES:
            raise bad_model(
                f"“{inside}” is a file that can run code when it is opened. Only folders of safetensors are taken: "
                "ask whoever made this cascade for one, or remove the file if nothing needs it."
            )
        if not path.resolve().is_relative_to(folder.resolve()):
            raise bad_model(f"“{inside}” is a link that leads out of the folder. Replace it by the file itself.")
    for name, record in facts.files.items():
        with open_inside(folder, name, record.size_bytes):
            pass
    parameter_counts(folder, facts)
    return facts


@contextmanager
def open_inside(folder: Path, name: str, size_bytes: int | None = None) -> Iterator[BufferedReader]:
    """A regular file inside the folder, of this size if one is given. MuseStudioError(BAD_MODEL), OSError."""
    check_name(name)
    try:
        path = (folder / name).resolve(strict=True)
        if not path.is_relative_to(folder.resolve()):
            raise bad_model(
                f"“{printable(name)}” is a link that leads out of the folder. Replace it by the file itself."
            )
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


def bad_model(message: str, detail: str = "") -> MuseStudioError:
    """The refusal of a cascade."""
    return MuseStudioError(ErrorKind.BAD_MODEL, message, detail)


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
    """The table of files as cascade.json has it. MuseStudioError(BAD_MODEL), KeyError, TypeError or ValueError."""
    if not isinstance(stored, dict) or not 0 < len(stored) <= limits.CASCADE_FILES_LIMIT:
        raise TypeError("files is no table")
    records = {}
    for name, entry in stored.items():
        check_name(name)
        sha256, size = _text(entry["sha256"]), entry["bytes"]
        if len(sha256) != 64 or set(sha256) - set("0123456789abcdef") or type(size) is not int or size < 0:
            raise ValueError(f"the record of {name}")
        records[name] = FileRecord(sha256, size)
    return records


def plan_facts(stored: Any) -> StagePlanFacts:
    """A stage's plan as cascade.json has it. AttributeError where it is no table."""
    steps, guidance, temperature = (stored.get(key) for key in ("steps", "guidance", "temperature"))
    return StagePlanFacts(steps if type(steps) is int else None, _number(guidance), _number(temperature))


def _number(value: object) -> float | None:
    return float(value) if type(value) in (int, float) else None  # type: ignore[arg-type]


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > _NAME_CHARACTERS or not all(map(str.isprintable, value)):
        raise TypeError("not a short text")
    return value


def _weight_shapes(folder: Path, name: str) -> Iterator[tuple[int, ...]]:
    """The shapes in a safetensors header, whose data is not read."""
    with open_inside(folder, name) as file:
        prefix = file.read(8)
        length = struct.unpack("<Q", prefix)[0] if len(prefix) == 8 else 0
        if not 2 <= length <= limits.WEIGHTS_HEADER_LIMIT_BYTES:
            raise _no_weights(name)
        header = file.read(length)
    try:
        table = json.loads(header)
        shapes = [entry["shape"] for key, entry in table.items() if key != "__metadata__"]
        if not all(type(side) is int and side >= 0 for shape in shapes for side in shape):
            raise ValueError("not shapes")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as fault:
        raise _no_weights(name) from fault
    yield from map(tuple, shapes)


def _no_weights(name: str) -> MuseStudioError:
    return bad_model(f"“{printable(name)}” is no safetensors file, whatever its name says. Fetch the cascade again.")


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
