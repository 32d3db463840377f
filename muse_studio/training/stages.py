"""From a recipe and a data folder to the task of one stage. Knows nothing about the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.muse.text import TextEncoder
from muse_studio.muse.vqgan import VQGAN, Decoder
from muse_studio.training.codebook import AveragedCodebook, with_spare
from muse_studio.training.data.ahead import Ahead
from muse_studio.training.data.avatars import Avatars
from muse_studio.training.data.compose import Composer
from muse_studio.training.data.drawings import DrawingSet
from muse_studio.training.data.landscapes import Landscapes
from muse_studio.training.data.mix import Mix
from muse_studio.training.decoder import DecoderTask, FinetunedDecoder, fingerprint
from muse_studio.training.features import ModelDistance
from muse_studio.training.filters import FilterDistance
from muse_studio.training.loop import RunOptions, Task, micro_batch, train
from muse_studio.training.losses import Distance
from muse_studio.training.masked import BaseTask, SuperResTask
from muse_studio.training.recipe import FINETUNES, Recipe, Stage, with_losses
from muse_studio.training.sheet_prompts import sheet_prompts
from muse_studio.training.state import Progress, load_checkpoint, saved_settings
from muse_studio.training.tokenizer import TokenizerTask
from muse_studio.training.tokenizer_config import (
    ADVERSARIAL_WEIGHT,
    FILTERS,
    FILTERS_WEIGHT,
    PERCEPTUAL_WEIGHT,
)


@dataclass(frozen=True, slots=True)
class PicturePair:
    """See `training.masked.Pair`. For a stage that needs one size, `base` has that size."""

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


def drawn(recipe: Recipe, stage: Stage, folders: Folders) -> Callable[[int], PicturePair]:
    """The pictures of a stage by number, composed when they are asked for. Several threads may ask."""
    seed = recipe.loop(stage).seed
    if stage not in ("base", "superres"):
        pictures, size = composer(recipe, folders, recipe.tokenizer_mix), recipe.tokenizer(stage).size
    else:
        pictures, size, seed = composer(recipe, folders, recipe.mix), 256, seed + 1
    composed = recipe.decoder(stage).composed if stage in FINETUNES else 0.0
    others = composer(recipe, folders, recipe.mix) if composed else pictures

    def picture(number: int) -> PicturePair:
        rng = np.random.default_rng((seed, number))
        if stage == "superres":
            both = pictures.sample_pair(rng)
            return PicturePair(both.small, both.large, both.caption)
        chosen = others if composed and rng.random() < composed else pictures
        example = chosen.sample(rng, size)
        return PicturePair(example.rgb, None, example.caption)

    return picture


def task(
    recipe: Recipe,
    stage: Stage,
    folders: Folders,
    device: torch.device,
    distance: Distance | None = None,
    pictures: Callable[[int], PicturePair] | None = None,
) -> Task:
    """The task of one stage. Raises MuseStudioError BAD_MODEL where an earlier stage has not been trained.

    distance: between features of pictures, for the stages that make pictures; by filters unless it is given.
    pictures: by number; those of `drawn` unless they are given.
    """
    torch.manual_seed(recipe.loop(stage).seed)
    pictures = pictures or drawn(recipe, stage, folders)
    if stage not in ("base", "superres"):
        return _picture_task(recipe, stage, folders, device, distance or FilterDistance(device), pictures)
    text = TextEncoder.load(folders.text_encoder, device if device.type == "cuda" else "cpu")
    vqgans = [trained_vqgan(recipe, "base-vqgan", folders, device)]
    prompts = sheet_prompts()[::3]
    if stage == "base":
        return BaseTask(recipe.cascade.base, recipe.masked, pictures, vqgans, text, prompts, device)
    drafting, drafts = drafting_vqgan(recipe, folders)
    vqgans = [drafting.to(device), trained_vqgan(recipe, "superres-vqgan", folders, device)]
    return SuperResTask(recipe.cascade.superres, recipe.masked, pictures, vqgans, text, prompts, device, drafts=drafts)


def run_stage(
    recipe: Recipe,
    stage: Stage,
    folders: Folders,
    options: RunOptions,
    device: torch.device,
    distance: Distance | None = None,
    loaders: int = 0,
) -> Progress:
    """Trains or resumes one stage under `folders.runs`. `loaders`: threads that compose pictures ahead."""
    loop = recipe.loop(stage)
    size = micro_batch(loop, options, 1)
    ahead = Ahead(drawn(recipe, stage, folders), batch=size, stride=size, threads=loaders)
    try:
        return train(task(recipe, stage, folders, device, distance, ahead), loop, options, folders.runs / stage)
    finally:
        ahead.close()


def judged(
    recipe: Recipe, perceptual: str | None, adversarial: bool, device: torch.device
) -> tuple[Recipe, Distance | None]:
    """The recipe with more losses on pictures, weighed as in the paper's table 5; and the distance they need.

    perceptual: "filters", or a folder of an image model. Raises MuseStudioError BAD_MODEL where it can't be used.
    """
    distance: Distance | None = None
    if perceptual and perceptual != FILTERS:
        distance = model = ModelDistance.load(Path(perceptual), device)
        recipe = with_losses(recipe, perceptual=PERCEPTUAL_WEIGHT, features=model.name)
    elif perceptual:
        recipe = with_losses(recipe, perceptual=FILTERS_WEIGHT, features=FILTERS)
    return (with_losses(recipe, adversarial=ADVERSARIAL_WEIGHT) if adversarial else recipe), distance


def _picture_task(
    recipe: Recipe,
    stage: Stage,
    folders: Folders,
    device: torch.device,
    distance: Distance,
    pictures: Callable[[int], PicturePair],
) -> Task:
    """The task of a tokenizer or of its larger decoder."""
    config = recipe.tokenizer(stage)

    def compose(number: int) -> NDArray[np.uint8]:
        return pictures(number).base

    if stage not in FINETUNES:
        return TokenizerTask(stage, recipe.vqgan(stage), config, compose, device, distance)
    frozen = trained_vqgan(recipe, FINETUNES[stage], folders, device)
    return DecoderTask(stage, frozen, recipe.vqgan(stage), config, compose, device, distance)


def trained_vqgan(recipe: Recipe, stage: Stage, folders: Folders, device: torch.device) -> VQGAN:
    """The tokenizer that an earlier stage has left."""
    config, settings = recipe.vqgan(stage), replace(recipe.tokenizer(stage), adversarial=0.0)
    module, other = (AveragedCodebook(VQGAN(with_spare(config, settings)), settings) for _ in range(2))
    loaded = load_checkpoint(folders.runs / stage, module, other, (), None)
    if not loaded.step:
        raise MuseStudioError(
            ErrorKind.BAD_MODEL, f"Stage {stage} has no checkpoint in {folders.runs}. Train it first: train {stage}."
        )
    model = module.condensed(config).eval().requires_grad_(False)
    return model.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]


def finished_vqgan(recipe: Recipe, stage: Stage, folders: Folders) -> VQGAN:
    """The tokenizer that a stage has left, with its larger decoder where that has been finetuned; on the CPU.

    Raises MuseStudioError BAD_MODEL where the decoder was finetuned for another codebook.
    """
    frozen = trained_vqgan(recipe, stage, folders, torch.device("cpu"))
    larger: Stage = "base-decoder" if stage == "base-vqgan" else "superres-decoder"
    folder = folders.runs / larger
    settings = saved_settings(folder)
    if settings is None:
        return frozen
    if settings["task"]["codebook"] != fingerprint(frozen.codebook):
        raise MuseStudioError(
            ErrorKind.BAD_MODEL,
            f"{larger} was finetuned before {stage} was trained on: its codes mean something else now. Move {folder} "
            f"away, and finetune again if you like: train {larger}.",
        )
    sizes, alone = recipe.vqgan(larger), replace(recipe.tokenizer(larger), adversarial=0.0)
    module, averaged = (FinetunedDecoder(Decoder(sizes), alone) for _ in range(2))
    load_checkpoint(folder, module, averaged, (), None)
    model = averaged.finished(frozen, sizes)
    return model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def drafting_vqgan(recipe: Recipe, folders: Folders) -> tuple[VQGAN, str]:
    """The base tokenizer whose decoder makes the drafts that super-resolution reads; and that decoder's fingerprint,
    empty for the tokenizer's first.

    Drafts stay what super-resolution was trained with: it keeps the decoder that it began with, and one that is
    finetuned later is left alone. Raises MuseStudioError BAD_MODEL where its decoder has changed since.
    """
    model = finished_vqgan(recipe, "base-vqgan", folders)
    drafts = fingerprint(*model.decoder.state_dict().values()) if model.config != recipe.vqgan("base-vqgan") else ""
    begun = saved_settings(folders.runs / "superres")
    wanted = drafts if begun is None or not recipe.cascade.superres.draft else begun["task"].get("drafts", "")
    if not wanted:
        return trained_vqgan(recipe, "base-vqgan", folders, torch.device("cpu")), ""
    if wanted != drafts:
        raise MuseStudioError(
            ErrorKind.BAD_MODEL,
            f"Super-resolution learned from drafts by another decoder than {folders.runs / 'base-decoder'} holds now. "
            "Put the old one back, or train superres again.",
        )
    return model, drafts
