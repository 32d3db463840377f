"""The brush's ring under the pointer, and what is shown while it is resized. Knows nothing of documents or events.

Coordinates are the widget's own (logical pixels). Every line is drawn dark and light so that it reads on any picture.
"""

from __future__ import annotations

import math
from functools import lru_cache

from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QRadialGradient

from muse_studio.gui.canvas.labels import draw_pill, pill_rect
from muse_studio.gui.canvas.tools import BrushSettings

RING_MARGIN_PX = 4
CROSS_PX = 7.0
"""Arm's reach of the cross that stands in for a ring too small to see."""

LEAST_RING_PX = 3.0
KEPT_RADIUS_PX = 400.0
"""Rings up to here are drawn once and kept as a picture; larger ones are drawn each time, without smoothing."""

_LIGHT, _DARK = QColor(255, 255, 255, 245), QColor(0, 0, 0, 175)
_FAINT_LIGHT, _FAINT_DARK = QColor(255, 255, 255, 150), QColor(0, 0, 0, 90)


def ring_area(centre: QPointF, radius: float) -> QRect:
    """All that the ring (or its cross) may touch."""
    reach = max(radius, CROSS_PX) + RING_MARGIN_PX
    return QRectF(centre.x() - reach, centre.y() - reach, 2 * reach, 2 * reach).toAlignedRect()


def draw_ring(painter: QPainter, centre: QPointF, radius: float, hardness: float, *, erase: bool) -> None:
    """The brush's edge, and inside it how far it is solid. An eraser's edge is dashed."""
    if radius > KEPT_RADIUS_PX:
        _paint_ring(painter, centre, radius, hardness, erase=erase)
        return
    ratio = painter.device().devicePixelRatioF()
    image = _ring_image(round(radius * ratio * 4) / (ratio * 4), hardness, erase, ratio)
    half = image.width() / ratio / 2
    corner = QPointF(round((centre.x() - half) * ratio) / ratio, round((centre.y() - half) * ratio) / ratio)
    painter.drawImage(corner, image)


@lru_cache(maxsize=8)
def _ring_image(radius: float, hardness: float, erase: bool, ratio: float) -> QImage:
    """The ring in the middle of a transparent picture: smooth circles cost a millisecond, and change seldom."""
    side = 2 * math.ceil((max(radius, CROSS_PX) + RING_MARGIN_PX) * ratio)
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(0)
    painter = QPainter(image)
    _paint_ring(painter, QPointF(side / ratio / 2, side / ratio / 2), radius, hardness, erase=erase)
    painter.end()
    return image


def _paint_ring(painter: QPainter, centre: QPointF, radius: float, hardness: float, *, erase: bool) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, radius <= KEPT_RADIUS_PX)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if radius < LEAST_RING_PX:
        _draw_cross(painter, centre)
    else:
        _circle(painter, centre, radius, _DARK, _LIGHT, dashed=erase)
        if 0.02 < hardness < 0.98 and radius * min(hardness, 1 - hardness) > 2.5:
            _circle(painter, centre, radius * hardness, _FAINT_DARK, _FAINT_LIGHT, dashed=False)
    painter.restore()


def draw_line_hint(painter: QPainter, start: QPointF, end: QPointF) -> None:
    """Where a straight stroke would go."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for color, width in ((_DARK, 2.6), (_LIGHT, 1.2)):
        painter.setPen(QPen(color, width))
        painter.drawLine(QLineF(start, end))
    painter.restore()


def line_hint_area(start: QPointF, end: QPointF) -> QRect:
    return QRectF(start, end).normalized().adjusted(-4, -4, 4, 4).toAlignedRect()


def sizing_text(settings: BrushSettings) -> str:
    return f"{settings.size_px:.0f} px   ·   {settings.hardness * 100:.0f} %"


def sizing_area(painter_font_height: int, centre: QPointF, radius: float) -> QRect:
    """All that `draw_sizing` may touch."""
    reach = radius + 8 * painter_font_height
    return QRectF(centre.x() - reach, centre.y() - reach, 2 * reach, 2 * reach).toAlignedRect()


def draw_sizing(painter: QPainter, centre: QPointF, radius: float, settings: BrushSettings, color: QColor) -> None:
    """The dab that this brush would leave, and its size and hardness in words."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_dab(centre, radius, settings, color))
    painter.drawEllipse(centre, radius, radius)
    painter.restore()
    draw_ring(painter, centre, radius, settings.hardness, erase=False)
    text = sizing_text(settings)
    box = pill_rect(painter.fontMetrics(), text)
    below = radius + 10 if radius < 160 else -box.height() / 2
    box.moveTopLeft(QPointF(round(centre.x() - box.width() / 2), round(centre.y() + below)))
    draw_pill(painter, box, text)


def _dab(centre: QPointF, radius: float, settings: BrushSettings, color: QColor) -> QRadialGradient:
    gradient = QRadialGradient(centre, max(radius, 0.5))
    for index in range(9):
        share = index / 8
        shade = QColor(color)
        shade.setAlphaF(0.7 * settings.opacity * (0.5 + 0.5 * math.cos(math.pi * share)))
        gradient.setColorAt(settings.hardness + (1 - settings.hardness) * share, shade)
    return gradient


def _circle(painter: QPainter, centre: QPointF, radius: float, dark: QColor, light: QColor, *, dashed: bool) -> None:
    painter.setPen(QPen(dark, 3.0))
    painter.drawEllipse(centre, radius, radius)
    pen = QPen(light, 1.3)
    if dashed:
        pen.setDashPattern([4.0, 3.0])
    painter.setPen(pen)
    painter.drawEllipse(centre, radius, radius)


def _draw_cross(painter: QPainter, centre: QPointF) -> None:
    arms = [
        QLineF(centre + QPointF(dx * LEAST_RING_PX, dy * LEAST_RING_PX), centre + QPointF(dx * CROSS_PX, dy * CROSS_PX))
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1))
    ]
    for color, width in ((_DARK, 3.0), (_LIGHT, 1.3)):
        painter.setPen(QPen(color, width))
        painter.drawLines(arms)
