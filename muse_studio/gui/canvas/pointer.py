"""Mouse and pen events as one thing: where, how hard, and with what. Knows nothing of tools or documents."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QInputDevice, QMouseEvent, QPointingDevice, QTabletEvent

from muse_studio.gui.canvas.gestures import Keys

MOUSE_PRESSURE = 1.0
"""A mouse paints at the brush's full size, the one that the ring shows."""

MISSING_PRESSURE = 0.5
"""What a pen that reports no pressure is taken to press with."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """position: in the widget, logical pixels; pressure in (0, 1]; erase: the pen's other end."""

    position: QPointF
    button: Qt.MouseButton
    modifiers: Qt.KeyboardModifier
    pressure: float = MOUSE_PRESSURE
    erase: bool = False

    @property
    def keys(self) -> Keys:
        return keys_of(self.modifiers)


def keys_of(modifiers: Qt.KeyboardModifier) -> Keys:
    held = Qt.KeyboardModifier
    return Keys(*(bool(modifiers & key) for key in (held.ShiftModifier, held.AltModifier, held.ControlModifier)))


def from_mouse(event: QMouseEvent) -> Pointer:
    return Pointer(event.position(), event.button(), event.modifiers())


class PenReader:
    """Turns tablet events into pointers, and remembers whether pressure was ever seen."""

    def __init__(self) -> None:
        self._pressing = False

    def read(self, event: QTabletEvent) -> Pointer:
        erase = event.pointerType() == QPointingDevice.PointerType.Eraser
        return Pointer(event.position(), event.button(), event.modifiers(), self._pressure(event), erase)

    def _pressure(self, event: QTabletEvent) -> float:
        """Some pens claim to measure pressure and then send 0 for ever: until one presses, 0 means unknown."""
        self._pressing = self._pressing or event.pressure() > 0
        measures = bool(event.pointingDevice().capabilities() & QInputDevice.Capability.Pressure)
        if not measures or not self._pressing:
            return MISSING_PRESSURE
        return min(max(event.pressure(), 0.0), 1.0)
