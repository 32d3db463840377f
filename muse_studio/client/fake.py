"""A client without a worker, for tests of windows: it paints coloured previews and fails when told to.

Time passes only through the event loop's `call_later`, or, with `step_s=None`, only through `advance()`.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from muse_studio.client.jobs import Job, JobResult, JobState, JobStep, WorkerState, WorkerStatus, call_each, lost_error
from muse_studio.client.queue import JobQueue, Place
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.offers import Offer
from muse_studio.core.request import EditRequest, Mode

_GRID = {"base": 16, "superres": 64}
_PREVIEW_SIDE_PX = {"base": 128, "superres": 256}
STEP_S = 0.1
"""What a step is said to take, whatever the clock says."""


@dataclass(slots=True)
class FakeScript:
    """How the next jobs go.

    fail_at, lose_at: job step at whose place the job fails with `error`, or the worker dies; None for never.
    notes:            what the result says beside its picture.
    deaf:             cancelling a running job has no effect until `advance()` or time brings its next step.
    """

    base_steps: int = 24
    superres_steps: int = 8
    fail_at: int | None = None
    lose_at: int | None = None
    error: MuseStudioError | None = None
    deaf: bool = False
    notes: tuple[str, ...] = ()


class FakeClient:
    """The same surface as `WorkerClient`. `requests` keeps everything that was submitted.

    step_s: seconds between steps; None lets time stand still until `advance()`.
    """

    def __init__(self, step_s: float | None = 0.01, script: FakeScript | None = None) -> None:
        self.script = script or FakeScript()
        self.requests: list[EditRequest] = []
        self.on_status: list[Callable[[WorkerStatus], None]] = []
        self.restarts = 0
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
        self.set_status(WorkerState.READY, "Ready.")

    async def ready(self) -> None:
        if self._status.state is WorkerState.FAILED:
            raise MuseStudioError(ErrorKind.WORKER_LOST, self._status.message)

    async def restart(self, model: Path | None = None, device: str | None = None) -> None:
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
        self.set_status(WorkerState.READY, "Ready.")
        self._begin_next()

    def advance(self, steps: int = 1) -> None:
        """Let `steps` steps happen now, whatever the clock says."""
        for _ in range(steps):
            self._stop_timer()
            self._tick()

    def _begin_next(self) -> None:
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
        step = fake_step(job.request, index, self.script.base_steps, self._job_total(job.request))
        return replace(step, variation=variation)

    def _result(self, job: Job, variation: int) -> JobResult:
        return replace(fake_result(job.request), notes=self.script.notes, variation=variation)

    def _job_total(self, request: EditRequest) -> int:
        return self.script.base_steps + (self.script.superres_steps if request.size == 512 else 0)


def fake_step(request: EditRequest, job_index: int, base_steps: int, job_total: int) -> JobStep:
    """A step whose preview turns, row by row, from grey into the request's colours."""
    stage = "base" if job_index < base_steps else "superres"
    total = base_steps if stage == "base" else job_total - base_steps
    index = job_index if stage == "base" else job_index - base_steps
    grid, side = _GRID[stage], _PREVIEW_SIDE_PX[stage]
    preview = _colours(request, side)
    if stage == "base":
        preview[side * (index + 1) // total :] = 128
    return JobStep(
        index=index,
        total=total,
        stage=stage,
        job_index=job_index,
        job_total=job_total,
        tokens=np.full((grid, grid), job_index, np.int32),
        confidence=np.full((grid, grid), (index + 1) / total, np.float32),
        known=np.arange(grid * grid).reshape(grid, grid) < grid * grid * (index + 1) // total,
        preview=preview,
        seconds_left=STEP_S * (job_total - job_index - 1),
    )


def fake_result(request: EditRequest) -> JobResult:
    """The colours of the request under its mask; the picture itself where there is no mask."""
    picture = _colours(request, request.size)
    if request.picture is not None and request.mask is not None:
        scale = 512 // request.size
        keep = request.mask[::scale, ::scale] == 0
        picture[keep] = request.picture[::scale, ::scale][keep]
    base = np.zeros((16, 16), np.int32)
    return JobResult(picture, base, np.zeros((64, 64), np.int32) if request.size == 512 else None, 1.0)


def _is_untouched(request: EditRequest) -> bool:
    return request.mode is Mode.INPAINT and request.mask is not None and not request.mask.any()


def _colours(request: EditRequest, side: int) -> NDArray[np.uint8]:
    """uint8 [side, side, 3]: a gradient whose hue depends on prompt and seed."""
    hue = zlib.crc32(f"{request.prompt}/{request.seed}".encode())
    ramp = np.linspace(0, 255, side).astype(np.uint8)
    blue = np.full((side, side), hue & 0xFF, np.uint8)
    return np.stack([np.broadcast_to(ramp, (side, side)), np.broadcast_to(ramp[:, None], (side, side)), blue], axis=2)
