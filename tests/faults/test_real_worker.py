"""The real worker, with torch and a tiny random cascade, through everything that can befall it."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from muse_studio.client.client import WorkerClient
from muse_studio.client.jobs import Job, JobState, WorkerState
from muse_studio.core.request import EditRequest, Mode, StagePlan
from muse_studio.worker.session import ResultEvent, Session

REQUEST = EditRequest(Mode.GENERATE, "a fox", seed=5)
PATIENCE_S = 900.0  # torch is imported three times; only so that a broken worker fails instead of hanging


def in_process(model: Path, request: EditRequest) -> ResultEvent:
    session = Session()
    session.load(model, "cpu")
    last = list(session.run(request))[-1]
    assert isinstance(last, ResultEvent)
    return last


def assert_same(job: Job, expected: ResultEvent) -> None:
    assert job.state is JobState.FINISHED, job.error
    assert job.result is not None
    np.testing.assert_array_equal(job.result.base_tokens, expected.base_tokens)
    np.testing.assert_array_equal(job.result.superres_tokens, expected.superres_tokens)
    np.testing.assert_array_equal(job.result.picture, expected.picture)


def kill(client: WorkerClient) -> None:
    assert client.pid is not None
    os.kill(client.pid, signal.SIGKILL)


async def loses_only_the_job_it_is_killed_in(client: WorkerClient, step: int) -> None:
    job, after = client.submit(REQUEST), client.submit(replace(REQUEST, size=256))
    async for one in job.steps():
        if one.job_index >= step:
            kill(client)
    assert job.state in (JobState.LOST, JobState.FINISHED)
    assert len(job.history) > step
    assert await after.wait() is JobState.FINISHED


async def comes_back_when_killed_while_loading(client: WorkerClient) -> None:
    while client.status.state is not WorkerState.LOADING:
        await asyncio.sleep(0.01)
    kill(client)
    await client.ready()


async def leaves_no_descriptor_thread_or_child_behind(client: WorkerClient) -> None:
    """Thirty short jobs, every fifth cancelled."""
    short = replace(REQUEST, size=256, base=StagePlan(steps=2))
    before: Any = None
    for number in range(30):
        job = client.submit(short)
        if number % 5 == 4:
            job.cancel()
        await job.wait()
        assert client.pid is not None
        after = held_by(os.getpid()), held_by(client.pid), threading.active_count()
        before = after if number == 4 else before
    assert after == before


def held_by(pid: int) -> tuple[int, int]:
    """File descriptors and children of a process."""
    process = psutil.Process(pid)
    return process.num_fds(), len(process.children())


def test_the_same_request_gives_the_same_picture_here_there_and_after_every_death(tiny_model: Path) -> None:
    expected = in_process(tiny_model, REQUEST)

    async def test() -> None:
        client = WorkerClient(tiny_model, "cpu")
        await client.start()
        async with asyncio.timeout(PATIENCE_S):
            await comes_back_when_killed_while_loading(client)
            first, second = client.submit(REQUEST), client.submit(REQUEST)
            await second.wait()
            assert_same(first, expected)
            assert_same(second, expected)
            assert client.status.model == "tiny"
            await leaves_no_descriptor_thread_or_child_behind(client)
            await loses_only_the_job_it_is_killed_in(client, 4)
            again = client.submit(REQUEST)
            await again.wait()
            assert_same(again, expected)
        await client.close()

    asyncio.run(test())
