"""Zoom, pan and fit, by wheel, touchpad, mouse and keys."""

from __future__ import annotations

import numpy as np
import pytest
from canvas_hand import LEFT, MIDDLE, Hand, Signals, grey, noise, seen
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QInputDevice, QNativeGestureEvent, QPointingDevice
from PySide6.QtWidgets import QApplication

from muse_studio.core.document import Document
from muse_studio.core.geometry import Rect
from muse_studio.gui.canvas import BrushSettings, Canvas, Tool

CTRL = Qt.KeyboardModifier.ControlModifier


def test_the_wheel_zooms_at_the_cursor(canvas: Canvas, hand: Hand, painting: Document) -> None:
    zooms = Signals()
    canvas.zoomChanged.connect(zooms.note)
    for notches in (1, 3, -2, 0.25):
        place = QPointF(150, 120)
        before = canvas.to_document(place)
        hand.wheel((150, 120), notches)
        assert canvas.to_widget(before).x() == pytest.approx(150, abs=0.6)
        assert canvas.to_widget(before).y() == pytest.approx(120, abs=0.6)
    assert canvas.zoom == pytest.approx(1.25**2.25)
    assert zooms[-1] == canvas.zoom
    assert len(zooms) == 4


def test_two_fingers_pan_and_with_ctrl_the_wheel_still_zooms(canvas: Canvas, hand: Hand, painting: Document) -> None:
    view = canvas.view
    hand.wheel((150, 120), pixels=(-30, 12), notches=0.5)
    assert (canvas.view.left, canvas.view.top) == (view.left - 30, view.top + 12)
    assert canvas.zoom == 1.0
    hand.wheel((150, 120), pixels=(0, 40), notches=1, modifiers=CTRL)
    assert canvas.zoom == pytest.approx(1.25)


def test_pinching_zooms_at_the_fingers(canvas: Canvas, hand: Hand, painting: Document) -> None:
    device = QPointingDevice(
        "touchpad",
        7,
        QInputDevice.DeviceType.TouchPad,
        QPointingDevice.PointerType.Finger,
        QInputDevice.Capability.Position,
        2,
        0,
    )
    place = QPointF(150, 120)
    before = canvas.to_document(place)
    kind = Qt.NativeGestureType.ZoomNativeGesture
    everywhere = canvas.mapToGlobal(place)
    hand.send(QNativeGestureEvent(kind, device, 2, place, place, everywhere, 0.5, QPointF()))
    assert canvas.zoom == pytest.approx(1.5)
    assert canvas.to_widget(before).x() == pytest.approx(150, abs=0.6)


@pytest.mark.parametrize("way", ["middle", "space", "tool"])
def test_every_way_to_drag_the_picture_moves_it_with_the_mouse(
    canvas: Canvas, hand: Hand, painting: Document, way: str
) -> None:
    view = canvas.view
    if way == "space":
        assert hand.key_down(Qt.Key.Key_Space)
    if way == "tool":
        canvas.tool = Tool.PAN
    assert (canvas.cursor().shape() == Qt.CursorShape.OpenHandCursor) == (way != "middle")
    hand.press((200, 150), MIDDLE if way == "middle" else LEFT)
    assert canvas.cursor().shape() == Qt.CursorShape.ClosedHandCursor
    hand.key_down(Qt.Key.Key_Space, repeated=True)
    hand.move((217, 139))
    hand.move((230, 120))
    hand.release((230, 120))
    hand.key_up(Qt.Key.Key_Space)
    assert (canvas.view.left, canvas.view.top) == (view.left + 30, view.top - 30)
    assert painting.mask_is_empty()


def test_space_paints_again_once_it_is_up(canvas: Canvas, hand: Hand, painting: Document) -> None:
    hand.key(Qt.Key.Key_Space)
    hand.drag([(200, 150), (220, 150)])
    assert not painting.mask_is_empty()


def test_the_wheel_does_nothing_in_the_middle_of_a_stroke(canvas: Canvas, hand: Hand, painting: Document) -> None:
    hand.press((200, 150))
    hand.wheel((200, 150), 2)
    assert canvas.zoom == 1.0


