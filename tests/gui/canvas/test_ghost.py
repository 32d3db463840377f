"""The ghost: the cells that a dab would touch are seen before it is painted, with a legend that counts."""

from __future__ import annotations

import numpy as np
import pytest
from canvas_hand import Hand, grey, seen
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent

from muse_studio.core.document import Document
from muse_studio.core.geometry import Point, Rect
from muse_studio.gui.canvas import BrushSettings, Canvas, Tool
from muse_studio.gui.canvas.cells import cells_under, touched_cells
from muse_studio.gui.canvas.legend import legend_lines


@given(st.integers(64, 900), st.floats(-100, 1_000), st.floats(-100, 1_000), st.floats(0.5, 300))
def test_a_discs_cells_are_those_with_a_point_inside_it(side: int, x: float, y: float, radius: float) -> None:
    cells = cells_under(Rect(10, 20, side, side), Point(x, y), radius)
    width = side / 64
    for row in range(0, 64, 7):
        for column in range(0, 64, 5):
            left, top = 10 + column * width, 20 + row * width
            near = np.hypot(x - np.clip(x, left, left + width), y - np.clip(y, top, top + width))
            if abs(near - radius) > 1e-6:
                assert cells.detail[row, column] == (near < radius)
    assert np.array_equal(cells.base, cells.detail.reshape(16, 4, 16, 4).any(axis=(1, 3)))


@pytest.fixture
def ghosted(canvas: Canvas) -> Document:
    """A document of 256 by 256 at 100 %, with cells shown: a base cell is 16 px, a detail cell 4."""
    document = Document(grey(256, 256))
    canvas.resize(400, 400)
    canvas.set_document(document)
    canvas.zoom_to(1.0)
    canvas.brush_settings = BrushSettings(30, 1.0)
    canvas.show_cells = True
    return document


def bare(canvas: Canvas) -> np.ndarray:
    canvas.leaveEvent(QEvent(QEvent.Type.Leave))
    return seen(canvas)


def test_hovering_shows_the_cells_to_come_and_leaves_no_trace(canvas: Canvas, hand: Hand, ghosted: Document) -> None:
    before = bare(canvas)
    for place in ((150, 150), (240, 260), (90, 90), (320, 180)):
        hand.move(place)
        seen(canvas)  # fails if a part was left as it was
    hand.move((200, 200))
    shown, middle = seen(canvas), canvas.to_document(canvas._hover)
    cells = cells_under(ghosted.frame, middle, 15)
    changed = np.argwhere(np.any(shown != before, axis=2))
    top, left = changed.min(axis=0) - (canvas.view.top, canvas.view.left)
    rows, columns = np.nonzero(cells.base)
    assert abs(top - rows.min() * 16) <= 4
    assert abs(left - columns.min() * 16) <= 4
    assert np.array_equal(bare(canvas), before)


def test_painting_makes_them_touched_and_the_legend_counts_them(canvas: Canvas, hand: Hand, ghosted: Document) -> None:
    hand.press((200, 200))
    for place in ((210, 220), (260, 230), (150, 240)):
        hand.move(place)
        seen(canvas)
    hand.release((150, 240))
    cells = touched_cells(ghosted.mask, ghosted.frame)
    assert np.array_equal(canvas._cells.detail, cells.detail)
    large, small = legend_lines(cells)
    assert f"{cells.base.sum()} of 256" in large
    assert f"{cells.detail.sum()} of 4096" in small


def test_other_tools_and_a_hidden_ghost_show_no_cells_to_come(canvas: Canvas, hand: Hand, ghosted: Document) -> None:
    canvas.tool = Tool.PAN
    before = bare(canvas)
    hand.move((200, 200))
    assert np.array_equal(seen(canvas), before)
    canvas.show_cells = False
    assert not np.array_equal(bare(canvas), before), "the legend went too"
