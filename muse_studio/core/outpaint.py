"""A picture with room around it, and in which order the model's frame fills that room. Knows nothing about tokens.

Each frame overlaps what is known: at least half of it wherever the picture allows, so that what is new continues what
is there. A large room is filled by one frame after another, each seeing what those before it have made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from muse_studio.core import limits
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.geometry import Extent, Rect

Pixels = NDArray[np.uint8]
Mask = NDArray[np.uint8]

PLACES_PER_SIDE = 4
"""Frames are tried at every quarter of their side: finer places change what is seen by less than a base cell or two."""
KNOWN_SHARE = 0.5
EDGE_PX = 32
"""A base cell: more than results fade out over at an edge of the frame that lies inside the picture."""


@dataclass(frozen=True, slots=True)
class Margins:
    """Room to add at each side, in pixels. MuseStudioError(BAD_REQUEST) if negative, or all zero."""

    left: int = 0
    top: int = 0
    right: int = 0
    bottom: int = 0

    def __post_init__(self) -> None:
        sides = (self.left, self.top, self.right, self.bottom)
        if min(sides) < 0 or not any(sides):
            raise MuseStudioError(
                ErrorKind.BAD_REQUEST,
                "There is nothing to extend: say by how many pixels with --left, --top, --right or --bottom.",
            )

    def around(self, extent: Extent) -> Extent:
        """The extent with this room around it. MuseStudioError(BAD_REQUEST) past the limits of documents."""
        width, height = extent.width + self.left + self.right, extent.height + self.top + self.bottom
        longest, most = limits.PICTURE_SIDE_LIMIT_PX, limits.PICTURE_LIMIT_PIXELS
        if max(width, height) > longest or width * height > most:
            message = (
                f"{width:,} × {height:,} pixels are more than a picture may have: {longest:,} a side and "
                f"{most // 2**20} million in all. Extend it by less."
            )
            raise MuseStudioError(ErrorKind.BAD_REQUEST, message)
        return Extent(width, height)


def with_room(picture: Pixels, margins: Margins) -> tuple[Pixels, Mask]:
    """uint8 [H, W, 4] with room around it, and the mask of that room. The picture's own pixels keep their bytes.

    The room continues the picture's edges: the tokenizer sees them beside the cells that it must keep.
    """
    margins.around(Extent(picture.shape[1], picture.shape[0]))
    room = ((margins.top, margins.bottom), (margins.left, margins.right))
    mask = np.pad(np.zeros(picture.shape[:2], np.uint8), room, constant_values=255)
    larger = np.pad(picture, (*room, (0, 0)), mode="edge")
    larger[..., 3][mask > 0] = 255
    return larger, mask


def frames_to_fill(mask: Mask, side: int = limits.FRAME_SIDE_PX) -> Iterator[tuple[Rect, Rect]]:
    """Squares of `side` px that together fill everything painted in uint8 [H, W], and what each of them finishes.

    Each is where most is left to finish beside enough that is known. What lies near its inner edges, where results fade
    out, is left to the next one.
    """
    extent = Extent(mask.shape[1], mask.shape[0])
    unknown = mask > 0
    places = [Rect(x, y, side, side) for y in _places(extent.height, side) for x in _places(extent.width, side)]
    while unknown.any():
        sums = np.pad(unknown.cumsum(0, dtype=np.int64).cumsum(1), ((1, 0), (1, 0)))
        frame = max(places, key=lambda place: _worth(sums, place, extent))
        finished = finished_part(frame, extent)
        yield frame, finished
        unknown[finished.slices] = False


def finished_part(frame: Rect, extent: Extent) -> Rect:
    """The part of a frame in which a result does not fade out: all but a cell along the edges inside the picture."""
    return Rect.between(
        frame.x + (EDGE_PX if frame.x > 0 else 0),
        frame.y + (EDGE_PX if frame.y > 0 else 0),
        min(extent.width, frame.right - (EDGE_PX if frame.right < extent.width else 0)),
        min(extent.height, frame.bottom - (EDGE_PX if frame.bottom < extent.height else 0)),
    )


def _places(length: int, side: int) -> list[int]:
    """Where a frame may begin along one side: every quarter frame, and flush with the end."""
    last = max(0, length - side)
    return sorted({*range(0, last, side // PLACES_PER_SIDE), last})


def _worth(sums: NDArray[np.int64], frame: Rect, extent: Extent) -> tuple[bool, bool, float]:
    """Worth of a frame: whether it finishes anything; whether it sees enough; how much it finishes, or else sees."""
    inside = frame.intersect(Rect.of(extent))
    finishes = _painted(sums, finished_part(frame, extent))
    seen = 1 - _painted(sums, inside) / inside.area
    return finishes > 0, seen >= KNOWN_SHARE, finishes if seen >= KNOWN_SHARE else seen


def _painted(sums: NDArray[np.int64], area: Rect) -> int:
    """Painted pixels of an area, from sums over everything above and left of each pixel."""
    top, bottom = sums[area.y], sums[area.bottom]
    return int(bottom[area.right] - top[area.right] - bottom[area.x] + top[area.x])
