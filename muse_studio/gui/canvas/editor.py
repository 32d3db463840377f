"""A surface with tools: what pressing, dragging and lifting the pointer does to the document.

Strokes reach the document at once; only painting is left to Qt. Knows nothing of Qt's events: canvas.py turns them into
pointers and calls `press`, `drag` and `finish_gesture`.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QRegion
from PySide6.QtWidgets import QWidget

from muse_studio.core.document import Document
from muse_studio.core.geometry import Point, Rect
from muse_studio.core.history import Change, ChangeKind
from muse_studio.gui.canvas import cursor
from muse_studio.gui.canvas.frame import Grip, draw_frame, frame_label, grip_at
from muse_studio.gui.canvas.gestures import FrameGesture, Gesture, PanGesture, SizingGesture, StrokeGesture
from muse_studio.gui.canvas.picture import PictureCache
from muse_studio.gui.canvas.pointer import Pointer
from muse_studio.gui.canvas.surface import Surface
from muse_studio.gui.canvas.tools import BrushSettings, Tool

PAN_STEP_PX = 64
"""Logical pixels that an arrow key moves the view by."""

_SHIFT, _ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier


class Editor(Surface):
    """Shows a document and lets an artist paint its mask, look around, and move the model's frame."""

    toolChanged = Signal(object)
    """The new Tool."""
    brushChanged = Signal(object)
    """The new BrushSettings."""
    documentEdited = Signal()
    """One undo step was added, undone or redone."""
    frameChanged = Signal(object)
    """The document's new frame, a Rect."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tool = Tool.BRUSH
        self._brush = BrushSettings()
        self._gesture: Gesture | None = None
        self._hover: QPointF | None = None
        self._button = Qt.MouseButton.NoButton
        self._space = False
        self._shift = False
        self._line_start: Point | None = None
        self._painted_over = QRegion()
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

    # The document

    def set_document(self, document: Document | None, picture: PictureCache | None = None) -> None:
        self.finish_gesture()
        self._line_start = None
        super().set_document(document, picture)
        self._show_cursor()

    def undo(self) -> None:
        """Take back the last step; in the middle of a stroke, that stroke."""
        if self._gesture is not None:
            self.cancel_gesture()
        elif self._document is not None:
            frame = self._document.frame
            self._after(self._document.undo(), frame)

    def redo(self) -> None:
        """Do again what undo took back; nothing in the middle of a stroke."""
        if self._gesture is None and self._document is not None:
            frame = self._document.frame
            self._after(self._document.redo(), frame)

    def _after(self, change: Change | None, frame: Rect) -> None:
        if change is None or self._document is None:
            return
        (self.refresh_mask if change.kind is ChangeKind.MASK else self.refresh)(change.rect)
        if self._document.frame != frame:
            self._frame_moved(self._document.frame)
        self.documentEdited.emit()

    # Gestures

    @property
    def is_busy(self) -> bool:
        """Whether a drag is going on."""
        return self._gesture is not None

    def finish_gesture(self) -> None:
        """End the drag here, keeping what it did: the pointer was lifted, or its end will never be heard of."""
        gesture, self._gesture = self._gesture, None
        if gesture is None:
            return
        gesture.finish()
        self._gesture_over()
        if isinstance(gesture, StrokeGesture):
            self._line_start = gesture.last
            if gesture.edited:
                self.documentEdited.emit()

    def cancel_gesture(self) -> None:
        """End the drag and take back what it did."""
        gesture, self._gesture = self._gesture, None
        if gesture is not None:
            gesture.cancel()
            self._gesture_over()

    def _gesture_over(self) -> None:
        self._show_cursor()
        self._hover_changed()

    def press(self, pointer: Pointer) -> None:
        """The pointer went down: begin what its button, the keys and the tool say."""
        self._hover = pointer.position
        if self._gesture is not None or self._is_empty:
            return
        self._gesture = self._gesture_for(pointer)
        self._button = pointer.button
        self._show_cursor()
        self._hover_changed()

    def _gesture_for(self, pointer: Pointer) -> Gesture | None:
        x, y = self._device(pointer.position)
        left = pointer.button == Qt.MouseButton.LeftButton
        if pointer.button == Qt.MouseButton.MiddleButton or (left and (self._space or self._tool is Tool.PAN)):
            return PanGesture(x, y, self._look)
        if self._document is None:
            return None
        if self._tool.paints and (pointer.button == Qt.MouseButton.RightButton or (left and pointer.holds(_ALT))):
            return SizingGesture(self._brush, pointer.position, self._ratio, self._resize_brush)
        if left and self._tool is Tool.FRAME:
            return self._frame_gesture(self._document, pointer.position)
        return self._stroke(self._document, pointer) if left else None

    def _stroke(self, document: Document, pointer: Pointer) -> StrokeGesture:
        brush = self._brush.brush(erase=self._tool is Tool.ERASER or pointer.erase)
        stroke = StrokeGesture(document, brush, self._stroke_changed)
        if pointer.holds(_SHIFT) and self._line_start is not None:
            stroke.paint_to(self._line_start, pointer.pressure)
        stroke.paint_to(self.to_document(pointer.position), pointer.pressure)
        return stroke

    def _stroke_changed(self, rect: Rect) -> None:
        self._mask_changed(rect)

    def _frame_gesture(self, document: Document, position: QPointF) -> FrameGesture:
        grip = grip_at(self._frame_rect(document.frame), position)
        point = self.to_document(position)
        gesture = FrameGesture(document, grip or Grip.INSIDE, point, self._frame_moved)
        if grip is None:
            gesture.jump_to(point)
        return gesture

    def drag(self, pointer: Pointer) -> None:
        """The pointer moved, pressed or not."""
        self._hover = pointer.position
        self._shift = pointer.holds(_SHIFT)
        if self._gesture is not None:
            x, y = self._device(pointer.position)
            self._gesture.move(x, y, pointer.pressure, self.view)
        self._hover_changed()
        if self._gesture is None and self._tool is Tool.FRAME:
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

    def hold_shift(self, *, held: bool) -> None:
        """While it is held, the next stroke is a straight line from the end of the last."""
        if held != self._shift:
            self._shift = held
            self._hover_changed()

    def _resize_brush(self, settings: BrushSettings) -> None:
        self.brush_settings = settings

    def _frame_moved(self, frame: Rect) -> None:
        self._cells = None
        self.update()
        self.frameChanged.emit(frame)

    def nudge(self, dx: int, dy: int) -> None:
        """Arrow keys: move the frame by document pixels with its tool, else look a little further that way."""
        if self._document is None or self._gesture is not None:
            return
        if self._tool is Tool.FRAME:
            before = self._document.frame
            after = self._document.set_frame(before.translate(dx, dy))
            if after != before:
                self._frame_moved(after)
        else:
            self.pan(-dx * PAN_STEP_PX, -dy * PAN_STEP_PX)

    # What is painted over the scene

    def _hover_changed(self) -> None:
        """What follows the pointer must be painted elsewhere, or otherwise, from now on."""
        region = self._hover_region()
        self.update(region | self._painted_over)
        self._painted_over = region

    def _hover_region(self) -> QRegion:
        region = QRegion()
        centre = self._ring_centre
        if centre is None:
            return region
        region |= cursor.ring_area(centre, self._ring_radius)
        if isinstance(self._gesture, SizingGesture):
            region |= cursor.sizing_area(self.fontMetrics().height(), centre, self._ring_radius)
        start = self._line_hint
        if start is not None:
            region |= cursor.line_hint_area(start, centre)
        return region

    @property
    def _ring_centre(self) -> QPointF | None:
        """Where the brush's ring is; None if there is none."""
        if self._document is None or not self._tool.paints or self._space or isinstance(self._gesture, PanGesture):
            return None
        return self._gesture.centre if isinstance(self._gesture, SizingGesture) else self._hover

    @property
    def _ring_radius(self) -> float:
        return self._brush.size_px * self.zoom / self._ratio / 2

    @property
    def _line_hint(self) -> QPointF | None:
        """Where a straight stroke to the pointer would start; None if the next stroke is free."""
        if not self._shift or self._gesture is not None or self._line_start is None:
            return None
        return self.to_widget(self._line_start)

    def _paint_over(self, painter: QPainter, area: QRectF) -> None:
        frame = self._frame
        if frame is not None and not self._is_plain(frame):
            active = self._tool is Tool.FRAME
            draw_frame(painter, QRectF(self.rect()), self._frame_rect(frame), frame_label(frame), active=active)
        super()._paint_over(painter, area)
        centre = self._ring_centre
        if centre is not None:
            self._paint_brush(painter, centre)
            self._painted_over |= self._hover_region()  # it may be another one than when the pointer last moved

    def _is_plain(self, frame: Rect) -> bool:
        """Whether the frame says nothing: it is the whole picture, and nobody is about to move it."""
        return self._tool is not Tool.FRAME and frame.contains_rect(Rect.of(self._extent))

    def _paint_brush(self, painter: QPainter, centre: QPointF) -> None:
        if isinstance(self._gesture, SizingGesture):
            color = QColor(self._style.color or self._colors.mask)
            cursor.draw_sizing(painter, centre, self._ring_radius, self._brush, color)
            return
        start = self._line_hint
        if start is not None:
            cursor.draw_line_hint(painter, start, centre)
        erase = self._tool is Tool.ERASER
        cursor.draw_ring(painter, centre, self._ring_radius, self._brush.hardness, erase=erase)

    def _show_cursor(self) -> None:
        self.setCursor(self._cursor_shape())

    def _cursor_shape(self) -> Qt.CursorShape:
        if self._is_empty:
            return Qt.CursorShape.ArrowCursor
        if isinstance(self._gesture, PanGesture):
            return Qt.CursorShape.ClosedHandCursor
        if self._space or self._tool is Tool.PAN:
            return Qt.CursorShape.OpenHandCursor
        if self._document is None:
            return Qt.CursorShape.ArrowCursor
        if self._tool.paints:
            return Qt.CursorShape.BlankCursor  # the ring is the cursor
        if isinstance(self._gesture, FrameGesture):
            return self._gesture.grip.cursor
        grip = grip_at(self._frame_rect(self._document.frame), self._hover) if self._hover is not None else None
        return grip.cursor if grip is not None else Qt.CursorShape.CrossCursor
