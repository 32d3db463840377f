"""Any sequence of requests, cancels, accidents and lies leaves every job with exactly one legal end.

The worker here is imaginary: no process, no thread, no clock, so that thousands of sequences cost seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from muse_studio.client import client as client_module
from muse_studio.client.client import WorkerClient
from muse_studio.client.fake import fake_result, fake_step
from muse_studio.client.jobs import Job, JobState, WorkerState
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.request import EditRequest, Mode
from muse_studio.ipc import messages
from muse_studio.ipc.letters import failed_letter, finished_letter, step_letter
from muse_studio.ipc.messages import Letter

REQUEST = EditRequest(Mode.GENERATE, "fox", size=256)
STEPS = 4
PLAN = messages.Plan(STEPS, 1.0, 1.0)
READY = messages.Ready(messages.ModelInfo("m", "l", PLAN, PLAN), messages.DeviceInfo("d", "cpu", None, None))
OUT_OF_MEMORY = MuseStudioError(ErrorKind.OUT_OF_MEMORY, "Not enough memory; choose 256.")

GPU_GONE = MuseStudioError(ErrorKind.DEVICE, "The GPU stopped working; choose the CPU.")


class Timer:
    def __init__(self, call: Callable[[], None]) -> None:
        self.call, self.cancelled = call, False

    def cancel(self) -> None:
        self.cancelled = True


class StillLoop:
    """An event loop whose clock moves only when a test fires its timers."""

    def __init__(self) -> None:
        self.timers: list[Timer] = []

    def call_later(self, _delay: float, call: Callable[..., None], *arguments: Any) -> Timer:
        self.timers.append(Timer(lambda: call(*arguments)))
        return self.timers[-1]

    def waiting(self) -> list[Timer]:
        self.timers = [timer for timer in self.timers if not timer.cancelled]
        return self.timers

    def fire(self, timer: Timer) -> None:
        self.timers.remove(timer)
        timer.call()


class ImaginaryWorker:
    """Keeps what it is sent. `dead` once killed: the client hears of it when the test says so."""

    made: list[ImaginaryWorker] = []

    def __init__(self, _command: object, _loop: object, _listener: object) -> None:
        self.pid = len(self.made) + 1
        self.sent: list[messages.Message] = []
        self.dead = self.buried = False
        self.made.append(self)

    def send(self, message: messages.Message) -> None:
        self.send_letter(Letter(message))

    def send_letter(self, letter: Letter) -> None:
        assert not (self.dead and isinstance(letter.message, messages.Run)), "a job for a dead worker"
        self.sent.append(letter.message)

    def close_input(self) -> None:
        self.dead = True

    def kill(self) -> None:
        self.dead = True

    def log_tail(self) -> str:
        return "the log"

    def running(self) -> int | None:
        """The job of the last Run."""
        runs = [message.job for message in self.sent if isinstance(message, messages.Run)]
        return runs[-1] if runs else None


class Sequences(RuleBasedStateMachine):
    """What may happen, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(client_module, "WorkerProcess", ImaginaryWorker)
        ImaginaryWorker.made = []
        self.client = WorkerClient(Path("model"), "cpu", ["imaginary"])
        self.loop = StillLoop()
        self.client._loop = self.loop  # type: ignore[assignment]
        self.client._spawn()
        self.jobs: list[Job] = []
        self.ends: dict[int, list[JobState]] = {}

    @property
    def worker(self) -> ImaginaryWorker | None:
        """The one the client listens to, if it has not died yet."""
        made = ImaginaryWorker.made
        return made[-1] if made and not made[-1].buried else None

    def say(self, letter: Letter | messages.Message) -> None:
        worker = self.worker
        if worker is not None:
            whole = letter if isinstance(letter, Letter) else Letter(letter)
            self.client.heard(worker, whole)  # type: ignore[arg-type]

    @rule()
    def submit(self) -> None:
        job = self.client.submit(REQUEST)
        self.jobs.append(job)
        ends = self.ends[job.id] = [job.state] if job.state.is_end else []
        job.on_change.append(lambda job: ends.append(job.state) if job.state.is_end else None)

    @rule(data=st.data())
    @precondition(lambda self: self.jobs)
    def cancel(self, data: st.DataObject) -> None:
        data.draw(st.sampled_from(self.jobs)).cancel()

    @rule()
    def worker_loads(self) -> None:
        self.say(messages.Hello("1", 1))
        self.say(messages.Loading(0.5, "half"))
        self.say(READY)

    @rule()
    def worker_fails_to_load(self) -> None:
        self.say(messages.Hello("1", 1))
        self.say(failed_letter(None, OUT_OF_MEMORY))

    @rule(count=st.integers(1, STEPS))
    @precondition(lambda self: self.client.status.state is WorkerState.BUSY)
    def worker_steps(self, count: int) -> None:
        running = self.client.jobs[0]
        for index in range(len(running.history), min(STEPS, len(running.history) + count)):
            self.say(step_letter(running.id, fake_step(REQUEST, index, STEPS, STEPS)))

    @rule(index=st.integers(0, STEPS - 1))
    @precondition(lambda self: self.client.status.state is WorkerState.BUSY)
    def worker_repeats_or_skips_a_step(self, index: int) -> None:
        running, worker = self.client.jobs[0], self.worker
        assert worker is not None
        if index != len(running.history):
            self.say(step_letter(running.id, fake_step(REQUEST, index, STEPS, STEPS)))
            assert worker.dead

    @rule(how=st.sampled_from(["finish", "fail", "gone", "cancel"]))
    @precondition(lambda self: self.client.status.state is WorkerState.BUSY)
    def worker_ends_its_job(self, how: str) -> None:
        job = self.client.jobs[0].id
        if how == "finish":
            self.say(finished_letter(job, fake_result(REQUEST)))
        elif how in ("fail", "gone"):
            self.say(failed_letter(job, OUT_OF_MEMORY if how == "fail" else GPU_GONE))
        else:
            self.say(messages.Cancelled(job))

    @rule(job=st.integers(0, 5), index=st.integers(0, STEPS - 1), what=st.integers(0, 5))
    def worker_says_anything(self, job: int, index: int, what: int) -> None:
        said = [
            step_letter(job, fake_step(REQUEST, index, STEPS, STEPS)),
            finished_letter(job, fake_result(REQUEST)),
            failed_letter(job, OUT_OF_MEMORY),
            Letter(messages.Cancelled(job)),
            Letter(READY),
            Letter(messages.Hello("1", 1)),
        ]
        self.say(said[what])

    @rule()
    def worker_dies(self) -> None:
        for worker in ImaginaryWorker.made:
            if not worker.buried and (worker.dead or worker is self.worker):
                worker.buried = True
                self.client.ended(worker, "killed (SIGKILL)", None)  # type: ignore[arg-type]

    @rule(data=st.data())
    @precondition(lambda self: self.loop.waiting())
    def time_passes(self, data: st.DataObject) -> None:
        self.loop.fire(data.draw(st.sampled_from(self.loop.waiting())))

    @rule()
    def restart(self) -> None:
        asyncio.run(self.client.restart())

    @invariant()
    def every_job_has_at_most_one_end_and_the_queue_holds_the_others(self) -> None:
        for job in self.jobs:
            assert len(self.ends[job.id]) <= 1
            assert job.state.is_end == bool(self.ends[job.id])
            assert job.state.is_end != (job in self.client.jobs)
            assert (job.result is not None) == (job.state is JobState.FINISHED)
            assert [step.job_index for step in job.history] == list(range(len(job.history)))

    @invariant()
    def at_most_one_job_runs_and_only_while_the_worker_is_busy(self) -> None:
        running = [job for job in self.jobs if job.state is JobState.RUNNING]
        assert len(running) <= 1
        assert bool(running) == (self.client.status.state is WorkerState.BUSY)
        if running:
            assert self.worker is not None
            assert self.worker.running() == running[0].id

    @invariant()
    def jobs_never_wait_for_a_worker_that_will_not_come(self) -> None:
        if self.client.status.state is WorkerState.FAILED:
            assert self.client.jobs == ()
        elif self.client.status.state is WorkerState.READY:
            assert self.client.jobs == () or (self.worker is not None and self.worker.dead)
        elif self.client.status.state is WorkerState.RESTARTING:
            assert self.loop.waiting() or (self.worker is not None and self.worker.dead)

    def teardown(self) -> None:
        self.client._process = None
        self.client._alive.clear()
        asyncio.run(self.client.close())
        for job in self.jobs:
            assert len(self.ends[job.id]) == 1
        self.patch.undo()


TestSequences = Sequences.TestCase
TestSequences.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
