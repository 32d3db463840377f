"""The document's layers as rows that Qt can show, and how a row is painted. Knows nothing of what is done with them.

The top layer is the first row. A row shows an eye, a thumbnail, the name and what is special; the active one shows its
variations as a strip below, if there are several.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import QAbstractListModel, QMimeData, QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QLineEdit, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from muse_studio.core.document import BACKGROUND
from muse_studio.core.layers import Layer, Variation
from muse_studio.core.limits import LAYER_NAME_LIMIT_CHARACTERS
from muse_studio.gui.icons import drawing
from muse_studio.gui.language import tr
from muse_studio.gui.theme import GRID_PX, Colors

AnyIndex = QModelIndex | QPersistentModelIndex

LAYER_MIME = "application/x-muse-studio-layer"
"""The id of a layer that is dragged to another place in the list."""

ROW_PX = 6 * GRID_PX
EYE_PX = 4 * GRID_PX
THUMB_PX = 5 * GRID_PX
STRIP_PX = 6 * GRID_PX
_ICON_PX = 20
_ROUND_PX = GRID_PX // 2
_CHECK_PX = 5
_SAMPLES = 3  # pixels looked at for one of a thumbnail's, along each side


def spoken(layer: Layer) -> str:
    """The layer in words, for those who listen."""
    parts = [shown_name(layer), tr("visible") if layer.visible else tr("hidden")]
    if layer.opacity < 1:
        parts.append(tr("{percent} % opaque", percent=round(layer.opacity * 100)))
    if len(layer.variations) > 1:
        parts.append(which(layer))
    return ", ".join(parts)


def shown_name(layer: Layer) -> str:
    """Its name; that of a layer nobody has named, in the window's language."""
    return tr("Background") if layer.name == BACKGROUND else layer.name


def which(layer: Layer) -> str:
    return tr("Variation {number} of {count}", number=layer.chosen + 1, count=len(layer.variations))


