"""A hand that moves the mouse, the pen, the wheel and the keys, and an eye that looks at pixels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QImage,
    QInputDevice,
    QKeyEvent,
    QMouseEvent,
    QPointingDevice,
    QTabletEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QWidget

LEFT, RIGHT, MIDDLE, NONE = (
    Qt.MouseButton.LeftButton,
    Qt.MouseButton.RightButton,
    Qt.MouseButton.MiddleButton,
    Qt.MouseButton.NoButton,
)
PLAIN = Qt.KeyboardModifier.NoModifier
Place = tuple[float, float]


class Hand:
    """Sends real events to a widget, each painted before the next."""

    def __init__(self, widget: QWidget) -> None:
        self.widget = widget
        self.held = NONE
        self.pens: dict[tuple[bool, bool], QPointingDevice] = {}

    def send(self, event: QEvent) -> bool:
        """Whether the widget accepted it."""
        QApplication.sendEvent(self.widget, event)
        QApplication.processEvents()
        return event.isAccepted()

    def _mouse(self, kind: QEvent.Type, place: Place, button: Qt.MouseButton, modifiers: Qt.KeyboardModifier) -> None:
        where = QPointF(*place)
        self.send(QMouseEvent(kind, where, self.widget.mapToGlobal(where), button, self.held, modifiers))

    def press(self, place: Place, button: Qt.MouseButton = LEFT, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
        self.held = button
        self._mouse(QEvent.Type.MouseButtonPress, place, button, modifiers)

    def move(self, place: Place, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
        self._mouse(QEvent.Type.MouseMove, place, NONE, modifiers)

    def release(self, place: Place, button: Qt.MouseButton | None = None) -> None:
        button = button if button is not None else self.held
        if button == self.held:
            self.held = NONE
        self._mouse(QEvent.Type.MouseButtonRelease, place, button, PLAIN)

    def drag(
        self,
        places: Sequence[Place],
        button: Qt.MouseButton = LEFT,
        modifiers: Qt.KeyboardModifier = PLAIN,
    ) -> None:
        self.press(places[0], button, modifiers)
        for place in places[1:]:
            self.move(place, modifiers)
        self.release(places[-1])

    def pen(
        self,
        kind: QEvent.Type,
        place: Place,
        pressure: float,
        *,
        measures: bool = True,
        eraser: bool = False,
        button: Qt.MouseButton = LEFT,
    ) -> bool:
        """button: the tip (left), the lower (right) or upper (middle) button on the pen's side."""
        where = QPointF(*place)
        down = kind != QEvent.Type.TabletRelease
        return self.send(
            QTabletEvent(
                kind,
                self._pen_device(measures, eraser),
                where,
                self.widget.mapToGlobal(where),
                pressure,
                *(0.0, 0.0, 0.0, 0.0, 0.0),
                PLAIN,
                NONE if kind == QEvent.Type.TabletMove else button,
                button if down else NONE,
            )
        )

    def _pen_device(self, measures: bool, eraser: bool) -> QPointingDevice:
        able = QInputDevice.Capability.Position
        if measures:
            able |= QInputDevice.Capability.Pressure
        kind = QPointingDevice.PointerType.Eraser if eraser else QPointingDevice.PointerType.Pen
        key = (measures, eraser)
        if key not in self.pens:
            number = 100 + len(self.pens)
            self.pens[key] = QPointingDevice("pen", number, QInputDevice.DeviceType.Stylus, kind, able, 1, 3)
        return self.pens[key]

    def wheel(
        self,
        place: Place,
        notches: float = 0.0,
        pixels: tuple[int, int] = (0, 0),
        modifiers: Qt.KeyboardModifier = PLAIN,
    ) -> None:
        where = QPointF(*place)
        turned = QPoint(0, round(notches * 120))
        self.send(
            QWheelEvent(
                where,
                self.widget.mapToGlobal(where),
                QPoint(*pixels),
                turned,
                NONE,
                modifiers,
                Qt.ScrollPhase.NoScrollPhase,
                False,
            )
        )

    def key_down(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = PLAIN, *, repeated: bool = False) -> bool:
        return self.send(QKeyEvent(QEvent.Type.KeyPress, key, modifiers, "", repeated))

    def key_up(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = PLAIN) -> bool:
        return self.send(QKeyEvent(QEvent.Type.KeyRelease, key, modifiers))

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
        self.key_down(key, modifiers)
        self.key_up(key, modifiers)


def grey(width: int, height: int, level: int = 128) -> NDArray[np.uint8]:
    """An opaque picture [height, width, 4] of one grey."""
    pixels = np.full((height, width, 4), level, np.uint8)
    pixels[..., 3] = 255
    return pixels


def noise(width: int, height: int, seed: int = 0) -> NDArray[np.uint8]:
    """An opaque picture in which every pixel differs."""
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 4), np.uint8)
    pixels[..., 3] = 255
    return pixels


def rgb(image: QImage) -> NDArray[np.uint8]:
    """uint8 [h, w, 3] of a grabbed picture."""
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()


def seen(widget: QWidget) -> NDArray[np.uint8]:
    """What the widget shows: uint8 [h, w, 3].

    Fails if the window shows anything else than a full paint would: some change did not ask for its pixels.
    """
    QApplication.processEvents()
    on_screen = rgb(widget.screen().grabWindow(widget.winId()).toImage())
    painted = rgb(widget.grab().toImage())
    assert np.array_equal(on_screen, painted), "a part of the window was left as it was"
    return painted


class Signals(list[Any]):
    """What a signal said, one entry for each time."""

    def note(self, *values: Any) -> None:
        self.append(values[0] if len(values) == 1 else values)
