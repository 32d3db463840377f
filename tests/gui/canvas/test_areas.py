"""Marking out areas: rectangles, ellipses, lassos, polygons and the wand; how they join the mask, and what is seen."""

from __future__ import annotations

import numpy as np
import pytest
from canvas_hand import LEFT, MIDDLE, PLAIN, RIGHT, Hand, Signals, seen
from PySide6.QtCore import QEvent, Qt

from muse_studio.core.document import Document
from muse_studio.core.selection import Combine
from muse_studio.gui.canvas import AreaSettings, Canvas, Tool

SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier
CONTROL = Qt.KeyboardModifier.ControlModifier

# The document of `painting` is 200 by 150, at 100 %, its corner at (100, 75) of the canvas.


def box(left: int, top: int, right: int, bottom: int) -> np.ndarray:
    mask = np.zeros((150, 200), np.uint8)
    mask[top:bottom, left:right] = 255
    return mask


def test_a_rectangle_is_the_new_mask_in_one_step(canvas: Canvas, hand: Hand, painting: Document) -> None:
    edits = Signals()
    canvas.documentEdited.connect(lambda: edits.append(1))
    painting.fill_mask()
    canvas.refresh()
    canvas.tool = Tool.RECTANGLE
    hand.drag([(110, 95), (150, 120), (170, 135)])
    assert np.array_equal(painting.mask, box(10, 20, 70, 60))
    assert len(edits) == 1
    canvas.undo()
    assert painting.mask.all()


def test_an_area_reaches_no_further_than_the_document(canvas: Canvas, hand: Hand, painting: Document) -> None:
    canvas.tool = Tool.RECTANGLE
    hand.drag([(20, 20), (150, 130)])
    assert np.array_equal(painting.mask, box(0, 0, 50, 55))


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (PLAIN, box(40, 40, 80, 80)),
        (SHIFT, np.maximum(box(20, 20, 60, 60), box(40, 40, 80, 80))),
        (ALT, np.minimum(box(20, 20, 60, 60), 255 - box(40, 40, 80, 80))),
        (SHIFT | ALT, box(40, 40, 60, 60)),
    ],
)
def test_keys_at_the_start_say_how_an_area_joins(
    canvas: Canvas, hand: Hand, painting: Document, keys: Qt.KeyboardModifier, expected: np.ndarray
) -> None:
    canvas.tool = Tool.RECTANGLE
    hand.drag([(120, 95), (160, 135)])
    hand.drag([(140, 115), (160, 140), (180, 155)], modifiers=keys)
    assert np.array_equal(painting.mask, expected)


@pytest.mark.parametrize("how", Combine)
def test_the_chosen_way_holds_where_no_key_is_held(
    canvas: Canvas, hand: Hand, painting: Document, how: Combine
) -> None:
    canvas.tool = Tool.RECTANGLE
    hand.drag([(120, 95), (160, 135)])
    canvas.area_settings = AreaSettings(how)
    hand.drag([(140, 115), (180, 155)])
    first, second = box(20, 20, 60, 60), box(40, 40, 80, 80)
    expected = {
        Combine.REPLACE: second,
        Combine.ADD: np.maximum(first, second),
        Combine.SUBTRACT: np.minimum(first, 255 - second),
        Combine.INTERSECT: np.minimum(first, second),
    }
    assert np.array_equal(painting.mask, expected[how])


def test_shift_during_the_drag_makes_a_square_and_alt_grows_from_the_middle(
    canvas: Canvas, hand: Hand, painting: Document
) -> None:
    canvas.tool = Tool.RECTANGLE
    hand.drag([(120, 95), (160, 105)], modifiers=PLAIN)
    hand.press((120, 95))
    hand.move((160, 105), SHIFT)
    hand.release((160, 105))
    assert np.array_equal(painting.mask, box(20, 20, 60, 60))
    hand.press((200, 150))
    hand.move((220, 160), ALT)
    hand.release((220, 160))
    assert np.array_equal(painting.mask, box(80, 65, 120, 85))


def test_shift_held_from_the_start_adds_until_it_was_let_go(canvas: Canvas, hand: Hand, painting: Document) -> None:
    canvas.tool = Tool.RECTANGLE
    hand.press((120, 95), LEFT, SHIFT)
    hand.move((160, 105), SHIFT)
    hand.move((160, 106), PLAIN)
    hand.key_down(Qt.Key.Key_Shift)
    hand.release((160, 106))
    assert np.array_equal(painting.mask, box(20, 20, 60, 60))


