"""The same client under Qt's event loop, where the studio runs it."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from muse_studio.client.client import WorkerClient
from muse_studio.client.jobs import JobState, WorkerState
from muse_studio.core.request import EditRequest, Mode

COMMAND = [sys.executable, str(Path(__file__).with_name("scripted_worker.py"))]


def test_jobs_accidents_and_closing_work_under_qts_loop(qapp: Any) -> None:
    import qasync

    async def test() -> None:
        client = WorkerClient(Path("m"), "cpu", COMMAND)
        await client.start()
        job = client.submit(EditRequest(Mode.GENERATE, "steps=5 step_s=0.01"))
        assert [step.job_index async for step in job.steps()][-1] == 4
        assert job.state is JobState.FINISHED
        lost = client.submit(EditRequest(Mode.GENERATE, "die=2"))
        cancelled = client.submit(EditRequest(Mode.GENERATE, "steps=500 step_s=0.01"))
        assert await lost.wait() is JobState.LOST
        async for _ in cancelled.steps():
            cancelled.cancel()
        assert cancelled.state is JobState.CANCELLED
        assert client.pid is not None
        os.kill(client.pid, signal.SIGSTOP)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("muse_studio.client.limits.CLOSE_TIMEOUT_S", 0.1)
            await client.close()
        assert client.status.state is WorkerState.CLOSED

    loop = qasync.QEventLoop(qapp, already_running=False)
    with loop:
        loop.run_until_complete(test())
