"""Where places of a document went while its canvas was cropped, extended, scaled, turned and mirrored.

A place that was noted before, such as the frame that a run saw, is found again by it. Knows nothing of documents.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse_studio.core.geometry import Extent, Rect

_SCALE_LEAST = 1e-6  # of what a canvas of one pixel and one of the largest extent have to do with each other, and more
_SHIFT_LIMIT_PX = 2**40


@dataclass(frozen=True, slots=True)
class CanvasTransform:
    """From document pixels before to document pixels after. ValueError for one that has no way back.

    swaps:        whether x and y change their parts, as in a quarter turn; the other numbers are of the axes after it.
    across, down: scale along x and y, negative where the axis is mirrored. right, below: shift along x and y, pixels.
    """

    swaps: bool = False
    across: float = 1.0
    down: float = 1.0
    right: float = 0.0
    below: float = 0.0

    def __post_init__(self) -> None:
        numbers = (self.across, self.down, self.right, self.below)
        if not all(map(math.isfinite, numbers)) or not self.across or not self.down:
            raise ValueError(f"{self} has no way back")

    @classmethod
    def shift(cls, dx: float, dy: float) -> CanvasTransform:
        """That far right and down."""
        return cls(right=dx, below=dy)

    @classmethod
    def scale(cls, across: float, down: float) -> CanvasTransform:
        """By these factors, from the upper left corner."""
        return cls(across=across, down=down)

    @classmethod
    def mirror(cls, extent: Extent, *, horizontally: bool) -> CanvasTransform:
        """Of a canvas of `extent`: left and right exchanged, or top and bottom."""
        return cls(across=-1.0, right=extent.width) if horizontally else cls(down=-1.0, below=extent.height)

    @classmethod
    def quarters(cls, extent: Extent, quarters: int) -> CanvasTransform:
        """Of a canvas of `extent`, turned clockwise by quarters of a circle."""
        match quarters % 4:
            case 1:
                return cls(swaps=True, across=-1.0, right=extent.height)
            case 2:
                return cls(across=-1.0, down=-1.0, right=extent.width, below=extent.height)
            case 3:
                return cls(swaps=True, down=-1.0, below=extent.width)
        return cls()

    @property
    def turns(self) -> bool:
        """Whether pixels stand otherwise than before, beside their size and place."""
        return self.swaps or self.across < 0 or self.down < 0

    def then(self, later: CanvasTransform) -> CanvasTransform:
        """First this one, then `later`."""
        x, y = (self.across, self.right), (self.down, self.below)
        if later.swaps:
            x, y = y, x
        return CanvasTransform(
            self.swaps != later.swaps,
            later.across * x[0],
            later.down * y[0],
            later.across * x[1] + later.right,
            later.down * y[1] + later.below,
        )

    def inverse(self) -> CanvasTransform:
        """The way back."""
        x, y = (1 / self.across, -self.right / self.across), (1 / self.down, -self.below / self.down)
        if self.swaps:
            x, y = y, x
        return CanvasTransform(self.swaps, x[0], y[0], x[1], y[1])

    def square(self, rect: Rect) -> Rect:
        """Where a square is afterwards: one again, of the mean size where the two scales differ."""
        centre = rect.centre
        x, y = (centre.y, centre.x) if self.swaps else (centre.x, centre.y)
        side = round(rect.width * math.sqrt(abs(self.across * self.down)))
        left, top = self.across * x + self.right - side / 2, self.down * y + self.below - side / 2
        return Rect(round(left), round(top), side, side)

    def turned(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Pixels [H, W, ...] as they stand afterwards, at their own size; they themselves where nothing turns."""
        return np.ascontiguousarray(self.turned_view(pixels)) if self.turns else pixels

    def turned_view(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The same without a copy: another look at `pixels`."""
        stood = pixels.swapaxes(0, 1) if self.swaps else pixels
        return np.flip(stood, tuple(axis for axis, scale in ((0, self.down), (1, self.across)) if scale < 0))


UNCHANGED = CanvasTransform()
"""Of a canvas that nothing was done to."""


@dataclass(frozen=True, slots=True)
class Noted:
    """A square of a document as one may note it. transform: from where the document began to the canvas of then."""

    square: Rect
    transform: CanvasTransform = UNCHANGED


def transform_to_json(transform: CanvasTransform) -> list[Any]:
    """As JSON-able values."""
    return [transform.swaps, transform.across, transform.down, transform.right, transform.below]


def transform_from_json(values: Any) -> CanvasTransform:
    """ValueError or TypeError where these are not what `transform_to_json` gives, or lead out of every document."""
    swaps, *numbers = values
    if type(swaps) is not bool or len(numbers) != 4 or any(type(number) not in (int, float) for number in numbers):
        raise ValueError(f"{values!r:.80} is no transform of a canvas")
    across, down, right, below = numbers
    if not all(_SCALE_LEAST <= abs(scale) <= 1 / _SCALE_LEAST for scale in (across, down)):
        raise ValueError(f"a canvas scaled by {across!r} and {down!r}")
    if not all(abs(shift) <= _SHIFT_LIMIT_PX for shift in (right, below)):
        raise ValueError(f"a canvas {right!r} and {below!r} px away")
    return CanvasTransform(swaps, *numbers)
