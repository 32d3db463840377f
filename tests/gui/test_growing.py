"""A canvas that grows for a result does so in a thread: what a person does meanwhile is kept."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from muse_studio.core.geometry import Rect
from muse_studio.gui import remaking
from tests.gui.conftest import PATIENCE_S, Studio

LEFT = Qt.MouseButton.LeftButton


class Gate:
    """Holds what is worked out in the thread until it is opened, and counts it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._real, self._open = remaking._prepared, threading.Event()
        self.threads: list[str] = []
        monkeypatch.setattr(remaking, "_prepared", self._prepared)

    def _prepared(self, *material: Any) -> Any:
        self.threads.append(threading.current_thread().name)
        if threading.current_thread() is not threading.main_thread():
            assert self._open.wait(PATIENCE_S)
        return self._real(*material)

    def open(self) -> None:
        self._open.set()


@pytest.fixture
def growing(studio: Studio, photo: object, monkeypatch: pytest.MonkeyPatch) -> tuple[Studio, Gate]:
    """An extension to the left by 200 px is finished; its canvas waits in the thread."""
    studio.open(photo)  # type: ignore[arg-type]
    gate = Gate(monkeypatch)
    studio.document.set_frame(Rect(-200, 0, 512, 512))
    studio.window.refresh()
    studio.generate()
    studio.client.advance(200)
    studio.until(lambda: gate.threads)
    return studio, gate


def end(studio: Studio, gate: Gate) -> None:
    gate.open()
    studio.until(lambda: not studio.window.jobs.is_busy)


def test_it_grows_in_a_thread_and_the_window_goes_on(growing: tuple[Studio, Gate]) -> None:
    studio, gate = growing
    assert studio.document.extent.width == 900
    before = studio.document.picture.copy()
    studio.press(Qt.Key.Key_E)  # the window hears
    assert studio.window.strip.buttons["eraser"].isChecked()
    end(studio, gate)
    assert studio.document.extent.width == 1100
    assert "MainThread" not in gate.threads
    np.testing.assert_array_equal(studio.document.picture[520:, 200:], before[520:])
    assert studio.window.canvas.document is studio.document
    studio.window.stage.undo()
    np.testing.assert_array_equal(studio.document.picture, before)


def test_what_is_painted_meanwhile_is_kept(growing: tuple[Studio, Gate]) -> None:
    studio, gate = growing
    studio.paint((600, 300), (700, 350))
    painted = studio.document.mask.copy()
    assert painted.any()
    end(studio, gate)
    assert studio.document.extent.width == 1100
    np.testing.assert_array_equal(studio.document.mask[:, 200:], painted)
    assert len(gate.threads) == 2, "worked out once more, with the stroke"


def test_a_stroke_in_the_middle_is_not_cut_off(growing: tuple[Studio, Gate]) -> None:
    studio, gate = growing
    canvas = studio.window.canvas
    QTest.mousePress(canvas, LEFT, pos=studio.place(600, 300))
    QTest.mouseMove(canvas, studio.place(640, 320))
    gate.open()
    studio.run(asyncio.sleep(0.15))
    assert studio.document.in_stroke
    assert studio.document.extent.width == 900
    last = studio.place(700, 350)
    QTest.mouseMove(canvas, last)
    QTest.mouseRelease(canvas, LEFT, pos=last)
    end(studio, gate)
    assert studio.document.extent.width == 1100
    assert studio.document.mask[350, 700 + 200] == 255


def test_one_who_never_stops_still_sees_the_result(
    growing: tuple[Studio, Gate], monkeypatch: pytest.MonkeyPatch
) -> None:
    studio, gate = growing
    real = gate._real

    def busy(*material: Any) -> Any:
        ready = real(*material)
        if threading.current_thread() is not threading.main_thread():
            studio.document.version += 1  # another stroke came in between
        return ready

    gate._real = busy
    end(studio, gate)
    assert studio.document.extent.width == 1100
    assert gate.threads[-1] == "MainThread"


def test_a_canvas_that_is_turned_meanwhile_asks_first(growing: tuple[Studio, Gate]) -> None:
    studio, gate = growing
    studio.document.rotate(1)
    studio.window.canvas.set_document(studio.document)
    before = studio.document.picture.copy()
    end(studio, gate)
    np.testing.assert_array_equal(studio.document.picture, before)
    notice = studio.window.messages.notices[0]
    assert "kept in the history" in notice.message
    layers = len(studio.document.layers)
    notice.actions[0].run()
    studio.until(lambda: len(studio.document.layers) == layers + 1)


def test_another_picture_meanwhile_stays_as_it_is(growing: tuple[Studio, Gate], photo: object) -> None:
    studio, gate = growing
    old = studio.document
    old.mark_saved()
    studio.window.open_path(photo)  # type: ignore[arg-type]
    studio.until(lambda: studio.document is not old)
    before = studio.document.picture.copy()
    end(studio, gate)
    np.testing.assert_array_equal(studio.document.picture, before)
    assert any("its picture is closed" in message for message in studio.messages)
