"""Measures the real window with real events: start, painting while a job runs, the first preview. Prints JSON rows.

Run by `muse-studio bench` in a process of its own, so that torch stays out of it. Knows nothing about the model.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import time
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from muse_studio.client.client import WorkerClient
from muse_studio.client.jobs import Job, JobState, WorkerState
from muse_studio.core.document import Document
from muse_studio.core.request import EditRequest, Mode
from muse_studio.core.settings import Settings
from muse_studio.gui import app as studio
from muse_studio.gui.main_window import MainWindow
from muse_studio.gui.sheet import Sheet

SIDE_PX = 2048
STROKES = 12
EVENTS_PER_STROKE = 60
STROKE_GOAL_MS = 4.0
FIRST_PREVIEW_GOAL_S = 0.5
VISIBLE_GOAL_S = 1.0
PATIENCE_S = 120.0
PROMPT = "a 3d fox"


def row(what: str, value: float, unit: str, goal: float | None = None, **more: object) -> dict[str, object]:
    """One row of the bench's table; with a goal, the value must not be above it."""
    told = {} if goal is None else {"goal": f"≤ {goal:g} {unit}", "reached": value <= goal}
    return {"what": what, "value": value, "unit": unit, **told, **more}


async def measure(app: QApplication, model: Path, started: float) -> list[dict[str, object]]:
    """All rows of the window. started: `time.time()` just before this process was asked for."""
    client = WorkerClient(model, "auto")
    window = studio.make_window(app, client, model, Settings(), lambda settings: None)
    window.resize(1440, 900)
    painted = asyncio.get_running_loop().create_future()
    studio.after_first_paint(window, lambda: painted.set_result(time.time()))
    window.show()
    visible_s = await painted - started
    rows = [row("window visible", visible_s, "s", VISIBLE_GOAL_S)]
    try:
        await client.start()
        await _ready(client)
        window.start_over(Sheet(_document(), "bench"))
        idle = await _strokes(window, None)
        first_s, busy = await _strokes_while_a_job_runs(window, client)
        rows.append(row("stroke to paint, median, idle", statistics.median(idle), "ms"))
        rows.append(row("stroke to paint, p95, idle", _p95(idle), "ms", STROKE_GOAL_MS))
        ratio = {"ratio": _p95(busy) / _p95(idle), "ratio_to": "idle"}
        rows.append(
            row(f"stroke to paint, p95 of {len(busy)}, a job running", _p95(busy), "ms", STROKE_GOAL_MS, **ratio)
        )
        rows.append(row("first preview after Generate", first_s, "s", FIRST_PREVIEW_GOAL_S))
    finally:
        await client.close()
        window.deleteLater()
    return rows


def _document() -> Document:
    """Soft noise, 2048 by 2048."""
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)
    pixels = np.full((SIDE_PX, SIDE_PX, 4), 255, np.uint8)
    pixels[..., :3] = coarse.repeat(SIDE_PX // 64, 0).repeat(SIDE_PX // 64, 1)
    return Document(pixels)


async def _ready(client: WorkerClient) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while client.status.state is not WorkerState.READY:
        if time.monotonic() > deadline or client.status.state is WorkerState.FAILED:
            raise SystemExit(f"the worker is not ready: {client.status.message}")
        await asyncio.sleep(0.05)
    warm = client.submit(EditRequest(Mode.GENERATE, PROMPT))
    async for _ in warm.steps():
        pass


async def _strokes_while_a_job_runs(window: MainWindow, client: WorkerClient) -> tuple[float, list[float]]:
    """Seconds to the first preview, and milliseconds from each stroke event to its finished paint during jobs."""
    begun = time.monotonic()
    job = client.submit(EditRequest(Mode.GENERATE, PROMPT, seed=1))
    first = asyncio.ensure_future(_follow(job))
    took = await _strokes(window, job)
    return await first - begun, took


async def _follow(job: Job) -> float:
    """The time of the first step; the job is then followed to its end."""
    first = 0.0
    async for _ in job.steps():
        first = first or time.monotonic()
    return first


async def _strokes(window: MainWindow, job: Job | None) -> list[float]:
    """Real mouse events across the canvas; while there is a job, until it ends."""
    took: list[float] = []
    canvas = window.canvas
    canvas.strokeTimed.connect(took.append)
    rng = np.random.default_rng(1)
    number = 0
    while number < STROKES if job is None else job.state in (JobState.QUEUED, JobState.RUNNING):
        x, y = (int(value) for value in rng.integers(150, min(canvas.width(), canvas.height()) - 150, 2))
        QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(x, y))
        for _ in range(EVENTS_PER_STROKE):
            x += int(rng.integers(-9, 10))
            y += int(rng.integers(-9, 10))
            QTest.mouseMove(canvas, QPoint(x, y))
            await asyncio.sleep(0.004)
        QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(x, y))
        number += 1
    canvas.strokeTimed.disconnect(took.append)
    return took


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def main() -> int:
    """`python -m muse_studio.gui.bench MODEL STARTED`: one JSON object per row."""
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = studio.make_application(sys.argv[:1])
    with studio.make_loop(app) as loop:
        for one in loop.run_until_complete(measure(app, Path(sys.argv[1]), float(sys.argv[2]))):
            sys.stdout.write(json.dumps(one) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
