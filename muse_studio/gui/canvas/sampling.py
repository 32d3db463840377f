"""Which array element each pixel of the screen shows, without any drift. Knows nothing about Qt.

Qt scales with 16.16 fixed-point steps: at 3,000 % on an 8,192-pixel picture its nearest neighbour is two pixels off.
Here every row and column is looked up from its own coordinate, so any two pieces of a picture meet exactly.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Area = tuple[int, int, int, int]
"""x, y, width and height on the screen, not empty."""


def sample(array: NDArray[Any], scale: float, left: int, top: int, area: Area) -> NDArray[Any]:
    """Nearest-neighbour pixels [height, width] of `area`.

    array: [H, W]; the element (0, 0) starts at (left, top) on the screen and each is `scale` wide. Outside, the nearest
    edge is repeated.
    """
    x, y, width, height = area
    rows = _indices(y - top, height, 0.5, scale, array.shape[0])
    columns = _indices(x - left, width, 0.5, scale, array.shape[1])
    block = array[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    if scale == 1.0 and block.shape == (height, width):
        return np.ascontiguousarray(block)
    # Columns first: the block has the fewer rows when magnified, and taking whole rows afterwards is a plain copy.
    result: NDArray[Any] = block.take(columns - columns[0], axis=1).take(rows - rows[0], axis=0)
    return result


def sample_largest(array: NDArray[np.uint8], scale: float, left: int, top: int, area: Area) -> NDArray[np.uint8]:
    """The same, but where a pixel of the screen shows two elements a side it has the largest: nothing thin is skipped.

    scale: more than 0.5.
    """
    if scale >= 1.0:
        return sample(array, scale, left, top, area)
    x, y, width, height = area
    rows = [_indices(y - top, height, part, scale, array.shape[0]) for part in _BOTH_ENDS]
    columns = [_indices(x - left, width, part, scale, array.shape[1]) for part in _BOTH_ENDS]
    block = array[rows[0][0] : rows[1][-1] + 1, columns[0][0] : columns[1][-1] + 1]
    wide = np.maximum(*(block.take(index - columns[0][0], axis=1) for index in columns))
    result: NDArray[np.uint8] = np.maximum(*(wide.take(index - rows[0][0], axis=0) for index in rows))
    return result


_BOTH_ENDS = (1e-6, 1 - 1e-6)
"""Just inside a pixel's first and last edge."""


def _indices(start: int, count: int, part: float, scale: float, size: int) -> NDArray[np.intp]:
    """The element under each of `count` pixels, at a `part` of the pixel."""
    places = np.floor((np.arange(start, start + count) + part) / scale).astype(np.intp)
    return np.clip(places, 0, size - 1)
