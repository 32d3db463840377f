"""Puts the results of finished jobs down where they belong: as layers, or as a document. Knows nothing of asking.

Pixel work is done in one thread of its own; the document changes only at the end, as one undo step.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from muse_studio.client.jobs import JobResult
from muse_studio.core.document import Document
from muse_studio.core.geometry import Rect
from muse_studio.gui.canvas.picture import PictureCache
from muse_studio.gui.faults import Faults
from muse_studio.gui.job_run import JobRun
from muse_studio.gui.landing import Landed, grown, land, layer_name, put_down
from muse_studio.gui.language import tr
from muse_studio.gui.message_bar import Notice, NoticeAction, NoticeKind
from muse_studio.gui.remaking import Change, remake
from muse_studio.gui.sheet import Sheet
from muse_studio.gui.stage import Stage

_MUCH_PX = 2**20  # takes a millisecond for each quarter of it

TOPIC = "job"
"""What is said of jobs replaces what was said of earlier ones."""


class ResultHost(Protocol):
    """What the window offers to this desk."""

    @property
    def stage(self) -> Stage: ...

    def facts(self) -> Mapping[str, Any]:
        """What a result says beside its request: model, version."""
        ...

    def refresh(self) -> None:
        """A job has begun or ended, or the document has changed: make all labels true."""
        ...

    def notify(self, notice: Notice) -> None: ...


class ResultDesk:
    """Of one window.

    begin:      makes a sheet of a result that was asked for without a document.
    has_grown:  told of a sheet whose canvas has grown, and how far places went right and down.
    """

    def __init__(
        self,
        host: ResultHost,
        faults: Faults,
        begin: Callable[[JobRun, Landed], None],
        has_grown: Callable[[Sheet, int, int], None],
    ) -> None:
        self._host, self._faults, self._begin, self._has_grown = host, faults, begin, has_grown
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="results")
        self._turn = asyncio.Lock()  # one after another, in the order in which they were finished

    def close(self) -> None:
        """End the thread; the desk is of no use afterwards."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    async def put_down(self, run: JobRun, results: list[JobResult]) -> None:
        """The result as a layer where it belongs; for a document that was closed, words."""
        async with self._turn:
            await self._put_down(run, results)

    async def _put_down(self, run: JobRun, results: list[JobResult]) -> None:
        landed, frame = await self._landed(run, results)
        if landed is not None and run.sheet is not None:
            await self._make_room(run.sheet.document)
        if landed is None and run.belongs_to(self._host.stage.sheet):
            self._tell_nothing(run)
        elif landed is None or not run.belongs_to(self._host.stage.sheet):
            self._tell_closed()
        elif run.sheet is None:
            self._begin(run, landed)
        else:
            await self._lay_down(run.sheet, run, landed, frame, results)

    async def _landed(
        self, run: JobRun, results: list[JobResult], *, anyway: bool = False
    ) -> tuple[Landed | None, Rect]:
        """The result on the canvas as it is, also where that is turned meanwhile; and the frame that it is for."""
        facts = {**self._host.facts(), "run": run.record.id}
        while True:
            run.follow(anyway=anyway)
            asked = run.asked
            landed = await self._in_thread(land, asked, results, facts)
            run.follow(anyway=anyway)
            if run.asked is asked:
                return landed, asked.frame

    async def _make_room(self, document: Document) -> None:
        """Let the thread copy the picture where the document will need that for one layer more."""
        if document.wants_buffer:
            version = document.picture_version
            document.lend_buffer(await self._in_thread(document.picture.copy), version)

    async def _lay_down(self, sheet: Sheet, run: JobRun, landed: Landed, frame: Rect, results: list[JobResult]) -> None:
        """Where it was asked for; if the canvas was cropped to less than its frame, only once a person says so.

        frame: where it was when `landed` was made.
        """
        if run.asked.canvas_version == sheet.document.canvas_version:
            if await self._add_layer(sheet, run, landed, frame):
                return
            if not run.belongs_to(self._host.stage.sheet):  # closed in the last moment
                self._tell_closed()
                return

        def anyway() -> None:
            self._faults.spawn(self._lay_down_anyway(sheet, run, results))

        message = tr(
            "The canvas has changed since “{name}” was asked for, so the result was not added. "
            "It is kept in the history.",
            name=tr(run.name),
        )
        action = NoticeAction(tr("Add it as a layer"), self._faults.slot(anyway))
        self._host.notify(Notice(NoticeKind.INFO, message, () if run.is_cut_away else (action,)))

    async def _show(self, document: Document, changed: Rect) -> None:
        """Let the canvas see what looks different; where that is most of the picture, the thread makes it ready."""
        canvas, version, ready = self._host.stage.canvas, document.picture_version, None
        if changed.area >= _MUCH_PX and changed.area * 2 >= document.bounds.area:
            ready = await self._in_thread(PictureCache.of, document.picture)
        if canvas.document is document:
            canvas.refresh_picture(changed, ready if document.picture_version == version else None)

    async def _lay_down_anyway(self, sheet: Sheet, run: JobRun, results: list[JobResult]) -> None:
        async with self._turn:
            landed, frame = await self._landed(run, results, anyway=True)
            if not run.belongs_to(self._host.stage.sheet):
                self._tell_closed()
            elif landed is None:
                self._tell_nothing(run)
            else:
                if not run.is_cut_away:
                    run.moved(0, 0)
                await self._lay_down(sheet, run, landed, frame, results)

    async def _add_layer(self, sheet: Sheet, run: JobRun, landed: Landed, frame: Rect) -> bool:
        """Returns whether it could: not where the canvas was changed, or another picture shown, while it grew."""
        document, stage = sheet.document, self._host.stage
        name = layer_name(run.job.request.prompt) or tr(run.name)

        def placed() -> Landed:  # other results may have let the canvas grow meanwhile
            return landed.moved(run.asked.frame.x - frame.x, run.asked.frame.y - frame.y)

        def plan() -> Change | None:
            is_same = run.asked.canvas_version == document.canvas_version
            return grown(document, run.asked, placed(), name) if is_same else None

        if run.asked.reaches_over and document.bounds.union(run.asked.frame) != document.bounds:
            noted = document.noted(run.asked.frame)
            if not await remake(stage, document, plan, run.name, self._in_thread):
                return False
            now, before = document.found(noted), run.asked.frame
            self._has_grown(sheet, now.x - before.x, now.y - before.y)
        else:
            await self._show(document, put_down(document, run.asked, placed(), name, run.name))
        if run.job.request.mask is not None and run.belongs_to(stage.sheet):  # else another picture came meanwhile
            stage.rest_mask()
        self._host.refresh()
        return True

    async def _in_thread(self, work: Callable[..., Any], *material: Any) -> Any:
        return await asyncio.get_event_loop().run_in_executor(self._pool, work, *material)

    def _tell_nothing(self, run: JobRun) -> None:
        if run.has_followed:
            self._tell(tr("Nothing of the result lies on the canvas as it is now. It is kept in the history."))
        else:
            self._tell(tr("The model has changed nothing."))

    def _tell_closed(self) -> None:
        self._tell(tr("The job has finished, but its picture is closed. What was made is kept in the history."))

    def _tell(self, message: str) -> None:
        self._host.notify(Notice(NoticeKind.INFO, message, topic=TOPIC))
