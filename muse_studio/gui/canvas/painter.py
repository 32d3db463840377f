"""The finished pixels of the viewport: surround, checkerboard, picture, preview and mask. Knows nothing of tools.

The scene keeps what it has drawn. A brush dab redraws its own few pixels, panning moves what is there and draws the
strip that came into sight, and everything that changes on every move of the mouse (ring, frame, cells) is painted over
the finished pixels by others. So 64 megapixels pan as fast as four.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPixmap, QRegion

from muse_studio.core.geometry import Extent, Rect
from muse_studio.gui.canvas.overlay import EDGE_MARGIN_PX, MaskOverlay
from muse_studio.gui.canvas.picture import RGB32, PictureCache, as_image
from muse_studio.gui.canvas.preview import Preview
from muse_studio.gui.canvas.view import View
from muse_studio.gui.theme import Colors

CHECKER_PX = 10
SMOOTHING_MARGIN_PX = 2
"""Smoothed pixels take in their neighbours, so a change reaches this much further on the screen."""


class Scene:
    """What is shown: each part may be missing. The viewport and all rectangles are in device pixels."""

    def __init__(self, colors: Colors) -> None:
        self.picture: PictureCache | None = None
        self.mask: MaskOverlay | None = None
        self.preview: Preview | None = None
        self._view = View()
        self._pixels: NDArray[np.uint32] = np.zeros((1, 1), np.uint32)
        self._image = as_image(self._pixels, RGB32)
        self._stale = QRegion()
        self.set_colors(colors, 1.0)

    def set_colors(self, colors: Colors, device_pixel_ratio: float) -> None:
        self._surround = QColor(colors.surround)
        self._checker = _checkerboard(colors, max(1, round(CHECKER_PX * device_pixel_ratio)))
        self.invalidate()

    @property
    def viewport(self) -> Extent:
        height, width = self._pixels.shape
        return Extent(width, height)

    @property
    def image(self) -> QImage:
        """RGB32, one pixel per device pixel; valid where `refresh` was asked for."""
        return self._image

    @property
    def view(self) -> View:
        return self._view

    def resize(self, viewport: Extent) -> None:
        self._pixels = np.zeros((max(viewport.height, 1), max(viewport.width, 1)), np.uint32)
        self._image = as_image(self._pixels, RGB32)
        self.invalidate()

    def look(self, view: View) -> None:
        """Show another part: what stays in sight is moved, the rest becomes stale."""
        dx, dy = view.left - self._view.left, view.top - self._view.top
        same_zoom, self._view = view.zoom == self._view.zoom, view
        if not same_zoom or abs(dx) >= self.viewport.width or abs(dy) >= self.viewport.height:
            self.invalidate()
        elif dx or dy:
            self._move(dx, dy)

    def _move(self, dx: int, dy: int) -> None:
        self._pixels[_shifted(dy), _shifted(dx)] = self._pixels[_shifted(-dy), _shifted(-dx)]
        whole = self._bounds
        self._stale = (self._stale.translated(dx, dy) | (QRegion(whole) - QRegion(whole.translated(dx, dy)))) & whole

    def invalidate(self, area: Rect | None = None) -> None:
        """These device pixels (None: all) must be drawn again before they are next shown."""
        self._stale |= self._bounds if area is None else QRect(area.x, area.y, area.width, area.height) & self._bounds

    def screen_area(self, rect: Rect) -> Rect:
        """The device pixels whose colour depends on these document pixels."""
        return self._view.screen_rect(rect, max(EDGE_MARGIN_PX, SMOOTHING_MARGIN_PX))

    def refresh(self, area: QRegion) -> None:
        """Make `image` valid inside `area`."""
        todo = self._stale & area & self._bounds
        if todo.isEmpty():
            return
        painter = QPainter(self._image)
        for piece in todo:  # type: ignore[attr-defined]  # PySide6's own annotations lack __iter__
            painter.setClipRect(piece)
            self._draw(painter, Rect(piece.x(), piece.y(), piece.width(), piece.height()))
        painter.end()
        self._stale -= todo

    def _draw(self, painter: QPainter, area: Rect) -> None:
        piece = QRect(area.x, area.y, area.width, area.height)
        painter.fillRect(piece, self._surround)
        if self.picture is not None:
            if not self.picture.is_opaque:
                self._draw_checker(painter, area, self.picture.extent)
            self.picture.draw(painter, self._view, area)
        if self.preview is not None:
            self.preview.draw(painter, self._view, area)
        if self.mask is not None:
            self._draw_mask(painter, area)

    def _draw_checker(self, painter: QPainter, area: Rect, extent: Extent) -> None:
        inside = area.intersect(self._view.screen_rect(Rect.of(extent)))
        painter.setBrushOrigin(QPoint(self._view.left, self._view.top))
        painter.fillRect(QRect(inside.x, inside.y, inside.width, inside.height), self._checker)

    def _draw_mask(self, painter: QPainter, area: Rect) -> None:
        """Under a preview only the mask's edge is drawn: its colour would tint the very thing to be judged."""
        assert self.mask is not None
        covered = Rect.empty()
        if self.preview is not None:
            covered = area.intersect(self._view.screen_rect(self.preview.frame))
        if not covered.is_empty:
            self.mask.draw(painter, self._view, covered, filled=False)
        for piece in _around(area, covered):
            self.mask.draw(painter, self._view, piece)

    @property
    def _bounds(self) -> QRect:
        return QRect(0, 0, self.viewport.width, self.viewport.height)


def _shifted(offset: int) -> slice:
    """The part of an axis that is still there after moving by `offset`."""
    return slice(offset, None) if offset > 0 else slice(None, offset or None)


def _around(area: Rect, hole: Rect) -> list[Rect]:
    """`area` without `hole`, which lies inside it, as at most four rectangles."""
    if hole.is_empty:
        return [area]
    pieces = (
        Rect.between(area.x, area.y, area.right, hole.y),
        Rect.between(area.x, hole.bottom, area.right, area.bottom),
        Rect.between(area.x, hole.y, hole.x, hole.bottom),
        Rect.between(hole.right, hole.y, area.right, hole.bottom),
    )
    return [piece for piece in pieces if not piece.is_empty]


def _checkerboard(colors: Colors, square_px: int) -> QBrush:
    tile = QPixmap(2 * square_px, 2 * square_px)
    tile.fill(QColor(colors.checker_light))
    painter = QPainter(tile)
    for corner in (QPoint(0, 0), QPoint(square_px, square_px)):
        painter.fillRect(QRect(corner.x(), corner.y(), square_px, square_px), QColor(colors.checker_dark))
    painter.end()
    return QBrush(tile)
