"""The window's jobs: asked for, queued, followed, and their results put down as layers.

The document changes only at the end of a finished job, as one undo step: a job that is cancelled, failed or lost leaves
it as it was. Knows nothing about how a client runs a job, nor how pixels become a layer (see `landing`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from muse_studio.client.jobs import Job, JobState, JobStep, WorkerState, WorkerStatus, call_each
from muse_studio.client.queue import Place
from muse_studio.client.surface import StudioClient
from muse_studio.core.canvas_transform import Noted
from muse_studio.core.document import Document, Moment
from muse_studio.core.geometry import Rect
from muse_studio.core.model_shape import ModelShape
from muse_studio.core.offers import Offer, OfferKind
from muse_studio.core.request import EditRequest
from muse_studio.core.runs import Branch, RunTree
from muse_studio.core.wishes import Aim, Wishes
from muse_studio.gui.action_area import ActionArea
from muse_studio.gui.asking import Press, Presses
from muse_studio.gui.faults import Faults
from muse_studio.gui.job_run import JobRun, Parade
from muse_studio.gui.landing import Landed, layer_name, new_document
from muse_studio.gui.language import noop, tr
from muse_studio.gui.message_bar import Notice, NoticeAction, NoticeKind, notice_of
from muse_studio.gui.requests import Asked, ask, going_on, suggested, why_not, without_file
from muse_studio.gui.results import TOPIC, ResultDesk, ResultHost
from muse_studio.gui.sheet import Sheet

Pixels = NDArray[np.uint8]

_OFFERS_SHOWN = 2  # more would leave the message a narrow column
_WORKER_TOPIC = "worker"
_NO_LORA_FILE = noop(
    "The file of the LoRA “{name}” is not known on this computer. Add it under “LoRAs”, or switch it off there."
)


class JobHost(ResultHost, Protocol):
    """What the window offers to this desk."""

    @property
    def actions_area(self) -> ActionArea: ...

    @property
    def shape(self) -> ModelShape:
        """Of the model that pictures are made with."""
        ...

    def wishes(self) -> Wishes:
        """What the panel asks for, with the seed for a new job."""
        ...

    def with_files(self, request: EditRequest) -> EditRequest:
        """With the places of its LoRAs' files, as far as they are known."""
        ...

    def start_over(self, sheet: Sheet) -> None:
        """Show a sheet instead of the one that is there."""
        ...

    def dismiss(self, topic: str) -> None: ...


