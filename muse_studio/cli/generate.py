"""`muse-studio generate`: a picture from a prompt. Knows nothing of the model, nor of a document."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from muse_studio import __version__
from muse_studio.cli.jobs import Outcome, compute
from muse_studio.cli.options import add_job_options, check_output, request_from
from muse_studio.cli.progress import speaker
from muse_studio.core.files import atomic_write
from muse_studio.core.metadata import request_text
from muse_studio.core.pictures import encode_png
from muse_studio.core.request import EditRequest, Mode


def add_generate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("prompt", metavar="PROMPT", help="what the picture should show")
    add_job_options(parser)
    parser.set_defaults(run=generate)


def generate(options: argparse.Namespace) -> int:
    """Write the picture with its prompt and settings inside. 0; MuseStudioError otherwise."""
    check_output(options.output)
    request, notices = request_from(options, Mode.GENERATE)
    speak = speaker(options.json)
    for notice in notices:
        speak.notice(notice)
    outcome = compute(options, request, speak)
    write_picture(options.output, request, outcome, outcome.picture)
    speak.finished(facts(options.output, request, outcome, outcome.picture))
    return 0


def write_picture(path: Path, request: EditRequest, outcome: Outcome, pixels: NDArray[np.uint8]) -> None:
    """The output file: uint8 [H, W, 3 or 4], with everything that makes it again in its text chunks."""
    extra = {"model": outcome.model, "device": outcome.device, "version": __version__}
    atomic_write(path, encode_png(pixels, request_text(request, extra)))


def facts(path: Path, request: EditRequest, outcome: Outcome, pixels: NDArray[np.uint8]) -> dict[str, object]:
    """What a program wants to know of the result."""
    height, width = pixels.shape[:2]
    return {
        "output": str(path),
        "width": width,
        "height": height,
        "seed": request.seed,
        "seconds": round(outcome.seconds, 3),
        "model": outcome.model,
        "device": outcome.device,
        "request": request.settings(),
    }
