"""Builds the training pictures on disk: fetch, render, cache.

Interrupted, it goes on where it was; built, it needs no network.

    FOLDER/packages/            the archives, verified
    FOLDER/drawings/PACK/*.webp every drawing, 512 px, lossless
    FOLDER/landscapes.npy       uint8 [N, 360, 720, 3]
    FOLDER/avatars/             portraits with their words (full subset only)
    FOLDER/SUBSET/index.json    the drawings that could be rendered, with their colours
    FOLDER/SUBSET/pixels-256.npy, pixels-512.npy   decoded caches, uint8 [N, size, size, 4]

Knows nothing of captions, composition or training.
"""

from __future__ import annotations

import importlib.util
import json
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.files import atomic_write
from muse_studio.training.data.archives import members, read_json
from muse_studio.training.data.avatars import build_avatars
from muse_studio.training.data.hues import hue_stats
from muse_studio.training.data.landscapes import build_landscapes
from muse_studio.training.data.packages import PACKAGES, Package, fetch
from muse_studio.training.data.table import RASTER_PACKS, Drawing, load_table

FORMAT = 1
SIZES = (256, 512)
BIG_CACHE_LIMIT = 1000  # more drawings than this are decoded from their WebP when 512 px are wanted
Progress = Callable[[float, str], None]
DEFAULT_PROCESSES = 2
_MOST_FAILURES = 0.02


def build(
    folder: Path, subset: str = "full", progress: Progress | None = None, processes: int = DEFAULT_PROCESSES
) -> None:
    """Makes `folder` hold everything that DrawingSet(folder, subset) and Landscapes(folder) read.

    progress:  called with a share in [0, 1] and what is being done.
    processes: how many render; 1 renders in this process.
    Raises MuseStudioError: BAD_REQUEST if a package or pyvips cannot be had, INTERNAL if many drawings fail.
    """
    report = progress or (lambda share, what: None)
    table = load_table(subset)
    if is_built(folder, subset):
        report(1.0, "already built")
        return
    _require_renderer()
    archives = _fetch_all(table, folder, subset, report)
    report(0.2, "landscapes")
    build_landscapes(archives["landscapes"], folder)
    if subset == "full":
        build_avatars(archives, folder, lambda share, what: report(0.2 + 0.1 * share, what))
    _render_all(table, folder, subset, report, processes)
    report(1.0, "built")


def _require_renderer() -> None:
    if importlib.util.find_spec("pyvips") is None:
        raise MuseStudioError(
            ErrorKind.BAD_REQUEST,
            "Rendering the training pictures needs pyvips. Install it with: pip install 'muse-studio[train]'.",
        )


def is_built(folder: Path, subset: str) -> bool:
    """True if every file of `subset` is there and was made by this version of the recipe."""
    try:
        index = json.loads((folder / subset / "index.json").read_bytes())
    except (OSError, ValueError):
        return False
    if not isinstance(index, dict):
        return False
    here = (folder / subset / "pixels-256.npy").is_file() and (folder / "landscapes.npy").is_file()
    here = here and (subset != "full" or (folder / "avatars" / "index.json").is_file())
    return here and index.get("format") == FORMAT and index.get("drawings_asked") == len(load_table(subset))


def _fetch_all(table: tuple[Drawing, ...], folder: Path, subset: str, report: Progress) -> dict[str, Path]:
    keys = [*dict.fromkeys(drawing.pack for drawing in table), "landscapes"]
    if subset == "full":
        keys += [key for key in PACKAGES if key.startswith("dicebear-")]
    archives = {}
    for done, key in enumerate(keys):
        package: Package = PACKAGES[key]
        report(0.2 * done / len(keys), f"fetching {package.name} {package.version}")
        archives[key] = fetch(package, folder / "packages")
    return archives


