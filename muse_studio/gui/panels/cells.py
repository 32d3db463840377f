"""How one entry of the gallery is painted: thumbnail, star, and whether it is chosen. Knows nothing of lists."""

from __future__ import annotations

from collections import OrderedDict

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from muse_studio.core.entries import Entry
from muse_studio.gui.icons import drawing
from muse_studio.gui.panels.thumbnails import EntryList
from muse_studio.gui.theme import GRID_PX, Colors

CELL_PX = 12 * GRID_PX
_GAP_PX = GRID_PX // 2
_ROUND_PX = GRID_PX // 2
_STAR_PX = 16
_MADE_LIMIT = 400  # a few screens full
_SELECTED = QStyle.StateFlag.State_Selected
_STAR_COLOR = "#ffd166"


class CellPainter(QStyledItemDelegate):
    """A square with the picture in it."""

    def __init__(self, entries: EntryList, colors: Colors, parent: QWidget) -> None:
        super().__init__(parent)
        self._entries, self.colors = entries, colors
        self.side_px = CELL_PX
        self._made: OrderedDict[tuple[object, ...], QPixmap] = OrderedDict()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(self.side_px, self.side_px)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        entry = self._entries.entry(index)
        cell: QRect = option.rect  # type: ignore[attr-defined]
        inner = cell.adjusted(_GAP_PX, _GAP_PX, -_GAP_PX, -_GAP_PX)
        painter.drawPixmap(inner.topLeft(), self._picture(entry, inner.size(), painter.device().devicePixelRatioF()))
        state: QStyle.StateFlag = option.state  # type: ignore[attr-defined]
        if entry.starred or state & (_SELECTED | QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_HasFocus):
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_ring(painter, inner, state)
            if entry.starred:
                self._paint_star(painter, inner)
            painter.restore()

    def _picture(self, entry: Entry, size: QSize, scale: float) -> QPixmap:
        """The thumbnail as large as the cell, with round corners: made once, so that scrolling only copies it."""
        pixmap = self._entries.pixmap(entry)
        key = ("" if pixmap is None else entry.name, size.width(), size.height(), scale, self.colors.name)
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._make(pixmap, size, scale)
            while len(self._made) > _MADE_LIMIT:
                self._made.popitem(last=False)
        else:
            self._made.move_to_end(key)
        return made

    def _make(self, pixmap: QPixmap | None, size: QSize, scale: float) -> QPixmap:
        made = QPixmap(size * scale)
        made.setDevicePixelRatio(scale)
        made.fill(Qt.GlobalColor.transparent)
        area = QRectF(0, 0, size.width(), size.height())
        if pixmap is not None:
            fitted = pixmap.size().scaled(size, Qt.AspectRatioMode.KeepAspectRatio)
            area = QRectF((size.width() - fitted.width()) / 2, (size.height() - fitted.height()) / 2, *fitted.toTuple())
        path = QPainterPath()
        path.addRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), _ROUND_PX, _ROUND_PX)
        painter = QPainter(made)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        painter.setClipPath(path)
        painter.fillRect(area, QColor(self.colors.raised))
        if pixmap is not None:
            painter.drawPixmap(area, pixmap, QRectF(pixmap.rect()))
        painter.setClipping(False)
        painter.setPen(QPen(QColor(self.colors.line), 1))  # a white picture on a white panel has an edge too
        painter.drawPath(path)
        painter.end()
        return made

    def _paint_ring(self, painter: QPainter, inner: QRect, state: QStyle.StateFlag) -> None:
        """Chosen: a ring in the accent. Where the keyboard is: one in the text's colour around it."""
        if state & _SELECTED:
            _ring(painter, inner, self.colors.accent, 3)
        elif state & QStyle.StateFlag.State_MouseOver:
            _ring(painter, inner, self.colors.edge, 1)
        if state & QStyle.StateFlag.State_HasFocus:
            _ring(painter, inner.adjusted(-2, -2, 2, 2), self.colors.focus, 2)

    def _paint_star(self, painter: QPainter, inner: QRect) -> None:
        """On a dark round ground, so that it shows on every picture."""
        side = _STAR_PX + GRID_PX
        ground = QRectF(inner.right() - side - 2, inner.top() + 4, side, side)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 170))
        painter.drawEllipse(ground)
        scale = painter.device().devicePixelRatioF()
        star = drawing("star-filled", _STAR_COLOR, _STAR_PX, scale)
        corner = ground.center() - QPointF(_STAR_PX / 2, _STAR_PX / 2)
        painter.drawPixmap(corner, star)


def _ring(painter: QPainter, around: QRect, color: str, width_px: int) -> None:
    painter.setPen(QPen(QColor(color), width_px))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    half = width_px / 2
    painter.drawRoundedRect(QRectF(around).adjusted(half, half, -half, -half), _ROUND_PX, _ROUND_PX)
