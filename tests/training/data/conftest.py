"""A small, made-up set of training pictures: real rows of the table, with discs of known colours for pixels."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from muse_studio.training.data.drawings import DrawingSet
from muse_studio.training.data.hues import hue_stats
from muse_studio.training.data.landscapes import HEIGHT_PX, WIDTH_PX, Landscapes, landscape_table
from muse_studio.training.data.rasters import halved
from muse_studio.training.data.table import load_table

DISC_PX = 225
LABELS = {"fox", "cherries", "mushroom", "palm tree"}


def disc(colour: tuple[int, int, int]) -> NDArray[np.uint8]:
    """uint8 [512, 512, 4]: a disc of one colour whose ink is 450 px across."""
    y, x = np.mgrid[:512, :512] - 255.5
    inside = x * x + y * y <= DISC_PX * DISC_PX
    pixels = np.zeros((512, 512, 4), np.uint8)
    pixels[inside] = (*colour, 255)
    return pixels


def colour_of(row: int) -> tuple[int, int, int]:
    """A vivid colour that says which row it is."""
    return 230, 20 + (row * 37) % 60, 20 + (row * 11) % 60


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that looks built, holding all styles of four concepts."""
    folder = tmp_path_factory.mktemp("data")
    home = folder / "reduced"
    home.mkdir()
    chosen = [drawing for drawing in load_table("reduced") if drawing.label in LABELS]
    white = disc((255, 255, 255))
    large = np.stack([np.minimum(white, (*colour_of(row), 255)) for row in range(len(chosen))]).astype(np.uint8)
    small = np.stack([halved(pixels) for pixels in large])
    np.save(home / "pixels-512.npy", large)
    np.save(home / "pixels-256.npy", small)
    rows = [
        {"row": row, "pack": drawing.pack, "icon": drawing.icon, "colour": asdict(hue_stats(small[row]))}
        for row, drawing in enumerate(chosen)
    ]
    index = {"format": 1, "drawings_asked": len(rows), "drawings": rows, "failures": []}
    (home / "index.json").write_text(json.dumps(index), encoding="utf-8")
    shape = (len(landscape_table()), HEIGHT_PX, WIDTH_PX, 3)
    np.lib.format.open_memmap(folder / "landscapes.npy", mode="w+", dtype=np.uint8, shape=shape)
    return folder


@pytest.fixture
def drawings(data_folder: Path) -> DrawingSet:
    """The made-up drawings."""
    return DrawingSet(data_folder, "reduced")


@pytest.fixture
def landscapes(data_folder: Path) -> Landscapes:
    """The made-up photographs."""
    return Landscapes(data_folder)
