"""`muse-studio train data pack`: any folder of pictures and captions becomes webdataset shards in CC3M's form.

A shard is a .tar of NNNNNNNNN.jpg, .txt and .json, as img2dataset writes them. What can't be used is skipped, counted and
reported, never repaired. A shard is written whole or not at all. Knows nothing of how shards are read.
"""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.files import atomic_write, atomic_write_parts, disk_error, printable
from muse_studio.core.pictures import read_bounded
from muse_studio.training.data.captioned import Captioned, captioned_pictures
from muse_studio.training.data.skipped import Skipped
from muse_studio.training.data.squares import open_rgb, square

INDEX = "index.json"
JPEG_QUALITY = 95
AT_ONCE = 64
"""Pictures that are opened side by side; 64 of the largest allowed are never in memory as pixels at once, threads are few."""


@dataclass(frozen=True, slots=True)
class Packed:
    """What a packing made. skipped: how many by reason. lines: the same for a person, with the first names."""

    shards: tuple[str, ...]
    examples: int
    skipped: dict[str, int]
    lines: tuple[str, ...]


def pack(
    folder: Path,
    output: Path,
    *,
    size: int = 512,
    least: int = 256,
    shard_size: int = 10_000,
    threads: int = 4,
    report: Callable[[str], None] = print,
) -> Packed:
    """Packs `folder` into shards of at most `shard_size` examples, each a square of `size` pixels.

    least: a picture whose shorter side has fewer pixels is too small.
    Raises MuseStudioError: BAD_REQUEST where there is nothing to pack or `output` holds shards, DISK.
    """
    if min(size, least, shard_size) < 1:
        raise MuseStudioError(ErrorKind.BAD_REQUEST, "--size, --least and --shard-size are at least 1.")
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise disk_error(output, fault) from fault
    if any(output.glob("*.tar")):
        raise MuseStudioError(ErrorKind.BAD_REQUEST, f"{output} holds shards already. Choose another folder.")
    skipped, total = Skipped(), 0
    shards: list[dict[str, Any]] = []
    examples = _examples(folder, size, least, threads, skipped)
    for first in examples:
        counted = [0]
        members = itertools.chain([first], itertools.islice(examples, shard_size - 1))
        name = f"{len(shards):05d}.tar"
        atomic_write_parts(output / name, _tar(members, len(shards), counted))
        shards.append({"file": name, "examples": counted[0], "bytes": (output / name).stat().st_size})
        total += counted[0]
        report(f"{name}: {counted[0]} examples")
    lines = tuple(skipped.lines())
    for line in lines:
        report(line)
    if not total:
        raise MuseStudioError(
            ErrorKind.BAD_REQUEST, f"{folder} holds no picture with a caption that can be used.", "; ".join(lines)
        )
    index = {"format": 1, "size": size, "examples": total, "shards": shards, "skipped": skipped.counts()}
    atomic_write(output / INDEX, json.dumps(index, indent=2).encode() + b"\n")
    report(f"{total} examples in {len(shards)} shards, {sum(skipped.counts().values())} skipped")
    return Packed(tuple(str(shard["file"]) for shard in shards), total, skipped.counts(), lines)


@dataclass(frozen=True, slots=True)
class _Example:
    jpeg: bytes
    caption: str
    told: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Unusable:
    reason: str
    name: str


def _examples(folder: Path, size: int, least: int, threads: int, skipped: Skipped) -> Iterator[_Example]:
    """In the folder's order, whichever thread is first: so are the names of what is skipped."""
    found = captioned_pictures(folder)
    with ThreadPoolExecutor(max(1, threads)) as pool:
        while some := list(itertools.islice(found, AT_ONCE)):
            for made in pool.map(lambda one: _example(one, size, least), some):
                if isinstance(made, _Example):
                    yield made
                else:
                    skipped.add(made.reason, made.name)


def _example(one: Captioned, size: int, least: int) -> _Example | _Unusable:
    name = printable(one.name)
    caption = " ".join(one.caption.split())
    if one.fault or not caption:
        return _Unusable(one.fault or "empty caption", name)
    try:
        rgb = open_rgb(read_bounded(one.path), one.path.name)
    except MuseStudioError as fault:
        if fault.kind is not ErrorKind.BAD_PICTURE:
            raise
        return _Unusable("broken picture", name)
    if min(rgb.shape[:2]) < least:
        return _Unusable("too small", name)
    stream = io.BytesIO()
    Image.fromarray(square(rgb, size)).save(stream, format="JPEG", quality=JPEG_QUALITY)
    told = {
        "caption": caption,
        "source": name,
        "width": size,
        "height": size,
        "original_width": rgb.shape[1],
        "original_height": rgb.shape[0],
        "status": "success",
    }
    return _Example(stream.getvalue(), caption, told)


def _tar(examples: Iterator[_Example], shard: int, counted: list[int]) -> Iterator[bytes]:
    """A shard's bytes, part by part; `counted` is how many examples went into it."""
    try:
        from webdataset import TarWriter
    except ImportError as fault:
        raise MuseStudioError(
            ErrorKind.BAD_REQUEST, "Packing shards needs: pip install 'muse-studio[train]'"
        ) from fault
    buffer = io.BytesIO()
    writer = TarWriter(buffer, encoder=False, mtime=0, user="", group="")
    for number, example in enumerate(examples):
        key = f"{shard:05d}{number:04d}"
        told = json.dumps(example.told | {"key": key}, ensure_ascii=False).encode()
        writer.write({"__key__": key, "jpg": example.jpeg, "txt": example.caption.encode(), "json": told})
        counted[0] = number + 1
        yield _taken(buffer)
    writer.close()
    yield _taken(buffer)


def _taken(buffer: io.BytesIO) -> bytes:
    data = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return data
