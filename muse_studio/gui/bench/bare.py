"""Bare Qt, the yardstick: a QWidget that paints dabs over a picture, or moves one, with nothing around it.

It does what any canvas must: stamp a dab where the pointer is, ask for those few pixels, and paint them with the ring
of the brush. No document, no undo, no zoom. Nobody can be faster with QPainter, so a ratio to it is a ratio to Qt.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from PySide6.QtCore import QPointF, QRect, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

_MARGIN_PX = 2


class BareCanvas(QWidget):
    """A picture with dabs over it. timed: as the studio's canvas, milliseconds from an event to its finished paint."""

    strokeTimed = Signal(float)

    def __init__(self, picture: QImage, zoom: float, dab_px: float) -> None:
        """picture: RGB32, shown at `zoom`. dab_px: the brush's diameter on the screen; 0 moves the picture instead."""
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._picture, self._zoom, self._dab_px = picture, zoom, dab_px
        self._mask = QImage()
        self._pointer = self._left_top = QPointF()
        self._received_s: list[float] = []

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pointer = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._received_s.append(perf_counter())
        before, self._pointer = self._pointer, event.position()
        if self._dab_px:
            self._stamp(before)
        else:
            self._left_top += self._pointer - before
            self.update()

    def _stamp(self, before: QPointF) -> None:
        if self._mask.size() != self.size():
            self._mask = QImage(self.size(), QImage.Format.Format_ARGB32_Premultiplied)
            self._mask.fill(0)
        pen = QPen(QColor(255, 90, 120, 140), self._dab_px)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter = QPainter(self._mask)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        painter.setPen(pen)
        painter.drawLine(before, self._pointer)
        painter.end()
        self.update(self._around(before) | self._around(self._pointer))

    def _around(self, point: QPointF) -> QRect:
        reach = round(self._dab_px / 2) + _MARGIN_PX
        middle = point.toPoint()
        return QRect(middle.x() - reach, middle.y() - reach, 2 * reach + 1, 2 * reach + 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setClipRect(event.rect())
        painter.save()
        painter.translate(self._left_top)
        painter.scale(self._zoom, self._zoom)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._zoom != 1.0)
        painter.drawImage(0, 0, self._picture)
        painter.restore()
        if self._dab_px:
            painter.drawImage(event.rect().topLeft(), self._mask, event.rect())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QColor("white"))
            painter.drawEllipse(self._pointer, self._dab_px / 2, self._dab_px / 2)
        painter.end()
        self._tell(self.strokeTimed.emit)

    def _tell(self, emit: Callable[[float], object]) -> None:
        now_s = perf_counter()
        received_s, self._received_s = self._received_s, []
        for moment_s in received_s:
            emit((now_s - moment_s) * 1000)
