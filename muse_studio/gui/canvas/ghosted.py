"""A surface with a ghost: which cells of the model's two grids the mask touches, and those that a dab would.

Knows nothing of tools: a subclass says where the dab is.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from muse_studio.core.geometry import Point, Rect
from muse_studio.core.model_shape import Sight
from muse_studio.gui.canvas.cells import TouchedCells, cells_after_change, cells_under, touched_cells
from muse_studio.gui.canvas.compared import Compared
from muse_studio.gui.canvas.ghost import GhostLines, draw_cells, draw_coming_cells, ghost_lines
from muse_studio.gui.canvas.legend import draw_legend, legend_box, legend_lines, legend_size
from muse_studio.gui.canvas.picture import PictureCache
from muse_studio.gui.language import follow_language


@dataclass(frozen=True, slots=True)
class Dab:
    """What the brush would paint if it were put down: a disc in document pixels."""

    centre: Point
    radius_px: float


class Ghosted(Compared):
    """Outlines the cells, with a legend that counts them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cells: TouchedCells | None = None
        self._show_cells = False
        self._sight = Sight()
        self._lines: GhostLines | None = None
        self._legend: tuple[TouchedCells, tuple[str, ...], QSize] | None = None
        follow_language(self, self._forget_words)

    def _forget_words(self) -> None:
        self._legend = None
        self.update()

    @property
    def show_cells(self) -> bool:
        """Whether the cells of the model's grids that the mask touches are outlined."""
        return self._show_cells

    @show_cells.setter
    def show_cells(self, show: bool) -> None:
        self._show_cells = show
        self._cells = None
        self.update()

    @property
    def sight(self) -> Sight:
        """What the model sees of the frame, and in which grids."""
        return self._sight

    @sight.setter
    def sight(self, sight: Sight) -> None:
        if sight != self._sight:
            self._sight = sight
            self._cells = None
            self.update()

    def _rebuild(self, picture: PictureCache | None = None) -> None:
        self._cells = None
        super()._rebuild(picture)

    def _mask_changed(self, rect: Rect) -> bool:
        seen = super()._mask_changed(rect)
        if not rect.is_empty:
            self._cells_changed(rect)
        return seen

    def _cells_changed(self, rect: Rect) -> None:
        if self._cells is None or self._document is None:
            return
        cells = cells_after_change(self._document.mask, self._cells, rect)
        if cells is not self._cells:
            self.update(self._legend_box(self._cells))
            self._cells = cells
            self.update(self._legend_box(cells))
            around = rect.expand(cells.frame.width // self._sight.base + 1)  # up to a whole base cell may light up
            self._update_area(self._scene.screen_area(around.intersect(cells.frame)))

    def _dab(self) -> Dab | None:
        """Where the brush would be put down now; None if nowhere."""
        return None

    def _coming_cells(self) -> TouchedCells | None:
        dab = self._dab()
        if not self._show_cells or dab is None or self._document is None:
            return None
        cells = cells_under(self._document.frame, dab.centre, dab.radius_px, self._sight)
        return cells if cells.base.any() else None

    def _coming_area(self) -> QRect:
        """All of the widget that the cells under the dab may take up."""
        dab = self._dab()
        if not self._show_cells or dab is None or self._document is None:
            return QRect()
        frame, reach = self._document.frame, dab.radius_px
        around = Rect.around(*(dab.centre.x - reach, dab.centre.y - reach, dab.centre.x + reach, dab.centre.y + reach))
        around = around.expand(frame.width // self._sight.base + 1).intersect(frame.expand(1))
        return self._logical(self.view.screen_rect(around, 2)).toAlignedRect()

    def _legend_box(self, cells: TouchedCells) -> QRect:
        """Where the legend for these cells is; its words are made once."""
        if self._legend is None or self._legend[0] is not cells:
            lines = legend_lines(cells)
            self._legend = cells, lines, legend_size(self.fontMetrics(), lines)
        return legend_box(self.rect(), self._legend[2])

    def _ghost(self, cells: TouchedCells, place: QRectF) -> GhostLines:
        if self._lines is None or self._lines.cells is not cells or self._lines.frame != place:
            self._lines = ghost_lines(cells, place)
        return self._lines

    def _paint_over(self, painter: QPainter, area: QRectF) -> None:
        super()._paint_over(painter, area)
        if not self._show_cells or self._document is None:
            return
        frame = self._document.frame
        if self._cells is None or self._cells.frame != frame:
            self._cells = touched_cells(self._document.mask, frame, self._sight)
        painter.save()
        self._turn_painter(painter)
        place = self._upright_rect(frame)
        draw_cells(painter, self._ghost(self._cells, place))
        coming = self._coming_cells()
        if coming is not None:
            draw_coming_cells(painter, ghost_lines(coming, place))
        painter.restore()
        box = self._legend_box(self._cells)
        if area.intersects(QRectF(box)) and self._legend is not None:
            draw_legend(painter, box, self._legend[1])
