"""Areas that an artist marks out at once: shapes, grown, shrunk and softened masks, and how they join a mask.

Knows nothing about documents, tools or the picture's colours (wand.py). An area is a rectangle of document pixels and
a uint8 mask of just that rectangle, so that a small shape costs little on a huge document.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from muse_studio.core.geometry import Extent, Point, Rect
from muse_studio.core.masks import Mask, dilate, painted_bounds

_BAND_ROWS = 256
"""Rows filled at a time: the sums stay in the processor's cache."""

_ARC_ERROR_PX = 0.02
"""An ellipse is filled as a polygon that leaves it by no more than this: less than one of 255 steps can show."""

_LEVEL_PX = 1e-9
"""An edge that falls by less has no area beside it, and no slope that could be computed."""

_Floats = NDArray[np.float64]
_Ints = NDArray[np.intp]


class Combine(StrEnum):
    """What a new area does to the mask that is there."""

    REPLACE = "replace"
    ADD = "add"
    SUBTRACT = "subtract"
    INTERSECT = "intersect"


@dataclass(frozen=True, slots=True, eq=False)
class Area:
    """rect: document pixels, inside the document; mask: uint8 [rect.height, rect.width], 255 = all of the pixel."""

    rect: Rect
    mask: Mask

    @classmethod
    def empty(cls) -> Area:
        return cls(Rect.empty(), np.zeros((0, 0), np.uint8))

    @property
    def is_empty(self) -> bool:
        return self.rect.is_empty

    def moved(self, dx: int, dy: int) -> Area:
        return Area(self.rect.translate(dx, dy), self.mask)

    def cropped(self, bounds: Rect) -> Area:
        """What lies inside `bounds`."""
        rect = self.rect.intersect(bounds)
        if rect.is_empty:
            return Area.empty()
        return Area(rect, self.mask[rect.translate(-self.rect.x, -self.rect.y).slices])


def combined(before: Mask, area: Mask, how: Combine) -> Mask:
    """Two masks of one shape as one: the stronger of both, what is left of the first, or the weaker of both."""
    if how is Combine.ADD:
        return np.maximum(before, area)
    if how is Combine.SUBTRACT:
        return np.minimum(before, 255 - area)
    return np.minimum(before, area) if how is Combine.INTERSECT else area


# Shapes -------------------------------------------------------------------------------------------------------------


def rectangle(first: Point, second: Point, extent: Extent) -> Area:
    """Every pixel from one corner to the other, corners rounded to whole pixels; only what lies inside `extent`."""
    (left, right), (top, bottom) = sorted((first.x, second.x)), sorted((first.y, second.y))
    rect = Rect.between(*(math.floor(edge + 0.5) for edge in (left, top, right, bottom))).intersect(Rect.of(extent))
    return Area(rect, np.full((rect.height, rect.width), 255, np.uint8))


def ellipse(first: Point, second: Point, extent: Extent) -> Area:
    """The ellipse that fills the box between two corners, antialiased."""
    return polygon(ellipse_points(first, second), extent)


def ellipse_points(first: Point, second: Point) -> list[Point]:
    """The same ellipse as the corners of a polygon that nobody can tell from it."""
    x, y = (first.x + second.x) / 2, (first.y + second.y) / 2
    across, down = abs(second.x - first.x) / 2, abs(second.y - first.y) / 2
    largest = max(across, down, 1.0)
    count = 4 * math.ceil(math.pi / math.acos(1 - min(_ARC_ERROR_PX / largest, 1.0)) / 4)
    angles = (2 * math.pi * index / count for index in range(count))
    return [Point(x + across * math.cos(angle), y + down * math.sin(angle)) for angle in angles]


def polygon(points: Sequence[Point], extent: Extent) -> Area:
    """Everything that the closed outline goes round (by the non-zero rule, so crossing loops leave no holes).

    Each pixel gets the exact share of it that is inside. Points may lie outside `extent`; those that are no finite
    numbers are left out.
    """
    corners = np.array([(p.x, p.y) for p in points if math.isfinite(p.x) and math.isfinite(p.y)], np.float64)
    if len(corners) < 3:
        return Area.empty()
    low, high = corners.min(axis=0), corners.max(axis=0)
    rect = Rect.around(*low, *high).intersect(Rect.of(extent))
    if rect.is_empty:
        return Area.empty()
    return Area(rect, _filled(corners - (rect.x, rect.y), rect.extent))


