"""The part of the frame beyond the canvas: a checkerboard, and words that say what will become of it.

Knows nothing of documents or events.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QBrush, QPainter, QPainterPath

from muse_studio.core.geometry import Rect
from muse_studio.gui.canvas.labels import draw_pill, pill_rect


def parts_beyond(frame: Rect, canvas: Rect) -> list[Rect]:
    """The frame without the canvas, as at most four rectangles; the largest first."""
    inside = frame.intersect(canvas)
    if inside.is_empty:
        return [frame]
    parts = (
        Rect.between(frame.x, frame.y, frame.right, inside.y),
        Rect.between(frame.x, inside.bottom, frame.right, frame.bottom),
        Rect.between(frame.x, inside.y, inside.x, inside.bottom),
        Rect.between(inside.right, inside.y, frame.right, inside.bottom),
    )
    return sorted((part for part in parts if not part.is_empty), key=lambda part: -part.area)


def draw_beyond(painter: QPainter, frame: QRectF, canvas: QRectF, checker: QBrush) -> None:
    """Coordinates as the painter has them."""
    path = QPainterPath()
    path.addRect(frame)
    hole = QPainterPath()
    hole.addRect(canvas)
    painter.fillPath(path - hole, checker)


def draw_beyond_words(painter: QPainter, part: QRectF, text: str) -> None:
    """In the middle of the part, if they fit into it."""
    box = pill_rect(painter.fontMetrics(), text)
    if part.width() < box.width() + 8 or part.height() < box.height() + 8:
        return
    centre = part.center()
    box.moveTopLeft(QPointF(round(centre.x() - box.width() / 2), round(centre.y() - box.height() / 2)))
    draw_pill(painter, box, text)
