"""Draws the outline of an area in the making. Knows nothing of how it came about.

Coordinates are the widget's own (logical pixels). Dark under light, so that it reads on any picture.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from muse_studio.core.selection import Combine

MARGIN_PX = 4
_PIECE = 64
"""Points drawn at once: a long lasso is drawn only where it is to be painted."""

_LIGHT, _DARK = QColor(255, 255, 255, 245), QColor(0, 0, 0, 175)
_CORNER_PX = 7.0
_SIGN_PX = 5.0
_SIGN_OFFSET = QPointF(13, 13)


def outline_area(points: Sequence[QPointF]) -> QRect:
    """All that `draw_outline` may touch."""
    bounds = QPolygonF(list(points)).boundingRect()
    return bounds.adjusted(-MARGIN_PX, -MARGIN_PX, MARGIN_PX, MARGIN_PX).toAlignedRect()


def draw_outline(painter: QPainter, points: Sequence[QPointF], area: QRectF, *, closed: bool) -> None:
    """The line through the points, where it comes into `area`."""
    line = [*points, points[0]] if closed else list(points)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pieces = [QPolygonF(line[start : start + _PIECE + 1]) for start in range(0, len(line), _PIECE)]
    seen = [piece for piece in pieces if _near(piece, area)]
    for pen in (QPen(_DARK, 3.0), _dashed(QPen(_LIGHT, 1.3))):
        painter.setPen(pen)
        for piece in seen:
            painter.drawPolyline(piece)
    painter.restore()


def draw_corners(painter: QPainter, points: Sequence[QPointF], *, closes: bool) -> None:
    """The corners of a polygon in the making. closes: a click now would close it, so the first one is lit."""
    painter.save()
    painter.setPen(QPen(QColor(20, 20, 24, 220), 1))
    for index, point in enumerate(points):
        side = _CORNER_PX + 4 if closes and index == 0 else _CORNER_PX
        painter.setBrush(QColor("#ffd166") if closes and index == 0 else QColor(255, 255, 255))
        painter.drawRect(QRectF(round(point.x() - side / 2), round(point.y() - side / 2), side - 1, side - 1))
    painter.restore()


def sign_area(centre: QPointF) -> QRect:
    reach = _SIGN_PX + MARGIN_PX
    place = centre + _SIGN_OFFSET
    return QRectF(place.x() - reach, place.y() - reach, 2 * reach, 2 * reach).toAlignedRect()


def draw_sign(painter: QPainter, centre: QPointF, how: Combine) -> None:
    """Beside the pointer: a plus, a minus or a cross for what the area will do; nothing if it is the new mask."""
    half, place = _SIGN_PX, centre + _SIGN_OFFSET
    lines = {
        Combine.REPLACE: (),
        Combine.ADD: ((-half, 0, half, 0), (0, -half, 0, half)),
        Combine.SUBTRACT: ((-half, 0, half, 0),),
        Combine.INTERSECT: ((-half, -half, half, half), (-half, half, half, -half)),
    }[how]
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for color, width in ((_DARK, 4.0), (_LIGHT, 2.0)):
        painter.setPen(QPen(color, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        for x1, y1, x2, y2 in lines:
            painter.drawLine(place + QPointF(x1, y1), place + QPointF(x2, y2))
    painter.restore()


def _near(piece: QPolygonF, area: QRectF) -> bool:
    bounds = piece.boundingRect().adjusted(-MARGIN_PX, -MARGIN_PX, MARGIN_PX, MARGIN_PX)
    return bounds.intersects(area)


def _dashed(pen: QPen) -> QPen:
    pen.setDashPattern([4.0, 3.0])
    return pen
