"""The view: where the document lies on the screen."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muse_studio.core.geometry import Extent, Point, Rect
from muse_studio.gui.canvas.view import KEEP_VISIBLE_PX, ZOOM_LADDER, ZOOM_LEAST, ZOOM_LIMIT, View, next_zoom

zooms = st.floats(ZOOM_LEAST, ZOOM_LIMIT)
offsets = st.integers(-5_000, 5_000)
views = st.builds(View, zooms, offsets, offsets)
extents = st.builds(Extent, st.integers(1, 16_384), st.integers(1, 16_384))
viewports = st.builds(Extent, st.integers(1, 4_000), st.integers(1, 3_000))


@settings(deadline=None)
@given(views, st.floats(-1e4, 1e4), st.floats(-1e4, 1e4))
def test_a_place_goes_to_the_document_and_back(view: View, x: float, y: float) -> None:
    assert view.to_screen(view.to_document(x, y)) == pytest.approx((x, y), abs=1e-6)


@settings(deadline=None)
@given(views, zooms, st.integers(0, 2_000), st.integers(0, 2_000))
def test_zooming_keeps_the_point_under_the_cursor_within_half_a_pixel(view: View, zoom: float, x: int, y: int) -> None:
    after = view.zoomed(zoom, x, y)
    assert after.to_screen(view.to_document(x, y)) == pytest.approx((x, y), abs=0.5 + 1e-6)


@settings(deadline=None)
@given(views, st.sampled_from([0.0, -1.0, 1e9]))
def test_zoom_stays_within_its_limits(view: View, zoom: float) -> None:
    assert ZOOM_LEAST <= view.zoomed(zoom, 0, 0).zoom <= ZOOM_LIMIT


@settings(deadline=None)
@given(extents, viewports)
def test_fitting_shows_everything_in_the_middle(extent: Extent, viewport: Extent) -> None:
    view = View.fitting(extent, viewport, 20)
    shown = view.screen_rect(Rect.of(extent))
    if view.zoom > ZOOM_LEAST:
        assert Rect.of(viewport).expand(1).contains_rect(shown)
    assert abs(shown.centre.x - viewport.width / 2) <= 2
    assert abs(shown.centre.y - viewport.height / 2) <= 2


@settings(deadline=None)
@given(views, extents, st.builds(Extent, st.integers(100, 4_000), st.integers(100, 3_000)))
def test_the_document_cannot_be_lost_by_panning(view: View, extent: Extent, viewport: Extent) -> None:
    kept = view.kept_visible(extent, viewport)
    visible = kept.screen_rect(Rect.of(extent)).intersect(Rect.of(viewport))
    size = round(extent.width * view.zoom), round(extent.height * view.zoom)
    assert visible.width >= min(KEEP_VISIBLE_PX, size[0])
    assert visible.height >= min(KEEP_VISIBLE_PX, size[1])


@settings(deadline=None)
@given(views, st.builds(Rect, offsets, offsets, st.integers(1, 500), st.integers(1, 500)))
def test_the_screen_rectangle_covers_the_document_rectangle(view: View, rect: Rect) -> None:
    area = view.screen_rect(rect)
    for corner in (Point(rect.x, rect.y), Point(rect.right, rect.bottom)):
        x, y = view.to_screen(corner)
        assert area.x <= x <= area.right
        assert area.y <= y <= area.bottom


@settings(deadline=None)
@given(zooms)
def test_zoom_steps_go_up_and_come_back_down(zoom: float) -> None:
    up = next_zoom(zoom, 1)
    assert up in ZOOM_LADDER or up == zoom
    assert up > zoom or zoom >= ZOOM_LIMIT * 0.99
    assert next_zoom(up, -1) < up


def test_actual_size_and_two_hundred_percent_are_crisp_and_what_is_between_is_smooth() -> None:
    assert [View(zoom).is_crisp for zoom in (0.5, 1.0, 1.5, 2.0, 7.3)] == [False, True, False, True, True]
