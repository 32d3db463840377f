"""Measures ways of sampling on the same prompts and seeds, each beside the first of them.

What is measured of a picture: how likely the probe finds each word that was asked for, whether all of them come first,
and, where the model has seen the drawing that the prompt asks for, how much of it is there. And of the pictures of one
prompt, how much they differ: a way that always draws the same is no better for being right. Knows no plans.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from muse_studio.core.files import atomic_write, disk_error
from muse_studio.evaluation.probe.learning import as_tensor
from muse_studio.evaluation.probe.network import Probe
from muse_studio.evaluation.probe.pictures import AS_ASKED, LABELS, Seen, shrunk
from muse_studio.evaluation.probe.prompts import Prompt, prompts
from muse_studio.evaluation.ways import Way
from muse_studio.muse.cascade import BASE_PX, SUPERRES_PX, Cascade
from muse_studio.muse.plans import Stage
from muse_studio.training.data.compose import Composer
from muse_studio.training.data.drawings import DrawingSet
from muse_studio.training.data.landscapes import Landscapes
from muse_studio.training.data.scenes import Layer, Scene

Say = Callable[[str], None]
SEEDS_PER_PROMPT = 2
BATCH = 8
MEASURES = ("concept", "style", "background", "all right", "as drawn", "variety")
GROUPS = ("asked", "held out", "never drawn", "on a photograph")
"""Of the probe's prompts: those with one thing in them."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a prompt asks for as the model has seen it. tokens: int64 [16, 16]; rgb: uint8 [512, 512, 3]."""

    tokens: Tensor
    rgb: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Mean:
    """A measure's mean over prompts, the difference to the first way, and that difference's standard error."""

    value: float
    beside: float
    error: float


