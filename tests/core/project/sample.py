"""A small project with everything in it, and ways to pack archives by hand."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from muse_studio.core.canvas_transform import CanvasTransform
from muse_studio.core.document import DocumentState
from muse_studio.core.geometry import Extent, Rect
from muse_studio.core.layers import Layer, Variation
from muse_studio.core.pictures import encode_png
from muse_studio.core.project.encoded import EncodedPixels
from muse_studio.core.project.project import Project
from muse_studio.core.project.writing import project_parts
from muse_studio.core.tokens import TokenState
from muse_studio.core.wishes import Aim, Wishes

FACTS = {"request": {"prompt": "an owl"}, "run": "ab" * 16, "variation": 0, "seed": 7}


def noise(height: int, width: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 4), dtype=np.uint8)


def tokens(seed: int) -> TokenState:
    random = np.random.default_rng(seed)
    return TokenState.whole(random.integers(0, 896, (16, 16), np.int32), random.integers(0, 896, (64, 64), np.int32))


TRANSFORM = CanvasTransform(swaps=True, across=-1.5, down=0.5, right=300.0, below=-12.0)


def sample_state(width: int = 40, height: int = 30) -> DocumentState:
    """Three layers: an opaque ground, one over the edge with three variations, a hidden one."""
    ground = noise(height, width, 0)
    ground[..., 3] = 255
    several = tuple(Variation(noise(16, 16, 10 + n), {**FACTS, "variation": n}, tokens(n)) for n in range(3))
    layers = (
        Layer(1, "Ground", Rect(0, 0, width, height), (Variation(ground, {}, None),)),
        Layer(7, 'Owl “<&"\u732b', Rect(-4, 20, 16, 16), several, chosen=1, opacity=0.5),
        Layer(4, "Hidden", Rect(30, 2, 5, 6), (Variation(noise(6, 5, 2), {}, None),), visible=False),
    )
    mask = np.random.default_rng(5).integers(0, 256, (height, width), dtype=np.uint8)
    wishes = Wishes(prompt="an owl", negative_prompt="text", seed=9, aim=Aim.FILL, strength=0.5, count=3)
    return DocumentState(Extent(width, height), layers, 7, mask, Rect(-8, 0, 64, 64), wishes, TRANSFORM)


def sample_project() -> Project:
    return Project(sample_state(), "Owl at night", {"index.json": b"[1]", "0/a.bin": b"\x00\x01"}, {"gallery": ["a"]})


def packed(project: Project) -> bytes:
    return b"".join(project_parts(project, EncodedPixels()))


def zipped(entries: Mapping[str, bytes] | Sequence[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """As another program might: everything deflated but the mimetype."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in entries.items() if isinstance(entries, Mapping) else entries:
            archive.writestr(name, data, zipfile.ZIP_STORED if name == "mimetype" else method)
    return stream.getvalue()


def foreign(stack: str, width: int = 8, height: int = 8, **parts: bytes) -> bytes:
    """An OpenRaster file of another program with two PNGs, `data/a.png` and `data/b.png`."""
    xml = f'<?xml version="1.0"?><image version="0.0.3" w="{width}" h="{height}">{stack}</image>'
    pictures = {"data/a.png": encode_png(noise(8, 8, 1)), "data/b.png": encode_png(noise(4, 4, 2))}
    return zipped({"mimetype": b"image/openraster", "stack.xml": xml.encode(), **pictures, **parts})


def write(folder: Path, data: bytes, name: str = "sample.ora") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path
