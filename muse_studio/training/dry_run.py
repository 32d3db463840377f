"""`muse-studio train dry-run`: proves that a recipe starts, steps, checkpoints and resumes, and says what it will cost.

First every stage is counted (`estimate`), then it is trained for a few steps, at its true sizes where memory allows,
through the same shards, tasks, loop and checkpoints as a real run. Tokenizers are random and text states too, of their
true shapes, unless given: neither can be had without training or downloading. What was made smaller is said.
"""

from __future__ import annotations

import gc
import hashlib
import math
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.muse.text import TextStates
from muse_studio.muse.vqgan import VQGAN
from muse_studio.training.data.pack import pack
from muse_studio.training.engine import Engine
from muse_studio.training.estimate import Estimate, estimate
from muse_studio.training.loop import RunOptions
from muse_studio.training.recipe import STAGES, Recipe, Stage
from muse_studio.training.sharded import Source, run_sharded
from muse_studio.training.state import CHECKPOINT

NOISE_PICTURES = 8
ROOM_BYTES = 700 * 2**20
"""Of Python, torch, the frozen tokenizers and their passes, beside what is estimated."""
GIGA = 10**9


@dataclass(frozen=True, slots=True)
class Cost:
    """For the estimates of time. processes: GPUs at work. flops: what each does in a second, not its maker's peak."""

    processes: int = 8
    flops: float = 200e12


@dataclass(frozen=True, slots=True)
class Proof:
    """What was really run of one stage. layers: of how many. step_s: seconds of a step, all but the first.

    peak_bytes: greatest memory of the process (of the GPU, where one was used); None where the system doesn't say.
    """

    stage: Stage
    parameters: int
    layers: tuple[int, int]
    examples: int
    steps: int
    step_s: float
    peak_bytes: int | None
    flops: float


class RandomText:
    """Stands for a text encoder: states of its true width, the same for the same caption, that mean nothing."""

    def __init__(self, width: int, device: torch.device) -> None:
        self.width, self.device = width, device

    def encode(self, texts: Sequence[str]) -> TextStates:
        """See `TextEncoder.encode`: one state per word and one for the end."""
        lengths = torch.tensor([1 + len(text.split()) for text in texts])
        mask = torch.arange(int(lengths.max())) < lengths[:, None]
        states = torch.zeros(*mask.shape, self.width)
        for row, text in enumerate(texts):
            generator = torch.Generator().manual_seed(zlib.crc32(text.encode()))
            states[row, mask[row]] = torch.randn(int(lengths[row]), self.width, generator=generator)
        return TextStates(states.to(self.device), mask.to(self.device))


