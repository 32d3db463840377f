"""The one training loop: budget, schedule, checkpoints, averaging. Knows nothing about what is being trained.

On how many processes it trains is the engine's business: each makes its share of every step's batch, and what concerns
them all (when to stop, whether the loss is a number) is agreed upon before anybody acts on it.
"""

from __future__ import annotations

import copy
import math
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, Protocol

import torch
from PIL.Image import Image
from torch import Tensor, nn

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.files import atomic_write
from muse_studio.muse.layers import set_recompute
from muse_studio.training.curves import draw_curves, png_bytes
from muse_studio.training.engine import Engine
from muse_studio.training.optimisers import adversary_optimisers, make_optimisers, opponents, whole
from muse_studio.training.series import keep_weights
from muse_studio.training.settings import Settings, settings
from muse_studio.training.state import Progress, append_figures, load_checkpoint, read_figures, save_checkpoint


@dataclass(frozen=True, slots=True)
class LoopConfig:
    """How long and how fast a stage trains.

    total_s:      training time over which the learning rate falls to its floor, summed over resumed runs.
    batch:        examples of one step, over all processes.
    rate:         peak learning rate; warm_up steps rise to it linearly, a cosine falls to a hundredth of it.
    betas, decay: the moments of AdamW and AdaFactor and their weight decay, the latter on matrices only.
    optimiser:    "muon" moves the matrices of the transformer's layers by Muon, and AdamW the rest.
    average:      decay of the exponential average of the weights; 0 keeps none.
    total_steps:  steps over which the rate falls, after which training ends; 0 where it follows the time instead.

    A new field needs a default: a checkpoint made before it counts as made with that.
    """

    total_s: float
    batch: int
    rate: float
    warm_up: int = 100
    betas: tuple[float, float] = (0.9, 0.96)
    decay: float = 0.045
    optimiser: Literal["adamw", "muon", "adafactor"] = "adamw"
    average: float = 0.999
    clip: float = 1.0
    seed: int = 0
    total_steps: int = 0


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What does not change the result, rounding aside: this part's budget; how often to save, log and draw; memory.

    budget_s, budget_steps: this part ends after so much wall-clock time or so many steps, whichever comes first.
    micro_batch: examples of one pass; a step adds up the gradients of as many as make its batch. 0 for all in one.
    recompute:   gradient checkpointing: layers keep their inputs alone and run again on the way back.
    keep_every:  steps between weights that are kept beside the checkpoint for `series.average`; 0 for none.
    keep_last:   how many of these. At the paper's 0.7, what twenty leave out weighs less than a thousandth.
    draws:       whether sample sheets are drawn.
    ahead:       whether a thread makes the next batch during a step. For GPUs, which would wait for it; on a CPU it
                 would take the step's own cores.
    remarks:     what else the log should say, such as how many pictures were skipped.
    """

    budget_s: float = math.inf
    checkpoint_every_s: float = 180.0
    sheet_every_s: float = 420.0
    log_every: int = 20
    report: Callable[[str], None] = print
    budget_steps: float = math.inf
    micro_batch: int = 0
    recompute: bool = False
    keep_every: int = 0
    keep_last: int = 20
    draws: bool = True
    ahead: bool = False
    remarks: Callable[[], str] = str


class Task(Protocol):
    """One stage to train."""

    name: str
    module: nn.Module

    def config(self) -> Mapping[str, Any]:
        """Everything that a resumed run must share with the first, by name: dataclasses, or plain values."""

    def batches(self, first: int, batch: int, stride: int = 0) -> Iterator[Any]:
        """Batches for ever, starting with example number `first`; the same number is the same example.

        stride: from one batch's first number to the next's; 0 for `batch`. Other processes make what lies between.
        """

    def loss(self, batch: Any) -> dict[str, Tensor]:
        """The figure to minimise under "loss", and others to log."""

    def sheet(self, module: nn.Module) -> Image:
        """A picture that shows a person how far the stage is."""


def train(
    task: Task,
    config: LoopConfig,
    options: RunOptions,
    folder: Path,
    engine: Engine | None = None,
    data: Mapping[str, Any] | None = None,
) -> Progress:
    """Trains until the budget or the schedule ends; resumes what `folder` holds.

    engine: where, if not in this process alone. data: what else a resumed run must share with the first.
    Raises MuseStudioError: BAD_MODEL on another configuration, INTERNAL on a loss that is no number (the last good
    checkpoint stays), DISK where a file can't be written, BAD_REQUEST where the batch can't be divided.
    """
    engine = engine or Engine(torch.device("cpu"))
    micro = micro_batch(config, options, engine.world)
    if engine.rank:
        options = replace(options, report=_say_nothing)
    folder.mkdir(parents=True, exist_ok=True)
    set_recompute(task.module, options.recompute)
    if config.average and engine.kind == "fsdp":
        raise MuseStudioError(
            ErrorKind.BAD_REQUEST, "A run by fsdp keeps no running average. Keep a series instead and average that."
        )
    averaged = copy.deepcopy(task.module).requires_grad_(False) if config.average else None
    loss = engine.begin(task)
    optimisers = (*make_optimisers(task.module, config), *adversary_optimisers(task.module, config))
    shared = run_settings(task, config, data)
    progress = load_checkpoint(folder, task.module, averaged, optimisers, shared)
    if progress.step:
        options.report(f"{task.name}: resumed at step {progress.step}, {progress.elapsed_s / 60:.1f} minutes in")
    run = _Run(task, config, options, folder, averaged, optimisers, shared, progress, engine, loss, micro)
    try:
        with _stop_asked(run):
            run.go()
    except KeyboardInterrupt:
        options.report(f"{task.name}: interrupted, saving")
    finally:
        run.batches.close()
    run.save()
    run.draw()
    return progress


def micro_batch(config: LoopConfig, options: RunOptions, world: int) -> int:
    """Examples that one process takes at once. Raises MuseStudioError BAD_REQUEST where they don't make the batch."""
    size = options.micro_batch or config.batch // world
    if size < 1 or config.batch % (size * world):
        raise MuseStudioError(
            ErrorKind.BAD_REQUEST,
            f"A batch of {config.batch} can't be made of {world} x {size} examples. Choose another --micro-batch or "
            "number of processes.",
        )
    return size


