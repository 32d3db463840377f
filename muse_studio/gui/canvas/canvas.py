"""The canvas: an editor that hears the mouse, the pen, the wheel and the keyboard. Knows nothing of what tools do.

`strokeTimed` says how long each stroke event took, from its receipt here to the end of the paint that shows it.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QFocusEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPaintEvent,
    QTabletEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from muse_studio.core.document import Document
from muse_studio.core.geometry import Rect
from muse_studio.gui.canvas.editor import Editor
from muse_studio.gui.canvas.gestures import Keys
from muse_studio.gui.canvas.picture import PictureCache
from muse_studio.gui.canvas.pointer import PenReader, Pointer, from_mouse, keys_of
from muse_studio.gui.canvas.tools import Tool
from muse_studio.gui.canvas.view import TURN_STEP_DEGREES

NOTCH = 120
"""Units of QWheelEvent.angleDelta in one notch of a common wheel."""

NOTCH_ZOOM = 1.25
TURN_FINE_DEGREES = 1.0
"""A notch of the wheel with shift and alt."""

NUDGE_LARGE_PX = 32

BEFORE_KEYS = (Qt.Key.Key_Backslash, Qt.Key.Key_O)
"""While one is held, the picture is shown without its newest result. Many keyboards have no backslash of its own."""

_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_MODIFIERS = (Qt.Key.Key_Shift, Qt.Key.Key_Alt, Qt.Key.Key_Control)
_CLOSE = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_SMALLER = (Qt.Key.Key_BracketLeft, Qt.Key.Key_BraceLeft)
_LARGER = (Qt.Key.Key_BracketRight, Qt.Key.Key_BraceRight)
_CHORD = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier


class Canvas(Editor):
    """The widget that the window holds."""

    strokeTimed = Signal(float)
    """Milliseconds from a stroke's event to the end of the paint that shows it; one for each event that showed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pen = PenReader()
        self._pen_is_down = False
        self._received_s: list[float] = []
        self._shown = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setTabletTracking(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)

    def set_document(self, document: Document | None, picture: PictureCache | None = None) -> None:
        super().set_document(document, picture)
        self._pen_is_down = False

    # Mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        received_s = perf_counter()
        event.accept()
        if not self._pen_is_down:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self._timed(received_s, self.press, from_mouse(event))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)  # the second of two quick dabs is a dab

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        received_s = perf_counter()
        event.accept()
        if self._pen_is_down:
            return
        if event.buttons() == Qt.MouseButton.NoButton:
            self.finish_gesture()  # its release went to someone else
        self._timed(received_s, self.drag, from_mouse(event))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()
        if not self._pen_is_down:
            self.lift(from_mouse(event))

    # Pen. Every event is accepted: Qt would send the others again as the mouse's, and each stroke would come twice.

    def tabletEvent(self, event: QTabletEvent) -> None:
        received_s = perf_counter()
        event.accept()
        pointer = self._pen.read(event)
        if event.type() == QEvent.Type.TabletPress:
            self._pen_press(received_s, pointer)
        elif event.type() == QEvent.Type.TabletRelease:
            self.lift(pointer)
            self._pen_is_down = self.is_busy
        elif event.type() == QEvent.Type.TabletMove:
            if event.buttons() == Qt.MouseButton.NoButton:
                self.finish_gesture()
                self._pen_is_down = False
            self._timed(received_s, self.drag, pointer)

    def _pen_press(self, received_s: float, pointer: Pointer) -> None:
        if not self._pen_is_down:
            self.cancel_gesture()  # some pens send the mouse's press first
        self._pen_is_down = True
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._timed(received_s, self.press, pointer)

    # Wheel and touchpad

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.accept()
        if self.is_dragging or self._is_empty:
            return
        pixels, angle, keys = event.pixelDelta(), event.angleDelta(), keys_of(event.modifiers())
        notches = (angle.y() or angle.x()) / NOTCH  # alt turns the wheel's axis
        if keys.shift and not keys.control:
            self.turn(notches * (TURN_FINE_DEGREES if keys.alt else TURN_STEP_DEGREES), event.position())
        elif not pixels.isNull() and not keys.control:
            self.pan(pixels.x(), pixels.y())  # two fingers on a touchpad
        else:
            self.zoom_to(self.zoom * NOTCH_ZOOM**notches, event.position())
        self.hover(event.position())

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent) and self._native_gesture(event):
            return True
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._claims(event):
            event.accept()
            return True
        if event.type() == QEvent.Type.WindowDeactivate:
            self._let_go()
        return super().event(event)

    def _claims(self, event: QKeyEvent) -> bool:
        """While painting, Escape means this stroke, whatever the window binds it to; a polygon has more such keys."""
        own = (Qt.Key.Key_Escape, Qt.Key.Key_Backspace, *_CLOSE) if self._corners else (Qt.Key.Key_Escape,)
        return self.is_busy and event.key() in own and not event.modifiers() & _CHORD

    def _native_gesture(self, event: QNativeGestureEvent) -> bool:
        if self.is_dragging or self._is_empty:
            return False
        if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self.zoom_to(self.zoom * (1 + event.value()), event.position())
        elif event.gestureType() == Qt.NativeGestureType.RotateNativeGesture:
            self.turn(event.value(), event.position())
        elif event.gestureType() == Qt.NativeGestureType.SmartZoomNativeGesture:
            self.actual_size() if self._fitted else self.fit()
        else:
            return False
        self.hover(event.position())
        return True

    # Keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._note_keys(event, pressed=True)
        if event.modifiers() & _CHORD or not self._key(event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        self._note_keys(event, pressed=False)
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.hold_space(held=False)
        elif event.key() in BEFORE_KEYS and not event.isAutoRepeat():
            self.hold_before(held=False)
        else:
            super().keyReleaseEvent(event)

    def _key(self, event: QKeyEvent) -> bool:
        """Do what the key means; False if it means nothing here."""
        key = event.key()
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if key in _SMALLER or key in _LARGER:
            self._step_brush(1 if key in _LARGER else -1, hardness=shift)
        elif key == Qt.Key.Key_Escape and self.is_busy:
            self.cancel_gesture()
        elif self._corners is not None and key in (*_CLOSE, Qt.Key.Key_Backspace):
            self.close_polygon() if key in _CLOSE else self.drop_corner()
        elif event.isAutoRepeat() and key in (Qt.Key.Key_X, Qt.Key.Key_Space, *BEFORE_KEYS):
            return True
        elif key in BEFORE_KEYS:
            self.hold_before(held=True)
        elif key == Qt.Key.Key_X:
            self.swap_tool()
        elif key == Qt.Key.Key_Space:
            self.hold_space(held=True)
        elif key in _ARROWS:
            dx, dy = _ARROWS[Qt.Key(key)]
            step = NUDGE_LARGE_PX if shift and self.tool is Tool.FRAME else 1
            self.nudge(dx * step, dy * step)
        else:
            return False
        return True

    def _step_brush(self, direction: int, *, hardness: bool) -> None:
        settings = self.brush_settings
        self.brush_settings = settings.hardened(direction) if hardness else settings.resized(direction)

    def _note_keys(self, event: QKeyEvent, *, pressed: bool) -> None:
        """Qt tells a modifier's own press without it, and its release with it."""
        if event.key() in _MODIFIERS:
            shift, alt, control = (key == event.key() for key in _MODIFIERS)
            held = self._keys
            self.hold(
                Keys(
                    pressed if shift else held.shift,
                    pressed if alt else held.alt,
                    pressed if control else held.control,
                )
            )

    # Leaving

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.hover(None)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.hover(event.position())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._let_go()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._let_go()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.EnabledChange and not self.isEnabled():
            self._let_go()

    def _let_go(self) -> None:
        """The end of the drag may never be heard of: keep what it did, and forget the keys that were held."""
        self.finish_gesture()
        self._pen_is_down = False
        self.hold_space(held=False)
        self.hold_before(held=False)
        self.hold(Keys())

    # Timing

    def _timed(self, received_s: float, handle: Callable[[Pointer], None], pointer: Pointer) -> None:
        self._shown = False
        handle(pointer)
        if self._shown:
            self._received_s.append(received_s)

    def _stroke_changed(self, rect: Rect) -> None:
        self._shown = self._mask_changed(rect) or self._shown

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        received_s, self._received_s = self._received_s, []
        now_s = perf_counter()
        for moment_s in received_s:
            self.strokeTimed.emit((now_s - moment_s) * 1000)
