"""Times every part of a cascade side by side in one run. Knows nothing about windows.

A step's floor is the time that its matrix products would take at the rate this machine itself reaches in large ones.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from muse_studio.evaluation.bench import Row
from muse_studio.evaluation.candidates import PAPER_SIZES, random_cascade
from muse_studio.evaluation.machine import Rates, counted, counter, forget_peak, measure_rates, now, peak_gb, since
from muse_studio.muse.cascade import Cascade
from muse_studio.muse.device import describe_device, pick_device
from muse_studio.muse.int8 import is_quantised
from muse_studio.muse.plans import KnownGrids, Stage, StagePlan

PROMPT = "a 3d fox on a teal background"
BASE_STEPS, SUPERRES_STEPS = 24, 8
PICTURE_GOAL_S = 5.0
QUARTER_GOAL_S = 2.0
FIRST_PREVIEW_GOAL_S = 0.5
PREVIEW_SHARE_GOAL = 0.10
MEMORY_GOAL_GB = 1.5
LARGEST_GOAL_S = 0.45
"""For muse-3b at 512 px on an H100; the paper's own is 1.3 s on a TPUv4."""
_TITLES: dict[Stage, str] = {"base": "base", "superres": "super-resolution"}


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of one picture, previews included. steps: of each step by stage, what prepares the stage in its first."""

    tokenize: float
    steps: dict[Stage, tuple[float, ...]]
    previews: float
    first: float
    decode: float
    whole: float

    def stage(self, stage: Stage) -> float:
        """Seconds of all steps of a stage."""
        return sum(self.steps[stage])


def measure(model: Path, device_name: str, repeats: int) -> list[Row]:
    """Times whole pictures with 24 + 8 steps, their parts, an inpainting, and the rate of this machine itself."""
    device = pick_device(device_name)
    forget_peak(device)
    started = now(device)
    cascade = Cascade.load(model, device)
    rows = [Row("load the model", now(device) - started, "s"), *measure_cascade(cascade, repeats)]
    memory = peak_gb(device)
    rows.append(_goal("peak memory", memory, "GB", MEMORY_GOAL_GB))
    single = _in_float32(cascade)
    if single is not None:
        whole = next(row.value for row in rows if row.what.startswith("512 px"))
        rows.append(Row("the same picture in float32", single, "s", whole / single, "it is what a picture takes"))
    return rows


def measure_presets(
    names: Sequence[str], model: Path, device_name: str, repeats: int, *, compiled: bool = False
) -> list[Row]:
    """The same for cascades of random weights by name, one after the other; each row begins with the name."""
    device, rows = pick_device(device_name), []
    for name in names:
        forget_peak(device)
        cascade = random_cascade(name, model, device)
        found = measure_cascade(cascade, repeats, goals=False, compiled=compiled)
        found.append(Row("peak memory", peak_gb(device), "GB"))
        rows += [replace(row, what=f"{name}: {row.what}") for row in found]
        del cascade
    return [_largest_goal(row, device) for row in rows]


def presets_for(device_name: str) -> tuple[str, ...]:
    """What is timed unasked: the paper's sizes on a CUDA GPU, nothing elsewhere."""
    return PAPER_SIZES if pick_device(device_name).type == "cuda" else ()


def measure_cascade(cascade: Cascade, repeats: int, *, goals: bool = True, compiled: bool = False) -> list[Row]:
    """All rows of one cascade but its loading and its memory."""
    rates = measure_rates(cascade.device, cascade.dtype, with_int8=is_quantised(cascade.base))
    work = _work(cascade)
    if compiled:
        compile_layers(cascade)
    quarter = _quarter(cascade)
    _picture(cascade, 0)
    _picture(cascade, 0, quarter)
    # In turn, so that whatever else the machine does meets both alike.
    pairs = [(_picture(cascade, seed), _picture(cascade, seed, quarter)) for seed in range(1, repeats + 1)]
    rows = [*_whole_rows([one for one, _ in pairs]), *_stage_rows([one for one, _ in pairs], work, rates)]
    rows += _quarter_rows([one for _, one in pairs], rows[0].value)
    rows.append(Row(f"matrix rate of this machine, {str(cascade.dtype)[6:]}", rates.main / 1e9, "GFLOP/s"))
    if is_quantised(cascade.base):
        rows.append(Row("matrix rate of this machine, int8", rates.int8 / 1e9, "GFLOP/s"))
    return rows if goals else [replace(row, goal="", reached=None) for row in rows]


def _whole_rows(runs: Sequence[Timing]) -> list[Row]:
    whole, first = (statistics.median(getattr(run, name) for run in runs) for name in ("whole", "first"))
    previews = statistics.median(run.previews for run in runs)
    share = previews / whole
    return [
        _goal(f"512 px, {BASE_STEPS} + {SUPERRES_STEPS} steps", whole, "s", PICTURE_GOAL_S),
        replace(
            _goal("first step and preview", first, "s", FIRST_PREVIEW_GOAL_S), ratio=first / whole, ratio_to="a picture"
        ),
        Row(
            "all previews",
            previews,
            "s",
            share,
            "a picture",
            f"≤ {PREVIEW_SHARE_GOAL:.0%}",
            share <= PREVIEW_SHARE_GOAL,
        ),
    ]


