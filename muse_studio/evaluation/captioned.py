"""Pictures with captions as COCO and CC3M hand them out: a stream of square pixels and words.

COCO: one JSON of annotations and a folder. CC3M: a folder or webdataset shards as training reads them, or a table of
caption and file. What cannot be used is left out and counted. Opens no address of the network.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.pictures import decode_picture, read_bounded
from muse_studio.training.data.captioned import captioned_pictures
from muse_studio.training.data.shards import caption_in, spans
from muse_studio.training.data.skipped import Skipped

T = TypeVar("T")

NO_CAPTION, BROKEN, NOT_HERE = "no caption", "broken picture", "no such picture"
"""Why an entry is left out; web addresses are no pictures here, for none is ever fetched."""


@dataclass(frozen=True, slots=True)
class Captioned:
    """rgb: uint8 [size, size, 3], the middle square; caption: never empty."""

    rgb: NDArray[np.uint8]
    caption: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A caption, and the picture's bytes when they are asked for.

    read:  only until the next entry is asked for, for a shard is closed when it is through. Raises FileNotFoundError
           where there is no picture, MuseStudioError where it cannot be read.
    fault: why there is no caption, where that is known.
    """

    name: str
    caption: str
    read: Callable[[], bytes]
    fault: str = ""


def pictures(entries: Iterable[Entry], count: int, size: int, skipped: Skipped) -> Iterator[Captioned]:
    """The first `count` that can be used, cut to their middle square and scaled to `size` px."""
    found = 0
    for entry in entries:
        if found == count:
            return
        caption = " ".join(entry.caption.split())
        if not caption:
            skipped.add(entry.fault or NO_CAPTION, entry.name)
            continue
        try:
            rgba = decode_picture(entry.read(), entry.name).pixels
        except FileNotFoundError:
            skipped.add(NOT_HERE, entry.name)
            continue
        except MuseStudioError:
            skipped.add(BROKEN, entry.name)
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


def cc3m(paths: list[Path], seed: int, skipped: Skipped) -> Iterator[Entry]:
    """Entries of a folder, a .tsv, or .tar shards (which come in their own order). Raises MuseStudioError.

    skipped: is told of what is no entry at all in a shard.
    """
    for path in paths:
        if not path.exists():
            raise MuseStudioError(ErrorKind.BAD_REQUEST, f"There is nothing at “{path}”. Name a folder, .tsv or .tar.")
    for path in paths:
        if path.is_dir():
            shards = sorted(path.glob("*.tar"))
            yield from _shards(shards, skipped) if shards else _folder(path, seed)
        elif path.suffix in (".tsv", ".txt", ".csv"):
            yield from _table(path, seed)
        else:
            yield from _shards([path], skipped)


def _folder(folder: Path, seed: int) -> Iterator[Entry]:
    found = list(captioned_pictures(folder))
    if not found:
        raise MuseStudioError(ErrorKind.BAD_REQUEST, f"The folder “{folder}” holds no JPEG, PNG or WebP pictures.")
    for one in _shuffled(found, seed):
        yield Entry(one.name, one.caption, partial(read_bounded, one.path), one.fault)


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


def _shards(paths: list[Path], skipped: Skipped) -> Iterator[Entry]:
    for path in paths:
        with path.open("rb") as shard:
            for at, size, words_at, words_size, is_json in spans(path, skipped.add):

                def read(at: int, size: int) -> bytes:
                    shard.seek(at)
                    return shard.read(size)

                caption, fault = caption_in(read(words_at, words_size), bool(is_json))
                yield Entry(f"{path.name} at byte {at}", caption, partial(read, at, size), fault)


def _must_be_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise MuseStudioError(ErrorKind.BAD_REQUEST, f"There is no folder “{folder}” with the pictures.")


def _shuffled(items: list[T], seed: int) -> list[T]:
    return [items[int(place)] for place in np.random.default_rng(seed).permutation(len(items))]
