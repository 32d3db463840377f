"""Whether the files of a cascade are those that its cascade.json promises. Knows nothing of what is in them.

The session checks the same again when it loads; this is for `doctor`, which must be able to say what is wrong with a
model that does not load, and must not wait for torch to do it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CASCADE_FILE = "cascade.json"
CASCADE_LIMIT_BYTES = 1024 * 1024
CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ModelReport:
    """A model folder as found.

    files:    the files that were checked. total_bytes: their sizes together.
    problems: one sentence each; empty if every file is what it should be.
    """

    folder: Path
    name: str = ""
    licence: str = ""
    files: int = 0
    total_bytes: int = 0
    problems: tuple[str, ...] = ()


def check_model(folder: Path) -> ModelReport:
    """Read cascade.json and hash every file it names. Never raises."""
    try:
        cascade = read_cascade(folder)
        files: dict[str, dict[str, Any]] = cascade["files"]
        problems = [problem for name, record in files.items() if (problem := check_file(folder, name, record))]
        total = sum(int(record["bytes"]) for record in files.values())
    except FileNotFoundError:
        return ModelReport(folder, problems=(f"There is no {CASCADE_FILE} in {folder}.",))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        return ModelReport(folder, problems=(f"{CASCADE_FILE} cannot be read: {fault}.",))
    name, licence = str(cascade.get("name", "")), str(cascade.get("licence", ""))
    return ModelReport(folder, name, licence, len(files), total, tuple(problems))


def read_cascade(folder: Path) -> dict[str, Any]:
    """The folder's cascade.json. OSError or ValueError."""
    path = folder / CASCADE_FILE
    if path.stat().st_size > CASCADE_LIMIT_BYTES:
        raise ValueError("it is far too large")
    cascade = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(cascade, dict):
        raise ValueError("it is not a JSON object")
    return cascade


def check_file(folder: Path, name: str, record: dict[str, Any]) -> str | None:
    """What is wrong with one file, or None."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        return f"{name} leads out of the folder."
    if not path.is_file():
        return f"{name} is missing."
    if path.stat().st_size != int(record["bytes"]):
        return f"{name} has {path.stat().st_size} bytes, not {record['bytes']}."
    return None if sha256(path) == record["sha256"] else f"{name} is not the file that was published (sha256 differs)."


def sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
