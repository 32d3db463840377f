"""A picture of 64 megapixels: opening it, panning it, beside Pillow and bare Qt doing the same."""

from __future__ import annotations

import asyncio
import time
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from muse_studio import places
from muse_studio.core.files import atomic_write
from muse_studio.gui.bench.bare import BareCanvas
from muse_studio.gui.bench.beats import Beats, waits_ms
from muse_studio.gui.bench.pointing import Paints, move, press, release
from muse_studio.gui.bench.rows import Row, against, quantile, row, row_at_least
from muse_studio.gui.canvas.tools import Tool
from muse_studio.gui.incoming import PictureFile
from muse_studio.gui.main_window import MainWindow

SIDE_PX = 8000
OPEN_GOAL_S = 5.0
PAN_GOAL_FPS = 30.0
FRAMES = 90
ZOOMS = (1.0, 0.3)
SAMPLE = "resources/samples/mountain-valley.jpg"


async def large(window: MainWindow) -> list[Row]:
    """Rows of opening and panning 8000 by 8000 px."""
    with TemporaryDirectory() as folder:
        files = [Path(folder) / name for name in ("large.jpg", "large.png")]
        await asyncio.to_thread(_write, files)
        rows = [one for path in files for one in await _open(window, path)]
        return rows + await _pan(window, files[0])


def _write(files: list[Path]) -> None:
    with Image.open(places.shipped(SAMPLE)) as sample:
        enlarged = sample.convert("RGB").resize((SIDE_PX, SIDE_PX))
    for file, form, options in ((files[0], "JPEG", {"quality": 90}), (files[1], "PNG", {"compress_level": 1})):
        written = BytesIO()
        enlarged.save(written, form, **options)
        atomic_write(file, written.getvalue())


async def _open(window: MainWindow, path: Path) -> list[Row]:
    begun = time.monotonic()
    await asyncio.to_thread(_read_alone, path)
    alone_s = time.monotonic() - begun
    paints, beats = Paints(window.canvas), Beats(window)
    begun = time.monotonic()
    await window.files.take(PictureFile(path))
    await paints.next()
    ended = time.monotonic()
    beats.stop()
    kind = path.suffix[1:].upper()
    ratio = {"ratio": (ended - begun) / alone_s, "ratio_to": "Pillow alone"}
    longest = max(waits_ms(beats.times_s, begun, ended))
    return [
        row(f"64 MP {kind}, from file to screen", ended - begun, "s", OPEN_GOAL_S, **ratio),
        row(f"longest wait, opening it as {kind}", longest, "ms"),
    ]


def _read_alone(path: Path) -> None:
    """What anyone must do: read the file and have its pixels as an array."""
    with Image.open(path) as picture:
        np.asarray(picture.convert("RGBA"))


async def _pan(window: MainWindow, path: Path) -> list[Row]:
    picture = await asyncio.to_thread(_shown, path)
    rows: list[Row] = []
    for zoom in ZOOMS:
        window.canvas.tool = Tool.PAN
        window.canvas.zoom_to(zoom)
        ours = await _frames(window.canvas)
        bare = BareCanvas(picture, zoom, 0)
        bare.resize(window.canvas.size())
        bare.show()
        theirs = await _frames(bare)
        bare.deleteLater()
        fps, bare_fps = 1 / quantile(ours, 0.95), 1 / quantile(theirs, 0.95)
        what = f"panning 64 MP at {zoom:.0%}, p95 of {FRAMES} frames"
        rows.append(row_at_least(what, fps, "fps", PAN_GOAL_FPS, **against(fps, bare_fps)))
    window.canvas.tool = Tool.BRUSH
    return rows


def _shown(path: Path) -> QImage:
    with Image.open(path) as picture:
        pixels = picture.convert("RGBA").tobytes()
    return QImage(pixels, SIDE_PX, SIDE_PX, QImage.Format.Format_RGBA8888).convertToFormat(QImage.Format.Format_RGB32)


async def _frames(widget: QWidget) -> list[float]:
    """Seconds from each move of a drag to its finished paint."""
    paints = Paints(widget)
    x, y = widget.width() * 0.8, widget.height() * 0.8
    press(widget, x, y)
    await asyncio.sleep(0.05)
    took: list[float] = []
    for number in range(FRAMES):
        step = 6 if number < FRAMES // 2 else -6
        x, y = x - step, y - step / 2
        before, begun = paints.count, time.monotonic()
        move(widget, x, y)
        took.append(await paints.next(before) - begun)
    release(widget, x, y)
    return took
