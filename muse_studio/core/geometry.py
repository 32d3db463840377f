"""Points, extents and rectangles in document pixels. Knows nothing about pixels' values, screens or zoom.

x grows to the right, y downwards. The pixel (0, 0) covers the square from (0.0, 0.0) to (1.0, 1.0), so its centre is
(0.5, 0.5). A `Rect` covers the pixels from x up to, but not including, x + width.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """A place between pixels."""

    x: float
    y: float

    def distance_to(self, other: Point) -> float:
        """Euclidean distance in pixels."""
        return math.hypot(other.x - self.x, other.y - self.y)

    def towards(self, other: Point, share: float) -> Point:
        """The point `share` of the way to `other`: 0 is here, 1 is there."""
        return Point(self.x + (other.x - self.x) * share, self.y + (other.y - self.y) * share)


@dataclass(frozen=True, slots=True)
class Extent:
    """A size in pixels. ValueError if a side is negative."""

    width: int
    height: int

    def __post_init__(self) -> None:
        if self.width < 0 or self.height < 0:
            raise ValueError(f"an extent cannot be negative: {self.width} x {self.height}")

    @property
    def area(self) -> int:
        return self.width * self.height

    @property
    def is_empty(self) -> bool:
        return self.width == 0 or self.height == 0

    def __str__(self) -> str:
        return f"{self.width} × {self.height}"


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle of whole pixels; x and y may be negative. ValueError if a side is negative."""

    x: int
    y: int
    width: int
    height: int

    def __post_init__(self) -> None:
        if self.width < 0 or self.height < 0:
            raise ValueError(f"a rectangle cannot be negative: {self.width} x {self.height}")

    @classmethod
    def of(cls, extent: Extent) -> Rect:
        """The rectangle at the origin that covers the whole extent."""
        return cls(0, 0, extent.width, extent.height)

    @classmethod
    def empty(cls) -> Rect:
        return cls(0, 0, 0, 0)

    @classmethod
    def between(cls, left: int, top: int, right: int, bottom: int) -> Rect:
        """From its edges; empty if they are crossed."""
        return cls(left, top, max(0, right - left), max(0, bottom - top))

    @classmethod
    def around(cls, left: float, top: float, right: float, bottom: float) -> Rect:
        """The smallest rectangle of whole pixels that covers these edges."""
        return cls.between(math.floor(left), math.floor(top), math.ceil(right), math.ceil(bottom))

    @property
    def right(self) -> int:
        """First column that is not inside."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """First row that is not inside."""
        return self.y + self.height

    @property
    def extent(self) -> Extent:
        return Extent(self.width, self.height)

    @property
    def area(self) -> int:
        return self.width * self.height

    @property
    def centre(self) -> Point:
        return Point(self.x + self.width / 2, self.y + self.height / 2)

    @property
    def is_empty(self) -> bool:
        return self.width == 0 or self.height == 0

    @property
    def slices(self) -> tuple[slice, slice]:
        """Index of these pixels in an array [H, W, ...]. ValueError if x or y is negative (numpy would wrap round)."""
        if self.x < 0 or self.y < 0:
            raise ValueError(f"{self} starts outside the picture; intersect it first")
        return slice(self.y, self.bottom), slice(self.x, self.right)

    def contains(self, point: Point) -> bool:
        return self.x <= point.x < self.right and self.y <= point.y < self.bottom

    def contains_rect(self, other: Rect) -> bool:
        """Whether every pixel of `other` is inside; an empty one always is."""
        if other.is_empty:
            return True
        return self.x <= other.x and self.y <= other.y and other.right <= self.right and other.bottom <= self.bottom

    def intersect(self, other: Rect) -> Rect:
        """The pixels of both; an empty rectangle if there are none."""
        left, top = max(self.x, other.x), max(self.y, other.y)
        right, bottom = min(self.right, other.right), min(self.bottom, other.bottom)
        if right <= left or bottom <= top:
            return Rect.empty()
        return Rect(left, top, right - left, bottom - top)

    def union(self, other: Rect) -> Rect:
        """The smallest rectangle around both; empty ones count for nothing."""
        if self.is_empty:
            return other
        if other.is_empty:
            return self
        return Rect.between(
            min(self.x, other.x), min(self.y, other.y), max(self.right, other.right), max(self.bottom, other.bottom)
        )

    def expand(self, margin_px: int) -> Rect:
        """Grown on all four sides, or shrunk by a negative margin (to nothing at most)."""
        return Rect.between(self.x - margin_px, self.y - margin_px, self.right + margin_px, self.bottom + margin_px)

    def translate(self, dx: int, dy: int) -> Rect:
        return Rect(self.x + dx, self.y + dy, self.width, self.height)

    def clamp_inside(self, extent: Extent) -> Rect:
        """Moved, never resized, to lie inside the extent; where it is larger than the extent, both start at 0."""
        x = min(max(self.x, 0), max(0, extent.width - self.width))
        y = min(max(self.y, 0), max(0, extent.height - self.height))
        return Rect(x, y, self.width, self.height)
