"""A turned and mirrored view shows the same picture the other way round, and every tool hits what it shows."""

from __future__ import annotations

import numpy as np
import pytest
from canvas_hand import LEFT, Hand, Signals, noise, seen
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, Qt

from muse_studio.core.document import Document
from muse_studio.core.geometry import Extent, Point, Rect
from muse_studio.gui.canvas import BrushSettings, Canvas, MaskStyle, Tool
from muse_studio.gui.canvas.view import View

SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier
views = st.builds(
    View,
    st.floats(0.01, 60),
    st.integers(-2_000, 2_000),
    st.integers(-2_000, 2_000),
    st.sampled_from([0.0, 90.0, 180.0, 270.0, 15.0, 33.3, 301.0]),
    st.booleans(),
)
places = st.floats(-3_000, 3_000)


@given(views, places, places)
def test_a_place_on_the_screen_and_in_the_document_are_each_others_opposite(view: View, x: float, y: float) -> None:
    back = view.to_screen(view.to_document(x, y))
    assert back == pytest.approx((x, y), abs=1e-6)


@given(views, places, places, st.floats(0, 360), st.floats(0.01, 60))
def test_turning_mirroring_and_zooming_keep_the_place_under_the_pointer(
    view: View, x: float, y: float, angle: float, zoom: float
) -> None:
    point = view.to_document(x, y)
    for other in (view.turned(angle, x, y), view.flipped(x, y), view.zoomed(zoom, x, y)):
        assert other.to_screen(point) == pytest.approx((x, y), abs=0.51)  # offsets are whole device pixels


@given(views, places, places)
def test_a_mirrored_view_is_the_mirror_image_of_the_other(view: View, x: float, y: float) -> None:
    flipped, point = view.flipped(500, 0), Point(x, y)
    across, down = view.to_screen(point)
    assert flipped.to_screen(point) == pytest.approx((1_000 - across, down), abs=0.51)


@given(views, st.integers(-500, 500), st.integers(-500, 500), st.integers(1, 500), st.integers(1, 500))
def test_the_screens_rectangle_holds_all_of_the_documents(view: View, x: int, y: int, width: int, height: int) -> None:
    rect = Rect(x, y, width, height)
    shown = view.screen_rect(rect)
    for corner in (Point(x, y), Point(rect.right, y), Point(x, rect.bottom), Point(rect.right, rect.bottom)):
        across, down = view.to_screen(corner)
        assert shown.x - 1e-6 <= across <= shown.right + 1e-6
        assert shown.y - 1e-6 <= down <= shown.bottom + 1e-6


@given(views, st.integers(1, 3_000), st.integers(1, 3_000))
def test_fitting_shows_every_corner(view: View, width: int, height: int) -> None:
    viewport = Extent(800, 600)
    fitted = view.fitted(Rect(0, 0, width, height), viewport, 20)
    shown = fitted.screen_rect(Rect(0, 0, width, height))
    if fitted.zoom > 1 / 256:
        assert Rect.of(viewport).expand(1).contains_rect(shown)


# What is seen


@pytest.fixture
def noisy(canvas: Canvas) -> Document:
    """A document of noise, 120 by 80, at 100 % in the middle of the canvas."""
    document = Document(noise(120, 80))
    canvas.show_frame = False
    canvas.set_document(document)
    canvas.mask_style = MaskStyle(color="#ff0000", opacity=1.0, stripes=False, edge=False)
    canvas.tool = Tool.PAN
    canvas.zoom_to(1.0)
    return document


def picture_of(canvas: Canvas, document: Document) -> np.ndarray:
    """uint8 [h, w, 3]: the part of the canvas that shows the document."""
    return seen(canvas)[canvas.view.screen_rect(document.bounds).slices]


