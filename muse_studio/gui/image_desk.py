"""What the Image menu does to the document on the canvas, and how that is undone and redone. Knows no layers' names.

The new state is worked out in a thread from a snapshot, with its picture made ready to be drawn, so that the window
goes on while 64 MP are turned; the document takes it over as one undo step.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Protocol

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialog, QWidget

from muse_studio.core.document import Document
from muse_studio.core.document.transforms import cropped, flipped, on_canvas, rotated, scaled
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.masks import painted_bounds
from muse_studio.gui.dialogs import finished
from muse_studio.gui.faults import Faults
from muse_studio.gui.image_dialogs import CanvasSize, ImageSize
from muse_studio.gui.language import noop
from muse_studio.gui.remaking import Change, remake, step
from muse_studio.gui.stage import Stage

NAMES = (
    *("crop_frame", "crop_mask", "canvas_size", "image_size"),
    *("rotate_left", "rotate_right", "rotate_half", "flip_across", "flip_down"),
)

_MUCH_PX = 2**20
"""A canvas of as many pixels takes longer to be made ready than a person should wait in the window's thread."""


class ImageHost(Protocol):
    """What the window offers to this desk."""

    @property
    def stage(self) -> Stage: ...

    def widget(self) -> QWidget:
        """The parent of dialogs."""
        ...

    def refresh(self) -> None:
        """The document has changed: make all labels true."""
        ...


class ImageDesk:
    """Changes the canvas of what one window shows."""

    def __init__(self, host: ImageHost, faults: Faults) -> None:
        self._host, self._faults = host, faults
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="image")
        self.is_busy = False
        self._steps = 0  # of undo and redo that are being worked out, or wait for one that is
        self._turn = asyncio.Lock()

    def close(self) -> None:
        """End the thread; nothing can be changed afterwards."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    @property
    def document(self) -> Document | None:
        sheet = self._host.stage.sheet
        return sheet.document if sheet else None

    def handlers(self) -> Mapping[str, Callable[..., object]]:
        """What each command of the Image menu does."""
        turn = self._begin
        return {
            "crop_frame": self.crop_to_frame,
            "crop_mask": self.crop_to_mask,
            "canvas_size": lambda: self._faults.spawn(self.ask_canvas_size()),
            "image_size": lambda: self._faults.spawn(self.ask_image_size()),
            "rotate_left": lambda: turn(partial(rotated, quarters=-1), noop("Rotate 90° left")),
            "rotate_right": lambda: turn(partial(rotated, quarters=1), noop("Rotate 90° right")),
            "rotate_half": lambda: turn(partial(rotated, quarters=2), noop("Rotate 180°")),
            "flip_across": lambda: turn(partial(flipped, horizontally=True), noop("Flip horizontally")),
            "flip_down": lambda: turn(partial(flipped, horizontally=False), noop("Flip vertically")),
        }

    def enable(self, commands: Mapping[str, QAction], *, shown: bool) -> None:
        """Make the commands' states true. shown: whether the canvas shows the document."""
        document = self.document if shown else None
        for name in NAMES:
            commands[name].setEnabled(document is not None and not self.is_busy)
        if document is not None and document.mask_is_empty():
            commands["crop_mask"].setEnabled(False)
        if document is not None and document.frame_inside == document.bounds:
            commands["crop_frame"].setEnabled(False)

    def crop_to_frame(self) -> None:
        """Cut everything to what the frame sees of the canvas."""
        document = self.document
        if document is not None and document.frame_inside != document.bounds:
            self._begin(partial(cropped, rect=document.frame_inside), noop("Crop to frame"))

    def crop_to_mask(self) -> None:
        """Cut everything to the smallest rectangle around the mask."""
        document = self.document
        if document is None:
            return
        painted = painted_bounds(document.mask)
        if painted.is_empty:
            message = "Nothing is masked, so there is nothing to crop to. Paint or select what shall stay first."
            raise MuseStudioError(ErrorKind.BAD_REQUEST, message)
        self._begin(partial(cropped, rect=painted), noop("Crop to mask"))

    async def ask_canvas_size(self) -> None:
        """Ask for new bounds, and where the picture shall lie in them."""
        document = self.document
        if document is None:
            return
        dialog = CanvasSize(self._host.widget(), document.extent)
        accepted = await finished(dialog) == QDialog.DialogCode.Accepted
        dialog.deleteLater()
        if accepted and dialog.bounds != document.bounds:
            await self.change(partial(on_canvas, rect=dialog.bounds), noop("Canvas size"))

    async def ask_image_size(self) -> None:
        """Ask for the size to scale everything to."""
        document = self.document
        if document is None:
            return
        dialog = ImageSize(self._host.widget(), document.extent)
        accepted = await finished(dialog) == QDialog.DialogCode.Accepted
        dialog.deleteLater()
        if accepted and dialog.extent != document.extent:
            await self.change(partial(scaled, extent=dialog.extent), noop("Image size"))

    def _begin(self, change: Change, label: str) -> None:
        self._faults.spawn(self.change(change, label))

    async def change(self, change: Change, label: str) -> None:
        """Let the document take what `change` makes of it."""
        document, stage = self.document, self._host.stage
        if document is None or self.is_busy:
            return
        self.is_busy = True
        try:
            self._host.refresh()
            stage.canvas.finish_gesture()
            await remake(stage, document, lambda: change, label, self._in_thread)
        finally:
            self.is_busy = False
            self._host.refresh()

    # Undo and redo

    def undo(self) -> None:
        """Take back the last step, or the drag that is going on."""
        self._step(redo=False)

    def redo(self) -> None:
        """Do again what undo took back."""
        self._step(redo=True)

    def _step(self, *, redo: bool) -> None:
        """At once where little changes; else in a thread, and what is pressed meanwhile comes after it."""
        coming = self.document.coming(redo=redo) if self.document is not None else None
        if self._steps == 0 and (coming is None or coming.extent.area < _MUCH_PX):
            (self._host.stage.redo if redo else self._host.stage.undo)()
        else:
            self._faults.spawn(self._step_in_turn(redo=redo))

    async def _step_in_turn(self, *, redo: bool) -> None:
        self._steps += 1
        try:
            async with self._turn:
                await step(self._host.stage, redo=redo, in_thread=self._in_thread)
        finally:
            self._steps -= 1

    async def _in_thread(self, work: Callable[..., Any], *material: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, *material)
