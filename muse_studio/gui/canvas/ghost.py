"""Draws which cells of the model's grids the mask touches. Knows nothing of documents; cells.py counts them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from muse_studio.gui.canvas.cells import TouchedCells

LEAST_CELL_PX = 3.0
"""Cells narrower than this on the screen are not outlined one by one: the lines would be all there is."""

BASE_LINE = QColor(255, 209, 102, 235)
"""Amber for what composes, green for what details: neither is the mask's or its white edge's."""

DETAIL_LINE = QColor(127, 230, 184, 200)
_BASE_FILL = QColor(255, 209, 102, 26)
_BASE_SHADE = QColor(0, 0, 0, 130)
_INNER_LINE = QColor(255, 209, 102, 75)
_COMING_BASE, _COMING_DETAIL = QColor(255, 209, 102, 150), QColor(127, 230, 184, 140)


def draw_cells(painter: QPainter, cells: TouchedCells, frame: QRectF, area: QRectF) -> None:
    """The touched base cells as a veil with a clear outline, the touched detail cells as a finer outline within.

    frame: where the frame is on the screen; area: what will be seen of it, the rest is not drawn.
    """
    base, detail = _in_sight(cells.base, frame, area), _in_sight(cells.detail, frame, area)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for row, first, last in _runs(base):
        painter.fillRect(_cell_rect(frame, len(base), row, first, last), _BASE_FILL)
    inner, outer = outlines(base, frame)
    if frame.width() / len(detail) >= LEAST_CELL_PX:
        _draw(painter, outlines(detail, frame)[1], DETAIL_LINE)
    _draw(painter, inner, _INNER_LINE)
    _draw(painter, [line.translated(1, 1) for line in outer], _BASE_SHADE)
    _draw(painter, outer, BASE_LINE)
    painter.restore()


def draw_coming_cells(painter: QPainter, cells: TouchedCells, frame: QRectF, area: QRectF) -> None:
    """The cells that a dab here would touch: their outlines alone, fainter."""
    base, detail = _in_sight(cells.base, frame, area), _in_sight(cells.detail, frame, area)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    if frame.width() / len(detail) >= LEAST_CELL_PX:
        _draw(painter, outlines(detail, frame)[1], _COMING_DETAIL)
    outer = outlines(base, frame)[1]
    _draw(painter, [line.translated(1, 1) for line in outer], _BASE_SHADE)
    _draw(painter, outer, _COMING_BASE)
    painter.restore()


def outlines(grid: NDArray[np.bool_], frame: QRectF) -> tuple[list[QLineF], list[QLineF]]:
    """Lines between two touched cells, and lines between a touched one and another, of a square grid in `frame`."""
    padded = np.pad(grid, 1)
    sides = ((padded[1:-1, :-1], padded[1:-1, 1:], False), (padded[:-1, 1:-1], padded[1:, 1:-1], True))
    inner: list[QLineF] = []
    outer: list[QLineF] = []
    for before, after, level in sides:
        inner += _lines(before & after, frame, len(grid), level=level)
        outer += _lines(before ^ after, frame, len(grid), level=level)
    return inner, outer


def _in_sight(grid: NDArray[np.bool_], frame: QRectF, area: QRectF) -> NDArray[np.bool_]:
    """The grid without the cells more than one away from `area`: what it lacks has its lines out of sight."""
    side = frame.width() / len(grid)
    left, right = int((area.left() - frame.left()) // side) - 1, int((area.right() - frame.left()) // side) + 2
    top, bottom = int((area.top() - frame.top()) // side) - 1, int((area.bottom() - frame.top()) // side) + 2
    block = slice(max(top, 0), max(bottom, 0)), slice(max(left, 0), max(right, 0))
    seen = np.zeros_like(grid)
    seen[block] = grid[block]
    return seen


def _lines(edges: NDArray[np.bool_], frame: QRectF, count: int, *, level: bool) -> list[QLineF]:
    """edges: [count, count + 1] for upright lines, [count + 1, count] for level ones."""
    lines = []
    for line, first, last in _runs(edges if level else edges.T):
        start, end, across = _place(frame, count, first), _place(frame, count, last), _place(frame, count, line)
        if level:
            lines.append(QLineF(frame.left() + start, frame.top() + across, frame.left() + end, frame.top() + across))
        else:
            lines.append(QLineF(frame.left() + across, frame.top() + start, frame.left() + across, frame.top() + end))
    return lines


def _runs(grid: NDArray[np.bool_]) -> list[tuple[int, int, int]]:
    """Each unbroken run of True in a row: (row, first, one past the last)."""
    padded = np.pad(grid, ((0, 0), (1, 1)))
    steps = np.diff(padded.astype(np.int8), axis=1)
    starts, ends = np.argwhere(steps == 1), np.argwhere(steps == -1)
    return [(int(row), int(first), int(last)) for (row, first), (_, last) in zip(starts, ends, strict=True)]


def _place(frame: QRectF, count: int, index: int) -> float:
    return round(frame.width() * index / count)


def _cell_rect(frame: QRectF, count: int, row: int, first: int, last: int) -> QRectF:
    left, right = _place(frame, count, first), _place(frame, count, last)
    top, bottom = _place(frame, count, row), _place(frame, count, row + 1)
    return QRectF(frame.left() + left, frame.top() + top, right - left, bottom - top)


def _draw(painter: QPainter, lines: list[QLineF], color: QColor) -> None:
    painter.setPen(QPen(color, 1))
    painter.drawLines(lines)