class LayerList(QAbstractListModel):
    """Layers as rows, the top one first."""

    def __init__(self, rename: Callable[[int, str], None], move: Callable[[int, int], None]) -> None:
        """rename: (layer id, name) typed in a row; move: (layer id, index from the bottom) dropped there."""
        super().__init__()
        self._rename, self._move = rename, move
        self._layers: tuple[Layer, ...] = ()
        self._pixmaps: dict[tuple[int, int], QPixmap] = {}

    def show(self, layers: Sequence[Layer]) -> None:
        """Other layers. Rows that stay in their places are only painted again."""
        rows = tuple(reversed(layers))
        same = [one.id for one in rows] == [one.id for one in self._layers]
        if not same:
            self.beginResetModel()
        self._layers = rows
        alive = {id(one) for layer in rows for one in layer.variations}
        self._pixmaps = {key: pixmap for key, pixmap in self._pixmaps.items() if key[0] in alive}
        if not same:
            self.endResetModel()
        elif rows:
            self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))

    def layer(self, index: AnyIndex) -> Layer:
        return self._layers[index.row()]

    def index_of(self, layer_id: int) -> QModelIndex:
        """The row of a layer; an invalid index if it has none."""
        rows = (row for row, layer in enumerate(self._layers) if layer.id == layer_id)
        return self.index(next(rows, -1))

    def pixmap(self, variation: Variation, side_px: int) -> QPixmap:
        """What a variation looks like, at most `side_px` (device pixels) a side. Made from a few of its pixels."""
        key = (id(variation), side_px)
        if key not in self._pixmaps:
            self._pixmaps[key] = _pixmap(small(variation.pixels, side_px))
        return self._pixmaps[key]

    # What Qt asks

    def rowCount(self, parent: AnyIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._layers)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._layers):
            return None
        layer = self.layer(index)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return shown_name(layer)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken(layer)
        return None

    def setData(self, index: AnyIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        layer = self.layer(index)
        if role != Qt.ItemDataRole.EditRole or not str(value).strip() or value == shown_name(layer):
            return False
        self._rename(layer.id, str(value))
        return True

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled  # between rows, never on one
        flags = Qt.ItemFlag
        return flags.ItemIsEnabled | flags.ItemIsSelectable | flags.ItemIsEditable | flags.ItemIsDragEnabled

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        return [LAYER_MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        mime = QMimeData()
        mime.setData(LAYER_MIME, str(self.layer(indexes[0]).id).encode())
        return mime

    def dropMimeData(self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: AnyIndex) -> bool:
        """Dropped before `row`; -1 is below all of them."""
        source = self.index_of(int(bytes(data.data(LAYER_MIME).data()) or b"0"))
        if not source.isValid():
            return False
        row = len(self._layers) if row < 0 else row
        target = row - 1 if row > source.row() else row  # without itself
        self._move(self.layer(source).id, len(self._layers) - 1 - target)
        return False  # or the view would take the source's row away


@dataclass(frozen=True, slots=True)
class Parts:
    """Where the parts of a row are. variations: of the strip, empty where there is none."""

    eye: QRect
    thumb: QRect
    text: QRect
    variations: tuple[QRect, ...]


class LayerPainter(QStyledItemDelegate):
    """Paints rows, and knows where their parts are."""

    def __init__(self, rows: LayerList, colors: Colors, view: QListView) -> None:
        super().__init__(view)
        self._rows, self.colors, self._view = rows, colors, view
        self.open_id = 0  # the layer whose variations are shown

    def parts(self, layer: Layer, row: QRect) -> Parts:
        line = QRect(row.left(), row.top(), row.width(), ROW_PX)
        eye = QRect(line.left(), line.top(), EYE_PX, ROW_PX)
        thumb = QRect(eye.right() + 1, line.top() + (ROW_PX - THUMB_PX) // 2, THUMB_PX, THUMB_PX)
        text = QRect(thumb.right() + GRID_PX, line.top(), 0, ROW_PX)
        text.setRight(line.right() - GRID_PX)
        cells = []
        if self._is_open(layer):
            across = self._across(row.width())
            for number in range(len(layer.variations)):
                x = thumb.left() + number % across * STRIP_PX
                y = line.bottom() + 1 + number // across * STRIP_PX
                cells.append(QRect(x, y, STRIP_PX, STRIP_PX).adjusted(0, 0, -4, -4))
        return Parts(eye, thumb, text, tuple(cells))

    def _is_open(self, layer: Layer) -> bool:
        return layer.id == self.open_id and len(layer.variations) > 1

    def _across(self, width: int) -> int:
        return max(1, (width - EYE_PX - GRID_PX) // STRIP_PX)

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        layer, width = self._rows.layer(index), self._view.viewport().width()
        lines = -(-len(layer.variations) // self._across(width)) if self._is_open(layer) else 0
        return QSize(width, ROW_PX + lines * STRIP_PX)

    # Painting

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        layer, row = self._rows.layer(index), QRect(option.rect)  # type: ignore[attr-defined]
        parts, state = self.parts(layer, row), option.state  # type: ignore[attr-defined]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self._paint_ground(painter, row, state)
        self._paint_eye(painter, parts.eye, layer.visible)
        self._paint_picture(painter, parts.thumb, layer.variations[layer.chosen], dim=not layer.visible)
        if not state & QStyle.StateFlag.State_Editing:
            self._paint_words(painter, parts.text, layer)
        for number, cell in enumerate(parts.variations):
            self._paint_picture(painter, cell, layer.variations[number], dim=False)
            if number == layer.chosen:
                _ring(painter, cell.adjusted(-2, -2, 2, 2), self.colors.accent, 3)
        painter.restore()

    def _paint_ground(self, painter: QPainter, row: QRect, state: QStyle.StateFlag) -> None:
        inner = row.adjusted(0, 1, -1, -1)
        if state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self.colors.accent_soft))
            painter.drawRoundedRect(inner, _ROUND_PX, _ROUND_PX)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self.colors.raised_hover))
            painter.drawRoundedRect(inner, _ROUND_PX, _ROUND_PX)
        if state & QStyle.StateFlag.State_HasFocus:
            _ring(painter, inner, self.colors.focus, 2)

    def _paint_eye(self, painter: QPainter, eye: QRect, visible: bool) -> None:
        color = self.colors.text if visible else self.colors.text_muted
        scale = painter.device().devicePixelRatioF()
        sign = drawing("eye" if visible else "eye-off", color, _ICON_PX, scale)
        painter.drawPixmap(eye.center() - QPoint(_ICON_PX // 2, _ICON_PX // 2), sign)

    def _paint_picture(self, painter: QPainter, cell: QRect, variation: Variation, *, dim: bool) -> None:
        scale = painter.device().devicePixelRatioF()
        pixmap = self._rows.pixmap(variation, round(max(cell.width(), cell.height()) * scale))
        size = pixmap.size().scaled(cell.size(), Qt.AspectRatioMode.KeepAspectRatio)
        size = size.expandedTo(QSize(2, 2))
        area = QRect(QPoint(0, 0), size)
        area.moveCenter(cell.center())
        self._paint_checker(painter, area)
        painter.setOpacity(0.4 if dim else 1.0)
        painter.drawPixmap(area, pixmap)
        painter.setOpacity(1.0)
        _ring(painter, area, self.colors.edge, 1)

    def _paint_checker(self, painter: QPainter, area: QRect) -> None:
        painter.save()
        painter.setClipRect(area)
        painter.fillRect(area, QColor(self.colors.checker_light))
        for y in range(0, area.height(), _CHECK_PX):
            for x in range(y // _CHECK_PX % 2 * _CHECK_PX, area.width(), 2 * _CHECK_PX):
                dark = QColor(self.colors.checker_dark)
                painter.fillRect(area.left() + x, area.top() + y, _CHECK_PX, _CHECK_PX, dark)
        painter.restore()

    def _paint_words(self, painter: QPainter, text: QRect, layer: Layer) -> None:
        special = [which(layer)] if len(layer.variations) > 1 else []
        if layer.opacity < 1:
            special.append(tr("{percent} % opaque", percent=round(layer.opacity * 100)))
        upper, lower = QRect(text), QRect(text)
        if special:
            upper.setBottom(text.center().y() + 1)
            lower.setTop(text.center().y() + 1)
        align = Qt.AlignmentFlag.AlignLeft | (
            Qt.AlignmentFlag.AlignBottom if special else Qt.AlignmentFlag.AlignVCenter
        )
        painter.setPen(QColor(self.colors.text if layer.visible else self.colors.text_muted))
        name = painter.fontMetrics().elidedText(shown_name(layer), Qt.TextElideMode.ElideRight, upper.width())
        painter.drawText(upper, align, name)
        if special:
            font = QFont(painter.font())
            font.setPointSizeF(font.pointSizeF() * 0.9)
            painter.setFont(font)
            painter.setPen(QColor(self.colors.text_muted))
            words = painter.fontMetrics().elidedText("  ·  ".join(special), Qt.TextElideMode.ElideRight, lower.width())
            painter.drawText(lower, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, words)

    # Renaming

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: AnyIndex) -> QWidget:
        editor = QLineEdit(parent)
        editor.setMaxLength(LAYER_NAME_LIMIT_CHARACTERS)
        editor.setAccessibleName(tr("Name of the layer"))
        return editor

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        text = self.parts(self._rows.layer(index), QRect(option.rect)).text  # type: ignore[attr-defined]
        height = editor.sizeHint().height()
        editor.setGeometry(text.left() - GRID_PX, text.center().y() - height // 2, text.width() + GRID_PX, height)


def small(pixels: NDArray[np.uint8], side_px: int) -> NDArray[np.uint8]:
    """uint8 [h, w, 4] of at most `side_px` a side, the mean of a few pixels each: 64 MP take 1 ms."""
    height, width = pixels.shape[:2]
    scale = min(1.0, side_px / max(height, width))
    target = (max(1, round(width * scale)), max(1, round(height * scale)))
    rows = np.linspace(0, height - 1, min(height, target[1] * _SAMPLES)).astype(int)
    columns = np.linspace(0, width - 1, min(width, target[0] * _SAMPLES)).astype(int)
    picked = Image.fromarray(np.ascontiguousarray(pixels[np.ix_(rows, columns)]))
    return np.asarray(picked.resize(target, Image.Resampling.BOX))


def _pixmap(pixels: NDArray[np.uint8]) -> QPixmap:
    height, width = pixels.shape[:2]
    contiguous = np.ascontiguousarray(pixels)
    image = QImage(contiguous.data, width, height, 4 * width, QImage.Format.Format_RGBA8888)
    return QPixmap.fromImage(image.copy())


def _ring(painter: QPainter, around: QRect, color: str, width_px: int) -> None:
    painter.setPen(QPen(QColor(color), width_px))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    half = (width_px + 1) // 2 if width_px > 1 else 0
    round_px = _ROUND_PX if width_px > 1 else 0
    painter.drawRoundedRect(around.adjusted(half, half, -half, -half), round_px, round_px)
