"""The queue of jobs and the worker that runs them: started, watched, and brought back when it dies.

Everything here happens in the event loop's thread, under asyncio's own loop or Qt's. Knows nothing of pipes and threads
(see `process`), nor of what a picture is for.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from muse_studio.client import limits
from muse_studio.client.bell import Bell
from muse_studio.client.jobs import Job, JobResult, WorkerState, WorkerStatus, call_each, lost_error
from muse_studio.client.pace import QueuePace
from muse_studio.client.process import WorkerProcess, default_command
from muse_studio.client.questions import LoraQuestions
from muse_studio.client.queue import JobQueue, Place
from muse_studio.client.watchdog import Watchdog
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.loras import LoraUse
from muse_studio.core.model_shape import OWN_SHAPE
from muse_studio.core.offers import Offer
from muse_studio.core.request import EditRequest
from muse_studio.ipc import messages
from muse_studio.ipc.framing import protocol_error
from muse_studio.ipc.letters import read_error, read_result, read_step, run_letter
from muse_studio.ipc.messages import Letter

log = logging.getLogger(__name__)

_LOADING_WORDS, _READY_WORDS, _BUSY_WORDS = "Loading the model.", "Ready.", "Working."
_RESTARTING_WORDS = "The worker stopped and is being started again. Your picture is unharmed."
_HUNG_WORDS = "The worker has not answered for some seconds. Wait for it, or start it again; your picture is safe."


class WorkerClient:
    """See `StudioClient` for what to call. Jobs run one at a time, in the queue's order.

    model:   the cascade's folder. device: auto, cpu, cuda, mps or xla.
    command: how to start the worker; by default this program itself.
    """

    def __init__(self, model: Path, device: str = "auto", command: Sequence[str] | None = None) -> None:
        self.on_status: list[Callable[[WorkerStatus], None]] = []
        self.model_info: messages.ModelInfo | None = None
        self.device_info: messages.DeviceInfo | None = None
        self.model = model
        self.device = device
        self._command = list(command) if command is not None else default_command()
        self._status = WorkerStatus(WorkerState.CLOSED, "The worker is not started.", None, device, model.name)
        self._queue = JobQueue()
        self.on_queue = self._queue.on_change
        self._pace = QueuePace()
        self._running: Job | None = None
        self._jobs_made = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._process: WorkerProcess | None = None
        self._alive: set[WorkerProcess] = set()
        self._watchdog: Watchdog | None = None
        self._timer: asyncio.TimerHandle | None = None  # for hello, or for the next start
        self._cancel_timer: asyncio.TimerHandle | None = None
        self._failures = 0
        self._was_ready = False  # this process or the last one got as far as Ready
        self._closing = False
        self._switching = False  # to the model and device that are set, as soon as no job runs
        self._error: MuseStudioError | None = None  # why the worker has failed for good
        self._killed_for: MuseStudioError | None = None  # what to tell the job whose worker we kill ourselves
        self._bell = Bell()
        self._questions = LoraQuestions(self._send)

    # What a window asks

    @property
    def status(self) -> WorkerStatus:
        """What the worker is doing now."""
        return self._status

    @property
    def pid(self) -> int | None:
        """The worker's process number; None between two of them."""
        return None if self._process is None else self._process.pid

    @property
    def jobs(self) -> tuple[Job, ...]:
        """Jobs that haven't ended, the running one first."""
        return (*((self._running,) if self._running else ()), *self._queue)

    async def start(self) -> None:
        """Start the worker; returns before it is ready. Of no effect if it is started."""
        if self._status.state is not WorkerState.CLOSED:
            return
        self._loop = asyncio.get_running_loop()
        self._closing, self._failures, self._error = False, 0, None
        self._spawn()

    async def ready(self) -> None:
        """Wait until the model is loaded. MuseStudioError if it can't be, or if the client is closed."""
        while self._status.state not in (WorkerState.READY, WorkerState.BUSY):
            if self._error is not None:
                raise self._error
            if self._status.state is WorkerState.CLOSED:
                raise MuseStudioError(ErrorKind.WORKER_LOST, self._status.message)
            await self._bell.wait()

    async def restart(self, model: Path | None = None, device: str | None = None, *, after_job: bool = False) -> None:
        """End the worker and start another with this model and device; None leaves them as they were."""
        self.model, self.device = model or self.model, device or self.device
        self._switching = after_job and self._running is not None
        if self._switching:
            return
        self._status = replace(self._status, model=self.model.name, device=self.device)
        if self._status.state is WorkerState.CLOSED:
            return
        self._failures, self._error = 0, None
        if self._process is not None:
            self._kill(
                MuseStudioError(ErrorKind.WORKER_LOST, "This job was lost because the worker was started again.")
            )
        else:
            self._stop_timers()
            self._spawn()

    async def close(self) -> None:
        """Cancel every job and end the worker, by force if it doesn't exit by itself."""
        if not self._closing:
            self._closing = True
            self._stop_timers()
            self._end_all_jobs()
            if self._process is not None:
                self._process.send(messages.Shutdown())
                self._process.close_input()
        if not await self._all_ended(limits.CLOSE_TIMEOUT_S):
            for process in self._alive:
                process.kill()
            await self._all_ended(limits.KILL_TIMEOUT_S)
        self._process = None
        self._set(WorkerState.CLOSED, "The worker is closed.")

    def submit(self, request: EditRequest, place: Place = Place.BACK) -> Job:
        """Put a request into the queue. When the worker has failed for good, so does the job, at once."""
        if place is Place.REPLACE:
            self.cancel_all()
        self._jobs_made += 1
        job = Job(self._jobs_made, request, self._cancel)
        if self._error is not None:
            job.fail(self._error)
        elif self._closing:
            job.mark_cancelled()
        else:
            self._queue.add(job, place)
            self._run_next()
        return job

    async def look_at_lora(self, path: Path) -> LoraUse:
        """See `StudioClient`."""
        await self.ready()
        return await self._questions.ask(path)

    def move(self, job: Job, index: int) -> bool:
        """Let a waiting job run after `index` others; False if it doesn't wait."""
        return self._queue.move(job, index)

    def cancel_all(self) -> None:
        """Cancel what waits, then what runs."""
        for job in reversed(self.jobs):
            job.cancel()

    def seconds_left(self, job: Job) -> float | None:
        """Until this job would end if it ran now; None while nothing was measured."""
        return self._pace.left_of(job, self.model_info)

    @property
    def queue_seconds_left(self) -> float | None:
        """Until all of `jobs` have ended."""
        return self._pace.left_of_all(self.jobs, self.model_info)

    @property
    def _sizes(self) -> tuple[int, ...]:
        """What the model makes, as far as it has said so."""
        return OWN_SHAPE.sizes if self.model_info is None else self.model_info.sizes

    # What happens to the process

    def _spawn(self) -> None:
        assert self._loop is not None
        self._was_ready, self._killed_for, self._switching = False, None, False
        self._status = replace(self._status, model=self.model.name, device=self.device)
        self._set(WorkerState.STARTING, "Starting the worker.")
        try:
            self._process = WorkerProcess(self._command, self._loop, self)
        except OSError as fault:
            self._come_back(f"it could not be started: {fault}")
            return
        self._alive.add(self._process)
        late = MuseStudioError(ErrorKind.WORKER_LOST, "The worker said nothing after its start.")
        self._timer = self._loop.call_later(limits.HELLO_TIMEOUT_S, self._kill, late)

    def heard(self, process: WorkerProcess, letter: Letter) -> None:
        """The process said something. What it should not have said ends it."""
        if process is not self._process or self._closing or self._killed_for is not None:
            return
        if self._watchdog is not None:
            self._watchdog.alive()
        if self._status.hung:
            self._set(self._status.state, _BUSY_WORDS if self._running else _LOADING_WORDS, self._status.share)
        try:
            self._take(letter)
        except MuseStudioError as fault:
            log.error("worker: %s", fault.detail)
            self._kill(fault)

    def ended(self, process: WorkerProcess, reason: str, fault: MuseStudioError | None) -> None:
        """The process is gone: bring another, and tell the job that ran."""
        self._alive.discard(process)
        self._questions.drop()
        self._bell.ring()
        if process is not self._process or self._closing:
            return
        detail = f"The worker ended: {reason}\n{process.log_tail()}"
        log.warning("%s", detail)
        self._process = None
        job, self._running = self._running, None
        request = None if job is None else job.request
        error = self._killed_for or fault or lost_error(detail, "SIGKILL" in reason, request, self._sizes)
        self._come_back(detail)
        if job is not None and not (job.cancel_asked and job.mark_cancelled()):
            job.lose(error)

    def _come_back(self, detail: str) -> None:
        """Start the worker again after a while, or give up after too many failures in a row."""
        assert self._loop is not None
        self._stop_timers()
        self._failures = 0 if self._was_ready else self._failures + 1
        if self._failures >= len(limits.RESTART_DELAYS_S):
            message = (
                f"The worker could not be started, in {self._failures} tries. Try again with Restart; if that does not "
                "help, run “muse-studio doctor”, which says what is missing."
            )
            self._give_up(MuseStudioError(ErrorKind.WORKER_LOST, message, detail))
            return
        self._timer = self._loop.call_later(limits.RESTART_DELAYS_S[self._failures], self._spawn)
        self._set(WorkerState.RESTARTING, _RESTARTING_WORDS)

    def _give_up(self, error: MuseStudioError) -> None:
        """The worker has failed for good: so do the jobs that wait, rather than for ever."""
        self._stop_timers()
        self._error = error
        process, self._process = self._process, None
        if process is not None:
            process.kill()
        waiting = self._queue.clear()
        self._set(WorkerState.FAILED, error.message, offers=error.offers)
        for job in waiting:
            job.fail(error)

    def _kill(self, reason: MuseStudioError) -> None:
        """End the process; its running job will be told `reason`."""
        if self._process is not None:
            self._killed_for = self._killed_for or reason
            self._process.kill()

    def _hung(self) -> None:
        """No answer for too long. Nobody waits for an idle worker; a busy one is the person's to judge."""
        if self._status.state is WorkerState.READY:
            self._kill(MuseStudioError(ErrorKind.WORKER_LOST, "The worker did not answer."))
        else:
            self._set(self._status.state, _HUNG_WORDS, self._status.share, hung=True)

    # What the worker says

    def _take(self, letter: Letter) -> None:
        message = letter.message
        match message:
            case messages.Hello():
                self._greet()
            case messages.Loading():
                self._expect(WorkerState.LOADING, message)
                self._set(WorkerState.LOADING, f"{message.what[:1].upper()}{message.what[1:]}.", message.share)
            case messages.Ready():
                self._expect(WorkerState.LOADING, message)
                self._become_ready(message)
            case messages.Failed(job=None):
                self._expect(WorkerState.LOADING, message)
                self._give_up(read_error(message))
            case messages.Note():
                log.info("worker: %s", message.text)
            case messages.Pong():
                pass
            case messages.Looked():
                self._questions.answer(message)
            case _:
                self._take_job_message(letter)

    def _greet(self) -> None:
        assert self._loop is not None
        self._expect(WorkerState.STARTING, "Hello")
        self._stop_timers()
        self._send(messages.Load(str(self.model.absolute()), self.device))
        self._watchdog = Watchdog(self._loop, lambda nonce: self._send(messages.Ping(nonce)), self._hung)
        self._set(WorkerState.LOADING, _LOADING_WORDS, 0.0)

    def _become_ready(self, ready: messages.Ready) -> None:
        self._was_ready = True
        if self.model_info is not None and self.model_info != ready.model:
            self._pace = QueuePace()  # another model has another one
        self.model_info, self.device_info = ready.model, ready.device
        self._status = replace(self._status, model=ready.model.name, device=ready.device.name)
        self._set(WorkerState.READY, _READY_WORDS)
        self._run_next()

    def _take_job_message(self, letter: Letter) -> None:
        job, message = self._running, letter.message
        if job is None or getattr(message, "job", None) != job.id:
            raise protocol_error(f"{type(message).__name__} for a job that is not running")
        match message:
            case messages.Step():
                self._take_step(job, letter)
            case messages.Made():
                job.add_result(read_result(letter, job.request.size, len(job.results)))
            case messages.Finished():
                self._finish(job, read_result(letter, job.request.size, job.request.count - 1))
            case messages.Failed():
                self._fail(job, read_error(message))
            case messages.Cancelled():
                if not job.cancel_asked:
                    raise protocol_error("a job was cancelled that nobody wanted cancelled")
                self._release(job.mark_cancelled)

    def _fail(self, job: Job, error: MuseStudioError) -> None:
        """A GPU that is gone is gone for its whole process: that is replaced. Other failures leave the worker sound."""
        if error.kind is not ErrorKind.DEVICE:
            self._release(lambda: job.fail(error))
            return
        self._running = None
        self._set(WorkerState.RESTARTING, _RESTARTING_WORDS)
        self._kill(error)
        job.fail(error)

    def _finish(self, job: Job, result: JobResult) -> None:
        if len(job.results) != result.variation:
            raise protocol_error(f"the end of a job of {job.request.count} after {len(job.results)} results")
        self._pace.note_end(job)
        self._release(lambda: job.finish(result))

    def _take_step(self, job: Job, letter: Letter) -> None:
        step = read_step(letter)
        place = step.job_index * job.request.count + step.variation
        if step.variation >= job.request.count or place != len(job.history):
            raise protocol_error(f"step {step.job_index}, variation {step.variation}, after {len(job.history)} steps")
        if job.history and job.history[0].job_total != step.job_total:
            raise protocol_error(f"step {step.job_index} of {step.job_total} after one of {job.history[0].job_total}")
        self._pace.note_step(job, step)
        job.add_step(step)

    def _expect(self, state: WorkerState, what: object) -> None:
        if self._status.state is not state:
            raise protocol_error(f"{what} while {self._status.state.value}")

    # The queue

    def _run_next(self) -> None:
        if self._switching and self._can_run():
            self._switching = False
            self._kill(MuseStudioError(ErrorKind.WORKER_LOST, "The worker was exchanged for another."))
        while self._can_run() and self._queue:
            job = self._queue.take()
            try:
                letter = run_letter(job.id, job.request)
                self._send_letter(letter)
            except MuseStudioError as error:
                job.fail(error)
                continue
            self._running = job
            self._pace.begin()
            self._set(WorkerState.BUSY, _BUSY_WORDS)
            job.begin()

    def _can_run(self) -> bool:
        return self._status.state is WorkerState.READY and self._running is None and self._killed_for is None

    def _release(self, end: Callable[[], bool]) -> None:
        """End the running job and let the next one begin."""
        self._running = None
        if self._cancel_timer is not None:
            self._cancel_timer.cancel()
        self._set(WorkerState.READY, _READY_WORDS)
        end()
        self._run_next()

    def _cancel(self, job: Job) -> None:
        if self._queue.remove(job):
            job.mark_cancelled()
        elif job is self._running and self._loop is not None:
            self._send(messages.Cancel(job.id))
            self._cancel_timer = self._loop.call_later(limits.CANCEL_TIMEOUT_S, self._cancel_by_force, job)

    def _cancel_by_force(self, job: Job) -> None:
        if job is self._running:
            self._kill(MuseStudioError(ErrorKind.WORKER_LOST, "The worker did not stop when asked and was ended."))

    def _end_all_jobs(self) -> None:
        jobs, self._running = self.jobs, None
        self._queue.clear()
        for job in jobs:
            job.mark_cancelled()

    # Small things

    def _send(self, message: messages.Message) -> None:
        self._send_letter(Letter(message))

    def _send_letter(self, letter: Letter) -> None:
        if self._process is not None:
            self._process.send_letter(letter)

    def _set(
        self,
        state: WorkerState,
        message: str,
        share: float | None = None,
        hung: bool = False,
        offers: tuple[Offer, ...] = (),
    ) -> None:
        self._status = replace(self._status, state=state, message=message, share=share, hung=hung, offers=offers)
        self._bell.ring()
        call_each(self.on_status, self._status)

    def _stop_timers(self) -> None:
        for timer in (self._timer, self._cancel_timer):
            if timer is not None:
                timer.cancel()
        self._timer = self._cancel_timer = None
        if self._watchdog is not None:
            self._watchdog.stop()
            self._watchdog = None

    async def _all_ended(self, timeout_s: float) -> bool:
        """True once no process is left; False after `timeout_s`."""
        try:
            async with asyncio.timeout(timeout_s):
                while self._alive:
                    await self._bell.wait()
        except TimeoutError:
            return False
        return True