def run_settings(task: Task, config: LoopConfig, data: Mapping[str, Any] | None = None) -> Settings:
    """What a resumed run must share with the first; a longer schedule by time is allowed."""
    parts = {"task": task.config(), "loop": config} | ({"data": data} if data else {})
    return settings(parts, leave_out=[("loop", "total_s")])


def _say_nothing(text: str) -> None:
    del text


def learning_rate(config: LoopConfig, step: int, elapsed_s: float) -> float:
    """Linear warm-up by steps, then a cosine over training time, or over total_steps, to a hundredth of the peak."""
    warm = min(1.0, (step + 1) / config.warm_up)
    share = min(1.0, step / config.total_steps if config.total_steps else elapsed_s / config.total_s)
    return config.rate * warm * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * share)))


class _Run:
    """The state of one call of `train`."""

    def __init__(
        self,
        task: Task,
        config: LoopConfig,
        options: RunOptions,
        folder: Path,
        averaged: nn.Module | None,
        optimisers: tuple[torch.optim.Optimizer, ...],
        shared: Settings,
        progress: Progress,
        engine: Engine,
        loss: Callable[[Any], dict[str, Tensor]],
        micro: int,
    ) -> None:
        self.task, self.config, self.options, self.folder = task, config, options, folder
        self.averaged, self.optimisers, self.shared, self.progress = averaged, optimisers, shared, progress
        self.engine, self.loss, self.micro = engine, loss, micro
        self.passes = config.batch // (micro * engine.world)
        self.sums: dict[str, float] = {}
        self.summed = 0
        self.asked_to_stop = False
        self.began = self.last = self.saved = self.drawn = time.monotonic()
        self.first_step = progress.step
        self.batches = Batches(self._batches(), ahead=options.ahead)

    def go(self) -> None:
        progress = self.progress
        while not self._ends():
            self._step()
            progress.step += 1
            progress.examples += self.config.batch
            now = time.monotonic()
            progress.elapsed_s += now - self.last
            self.last = now
            if progress.step % self.options.log_every == 0:
                self._log()
            if self.options.keep_every and progress.step % self.options.keep_every == 0:
                keep_weights(self.folder, self.task.module, progress, self.options.keep_last, self.engine.rank == 0)

    def _batches(self) -> Iterator[Any]:
        """This process's share of every step's batch, pass by pass."""
        first, world = self.progress.examples + self.engine.rank * self.micro, self.engine.world
        if world == 1:
            return self.task.batches(first, self.micro)
        return self.task.batches(first, self.micro, self.micro * world)

    def _ends(self) -> bool:
        """Whether all is done, for all processes alike; saves and draws first, where that is due."""
        config, options, progress = self.config, self.options, self.progress
        now = time.monotonic()
        over = now - self.began >= options.budget_s or progress.step - self.first_step >= options.budget_steps
        done = progress.step >= config.total_steps if config.total_steps else progress.elapsed_s >= config.total_s
        save = now - self.saved >= options.checkpoint_every_s
        draw = now - self.drawn >= options.sheet_every_s
        told = self.engine.decided([over or done or self.asked_to_stop, save, draw, progress.elapsed_s])
        progress.elapsed_s = told[3]  # the rate follows it, and clocks differ
        if told[1]:
            self.save()
            self.saved = time.monotonic()
        if told[2]:
            self.draw()
            self.drawn = time.monotonic()
        return bool(told[0])

    def _step(self) -> None:
        rate = learning_rate(self.config, self.progress.step, self.progress.elapsed_s)
        for group in (group for optimiser in self.optimisers for group in optimiser.param_groups):
            group["lr"] = rate
        for number in range(self.passes):
            batch = next(self.batches)
            with self.engine.summing(last=number == self.passes - 1):
                figures = self.loss(batch)
                self._refuse_no_number("loss", figures["loss"])
                self.engine.backward(figures["loss"] / self.passes)
            for name, value in figures.items():
                self.sums[name] = self.sums.get(name, 0.0) + float(value.detach()) / self.passes
        for side in opponents(self.task.module):
            norm = torch.nn.utils.clip_grad_norm_(side, self.config.clip)
            self._refuse_no_number("gradient", whole(norm))
        for optimiser in self.optimisers:
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        self._average()
        self.summed += 1

    def _refuse_no_number(self, what: str, value: Tensor) -> None:
        if not self.engine.everywhere(bool(torch.isfinite(value))):
            raise MuseStudioError(
                ErrorKind.INTERNAL,
                f"{self.task.name}: the {what} became {float(value.detach())} at step {self.progress.step}. Training "
                "stopped; the last checkpoint is good. Resume with a smaller learning rate.",
            )

    @torch.no_grad()
    def _average(self) -> None:
        if self.averaged is None:
            return
        # A young average follows the weights closely, or it would remember their random start.
        keep = min(self.config.average, (1 + self.progress.step) / (10 + self.progress.step))
        source = self.task.module.state_dict()
        for name, value in self.averaged.state_dict().items():
            if value.is_floating_point():
                value.lerp_(source[name].to(value.dtype), 1 - keep)
            else:
                value.copy_(source[name])

    def _log(self) -> None:
        progress = self.progress
        means = self.engine.mean({name: value / self.summed for name, value in self.sums.items()})
        self.sums, self.summed = {}, 0
        if self.engine.rank == 0:
            append_figures(self.folder, {"step": progress.step, "elapsed_s": round(progress.elapsed_s, 1), **means})
        rate = progress.examples / max(progress.elapsed_s, 1e-9)
        text = "  ".join(f"{name} {value:.4f}" for name, value in means.items())
        remarks = self.options.remarks()
        self.options.report(
            f"{self.task.name} step {progress.step}  {text}  {rate:.1f} examples/s  {self._left_min():.1f} min left"
            + (f"  {remarks}" if remarks else "")
        )

    def _left_min(self) -> float:
        """Minutes until the budget or the schedule ends, by the rate so far."""
        progress, config = self.progress, self.config
        a_step = progress.elapsed_s / max(progress.step, 1)
        left = [
            self.options.budget_s - (time.monotonic() - self.began),
            (self.options.budget_steps - (progress.step - self.first_step)) * a_step,
            (config.total_steps - progress.step) * a_step
            if config.total_steps
            else config.total_s - progress.elapsed_s,
        ]
        return max(min(left), 0.0) / 60

    def save(self) -> None:
        save_checkpoint(
            self.folder,
            self.task.module,
            self.averaged,
            self.optimisers,
            self.progress,
            self.shared,
            writes=self.engine.rank == 0,
        )

    def draw(self) -> None:
        if not self.options.draws or self.engine.rank or self.engine.kind == "fsdp":  # no process has the whole model
            return
        self.batches.settle()  # a sheet asks the task for examples, too
        atomic_write(self.folder / "sheet.png", png_bytes(self.task.sheet(self.averaged or self.task.module)))
        figures = read_figures(self.folder)
        if figures:
            atomic_write(self.folder / "curves.png", draw_curves(figures, self.task.name))


