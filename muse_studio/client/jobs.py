"""A job: a request on its way to a picture, and what the worker says of itself meanwhile.

A job belongs to the event loop's thread. Knows nothing of processes: whoever runs it calls `begin`, `add_step` and
one of `finish`, `mark_cancelled`, `fail`, `lose`. Exactly one of these four ends it; the rest then change nothing.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from muse_studio.client.bell import Bell
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.job_state import JobState as JobState  # re-exported: a job is nothing without its state
from muse_studio.core.model_shape import OWN_SHAPE
from muse_studio.core.offers import Offer, smaller_plans
from muse_studio.core.request import EditRequest
from muse_studio.ipc.events import ResultEvent, StepEvent

log = logging.getLogger(__name__)

T = TypeVar("T")
JobStep = StepEvent
JobResult = ResultEvent


class WorkerState(StrEnum):
    """Where the worker stands."""

    STARTING = "starting"
    LOADING = "loading"
    READY = "ready"
    BUSY = "busy"
    RESTARTING = "restarting"
    FAILED = "failed"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    """What a person should know of the worker.

    message: one sentence, ready to show.
    share:   how much of the model is loaded, 0 to 1; None when not loading.
    device:  the device's name once known, else the one asked for.
    model:   the model's name once known, else its folder's name.
    hung:    the worker has not answered for some seconds: offer `restart()`.
    offers:  of a worker that has failed: what may do instead.
    """

    state: WorkerState
    message: str
    share: float | None = None
    device: str = ""
    model: str = ""
    hung: bool = False
    offers: tuple[Offer, ...] = ()


class Job:
    """One request's life in the queue.

    `results` holds one picture for each variation, as they are finished; `result` is the first of them. `history` holds
    every step that came, in order, of each variation in turn. `steps()` is for showing them: a reader that falls behind
    is given the newest one, and the last step is never left out.
    """

    def __init__(self, number: int, request: EditRequest, canceller: Callable[[Job], None]) -> None:
        self.id = number
        self.request = request
        self.state = JobState.QUEUED
        self.results: list[JobResult] = []
        self.error: MuseStudioError | None = None
        self.history: list[JobStep] = []
        self.on_change: list[Callable[[Job], None]] = []
        self.cancel_asked = False
        self._canceller = canceller
        self._bell = Bell()

    def __repr__(self) -> str:
        return f"Job({self.id}, {self.state.value}, {len(self.history)} steps)"

    @property
    def result(self) -> JobResult | None:
        """The first picture; None while there is none."""
        return self.results[0] if self.results else None

    def cancel(self) -> None:
        """Ask for the end. A queued job is cancelled at once, a running one between two steps; an ended one stays."""
        if not self.state.is_end and not self.cancel_asked:
            self.cancel_asked = True
            self._canceller(self)

    async def steps(self) -> AsyncIterator[JobStep]:
        """The steps as they come, newest first when behind; ends with the job. Several readers may iterate."""
        seen = 0
        while True:
            if seen < len(self.history):
                seen = len(self.history)
                if self.history[-1].has_preview or self.history[-1].is_last or self.state.is_end:
                    yield self.history[-1]
            elif self.state.is_end:
                return
            else:
                await self._bell.wait()

    async def wait(self) -> JobState:
        """Wait for the job's end and return it. Never raises for a failed job: see `error`."""
        while not self.state.is_end:
            await self._bell.wait()
        return self.state

    def begin(self) -> bool:
        """Queued → running. False if the job is past that."""
        if self.state is not JobState.QUEUED:
            return False
        self.state = JobState.RUNNING
        self._tell()
        return True

    def add_step(self, step: JobStep) -> bool:
        """Add the next step of a running job. False, and nothing added, if the job isn't running."""
        if self.state is not JobState.RUNNING:
            return False
        self.history.append(step)
        self._tell()
        return True

    def add_result(self, result: JobResult) -> bool:
        """One of several variations is here. False, and nothing added, if the job isn't running."""
        if self.state is not JobState.RUNNING:
            return False
        self.results.append(result)
        self._tell()
        return True

    def finish(self, result: JobResult) -> bool:
        """The job's picture is here, or the last of them. False if the job had ended before."""
        if self.state.is_end:
            return False
        self.results.append(result)
        return self._end(JobState.FINISHED, None)

    def mark_cancelled(self) -> bool:
        """The job is stopped, as asked. False if it had ended before."""
        return self._end(JobState.CANCELLED, None)

    def fail(self, error: MuseStudioError) -> bool:
        """The worker could not do it and says why. False if the job had ended before."""
        return self._end(JobState.FAILED, error)

    def lose(self, error: MuseStudioError) -> bool:
        """The worker died under it. False if the job had ended before."""
        return self._end(JobState.LOST, error)

    def _end(self, state: JobState, error: MuseStudioError | None) -> bool:
        if self.state.is_end:
            return False
        self.state, self.error = state, error
        self._tell()
        return True

    def _tell(self) -> None:
        self._bell.ring()
        call_each(self.on_change, self)


def call_each(listeners: list[Callable[[T], None]], value: T) -> None:
    """Call every listener with `value`; one that raises is logged and doesn't keep the others from hearing it."""
    for listener in tuple(listeners):
        try:
            listener(value)
        except Exception:
            log.exception("a listener failed")


def lost_error(
    detail: str = "",
    killed: bool = False,
    request: EditRequest | None = None,
    sizes: Sequence[int] = OWN_SHAPE.sizes,
) -> MuseStudioError:
    """What a job says when the worker died under it.

    killed: the system ended it, as it does when memory is short; smaller plans of its `request` are then offered.
    sizes:  that the model makes.
    """
    cause = "The system ended the worker in the middle of this job, perhaps for lack of memory."
    if not killed:
        cause = "The worker stopped in the middle of this job."
    advice = "Your picture is unharmed; press Generate to try again" + (
        ", or choose a smaller size." if killed else "."
    )
    offers = smaller_plans(request, on_cpu=True, sizes=sizes) if killed and request is not None else ()
    return MuseStudioError(ErrorKind.WORKER_LOST, f"{cause} {advice}", detail, offers)