@pytest.mark.parametrize("zoom", [0.3, 0.77, 1.0, 1.5, 3.0, 5.3])
@pytest.mark.parametrize("alpha", [255, 90])
def test_what_panning_moved_equals_what_is_drawn_anew(canvas: Canvas, hand: Hand, zoom: float, alpha: int) -> None:
    pixels = noise(300, 260)
    pixels[..., 3] = alpha
    document = Document(pixels)
    canvas.set_document(document)
    canvas.brush_settings = BrushSettings(60, 0.3, 0.8)
    canvas.zoom_to(zoom)
    hand.drag([(180, 140), (230, 170)])
    canvas.tool = Tool.PAN
    for dx, dy in ((13, -7), (-40, 3), (0, 55), (5, 0)):
        canvas.refresh(document.apply_pixels(Rect(90, 90, 60, 60), noise(60, 60, seed=abs(dx)), "Paste"))
        canvas.pan(dx, dy)  # what is stale moves too
        canvas.pan(dx, dy)
        QApplication.processEvents()
    moved = seen(canvas)
    canvas.refresh()
    difference = np.abs(moved.astype(int) - seen(canvas))
    # Smoothing starts its fixed-point steps at the edge of what is drawn: a level or two of colour.
    assert difference.max() <= (0 if canvas.view.is_crisp else 3)


def test_fit_shows_the_whole_document_and_goes_on_doing_so(canvas: Canvas) -> None:
    canvas.set_document(Document(grey(3_000, 1_000)))
    for width, height in ((400, 300), (900, 500), (300, 280)):
        canvas.resize(width, height)
        QApplication.processEvents()
        shown = canvas.view.screen_rect(Rect(0, 0, 3_000, 1_000))
        assert Rect(0, 0, width, height).contains_rect(shown)
        assert shown.width > width * 0.7


def test_once_zoomed_a_new_size_keeps_what_is_in_the_middle(canvas: Canvas, painting: Document) -> None:
    canvas.zoom_to(3.0)
    middle = canvas.to_document(QPointF(200, 150))
    canvas.resize(700, 420)
    QApplication.processEvents()
    after = canvas.to_document(QPointF(350, 210))
    assert (after.x, after.y) == pytest.approx((middle.x, middle.y), abs=0.5)
    assert canvas.zoom == 3.0


def test_actual_size_and_steps(canvas: Canvas, painting: Document) -> None:
    canvas.zoom_to(1.3)
    canvas.zoom_in()
    assert canvas.zoom == 1.5
    canvas.zoom_out()
    assert canvas.zoom == 1.0
    canvas.zoom_out()
    canvas.actual_size()
    assert canvas.zoom == 1.0


def test_above_two_hundred_percent_pixels_are_crisp(canvas: Canvas) -> None:
    pixels = noise(40, 30)
    canvas.show_frame = False
    canvas.set_document(Document(pixels))
    canvas.tool = Tool.PAN
    canvas.zoom_to(6.0)
    shown = seen(canvas)
    view = canvas.view
    for x, y in ((0, 0), (17, 12), (39, 29), (23, 8)):
        block = shown[view.top + y * 6 : view.top + y * 6 + 6, view.left + x * 6 : view.left + x * 6 + 6]
        assert np.all(block == pixels[y, x, :3])


def test_at_one_hundred_percent_every_pixel_is_its_own(canvas: Canvas) -> None:
    pixels = noise(200, 150)
    document = Document(pixels)
    canvas.show_frame = False
    canvas.set_document(document)
    canvas.tool = Tool.PAN
    canvas.zoom_to(1.0)
    left, top = canvas.view.left, canvas.view.top
    assert np.array_equal(seen(canvas)[top : top + 150, left : left + 200], pixels[..., :3])


def test_far_below_one_hundred_percent_fine_detail_becomes_its_mean(canvas: Canvas) -> None:
    pixels = grey(1_600, 1_200, 0)
    pixels[::2, ::2, :3] = 255
    canvas.set_document(Document(pixels))
    canvas.tool = Tool.PAN
    canvas.fit()
    middle = seen(canvas)[140:160, 190:210]
    assert np.all(np.abs(middle.astype(int) - 64) <= 4)


def test_arrow_keys_look_around(canvas: Canvas, hand: Hand, painting: Document) -> None:
    canvas.zoom_to(4.0)
    view = canvas.view
    hand.key(Qt.Key.Key_Right)
    hand.key(Qt.Key.Key_Down)
    assert canvas.view.left < view.left
    assert canvas.view.top < view.top


def test_nothing_navigates_without_a_document(canvas: Canvas, hand: Hand) -> None:
    view = canvas.view
    hand.wheel((150, 120), 2)
    hand.drag([(100, 100), (150, 150)], MIDDLE)
    assert canvas.view == view


def test_places_map_there_and_back(canvas: Canvas, painting: Document) -> None:
    canvas.zoom_to(2.5)
    place = QPointF(QPoint(133, 217))
    back = canvas.to_widget(canvas.to_document(place))
    assert (back.x(), back.y()) == pytest.approx((133, 217))