def test_an_ellipse_touches_its_box_and_leaves_its_corners(canvas: Canvas, hand: Hand, painting: Document) -> None:
    canvas.tool = Tool.ELLIPSE
    hand.drag([(120, 95), (220, 175)])
    mask = painting.mask
    assert mask[60, 20] > 0
    assert mask[20, 70] > 0
    assert mask[60, 70] == 255
    assert not mask[22:28, 22:28].any()
    assert mask.sum() / 255 == pytest.approx(np.pi * 50 * 40, rel=0.01)


def test_a_lasso_joins_its_ends(canvas: Canvas, hand: Hand, painting: Document) -> None:
    canvas.tool = Tool.LASSO
    hand.drag([(120, 95), (220, 95), (220, 175)])
    mask = painting.mask
    assert mask[30, 100] == 255
    assert mask[90, 30] == 0
    assert mask.sum() / 255 == pytest.approx(100 * 80 / 2, rel=0.02)


@pytest.mark.parametrize("tool", [Tool.RECTANGLE, Tool.ELLIPSE, Tool.LASSO])
def test_escape_and_a_slip_leave_the_mask_alone(canvas: Canvas, hand: Hand, painting: Document, tool: Tool) -> None:
    painting.fill_mask()
    canvas.refresh()
    canvas.tool = tool
    hand.drag([(150, 120), (151, 121)])
    hand.press((150, 120))
    hand.move((190, 160))
    hand.move((170, 170))
    hand.key(Qt.Key.Key_Escape)
    hand.release((170, 170))
    assert painting.mask.all()
    assert painting.undo_label == "Fill mask"


@pytest.mark.parametrize("tool", [Tool.RECTANGLE, Tool.ELLIPSE, Tool.LASSO, Tool.POLYGON, Tool.ZOOM])
def test_the_outline_is_seen_while_it_is_made_and_leaves_no_trace(
    canvas: Canvas, hand: Hand, painting: Document, tool: Tool
) -> None:
    canvas.tool = tool
    canvas.leaveEvent(QEvent(QEvent.Type.Leave))
    before = seen(canvas)
    hand.press((120, 95))
    for place in ((180, 110), (210, 150), (150, 170)):
        hand.move(place)
        assert not np.array_equal(seen(canvas), before)  # `seen` also fails if anything was left unpainted
    hand.key(Qt.Key.Key_Escape)
    hand.release((150, 170))
    canvas.leaveEvent(QEvent(QEvent.Type.Leave))
    assert np.array_equal(seen(canvas), before)
    assert painting.mask_is_empty()


# Polygons

TRIANGLE = ((120, 95), (220, 95), (220, 175))


def click(hand: Hand, *places: tuple[float, float], modifiers: Qt.KeyboardModifier = PLAIN) -> None:
    for place in places:
        hand.move(place)
        hand.press(place, LEFT, modifiers)
        hand.release(place)


@pytest.mark.parametrize("way", ["enter", "double", "first"])
def test_a_polygon_is_closed_by_enter_a_double_click_or_its_first_corner(
    canvas: Canvas, hand: Hand, painting: Document, way: str
) -> None:
    canvas.tool = Tool.POLYGON
    click(hand, *TRIANGLE)
    assert canvas.is_busy
    assert painting.mask_is_empty()
    if way == "enter":
        hand.key(Qt.Key.Key_Return)
    else:
        click(hand, TRIANGLE[-1] if way == "double" else (122, 96))
    assert not canvas.is_busy
    assert painting.mask.sum() / 255 == pytest.approx(100 * 80 / 2, rel=0.001)
    canvas.undo()
    assert painting.mask_is_empty()


def test_backspace_and_undo_take_corners_back_and_escape_all(canvas: Canvas, hand: Hand, painting: Document) -> None:
    canvas.tool = Tool.POLYGON
    click(hand, *TRIANGLE, (130, 170), (110, 160))
    hand.key(Qt.Key.Key_Backspace)
    canvas.undo()
    hand.key(Qt.Key.Key_Enter)
    assert painting.mask.sum() / 255 == pytest.approx(100 * 80 / 2, rel=0.001)
    click(hand, *TRIANGLE)
    hand.key(Qt.Key.Key_Escape)
    assert not canvas.is_busy
    click(hand, (120, 95))
    hand.key(Qt.Key.Key_Backspace)
    assert not canvas.is_busy
    assert len(painting.mask.nonzero()[0]) > 0


