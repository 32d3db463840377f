"""Areas are what slow and obvious code says they are; grown, shrunk and soft masks keep their promises."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from muse_studio.core.geometry import Extent, Point, Rect
from muse_studio.core.masks import dilate, painted_bounds
from muse_studio.core.selection import (
    Area,
    Combine,
    combined,
    ellipse,
    feathered,
    grown,
    polygon,
    rectangle,
    shrunk,
)

EXTENT = Extent(24, 18)
SAMPLES = 16

places = st.builds(Point, st.floats(-9, 33), st.floats(-9, 27))


def whole(area: Area, extent: Extent = EXTENT) -> np.ndarray:
    """The area as a mask of the whole document."""
    mask = np.zeros((extent.height, extent.width), np.uint8)
    assert Rect.of(extent).contains_rect(area.rect)
    assert area.mask.shape == (area.rect.height, area.rect.width)
    mask[area.rect.slices] = area.mask
    return mask


def windings(points: list[Point], extent: Extent) -> np.ndarray:
    """How often the outline goes round each of 16×16 places of each pixel: int [H, W, 256]. Edge by edge."""
    rows, columns = extent.height * SAMPLES, extent.width * SAMPLES
    y, x = (np.indices((rows, columns)) + 0.5) / SAMPLES
    count = np.zeros((rows, columns), int)
    for start, end in zip(points, points[1:] + points[:1], strict=True):
        if start.y == end.y:
            continue
        crosses = (np.minimum(start.y, end.y) <= y) & (y < np.maximum(start.y, end.y))
        with np.errstate(over="ignore"):  # of an edge that is level but for its last digits, and crosses no sample
            left = start.x + (y - start.y) * (end.x - start.x) / (end.y - start.y) < x
        count += np.where(crosses & left, 1 if end.y > start.y else -1, 0)
    blocks = count.reshape(extent.height, SAMPLES, extent.width, SAMPLES)
    return blocks.transpose(0, 2, 1, 3).reshape(extent.height, extent.width, -1)


def touched(points: list[Point], extent: Extent) -> np.ndarray:
    """Whether the outline comes near each pixel: within 0.75 of its centre, bool [H, W]. All others lie on one side."""
    centres = np.moveaxis(np.indices((extent.height, extent.width))[::-1], 0, -1) + 0.5
    near = np.zeros((extent.height, extent.width), bool)
    for start, end in zip(points, points[1:] + points[:1], strict=True):
        begin, along = np.array([start.x, start.y]), np.array([end.x - start.x, end.y - start.y])
        length = max(float(along @ along), 1e-12)
        share = np.clip((centres - begin) @ along / length, 0, 1)
        near |= np.linalg.norm(centres - begin - share[..., None] * along, axis=-1) < 0.75
    return near


@settings(deadline=None, max_examples=60)
@example([Point(0.0, 0.0), Point(0.0, 2.96875), Point(6.0, 3.0)])  # an edge between the last samples and the next row
@example([Point(0.0, -6.9375), Point(32.0, 26.0), Point(-0.5, -7.5)])  # a sliver that no sample sees
@example([Point(0.0, 0.0), Point(0.0, 0.0), Point(1.0, 1.1125369292536007e-308)])
@given(st.lists(places, min_size=3, max_size=9))
def test_what_an_outline_goes_round_is_inside_and_the_rest_is_not(points: list[Point]) -> None:
    around, mask = windings(points, EXTENT), whole(polygon(points, EXTENT))
    sure, times = ~touched(points, EXTENT), around[..., 0]
    assert (around[sure] == times[sure][:, None]).all()
    assert np.all(mask[sure & (times != 0)] >= 253)
    assert np.all(mask[sure & (times == 0)] <= 2)


@settings(deadline=None, max_examples=60)
@given(st.lists(places, min_size=3, max_size=3))
def test_a_triangle_gives_each_pixel_its_share(points: list[Point]) -> None:
    share = (windings(points, EXTENT) != 0).mean(axis=2)
    assert np.abs(whole(polygon(points, EXTENT)) / 255 - share).max() < 0.09  # of 16 rows of samples, one may err


@given(st.floats(-20, 40), st.floats(-20, 40), st.floats(0.1, 25), st.floats(0.1, 25))
def test_a_box_as_a_polygon_has_its_exact_area(x: float, y: float, across: float, down: float) -> None:
    box = [Point(x, y), Point(x + across, y), Point(x + across, y + down), Point(x, y + down)]

    def shared(low: float, length: float, count: int) -> np.ndarray:
        return np.array([max(0.0, min(low + length, i + 1) - max(low, i)) for i in range(count)])

    share = np.outer(shared(y, down, EXTENT.height), shared(x, across, EXTENT.width))
    for points in (box, box[::-1]):
        assert np.abs(whole(polygon(points, EXTENT)) - share * 255).max() <= 0.51


@given(st.lists(st.sampled_from([0.0, 1e300, -1e300, math.nan, math.inf, 7.5]), min_size=6, max_size=12))
def test_wild_points_do_no_harm(values: list[float]) -> None:
    points = [Point(x, y) for x, y in zip(values[::2], values[1::2], strict=False)]
    whole(polygon([p for p in points if abs(p.x) < 1e9 and abs(p.y) < 1e9], EXTENT))
    whole(rectangle(Point(0, 0), Point(5, 5), EXTENT))


@given(places, places)
def test_a_rectangle_is_whole_pixels_inside_the_document(first: Point, second: Point) -> None:
    mask = whole(rectangle(first, second, EXTENT))
    left, right = sorted((first.x, second.x))
    top, bottom = sorted((first.y, second.y))
    for row in range(EXTENT.height):
        for column in range(EXTENT.width):
            # A pixel belongs to it if its centre does; on the line itself either is right.
            clear = min(abs(column + 0.5 - edge) for edge in (left, right)) > 1e-6
            clear = clear and min(abs(row + 0.5 - edge) for edge in (top, bottom)) > 1e-6
            if clear:
                assert mask[row, column] == 255 * (left < column + 0.5 < right and top < row + 0.5 < bottom)


@settings(deadline=None, max_examples=40)
@given(places, places)
def test_an_ellipse_gives_each_pixel_its_share(first: Point, second: Point) -> None:
    across, down = max(abs(second.x - first.x) / 2, 1e-3), max(abs(second.y - first.y) / 2, 1e-3)
    y, x = (np.indices((EXTENT.height * SAMPLES, EXTENT.width * SAMPLES)) + 0.5) / SAMPLES
    off = ((x - (first.x + second.x) / 2) / across) ** 2 + ((y - (first.y + second.y) / 2) / down) ** 2
    share = (off < 1).reshape(EXTENT.height, SAMPLES, EXTENT.width, SAMPLES).mean(axis=(1, 3))
    assert np.abs(whole(ellipse(first, second, EXTENT)) / 255 - share).max() < 0.13


def test_a_large_ellipse_has_the_area_of_its_formula() -> None:
    area = ellipse(Point(3.3, 4.1), Point(1003.3, 704.1), Extent(1100, 800))
    assert area.mask.sum() / 255 == pytest.approx(math.pi * 500 * 350, rel=2e-4)


masks = st.builds(
    lambda seed, share: (
        np.random.default_rng(seed).integers(0, 256, (14, 17)) * (np.random.default_rng(seed).random((14, 17)) < share)
    ).astype(np.uint8),
    st.integers(0, 10_000),
    st.sampled_from([0.0, 0.02, 0.1, 0.6, 1.0]),
)


@given(masks, masks, st.sampled_from(Combine))
def test_joining_two_masks_says_for_each_pixel_what_its_word_says(
    before: np.ndarray, area: np.ndarray, how: Combine
) -> None:
    rules = {
        Combine.REPLACE: lambda old, new: new,
        Combine.ADD: max,
        Combine.SUBTRACT: lambda old, new: min(old, 255 - new),
        Combine.INTERSECT: min,
    }
    result = combined(before, area, how)
    for place in np.ndindex(before.shape):
        assert result[place] == rules[how](int(before[place]), int(area[place]))


@settings(deadline=None, max_examples=50)
@given(masks, st.floats(0, 12))
def test_growing_is_the_maximum_and_shrinking_the_minimum_in_a_disc(mask: np.ndarray, radius_px: float) -> None:
    extent = Extent(17, 14)
    down, right = np.indices(mask.shape)
    largest, least = np.zeros_like(mask), np.zeros_like(mask)
    for y, x in np.ndindex(mask.shape):
        near = mask[(down - y) ** 2 + (right - x) ** 2 <= radius_px**2]
        largest[y, x], least[y, x] = near.max(), near.min()
    assert np.array_equal(whole(grown(mask, radius_px), extent), largest)
    assert np.array_equal(whole(shrunk(mask, radius_px), extent), least)


@settings(deadline=None, max_examples=50)
@given(masks, st.floats(1, 12))
def test_a_feather_stays_within_its_radius_on_both_sides(mask: np.ndarray, radius_px: float) -> None:
    soft = whole(feathered(mask, radius_px), Extent(17, 14))
    square = dilate(mask, 1.5 * radius_px + 2)  # boxes reach into the corners of their square
    assert not soft[square == 0].any()
    solid = np.full((40, 40), 255, np.uint8)
    assert np.all(feathered(solid, radius_px).mask == 255)  # the document's border is no edge


def test_a_feathered_edge_falls_evenly_from_inside_to_outside() -> None:
    mask = np.zeros((9, 200), np.uint8)
    mask[:, :100] = 255
    row = whole(feathered(mask, 30), Extent(200, 9))[4].astype(int)
    assert np.all(np.diff(row) <= 0)
    assert row[68] == 255
    assert row[131] == 0
    assert 100 < row[99] < 155
    assert 0 < row[115] < row[99] < row[85] < 255


def test_nothing_painted_gives_nothing() -> None:
    for change in (grown, shrunk, feathered):
        assert change(np.zeros((5, 5), np.uint8), 3.0).is_empty
    assert polygon([Point(1, 1), Point(2, 2)], EXTENT).is_empty
    assert polygon([Point(-9, -9), Point(-3, -9), Point(-3, -2)], EXTENT).is_empty
    assert painted_bounds(whole(rectangle(Point(3, 3), Point(3.2, 9), EXTENT))).is_empty