@pytest.mark.parametrize("quarters", range(4))
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("zoom", [1.0, 3.0])
def test_quarters_show_the_very_pixels(
    canvas: Canvas, noisy: Document, quarters: int, mirrored: bool, zoom: float
) -> None:
    if mirrored:
        canvas.mirror()
    canvas.turn(90.0 * quarters)
    canvas.zoom_to(zoom)
    expected = noisy.picture[..., :3]
    if mirrored:
        expected = expected[:, ::-1]
    expected = np.rot90(expected, -quarters).repeat(round(zoom), 0).repeat(round(zoom), 1)
    shown = canvas.view.screen_rect(noisy.bounds)
    inside = shown.intersect(Rect(0, 0, canvas.width(), canvas.height()))
    part = inside.translate(-shown.x, -shown.y)
    assert np.array_equal(seen(canvas)[inside.slices], expected[part.slices])


@pytest.mark.parametrize("angle", [0.0, 90.0, 180.0, 33.0])
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("zoom", [0.6, 1.0, 4.0])
def test_the_brush_paints_under_the_pointer(
    canvas: Canvas, hand: Hand, noisy: Document, angle: float, mirrored: bool, zoom: float
) -> None:
    if mirrored:
        canvas.mirror()
    canvas.turn(angle)
    canvas.zoom_to(zoom)
    canvas.tool = Tool.BRUSH
    canvas.brush_settings = BrushSettings(9, 1.0)
    hand.drag([(200, 150), (206, 154)])
    for x, y in ((200, 150), (206, 154)):
        point = canvas.view.to_document(x, y)
        assert noisy.mask[int(point.y), int(point.x)] == 255
    canvas.tool = Tool.PAN
    shown = seen(canvas)
    assert shown[152, 203].tolist() == [255, 0, 0]
    red = np.all(shown == (255, 0, 0), axis=2).sum() / zoom**2
    assert red == pytest.approx((noisy.mask > 0).sum(), rel=0.35)


def test_painting_in_a_turned_view_repaints_all_that_it_must(canvas: Canvas, hand: Hand, noisy: Document) -> None:
    canvas.mask_style = MaskStyle()
    canvas.tool = Tool.BRUSH
    for angle in (20.0, 70.0):
        canvas.turn(angle)
        hand.press((180, 130))
        for place in ((200, 150), (230, 140), (190, 180)):
            hand.move(place)
            seen(canvas)  # fails if the window shows anything else than a full paint would
        hand.release((190, 180))
        canvas.pan(17, -9)
        seen(canvas)


def test_a_preview_lies_over_its_frame_in_a_turned_view(canvas: Canvas, noisy: Document) -> None:
    green = np.zeros((16, 16, 3), np.uint8)
    green[..., 1] = 200
    noisy.fill_mask()
    canvas.refresh()
    canvas.turn(30.0)
    canvas.show_preview(Rect(40, 20, 40, 40), green)
    shown = seen(canvas)
    x, y = (round(value) for value in canvas.view.to_screen(Point(60, 40)))
    assert shown[y, x].tolist() == [0, 200, 0]
    x, y = (round(value) for value in canvas.view.to_screen(Point(20, 40)))
    assert shown[y, x].tolist() == [255, 0, 0]
    canvas.clear_preview()
    x, y = (round(value) for value in canvas.view.to_screen(Point(60, 40)))
    assert seen(canvas)[y, x].tolist() == [255, 0, 0]


def test_a_rectangle_follows_the_documents_sides(canvas: Canvas, hand: Hand, noisy: Document) -> None:
    canvas.turn(90.0)
    canvas.tool = Tool.RECTANGLE
    first, second = canvas.to_widget(Point(20, 10)), canvas.to_widget(Point(70, 60))
    hand.drag([(first.x(), first.y()), (second.x(), second.y())])
    assert noisy.mask[10:60, 20:70].all()
    assert noisy.mask.sum() == 50 * 50 * 255


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("angle", [0.0, 90.0, 40.0])
def test_the_frame_is_taken_where_it_is_seen(canvas: Canvas, hand: Hand, angle: float, mirrored: bool) -> None:
    document = Document(noise(900, 700))
    document.set_frame(Rect(200, 100, 300, 300))
    canvas.set_document(document)
    if mirrored:
        canvas.mirror()
    canvas.turn(angle)
    canvas.tool = Tool.FRAME
    start, end = canvas.to_widget(Point(500, 400)), canvas.to_widget(Point(560, 460))
    hand.drag([(start.x(), start.y()), (end.x(), end.y())], modifiers=Qt.KeyboardModifier.ControlModifier)
    assert (document.frame.x, document.frame.y) == (200, 100)
    assert document.frame.width == pytest.approx(360, abs=4)
    start, end = canvas.to_widget(Point(350, 250)), canvas.to_widget(Point(300, 280))
    hand.drag([(start.x(), start.y()), (end.x(), end.y())], modifiers=Qt.KeyboardModifier.ControlModifier)
    assert (document.frame.x, document.frame.y) == (pytest.approx(150, abs=4), pytest.approx(130, abs=4))
    seen(canvas)


