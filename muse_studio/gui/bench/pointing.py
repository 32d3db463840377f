"""A hand that sends the mouse's events straight to a widget, one by one. Knows nothing of what they do there."""

from __future__ import annotations

import asyncio
import time

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

_LEFT, _NO_BUTTON = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton


def press(widget: QWidget, x: float, y: float) -> None:
    _send(widget, QEvent.Type.MouseButtonPress, x, y, _LEFT, _LEFT)


def move(widget: QWidget, x: float, y: float) -> None:
    _send(widget, QEvent.Type.MouseMove, x, y, _NO_BUTTON, _LEFT)


def release(widget: QWidget, x: float, y: float) -> None:
    _send(widget, QEvent.Type.MouseButtonRelease, x, y, _LEFT, _NO_BUTTON)


def _send(
    widget: QWidget, kind: QEvent.Type, x: float, y: float, button: Qt.MouseButton, buttons: Qt.MouseButton
) -> None:
    place = QPointF(x, y)
    keys = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(widget, QMouseEvent(kind, place, widget.mapToGlobal(place), button, buttons, keys))


async def scribble(widget: QWidget, seed: int, events: int, every_s: float) -> None:
    """One stroke of `events` moves of up to 9 px, a wobbly walk inside the widget, as fast as a good pen sends."""
    rng = np.random.default_rng(seed)
    edge = 0.2
    x, y = (float(rng.uniform(edge, 1 - edge)) * side for side in (widget.width(), widget.height()))
    press(widget, x, y)
    for _ in range(events):
        x = float(np.clip(x + rng.integers(-9, 10), 4, widget.width() - 4))
        y = float(np.clip(y + rng.integers(-9, 10), 4, widget.height() - 4))
        move(widget, x, y)
        await asyncio.sleep(every_s)
    release(widget, x, y)


class Paints(QObject):
    """Counts a widget's paint events."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.count += 1
        return False

    async def next(self, since: int | None = None) -> float:
        """Wait until one more than `since` (default: now) has been painted; the moment after it."""
        target = (self.count if since is None else since) + 1
        while self.count < target:
            await asyncio.sleep(0)
        return time.monotonic()
