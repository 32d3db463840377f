"""How long the window lets things wait while it is busy: a job, saving a large project, loading a model.

Next to ours beats a bare process with an empty window: what that one waits is the machine's doing, not the studio's.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from muse_studio.client.client import WorkerClient
from muse_studio.core.document import Document
from muse_studio.core.geometry import Rect
from muse_studio.gui.bench.beats import BareBeats, Beats, waits_ms
from muse_studio.gui.bench.painting import job_over, soft_noise, start_fill
from muse_studio.gui.bench.rows import Row, against, quantile, row
from muse_studio.gui.main_window import MainWindow
from muse_studio.gui.sheet import Sheet

STALL_GOAL_MS = 16.0
SIDE_PX = 4096
LAYERS = 10
JOB_SIDE_PX = 2048
SETTLED_S = 1.0
"""Painting 4096² px for the first time takes a tenth of that."""


async def stalls(window: MainWindow, client: WorkerClient) -> list[Row]:
    """Rows of the event loop's waits."""
    beats, bare = Beats(window), BareBeats()
    spans: list[tuple[str, float, float]] = []

    async def during(what: str, work: Callable[[], Awaitable[object]]) -> None:
        begun = time.monotonic()
        await work()
        spans.append((what, begun, time.monotonic()))

    try:
        await _open(window, _all_masked(soft_noise(JOB_SIDE_PX)))
        await during("a job", lambda: _job(window))
        await _save(window, during)
        await during("loading the model", lambda: _load(client))
    finally:
        beats.stop()
        theirs = bare.close()
    rows: list[Row] = []
    for what, begin_s, end_s in spans:
        ours = waits_ms(beats.times_s, begin_s, end_s)
        p99, floor = quantile(ours, 0.99), quantile(waits_ms(theirs, begin_s, end_s), 0.99)
        rows.append(row(f"wait for the event loop, p99, {what}", p99, "ms", STALL_GOAL_MS, **against(p99, floor)))
        rows.append(row(f"longest wait, {what}", max(ours), "ms"))
        if what.startswith("saving"):
            rows.append(row(what, end_s - begin_s, "s"))
    return rows


async def _open(window: MainWindow, document: Document) -> None:
    """Show a document and wait until it has been painted: opening, and selecting all of it, is no part of a job."""
    window.start_over(Sheet(document, "bench"))
    await asyncio.sleep(SETTLED_S)


def _all_masked(document: Document) -> Document:
    document.fill_mask()
    return document


async def _job(window: MainWindow) -> None:
    """A press on Generate, every step, and the result put down."""
    start_fill(window)
    await job_over(window)


async def _load(client: WorkerClient) -> None:
    before = client.pid
    await client.restart()
    while client.pid in (before, None):
        await asyncio.sleep(0.01)
    await client.ready()


async def _save(window: MainWindow, during: Callable[[str, Callable[[], Awaitable[object]]], Awaitable[None]]) -> None:
    """A project of 4096² px with ten layers, each half as wide and high, as results and sketches are."""
    document = soft_noise(SIDE_PX)
    rng = np.random.default_rng(1)
    half = SIDE_PX // 2
    for number in range(LAYERS - 1):
        coarse = rng.integers(0, 256, (half // 8, half // 8, 4), dtype=np.uint8)
        place = Rect(number * 200, number * 150, half, half)
        document.add_layer(coarse.repeat(8, 0).repeat(8, 1), place, f"Layer {number + 2}")
    await _open(window, document)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "bench.ora"
        await during(f"saving {SIDE_PX}² px, {LAYERS} layers", lambda: window.files.save_to(path))
