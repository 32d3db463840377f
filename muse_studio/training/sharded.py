"""From a recipe and shards to the task of one stage, and its training on one process or several.

The drawn pictures of the default model go through `stages` instead; the tasks and the loop are the same. Knows nothing
about the command line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.muse.checkpoint import load_weights, read_cascade_json
from muse_studio.muse.folder import Folder
from muse_studio.muse.text import TextEncoder
from muse_studio.muse.vqgan import VQGAN
from muse_studio.training.data.ahead import Ahead
from muse_studio.training.data.shards import Shards
from muse_studio.training.data.squares import Square, square
from muse_studio.training.decoder import DecoderTask
from muse_studio.training.engine import Engine
from muse_studio.training.filters import FilterDistance
from muse_studio.training.loop import RunOptions, Task, micro_batch, train
from muse_studio.training.losses import Distance
from muse_studio.training.masked import BaseTask, SuperResTask, Texts
from muse_studio.training.recipe import FINETUNES, Recipe, Stage
from muse_studio.training.stages import Folders, PicturePair, trained_vqgan
from muse_studio.training.state import Progress
from muse_studio.training.tokenizer import TokenizerTask

PICTURE_STAGES = ("base-vqgan", "superres-vqgan", *FINETUNES)
SHEET_PICTURES = 12


@dataclass(frozen=True, slots=True)
class Source:
    """Where a stage at scale takes things from.

    shards:     the pictures and captions.
    folders:    runs and text encoder; its data folder goes unused.
    tokenizers: a finished cascade's folder whose tokenizers to use; None for those that earlier stages left in runs.
    text, vqgan: instead of the text encoder and of both tokenizers, for a dry run.
    loaders:    threads that decode pictures ahead.
    distance:   between features of pictures; by filters if None.
    """

    shards: Shards
    folders: Folders
    tokenizers: Path | None = None
    text: Texts | None = None
    vqgan: Callable[[Stage], VQGAN] | None = None
    loaders: int = 4
    distance: Distance | None = None


def needed_px(stage: Stage) -> int:
    """Least shorter side of the pictures of a stage: what its grid covers."""
    return 256 if stage in ("base-vqgan", "base", "base-decoder") else 512


def run_sharded(recipe: Recipe, stage: Stage, source: Source, options: RunOptions, engine: Engine) -> Progress:
    """Trains or resumes one stage under `source.folders.runs`.

    Raises MuseStudioError BAD_MODEL where an earlier stage has not been trained, and what `train` raises.
    """
    loop = recipe.loop(stage)
    size = micro_batch(loop, options, engine.world)
    ahead = Ahead(
        _example(source.shards, recipe, stage), batch=size, stride=size * engine.world, threads=source.loaders
    )
    options = replace(options, remarks=source.shards.skipped.remark)
    folder = source.folders.runs / stage
    try:
        work = sharded_task(recipe, stage, source, ahead, engine.device)
        return train(work, loop, options, folder, engine, source.shards.config())
    finally:
        ahead.close()


def _example(shards: Shards, recipe: Recipe, stage: Stage) -> Callable[[int], PicturePair]:
    def pair(number: int) -> PicturePair:
        example = shards.example(number)
        if stage in PICTURE_STAGES:
            return PicturePair(square(example.rgb, recipe.tokenizer(stage).size), None, example.caption)
        if stage == "base":
            return PicturePair(square(example.rgb, 256), None, example.caption)
        large = square(example.rgb, 512)
        return PicturePair(square(large, 256), large, example.caption)

    return pair


def sharded_task(
    recipe: Recipe, stage: Stage, source: Source, pair: Callable[[int], PicturePair], device: torch.device
) -> Task:
    """The task of one stage, its weights random by the recipe's seed: the same in every process."""
    torch.manual_seed(recipe.loop(stage).seed)
    if stage in PICTURE_STAGES:

        def compose(number: int) -> Square:
            return pair(number).base

        config, distance = recipe.tokenizer(stage), source.distance or FilterDistance(device)
        if stage not in FINETUNES:
            return TokenizerTask(stage, recipe.vqgan(stage), config, compose, device, distance)
        frozen = _vqgan(recipe, FINETUNES[stage], source, device)
        torch.manual_seed(recipe.loop(stage).seed)
        return DecoderTask(stage, frozen, recipe.vqgan(stage), config, compose, device, distance)
    text = source.text or _text_encoder(recipe, source.folders.text_encoder, device)
    prompts = [source.shards.example(number).caption for number in range(SHEET_PICTURES)]
    vqgans = [_vqgan(recipe, "base-vqgan", source, device)]
    torch.manual_seed(recipe.loop(stage).seed)  # however many random numbers the tokenizers took
    if stage == "base":
        return BaseTask(recipe.cascade.base, recipe.masked, pair, vqgans, text, prompts, device)
    vqgans.append(_vqgan(recipe, "superres-vqgan", source, device))
    torch.manual_seed(recipe.loop(stage).seed)
    return SuperResTask(recipe.cascade.superres, recipe.masked, pair, vqgans, text, prompts, device)


def _text_encoder(recipe: Recipe, folder: Path, device: torch.device) -> TextEncoder:
    """In bfloat16 on a GPU, where T5-XXL's 4.8 billion numbers take 10 GB and not 19."""
    dtype = torch.bfloat16 if device.type == "cuda" else torch.float32
    text = TextEncoder.load(folder, device, dtype=dtype)
    if text.width != recipe.cascade.text_encoder.width:
        raise MuseStudioError(
            ErrorKind.BAD_MODEL,
            f"The text encoder in {folder} has states of {text.width} numbers, and {recipe.name} reads "
            f"{recipe.cascade.text_encoder.width}: it is made for {recipe.cascade.text_encoder.source}.",
        )
    return text


def _vqgan(recipe: Recipe, stage: Stage, source: Source, device: torch.device) -> VQGAN:
    if source.vqgan is not None:
        return source.vqgan(stage)
    if source.tokenizers is None:
        return trained_vqgan(recipe, stage, source.folders, device)
    config = recipe.cascade.base_vqgan if stage == "base-vqgan" else recipe.cascade.superres_vqgan
    folder = Folder(source.tokenizers, read_cascade_json(source.tokenizers).files)
    with torch.device("meta"):
        model = VQGAN(config)
    load_weights(model, folder, f"{stage.replace('-', '_')}.safetensors")
    model = model.eval().requires_grad_(False)
    return model.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]


def shards_for(stages: Sequence[Stage], paths: Sequence[Path], runs: Path, least: int | None) -> Shards:
    """The shards of these stages; `least`: smallest shorter side in pixels, by default what the stages need."""
    needed = least if least is not None else max(needed_px(stage) for stage in stages)
    return Shards(paths, least=needed, cache=runs / "shards-index.npz")