def _stage_rows(runs: Sequence[Timing], work: dict[str, list[dict[Any, int]]], rates: Rates) -> list[Row]:
    """Each stage and its median step; the ratio is the share of the time that is the floor."""
    rows = []
    for stage, title in _TITLES.items():
        took = statistics.median(run.stage(stage) for run in runs)
        step = statistics.median(second for run in runs for second in run.steps[stage])
        floors = [rates.floor_s(one) for one in work[stage]]
        rows.append(Row(f"all {title} steps", took, "s", sum(floors) / took, "it is the floor"))
        rows.append(
            Row(f"one {title} step", 1e3 * step, "ms", statistics.median(floors) / step, "it is the floor")
        )  # fmt: skip
    decode = statistics.median(run.decode for run in runs)
    rows.append(Row("final decode", decode, "s", rates.floor_s(work["decode"][0]) / decode, "it is the floor"))
    return rows


def _quarter_rows(runs: Sequence[Timing], whole: float) -> list[Row]:
    took = statistics.median(run.whole for run in runs)
    parts = {
        "tokenizing": statistics.median(run.tokenize for run in runs),
        "base steps": statistics.median(run.stage("base") for run in runs),
        "super-resolution steps": statistics.median(run.stage("superres") for run in runs),
        "final decode": statistics.median(run.decode for run in runs),
    }
    first = _goal("inpaint a quarter, same steps", took, "s", QUARTER_GOAL_S)
    rows = [replace(first, ratio=took / whole, ratio_to="a picture")]
    return rows + [Row(f"inpaint a quarter: {name}", one, "s", one / took, "it") for name, one in parts.items()]


def _picture(cascade: Cascade, seed: int, filled: tuple[torch.Tensor, KnownGrids] | None = None) -> Timing:
    """One picture by the model's own plan with the paper's steps; filled: a picture and what stays of it."""
    device = cascade.device
    cascade.forget_prompts()  # an artist's next prompt is a new one
    steps: dict[Stage, list[float]] = {"base": [], "superres": []}
    begun = now(device)
    start, known = (None, None) if filled is None else (cascade.tokenize(filled[0]), filled[1])
    tokenized = last = now(device)
    first = previews = 0.0
    base, superres = _plans(cascade)
    for step in cascade.sample([PROMPT], [""], [seed], base, superres, start, known):
        stepped = now(device)
        steps[step.stage].append(stepped - last)
        cascade.preview(step.tokens, step.stage).cpu()
        last = now(device)
        previews += last - stepped
        first = first or last - begun
    cascade.picture(step.tokens, step.stage).cpu()
    ended = now(device)
    by_stage = {stage: tuple(taken) for stage, taken in steps.items()}
    return Timing(tokenized - begun, by_stage, previews, first, ended - last, ended - begun)


def _plans(cascade: Cascade) -> tuple[StagePlan, StagePlan]:
    defaults = cascade.config.defaults
    return replace(defaults.base, steps=BASE_STEPS), replace(defaults.superres, steps=SUPERRES_STEPS)


def _quarter(cascade: Cascade) -> tuple[torch.Tensor, KnownGrids]:
    """Noise, float32 [1, 3, 512, 512], of which all but the middle quarter stays."""
    known = [torch.ones(1, side, side, dtype=torch.bool) for side in (16, 64)]
    for grid in known:
        side = grid.shape[1]
        grid[:, side // 4 : 3 * side // 4, side // 4 : 3 * side // 4] = False
    return torch.rand(1, 3, 512, 512, generator=torch.Generator().manual_seed(0)), KnownGrids(*known)


def _work(cascade: Cascade) -> dict[str, list[dict[Any, int]]]:
    """Operations of each step of a picture, and of its decode, by operator."""
    work: dict[str, list[dict[Any, int]]] = {"base": [], "superres": [], "decode": []}
    with counter() as counts:
        before = counted(counts)
        for step in cascade.sample([PROMPT], [""], [0], *_plans(cascade)):
            after = counted(counts)
            work[step.stage].append(since(after, before))
            before = after
        cascade.picture(step.tokens, step.stage)
        work["decode"].append(since(counted(counts), before))
    return work


def compile_layers(cascade: Cascade, **options: Any) -> None:
    """torch.compile for every layer of both transformers whose shapes never change, as CUDA graphs where there are any.

    The last layer's change with what is still unknown. options: of torch.compile, instead of its reduced overhead.
    Never run on a GPU so far.
    """
    told = options or {"mode": "reduce-overhead", "dynamic": False}
    for model in (cascade.base, cascade.superres):
        for layer in list(model.layers)[:-1]:
            assert isinstance(layer, nn.Module)
            layer.compile(**told)


def _in_float32(cascade: Cascade) -> float | None:
    """Seconds of one picture by the same weights in float32, into which they are changed; None where they are that."""
    if cascade.dtype is torch.float32:
        return None
    cascade.cast(torch.float32)
    return _picture(cascade, 1).whole


def _goal(what: str, value: float, unit: str, most: float) -> Row:
    return Row(what, value, unit, goal=f"≤ {most:g} {unit}", reached=value <= most)


def _largest_goal(row: Row, device: torch.device) -> Row:
    """The goal of muse-3b, which is told everywhere and judged on the class of GPU that it is for."""
    if row.what != f"muse-3b: 512 px, {BASE_STEPS} + {SUPERRES_STEPS} steps":
        return row
    judged = any(name in describe_device(device).name for name in ("H100", "H200"))
    reached = row.value <= LARGEST_GOAL_S if judged else None
    return replace(row, goal=f"≤ {LARGEST_GOAL_S} s on an H100", reached=reached)
