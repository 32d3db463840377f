"""How long jobs take, seen from the studio: seconds left of the one that runs and of those that wait.

Measures the time between steps as they arrive. The worker says better than this how long its running job will take;
only here is it known what waits. Knows nothing of what a step does.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from muse_studio.client.jobs import Job, JobState, JobStep
from muse_studio.core.limits import FRAME_SIDE_PX
from muse_studio.core.request import EditRequest, Mode
from muse_studio.ipc.messages import ModelInfo

SMOOTHING = 0.4  # weight of the newest step, as in the worker
UNMEASURED_SUPERRES_RATIO = 3.0  # a super-resolution step against a base step, until one has been timed

Clock = Callable[[], float]


class QueuePace:
    """Seconds per step and picture of each stage, and of the work beside the steps, remembered from job to job."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._seconds: dict[str, float] = {}
        self._beside: float | None = None  # a picture's share of what comes before the first step and after the last
        self._steps: dict[
            Mode, dict[str, int]
        ] = {}  # of the last job of each mode, where the model's plan says nothing
        self._began_s = self._last_s = 0.0
        self._last: JobStep | None = None
        self._before_s = 0.0

    def begin(self) -> None:
        """A job is sent to the worker."""
        self._began_s = self._last_s = self._clock()
        self._last = None

    def note_step(self, job: Job, step: JobStep) -> None:
        """A step of the running job has arrived; of several variations the first one tells."""
        if step.variation != 0:
            return
        now = self._clock()
        if self._last is None:
            self._before_s = now - self._began_s
        elif self._last.stage == step.stage:
            self._learn(step.stage, (now - self._last_s) / job.request.count)
        self._last, self._last_s = step, now

    def note_end(self, job: Job) -> None:
        """The running job has finished."""
        if self._last is None or not self._seconds:
            return
        before = self._before_s / job.request.count - self._step(job.history[0].stage)  # the first step is in it
        after = (self._clock() - self._last_s) / job.request.count
        self._beside = _mixed(self._beside, max(0.0, before) + after)
        stages = [step.stage for step in job.history if step.variation == 0]
        self._steps[job.request.mode] = {stage: stages.count(stage) for stage in ("base", "superres")}

    def left_of(self, job: Job, model: ModelInfo | None) -> float | None:
        """Seconds until this job would end if it ran now; None before anything was measured."""
        if job.state is JobState.RUNNING and job.history and job.history[-1].seconds_left is not None:
            return max(0.0, job.history[-1].seconds_left - (self._clock() - self._last_s))
        whole = self.whole(job.request, model)
        if whole is None or job.state is not JobState.RUNNING:
            return whole
        return max(0.0, whole - (self._clock() - self._began_s))

    def left_of_all(self, jobs: Iterable[Job], model: ModelInfo | None) -> float | None:
        """Of all these together; None where one of them can't be told."""
        total = 0.0
        for job in jobs:
            seconds = self.left_of(job, model)
            if seconds is None:
                return None
            total += seconds
        return total

    def whole(self, request: EditRequest, model: ModelInfo | None) -> float | None:
        """Seconds of a job that has not begun: its planned steps, at the pace of those before it."""
        if not self._seconds:
            return None
        steps = sum(count * self._step(stage) for stage, count in self._planned(request, model).items())
        return request.count * (steps + (self._beside or 0.0))

    def _planned(self, request: EditRequest, model: ModelInfo | None) -> dict[str, int]:
        """Steps of each stage: as asked for, else as the last job of the mode had, else as the model plans."""
        seen = self._steps.get(request.mode, {})
        plans = {"base": request.base, "superres": request.superres}
        usual = {"base": model.base, "superres": model.superres} if model else {}
        planned = {stage: plan.steps for stage, plan in usual.items() if plan is not None}
        steps = {stage: plan.steps or seen.get(stage) or planned.get(stage) or 0 for stage, plan in plans.items()}
        if request.mode is Mode.RETEXTURE:
            steps["base"] = 0
        if request.size != FRAME_SIDE_PX or (model is not None and model.superres is None):
            steps["superres"] = 0
        return steps

    def _learn(self, stage: str, seconds: float) -> None:
        self._seconds[stage] = _mixed(self._seconds.get(stage), seconds)

    def _step(self, stage: str) -> float:
        if stage in self._seconds:
            return self._seconds[stage]
        ratio = UNMEASURED_SUPERRES_RATIO if stage == "superres" else 1 / UNMEASURED_SUPERRES_RATIO
        return self._seconds["base" if stage == "superres" else "superres"] * ratio


def _mixed(known: float | None, seconds: float) -> float:
    return seconds if known is None else known + SMOOTHING * (seconds - known)
