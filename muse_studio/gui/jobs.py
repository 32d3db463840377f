"""From the Generate button to a picture in the document: builds the request, follows the job, applies its result.

One job at a time. The document changes only at the end of a finished job, as one undo step: a job that is cancelled,
failed or lost leaves it as it was. Knows nothing about how a client runs a job.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from muse_studio.client.jobs import Job, JobState, JobStep, WorkerState, WorkerStatus, call_each
from muse_studio.client.recording import Recorder
from muse_studio.client.surface import StudioClient
from muse_studio.core.composite import frame_mask, frame_picture, result_alpha, result_patch
from muse_studio.core.document import Document
from muse_studio.core.geometry import Rect
from muse_studio.core.offers import Offer, OfferKind
from muse_studio.core.request import EditRequest, Mode, clean_prompt
from muse_studio.core.runs import Branch, RunTree
from muse_studio.core.wishes import Wishes
from muse_studio.gui.action_area import ActionArea
from muse_studio.gui.advanced import STAGE_NAMES
from muse_studio.gui.faults import Faults
from muse_studio.gui.message_bar import Notice, NoticeAction, NoticeKind, notice_of
from muse_studio.gui.sheet import FILL_LABEL, NEW_PICTURE_LABEL, Sheet, title_of
from muse_studio.gui.stage import Stage

Pixels = NDArray[np.uint8]

_OFFERS_SHOWN = 2  # more would leave the message a narrow column
_TOPIC = "job"
_WORKER_TOPIC = "worker"
_OUTSIDE = (
    "The painted mask lies outside the frame, so the model can't see it. Move the frame over it, or clear the mask."
)


@dataclass(frozen=True, slots=True)
class Purpose:
    """What Generate would do now: the button's label, its tip, and the mode (None: nothing can be done)."""

    label: str
    tip: str
    mode: Mode | None


FILL = Purpose(FILL_LABEL, "Paints the prompt under your mask", Mode.INPAINT)
NEW = Purpose(NEW_PICTURE_LABEL, "Paint a mask first to change only a part", Mode.GENERATE)
FIRST = Purpose(NEW_PICTURE_LABEL, "Makes a 512 × 512 picture from the prompt", Mode.GENERATE)
OUTSIDE = Purpose(FILL_LABEL, "The mask lies outside the frame", None)


def purpose_of(document: Document | None) -> Purpose:
    """Fill where something is painted in the frame, else a new picture."""
    if document is None:
        return FIRST
    if document.mask_is_empty():
        return NEW
    return FILL if document.mask_in_frame().any() else OUTSIDE


def build_request(document: Document | None, wishes: Wishes, mode: Mode) -> tuple[EditRequest, str | None]:
    """The request, with the frame's pixels when filling, and what was changed in the prompts, as words."""
    prompt, negative = clean_prompt(wishes.prompt), clean_prompt(wishes.negative_prompt)
    filling = mode is Mode.INPAINT and document is not None
    request = EditRequest(
        mode=mode,
        prompt=prompt.text,
        negative_prompt=negative.text,
        seed=wishes.seed,
        base=wishes.base,
        superres=wishes.superres,
        picture=frame_picture(document) if filling and document is not None else None,
        mask=frame_mask(document) if filling and document is not None else None,
    )
    return request, prompt.notice or negative.notice


@dataclass(slots=True, eq=False)
class _Run:
    """A job and where its result belongs.

    sheet: None when there was no document. frame: as it was when Generate was pressed.
    alpha: uint8 [512, 512], how much of a preview shows; None shows all of it.
    canvas: the document's `canvas_version` then; undo may have put another canvas in its place since.
    """

    job: Job
    sheet: Sheet | None
    frame: Rect
    alpha: Pixels | None
    canvas: int

    @property
    def is_fill(self) -> bool:
        return self.job.request.mask is not None

    def belongs_to(self, sheet: Sheet | None) -> bool:
        """Whether the result may go into what this sheet shows now."""
        if sheet is not self.sheet:
            return False
        return sheet is None or not self.is_fill or sheet.document.canvas_version == self.canvas


class JobHost(Protocol):
    """What the window offers to this desk."""

    @property
    def stage(self) -> Stage: ...
    @property
    def actions_area(self) -> ActionArea: ...

    def wishes(self) -> Wishes:
        """What the panel asks for, with the seed for a new job."""
        ...

    def start_over(self, sheet: Sheet) -> None:
        """Show a sheet instead of the one that is there."""
        ...

    def refresh(self) -> None:
        """A job has begun or ended, or the document has changed: make all labels true."""
        ...

    def notify(self, notice: Notice) -> None: ...
    def dismiss(self, topic: str) -> None: ...


