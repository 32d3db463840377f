"""The pen: what its pressure, its other end and its buttons do."""

from __future__ import annotations

import numpy as np
import pytest
from canvas_hand import MIDDLE, RIGHT, Hand, Signals, seen
from PySide6.QtCore import QEvent

from muse_studio.core.document import Document
from muse_studio.gui.canvas import BrushSettings, Canvas, Tool

PRESS, MOVE, RELEASE = QEvent.Type.TabletPress, QEvent.Type.TabletMove, QEvent.Type.TabletRelease


def stroke(hand: Hand, row: int, pressure: float, *, eraser: bool = False, measures: bool = True) -> None:
    hand.pen(PRESS, (130, row), pressure, eraser=eraser, measures=measures)
    hand.pen(MOVE, (200, row), pressure, eraser=eraser, measures=measures)
    hand.pen(RELEASE, (200, row), 0.0, eraser=eraser, measures=measures)


@pytest.mark.parametrize("sizes", [False, True])
@pytest.mark.parametrize("fades", [False, True])
def test_pressure_changes_what_it_is_told_to(
    canvas: Canvas, hand: Hand, painting: Document, sizes: bool, fades: bool
) -> None:
    canvas.brush_settings = BrushSettings(30, 1.0, 1.0, sizes, fades)
    stroke(hand, 100, 0.3)
    stroke(hand, 170, 1.0)
    light, full = painting.mask[10:45, 70], painting.mask[75:115, 70]
    assert bool((light > 0).sum() < (full > 0).sum() - 4) == sizes
    assert bool(light.max() < 200) == fades
    assert full.max() == 255


@pytest.mark.parametrize("measures", [False, True])
def test_a_pen_without_pressure_paints_a_full_mask_at_first(
    canvas: Canvas, hand: Hand, painting: Document, measures: bool
) -> None:
    assert canvas.brush_settings == BrushSettings()
    stroke(hand, 150, 0.0, measures=measures)
    assert painting.mask.max() == 255


def test_the_other_end_erases_with_the_brush_and_its_ring_says_so(
    canvas: Canvas, hand: Hand, painting: Document
) -> None:
    painting.fill_mask()
    canvas.refresh()
    canvas.brush_settings = BrushSettings(40, 1.0)
    hand.pen(MOVE, (200, 150), 0.0)
    solid = seen(canvas)
    hand.pen(MOVE, (200, 150), 0.0, eraser=True)
    assert not np.array_equal(seen(canvas), solid), "its ring is dashed"
    stroke(hand, 150, 1.0, eraser=True)
    assert painting.mask[75, 60] == 0
    assert canvas.tool is Tool.BRUSH
    stroke(hand, 150, 1.0)
    assert painting.mask[75, 60] == 255


def test_the_lower_button_resizes_the_brush_and_the_upper_one_pans(
    canvas: Canvas, hand: Hand, painting: Document
) -> None:
    canvas.brush_settings = BrushSettings(40, 0.5)
    for kind, place in ((PRESS, (200, 150)), (MOVE, (215, 150)), (RELEASE, (215, 150))):
        hand.pen(kind, place, 0.5, button=RIGHT)
    assert canvas.brush_settings == BrushSettings(70, 0.5)
    for kind, place in ((PRESS, (200, 150)), (MOVE, (230, 140)), (RELEASE, (230, 140))):
        hand.pen(kind, place, 0.5, button=MIDDLE)
    assert (canvas.view.left, canvas.view.top) == (130, 65)
    canvas.tool = Tool.LASSO
    for kind, place in ((PRESS, (200, 150)), (MOVE, (190, 150)), (RELEASE, (190, 150))):
        hand.pen(kind, place, 0.5, button=RIGHT)
    assert (canvas.view.left, canvas.view.top) == (120, 65)
    assert painting.mask_is_empty()


def test_no_stroke_comes_twice(canvas: Canvas, hand: Hand, painting: Document) -> None:
    edits = Signals()
    canvas.documentEdited.connect(lambda: edits.append(1))
    for tool in (Tool.BRUSH, Tool.RECTANGLE):
        canvas.tool = tool
        assert hand.pen(PRESS, (130, 120), 0.5)
        hand.press((130, 120))
        assert hand.pen(MOVE, (180, 160), 0.5)
        hand.move((180, 160))
        assert hand.pen(RELEASE, (180, 160), 0.0)
        hand.release((180, 160))
    assert len(edits) == 2
