"""From finished stages to a checkpoint folder, its sample sheet and its figures. Knows not how they trained."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
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
from muse_studio.muse.folder import Folder
from muse_studio.muse.layers import CodeHead
from muse_studio.muse.superres import SuperResTransformer
from muse_studio.muse.vqgan import VQGAN
from muse_studio.training.curves import contact_sheet, png_bytes
from muse_studio.training.data.compose import Composer
from muse_studio.training.data.drawings import DrawingSet
from muse_studio.training.data.landscapes import Landscapes
from muse_studio.training.loop import run_settings
from muse_studio.training.masked import to_pixels
from muse_studio.training.optimisers import make_optimisers
from muse_studio.training.recipe import STAGES, Recipe, Stage
from muse_studio.training.series import AVERAGED
from muse_studio.training.stages import Folders, sheet_prompts, task, trained_vqgan
from muse_studio.training.state import CHECKPOINT, Progress, load_checkpoint, save_checkpoint
from muse_studio.training.tokenizer import AveragedCodebook

FIGURES = "figures.json"


def assemble(recipe: Recipe, folders: Folders, output: Path) -> None:
    """Writes the cascade's folder: averaged weights of both transformers, both tokenizers, the text encoder.

    Raises MuseStudioError BAD_MODEL where a stage has no checkpoint, DISK where a file can't be written.
    """
    modules: dict[str, nn.Module] = {
        "base": _averaged(BaseTransformer(recipe.cascade.base), "base", folders),
        "superres": _averaged(SuperResTransformer(recipe.cascade.superres), "superres", folders),
        "base_vqgan": trained_vqgan(recipe, "base-vqgan", folders, torch.device("cpu")),
        "superres_vqgan": trained_vqgan(recipe, "superres-vqgan", folders, torch.device("cpu")),
    }
    _shorten(modules["superres"], recipe.step_share)
    try:
        save_folder(output, recipe.cascade, modules, folders.text_encoder)
    except OSError as error:
        raise MuseStudioError(ErrorKind.DISK, f"The model can't be written to {output}: {error}") from error


def unpack(recipe: Recipe, folders: Folders, model: Path) -> None:
    """The inverse of `assemble`: every stage of a finished folder as a checkpoint that training goes on from.

    Optimiser states start afresh, and so does the schedule. Raises MuseStudioError BAD_MODEL where a stage has a
    checkpoint already, CheckpointError where the folder does not fit the recipe.
    """
    files = Folder(model, read_cascade_json(model).files)
    for stage in STAGES:
        folder = folders.runs / stage
        if (folder / CHECKPOINT).exists():
            raise MuseStudioError(ErrorKind.BAD_MODEL, f"{folder} holds a checkpoint already. Move it away first.")
        work = task(recipe, stage, folders, torch.device("cpu"))
        module = work.module
        name = f"{stage.replace('-', '_')}.safetensors"
        if isinstance(module, AveragedCodebook):
            vqgan = VQGAN(recipe.cascade.base_vqgan if stage == "base-vqgan" else recipe.cascade.superres_vqgan)
            load_weights(vqgan, files, name)
            module.begin_from(vqgan)
        else:
            load_weights(module, files, name)
            _shorten(module, 1 / recipe.step_share)
        folder.mkdir(parents=True, exist_ok=True)
        config = recipe.loop(stage)
        optimisers = make_optimisers(module, config)
        save_checkpoint(folder, module, module, optimisers, Progress(step=1), run_settings(work, config))


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
    """One PNG of whole 512-px pictures, by the model's own default plans, seeds counted up from `first_seed`.

    prompts: those of `sheet_prompts` if none are given.
    """
    prompts = prompts or sheet_prompts()
    cascade = Cascade.load(model, device)
    defaults = cascade.config.defaults
    pictures = []
    for number, prompt in enumerate(prompts):
        steps = cascade.sample([prompt], [""], [first_seed + number], defaults.base, defaults.superres)
        *_, last = steps
        pictures += to_pixels(cascade.picture(last.tokens, last.stage))
    atomic_write(output, png_bytes(contact_sheet(pictures, prompts, columns=8, side=192)))


def held_out_figures(recipe: Recipe, folders: Folders, model: Path, device: torch.device) -> dict[str, Reconstruction]:
    """Both tokenizers on held-out drawings and held-out landscapes; also kept beside the model as figures.json."""
    cascade = Cascade.load(model, device)
    drawings = DrawingSet(folders.data, recipe.subset)
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
