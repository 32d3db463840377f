"""The program around the window: its garbage is collected by this thread, and only what is new is looked through."""

from __future__ import annotations

import gc
import weakref

from PySide6.QtWidgets import QApplication

from muse_studio.gui.app import collecting_here


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
