"""The drawings as pixels: memory-mapped caches with one row each, and the index that says what each row is.

Knows nothing of how they were made or how they will be composed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.training.data.hues import HueStats
from muse_studio.training.data.table import Drawing, load_table

DRAWING_SIZES = (256, 512)


def drawing_path(folder: Path, pack: str, icon: str) -> Path:
    """Where `build` keeps the lossless picture of one drawing."""
    return folder / "drawings" / pack / f"{icon}.webp"


def read_drawing(path: Path) -> NDArray[np.uint8]:
    """uint8 [512, 512, 4] of a kept drawing. Raises OSError if it cannot be read."""
    with Image.open(path, formats=("WEBP",)) as picture:
        return np.asarray(picture.convert("RGBA"))


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of the index: which row of the caches is which drawing."""

    row: int
    pack: str
    icon: str
    colour: HueStats


class DrawingSet:
    """All drawings of one subset.

    entries: the drawings, in the order of the caches; entries[i].index == i.
    colours: HueStats of each, in the same order.
    """

    def __init__(self, folder: Path, subset: str = "full") -> None:
        """Raises MuseStudioError(BAD_REQUEST) if `build(folder, subset)` has not been run."""
        self.folder = folder
        self.subset = subset
        table = {(drawing.pack, drawing.icon): drawing for drawing in load_table(subset)}
        known = [row for row in self._read_index() if (row.pack, row.icon) in table]
        self.entries: tuple[Drawing, ...] = tuple(
            replace(table[row.pack, row.icon], index=index) for index, row in enumerate(known)
        )
        self.colours: tuple[HueStats, ...] = tuple(row.colour for row in known)
        self._rows = [row.row for row in known]
        self._caches = {size: np.load(path, mmap_mode="r") for size, path in self._cache_paths()}

    def __len__(self) -> int:
        return len(self.entries)

    def rgba(self, index: int, size: int = 512) -> NDArray[np.uint8]:
        """uint8 [size, size, 4], straight alpha, read-only; size is 256 or 512."""
        cache = self._caches.get(size)
        if cache is not None:
            return cast("NDArray[np.uint8]", cache[self._rows[index]])
        if size not in DRAWING_SIZES:
            raise ValueError(f"drawings are kept at 256 and 512 px, not {size}")
        drawing = self.entries[index]
        return read_drawing(drawing_path(self.folder, drawing.pack, drawing.icon))

    def select(self, *, held_out: bool | None = False, vector_only: bool = False) -> tuple[int, ...]:
        """Indices of drawings; held_out: False leaves the held-out pairs out, True keeps only them, None keeps all."""
        return tuple(
            drawing.index
            for drawing in self.entries
            if (held_out is None or drawing.held_out == held_out) and (drawing.vector or not vector_only)
        )

    def concepts(self) -> tuple[str, ...]:
        """Every label once, in order of first appearance."""
        return tuple(dict.fromkeys(drawing.label for drawing in self.entries))

    def _cache_paths(self) -> Iterable[tuple[int, Path]]:
        for size in DRAWING_SIZES:
            path = self.folder / self.subset / f"pixels-{size}.npy"
            if path.is_file():
                yield size, path

    def _read_index(self) -> list[_Row]:
        try:
            index = json.loads((self.folder / self.subset / "index.json").read_bytes())
            return [
                _Row(int(row["row"]), row["pack"], row["icon"], HueStats(**row["colour"])) for row in index["drawings"]
            ]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise MuseStudioError(
                ErrorKind.BAD_REQUEST,
                f"The {self.subset} training pictures are not in {self.folder}. Build them first.",
                str(error),
            ) from error
