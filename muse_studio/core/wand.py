"""The magic wand: all pixels of a picture that look like one of them. Knows nothing about masks or documents.

What is joined to the first pixel is found over runs (unbroken stretches of one row) instead of pixels: a picture of
4,096² has some ten thousand of them, and even pure noise is done in a few seconds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from muse_studio.core.geometry import Extent, Rect
from muse_studio.core.selection import Area

Pixels = NDArray[np.uint8]
_Flags = NDArray[np.bool_]
_Ints = NDArray[np.int64]

_BAND_ROWS = 256


def magic_wand(picture: Pixels, x: int, y: int, tolerance: int, *, contiguous: bool) -> Area:
    """The pixels that look like pixel (x, y); empty if that is outside the picture.

    picture:    uint8 [H, W, 4], straight alpha.
    tolerance:  the most that any of the four channels may differ, 0 to 255.
    contiguous: only those joined to (x, y) by their sides.
    """
    extent = Extent(picture.shape[1], picture.shape[0])
    if not (0 <= x < extent.width and 0 <= y < extent.height):
        return Area.empty()
    alike = _alike(picture, picture[y, x], tolerance)
    starts, ends = _runs(alike)
    if contiguous:
        joined = _joined(starts, ends, extent.width + 1, y * (extent.width + 1) + x)
        starts, ends = starts[joined], ends[joined]
    return _area(starts, ends, extent)


def _alike(picture: Pixels, colour: Pixels, tolerance: int) -> _Flags:
    """bool [H, W]. What is wholly transparent has no colour: it is like all else that is."""
    channels = (3,) if colour[3] == 0 and tolerance < 255 else (0, 1, 2, 3)
    alike = np.empty(picture.shape[:2], np.bool_)
    for top in range(0, len(picture), _BAND_ROWS):
        band, flags = picture[top : top + _BAND_ROWS], alike[top : top + _BAND_ROWS]
        flags[...] = True
        for channel in channels:
            # uint8 wraps round, so one comparison tells both ends of the range.
            low, high = max(int(colour[channel]) - tolerance, 0), min(int(colour[channel]) + tolerance, 255)
            flags &= band[..., channel] - np.uint8(low) <= high - low
    return alike


def _runs(flags: _Flags) -> tuple[_Ints, _Ints]:
    """First and one past the last pixel of each run, counted through rows that are one pixel longer than the flags'."""
    height, width = flags.shape
    padded = np.zeros(height * (width + 1) + 1, np.bool_)
    padded[1:].reshape(height, width + 1)[:, :width] = flags
    steps = np.flatnonzero(padded[1:] != padded[:-1])
    return steps[::2], steps[1::2]


def _joined(starts: _Ints, ends: _Ints, stride: int, place: int) -> _Flags:
    """Which runs can be reached from the run that holds `place`, stepping to runs that touch it above or below."""
    first = np.searchsorted(ends, starts + stride, side="right")
    counts = np.maximum(np.searchsorted(starts, ends + stride, side="left") - first, 0)
    uppers = np.repeat(np.arange(len(starts)), counts)
    lowers = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + first[uppers]
    # Every group of runs is led by its least; groups that touch join, until none touch any more.
    leaders = np.arange(len(starts))
    while True:
        some, others = leaders[uppers], leaders[lowers]
        apart = some != others
        if not apart.any():
            break
        uppers, lowers = uppers[apart], lowers[apart]
        np.minimum.at(leaders, np.maximum(some, others)[apart], np.minimum(some, others)[apart])
        leaders = _led_by_the_least(leaders)
    home = leaders[np.searchsorted(starts, place, side="right") - 1]
    joined: _Flags = leaders == home
    return joined


def _led_by_the_least(leaders: _Ints) -> _Ints:
    """Everyone follows the leader's leader, until all leaders lead themselves."""
    while True:
        further = leaders[leaders]
        if np.array_equal(further, leaders):
            return leaders
        leaders = further


def _area(starts: _Ints, ends: _Ints, extent: Extent) -> Area:
    """The runs as a mask of their own bounds."""
    stride = extent.width + 1
    rows, lefts, rights = starts // stride, starts % stride, ends - starts + starts % stride
    rect = Rect.between(int(lefts.min()), int(rows[0]), int(rights.max()), int(rows[-1]) + 1)
    steps = np.zeros((rect.height, rect.width + 1), np.int8)
    steps[rows - rect.y, lefts - rect.x] = 1
    steps[rows - rect.y, rights - rect.x] = -1
    flags = np.cumsum(steps, axis=1, dtype=np.int8)[:, : rect.width]
    return Area(rect, flags.astype(np.uint8) * np.uint8(255))
