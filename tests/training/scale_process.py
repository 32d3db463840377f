"""A process of its own that trains something tiny: one of several, or one that will be killed.

python -m tests.training.scale_process FOLDER RANK WORLD STEPS ENGINE:TASK[:KEY=VALUE…] …

Each run leaves its checkpoint in FOLDER/ENGINE-TASK. KEY is a field of RunOptions or LoopConfig.

python -m tests.training.scale_process kill FOLDER TIMES

starts a run that does little but write checkpoints, kills it after a few of them, and starts it again.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
import warnings
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load, save_file
from torch import Tensor, nn

from muse_studio.training.engine import Engine, Launched
from muse_studio.training.loop import LoopConfig, RunOptions, Task, train
from muse_studio.training.state import CHECKPOINT
from muse_studio.training.tensors import whole

CPU = torch.device("cpu")


class NetTask:
    """Fits a small network to a fixed function; remembers which examples it has seen."""

    name = "net"

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.module: nn.Module = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))
        self.seen: list[int] = []

    def config(self) -> dict[str, Any]:
        return {"width": 8}

    def batches(self, first: int, batch: int, stride: int = 0) -> Iterator[Tensor]:
        while True:
            self.seen += range(first, first + batch)
            yield torch.stack(
                [torch.tensor([number % 7 / 7, number % 5 / 5]) for number in range(first, first + batch)]
            )
            first += stride or batch

    def loss(self, batch: Tensor) -> dict[str, Tensor]:
        return {"loss": (self.module(batch) - batch.sum(1, keepdim=True).sin()).pow(2).mean()}

    def sheet(self, module: nn.Module) -> Image.Image:
        return Image.new("RGB", (4, 4))


def transformer(stage: str) -> Task:
    """A stage of the tiny cascade on pictures of noise."""
    from muse_studio.muse.presets import random_text_encoder, tiny
    from muse_studio.muse.vqgan import VQGAN
    from muse_studio.training.masked import BaseTask, MaskedConfig, SuperResTask
    from muse_studio.training.stages import PicturePair

    def pair(number: int) -> PicturePair:
        rng = np.random.default_rng(number)
        small = rng.integers(0, 256, (256, 256, 3), dtype=np.uint8)
        return PicturePair(small, small.repeat(2, 0).repeat(2, 1), f"picture {number}")

    torch.manual_seed(0)
    sizes = tiny()
    vqgans = [VQGAN(sizes.base_vqgan).eval(), VQGAN(sizes.superres_vqgan).eval()]
    text = random_text_encoder()
    if stage == "base":
        return BaseTask(sizes.base, MaskedConfig(), pair, vqgans[:1], text, ["a"], CPU)
    return SuperResTask(sizes.superres, MaskedConfig(), pair, vqgans, text, ["a"], CPU)


def tokenizer() -> Task:
    """A tiny tokenizer that begins its codebook at the third step."""
    from muse_studio.muse.presets import tiny
    from muse_studio.training.tokenizer import TokenizerConfig, TokenizerTask

    def compose(number: int) -> np.ndarray:
        return np.random.default_rng(number).integers(0, 256, (64, 64, 3), dtype=np.uint8)

    torch.manual_seed(0)
    return TokenizerTask("base-vqgan", tiny().base_vqgan, TokenizerConfig(64, 64, free_steps=2), compose, CPU)


TASKS = {"net": NetTask, "base": lambda: transformer("base"), "superres": lambda: transformer("superres")}
TASKS["tokenizer"] = tokenizer


def configured(steps: int, settings: list[str]) -> tuple[LoopConfig, RunOptions]:
    options = RunOptions(budget_steps=steps, draws=False, log_every=1, report=lambda text: None)
    config = LoopConfig(total_s=1e12, batch=4, rate=1e-2, warm_up=1, average=0.0)
    for setting in settings:
        key, value = setting.split("=")
        parsed = value if key == "optimiser" else json.loads(value)
        if key in {field.name for field in fields(RunOptions)}:
            options = replace(options, **{key: parsed})
        else:
            config = replace(config, **{key: parsed})
    return config, options


def main(folder: str, rank: str, world: str, steps: str, *runs: str) -> None:
    torch.set_num_threads(1)
    if world != "1":
        join(folder, int(rank), int(world))
    warnings.simplefilter("error")
    for run in runs:
        kind, task, *settings = run.split(":")
        engine = Engine(CPU) if kind == "single" else Launched(kind, CPU)  # type: ignore[arg-type]
        done = Path(folder) / f"{kind}-{task}"
        work = TASKS[task]()
        train(work, *configured(int(steps), settings), done, engine)
        weights = {name: whole(value).contiguous().clone() for name, value in work.module.state_dict().items()}
        save_file(weights, Path(folder) / f"{kind}-{task}.{rank}.safetensors")
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


def join(folder: str, rank: int, world: int) -> None:
    """Through a file, so that no port is opened for it; gloo itself pairs the processes on this machine."""
    os.environ.update(RANK=str(rank), LOCAL_RANK=str(rank), WORLD_SIZE=str(world), LOCAL_WORLD_SIZE=str(world))
    os.environ.update(GLOO_SOCKET_IFNAME="lo", MASTER_ADDR="127.0.0.1", MASTER_PORT="29500", ACCELERATE_USE_CPU="true")
    import accelerate  # noqa: F401 - its import warns, and later warnings are errors

    rendezvous = f"file://{Path(folder).resolve()}/rendezvous"
    torch.distributed.init_process_group("gloo", init_method=rendezvous, rank=rank, world_size=world)


def kill(folder: str, times: str) -> None:
    """Forks each run, for importing torch takes longer than all of them; prints the step that each kill left."""
    torch.set_num_threads(1)
    rng, reached = random.Random(0), 0
    for _ in range(int(times)):
        child = os.fork()
        if not child:
            train(NetTask(), *configured(10**9, ["checkpoint_every_s=0", "average=0.9"]), Path(folder))
        try:
            while step_of(Path(folder) / CHECKPOINT) < reached + 2:
                assert os.waitpid(child, os.WNOHANG) == (0, 0), "the run ended by itself"
                time.sleep(0.005)
            time.sleep(rng.random() * 0.03)
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        reached = step_of(Path(folder) / CHECKPOINT)
        print(reached, flush=True)


def step_of(path: Path) -> int:
    """The step of a checkpoint, every tensor of which could be read; -1 where there is none yet.

    Read through one descriptor: safetensors opens a path twice, and the run may put another file there in between.
    """
    try:
        stored = path.read_bytes()
    except FileNotFoundError:
        return -1
    load(stored)
    length = int.from_bytes(stored[:8], "little")
    return int(json.loads(stored[8 : 8 + length])["__metadata__"]["step"])


if __name__ == "__main__":
    if sys.argv[1] == "kill":
        kill(*sys.argv[2:])
    else:
        main(*sys.argv[1:])
