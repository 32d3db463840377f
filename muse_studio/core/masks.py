"""Masks as arrays: where they are painted, in other resolutions, with soft edges.

Knows nothing about documents or tokens. A mask is uint8 [H, W]; any value above 0 regenerates.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from muse_studio.core.geometry import Extent, Rect

Mask = NDArray[np.uint8]


def painted_bounds(mask: Mask) -> Rect:
    """The smallest rectangle around everything painted; empty if nothing is."""
    rows = np.flatnonzero(mask.any(axis=1))
    if rows.size == 0:
        return Rect.empty()
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    columns = np.flatnonzero(mask[top:bottom].any(axis=0))
    return Rect.between(int(columns[0]), top, int(columns[-1]) + 1, bottom)


def resample_by_maximum(mask: Mask, extent: Extent) -> Mask:
    """The mask in another resolution, each pixel the maximum of all it touches: no painted pixel is ever lost."""
    rows = _maximum_along_rows(mask, extent.height)
    return np.ascontiguousarray(_maximum_along_rows(np.ascontiguousarray(rows.T), extent.width).T)


def _maximum_along_rows(mask: Mask, count: int) -> Mask:
    """[H, W] to [count, W]; output row i is the maximum of the input rows that [i, i + 1) * H / count touches."""
    height = mask.shape[0]
    if height == count:
        return mask
    result = np.empty((count, mask.shape[1]), np.uint8)
    for row in range(count):  # a loop, since np.maximum.reduceat is ten times slower on large masks
        first, beyond = row * height // count, -(-(row + 1) * height // count)
        np.maximum.reduce(mask[first:beyond], axis=0, out=result[row])
    return result


def dilate(mask: Mask, radius_px: float) -> Mask:
    """Each pixel becomes the maximum within `radius_px` around it (a disc, Euclidean distance between centres)."""
    reach = int(radius_px)
    result = mask.copy()
    if reach < 1 or mask.size == 0:
        return result
    # Rows at distance d need a horizontal maximum of half-width sqrt(r^2 - d^2). Widths grow one by one, so each
    # comes from the one before; from the widest (d = 0) to the narrowest they are used as they appear.
    rows_of_width: dict[int, list[int]] = {}
    for distance in range(reach + 1):
        rows_of_width.setdefault(int(math.sqrt(radius_px**2 - distance**2)), []).append(distance)
    for width in range(reach + 1):
        wide = _running_maximum(mask, width)
        for distance in rows_of_width.get(width, ()):
            _raise_shifted(result, wide, distance)
            _raise_shifted(result, wide, -distance)
    return result


def _running_maximum(mask: Mask, half_width: int) -> Mask:
    """Maximum over [x - half_width, x + half_width], by doubling: about 2 * log2(half_width) passes."""
    if half_width == 0:
        return mask
    span = 2 * half_width + 1
    padded = np.zeros((mask.shape[0], mask.shape[1] + span - 1), np.uint8)
    padded[:, half_width : half_width + mask.shape[1]] = mask
    covered = 1
    while covered * 2 <= span:
        padded = np.maximum(padded[:, :-covered], padded[:, covered:])
        covered *= 2
    rest = span - covered
    return np.maximum(padded[:, : padded.shape[1] - rest], padded[:, rest:]) if rest else padded


def _raise_shifted(target: Mask, source: Mask, down: int) -> None:
    """target[y] = max(target[y], source[y - down])"""
    height = target.shape[0]
    if abs(down) >= height:
        return
    to, start = slice(max(0, down), height + min(0, down)), slice(max(0, -down), height - max(0, down))
    np.maximum(target[to], source[start], out=target[to])


def feather(mask: Mask, radius_px: float) -> Mask:
    """Alpha for pasting: at least the mask itself, a smooth fall around it, exactly 0 beyond `radius_px`.

    The mask is grown by half the radius and then blurred by half: every blurred value within the mask averages only
    grown ones, so nothing painted gets weaker, and the fall is S-shaped on both ends. Only what lies around the painted
    pixels is computed.
    """
    alpha = np.zeros_like(mask)
    bounds = painted_bounds(mask)
    if bounds.is_empty:
        return alpha
    whole = Rect.of(Extent(mask.shape[1], mask.shape[0]))
    area = bounds.expand(math.ceil(radius_px) + 1).intersect(whole)
    alpha[area.slices] = _feather_area(np.ascontiguousarray(mask[area.slices]), radius_px)
    return alpha


def _feather_area(mask: Mask, radius_px: float) -> Mask:
    half = radius_px / 2
    if half < 1:
        return mask
    image = Image.fromarray(dilate(mask, half))
    for _ in range(3):  # three boxes come close to a bell and reach exactly `half` along the axes
        image = image.filter(ImageFilter.BoxBlur(half / 3))
    alpha: Mask = np.maximum(np.asarray(image), mask)  # rounding must not weaken
    alpha[dilate((mask > 0).astype(np.uint8), radius_px) == 0] = 0  # the boxes' corners reach a little further
    return alpha
