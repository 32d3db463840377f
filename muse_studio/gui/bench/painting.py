"""Strokes: from the pen's event to the paint that shows it, idle and while a job streams previews onto the canvas.

A bare widget of the same size is scribbled on in turn with the canvas, stroke by stroke and during the same job.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import numpy as np
from PySide6.QtGui import QImage

from muse_studio.core.document import Document
from muse_studio.gui.bench.bare import BareCanvas
from muse_studio.gui.bench.pointing import scribble
from muse_studio.gui.bench.rows import Row, against, quantile, row
from muse_studio.gui.canvas.canvas import Canvas
from muse_studio.gui.main_window import MainWindow
from muse_studio.gui.sheet import Sheet

SIDE_PX = 2048
STROKES = 12
EVENTS_PER_STROKE = 60
EVENT_EVERY_S = 0.004
PROMPT = "a 3d fox"
P95_GOAL_MS = 4.0
P99_GOAL_MS = 8.0
FIRST_PREVIEW_GOAL_S = 0.5


async def painting(window: MainWindow) -> list[Row]:
    """Rows of strokes on a document of 2048 by 2048 px; the model must be loaded."""
    window.start_over(Sheet(soft_noise(SIDE_PX), "bench"))
    bare = _bare_beside(window)
    try:
        idle = await _scribbles(window.canvas, bare, lambda done: done < STROKES)
        first_s, busy = await _during_a_job(window, bare)
    finally:
        bare.deleteLater()
    return [
        *_rows("idle", *idle),
        *_rows("a job running", *busy),
        row("first preview", first_s, "s", FIRST_PREVIEW_GOAL_S),
    ]


def soft_noise(side_px: int) -> Document:
    """Squares of random colours."""
    coarse = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    return Document(coarse.repeat(side_px // 64, 0).repeat(side_px // 64, 1))


def _bare_beside(window: MainWindow) -> BareCanvas:
    """A bare widget as large as the canvas, with the same document at the same zoom under a brush as large."""
    canvas, document = window.canvas, window.canvas.document
    assert document is not None
    shown = QImage(document.picture.tobytes(), SIDE_PX, SIDE_PX, QImage.Format.Format_RGBA8888)
    seen = shown.convertToFormat(QImage.Format.Format_RGB32).scaled(canvas.size())
    bare = BareCanvas(seen, 1.0, canvas.brush_settings.size_px * canvas.zoom / canvas.devicePixelRatioF())
    bare.resize(canvas.size())
    bare.show()
    return bare


Timings = tuple[list[float], list[float]]
"""Milliseconds for each stroke event: on the canvas, on the bare widget."""


async def _scribbles(canvas: Canvas, bare: BareCanvas, goes_on: Callable[[int], bool]) -> Timings:
    """Strokes on both in turn, as long as `goes_on` of the number of pairs so far."""
    timings: Timings = ([], [])
    canvas.strokeTimed.connect(timings[0].append)
    bare.strokeTimed.connect(timings[1].append)
    done = 0
    while goes_on(done):
        await scribble(canvas, done, EVENTS_PER_STROKE, EVENT_EVERY_S)
        await scribble(bare, done, EVENTS_PER_STROKE, EVENT_EVERY_S)
        done += 1
    canvas.strokeTimed.disconnect(timings[0].append)
    bare.strokeTimed.disconnect(timings[1].append)
    return timings


async def _during_a_job(window: MainWindow, bare: BareCanvas) -> tuple[float, Timings]:
    """Seconds to the first preview, and the timings until the job ends."""
    shown: list[float] = []
    window.jobs.on_step.append(lambda *_: shown.append(time.monotonic()))
    begun = start_fill(window)
    timings = await _scribbles(window.canvas, bare, lambda done: window.jobs.is_busy or done < 2)
    window.jobs.on_step.pop()
    return shown[0] - begun, timings


def start_fill(window: MainWindow) -> float:
    """Generate under the mask as it is; the moment when it was asked for."""
    window.panel.prompt.setPlainText(PROMPT)
    begun = time.monotonic()
    window.jobs.generate()
    return begun


async def job_over(window: MainWindow) -> None:
    while window.jobs.is_busy:
        await asyncio.sleep(0.02)


def _rows(when: str, ours: list[float], bare: list[float]) -> list[Row]:
    what = f"stroke to paint, {{}} of {len(ours)}, {when}"
    return [
        row(
            what.format(name),
            quantile(ours, share),
            "ms",
            goal,
            **against(quantile(ours, share), quantile(bare, share)),
        )
        for name, share, goal in (("median", 0.5, None), ("p95", 0.95, P95_GOAL_MS), ("p99", 0.99, P99_GOAL_MS))
    ]