class JobDesk:
    """Runs the window's jobs on a client."""

    def __init__(self, host: JobHost, client: StudioClient, faults: Faults) -> None:
        self._host = host
        self._client = client
        self._faults = faults
        self._run: _Run | None = None
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="results")
        self.on_step: list[Callable[[JobStep], None]] = []
        """Told of every step that is shown; the demo saves them."""
        self.loose_runs = RunTree()
        """Runs that were begun while there was no document; the one that comes of them takes them along."""
        self.on_end: list[Callable[[Job], None]] = []
        """Told of every job that has ended, whatever its end; the history keeps its results."""
        client.on_status.append(faults.slot(self._status_changed))

    @property
    def is_busy(self) -> bool:
        return self._run is not None

    @property
    def makes_new_picture(self) -> bool:
        """A new picture is forming, so the canvas shows that instead of the document."""
        return self._run is not None and not self._run.is_fill

    def close(self) -> None:
        """Let go of the thread; the desk is of no use afterwards."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def generate(self) -> None:
        """Do what the button says: queue a job, also while the model still loads."""
        if self._run is not None:
            return
        sheet = self._host.stage.sheet
        purpose = purpose_of(sheet.document if sheet else None)
        self._host.dismiss(_TOPIC)
        if purpose.mode is None:
            self._tell(NoticeKind.WARNING, _OUTSIDE)
            return
        request, changed = build_request(sheet.document if sheet else None, self._host.wishes(), purpose.mode)
        if changed:
            self._tell(NoticeKind.INFO, changed)
        self._begin(_run_of(self._client.submit(request), sheet))

    def submit(self, request: EditRequest, frame: Rect, parent: Branch | None = None) -> None:
        """Run a request that somebody else has made; its result belongs into `frame`. Nothing while another runs."""
        sheet = self._host.stage.sheet
        if self._run is None:
            self._begin(replace(_run_of(self._client.submit(request), sheet), frame=frame), parent)

    def _begin(self, run: _Run, parent: Branch | None = None) -> None:
        """Follow a job that was just submitted."""
        runs = run.sheet.runs if run.sheet is not None else self.loose_runs
        Recorder(runs, runs.begin(run.job.request, run.frame, parent), run.job)
        if self._host.actions_area.generate.hasFocus():  # it is about to be disabled, and Qt would choose another
            self._host.stage.canvas.setFocus()
        self._run = run
        self._show_waiting(self._client.status)
        self._host.refresh()
        self._faults.spawn(self._follow(run))

    def _take_offer(self, offer: Offer, failed: _Run) -> None:
        """Run the failed job again, made smaller; its result belongs where the other's would have gone."""
        if self._run is not None:
            return
        if not failed.belongs_to(self._host.stage.sheet):
            self._tell(NoticeKind.INFO, "The picture that this was for is not there any more.")
            return
        self._host.dismiss(_TOPIC)
        if offer.kind is OfferKind.DEVICE:
            self._faults.spawn(self._run_elsewhere(offer.value, failed))
        else:
            self._run_again(offer.applied(failed.job.request), failed)

    def _run_again(self, request: EditRequest, failed: _Run) -> None:
        frame = _frame_of(request) if failed.alpha is None else failed.frame
        self._begin(replace(failed, job=self._client.submit(request), frame=frame))

    async def _run_elsewhere(self, device: str, failed: _Run) -> None:
        await self._client.restart(device=device)  # first: a job that the old worker has would be lost with it
        if self._run is None:
            self._run_again(failed.job.request, failed)

    def _use_device(self, device: str) -> None:
        """Start the worker again on another device; jobs that wait are run there."""
        self._host.dismiss(_WORKER_TOPIC)
        self._faults.spawn(self._client.restart(device=device))

    def _offers(self, offers: tuple[Offer, ...], take: Callable[[Offer], None]) -> tuple[NoticeAction, ...]:
        """A button for each of the first few."""
        return tuple(
            NoticeAction(offer.label, self._faults.slot(lambda chosen=offer: take(chosen)))
            for offer in offers[:_OFFERS_SHOWN]
        )

    def cancel(self) -> None:
        """Stop the job between two steps; nothing happens without one."""
        if self._run is not None:
            self._host.actions_area.show_waiting("Stopping…", None)
            self._run.job.cancel()

    def restart_worker(self) -> None:
        """Kill the worker and start another; a running job is lost."""
        self._host.dismiss(_WORKER_TOPIC)
        self._faults.spawn(self._client.restart())

    async def _follow(self, run: _Run) -> None:
        try:
            async for step in run.job.steps():
                self._show_step(run, step)
            words = await self._end(run)
        finally:
            self._run = None
            self._leave_preview()
            self._host.actions_area.show_idle()
            self._host.refresh()
        self._host.actions_area.show_idle(words)

    def _show_step(self, run: _Run, step: JobStep) -> None:
        words = f"{STAGE_NAMES.get(step.stage, step.stage)}: step {step.index + 1} of {step.total}"
        if not run.job.cancel_asked:
            share = (step.job_index + 1) / step.job_total
            self._host.actions_area.show_step(words, share, step.seconds_left)
        if step.has_preview and run.belongs_to(self._host.stage.sheet):
            canvas = self._host.stage.canvas
            if not run.is_fill and canvas.document is not None:
                canvas.set_document(None)
            canvas.show_preview(run.frame, step.preview, run.alpha)
        for listener in self.on_step:
            listener(step)

    def _leave_preview(self) -> None:
        """Show the document again, whatever became of the job."""
        self._host.stage.canvas.clear_preview()
        self._host.stage.show_again()

    async def _end(self, run: _Run) -> str:
        """Deal with the job's end; returns words for the action area."""
        job = run.job
        call_each(self.on_end, job)
        if job.state is JobState.FINISHED and job.result is not None:
            if job.result.notes:
                self._tell(NoticeKind.INFO, " ".join(job.result.notes))
            await self._apply(run, job.result.picture)
            return f"Done in {job.result.seconds:.1f} s"
        if job.state is JobState.CANCELLED:
            return "Cancelled; nothing was changed"
        if job.error is not None:
            again = NoticeAction("Try again", self._faults.slot(self.generate))
            smaller = self._offers(job.error.offers, lambda offer: self._take_offer(offer, run))
            self._host.notify(notice_of(job.error, smaller or (again,)))
        return ""

    async def _apply(self, run: _Run, picture: Pixels) -> None:
        """Put the result where it belongs, as one undo step; to a document that was closed, nothing happens."""
        sheet, request = run.sheet, run.job.request
        patch = None
        if sheet is not None and request.mask is not None and run.belongs_to(self._host.stage.sheet):
            patch = await self._patch(sheet.document, run.frame, request.mask, picture)
        if not run.belongs_to(self._host.stage.sheet):
            self._tell(NoticeKind.INFO, "The job has finished, but the picture it was for is not there any more.")
            return
        if sheet is None:
            sheet = Sheet(Document(picture), title_of(request.prompt), is_new=True, runs=self.loose_runs)
            self.loose_runs = RunTree()
            self._host.start_over(sheet)
            sheet.note_result(request)
        elif request.mask is None:
            self._host.stage.canvas.set_document(None)  # it is set again when the run is over, in its new extent
            sheet.document.replace_picture(picture, NEW_PICTURE_LABEL)
            sheet.note_result(request)
        else:
            changed = Rect.empty() if patch is None else sheet.document.apply_pixels(*patch, FILL_LABEL)
            if changed.is_empty:
                return
            self._host.stage.canvas.refresh(changed)
            self._host.stage.rest_mask()
            sheet.note_result(request)
        self._host.refresh()

    async def _patch(
        self, document: Document, frame: Rect, mask: Pixels, picture: Pixels
    ) -> tuple[Rect, Pixels] | None:
        """What the result changes, worked out in a thread (a second for 64 MP) while the window goes on painting.

        Where the person undid or redid something meanwhile, it is worked out again: it may have read both states.
        """
        loop = asyncio.get_running_loop()
        while True:
            version = document.picture_version
            patch = await loop.run_in_executor(self._pool, result_patch, document.picture, frame, mask, picture)
            if document.picture_version == version:
                return patch

    def _status_changed(self, status: WorkerStatus) -> None:
        if self._run is not None and self._run.job.state is JobState.QUEUED:
            self._show_waiting(status)
        restart = NoticeAction("Restart worker", self._faults.slot(self.restart_worker))
        if status.state is WorkerState.FAILED:
            devices = tuple(offer for offer in status.offers if offer.kind is OfferKind.DEVICE)
            others = self._offers(devices, lambda offer: self._use_device(offer.value))
            self._host.notify(Notice(NoticeKind.ERROR, status.message, (*others, restart), _WORKER_TOPIC))
        elif status.hung:
            self._host.notify(Notice(NoticeKind.WARNING, status.message, (restart,), _WORKER_TOPIC))
        elif status.state in (WorkerState.READY, WorkerState.BUSY):
            self._host.dismiss(_WORKER_TOPIC)

    def _show_waiting(self, status: WorkerStatus) -> None:
        loading = status.state in (WorkerState.STARTING, WorkerState.LOADING, WorkerState.RESTARTING)
        words = "Waiting for the model to load…" if loading else "Waiting for the first step…"
        self._host.actions_area.show_waiting(words, status.share if loading else None)

    def _tell(self, kind: NoticeKind, message: str) -> None:
        self._host.notify(Notice(kind, message, topic=_TOPIC))


def _frame_of(request: EditRequest) -> Rect:
    """Where a new picture forms."""
    return Rect(0, 0, request.size, request.size)


def _run_of(job: Job, sheet: Sheet | None) -> _Run:
    mask = job.request.mask
    if sheet is None or mask is None:
        return _Run(job, sheet, _frame_of(job.request), None, 0)
    document = sheet.document
    return _Run(
        job, sheet, document.frame, result_alpha(mask, document.frame, document.extent), document.canvas_version
    )