def test_the_view_can_be_moved_between_two_corners(canvas: Canvas, hand: Hand, painting: Document) -> None:
    canvas.tool = Tool.POLYGON
    click(hand, *TRIANGLE[:2])
    hand.drag([(200, 150), (180, 140)], MIDDLE)
    hand.wheel((200, 150), 1)
    canvas.zoom_to(1.0)
    x, y = canvas.view.to_screen(canvas.view.to_document(0, 0).__class__(120, 100))
    click(hand, (x, y))
    hand.key(Qt.Key.Key_Return)
    assert painting.mask.sum() / 255 == pytest.approx(100 * 80 / 2, rel=0.02)


def test_two_corners_enclose_nothing_and_another_tool_forgets_them(
    canvas: Canvas, hand: Hand, painting: Document
) -> None:
    canvas.tool = Tool.POLYGON
    click(hand, *TRIANGLE[:2])
    hand.key(Qt.Key.Key_Return)
    assert not canvas.is_busy
    click(hand, *TRIANGLE)
    canvas.tool = Tool.BRUSH
    assert not canvas.is_busy
    assert painting.mask_is_empty()


def test_the_polygons_keys_are_its_own_only_while_there_is_one(canvas: Canvas, hand: Hand, painting: Document) -> None:
    canvas.tool = Tool.POLYGON
    assert not hand.key_down(Qt.Key.Key_Return)
    click(hand, *TRIANGLE)
    assert hand.key_down(Qt.Key.Key_Backspace)


# The wand and the pen


def test_the_wand_says_where_and_how(canvas: Canvas, hand: Hand, painting: Document) -> None:
    said = Signals()
    canvas.wandPressed.connect(said.note)
    canvas.tool = Tool.WAND
    hand.press((130, 95), LEFT, SHIFT)
    hand.release((130, 95))
    ((point, how),) = said
    assert (point.x, point.y, how) == (30, 20, Combine.ADD)


def test_the_pens_eraser_takes_away(canvas: Canvas, hand: Hand, painting: Document) -> None:
    painting.fill_mask()
    canvas.refresh()
    canvas.tool = Tool.RECTANGLE
    hand.pen(QEvent.Type.TabletPress, (110, 95), 0.5, eraser=True)
    hand.pen(QEvent.Type.TabletMove, (170, 135), 0.5, eraser=True)
    hand.pen(QEvent.Type.TabletRelease, (170, 135), 0.0, eraser=True)
    assert np.array_equal(painting.mask, 255 - box(10, 20, 70, 60))


def test_a_right_drag_pans_where_it_has_no_other_meaning(canvas: Canvas, hand: Hand, painting: Document) -> None:
    canvas.tool = Tool.LASSO
    hand.drag([(200, 150), (230, 160)], RIGHT)
    assert (canvas.view.left, canvas.view.top) == (130, 85)
    assert painting.mask_is_empty()


# The zoom tool


def test_the_zoom_tool_steps_at_the_pointer(canvas: Canvas, hand: Hand, painting: Document) -> None:
    canvas.tool = Tool.ZOOM
    click(hand, (150, 120))
    assert canvas.zoom == 1.5
    assert canvas.view.to_document(150, 120).distance_to(canvas.view.to_document(150, 120).__class__(50, 45)) < 1
    click(hand, (150, 120), modifiers=ALT)
    assert canvas.zoom == 1.0
    hand.drag([(150, 120)], RIGHT)
    assert canvas.zoom < 1.0


@pytest.mark.parametrize("angle", [0, 30, 90])
def test_a_box_of_the_zoom_tool_fills_the_window(canvas: Canvas, hand: Hand, painting: Document, angle: float) -> None:
    canvas.turn(angle)
    canvas.zoom_to(1.0)
    middle = canvas.view.to_document(200, 155)
    canvas.tool = Tool.ZOOM
    hand.drag([(180, 140), (220, 170)])
    assert canvas.zoom == 10.0
    there = canvas.view.to_screen(middle)
    assert np.hypot(there[0] - 200, there[1] - 150) < 2
    assert painting.mask_is_empty()
