"""Hands for a window without a person: real mouse, key, drop and dialog events, for the demo and the tests.

Knows nothing about what comes of them. Some of these let Qt handle other events meanwhile, so a coroutine uses them
through `by_hand`, outside every task.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QWidget

from muse_studio.core.geometry import Point
from muse_studio.gui.main_window import MainWindow

T = TypeVar("T")
Pixels = NDArray[np.uint8]

NONE = Qt.KeyboardModifier.NoModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier
_LEFT = Qt.MouseButton.LeftButton


class Hands:
    """Uses one window."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window

    def place(self, point: Point) -> QPoint:
        """Where the canvas shows a document point."""
        return self.window.canvas.to_widget(point).toPoint()

    def stroke(self, points: Sequence[Point]) -> None:
        """Press at the first point, drag through the others, lift at the last."""
        canvas = self.window.canvas
        QTest.mousePress(canvas, _LEFT, NONE, self.place(points[0]))
        for point in points[1:]:
            QTest.mouseMove(canvas, self.place(point))
        QTest.mouseRelease(canvas, _LEFT, NONE, self.place(points[-1]))

    def leave_canvas(self) -> None:
        """Take the pointer off the canvas, so that its brush is not shown."""
        QApplication.sendEvent(self.window.canvas, QEvent(QEvent.Type.Leave))

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
        """Press and let go a key, wherever the focus is.

        Where there is no window system, nobody makes the window the active one again after a dialog.
        """
        if not self.window.isActiveWindow():
            self.window.activateWindow()
            QApplication.processEvents()
        QTest.keyClick(QApplication.focusWidget() or self.window, key, modifiers)

    def click(self, widget: QWidget) -> None:
        QTest.mouseClick(widget, _LEFT)

    def click_at(self, widget: QWidget, place: QPoint) -> None:
        QTest.mouseClick(widget, _LEFT, NONE, place)

    def type_prompt(self, text: str) -> None:
        """Click into the prompt, select what is there and type over it."""
        prompt = self.window.panel.prompt
        QTest.mouseClick(prompt.viewport(), _LEFT)
        prompt.setFocus(Qt.FocusReason.MouseFocusReason)
        QTest.keyClick(prompt, Qt.Key.Key_A, CONTROL)
        QTest.keyClicks(prompt, text)

    def drop(self, mime: QMimeData) -> bool:
        """Drag something over the middle of the window and drop it; False if the window doesn't take it."""
        middle, actions = QPointF(self.window.rect().center()), Qt.DropAction.CopyAction
        enter = QDragEnterEvent(middle.toPoint(), actions, mime, _LEFT, NONE)
        enter.ignore()
        QApplication.sendEvent(self.window, enter)
        if not enter.isAccepted():
            return False
        QApplication.sendEvent(self.window, QDropEvent(middle, actions, mime, _LEFT, NONE))
        return True

    def drop_file(self, path: Path) -> bool:
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(path))])
        return self.drop(mime)

    def dialog(self) -> QFileDialog | None:
        """The file dialog that is open; None if there is none."""
        return next((found for found in self.window.findChildren(QFileDialog) if found.isVisible()), None)

    def name_file(self, dialog: QFileDialog, path: Path) -> None:
        """Type a whole path into a file dialog and press Enter."""
        name = dialog.findChildren(QLineEdit, "fileNameEdit")[0]
        name.selectAll()
        QTest.keyClicks(name, str(path))
        QTest.keyClick(name, Qt.Key.Key_Return)


async def by_hand(action: Callable[[], T]) -> T:
    """Do something from the event loop itself, as Qt would, and give back what it returns or raises."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def act() -> None:
        try:
            done.set_result(action())
        except BaseException as fault:  # noqa: BLE001  handed to whoever waits
            done.set_exception(fault)

    loop.call_soon(act)
    return await done


def picture_of(widget: QWidget) -> Pixels:
    """What a widget looks like now: uint8 [H, W, 3], in device pixels."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()
