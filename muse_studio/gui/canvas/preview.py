"""A picture in the making, shown in the frame where the mask is. Knows nothing of steps or jobs.

Each new preview replaces the last at once: a fade would show a picture that the model never made.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter

from muse_studio.core.geometry import Rect
from muse_studio.gui.canvas.picture import ARGB32, transform_of
from muse_studio.gui.canvas.view import View


class Preview:
    """One preview in one frame of the document."""

    def __init__(self, frame: Rect, rgb: NDArray[np.uint8], alpha: NDArray[np.uint8] | None) -> None:
        """frame: document pixels, square; rgb: [s, s, 3] of any size; alpha: [h, w], how much of it shows, None = all.

        Both are copied. ValueError if a shape is wrong.
        """
        if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.size == 0:
            raise ValueError(f"a preview is [s, s, 3], not {list(rgb.shape)}")
        if alpha is not None and (alpha.ndim != 2 or alpha.size == 0):
            raise ValueError(f"a preview's alpha is [h, w], not {list(alpha.shape)}")
        self.frame = frame
        self._image = _masked(rgb, alpha)

    def draw(self, painter: QPainter, view: View, area: Rect) -> None:
        """Draw what `area` (device pixels) shows of it; the painter is in device pixels."""
        zoom, frame = view.zoom, self.frame
        target = QRectF(frame.x * zoom, frame.y * zoom, frame.width * zoom, frame.height * zoom)
        painter.save()
        painter.setClipRect(QRect(area.x, area.y, area.width, area.height), Qt.ClipOperation.IntersectClip)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not view.is_crisp or self._is_stretched)
        painter.setTransform(transform_of(view, 1.0), True)
        painter.drawImage(target, self._image)
        painter.restore()

    @property
    def _is_stretched(self) -> bool:
        return self._image.width() != self.frame.width


def _masked(rgb: NDArray[np.uint8], alpha: NDArray[np.uint8] | None) -> QImage:
    """ARGB32_Premultiplied at the alpha's size (the picture's where there is none)."""
    pixels = np.ascontiguousarray(rgb)
    height, width = pixels.shape[:2]
    image = QImage(pixels.data, width, height, width * 3, QImage.Format.Format_RGB888)  # type: ignore[call-overload]
    if alpha is None:
        return image.convertToFormat(QImage.Format.Format_RGB32)
    size = QSize(alpha.shape[1], alpha.shape[0])
    result = image.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
    result = result.convertToFormat(ARGB32)
    painter = QPainter(result)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationIn)
    painter.drawImage(0, 0, _alpha_image(alpha))
    painter.end()
    return result


def _alpha_image(alpha: NDArray[np.uint8]) -> QImage:
    alpha = np.ascontiguousarray(alpha)
    height, width = alpha.shape
    return QImage(alpha.data, width, height, width, QImage.Format.Format_Alpha8)  # type: ignore[call-overload]
