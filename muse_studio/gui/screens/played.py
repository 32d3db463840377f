"""A client for screenshots: jobs stand still until they are told to go on, and their pictures are a real worker's.

The worker runs a job to its end first; then its steps are played, one by one, as often as they are asked for. What
depends on the machine (device, seconds) is always said to be the same.
"""

from __future__ import annotations

from dataclasses import replace

import msgspec

from muse_studio.client.fake import FakeClient
from muse_studio.client.fake_decode import STEP_S
from muse_studio.client.jobs import Job, JobResult, JobState, JobStep, WorkerState
from muse_studio.client.surface import StudioClient
from muse_studio.core.request import EditRequest

DEVICE = "CPU"


class PlayedClient(FakeClient):
    """worker: where the pictures come from; None paints coloured ones, for tests."""

    def __init__(self, worker: StudioClient | None, model: str) -> None:
        super().__init__(step_s=None)
        self._worker = worker
        self._status = replace(self._status, device=DEVICE, model=model)
        if self.device_info is not None:
            self.device_info = msgspec.structs.replace(self.device_info, name=DEVICE)
        self._played: dict[int, Job] = {}
        """By the played job's number: the worker's."""
        self._ticks = 0

    async def start(self) -> None:
        if self._worker is not None:
            await self._worker.start()
            await self._worker.ready()
        await super().start()

    async def close(self) -> None:
        await super().close()
        if self._worker is not None:
            await self._worker.close()

    def clock(self) -> float:
        """Seconds, as if each step had taken 0.1 s."""
        return self._ticks * STEP_S

    def _tick(self) -> None:
        self._ticks += 1
        super()._tick()

    async def develop(self) -> None:
        """Let the worker run all jobs that are there, so that they can be played."""
        if self._worker is None:
            return
        for job in self.jobs:
            if job.id not in self._played:
                real = self._worker.submit(job.request)
                async for _ in real.steps():
                    pass
                if real.state is not JobState.FINISHED:
                    raise SystemExit(f"A job for the screenshots {real.state}: {real.error}")
                self._played[job.id] = real

    async def restart(self, model: object = None, device: object = None, *, after_job: bool = False) -> None:
        """Nothing is restarted here."""
        self.set_status(WorkerState.READY, "Ready.")

    def _step(self, job: Job, index: int, variation: int) -> JobStep:
        real = self._played.get(job.id)
        if real is None:
            return super()._step(job, index, variation)
        steps = [step for step in real.history if step.variation == variation]
        shown = next((step.preview for step in steps[index:] if step.has_preview), steps[index].preview)
        left = STEP_S * (steps[index].job_total - index - 1)
        return replace(steps[index], preview=shown, seconds_left=left)

    def _result(self, job: Job, variation: int) -> JobResult:
        real = self._played.get(job.id)
        if real is None:
            return super()._result(job, variation)
        result = next(one for one in real.results if one.variation == variation)
        return replace(result, seconds=STEP_S * self._job_total(job.request))

    def _job_total(self, request: EditRequest) -> int:
        real = next((real for real in self._played.values() if real.request is request), None)
        if real is None:
            return super()._job_total(request)
        return real.history[-1].job_total if real.history else 0  # tokens that are only decoded again take no step
