"""Pixels of the viewport that stay drawn until something makes them stale. Knows nothing of what they show."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage, QPainter, QRegion

from muse_studio.core.geometry import Extent, Rect
from muse_studio.gui.canvas.picture import ARGB32, RGB32, as_image

Draw = Callable[[QPainter, QRect], None]
"""Draws one piece (device pixels) of what the buffer holds; the painter is clipped to it."""

MERGE_SHARE = 2
"""Pieces are drawn as one if that at most doubles the pixels: each piece has a price of its own."""


class Buffer:
    """Pixels, one per device pixel, and which of them must be drawn again before they are shown.

    clear: ARGB32_Premultiplied, where nothing is seen before it is drawn on; else RGB32, to be drawn on whole.
    """

    def __init__(self, *, clear: bool = False) -> None:
        self._clear = clear
        self.resize(Extent(1, 1))

    def resize(self, extent: Extent) -> None:
        self._pixels: NDArray[np.uint32] = np.zeros((max(extent.height, 1), max(extent.width, 1)), np.uint32)
        self.image: QImage = as_image(self._pixels, ARGB32 if self._clear else RGB32)
        self._stale = QRegion(self.bounds)

    @property
    def extent(self) -> Extent:
        height, width = self._pixels.shape
        return Extent(width, height)

    @property
    def bounds(self) -> QRect:
        return QRect(0, 0, self.extent.width, self.extent.height)

    def invalidate(self, area: Rect | None = None) -> None:
        """These pixels (None: all) are stale."""
        self._stale |= self.bounds if area is None else QRect(area.x, area.y, area.width, area.height) & self.bounds

    def move(self, dx: int, dy: int) -> None:
        """Shift everything; what comes into sight is stale."""
        if abs(dx) >= self.extent.width or abs(dy) >= self.extent.height:
            self.invalidate()
            return
        self._pixels[_kept(dy), _kept(dx)] = self._pixels[_kept(-dy), _kept(-dx)]
        whole = self.bounds
        self._stale = (self._stale.translated(dx, dy) | (QRegion(whole) - QRegion(whole.translated(dx, dy)))) & whole

    def refresh(self, area: QRegion, draw: Draw) -> None:
        """Draw what is stale inside `area`."""
        todo = self._stale & area & self.bounds
        if todo.isEmpty():
            return
        pieces = _merged(todo)
        if self._clear:
            for piece in pieces:
                self._pixels[piece.top() : piece.bottom() + 1, piece.left() : piece.right() + 1] = 0
        painter = QPainter(self.image)
        for piece in pieces:
            painter.setClipRect(piece)
            draw(painter, piece)
        painter.end()
        for piece in pieces:
            self._stale -= piece


def _merged(region: QRegion) -> list[QRect]:
    pieces: list[QRect] = list(region)  # type: ignore[call-overload]  # PySide6's own annotations lack __iter__
    whole = region.boundingRect()
    covered = sum(piece.width() * piece.height() for piece in pieces)
    return [whole] if whole.width() * whole.height() <= covered * MERGE_SHARE else pieces


def _kept(offset: int) -> slice:
    """The part of an axis that is still there after moving by `offset`."""
    return slice(offset, None) if offset > 0 else slice(None, offset or None)
