"""From finished stages to a checkpoint folder, its sample sheet and its figures. Knows not how they trained."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.files import atomic_write
from muse_studio.evaluation.reconstruction import Reconstruction, reconstruct
from muse_studio.muse.base import BaseTransformer
from muse_studio.muse.cascade import Cascade
from muse_studio.muse.checkpoint import load_weights, read_cascade_json, save_folder
from muse_studio.muse.config import VQGANConfig
from muse_studio.muse.folder import Folder
from muse_studio.muse.layers import CodeHead
from muse_studio.muse.superres import SuperResTransformer
from muse_studio.muse.vqgan import VQGAN
from muse_studio.training.codebook import AveragedCodebook
from muse_studio.training.curves import contact_sheet, png_bytes, webp_bytes
from muse_studio.training.data.compose import Composer
from muse_studio.training.data.drawings import DrawingSet
from muse_studio.training.data.landscapes import Landscapes
from muse_studio.training.decoder import FinetunedDecoder, with_fresh_decoder
from muse_studio.training.loop import run_settings
from muse_studio.training.masked import to_pixels
from muse_studio.training.optimisers import make_optimisers
from muse_studio.training.recipe import FINETUNES, Recipe, Stage
from muse_studio.training.series import AVERAGED
from muse_studio.training.sheet_prompts import sheet_prompts
from muse_studio.training.stages import Folders, drafting_vqgan, finished_vqgan, task
from muse_studio.training.state import CHECKPOINT, Progress, load_checkpoint, save_checkpoint, saved_settings

FIGURES = "figures.json"


def assemble(recipe: Recipe, folders: Folders, output: Path, *, newer_drafts: bool = False) -> None:
    """Writes the cascade's folder: averaged weights of both transformers, both tokenizers, the text encoder.

    A decoder that has been finetuned takes the place of its tokenizer's own; but not where super-resolution learned
    from drafts by the first one, unless `newer_drafts` says that the finetuned one's have been looked at and are good.

    Raises MuseStudioError BAD_MODEL where a stage has no checkpoint, BAD_REQUEST where there are no newer drafts, DISK
    where a file can't be written.
    """
    if newer_drafts and saved_settings(folders.runs / "base-decoder") is None:
        raise MuseStudioError(
            ErrorKind.BAD_REQUEST, f"There is no finetuned decoder in {folders.runs}: train base-decoder first."
        )
    base_vqgan = finished_vqgan(recipe, "base-vqgan", folders) if newer_drafts else drafting_vqgan(recipe, folders)[0]
    superres_vqgan = finished_vqgan(recipe, "superres-vqgan", folders)
    modules: dict[str, nn.Module] = {
        "base": _averaged(BaseTransformer(recipe.cascade.base), "base", folders),
        "superres": _averaged(SuperResTransformer(recipe.cascade.superres), "superres", folders),
        "base_vqgan": base_vqgan,
        "superres_vqgan": superres_vqgan,
    }
    _shorten(modules["superres"], recipe.step_share)
    cascade = replace(recipe.cascade, base_vqgan=base_vqgan.config, superres_vqgan=superres_vqgan.config)
    try:
        save_folder(output, cascade, modules, folders.text_encoder)
    except OSError as error:
        raise MuseStudioError(ErrorKind.DISK, f"The model can't be written to {output}: {error}") from error


def unpack(recipe: Recipe, folders: Folders, model: Path) -> None:
    """The inverse of `assemble`: every stage of a finished folder as a checkpoint that training goes on from.

    Optimiser states start afresh, and so does the schedule. Of a tokenizer whose decoder was finetuned, the first
    decoder is lost: its own stage gets a fresh one, the finetuned decoder a checkpoint of its own. Raises
    MuseStudioError BAD_MODEL where a stage has a checkpoint already, CheckpointError where the folder does not fit the
    recipe.
    """
    content = read_cascade_json(model)
    files = Folder(model, content.files)
    tokenizers: dict[Stage, VQGANConfig] = {
        "base-decoder": content.config.base_vqgan,
        "superres-decoder": content.config.superres_vqgan,
    }
    larger_ones = [stage for stage, found in tokenizers.items() if recipe.decoders and found == recipe.vqgan(stage)]
    # Each after those whose checkpoints it begins from.
    stages: list[Stage] = ["base-vqgan", "superres-vqgan", *larger_ones, "base", "superres"]
    for stage in stages:
        if (folders.runs / stage / CHECKPOINT).exists():
            raise MuseStudioError(
                ErrorKind.BAD_MODEL, f"{folders.runs / stage} holds a checkpoint already. Move it away first."
            )
    for stage in stages:
        work = task(recipe, stage, folders, torch.device("cpu"))
        larger = next((decoder for decoder, tokenizer in FINETUNES.items() if tokenizer == stage), stage)
        _fill(work.module, recipe, stage, larger if larger in stages else stage, files)
        folder, config = folders.runs / stage, recipe.loop(stage)
        folder.mkdir(parents=True, exist_ok=True)
        optimisers = make_optimisers(work.module, config)
        save_checkpoint(folder, work.module, work.module, optimisers, Progress(step=1), run_settings(work, config))


def _fill(module: nn.Module, recipe: Recipe, stage: Stage, made_by: Stage, files: Folder) -> None:
    """Sets a stage's module to what the folder holds; `made_by`: the last stage that had a hand in its tokenizer."""
    if stage in ("base", "superres"):
        load_weights(module, files, f"{stage}.safetensors")
        _shorten(module, 1 / recipe.step_share)
        return
    vqgan = VQGAN(recipe.vqgan(made_by))
    load_weights(vqgan, files, "base_vqgan.safetensors" if stage.startswith("base") else "superres_vqgan.safetensors")
    if isinstance(module, FinetunedDecoder):
        module.decoder.load_state_dict(vqgan.decoder.state_dict())
    elif isinstance(module, AveragedCodebook):
        module.begin_from(vqgan if made_by == stage else with_fresh_decoder(vqgan, recipe.vqgan(stage)))


