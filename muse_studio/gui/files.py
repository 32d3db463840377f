"""Documents in and out of the window: open, drop, paste, new, save, and the question before anything is lost.

Reading and writing run in a thread of their own and touch no Qt object. Knows nothing about jobs; pictures for others
are written by `exports`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QMimeData
from PySide6.QtWidgets import QDialog, QWidget

from muse_studio.core.document import Document
from muse_studio.core.errors import MuseStudioError
from muse_studio.core.files import FileStamp, atomic_write_parts, printable
from muse_studio.core.geometry import Extent
from muse_studio.core.metadata import read_request_text
from muse_studio.core.pictures import decode_picture, read_bounded
from muse_studio.core.project.archive import is_archive
from muse_studio.core.project.encoded import EncodedPixels
from muse_studio.core.project.reading import read_project
from muse_studio.core.project.writing import project_parts
from muse_studio.core.run_files import runs_from_files
from muse_studio.core.runs import RunTree
from muse_studio.gui.canvas.picture import PictureCache
from muse_studio.gui.dialogs import NewDocument, finished
from muse_studio.gui.file_questions import (
    PROJECT_SUFFIX,
    Changed,
    Unsaved,
    ask_changed,
    ask_open,
    ask_save,
    ask_unsaved,
)
from muse_studio.gui.incoming import Incoming, PictureFile, find_picture
from muse_studio.gui.language import tr
from muse_studio.gui.message_bar import Notice, NoticeAction, NoticeKind, notice_of
from muse_studio.gui.sheet import Sheet, SheetSnapshot

T = TypeVar("T")
Pixels = NDArray[np.uint8]

SETTINGS_TOPIC = "settings of a picture"
_TOPIC = "files"
_PATIENCE_S = 0.7  # saving that takes longer says that it goes on


class FileHost(Protocol):
    """What the window offers to this desk."""

    @property
    def sheet(self) -> Sheet | None: ...

    def widget(self) -> QWidget:
        """The parent of dialogs."""
        ...

    def start_over(self, sheet: Sheet, shown: PictureCache | None = None) -> None:
        """Show a sheet instead of the one that is there. shown: its pixels, made ready in a thread."""
        ...

    def refresh(self) -> None:
        """A file now holds the current sheet: make all labels true."""
        ...

    def remember_file(self, path: Path) -> None:
        """Put a file at the head of the recent ones."""
        ...

    def use_settings(self, settings: Mapping[str, Any]) -> None:
        """Fill the panel from a picture's own settings."""
        ...

    def notify(self, notice: Notice) -> None: ...


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was in a file.

    title:    of a project that a recovery file held; "" for any other.
    stamp:    what the file looked like before it was read.
    settings: what made a picture, if it says so.
    owned:    whether saving may write over the file: it is a project, and nothing in it was simplified.
    shown:    the document's pixels ready for the canvas; of 64 MP that takes half a second, so the thread does it.
    """

    document: Document
    runs: RunTree
    shown: PictureCache
    stamp: FileStamp | None = None
    title: str = ""
    notes: tuple[str, ...] = ()
    settings: Mapping[str, Any] | None = None
    owned: bool = False
    facts: Mapping[str, Any] | None = None


class FileDesk:
    """Opens and writes documents for one window."""

    def __init__(self, host: FileHost, folder: Path | None) -> None:
        """folder: where dialogs begin; None is the home folder."""
        self._host = host
        self.folder = folder
        self.encoded = EncodedPixels()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="files")

    def close(self) -> None:
        """End the thread; nothing can be opened or written afterwards."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    # In -----------------------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Ask for a picture or project and open it."""
        path = await ask_open(self._host.widget(), self.folder)
        if path is not None:
            await self.take(PictureFile(path))

    async def take_mime(self, mime: QMimeData, name: str) -> None:
        """Open what was dropped or pasted; say so if it holds no picture."""
        found = find_picture(mime, name)
        if found is None:
            dropped = tr("What was dropped holds no picture. Drag a PNG, JPEG, WebP or a project.")
            pasted = tr("The clipboard holds no picture. Copy a PNG, JPEG or WebP first.")
            self._tell(NoticeKind.INFO, dropped if name == "drop" else pasted)
            return
        await self.take(found)

    async def take(self, incoming: Incoming) -> None:
        """Open a picture or project as a new document. The one that is there stays if anything goes wrong."""
        if not await self.may_lose():
            return
        try:
            loaded = await self.in_thread(lambda: load(incoming))
        except MuseStudioError as error:
            self._host.notify(notice_of(error))
            return
        path = incoming.path.absolute() if isinstance(incoming, PictureFile) else None
        title = printable(path.name) if path is not None else tr("Pasted picture")
        sheet = Sheet(loaded.document, title, is_new=path is None, runs=loaded.runs)
        if loaded.owned:
            sheet.path, sheet.stamp = path, loaded.stamp
        self._host.start_over(sheet, loaded.shown)
        if path is not None:
            self.folder = path.parent
            self._host.remember_file(path)
        self._tell_about(loaded)

    async def new(self) -> None:
        """Ask for a size and begin an empty document."""
        dialog = NewDocument(self._host.widget())
        code = await finished(dialog)
        dialog.deleteLater()
        if code != QDialog.DialogCode.Accepted or not await self.may_lose():
            return
        document = Document(blank(dialog.extent, white=dialog.white.isChecked()))
        self._host.start_over(Sheet(document, tr("Untitled")))

    # Out ----------------------------------------------------------------------------------------------------------

    async def save(self) -> bool:
        """Write the project to its own file, or ask where if it has none. True when it was written.

        A file that another program has written since is not replaced without a question.
        """
        sheet = self._host.sheet
        if sheet is None:
            return False
        path, stamp = sheet.path, sheet.stamp
        if path is None:
            return await self.save_as()
        now = await self.in_thread(lambda: FileStamp.of(path))
        if now is not None and now != stamp:
            answer = await ask_changed(self._host.widget(), path)
            if answer is not Changed.REPLACE:
                return answer is Changed.ELSEWHERE and await self.save_as()
        return await self.save_to(path)

    async def save_as(self) -> bool:
        """Ask for a name and write the project there; it is saved there from then on."""
        sheet = self._host.sheet
        if sheet is None:
            return False
        suggested = self.suggest(sheet, PROJECT_SUFFIX) if sheet.path is None else sheet.path
        path = await ask_save(self._host.widget(), tr("Save the project"), suggested)
        return path is not None and await self.save_to(path)

    async def save_to(self, path: Path) -> bool:
        """Write the project, without asking. What is changed while it is written stays unsaved."""
        sheet = self._host.sheet
        if sheet is None:
            return False
        snapshot = sheet.snapshot()
        try:
            stamp = await self._patiently(path, lambda: self._write(path, snapshot))
        except MuseStudioError as error:
            self._host.notify(notice_of(error))
            return False
        sheet.note_saved(path, stamp, snapshot.version)
        self.folder = path.parent
        self._host.remember_file(path)
        self._host.refresh()
        name, folder = printable(path.name), printable(str(path.parent))
        self._tell(NoticeKind.GOOD, tr("Saved {name} in {folder}.", name=name, folder=folder))
        return True

    def _write(self, path: Path, snapshot: SheetSnapshot) -> FileStamp | None:
        atomic_write_parts(path, project_parts(snapshot.project(), self.encoded))
        return FileStamp.of(path)

    async def _patiently(self, path: Path, work: Callable[[], T]) -> T:
        """The result of work in the thread; says that it goes on if it takes long."""
        task = asyncio.ensure_future(self.in_thread(work))
        done, _ = await asyncio.wait([task], timeout=_PATIENCE_S)
        if not done:
            self._tell(NoticeKind.INFO, tr("Saving {name}… You can go on painting.", name=printable(path.name)))
        return await task

    async def may_lose(self) -> bool:
        """True when nothing is unsaved, or the person saved it or lets it go."""
        sheet = self._host.sheet
        if sheet is None or not sheet.is_unsaved:
            return True
        answer = await ask_unsaved(self._host.widget(), sheet.title)
        return await self.save() if answer is Unsaved.SAVE else answer is Unsaved.DISCARD

    def suggest(self, sheet: Sheet, ending: str) -> Path:
        """A sound file name in the folder that was used last."""
        stem = "".join(c if c.isalnum() or c in " -_" else " " for c in Path(sheet.title).stem)[:60].strip(" -")
        return (self.folder or Path.home()) / f"{stem or 'picture'}{ending}"

    def _tell_about(self, loaded: Loaded) -> None:
        if loaded.notes:
            self._tell(NoticeKind.INFO, " ".join(loaded.notes))
        settings = loaded.settings
        if settings is not None:
            use = NoticeAction(tr("Use them"), lambda: self._host.use_settings(settings))
            message = tr("This picture carries the prompt and settings that made it.")
            self._host.notify(Notice(NoticeKind.INFO, message, (use,), topic=SETTINGS_TOPIC))

    def _tell(self, kind: NoticeKind, message: str) -> None:
        self._host.notify(Notice(kind, message, topic=_TOPIC))

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Do this after everything else that reads or writes; it may touch no Qt object."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)


