"""What a scene may do with the window: open, paint, write, make pictures, be photographed in every look."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QLineEdit, QWidget

from muse_studio import places
from muse_studio.core.document import Document
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.geometry import Point
from muse_studio.core.settings import data_folder
from muse_studio.gui.command_palette import CommandPalette
from muse_studio.gui.hands import Hands, by_hand, picture_of
from muse_studio.gui.main_window import MainWindow
from muse_studio.gui.screens.looks import LOOKS, Look, with_overlays, write
from muse_studio.gui.screens.played import PlayedClient

PATIENCE_S = 60.0
SETTLE_S = 0.15
OPEN_S = 0.8
"""Pages fetch what they show."""
PLACE = "/opt/muse-studio"
"""Said instead of where the source happens to lie."""
KEPT = "/home/artist/.local/share/muse-studio"
"""Said instead of the folder that these pictures' window keeps its things in."""

SAMPLE = "resources/samples/mountain-valley.jpg"


class Studio:
    """One window, on a client that plays real pictures."""

    def __init__(self, window: MainWindow, client: PlayedClient, out: Path) -> None:
        self.window, self.client, self.out = window, client, out
        self.hands = Hands(window)
        self.taken: list[Path] = []

    # Photographs

    async def shoot(self, name: str, looks: Sequence[Look] = LOOKS) -> None:
        """The whole window, with what lies over it, as `NAME-THEME-LANGUAGE.webp`."""
        await self._each(name, looks, lambda: with_overlays(self.window))

    async def shoot_over(self, name: str, open_it: Callable[[], object], typed: str = "") -> None:
        """The window with something opened over it, anew in each look. typed: into its first field."""
        for look in LOOKS:
            look.put_on(self.window)
            open_it()
            await asyncio.sleep(OPEN_S)
            if typed:
                await self.type_into_overlay(typed)
            await self.shoot(name, [look])
            await self.close_overlays()

    async def shoot_panel(self, name: str, panel: QWidget, looks: Sequence[Look] = LOOKS) -> None:
        """One part of the window alone."""
        await self._each(f"panel-{name}", looks, lambda: picture_of(panel))

    async def _each(self, name: str, looks: Sequence[Look], look_at: Callable[[], NDArray[np.uint8]]) -> None:
        for look in looks:
            look.put_on(self.window)
            await self.settle()
            self._arrange_overlays()
            path = self.out / f"{name}-{look.name}.webp"
            write(path, look_at())
            self.taken.append(path)
        LOOKS[0].put_on(self.window)

    def _arrange_overlays(self) -> None:
        """Dialogs in the middle, as window managers put them; nobody's folders in a picture."""
        here, theirs = str(places.PACKAGE.parent), str(data_folder())
        for other in QApplication.topLevelWidgets():
            if isinstance(other, QDialog) and other.isVisible() and not isinstance(other, CommandPalette):
                middle = self.window.geometry().center() - other.rect().center()
                other.move(middle)
        for label in self.app_labels():
            if here in label.text() or theirs in label.text():
                label.setText(label.text().replace(here, PLACE).replace(theirs, KEPT))

    def app_labels(self) -> list[QLabel]:
        return [label for other in QApplication.topLevelWidgets() for label in other.findChildren(QLabel)]

    # Acting

    @property
    def document(self) -> Document:
        sheet = self.window.sheet
        if sheet is None:
            raise MuseStudioError(ErrorKind.INTERNAL, "There is no document.")
        return sheet.document

    async def open_sample(self) -> None:
        """The picture that ships with the program, anew; nobody is asked whether the last one may be lost."""
        self.forget()
        path = places.shipped(SAMPLE)
        await by_hand(lambda: self.hands.drop_file(path))
        await self.until(lambda: self.window.sheet is not None and self.window.sheet.title == path.name, "the sample")
        await self.settle()
        if self.window.sheet is not None:
            self.window.sheet.runs.clock = self.client.clock

    def forget(self) -> None:
        """Whatever is shown counts as saved."""
        if self.window.sheet is not None:
            self.window.sheet.mark_saved()

    def show_nothing(self) -> None:
        self.forget()
        self.window.stage.show(None)

    def do(self, command: str) -> None:
        """A command of the menus."""
        self.window.commands[command].trigger()

    async def paint(self, points: Sequence[tuple[float, float]]) -> None:
        """One stroke through points of the document."""
        await by_hand(lambda: self.hands.stroke([Point(x, y) for x, y in points]))
        await by_hand(self.hands.leave_canvas)

    async def click(self, x: float, y: float) -> None:
        """One point of the document."""
        await by_hand(lambda: self.hands.stroke([Point(x, y)]))
        await by_hand(self.hands.leave_canvas)
        await self.settle()

    def panel(self, name: str) -> QWidget:
        widget = self.window.docks.dock(name).widget()
        assert widget is not None
        return widget

    async def type_into_overlay(self, text: str) -> None:
        """Into the first field of the dialog that lies over the window."""
        await self.settle()
        fields = [
            field
            for other in QApplication.topLevelWidgets()
            if other is not self.window and other.isVisible()
            for field in other.findChildren(QLineEdit)
        ]
        fields[0].setText(text)

    def prompt(self, text: str, seed: int) -> None:
        """Ask for this; the seed is kept, so that the pictures are the same each time."""
        self.window.panel.prompt.setPlainText(text)
        self.window.panel.seed.set_value(seed)
        self.window.panel.seed.lock.setChecked(True)

    async def generate(self, steps: int) -> None:
        """Press Generate, let the worker make the picture, and play this many steps of it."""
        await self.ask()
        await self.client.develop()
        self.client.advance(steps)
        await self.settle()

    async def ask(self) -> None:
        """Press Generate; the job waits."""
        await by_hand(self.window.jobs.generate)
        await self.settle()

    async def finish(self) -> None:
        """Play the running job, and all that wait, to their ends."""
        while self.client.jobs:
            await self.client.develop()
            self.client.advance(200)
            await self.settle()
        await self.until(lambda: not self.window.jobs.is_busy, "the jobs' end")
        await self.settle()

    async def settle(self) -> None:
        """Let everything that was started be done and painted."""
        await asyncio.sleep(SETTLE_S)

    async def until(self, true: Callable[[], object], what: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not true():
            if time.monotonic() > deadline:
                raise MuseStudioError(ErrorKind.INTERNAL, f"{what} did not come within {PATIENCE_S:.0f} s.")
            await asyncio.sleep(0.01)

    async def close_overlays(self) -> None:
        """Every dialog, menu and page over the window."""
        for other in QApplication.topLevelWidgets():
            if other is not self.window and other.isVisible():
                other.close()
        await self.settle()
