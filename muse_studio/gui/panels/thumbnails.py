"""The gallery's entries as a list that Qt can show, and their thumbnails, loaded in threads as they come into sight.

Knows nothing of what is done with an entry. However long the list, only what is seen is loaded, the newest wish first.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractListModel, QMimeData, QModelIndex, QPersistentModelIndex, Qt, QUrl
from PySide6.QtGui import QImage, QPixmap

from muse_studio.core.entries import Entry
from muse_studio.core.errors import MuseStudioError
from muse_studio.core.gallery import Gallery
from muse_studio.gui.faults import Faults
from muse_studio.gui.language import tr

Pixels = NDArray[np.uint8]
AnyIndex = QModelIndex | QPersistentModelIndex

ENTRY_MIME = "application/x-muse-studio-entry"
"""Names of entries, one a line: a drag out of the gallery that comes back into the window."""

_KEPT = 400  # pixmaps: 80 MB at most
_WANTED = 256  # more than any window shows; what was scrolled past is forgotten
_LOADERS = 2


class EntryList(QAbstractListModel):
    """Entries in the order they are shown."""

    def __init__(self, gallery: Gallery, faults: Faults) -> None:
        super().__init__()
        self._gallery, self._faults = gallery, faults
        self._entries: tuple[Entry, ...] = ()
        self._rows: dict[str, int] = {}
        self._pixmaps: OrderedDict[str, QPixmap | None] = OrderedDict()
        self._wanted: OrderedDict[str, Entry] = OrderedDict()
        self._loading: set[str] = set()
        self._loaders = 0
        self._pool = ThreadPoolExecutor(_LOADERS, thread_name_prefix="thumbnails")

    def close(self) -> None:
        """End the threads; nothing is loaded afterwards."""
        self._wanted.clear()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def entry(self, index: AnyIndex) -> Entry:
        return self._entries[index.row()]

    def index_of(self, name: str) -> QModelIndex:
        """Where an entry is shown; an invalid index if it is not."""
        return self.index(self._rows[name]) if name in self._rows else QModelIndex()

    def show(self, entries: Sequence[Entry]) -> None:
        """Other entries. One that is new at the beginning, or changed in its place, keeps the view where it is."""
        entries, before = tuple(entries), self._entries
        if entries[1:] == before and entries:
            self.beginInsertRows(QModelIndex(), 0, 0)
            self._set(entries)
            self.endInsertRows()
        elif [entry.name for entry in entries] == [entry.name for entry in before]:
            self._set(entries)
            for row, (old, new) in enumerate(zip(before, entries, strict=True)):
                if old != new:
                    self.dataChanged.emit(self.index(row), self.index(row))
        else:
            self.beginResetModel()
            self._set(entries)
            self.endResetModel()

    def _set(self, entries: tuple[Entry, ...]) -> None:
        self._entries = entries
        self._rows = {entry.name: row for row, entry in enumerate(entries)}

    # What Qt asks

    def rowCount(self, parent: AnyIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._entries)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        entry = self._entries[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return entry
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"<qt>{escape(tip(entry)).replace(chr(10), '<br>')}</qt>"  # or Qt would guess at markup
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return spoken(entry)
        return None

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsDragEnabled

    def mimeTypes(self) -> list[str]:
        return ["text/uri-list", ENTRY_MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """Files for other programs, names for ourselves."""
        entries = [self.entry(index) for index in indexes]
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(self._gallery.path(entry))) for entry in entries])
        mime.setData(ENTRY_MIME, "\n".join(entry.name for entry in entries).encode("utf-8", "surrogateescape"))
        return mime

    def supportedDragActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction  # never moved: the gallery keeps what it has

    # Thumbnails

    def pixmap(self, entry: Entry) -> QPixmap | None:
        """The entry's thumbnail; None while it is loaded, after which its cell is painted again."""
        if entry.name in self._pixmaps:
            self._pixmaps.move_to_end(entry.name)
            return self._pixmaps[entry.name]
        if entry.name not in self._loading:
            self._wanted[entry.name] = entry
            self._wanted.move_to_end(entry.name)
            while len(self._wanted) > _WANTED:
                self._wanted.popitem(last=False)
            if self._loaders < _LOADERS:
                self._loaders += 1
                self._faults.spawn(self._load())
        return None

    async def _load(self) -> None:
        loop = asyncio.get_event_loop()
        try:
            while self._wanted:
                name, entry = self._wanted.popitem()
                self._loading.add(name)
                pixels = await loop.run_in_executor(self._pool, _small_or_none(self._gallery, entry))
                self._loading.discard(name)
                self._pixmaps[name] = None if pixels is None else pixmap_of(pixels)
                while len(self._pixmaps) > _KEPT:
                    self._pixmaps.popitem(last=False)
                where = self.index_of(name)
                if where.isValid():
                    self.dataChanged.emit(where, where, [Qt.ItemDataRole.DecorationRole])
        finally:
            self._loaders -= 1


def _small_or_none(gallery: Gallery, entry: Entry) -> Callable[[], Pixels | None]:
    """Work for a thread: it knows nothing of Qt. None where the picture cannot be opened."""

    def work() -> Pixels | None:
        try:
            return gallery.thumbnail(entry)
        except MuseStudioError:
            return None

    return work


def pixmap_of(pixels: Pixels) -> QPixmap:
    """uint8 [h, w, 3 or 4] as Qt paints it."""
    pixels = np.ascontiguousarray(pixels)
    height, width, channels = pixels.shape
    kind = QImage.Format.Format_RGBA8888 if channels == 4 else QImage.Format.Format_RGB888
    return QPixmap.fromImage(QImage(pixels.data, width, height, width * channels, kind))  # type: ignore[call-overload]


def tip(entry: Entry) -> str:
    """What is said of an entry, a line for each thing. Plain text: a prompt is never markup."""
    prompt = " ".join(entry.prompt.split())
    shown = prompt if len(prompt) <= 300 else prompt[:299] + "…"
    lines = [shown or tr("Without a prompt")]
    if entry.seed is not None:
        lines.append(tr("Seed {seed}", seed=entry.seed))
    if entry.model:
        lines.append(entry.model)
    lines.append(f"{entry.made:%Y-%m-%d %H:%M}  ·  {entry.extent}")
    return "\n".join(lines)


def spoken(entry: Entry) -> str:
    """What a screen reader says of it."""
    words = tip(entry).replace("\n", ", ")
    return tr("{words}, starred", words=words) if entry.starred else words
