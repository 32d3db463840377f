"""Joins the list of LoRAs to files and to the worker, which alone can say whether a file fits the model.

A file is asked about before it is in the list: what does not fit is told in words, and nothing else has changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData

from muse_studio.core.errors import MuseStudioError
from muse_studio.core.files import printable
from muse_studio.core.limits import LORAS_LIMIT
from muse_studio.core.loras import SUFFIX, LoraFile, LoraUse, found, paths_of, sound_uses, with_file
from muse_studio.core.request import EditRequest
from muse_studio.core.settings import Settings
from muse_studio.gui.file_questions import ask_open_lora
from muse_studio.gui.language import noop, tr
from muse_studio.gui.loras import IS_FIXED, TAKES_NONE
from muse_studio.gui.message_bar import Notice, NoticeKind, notice_of

if TYPE_CHECKING:
    from muse_studio.gui.main_window import MainWindow

TOPIC = "loras"
NOT_TAKEN = noop("LoRA files change published models, such as aMUSEd. Choose one of those first.")


class LoraDesk:
    """One window's LoRA files. files: those that were used, newest first."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._section = window.panel.loras
        self.files: tuple[LoraFile, ...] = ()
        self._looking: list[str] = []
        slot = window.faults.slot
        self._section.wanted.connect(slot(self.choose))
        self._section.recalled.connect(slot(lambda path: self.add([Path(path)])))
        self._section.shown.connect(slot(self._look_for_files))

    def restore(self, settings: Settings) -> tuple[LoraUse, ...]:
        """What is known from earlier; returns what was in the list."""
        self.files = settings.lora_files
        self._section.know(self.files)
        return sound_uses(list(settings.loras))

    def with_files(self, request: EditRequest) -> EditRequest:
        """With the places of its LoRAs' files, as far as they are known."""
        return replace(request, loras=found(request.loras, paths_of(self.files))) if request.loras else request

    # Adding

    def choose(self) -> None:
        """Ask for a file and add it."""
        self._window.faults.spawn(self._choose())

    async def _choose(self) -> None:
        if self._refuses():
            return
        last = Path(self.files[0].path).parent if self.files else self._window.files.folder
        path = await ask_open_lora(self._window, last)
        if path is not None:
            await self._add([path])

    def add(self, paths: Sequence[Path]) -> None:
        """Put files into the list, if they fit the model."""
        self._window.faults.spawn(self._add(paths))

    def take_drop(self, mime: QMimeData) -> bool:
        """Add the LoRA files that were dropped; False where something else was."""
        paths = [Path(url.toLocalFile()) for url in (mime.urls() if mime.hasUrls() else ()) if url.isLocalFile()]
        if not paths or any(path.suffix.lower() != SUFFIX for path in paths):
            return False
        self.add(paths)
        return True

    async def _add(self, paths: Sequence[Path]) -> None:
        if self._refuses():
            return
        for path in paths:
            name = printable(path.name)
            if len(self._section.rows) >= LORAS_LIMIT:
                self._tell(NoticeKind.WARNING, tr("At most {count} LoRAs are used at once.", count=LORAS_LIMIT))
                return
            self._show_looking([*self._looking, name])
            try:
                self._put(await self._window.client.look_at_lora(path))
            except MuseStudioError as error:
                self._window.notify(replace(notice_of(error), topic=f"{TOPIC} {name}"))
            finally:
                self._looking.remove(name)
                self._show_looking(self._looking)

    def _refuses(self) -> bool:
        """Whether the model takes none; said in words."""
        reason = self.why_none
        if reason:
            self._tell(NoticeKind.WARNING, tr(IS_FIXED if reason == IS_FIXED else NOT_TAKEN))
        return bool(reason)

    def _put(self, use: LoraUse) -> None:
        self.files = with_file(self.files, use.path, use.sha256)
        self._section.know(self.files)
        self._section.put(use)
        self._window.panel.loras_section.button.setChecked(True)

    def _show_looking(self, names: list[str]) -> None:
        self._looking = names
        self._section.show_looking(names)

    # What is true now

    @property
    def why_none(self) -> str:
        """Why LoRAs have no effect on the model in use, in English; "" where they have."""
        model = self._window.making.model
        return "" if model.shape.takes_loras else IS_FIXED if model.has_fixed_loras else TAKES_NONE

    def refresh(self) -> None:
        """Another model, or it has said more of itself."""
        self._window.panel.show_taking(self.why_none)

    def _look_for_files(self) -> None:
        """Whether the files of the list are still where they were: a disk may take its time to say so."""
        paths = {row.use.path for row in self._section.rows if row.use.path}
        if paths:
            self._window.faults.spawn(self._look(paths))

    async def _look(self, paths: set[str]) -> None:
        gone = await self._window.files.in_thread(lambda: {path for path in paths if not Path(path).is_file()})
        if gone:
            self._section.know(self.files, gone)

    def _tell(self, kind: NoticeKind, words: str) -> None:
        self._window.notify(Notice(kind, words, topic=TOPIC))
