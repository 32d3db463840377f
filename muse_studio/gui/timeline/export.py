"""A decode becomes an animated file: asked for, put together in a thread, written whole or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QDir
from PySide6.QtWidgets import QFileDialog

from muse_studio.core.animation import AnimationWish, StoppedError, animation, over_picture
from muse_studio.core.composite import FEATHER_PX
from muse_studio.core.files import atomic_write, printable
from muse_studio.core.masks import feather
from muse_studio.core.request import EditRequest
from muse_studio.core.run_pictures import StepPicture, preview_pixels
from muse_studio.core.runs import Run, RunStep
from muse_studio.gui.dialogs import finished
from muse_studio.gui.language import tr
from muse_studio.gui.message_bar import Notice, NoticeKind
from muse_studio.gui.sheet import title_of
from muse_studio.gui.timeline.export_dialog import ExportDialog
from muse_studio.gui.timeline.redecode import can_redecode, full_picture

if TYPE_CHECKING:
    from muse_studio.gui.main_window import MainWindow
    from muse_studio.gui.panels.timeline import TimelinePanel
    from muse_studio.gui.timeline.darkroom import Darkroom

Pixels = NDArray[np.uint8]

_TOPIC = "decode"
_GATHERING = 0.6
"""Share of the work that making lost pictures again is said to be."""


class DecodeExport:
    """One at a time; a second one is asked to wait."""

    def __init__(self, window: MainWindow, panel: TimelinePanel, darkroom: Darkroom) -> None:
        self._window, self._panel, self._darkroom = window, panel, darkroom
        self._stopped = self._busy = False

    def ask(self, run: Run, variation: int) -> None:
        """Ask how and where, then write."""
        if self._busy:
            self._tell(NoticeKind.INFO, tr("Another animation is still being written."))
            return
        self._window.faults.spawn(self._ask(run, variation))

    def stop(self) -> None:
        """Stop before the next picture; no file is left."""
        self._stopped = True

    async def _ask(self, run: Run, variation: int) -> None:
        client, steps = self._window.client, list(run.steps[variation])
        there = [step for step in steps if step.picture.has_preview or can_redecode(client, run, step)]
        dialog = ExportDialog(self._window, len(there), len(steps) - len(there), self._panel.steps_a_second)
        wanted = await finished(dialog)
        wish = dialog.wish
        dialog.deleteLater()
        if not wanted:
            return
        target = await self._choose_file(title_of(run.request.prompt), wish)
        if target is not None:
            await self._write(run, there, wish, target)

    async def _choose_file(self, title: str, wish: AnimationWish) -> Path | None:
        folder = self._window.files.folder or Path(QDir.homePath())
        name = "".join(letter if letter.isalnum() or letter in " -_" else "-" for letter in title).strip()
        suggested = folder / f"{name or 'decode'}.{wish.kind.value}"
        kinds = f"{wish.kind.value.upper() if wish.kind == 'gif' else 'WebP'} (*.{wish.kind.value})"
        dialog = QFileDialog(self._window, tr("Export the decode"), str(suggested), kinds)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(wish.kind.value)
        code = await finished(dialog)
        files = dialog.selectedFiles()
        dialog.deleteLater()
        return Path(files[0]) if code and files else None

    async def _gather(self, run: Run, steps: list[RunStep], name: str) -> list[StepPicture]:
        """Every step's picture; those that were let go are made again."""
        found = []
        for number, step in enumerate(steps):
            if step.picture.has_preview:
                found.append(step.picture)
                continue
            self._show(name, _GATHERING * number / len(steps))
            pixels = await full_picture(self._window.client, run, step)
            if self._stopped:
                raise StoppedError
            if pixels is not None:
                found.append(StepPicture(raw=pixels))
        return found

    async def _write(self, run: Run, steps: list[RunStep], wish: AnimationWish, target: Path) -> None:
        self._busy, self._stopped = True, False
        loop = asyncio.get_running_loop()
        name = printable(target.name)

        def progress(share: float) -> bool:
            loop.call_soon_threadsafe(self._show, name, gathered + (1 - gathered) * share)
            return not self._stopped

        gathered = 0.0 if all(step.picture.has_preview for step in steps) else _GATHERING
        self._show(name, 0.0)
        try:
            kept = await self._gather(run, steps, name)
            await self._darkroom.in_thread(write_animation, run.request, kept, wish, target, progress)
        except StoppedError:
            self._tell(NoticeKind.INFO, tr("Writing “{name}” was stopped; no file is left.", name=name))
        else:
            self._tell(NoticeKind.GOOD, tr("The decode was written to “{name}”.", name=name))
        finally:
            self._busy = False
            self._panel.show_writing("", None)

    def _show(self, name: str, share: float) -> None:
        if self._busy:
            self._panel.show_writing(tr("Writing “{name}”", name=name), share)

    def _tell(self, kind: NoticeKind, words: str) -> None:
        self._window.notify(Notice(kind, words, topic=_TOPIC))


def write_animation(
    request: EditRequest, kept: list[StepPicture], wish: AnimationWish, target: Path, progress: Callable[[float], bool]
) -> None:
    """Put it together and write it; in a thread. StoppedError, MuseStudioError."""
    alpha = None if request.mask is None else feather(request.mask, FEATHER_PX)
    pictures = [partial(_pixels, picture, request.picture, alpha) for picture in kept]
    data = animation(pictures, wish, progress)
    if not progress(1.0):
        raise StoppedError
    atomic_write(target, data)


def _pixels(picture: StepPicture, ground: Pixels | None, alpha: Pixels | None) -> Pixels:
    pixels = preview_pixels(picture)
    assert pixels is not None, "only pictures that have a preview are written"
    return pixels if ground is None or alpha is None else over_picture(pixels, ground, alpha)
