"""Tools, brush settings, the ring, and the model's frame."""

from __future__ import annotations

import numpy as np
import pytest
from canvas_hand import RIGHT, Hand, Signals, grey, seen
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt

from muse_studio.core.document import Document
from muse_studio.core.geometry import Extent, Rect
from muse_studio.core.limits import BRUSH_LEAST_PX, BRUSH_LIMIT_PX
from muse_studio.gui.canvas import BrushSettings, Canvas, Tool
from muse_studio.gui.canvas.frame import Grip, grip_at
from muse_studio.gui.canvas.snapping import resized

SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier
FREELY = Qt.KeyboardModifier.ControlModifier
numbers = st.floats(-1e6, 1e6)


@settings(deadline=None)
@given(numbers, numbers, numbers, st.lists(st.sampled_from([-1, 1]), max_size=80))
def test_brush_settings_always_make_a_brush(size: float, hardness: float, opacity: float, steps: list[int]) -> None:
    brush = BrushSettings(size, hardness, opacity)
    for step in steps:
        brush = brush.resized(step).hardened(step)
    assert brush.brush(erase=False).size_px == brush.size_px
    assert BRUSH_LEAST_PX <= brush.size_px <= BRUSH_LIMIT_PX


@settings(deadline=None)
@given(st.floats(2, 1500))
def test_one_step_larger_is_larger_and_one_smaller_is_smaller(size: float) -> None:
    brush = BrushSettings(size)
    assert brush.resized(1).size_px > size > brush.resized(-1).size_px


def test_brackets_resize_and_with_shift_harden(canvas: Canvas, hand: Hand, painting: Document) -> None:
    changes = Signals()
    canvas.brushChanged.connect(changes.note)
    canvas.brush_settings = BrushSettings(40, 0.5)
    hand.key(Qt.Key.Key_BracketRight)
    assert canvas.brush_settings.size_px > 40
    hand.key(Qt.Key.Key_BracketLeft)
    assert canvas.brush_settings == BrushSettings(40, 0.5)
    hand.key(Qt.Key.Key_BraceRight, SHIFT)
    assert canvas.brush_settings == BrushSettings(40, 0.6)
    hand.key(Qt.Key.Key_BracketLeft, SHIFT)
    assert canvas.brush_settings == BrushSettings(40, 0.5)
    assert changes[-1] is canvas.brush_settings
    assert len(changes) == 5
    canvas.brush_settings = BrushSettings(40, 0.5)
    assert len(changes) == 5


def test_x_swaps_brush_and_eraser_and_comes_back_from_any_tool(canvas: Canvas, hand: Hand) -> None:
    tools = Signals()
    canvas.toolChanged.connect(tools.note)
    hand.key(Qt.Key.Key_X)
    hand.key(Qt.Key.Key_X)
    canvas.tool = Tool.FRAME
    hand.key(Qt.Key.Key_X)
    assert tools == [Tool.ERASER, Tool.BRUSH, Tool.FRAME, Tool.BRUSH]
    assert canvas.tool is Tool.BRUSH


def test_keys_with_ctrl_belong_to_the_window(canvas: Canvas, hand: Hand) -> None:
    assert not hand.key_down(Qt.Key.Key_X, Qt.KeyboardModifier.ControlModifier)
    assert canvas.tool is Tool.BRUSH


@pytest.mark.parametrize("way", ["right", "alt"])
def test_dragging_resizes_and_hardens_the_brush(canvas: Canvas, hand: Hand, painting: Document, way: str) -> None:
    canvas.brush_settings = BrushSettings(40, 0.5)
    button, keys = (RIGHT, Qt.KeyboardModifier.NoModifier) if way == "right" else (Qt.MouseButton.LeftButton, ALT)
    hand.press((200, 150), button, keys)
    hand.move((215, 118), keys)
    assert canvas.brush_settings == BrushSettings(70, 0.7)
    hand.move((185, 182), keys)
    assert canvas.brush_settings == BrushSettings(10, 0.3)
    hand.release((185, 182))
    assert canvas.brush_settings == BrushSettings(10, 0.3)
    assert painting.mask_is_empty()


