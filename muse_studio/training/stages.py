"""From a recipe and a data folder to the task of one stage. Knows nothing about the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.muse.text import TextEncoder
from muse_studio.muse.vqgan import VQGAN
from muse_studio.training.data.avatars import Avatars
from muse_studio.training.data.captions import with_article
from muse_studio.training.data.compose import Composer
from muse_studio.training.data.concepts import REDUCED_CONCEPTS
from muse_studio.training.data.drawings import DrawingSet
from muse_studio.training.data.hues import BACKGROUNDS
from muse_studio.training.data.landscapes import Landscapes
from muse_studio.training.data.mix import Mix
from muse_studio.training.loop import RunOptions, Task, train
from muse_studio.training.masked import BaseTask, SuperResTask
from muse_studio.training.recipe import Recipe, Stage
from muse_studio.training.state import Progress, load_checkpoint
from muse_studio.training.tokenizer import AveragedCodebook, TokenizerTask, with_spare


@cache
def sheet_prompts() -> tuple[str, ...]:
    """What a sample sheet shows, by rule and not picked: each of the 64 concepts once, the styles in turn, every second
    one on the next coloured background; then two in front of photographs."""
    styles, grounds = ("3d", "flat", "sticker"), tuple(BACKGROUNDS)[1:]
    prompts = []
    for number, concept in enumerate(REDUCED_CONCEPTS.values()):
        words = with_article(concept, styles[number % 3])
        ground = grounds[number // 2 % len(grounds)]
        prompts.append(f"{words} on {with_article('background', ground)}" if number % 2 else words)
    return (*prompts, "a 3d fox in front of snowy mountains", "a flat penguin in front of a lake")


@dataclass(frozen=True, slots=True)
class PicturePair:
    """See `training.masked.Pair`."""

    base: NDArray[np.uint8]
    superres: NDArray[np.uint8] | None
    caption: str


@dataclass(frozen=True, slots=True)
class Folders:
    """data: what the builder made. runs: one folder per stage below it. text_encoder: in the transformers layout."""

    data: Path
    runs: Path
    text_encoder: Path


def composer(recipe: Recipe, folders: Folders, mix: Mix) -> Composer:
    """The examples of a recipe; the data must have been built.

    Super-resolution sees rasters and photographs too: without them it could not fill a masked photograph.
    """
    avatars = Avatars(folders.data) if mix.avatar else None
    return Composer(DrawingSet(folders.data, recipe.subset), Landscapes(folders.data), mix, avatars)


def task(recipe: Recipe, stage: Stage, folders: Folders, device: torch.device) -> Task:
    """The task of one stage. Raises MuseStudioError BAD_MODEL where an earlier stage has not been trained."""
    torch.manual_seed(recipe.loop(stage).seed)
    if stage in ("base-vqgan", "superres-vqgan"):
        return _tokenizer_task(recipe, stage, folders, device)
    text = TextEncoder.load(folders.text_encoder)
    pairs = _pairs(recipe, stage, folders)
    vqgans = [trained_vqgan(recipe, "base-vqgan", folders, device)]
    if stage == "base":
        return BaseTask(recipe.cascade.base, recipe.masked, pairs, vqgans, text, sheet_prompts()[::3], device)
    vqgans.append(trained_vqgan(recipe, "superres-vqgan", folders, device))
    return SuperResTask(recipe.cascade.superres, recipe.masked, pairs, vqgans, text, sheet_prompts()[::3], device)


def run_stage(recipe: Recipe, stage: Stage, folders: Folders, options: RunOptions, device: torch.device) -> Progress:
    """Trains or resumes one stage under `folders.runs`."""
    return train(task(recipe, stage, folders, device), recipe.loop(stage), options, folders.runs / stage)


def _tokenizer_task(recipe: Recipe, stage: Stage, folders: Folders, device: torch.device) -> TokenizerTask:
    at_base = stage == "base-vqgan"
    config = recipe.tokenizers[0 if at_base else 1]
    examples = composer(recipe, folders, recipe.tokenizer_mix)
    seed = recipe.loop(stage).seed

    def compose(number: int) -> NDArray[np.uint8]:
        return examples.sample(np.random.default_rng((seed, number)), config.size).rgb

    vqgan = recipe.cascade.base_vqgan if at_base else recipe.cascade.superres_vqgan
    return TokenizerTask(stage, vqgan, config, compose, device)


def _pairs(recipe: Recipe, stage: Stage, folders: Folders) -> Callable[[int], PicturePair]:
    examples = composer(recipe, folders, recipe.mix)
    seed = recipe.loop(stage).seed + 1

    def pair(number: int) -> PicturePair:
        rng = np.random.default_rng((seed, number))
        if stage == "base":
            example = examples.sample(rng, 256)
            return PicturePair(example.rgb, None, example.caption)
        both = examples.sample_pair(rng)
        return PicturePair(both.small, both.large, both.caption)

    return pair


def trained_vqgan(recipe: Recipe, stage: Stage, folders: Folders, device: torch.device) -> VQGAN:
    """The tokenizer that an earlier stage has left."""
    config = recipe.cascade.base_vqgan if stage == "base-vqgan" else recipe.cascade.superres_vqgan
    settings = recipe.tokenizers[0 if stage == "base-vqgan" else 1]
    trained = with_spare(config, settings)
    module = AveragedCodebook(VQGAN(trained), settings)
    loaded = load_checkpoint(folders.runs / stage, module, AveragedCodebook(VQGAN(trained), settings), (), None)
    if not loaded.step:
        raise MuseStudioError(
            ErrorKind.BAD_MODEL, f"Stage {stage} has no checkpoint in {folders.runs}. Train it first: train {stage}."
        )
    model = module.condensed(config).eval().requires_grad_(False)
    return model.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
