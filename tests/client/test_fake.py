"""The fake behaves as a window expects of the real client."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from muse_studio.client.client import WorkerClient
from muse_studio.client.fake import FakeClient, FakeScript
from muse_studio.client.jobs import Job, JobState, WorkerState, WorkerStatus
from muse_studio.client.queue import Place
from muse_studio.client.surface import StudioClient
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.request import EditRequest, Mode

REQUEST = EditRequest(Mode.GENERATE, "fox")


def inpaint(mask: np.ndarray) -> EditRequest:  # type: ignore[type-arg]
    return EditRequest(Mode.INPAINT, "fox", picture=np.full((512, 512, 3), 9, np.uint8), mask=mask)


def with_fake(test: Callable[[FakeClient], Awaitable[None]], script: FakeScript | None = None) -> None:
    async def main() -> None:
        fake = FakeClient(None, script)
        await fake.start()
        await test(fake)
        await fake.close()
        assert fake.jobs == ()

    asyncio.run(main())


def test_both_clients_have_the_same_surface() -> None:
    clients: list[StudioClient] = [FakeClient(), WorkerClient(Path("m"))]
    for client in clients:
        assert client.status.state is WorkerState.CLOSED
        assert client.jobs == ()


def test_time_passes_only_when_told() -> None:
    async def test(fake: FakeClient) -> None:
        job, after = fake.submit(REQUEST), fake.submit(REQUEST)
        assert fake.status.state is WorkerState.BUSY
        fake.advance(3)
        assert len(job.history) == 3
        fake.advance(30)
        assert job.state is JobState.FINISHED
        assert after.state is JobState.RUNNING
        assert fake.requests == [REQUEST, REQUEST]

    with_fake(test)


def test_variations_come_step_by_step_and_end_together() -> None:
    async def test(fake: FakeClient) -> None:
        job = fake.submit(replace(REQUEST, count=3))
        fake.advance(2)
        assert [(step.job_index, step.variation) for step in job.history] == [
            (i, v) for i in range(2) for v in range(3)
        ]
        fake.advance(40)
        assert job.state is JobState.FINISHED
        assert [result.variation for result in job.results] == [0, 1, 2]

    with_fake(test)


def test_with_a_clock_jobs_run_by_themselves() -> None:
    async def main() -> None:
        fake = FakeClient(0.0)
        await fake.start()
        job = fake.submit(REQUEST)
        assert [step.job_index async for step in job.steps()][-1] == 31
        assert job.state is JobState.FINISHED
        await fake.close()

    asyncio.run(main())


def test_cancel_fail_and_crash_end_jobs_as_the_worker_would() -> None:
    async def test(fake: FakeClient) -> None:
        cancelled, failed, lost = (fake.submit(REQUEST) for _ in range(3))
        fake.advance(2)
        cancelled.cancel()
        assert cancelled.state is JobState.CANCELLED
        fake.script.fail_at, fake.script.error = 1, MuseStudioError(ErrorKind.OUT_OF_MEMORY, "Choose 256.")
        fake.advance(2)
        assert failed.state is JobState.FAILED
        assert failed.error is fake.script.error
        fake.script.fail_at, fake.script.lose_at = None, 0
        seen: list[WorkerStatus] = []
        fake.on_status.append(seen.append)
        fake.advance()
        assert lost.state is JobState.LOST
        assert [status.state for status in seen] == [WorkerState.RESTARTING, WorkerState.READY]

    with_fake(test)


def test_a_deaf_worker_is_cancelled_at_its_next_step() -> None:
    async def test(fake: FakeClient) -> None:
        job = fake.submit(REQUEST)
        fake.advance()
        job.cancel()
        assert job.state is JobState.RUNNING
        fake.advance()
        assert job.state is JobState.CANCELLED

    with_fake(test, FakeScript(deaf=True))


def test_a_result_changes_only_what_is_under_the_mask() -> None:
    async def test(fake: FakeClient) -> None:
        mask = np.zeros((512, 512), np.uint8)
        mask[:100] = 255
        job, untouched = fake.submit(inpaint(mask)), fake.submit(inpaint(np.zeros_like(mask)))
        fake.advance(40)
        assert job.result is not None
        assert (job.result.picture[100:] == 9).all()
        assert not (job.result.picture[:100] == 9).all()
        assert untouched.result is not None
        assert (untouched.result.picture == 9).all()
        assert untouched.history == []

    with_fake(test)


def test_jobs_for_a_worker_that_failed_fail_at_once() -> None:
    async def test(fake: FakeClient) -> None:
        fake.set_status(WorkerState.FAILED, "No model.")
        assert fake.submit(REQUEST).state is JobState.FAILED
        with pytest.raises(MuseStudioError, match="No model"):
            await fake.ready()
        await fake.restart(Path("better"), "cpu")
        assert (fake.status.state, fake.status.model, fake.status.device) == (WorkerState.READY, "better", "cpu")

    with_fake(test)


def test_the_queue_takes_jobs_at_its_front_at_its_back_and_instead_of_all() -> None:
    async def test(fake: FakeClient) -> None:
        told: list[tuple[Job, ...]] = []
        fake.on_queue.append(told.append)
        running, last = fake.submit(REQUEST), fake.submit(REQUEST)
        first = fake.submit(REQUEST, Place.FRONT)
        assert fake.jobs == (running, first, last)
        assert told[-1] == (first, last)
        assert fake.move(first, 5)
        assert fake.jobs == (running, last, first)
        assert not fake.move(running, 1)
        assert fake.queue_seconds_left == pytest.approx(3 * 3.2)
        fake.advance(2)
        assert fake.seconds_left(running) == pytest.approx(3.0)
        only = fake.submit(REQUEST, Place.REPLACE)
        assert fake.jobs == (only,)
        assert [job.state for job in (running, last, first)] == [JobState.CANCELLED] * 3
        assert only.state is JobState.RUNNING

    with_fake(test)


def test_all_can_be_cancelled_at_once() -> None:
    async def test(fake: FakeClient) -> None:
        jobs = [fake.submit(REQUEST) for _ in range(3)]
        fake.advance(3)
        fake.cancel_all()
        assert [job.state for job in jobs] == [JobState.CANCELLED] * 3
        assert fake.jobs == ()
        assert fake.status.state is WorkerState.READY

    with_fake(test)


def test_a_switch_waits_for_the_running_job_and_keeps_those_that_wait() -> None:
    async def test(fake: FakeClient) -> None:
        first, second = fake.submit(REQUEST), fake.submit(REQUEST)
        fake.advance(2)
        await fake.restart(Path("better"), after_job=True)
        assert (fake.restarts, first.state) == (0, JobState.RUNNING)
        fake.advance(33)
        assert first.state is JobState.FINISHED
        assert (fake.restarts, fake.status.model) == (1, "better")
        assert second.state is JobState.RUNNING

    with_fake(test)
