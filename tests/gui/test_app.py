"""The program around the window: its garbage is collected by this thread, and only what is new is looked through."""

from __future__ import annotations

import asyncio
import gc
import weakref
from pathlib import Path

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from muse_studio.client.fake import FakeClient
from muse_studio.core.settings import Settings
from muse_studio.gui.app import collecting_here, make_window
from muse_studio.gui.main_window import MainWindow
from tests.gui.conftest import Studio


class Ring:
    def __init__(self) -> None:
        self.me = self


def test_new_garbage_is_collected_and_what_was_there_is_not_looked_through(qapp: QApplication) -> None:
    with collecting_here(qapp):
        assert not gc.isenabled()
        assert gc.get_freeze_count() > 1000
        ring = weakref.ref(Ring())
        assert ring() is not None
        gc.collect()
        assert ring() is None
    assert gc.get_freeze_count() == 0
    gc.disable()  # as the fixtures of these tests have it


def test_a_window_that_is_gone_leaves_nothing_behind(studio: Studio, tmp_path: Path) -> None:
    async def use() -> weakref.ref[MainWindow]:
        window = make_window(studio.app, FakeClient(), tmp_path, Settings(), lambda _: None)
        window.show()
        await asyncio.sleep(0.05)
        await window.shut_down()
        window.deleteLater()
        return weakref.ref(window)

    gone = studio.run(use())
    studio.app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    gc.collect()
    assert gone() is None
