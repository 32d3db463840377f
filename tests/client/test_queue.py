"""Any sequence of requests, cancels, accidents and lies leaves every job with exactly one legal end.

The worker here is imaginary: no process, no thread, no clock, so that thousands of sequences cost seconds.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from muse_studio.client import client as client_module
from muse_studio.client.client import WorkerClient
from muse_studio.client.fake_decode import fake_result, fake_step
from muse_studio.client.jobs import Job, JobState, WorkerState
from muse_studio.client.queue import Place
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.request import EditRequest, Mode
from muse_studio.ipc import messages
from muse_studio.ipc.letters import failed_letter, result_letter, step_letter
from muse_studio.ipc.messages import Letter

REQUEST = EditRequest(Mode.GENERATE, "fox", size=256)
RESULT = fake_result(REQUEST)
STEPS = 4
PLAN = messages.Plan(STEPS, 1.0, 1.0)
READY = messages.Ready(
    messages.ModelInfo("m", "l", PLAN, PLAN, (512, 256), 16, 64), messages.DeviceInfo("d", "cpu", None, None)
)
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


class Walk:
    """One random sequence. `busy` counts actions that found a job running: a walk that never works tests nothing."""

    def __init__(self, seed: int) -> None:
        ImaginaryWorker.made = []
        self.random = random.Random(seed)
        self.client = WorkerClient(Path("model"), "cpu", ["imaginary"])
        self.loop = StillLoop()
        self.client._loop = self.loop  # type: ignore[assignment]
        self.client._spawn()
        self.jobs: list[Job] = []
        self.ends: dict[int, list[JobState]] = {}
        self.busy = 0

    @property
    def worker(self) -> ImaginaryWorker | None:
        """The one the client listens to, if it has not died yet."""
        made = ImaginaryWorker.made
        return made[-1] if made and not made[-1].buried else None

    @property
    def running(self) -> Job | None:
        return self.client.jobs[0] if self.client.status.state is WorkerState.BUSY else None

    def act(self) -> None:
        """One action; the likelier ones get work done."""
        action, _ = self.random.choices(ACTIONS, [weight for _, weight in ACTIONS])[0]
        self.busy += self.running is not None
        action(self)
        self.check()

    def say(self, letter: Letter | messages.Message) -> None:
        if self.worker is not None:
            whole = letter if isinstance(letter, Letter) else Letter(letter)
            dying, jobs = self.worker.dead, self.client.jobs
            self.client.heard(self.worker, whole)  # type: ignore[arg-type]
            assert not dying or self.client.jobs == jobs, "a worker that is being ended was listened to"

    def submit(self) -> None:
        place, before = self.random.choice(list(Place)), self.client.jobs
        job = self.client.submit(REQUEST, place)
        if job in self.client.jobs:
            waiting = [one for one in self.client.jobs if one.state is JobState.QUEUED]
            if place is Place.REPLACE:
                assert all(one.state.is_end or one.cancel_asked for one in before)
            elif job in waiting:
                assert waiting.index(job) == (0 if place is Place.FRONT else len(waiting) - 1)
        self.jobs.append(job)
        ends = self.ends[job.id] = [job.state] if job.state.is_end else []
        job.on_change.append(lambda job: ends.append(job.state) if job.state.is_end else None)

    def cancel(self) -> None:
        if self.jobs:
            self.random.choice(self.jobs[-4:]).cancel()

    def move(self) -> None:
        """The others keep their order."""
        jobs = [job for job in self.client.jobs if job.state is JobState.QUEUED]
        if self.jobs:
            job, index = self.random.choice(self.jobs[-4:]), self.random.randrange(5)
            assert self.client.move(job, index) == (job in jobs)
            if job in jobs:
                jobs.remove(job)
                jobs.insert(index, job)
            assert [job for job in self.client.jobs if job.state is JobState.QUEUED] == jobs

    def cancel_all(self) -> None:
        waiting = [job for job in self.client.jobs if job.state is JobState.QUEUED]
        self.client.cancel_all()
        assert all(job.state is JobState.CANCELLED for job in waiting)
        assert all(job.cancel_asked for job in self.client.jobs)

    def worker_loads(self) -> None:
        if self.client.status.state is WorkerState.STARTING:
            self.say(messages.Hello("1", 1))
            self.say(messages.Loading(0.5, "half"))
            self.say(READY)

    def worker_fails_to_load(self) -> None:
        self.say(messages.Hello("1", 1))
        self.say(failed_letter(None, OUT_OF_MEMORY))

    def worker_steps(self) -> None:
        job = self.running
        if job is not None and len(job.history) < STEPS:
            self.say(step_letter(job.id, fake_step(REQUEST, len(job.history), STEPS, STEPS)))

    def worker_ends_its_job(self) -> None:
        if self.running is not None:
            job = self.running.id
            endings = [
                result_letter(job, RESULT, 1),
                result_letter(job, RESULT, 1),
                failed_letter(job, OUT_OF_MEMORY),
                failed_letter(job, GPU_GONE),
                Letter(messages.Cancelled(job)),
            ]
            self.say(self.random.choice(endings))

    def worker_repeats_or_skips_a_step(self) -> None:
        job, worker, index = self.running, self.worker, self.random.randrange(STEPS)
        if job is not None and worker is not None and index != len(job.history):
            self.say(step_letter(job.id, fake_step(REQUEST, index, STEPS, STEPS)))
            assert worker.dead

    def worker_says_anything(self) -> None:
        job = self.random.randrange(8)
        lies = [
            step_letter(job, fake_step(REQUEST, self.random.randrange(STEPS), STEPS, STEPS)),
            result_letter(job, RESULT, 1),
            failed_letter(job, OUT_OF_MEMORY),
            Letter(messages.Cancelled(job)),
            Letter(READY),
            Letter(messages.Hello("1", 1)),
            Letter(messages.Pong(job)),
        ]
        self.say(self.random.choice(lies))

    def killed_workers_die(self) -> None:
        for worker in ImaginaryWorker.made:
            if worker.dead and not worker.buried:
                self._bury(worker)

    def worker_dies(self) -> None:
        if self.worker is not None:
            self._bury(self.worker)

    def _bury(self, worker: ImaginaryWorker) -> None:
        worker.buried = True
        self.client.ended(worker, "killed (SIGKILL)", None)  # type: ignore[arg-type]

    def time_passes(self) -> None:
        if self.loop.waiting():
            self.loop.fire(self.random.choice(self.loop.waiting()))

    def restart(self) -> None:
        run_through(self.client.restart())

    def restart_after_job(self) -> None:
        run_through(self.client.restart(Path("another"), after_job=True))

    def restart_if_failed(self) -> None:
        if self.client.status.state is WorkerState.FAILED:
            self.restart()

    def check(self) -> None:
        """What must hold at every moment."""
        for job in self.jobs:
            assert len(self.ends[job.id]) <= 1
            assert job.state.is_end == bool(self.ends[job.id])
            assert job.state.is_end != (job in self.client.jobs)
            assert (job.result is not None) == (job.state is JobState.FINISHED)
            assert job.cancel_asked or job.state is not JobState.CANCELLED
            assert [step.job_index for step in job.history] == list(range(len(job.history)))
        running = [job for job in self.jobs if job.state is JobState.RUNNING]
        assert running == ([self.running] if self.running else [])
        state, dying = self.client.status.state, self.worker is not None and self.worker.dead
        if running:
            assert self.worker is not None
            assert self.worker.running() == running[0].id
        if state is WorkerState.FAILED:
            assert self.client.jobs == ()
        elif state is WorkerState.READY:
            assert self.client.jobs == () or dying
        elif state is WorkerState.RESTARTING:
            assert self.loop.waiting() or dying

    def close(self) -> None:
        """Every job has exactly one end when the client is closed."""
        self.client._process = None
        self.client._alive.clear()
        asyncio.run(self.client.close())
        assert all(len(self.ends[job.id]) == 1 for job in self.jobs)


ACTIONS: list[tuple[Callable[[Walk], None], int]] = [
    (Walk.submit, 6),
    (Walk.cancel, 2),
    (Walk.move, 2),
    (Walk.cancel_all, 1),
    (Walk.worker_loads, 8),
    (Walk.worker_fails_to_load, 1),
    (Walk.worker_steps, 10),
    (Walk.worker_ends_its_job, 4),
    (Walk.worker_repeats_or_skips_a_step, 1),
    (Walk.worker_says_anything, 1),
    (Walk.killed_workers_die, 6),
    (Walk.worker_dies, 1),
    (Walk.time_passes, 4),
    (Walk.restart, 1),
    (Walk.restart_after_job, 1),
    (Walk.restart_if_failed, 4),
]


def run_through(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine that never waits."""
    with pytest.raises(StopIteration):
        work.send(None)


@pytest.mark.parametrize("hundred", range(10))
def test_random_sequences_leave_every_job_with_exactly_one_legal_end(
    hundred: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "WorkerProcess", ImaginaryWorker)
    monkeypatch.setattr(client_module, "log", logging.getLogger("silent"))
    logging.getLogger("silent").setLevel(logging.CRITICAL + 1)
    busy = ended = 0
    for seed in range(100 * hundred, 100 * hundred + 100):
        walk = Walk(seed)
        for _ in range(60):
            walk.act()
        walk.close()
        busy += walk.busy
        ended += sum(job.state is JobState.FINISHED for job in walk.jobs)
    assert busy > 1000
    assert ended > 10
