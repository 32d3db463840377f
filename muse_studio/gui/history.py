"""Joins the gallery to one window: its desk, its panel, what is shown large on the canvas, what is compared.

The one place that knows both the gallery and the document; the panel knows neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtWidgets import QWidget

from muse_studio.core.composite import canvas_for, export_picture
from muse_studio.core.document import Document
from muse_studio.core.entries import Entry
from muse_studio.core.geometry import Rect
from muse_studio.core.layers import Variation
from muse_studio.core.tokens import TokenState
from muse_studio.core.wishes import Wishes
from muse_studio.gui.gallery_desk import GalleryDesk
from muse_studio.gui.language import noop, tr
from muse_studio.gui.message_bar import Notice, NoticeKind
from muse_studio.gui.panels.compare import ComparePage
from muse_studio.gui.panels.gallery import HistoryPanel
from muse_studio.gui.panels.peek import Peek
from muse_studio.gui.sheet import Sheet
from muse_studio.gui.theme import Colors

if TYPE_CHECKING:
    from muse_studio.gui.main_window import MainWindow

Pixels = NDArray[np.uint8]


class History:
    """One window's history of pictures."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.desk = GalleryDesk(self, window.faults)
        self.desk.setParent(window)
        self.panel = HistoryPanel(self.desk, window.faults)
        self.peek = Peek(window.canvas, self.desk, window.faults, self._peeked)
        slot = window.faults.slot
        self.panel.previewWanted.connect(slot(self.peek.show))
        self.panel.compareWanted.connect(slot(self._compare))
        window.jobs.on_end.append(self.desk.keep_job)

    def wear(self, colors: Colors) -> None:
        self.panel.wear(colors)

    def search(self) -> None:
        """Open the panel and type what to look for."""
        self._window.docks.show("history")
        self.panel.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.panel.search.selectAll()

    def close(self) -> None:
        """End the threads; the index is written."""
        self.panel.close_threads()
        self.desk.close()

    def take_drop(self, mime: QMimeData) -> bool:
        """Apply what was dragged out of the panel; False where something else was dropped."""
        return self.desk.apply_mime(mime)

    # What the desk asks of the window

    def widget(self) -> QWidget:
        return self._window

    def notify(self, notice: Notice) -> None:
        self._window.notify(notice)

    def facts(self) -> Mapping[str, Any]:
        return self._window.facts()

    def open_path(self, path: Path) -> None:
        self._window.open_path(path)

    def frame(self) -> Rect | None:
        sheet = self._window.sheet
        return sheet.document.frame if sheet else None

    def place_picture(
        self, place: Rect, pixels: Pixels, name: str, facts: Mapping[str, Any], tokens: TokenState | None
    ) -> None:
        window, sheet = self._window, self._window.sheet
        if sheet is None:
            window.start_over(Sheet(Document(pixels), name, is_new=True))
            return
        window.canvas.finish_gesture()
        document, layer = sheet.document, Variation(pixels, facts, tokens)
        room = canvas_for(document.bounds, place)
        changed = document.add_result(place, (layer,), name, noop("Apply from the history"), canvas=room)
        window.canvas.refresh(changed if room is None else None)
        window.refresh()

    def current_wishes(self) -> Wishes:
        return self._window.panel.wishes()

    def use_wishes(self, wishes: Wishes, *, lock_seed: bool) -> None:
        self._window.making.use(wishes, lock_seed=lock_seed)

    # Looking

    def _peeked(self) -> None:
        self._window.refresh()
        if self.peek.is_shown:
            self._window.guide.welcome.hide()

    def _compare(self, entries: tuple[Entry, ...]) -> None:
        self._window.faults.spawn(self._open_compare(entries))

    async def _open_compare(self, entries: tuple[Entry, ...]) -> None:
        window, sheet = self._window, self._window.sheet
        read = [await self.desk.pixels(entry) for entry in entries]
        pixels = [each for each in read if each is not None]
        names = [_title(entry) for entry in entries]
        if len(pixels) == 1 and len(entries) == 1 and sheet is not None:
            pixels.insert(0, export_picture(sheet.document))
            names.insert(0, tr("The canvas"))
        if len(pixels) < 2:
            window.notify(Notice(NoticeKind.INFO, tr("There is nothing on the canvas to compare with.")))
            return
        page = ComparePage(window, pixels[0], pixels[1], (names[0], names[1]), window.theme.colors)
        window.open_page(page)


def _title(entry: Entry) -> str:
    words = " ".join(entry.prompt.split())[:60] or entry.name
    return words if entry.seed is None else tr("{words}, seed {seed}", words=words, seed=entry.seed)
