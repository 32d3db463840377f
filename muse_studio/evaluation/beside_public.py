"""`muse-studio bench published`: a published cascade beside the public pipeline, on one set of random weights.

The two take turns, step by step, so that whatever else the machine does meets both alike, and every step's tokens are
compared. Only ratios are worth repeating. Knows nothing of our own cascades.
"""

from __future__ import annotations

import copy
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn

from muse_studio.core.geometry import Extent
from muse_studio.core.settings import FOLDER_VARIABLE
from muse_studio.evaluation.bench import Row
from muse_studio.evaluation.beside_public_gpu import gpu_rows
from muse_studio.evaluation.public_pipeline import Watch, same_noise, share_public
from muse_studio.evaluation.random_published import Shapes, write_random_folder
from muse_studio.muse.cascade import working_dtype
from muse_studio.muse.plans import DecodeStep, StagePlan
from muse_studio.weights.network import Network
from muse_studio.weights.preview import Preview, blank_head
from muse_studio.weights.published import PublishedCascade
from muse_studio.weights.published_folder import load_published
from muse_studio.weights.quantised import quantise_network
from muse_studio.weights.vq import PublishedVQGAN

PROMPT, SEED = "a fox", 7
STEPS = 12
SCALE = 10.0  # of guidance, as the public pipeline counts it: ours is one less
FLOAT32_GOAL, INT8_GOAL, PREVIEW_GOAL = 1.3, 2.0, 20.0
PREVIEWS = 20  # of which the median counts
CHILD_TIMEOUT_S = 3600.0
CHILDREN = {"public": "public", "first": "ours", "ours": "ours"}
"""Each a process of its own, in this order: ours loads a model for the first time, and as it does ever after."""
Told = Callable[[str], None]


@dataclass(slots=True)
class Runner:
    """One that makes the picture. steps: seconds of each, the text and all that is prepared in the first."""

    name: str
    cascade: PublishedCascade | None = None
    steps: list[float] = field(default_factory=list)
    decode: float = 0.0

    @property
    def whole(self) -> float:
        return sum(self.steps) + self.decode


@dataclass(frozen=True, slots=True)
class Race:
    """What came of it. differs: the first step at which ours in float32 had another token than the public pipeline,
    None where none did; pixels: the largest difference of the two pictures."""

    public: Runner
    ours: tuple[Runner, ...]
    differs: int | None
    pixels: float


def measure_beside(shapes: Shapes, steps: int = STEPS, told: Told = lambda what: None) -> list[Row]:
    """All rows. The weights are written to a temporary folder; of the true shapes 3.5 GB."""
    with tempfile.TemporaryDirectory(prefix="muse-studio-bench-") as place:
        folder = Path(place) / "random"
        told("writing random weights")
        write_random_folder(folder, shapes)
        told("memory and loading, each in a process of its own")
        settings = Path(place) / "settings"  # where the first load leaves what the second one reads
        alone = {what: _in_a_child(folder, who, settings) for what, who in CHILDREN.items()}
        told("loading for the race")
        cascade = load_published(folder, "cpu", dtype=torch.float32)
        found = race(folder, cascade, runners(cascade), steps, told)
        rows = [*race_rows(found, steps), *preview_rows(cascade, found)]
        if torch.cuda.is_available():
            told("pictures on the GPU")
            rows += gpu_rows(folder, steps, torch.device("cuda"))
    return rows + memory_rows(alone)


# The race


def runners(cascade: PublishedCascade) -> list[Runner]:
    """Ours: the cascade itself in float32, one rounded to int8 and one in bfloat16, with the text encoder in common."""
    network = cast(nn.Module, cascade.network)
    small, half = copy.deepcopy(cascade.vqgan).bfloat16(), copy.deepcopy(network).bfloat16()
    rounded = quantise_network(copy.deepcopy(network))
    decodes_in_half = working_dtype(torch.device("cpu")) is torch.bfloat16
    name = f"int8, decoded in {'bfloat16' if decodes_in_half else 'float32'}"
    return [
        Runner("float32", cascade),
        Runner(name, _with(cascade, rounded, small if decodes_in_half else cascade.vqgan, torch.float32)),
        Runner("bfloat16", _with(cascade, half, small, torch.bfloat16)),
    ]


def _with(cascade: PublishedCascade, network: nn.Module, vqgan: nn.Module, dtype: torch.dtype) -> PublishedCascade:
    made = cast(Network, network)
    return PublishedCascade(
        cascade.traits, made, cascade.facts, cast(PublishedVQGAN, vqgan), cascade.text, "cpu", dtype
    )


@torch.no_grad()
def race(
    folder: Path, cascade: PublishedCascade, ours: list[Runner], steps: int, told: Told = lambda what: None
) -> Race:
    """One picture by each. After each of its steps the public pipeline waits until ours have made theirs."""
    public = Runner("diffusers")
    pipeline = share_public(folder, cast(nn.Module, cascade.network), cascade.vqgan, cascade.text.model)
    side = cascade.traits.sizes[0]
    courses = [_course(runner, side, steps) for runner in ours]
    last: list[DecodeStep] = []
    differs: list[int] = []

    def turn(index: int, _timestep: object, latents: Tensor) -> None:
        public.steps.append(watch.lap())
        with watch.stopped():
            last[:] = [_timed(runner, course) for runner, course in zip(ours, courses, strict=True)]
            shown = torch.where(last[0].known, last[0].tokens, cascade.facts.mask_token)
            if not shown.equal(latents):
                differs.append(index)
            told(f"step {index + 1} of {steps}")

    rows, columns = cascade.grid(Extent(side, side))
    watch = Watch()
    with same_noise([SEED], torch.Size((1, rows, columns)), watch):
        watch.lap()
        asked = {"height": side, "width": side, "num_inference_steps": steps, "guidance_scale": SCALE}
        picture = pipeline(PROMPT, callback=turn, output_type="pt", **asked).images
        public.decode = watch.lap()
    told("decoding")
    pictures = [_decoded(runner, step.tokens) for runner, step in zip(ours, last, strict=True)]
    return Race(public, tuple(ours), min(differs, default=None), float((pictures[0] - picture).abs().max()))


