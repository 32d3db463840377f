"""`muse-studio outpaint`: room around a picture, filled by a prompt. Knows nothing of the model."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from muse_studio.cli.inpaint import feather_px
from muse_studio.cli.jobs import Outcome, Runner
from muse_studio.cli.options import add_job_options, check_output, request_from, size_of
from muse_studio.cli.outputs import Finished, write_all
from muse_studio.cli.progress import speaker
from muse_studio.core.composite import FEATHER_PX, apply_result, frame_mask, frame_picture, full_picture
from muse_studio.core.document import Document
from muse_studio.core.limits import SEED_LIMIT
from muse_studio.core.outpaint import Margins, frames_to_fill, with_room
from muse_studio.core.pictures import open_picture
from muse_studio.core.request import Mode, frame_side

SIDES = ("left", "top", "right", "bottom")


def add_outpaint(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("picture", type=Path, metavar="IMAGE", help="the picture to extend: PNG, JPEG or WebP")
    parser.add_argument("prompt", metavar="PROMPT", help="what the whole picture shows")
    for side in SIDES:
        parser.add_argument(f"--{side}", type=int, default=0, metavar="PX", help=f"room to add at the {side}")
    parser.add_argument(
        "--feather",
        type=feather_px,
        default=FEATHER_PX,
        metavar="PX",
        help=f"how far the new part reaches softly into the picture, in pixels (default {FEATHER_PX:g})",
    )
    add_job_options(parser)
    parser.set_defaults(run=outpaint)


def outpaint(options: argparse.Namespace) -> int:
    """Write the larger picture; the old part changes at most under the feather. 0; MuseStudioError otherwise."""
    check_output(options.output)
    speak = speaker(options.json)
    picture = open_picture(options.picture)
    margins = Margins(*(getattr(options, side) for side in SIDES))
    pixels, mask = with_room(picture.pixels, margins)
    document = Document(pixels)
    document.set_mask(mask)
    frames = list(frames_to_fill(mask))
    document.set_frame(frames[0][0])
    side = frame_side(size_of(options))
    seen, hidden = frame_picture(document, side), frame_mask(document, side, continued=True)
    first, notices = request_from(options, Mode.INPAINT, seen, hidden)
    for notice in (*picture.notes, *notices):
        speak.notice(notice)
    runner = Runner(options, speak, first.loras)
    outcome, seconds = Outcome(document.picture), 0.0
    for number, (frame, finished) in enumerate(frames):
        if len(frames) > 1:
            speak.notice(f"Frame {number + 1} of {len(frames)}")
        document.set_frame(frame)
        seed = (first.seed + number) % SEED_LIMIT
        seen, hidden = frame_picture(document, side), frame_mask(document, side, continued=True)
        request = replace(first, seed=seed, picture=seen, mask=hidden)
        assert request.mask is not None
        (outcome,) = runner.run(request, f"frame-{number + 1:02d}" if len(frames) > 1 else "")
        seconds += outcome.seconds
        apply_result(document, frame, request.mask, outcome.picture, feather_px=options.feather)
        left = document.mask.copy()
        left[finished.slices] = 0
        document.set_mask(left)
    whole = full_picture(document)
    outcome = replace(outcome, seconds=seconds)
    told = [{"x": frame.x, "y": frame.y, "side": frame.width} for frame, _ in frames]
    speak.finished(write_all(options.output, first, [Finished(outcome, whole)], frames=told))
    return 0
