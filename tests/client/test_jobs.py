"""A job ends exactly once, whatever is asked of it; its steps reach every reader, the last one always."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from muse_studio.client.fake_decode import fake_result, fake_step
from muse_studio.client.jobs import Job, JobState, JobStep, lost_error
from muse_studio.core.request import EditRequest, Mode

REQUEST = EditRequest(Mode.GENERATE, "fox")
RESULT = fake_result(REQUEST)


def a_job() -> Job:
    return Job(1, REQUEST, lambda job: None)


def step(index: int, total: int = 32, preview: bool = True) -> JobStep:
    made = fake_step(REQUEST, index, total, total)
    return made if preview else replace(made, preview=np.zeros((0, 0, 3), np.uint8))


ACTIONS = {
    "begin": lambda job: job.begin(),
    "step": lambda job: job.add_step(step(len(job.history) % 32)),
    "finish": lambda job: job.finish(RESULT),
    "cancelled": lambda job: job.mark_cancelled(),
    "fail": lambda job: job.fail(lost_error()),
    "lose": lambda job: job.lose(lost_error()),
    "cancel": lambda job: job.cancel(),
}


@given(st.lists(st.sampled_from(sorted(ACTIONS)), max_size=30))
def test_a_job_reaches_one_end_and_stays_there(actions: list[str]) -> None:
    job = a_job()
    seen: list[JobState] = []
    job.on_change.append(lambda job: seen.append(job.state))
    for action in actions:
        before, steps = job.state, len(job.history)
        ACTIONS[action](job)
        if before.is_end:
            assert job.state is before
            assert len(job.history) == steps
        if before is JobState.QUEUED:
            assert not job.history
    assert sum(state.is_end for state in seen) <= 1
    assert (job.result is not None) == (job.state is JobState.FINISHED)
    assert (job.error is not None) == (job.state in (JobState.FAILED, JobState.LOST))


def test_cancel_is_passed_on_once_and_never_after_the_end() -> None:
    asked: list[Job] = []
    job = Job(1, REQUEST, asked.append)
    job.cancel()
    job.cancel()
    assert asked == [job]
    job.mark_cancelled()
    job.cancel()
    ended = Job(2, REQUEST, asked.append)
    ended.fail(lost_error())
    ended.cancel()
    assert asked == [job]


def test_a_reader_that_falls_behind_gets_the_newest_step_and_never_misses_the_last() -> None:
    async def test() -> list[int]:
        job, seen = a_job(), []
        job.begin()

        async def read() -> None:
            async for one in job.steps():
                seen.append(one.job_index)
                if one.job_index == 0:
                    await release.wait()

        release = asyncio.Event()
        reader = asyncio.create_task(read())
        job.add_step(step(0))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        for index in range(1, 32):
            job.add_step(step(index))
        job.finish(RESULT)
        release.set()
        await reader
        return seen

    assert asyncio.run(test()) == [0, 31]


def test_steps_whose_preview_was_overtaken_are_kept_but_not_shown() -> None:
    async def test() -> None:
        job = a_job()
        job.begin()
        shown: list[int] = []

        async def read() -> None:
            shown.extend([one.job_index async for one in job.steps()])

        reader = asyncio.create_task(read())
        for index in range(6):
            job.add_step(step(index, 6, preview=index % 2 == 1))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        job.finish(RESULT)
        await reader
        assert shown == [1, 3, 5]
        assert len(job.history) == 6

    asyncio.run(test())


def test_several_readers_all_end_with_the_job_and_late_ones_get_its_last_step() -> None:
    async def test() -> None:
        job = a_job()
        job.begin()
        readers = [asyncio.create_task(_last(job)) for _ in range(3)]
        job.add_step(step(0, 2))
        job.add_step(step(1, 2))
        job.lose(lost_error())
        assert [await reader for reader in readers] == [1, 1, 1]
        assert await _last(job) == 1
        assert await job.wait() is JobState.LOST

    async def _last(job: Job) -> int:
        return [one.job_index async for one in job.steps()][-1]

    asyncio.run(test())


def test_a_reader_that_is_cancelled_harms_nobody() -> None:
    async def test() -> None:
        job = a_job()
        reader = asyncio.create_task(job.wait())
        await asyncio.sleep(0)
        reader.cancel()
        await asyncio.sleep(0)
        job.begin()
        job.finish(RESULT)
        assert await job.wait() is JobState.FINISHED

    asyncio.run(test())
