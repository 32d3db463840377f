"""The scrubber: all steps of a variation on one line, and the head that mouse and keys move. Knows no runs."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from muse_studio.gui.language import follow_language, tr
from muse_studio.gui.theme import DARK, GRID_PX, Colors

_HEIGHT_PX = 4 * GRID_PX
_BAR_PX = GRID_PX
_HANDLE_PX = 2 * GRID_PX
_TICK_PX = 2.4
_KEYS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_PageUp: -4,
    Qt.Key.Key_PageDown: 4,
}


@dataclass(frozen=True, slots=True)
class Scale:
    """What the line stands for. total: steps there will be; arrived: so many are there; base: of them composition."""

    total: int = 0
    arrived: int = 0
    base: int = 0


class Scrubber(QWidget):
    """A line of steps: composition, then detail. Arrow keys, Home, End, click and drag."""

    sought = Signal(int)
    """The step that a person wants, from 0."""

    moved = Signal(int)
    """So many steps forward, or back where negative."""

    def __init__(self) -> None:
        super().__init__()
        self._scale, self._head, self._colors = Scale(), -1, DARK
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumWidth(12 * GRID_PX)
        self.setFixedHeight(_HEIGHT_PX)
        follow_language(self, self._say)

    def _say(self) -> None:
        self.setAccessibleName(tr("Step"))
        self.setToolTip(tr("Drag to look at any step. Arrow keys go one step, Home and End to the first and last"))

    def sizeHint(self) -> QSize:
        return QSize(40 * GRID_PX, _HEIGHT_PX)

    def show_scale(self, scale: Scale, head: int) -> None:
        """Stand at a step of this many; -1 where there is none."""
        if (scale, head) != (self._scale, self._head):
            self._scale, self._head = scale, head
            self.setEnabled(scale.arrived > 0)
            words = tr("Step {number} of {total}", number=head + 1, total=scale.total) if head >= 0 else ""
            self.setAccessibleDescription(words)
            self.update()

    def wear(self, colors: Colors) -> None:
        self._colors = colors
        self.update()

    # Places

    @property
    def _line(self) -> QRectF:
        """The bar, with room for half a handle at both ends."""
        half = _HANDLE_PX / 2
        return QRectF(half, (self.height() - _BAR_PX) / 2, self.width() - 2 * half, _BAR_PX)

    def place_of(self, step: int) -> float:
        """Where a step is on the line, as x in logical pixels."""
        line = self._line
        return line.left() + line.width() * (step / max(1, self._scale.total - 1))

    def step_at(self, x: float) -> int:
        """The step nearest to x, of those that are there."""
        line = self._line
        share = (x - line.left()) / max(1.0, line.width())
        return min(max(round(share * max(1, self._scale.total - 1)), 0), max(0, self._scale.arrived - 1))

    # Events

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._scale.arrived:
            self.sought.emit(self.step_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton and self._scale.arrived:
            step = self.step_at(event.position().x())
            if step != self._head:
                self.sought.emit(step)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _KEYS:
            self.moved.emit(_KEYS[key])
        elif key == Qt.Key.Key_Home:
            self.sought.emit(0)
        elif key == Qt.Key.Key_End:
            self.sought.emit(max(0, self._scale.arrived - 1))
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        line, colors, scale = self._line, self._colors, self._scale
        painter.setBrush(QColor(colors.line))
        painter.drawRoundedRect(line, _BAR_PX / 2, _BAR_PX / 2)
        if scale.total and self._head >= 0:
            self._paint_arrived(painter, line)
            self._paint_ticks(painter, line)
            self._paint_handle(painter)
        painter.end()

    def _paint_arrived(self, painter: QPainter, line: QRectF) -> None:
        """How far the decode has come, and how far of it the head is."""
        for step, color in ((self._scale.arrived - 1, self._colors.edge), (self._head, self._colors.accent)):
            painter.setBrush(QColor(color))
            width = max(_BAR_PX, self.place_of(step) - line.left())
            painter.drawRoundedRect(QRectF(line.left(), line.top(), width, _BAR_PX), _BAR_PX / 2, _BAR_PX / 2)

    def _paint_ticks(self, painter: QPainter, line: QRectF) -> None:
        """Each step's place, and a taller mark where detail begins."""
        gap = line.width() / max(1, self._scale.total - 1)
        if gap >= _BAR_PX:
            middle = line.center().y()
            painter.setPen(QPen(QColor(self._colors.panel), _TICK_PX, c=Qt.PenCapStyle.RoundCap))
            painter.drawPoints([QPointF(self.place_of(step), middle) for step in range(self._scale.total)])
            painter.setPen(Qt.PenStyle.NoPen)
        if 0 < self._scale.base < self._scale.total:
            x = (self.place_of(self._scale.base - 1) + self.place_of(self._scale.base)) / 2
            painter.setPen(QPen(QColor(self._colors.text_muted), 1.5))
            painter.drawLine(QPointF(x, line.top() - 5), QPointF(x, line.bottom() + 5))
            painter.setPen(Qt.PenStyle.NoPen)

    def _paint_handle(self, painter: QPainter) -> None:
        centre, radius = QPointF(self.place_of(self._head), self._line.center().y()), _HANDLE_PX / 2 - 1
        if self.hasFocus():
            painter.setBrush(QColor(self._colors.focus))
            painter.drawEllipse(centre, radius + 1, radius + 1)
            radius -= 2
        painter.setBrush(QColor(self._colors.text))
        painter.drawEllipse(centre, radius, radius)
