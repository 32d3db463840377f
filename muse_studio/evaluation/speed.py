"""Times every part of a cascade side by side in one run. Knows nothing about windows."""

from __future__ import annotations

import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from muse_studio.evaluation.bench import Row
from muse_studio.muse.cascade import Cascade
from muse_studio.muse.device import pick_device
from muse_studio.muse.plans import KnownGrids, StagePlan

PROMPT = "a 3d fox on a teal background"
PICTURE_GOAL_S = 10.0
FIRST_PREVIEW_GOAL_S = 0.7
PREVIEW_SHARE_GOAL = 0.10
MEMORY_GOAL_GB = 1.5


def measure(model: Path, device_name: str, repeats: int) -> list[Row]:
    """Times whole pictures with 24 + 8 steps, their parts, an inpainting, and the rate of this machine itself."""
    device = pick_device(device_name)
    started = time.perf_counter()
    cascade = Cascade.load(model, device)
    loading = time.perf_counter() - started
    _picture(cascade, 0)
    runs = [_picture(cascade, seed) for seed in range(1, repeats + 1)]
    parts = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
    whole = parts["whole"]
    rate = _matrix_rate(device, cascade.dtype)
    rows = [
        Row("load the model", loading, "s"),
        Row("512 px, 24 + 8 steps", whole, "s", goal=f"≤ {PICTURE_GOAL_S:g} s", reached=whole <= PICTURE_GOAL_S),
        Row(
            "first step and preview",
            parts["first"],
            "s",
            parts["first"] / whole,
            "a picture",
            f"≤ {FIRST_PREVIEW_GOAL_S} s",
            parts["first"] <= FIRST_PREVIEW_GOAL_S,
        ),
        Row("all base steps", parts["base"], "s", parts["base"] / whole, "a picture"),
        Row("all super-resolution steps", parts["superres"], "s", parts["superres"] / whole, "a picture"),
        Row("final decode", parts["decode"], "s", parts["decode"] / whole, "a picture"),
        Row(
            "all previews",
            parts["previews"],
            "s",
            parts["previews"] / whole,
            "a picture",
            f"≤ {PREVIEW_SHARE_GOAL:.0%}",
            parts["previews"] / whole <= PREVIEW_SHARE_GOAL,
        ),
    ]
    quarter = statistics.median(_inpaint(cascade, seed) for seed in range(repeats))
    rows.append(Row("inpaint a quarter, same steps", quarter, "s", quarter / whole, "a picture"))
    single = _in_float32(model, cascade)
    if single is not None:
        rows.append(Row("the same picture in float32", single, "s", whole / single, "it is what a picture takes"))
    work = _work(cascade)
    rows.append(Row("matrix rate of this machine", rate / 1e9, "GFLOP/s"))
    rows.append(
        Row(
            "floor of the transformers", work / rate, "s", work / rate / (parts["base"] + parts["superres"]), "measured"
        )
    )
    memory = _peak_gb()
    rows.append(Row("peak memory", memory, "GB", goal=f"≤ {MEMORY_GOAL_GB} GB", reached=memory <= MEMORY_GOAL_GB))
    return rows


def _picture(cascade: Cascade, seed: int, known: KnownGrids | None = None) -> dict[str, float]:
    """Seconds of one picture and of its parts, previews included."""
    took = {"base": 0.0, "superres": 0.0, "previews": 0.0, "first": 0.0}
    defaults = cascade.config.defaults
    base = StagePlan(24, defaults.base.guidance, defaults.base.temperature)
    superres = StagePlan(8, defaults.superres.guidance, defaults.superres.temperature)
    begun = last = time.perf_counter()
    for step in cascade.sample([PROMPT], [""], [seed], base, superres):
        stepped = _now(cascade)
        took[step.stage] += stepped - last
        cascade.preview(step.tokens, step.stage).cpu()
        last = _now(cascade)
        took["previews"] += last - stepped
        took["first"] = took["first"] or last - begun
    cascade.picture(step.tokens, step.stage).cpu()
    ended = _now(cascade)
    return took | {"decode": ended - last, "whole": ended - begun}


def _inpaint(cascade: Cascade, seed: int) -> float:
    """Seconds to tokenize a picture and fill a quarter of it."""
    picture = torch.rand(1, 3, 512, 512, generator=torch.Generator().manual_seed(seed))
    known = [torch.ones(1, side, side, dtype=torch.bool) for side in (16, 64)]
    for grid in known:
        side = grid.shape[1]
        grid[:, side // 4 : 3 * side // 4, side // 4 : 3 * side // 4] = False
    plans = cascade.config.defaults
    begun = time.perf_counter()
    start = cascade.tokenize(picture)
    base, superres = StagePlan(24, plans.base.guidance), StagePlan(8, plans.superres.guidance)
    for step in cascade.sample([PROMPT], [""], [seed], base, superres, start, KnownGrids(*known)):
        cascade.preview(step.tokens, step.stage)
    cascade.picture(step.tokens, step.stage).cpu()
    return _now(cascade) - begun


def _in_float32(model: Path, cascade: Cascade) -> float | None:
    """Seconds of one picture by the same weights in float32; None where that is what was measured."""
    if cascade.dtype is torch.float32:
        return None
    for module in (cascade.base, cascade.superres, cascade.base_vqgan, cascade.superres_vqgan):
        module.float()
    kept, cascade.dtype = cascade.dtype, torch.float32
    try:
        return _picture(cascade, 1)["whole"]
    finally:
        cascade.dtype = kept
        for module in (cascade.base, cascade.superres, cascade.base_vqgan, cascade.superres_vqgan):
            module.to(kept)


def _work(cascade: Cascade) -> float:
    """Floating-point operations of all transformer steps of a picture, as torch counts them."""
    from torch.utils.flop_counter import FlopCounterMode

    defaults = cascade.config.defaults
    with FlopCounterMode(display=False) as counter:
        for _ in cascade.sample(
            [PROMPT], [""], [0], StagePlan(24, defaults.base.guidance), StagePlan(8, defaults.superres.guidance)
        ):
            pass
    return float(counter.get_total_flops())


def _matrix_rate(device: torch.device, dtype: torch.dtype) -> float:
    """Operations per second of this machine's own product of 1,024-square matrices: the best of five."""
    a = torch.randn(1024, 1024, device=device, dtype=dtype)

    def product() -> Tensor:
        return a @ a

    return max(2 * 1024**3 * 10 / _time(product, 10, device) for _ in range(5))


def _time(work: Callable[[], Tensor], times: int, device: torch.device) -> float:
    work()
    _synchronise(device)
    begun = time.perf_counter()
    for _ in range(times):
        work()
    _synchronise(device)
    return time.perf_counter() - begun


def _now(cascade: Cascade) -> float:
    _synchronise(cascade.device)
    return time.perf_counter()


def _synchronise(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def _peak_gb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e9 if sys.platform == "darwin" else 1e6)
