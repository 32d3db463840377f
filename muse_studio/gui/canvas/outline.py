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


class Trace:
    """A line that grows at its end, in pieces of `_PIECE` points: what is finished is never touched again."""

    def __init__(self) -> None:
        self._pieces: list[QPolygonF] = [QPolygonF()]
        self._bounds: list[QRectF] = [QRectF()]
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, point: QPointF) -> None:
        self._pieces[-1].append(point)
        self._bounds[-1] = self._pieces[-1].boundingRect()
        self._count += 1
        if self._pieces[-1].size() > _PIECE:
            self._pieces.append(QPolygonF([point]))
            self._bounds.append(QRectF(point, point))

    def near(self, area: QRectF) -> list[QPolygonF]:
        """The pieces that come into `area`."""
        around = area.adjusted(-MARGIN_PX, -MARGIN_PX, MARGIN_PX, MARGIN_PX)
        pairs = zip(self._pieces, self._bounds, strict=True)
        # Not QRectF.intersects: a level or upright line has no area.
        return [piece for piece, bounds in pairs if piece.size() > 1 and _meet(bounds, around)]


def draw_outline(painter: QPainter, trace: Trace, area: QRectF) -> None:
    """The line, where it comes into `area`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    seen = trace.near(area)
    for pen in (QPen(_DARK, 3.0), _dashed(QPen(_LIGHT, 1.3))):
        painter.setPen(pen)
        for piece in seen:
            painter.drawPolyline(piece)
    painter.restore()


def trace_of(points: Sequence[QPointF], *, closed: bool) -> Trace:
    trace = Trace()
    for point in [*points, points[0]] if closed else points:
        trace.add(point)
    return trace


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


def _meet(first: QRectF, second: QRectF) -> bool:
    across = first.left() <= second.right() and second.left() <= first.right()
    return across and first.top() <= second.bottom() and second.top() <= first.bottom()


def _dashed(pen: QPen) -> QPen:
    pen.setDashPattern([4.0, 3.0])
    return pen
