"""An easel with hands: what pressing, dragging and lifting the pointer does to the document, tool by tool.

Strokes reach the document at once; only painting is left to Qt. Knows nothing of Qt's events: canvas.py turns them into
pointers and calls `press`, `drag` and `lift`.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtWidgets import QWidget

from muse_studio.core.document import Document
from muse_studio.core.geometry import Rect
from muse_studio.core.history import Change, ChangeKind
from muse_studio.core.selection import Area, Combine
from muse_studio.gui.canvas.divider import STEP_SHARE, DividerGesture
from muse_studio.gui.canvas.easel import Easel
from muse_studio.gui.canvas.frame import Grip, grip_at
from muse_studio.gui.canvas.gestures import (
    FrameGesture,
    Gesture,
    Keys,
    PanGesture,
    SizingGesture,
    StrokeGesture,
    ZoomGesture,
)
from muse_studio.gui.canvas.picture import PictureCache
from muse_studio.gui.canvas.pointer import Pointer
from muse_studio.gui.canvas.selecting import CLOSING_PX, BoxGesture, Corners, LassoGesture
from muse_studio.gui.canvas.tools import AreaSettings, BrushSettings, Tool

PAN_STEP_PX = 64
"""Logical pixels that an arrow key moves the view by."""

AREA_LABELS = {
    Combine.REPLACE: "New mask",
    Combine.ADD: "Add to mask",
    Combine.SUBTRACT: "Take from mask",
    Combine.INTERSECT: "Intersect mask",
}
"""Names of the undo steps that areas make."""


class Editor(Easel):
    """Shows a document and lets an artist mask it, look around, and move the model's frame."""

    toolChanged = Signal(object)
    """The new Tool."""
    brushChanged = Signal(object)
    """The new BrushSettings."""
    areasChanged = Signal(object)
    """The new AreaSettings."""
    wandPressed = Signal(object, object)
    """The document's Point that the magic wand was put on, and the Combine: the search is left to others."""
    documentEdited = Signal()
    """One undo step was added, undone or redone."""
    beforeHeld = Signal(bool)
    """Whether the key that shows the picture without its newest result is held."""
    frameChanged = Signal(object)
    """The document's new frame, a Rect."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._button = Qt.MouseButton.NoButton
        self._before_held = False
        self._describe()
        self._show_cursor()

    # Tools

    @property
    def tool(self) -> Tool:
        return self._tool

    @tool.setter
    def tool(self, tool: Tool) -> None:
        if tool is self._tool:
            return
        self.finish_gesture()
        self._corners = None
        self._tool = tool
        self._show_cursor()
        self.update()
        self.toolChanged.emit(tool)

    def swap_tool(self) -> None:
        """Brush to eraser, anything else to brush."""
        self.tool = Tool.ERASER if self._tool is Tool.BRUSH else Tool.BRUSH

    @property
    def brush_settings(self) -> BrushSettings:
        return self._brush

    @brush_settings.setter
    def brush_settings(self, settings: BrushSettings) -> None:
        if settings == self._brush:
            return
        self._brush = settings
        self._hover_changed()
        self.brushChanged.emit(settings)

    @property
    def area_settings(self) -> AreaSettings:
        return self._areas

    @area_settings.setter
    def area_settings(self, settings: AreaSettings) -> None:
        if settings == self._areas:
            return
        self._areas = settings
        self._hover_changed()
        self.areasChanged.emit(settings)

    # The document

    def set_document(self, document: Document | None, picture: PictureCache | None = None) -> None:
        self.finish_gesture()
        self._corners = self._line_start = None
        super().set_document(document, picture)
        self._show_cursor()

    def undo(self, ready: PictureCache | None = None) -> None:
        """Take back the last step; in the middle of a drag, that drag; of a polygon, its last corner. ready: see
        `refresh`."""
        if self._gesture is not None:
            self.cancel_gesture()
        elif self._corners is not None:
            self.drop_corner()
        elif self._document is not None:
            frame = self._document.frame
            self._after(self._document.undo(), frame, ready)

    def redo(self, ready: PictureCache | None = None) -> None:
        """Do again what undo took back; nothing in the middle of a drag or a polygon."""
        if not self.is_busy and self._document is not None:
            frame = self._document.frame
            self._after(self._document.redo(), frame, ready)

    def _after(self, change: Change | None, frame: Rect, ready: PictureCache | None) -> None:
        if change is None or self._document is None:
            return
        if change.kind is ChangeKind.MASK:
            self.refresh_mask(change.rect)
        else:
            self.refresh(change.rect, ready)
        if self._document.frame != frame:
            self._frame_moved(self._document.frame)
        self.documentEdited.emit()

    def take_area(self, area: Area, how: Combine) -> None:
        """Let an area join the mask as one undo step, and show it."""
        if self._document is None:
            return
        rect = self._document.combine_mask(area.mask, area.rect, how, AREA_LABELS[how])
        if not rect.is_empty:
            self.refresh_mask(rect)
            self.documentEdited.emit()

    # Gestures

    @property
    def is_dragging(self) -> bool:
        return self._gesture is not None

    @property
    def is_busy(self) -> bool:
        """Whether a drag is going on, or a polygon waits for its next corner."""
        return self._gesture is not None or self._corners is not None

    def finish_gesture(self) -> None:
        """End the drag here, keeping what it did: the pointer was lifted, or its end will never be heard of."""
        gesture, self._gesture = self._gesture, None
        if gesture is None:
            return
        gesture.finish()
        self._gesture_over(gesture)
        if isinstance(gesture, StrokeGesture):
            self._line_start = gesture.last
            if gesture.edited:
                self.documentEdited.emit()

    def cancel_gesture(self) -> None:
        """End the drag and take back what it did; without one, forget the polygon."""
        gesture, self._gesture = self._gesture, None
        if gesture is not None:
            gesture.cancel()
            self._gesture_over(gesture)
        else:
            self._corners = None
            self._hover_changed()

    def _gesture_over(self, gesture: Gesture) -> None:
        self._show_cursor()
        if isinstance(gesture, (LassoGesture, FrameGesture)):
            self.update()  # its outline, or the lines that it snapped to, are all over the place
        self._hover_changed()

    def press(self, pointer: Pointer) -> None:
        """The pointer went down: begin what its button, the keys and the tool say."""
        self._hover, self._keys, self._eraser_end = pointer.position, pointer.keys, pointer.erase
        if self._gesture is not None or self._is_empty:
            return
        self._gesture = self._gesture_for(pointer)
        self._button = pointer.button
        self._show_cursor()
        self._hover_changed()

    def _gesture_for(self, pointer: Pointer) -> Gesture | None:
        """The drag that starts here; None if pressing did all there is to do."""
        x, y = self._device(pointer.position)
        left, right = (pointer.button == button for button in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton))
        looks = self._space or self._tool is Tool.PAN
        if left and self._split_at(pointer.position):
            return DividerGesture(self._split_share, self._scene.viewport.width, self.move_split)
        if pointer.button == Qt.MouseButton.MiddleButton or (left and looks):
            return PanGesture(x, y, self._look)
        if self._tool is Tool.ZOOM and (left or right):
            step = self.zoom_out if right or pointer.keys.alt else self.zoom_in
            return ZoomGesture(x, y, partial(self._zoom_step, step, pointer.position), self._look_at_box)
        if self._document is None:
            return None
        if self._tool.paints and (right or (left and pointer.keys.alt)):
            return SizingGesture(self._brush, pointer.position, self._ratio, self._resize_brush)
        if right:
            return PanGesture(x, y, self._look)  # a pen's button, with a tool that has no use for it
        return self._tool_gesture(self._document, pointer) if left else None

    def _tool_gesture(self, document: Document, pointer: Pointer) -> Gesture | None:
        if self._tool is Tool.FRAME:
            return self._frame_gesture(document, pointer.position)
        if self._tool.paints:
            return self._stroke(document, pointer)
        start, take = self.to_document(pointer.position), partial(self._take, self._how)
        if self._tool is Tool.WAND:
            self.wandPressed.emit(start, self._how)
        elif self._tool is Tool.POLYGON:
            self._press_corner(document, pointer)
        elif self._tool is Tool.LASSO:
            return LassoGesture(start, document.extent, take)
        else:
            return BoxGesture(self._tool, start, document.extent, pointer.keys, take)
        return None

    def _take(self, how: Combine, area: Area) -> None:
        self.take_area(area, how)

    def _stroke(self, document: Document, pointer: Pointer) -> StrokeGesture:
        brush = self._brush.brush(erase=self._tool is Tool.ERASER or pointer.erase)
        stroke = StrokeGesture(document, brush, self._stroke_changed)
        if pointer.keys.shift and self._line_start is not None:
            stroke.paint_to(self._line_start, pointer.pressure)
        stroke.paint_to(self.to_document(pointer.position), pointer.pressure)
        return stroke

    def _stroke_changed(self, rect: Rect) -> None:
        self._mask_changed(rect)

    def _frame_gesture(self, document: Document, position: QPointF) -> FrameGesture:
        grip = grip_at(self._upright_rect(document.frame), self._upright(position))
        point = self.to_document(position)
        gesture = FrameGesture(document, grip or Grip.INSIDE, point, self._frame_moved)
        if grip is None:
            gesture.jump_to(point)
        return gesture

    def _zoom_step(self, step: object, position: QPointF) -> None:
        assert callable(step)
        step(position)

    def _look_at_box(self, box: Rect) -> None:
        """Bring these device pixels to fill the widget, whichever way the view is turned."""
        viewport = self._scene.viewport
        factor = min(viewport.width / box.width, viewport.height / box.height)
        middle = self.view.to_document(box.centre.x, box.centre.y)
        self._look(self.view.zoomed(self.zoom * factor, box.centre.x, box.centre.y).centred_on(middle, viewport))

    # Polygons: a corner for each press, so the view may be moved in between

    def _press_corner(self, document: Document, pointer: Pointer) -> None:
        point, reach_px = self.to_document(pointer.position), CLOSING_PX * self._ratio / self.zoom
        if self._corners is None:
            self._corners = Corners(point, partial(self._take, self._how))
        elif self._corners.add(point, reach_px):
            self.close_polygon()

    def close_polygon(self) -> None:
        """Join the last corner to the first, and let what is inside join the mask."""
        corners, self._corners = self._corners, None
        if corners is not None and self._document is not None:
            corners.close(self._document.extent)
        self._hover_changed()

    def drop_corner(self) -> None:
        """Take the polygon's last corner back, and with the first the polygon."""
        if self._corners is not None and not self._corners.drop_last():
            self._corners = None
        self._hover_changed()

    # The pointer and the keys

    def drag(self, pointer: Pointer) -> None:
        """The pointer moved, pressed or not."""
        self._hover, self._eraser_end = pointer.position, pointer.erase
        self.hold(pointer.keys)
        if self._gesture is not None:
            x, y = self._device(pointer.position)
            self._gesture.move(x, y, pointer.pressure, self.view)
        self._hover_changed()
        if self._gesture is None and (self._tool is Tool.FRAME or self._split):
            self._show_cursor()

    def lift(self, pointer: Pointer) -> None:
        """A button went up: the drag is over if it was that drag's."""
        if pointer.button == self._button:
            self.finish_gesture()

    def hover(self, position: QPointF | None) -> None:
        """The pointer is here now, or nowhere."""
        if self._gesture is None:
            self._hover = position
        self._hover_changed()

    def hold_space(self, *, held: bool) -> None:
        """While it is held, any tool pans."""
        if held != self._space:
            self._space = held
            self._show_cursor()
            self._hover_changed()

    def hold(self, keys: Keys) -> None:
        """These keys are held now: shift for straight strokes and square boxes, alt and control as the gestures say."""
        if self._gesture is not None:
            self._gesture.hold(keys)
        if keys != self._keys:
            self._keys = keys
            self._hover_changed()

    def hold_before(self, *, held: bool) -> None:
        """While it is held, the picture is shown without its newest result."""
        if held != self._before_held:
            self._before_held = held
            self.beforeHeld.emit(held)

    def _resize_brush(self, settings: BrushSettings) -> None:
        self.brush_settings = settings

    def _frame_moved(self, frame: Rect) -> None:
        self._cells = None
        self.update()
        self.frameChanged.emit(frame)

    def nudge(self, dx: int, dy: int) -> None:
        """Arrow keys: with its tool, move the frame by document pixels; else the line of a comparison, or the view."""
        if self._document is None or self._gesture is not None:
            return
        if self._tool is Tool.FRAME:
            self._nudge_frame(self._document, dx, dy)
        elif self._split and dx:
            self.move_split(self._split_share + dx * STEP_SHARE)
        else:
            self.pan(-dx * PAN_STEP_PX, -dy * PAN_STEP_PX)

    def _nudge_frame(self, document: Document, dx: int, dy: int) -> None:
        """In a turned view, along the document's side that points the most that way."""
        (a, b), (c, d) = self.view.axes
        x, y = round(a * dx + c * dy), round(b * dx + d * dy)
        if abs(a * dx + c * dy) >= abs(b * dx + d * dy):
            y = 0
        else:
            x = 0
        length = max(abs(dx), abs(dy))
        before = document.frame
        after = document.set_frame(before.translate(_sign(x) * length, _sign(y) * length))
        if after != before:
            self._frame_moved(after)


def _sign(value: int) -> int:
    return (value > 0) - (value < 0)