def blank(extent: Extent, *, white: bool) -> Pixels:
    """uint8 [H, W, 4]: opaque white, or wholly transparent."""
    pixels = np.full((extent.height, extent.width, 4), 255, np.uint8)
    if not white:
        pixels[..., 3] = 0
    return pixels


def load(incoming: Incoming) -> Loaded:
    """What was given, whatever its name says. MuseStudioError says why it cannot be opened."""
    if not isinstance(incoming, PictureFile):
        return _of_picture(incoming.data, incoming.name, None, None)
    path = incoming.path
    stamp = FileStamp.of(path)
    if path.suffix.lower() == PROJECT_SUFFIX:
        return load_project(path)
    data = read_bounded(path)
    return load_project(path) if is_archive(data[:8]) else _of_picture(data, path.name, path, stamp)


def load_project(path: Path) -> Loaded:
    """A project with its runs. MuseStudioError says why it cannot be opened."""
    stamp = FileStamp.of(path)
    project = read_project(path)
    notes = list(project.notes)
    try:
        runs = runs_from_files(project.runs)
    except MuseStudioError as fault:
        runs = RunTree()
        notes.append(f"The steps of its decodes were left out: {fault.message}")
    if runs.left_out:
        notes.append(f"{runs.left_out} damaged runs were left out.")
    document = Document.of_state(project.state, path)
    shown = PictureCache.of(document.picture)
    return Loaded(document, runs, shown, stamp, project.title, tuple(notes), owned=not notes, facts=project.facts)


def _of_picture(data: bytes, name: str, path: Path | None, stamp: FileStamp | None) -> Loaded:
    picture = decode_picture(data, name)
    document = Document.of_picture(picture, path)
    shown, settings = PictureCache.of(document.picture), read_request_text(picture.text)
    return Loaded(document, RunTree(), shown, stamp, notes=picture.notes, settings=settings)
