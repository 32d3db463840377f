"""Draws which cells of the model's grids the mask touches. Knows nothing of documents; cells.py counts them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRectF, Qt
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


@dataclass(frozen=True, slots=True, eq=False)
class GhostLines:
    """What is drawn for some cells: worked out once, drawn at every dab until a cell changes.

    frame: where the frame is on the screen.
    """

    cells: TouchedCells
    frame: QRectF
    fills: list[QRectF]
    inner: list[QLineF]
    outer: list[QLineF]
    shade: list[QLineF]
    detail: list[QLineF]


def ghost_lines(cells: TouchedCells, frame: QRectF) -> GhostLines:
    """The touched base cells as a veil with a clear outline, the touched detail cells as a finer outline within."""
    count = len(cells.base)
    fills = [_cell_rect(frame, count, row, first, last) for row, first, last in _runs(cells.base)]
    inner, outer = outlines(cells.base, frame)
    fine = cells.detail is not None and frame.width() / len(cells.detail) >= LEAST_CELL_PX
    detail = outlines(cells.detail, frame, inside=False)[1] if fine and cells.detail is not None else []
    return GhostLines(cells, frame, fills, inner, outer, [line.translated(1, 1) for line in outer], detail)


def draw_cells(painter: QPainter, lines: GhostLines) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_BASE_FILL)
    painter.drawRects(lines.fills)
    for group, color in (
        (lines.detail, DETAIL_LINE),
        (lines.inner, _INNER_LINE),
        (lines.shade, _BASE_SHADE),
        (lines.outer, BASE_LINE),
    ):
        _draw(painter, group, color)
    painter.restore()


def draw_coming_cells(painter: QPainter, lines: GhostLines) -> None:
    """The cells that a dab here would touch: their outlines alone, fainter."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for group, color in (
        (lines.detail, _COMING_DETAIL),
        (lines.shade, _BASE_SHADE),
        (lines.outer, _COMING_BASE),
    ):
        _draw(painter, group, color)
    painter.restore()


def outlines(grid: NDArray[np.bool_], frame: QRectF, *, inside: bool = True) -> tuple[list[QLineF], list[QLineF]]:
    """Lines between two touched cells, and lines between a touched one and another, of a square grid in `frame`.

    inside: whether the first are wanted.
    """
    padded = np.zeros((len(grid) + 2, len(grid) + 2), np.bool_)
    padded[1:-1, 1:-1] = grid
    sides = ((padded[1:-1, :-1], padded[1:-1, 1:], False), (padded[:-1, 1:-1], padded[1:, 1:-1], True))
    inner: list[QLineF] = []
    outer: list[QLineF] = []
    for before, after, level in sides:
        if inside:
            inner += _lines(before & after, frame, len(grid), level=level)
        outer += _lines(before ^ after, frame, len(grid), level=level)
    return inner, outer


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
    padded = np.zeros((grid.shape[0], grid.shape[1] + 2), np.bool_)
    padded[:, 1:-1] = grid
    rows, columns = np.nonzero(padded[:, 1:] != padded[:, :-1])  # a start and an end in turn
    return list(zip(rows[::2].tolist(), columns[::2].tolist(), columns[1::2].tolist(), strict=True))


def _place(frame: QRectF, count: int, index: int) -> float:
    return round(frame.width() * index / count)


def _cell_rect(frame: QRectF, count: int, row: int, first: int, last: int) -> QRectF:
    left, right = _place(frame, count, first), _place(frame, count, last)
    top, bottom = _place(frame, count, row), _place(frame, count, row + 1)
    return QRectF(frame.left() + left, frame.top() + top, right - left, bottom - top)


def _draw(painter: QPainter, lines: list[QLineF], color: QColor) -> None:
    if lines:
        painter.setPen(QPen(color, 1))
        painter.drawLines(lines)
