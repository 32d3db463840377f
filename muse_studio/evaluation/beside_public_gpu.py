"""A published cascade beside the public pipeline on a GPU: whole pictures in turns. Knows no CPU and no tokens."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from muse_studio.evaluation.bench import Row
from muse_studio.evaluation.machine import now
from muse_studio.evaluation.public_pipeline import load_public
from muse_studio.muse.plans import StagePlan
from muse_studio.weights.published import PublishedCascade
from muse_studio.weights.published_folder import load_published

PROMPT, SCALE = "a fox", 10.0
GOAL = 2.5
WARM_UPS, ROUNDS = 2, 7


def gpu_rows(folder: Path, steps: int, device: torch.device, dtype: torch.dtype = torch.bfloat16) -> list[Row]:
    """Seconds of a picture from its prompt to its pixels on the device, the median of some; all of it in `dtype`."""
    pipeline: Any = load_public(folder).to(device, dtype)
    cascade = load_published(folder, device, dtype=dtype)
    side = cascade.traits.sizes[0]
    asked = {"height": side, "width": side, "num_inference_steps": steps, "guidance_scale": SCALE}
    makers: dict[str, Callable[[], object]] = {
        "diffusers": lambda: torch.as_tensor(pipeline(PROMPT, output_type="pt", **asked).images).cpu(),
        "ours": lambda: _picture(cascade, steps, side),
    }
    seconds: dict[str, list[float]] = {name: [] for name in makers}
    for turn in range(WARM_UPS + ROUNDS):
        for name, make in makers.items():
            begun = now(device)
            make()
            if turn >= WARM_UPS:
                seconds[name].append(now(device) - begun)
    public, ours = (statistics.median(seconds[name]) for name in makers)
    numbers, ratio = str(dtype).removeprefix("torch."), public / ours
    way = "replayed as CUDA graphs" if _is_replayed(cascade) else "one kernel at a time"
    what = f"{steps} steps and decode on {device.type}"
    return [
        Row(f"diffusers, {numbers}: {what}", public, "s"),
        Row(
            f"ours, {numbers}, {way}: {what}", ours, "s", ratio, "diffusers' speed", f"≥ {GOAL:g} of it", ratio >= GOAL
        ),
    ]


def _picture(cascade: PublishedCascade, steps: int, side: int) -> object:
    cascade.forget_prompts()
    plan = StagePlan(steps=steps, guidance=SCALE - 1, temperature=2.0)
    *_, last = cascade.sample([PROMPT], [""], [0], plan, size=side)
    return cascade.picture(last.tokens).cpu()


def _is_replayed(cascade: PublishedCascade) -> bool:
    replayed = cascade.network.replayed
    return replayed is not None and not getattr(replayed, "failed", False)
