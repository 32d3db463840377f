"""The model's frame on the screen: its border, handles and label, and which handle a point is on.

Coordinates are the widget's own (logical pixels) unless said otherwise. Knows nothing of documents or events.
"""

from __future__ import annotations

import math
from enum import Enum

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPainterPath, QPen

from muse_studio.core.geometry import Rect
from muse_studio.gui.canvas.labels import draw_pill, pill_rect

HANDLE_PX = 9.0
GRAB_PX = 10.0
"""How near a handle or an edge the pointer must be; more than is drawn, for pens and tremors."""

CORNER_PX = 16.0
_DIM = QColor(0, 0, 0, 130)
_LIGHT, _DARK = QColor(255, 255, 255, 245), QColor(0, 0, 0, 170)
_QUIET_LIGHT, _QUIET_DARK = QColor(255, 255, 255, 120), QColor(0, 0, 0, 90)


class Grip(Enum):
    """Where the frame is taken hold of: value is (x, y), -1 for left or top, 1 for right or bottom, 0 for neither."""

    INSIDE = (0, 0)
    TOP_LEFT = (-1, -1)
    TOP = (0, -1)
    TOP_RIGHT = (1, -1)
    RIGHT = (1, 0)
    BOTTOM_RIGHT = (1, 1)
    BOTTOM = (0, 1)
    BOTTOM_LEFT = (-1, 1)
    LEFT = (-1, 0)

    def cursor(self, across: tuple[float, float], down: tuple[float, float]) -> Qt.CursorShape:
        """across, down: where the document's right and lower side look on the screen."""
        if self is Grip.INSIDE:
            return Qt.CursorShape.SizeAllCursor
        x, y = self.value
        angle = math.degrees(math.atan2(across[1] * x + down[1] * y, across[0] * x + down[0] * y))
        return _CURSORS[round(angle / 45) % 4]


_CURSORS = (
    Qt.CursorShape.SizeHorCursor,
    Qt.CursorShape.SizeFDiagCursor,
    Qt.CursorShape.SizeVerCursor,
    Qt.CursorShape.SizeBDiagCursor,
)
"""Every 45 degrees clockwise from the right; the other half is the same again."""


def grip_at(frame: QRectF, point: QPointF) -> Grip | None:
    """The handle or edge under the point, corners first; INSIDE within the frame; None outside it."""
    if not frame.adjusted(-GRAB_PX, -GRAB_PX, GRAB_PX, GRAB_PX).contains(point):
        return None
    x = _side(point.x(), frame.left(), frame.right())
    y = _side(point.y(), frame.top(), frame.bottom())
    return Grip((x, y))


def _side(value: float, low: float, high: float) -> int:
    reach = min(GRAB_PX, (high - low) / 4)  # a small frame keeps a middle to be moved by
    if value < low + reach:
        return -1
    return 1 if value > high - reach else 0


def frame_label(frame: Rect, seen_px: int) -> str:
    """What the model sees: its side in document pixels, and the side in px that this is reduced or magnified to."""
    text = f"{frame.width} × {frame.height}"
    return text if frame.width == seen_px else f"{text}  →  {seen_px}"


def draw_frame(painter: QPainter, viewport: QRectF, frame: QRectF, *, active: bool, askew: bool) -> None:
    """active: as the frame tool shows it, with the rest of `viewport` dimmed, and handles; else two quiet lines.

    askew: the painter is turned by no whole quarter, so lines are smoothed.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, askew)
    if active:
        _draw_dim(painter, viewport, frame)
        _draw_box(painter, frame, _DARK, _LIGHT)
        _draw_handles(painter, frame)
    else:
        _draw_box(painter, frame, _QUIET_DARK, _QUIET_LIGHT)
        _draw_corners(painter, frame)
    painter.restore()


def draw_frame_label(painter: QPainter, viewport: QRectF, frame: QRectF, label: str) -> None:
    """frame: all of the widget that the frame takes up."""
    draw_pill(painter, label_box(painter.fontMetrics(), viewport, frame, label), label)


def _draw_dim(painter: QPainter, viewport: QRectF, frame: QRectF) -> None:
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.OddEvenFill)
    path.addRect(viewport)
    path.addRect(frame.intersected(viewport))
    painter.fillPath(path, _DIM)


def _draw_box(painter: QPainter, frame: QRectF, dark: QColor, light: QColor) -> None:
    """Dark just outside, light just inside: crisp on the pixel grid, with no half-covered pixels."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for color, outset in ((dark, 1), (light, 0)):
        painter.setPen(QPen(color, 1))
        painter.drawRect(frame.adjusted(-outset, -outset, outset - 1, outset - 1))


def _draw_corners(painter: QPainter, frame: QRectF) -> None:
    reach = min(CORNER_PX, frame.width() / 4)
    lines = []
    for corner, dx, dy in (
        (frame.topLeft(), 1, 1),
        (frame.topRight() - QPointF(1, 0), -1, 1),
        (frame.bottomLeft() - QPointF(0, 1), 1, -1),
        (frame.bottomRight() - QPointF(1, 1), -1, -1),
    ):
        lines.append(QLineF(corner, corner + QPointF(dx * reach, 0)))
        lines.append(QLineF(corner, corner + QPointF(0, dy * reach)))
    for color, width in ((_QUIET_DARK, 4), (_LIGHT, 2)):
        painter.setPen(QPen(color, width))
        painter.drawLines(lines)


def _draw_handles(painter: QPainter, frame: QRectF) -> None:
    painter.setPen(QPen(QColor(20, 20, 24, 220), 1))
    painter.setBrush(QColor(255, 255, 255))
    for grip in Grip:
        if grip is not Grip.INSIDE:
            painter.drawRect(_handle(frame, grip))


def _handle(frame: QRectF, grip: Grip) -> QRectF:
    x, y = grip.value
    centre = frame.center() + QPointF(x * frame.width() / 2, y * frame.height() / 2)
    half = HANDLE_PX / 2
    return QRectF(round(centre.x() - half), round(centre.y() - half), HANDLE_PX - 1, HANDLE_PX - 1)


def label_box(metrics: QFontMetrics, viewport: QRectF, frame: QRectF, label: str) -> QRectF:
    """Above the frame's top left corner; inside it where the viewport ends."""
    box = pill_rect(metrics, label)
    above = frame.top() - box.height() - HANDLE_PX
    top = above if above >= viewport.top() + 4 else frame.top() + HANDLE_PX + 2
    left = frame.left() if above >= viewport.top() + 4 else frame.left() + HANDLE_PX + 2
    left = min(max(left, viewport.left() + 4), viewport.right() - box.width() - 4)
    box.moveTopLeft(QPointF(round(left), round(max(top, viewport.top() + 4))))
    return box
