"""A client without a worker, for tests of windows: its pictures form as a decode's do, and it fails when told to.

Time passes only through the event loop's `call_later`, or, with `step_s=None`, only through `advance()`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from muse_studio.client.fake_decode import STEP_S, fake_result, fake_step, steps_begun
from muse_studio.client.jobs import Job, JobResult, JobState, JobStep, WorkerState, WorkerStatus, call_each, lost_error
from muse_studio.client.queue import JobQueue, Place
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.loras import LoraUse, unusable
from muse_studio.core.model_shape import OWN_SHAPE, ModelShape
from muse_studio.core.offers import Offer
from muse_studio.core.request import EditRequest, Mode
from muse_studio.ipc.letters import read_shape
from muse_studio.ipc.messages import DeviceInfo, ModelInfo


@dataclass(slots=True)
class FakeScript:
    """How the next jobs go.

    fail_at, lose_at: job step at whose place the job fails with `error`, or the worker dies; None for never.
    notes:            what the result says beside its picture.
    unfit:            why LoRA files of these names cannot be used, in words.
    deaf:             cancelling a running job has no effect until `advance()` or time brings its next step.
    """

    base_steps: int = 24
    superres_steps: int = 8
    fail_at: int | None = None
    lose_at: int | None = None
    error: MuseStudioError | None = None
    deaf: bool = False
    notes: tuple[str, ...] = ()
    unfit: dict[str, str] = field(default_factory=dict)


class FakeClient:
    """The same surface as `WorkerClient`. `requests` keeps everything that was submitted.

    step_s: seconds between steps; None lets time stand still until `advance()`.
    plays:  the model that a started worker says it is; None says nothing, and is one of our own.
    """

    def __init__(
        self, step_s: float | None = 0.01, script: FakeScript | None = None, plays: ModelInfo | None = None
    ) -> None:
        self.script = script or FakeScript()
        self.requests: list[EditRequest] = []
        self.on_status: list[Callable[[WorkerStatus], None]] = []
        self.restarts = 0
        self.model: Path | None = None
        self.device = "auto"
        self.plays = plays
        self.model_info: ModelInfo | None = None
        self.device_info: DeviceInfo | None = DeviceInfo("Fake CPU, 8 cores", "cpu", 16 * 2**30, 11 * 2**30, "bfloat16")
        self._switching = False
        self._step_s = step_s
        self._status = WorkerStatus(WorkerState.CLOSED, "The worker is not started.", device="Fake", model="Fake")
        self._waiting = JobQueue()
        self.on_queue = self._waiting.on_change
        self._running: Job | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._next_id = 1

    @property
    def status(self) -> WorkerStatus:
        return self._status

    @property
    def jobs(self) -> tuple[Job, ...]:
        return (*((self._running,) if self._running else ()), *self._waiting)

    async def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._become_ready()

    def _become_ready(self) -> None:
        """As `plays` has it by now."""
        if self.plays is not None:
            self.model_info = self.plays
            self._status = replace(self._status, model=self.plays.name)
        self.set_status(WorkerState.READY, "Ready.")

    async def ready(self) -> None:
        if self._status.state is WorkerState.FAILED:
            raise MuseStudioError(ErrorKind.WORKER_LOST, self._status.message)

    async def restart(self, model: Path | None = None, device: str | None = None, *, after_job: bool = False) -> None:
        self.model, self.device = model or self.model, device or self.device
        self._switching = after_job and self._running is not None
        if not self._switching:
            self._start_again(model, device)

    def _start_again(self, model: Path | None, device: str | None) -> None:
        self.restarts += 1
        self._status = replace(
            self._status, model=model.name if model else self._status.model, device=device or self._status.device
        )
        self.crash()

    async def close(self) -> None:
        self._stop_timer()
        jobs, self._running = self.jobs, None
        self._waiting.clear()
        for job in jobs:
            job.mark_cancelled()
        self.set_status(WorkerState.CLOSED, "The worker is closed.")

    def submit(self, request: EditRequest, place: Place = Place.BACK) -> Job:
        """Queue a request; it begins at once if nothing else runs, and fails at once if the worker has failed."""
        if place is Place.REPLACE:
            self.cancel_all()
        job = Job(self._next_id, request, self._cancel)
        self._next_id += 1
        self.requests.append(request)
        if self._status.state in (WorkerState.FAILED, WorkerState.CLOSED):
            job.fail(MuseStudioError(ErrorKind.WORKER_LOST, self._status.message))
            return job
        self._waiting.add(job, place)
        self._begin_next()
        return job

    async def look_at_lora(self, path: Path) -> LoraUse:
        """Any file is one that fits, unless the script says otherwise."""
        await self.ready()
        if path.name in self.script.unfit:
            raise unusable(path.name, self.script.unfit[path.name])
        return LoraUse.of_file(path)

    def move(self, job: Job, index: int) -> bool:
        return self._waiting.move(job, index)

    def cancel_all(self) -> None:
        for job in reversed(self.jobs):
            job.cancel()

    def seconds_left(self, job: Job) -> float | None:
        """As if every step took 0.1 s."""
        return STEP_S * (self._job_total(job.request) - len(job.history) // job.request.count)

    @property
    def queue_seconds_left(self) -> float | None:
        return sum(self.seconds_left(job) or 0.0 for job in self.jobs)

    def set_status(
        self,
        state: WorkerState,
        message: str,
        share: float | None = None,
        hung: bool = False,
        offers: tuple[Offer, ...] = (),
    ) -> None:
        """Say anything as the worker would, for instance LOADING with a share."""
        self._status = replace(self._status, state=state, message=message, share=share, hung=hung, offers=offers)
        call_each(self.on_status, self._status)

    def crash(self) -> None:
        """The worker dies: the running job is lost, then the next one begins in a new worker."""
        job, self._running = self._running, None
        if job is not None:
            self._stop_timer()
            job.lose(lost_error())
        self.set_status(WorkerState.RESTARTING, "The worker stopped and is being started again.")
        self._become_ready()
        self._begin_next()

    def advance(self, steps: int = 1) -> None:
        """Let `steps` steps happen now, whatever the clock says."""
        for _ in range(steps):
            self._stop_timer()
            self._tick()

    def _begin_next(self) -> None:
        if self._switching and self._running is None:
            self._switching = False
            self._start_again(self.model, self.device)
            return
        if self._running is None and self._waiting:
            self._running = self._waiting.take()
            self._running.begin()
            self.set_status(WorkerState.BUSY, "Working.")
            self._start_timer()

    def _start_timer(self) -> None:
        if self._step_s is not None and self._loop is not None:
            self._timer = self._loop.call_later(self._step_s, self._tick)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _cancel(self, job: Job) -> None:
        if job.state is JobState.RUNNING and self.script.deaf:
            return
        job.mark_cancelled()
        self._drop(job)

    def _drop(self, job: Job) -> None:
        self._waiting.remove(job)
        if self._running is job:
            self._running = None
            self._stop_timer()
        if not self.jobs and self._status.state is WorkerState.BUSY:
            self.set_status(WorkerState.READY, "Ready.")
        self._begin_next()

    def _tick(self) -> None:
        if self._running is None:
            return
        job, script = self._running, self.script
        index = len(job.history) // job.request.count
        if job.cancel_asked:
            job.mark_cancelled()
            self._drop(job)
        elif index == script.fail_at:
            job.fail(script.error or MuseStudioError(ErrorKind.INTERNAL, "The fake worker failed, as it was told to."))
            self._drop(job)
        elif (refusal := self._refusal(job.request)) is not None:
            job.fail(refusal)
            self._drop(job)
        elif index == script.lose_at:
            self.crash()
        elif _is_untouched(job.request) or index == self._job_total(job.request):
            self._finish(job)
        else:
            for variation in range(job.request.count):
                job.add_step(self._step(job, index, variation))
            self._start_timer()

    def _finish(self, job: Job) -> None:
        for variation in range(job.request.count - 1):
            job.add_result(self._result(job, variation))
        job.finish(self._result(job, job.request.count - 1))
        self._drop(job)

    def _step(self, job: Job, index: int, variation: int) -> JobStep:
        total, begun = self._job_total(job.request), self._begun(job.request)
        return fake_step(job.request, index, self.script.base_steps, total, variation, begun, self._shape)

    def _result(self, job: Job, variation: int) -> JobResult:
        return replace(fake_result(job.request, variation, self._shape), notes=self.script.notes)

    def _job_total(self, request: EditRequest) -> int:
        with_detail = self._shape.sight(request.size).detail is not None
        whole = self.script.base_steps + (self.script.superres_steps if with_detail else 0)
        return whole - self._begun(request)

    @property
    def _shape(self) -> ModelShape:
        return OWN_SHAPE if self.model_info is None else read_shape(self.model_info)

    def _refusal(self, request: EditRequest) -> MuseStudioError | None:
        """What no model of this shape can do, as a worker would say."""
        shape, tokens = self._shape, request.tokens
        reason = None
        if request.size not in shape.sizes:
            reason = f"this model makes no pictures of {request.size} px"
        elif request.mode is Mode.RETEXTURE and not shape.has_detail:
            reason = "this model has no detail"
        elif tokens is not None and len(tokens.base.tokens) != shape.sight(request.size).base:
            reason = "these tokens are not this model's"
        elif request.loras and not shape.takes_loras:
            reason = "this model takes no LoRAs"
        return None if reason is None else MuseStudioError(ErrorKind.BAD_REQUEST, f"The fake worker refuses: {reason}.")

    def _begun(self, request: EditRequest) -> int:
        return steps_begun(request, self.script.base_steps, self.script.superres_steps)


def _is_untouched(request: EditRequest) -> bool:
    return request.mode is Mode.INPAINT and request.mask is not None and not request.mask.any()
