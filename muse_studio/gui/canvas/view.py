"""Where the document lies on the screen. Knows nothing about pixels' values or widgets.

All screen coordinates here are *device* pixels, so that 100 % is one document pixel on one pixel of the screen at any
scaling of the desktop. Offsets are whole device pixels: panning then moves finished pixels instead of making new ones.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from muse_studio.core.geometry import Extent, Point, Rect

ZOOM_LEAST = 1 / 256
ZOOM_LIMIT = 64.0
CRISP_ZOOM = 2.0
"""From here on document pixels are squares with hard edges; below, they are smoothed."""

FIT_LIMIT = 8.0
"""Fitting a tiny picture magnifies it no further, or an icon would fill the screen with four squares."""

KEEP_VISIBLE_PX = 48
"""Device pixels of the document that panning always leaves in sight, so that it cannot get lost."""

ZOOM_LADDER = (
    *(1 / 2**n for n in range(8, 2, -1)),
    *(1 / 6, 1 / 4, 1 / 3, 1 / 2, 2 / 3),
    *(1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0, 48.0, 64.0),
)
"""The steps of zoom in and zoom out."""


@dataclass(frozen=True, slots=True)
class View:
    """screen = document * zoom + (left, top)."""

    zoom: float = 1.0
    left: int = 0
    top: int = 0

    @classmethod
    def fitting(cls, extent: Extent, viewport: Extent, margin_px: int) -> View:
        """The whole document, centred, with a margin where there is room for one."""
        room_x = max(viewport.width - 2 * margin_px, viewport.width // 2, 1)
        room_y = max(viewport.height - 2 * margin_px, viewport.height // 2, 1)
        zoom = min(room_x / max(extent.width, 1), room_y / max(extent.height, 1), FIT_LIMIT)
        return cls(_within_limits(zoom)).centred_on(Point(extent.width / 2, extent.height / 2), viewport)

    @property
    def is_crisp(self) -> bool:
        """Whether a document pixel is drawn as a square (or exactly one to one)."""
        return self.zoom >= CRISP_ZOOM or self.zoom == 1.0

    def to_document(self, x: float, y: float) -> Point:
        return Point((x - self.left) / self.zoom, (y - self.top) / self.zoom)

    def to_screen(self, point: Point) -> tuple[float, float]:
        return point.x * self.zoom + self.left, point.y * self.zoom + self.top

    def screen_rect(self, rect: Rect, margin_px: int = 0) -> Rect:
        """The device pixels that any part of these document pixels touches, and a margin around them."""
        if rect.is_empty:
            return Rect.empty()
        left, top = self.to_screen(Point(rect.x, rect.y))
        right, bottom = self.to_screen(Point(rect.right, rect.bottom))
        return Rect.around(left, top, right, bottom).expand(margin_px)

    def document_rect(self, rect: Rect, extent: Extent) -> Rect:
        """The document pixels that any of these device pixels shows."""
        first, last = self.to_document(rect.x, rect.y), self.to_document(rect.right, rect.bottom)
        return Rect.around(first.x, first.y, last.x, last.y).intersect(Rect.of(extent))

    def centred_on(self, point: Point, viewport: Extent) -> View:
        """The same zoom with this document point in the middle of the viewport."""
        return self._placing(point, viewport.width / 2, viewport.height / 2)

    def zoomed(self, zoom: float, x: float, y: float) -> View:
        """Another zoom, within the limits, with the document point under (x, y) staying there."""
        return replace(self, zoom=_within_limits(zoom))._placing(self.to_document(x, y), x, y)

    def panned(self, dx: int, dy: int) -> View:
        return replace(self, left=self.left + dx, top=self.top + dy)

    def kept_visible(self, extent: Extent, viewport: Extent) -> View:
        """Moved as little as brings `KEEP_VISIBLE_PX` of the document into the viewport."""
        left = _kept(self.left, math.ceil(extent.width * self.zoom), viewport.width)
        top = _kept(self.top, math.ceil(extent.height * self.zoom), viewport.height)
        return replace(self, left=left, top=top)

    def _placing(self, point: Point, x: float, y: float) -> View:
        return replace(self, left=round(x - point.x * self.zoom), top=round(y - point.y * self.zoom))


def next_zoom(zoom: float, direction: int) -> float:
    """The next rung of the ladder: up for a direction of 1, down for -1."""
    rungs: Iterable[float] = ZOOM_LADDER if direction > 0 else reversed(ZOOM_LADDER)
    for rung in rungs:
        if (rung - zoom) * direction > zoom * 1e-3:
            return rung
    return zoom


def _kept(start: int, size: int, room: int) -> int:
    visible = min(KEEP_VISIBLE_PX, size, room)
    return min(max(start, visible - size), room - visible)


def _within_limits(zoom: float) -> float:
    return min(max(zoom, ZOOM_LEAST), ZOOM_LIMIT)
