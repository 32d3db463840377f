"""A surface that can show another picture of the same extent: all over, or left of a line that can be moved.

Knows nothing of what that picture is, or who wants to see it.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from muse_studio.core.document import Document
from muse_studio.core.geometry import Rect
from muse_studio.gui.canvas.divider import GRAB_PX, divider_area, draw_divider
from muse_studio.gui.canvas.labels import draw_pill, pill_rect
from muse_studio.gui.canvas.picture import PictureCache
from muse_studio.gui.canvas.surface import Surface
from muse_studio.gui.language import tr

_LABEL_PX = 12


class Compared(Surface):
    """Before at the left, after at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._split = False
        self._split_share = 0.5

    beforeLost = Signal()
    """The other picture is shown no more, since the document became another."""

    def set_document(self, document: Document | None, picture: PictureCache | None = None) -> None:
        lost, self._scene.before, self._split = self.shows_before, None, False
        super().set_document(document, picture)
        if lost:
            self.beforeLost.emit()

    def show_before(self, picture: PictureCache | None, *, split: bool = False) -> None:
        """Show another picture of the document's extent; None: the document itself. split: only left of a line."""
        self._scene.before = picture
        self._split = split and picture is not None
        self._place_split()
        self._redraw()

    @property
    def shows_before(self) -> bool:
        return self._scene.before is not None

    @property
    def split_share(self) -> float | None:
        """Where the line is, as a share of the width; None if there is none."""
        return self._split_share if self._split else None

    def move_split(self, share: float) -> None:
        """Put the line elsewhere; of no effect without one."""
        if not self._split:
            return
        old_px, old_area = self._scene.split_px, self._divider_area()
        self._split_share = min(max(share, 0.0), 1.0)
        self._place_split()
        new_px = self._scene.split_px
        between = Rect.between(min(old_px, new_px), 0, max(old_px, new_px), self._scene.viewport.height)
        self._scene.invalidate(between)
        self.update(old_area | self._divider_area() | self._logical(between).toAlignedRect())

    def _place_split(self) -> None:
        width = self._scene.viewport.width
        self._scene.split_px = round(self._split_share * width) if self._split else width

    def _split_at(self, position: QPointF) -> bool:
        """Whether the line can be taken hold of here."""
        return self._split and abs(position.x() - self._split_share * self.width()) <= GRAB_PX

    def _divider_area(self) -> QRect:
        words = max(self.fontMetrics().horizontalAdvance(text) for text in (tr("Before"), tr("After")))
        return divider_area(self._split_share * self.width(), self.height(), words)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_split()
        if self.shows_before:
            self._redraw()

    def _paint_over(self, painter: QPainter, area: QRectF) -> None:
        super()._paint_over(painter, area)
        if self._split:
            draw_divider(painter, self._split_share * self.width(), self.height(), tr("Before"), tr("After"))
        elif self.shows_before:
            text = tr("Before")
            box = pill_rect(painter.fontMetrics(), text)
            box.moveTopLeft(QPointF(_LABEL_PX, _LABEL_PX))
            draw_pill(painter, box, text)
