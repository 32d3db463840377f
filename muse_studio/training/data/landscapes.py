"""253 landscape photographs with one caption each (the captions were written by a model from thumbnails).

Knows nothing of drawings or composition.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.training.data.archives import members
from muse_studio.training.data.table import is_held_out

WIDTH_PX, HEIGHT_PX = 720, 360
_FOLDER = "images/land"


@dataclass(frozen=True, slots=True)
class Landscape:
    """One photograph. licence: "PD" or "CC-BY-SA-" and a version; held_out: kept for evaluation."""

    index: int
    name: str
    licence: str
    caption: str
    held_out: bool


@cache
def landscape_table() -> tuple[Landscape, ...]:
    """The captions, in file order."""
    text = resources.files("muse_studio.training.data").joinpath("landscape-captions.tsv").read_text("utf-8")
    rows = [line.split("\t") for line in text.splitlines()[1:] if line]
    return tuple(
        Landscape(index, name, licence, caption, is_held_out(name, "photo"))
        for index, (name, licence, caption) in enumerate(rows)
    )


class Landscapes:
    """The photographs as pixels."""

    def __init__(self, folder: Path) -> None:
        """Raises MuseStudioError(BAD_REQUEST) if `build` has not been run in `folder`."""
        self.entries = landscape_table()
        try:
            self._pixels: NDArray[np.uint8] = np.load(folder / "landscapes.npy", mmap_mode="r")
        except (OSError, ValueError) as error:
            raise MuseStudioError(
                ErrorKind.BAD_REQUEST,
                f"The landscapes are not in {folder}. Build the training pictures first.",
                str(error),
            ) from error

    def rgb(self, index: int) -> NDArray[np.uint8]:
        """uint8 [360, 720, 3], read-only."""
        return self._pixels[index]


def build_landscapes(archive: Path, folder: Path) -> None:
    """Writes `landscapes.npy` from the Debian package, unless it is there. Raises MuseStudioError(BAD_REQUEST)."""
    target = folder / "landscapes.npy"
    if target.is_file():
        return
    rows = {landscape.name: landscape.index for landscape in landscape_table()}
    pixels = np.zeros((len(rows), HEIGHT_PX, WIDTH_PX, 3), np.uint8)
    for name, data in members(archive, lambda name: _FOLDER in name and PurePosixPath(name).stem in rows):
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as picture:
            small = picture.convert("RGB").resize((WIDTH_PX, HEIGHT_PX), Image.Resampling.LANCZOS)
        pixels[rows.pop(PurePosixPath(name).stem)] = np.asarray(small)
    if rows:
        raise MuseStudioError(
            ErrorKind.BAD_REQUEST, "The landscapes package lacks some of its photographs.", ", ".join(sorted(rows))
        )
    part = folder / "landscapes.part.npy"
    np.save(part, pixels)
    part.replace(target)