class JobDesk:
    """Runs the window's jobs on a client."""

    def __init__(self, host: JobHost, client: StudioClient, faults: Faults) -> None:
        self._host = host
        self._client = client
        self._faults = faults
        self._runs: dict[int, JobRun] = {}
        self._last_words: Callable[[], str] = str
        self._failures: list[str] = []
        self._results = ResultDesk(host, faults, self._begin_sheet, self._canvas_grew)
        self._presses = Presses(faults, self._begin, self._changed)
        self._parade = Parade(
            faults.slot(self._show_preview), lambda s, call: asyncio.get_event_loop().call_later(s, call)
        )
        self.on_change: list[Callable[[], None]] = []
        """Told whenever a job comes, goes, moves or takes a step."""
        self.on_step: list[Callable[[JobStep], None]] = []
        """Told of every step of every variation."""
        self.loose_runs = RunTree()
        """Runs that were begun while there was no document; the one that comes of them takes them along."""
        self.on_end: list[Callable[[Job], None]] = []
        """Told of every job that has ended, in whichever way, before its result is put down."""
        client.on_status.append(faults.slot(self._status_changed))
        client.on_queue.append(faults.slot(lambda _: self._tell_progress()))

    @property
    def is_busy(self) -> bool:
        return bool(self._runs) or self.is_asking

    @property
    def is_asking(self) -> bool:
        """Whether something was asked for that is not a job yet."""
        return len(self._presses) > 0

    @property
    def runs(self) -> tuple[JobRun, ...]:
        """Those that are not over: being put down, running, then waiting in their order."""
        order = {job.id: number for number, job in enumerate(self._client.jobs)}
        return tuple(sorted(self._runs.values(), key=lambda run: order.get(run.job.id, -1)))

    @property
    def running(self) -> JobRun | None:
        """The one that the worker has, or the next one if it has none."""
        return next((run for run in self.runs if not run.job.state.is_end), None)

    def close(self) -> None:
        """Let go of the thread; the desk is of no use afterwards."""
        self._parade.clear()
        self._presses.close()
        self._results.close()

    # Asking ---------------------------------------------------------------------------------------------------------

    def aim(self, wishes: Wishes) -> Aim:
        """What Generate would do now."""
        return wishes.aim or suggested(self._document)

    def generate(self, place: Place = Place.BACK) -> None:
        """Do what the button says: queue a job, also while the model still loads.

        Picture and mask are those of this moment; a thread cuts the frame out of them.
        """
        sheet = self._host.stage.sheet
        self._forget_failures()
        wishes = self._host.wishes()
        aim, shape = self.aim(wishes), self._host.shape
        reason = why_not(aim, self._document, shape)
        if reason:
            self._tell(NoticeKind.WARNING, tr(reason))
            return
        if name := without_file(wishes, shape):
            self._tell(NoticeKind.WARNING, tr(_NO_LORA_FILE, name=name))
            return
        self._last_words = str
        press = Press(sheet, place)
        if self._document is None or aim is Aim.NEW:
            self._presses.add_ready(press, ask(self._document, wishes, aim, shape))
            return
        moment = Moment.of(self._document)
        self._presses.add(press, lambda: ask(moment, wishes, aim, shape))
        self._changed()

    def submit(self, request: EditRequest, noted: Noted, parent: Branch | None = None) -> None:
        """Queue a request that goes on from a step of a run that belongs to this place."""
        request = self._host.with_files(request)
        press = Press(self._host.stage.sheet, Place.BACK, parent)
        self._presses.add_ready(press, going_on(self._document, request, noted))

    @property
    def _document(self) -> Document | None:
        sheet = self._host.stage.sheet
        return sheet.document if sheet else None

    def _begin(self, press: Press, asked: Asked, alpha: Pixels | None) -> None:
        """Submit, and follow the job to its end. alpha: how much of its previews shows."""
        if asked.notice:
            self._tell(NoticeKind.INFO, asked.notice)
        runs = self.loose_runs if press.sheet is None else press.sheet.runs
        job = self._client.submit(asked.request, press.place)
        run = JobRun(job, asked, alpha, press.sheet, runs, press.parent, press.moved)
        self._runs[run.job.id] = run
        seen = 0

        def changed(job: Job) -> None:
            nonlocal seen
            fresh, seen = job.history[seen:], len(job.history)
            self._took_steps(run, fresh)

        run.job.on_change.append(self._faults.slot(changed))
        self._changed()
        self._faults.spawn(self._follow(run))

    # The queue ------------------------------------------------------------------------------------------------------

    def cancel(self) -> None:
        """Stop the running job between two steps, or else the next that waits; nothing happens without one."""
        if self.running is not None:
            self.cancel_run(self.running)
        else:
            self._presses.drop_next()
            self._changed()

    def cancel_run(self, run: JobRun) -> None:
        run.job.cancel()
        self._changed()

    def cancel_all(self) -> None:
        """Stop what runs and forget what waits."""
        self._presses.drop_all()
        self._client.cancel_all()
        self._changed()

    def to_front(self, run: JobRun) -> None:
        """Let it be the next."""
        self._client.move(run.job, 0)

    def to_back(self, run: JobRun) -> None:
        """Let it be the last."""
        self._client.move(run.job, len(self._client.jobs))

    def seconds_left(self, run: JobRun) -> float | None:
        return self._client.seconds_left(run.job)

    @property
    def queue_seconds_left(self) -> float | None:
        """Of everything that runs or waits."""
        return self._client.queue_seconds_left

    # The worker -----------------------------------------------------------------------------------------------------

    def restart_worker(self) -> None:
        """Kill the worker and start another; a running job is lost."""
        self._host.dismiss(_WORKER_TOPIC)
        self._faults.spawn(self._client.restart())

    def _use_device(self, device: str) -> None:
        """Start the worker again on another device; jobs that wait are run there."""
        self._host.dismiss(_WORKER_TOPIC)
        self._faults.spawn(self._client.restart(device=device))

    def _status_changed(self, status: WorkerStatus) -> None:
        restart = NoticeAction(tr("Restart worker"), self._faults.slot(self.restart_worker))
        if status.state is WorkerState.FAILED:
            devices = tuple(offer for offer in status.offers if offer.kind is OfferKind.DEVICE)
            others = self._offers(devices, lambda offer: self._use_device(offer.value))
            self._host.notify(Notice(NoticeKind.ERROR, status.message, (*others, restart), _WORKER_TOPIC))
        elif status.hung:
            self._host.notify(Notice(NoticeKind.WARNING, status.message, (restart,), _WORKER_TOPIC))
        elif status.state in (WorkerState.READY, WorkerState.BUSY):
            self._host.dismiss(_WORKER_TOPIC)
        self.show_progress()

    # While it runs --------------------------------------------------------------------------------------------------

    def _took_steps(self, run: JobRun, fresh: list[JobStep]) -> None:
        run.record.model = run.record.model or self._client.status.model
        for step in fresh:
            if step.has_preview:
                self._parade.add(run, step)
            for listener in self.on_step:
                listener(step)
        self._tell_progress()

    def _show_preview(self, run: JobRun, step: JobStep) -> None:
        if run.job.id in self._runs and run.belongs_to(self._host.stage.sheet):
            run.follow()
            self._host.stage.canvas.show_preview(run.asked.frame, run.asked.since.turned(step.preview), run.alpha)

    def _changed(self) -> None:
        """A job has come, gone or moved: what can be done is another thing now."""
        self._host.refresh()
        self._tell_progress()

    def _tell_progress(self) -> None:
        self.show_progress()
        for listener in tuple(self.on_change):
            listener()

    def show_progress(self) -> None:
        """The running job's state under the panel."""
        area, run = self._host.actions_area, self.running
        if run is None:
            if self.is_asking:
                area.show_waiting(tr("Cutting out the frame…"), None, self._others())
            elif not self._runs:
                area.show_idle(self._last_words())
            return
        status = self._client.status
        loading = status.state in (WorkerState.STARTING, WorkerState.LOADING, WorkerState.RESTARTING)
        if run.job.cancel_asked:
            area.show_waiting(run.words, None, self._others())
        elif run.step is not None:
            area.show_step(run.words, run.share, self.seconds_left(run), self._others())
        elif loading:
            area.show_waiting(tr("Waiting for the model to load…"), status.share, self._others())
        else:
            area.show_waiting(tr("Waiting for the first step…"), None, self._others())

    def _others(self) -> str:
        """How many more wait, as words."""
        count = sum(not run.job.state.is_end for run in self.runs) - 1
        return tr("{count} more", count=count) if count > 0 else ""

    # Its end --------------------------------------------------------------------------------------------------------

    async def _follow(self, run: JobRun) -> None:
        await run.job.wait()
        try:
            call_each(self.on_end, run.job)
            self._last_words = await self._end(run)
        finally:
            self._runs.pop(run.job.id, None)
            self._leave_preview(run)
            self._changed()

    def _leave_preview(self, run: JobRun) -> None:
        """Show the document again, whatever became of the job."""
        if run.belongs_to(self._host.stage.sheet):
            self._parade.clear()
            self._host.stage.canvas.clear_preview()
            self._host.stage.show_again()

    async def _end(self, run: JobRun) -> Callable[[], str]:
        """Deal with the job's end; returns what gives the words for the action area."""
        job = run.job
        if job.state is JobState.FINISHED and job.result is not None:
            if job.result.notes:
                self._tell(NoticeKind.INFO, " ".join(job.result.notes))
            await self._results.put_down(run, job.results)
            seconds = f"{job.result.seconds:.1f}"
            return lambda: tr("Done in {seconds} s", seconds=seconds)
        if job.state is JobState.CANCELLED:
            return lambda: tr("Cancelled; nothing was changed")
        if job.error is not None:
            again = NoticeAction(tr("Try again"), self._faults.slot(lambda: self._again(run, job.request)))
            smaller = self._offers(job.error.offers, lambda offer: self._take_offer(offer, run))
            self._failures.append(f"{TOPIC} {job.id}")
            self._host.notify(replace(notice_of(job.error, smaller or (again,)), topic=self._failures[-1]))
        return str

    def _begin_sheet(self, run: JobRun, landed: Landed) -> None:
        """A new document; what else was asked without one belongs to it too."""
        name = layer_name(run.job.request.prompt) or tr("Untitled")
        document = new_document(landed, name, self._wishes_of(run))
        sheet = Sheet(document, name, is_new=True, runs=self.loose_runs)
        self.loose_runs = RunTree()
        for other in [one for one in self._runs.values() if one.sheet is None]:
            other.adopted_by(sheet)
        self._host.start_over(sheet)

    def _wishes_of(self, run: JobRun) -> Wishes:
        """What the person had asked for when they asked for this."""
        request = run.job.request
        size = None if request.size == self._host.shape.own_size else request.size
        loras = run.asked.loras or request.loras
        return Wishes.from_settings({**request.settings(), "aim": None, "size": size, "loras": loras})

    def _canvas_grew(self, sheet: Sheet, dx: int, dy: int) -> None:
        """What is asked for lies where it lay, that far right and down."""
        for run in self._runs.values():
            if run.sheet is sheet:
                run.moved(dx, dy)
        self._presses.move(sheet, dx, dy)

    # Again ----------------------------------------------------------------------------------------------------------

    def _forget_failures(self) -> None:
        """What was said of earlier jobs is of no use to one who asks again."""
        for topic in (TOPIC, *self._failures):
            self._host.dismiss(topic)
        self._failures.clear()

    def _again(self, run: JobRun, request: EditRequest) -> None:
        """Run a job again before all that wait, as it was or made smaller; its result belongs where it did."""
        if not run.belongs_to(self._host.stage.sheet):
            self._tell(NoticeKind.INFO, tr("The picture that this was for is not there any more."))
            return
        self._forget_failures()
        asked = replace(run.asked, request=request, noted=None if run.sheet is None else run.record.noted)
        if asked.extent is None:
            asked = replace(asked, frame=Rect(0, 0, request.size, request.size), noted=None)
        self._presses.add_ready(Press(run.sheet, Place.FRONT, run.parent), asked)

    def _take_offer(self, offer: Offer, run: JobRun) -> None:
        if offer.kind is OfferKind.DEVICE:
            self._faults.spawn(self._run_elsewhere(offer.value, run))
        else:
            self._again(run, offer.applied(run.job.request))

    async def _run_elsewhere(self, device: str, run: JobRun) -> None:
        await self._client.restart(device=device)  # first: a job that the old worker has would be lost with it
        self._again(run, run.job.request)

    def _offers(self, offers: tuple[Offer, ...], take: Callable[[Offer], None]) -> tuple[NoticeAction, ...]:
        """A button for each of the first few."""
        return tuple(
            NoticeAction(offer.label, self._faults.slot(lambda chosen=offer: take(chosen)))
            for offer in offers[:_OFFERS_SHOWN]
        )

    def _tell(self, kind: NoticeKind, message: str) -> None:
        self._host.notify(Notice(kind, message, topic=TOPIC))
