"""`muse-studio edit`: change a picture by a prompt alone, without a mask. Muse 3.3. Knows nothing of the model."""

from __future__ import annotations

import argparse
from pathlib import Path

from muse_studio.cli.frames import CENTRE, choose_frame, frame_wish
from muse_studio.cli.generate import facts, write_picture
from muse_studio.cli.jobs import compute
from muse_studio.cli.options import add_result_options, check_output, request_from
from muse_studio.cli.progress import speaker
from muse_studio.core.composite import apply_result, frame_picture, full_picture
from muse_studio.core.document import Document
from muse_studio.core.geometry import Rect
from muse_studio.core.limits import STEPS_LIMIT
from muse_studio.core.pictures import open_picture
from muse_studio.core.request import Mode

ITERATIONS = 100
GUIDANCE = 4.0


def add_edit(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("picture", type=Path, metavar="IMAGE", help="the picture to change: PNG, JPEG or WebP")
    parser.add_argument("prompt", metavar="PROMPT", help="what the picture should show")
    parser.add_argument(
        "--iterations",
        type=int,
        default=ITERATIONS,
        metavar="N",
        help=f"how far to go, 1 to {STEPS_LIMIT} (default {ITERATIONS}); fewer are the beginning of more",
    )
    parser.add_argument(
        "--guidance",
        type=float,
        default=GUIDANCE,
        metavar="T",
        help=f"how closely to follow the prompt, the paper's t, 0 to 30 (default {GUIDANCE:g})",
    )
    parser.add_argument(
        "--frame",
        type=frame_wish,
        default=CENTRE,
        metavar="WHERE",
        help="the square the model sees: centre, or X,Y,SIDE (default centre)",
    )
    parser.add_argument(
        "--keep", dest="steps_dir", type=Path, metavar="DIR", help="write every iteration's preview here, as PNG"
    )
    add_result_options(parser)
    parser.set_defaults(run=edit)


def edit(options: argparse.Namespace) -> int:
    """Write the whole picture, changed where its tokens have changed and nowhere else. 0; MuseStudioError otherwise."""
    check_output(options.output)
    speak = speaker(options.json)
    picture = open_picture(options.picture)
    document = Document.of_picture(picture, options.picture)
    frame = document.set_frame(choose_frame(options.frame, Rect.empty(), document.extent))
    options.steps, options.temperature = (options.iterations, None), (None, None)
    options.guidance = (options.guidance, None)
    request, notices = request_from(options, Mode.EDIT, frame_picture(document))
    for notice in (*picture.notes, *notices):
        speak.notice(notice)
    outcome = compute(options, request, speak)
    changed = 0.0
    if outcome.edited is not None:
        changed = float((outcome.edited > 0).mean())
        apply_result(document, frame, outcome.edited, outcome.picture)
    pixels = full_picture(document)
    write_picture(options.output, request, outcome, pixels)
    where = {"x": frame.x, "y": frame.y, "side": frame.width}
    speak.finished({**facts(options.output, request, outcome, pixels), "frame": where, "changed": round(changed, 3)})
    return 0