def asked_prompts(pictures: int, seed: int, groups: Sequence[str] = GROUPS) -> tuple[Prompt, ...]:
    """As many prompts of each group, for about `pictures` pictures in all."""
    each = max(1, pictures // (SEEDS_PER_PROMPT * len(groups)))
    every = prompts(each * 16, seed)  # the rarest group has a fourteenth of them
    return tuple(
        prompt for group in groups for prompt in [one for one in every if one.group == group][:each]
    )  # fmt: skip


def drawings_asked(cascade: Cascade, data: Path, asked: Sequence[Prompt]) -> list[Drawn | None]:
    """The composition that training has shown for each prompt of the group `asked`; None for all others."""
    drawings = DrawingSet(data, "reduced")
    composer = Composer(drawings, Landscapes(data), AS_ASKED)
    rows = {(entry.label, entry.style): entry.index for entry in drawings.entries if entry.pack in AS_ASKED.packs}
    found: list[Drawn | None] = []
    for prompt in asked:
        words = {axis: LABELS.of(axis)[place] for axis, place in prompt.classes.items()}
        row = rows.get((words["concept"], words["style"]))
        if prompt.group != "asked" or row is None:
            found.append(None)
            continue
        scene = Scene(words["background"], (Layer(row, 0.5, 0.5, AS_ASKED.scale[0]),), prompt.text, {})
        small = torch.from_numpy(composer.paint(scene, BASE_PX).copy()).permute(2, 0, 1)[None].float().div(255)
        with torch.no_grad():
            tokens = cascade.base_vqgan.encode(small.to(cascade.device, cascade.dtype))[0].cpu()
        found.append(Drawn(tokens, composer.paint(scene, SUPERRES_PX)))
    return found


class Sampler:
    """Makes tokens by ways, and keeps them in a folder, so that a run that was stopped goes on."""

    def __init__(self, cascade: Cascade, digest: str, kept: Path) -> None:
        """digest: of the model's weights. MuseStudioError(DISK)."""
        self.cascade, self._digest, self._kept = cascade, digest, kept
        try:
            kept.mkdir(parents=True, exist_ok=True)
        except OSError as fault:
            raise disk_error(kept, fault) from fault

    def tokens(self, way: Way, asked: Sequence[Prompt], first_seed: int) -> Tensor:
        """int64 [prompts, SEEDS_PER_PROMPT, h, w] of the last stage; seeds are counted up, the same for every way."""
        texts = [prompt.text for prompt in asked for _ in range(SEEDS_PER_PROMPT)]
        decided = (self._digest, str(self.cascade.device.type), str(self.cascade.dtype), way.base, way.superres, texts)
        name = hashlib.sha256(repr((decided, first_seed)).encode()).hexdigest()[:24]
        path = self._kept / f"{name}.tokens"
        grid = self.cascade.config.superres.grid if way.superres else self.cascade.config.base.grid
        if not path.is_file():
            made = torch.cat([self._batch(way, texts, first_seed, place) for place in range(0, len(texts), BATCH)])
            atomic_write(path, made.to(torch.int32).numpy().tobytes())
        flat = torch.from_numpy(np.frombuffer(path.read_bytes(), np.int32).copy()).long()
        return flat.view(len(asked), SEEDS_PER_PROMPT, grid, grid)

    def _batch(self, way: Way, texts: Sequence[str], first_seed: int, place: int) -> Tensor:
        part = texts[place : place + BATCH]
        seeds = range(first_seed + place, first_seed + place + len(part))
        *_, last = self.cascade.sample(part, [""], list(seeds), way.base, way.superres)
        return last.tokens.cpu()


def measured(
    cascade: Cascade, probe: Probe, tokens: Tensor, asked: Sequence[Prompt], drawn: Sequence[Drawn | None]
) -> dict[str, NDArray[np.float64]]:
    """By measure, float64 [prompts]: the mean over a prompt's pictures; not a number where a prompt has no such figure.

    `as drawn` is the share of base tokens that are the drawing's own, or, of 512-px pictures, the PSNR to it in dB.
    """
    stage: Stage = "base" if tokens.shape[-1] == cascade.config.base.grid else "superres"
    rows: dict[str, list[float]] = {name: [] for name in MEASURES}
    for prompt, grids, original in zip(asked, tokens, drawn, strict=True):
        pictures = cascade.picture(grids.to(cascade.device), stage).float().cpu()
        rgb = (pictures * 255).round().byte().permute(0, 2, 3, 1).contiguous().numpy()
        for name, value in _judged(probe, rgb, prompt).items():
            rows[name].append(value)
        rows["as drawn"].append(_as_drawn(grids, rgb, original))
        rows["variety"].append(float((grids[0] != grids[1]).float().mean()))
    return {name: np.asarray(values) for name, values in rows.items()}


@torch.no_grad()
def _judged(probe: Probe, rgb: NDArray[np.uint8], prompt: Prompt) -> dict[str, float]:
    """The probe's probability of each word, and the share of pictures of which all three come first."""
    logits = probe(as_tensor([Seen(shrunk(one), prompt.classes, prompt.text) for one in rgb]))
    axes = ("concept", "style", "background")
    likely = {axis: logits[axis].softmax(-1)[:, prompt.classes[axis]] for axis in axes}
    first = torch.stack([logits[axis].argmax(-1) == prompt.classes[axis] for axis in axes]).all(0)
    return {axis: float(value.mean()) for axis, value in likely.items()} | {"all right": float(first.float().mean())}


def _as_drawn(grids: Tensor, rgb: NDArray[np.uint8], original: Drawn | None) -> float:
    if original is None:
        return float("nan")
    if grids.shape[1:] == original.tokens.shape:
        return float((grids == original.tokens).float().mean())
    squares = ((rgb.astype(np.float64) - original.rgb) ** 2).mean((1, 2, 3))
    return float((10 * np.log10(255**2 / np.maximum(squares, 1e-3))).mean())


def beside(ways: Sequence[dict[str, NDArray[np.float64]]]) -> list[dict[str, Mean]]:
    """Every way beside the first, prompt by prompt: what prompts differ in is in neither difference nor error."""
    return [{name: _mean(way[name], ways[0][name]) for name in MEASURES} for way in ways]


def _mean(values: NDArray[np.float64], first: NDArray[np.float64]) -> Mean:
    there = ~np.isnan(values)
    values, first = values[there], first[there]
    if not len(values):
        return Mean(float("nan"), float("nan"), float("nan"))
    gained = values - first
    error = gained.std(ddof=1) / np.sqrt(len(gained)) if len(gained) > 1 else float("nan")
    return Mean(float(values.mean()), float(gained.mean()), float(error))
