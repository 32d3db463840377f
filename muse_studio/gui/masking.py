"""The mask's commands that take a moment or a number: the magic wand, grow, shrink and feather.

Pixels are worked on in a thread of its own; what comes back joins the mask as one undo step, if the document is still
the same. Knows nothing about how masks are shown.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QLabel, QSpinBox, QWidget

from muse_studio.core.document import Document
from muse_studio.core.geometry import Point
from muse_studio.core.masks import Mask
from muse_studio.core.selection import Area, Combine, feathered, grown, shrunk
from muse_studio.core.wand import magic_wand
from muse_studio.gui.canvas.canvas import Canvas
from muse_studio.gui.canvas.tools import Sample
from muse_studio.gui.dialogs import finished
from muse_studio.gui.fields import dress_number, muted, vertical
from muse_studio.gui.language import noop, tr
from muse_studio.gui.theme import GRID_PX

RADIUS_LIMIT_PX = 500
"""Half a frame and more; a larger one is better painted."""


@dataclass(frozen=True, slots=True)
class Spread:
    """One way to move or soften the mask's edge.

    change: from a mask and a radius in pixels to the area that has changed. how: how that joins the mask.
    """

    title: str
    text: str
    change: Callable[[Mask, float], Area]
    how: Combine
    start_px: int


SPREADS = {
    "grow_mask": Spread(noop("Grow the mask"), noop("Move its edge outwards by"), grown, Combine.ADD, 8),
    "shrink_mask": Spread(noop("Shrink the mask"), noop("Move its edge inwards by"), shrunk, Combine.INTERSECT, 8),
    "feather_mask": Spread(noop("Feather the mask"), noop("Soften its edge over"), feathered, Combine.REPLACE, 16),
}


class RadiusDialog(QDialog):
    """Asks for a number of pixels."""

    def __init__(self, parent: QWidget, title: str, text: str, value: int) -> None:
        super().__init__(parent)
        self.setObjectName("radiusDialog")
        self.setWindowTitle(title)
        self.radius = QSpinBox()
        self.radius.setRange(1, RADIUS_LIMIT_PX)
        self.radius.setSuffix(" px")
        self.radius.setValue(value)
        self.radius.setMinimumWidth(12 * GRID_PX)
        dress_number(self.radius, text)
        label = QLabel(text)
        label.setBuddy(self.radius)
        row = QHBoxLayout()
        row.setSpacing(2 * GRID_PX)
        row.addWidget(label)
        row.addWidget(self.radius)
        column = vertical(self, 3 * GRID_PX, 2 * GRID_PX)
        column.addLayout(row)
        column.addWidget(muted(tr("In pixels of the picture.")))
        buttons = QDialogButtonBox()
        apply = buttons.addButton(tr("Apply"), QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        apply.setDefault(True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column.addWidget(buttons)
        self.radius.selectAll()


class MaskDesk:
    """Works on the mask of the document that the canvas shows."""

    def __init__(self, parent: QWidget, canvas: Canvas) -> None:
        self._parent, self._canvas = parent, canvas
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="masks")
        self._radii_px = {name: spread.start_px for name, spread in SPREADS.items()}

    async def wand(self, point: Point, how: Combine) -> None:
        """Mask all that looks like the pixel under `point`."""
        document, settings = self._canvas.document, self._canvas.area_settings
        if document is None:
            return
        by_layer = settings.sample is Sample.LAYER
        place = document.layer(document.active).place if by_layer else document.bounds
        pixels = document.layer(document.active).pixels if by_layer else document.picture
        x, y = math.floor(point.x) - place.x, math.floor(point.y) - place.y

        def find() -> Area:
            return magic_wand(pixels, x, y, settings.tolerance, contiguous=settings.contiguous)

        area = await asyncio.get_running_loop().run_in_executor(self._pool, find)
        self._join(document, area.moved(place.x, place.y).cropped(document.bounds), how)

    async def ask_spread(self, name: str) -> None:
        """Ask by how much, then grow, shrink or feather the mask."""
        document, spread = self._canvas.document, SPREADS[name]
        if document is None or document.mask_is_empty():
            return
        dialog = RadiusDialog(self._parent, tr(spread.title), tr(spread.text), self._radii_px[name])
        accepted = await finished(dialog)
        radius_px = dialog.radius.value()
        dialog.deleteLater()
        if accepted:
            self._radii_px[name] = radius_px
            await self.spread(name, radius_px)

    async def spread(self, name: str, radius_px: int) -> None:
        """Grow, shrink or feather by this many document pixels."""
        document, spread = self._canvas.document, SPREADS[name]
        if document is None:
            return
        before = document.mask.copy()
        area = await asyncio.get_running_loop().run_in_executor(self._pool, spread.change, before, float(radius_px))
        self._join(document, area, spread.how)

    def _join(self, document: Document, area: Area, how: Combine) -> None:
        if self._canvas.document is document and not area.is_empty:
            self._canvas.finish_gesture()
            self._canvas.take_area(area, how)

    def close(self) -> None:
        """Wait for the thread."""
        self._pool.shutdown()
