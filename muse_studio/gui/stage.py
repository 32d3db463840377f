"""What is on the canvas: one sheet, its undo and redo, its mask and its frame. Knows nothing about jobs or files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject

from muse_studio.core.document import default_frame
from muse_studio.core.geometry import Rect
from muse_studio.gui.canvas.canvas import Canvas
from muse_studio.gui.canvas.overlay import MaskStyle
from muse_studio.gui.canvas.picture import PictureCache
from muse_studio.gui.sheet import Sheet

Pixels = NDArray[np.uint8]


class Stage(QObject):
    """Shows sheets on a canvas. `changed` is called after everything that may change a label or a command's state."""

    def __init__(self, canvas: Canvas, changed: Callable[[], None]) -> None:
        super().__init__(canvas)
        self.canvas = canvas
        self.sheet: Sheet | None = None
        self._changed = changed
        self._look, self._resting = MaskStyle(), False
        canvas.installEventFilter(self)

    def show(self, sheet: Sheet | None, shown: PictureCache | None = None) -> None:
        """Another sheet, or the invitation to open one. shown: its pixels, if they were made ready in a thread."""
        self.sheet = sheet
        self.wake_mask()
        self.canvas.set_document(sheet.document if sheet else None, shown)
        self._changed()

    def show_again(self) -> None:
        """The sheet's document, after something else had the canvas."""
        document = self.sheet.document if self.sheet else None
        if self.canvas.document is not document:
            self.canvas.set_document(document)

    def undo(self, ready: PictureCache | None = None) -> None:
        """Take back the last step, or the drag that is going on. ready: the pixels it brings, see `Canvas.refresh`."""
        if self.sheet is None:
            return
        self.wake_mask()
        self.canvas.undo(ready)
        self._changed()

    def redo(self, ready: PictureCache | None = None) -> None:
        """Do again what undo took back; nothing in the middle of a drag."""
        if self.sheet is None or self.canvas.is_busy:
            return
        self.canvas.redo(ready)
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

    def size_frame(self, side_px: int) -> None:
        """A frame of this side about the same middle; 0: all of the picture."""
        if self.sheet is None:
            return
        document, middle = self.sheet.document, self.sheet.document.frame.centre
        side = side_px or max(document.extent.width, document.extent.height)
        if side_px == 0:
            middle = document.bounds.centre
        document.set_frame(Rect(round(middle.x - side / 2), round(middle.y - side / 2), side, side))
        self.canvas.refresh(None)
        self._changed()

    def take_mask(self, mask: Pixels) -> None:
        """Another mask, uint8 [H, W], as one undo step. MuseStudioError(BAD_MASK) for another size."""
        if self.sheet is not None:
            self.canvas.finish_gesture()
            self.wake_mask()
            self.canvas.refresh_mask(self.sheet.document.set_mask(mask, "Load mask"))
            self._changed()

    def reset_frame(self) -> None:
        """The largest square in the middle, as for a document that was just opened."""
        if self.sheet is not None:
            document = self.sheet.document
            document.set_frame(default_frame(document.extent))
            self.canvas.refresh(None)
            self._changed()

    @property
    def mask_look(self) -> MaskStyle:
        """How the mask is shown when nothing asks for less."""
        return self._look

    @mask_look.setter
    def mask_look(self, look: MaskStyle) -> None:
        self._look, self._resting = look, False
        self.canvas.mask_style = look

    def show_mask(self, shown: bool) -> None:
        self.mask_look = replace(self._look, visible=shown)

    def show_cells(self, shown: bool) -> None:
        """Whether the cells of the model that the mask touches are outlined."""
        self.canvas.show_cells = shown

    def show_frame(self, shown: bool) -> None:
        self.canvas.show_frame = shown

    def rest_mask(self) -> None:
        """Leave only the mask's outline, so that the result under it can be seen, until a brush is put down again."""
        self._resting = True
        self.canvas.mask_style = replace(self._look, outline=True)

    def wake_mask(self) -> None:
        """Show the mask as before `rest_mask`."""
        if self._resting:
            self.mask_look = self._look

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        pressed = event.type() in (QEvent.Type.MouseButtonPress, QEvent.Type.TabletPress)
        if pressed and (self.canvas.tool.paints or self.canvas.tool.selects):
            self.wake_mask()
        return super().eventFilter(watched, event)
