"""The client with a real, scripted process at the other end of its pipes."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import psutil
import pytest

from muse_studio.client import limits
from muse_studio.client.client import WorkerClient
from muse_studio.client.jobs import Job, JobState, WorkerState, WorkerStatus
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.request import EditRequest, Mode

SCRIPT = Path(__file__).with_name("scripted_worker.py")
PATIENCE_S = 300.0  # only so that a broken client fails instead of hanging; nothing is measured
T = TypeVar("T")


def command(**options: Any) -> list[str]:
    return [sys.executable, str(SCRIPT), json.dumps(options)]


@asynccontextmanager
async def started(**options: Any) -> AsyncIterator[WorkerClient]:
    client = WorkerClient(Path("some/model"), "cpu", command(**options))
    await client.start()
    try:
        async with asyncio.timeout(PATIENCE_S):
            yield client
    finally:
        await client.close()
        assert client.status.state is WorkerState.CLOSED
        assert client.jobs == ()


def request(script: str = "", seed: int = 0, size: int = 256) -> EditRequest:
    return EditRequest(Mode.GENERATE, script, seed=seed, size=size)


async def until(condition: Callable[[], object]) -> None:
    while not condition():
        await asyncio.sleep(0.005)


def run(test: Callable[[], Awaitable[T]]) -> T:
    async def main() -> T:
        return await test()

    return asyncio.run(main())


def is_stopped(client: WorkerClient) -> bool:
    return client.pid is not None and psutil.Process(client.pid).status() == psutil.STATUS_STOPPED


def states_of(client: WorkerClient) -> list[WorkerStatus]:
    seen: list[WorkerStatus] = []
    client.on_status.append(seen.append)
    return seen


def test_a_job_gives_every_step_in_order_and_its_result() -> None:
    async def test() -> None:
        async with started() as client:
            job = client.submit(request("steps=9", seed=7))
            last = [step async for step in job.steps()][-1]
            assert job.state is JobState.FINISHED
            assert [step.job_index for step in job.history] == list(range(9))
            assert last is job.history[-1]
            assert job.result is not None
            assert job.result.picture.shape == (256, 256, 3)
            assert (job.result.picture == 7).all()

    run(test)


def test_a_job_of_several_variations_gives_each_its_steps_and_its_result() -> None:
    async def test() -> None:
        async with started() as client:
            job = client.submit(replace(request("steps=4", seed=7), count=3))
            assert await job.wait() is JobState.FINISHED
            assert [(step.job_index, step.variation) for step in job.history] == [
                (i, v) for i in range(4) for v in range(3)
            ]
            assert [result.variation for result in job.results] == [0, 1, 2]
            assert [int(result.picture[0, 0, 0]) for result in job.results] == [7, 8, 9]
            assert job.result is job.results[0]
            assert await client.submit(request("steps=1")).wait() is JobState.FINISHED

    run(test)


def test_variations_that_were_finished_survive_the_worker() -> None:
    async def test() -> None:
        async with started() as client:
            job = client.submit(replace(request("steps=2 die_after=2", seed=7), count=3))
            assert await job.wait() is JobState.LOST
            assert [int(result.picture[0, 0, 0]) for result in job.results] == [7, 8]

    run(test)


def test_loading_is_told_as_progress_and_names_model_and_device() -> None:
    async def test() -> None:
        async with started() as client:
            seen = states_of(client)
            await client.ready()
            shares = [status.share for status in seen if status.state is WorkerState.LOADING]
            assert shares == sorted(shares)
            assert len(set(shares)) >= 4
            assert any("odel on cpu" in status.message for status in seen)
            assert client.status.model == "scripted"
            assert client.status.device == "a scripted device"

    run(test)


def test_jobs_submitted_before_the_worker_is_ready_run_in_order() -> None:
    async def test() -> None:
        order: list[int] = []
        async with started(load_s=0.1) as client:
            jobs = [client.submit(request("steps=2")) for _ in range(4)]
            for job in jobs:
                job.on_change.append(lambda job: order.append(job.id) if job.state.is_end else None)
            assert client.jobs == tuple(jobs)
            assert {await job.wait() for job in jobs} == {JobState.FINISHED}
        assert order == [job.id for job in jobs]

    run(test)


def test_cancel_ends_a_running_job_between_steps_and_the_worker_stays() -> None:
    async def test() -> None:
        async with started() as client:
            job = client.submit(request("steps=500 step_s=0.01"))
            async for _ in job.steps():
                pid = client.pid
                job.cancel()
                job.cancel()
            assert job.state is JobState.CANCELLED
            assert len(job.history) < 500
            assert await client.submit(request()).wait() is JobState.FINISHED
            assert client.pid == pid
            job.cancel()
            assert job.state is JobState.CANCELLED

    run(test)


def test_cancel_of_a_waiting_job_never_reaches_the_worker() -> None:
    async def test() -> None:
        async with started() as client:
            running = client.submit(request("steps=5 step_s=0.02"))
            waiting = client.submit(request())
            waiting.cancel()
            assert waiting.state is JobState.CANCELLED
            assert await running.wait() is JobState.FINISHED
            assert client.jobs == ()

    run(test)


def test_a_failed_job_tells_why_and_the_next_one_runs_in_the_same_worker() -> None:
    async def test() -> None:
        async with started() as client:
            job = client.submit(request("fail=2"))
            after = client.submit(request())
            assert await job.wait() is JobState.FAILED
            assert job.error is not None
            assert job.error.kind is ErrorKind.OUT_OF_MEMORY
            assert "choose 256" in job.error.message
            assert job.error.detail == "the detail"
            assert len(job.history) == 2
            pid = client.pid
            assert await after.wait() is JobState.FINISHED
            assert client.pid == pid

    run(test)


@pytest.mark.parametrize("step", [0, 1, 3, 5])
def test_a_killed_worker_loses_one_job_and_comes_back_for_the_next(step: int) -> None:
    async def test() -> None:
        async with started() as client:
            seen = states_of(client)
            job = client.submit(request(f"die={step}"))
            after = client.submit(request(seed=3))
            assert await job.wait() is JobState.LOST
            assert job.error is not None
            assert job.error.kind is ErrorKind.WORKER_LOST
            assert "memory" in job.error.message
            assert len(job.history) <= step  # what it had not sent yet died with it
            assert await after.wait() is JobState.FINISHED
            states = [status.state for status in seen]
            assert WorkerState.RESTARTING in states
            assert WorkerState.FAILED not in states

    run(test)


def test_a_worker_killed_again_and_again_while_idle_or_loading_comes_back() -> None:
    async def test() -> None:
        async with started(load_s=0.06) as client:
            for state in (WorkerState.READY, WorkerState.LOADING, WorkerState.READY, WorkerState.READY):
                await until(lambda state=state: client.status.state is state)  # type: ignore[misc]
                assert client.pid is not None
                os.kill(client.pid, signal.SIGKILL)
                await until(lambda: client.status.state is WorkerState.RESTARTING)
            assert await client.submit(request()).wait() is JobState.FINISHED

    run(test)


@pytest.mark.parametrize("moment", ["start", "hello", "load"])
def test_a_worker_that_dies_at_its_start_is_tried_three_times_then_explained(
    moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "RESTART_DELAYS_S", (0.01, 0.01, 0.01))

    async def test() -> None:
        async with started(die=moment) as client:
            seen = states_of(client)
            waiting = client.submit(request())
            assert await waiting.wait() is JobState.FAILED
            assert [status.state for status in seen].count(WorkerState.RESTARTING) == 2
            assert client.status.state is WorkerState.FAILED
            assert "Restart" in client.status.message
            if moment == "start":
                assert waiting.error is not None
                assert "a library is missing" in waiting.error.detail
            with pytest.raises(MuseStudioError):
                await client.ready()
            assert client.submit(request()).state is JobState.FAILED

    run(test)


def test_a_command_that_does_not_exist_fails_as_a_worker_that_dies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "RESTART_DELAYS_S", (0.01, 0.01, 0.01))

    async def test() -> None:
        client = WorkerClient(Path("m"), command=["/nowhere/at/all"])
        await client.start()
        with pytest.raises(MuseStudioError, match="3 tries"):
            await client.ready()
        await client.close()

    run(test)


def test_a_model_that_cannot_be_loaded_is_told_at_once_and_restart_tries_another() -> None:
    async def test() -> None:
        async with started(load_error="bad_model") as client:
            with pytest.raises(MuseStudioError, match="choose another") as caught:
                await client.ready()
            assert caught.value.kind is ErrorKind.BAD_MODEL
            assert client.status.state is WorkerState.FAILED
            client._command = command()
            await client.restart(Path("better"), "cuda")
            await client.ready()
            assert await client.submit(request()).wait() is JobState.FINISHED

    run(test)


def test_a_lost_device_is_told_and_its_worker_replaced() -> None:
    async def test() -> None:
        async with started() as client:
            seen = states_of(client)
            job = client.submit(request("gone=1"))
            after = client.submit(request())
            assert await job.wait() is JobState.FAILED
            assert job.error is not None
            assert job.error.kind is ErrorKind.DEVICE
            assert await after.wait() is JobState.FINISHED
            assert WorkerState.RESTARTING in [status.state for status in seen]

    run(test)


def test_restart_loses_the_running_job_and_keeps_the_queue() -> None:
    async def test() -> None:
        async with started() as client:
            job = client.submit(request("steps=500 step_s=0.02"))
            after = client.submit(request())
            await until(lambda: job.history)
            await client.restart()
            assert await job.wait() is JobState.LOST
            assert await after.wait() is JobState.FINISHED

    run(test)


def test_a_switch_after_the_job_loses_nothing() -> None:
    async def test() -> None:
        async with started() as client:
            job, after = client.submit(request("steps=8 step_s=0.02")), client.submit(request())
            await until(lambda: job.history)
            before = client.pid
            await client.restart(Path("better"), after_job=True)
            assert client.status.state is WorkerState.BUSY
            assert await job.wait() is JobState.FINISHED
            assert await after.wait() is JobState.FINISHED
            assert client.pid != before
            assert client.model == Path("better")

    run(test)


def test_a_stopped_worker_is_noticed_and_answers_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("muse_studio.client.watchdog.PING_INTERVAL_S", 0.03)

    async def test() -> None:
        async with started() as client:
            job = client.submit(request("steps=4 stop=2"))
            await until(lambda: client.status.hung and is_stopped(client))
            assert client.status.state is WorkerState.BUSY
            assert client.pid is not None
            os.kill(client.pid, signal.SIGCONT)
            assert await job.wait() is JobState.FINISHED
            assert not client.status.hung

    run(test)


def test_an_idle_worker_that_hangs_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("muse_studio.client.watchdog.PING_INTERVAL_S", 0.03)

    async def test() -> None:
        async with started() as client:
            await client.ready()
            pid = client.pid
            assert pid is not None
            os.kill(pid, signal.SIGSTOP)
            await until(lambda: client.status.state is WorkerState.RESTARTING)
            await client.ready()
            assert client.pid != pid

    run(test)


def test_cancel_ends_a_stopped_worker_by_force(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CANCEL_TIMEOUT_S", 0.1)

    async def test() -> None:
        async with started() as client:
            job = client.submit(request("stop=1"))
            await until(lambda: is_stopped(client))
            job.cancel()
            assert await job.wait() is JobState.CANCELLED
            assert await client.submit(request()).wait() is JobState.FINISHED

    run(test)


def test_close_ends_a_stopped_worker_by_force(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CLOSE_TIMEOUT_S", 0.1)

    async def test() -> None:
        async with started() as client:
            job = client.submit(request("stop=1"))
            await until(lambda: is_stopped(client))
        assert job.state is JobState.CANCELLED

    run(test)


@pytest.mark.parametrize("script", ["garbage=2", "again=2"])
def test_a_worker_that_breaks_the_protocol_is_replaced_and_the_fault_named(script: str) -> None:
    async def test() -> None:
        async with started() as client:
            job = client.submit(request(script + " step_s=0.03"))
            assert await job.wait() is JobState.LOST
            assert job.error is not None
            assert job.error.kind is ErrorKind.PROTOCOL
            assert [step.job_index for step in job.history] == list(range(len(job.history)))
            assert await client.submit(request()).wait() is JobState.FINISHED

    run(test)


def test_ten_megabytes_of_stray_prints_harm_nothing() -> None:
    async def test() -> None:
        async with started(noise=5_000_000) as client:
            job = client.submit(request("steps=5 print=1000000"))
            assert await job.wait() is JobState.FINISHED
            assert len(job.history) == 5
            assert client._process is not None
            assert len(client._process.log_tail()) <= limits.LOG_TAIL_BYTES

    run(test)


def test_a_listener_that_raises_harms_neither_the_job_nor_the_other_listeners(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        def broken(_: object) -> None:
            raise ValueError("a bug in a window")

        heard: list[Job] = []
        async with started() as client:
            client.on_status.append(broken)
            job = client.submit(request())
            job.on_change += [broken, heard.append]
            assert await job.wait() is JobState.FINISHED
            assert heard

    run(test)
    assert "a listener failed" in caplog.text


def test_a_client_may_be_closed_in_every_state_and_twice() -> None:
    async def test() -> None:
        for state in (WorkerState.STARTING, WorkerState.LOADING, WorkerState.READY, WorkerState.BUSY):
            async with started(load_s=0.2) as client:
                job = client.submit(request("steps=99 step_s=0.01")) if state is WorkerState.BUSY else None
                await until(lambda client=client, state=state: client.status.state is state)  # type: ignore[misc]
                await client.close()
                await client.close()
            assert job is None or job.state is JobState.CANCELLED
            assert client.submit(request()).state is JobState.CANCELLED
        never_started = WorkerClient(Path("m"), command=command())
        await never_started.close()

    run(test)
