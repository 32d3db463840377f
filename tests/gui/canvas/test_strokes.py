"""Painting the mask with the mouse and the pen, and everything that may come between."""

from __future__ import annotations

import numpy as np
import pytest
from canvas_hand import RIGHT, Hand, Signals, grey, seen
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QApplication

from muse_studio.core.document import Document
from muse_studio.core.geometry import Rect
from muse_studio.gui.canvas import BrushSettings, Canvas, Tool

PRESS, MOVE, RELEASE = QEvent.Type.TabletPress, QEvent.Type.TabletMove, QEvent.Type.TabletRelease
SHIFT = Qt.KeyboardModifier.ShiftModifier

pytestmark = pytest.mark.usefixtures("flat_mask")


@pytest.fixture(autouse=True)
def hard_brush(canvas: Canvas) -> None:
    canvas.brush_settings = BrushSettings(size_px=20, hardness=1.0, opacity=1.0)


def test_a_drag_paints_the_mask_under_it_and_shows_it(canvas: Canvas, hand: Hand, painting: Document) -> None:
    hand.drag([(150, 150), (170, 150), (200, 150)])
    assert painting.mask[75, 50:101].min() == 255
    assert painting.mask[90:].max() == 0
    hand.move((110, 220))
    picture = seen(canvas)
    assert np.all(picture[150, 150:200] == (255, 0, 0))
    assert np.all(picture[170, 150:200] == 128)


def test_each_dab_is_shown_before_the_next_event(canvas: Canvas, hand: Hand, painting: Document) -> None:
    hand.press((150, 150))
    for x in range(155, 200, 5):
        hand.move((x, 150))
        reached = x - 100 - 4  # the last bit shorter than a step may wait
        assert painting.mask[75, reached] == 255
        assert tuple(seen(canvas)[154, reached + 100]) == (255, 0, 0)


def test_one_drag_is_one_undo_step_and_undo_gives_the_first_bytes_back(
    canvas: Canvas, hand: Hand, painting: Document
) -> None:
    edits = Signals()
    canvas.documentEdited.connect(edits.note)
    canvas.leaveEvent(QEvent(QEvent.Type.Leave))
    before = seen(canvas)
    hand.drag([(150, 150), (180, 160), (210, 150)])
    painted = painting.mask.copy()
    canvas.undo()
    assert painting.mask_is_empty()
    assert not painting.can_undo
    canvas.leaveEvent(QEvent(QEvent.Type.Leave))
    assert np.array_equal(seen(canvas), before)
    canvas.redo()
    assert np.array_equal(painting.mask, painted)
    assert len(edits) == 3


def test_what_was_painted_piece_by_piece_looks_like_what_is_painted_at_once(
    canvas: Canvas, hand: Hand, painting: Document
) -> None:
    hand.drag([(120, 90), (260, 210), (130, 180), (280, 100)])
    hand.key(Qt.Key.Key_X)
    hand.drag([(140, 150), (250, 150)])
    canvas.leaveEvent(QEvent(QEvent.Type.Leave))
    kept = seen(canvas)
    canvas.refresh()
    assert np.array_equal(seen(canvas), kept)


def test_the_eraser_takes_away(canvas: Canvas, hand: Hand, painting: Document) -> None:
    hand.drag([(150, 150), (200, 150)])
    canvas.tool = Tool.ERASER
    hand.drag([(170, 150), (180, 150)])
    assert painting.mask[75, 70:81].max() == 0
    assert painting.mask[75, 50:58].min() == 255


def test_shift_click_draws_a_straight_line_from_the_last_stroke(canvas: Canvas, hand: Hand, painting: Document) -> None:
    hand.drag([(120, 100), (121, 100)])
    hand.press((280, 200), modifiers=SHIFT)
    hand.release((280, 200))
    for share in np.linspace(0, 1, 20):
        assert painting.mask[round(25 + 100 * share), round(21 + 159 * share)] == 255
    assert painting.mask[110, 30] == 0


def test_the_first_shift_click_is_a_dab(hand: Hand, painting: Document) -> None:
    hand.press((200, 150), modifiers=SHIFT)
    hand.release((200, 150))
    painted = np.argwhere(painting.mask)
    assert np.all(np.abs(painted - (75, 100)) <= 11)


def test_escape_takes_the_stroke_back(canvas: Canvas, hand: Hand, painting: Document) -> None:
    hand.press((150, 150))
    hand.move((200, 150))
    assert hand.key_down(Qt.Key.Key_Escape)
    assert painting.mask_is_empty()
    hand.move((230, 150))
    hand.release((230, 150))
    assert painting.mask_is_empty()
    assert not painting.can_undo


