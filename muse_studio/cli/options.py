"""The words of the command line that `generate` and `inpaint` share, and the request they make. Runs nothing."""

from __future__ import annotations

import argparse
import secrets
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from muse_studio import places
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.limits import SEED_LIMIT
from muse_studio.core.request import EditRequest, Mode, StagePlan, clean_prompt

DEVICES = ("auto", "cpu", "cuda", "mps", "xla")
SIZES_PX = (256, 512)


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


def add_result_options(parser: argparse.ArgumentParser) -> None:
    """Options of every command that makes a picture."""
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.png", help="the picture to write")
    parser.add_argument("--negative", default="", metavar="TEXT", help="what the picture should not show")
    parser.add_argument("--seed", type=int, metavar="N", help="0 to 4294967295; without it one is drawn and printed")
    parser.add_argument(
        "--size", type=int, choices=SIZES_PX, default=512, help="side in px; 256 is the base stage only (default 512)"
    )
    add_model_options(parser)
    add_output_options(parser)


def add_model_options(parser: argparse.ArgumentParser) -> None:
    """Which cascade, and what computes it."""
    parser.add_argument(
        "--model",
        type=Path,
        metavar="DIR",
        help=f"a cascade's folder (default: ${places.MODEL_VARIABLE}, else the one that ships)",
    )
    parser.add_argument("--device", choices=DEVICES, default="auto", help="what computes (default auto)")


def add_output_options(parser: argparse.ArgumentParser) -> None:
    """How the command speaks."""
    parser.add_argument("--json", action="store_true", help="one JSON object per line on standard output")
    parser.add_argument("--verbose", action="store_true", help="show the technical detail of an error")


def model_folder(options: argparse.Namespace) -> Path:
    """The cascade that was asked for. It may not exist: the session says so."""
    named: Path | None = options.model
    return named.expanduser() if named is not None else places.default_model()


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


def request_from(
    options: argparse.Namespace,
    mode: Mode,
    picture: NDArray[np.uint8] | None = None,
    mask: NDArray[np.uint8] | None = None,
) -> tuple[EditRequest, tuple[str, ...]]:
    """The request, and what a person should be told about their prompts. MuseStudioError if it cannot be run.

    picture: uint8 [512, 512, 3] and mask: uint8 [512, 512], as the mode needs them.
    """
    prompt, negative = clean_prompt(options.prompt), clean_prompt(options.negative)
    request = EditRequest(
        mode=mode,
        prompt=prompt.text,
        negative_prompt=negative.text,
        seed=secrets.randbelow(SEED_LIMIT) if options.seed is None else options.seed,
        size=options.size,
        base=StagePlan(options.steps[0], options.guidance[0], options.temperature[0]),
        superres=StagePlan(options.steps[1], options.guidance[1], options.temperature[1]),
        picture=picture,
        mask=mask,
    )
    return request, tuple(notice for notice in (prompt.notice, negative.notice) if notice)


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
