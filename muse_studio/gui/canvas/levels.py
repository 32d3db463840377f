"""Halved copies of an array, so that a huge picture costs no more to show than a small one. Knows nothing about Qt.

Level 0 is the array itself, level n has ceil(side / 2^n) pixels a side. Levels are made when first needed, and only
the part that changed is made again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse_studio.core.geometry import Extent, Rect

Halve = Callable[[NDArray[Any], NDArray[Any]], None]
"""Fills the second array [ceil(H/2), ceil(W/2)] from the first [H, W]."""

BAND_ROWS = 256
"""Rows worked on at a time: temporaries then stay in the processor's cache instead of doubling the memory."""


class Levels:
    """A pyramid over one uint8 or uint32 array [H, W]."""

    def __init__(self, array: NDArray[Any], halve: Halve) -> None:
        self._levels = [array]
        self._halve = halve

    @property
    def extent(self) -> Extent:
        height, width = self._levels[0].shape
        return Extent(width, height)

    def level(self, index: int) -> NDArray[Any]:
        """[ceil(H / 2^index), ceil(W / 2^index)]; stops halving at a single pixel."""
        while len(self._levels) <= index and max(self._levels[-1].shape) > 1:
            above = self._levels[-1]
            below = np.empty(((above.shape[0] + 1) // 2, (above.shape[1] + 1) // 2), above.dtype)
            self._levels.append(below)
            self._fill(len(self._levels) - 1, Rect(0, 0, below.shape[1], below.shape[0]))
        return self._levels[min(index, len(self._levels) - 1)]

    def changed(self, rect: Rect) -> None:
        """Bring the levels made so far up to date with level 0 inside `rect`."""
        for index in range(1, len(self._levels)):
            rect = Rect.between(rect.x // 2, rect.y // 2, (rect.right + 1) // 2, (rect.bottom + 1) // 2)
            self._fill(index, rect)

    def _fill(self, index: int, rect: Rect) -> None:
        above, below = self._levels[index - 1], self._levels[index]
        for top in range(rect.y, rect.bottom, BAND_ROWS):
            bottom = min(top + BAND_ROWS, rect.bottom)
            source = above[top * 2 : bottom * 2, rect.x * 2 : rect.right * 2]
            self._halve(source, below[top:bottom, rect.x : rect.right])


def level_for(zoom: float) -> int:
    """The level whose pixels are drawn at more than half and at most their own size: no aliasing, least work."""
    level = 0
    while zoom * 2**level <= 0.5:
        level += 1
    return level


def halve_to_largest(source: NDArray[np.uint8], target: NDArray[np.uint8]) -> None:
    """The largest of each 2×2: a mask painted one pixel wide never vanishes."""
    target[...] = source[::2, ::2]
    for piece, place in _other_corners(source, target):
        np.maximum(place, piece, out=place)


def halve_to_mean(source: NDArray[np.uint32], target: NDArray[np.uint32]) -> None:
    """The mean of each 2×2 of packed 4×8-bit pixels, all four channels at once: two averages of pairs, rounded up.

    (a | b) - (((a ^ b) & 0xFEFEFEFE) >> 1) is the channelwise mean without carries between channels.
    """
    top = _pair_mean(source[::2, ::2], _padded(source[::2, 1::2], source[::2, ::2]))
    lower = source[1::2]
    if lower.shape[0]:
        bottom = _pair_mean(lower[:, ::2], _padded(lower[:, 1::2], lower[:, ::2]))
        target[: bottom.shape[0]] = _pair_mean(top[: bottom.shape[0]], bottom, round_up=False)
    target[lower.shape[0] :] = top[lower.shape[0] :]


def _pair_mean(first: NDArray[np.uint32], second: NDArray[np.uint32], *, round_up: bool = True) -> NDArray[np.uint32]:
    half = ((first ^ second) & np.uint32(0xFEFEFEFE)) >> np.uint32(1)
    # Rounding up and then down leaves no bias, so flat grey stays the same grey through every level.
    return (first | second) - half if round_up else (first & second) + half


def _padded(short: NDArray[np.uint32], like: NDArray[np.uint32]) -> NDArray[np.uint32]:
    if short.shape == like.shape:
        return short
    return np.concatenate((short, like[:, -1:]), axis=1)


def _other_corners(
    source: NDArray[np.uint8], target: NDArray[np.uint8]
) -> list[tuple[NDArray[np.uint8], NDArray[np.uint8]]]:
    pieces = (source[::2, 1::2], source[1::2, ::2], source[1::2, 1::2])
    return [(piece, target[: piece.shape[0], : piece.shape[1]]) for piece in pieces]