def test_escape_gives_the_old_brush_back(canvas: Canvas, hand: Hand, painting: Document) -> None:
    canvas.brush_settings = BrushSettings(40, 0.5)
    hand.press((200, 150), RIGHT)
    hand.move((260, 100))
    hand.key(Qt.Key.Key_Escape)
    assert canvas.brush_settings == BrushSettings(40, 0.5)


def changed(canvas: Canvas, before: np.ndarray) -> np.ndarray:
    """[n, 2] of the pixels (x, y) that look otherwise now."""
    different = np.any(seen(canvas) != before, axis=2)
    return np.argwhere(different)[:, ::-1]


def bare(canvas: Canvas) -> np.ndarray:
    canvas.leaveEvent(QEvent(QEvent.Type.Leave))
    return seen(canvas)


def test_the_ring_is_as_wide_as_the_stroke_and_shows_its_hardness(
    canvas: Canvas, hand: Hand, painting: Document
) -> None:
    before = bare(canvas)
    canvas.brush_settings = BrushSettings(80, 0.5)
    hand.move((200, 150))
    distance = np.hypot(*(changed(canvas, before) + 0.5 - (200, 150)).T)
    assert np.all((np.abs(distance - 40) < 3.5) | (np.abs(distance - 20) < 3.5))
    assert np.any(np.abs(distance - 40) < 1)
    assert np.any(np.abs(distance - 20) < 1)
    canvas.zoom_to(2.0, QPointF(200, 150))
    doubled = np.hypot(*(changed(canvas, seen_without_ring(canvas)) + 0.5 - (200, 150)).T)
    assert np.any(np.abs(doubled - 80) < 1)


def seen_without_ring(canvas: Canvas) -> np.ndarray:
    hover, canvas._hover = canvas._hover, None
    canvas.update()
    shown = seen(canvas)
    canvas._hover = hover
    canvas.update()
    return shown


def test_the_ring_leaves_no_trace(canvas: Canvas, hand: Hand, painting: Document) -> None:
    before = bare(canvas)
    for place in ((120, 90), (250, 200), (60, 40), (399, 299)):
        hand.move(place)
        hand.key(Qt.Key.Key_BracketRight)
        assert len(changed(canvas, before))
    canvas.brush_settings = BrushSettings(200, 0.2)
    hand.move((390, 290))
    hand.press((200, 150), RIGHT)
    hand.move((280, 100))
    hand.release((280, 100))
    assert not len(changed(canvas, bare(canvas)))
    assert np.array_equal(bare(canvas), before)


def test_a_brush_too_small_to_see_has_a_cross(canvas: Canvas, hand: Hand, painting: Document) -> None:
    before = bare(canvas)
    canvas.brush_settings = BrushSettings(1)
    hand.move((200, 150))
    reach = np.abs(changed(canvas, before) + 0.5 - (200, 150)).max()
    assert 5 < reach < 10


# Frame


@pytest.fixture
def framed(canvas: Canvas) -> Document:
    """A document of 2,000 by 1,500 at 10 %: the frame of 500 at (500, 400) is 50 px wide at (150, 115)."""
    document = Document(grey(2_000, 1_500))
    document.set_frame(Rect(500, 400, 500, 500))
    canvas.set_document(document)
    canvas.zoom_to(0.1)
    canvas.tool = Tool.FRAME
    assert (canvas.view.left, canvas.view.top) == (100, 75)
    return document


def test_dragging_inside_moves_the_frame(canvas: Canvas, hand: Hand, framed: Document) -> None:
    frames = Signals()
    canvas.frameChanged.connect(frames.note)
    hand.drag([(175, 140), (185, 135)], modifiers=FREELY)
    assert framed.frame == Rect(600, 350, 500, 500)
    hand.drag([(185, 135), (-900, -900)])
    assert framed.frame == Rect(-438, -438, 500, 500), "an eighth of it stays on the picture"
    assert frames[-1] == framed.frame


