"""The document's picture as Qt draws it fastest: packed 32-bit pixels with halved copies. Knows nothing of masks.

A pixel is 0xAARRGGBB with colour multiplied by alpha: RGB32 while everything is opaque, ARGB32_Premultiplied once
anything is not (RGB888 and RGBA8888 draw up to three times slower). A little-endian machine is taken for granted, as
numpy, torch and PySide6 are only built for those.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage, QPainter, QTransform

from muse_studio.core.geometry import Extent, Rect
from muse_studio.gui.canvas.levels import BAND_ROWS, Levels, halve_to_mean, level_for
from muse_studio.gui.canvas.sampling import Area, sample
from muse_studio.gui.canvas.turning import turned_quarters, turned_sample
from muse_studio.gui.canvas.view import View

RGB32 = QImage.Format.Format_RGB32
ARGB32 = QImage.Format.Format_ARGB32_Premultiplied
OPAQUE = np.uint32(0xFF000000)


class PictureCache:
    """The pixels of one picture, ready to be drawn at any zoom."""

    def __init__(self, pixels: NDArray[np.uint8]) -> None:
        """pixels: RGBA, straight alpha [H, W, 4]; copied."""
        self._packed = np.empty(pixels.shape[:2], np.uint32)
        self._levels = Levels(self._packed, halve_to_mean)
        self.is_opaque = True
        self.update(pixels, Rect.of(self.extent))

    @classmethod
    def of(cls, pixels: NDArray[np.uint8]) -> PictureCache:
        """With its halved copies made: everything that takes long, and nothing of Qt's, so any thread may do it."""
        cache = cls(pixels)
        cache._levels.level(max(cache.extent.width, cache.extent.height).bit_length())
        return cache

    @property
    def extent(self) -> Extent:
        return self._levels.extent

    def update(self, pixels: NDArray[np.uint8], rect: Rect) -> None:
        """Take over `rect` of the RGBA picture [H, W, 4] again."""
        rect = rect.intersect(Rect.of(self.extent))
        for top in range(rect.y, rect.bottom, BAND_ROWS):
            rows, columns = slice(top, min(top + BAND_ROWS, rect.bottom)), slice(rect.x, rect.right)
            packed = pack(pixels[rows, columns])
            self._packed[rows, columns] = packed
            self.is_opaque = self.is_opaque and bool(packed.min() >= OPAQUE)
        if not rect.is_empty:
            self._levels.changed(rect)

    def draw(self, painter: QPainter, view: View, area: Rect) -> None:
        """Draw what `area` (device pixels) shows of the picture; the painter is in device pixels."""
        area = area.intersect(view.screen_rect(Rect.of(self.extent)))
        if area.is_empty:
            return
        if view.is_crisp:
            painter.drawImage(area.x, area.y, as_image(*self._crisp(view, area)))
        else:
            self._draw_smooth(painter, view, area)

    def _crisp(self, view: View, area: Rect) -> tuple[NDArray[np.uint32], QImage.Format]:
        def upright(place: Area) -> NDArray[np.uint32]:
            return sample(self._packed, view.zoom, 0, 0, place)

        if view.is_upright:
            place = (area.x, area.y, area.width, area.height)
            return sample(self._packed, view.zoom, view.left, view.top, place), self._format
        if view.is_square:
            return turned_quarters(view, area, upright), self._format
        return turned_sample(self._packed, view, 0, area), ARGB32  # the corners of `area` may be beyond the picture

    def _draw_smooth(self, painter: QPainter, view: View, area: Rect) -> None:
        level = level_for(view.zoom)
        packed = self._levels.level(level)
        painter.save()
        painter.setClipRect(QRect(area.x, area.y, area.width, area.height), Qt.ClipOperation.IntersectClip)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setTransform(transform_of(view, view.zoom * 2**level), True)
        painter.drawImage(0, 0, as_image(packed, self._format))
        painter.restore()

    @property
    def _format(self) -> QImage.Format:
        return RGB32 if self.is_opaque else ARGB32


def transform_of(view: View, scale: float) -> QTransform:
    """From pixels that are `scale` device pixels wide, the document's corner at (0, 0), to the screen."""
    (a, b), (c, d) = view.axes
    return QTransform(a * scale, c * scale, b * scale, d * scale, view.left, view.top)


def pack(pixels: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """RGBA [h, w, 4], straight alpha → 0xAARRGGBB [h, w], premultiplied with rounding."""
    rgba = np.ascontiguousarray(pixels).view(np.uint32)[..., 0]
    if int(rgba.min(initial=OPAQUE)) < int(OPAQUE):
        rgba = _premultiplied(pixels).view(np.uint32)[..., 0]
    red, blue = (rgba & np.uint32(0xFF)) << np.uint32(16), (rgba >> np.uint32(16)) & np.uint32(0xFF)
    return (rgba & np.uint32(0xFF00FF00)) | red | blue


def _premultiplied(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    result = np.array(pixels, order="C")
    alpha = pixels[..., 3:].astype(np.uint16)
    result[..., :3] = (pixels[..., :3] * alpha + 127) // 255
    return result


def as_image(pixels: NDArray[np.uint32], image_format: QImage.Format) -> QImage:
    """A QImage over the memory of contiguous pixels [h, w], which it keeps alive."""
    height, width = pixels.shape
    return QImage(pixels.data, width, height, width * 4, image_format)  # type: ignore[call-overload]
