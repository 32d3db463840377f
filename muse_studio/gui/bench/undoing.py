"""A thousand strokes, undone and done again: the mask's bytes at both ends, and how long a press of undo takes."""

from __future__ import annotations

import asyncio
import time

import numpy as np

from muse_studio.gui.bench.painting import SIDE_PX, soft_noise
from muse_studio.gui.bench.pointing import Paints, scribble
from muse_studio.gui.bench.rows import Row, quantile, row
from muse_studio.gui.canvas.tools import Tool
from muse_studio.gui.main_window import MainWindow
from muse_studio.gui.sheet import Sheet

STROKES = 1000
STROKES_PER_TOOL = 25  # brush and eraser in turn, or there would soon be nothing left to paint
EVENTS_PER_STROKE = 8
FRAME_GOAL_MS = 16.0


async def undoing(window: MainWindow) -> list[Row]:
    """Rows of undo, each press until its paint is done."""
    window.start_over(Sheet(soft_noise(SIDE_PX), "bench"))
    document = window.canvas.document
    assert document is not None
    first = document.mask.tobytes()
    edits: list[None] = []
    number = 0
    window.canvas.documentEdited.connect(lambda: edits.append(None))
    while len(edits) < STROKES:
        window.canvas.tool = Tool.ERASER if len(edits) // STROKES_PER_TOOL % 2 else Tool.BRUSH
        await scribble(window.canvas, number := number + 1, EVENTS_PER_STROKE, 0.0)
    last = document.mask.copy()
    paints = Paints(window.canvas)
    took: list[float] = []
    begun = time.monotonic()
    while document.can_undo:
        before, pressed = paints.count, time.monotonic()
        window.stage.undo()
        took.append((await paints.next(before) - pressed) * 1000)
    whole_s = time.monotonic() - begun
    back = document.mask.tobytes() == first
    while document.can_redo:
        window.stage.redo()
        await asyncio.sleep(0)
    same = bool(np.array_equal(document.mask, last))
    words = f"{'the' if back and same else 'NOT the'} first and last bytes"
    return [
        row(f"undo of {len(took)} strokes to the screen, {words}", whole_s, "s", reached=back and same, goal=None),
        row("one undo to the screen, p95", quantile(took, 0.95), "ms", FRAME_GOAL_MS),
    ]
