"""Which cells of the model's grids a mask touches."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from muse_studio.core.geometry import Rect
from muse_studio.gui.canvas.cells import cells_after_change, touched_cells

frames = st.builds(
    lambda x, y, side: Rect(x, y, side, side), st.integers(-40, 60), st.integers(-40, 60), st.integers(64, 300)
)
pixels = st.lists(st.tuples(st.integers(0, 99), st.integers(0, 119)), max_size=6)


def painted(places: list[tuple[int, int]]) -> np.ndarray:
    mask = np.zeros((100, 120), np.uint8)
    for y, x in places:
        mask[y, x] = 1
    return mask


@settings(deadline=None)
@given(frames, pixels)
def test_a_cell_is_touched_exactly_if_a_painted_pixel_overlaps_it(frame: Rect, places: list[tuple[int, int]]) -> None:
    cells = touched_cells(painted(places), frame)
    side = frame.width / 64
    expected = np.zeros((64, 64), bool)
    starts, ends = np.arange(64) * side, np.arange(1, 65) * side
    for y, x in places:
        rows = (frame.y + starts < y + 1) & (y < frame.y + ends)
        columns = (frame.x + starts < x + 1) & (x < frame.x + ends)
        expected |= rows[:, None] & columns
    assert np.array_equal(cells.detail, expected)
    assert np.array_equal(cells.base, expected.reshape(16, 4, 16, 4).any(axis=(1, 3)))


@settings(deadline=None)
@given(frames, pixels, st.data())
def test_cells_brought_up_to_date_equal_cells_counted_anew(
    frame: Rect, places: list[tuple[int, int]], data: st.DataObject
) -> None:
    mask = painted(places)
    cells = touched_cells(mask, frame)
    x, y = data.draw(st.integers(0, 119)), data.draw(st.integers(0, 99))
    rect = Rect(x, y, data.draw(st.integers(1, 120 - x)), data.draw(st.integers(1, 100 - y)))
    mask[rect.slices] = data.draw(st.sampled_from([0, 255]))
    after, anew = cells_after_change(mask, cells, rect), touched_cells(mask, frame)
    assert np.array_equal(after.detail, anew.detail)
    assert np.array_equal(after.base, anew.base)


def test_nothing_is_made_where_no_cell_changes() -> None:
    mask = painted([(50, 50)])
    cells = touched_cells(mask, Rect(0, 0, 512, 512))
    mask[50, 51] = 255
    assert cells_after_change(mask, cells, Rect(51, 50, 1, 1)) is cells
