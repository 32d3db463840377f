"""What is done with the gallery's pictures: kept, applied, opened, used again, starred, deleted. Knows no widgets.

Files are read and written in a thread of its own. A picture that cannot be kept is told of, and the job's result stays
in the document as if nothing had been.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import QFile, QMimeData, QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QWidget

from muse_studio.client.jobs import Job, JobResult, JobState
from muse_studio.core.entries import Entry
from muse_studio.core.errors import MuseStudioError
from muse_studio.core.gallery import Gallery, delete_file
from muse_studio.core.geometry import Rect
from muse_studio.core.tokens import TokenState
from muse_studio.core.wishes import Wishes, wishes_of
from muse_studio.gui.dialogs import ask_delete
from muse_studio.gui.faults import Faults
from muse_studio.gui.language import noop, tr
from muse_studio.gui.message_bar import Notice, NoticeAction, NoticeKind
from muse_studio.gui.panels.thumbnails import ENTRY_MIME

T = TypeVar("T")
Pixels = NDArray[np.uint8]

_TOPIC = "gallery"

SETTINGS = (
    (noop("Prompt"), ("prompt",)),
    (noop("Negative prompt"), ("negative_prompt",)),
    (noop("Seed"), ("seed",)),
    (noop("Steps, guidance and temperature"), ("base", "superres")),
    (noop("LoRAs"), ("loras",)),
    (noop("Mode"), ("aim",)),
    (noop("Size"), ("size",)),
    (noop("Strength"), ("strength",)),
    (noop("Share to re-roll"), ("share",)),
)
"""What can be taken over from a picture, each by itself: its words, and the wishes that it fills."""


class GalleryHost(Protocol):
    """What the window offers to this desk."""

    def widget(self) -> QWidget:
        """The parent of dialogs."""
        ...

    def notify(self, notice: Notice) -> None: ...

    def facts(self) -> Mapping[str, Any]:
        """What a kept picture says beside its request: model, version."""
        ...

    def open_path(self, path: Path) -> None:
        """Open a picture as a document."""
        ...

    def frame(self) -> Rect | None:
        """The document's frame; None where there is no document."""
        ...

    def place_picture(
        self, place: Rect, pixels: Pixels, name: str, facts: Mapping[str, Any], tokens: TokenState | None
    ) -> None:
        """Put a picture, uint8 [h, w, 4] of the place's extent, into the document; without one, begin one with it."""
        ...

    def current_wishes(self) -> Wishes:
        """What the panel asks for now, without rolling the seed."""
        ...

    def use_wishes(self, wishes: Wishes, *, lock_seed: bool) -> None:
        """Fill the panel; `lock_seed` keeps the seed for the next job."""
        ...


