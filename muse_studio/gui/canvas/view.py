"""Where the document lies on the screen. Knows nothing about pixels' values or widgets.

All screen coordinates here are *device* pixels, so that 100 % is one document pixel on one pixel of the screen at any
scaling of the desktop. Offsets are whole device pixels: panning then moves finished pixels instead of making new ones.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from muse_studio.core.geometry import Extent, Point, Rect

ZOOM_LEAST = 1 / 256
ZOOM_LIMIT = 64.0
CRISP_ZOOM = 2.0
"""From here on document pixels are squares with hard edges; below, they are smoothed."""

FIT_LIMIT = 8.0
"""Fitting a tiny picture magnifies it no further, or an icon would fill the screen with four squares."""

KEEP_VISIBLE_PX = 48
"""Device pixels of the document that panning always leaves in sight, so that it cannot get lost."""

_SQUARE_WITHIN_DEGREES = 1e-6
"""Angles are sums of many small turns: so near a quarter it is one."""

Axes = tuple[tuple[float, float], tuple[float, float]]

ZOOM_LADDER = (
    *(1 / 2**n for n in range(8, 2, -1)),
    *(1 / 6, 1 / 4, 1 / 3, 1 / 2, 2 / 3),
    *(1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0, 48.0, 64.0),
)
"""The steps of zoom in and zoom out."""


TURN_STEP_DEGREES = 15.0
"""One press of a key, or one notch of the wheel, turns the view by this much: six for a quarter."""


@dataclass(frozen=True, slots=True)
class View:
    """screen = turned(mirrored(document * zoom)) + (left, top).

    angle:    degrees clockwise, in [0, 360).
    mirrored: left and right of the document change places before it is turned.
    """

    zoom: float = 1.0
    left: int = 0
    top: int = 0
    angle: float = 0.0
    mirrored: bool = False

    @classmethod
    def fitting(
        cls, extent: Extent, viewport: Extent, margin_px: int, angle: float = 0.0, *, mirrored: bool = False
    ) -> View:
        """The whole document, centred, with a margin where there is room for one."""
        return cls(angle=angle, mirrored=mirrored).fitted(Rect.of(extent), viewport, margin_px)

    def fitted(self, rect: Rect, viewport: Extent, margin_px: int) -> View:
        """All of these document pixels, centred; turned and mirrored as before."""
        room_x = max(viewport.width - 2 * margin_px, viewport.width // 2, 1)
        room_y = max(viewport.height - 2 * margin_px, viewport.height // 2, 1)
        (a, b), (c, d) = self.axes
        wide = abs(a) * rect.width + abs(b) * rect.height
        high = abs(c) * rect.width + abs(d) * rect.height
        zoom = min(room_x / max(wide, 1), room_y / max(high, 1), FIT_LIMIT)
        return replace(self, zoom=_within_limits(zoom)).centred_on(rect.centre, viewport)

    @property
    def axes(self) -> Axes:
        """((a, b), (c, d)): a document pixel to the right is (a, c) on the screen, one down (b, d), before zoom."""
        return _axes(self.angle, self.mirrored)

    @property
    def is_upright(self) -> bool:
        """Neither turned nor mirrored."""
        return self.angle == 0.0 and not self.mirrored

    @property
    def is_square(self) -> bool:
        """Turned by whole quarters, if at all: document pixels lie along the screen's."""
        return self.angle % 90.0 == 0.0

    @property
    def is_crisp(self) -> bool:
        """Whether a document pixel is drawn as a square (or exactly one to one)."""
        return self.zoom >= CRISP_ZOOM or (self.zoom == 1.0 and self.is_square)

    def to_document(self, x: float, y: float) -> Point:
        (a, b), (c, d) = self.axes
        x, y = x - self.left, y - self.top
        return Point((a * x + c * y) / self.zoom, (b * x + d * y) / self.zoom)

    def to_screen(self, point: Point) -> tuple[float, float]:
        (a, b), (c, d) = self.axes
        x, y = point.x * self.zoom, point.y * self.zoom
        return a * x + b * y + self.left, c * x + d * y + self.top

    def screen_rect(self, rect: Rect, margin_px: int = 0) -> Rect:
        """The device pixels that any part of these document pixels touches, and a margin around them."""
        if rect.is_empty:
            return Rect.empty()
        return _around(self.to_screen(corner) for corner in _corners(rect)).expand(margin_px)

    def document_rect(self, rect: Rect, extent: Extent) -> Rect:
        """The document pixels that any of these device pixels shows (and, in a turned view, some around them)."""
        points = (self.to_document(corner.x, corner.y) for corner in _corners(rect))
        return _around((point.x, point.y) for point in points).intersect(Rect.of(extent))

    def centred_on(self, point: Point, viewport: Extent) -> View:
        """The same zoom with this document point in the middle of the viewport."""
        return self._placing(point, viewport.width / 2, viewport.height / 2)

    def zoomed(self, zoom: float, x: float, y: float) -> View:
        """Another zoom, within the limits, with the document point under (x, y) staying there."""
        return replace(self, zoom=_within_limits(zoom))._placing(self.to_document(x, y), x, y)

    def turned(self, angle: float, x: float, y: float) -> View:
        """Another angle, with the document point under (x, y) staying there."""
        nearest = round(angle / 90.0) * 90.0
        angle = nearest if abs(angle - nearest) < _SQUARE_WITHIN_DEGREES else angle
        return replace(self, angle=angle % 360.0)._placing(self.to_document(x, y), x, y)

    def flipped(self, x: float, y: float) -> View:
        """As a mirror would show it that stands upright at (x, y)."""
        turned = replace(self, angle=-self.angle % 360.0, mirrored=not self.mirrored)
        return turned._placing(self.to_document(x, y), x, y)

    def panned(self, dx: int, dy: int) -> View:
        return replace(self, left=self.left + dx, top=self.top + dy)

    def kept_visible(self, extent: Extent, viewport: Extent) -> View:
        """Moved as little as brings `KEEP_VISIBLE_PX` of the document into the viewport."""
        shown = self.screen_rect(Rect.of(extent))
        left, top = _kept(shown.x, shown.width, viewport.width), _kept(shown.y, shown.height, viewport.height)
        return self.panned(left - shown.x, top - shown.y)

    def _placing(self, point: Point, x: float, y: float) -> View:
        there_x, there_y = replace(self, left=0, top=0).to_screen(point)
        return replace(self, left=round(x - there_x), top=round(y - there_y))


@lru_cache(maxsize=64)
def _axes(angle: float, mirrored: bool) -> Axes:
    """Whole numbers for whole quarters, or finished pixels could not be moved about without making new ones."""
    quarter = {0.0: (1.0, 0.0), 90.0: (0.0, 1.0), 180.0: (-1.0, 0.0), 270.0: (0.0, -1.0)}
    cos, sin = quarter.get(angle) or (math.cos(math.radians(angle)), math.sin(math.radians(angle)))
    return ((-cos, -sin), (-sin, cos)) if mirrored else ((cos, -sin), (sin, cos))


def _corners(rect: Rect) -> tuple[Point, ...]:
    return (
        Point(rect.x, rect.y),
        Point(rect.right, rect.y),
        Point(rect.right, rect.bottom),
        Point(rect.x, rect.bottom),
    )


def _around(places: Iterable[tuple[float, float]]) -> Rect:
    across, down = zip(*places, strict=True)
    return Rect.around(min(across), min(down), max(across), max(down))


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
