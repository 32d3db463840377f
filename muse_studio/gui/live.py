"""Live painting: after every change a draft of what Generate would make is shown on the canvas, and nothing is kept.

A draft is a small job that no list knows. Whatever a person asks for goes before it, and a newer draft cancels it. Its
seed is the one that Generate will use. The document is only read: Generate makes the picture, as a layer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QTimer

from muse_studio.client.jobs import Job, JobState
from muse_studio.core.document import Document, Moment
from muse_studio.core.errors import MuseStudioError
from muse_studio.core.geometry import Rect
from muse_studio.core.layers import Layer
from muse_studio.core.model_shape import ModelShape
from muse_studio.core.request import clean_prompt
from muse_studio.core.wishes import Aim, Wishes
from muse_studio.gui.landing import preview_alpha
from muse_studio.gui.language import tr
from muse_studio.gui.message_bar import Notice, NoticeKind
from muse_studio.gui.requests import Asked, ask, why_not
from muse_studio.gui.sentences import say

if TYPE_CHECKING:
    from muse_studio.gui.main_window import MainWindow

PAUSE_MS = 300  # without a change, before a draft is asked for: the time between two strokes of a quick hand
FULL_AFTER_MS = 1500  # without a change after a draft, before it is made in full size
AIMS = (Aim.FILL, Aim.EXTEND, Aim.NEW)
"""The others work on the tokens of a whole picture, for which a draft would be too small."""
TOPIC = "live"

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a draft is of. Another draft of an equal one would be the same picture.

    version: the document's, another after every change of its pixels, its mask or its layers.
    """

    document: Document
    version: int
    canvas_version: int
    frame: Rect
    layers: tuple[Layer, ...]
    aim: Aim
    wishes: Wishes
    shape: ModelShape


