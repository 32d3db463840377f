"""A picture of the gallery shown large on the canvas, over the document, which is not touched. Knows no list.

Read in a thread; if another was wished for meanwhile, only that one is shown.
"""

from __future__ import annotations

from collections.abc import Callable

from muse_studio.core.entries import Entry
from muse_studio.core.geometry import Rect
from muse_studio.gui.canvas.canvas import Canvas
from muse_studio.gui.faults import Faults
from muse_studio.gui.gallery_desk import GalleryDesk, fitted


class Peek:
    """Shows one entry at a time."""

    def __init__(self, canvas: Canvas, desk: GalleryDesk, faults: Faults, changed: Callable[[], None]) -> None:
        """changed: called when a picture came or went, so that what lies over the canvas can follow."""
        self._canvas, self._desk, self._faults, self._changed = canvas, desk, faults, changed
        self._wanted: Entry | None = None
        self.is_shown = False

    def show(self, entry: Entry | None) -> None:
        """An entry, or the document again."""
        self._wanted = entry
        if entry is not None:
            self._faults.spawn(self._show(entry))
        elif self.is_shown:
            self.is_shown = False
            self._canvas.clear_preview()
            self._changed()

    async def _show(self, entry: Entry) -> None:
        pixels = await self._desk.pixels(entry)
        if pixels is None or self._wanted is not entry:
            return
        document = self._canvas.document
        whole = Rect(0, 0, entry.extent.width, entry.extent.height)
        place, pixels = fitted(pixels, whole if document is None else document.frame)
        self._canvas.show_preview(place, pixels[..., :3], None if (pixels[..., 3] == 255).all() else pixels[..., 3])
        self.is_shown = True
        self._changed()
