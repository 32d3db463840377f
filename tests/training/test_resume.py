"""What a run leaves can be gone on from: by its own kind only, and whole after any fault or a kill at any moment."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from muse_studio.core import files
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.muse.presets import tiny
from muse_studio.training.loop import LoopConfig, RunOptions, learning_rate, train
from muse_studio.training.settings import differences, settings
from muse_studio.training.state import CHECKPOINT
from tests.training.scale_process import NetTask

ROOT = Path(__file__).resolve().parents[2]
CONFIG = LoopConfig(total_s=1e12, batch=4, rate=1e-2, warm_up=1)
QUIET = RunOptions(report=lambda text: None, draws=False)


def steps(count: int, **changes: object) -> RunOptions:
    return replace(QUIET, budget_steps=count, **changes)


def test_a_budget_of_steps_ends_a_part_and_a_schedule_of_steps_ends_the_run(tmp_path: Path) -> None:
    config = replace(CONFIG, total_s=0.0, total_steps=10)
    assert train(NetTask(), config, steps(4), tmp_path).step == 4
    assert train(NetTask(), config, steps(4), tmp_path).step == 8
    assert train(NetTask(), config, QUIET, tmp_path).step == 10
    assert train(NetTask(), config, QUIET, tmp_path).step == 10


def test_a_schedule_of_steps_warms_up_and_falls_whatever_the_clock_says() -> None:
    config = LoopConfig(total_s=0.0, batch=1, rate=1e-4, warm_up=5_000, total_steps=1_500_000)
    assert learning_rate(config, 2_499, 1e9) == pytest.approx(0.5e-4, rel=1e-3)
    assert learning_rate(config, 5_000, 0) == pytest.approx(1e-4, rel=1e-3)
    assert learning_rate(config, 750_000, 0) == pytest.approx(0.505e-4)
    assert learning_rate(config, 1_500_000, 0) == pytest.approx(1e-6)


def test_micro_batches_add_up_to_the_batch(tmp_path: Path) -> None:
    whole, parts = NetTask(), NetTask()
    train(whole, CONFIG, steps(5), tmp_path / "whole")
    train(parts, CONFIG, steps(5, micro_batch=1), tmp_path / "parts")
    assert parts.seen[:20] == whole.seen[:20]
    for name, value in whole.module.state_dict().items():
        torch.testing.assert_close(parts.module.state_dict()[name], value)


def test_a_run_with_other_settings_is_refused_and_each_is_named(tmp_path: Path) -> None:
    train(NetTask(), CONFIG, steps(1), tmp_path)
    before = (tmp_path / CHECKPOINT).read_bytes()
    other = replace(CONFIG, batch=16, betas=(0.9, 0.99))
    task = NetTask()
    task.config = lambda: {"width": 9}  # type: ignore[method-assign]
    with pytest.raises(MuseStudioError) as caught:
        train(task, other, QUIET, tmp_path, data={"examples": 7})
    assert caught.value.kind is ErrorKind.BAD_MODEL
    for told in ("loop.batch 4 → 16", "loop.betas [0.9, 0.96] → [0.9, 0.99]", "task.width 8 → 9", 'data absent → {"'):
        assert told in caught.value.message
    assert "loop.rate" not in caught.value.message
    assert (tmp_path / CHECKPOINT).read_bytes() == before


def test_settings_saved_before_they_existed_count_as_their_defaults(tmp_path: Path) -> None:
    train(NetTask(), CONFIG, steps(2), tmp_path)
    path = tmp_path / CHECKPOINT
    with safe_open(path, framework="pt") as file:
        header = file.metadata()
    config = json.loads(header["config"])
    assert config["loop"].pop("total_steps") == 0
    save_file(load_file(path), path, header | {"config": json.dumps(config)})
    assert train(NetTask(), CONFIG, steps(1), tmp_path).step == 3
    with pytest.raises(MuseStudioError, match=r"loop\.total_steps 0 → 9"):
        save_file(load_file(path), path, header | {"config": json.dumps(config)})
        train(NetTask(), replace(CONFIG, total_steps=9), QUIET, tmp_path)


def test_defaults_reach_into_tables_of_dataclasses() -> None:
    wanted = settings({"task": {"base": tiny().base}, "loop": CONFIG}, [("loop", "total_s")])
    saved = json.loads(json.dumps(wanted.values))
    del saved["task"]["base"]["cell_positions"], saved["loop"]["seed"]
    assert differences(saved, wanted.values, wanted.defaults) == []
    saved["loop"]["gone"] = 3
    del saved["task"]["base"]["hidden"]
    assert differences(saved, wanted.values, wanted.defaults) == [
        "loop.gone 3 → absent",
        "task.base.hidden absent → 32",
    ]


def test_a_checkpoint_without_an_average_begins_one_from_its_weights(tmp_path: Path) -> None:
    from muse_studio.training.state import load_checkpoint

    task, fresh, averaged = NetTask(), NetTask().module, NetTask().module
    train(task, replace(CONFIG, average=0.0), steps(3), tmp_path)
    assert not [name for name in load_file(tmp_path / CHECKPOINT) if name.startswith("averaged.")]
    load_checkpoint(tmp_path, fresh, averaged, (), None)
    for name, value in task.module.state_dict().items():
        assert torch.equal(fresh.state_dict()[name], value)
        assert torch.equal(averaged.state_dict()[name], value)


@pytest.mark.parametrize("allowed", [0, 1, 3])
def test_a_full_disk_stops_the_run_and_keeps_the_last_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, allowed: int
) -> None:
    train(NetTask(), CONFIG, steps(2), tmp_path)
    before = (tmp_path / CHECKPOINT).read_bytes()
    write, left = os.write, [allowed]

    def limited(descriptor: int, data: memoryview) -> int:
        if left[0] == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        left[0] -= 1
        return write(descriptor, data)

    with monkeypatch.context() as patch:
        patch.setattr(files.os, "write", limited)
        with pytest.raises(MuseStudioError, match="disk is full") as caught:
            train(NetTask(), CONFIG, steps(2), tmp_path)
    assert caught.value.kind is ErrorKind.DISK
    assert (tmp_path / CHECKPOINT).read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == [CHECKPOINT]
    assert train(NetTask(), CONFIG, steps(2), tmp_path).step == 4


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX fork and kill")
def test_a_kill_at_any_moment_leaves_the_last_checkpoint_whole(tmp_path: Path) -> None:
    """Five real kills, each run going on from what the last kill left."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "tests.training.scale_process", "kill", str(tmp_path), "5"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    reached = [int(line) for line in done.stdout.splitlines()]
    assert len(reached) == 5
    assert all(after >= before + 2 for before, after in zip([0, *reached], reached, strict=False))
    assert train(NetTask(), replace(CONFIG, average=0.9), steps(1), tmp_path).step == reached[-1] + 1
