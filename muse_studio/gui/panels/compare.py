"""Two pictures to compare: side by side, or one under the other with an edge that is dragged. Knows not what they show.

The arrow keys move the edge; both are always shown at the same scale.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QButtonGroup, QDialog, QLabel, QPushButton, QRadioButton, QWidget

from muse_studio.gui.fields import horizontal, vertical
from muse_studio.gui.language import follow_language, tr
from muse_studio.gui.panels.thumbnails import pixmap_of
from muse_studio.gui.theme import GRID_PX, Colors

Pixels = NDArray[np.uint8]

_STEP = 0.02
_GAP_PX = GRID_PX


class Pair(QWidget):
    """Paints both. split: None side by side, else the share of the width that shows the first."""

    def __init__(self, first: Pixels, second: Pixels, colors: Colors) -> None:
        super().__init__()
        self._first, self._second = pixmap_of(first), pixmap_of(second)
        self._colors = colors
        self.split: float | None = None
        self.setMinimumSize(40 * GRID_PX, 30 * GRID_PX)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_split(self, split: float | None) -> None:
        self.split = None if split is None else min(1.0, max(0.0, split))
        self.setCursor(Qt.CursorShape.ArrowCursor if split is None else Qt.CursorShape.SplitHCursor)
        self.update()

    @property
    def area(self) -> QRectF:
        """Where the overlaid pictures are."""
        return _fit(self._first, QRectF(self.rect()))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), QColor(self._colors.surround))
        whole = QRectF(self.rect())
        if self.split is None:
            width = (whole.width() - _GAP_PX) / 2
            left = QRectF(0, 0, width, whole.height())
            _draw(painter, self._first, _fit(self._first, left))
            _draw(painter, self._second, _fit(self._second, left.translated(width + _GAP_PX, 0)))
        else:
            self._paint_split(painter, self.area, self.split)
        painter.end()

    def _paint_split(self, painter: QPainter, area: QRectF, split: float) -> None:
        _draw(painter, self._second, area)
        edge = area.left() + area.width() * split
        painter.save()
        painter.setClipRect(QRectF(area.left(), area.top(), edge - area.left(), area.height()))
        painter.fillRect(area, QColor(self._colors.surround))
        _draw(painter, self._first, area)
        painter.restore()
        for color, width_px in ((QColor(0, 0, 0, 160), 4), (QColor(255, 255, 255), 2)):
            painter.setPen(QPen(color, width_px))
            painter.drawLine(QPointF(edge, area.top()), QPointF(edge, area.bottom()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._follow(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons():
            self._follow(event)

    def _follow(self, event: QMouseEvent) -> None:
        area = self.area
        if self.split is not None and area.width() > 0:
            self.show_split((event.position().x() - area.left()) / area.width())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -_STEP, Qt.Key.Key_Right: _STEP}.get(Qt.Key(event.key()))
        if steps is None or self.split is None:
            super().keyPressEvent(event)
        else:
            self.show_split(self.split + steps)


class ComparePage(QDialog):
    """The pair with its names under it, and the choice of how it is shown."""

    def __init__(self, parent: QWidget, first: Pixels, second: Pixels, names: tuple[str, str], colors: Colors) -> None:
        """names: of the first and the second, one line each."""
        super().__init__(parent)
        self.pair = Pair(first, second, colors)
        self.beside, self.slider = QRadioButton(), QRadioButton()
        self.beside.setChecked(True)
        self._ways = QButtonGroup(self)
        for way in (self.beside, self.slider):
            self._ways.addButton(way)
        self._close = QPushButton()
        self._close.setDefault(True)
        self._close.clicked.connect(self.accept)
        self._names = [QLabel(name) for name in names]
        self._arrange()
        self.slider.toggled.connect(lambda on: self.pair.show_split(0.5 if on else None))
        follow_language(self, self._tell)
        self.resize(120 * GRID_PX, 76 * GRID_PX)

    def _arrange(self) -> None:
        labels = QWidget()
        row = horizontal(labels, 0, _GAP_PX)
        for label in self._names:
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            row.addWidget(label, 1)
        foot = QWidget()
        row = horizontal(foot, 0, 2 * GRID_PX)
        row.addWidget(self.beside)
        row.addWidget(self.slider)
        row.addStretch(1)
        row.addWidget(self._close)
        column = vertical(self, 2 * GRID_PX, GRID_PX)
        column.addWidget(self.pair, 1)
        column.addWidget(labels)
        column.addWidget(foot)

    def _tell(self) -> None:
        self.setWindowTitle(tr("Compare pictures"))
        self.pair.setAccessibleName(tr("Two pictures to compare"))
        self.beside.setText(tr("&Side by side"))
        self.beside.setToolTip(tr("Both pictures next to each other, at the same scale"))
        self.slider.setText(tr("S&lider"))
        self.slider.setToolTip(tr("One over the other: drag the edge, or move it with the arrow keys"))
        self._close.setText(tr("Close"))


def _fit(pixmap: QPixmap, into: QRectF) -> QRectF:
    """As large as it can be with its own proportions, in the middle."""
    size = pixmap.size().scaled(into.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
    area = QRectF(0, 0, size.width(), size.height())
    area.moveCenter(into.center())
    return area


def _draw(painter: QPainter, pixmap: QPixmap, area: QRectF) -> None:
    painter.drawPixmap(area, pixmap, QRectF(pixmap.rect()))
