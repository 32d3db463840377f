"""Pixels for a turned or mirrored view. Knows nothing of Qt, pictures or masks.

In a view turned by whole quarters the pixels are those of the upright view, moved about; in any other, each pixel of
the screen looks up its own element. Either way any two pieces of a picture meet exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse_studio.core.geometry import Point, Rect
from muse_studio.gui.canvas.sampling import Area
from muse_studio.gui.canvas.view import View

UprightSample = Callable[[Area], NDArray[Any]]
"""Gives the pixels [height, width] of an area of the upright view whose document starts at (0, 0)."""


def turned_quarters(view: View, area: Rect, upright: UprightSample) -> NDArray[Any]:
    """Pixels [area.height, area.width] of a view turned by whole quarters, from those of the upright one."""
    x, y, right, bottom = area.x - view.left, area.y - view.top, area.right - view.left, area.bottom - view.top
    (a, b), (c, d) = view.axes
    across = sorted((round(a * x + c * y), round(a * right + c * bottom)))
    down = sorted((round(b * x + d * y), round(b * right + d * bottom)))
    block = upright((across[0], down[0], across[1] - across[0], down[1] - down[0]))
    if view.mirrored:
        block = block[:, ::-1]
    return np.ascontiguousarray(np.rot90(block, -round(view.angle / 90)))


def turned_sample(
    array: NDArray[Any], view: View, level: int, area: Rect, *, within: tuple[Point, ...] = (Point(0.5, 0.5),)
) -> NDArray[Any]:
    """Nearest elements [area.height, area.width] at any angle; 0 beyond the array.

    array:  [H, W], the document halved `level` times.
    within: places inside each pixel of the screen; where there are several, the largest of what they show.
    """
    scale = view.zoom * 2**level
    result: NDArray[Any] | None = None
    for place in within:
        pixels = _look_up(array, view, scale, area, place)
        result = pixels if result is None else np.maximum(result, pixels)
    assert result is not None
    return result


def _look_up(array: NDArray[Any], view: View, scale: float, area: Rect, place: Point) -> NDArray[Any]:
    (a, b), (c, d) = view.axes
    x = ((np.arange(area.x, area.right) - view.left) + place.x) / scale
    y = ((np.arange(area.y, area.bottom) - view.top) + place.y) / scale
    columns = np.floor((a * x)[None, :] + (c * y)[:, None]).astype(np.int32)
    rows = np.floor((b * x)[None, :] + (d * y)[:, None]).astype(np.int32)
    height, width = array.shape
    # Negative numbers are huge ones without a sign: one comparison tells both ends of the range.
    inside = (columns.view(np.uint32) < width) & (rows.view(np.uint32) < height)
    places = rows.astype(np.intp) * width + columns
    places[~inside] = 0
    result: NDArray[Any] = array.reshape(-1).take(places)
    result[~inside] = 0
    return result


_NEAR, _FAR = 1e-3, 1 - 1e-3
CORNERS = (Point(_NEAR, _NEAR), Point(_FAR, _NEAR), Point(_FAR, _FAR), Point(_NEAR, _FAR))
"""Just inside a pixel's four corners."""
