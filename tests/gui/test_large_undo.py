"""Undo and redo that bring another canvas of many pixels: in a thread, in order, never against what came between."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from muse_studio.core.geometry import Rect
from muse_studio.gui import remaking
from tests.gui.conftest import PATIENCE_S, Studio

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


class Gate:
    """Holds the threads that look at a state until it is opened, and notes which they are."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._real, self._open = remaking._looked_at, threading.Event()
        self.threads: list[threading.Thread] = []
        monkeypatch.setattr(remaking, "_looked_at", self._looked_at)

    def _looked_at(self, *material: Any) -> Any:
        self.threads.append(threading.current_thread())
        assert self._open.wait(PATIENCE_S)
        return self._real(*material)

    def open(self) -> None:
        self._open.set()


@pytest.fixture
def cropped(studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Studio, Gate]:
    """1,200 by 1,000 px were cropped to nine tenths of their height, and then to half of it."""
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (1000, 1200, 3), dtype=np.uint8)).save(tmp_path / "a.png")
    studio.open(tmp_path / "a.png")
    studio.document.crop(Rect(0, 0, 1200, 900))
    studio.document.crop(Rect(0, 0, 1200, 500))
    studio.window.canvas.refresh()
    studio.window.refresh()
    return studio, Gate(monkeypatch)


def undo(studio: Studio) -> None:
    QTest.keyClick(studio.window, Qt.Key.Key_Z, CONTROL)


def redo(studio: Studio) -> None:
    QTest.keyClick(studio.window, Qt.Key.Key_Z, CONTROL | SHIFT)


def test_it_is_worked_out_in_a_thread_and_the_window_goes_on(cropped: tuple[Studio, Gate]) -> None:
    studio, gate = cropped
    undo(studio)
    studio.until(lambda: gate.threads)
    assert threading.main_thread() not in gate.threads
    assert studio.document.extent.height == 500
    studio.press(Qt.Key.Key_E)  # the window hears
    assert studio.window.strip.buttons["eraser"].isChecked()
    gate.open()
    studio.until(lambda: studio.document.extent.height == 900)
    np.testing.assert_array_equal(studio.document.picture, studio.document.snapshot().picture())
    shown = studio.window.canvas.grab().toImage()
    studio.window.canvas.refresh()
    assert studio.window.canvas.grab().toImage() == shown


def test_several_are_done_in_order_and_redone(cropped: tuple[Studio, Gate]) -> None:
    studio, gate = cropped
    undo(studio)
    undo(studio)
    gate.open()
    studio.until(lambda: studio.document.extent.height == 1000)
    assert not studio.window.commands["undo"].isEnabled()
    redo(studio)
    redo(studio)
    studio.until(lambda: studio.document.extent.height == 500)
    assert not studio.window.commands["redo"].isEnabled()


def test_a_stroke_that_is_painted_meanwhile_stays_and_nothing_is_taken_back(cropped: tuple[Studio, Gate]) -> None:
    studio, gate = cropped
    undo(studio)
    studio.until(lambda: gate.threads)
    studio.paint((300, 200), (500, 250))
    painted = studio.document.mask.copy()
    assert painted.any()
    gate.open()
    studio.until(lambda: studio.window.image._steps == 0)
    assert studio.document.extent.height == 500
    np.testing.assert_array_equal(studio.document.mask, painted)
    undo(studio)  # the stroke's own
    studio.settle()
    assert not studio.document.mask.any()