def test_escape_without_a_stroke_is_left_to_the_window(hand: Hand, painting: Document) -> None:
    assert not hand.key_down(Qt.Key.Key_Escape)


def test_undo_in_the_middle_of_a_stroke_takes_that_stroke_back(canvas: Canvas, hand: Hand, painting: Document) -> None:
    hand.drag([(120, 100), (140, 100)])
    first = painting.mask.copy()
    hand.press((150, 150))
    hand.move((200, 150))
    canvas.redo()
    canvas.undo()
    assert np.array_equal(painting.mask, first)
    hand.move((220, 150))
    hand.release((220, 150))
    assert np.array_equal(painting.mask, first)
    assert painting.can_undo
    assert not painting.can_redo


def test_a_result_that_arrives_in_the_middle_of_a_stroke_does_not_stop_the_hand(
    canvas: Canvas, hand: Hand, painting: Document
) -> None:
    hand.press((150, 150))
    hand.move((170, 150))
    rect = painting.apply_pixels(Rect(0, 0, 64, 64), np.full((64, 64, 4), 255, np.uint8), "Result")
    canvas.refresh(rect)
    hand.move((200, 150))
    hand.release((200, 150))
    assert painting.mask[75, 50:101].min() == 255


@pytest.mark.parametrize("other", [True, False])
def test_another_document_in_the_middle_of_a_stroke_keeps_what_was_painted(
    canvas: Canvas, hand: Hand, painting: Document, other: bool
) -> None:
    successor = Document(grey(200, 150)) if other else None
    hand.press((150, 150))
    hand.move((200, 150))
    canvas.set_document(successor)
    hand.move((220, 150))
    hand.release((220, 150))
    assert painting.mask[75, 50:96].min() == 255
    assert painting.mask[75, 112:].max() == 0
    assert painting.can_undo
    assert not painting.in_stroke
    assert successor is None or successor.mask_is_empty()


def lose_focus(canvas: Canvas) -> None:
    QApplication.sendEvent(canvas, QFocusEvent(QEvent.Type.FocusOut, Qt.FocusReason.ActiveWindowFocusReason))


def lose_window(canvas: Canvas) -> None:
    QApplication.sendEvent(canvas, QEvent(QEvent.Type.WindowDeactivate))


@pytest.mark.parametrize("leave", [lose_focus, lose_window, Canvas.hide, lambda canvas: canvas.setEnabled(False)])
def test_going_away_in_the_middle_of_a_stroke_ends_it_there(
    canvas: Canvas, hand: Hand, painting: Document, leave: object
) -> None:
    hand.press((150, 150))
    hand.move((200, 150))
    assert callable(leave)
    leave(canvas)
    assert not canvas.is_busy
    assert painting.can_undo
    painted = painting.mask.copy()
    canvas.setEnabled(True)
    canvas.show()
    hand.held = Qt.MouseButton.NoButton
    hand.move((250, 150))
    assert np.array_equal(painting.mask, painted)


def test_a_stroke_whose_release_was_lost_ends_when_the_mouse_comes_back(hand: Hand, painting: Document) -> None:
    hand.press((150, 150))
    hand.held = Qt.MouseButton.NoButton
    hand.move((250, 150))
    assert painting.can_undo
    assert painting.mask[75, 130:].max() == 0


def test_the_pointer_may_leave_the_canvas_and_come_back(hand: Hand, painting: Document) -> None:
    hand.drag([(150, 150), (900, -400), (-500, -500), (200, 150)])
    assert painting.mask[75, 50] == 255
    assert painting.mask[75, 100] == 255


def test_another_button_does_not_end_the_stroke(hand: Hand, painting: Document) -> None:
    hand.press((150, 150))
    hand.release((150, 150), RIGHT)
    hand.move((200, 150))
    assert painting.mask[75, 90] == 255


