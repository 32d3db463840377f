"""The one training loop: budget, schedule, checkpoints, averaging. Knows nothing about what is being trained."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import torch
from PIL.Image import Image
from torch import Tensor, nn

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.files import atomic_write
from muse_studio.training.curves import draw_curves, png_bytes
from muse_studio.training.state import Progress, append_figures, load_checkpoint, read_figures, save_checkpoint


@dataclass(frozen=True, slots=True)
class LoopConfig:
    """How long and how fast a stage trains.

    total_s:      training time over which the learning rate falls to its floor, summed over resumed runs.
    batch:        examples of one step.
    rate:         peak learning rate; warm_up steps rise to it linearly, a cosine falls to a hundredth of it.
    betas, decay: AdamW's moments and its weight decay, the latter on matrices only.
    optimiser:    "muon" moves the matrices of the transformer's layers by Muon, and AdamW the rest.
    average:      decay of the exponential average of the weights; 0 keeps none.
    """

    total_s: float
    batch: int
    rate: float
    warm_up: int = 100
    betas: tuple[float, float] = (0.9, 0.96)
    decay: float = 0.045
    optimiser: Literal["adamw", "muon"] = "adamw"
    average: float = 0.999
    clip: float = 1.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What does not change the result: this part's wall-clock budget, and how often to save, log and draw."""

    budget_s: float
    checkpoint_every_s: float = 180.0
    sheet_every_s: float = 420.0
    log_every: int = 20
    report: Callable[[str], None] = print


class Task(Protocol):
    """One stage to train."""

    name: str
    module: nn.Module

    def config(self) -> dict[str, Any]:
        """Everything that a resumed run must share with the first."""

    def batches(self, first: int, batch: int) -> Iterator[Any]:
        """Batches for ever, starting with example number `first`; the same number is the same example."""

    def loss(self, batch: Any) -> dict[str, Tensor]:
        """The figure to minimise under "loss", and others to log."""

    def sheet(self, module: nn.Module) -> Image:
        """A picture that shows a person how far the stage is."""


