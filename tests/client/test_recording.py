"""A run gets every step of its job, in order, whenever one begins to listen, and the job's end."""

from __future__ import annotations

import asyncio

import pytest

from muse_studio.client.fake import FakeClient, FakeScript
from muse_studio.client.recording import Recorder
from muse_studio.core.geometry import Rect
from muse_studio.core.job_state import JobState
from muse_studio.core.request import EditRequest, Mode
from muse_studio.core.runs import RunTree

REQUEST = EditRequest(Mode.GENERATE, "fox", count=3)
FRAME = Rect(0, 0, 512, 512)


@pytest.mark.parametrize("late", [0, 5, 100])
def test_every_step_of_every_variation_is_recorded(late: int) -> None:
    async def main() -> None:
        client, tree = FakeClient(None), RunTree()
        await client.start()
        job, run = client.submit(REQUEST), tree.begin(REQUEST, FRAME)
        client.advance(late)
        Recorder(tree, run, job)
        client.advance(100)
        assert [[step.job_index for step in row] for row in run.steps] == [list(range(32))] * 3
        assert run.state is JobState.FINISHED
        assert sorted(run.results) == [0, 1, 2]
        assert job.on_change == []
        await client.close()

    asyncio.run(main())


@pytest.mark.parametrize(
    ("script", "end"), [(FakeScript(fail_at=4), JobState.FAILED), (FakeScript(lose_at=4), JobState.LOST)]
)
def test_the_end_of_the_job_is_the_end_of_the_run(script: FakeScript, end: JobState) -> None:
    async def main() -> None:
        client, tree = FakeClient(None, script), RunTree()
        await client.start()
        job, run = client.submit(REQUEST), tree.begin(REQUEST, FRAME)
        Recorder(tree, run, job)
        client.advance(10)
        assert run.state is end
        assert [len(row) for row in run.steps] == [4, 4, 4]
        cancelled, other = client.submit(REQUEST), tree.begin(REQUEST, FRAME)
        Recorder(tree, other, cancelled)
        cancelled.cancel()
        assert other.state is JobState.CANCELLED
        assert tree.runs == (run,), "nothing was made of the other, so there is nothing to look at"
        await client.close()

    asyncio.run(main())
