"""Two processes train as one does: DDP and FSDP, on the CPU, joined through a file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.training.engine import Engine, _refuse_waiting_adversary
from muse_studio.training.loop import LoopConfig, RunOptions, micro_batch, train
from muse_studio.training.state import read_figures
from tests.training import scale_process

ROOT = Path(__file__).resolve().parents[2]
STEPS = 3
ADAFACTOR = "optimiser=adafactor"
RUNS = ("ddp:net", "ddp:base:micro_batch=1", "ddp:tokenizer", f"fsdp:net:{ADAFACTOR}", f"fsdp:base:{ADAFACTOR}")
RUNS += (f"fsdp:superres:{ADAFACTOR}:recompute=true:micro_batch=1",)


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every run by two processes: three steps, then, started anew, three more."""
    folder = tmp_path_factory.mktemp("together")
    for part in (folder, folder / "resumed"):
        part.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "tests.training.scale_process", str(folder)]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    pair = [
        subprocess.Popen(
            [*command, str(rank), "2", str(STEPS), *RUNS, *RUNS],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for rank in (0, 1)
    ]
    told = [process.communicate(timeout=300)[0] for process in pair]
    assert [process.returncode for process in pair] == [0, 0], "\n".join(told)
    return folder


def alone(run: str, folder: Path) -> dict[str, torch.Tensor]:
    """The weights that one process gives, which takes the same micro-batches one after another."""
    _, task, *settings = run.split(":")
    config, options = scale_process.configured(2 * STEPS, settings)
    size = options.micro_batch or config.batch // 2
    options = RunOptions(
        budget_steps=2 * STEPS, draws=False, report=lambda text: None, micro_batch=size, recompute=options.recompute
    )
    work = scale_process.TASKS[task]()
    train(work, config, options, folder, Engine(torch.device("cpu")))
    return work.module.state_dict()


@pytest.mark.parametrize("run", [run for run in RUNS if "tokenizer" not in run])
def test_two_processes_end_where_one_does(together: Path, tmp_path: Path, run: str) -> None:
    name = "-".join(run.split(":")[:2])
    ours, theirs = (load_file(together / f"{name}.{rank}.safetensors") for rank in (0, 1))
    single = alone(run, tmp_path)
    begun = scale_process.TASKS[run.split(":")[1]]().module.state_dict()
    assert set(ours) == set(single)
    for key, value in single.items():
        assert torch.equal(ours[key], theirs[key]), f"the processes differ in {key}"
        torch.testing.assert_close(ours[key], value, atol=2e-3, rtol=1e-2)
    assert max(float((value - begun[key]).abs().max()) for key, value in single.items()) > 0.01


def test_two_processes_have_one_codebook(together: Path) -> None:
    ours, theirs = (load_file(together / f"ddp-tokenizer.{rank}.safetensors") for rank in (0, 1))
    assert ours["model.codebook"].abs().sum() > 0
    for key in ours:
        assert torch.equal(ours[key], theirs[key]), f"the processes differ in {key}"


@pytest.mark.parametrize("run", RUNS)
def test_one_process_writes_one_whole_checkpoint_and_log(together: Path, run: str) -> None:
    name = "-".join(run.split(":")[:2])
    assert [row["step"] for row in read_figures(together / name)] == list(range(1, 2 * STEPS + 1))
    ours = load_file(together / f"{name}.0.safetensors")
    with safe_open(together / name / "checkpoint.safetensors", framework="pt") as file:
        assert (file.metadata()["step"], file.metadata()["examples"]) == ("6", "24")
        for key, value in ours.items():
            assert torch.equal(file.get_tensor(f"module.{key}"), value)
    assert not [path for path in (together / name).iterdir() if path.suffix == ".tmp"]


def test_an_adversary_that_waits_is_refused_where_every_weight_needs_a_gradient() -> None:
    for after in (0, 3):
        task = SimpleNamespace(name="base-vqgan", module=SimpleNamespace(adversary=SimpleNamespace(after=after)))
        if after:
            with pytest.raises(MuseStudioError, match="adversary_after"):
                _refuse_waiting_adversary(task)  # type: ignore[arg-type]
        else:
            _refuse_waiting_adversary(task)  # type: ignore[arg-type]
    _refuse_waiting_adversary(SimpleNamespace(name="base", module=torch.nn.Linear(2, 2)))  # type: ignore[arg-type]


def test_a_batch_that_cannot_be_shared_out_is_refused() -> None:
    config = LoopConfig(total_s=1, batch=6, rate=1e-3)
    assert micro_batch(config, RunOptions(), 3) == 2
    assert micro_batch(config, RunOptions(micro_batch=1), 2) == 1
    for options, world in ((RunOptions(), 4), (RunOptions(micro_batch=4), 1), (RunOptions(), 7)):
        with pytest.raises(MuseStudioError) as caught:
            micro_batch(config, options, world)
        assert caught.value.kind is ErrorKind.BAD_REQUEST
