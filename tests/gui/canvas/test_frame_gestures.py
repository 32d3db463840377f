"""The frame is drawn to lines unless Ctrl is held, and may reach over the canvas, where it shows what will be new."""

from __future__ import annotations

import numpy as np
import pytest
from canvas_hand import Hand, grey, seen
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt

from muse_studio.core.document import Document
from muse_studio.core.geometry import Extent, Point, Rect
from muse_studio.gui.canvas import Canvas, Tool
from muse_studio.gui.canvas.extension import parts_beyond
from muse_studio.gui.canvas.frame import Grip
from muse_studio.gui.canvas.snapping import GRID_PX, resized, snap_move, snap_resize

CONTROL = Qt.KeyboardModifier.ControlModifier
rects = st.builds(
    lambda x, y, side: Rect(x, y, side, side),
    st.integers(-900, 3_000),
    st.integers(-900, 3_000),
    st.integers(64, 2_000),
)
extents = st.builds(Extent, st.integers(64, 3_000), st.integers(64, 3_000))


@given(rects, extents, st.floats(0, 60))
def test_snapping_moves_no_further_than_its_reach_and_keeps_the_size(
    frame: Rect, extent: Extent, reach_px: float
) -> None:
    snapped = snap_move(frame, extent, reach_px)
    assert snapped.frame.extent == frame.extent
    for before, after in ((frame.x, snapped.frame.x), (frame.y, snapped.frame.y)):
        assert abs(after - before) <= reach_px


@given(rects, extents)
def test_a_frame_near_an_edge_of_the_canvas_is_drawn_to_it_before_the_grid(frame: Rect, extent: Extent) -> None:
    near = Rect(extent.width - frame.width + 3, -2, frame.width, frame.height)
    snapped = snap_move(near, extent, 5)
    if min(abs(near.x), abs(near.x - (extent.width - frame.width) // 2)) > 3:
        assert snapped.frame.right == extent.width
        assert any(line.upright and line.at == extent.width for line in snapped.lines)
    if abs(near.y - (extent.height - frame.height) // 2) > 2 and abs(near.y - extent.height + frame.height) > 2:
        assert snapped.frame.y == 0


@given(rects, extents, st.sampled_from([g for g in Grip if g is not Grip.INSIDE]), st.floats(-500, 500))
def test_a_resized_frame_is_drawn_to_lines_with_its_anchor_kept(
    before: Rect, extent: Extent, grip: Grip, travel: float
) -> None:
    plain = resized(before, grip, travel, travel, extent)
    frame = snap_resize(before, grip, plain, extent, 12).frame
    assert frame.width == frame.height
    assert abs(frame.width - plain.width) <= 12
    x, y = grip.value
    if x:
        assert (frame.right if x < 0 else frame.x) == (before.right if x < 0 else before.x)
    if y:
        assert (frame.bottom if y < 0 else frame.y) == (before.bottom if y < 0 else before.y)


@pytest.fixture
def framed(canvas: Canvas) -> Document:
    """A document of 2,000 by 1,500 at 10 %, its corner at (100, 75): a pixel of the screen is ten of it."""
    document = Document(grey(2_000, 1_500))
    document.set_frame(Rect(500, 400, 512, 512))
    canvas.set_document(document)
    canvas.zoom_to(0.1)
    canvas.tool = Tool.FRAME
    assert (canvas.view.left, canvas.view.top) == (100, 75)
    return document


def drag_frame(canvas: Canvas, hand: Hand, by: tuple[int, int], keys: Qt.KeyboardModifier) -> None:
    assert canvas.document is not None
    middle = canvas.to_widget(canvas.document.frame.centre)
    hand.drag([(middle.x(), middle.y()), (middle.x() + by[0], middle.y() + by[1])], modifiers=keys)


def test_the_frame_is_drawn_to_the_corner_and_with_control_it_is_not(
    canvas: Canvas, hand: Hand, framed: Document
) -> None:
    drag_frame(canvas, hand, (-48, -42), Qt.KeyboardModifier.NoModifier)
    assert framed.frame == Rect(0, 0, 512, 512)
    drag_frame(canvas, hand, (4, 5), CONTROL)
    assert framed.frame == Rect(40, 50, 512, 512)
    drag_frame(canvas, hand, (60, 40), Qt.KeyboardModifier.NoModifier)
    assert framed.frame == Rect(10 * GRID_PX, (1_500 - 512) // 2, 512, 512), "the grid across, the middle down"


def test_the_line_that_it_is_drawn_to_is_seen_during_the_drag(canvas: Canvas, hand: Hand, framed: Document) -> None:
    middle = canvas.to_widget(framed.frame.centre)
    hand.press((middle.x(), middle.y()))
    hand.move((middle.x() - 48, middle.y()))
    amber = np.array([255, 209, 102])
    assert np.all(seen(canvas)[:60, 100] == amber)
    hand.release((middle.x() - 48, middle.y()))
    assert not np.any(np.all(seen(canvas) == amber, axis=2))


def test_beyond_the_canvas_the_frame_shows_a_checkerboard_with_every_tool(
    canvas: Canvas, hand: Hand, framed: Document
) -> None:
    drag_frame(canvas, hand, (-70, 0), CONTROL)
    assert framed.frame.x == -200
    for tool in (Tool.FRAME, Tool.PAN):
        canvas.tool = tool
        x, y = (round(value) for value in canvas.view.to_screen(Point(-100, 520)))
        board = seen(canvas)[y - 4 : y + 4, x - 4 : x + 4].reshape(-1, 3)
        tones = {tuple(color) for color in board.tolist()}
        assert tones <= {(0x4A, 0x4B, 0x4F), (0x3B, 0x3C, 0x40)}
        x, y = (round(value) for value in canvas.view.to_screen(Point(100, 600)))
        assert seen(canvas)[y, x].tolist() == [128, 128, 128]
    assert not framed.can_undo


@given(rects, extents)
def test_the_parts_beyond_the_canvas_are_all_of_the_frame_that_is_not_on_it(frame: Rect, extent: Extent) -> None:
    canvas = Rect.of(extent)
    parts = parts_beyond(frame, canvas)
    assert sum(part.area for part in parts) == frame.area - frame.intersect(canvas).area
    for part in parts:
        assert frame.contains_rect(part)
        assert part.intersect(canvas).is_empty
    assert [part.area for part in parts] == sorted((part.area for part in parts), reverse=True)
