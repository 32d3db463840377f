"""What is on the canvas: one sheet, its undo and redo, its mask and its frame. Knows nothing about jobs or files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QEvent, QObject

from muse_studio.core.document import default_frame
from muse_studio.gui.canvas.canvas import Canvas
from muse_studio.gui.canvas.overlay import MaskStyle
from muse_studio.gui.sheet import Sheet


class Stage(QObject):
    """Shows sheets on a canvas. `changed` is called after everything that may change a label or a command's state."""

    def __init__(self, canvas: Canvas, changed: Callable[[], None]) -> None:
        super().__init__(canvas)
        self.canvas = canvas
        self.sheet: Sheet | None = None
        self._changed = changed
        self._mask_shown = True
        canvas.installEventFilter(self)

    def show(self, sheet: Sheet | None) -> None:
        """Another sheet, or the invitation to open one."""
        self.sheet = sheet
        self.wake_mask()
        self.canvas.set_document(sheet.document if sheet else None)
        self._changed()

    def show_again(self) -> None:
        """The sheet's document, after something else had the canvas."""
        document = self.sheet.document if self.sheet else None
        if self.canvas.document is not document:
            self.canvas.set_document(document)

    def undo(self) -> None:
        """Take back the last step, or the drag that is going on; the sheet learns which request is undone with it."""
        if self.sheet is None:
            return
        dragging, label = self.canvas.is_busy, self.sheet.document.undo_label
        self.wake_mask()
        self.canvas.undo()
        if not dragging:
            self.sheet.undo_passed(label)
        self._changed()

    def redo(self) -> None:
        """Do again what undo took back; nothing in the middle of a drag."""
        if self.sheet is None or self.canvas.is_busy:
            return
        label = self.sheet.document.redo_label
        self.canvas.redo()
        self.sheet.redo_passed(label)
        self._changed()

    def clear_mask(self) -> None:
        self._edit_mask("clear_mask")

    def fill_mask(self) -> None:
        self._edit_mask("fill_mask")

    def invert_mask(self) -> None:
        self._edit_mask("invert_mask")

    def _edit_mask(self, method: str) -> None:
        if self.sheet is not None:
            self.canvas.finish_gesture()
            self.wake_mask()
            self.canvas.refresh_mask(getattr(self.sheet.document, method)())
            self._changed()

    def reset_frame(self) -> None:
        """The largest square in the middle, as for a document that was just opened."""
        if self.sheet is not None:
            document = self.sheet.document
            document.set_frame(default_frame(document.extent))
            self.canvas.refresh(None)
            self._changed()

    def show_mask(self, shown: bool) -> None:
        self._mask_shown = shown
        self.canvas.mask_style = replace(MaskStyle(), visible=shown)

    def rest_mask(self) -> None:
        """Leave only the mask's outline, so that the result under it can be seen, until a brush is put down again."""
        self.canvas.mask_style = replace(self.canvas.mask_style, opacity=0.0, stripes=False)

    def wake_mask(self) -> None:
        """Show the mask as before `rest_mask`."""
        if self.canvas.mask_style.opacity == 0.0:
            self.show_mask(self._mask_shown)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        pressed = event.type() in (QEvent.Type.MouseButtonPress, QEvent.Type.TabletPress)
        if pressed and self.canvas.tool.paints:
            self.wake_mask()
        return super().eventFilter(watched, event)
