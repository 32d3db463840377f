"""The LoRA files of a command: those that it names, or those that a picture says it was made with. Knows no torch.

A picture tells name and hash. Where such a file lies is known of those that were used in the studio.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from muse_studio.core.limits import LORA_STRENGTH_LIMIT
from muse_studio.core.loras import LoraUse, found, paths_of, sound_uses
from muse_studio.core.settings import load_settings


def add_lora_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--lora",
        type=lora_file,
        action="append",
        default=[],
        metavar="FILE[:STRENGTH]",
        help="a LoRA on top of a published cascade, 1 as trained; may be given several times. Without it, a picture or "
        "step that is gone on from is made with those that it names",
    )
    parser.set_defaults(recalled=((), ()))


def lora_file(text: str) -> tuple[Path, float]:
    """`ink.safetensors:0.7` → (ink.safetensors, 0.7); without a number the strength is 1."""
    name, colon, number = text.rpartition(":")
    try:
        path, strength = (Path(name), float(number)) if colon else (Path(text), 1.0)
    except ValueError:  # the colon is of the name: C:\\ink.safetensors
        return Path(text), 1.0
    if not abs(strength) <= LORA_STRENGTH_LIMIT:  # NaN fails the comparison
        limit = f"{LORA_STRENGTH_LIMIT:g}"
        raise argparse.ArgumentTypeError(f"“{number}” is no strength from -{limit} to {limit}")
    return path, strength


def chosen_loras(options: argparse.Namespace) -> tuple[LoraUse, ...]:
    """With paths. MuseStudioError(BAD_MODEL) for a file that cannot be read."""
    named = tuple(LoraUse.of_file(path, strength) for path, strength in options.lora)
    recalled: tuple[LoraUse, ...] = options.recalled[0]
    return named or recalled


def recall(options: argparse.Namespace, settings: Mapping[str, Any]) -> None:
    """Take those of a picture's or step's settings, unless others were named; what is missing becomes a notice."""
    uses = () if options.lora else sound_uses(settings.get("loras"))
    uses = found(uses, paths_of(load_settings().lora_files))
    here = tuple(replace(use, on=True) for use in uses if use.path and Path(use.path).is_file())
    notices = tuple(
        f"The LoRA “{use.name}” was on top of the model, and its file is not known here: it is left out. "
        "Name its file with --lora to use it."
        for use in uses
        if use.sha256 not in {known.sha256 for known in here}
    )
    options.recalled = (here, notices)


def lora_notices(options: argparse.Namespace) -> tuple[str, ...]:
    """What a person should be told of those that could not be recalled."""
    notices: tuple[str, ...] = options.recalled[1]
    return notices
