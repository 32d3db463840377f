"""Which cells of the model's two grids the mask touches. Knows nothing of Qt.

The base stage decides about 16×16 cells of the frame (32 px of its 512), super-resolution about 64×64 (8 px). A cell
with any painted pixel is made anew as a whole, so the artist sees both before generating.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from muse_studio.core.geometry import Point, Rect

BASE_CELLS = 16
DETAIL_CELLS = 64


@dataclass(frozen=True, slots=True, eq=False)
class TouchedCells:
    """base: bool [16, 16]; detail: bool [64, 64]; both of the frame, True where the mask touches the cell."""

    frame: Rect
    base: NDArray[np.bool_]
    detail: NDArray[np.bool_]


def touched_cells(mask: NDArray[np.uint8], frame: Rect) -> TouchedCells:
    """The cells of `frame` (document pixels, at least 64 a side) that `mask` [H, W] touches."""
    return cells_after_change(mask, _with_bases(frame, np.zeros((DETAIL_CELLS, DETAIL_CELLS), np.bool_)), frame)


def cells_under(frame: Rect, centre: Point, radius_px: float) -> TouchedCells:
    """The cells of `frame` that a disc (document pixels) touches: what a dab there would make anew."""
    edges = np.arange(DETAIL_CELLS + 1) * frame.width / DETAIL_CELLS
    squares = []
    for start, middle in ((frame.y, centre.y), (frame.x, centre.x)):
        off = middle - start
        nearest = np.clip(off, edges[:-1], edges[1:])
        squares.append((nearest - off) ** 2)
    return _with_bases(frame, squares[0][:, None] + squares[1][None, :] < radius_px**2)


def cells_after_change(mask: NDArray[np.uint8], cells: TouchedCells, rect: Rect) -> TouchedCells:
    """The same frame's cells after the mask changed inside `rect`; the very same object if no cell did."""
    frame = cells.frame
    rows = _cells_of(rect.y - frame.y, rect.bottom - frame.y, frame.height)
    columns = _cells_of(rect.x - frame.x, rect.right - frame.x, frame.width)
    if not rows or not columns:
        return cells
    touched = _touched(mask, frame, rows, columns)
    block = slice(rows.start, rows.stop), slice(columns.start, columns.stop)
    if np.array_equal(cells.detail[block], touched):
        return cells
    detail = cells.detail.copy()
    detail[block] = touched
    return _with_bases(frame, detail)


def _with_bases(frame: Rect, detail: NDArray[np.bool_]) -> TouchedCells:
    ratio = DETAIL_CELLS // BASE_CELLS
    base: NDArray[np.bool_] = np.any(detail.reshape(BASE_CELLS, ratio, BASE_CELLS, ratio), axis=(1, 3))
    return TouchedCells(frame, base, detail)


def _cells_of(first: int, beyond: int, side: int) -> range:
    """The detail cells along one axis that the pixels [first, beyond) of the frame lie in."""
    start = max(0, first * DETAIL_CELLS // side)
    return range(start, min(DETAIL_CELLS, -(-beyond * DETAIL_CELLS // side)))


def _touched(mask: NDArray[np.uint8], frame: Rect, rows: range, columns: range) -> NDArray[np.bool_]:
    """bool [len(rows), len(columns)]: whether any painted pixel lies in the cell, or partly in it."""
    tops, lefts = _edges(rows, frame.height), _edges(columns, frame.width)
    area = Rect.between(int(lefts[0]), int(tops[0]), int(lefts[-1]) + 1, int(tops[-1]) + 1)
    block = _block(mask, area.translate(frame.x, frame.y))
    # Pairs of first and beyond: what reduceat makes of every second gap between them is left out.
    tall: NDArray[np.uint8] = np.maximum.reduceat(block, tops - tops[0], axis=0)[::2]
    most: NDArray[np.uint8] = np.maximum.reduceat(tall, lefts - lefts[0], axis=1)[:, ::2]
    return np.greater(most, 0)


def _edges(cells: range, side: int) -> NDArray[np.intp]:
    """First pixel and one past the last of each cell, in turn, from the frame's edge."""
    index = np.arange(cells.start, cells.stop)
    return np.stack((index * side // DETAIL_CELLS, -(-(index + 1) * side // DETAIL_CELLS)), axis=1).reshape(-1)


def _block(mask: NDArray[np.uint8], rect: Rect) -> NDArray[np.uint8]:
    """The mask inside `rect`; 0 where the rectangle leaves the document."""
    inside = rect.intersect(Rect(0, 0, mask.shape[1], mask.shape[0]))
    if inside == rect:
        return mask[rect.slices]
    block = np.zeros((rect.height, rect.width), np.uint8)
    if not inside.is_empty:
        block[inside.translate(-rect.x, -rect.y).slices] = mask[inside.slices]
    return block
