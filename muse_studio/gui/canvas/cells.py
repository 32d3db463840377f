"""Which cells of the model's grids the mask touches. Knows nothing of Qt.

Of our own models the base stage decides about 16×16 cells of the frame (32 px of its 512), super-resolution about 64×64
(8 px); a model of one stage has one grid. A cell with any painted pixel is made anew as a whole, so the artist sees all
of them before generating.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from muse_studio.core.geometry import Point, Rect
from muse_studio.core.model_shape import Sight

_OWN = Sight()


@dataclass(frozen=True, slots=True, eq=False)
class TouchedCells:
    """base: bool [n, n]; detail: bool [m, m]; both of the frame, True where the mask touches the cell.

    detail is None where there is no super-resolution.
    """

    frame: Rect
    base: NDArray[np.bool_]
    detail: NDArray[np.bool_] | None

    @property
    def finest(self) -> NDArray[np.bool_]:
        """The finer grid, which the other one follows from."""
        return self.base if self.detail is None else self.detail


def touched_cells(mask: NDArray[np.uint8], frame: Rect, sight: Sight = _OWN) -> TouchedCells:
    """The cells of `frame` (document pixels, at least 64 a side) that `mask` [H, W] touches."""
    none = np.zeros((sight.finest, sight.finest), np.bool_)
    return cells_after_change(mask, _with_bases(frame, none, sight.base), frame)


def cells_under(frame: Rect, centre: Point, radius_px: float, sight: Sight = _OWN) -> TouchedCells:
    """The cells of `frame` that a disc (document pixels) touches: what a dab there would make anew."""
    edges = np.arange(sight.finest + 1) * frame.width / sight.finest
    squares = []
    for start, middle in ((frame.y, centre.y), (frame.x, centre.x)):
        off = middle - start
        nearest = np.clip(off, edges[:-1], edges[1:])
        squares.append((nearest - off) ** 2)
    return _with_bases(frame, squares[0][:, None] + squares[1][None, :] < radius_px**2, sight.base)


def cells_after_change(mask: NDArray[np.uint8], cells: TouchedCells, rect: Rect) -> TouchedCells:
    """The same frame's cells after the mask changed inside `rect`; the very same object if no cell did."""
    frame, count = cells.frame, len(cells.finest)
    rows = _cells_of(rect.y - frame.y, rect.bottom - frame.y, frame.height, count)
    columns = _cells_of(rect.x - frame.x, rect.right - frame.x, frame.width, count)
    if not rows or not columns:
        return cells
    touched = _touched(mask, frame, rows, columns, count)
    block = slice(rows.start, rows.stop), slice(columns.start, columns.stop)
    if np.array_equal(cells.finest[block], touched):
        return cells
    finest = cells.finest.copy()
    finest[block] = touched
    return _with_bases(frame, finest, len(cells.base))


def _with_bases(frame: Rect, finest: NDArray[np.bool_], count: int) -> TouchedCells:
    """count: base cells a side; as many as there are of the finest where there is one grid."""
    ratio = len(finest) // count
    if ratio == 1:
        return TouchedCells(frame, finest, None)
    base: NDArray[np.bool_] = np.any(finest.reshape(count, ratio, count, ratio), axis=(1, 3))
    return TouchedCells(frame, base, finest)


def _cells_of(first: int, beyond: int, side: int, count: int) -> range:
    """The finest cells along one axis, `count` in all, that the pixels [first, beyond) of the frame lie in."""
    start = max(0, first * count // side)
    return range(start, min(count, -(-beyond * count // side)))


def _touched(mask: NDArray[np.uint8], frame: Rect, rows: range, columns: range, count: int) -> NDArray[np.bool_]:
    """bool [len(rows), len(columns)]: whether any painted pixel lies in the cell, or partly in it."""
    tops, lefts = _edges(rows, frame.height, count), _edges(columns, frame.width, count)
    area = Rect.between(int(lefts[0]), int(tops[0]), int(lefts[-1]) + 1, int(tops[-1]) + 1)
    block = _block(mask, area.translate(frame.x, frame.y))
    # Pairs of first and beyond: what reduceat makes of every second gap between them is left out.
    tall: NDArray[np.uint8] = np.maximum.reduceat(block, tops - tops[0], axis=0)[::2]
    most: NDArray[np.uint8] = np.maximum.reduceat(tall, lefts - lefts[0], axis=1)[:, ::2]
    return np.greater(most, 0)


def _edges(cells: range, side: int, count: int) -> NDArray[np.intp]:
    """First pixel and one past the last of each cell, in turn, from the frame's edge."""
    index = np.arange(cells.start, cells.stop)
    return np.stack((index * side // count, -(-(index + 1) * side // count)), axis=1).reshape(-1)


def _block(mask: NDArray[np.uint8], rect: Rect) -> NDArray[np.uint8]:
    """The mask inside `rect`; 0 where the rectangle leaves the document."""
    inside = rect.intersect(Rect(0, 0, mask.shape[1], mask.shape[0]))
    if inside == rect:
        return mask[rect.slices]
    block = np.zeros((rect.height, rect.width), np.uint8)
    if not inside.is_empty:
        block[inside.translate(-rect.x, -rect.y).slices] = mask[inside.slices]
    return block