def noise_folder(folder: Path, side: int = 544) -> None:
    """Pictures of coloured noise with captions, to pack where there are no shards yet. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(NOISE_PICTURES):
        rng = np.random.default_rng(number)
        blocks = rng.integers(0, 256, (17, 17, 3), dtype=np.uint8).repeat(side // 17, 0).repeat(side // 17, 1)
        Image.fromarray(blocks).save(folder / f"{number}.png")
        (folder / f"{number}.txt").write_text(f"coloured noise number {number}", encoding="utf-8")


def noise_shards(folder: Path) -> Path:
    """A folder of one shard of noise, made by the same packing as any other. Raises what `pack` raises."""
    shards = folder / "shards"
    if not list(shards.glob("*.tar")):
        noise_folder(folder / "pictures")
        pack(folder / "pictures", shards, threads=1, report=lambda text: None)
    return shards


def random_vqgan(recipe: Recipe, stage: Stage, device: torch.device) -> VQGAN:
    """A tokenizer of the true sizes that was never trained."""
    config = recipe.cascade.base_vqgan if stage == "base-vqgan" else recipe.cascade.superres_vqgan
    torch.manual_seed(1)
    model = VQGAN(config).eval().requires_grad_(False)
    return model.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]


def fitted(recipe: Recipe, stage: Stage, whole: Estimate, examples: int, limit_bytes: int) -> Recipe:
    """The recipe, with as many of the stage's layers as fit into memory by the estimate; width and all else stay.

    Raises MuseStudioError OUT_OF_MEMORY where not even one layer fits.
    """
    free = limit_bytes - ROOM_BYTES
    if whole.memory(examples, True) <= free or stage not in ("base", "superres"):
        return recipe
    for layers in range(_layers(recipe, stage) - 1, 0, -1):
        smaller = with_layers(recipe, stage, layers)
        share = _parameters(smaller, stage) / whole.parameters
        if whole.memory(examples, True) * share <= free:
            return smaller
    raise MuseStudioError(
        ErrorKind.OUT_OF_MEMORY, f"Not one layer of {stage} fits into {limit_bytes / GIGA:.1f} GB. Allow more --memory."
    )


def with_layers(recipe: Recipe, stage: Stage, layers: int) -> Recipe:
    """The recipe with another number of layers in one transformer."""
    cascade = recipe.cascade
    if stage == "base":
        return replace(recipe, cascade=replace(cascade, base=replace(cascade.base, layers=layers)))
    return replace(recipe, cascade=replace(cascade, superres=replace(cascade.superres, layers=layers)))


def _layers(recipe: Recipe, stage: Stage) -> int:
    sizes = {"base": recipe.cascade.base.layers, "superres": recipe.cascade.superres.layers}
    return sizes.get(stage, 1)


def _parameters(recipe: Recipe, stage: Stage) -> int:
    from muse_studio.muse.presets import parameter_counts

    return parameter_counts(recipe.cascade)[stage.replace("-", "_")]


def prove(
    recipe: Recipe,
    stage: Stage,
    source: Source,
    engine: Engine,
    *,
    steps: int,
    examples: int,
    limit_bytes: int,
    whole: Estimate,
    report: Callable[[str], None] = print,
) -> Proof:
    """Really trains a stage: `steps` steps, a checkpoint, a new start that resumes it, and as many steps again.

    Raises MuseStudioError INTERNAL where the resumed run is not, byte for byte, the one that was left.
    """
    smaller = fitted(recipe, stage, whole, examples, limit_bytes)
    loop = replace(smaller.loop(stage), batch=examples * engine.world)
    smaller = replace(smaller, loops=tuple(loop if one == stage else smaller.loop(one) for one in STAGES))  # type: ignore[arg-type]
    checkpoint = source.folders.runs / stage / CHECKPOINT
    if checkpoint.exists():
        raise MuseStudioError(ErrorKind.BAD_REQUEST, f"{checkpoint} is in the way. Choose another folder for --runs.")
    options = RunOptions(recompute=True, draws=False, keep_every=steps, log_every=1, report=_indented(report))
    with _peak(engine.device) as peak:
        first = time.monotonic()
        run_sharded(smaller, stage, source, replace(options, budget_steps=1), engine)
        report(f"  the first step, with building and saving, took {time.monotonic() - first:.1f} s")
        gc.collect()  # before every new start: two models at once would be counted as one's need
        if steps > 1:
            run_sharded(smaller, stage, source, replace(options, budget_steps=steps - 1), engine)
            gc.collect()
        left = _digest(checkpoint)
        run_sharded(smaller, stage, source, replace(options, budget_steps=0), engine)
        gc.collect()
        if _digest(checkpoint) != left:
            raise MuseStudioError(ErrorKind.INTERNAL, f"{stage}: a resumed run is not the one that was left.")
        resumed = run_sharded(smaller, stage, source, replace(options, budget_steps=steps), engine)
        gc.collect()
    if resumed.step != 2 * steps:
        raise KeyboardInterrupt  # the loop takes it for a wish to save; half a proof is none
    per_step = resumed.elapsed_s / resumed.step
    made = estimate_scaled(whole, _parameters(smaller, stage))
    return Proof(
        stage=stage,
        parameters=_parameters(smaller, stage),
        layers=(_layers(smaller, stage), _layers(recipe, stage)),
        examples=examples * engine.world,
        steps=resumed.step,
        step_s=per_step,
        peak_bytes=peak[0],
        flops=made * examples * engine.world / per_step,
    )


def estimate_scaled(whole: Estimate, parameters: int) -> float:
    """Operations of one example in a model with fewer layers, tokenizing included."""
    return whole.flops_recompute * parameters / whole.parameters + whole.frozen_flops


def _indented(report: Callable[[str], None]) -> Callable[[str], None]:
    return lambda text: report(f"  {text}")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _peak(device: torch.device) -> Iterator[list[int | None]]:
    """The greatest memory, in bytes, while the block ran; filled in at its end."""
    found: list[int | None] = [None]
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    else:
        with suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")  # Linux forgets the greatest size so far
    yield found
    if device.type == "cuda":
        found[0] = torch.cuda.max_memory_allocated(device)
        return
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text("ascii", "replace").splitlines():
            if line.startswith("VmHWM:"):
                found[0] = int(line.split()[1]) * 1024


def dry_run(
    recipe: Recipe,
    stages: Sequence[Stage],
    source: Source,
    engine: Engine,
    cost: Cost,
    *,
    steps: int = 2,
    examples: int = 1,
    limit_bytes: int = 8 * GIGA,
    report: Callable[[str], None] = print,
) -> list[Proof]:
    """Counts, then proves, stage by stage; reports both as it goes. steps: 0 counts alone."""
    proofs = []
    for stage in stages:
        whole = estimate(recipe, stage)
        for line in described(whole, recipe, cost):
            report(line)
        if steps:
            proof = prove(
                recipe,
                stage,
                source,
                engine,
                steps=steps,
                examples=examples,
                limit_bytes=limit_bytes,
                whole=whole,
                report=report,
            )
            report(proved(proof, whole, recipe))
            proofs.append(proof)
    return proofs


def described(whole: Estimate, recipe: Recipe, cost: Cost) -> list[str]:
    """An estimate in words."""
    loop = recipe.loop(whole.stage)
    share = loop.batch / cost.processes
    days = whole.work(loop, True) / (cost.flops * cost.processes) / 86_400
    kept = f"kept of each example {_gb(whole.kept)}"
    if whole.kept_recompute != whole.kept:
        kept += f", recomputing {_gb(whole.kept_recompute)}"
    held = f"weights {_gb(whole.weights)}, gradients {_gb(whole.gradients)}, {loop.optimiser} {_gb(whole.optimiser)}"
    one, eight = _gb(whole.memory(1, False)), _gb(whole.memory(8, True))
    work = f"{whole.flops / 1e12:.2f} TFLOP an example, recomputing {whole.flops_recompute / 1e12:.2f}"
    team = f"{cost.processes} processes of {cost.flops / 1e12:g} TFLOP/s each ({share:g} examples of a step each)"
    return [
        f"{whole.stage}: {whole.parameters / 1e6:.1f} million parameters",
        f"  memory: {held}, bfloat16 casts {_gb(whole.casts)}; {kept}",
        f"  one process: {one} with 1 example, {eight} with 8 recomputing",
        f"  work: {work}, and {whole.frozen_flops / 1e12:.2f} to tokenize it (text encoder not counted)",
        f"  time: {loop.total_steps:,} steps of {loop.batch} take {days:,.1f} days on {team}",
    ]


def proved(proof: Proof, whole: Estimate, recipe: Recipe) -> str:
    """What was run, in words, and what it says of the whole schedule on this machine."""
    loop = recipe.loop(proof.stage)
    years = whole.work(loop, True) / proof.flops / 86_400 / 365.25
    layers = "" if proof.layers[1] == 1 else f", {proof.layers[0]} of {proof.layers[1]} layers"
    peak = "" if proof.peak_bytes is None else f", peak memory {_gb(proof.peak_bytes)}"
    return (
        f"  proved: started, {proof.steps} steps of {proof.examples} in two parts, checkpoint resumed byte for byte, "
        f"with {proof.parameters / 1e6:.1f} million parameters{layers}; {proof.step_s:.1f} s a step{peak}; "
        f"{proof.flops / 1e12:.3f} TFLOP/s, at which the whole schedule takes {_years(years)} here"
    )


def _years(years: float) -> str:
    return f"{years:,.1f} years" if years >= 1 or math.isclose(years, 1) else f"{years * 365.25:.1f} days"


def _gb(size: int) -> str:
    return f"{size / GIGA:.2f} GB"
