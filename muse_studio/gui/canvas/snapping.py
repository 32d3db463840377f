"""Where the frame goes when dragged: drawn to the canvas' edges and middle, a 64-px grid and the model's own size.

Everything is in document pixels. Knows nothing of Qt, screens or documents; what the frame may be is the document's to
say.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from muse_studio.core.geometry import Extent, Rect
from muse_studio.core.limits import FRAME_SIDE_LEAST_PX, FRAME_SIDE_PX
from muse_studio.gui.canvas.frame import Grip

GRID_PX = 64
"""Two base cells and eight detail cells of a frame of 512: frames on it share their cells' borders."""

SIDES_PX = (FRAME_SIDE_PX, 2 * FRAME_SIDE_PX)
"""Sides at which the model's pixels are the document's, or halves of them."""


@dataclass(frozen=True, slots=True)
class SnapLine:
    """A line that the frame was drawn to: x of an upright one, or y of a level one."""

    upright: bool
    at: float


@dataclass(frozen=True, slots=True)
class Snapped:
    frame: Rect
    lines: tuple[SnapLine, ...] = ()


def snap_move(frame: Rect, extent: Extent, reach_px: float) -> Snapped:
    """The frame moved to the nearest lines within `reach_px`, each axis by itself; the canvas before the grid."""
    x, line_x = _snap_start(frame.x, frame.width, extent.width, reach_px)
    y, line_y = _snap_start(frame.y, frame.height, extent.height, reach_px)
    lines = [SnapLine(upright, line) for upright, line in ((True, line_x), (False, line_y)) if line is not None]
    return Snapped(Rect(x, y, frame.width, frame.height), tuple(lines))


def _snap_start(start: int, side: int, length: int, reach_px: float) -> tuple[int, float | None]:
    """The frame's new start along one axis, and the canvas' line that drew it there (the grid's are not told)."""
    canvas = ((0, 0.0), (length - side, float(length)), ((length - side) // 2, length / 2))
    place, line = min(canvas, key=lambda pair: abs(pair[0] - start))
    if abs(place - start) <= reach_px:
        return place, line
    place = round(start / GRID_PX) * GRID_PX
    return (place, None) if abs(place - start) <= reach_px else (start, None)


def resized(frame: Rect, grip: Grip, dx: float, dy: float, extent: Extent) -> Rect:
    """The frame with this grip dragged by (dx, dy): square, and of a side that a frame on this document may have.

    The side or corner opposite the grip stays where it is; dragging an edge grows both ways along it.
    """
    x, y = grip.value
    growth = max(dx * x, dy * y) if x and y else dx * x + dy * y
    return with_side(frame, grip, round(frame.width + growth), extent)


def with_side(frame: Rect, grip: Grip, side: int, extent: Extent) -> Rect:
    """The frame in another size, held at what is opposite the grip."""
    x, y = grip.value
    side = min(max(side, FRAME_SIDE_LEAST_PX), max(FRAME_SIDE_PX, extent.width, extent.height))
    return Rect(_anchored(frame.x, frame.right, side, x), _anchored(frame.y, frame.bottom, side, y), side, side)


def _anchored(low: int, high: int, side: int, direction: int) -> int:
    if direction < 0:
        return high - side
    return low if direction > 0 else (low + high - side) // 2


def snap_resize(before: Rect, grip: Grip, frame: Rect, extent: Extent, reach_px: float) -> Snapped:
    """`frame`, which `before` has become by dragging `grip`, in the nearest size that ends on a line or is the model's.

    Only edges that the drag moves are drawn to lines.
    """
    sides: list[tuple[int, SnapLine | None]] = [(side, None) for side in SIDES_PX]
    x, y = grip.value
    for upright, direction, low, high, length in (
        (True, x, before.x, before.right, extent.width),
        (False, y, before.y, before.bottom, extent.height),
    ):
        if direction:
            anchor, edge = (low, frame.right if upright else frame.bottom)
            if direction < 0:
                anchor, edge = (high, frame.x if upright else frame.y)
            sides += _sides_to(anchor, edge, direction, length, upright=upright)
    near = [(side, line) for side, line in sides if abs(side - frame.width) <= reach_px]
    if not near:
        return Snapped(frame)
    side, line = min(near, key=lambda pair: (pair[1] is None, abs(pair[0] - frame.width)))
    return Snapped(with_side(before, grip, side, extent), (line,) if line is not None else ())


def _sides_to(
    anchor: int, edge: int, direction: int, length: int, *, upright: bool
) -> Iterable[tuple[int, SnapLine | None]]:
    for line in (0, length):
        yield (line - anchor) * direction, SnapLine(upright, line)
    yield (round(edge / GRID_PX) * GRID_PX - anchor) * direction, None
