"""Strokes look the same at any event rate, never exceed their opacity, and change only what they say."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muse_studio.core.brush import Brush, StrokePainter
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.geometry import Point, Rect

brushes = st.builds(Brush, st.floats(1, 90), st.floats(0, 1), st.floats(0, 1), st.booleans())
points = st.builds(Point, st.floats(-50, 250), st.floats(-50, 200))
touches = st.lists(st.tuples(points, st.none() | st.floats(0, 1)), min_size=1, max_size=6)


def canvas(value: int = 0) -> np.ndarray:
    return np.full((150, 200), value, np.uint8)


def paint(mask: np.ndarray, brush: Brush, *path: tuple[float, float], pressure: float | None = 1.0) -> Rect:
    painter = StrokePainter(mask, brush)
    dirty = Rect.empty()
    for x, y in path:
        dirty = dirty.union(painter.line_to(Point(x, y), pressure))
    return dirty.union(painter.finish())


@settings(deadline=None, max_examples=150)
@given(brushes, touches, st.sampled_from([0, 90, 255]))
def test_a_stroke_stays_within_its_opacity_and_its_rectangles(brush: Brush, path: list, ground: int) -> None:
    mask = canvas(ground)
    before = mask.copy()
    announced: list[Rect] = []
    painter = StrokePainter(mask, brush, announced.append)
    returned = [painter.line_to(point, pressure) for point, pressure in path] + [painter.finish()]
    most = round(255 * brush.opacity)
    if brush.erase:
        assert (mask <= before).all()
        assert int(mask.min()) >= min(ground, 255 - most)
    else:
        assert (mask >= before).all()
        assert int(mask.max()) <= max(ground, most)
    for rects in (announced, returned):
        outside = np.ones(mask.shape, bool)
        for rect in rects:
            if not rect.is_empty:
                outside[rect.slices] = False
        assert np.array_equal(mask[outside], before[outside])


@settings(deadline=None, max_examples=60)
@given(brushes, points, points, st.integers(2, 40), st.floats(0.1, 1), st.floats(0.1, 1))
def test_the_event_rate_does_not_show(
    brush: Brush, start: Point, end: Point, events: int, first: float, last: float
) -> None:
    """One event or many along the same line. Pressure bends between events, so only its ends are the same there."""
    steady, many = canvas(128), canvas(128)
    paint(steady, brush, (start.x, start.y), (end.x, end.y), pressure=first)
    places = [start.towards(end, index / events) for index in range(events + 1)]
    paint(many, brush, *((place.x, place.y) for place in places), pressure=first)
    assert np.abs(steady.astype(int) - many).max() <= 2


@pytest.mark.parametrize("hardness", [0.0, 0.3, 0.7, 1.0])
def test_a_line_has_no_scallops(hardness: float) -> None:
    mask = canvas()
    paint(mask, Brush(60, hardness), *((20 + 8 * index, 75) for index in range(21)))
    along = mask[:, 50:150].astype(int)
    assert np.ptp(along, axis=1).max() <= 1


def test_strokes_may_cross_themselves_without_building_up() -> None:
    mask = canvas()
    paint(mask, Brush(40, 1.0, 0.5), (20, 20), (180, 130), (20, 130), (180, 20))
    assert set(np.unique(mask[60:90, 90:110])) <= {0, 127, 128}


@pytest.mark.parametrize("size", [3, 10, 60])
@pytest.mark.parametrize("hardness", [0.0, 0.5, 1.0])
def test_the_profile_is_solid_then_falls_smoothly_to_the_radius(size: float, hardness: float) -> None:
    mask = canvas()
    paint(mask, Brush(size, hardness), (100.5, 75.5))
    profile = mask[75, 100:].astype(int)
    radius = size / 2
    distance = np.arange(len(profile))
    assert profile[0] == 255 or hardness < 1
    assert (profile[distance >= radius + 0.5] == 0).all()
    assert (profile[distance <= hardness * radius - 0.5] == 255).all()
    assert (np.diff(profile) <= 0).all()
    if size == 60 and hardness == 0:
        assert np.abs(np.diff(profile)).max() <= 255 * 1.55 / radius  # a smoothstep's slope is at most 1.5


def test_dabs_are_placed_between_pixels() -> None:
    centres = []
    for shift in np.linspace(0, 1, 11):
        mask = canvas()
        paint(mask, Brush(9, 1.0), (100 + shift, 75))
        columns = mask.sum(axis=0, dtype=float)
        centres.append((columns * (np.arange(200) + 0.5)).sum() / columns.sum())
    assert np.allclose(centres, 100 + np.linspace(0, 1, 11), atol=0.03)


def test_an_even_dab_is_symmetric() -> None:
    mask = canvas()
    paint(mask, Brush(31, 0.4), (100, 75))
    assert np.array_equal(mask[:, 60:140], mask[:, 60:140][:, ::-1])
    assert np.array_equal(mask[40:110], mask[40:110][::-1])


def test_pressure_widens_and_strengthens() -> None:
    areas, peaks = [], []
    for pressure in (0.1, 0.3, 0.5, 0.8, 1.0):
        mask = canvas()
        paint(mask, Brush(60, 0.5), (100, 75), pressure=pressure)
        areas.append(int((mask > 0).sum()))
        peaks.append(int(mask.max()))
    assert areas == sorted(set(areas))
    assert peaks == sorted(set(peaks))
    assert peaks[-1] == 255


def test_missing_pressure_is_half() -> None:
    missing, half = canvas(), canvas()
    paint(missing, Brush(40), (60, 75), (140, 75), pressure=None)
    paint(half, Brush(40), (60, 75), (140, 75), pressure=0.5)
    assert np.array_equal(missing, half)
    assert missing.any()


def test_a_touch_without_weight_leaves_nothing() -> None:
    mask = canvas()
    paint(mask, Brush(40), (60, 75), (140, 75), pressure=0.0)
    assert not mask.any()


def test_the_eraser_takes_away_what_the_brush_gave() -> None:
    mask = canvas()
    paint(mask, Brush(40, 1.0), (60, 75), (140, 75))
    paint(mask, Brush(44, 1.0, erase=True), (60, 75), (140, 75))
    assert not mask.any()


@pytest.mark.parametrize("size", [1, 2, 3])
def test_the_thinnest_line_has_no_gaps(size: float) -> None:
    mask = canvas()
    paint(mask, Brush(size, 1.0), (10.3, 10.7), (190.2, 133.4))
    assert (mask[:, 15:185] > 20).any(axis=0).all()


@pytest.mark.parametrize("wild", [(math.nan, 5.0), (math.inf, 5.0), (-1e300, 1e300), (1e12, 75.0), (5.0, -math.inf)])
def test_wild_places_are_harmless(wild: tuple[float, float]) -> None:
    mask = canvas()
    paint(mask, Brush(20), (10, 75), wild, (30, 75))
    assert mask.shape == (150, 200)


def test_a_line_through_the_picture_is_painted_from_outside_to_outside() -> None:
    near, far = canvas(), canvas()
    paint(near, Brush(20), (-100, 75), (300, 75))
    paint(far, Brush(20), (-1e6, 75), (1e6, 75))
    assert np.array_equal(near, far)
    assert (near[75] == 255).all()


def test_strokes_beside_the_picture_change_nothing() -> None:
    mask = canvas()
    assert paint(mask, Brush(20), (-100, -100), (300, -50), (400, 400)).is_empty
    assert not mask.any()


def test_huge_brushes_finish_where_the_pen_was_lifted() -> None:
    mask = np.zeros((600, 900), np.uint8)
    paint(mask, Brush(500, 1.0), (300, 300), (304, 300))
    assert mask[300, 300 + 4 + 248] == 255


@pytest.mark.parametrize(
    "bad", [{"size_px": 0.5}, {"size_px": 5_000}, {"size_px": math.nan}, {"hardness": 1.1}, {"opacity": -0.1}]
)
def test_impossible_brushes_are_refused(bad: dict[str, float]) -> None:
    with pytest.raises(MuseStudioError) as caught:
        Brush(**bad)
    assert caught.value.kind is ErrorKind.BAD_REQUEST


def test_sizing_holds_the_limits() -> None:
    assert Brush(10).sized(0.1).size_px == 1
    assert Brush(10).sized(1e9).size_px == 2_000
    assert Brush(10, 0.3, 0.2, True).sized(20) == Brush(20, 0.3, 0.2, True)
