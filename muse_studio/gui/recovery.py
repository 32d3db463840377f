"""Keeps a recovery file of the window's sheet while it holds unsaved work, and brings back what a crash left.

Writing runs in a thread of its own from a snapshot. A file goes when its sheet is saved, closed or replaced, each of
which asked first; what the last start left goes only when a person says so.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol, TypeVar

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from muse_studio.core.errors import MuseStudioError
from muse_studio.core.project.encoded import EncodedPixels
from muse_studio.core.recovery import ORIGIN, Orphan, Pace, RecoveryFile, orphans
from muse_studio.gui.canvas.picture import PictureCache
from muse_studio.gui.dialogs import finished
from muse_studio.gui.file_questions import ask_discard
from muse_studio.gui.files import FileDesk, load_project
from muse_studio.gui.language import tr
from muse_studio.gui.message_bar import Notice, NoticeKind, notice_of
from muse_studio.gui.recovery_page import RecoveryPage
from muse_studio.gui.sheet import Sheet, SheetSnapshot

log = logging.getLogger(__name__)

T = TypeVar("T")

_LOOK_MS = 1000  # between looks at the sheet; a look costs microseconds
_TOPIC = "recovery"


class RecoveryHost(Protocol):
    """What the window offers to this desk."""

    @property
    def sheet(self) -> Sheet | None: ...

    def widget(self) -> QWidget:
        """The parent of dialogs."""
        ...

    def start_over(self, sheet: Sheet, shown: PictureCache | None = None) -> None:
        """Show a sheet instead of the one that is there."""
        ...

    def notify(self, notice: Notice) -> None: ...
    def dismiss(self, topic: str) -> None: ...


class RecoveryDesk(QObject):
    """Autosave and recovery of one window."""

    def __init__(
        self,
        host: RecoveryHost,
        files: FileDesk,
        folder: Path,
        encoded: EncodedPixels,
        spawn: Callable[[Coroutine[Any, Any, Any]], object],
    ) -> None:
        """encoded: the files' own memory of PNGs, so that saving and autosaving encode a layer once."""
        super().__init__(host.widget())
        self._host, self._files, self._folder, self._encoded, self._spawn = host, files, folder, encoded, spawn
        self._sheet: Sheet | None = None
        self._file: RecoveryFile | None = None
        self._pace = Pace()
        self._results = 0
        self._writing = False
        self._again = False
        self._closed = False
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="recovery")
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.look)
        self._timer.start(_LOOK_MS)

    def close(self) -> None:
        """The window closes, and what was unsaved was asked about: nothing is left to recover."""
        self._closed = True
        self._timer.stop()
        self._let_go()
        self._pool.shutdown(wait=True, cancel_futures=True)

    # Keeping ------------------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Write, keep or remove the recovery file, whichever the sheet needs now. Cheap: ask as often as you like."""
        sheet = self._host.sheet
        if sheet is not self._sheet:
            self._let_go()
            self._follow(sheet, known=sheet is None or not sheet.is_unsaved)
        if sheet is None:
            return
        if not sheet.is_unsaved:
            self._let_go()
            self._pace.note_written(sheet.document.version)
        elif self._has_new_result(sheet) or self._pace.is_due(sheet.document.version, time.monotonic()):
            self.save_now()

    def _follow(self, sheet: Sheet | None, *, known: bool) -> None:
        """Look at this sheet from now on. known: what it holds is in a file."""
        self._sheet, self._pace, self._results = sheet, Pace(), 0
        if sheet is not None and known:
            self._pace.note_written(sheet.document.version)
            self._results = results_in(sheet)

    def _has_new_result(self, sheet: Sheet) -> bool:
        """Whether a result came since the last look: it took long to make, so it is kept at once."""
        before, self._results = self._results, results_in(sheet)
        return self._results > before

    def save_now(self) -> None:
        """Write the recovery file without waiting for a pause: a result has come, or something went wrong."""
        sheet = self._host.sheet
        if sheet is None or not sheet.is_unsaved:
            return
        if sheet is not self._sheet:
            self.look()
        if self._writing:
            self._again = True
            return
        if self._file is None:
            self._file = RecoveryFile.in_folder(self._folder)
        self._writing = True
        self._pace.note_written(sheet.document.version)
        self._spawn(self._write(self._file, sheet.snapshot(), sheet.path))

    def keep_last(self) -> None:
        """Write what is unsaved and wait for the disk: the event loop has ended without the window being closed, as
        when its display went away. Nobody is there to be told of a fault, so that is logged."""
        sheet = self._host.sheet
        if self._closed or sheet is None or not sheet.is_unsaved:
            return
        if sheet is not self._sheet:
            self._let_go()
            self._follow(sheet, known=False)
        file = self._file = self._file or RecoveryFile.in_folder(self._folder)
        snapshot, facts = sheet.snapshot(), _facts(sheet.path)
        try:
            self._pool.submit(lambda: file.write(snapshot.project(facts), self._encoded)).result()
        except MuseStudioError as error:
            log.error("unsaved work was not kept: %s %s", error, error.detail)

    async def _write(self, file: RecoveryFile, snapshot: SheetSnapshot, origin: Path | None) -> None:
        try:
            await self._in_thread(lambda: file.write(snapshot.project(_facts(origin)), self._encoded))
            self._host.dismiss(_TOPIC)
        except MuseStudioError as error:
            words = tr("Your work cannot be kept safe from a crash at the moment.")
            self._host.notify(Notice(NoticeKind.WARNING, f"{words} {error.message}", topic=_TOPIC))
        finally:
            self._writing = False
        if self._again:
            self._again = False
            self.save_now()

    def _let_go(self) -> None:
        if self._file is not None:
            self._file.discard()
            self._file = None

    # Bringing back ------------------------------------------------------------------------------------------------

    async def offer(self, *, asked: bool = False) -> None:
        """Show what earlier sessions left; nothing is shown if they left nothing, unless a person `asked`."""
        found = await self._in_thread(lambda: orphans(self._folder))
        if not found:
            if asked:
                none = tr("There is no unsaved work to recover.")
                self._host.notify(Notice(NoticeKind.INFO, none, topic=_TOPIC))
            return
        page = RecoveryPage(self._host.widget(), found)
        page.on_discard = lambda orphan: self._spawn(self._discard(page, orphan))
        await finished(page)
        chosen = page.chosen
        page.deleteLater()
        if chosen is not None:
            await self.open(chosen)

    async def _discard(self, page: RecoveryPage, orphan: Orphan) -> None:
        if not await ask_discard(page, orphan.title):
            return
        try:
            await self._in_thread(orphan.discard)
        except MuseStudioError as error:
            self._host.notify(notice_of(error))
            return
        page.take_away(orphan)

    async def open(self, orphan: Orphan) -> bool:
        """Go on with recovered work: an unsaved document that is saved where it came from. True when it is shown."""
        if not await self._files.may_lose():
            return False
        try:
            loaded = await self._in_thread(lambda: load_project(orphan.path))
            file = await self._in_thread(orphan.adopt)
        except MuseStudioError as error:
            self._host.notify(notice_of(error))
            return False
        sheet = Sheet(loaded.document, orphan.title, is_new=True, runs=loaded.runs)
        sheet.path = orphan.origin  # without a stamp: before it is replaced, a person is asked
        self._let_go()
        self._follow(sheet, known=True)
        self._file = file
        self._host.start_over(sheet, loaded.shown)
        return True

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.wrap_future(self._pool.submit(work))  # asks for no running loop: Qt may turn alone


def _facts(origin: Path | None) -> dict[str, str]:
    """What a recovery file says beside the project: where that was saved, if it was."""
    return {} if origin is None else {ORIGIN: str(origin)}


def results_in(sheet: Sheet) -> int:
    """How many results the document holds: layers that say which run made them, and the newest request."""
    made = sum("run" in layer.variations[layer.chosen].facts for layer in sheet.document.layers)
    return made + (sheet.request is not None)
