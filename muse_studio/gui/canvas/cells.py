"""Which cells of the model's two grids the mask touches. Knows nothing of Qt.

The base stage decides about 16×16 cells of the frame (32 px of its 512), super-resolution about 64×64 (8 px). A cell
with any painted pixel is made anew as a whole, so the artist sees both before generating.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from muse_studio.core.geometry import Rect

BASE_CELLS = 16
DETAIL_CELLS = 64


@dataclass(frozen=True, slots=True)
class TouchedCells:
    """base: bool [16, 16]; detail: bool [64, 64]; both of the frame, True where the mask touches the cell."""

    frame: Rect
    base: NDArray[np.bool_]
    detail: NDArray[np.bool_]


def touched_cells(mask: NDArray[np.uint8], frame: Rect, scale: float = 1.0) -> TouchedCells:
    """The cells of `frame` (document pixels) touched by `mask` [h, w], whose pixels are 1 / `scale` document pixels."""
    ys, xs = _edges(frame.y, frame.height, scale), _edges(frame.x, frame.width, scale)
    seen = _block(mask, Rect.between(int(xs[0]), int(ys[0]), int(xs[-1]), int(ys[-1])))
    # reduceat wants starts below the length; where a cell is under a pixel wide it repeats that pixel, as it should.
    rows, columns = (
        np.minimum(edges[:-1] - edges[0], size - 1) for edges, size in zip((ys, xs), seen.shape, strict=True)
    )
    most: NDArray[np.uint8] = np.maximum.reduceat(np.maximum.reduceat(seen, rows, axis=0), columns, axis=1)
    detail: NDArray[np.bool_] = np.greater(most, 0)
    ratio = DETAIL_CELLS // BASE_CELLS
    base: NDArray[np.bool_] = np.any(detail.reshape(BASE_CELLS, ratio, BASE_CELLS, ratio), axis=(1, 3))
    return TouchedCells(frame, base, detail)


def _block(mask: NDArray[np.uint8], rect: Rect) -> NDArray[np.uint8]:
    """The mask inside `rect`, at least [1, 1]; 0 where the rectangle leaves the document."""
    inside = rect.intersect(Rect(0, 0, mask.shape[1], mask.shape[0]))
    if inside == rect and not rect.is_empty:
        return mask[rect.slices]
    block = np.zeros((max(rect.height, 1), max(rect.width, 1)), np.uint8)
    if not inside.is_empty:
        block[inside.translate(-rect.x, -rect.y).slices] = mask[inside.slices]
    return block


def _edges(start: int, size: int, scale: float) -> NDArray[np.intp]:
    """The first pixel of each of the 64 cells, and one past the last: [65]."""
    return np.floor((start + np.arange(DETAIL_CELLS + 1) * size / DETAIL_CELLS) * scale).astype(np.intp)