def _render_all(table: tuple[Drawing, ...], folder: Path, subset: str, report: Progress, processes: int) -> None:
    sizes = SIZES if len(table) <= BIG_CACHE_LIMIT else SIZES[:1]
    home = folder / subset
    home.mkdir(parents=True, exist_ok=True)
    for size in sizes:
        np.lib.format.open_memmap(_part(home, size), mode="w+", dtype=np.uint8, shape=(len(table), size, size, 4))
    rows: list[dict[str, Any] | None] = [None] * len(table)
    failures: list[str] = []
    rendered = _rendered(table, (str(folder), subset, sizes), processes)
    for done, (index, row, problem) in enumerate(rendered, start=1):
        rows[index] = row
        if problem:
            failures.append(problem)
        report(min(1.0, 0.3 + 0.7 * done / len(table)), f"rendering {done} of {len(table)}")
    if len(failures) > max(1, _MOST_FAILURES * len(table)):
        raise MuseStudioError(
            ErrorKind.INTERNAL,
            f"{len(failures)} of {len(table)} drawings could not be rendered.",
            "\n".join(failures[:50]),
        )
    for size in sizes:
        _part(home, size).replace(home / f"pixels-{size}.npy")
    index_data = {
        "format": FORMAT,
        "drawings_asked": len(table),
        "drawings": [row for row in rows if row],
        "failures": failures,
    }
    atomic_write(home / "index.json", json.dumps(index_data, ensure_ascii=False).encode())


def _rendered(
    table: tuple[Drawing, ...], settings: tuple[str, str, tuple[int, ...]], processes: int
) -> Iterator[tuple[int, dict[str, Any] | None, str]]:
    """(index, row of the index or None, problem or "") of each drawing, in any order."""
    if processes <= 1:
        worker = _Worker(Path(settings[0]), *settings[1:])
        yield from (worker.render(drawing) for drawing in table)
        return
    context = multiprocessing.get_context("spawn")
    with context.Pool(processes, initializer=_start_worker, initargs=settings) as pool:
        yield from pool.imap_unordered(_render_one, table, chunksize=8)


def _part(home: Path, size: int) -> Path:
    return home / f"pixels-{size}.part.npy"


class _Worker:
    """What one rendering process keeps: the packs it has opened and the caches it writes rows of."""

    def __init__(self, folder: Path, subset: str, sizes: tuple[int, ...]) -> None:
        self.folder = folder
        self.packs: dict[str, dict[str, Any]] = {}
        self.caches = {size: np.load(_part(folder / subset, size), mmap_mode="r+") for size in sizes}

    def pack(self, key: str) -> dict[str, Any]:
        if key not in self.packs:
            archive = self.folder / "packages" / PACKAGES[key].file_name
            if key in RASTER_PACKS:
                pictures = members(archive, lambda name: name.startswith("package/assets/") and name.endswith(".webp"))
                self.packs[key] = {Path(name).stem: data for name, data in pictures}
            else:
                self.packs[key] = read_json(archive, "package/icons.json")
        return self.packs[key]

    def pixels(self, drawing: Drawing) -> NDArray[np.uint8]:
        from muse_studio.training.data import rasters
        from muse_studio.training.data.drawings import drawing_path, read_drawing

        path = drawing_path(self.folder, drawing.pack, drawing.icon)
        if path.is_file():
            return read_drawing(path)
        pack = self.pack(drawing.pack)
        if drawing.pack in RASTER_PACKS:
            pixels = rasters.render_raster(pack[drawing.icon])
        else:
            pixels = rasters.render_svg(rasters.icon_svg(pack, drawing.icon))
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic_write(path, rasters.encode_lossless(pixels))
        return pixels

    def render(self, drawing: Drawing) -> tuple[int, dict[str, Any] | None, str]:
        """(index, its row of the index or None, what went wrong or "")."""
        from muse_studio.training.data.rasters import BadDrawing, halved

        try:
            pixels = self.pixels(drawing)
        except (BadDrawing, KeyError, OSError) as error:
            return drawing.index, None, f"{drawing.pack}/{drawing.icon}: {error}"
        small = halved(pixels)
        for size, cache in self.caches.items():
            cache[drawing.index] = pixels if size == pixels.shape[0] else small
        row = {"row": drawing.index, "pack": drawing.pack, "icon": drawing.icon, "colour": asdict(hue_stats(small))}
        return drawing.index, row, ""


_worker: _Worker | None = None


def _start_worker(folder: str, subset: str, sizes: tuple[int, ...]) -> None:
    global _worker
    os.environ["VIPS_CONCURRENCY"] = "1"
    if hasattr(os, "nice"):
        os.nice(10)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _worker = _Worker(Path(folder), subset, sizes)


def _end_with_parent() -> None:
    """A worker whose parent is killed would wait for its queue for ever; so it waits for that process too."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _render_one(drawing: Drawing) -> tuple[int, dict[str, Any] | None, str]:
    assert _worker is not None
    return _worker.render(drawing)
