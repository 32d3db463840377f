"""The finished pixels of the viewport: surround, checkerboard, picture, preview and mask. Knows nothing of tools.

The scene keeps what it has drawn, the picture apart from the mask over it. A brush dab redraws the mask in its own few
pixels, a preview nothing of the mask, panning moves what is there and draws the strip that came into sight, and
everything that changes on every move of the mouse (ring, frame, cells) is painted over the finished pixels by others.
So 64 megapixels pan as fast as four.
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPainterPath, QPixmap, QRegion

from muse_studio.core.geometry import Extent, Rect
from muse_studio.gui.canvas.buffer import Buffer
from muse_studio.gui.canvas.overlay import EDGE_MARGIN_PX, MaskOverlay
from muse_studio.gui.canvas.picture import PictureCache, transform_of
from muse_studio.gui.canvas.preview import Preview
from muse_studio.gui.canvas.view import View
from muse_studio.gui.theme import Colors

CHECKER_PX = 10
SMOOTHING_MARGIN_PX = 2
"""Smoothed pixels take in their neighbours, so a change reaches this much further on the screen."""

SHADOW_ALPHAS = (46, 30, 20, 12, 7, 3)
"""The document's shadow on the surround, pixel by pixel outwards; what sets a white picture off a light window."""


class Scene:
    """What is shown: each part may be missing. The viewport and all rectangles are in device pixels.

    before: another picture of the same extent, shown left of `split_px` instead of everything else.
    """

    def __init__(self, colors: Colors) -> None:
        self.picture: PictureCache | None = None
        self.mask: MaskOverlay | None = None
        self.preview: Preview | None = None
        self.before: PictureCache | None = None
        self.split_px = 0
        self._view = View()
        self._below, self._veil, self._whole = Buffer(), Buffer(clear=True), Buffer()
        self.set_colors(colors, 1.0)

    def set_colors(self, colors: Colors, device_pixel_ratio: float) -> None:
        self._surround = QColor(colors.surround)
        self._checker = _checkerboard(colors, max(1, round(CHECKER_PX * device_pixel_ratio)))
        self.invalidate()

    @property
    def viewport(self) -> Extent:
        return self._whole.extent

    @property
    def image(self) -> QImage:
        """RGB32, one pixel per device pixel; valid where `refresh` was asked for."""
        return self._whole.image

    @property
    def checker(self) -> QBrush:
        """What stands for nothing, in the theme's greys."""
        return self._checker

    @property
    def view(self) -> View:
        return self._view

    def resize(self, viewport: Extent) -> None:
        for buffer in self._buffers:
            buffer.resize(viewport)

    @property
    def _buffers(self) -> tuple[Buffer, Buffer, Buffer]:
        return self._below, self._veil, self._whole

    def look(self, view: View) -> None:
        """Show another part: what stays in sight is moved, the rest becomes stale."""
        dx, dy = view.left - self._view.left, view.top - self._view.top
        only_panned, self._view = view == self._view.panned(dx, dy), view
        if not only_panned or (self.before is not None and (dx or dy)):
            self.invalidate()
        elif dx or dy:
            for buffer in self._buffers:
                buffer.move(dx, dy)

    def invalidate(self, area: Rect | None = None) -> None:
        """These device pixels (None: all) must be drawn again before they are next shown."""
        for buffer in self._buffers:
            buffer.invalidate(area)

    def invalidate_picture(self, area: Rect | None = None) -> None:
        """The same where the mask is as it was."""
        self._below.invalidate(area)
        self._whole.invalidate(area)

    def invalidate_mask(self, area: Rect | None = None) -> None:
        """The same where only the mask has changed."""
        self._veil.invalidate(area)
        self._whole.invalidate(area)

    def screen_area(self, rect: Rect) -> Rect:
        """The device pixels whose colour depends on these document pixels."""
        return self._view.screen_rect(rect, max(EDGE_MARGIN_PX, SMOOTHING_MARGIN_PX))

    def refresh(self, area: QRegion) -> None:
        """Make `image` valid inside `area`."""
        self._whole.refresh(area, self._draw_whole)

    def _draw_whole(self, painter: QPainter, piece: QRect) -> None:
        self._below.refresh(QRegion(piece), self._draw_below)
        painter.drawImage(piece.topLeft(), self._below.image, piece)
        if self.mask is not None and self.mask.style.visible:
            self._veil.refresh(QRegion(piece), self._draw_veil)
            painter.drawImage(piece.topLeft(), self._veil.image, piece)

    def _draw_veil(self, painter: QPainter, piece: QRect) -> None:
        _, after = self._sides(_rect(piece))
        if self.mask is not None and not after.is_empty:
            self._draw_mask(painter, self.mask, after)

    def _sides(self, area: Rect) -> tuple[Rect, Rect]:
        """The parts of `area` that show the other picture, and this one."""
        if self.before is None:
            return Rect.empty(), area
        split = min(max(self.split_px, area.x), area.right)
        return Rect.between(area.x, area.y, split, area.bottom), Rect.between(split, area.y, area.right, area.bottom)

    def _draw_below(self, painter: QPainter, piece: QRect) -> None:
        painter.fillRect(piece, self._surround)
        before, after = self._sides(_rect(piece))
        for picture, area in ((self.before, before), (self.picture, after)):
            if picture is not None and not area.is_empty:
                self._draw_picture(painter, picture, area)
        if self.preview is not None and not after.is_empty:
            self.preview.draw(painter, self._view, after)

    def _draw_picture(self, painter: QPainter, picture: PictureCache, area: Rect) -> None:
        painter.save()
        painter.setClipRect(QRect(area.x, area.y, area.width, area.height), Qt.ClipOperation.IntersectClip)
        self._draw_shadow(painter, area, picture.extent)
        if not picture.is_opaque:
            self._draw_checker(painter, area, picture.extent)
        picture.draw(painter, self._view, area)
        painter.restore()

    def _draw_shadow(self, painter: QPainter, area: Rect, extent: Extent) -> None:
        inside = self._view.screen_rect(Rect.of(extent))
        if self._view.is_square and inside.contains_rect(area):
            return
        painter.save()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        edge = QRect(inside.x, inside.y, inside.width, inside.height)
        if not self._view.is_square:
            painter.setTransform(transform_of(self._view, 1.0), True)
            edge = QRect(0, 0, round(extent.width * self._view.zoom), round(extent.height * self._view.zoom))
        for outset, alpha in enumerate(SHADOW_ALPHAS, start=1):
            painter.setPen(QColor(0, 0, 0, alpha * 2))
            painter.drawRect(edge.adjusted(-outset, -outset, outset - 1, outset - 1))
        painter.restore()

    def _draw_checker(self, painter: QPainter, area: Rect, extent: Extent) -> None:
        inside = area.intersect(self._view.screen_rect(Rect.of(extent)))
        painter.setBrushOrigin(QPoint(self._view.left, self._view.top))
        if self._view.is_square:
            painter.fillRect(QRect(inside.x, inside.y, inside.width, inside.height), self._checker)
        else:
            painter.fillPath(self._outline(Rect.of(extent)), self._checker)

    def _outline(self, rect: Rect) -> QPainterPath:
        """The edge of these document pixels on the screen."""
        path = QPainterPath()
        path.addRect(0, 0, rect.width, rect.height)
        view = self._view
        return transform_of(view, view.zoom).map(path.translated(rect.x, rect.y))

    def _draw_mask(self, painter: QPainter, mask: MaskOverlay, area: Rect) -> None:
        """Under a preview only the mask's edge is drawn: its colour would tint the very thing to be judged."""
        covered = Rect.empty()
        if self.preview is not None:
            covered = area.intersect(self._view.screen_rect(self.preview.frame))
        if self.preview is not None and not self._view.is_square and not covered.is_empty:
            self._draw_mask_around(painter, mask, area, self._outline(self.preview.frame))
            return
        if not covered.is_empty:
            mask.draw(painter, self._view, covered, filled=False)
        for piece in _around(area, covered):
            mask.draw(painter, self._view, piece)

    def _draw_mask_around(self, painter: QPainter, mask: MaskOverlay, area: Rect, hole: QPainterPath) -> None:
        """The same where the preview lies askew."""
        rest = QPainterPath()
        rest.addRect(area.x, area.y, area.width, area.height)
        for path, filled in ((hole, False), (rest - hole, True)):
            painter.save()
            painter.setClipPath(path, Qt.ClipOperation.IntersectClip)
            mask.draw(painter, self._view, area, filled=filled)
            painter.restore()


def _rect(piece: QRect) -> Rect:
    return Rect(piece.x(), piece.y(), piece.width(), piece.height())


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
