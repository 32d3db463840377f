"""Pictures in and out of the window: open, drop, paste, new, export, save, and the question before anything is lost.

Reading and writing run in a thread of their own and touch no Qt object. Knows nothing about jobs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QMimeData
from PySide6.QtWidgets import QDialog, QWidget

from muse_studio.core.composite import export_picture, full_picture
from muse_studio.core.document import Document
from muse_studio.core.errors import MuseStudioError
from muse_studio.core.files import atomic_write
from muse_studio.core.geometry import Extent
from muse_studio.core.metadata import read_request_text, request_text
from muse_studio.core.pictures import Picture, decode_picture, encode_png, open_picture
from muse_studio.gui.dialogs import NewDocument, Unsaved, ask_open, ask_save, ask_unsaved, finished
from muse_studio.gui.incoming import Incoming, PictureFile, find_picture
from muse_studio.gui.message_bar import Notice, NoticeAction, NoticeKind, notice_of
from muse_studio.gui.sheet import Sheet

T = TypeVar("T")
Pixels = NDArray[np.uint8]

_TOPIC = "files"


class FileHost(Protocol):
    """What the window offers to this desk."""

    @property
    def sheet(self) -> Sheet | None: ...

    def widget(self) -> QWidget:
        """The parent of dialogs."""
        ...

    def start_over(self, sheet: Sheet) -> None:
        """Show a sheet instead of the one that is there."""
        ...

    def refresh(self) -> None:
        """A file now holds the current sheet: make all labels true."""
        ...

    def remember_file(self, path: Path) -> None:
        """Put a picture at the head of the recent files."""
        ...

    def use_settings(self, settings: Mapping[str, Any]) -> None:
        """Fill the panel from a picture's own settings."""
        ...

    def facts(self) -> Mapping[str, Any]:
        """What a saved picture says beside its request: model, version."""
        ...

    def notify(self, notice: Notice) -> None: ...


class FileDesk:
    """Opens and writes pictures for one window."""

    def __init__(self, host: FileHost, folder: Path | None) -> None:
        """folder: where dialogs begin; None is the home folder."""
        self._host = host
        self.folder = folder
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="pictures")

    def close(self) -> None:
        """End the thread; nothing can be opened or written afterwards."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    async def open(self) -> None:
        """Ask for a picture and open it."""
        path = await ask_open(self._host.widget(), self.folder)
        if path is not None:
            await self.take(PictureFile(path))

    async def take_mime(self, mime: QMimeData, name: str) -> None:
        """Open what was dropped or pasted; say so if it holds no picture."""
        found = find_picture(mime, name)
        if found is None:
            self._tell(NoticeKind.INFO, f"The {name} holds no picture. Copy or drag a PNG, JPEG or WebP.")
            return
        await self.take(found)

    async def take(self, incoming: Incoming) -> None:
        """Open a picture as a new document. The one that is there stays, untouched, if anything goes wrong."""
        if not await self.may_lose():
            return
        try:
            picture, document = await self._in_thread(lambda: _load(incoming))
        except MuseStudioError as error:
            self._host.notify(notice_of(error))
            return
        path = incoming.path.absolute() if isinstance(incoming, PictureFile) else None
        title = path.name if path is not None else "Pasted picture"
        self._host.start_over(Sheet(document, title, is_new=path is None))
        if path is not None:
            self.folder = path.parent
            self._host.remember_file(path)
        self._tell_about(picture)

    async def new(self) -> None:
        """Ask for a size and begin an empty document."""
        dialog = NewDocument(self._host.widget())
        code = await finished(dialog)
        dialog.deleteLater()
        if code != QDialog.DialogCode.Accepted or not await self.may_lose():
            return
        self._host.start_over(Sheet(Document(blank(dialog.extent, white=dialog.white.isChecked())), "Untitled"))

    async def export(self) -> bool:
        """Write the frame as a 512×512 PNG that carries its prompt and settings. True when it was written."""
        sheet = self._host.sheet
        if sheet is None:
            return False
        path = await ask_save(self._host.widget(), "Export 512 × 512 PNG", self._suggest(sheet, "512"))
        return path is not None and await self.export_to(path)

    async def export_to(self, path: Path) -> bool:
        """As `export`, without asking. A document that is nothing but its frame counts as saved."""
        sheet = self._host.sheet
        if sheet is None:
            return False
        document = sheet.document
        whole = document.frame == document.bounds
        written = await self._write(sheet, path, export_picture(document), "Exported")
        if written and whole:
            sheet.mark_saved()
            self._host.refresh()
        return written

    async def save(self) -> bool:
        """Write the whole document as a PNG, to its own file if that is one. True when it was written."""
        sheet = self._host.sheet
        if sheet is None:
            return False
        path = sheet.path
        if path is None:
            path = await ask_save(self._host.widget(), "Save full-size PNG", self._suggest(sheet, "edited"))
        return path is not None and await self.save_to(path)

    async def save_to(self, path: Path) -> bool:
        """As `save`, without asking."""
        sheet = self._host.sheet
        if sheet is None:
            return False
        written = await self._write(sheet, path, full_picture(sheet.document).copy(), "Saved")
        if written:
            sheet.mark_saved(path)
            self._host.remember_file(path)
            self._host.refresh()
        return written

    async def may_lose(self) -> bool:
        """True when nothing is unsaved, or the person saved it or lets it go."""
        sheet = self._host.sheet
        if sheet is None or not sheet.is_unsaved:
            return True
        answer = await ask_unsaved(self._host.widget(), sheet.title)
        return await self.save() if answer is Unsaved.SAVE else answer is Unsaved.DISCARD

    async def _write(self, sheet: Sheet, path: Path, pixels: Pixels, done: str) -> bool:
        text = {} if sheet.request is None else request_text(sheet.request, self._host.facts())
        try:
            await self._in_thread(lambda: atomic_write(path, encode_png(pixels, text)))
        except MuseStudioError as error:
            self._host.notify(notice_of(error))
            return False
        self.folder = path.parent
        self._tell(NoticeKind.GOOD, f"{done} {path.name} in {path.parent}.")
        return True

    def _suggest(self, sheet: Sheet, suffix: str) -> Path:
        stem = "".join(c if c.isalnum() or c in " -_" else " " for c in Path(sheet.title).stem)[:60].strip()
        return (self.folder or Path.home()) / f"{stem or 'picture'}-{suffix}.png"

    def _tell_about(self, picture: Picture) -> None:
        if picture.notes:
            self._tell(NoticeKind.INFO, " ".join(picture.notes))
        settings = read_request_text(picture.text)
        if settings is not None:
            use = NoticeAction("Use them", lambda: self._host.use_settings(settings))
            message = "This picture carries the prompt and settings that made it."
            self._host.notify(Notice(NoticeKind.INFO, message, (use,), topic=_TOPIC))

    def _tell(self, kind: NoticeKind, message: str) -> None:
        self._host.notify(Notice(kind, message, topic=_TOPIC))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)


def blank(extent: Extent, *, white: bool) -> Pixels:
    """uint8 [H, W, 4]: opaque white, or wholly transparent."""
    pixels = np.full((extent.height, extent.width, 4), 255, np.uint8)
    if not white:
        pixels[..., 3] = 0
    return pixels


def _load(incoming: Incoming) -> tuple[Picture, Document]:
    if isinstance(incoming, PictureFile):
        picture = open_picture(incoming.path)
        return picture, Document.of_picture(picture, incoming.path)
    picture = decode_picture(incoming.data, incoming.name)
    return picture, Document.of_picture(picture)