def _course(runner: Runner, side: int, steps: int) -> Iterator[DecodeStep]:
    assert runner.cascade is not None
    runner.cascade.forget_prompts()
    plan = StagePlan(steps=steps, guidance=SCALE - 1, temperature=2.0)
    return runner.cascade.sample([PROMPT], [""], [SEED], plan, size=side)


def _timed(runner: Runner, course: Iterator[DecodeStep]) -> DecodeStep:
    begun = time.perf_counter()
    step = next(course)
    runner.steps.append(time.perf_counter() - begun)
    if runner.cascade is not None and len(runner.steps) == 1:
        runner.cascade.forget_prompts()  # the text encoder is in common: the next one reads the prompt itself
    return step


def _decoded(runner: Runner, tokens: Tensor) -> Tensor:
    assert runner.cascade is not None
    begun = time.perf_counter()
    picture = runner.cascade.picture(tokens)
    runner.decode = time.perf_counter() - begun
    return picture


# Rows


def race_rows(found: Race, steps: int) -> list[Row]:
    """Seconds of each, and how many times as fast as the public pipeline."""
    public = found.public
    rows = [Row(f"diffusers, float32: {steps} steps and decode", public.whole, "s")]
    for runner in found.ours:
        ratio = public.whole / runner.whole
        rows.append(_judged(f"ours, {runner.name}: {steps} steps and decode", runner, ratio, found))
    for name, one in (("diffusers, float32", public), *((f"ours, {runner.name}", runner) for runner in found.ours)):
        step, decode = statistics.median(one.steps), one.decode
        rows.append(Row(f"{name}: one step", step, "s", statistics.median(public.steps) / step, "diffusers' speed"))
        rows.append(Row(f"{name}: decode", decode, "s", public.decode / decode, "diffusers' speed"))
    told = "equal in every step" if found.differs is None else f"differ from step {found.differs + 1} on"
    rows.append(Row(f"tokens in float32 {told}; pixels differ by at most", found.pixels, "of 1"))
    return rows


def _judged(what: str, runner: Runner, ratio: float, found: Race) -> Row:
    if runner.name == "float32":
        goal, reached = FLOAT32_GOAL, ratio >= FLOAT32_GOAL and found.differs is None
    elif runner.name.startswith("int8"):
        goal, reached = INT8_GOAL, ratio >= INT8_GOAL
    else:
        return Row(what, runner.whole, "s", ratio, "diffusers' speed")
    return Row(what, runner.whole, "s", ratio, "diffusers' speed", f"≥ {goal:g} of it", reached)


@torch.no_grad()
def preview_rows(cascade: PublishedCascade, found: Race) -> list[Row]:
    """A preview of the same size's tokens. What it shows is learned and judged elsewhere; here it costs."""
    show, side = Preview(cascade.vqgan, blank_head(cascade.vqgan)), cascade.traits.sizes[0]
    tokens = torch.randint(cascade.facts.codebook_size, (1, *cascade.grid(Extent(side, side))))
    seconds = []
    for _ in range(PREVIEWS):
        begun = time.perf_counter()
        show(tokens)
        seconds.append(time.perf_counter() - begun)
    ours = next(runner for runner in found.ours if runner.name == "float32")
    one = statistics.median(seconds)
    times = ours.decode / one
    goal = f"≥ {PREVIEW_GOAL:g} to one"
    return [Row("one preview", 1e3 * one, "ms", times, "them to one of our decodes", goal, times >= PREVIEW_GOAL)]


def memory_rows(alone: Mapping[str, Mapping[str, float]]) -> list[Row]:
    """Loading, and the most memory a process had that loads, makes a step and decodes."""
    public, first, ours = (alone[what] for what in CHILDREN)
    ratio, times = ours["peak_gb"] / public["peak_gb"], ours["load_s"] / public["load_s"]
    return [
        Row("diffusers, float32: peak memory", public["peak_gb"], "GB"),
        Row("ours, float32: peak memory", ours["peak_gb"], "GB", ratio, "diffusers'", "≤ 1 of it", ratio <= 1),
        Row("diffusers, float32: load", public["load_s"], "s"),
        Row("ours, float32: load, every number checked", ours["load_s"], "s", times, "it", "≤ 1 of it", times <= 1),
        Row("ours, the first time: previews are learned", first["load_s"] - ours["load_s"], "s more"),
        Row("ours, the first time: peak memory", first["peak_gb"], "GB", first["peak_gb"] / public["peak_gb"], "it"),
    ]


def _in_a_child(folder: Path, who: str, settings: Path) -> dict[str, float]:
    command = [sys.executable, "-W", "ignore", "-m", "muse_studio.evaluation.published_child", str(folder), who]
    own = {**os.environ, FOLDER_VARIABLE: str(settings)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=CHILD_TIMEOUT_S, env=own)
    if done.returncode:
        raise RuntimeError(f"the process that measures {who} failed: {done.stderr[-2000:]}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found
