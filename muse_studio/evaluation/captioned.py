"""Pictures with captions as COCO and CC3M hand them out: a stream of square pixels and words.

COCO: one JSON of annotations and a folder. CC3M: a folder of pictures with .txt files beside them, a table of caption
and file, or webdataset shards. What cannot be used is left out and counted. Opens no address of the network.
"""

from __future__ import annotations

import csv
import json
import tarfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.limits import PICTURE_LIMIT_BYTES
from muse_studio.core.pictures import decode_picture, read_bounded

T = TypeVar("T")

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
CAPTION_LIMIT_BYTES = 64 * 1024  # a caption, or the JSON beside a picture in a shard
NO_CAPTION = "without a caption"
BROKEN = "whose picture cannot be read"
NOT_HERE = "whose picture is not in the folder (web addresses are never fetched)"


@dataclass(frozen=True, slots=True)
class Captioned:
    """rgb: uint8 [size, size, 3], the middle square; caption: never empty."""

    rgb: NDArray[np.uint8]
    caption: str


@dataclass(slots=True)
class Skipped:
    """How many entries were left out, by reason."""

    reasons: Counter[str] = field(default_factory=Counter)

    def sentence(self) -> str:
        """For the report; empty where nothing was left out."""
        return ", ".join(f"{count} {reason}" for reason, count in sorted(self.reasons.items()))


@dataclass(frozen=True, slots=True)
class Entry:
    """A caption, and the picture's bytes when they are asked for.

    read: raises FileNotFoundError where there are none, MuseStudioError where they cannot be read.
    """

    name: str
    caption: str
    read: Callable[[], bytes]


def pictures(entries: Iterable[Entry], count: int, size: int, skipped: Skipped) -> Iterator[Captioned]:
    """The first `count` that can be used, cut to their middle square and scaled to `size` px."""
    found = 0
    for entry in entries:
        if found == count:
            return
        caption = " ".join(entry.caption.split())
        if not caption:
            skipped.reasons[NO_CAPTION] += 1
            continue
        try:
            rgba = decode_picture(entry.read(), entry.name).pixels
        except FileNotFoundError:
            skipped.reasons[NOT_HERE] += 1
            continue
        except MuseStudioError:
            skipped.reasons[BROKEN] += 1
            continue
        found += 1
        yield Captioned(square(rgba, size), caption)


