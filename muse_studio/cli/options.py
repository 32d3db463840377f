"""The words of the command line that `generate` and `inpaint` share, and the request they make. Runs nothing."""

from __future__ import annotations

import argparse
import secrets
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from muse_studio import places
from muse_studio.cli.lora_files import add_lora_option, chosen_loras, lora_notices, recall
from muse_studio.cli.step_files import open_step
from muse_studio.core.cascade_facts import CascadeFacts
from muse_studio.core.cascade_folder import read_cascade
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.limits import FRAME_SIDE_PX, SEED_LIMIT, VARIATIONS_LIMIT
from muse_studio.core.published_folder import snapshot_in
from muse_studio.core.request import REROLL_SHARE, SIZES_PX, EditRequest, Mode, StagePlan, clean_prompt
from muse_studio.core.settings import load_settings
from muse_studio.core.shelf import cascades
from muse_studio.core.tokens import TokenState

DEVICES = ("auto", "cpu", "cuda", "mps", "xla")
DTYPES = ("auto", "float32", "bfloat16", "int8")


def add_job_options(parser: argparse.ArgumentParser) -> None:
    """Options of a command that runs one job of two planned stages."""
    add_result_options(parser)
    parser.add_argument(
        "--steps", type=whole_numbers, default=(None, None), metavar="BASE[,DETAIL]", help="steps of the stages: 24,8"
    )
    parser.add_argument(
        "--guidance",
        type=numbers,
        default=(None, None),
        metavar="T[,T]",
        help="how closely to follow the prompt, the paper's t, 0 to 30; one number for both stages, or one for each",
    )
    parser.add_argument(
        "--temperature", type=numbers, default=(None, None), metavar="T[,T]", help="how daring the order of tokens is"
    )
    parser.add_argument("--steps-dir", type=Path, metavar="DIR", help="write every step's preview here, as PNG")


def add_branch_options(parser: argparse.ArgumentParser) -> None:
    """Options of a command that may go on from a step, and make several pictures at once."""
    parser.add_argument(
        "--from",
        dest="step",
        type=Path,
        metavar="STEP.png",
        help="go on from a step that --steps-dir has left, with its settings wherever no other are given",
    )
    add_count_option(parser)


def add_count_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--count",
        type=int,
        default=1,
        metavar="N",
        help=f"variations, 1 to {VARIATIONS_LIMIT}: seeds count up, and OUT.png becomes OUT-1.png, OUT-2.png, …",
    )


def add_result_options(parser: argparse.ArgumentParser) -> None:
    """Options of every command that makes a picture."""
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.png", help="the picture to write")
    parser.add_argument("--negative", metavar="TEXT", help="what the picture should not show")
    parser.add_argument("--seed", type=int, metavar="N", help="0 to 4294967295; without it one is drawn and printed")
    parser.add_argument(
        "--size",
        type=int,
        choices=SIZES_PX,
        help="side in px, one that the model makes (default: its own); of two stages 256 is the first one only",
    )
    add_model_options(parser)
    add_lora_option(parser)
    add_output_options(parser)


def add_model_options(parser: argparse.ArgumentParser) -> None:
    """Which cascade, and what computes it."""
    parser.add_argument(
        "--model",
        type=Path,
        metavar="DIR",
        help=f"a cascade's folder, or its name in the list (default ${places.MODEL_VARIABLE}, else what ships)",
    )
    parser.add_argument("--device", choices=DEVICES, default="auto", help="what computes (default auto)")
    parser.add_argument(
        "--dtype",
        choices=DTYPES,
        default=None,
        help="numbers to compute in (default auto: measured once on this machine, or $MUSE_STUDIO_DTYPE); "
        "int8 is for aMUSEd on a CPU: about twice as fast, other tokens",
    )
    parser.add_argument(
        "--low-memory", action="store_true", help="compute each step in two halves: the same picture in less memory"
    )


def add_output_options(parser: argparse.ArgumentParser) -> None:
    """How the command speaks."""
    parser.add_argument("--json", action="store_true", help="one JSON object per line on standard output")
    parser.add_argument("--verbose", action="store_true", help="show the technical detail of an error")


def model_folder(options: argparse.Namespace) -> Path:
    """The cascade that was asked for, by its folder or its name in the list. It may not exist: the session says so."""
    named: Path | None = options.model
    if named is None:
        return places.default_model()
    folder = named.expanduser()
    if folder.exists() or len(named.parts) != 1:
        return folder
    known = cascades(places.default_model(), load_settings().models)
    return next((cascade.folder for cascade in known if cascade.name == str(named)), folder)


def model_facts(options: argparse.Namespace) -> CascadeFacts | None:
    """What the model's folder says of itself; None where it cannot be read, which the session will explain."""
    try:
        return read_cascade(snapshot_in(model_folder(options)))
    except MuseStudioError:
        return None


def size_of(options: argparse.Namespace) -> int:
    """Side in px of the result: as asked for, else the model's own."""
    if options.size is None:
        facts = model_facts(options)
        return FRAME_SIDE_PX if facts is None else facts.sizes[0]
    return int(options.size)


