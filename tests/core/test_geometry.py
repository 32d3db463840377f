"""Rectangles agree with the sets of pixels that they stand for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muse_studio.core.geometry import Extent, Point, Rect

small = st.integers(-8, 8)
rects = st.builds(Rect, small, small, st.integers(0, 8), st.integers(0, 8))
extents = st.builds(Extent, st.integers(0, 10), st.integers(0, 10))


def pixels(rect: Rect) -> set[tuple[int, int]]:
    return {(x, y) for x in range(rect.x, rect.right) for y in range(rect.y, rect.bottom)}


@given(rects, rects)
def test_intersection_holds_the_common_pixels(one: Rect, other: Rect) -> None:
    assert pixels(one.intersect(other)) == pixels(one) & pixels(other)


@given(rects, rects)
def test_union_is_the_smallest_around_both(one: Rect, other: Rect) -> None:
    both = one.union(other)
    together = pixels(one) | pixels(other)
    assert together <= pixels(both)
    if together:
        columns, rows = {x for x, _ in together}, {y for _, y in together}
        assert (both.x, both.y) == (min(columns), min(rows))
        assert (both.right, both.bottom) == (max(columns) + 1, max(rows) + 1)


@given(rects, st.integers(-5, 5))
def test_expanding_keeps_the_centre_or_empties(rect: Rect, margin_px: int) -> None:
    grown = rect.expand(margin_px)
    if not grown.is_empty and margin_px >= 0:
        assert grown.centre == rect.centre
    if margin_px >= 0:
        assert grown.contains_rect(rect)
    else:
        assert rect.contains_rect(grown)


@given(rects, extents)
def test_clamping_moves_but_never_resizes(rect: Rect, extent: Extent) -> None:
    moved = rect.clamp_inside(extent)
    assert moved.extent == rect.extent
    assert moved.x >= 0
    assert moved.y >= 0
    if rect.width <= extent.width and rect.height <= extent.height:
        assert moved.right <= extent.width
        assert moved.bottom <= extent.height
    if Rect.of(extent).contains_rect(rect) and not rect.is_empty:
        assert moved == rect


@given(rects, st.builds(Point, st.floats(-10, 10), st.floats(-10, 10)))
def test_contains_is_half_open(rect: Rect, point: Point) -> None:
    assert rect.contains(point) == ((int(point.x // 1), int(point.y // 1)) in pixels(rect))


@given(rects)
def test_slices_select_the_pixels_or_refuse_to_wrap(rect: Rect) -> None:
    if rect.x < 0 or rect.y < 0:
        with pytest.raises(ValueError, match="intersect"):
            _ = rect.slices
    else:
        rows, columns = rect.slices
        assert (rows.stop - rows.start, columns.stop - columns.start) == (rect.height, rect.width)


def test_around_covers_fractions() -> None:
    assert Rect.around(-0.5, 0.2, 3.0, 3.1) == Rect.between(-1, 0, 3, 4)


def test_negative_sides_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        Rect(0, 0, -1, 3)
    with pytest.raises(ValueError, match="negative"):
        Extent(3, -1)


def test_points_measure_and_divide() -> None:
    assert Point(0, 0).distance_to(Point(3, 4)) == 5
    assert Point(0, 2).towards(Point(4, 4), 0.25) == Point(1, 2.5)
    assert str(Extent(20, 10)) == "20 × 10"
