"""Finds the pictures of any folder and what is said of each. Opens no picture; knows nothing of shards.

Three forms are read: a table in the folder (metadata.csv, .tsv or .jsonl, as Hugging Face's imagefolder has it), which
then is the only word on what belongs to the set; else, at any depth, a text file of a picture's own name (a.jpg, a.txt);
else a .json of its name with a "caption" in it, as img2dataset leaves it.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from muse_studio.core.errors import ErrorKind, MuseStudioError

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp"})
TABLES = tuple(f"{name}.{ending}" for name in ("metadata", "captions") for ending in ("csv", "tsv", "jsonl"))
PICTURE_COLUMNS = ("file_name", "filename", "file", "path", "image", "image_path", "filepath")
CAPTION_COLUMNS = ("caption", "text", "title", "description", "prompt")
CAPTION_LIMIT_BYTES = 64 * 1024
"""Of one caption's file; a text encoder reads a few hundred characters."""


@dataclass(frozen=True, slots=True)
class Captioned:
    """A picture's file and its caption, which may be empty; or, in `fault`, why there is none to read.

    name: as the table has it, or below the folder.
    """

    path: Path
    name: str
    caption: str
    fault: str = ""


def captioned_pictures(folder: Path) -> Iterator[Captioned]:
    """All pictures of `folder` in the order of the table, or of their names.

    Raises MuseStudioError BAD_REQUEST where there is no folder or its table can't be understood.
    """
    if not folder.is_dir():
        raise MuseStudioError(ErrorKind.BAD_REQUEST, f"There is no folder at {folder}.")
    tables = [folder / name for name in TABLES if (folder / name).is_file()]
    if tables:
        yield from _from_table(folder, tables[0])
    else:
        for path in sorted(folder.rglob("*")):
            if path.suffix.lower() in SUFFIXES and path.is_file():
                yield _beside(path, str(path.relative_to(folder)))


def _beside(path: Path, name: str) -> Captioned:
    for suffix in (".txt", ".caption", ".json"):
        file = path.with_suffix(suffix)
        if not file.is_file():
            continue
        try:
            with file.open("rb") as stream:
                text = stream.read(CAPTION_LIMIT_BYTES).decode("utf-8")
            return Captioned(path, name, text if suffix != ".json" else caption_of(json.loads(text)))
        except (OSError, ValueError):
            return Captioned(path, name, "", "broken caption")
    return Captioned(path, name, "", "no caption")


def caption_of(table: Any) -> str:
    """What a picture's JSON says of it; empty where it says nothing."""
    found = next((table[name] for name in CAPTION_COLUMNS if table.get(name)), "") if isinstance(table, dict) else ""
    return found if isinstance(found, str) else ""


def _from_table(folder: Path, table: Path) -> Iterator[Captioned]:
    root = folder.resolve()
    for row in _rows(table):
        name = next((row[column] for column in PICTURE_COLUMNS if row.get(column)), None)
        if not isinstance(name, str):
            raise MuseStudioError(
                ErrorKind.BAD_REQUEST,
                f"{table.name} names no picture files: it needs a column such as file_name. A list of addresses is "
                "fetched first, for example by img2dataset.",
                f"{table}: {sorted(map(str, row))}",
            )
        path = folder / name
        inside = "\0" not in name and path.resolve().is_relative_to(root)
        fault = "" if inside and path.is_file() else "no such picture" if inside else "outside the folder"
        yield Captioned(path, name, caption_of(row), fault)


def _rows(table: Path) -> Iterator[dict[str, Any]]:
    try:
        with table.open(encoding="utf-8-sig", newline="") as stream:
            if table.suffix == ".jsonl":
                for line in stream:
                    if line.strip():
                        row = json.loads(line)
                        yield row if isinstance(row, dict) else {}
            else:
                yield from csv.DictReader(stream, delimiter="," if table.suffix == ".csv" else "\t")
    except (OSError, ValueError, csv.Error) as fault:
        raise MuseStudioError(
            ErrorKind.BAD_REQUEST, f"{table.name} can't be read as a table: {fault}", f"{table}: {fault!r}"
        ) from fault