def whole_numbers(text: str) -> tuple[int | None, int | None]:
    """`24` → (24, None): the second stage keeps the model's own; `24,8` → (24, 8)."""
    first, second = _pair(text)
    try:
        return int(first), int(second) if second is not None else None
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is not one or two whole numbers, as in 24,8") from None


def numbers(text: str) -> tuple[float | None, float | None]:
    """`3` → (3, 3): both stages; `3,1.5` → (3, 1.5)."""
    first, second = _pair(text)
    try:
        return float(first), float(first if second is None else second)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is not one or two numbers, as in 3 or 3,1.5") from None


def _pair(text: str) -> tuple[str, str | None]:
    parts = text.split(",")
    if len(parts) > 2:
        raise argparse.ArgumentTypeError(f"“{text}” names more than the two stages")
    return parts[0], parts[1] if len(parts) == 2 else None


def part_of_all(text: str, name: str) -> float:
    """`10%` or `0.1`: above 0, at most 1. argparse.ArgumentTypeError for anything else."""
    try:
        value = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        value = 0.0
    if not 0 < value <= 1:
        raise argparse.ArgumentTypeError(f"“{text}” is not a {name} above 0% and at most 100%")
    return value


def take_up(options: argparse.Namespace, under_mask: bool) -> TokenState | None:
    """The tokens of the step to go on from, if one was named; what the words leave open becomes the step's own.

    under_mask: whether the command fills a mask in a picture. MuseStudioError where the step is of the other kind.
    """
    if options.step is None:
        return None
    step = open_step(options.step)
    if step.under_mask != under_mask:
        command = "inpaint, with its picture and mask" if step.under_mask else "generate"
        message = f"“{options.step.name}” is a step of another kind of work. Go on from it with: muse-studio {command}."
        raise MuseStudioError(ErrorKind.BAD_REQUEST, message)
    options.tokens_of = step.model
    recall(options, step.settings)
    settings = EditRequest.from_settings({**step.settings, "mode": Mode.GENERATE})
    for name, value in (
        ("prompt", settings.prompt),
        ("negative", settings.negative_prompt),
        ("seed", settings.seed),
        ("size", settings.size),
    ):
        if getattr(options, name) is None:
            setattr(options, name, value)
    if under_mask and options.strength is None:
        options.strength = settings.strength
    stages = (settings.base, settings.superres)
    for name in ("steps", "guidance", "temperature"):
        asked = getattr(options, name)
        own = tuple(getattr(stage, name) for stage in stages)
        setattr(options, name, tuple(b if a is None else a for a, b in zip(asked, own, strict=True)))
    return step.tokens


def request_from(
    options: argparse.Namespace,
    mode: Mode,
    picture: NDArray[np.uint8] | None = None,
    mask: NDArray[np.uint8] | None = None,
    tokens: TokenState | None = None,
) -> tuple[EditRequest, tuple[str, ...]]:
    """The request, and what a person should be told about their prompts. MuseStudioError if it cannot be run.

    picture: uint8 [S, S, 3], mask: uint8 [S, S], S being `frame_side(size_of(options))`, and tokens, as the mode needs.
    """
    if options.prompt is None:
        message = "There is no prompt. Say what the picture should show, in quotes, after the files."
        raise MuseStudioError(ErrorKind.BAD_PROMPT, message)
    prompt, negative = clean_prompt(options.prompt), clean_prompt(options.negative or "")
    request = EditRequest(
        mode=mode,
        prompt=prompt.text,
        negative_prompt=negative.text,
        seed=secrets.randbelow(SEED_LIMIT) if options.seed is None else options.seed,
        size=size_of(options),
        base=StagePlan(options.steps[0], options.guidance[0], options.temperature[0]),
        superres=StagePlan(options.steps[1], options.guidance[1], options.temperature[1]),
        picture=picture,
        mask=mask,
        tokens=tokens,
        share=getattr(options, "share", REROLL_SHARE),
        count=getattr(options, "count", 1),
        strength=getattr(options, "strength", None) or 1.0,
        loras=chosen_loras(options),
    )
    notices = (prompt.notice, negative.notice, *lora_notices(options))
    return request, tuple(notice for notice in notices if notice)


def check_output(path: Path) -> None:
    """Refuse now what would fail after minutes of work. MuseStudioError: BAD_REQUEST or DISK."""
    if path.suffix.lower() != ".png":
        raise MuseStudioError(
            ErrorKind.BAD_REQUEST, f"“{path.name}” is not a PNG's name. The result is a PNG: end the name with .png."
        )
    if path.is_dir():
        raise MuseStudioError(ErrorKind.DISK, f"“{path}” is a folder. Give the picture another name.")
    if not path.absolute().parent.is_dir():
        raise MuseStudioError(ErrorKind.DISK, f"The folder “{path.parent}” does not exist. Make it, or choose another.")