def test_arrow_keys_move_the_frame_the_way_they_point(canvas: Canvas, hand: Hand) -> None:
    document = Document(noise(900, 700))
    document.set_frame(Rect(200, 100, 300, 300))
    canvas.set_document(document)
    canvas.tool = Tool.FRAME
    for angle, expected in ((90.0, (200, 99)), (180.0, (199, 100)), (270.0, (200, 101))):
        document.set_frame(Rect(200, 100, 300, 300))
        canvas.turn_upright()
        canvas.turn(angle)
        hand.key(Qt.Key.Key_Right)
        assert (document.frame.x, document.frame.y) == expected
    canvas.turn_upright()
    canvas.mirror()
    document.set_frame(Rect(200, 100, 300, 300))
    hand.key(Qt.Key.Key_Right)
    assert (document.frame.x, document.frame.y) == (199, 100)


# How it is turned


def test_shift_and_wheel_turn_at_the_pointer_and_change_no_pixel(canvas: Canvas, hand: Hand, noisy: Document) -> None:
    views = Signals()
    canvas.viewChanged.connect(views.note)
    before, point = noisy.picture.copy(), canvas.to_document(QPointF(230, 170))
    hand.wheel((230, 170), 2, modifiers=SHIFT)
    assert canvas.view.angle == 30.0
    hand.wheel((230, 170), 3, modifiers=SHIFT | ALT)
    assert canvas.view.angle == 33.0
    there = canvas.to_widget(point)
    assert np.hypot(there.x() - 230, there.y() - 170) < 1.5
    assert views[-1].angle == 33.0
    canvas.turn_upright()
    assert canvas.view.is_upright
    assert not noisy.can_undo
    assert np.array_equal(noisy.picture, before)


def test_a_fitted_view_stays_fitted_when_it_is_turned(canvas: Canvas, noisy: Document) -> None:
    canvas.fit()
    for _ in range(24):
        canvas.turn(15.0)
        assert Rect(0, 0, 400, 300).contains_rect(canvas.view.screen_rect(noisy.bounds))
    assert canvas.view.is_upright
    canvas.resize(300, 380)
    assert Rect(0, 0, 300, 380).contains_rect(canvas.view.screen_rect(noisy.bounds))


def test_another_document_is_shown_upright(canvas: Canvas, noisy: Document) -> None:
    canvas.turn(45.0)
    canvas.mirror()
    canvas.set_document(Document(noise(50, 50)))
    assert canvas.view.is_upright


@settings(deadline=None, max_examples=25)
@given(st.lists(st.sampled_from([15.0, -15.0, 90.0, 1.0]), max_size=40))
def test_many_small_turns_lose_nothing(turns: list[float]) -> None:
    view = View(1.0, 100, 100)
    for angle in turns:
        view = view.turned(view.angle + angle, 200, 200)
    assert view.angle == pytest.approx(sum(turns) % 360, abs=1e-6) or sum(turns) % 360 < 1e-6
    assert abs(view.to_document(200, 200).x - 100) <= 0.75 * len(turns) + 1e-6


def test_pressing_left_with_a_turned_view_still_pans(canvas: Canvas, hand: Hand, noisy: Document) -> None:
    canvas.turn(30.0)
    before = canvas.view
    hand.drag([(200, 150), (215, 140)], LEFT)
    assert canvas.view == before.panned(15, -10)
