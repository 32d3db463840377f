"""Which array element each pixel of the screen shows, without any drift. Knows nothing about Qt.

Qt scales with 16.16 fixed-point steps: at 3,000 % on an 8,192-pixel picture its nearest neighbour is two pixels off.
Here every row and column is looked up from its own coordinate, so any two pieces of a picture meet exactly.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def sample(array: NDArray[Any], scale: float, left: int, top: int, area: tuple[int, int, int, int]) -> NDArray[Any]:
    """Nearest-neighbour pixels [height, width] of `area` (x, y, width, height on the screen).

    array: [H, W]; the element (0, 0) starts at (left, top) on the screen and each is `scale` wide. Outside, the nearest
    edge is repeated.
    """
    x, y, width, height = area
    rows = _indices(y - top, height, scale, array.shape[0])
    columns = _indices(x - left, width, scale, array.shape[1])
    block = array[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    if scale == 1.0 and block.shape == (height, width):
        return np.ascontiguousarray(block)
    # Columns first: the block has the fewer rows when magnified, and taking whole rows afterwards is a plain copy.
    result: NDArray[Any] = block.take(columns - columns[0], axis=1).take(rows - rows[0], axis=0)
    return result


def _indices(start: int, count: int, scale: float, size: int) -> NDArray[np.intp]:
    places = np.floor((np.arange(start, start + count) + 0.5) / scale).astype(np.intp)
    return np.clip(places, 0, size - 1)