def train(task: Task, config: LoopConfig, options: RunOptions, folder: Path) -> Progress:
    """Trains until the budget or the schedule ends; resumes what `folder` holds.

    Raises MuseStudioError: BAD_MODEL on another configuration, INTERNAL on a loss that is no number (the last good
    checkpoint stays), DISK where a file can't be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    module = task.module
    averaged = copy.deepcopy(module).requires_grad_(False)
    optimisers = make_optimisers(module, config)
    settings = run_settings(task, config)
    progress = load_checkpoint(folder, module, averaged, optimisers, settings)
    if progress.step:
        options.report(f"{task.name}: resumed at step {progress.step}, {progress.elapsed_s / 60:.1f} minutes in")
    run = _Run(task, config, options, folder, averaged, optimisers, settings, progress)
    try:
        run.go()
    except KeyboardInterrupt:
        options.report(f"{task.name}: interrupted, saving")
    run.save()
    run.draw()
    return progress


def run_settings(task: Task, config: LoopConfig) -> dict[str, Any]:
    """What a resumed run must share with the first; a longer schedule is allowed."""
    loop = asdict(config)
    del loop["total_s"]
    return {"task": task.config(), "loop": loop}


def make_optimisers(module: nn.Module, config: LoopConfig) -> tuple[torch.optim.Optimizer, ...]:
    """AdamW for everything; or Muon for the matrices of the layers, with equally long steps, and AdamW for the rest."""
    trained = [(name, p) for name, p in module.named_parameters() if p.requires_grad]
    inner = [p for name, p in trained if config.optimiser == "muon" and p.ndim == 2 and "layers." in name]
    taken = {id(p) for p in inner}
    rest = [p for _, p in trained if id(p) not in taken]
    groups = [
        {"params": [p for p in rest if p.ndim >= 2], "weight_decay": config.decay},
        {"params": [p for p in rest if p.ndim < 2], "weight_decay": 0.0},
    ]
    adamw = torch.optim.AdamW(groups, lr=config.rate, betas=config.betas)
    if not inner:
        return (adamw,)
    muon = torch.optim.Muon(inner, lr=config.rate, weight_decay=config.decay, adjust_lr_fn="match_rms_adamw")
    return adamw, muon


def learning_rate(config: LoopConfig, step: int, elapsed_s: float) -> float:
    """Linear warm-up by steps, then a cosine over training time down to a hundredth of the peak."""
    warm = min(1.0, (step + 1) / config.warm_up)
    share = min(1.0, elapsed_s / config.total_s)
    return config.rate * warm * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * share)))


class _Run:
    """The state of one call of `train`."""

    def __init__(
        self,
        task: Task,
        config: LoopConfig,
        options: RunOptions,
        folder: Path,
        averaged: nn.Module,
        optimisers: tuple[torch.optim.Optimizer, ...],
        settings: dict[str, Any],
        progress: Progress,
    ) -> None:
        self.task, self.config, self.options, self.folder = task, config, options, folder
        self.averaged, self.optimisers, self.settings, self.progress = averaged, optimisers, settings, progress
        self.sums: dict[str, float] = {}
        self.summed = 0

    def go(self) -> None:
        progress, options = self.progress, self.options
        started = last = saved = drawn = time.monotonic()
        for batch in self.task.batches(progress.examples, self.config.batch):
            if last - started >= options.budget_s or progress.elapsed_s >= self.config.total_s:
                return
            self._step(batch)
            now = time.monotonic()
            progress.step += 1
            progress.examples += self.config.batch
            progress.elapsed_s += now - last
            last = now
            if progress.step % options.log_every == 0:
                self._log(options.budget_s - (now - started))
            if now - saved >= options.checkpoint_every_s:
                self.save()
                saved = time.monotonic()
            if now - drawn >= options.sheet_every_s:
                self.draw()
                drawn = time.monotonic()

    def _step(self, batch: Any) -> None:
        config, progress = self.config, self.progress
        rate = learning_rate(config, progress.step, progress.elapsed_s)
        for group in (group for optimiser in self.optimisers for group in optimiser.param_groups):
            group["lr"] = rate
        figures = self.task.loss(batch)
        loss = figures["loss"]
        if not torch.isfinite(loss):
            raise MuseStudioError(
                ErrorKind.INTERNAL,
                f"{self.task.name}: the loss became {float(loss.detach())} at step {progress.step}. Training stopped; "
                "the last checkpoint is good. Resume with a smaller learning rate.",
            )
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.task.module.parameters(), config.clip)
        for optimiser in self.optimisers:
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        self._average()
        for name, value in figures.items():
            self.sums[name] = self.sums.get(name, 0.0) + float(value.detach())
        self.summed += 1

    @torch.no_grad()
    def _average(self) -> None:
        # A young average follows the weights closely, or it would remember their random start.
        keep = min(self.config.average, (1 + self.progress.step) / (10 + self.progress.step))
        source = self.task.module.state_dict()
        for name, value in self.averaged.state_dict().items():
            if value.is_floating_point() and self.config.average:
                value.lerp_(source[name].to(value.dtype), 1 - keep)
            else:
                value.copy_(source[name])

    def _log(self, left_s: float) -> None:
        progress = self.progress
        means = {name: value / self.summed for name, value in self.sums.items()}
        self.sums, self.summed = {}, 0
        append_figures(self.folder, {"step": progress.step, "elapsed_s": round(progress.elapsed_s, 1), **means})
        rate = progress.examples / max(progress.elapsed_s, 1e-9)
        text = "  ".join(f"{name} {value:.4f}" for name, value in means.items())
        self.options.report(
            f"{self.task.name} step {progress.step}  {text}  {rate:.1f} examples/s  {max(left_s, 0) / 60:.1f} min left"
        )

    def save(self) -> None:
        save_checkpoint(self.folder, self.task.module, self.averaged, self.optimisers, self.progress, self.settings)

    def draw(self) -> None:
        atomic_write(self.folder / "sheet.png", png_bytes(self.task.sheet(self.averaged)))
        figures = read_figures(self.folder)
        if figures:
            atomic_write(self.folder / "curves.png", draw_curves(figures, self.task.name))
