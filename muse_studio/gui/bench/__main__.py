"""`python -m muse_studio.gui.bench MODEL STARTED [PART…]`: measures the real window, one JSON object per row."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from PySide6.QtWidgets import QApplication

from muse_studio.client.client import WorkerClient
from muse_studio.core.settings import Settings
from muse_studio.gui import app as studio
from muse_studio.gui.apart import apart
from muse_studio.gui.bench.large import large
from muse_studio.gui.bench.painting import painting
from muse_studio.gui.bench.rows import Row, row
from muse_studio.gui.bench.stalls import stalls
from muse_studio.gui.bench.undoing import undoing
from muse_studio.gui.main_window import MainWindow

VISIBLE_GOAL_S = 1.0
WINDOW_PX = (1440, 900)
PARTS = {
    "painting": lambda window, client: painting(window),
    "stalls": stalls,
    "large": lambda window, client: large(window),
    "undoing": lambda window, client: undoing(window),
}


async def measure(app: QApplication, model: Path, started: float, parts: Iterable[str]) -> None:
    """Print the rows of all parts. started: `time.time()` just before this process was asked for."""
    client = WorkerClient(model, "auto")
    window = studio.make_window(app, client, model, Settings(), lambda settings: None)
    window.resize(*WINDOW_PX)
    painted = asyncio.get_running_loop().create_future()
    studio.after_first_paint(window, lambda: painted.set_result(time.time()))
    window.show()
    visible_s = await painted - started
    _print([row("start to window", visible_s, "s", VISIBLE_GOAL_S)])
    try:
        with studio.collecting_here(app):
            await client.start()
            await client.ready()
            for part in parts:
                _print(await PARTS[part](window, client))
                _forget_changes(window)
    finally:
        await window.shut_down()
        window.deleteLater()


def _forget_changes(window: MainWindow) -> None:
    """Nobody is here to be asked whether they may be lost."""
    if window.sheet is not None:
        window.sheet.mark_saved()


def _print(rows: list[Row]) -> None:
    for one in rows:
        sys.stdout.write(json.dumps(one) + "\n")
    sys.stdout.flush()


def main() -> int:
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = studio.make_application(sys.argv[:1])
    parts = sys.argv[3:] or list(PARTS)
    if unknown := set(parts) - PARTS.keys():
        sys.stderr.write(f"There is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}.\n")
        return 2
    with apart(), studio.make_loop(app) as loop:
        loop.run_until_complete(measure(app, Path(sys.argv[1]), float(sys.argv[2]), parts))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