def square(rgba: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """uint8 [size, size, 3]: the middle square of uint8 [H, W, 4] over white."""
    picture = Image.fromarray(rgba)
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    picture = picture.crop((left, top, left + side, top + side))
    paper = Image.new("RGBA", picture.size, "white")
    paper.alpha_composite(picture)
    return np.asarray(paper.convert("RGB").resize((size, size), Image.Resampling.BICUBIC))


def coco(annotations: Path, images: Path, seed: int) -> Iterator[Entry]:
    """One entry for each picture with its first caption, in an order that the seed decides."""
    try:
        content = json.loads(annotations.read_bytes())
        names = {int(image["id"]): str(image["file_name"]) for image in content["images"]}
        captions: dict[int, str] = {}
        for one in content["annotations"]:
            captions.setdefault(int(one["image_id"]), str(one["caption"]))
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise MuseStudioError(
            ErrorKind.BAD_REQUEST,
            f"“{annotations}” is no file of COCO captions: it needs “images” with id and file_name, and “annotations” "
            "with image_id and caption.",
            repr(fault),
        ) from fault
    _must_be_folder(images)
    for number in _shuffled(sorted(captions), seed):
        if number in names:
            yield _file(images, names[number], captions[number])


def cc3m(paths: list[Path], seed: int) -> Iterator[Entry]:
    """Entries of a folder, a .tsv, or .tar shards (which are streamed in their own order). Raises MuseStudioError."""
    for path in paths:
        if not path.exists():
            raise MuseStudioError(ErrorKind.BAD_REQUEST, f"There is nothing at “{path}”. Name a folder, .tsv or .tar.")
    for path in paths:
        if path.is_dir():
            shards = sorted(path.glob("*.tar"))
            yield from _shards(shards) if shards else _folder(path, seed)
        elif path.suffix in (".tsv", ".txt", ".csv"):
            yield from _table(path, seed)
        else:
            yield from _shards([path])


def _folder(folder: Path, seed: int) -> Iterator[Entry]:
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    if not found:
        raise MuseStudioError(ErrorKind.BAD_REQUEST, f"The folder “{folder}” holds no JPEG, PNG or WebP pictures.")
    for path in _shuffled(found, seed):
        words = path.with_suffix(".txt")
        caption = words.read_text("utf-8", "replace")[:CAPTION_LIMIT_BYTES] if words.is_file() else ""
        yield Entry(path.name, caption, partial(read_bounded, path))


def _table(table: Path, seed: int) -> Iterator[Entry]:
    """Lines of caption, tab, file; files are named from the table's own folder."""
    mark = "," if table.suffix == ".csv" else "\t"
    with table.open(encoding="utf-8", errors="replace", newline="") as lines:
        rows = [row for row in csv.reader(lines, delimiter=mark, quoting=csv.QUOTE_MINIMAL) if row]
    if not all(len(row) >= 2 for row in rows):
        raise MuseStudioError(ErrorKind.BAD_REQUEST, f"A line of “{table}” is not a caption and a file.")
    for caption, name, *_ in _shuffled(rows, seed):
        yield _file(table.parent, name, caption)


def _file(folder: Path, name: str, caption: str) -> Entry:
    def read() -> bytes:
        inside = PurePosixPath(name)
        if "://" in name or inside.is_absolute() or ".." in inside.parts or not (folder / inside).is_file():
            raise FileNotFoundError(name)
        return read_bounded(folder / inside)

    return Entry(name, caption, read)


def _shards(paths: list[Path]) -> Iterator[Entry]:
    """Neighbours in a shard that differ only in their suffix belong together, as webdataset has it."""
    for path in paths:
        try:
            with tarfile.open(path, "r|*") as archive:
                key, parts = "", dict[str, bytes]()
                for member in archive:
                    if not member.isfile():
                        continue
                    stem, suffix = _key(member.name)
                    if stem != key:
                        yield from _joined(key, parts)
                        key, parts = stem, {}
                    parts[suffix] = _content(archive, member, suffix)
                yield from _joined(key, parts)
        except (tarfile.TarError, OSError) as fault:
            raise MuseStudioError(
                ErrorKind.BAD_REQUEST, f"“{path}” is no tar archive, or cut off: fetch it again.", repr(fault)
            ) from fault


def _key(name: str) -> tuple[str, str]:
    path = PurePosixPath(name)
    stem, _, suffix = path.name.partition(".")
    return str(path.parent / stem), f".{suffix.lower()}"


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo, suffix: str) -> bytes:
    """Bytes of a picture or a caption; nothing of what is neither or too large."""
    limit = PICTURE_LIMIT_BYTES if suffix in SUFFIXES else CAPTION_LIMIT_BYTES
    wanted = suffix in (*SUFFIXES, ".txt", ".json") and member.size <= limit
    stream = archive.extractfile(member) if wanted else None
    return stream.read(limit) if stream is not None else b""


def _joined(key: str, parts: dict[str, bytes]) -> Iterator[Entry]:
    picture = next((parts[suffix] for suffix in SUFFIXES if suffix in parts), None)
    if picture is None:
        return
    caption = parts.get(".txt", b"").decode("utf-8", "replace")
    if not caption and ".json" in parts:
        try:
            caption = str(json.loads(parts[".json"]).get("caption") or "")
        except (ValueError, AttributeError):
            caption = ""
    yield Entry(key, caption, lambda: picture)


def _must_be_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise MuseStudioError(ErrorKind.BAD_REQUEST, f"There is no folder “{folder}” with the pictures.")


def _shuffled(items: list[T], seed: int) -> list[T]:
    return [items[int(place)] for place in np.random.default_rng(seed).permutation(len(items))]