def _shorten(module: nn.Module, share: float) -> None:
    if isinstance(module, SuperResTransformer) and isinstance(module.head, CodeHead):
        module.head.shorten(share)


def _averaged(module: nn.Module, stage: Stage, folders: Folders) -> nn.Module:
    """The stage's averaged weights: those of the offline average, if one was made, else those of its checkpoint."""
    offline = folders.runs / stage / AVERAGED
    if offline.exists():
        load_weights(module, Folder(offline.parent), offline.name)
        return module
    other = type(module)(module.config)
    progress = load_checkpoint(folders.runs / stage, other, module, (), None)
    if not progress.step:
        raise MuseStudioError(
            ErrorKind.BAD_MODEL, f"Stage {stage} has no checkpoint in {folders.runs}. Train it first."
        )
    return module


def sample_sheet(
    model: Path, output: Path, device: torch.device, prompts: Sequence[str] = (), first_seed: int = 0
) -> None:
    """Whole 512-px pictures in one, by the model's own default plans, seeds counted up from `first_seed`.

    output:  a .webp, or a PNG.
    prompts: those of `sheet_prompts` if none are given; more than a hundred are drawn smaller.
    """
    prompts = prompts or sheet_prompts()
    columns, side = (8, 192) if len(prompts) <= 100 else (14, 112)
    cascade = Cascade.load(model, device)
    defaults = cascade.config.defaults
    pictures = []
    for number, prompt in enumerate(prompts):
        steps = cascade.sample([prompt], [""], [first_seed + number], defaults.base, defaults.superres)
        *_, last = steps
        pictures += to_pixels(cascade.picture(last.tokens, last.stage))
    made = contact_sheet(pictures, prompts, columns, side)
    atomic_write(output, webp_bytes(made) if output.suffix == ".webp" else png_bytes(made))


def held_out_figures(recipe: Recipe, folders: Folders, model: Path, device: torch.device) -> dict[str, Reconstruction]:
    """Both tokenizers on held-out drawings and held-out landscapes; also kept beside the model as figures.json."""
    cascade = Cascade.load(model, device)
    drawings = DrawingSet(folders.data, "reduced")
    composer = Composer(drawings, Landscapes(folders.data), recipe.tokenizer_mix, held_out=True)
    figures = {}
    for name, vqgan, size in (
        ("base tokenizer", cascade.base_vqgan, 256),
        ("super-resolution tokenizer", cascade.superres_vqgan, 512),
    ):
        for kind in ("single", "landscape"):
            pictures = list(_held_out(composer, kind, size, 40))
            figures[f"{name}, {kind}"] = reconstruct(vqgan, pictures)
    text = json.dumps({name: asdict(value) for name, value in figures.items()}, indent=2)
    atomic_write(model / FIGURES, text.encode() + b"\n")
    return figures


def _held_out(composer: Composer, kind: str, size: int, count: int) -> list[Tensor]:
    """Pictures float32 [3, size, size] of one kind of composition."""
    found: list[Tensor] = []
    number = 0
    while len(found) < count and number < 100 * count:
        example = composer.sample(np.random.default_rng((7, number)), size)
        number += 1
        if example.labels["kind"] == kind:
            found.append(torch.from_numpy(example.rgb.copy()).permute(2, 0, 1).float() / 255)
    return found
