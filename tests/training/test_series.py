"""Kept weights are averaged offline as the paper has it, two tensors at a time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.training import series
from muse_studio.training.loop import LoopConfig, RunOptions, train
from muse_studio.training.series import AVERAGED, average
from tests.training.scale_process import NetTask


def kept(folder: Path, count: int) -> list[dict[str, np.ndarray]]:
    """Files of random weights; what is in them, in float64."""
    rng, found = np.random.default_rng(0), []
    (folder / "series").mkdir(parents=True)
    for number in range(count):
        tensors = {"a": rng.normal(size=(3, 4)), "b": rng.normal(size=5) * 1e-3}
        stored = {name: torch.tensor(value, dtype=torch.float32) for name, value in tensors.items()}
        save_file(stored | {"steps": torch.tensor(number)}, folder / "series" / f"{number:08d}.safetensors")
        found.append({name: value.double().numpy() for name, value in stored.items()})
    return found


def test_the_average_is_the_one_worked_out_by_hand(tmp_path: Path) -> None:
    found = kept(tmp_path, 6)
    average(series.series(tmp_path), tmp_path / AVERAGED)
    made = load_file(tmp_path / AVERAGED)
    for name in ("a", "b"):
        wanted = 0.7**5 * found[0][name] + sum(0.3 * 0.7 ** (5 - k) * found[k][name] for k in range(1, 6))
        np.testing.assert_allclose(made[name].double().numpy(), wanted, rtol=1e-6)
        assert np.abs(wanted - found[5][name]).max() > 1e-4
    assert int(made["steps"]) == 5


def test_two_tensors_at_most_are_held_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept(tmp_path, 5)
    asked: list[str] = []
    whole = series.averaged_tensor

    def noted(files: list[Path], name: str, decay: float) -> torch.Tensor:
        asked.append(name)
        return whole(files, name, decay)

    monkeypatch.setattr(series, "averaged_tensor", noted)
    average(series.series(tmp_path), tmp_path / AVERAGED)
    assert sorted(asked) == ["a", "b", "steps"], "each tensor is worked out once, when it is written"


def test_a_run_keeps_the_last_of_its_weights(tmp_path: Path) -> None:
    task, config = NetTask(), LoopConfig(total_s=1e12, batch=2, rate=1e-2, average=0.0)
    options = RunOptions(budget_steps=7, keep_every=2, keep_last=2, draws=False, report=lambda text: None)
    train(task, config, options, tmp_path)
    assert [path.stem for path in series.series(tmp_path)] == ["00000004", "00000006"]
    train(task, config, RunOptions(budget_steps=1, keep_every=2, draws=False, report=lambda text: None), tmp_path)
    last = load_file(series.series(tmp_path)[-1])
    assert all(torch.equal(last[name], value) for name, value in task.module.state_dict().items())


def test_files_that_differ_are_damaged_or_missing_are_refused(tmp_path: Path) -> None:
    kept(tmp_path, 2)
    save_file({"a": torch.zeros(3, 4)}, tmp_path / "series" / "00000002.safetensors")
    with pytest.raises(MuseStudioError, match="other tensors") as caught:
        average(series.series(tmp_path), tmp_path / AVERAGED)
    assert caught.value.kind is ErrorKind.BAD_MODEL
    (tmp_path / "series" / "00000002.safetensors").write_bytes(b"cut")
    with pytest.raises(MuseStudioError, match="can't be read"):
        average(series.series(tmp_path), tmp_path / AVERAGED)
    for files, decay in (([], 0.7), (series.series(tmp_path)[:1], 1.0)):
        with pytest.raises(MuseStudioError) as caught:
            average(files, tmp_path / AVERAGED, decay)
        assert caught.value.kind is ErrorKind.BAD_REQUEST
    assert not (tmp_path / AVERAGED).exists()