def test_dragging_a_corner_resizes_the_frame_and_keeps_the_opposite_corner(hand: Hand, framed: Document) -> None:
    hand.drag([(200, 165), (220, 175)], modifiers=FREELY)
    assert framed.frame == Rect(500, 400, 700, 700)
    hand.drag([(150, 115), (160, 125)], modifiers=FREELY)
    assert framed.frame == Rect(600, 500, 600, 600)


def test_pressing_elsewhere_brings_the_frame_there(hand: Hand, framed: Document) -> None:
    hand.drag([(250, 180), (260, 180)], modifiers=FREELY)
    assert framed.frame == Rect(1_350, 800, 500, 500)


def test_escape_puts_the_frame_back(hand: Hand, framed: Document) -> None:
    hand.press((200, 165))
    hand.move((230, 195))
    hand.key(Qt.Key.Key_Escape)
    assert framed.frame == Rect(500, 400, 500, 500)


def test_arrow_keys_move_the_frame(canvas: Canvas, hand: Hand, framed: Document) -> None:
    hand.key(Qt.Key.Key_Left)
    hand.key(Qt.Key.Key_Down, SHIFT)
    assert framed.frame == Rect(499, 432, 500, 500)


def test_the_frame_tool_dims_what_the_model_does_not_see(canvas: Canvas, hand: Hand, framed: Document) -> None:
    shown = seen(canvas)
    assert np.all(shown[130, 170] == 128)
    assert np.all(shown[130, 120] < 90)
    canvas.tool = Tool.PAN
    assert np.all(seen(canvas)[130, 120] == 128)


def test_the_frames_border_is_one_crisp_line(canvas: Canvas, framed: Document) -> None:
    shown = seen(canvas)[125].astype(int).mean(axis=1)
    assert shown[150] > 230
    assert shown[149] < 80
    assert shown[151] == 128


def test_the_cursor_says_what_the_frame_will_do(canvas: Canvas, hand: Hand, framed: Document) -> None:
    shapes = []
    for place in ((175, 140), (150, 115), (200, 115), (175, 165), (300, 200)):
        hand.move(place)
        shapes.append(canvas.cursor().shape())
    assert shapes == [
        Qt.CursorShape.SizeAllCursor,
        Qt.CursorShape.SizeFDiagCursor,
        Qt.CursorShape.SizeBDiagCursor,
        Qt.CursorShape.SizeVerCursor,
        Qt.CursorShape.CrossCursor,
    ]


extents = st.builds(Extent, st.integers(1, 3_000), st.integers(1, 3_000))


@settings(deadline=None)
@given(
    extents,
    st.sampled_from([g for g in Grip if g is not Grip.INSIDE]),
    st.tuples(numbers, numbers),
    st.tuples(st.integers(-900, 3_000), st.integers(-900, 3_000), st.integers(64, 3_000)),
)
def test_a_resized_frame_is_square_anchored_and_within_the_limits(
    extent: Extent, grip: Grip, travel: tuple[float, float], place: tuple[int, int, int]
) -> None:
    before = Rect(place[0], place[1], place[2], place[2])
    frame = resized(before, grip, *travel, extent)
    assert frame.width == frame.height >= 64
    assert frame.width <= max(512, extent.width, extent.height)
    x, y = grip.value
    if x:
        assert (frame.right if x < 0 else frame.x) == (before.right if x < 0 else before.x)
    if y:
        assert (frame.bottom if y < 0 else frame.y) == (before.bottom if y < 0 else before.y)


def test_a_tiny_frame_can_still_be_moved() -> None:
    assert grip_at(QRectF(100, 100, 12, 12), QPointF(106, 106)) is Grip.INSIDE


def test_undoing_a_new_picture_says_that_the_frame_came_back(canvas: Canvas, hand: Hand, painting: Document) -> None:
    painting.set_frame(Rect(0, 0, 64, 64))
    painting.replace_picture(grey(512, 512, 30), "Generate")
    canvas.refresh()
    frames = Signals()
    canvas.frameChanged.connect(frames.note)
    canvas.undo()
    assert frames == [Rect(0, 0, 64, 64)]
    assert painting.extent == Extent(200, 150)
    hand.drag([(200, 150), (230, 150)])
    assert not painting.mask_is_empty()
