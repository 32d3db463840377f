"""What is said of the seconds left: from measured steps, never from a guess."""

from __future__ import annotations

from dataclasses import replace

import pytest

from muse_studio.client.fake_decode import fake_result, fake_step
from muse_studio.client.jobs import Job
from muse_studio.client.pace import QueuePace
from muse_studio.core.request import EditRequest, Mode, StagePlan
from muse_studio.ipc.messages import ModelInfo, Plan

REQUEST = EditRequest(Mode.GENERATE, "fox")
MODEL = ModelInfo("m", "l", Plan(24, 1.0, 1.0), Plan(8, 1.0, 1.0), (512, 256), 16, 64)


class Watch:
    """A clock, and a worker whose base steps take 0.5 s a picture and the others 2 s; 3.5 s are beside them."""

    def __init__(self) -> None:
        self.now = 100.0
        self.pace = QueuePace(lambda: self.now)

    def run(self, request: EditRequest, steps: int | None = None) -> Job:
        """A job of 24 + 8 steps, or the first few of them; with all it ends."""
        job = Job(1, request, lambda _: None)
        job.begin()
        self.pace.begin()
        self.now += 0.5 * request.count  # the words are read before the first step
        total = 32 if request.size == 512 else 24
        for index in range(total if steps is None else steps):
            step = replace(fake_step(request, index, 24, total), seconds_left=None)
            self.now += request.count * (0.5 if step.stage == "base" else 2.0)
            for variation in range(request.count):
                self.pace.note_step(job, replace(step, variation=variation))
                job.add_step(replace(step, variation=variation))
        if steps is None:
            self.now += 3.0 * request.count
            self.pace.note_end(job)
            job.finish(fake_result(request))
        return job


def queued(request: EditRequest = REQUEST) -> Job:
    return Job(2, request, lambda _: None)


def test_nothing_is_said_before_anything_was_measured() -> None:
    watch = Watch()
    assert watch.pace.left_of(queued(), MODEL) is None
    assert watch.pace.left_of_all([queued()], MODEL) is None
    assert watch.pace.left_of_all([], MODEL) == 0


def test_a_job_like_the_last_takes_as_long() -> None:
    watch = Watch()
    began = watch.now
    watch.run(REQUEST)
    assert watch.pace.left_of(queued(), MODEL) == pytest.approx(watch.now - began)
    assert watch.pace.left_of_all([queued(), queued()], MODEL) == pytest.approx(2 * (watch.now - began))


@pytest.mark.parametrize(
    ("request_", "seconds"),
    [
        (replace(REQUEST, count=4), 4 * (3.5 + 12 + 16)),
        (replace(REQUEST, size=256), 3.5 + 12),
        (replace(REQUEST, base=StagePlan(steps=6), superres=StagePlan(steps=2)), 3.5 + 3 + 4),
    ],
)
def test_other_jobs_take_as_long_as_their_steps(request_: EditRequest, seconds: float) -> None:
    watch = Watch()
    watch.run(REQUEST)
    assert watch.pace.left_of(queued(request_), MODEL) == pytest.approx(seconds)


def test_what_the_worker_says_of_its_running_job_is_counted_down() -> None:
    watch = Watch()
    job = watch.run(REQUEST, steps=3)
    job.add_step(replace(fake_step(REQUEST, 3, 24, 32), seconds_left=20.0))
    assert watch.pace.left_of(job, MODEL) == 20.0
    watch.now += 4.0
    assert watch.pace.left_of(job, MODEL) == 16.0
    watch.now += 40.0
    assert watch.pace.left_of(job, MODEL) == 0.0


def test_a_slower_machine_shows_in_a_few_steps() -> None:
    watch = Watch()
    watch.run(REQUEST)
    before = watch.pace.whole(REQUEST, MODEL)
    assert before is not None
    watch.run(replace(REQUEST, count=2), steps=2)
    for index in range(2, 6):
        watch.now += 2 * 5.0
        watch.pace.note_step(queued(replace(REQUEST, count=2)), fake_step(REQUEST, index, 24, 32))
    after = watch.pace.whole(REQUEST, MODEL)
    assert after is not None
    assert after > 4 * before / 2