def test_a_double_click_is_two_dabs(hand: Hand, painting: Document) -> None:
    hand.drag([(150, 150)])
    canvas_event = QEvent.Type.MouseButtonDblClick
    hand.held = Qt.MouseButton.LeftButton
    hand._mouse(canvas_event, (220, 150), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    hand.release((220, 150))
    assert painting.mask[75, 120] == 255


def test_without_a_document_nothing_happens(canvas: Canvas, hand: Hand) -> None:
    hand.drag([(150, 150), (200, 150)])
    hand.pen(PRESS, (150, 150), 0.5)
    hand.pen(RELEASE, (150, 150), 0.0)
    canvas.undo()
    canvas.redo()
    canvas.refresh()
    assert not canvas.is_busy


# Pen


def width_at(document: Document, x: int) -> int:
    return int(np.count_nonzero(document.mask[:, x]))


def test_pressure_widens_the_stroke(hand: Hand, painting: Document) -> None:
    for row, pressure in ((100, 0.1), (150, 1.0)):
        hand.pen(PRESS, (130, row), pressure)
        hand.pen(MOVE, (200, row), pressure)
        hand.pen(RELEASE, (200, row), 0.0)
    light, full = (np.count_nonzero(painting.mask[row - 75 - 15 : row - 75 + 15, 60]) for row in (100, 150))
    assert 0 < light < full
    assert abs(full - 20) <= 1


@pytest.mark.parametrize("measures", [True, False])
def test_a_pen_without_pressure_presses_by_half(hand: Hand, painting: Document, measures: bool) -> None:
    hand.pen(PRESS, (130, 100), 0.0, measures=measures)
    hand.pen(MOVE, (200, 100), 0.0, measures=measures)
    hand.pen(RELEASE, (200, 100), 0.0, measures=measures)
    without = width_at(painting, 60)
    painting.clear_mask()
    hand.pen(PRESS, (130, 100), 0.5)
    hand.pen(MOVE, (200, 100), 0.5)
    hand.pen(RELEASE, (200, 100), 0.0)
    assert without == width_at(painting, 60) > 0


def test_every_pen_event_is_accepted_so_no_stroke_comes_twice(hand: Hand, painting: Document) -> None:
    assert hand.pen(MOVE, (120, 100), 0.0)
    assert hand.pen(PRESS, (130, 100), 0.5)
    assert hand.pen(MOVE, (200, 100), 0.5)
    assert hand.pen(RELEASE, (200, 100), 0.0)
    canvas_undo_steps = 0
    while painting.undo():
        canvas_undo_steps += 1
    assert canvas_undo_steps == 1


def test_mouse_events_that_a_pen_sends_as_well_paint_nothing(hand: Hand, painting: Document) -> None:
    hand.press((250, 200))  # some send the mouse's press before the pen's
    hand.pen(PRESS, (130, 100), 0.5)
    hand.move((260, 210))
    hand.pen(MOVE, (160, 100), 0.5)
    hand.move((270, 210))
    hand.release((270, 210))
    hand.pen(MOVE, (200, 100), 0.5)
    hand.pen(RELEASE, (200, 100), 0.0)
    assert painting.mask[:, 130:].max() == 0
    assert painting.mask[25, 30:100].min() > 0
    painting.undo()
    assert not painting.can_undo


def test_the_pens_other_end_erases(canvas: Canvas, hand: Hand, painting: Document) -> None:
    painting.fill_mask()
    canvas.refresh()
    hand.pen(PRESS, (150, 150), 1.0, eraser=True)
    hand.pen(RELEASE, (150, 150), 0.0, eraser=True)
    assert painting.mask[75, 50] == 0
    assert painting.mask[75, 80] == 255


# Timing


def test_every_event_that_shows_is_timed_once(canvas: Canvas, hand: Hand, painting: Document) -> None:
    times = Signals()
    canvas.strokeTimed.connect(times.note)
    hand.drag([(150, 150), (170, 150), (190, 150), (210, 150)])
    assert len(times) == 4
    assert all(ms > 0 for ms in times)
    hand.move((220, 150))
    canvas.update()
    QApplication.processEvents()
    assert len(times) == 4


def test_what_is_out_of_sight_is_not_timed(canvas: Canvas, hand: Hand, painting: Document) -> None:
    times = Signals()
    canvas.strokeTimed.connect(times.note)
    canvas.zoom_to(64.0)
    hand.press((200, 150))
    times.clear()
    hand.move((20_000, 150))
    hand.move((20_000, 9_000))
    hand.move((200, 150))
    assert len(times) <= 2


def test_a_stroke_asks_for_no_more_paint_than_its_own(canvas: Canvas, hand: Hand, painting: Document) -> None:
    areas: list[Rect] = []

    def note(event: object) -> None:
        rect = event.region().boundingRect()  # type: ignore[attr-defined]
        areas.append(Rect(rect.x(), rect.y(), rect.width(), rect.height()))
        Canvas.paintEvent(canvas, event)  # type: ignore[arg-type]

    hand.press((150, 150))
    canvas.paintEvent = note  # type: ignore[method-assign,assignment]
    hand.move((160, 150))
    del canvas.paintEvent
    hand.release((160, 150))
    assert areas
    assert all(area.width < 80 and area.height < 60 for area in areas)
