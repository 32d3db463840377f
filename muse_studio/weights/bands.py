"""Walks a picture in bands of rows: what is made of a band is still in a cache when it is needed. Knows not for what.

A picture of some hundred channels is larger than any cache, and each operation carries all of it through memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from torch import Tensor

Fill = Callable[[Tensor, Tensor], None]
"""(rows of the picture, where they go in the buffer): copies, or what else is to become of a row, once."""


def band_rows(height: int, width: int, channels: int, floats: int) -> int:
    """How many rows of a picture have about `floats` numbers; at least one, at most all."""
    return min(height, max(1, floats // (width * channels)))


def walk(picture: Tensor, size: int, buffer: Tensor, fill: Fill) -> Iterator[tuple[slice, Tensor]]:
    """(the rows of a band, those and one neighbour on either side as they were filled in) from top to bottom.

    picture: [H, ...], of which each row is read once, and read before the band above it is yielded: whoever is given a
             band may write over its rows. Past the edges neighbours are zeros.
    buffer:  [size + 2, ...] of whatever shape `fill` writes; what is yielded is a part of it until the next band.
    """
    height, read = len(picture), 0
    for begin in range(0, height, size):
        end = min(begin + size, height)
        if begin:
            buffer[:2] = buffer[size:].clone()
        else:
            buffer[0].zero_()
        upto = min(end + 1, height)
        fill(picture[read:upto], buffer[read - begin + 1 : upto - begin + 1])
        read = upto
        rows = buffer[: end - begin + 2]
        if end == height:
            rows[-1].zero_()
        yield slice(begin, end), rows