class GalleryDesk(QObject):
    """One window's way to the gallery."""

    changed = Signal()
    """There are other entries, or one of them changed."""

    def __init__(self, host: GalleryHost, faults: Faults, gallery: Gallery | None = None) -> None:
        super().__init__()
        self._host, self._faults = host, faults
        self.gallery = gallery or Gallery()
        self.loaded = False
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="gallery")

    def close(self) -> None:
        """Write the index and end the thread."""
        self._pool.submit(self.gallery.save_index)
        self._pool.shutdown(wait=True)

    def refresh(self) -> None:
        """Look at the folder, now and without waiting."""
        self._faults.spawn(self._refresh())

    async def _refresh(self) -> None:
        await self._in_thread(self.gallery.load)
        self.loaded = True
        self.changed.emit()

    # Keeping

    def keep_job(self, job: Job) -> None:
        """Keep every variation that a job has finished."""
        if job.state is JobState.FINISHED:
            for result in job.results:
                self.keep(job, result)

    def keep(self, job: Job, result: JobResult, **more: Any) -> None:
        """Keep one finished variation. more: facts beside the model and the seconds, JSON-able."""
        facts = {**self._host.facts(), "seconds": round(result.seconds, 3), **more}
        tokens = None if result.base_tokens is None else TokenState.whole(result.base_tokens, result.superres_tokens)
        self._faults.spawn(
            self._change(lambda: self.gallery.keep(result.picture, job.request, result.variation, facts, tokens))
        )

    async def _change(self, work: Callable[[], T]) -> T:
        done = await self._in_thread(work)
        self.changed.emit()
        await self._mind_the_room()
        return done

    async def _mind_the_room(self) -> None:
        """Tell that the history is nearly full; once told, and full, let the oldest go and say how many went."""
        gallery = self.gallery
        if not gallery.told and gallery.is_nearly_full:
            await self._in_thread(gallery.mark_told)
            used, most = (f"{size / 2**30:.1f}" for size in (gallery.size_bytes, gallery.limit_bytes))
            self._tell(
                NoticeKind.WARNING,
                tr(
                    "The history takes {used} of {most} GB. When it is full, its oldest pictures are deleted. Star "
                    "those that shall stay.",
                    used=used,
                    most=most,
                ),
            )
        elif gallery.told and gallery.size_bytes > gallery.limit_bytes:
            count = await self._in_thread(gallery.make_room)
            if count:
                self.changed.emit()
                self._tell(
                    NoticeKind.INFO,
                    tr("The history was full: its {count} oldest pictures without a star were deleted.", count=count),
                )

    # Using

    def apply(self, entry: Entry) -> None:
        """Put the picture into the document at the frame, above what is there; without a document, begin one."""
        self._faults.spawn(self._apply(entry))

    async def _apply(self, entry: Entry) -> None:
        picture, settings, tokens = await self._in_thread(lambda: self.gallery.contents(entry))
        facts = {} if settings is None else {"request": settings, "model": entry.model, "seed": entry.seed}
        name = " ".join(entry.prompt.split())[:40] or tr("From the history")
        frame = self._host.frame() or Rect(0, 0, entry.extent.width, entry.extent.height)
        place, pixels = await self._in_thread(lambda: fitted(picture.pixels, frame))
        self._host.place_picture(place, pixels, name, facts, tokens)

    def apply_mime(self, mime: QMimeData) -> bool:
        """Apply what was dragged out of the gallery; False where something else was dragged."""
        if not mime.hasFormat(ENTRY_MIME):
            return False
        names = bytes(mime.data(ENTRY_MIME).data()).decode("utf-8", "surrogateescape").split("\n")
        for entry in [entry for entry in self.gallery.entries if entry.name in names]:
            self.apply(entry)
        return True

    def open(self, entry: Entry) -> None:
        """Open the picture as a document of its own."""
        self._host.open_path(self.gallery.path(entry))

    def use(self, entry: Entry, names: Sequence[str] | None = None) -> None:
        """Take over some of the entry's wishes, by the names of their fields; None takes them all."""
        self._faults.spawn(self._use(entry, names))

    async def _use(self, entry: Entry, names: Sequence[str] | None) -> None:
        settings = await self._in_thread(lambda: self.gallery.settings(entry))
        if settings is None:
            self._tell(NoticeKind.INFO, tr("This picture carries no settings."))
            return
        wishes = wishes_of(settings)
        if names is not None:
            wishes = replace(self._host.current_wishes(), **{name: getattr(wishes, name) for name in names})
        self._host.use_wishes(wishes, lock_seed=names is None or "seed" in names)

    def copy_prompt(self, entry: Entry) -> None:
        QGuiApplication.clipboard().setText(entry.prompt)

    def show_in_folder(self, entry: Entry) -> None:
        """Open the folder in the desktop's own file window."""
        folder = self.gallery.path(entry).parent
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self._tell(NoticeKind.INFO, tr("The pictures are in {folder}.", folder=folder))

    # Changing

    def star(self, entries: Sequence[Entry], starred: bool) -> None:
        """Put a star on pictures, or take it off."""
        self._faults.spawn(self._change(lambda: [self.gallery.star(entry, starred) for entry in entries]))

    def delete(self, entries: Sequence[Entry]) -> None:
        """To the system's trash; where that cannot be, for good, after a question."""
        self._faults.spawn(self._delete(tuple(entries)))

    async def _delete(self, entries: tuple[Entry, ...]) -> None:
        left = await self._change(lambda: self.gallery.delete(entries, to_trash))
        moved = len(entries) - len(left)
        if moved:
            words = (
                tr("One picture is in the trash.")
                if moved == 1
                else tr("{count} pictures are in the trash.", count=moved)
            )
            self._tell(NoticeKind.INFO, words)
        if left and await ask_delete(self._host.widget(), len(left)):
            still = await self._change(lambda: self.gallery.delete(left, delete_file))
            if still:
                self._tell(NoticeKind.ERROR, tr("{count} pictures could not be deleted.", count=len(still)))

    async def pixels(self, entry: Entry) -> Pixels | None:
        """The whole picture, uint8 [H, W, 4]; None where it cannot be opened."""
        try:
            return (await self._in_thread(lambda: self.gallery.picture(entry))).pixels
        except MuseStudioError:
            return None

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_event_loop().run_in_executor(self._pool, work)

    def _tell(self, kind: NoticeKind, message: str, *actions: NoticeAction) -> None:
        self._host.notify(Notice(kind, message, actions, topic=_TOPIC))


def fitted(pixels: Pixels, frame: Rect) -> tuple[Rect, Pixels]:
    """As large as the frame lets it be with its own proportions, in the middle: where, and uint8 [h, w, 4] of it."""
    height, width = pixels.shape[:2]
    scale = min(frame.width / width, frame.height / height)
    if scale == 1:
        size = (width, height)
    else:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        pixels = np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))
    left, top = (frame.width - size[0]) // 2, (frame.height - size[1]) // 2
    return Rect(frame.x + left, frame.y + top, *size), pixels


def to_trash(path: Path) -> bool:
    """Move a file to the system's trash; False where there is none for it."""
    return bool(QFile.moveToTrash(str(path)))
