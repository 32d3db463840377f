"""A studio to drive: the real window on a fake client, off screen, with real events on Qt's own event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from muse_studio.client.fake import FakeClient
from muse_studio.core.document import Document
from muse_studio.core.geometry import Point
from muse_studio.core.pictures import encode_png
from muse_studio.core.settings import Language, Settings, Theme
from muse_studio.gui.app import catching, make_loop, make_window
from muse_studio.gui.hands import CONTROL, NONE, SHIFT, Hands
from muse_studio.gui.main_window import MainWindow

T = TypeVar("T")
Pixels = NDArray[np.uint8]

PATIENCE_S = 5.0


@dataclass
class Studio:
    """The window, its client, and hands to use them with."""

    app: QApplication
    loop: Any
    client: FakeClient
    window: MainWindow
    saved: list[Settings] = field(default_factory=list)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run to the end. In between the loop counts as running, as in the program."""
        asyncio.events._set_running_loop(None)
        try:
            return self.loop.run_until_complete(work)
        finally:
            asyncio.events._set_running_loop(self.loop)

    def settle(self) -> None:
        """Let posted events and ready tasks happen; what was asked for becomes a job."""

        async def rest() -> None:
            await asyncio.sleep(0.02)
            while self.window.jobs.is_asking:
                await asyncio.sleep(0.005)
            await asyncio.sleep(0)  # what has just become a job is followed

        self.run(rest())

    def until(self, true: Callable[[], object]) -> None:
        """Let events happen until something is true; fails if it never is."""

        async def wait() -> None:
            deadline = self.loop.time() + PATIENCE_S
            while not true():
                assert self.loop.time() < deadline, "it never came true"
                await asyncio.sleep(0.005)

        self.run(wait())

    @property
    def document(self) -> Document:
        assert self.window.sheet is not None
        return self.window.sheet.document

    def open(self, path: Path) -> None:
        before = self.window.sheet  # which may have the same name
        self.window.open_path(path)
        self.until(lambda: self.window.sheet not in (None, before))
        assert self.window.sheet is not None
        assert self.window.sheet.title == path.name

    @property
    def hands(self) -> Hands:
        return Hands(self.window)

    def place(self, x: float, y: float) -> QPoint:
        """Where the canvas shows a document point."""
        return self.hands.place(Point(x, y))

    def paint(self, *points: tuple[float, float]) -> None:
        """One stroke of the mouse through document points."""
        self.hands.stroke([Point(x, y) for x, y in points])
        self.settle()

    def press(self, key: Qt.Key, control: bool = False, shift: bool = False) -> None:
        self.hands.press(key, (CONTROL if control else NONE) | (SHIFT if shift else NONE))
        self.settle()

    def type_prompt(self, text: str) -> None:
        self.hands.type_prompt(text)

    def generate(self) -> None:
        self.hands.click(self.window.actions_area.generate)
        self.settle()

    def finish_job(self) -> None:
        self.client.advance(100)
        self.until(lambda: not self.window.jobs.is_busy)

    @property
    def messages(self) -> list[str]:
        return [notice.message for notice in self.window.messages.notices]


@pytest.fixture
def studio(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    """An open window with no document, on a started fake client whose time stands still."""
    monkeypatch.setenv("MUSE_STUDIO_DATA", str(tmp_path / "data"))
    with make_loop(qapp) as loop:
        client = FakeClient(step_s=None)
        saved: list[Settings] = []
        settings = Settings(theme=Theme.DARK, language=Language.ENGLISH, last_folder=str(tmp_path))
        window = make_window(qapp, client, tmp_path / "no-model", settings, saved.append)
        window.resize(1200, 800)
        window.show()
        driver = Studio(qapp, loop, client, window, saved)
        driver.run(client.start())
        driver.settle()

        async def use() -> None:
            driver.guard = catching(window)
            driver.guard.__enter__()

        driver.run(use())
        yield driver

        async def leave() -> None:
            driver.guard.__exit__(None, None, None)
            if window.isVisible():
                await window.shut_down()
            else:
                await window.faults.finish_tasks()

        driver.run(leave())
        asyncio.events._set_running_loop(None)
        qapp.clipboard().clear()  # mime data of Python's that outlives the interpreter crashes Qt at its exit
        window.deleteLater()
        qapp.sendPostedEvents(None, 52)  # QEvent.DeferredDelete: nothing of this window outlives its test
        qapp.setStyleSheet("")


def noise(height: int, width: int, seed: int = 0) -> Pixels:
    """uint8 [H, W, 3] with no two equal neighbourhoods, so that any change shows."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A PNG of 900×700 px."""
    path = tmp_path / "photo.png"
    path.write_bytes(encode_png(noise(700, 900), {}))
    return path
