"""The line between before and after: how it is drawn, and dragged. Knows nothing of pictures.

Coordinates are the widget's own (logical pixels) unless said otherwise.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from muse_studio.gui.canvas.gestures import Gesture
from muse_studio.gui.canvas.labels import draw_pill, pill_rect
from muse_studio.gui.canvas.view import View

GRAB_PX = 10.0
KNOB_PX = 15.0
STEP_SHARE = 0.02
"""How far an arrow key moves it, as a share of the widget's width."""

_LIGHT, _DARK = QColor(255, 255, 255, 245), QColor(0, 0, 0, 150)
_GROUND, _INK = QColor(18, 19, 22, 235), QColor(245, 245, 247)
_LABEL_GAP_PX = 12.0


class DividerGesture(Gesture):
    """Drags the line sideways; cancelling puts it back."""

    def __init__(self, share: float, width_px: float, moved: Callable[[float], None]) -> None:
        """share: of the width, where it is; width_px: device pixels; moved: told of each new share."""
        self._before, self._width_px, self._moved = share, max(width_px, 1.0), moved

    def move(self, x: float, y: float, pressure: float, view: View) -> None:
        self._moved(x / self._width_px)

    def cancel(self) -> None:
        self._moved(self._before)


def divider_area(at: float, height: float, label_width: float) -> QRect:
    """All that `draw_divider` may touch. label_width: of the longer word."""
    reach = max(KNOB_PX, label_width + 2 * _LABEL_GAP_PX + 20) + 2
    return QRectF(at - reach, 0, 2 * reach, height).toAlignedRect()


def draw_divider(painter: QPainter, at: float, height: float, before: str, after: str) -> None:
    """The line with its knob in the middle, and a word at each side of its upper end."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for color, width in ((_DARK, 4.0), (_LIGHT, 2.0)):
        painter.setPen(QPen(color, width))
        painter.drawLine(QLineF(at, 0, at, height))
    centre = QPointF(at, height / 2)
    painter.setPen(QPen(_LIGHT, 2.0))
    painter.setBrush(_GROUND)
    painter.drawEllipse(centre, KNOB_PX, KNOB_PX)
    painter.setPen(QPen(_INK, 2.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    for side in (-1, 1):
        painter.drawPolyline([centre + QPointF(side * x, y) for x, y in ((4, -4), (8, 0), (4, 4))])
    painter.restore()
    for text, side in ((before, -1), (after, 1)):
        box = pill_rect(painter.fontMetrics(), text)
        left = at + _LABEL_GAP_PX if side > 0 else at - _LABEL_GAP_PX - box.width()
        box.moveTopLeft(QPointF(round(left), _LABEL_GAP_PX))
        draw_pill(painter, box, text)
