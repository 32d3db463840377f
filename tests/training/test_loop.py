"""The training loop resumes, stops in time, refuses another configuration and survives a loss that is no number."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.training.loop import LoopConfig, RunOptions, learning_rate, train
from muse_studio.training.optimisers import make_optimisers
from muse_studio.training.state import CHECKPOINT, read_figures


class LineTask:
    """Fits y = 3x; remembers which examples it has seen."""

    name = "line"
    fault: BaseException

    def __init__(self, width: int = 1, breaks_at: int | None = None) -> None:
        self.module: nn.Module = nn.Linear(1, 1)
        for parameter in self.module.parameters():
            nn.init.zeros_(parameter)
        self.width, self.breaks_at = width, breaks_at
        self.seen: list[int] = []

    def config(self) -> dict[str, Any]:
        return {"width": self.width}

    def batches(self, first: int, batch: int) -> Iterator[Tensor]:
        while True:
            self.seen += range(first, first + batch)
            yield torch.arange(first, first + batch).float()[:, None] % 7 / 7
            first += batch

    def loss(self, batch: Tensor) -> dict[str, Tensor]:
        loss = (self.module(batch) - 3 * batch).pow(2).mean()
        broken = self.breaks_at is not None and self.seen[-1] >= self.breaks_at
        return {"loss": loss * torch.nan if broken else loss}

    def sheet(self, module: nn.Module) -> Image.Image:
        return Image.new("RGB", (4, 4))


CONFIG = LoopConfig(total_s=60, batch=4, rate=0.05, warm_up=5)


def options(steps: int, task: LineTask) -> RunOptions:
    """Options whose budget ends after some steps: the batches raise KeyboardInterrupt, as a person would."""
    inner = task.batches

    def batches(first: int, batch: int) -> Iterator[Tensor]:
        for number, one in enumerate(inner(first, batch)):
            if number == steps:
                raise KeyboardInterrupt
            yield one

    task.batches = batches  # type: ignore[method-assign]
    return RunOptions(budget_s=60, log_every=5, report=lambda text: None)


def test_a_resumed_run_goes_on_with_the_next_example_and_the_same_state(tmp_path: Path) -> None:
    whole, first, second = LineTask(), LineTask(), LineTask()
    endless = replace(CONFIG, total_s=1e12)  # the learning rate follows the clock, and the clock is not the test's
    train(whole, endless, options(40, whole), tmp_path / "whole")
    train(first, endless, options(25, first), tmp_path / "parts")
    progress = train(second, endless, options(15, second), tmp_path / "parts")
    assert progress.step == 40
    assert second.seen[0] == 100
    torch.testing.assert_close(second.module.weight, whole.module.weight)


class LayersTask(LineTask):
    """The same with a matrix inside of layers, which Muon moves."""

    def __init__(self) -> None:
        super().__init__()
        self.module = nn.Sequential()
        self.module.layers = nn.Sequential(nn.Linear(1, 4, bias=False), nn.Linear(4, 1))
        for number, parameter in enumerate(self.module.parameters()):
            nn.init.constant_(parameter, 0.1 * (number + 1))

    def loss(self, batch: Tensor) -> dict[str, Tensor]:
        return {"loss": (self.module.layers(batch) - 3 * batch).pow(2).mean()}


def test_muon_moves_the_matrices_of_layers_and_resumes_as_exactly(tmp_path: Path) -> None:
    muon = replace(CONFIG, total_s=1e12, optimiser="muon")
    whole, first, second = LayersTask(), LayersTask(), LayersTask()
    adamw, inner = make_optimisers(whole.module, muon)
    assert [p.shape for group in inner.param_groups for p in group["params"]] == [(4, 1), (1, 4)]
    assert [p.shape for group in adamw.param_groups for p in group["params"]] == [(1,)]
    assert len(make_optimisers(whole.module, CONFIG)) == 1
    train(whole, muon, options(40, whole), tmp_path / "whole")
    train(first, muon, options(25, first), tmp_path / "parts")
    train(second, muon, options(15, second), tmp_path / "parts")
    for name, value in whole.module.state_dict().items():
        torch.testing.assert_close(second.module.state_dict()[name], value)
    losses = [row["loss"] for row in read_figures(tmp_path / "whole")]
    assert losses[-1] < 0.5 * losses[0]


def test_training_lowers_the_loss_and_logs_it(tmp_path: Path) -> None:
    task = LineTask()
    train(task, CONFIG, options(100, task), tmp_path)
    losses = [row["loss"] for row in read_figures(tmp_path)]
    assert losses[-1] < losses[0] / 20
    assert (tmp_path / "curves.png").stat().st_size > 0
    assert (tmp_path / "sheet.png").stat().st_size > 0


def test_batches_made_during_the_steps_are_the_same_ones(tmp_path: Path) -> None:
    figures = []
    for ahead in (False, True):
        task = LineTask()
        drawn: list[int] = []

        def sheet(module: nn.Module, task: LineTask = task, drawn: list[int] = drawn) -> Image.Image:
            seen = len(task.seen)
            time.sleep(0.01)
            assert len(task.seen) == seen, "a batch was made while a sheet was drawn"
            drawn.append(seen)
            return Image.new("RGB", (4, 4))

        task.sheet = sheet  # type: ignore[method-assign]
        folder, endless = tmp_path / str(ahead), replace(CONFIG, total_s=1e12)
        told = RunOptions(budget_steps=12, log_every=1, sheet_every_s=0.0, ahead=ahead, report=lambda text: None)
        train(task, endless, told, folder)
        figures.append([row["loss"] for row in read_figures(folder)])
        assert len(drawn) == 14
    assert len(figures[0]) == 12
    assert figures[0] == figures[1]


def test_a_fault_in_a_batch_made_ahead_stops_the_run_and_an_interruption_saves(tmp_path: Path) -> None:
    class Broken(LineTask):
        def batches(self, first: int, batch: int) -> Iterator[Tensor]:
            for number, one in enumerate(super().batches(first, batch)):
                if number == 3:
                    raise self.fault
                yield one

    told = RunOptions(budget_steps=12, ahead=True, report=lambda text: None)
    task = Broken()
    task.fault = MuseStudioError(ErrorKind.DISK, "gone")
    with pytest.raises(MuseStudioError, match="gone"):
        train(task, CONFIG, told, tmp_path / "a")
    task = Broken()
    task.fault = KeyboardInterrupt()
    assert train(task, CONFIG, told, tmp_path / "b").step == 3
    assert (tmp_path / "b" / CHECKPOINT).exists()


def test_a_budget_of_nothing_trains_nothing_and_still_leaves_a_checkpoint(tmp_path: Path) -> None:
    assert train(LineTask(), CONFIG, RunOptions(budget_s=0, report=lambda text: None), tmp_path).step == 0
    assert (tmp_path / CHECKPOINT).exists()


def test_another_configuration_is_refused_by_name(tmp_path: Path) -> None:
    task = LineTask()
    train(task, CONFIG, options(3, task), tmp_path)
    with pytest.raises(MuseStudioError, match="task") as caught:
        train(LineTask(width=2), CONFIG, RunOptions(budget_s=1), tmp_path)
    assert caught.value.kind is ErrorKind.BAD_MODEL


def test_a_loss_that_is_no_number_stops_and_keeps_the_last_good_checkpoint(tmp_path: Path) -> None:
    task = LineTask()
    train(task, CONFIG, options(10, task), tmp_path)
    before = (tmp_path / CHECKPOINT).read_bytes()
    broken = LineTask(breaks_at=60)
    with pytest.raises(MuseStudioError, match="nan"):
        train(broken, CONFIG, RunOptions(budget_s=60, report=lambda text: None), tmp_path)
    assert (tmp_path / CHECKPOINT).read_bytes() == before


def test_a_gradient_that_is_no_number_stops_as_well_before_it_moves_anything(tmp_path: Path) -> None:
    task = LineTask()
    train(task, CONFIG, options(10, task), tmp_path)
    before = (tmp_path / CHECKPOINT).read_bytes()
    broken = LineTask()
    inner = broken.loss
    # The square root of nothing is 0 and its slope is not a number.
    broken.loss = lambda batch: {"loss": inner(batch)["loss"] + (broken.module.weight.sum() * 0).sqrt()}  # type: ignore[method-assign]
    with pytest.raises(MuseStudioError, match="gradient became nan"):
        train(broken, CONFIG, RunOptions(budget_s=60, report=lambda text: None), tmp_path)
    assert (tmp_path / CHECKPOINT).read_bytes() == before
    assert torch.isfinite(broken.module.weight).all()


@pytest.mark.parametrize("cut", [0, 7, 100, -1])
def test_a_damaged_checkpoint_is_refused(tmp_path: Path, cut: int) -> None:
    task = LineTask()
    train(task, CONFIG, options(3, task), tmp_path)
    whole = (tmp_path / CHECKPOINT).read_bytes()
    (tmp_path / CHECKPOINT).write_bytes(whole[:cut])
    with pytest.raises(MuseStudioError) as caught:
        train(LineTask(), CONFIG, RunOptions(budget_s=1), tmp_path)
    assert caught.value.kind is ErrorKind.BAD_MODEL


def test_the_learning_rate_warms_up_and_falls_to_a_hundredth() -> None:
    assert learning_rate(CONFIG, 0, 0) == pytest.approx(0.01)
    assert learning_rate(CONFIG, 4, 0) == pytest.approx(0.05)
    assert learning_rate(CONFIG, 100, 30) == pytest.approx(0.05 * 0.505)
    assert learning_rate(CONFIG, 100, 60) == pytest.approx(0.0005)
    assert learning_rate(CONFIG, 100, 1000) == pytest.approx(0.0005)