class Batches:
    """An iterator; with `ahead` a thread of its own has made the next one when it is asked for."""

    def __init__(self, source: Iterator[Any], *, ahead: bool) -> None:
        self._source = source
        self._thread = ThreadPoolExecutor(1) if ahead else None
        self._next: Future[Any] | None = None

    def __next__(self) -> Any:
        """Raises what making it raised."""
        if self._thread is None:
            return next(self._source)
        batch = (self._next or self._thread.submit(next, self._source)).result()
        self._next = self._thread.submit(next, self._source)
        return batch

    def settle(self) -> None:
        """Returns when nothing is being made, whatever came of it."""
        if self._next is not None:
            wait([self._next])

    def close(self) -> None:
        """Ends the thread, after what it is at."""
        if self._thread is not None:
            self._thread.shutdown()


class _stop_asked:  # noqa: N801 - read as a word of the `with` that it stands in
    """While several processes train, a person's Ctrl-C is a wish that all agree on between two steps.

    Alone, it stays the KeyboardInterrupt that it is.
    """

    def __init__(self, run: _Run) -> None:
        self.run = run
        self.before: dict[int, Any] = {}

    def __enter__(self) -> None:
        if self.run.engine.world > 1:
            with suppress(ValueError):  # not in the main thread: nobody can ask
                for number in (signal.SIGINT, signal.SIGTERM):
                    self.before[number] = signal.signal(number, self._ask)

    def _ask(self, number: int, frame: object) -> None:
        del number, frame
        self.run.asked_to_stop = True

    def __exit__(self, *_: object) -> None:
        for number, handler in self.before.items():
            signal.signal(number, handler)