def _filled(corners: _Floats, extent: Extent) -> Mask:
    """uint8 [H, W]. Every edge adds, in its rows, the signed area to its right; summed along a row that is the share.

    The same sum that font renderers use; an edge that goes up takes away what one that goes down has added.
    """
    rows, columns, heights, rests = _pieces(corners, extent)
    order = np.argsort(rows, kind="stable")
    rows, columns, heights, rests = rows[order], columns[order], heights[order], rests[order]
    mask = np.empty((extent.height, extent.width), np.uint8)
    for top in range(0, extent.height, _BAND_ROWS):
        bottom = min(top + _BAND_ROWS, extent.height)
        band = slice(*np.searchsorted(rows, (top, bottom)))
        sums = np.zeros((bottom - top, extent.width + 2), np.float32)
        np.add.at(sums, (rows[band] - top, columns[band]), heights[band] * (1 - rests[band]))
        np.add.at(sums, (rows[band] - top, columns[band] + 1), heights[band] * rests[band])
        shares = np.abs(np.cumsum(sums[:, : extent.width], axis=1))
        mask[top:bottom] = np.minimum(shares, 1.0) * 255 + 0.5
    return mask


def _pieces(corners: _Floats, extent: Extent) -> tuple[_Ints, _Ints, _Floats, _Floats]:
    """The outline cut where it crosses a pixel's border: row, column, signed height and mean distance from its left."""
    starts, ends = corners, np.roll(corners, -1, axis=0)
    sloped = np.abs(ends[:, 1] - starts[:, 1]) > _LEVEL_PX
    starts, ends = starts[sloped], ends[sloped]
    downwards = np.where(ends[:, 1] > starts[:, 1], 1.0, -1.0)
    upper, lower = (np.where(downwards[:, None] > 0, *pair) for pair in ((starts, ends), (ends, starts)))
    slopes = (lower[:, 0] - upper[:, 0]) / (lower[:, 1] - upper[:, 1])
    tops, bottoms = np.clip(upper[:, 1], 0, extent.height), np.clip(lower[:, 1], 0, extent.height)
    lefts, rights = (upper[:, 0] + (heights - upper[:, 1]) * slopes for heights in (tops, bottoms))

    edges = np.arange(len(tops))
    level_edges, levels = _whole_numbers(tops, bottoms)
    upright_edges, uprights = _whole_numbers(*(np.clip(side, -1, extent.width + 1) for side in _sorted(lefts, rights)))
    crossings = upper[upright_edges, 1] + (uprights - upper[upright_edges, 0]) / slopes[upright_edges]
    owners = np.concatenate((edges, edges, level_edges, upright_edges))
    cuts = np.concatenate((tops, bottoms, levels, crossings))
    cuts = np.clip(cuts, tops[owners], bottoms[owners])
    order = np.lexsort((cuts, owners))
    owners, cuts = owners[order], cuts[order]
    whole = (owners[1:] == owners[:-1]) & (cuts[1:] > cuts[:-1])
    owners, above, below = owners[:-1][whole], cuts[:-1][whole], cuts[1:][whole]

    middles = (above + below) / 2
    x = np.clip(upper[owners, 0] + (middles - upper[owners, 1]) * slopes[owners], 0, extent.width)
    columns = np.floor(x).astype(np.intp)
    rows = np.minimum(np.floor(middles).astype(np.intp), extent.height - 1)
    return rows, columns, (below - above) * downwards[owners], x - columns


def _sorted(first: _Floats, second: _Floats) -> tuple[_Floats, _Floats]:
    return np.minimum(first, second), np.maximum(first, second)


def _whole_numbers(lows: _Floats, highs: _Floats) -> tuple[_Ints, _Floats]:
    """Every whole number strictly between each pair, and which pair it belongs to."""
    first = np.floor(lows).astype(np.intp) + 1
    counts = np.maximum(np.ceil(highs).astype(np.intp) - first, 0)
    owners = np.repeat(np.arange(len(lows)), counts)
    places = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return owners, (first[owners] + places).astype(np.float64)


# Whole masks --------------------------------------------------------------------------------------------------------


def grown(mask: Mask, radius_px: float) -> Area:
    """The mask [H, W] with its edge moved outwards by `radius_px`, round corners; soft edges stay as soft."""
    rect = _around(mask, radius_px)
    return Area(rect, dilate(np.ascontiguousarray(mask[rect.slices]), radius_px))


def shrunk(mask: Mask, radius_px: float) -> Area:
    """The edge moved inwards. The document's border is no edge: what is masked up to it stays so."""
    rect = _around(mask, radius_px)
    return Area(rect, 255 - dilate(255 - mask[rect.slices], radius_px))


def feathered(mask: Mask, radius_px: float) -> Area:
    """The edge blurred, half of the fall inside and half outside, over about `radius_px` to each side."""
    rect = _around(mask, radius_px)
    image = Image.fromarray(np.ascontiguousarray(mask[rect.slices]))
    if rect.is_empty or radius_px <= 0:
        return Area(rect, np.array(image))
    for _ in range(3):  # three boxes come close to a bell and end exactly at the radius
        image = image.filter(ImageFilter.BoxBlur(radius_px / 3))
    return Area(rect, np.asarray(image))


def _around(mask: Mask, radius_px: float) -> Rect:
    bounds = painted_bounds(mask)
    if bounds.is_empty:
        return bounds
    return bounds.expand(math.ceil(radius_px) + 1).intersect(Rect.of(Extent(mask.shape[1], mask.shape[0])))
