"""The brush: a stroke is swept over a mask, piece by piece, as the pen moves.

Knows nothing about undo, documents or screens: it changes one uint8 array and says where.

A stroke is the exact sweep of a round dab along the pen's path, not a row of separate stamps: each piece between two
pen positions adds the dab's profile at the distance from that piece. So the edge has no scallops at any spacing, and
the same path gives the same mask at any event rate. Paint combines by maximum and the eraser by minimum, so that
crossing a stroke with itself never exceeds its opacity.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from muse_studio.core import limits
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.geometry import Extent, Point, Rect

MISSING_PRESSURE = 0.5  # some pens report none; a mouse passes 1.0
_LEAST_SIZE_SHARE = 0.2  # of the full size, at the lightest touch
_LEAST_STEP_PX = 0.25  # shorter moves wait for the next event: they would not change a value
_STEP_SHARE = 0.02  # of the size above 64 px: large dabs cost milliseconds and change slowly along the path
_SMALL_PX = 64.0
_PIECE_SHARE = 1.0  # of the size: longest piece painted at once, so that a diagonal does not sweep a huge square
_LEAST_PIECE_PX = 48.0

BeforePaint = Callable[[Rect], None]


@dataclass(frozen=True, slots=True)
class Brush:
    """size_px: diameter at full pressure. hardness: share of the radius that is solid, 0 to 1.

    opacity: the most one stroke reaches, 0 to 1. erase: take away instead of adding. BAD_REQUEST out of range.
    pressure_sizes, pressure_fades: whether less than full pressure makes it smaller, and weaker.
    """

    size_px: float = 64.0
    hardness: float = 0.6
    opacity: float = 1.0
    erase: bool = False
    pressure_sizes: bool = True
    pressure_fades: bool = True

    def __post_init__(self) -> None:
        sound = (
            limits.BRUSH_LEAST_PX <= self.size_px <= limits.BRUSH_LIMIT_PX
            and 0.0 <= self.hardness <= 1.0
            and 0.0 <= self.opacity <= 1.0
        )
        if not sound:
            message = f"The brush must be {limits.BRUSH_LEAST_PX:g} to {limits.BRUSH_LIMIT_PX:g} px wide."
            raise MuseStudioError(ErrorKind.BAD_REQUEST, message, repr(self))

    def sized(self, size_px: float) -> Brush:
        """The same brush in another size, held within the limits."""
        return replace(self, size_px=min(max(size_px, limits.BRUSH_LEAST_PX), limits.BRUSH_LIMIT_PX))


@dataclass(frozen=True, slots=True)
class _Dab:
    """The brush at one place of the path: where, how wide (radius_px) and how strong (0 to 1) the pressure makes it."""

    x: float
    y: float
    radius_px: float
    strength: float

    def towards(self, other: _Dab, share: float) -> _Dab:
        return _Dab(
            self.x + (other.x - self.x) * share,
            self.y + (other.y - self.y) * share,
            self.radius_px + (other.radius_px - self.radius_px) * share,
            self.strength + (other.strength - self.strength) * share,
        )

    def same_touch(self, other: _Dab) -> bool:
        return abs(self.radius_px - other.radius_px) < 0.01 and abs(self.strength - other.strength) < 0.002


def dab_at(brush: Brush, point: Point, pressure: float | None) -> _Dab:
    """Pressure 0 to 1 widens and strengthens: size from a fifth, opacity from nothing, with a soft knee to full."""
    felt = MISSING_PRESSURE if pressure is None or math.isnan(pressure) else min(max(pressure, 0.0), 1.0)
    size = _LEAST_SIZE_SHARE + (1.0 - _LEAST_SIZE_SHARE) * felt if brush.pressure_sizes else 1.0
    strength = felt * (2.0 - felt) if brush.pressure_fades else 1.0
    return _Dab(point.x, point.y, brush.size_px / 2 * size, brush.opacity * strength)


class StrokePainter:
    """One stroke on one mask.

    mask:         uint8 [H, W], changed in place.
    before_paint: called with each rectangle just before its pixels change (undo keeps the old ones).
    """

    def __init__(self, mask: NDArray[np.uint8], brush: Brush, before_paint: BeforePaint | None = None) -> None:
        self._mask = mask
        self._brush = brush
        self._before_paint = before_paint
        self._bounds = Rect.of(Extent(mask.shape[1], mask.shape[0]))
        self._painted: _Dab | None = None  # as far as the mask is up to date
        self._latest: _Dab | None = None  # as far as the pen has come
        self._step_px = _LEAST_STEP_PX + _STEP_SHARE * max(0.0, brush.size_px - _SMALL_PX)

    def line_to(self, point: Point, pressure: float | None = 1.0) -> Rect:
        """Move the pen to `point`, in mask pixels; the first call sets it down.

        pressure: 0 to 1, None if the device has none. Returns the changed rectangle; empty if the pen moved too little
        to show or is outside. Places that are not finite numbers are ignored.
        """
        if not (math.isfinite(point.x) and math.isfinite(point.y)):
            return Rect.empty()
        dab = dab_at(self._brush, point, pressure)
        start, self._latest = self._painted, dab
        if start is None:
            self._painted = dab
            return self._sweep(dab, dab)
        if math.hypot(dab.x - start.x, dab.y - start.y) < self._step_px and dab.same_touch(start):
            return Rect.empty()
        self._painted = dab
        return self._sweep(start, dab)

    def finish(self) -> Rect:
        """Paint the last bit that was too short to show by itself."""
        start, end = self._painted, self._latest
        if start is None or end is None or start == end:
            return Rect.empty()
        self._painted = end
        return self._sweep(start, end)

    def _sweep(self, start: _Dab, end: _Dab) -> Rect:
        """All pieces from start to end that can touch the mask."""
        reach = math.ceil(max(start.radius_px, end.radius_px)) + 1
        clipped = _clip(start, end, self._bounds.expand(reach))
        if clipped is None:
            return Rect.empty()
        start, end = clipped
        length = math.hypot(end.x - start.x, end.y - start.y)
        pieces = max(1, math.ceil(length / max(_LEAST_PIECE_PX, _PIECE_SHARE * self._brush.size_px)))
        dirty = Rect.empty()
        for index in range(pieces):
            head, tail = start.towards(end, index / pieces), start.towards(end, (index + 1) / pieces)
            dirty = dirty.union(self._paint_piece(head, tail))
        return dirty

    def _paint_piece(self, start: _Dab, end: _Dab) -> Rect:
        reach = max(start.radius_px, end.radius_px) + 1.0
        area = Rect.around(
            min(start.x, end.x) - reach,
            min(start.y, end.y) - reach,
            max(start.x, end.x) + reach,
            max(start.y, end.y) + reach,
        ).intersect(self._bounds)
        if area.is_empty:
            return area
        values = coverage(area, start, end, self._brush.hardness)
        if self._before_paint is not None:
            self._before_paint(area)
        target = self._mask[area.slices]
        if self._brush.erase:
            np.minimum(target, np.subtract(255, values, out=values), out=target)
        else:
            np.maximum(target, values, out=target)
        return area


def coverage(area: Rect, start: _Dab, end: _Dab, hardness: float) -> NDArray[np.uint8]:
    """The sweep from `start` to `end` over the pixels of `area`: uint8 [height, width]."""
    # Pixel centres relative to the start, as a row and a column that broadcast.
    right = np.arange(area.x, area.right, dtype=np.float32)[None, :] + np.float32(0.5 - start.x)
    down = np.arange(area.y, area.bottom, dtype=np.float32)[:, None] + np.float32(0.5 - start.y)
    dx, dy = end.x - start.x, end.y - start.y
    squared = dx * dx + dy * dy
    if squared < 1e-6:
        distance = np.sqrt(right * right + down * down)
        return _profile(distance, end.radius_px, end.strength, hardness)
    along = right * np.float32(dx / squared) + down * np.float32(dy / squared)  # 0 at the start, 1 at the end
    np.clip(along, 0.0, 1.0, out=along)
    off_x = right - along * np.float32(dx)
    off_y = down - along * np.float32(dy)
    off_x *= off_x
    off_y *= off_y
    off_x += off_y
    distance = np.sqrt(off_x, out=off_x)
    if start.same_touch(end):
        return _profile(distance, end.radius_px, end.strength, hardness)
    radius = start.radius_px + along * np.float32(end.radius_px - start.radius_px)
    strength = start.strength + along * np.float32(end.strength - start.strength)
    return _profile(distance, radius, strength, hardness)


_Amount = float | NDArray[np.float32]


def _profile(distance: NDArray[np.float32], radius: _Amount, strength: _Amount, hardness: float) -> NDArray[np.uint8]:
    """Solid to hardness * radius, then a smoothstep to nothing at the radius; the ramp is never under one pixel wide.

    The smoothstep has no corner at either end, which is what makes a soft edge look soft. Overwrites `distance`.
    """
    width = np.maximum(np.multiply(radius, 1.0 - hardness), 1.0)  # of the ramp
    overhang = 0.5 * np.maximum(0.0, 1.0 - np.multiply(radius, 1.0 - hardness))  # a one-pixel ramp straddles the edge
    ramp = np.subtract(np.asarray(radius + overhang, dtype=np.float32), distance, out=distance)
    ramp /= np.asarray(width, dtype=np.float32)
    np.clip(ramp, 0.0, 1.0, out=ramp)
    curve = 3.0 - 2.0 * ramp
    ramp *= ramp
    ramp *= curve
    ramp *= np.asarray(np.multiply(strength, 255.0), dtype=np.float32)
    ramp += 0.5
    return ramp.astype(np.uint8)


def _clip(start: _Dab, end: _Dab, bounds: Rect) -> tuple[_Dab, _Dab] | None:
    """The part of the path inside `bounds` (Liang and Barsky), so that a wild event cannot ask for endless pieces."""
    first, last = 0.0, 1.0
    for origin, delta, low, high in (
        (start.x, end.x - start.x, float(bounds.x), float(bounds.right)),
        (start.y, end.y - start.y, float(bounds.y), float(bounds.bottom)),
    ):
        if delta == 0.0:
            if not low <= origin <= high:
                return None
            continue
        enter, leave = sorted(((low - origin) / delta, (high - origin) / delta))
        first, last = max(first, enter), min(last, leave)
        if first > last:
            return None
    return start.towards(end, first), end if last == 1.0 else start.towards(end, last)