class LivePainting:
    """One window's drafts. `look` after everything that may have changed what Generate would make."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.is_on = False
        self._wanted: Wanted | None = None
        self._shown: Wanted | None = None  # what the preview on the canvas is of, while it is one of ours
        self._job: Job | None = None
        self._size = 0  # of the next draft, in px
        self._seed_was_kept = False
        self._yields = self._stale = self._landed = False
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="drafts")
        slot = window.faults.slot
        self._timer = QTimer(window)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(slot(self._ask))
        window.client.on_queue.append(slot(self._queue_changed))

    def close(self) -> None:
        """Switch off and let go of the thread."""
        self.switch(on=False)
        self._pool.shutdown(wait=True, cancel_futures=True)

    def switch(self, on: bool) -> None:
        """On: draw, and keep the seed. Off: show the document alone, with the seed kept or not as it was before."""
        if on == self.is_on:
            return
        lock = self._window.panel.seed.lock
        self.is_on, self._wanted = on, None
        self._yields = self._stale = self._landed = False
        self._window.commands["live"].setChecked(on)
        if on:
            self._seed_was_kept = lock.isChecked()
            lock.setChecked(True)
            self._window.dismiss(TOPIC)
            self.look()
        else:
            self._stop()
            self._hide()
            lock.setChecked(self._seed_was_kept)

    def look(self) -> None:
        """Ask for another draft soon, if anything that matters has changed."""
        if not self.is_on:
            return
        before, self._wanted = self._wanted, self._what()
        if self._window.jobs.is_busy:
            self._give_way(before)
        elif self._yields:
            self._take_up()
        elif self._wanted != before:
            self._renew()

    def _what(self) -> Wanted | None:
        """What a draft would be of now; None where there can be none."""
        window = self._window
        if window.sheet is None:
            return None
        document, wishes = window.sheet.document, window.panel.wishes()
        aim = window.jobs.aim(wishes)
        unasked = aim is Aim.NEW and wishes.aim is None  # no picture is covered because a mask was cleared
        if (
            aim not in AIMS
            or unasked
            or why_not(aim, document, window.shape)
            or not clean_prompt(wishes.prompt).text.strip()
        ):
            return None
        versions = document.version, document.canvas_version
        return Wanted(document, *versions, document.frame, document.layers, aim, wishes, window.shape)

    def _renew(self) -> None:
        """What is being drawn is out of date; what is shown stays until there is something newer."""
        self._stop()
        wanted, shown = self._wanted, self._shown
        moved = shown and wanted and (shown.document, shown.canvas_version) != (wanted.document, wanted.canvas_version)
        if wanted is None or moved:
            self._hide()
        if wanted is not None:
            self._plan(self._draft_size(wanted.wishes), PAUSE_MS)

    def _draft_size(self, wishes: Wishes) -> int:
        """Of two stages the first one alone is a draft of both; of one stage a smaller picture would be another one."""
        shape = self._window.shape
        return min(shape.sizes) if shape.has_detail else shape.size_for(wishes.size)

    # Others go first ------------------------------------------------------------------------------------------------

    def _give_way(self, before: Wanted | None) -> None:
        """A person's job runs or waits: stop, and note what changes meanwhile.

        Its result is a new layer, and what it shows is not to be covered by a draft of the same.
        """
        if not self._yields:
            self._stop()
            self._yields, self._stale, self._landed = True, False, False
        layers = [None if wanted is None else wanted.layers for wanted in (before, self._wanted)]
        self._landed = self._landed or layers[0] != layers[1]
        self._stale = self._stale or (self._wanted != before and layers[0] == layers[1])

    def _take_up(self) -> None:
        """The last job of a person is over."""
        self._yields = False
        self._hide()
        if self._stale or not self._landed:
            self._renew()

    def _queue_changed(self, waiting: tuple[Job, ...]) -> None:
        """Something that is no job of the desk waits behind a draft, such as a step to be decoded anew."""
        if self._job is not None and any(job is not self._job for job in waiting):
            self._stop()
            self._plan(self._size, PAUSE_MS)

    # A draft --------------------------------------------------------------------------------------------------------

    def _plan(self, size: int, pause_ms: int) -> None:
        self._size = size
        self._timer.start(pause_ms)

    def _ask(self) -> None:
        """The pause is over: take what can change of the document, and let the thread do the rest."""
        wanted = self._wanted
        if wanted is None or self._yields:
            return
        if self._window.canvas.is_busy or self._window.client.jobs:
            self._timer.start(PAUSE_MS)  # in the middle of a stroke, or not yet this one's turn
            return
        moment, wishes = Moment.of(wanted.document), replace(wanted.wishes, size=self._size, count=1)
        shape = self._window.shape

        def work_out() -> tuple[Asked, Pixels | None]:
            asked = ask(moment, wishes, wanted.aim, shape)
            return asked, preview_alpha(asked)

        self._window.faults.spawn(self._draw(wanted, work_out))

    async def _draw(self, wanted: Wanted, work_out: Callable[[], tuple[Asked, Pixels | None]]) -> None:
        """From the frame to the last picture of one draft."""
        try:
            asked, alpha = await asyncio.get_event_loop().run_in_executor(self._pool, work_out)
        except MuseStudioError as error:
            self._fail(error)
            return
        if wanted is not self._wanted or self._yields:
            return
        job = self._job = self._window.client.submit(asked.request)
        if asked.request.size == self._draft_size(
            wanted.wishes
        ):  # the steps of a larger one would cover the draft with noise again
            job.on_change.append(self._window.faults.slot(lambda: self._show_step(job, wanted, asked, alpha)))
        await job.wait()
        if job is not self._job:
            return
        self._job = None
        if job.result is not None and job.state is JobState.FINISHED:
            self._show(wanted, asked, job.result.picture, alpha)
            full = self._window.shape.size_for(wanted.wishes.size)
            if asked.request.size < full:
                self._plan(full, FULL_AFTER_MS)
        elif job.error is not None:
            self._fail(job.error)

    def _show_step(self, job: Job, wanted: Wanted, asked: Asked, alpha: Pixels | None) -> None:
        if job is self._job and job.state is JobState.RUNNING and job.history and job.history[-1].has_preview:
            self._show(wanted, asked, job.history[-1].preview, alpha)

    def _show(self, wanted: Wanted, asked: Asked, picture: Pixels, alpha: Pixels | None) -> None:
        self._window.canvas.show_preview(asked.frame, picture, alpha)
        self._shown = wanted

    def _hide(self) -> None:
        if self._shown is not None:
            self._shown = None
            self._window.canvas.clear_preview()

    def _stop(self) -> None:
        """No draft is drawn or planned any more."""
        self._timer.stop()
        job, self._job = self._job, None
        if job is not None:
            job.cancel()

    def _fail(self, error: MuseStudioError) -> None:
        """A draft can't be made, and the next one could hardly be: say so once, and give up."""
        self.switch(on=False)
        words = tr("Live painting was switched off. {reason}", reason=say(error.message))
        self._window.notify(Notice(NoticeKind.WARNING, words, topic=TOPIC, detail=error.detail))
