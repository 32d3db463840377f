"""What is asked about LoRA files is answered by a real, scripted worker, whatever it does meanwhile."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.loras import LoraUse
from tests.client.test_client import request, run, started, until


def test_a_lora_is_looked_at_between_the_steps_of_a_job_and_refused_in_words(tmp_path: Path) -> None:
    async def test() -> None:
        good = tmp_path / "ink.safetensors"
        good.write_bytes(b"numbers")
        async with started() as client:
            early = await client.look_at_lora(good)  # before the worker is ready
            assert early == LoraUse.of_file(good)
            assert early.path == str(good)
            job = client.submit(request("steps=400 step_s=0.01"))
            await until(lambda: job.history)
            answers = await asyncio.gather(
                *(client.look_at_lora(path) for path in (good, tmp_path / "no.safetensors", good)),
                return_exceptions=True,
            )
            assert not job.state.is_end
            assert answers[0] == answers[2] == early
            assert isinstance(answers[1], MuseStudioError)
            assert answers[1].kind is ErrorKind.BAD_MODEL
            assert "no.safetensors” cannot be used: it was made for another model" in answers[1].message
            job.cancel()
            await job.wait()
            assert await client.look_at_lora(good) == early
            with pytest.raises(MuseStudioError, match="path of its file is too long"):
                await client.look_at_lora(tmp_path / ("x" * 1000))

    run(test)


def test_a_worker_that_dies_while_it_looks_is_told_and_comes_back(tmp_path: Path) -> None:
    async def test() -> None:
        (tmp_path / "ink.safetensors").write_bytes(b"numbers")
        async with started() as client:
            with pytest.raises(MuseStudioError, match="Add the file again") as caught:
                await client.look_at_lora(tmp_path / "die.safetensors")
            assert caught.value.kind is ErrorKind.WORKER_LOST
            assert (await client.look_at_lora(tmp_path / "ink.safetensors")).name == "ink"

    run(test)
