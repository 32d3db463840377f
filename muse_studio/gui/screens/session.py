"""One session of screenshots: opens the window, plays all scenes, and says which of them went wrong."""

from __future__ import annotations

import asyncio
import sys
import traceback
from pathlib import Path

from PySide6.QtCore import QEvent
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QApplication

from muse_studio import places
from muse_studio.client.client import WorkerClient
from muse_studio.core.settings import Language, Settings, Theme
from muse_studio.gui.app import make_application, make_loop, make_window
from muse_studio.gui.message_bar import NoticeKind
from muse_studio.gui.screens.played import PlayedClient
from muse_studio.gui.screens.scenes import SCENES
from muse_studio.gui.screens.studio import Studio

WINDOW_PX = (1440, 900)


def take(out: Path, names: tuple[str, ...], *, fake: bool) -> int:
    """Take all screenshots, or those of some scenes; the others' are left as they are."""
    app = make_application(["muse-studio"])
    wrong: list[str] = []
    with make_loop(app) as loop:
        loop.run_until_complete(_session(app, out, names or tuple(SCENES), fake, wrong))
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    return 1 if wrong else 0


async def _session(app: QApplication, out: Path, names: tuple[str, ...], fake: bool, wrong: list[str]) -> None:
    model = places.default_model()
    client = PlayedClient(None if fake else WorkerClient(model, "cpu"), model.name)
    settings = Settings(theme=Theme.LIGHT, language=Language.ENGLISH)
    window = make_window(app, client, model, settings, lambda _: None)
    window.resize(*WINDOW_PX)
    window.show()
    await client.start()
    window.guide.begin()
    out.mkdir(parents=True, exist_ok=True)
    studio = Studio(window, client, out)
    try:
        for name in (name for name in SCENES if name in names):
            await _play(name, studio, wrong)
    finally:
        studio.forget()
        await studio.close_overlays()
        await window.shut_down()
        window.deleteLater()
    size = sum(path.stat().st_size for path in studio.taken)
    sys.stdout.write(f"{len(studio.taken)} pictures, {size / 1e6:.1f} MB, in {out}\n")
    if not QFontDatabase.families(QFontDatabase.WritingSystem.Japanese):
        sys.stdout.write("No font on this computer has Japanese letters: the Japanese pictures show boxes.\n")


async def _play(name: str, studio: Studio, wrong: list[str]) -> None:
    """One scene; what goes wrong in it is said, and the next one begins."""
    taken = len(studio.taken)
    try:
        await SCENES[name](studio)
    except Exception:  # noqa: BLE001 - every scene gets its turn
        sys.stdout.write(f"{name}: WRONG\n{traceback.format_exc()}\n")
        wrong.append(name)
        await studio.close_overlays()
        return
    errors = [notice.message for notice in studio.window.messages.notices if notice.kind is NoticeKind.ERROR]
    sys.stdout.write(f"{name}: {len(studio.taken) - taken} pictures {'WRONG ' + errors[0] if errors else ''}\n")
    wrong += errors
    await asyncio.sleep(0)
