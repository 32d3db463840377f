"""What one drag does, from press to release: paint, pan, zoom, move or resize the frame, resize the brush.

A gesture is told of moves in device pixels and changes its one thing. It can be finished or cancelled at any time, and
twice. Knows nothing of events or widgets; of Qt it takes a point.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF

from muse_studio.core.brush import Brush
from muse_studio.core.document import Document
from muse_studio.core.geometry import Point, Rect
from muse_studio.gui.canvas.frame import Grip
from muse_studio.gui.canvas.snapping import SnapLine, resized, snap_move, snap_resize
from muse_studio.gui.canvas.tools import BrushSettings
from muse_studio.gui.canvas.view import View

HARDNESS_TRAVEL_PX = 160.0
"""Logical pixels of upward drag from the softest brush to the hardest."""

LEAST_BOX_PX = 6.0
"""A smaller box was meant as a click."""

SNAP_PX = 9.0
"""How near on the screen, in device pixels, an edge of the frame must come to be drawn to a line."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys that change what a drag does, as they are held now."""

    shift: bool = False
    alt: bool = False
    control: bool = False


class Gesture:
    """One drag. Positions are device pixels of the viewport."""

    def hold(self, keys: Keys) -> None:
        """Told before each move, and whenever a key goes up or down."""

    def move(self, x: float, y: float, pressure: float, view: View) -> None: ...

    def finish(self) -> None: ...

    def cancel(self) -> None: ...


class StrokeGesture(Gesture):
    """One stroke of the brush or eraser: one undo step, or nothing if cancelled."""

    def __init__(self, document: Document, brush: Brush, changed: Callable[[Rect], None]) -> None:
        """changed: told of each piece of the document's mask (document pixels) as soon as it has changed."""
        self._document, self._brush, self._changed = document, brush, changed
        self._over = False
        self.last: Point | None = None
        self.edited = False
        document.begin_stroke(brush)

    def move(self, x: float, y: float, pressure: float, view: View) -> None:
        self.paint_to(view.to_document(x, y), pressure)

    def paint_to(self, point: Point, pressure: float) -> None:
        if self._over:
            return
        if not self._document.in_stroke:
            self._go_on(pressure)
        self._tell(self._document.stroke_to(point, pressure))
        self.last = point

    def _go_on(self, pressure: float) -> None:
        """Another change, such as a result that arrived, has ended the stroke: the hand is still drawing."""
        self.edited = True
        self._document.begin_stroke(self._brush)
        if self.last is not None:
            self._tell(self._document.stroke_to(self.last, pressure))

    def finish(self) -> None:
        if not self._over:
            self._over = True
            self.edited = self._document.end_stroke() or self.edited
            self._tell(self._document.stroke_end)

    def cancel(self) -> None:
        if not self._over:
            self._over = True
            self._tell(self._document.cancel_stroke())

    def _tell(self, dirty: Rect) -> None:
        if not dirty.is_empty:
            self._changed(dirty)


class PanGesture(Gesture):
    """Moves the view by whole device pixels. Cancelling leaves it where it is."""

    def __init__(self, x: float, y: float, look: Callable[[View], None]) -> None:
        self._x, self._y = round(x), round(y)
        self._look = look

    def move(self, x: float, y: float, pressure: float, view: View) -> None:
        dx, dy = round(x) - self._x, round(y) - self._y
        self._x, self._y = round(x), round(y)
        if dx or dy:
            self._look(view.panned(dx, dy))


class ZoomGesture(Gesture):
    """A box to look at; without a drag, one step in or out at the place that was pressed."""

    def __init__(self, x: float, y: float, step: Callable[[], None], look_at: Callable[[Rect], None]) -> None:
        """step: what a mere press does; look_at: shows a box of device pixels."""
        self._start = self._end = QPointF(x, y)
        self._step, self._look_at = step, look_at

    @property
    def box(self) -> QRectF:
        return QRectF(self._start, self._end).normalized()

    def move(self, x: float, y: float, pressure: float, view: View) -> None:
        self._end = QPointF(x, y)

    def finish(self) -> None:
        box = self.box
        if min(box.width(), box.height()) < LEAST_BOX_PX:
            self._step()
        else:
            self._look_at(Rect.around(box.left(), box.top(), box.right(), box.bottom()))


class FrameGesture(Gesture):
    """Moves or resizes the document's frame; cancelling puts it back."""

    def __init__(self, document: Document, grip: Grip, start: Point, changed: Callable[[Rect], None]) -> None:
        """changed: told of the frame's new place each time it has one."""
        self._document, self.grip, self._start = document, grip, start
        self._frame = self._before = document.frame
        self._changed = changed
        self._free = False
        self.lines: tuple[SnapLine, ...] = ()

    def jump_to(self, point: Point) -> None:
        """Centre the frame on a point, as pressing outside it does, and drag it from there."""
        side = self._before.width
        self._place(Rect(round(point.x - side / 2), round(point.y - side / 2), side, side))
        self._frame = self._document.frame

    def hold(self, keys: Keys) -> None:
        self._free = keys.control

    def move(self, x: float, y: float, pressure: float, view: View) -> None:
        point = view.to_document(x, y)
        dx, dy = point.x - self._start.x, point.y - self._start.y
        extent, reach_px = self._document.extent, 0.0 if self._free else SNAP_PX / view.zoom
        if self.grip is Grip.INSIDE:
            snapped = snap_move(self._frame.translate(round(dx), round(dy)), extent, reach_px)
        else:
            frame = resized(self._frame, self.grip, dx, dy, extent)
            snapped = snap_resize(self._frame, self.grip, frame, extent, reach_px)
        self.lines = snapped.lines
        self._place(snapped.frame)

    def cancel(self) -> None:
        self._place(self._before)

    def _place(self, frame: Rect) -> None:
        before = self._document.frame
        after = self._document.set_frame(frame)
        if after != before:
            self._changed(after)


class SizingGesture(Gesture):
    """Dragging sideways resizes the brush, upwards hardens it; the ring stays where it was pressed."""

    def __init__(
        self, settings: BrushSettings, centre: QPointF, ratio: float, changed: Callable[[BrushSettings], None]
    ) -> None:
        """centre: where it was pressed, logical pixels; ratio: device pixels of a logical one."""
        self.centre = QPointF(centre)
        self._before, self._ratio, self._changed = settings, ratio, changed

    def move(self, x: float, y: float, pressure: float, view: View) -> None:
        dx, dy = x - self.centre.x() * self._ratio, y - self.centre.y() * self._ratio
        size = self._before.size_px + 2 * dx / view.zoom
        hardness = self._before.hardness - dy / (HARDNESS_TRAVEL_PX * self._ratio)
        self._changed(replace(self._before, size_px=max(1.0, round(size)), hardness=round(hardness, 2)))

    def cancel(self) -> None:
        self._changed(self._before)
