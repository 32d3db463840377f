"""`muse-studio inpaint`: regenerate what a mask marks, in a picture of any size. Knows nothing of the model."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from muse_studio.cli.frames import AUTO, choose_frame, frame_wish, moved_inside
from muse_studio.cli.jobs import Outcome, compute
from muse_studio.cli.options import (
    add_branch_options,
    add_job_options,
    check_output,
    part_of_all,
    request_from,
    size_of,
    take_up,
)
from muse_studio.cli.outputs import Finished, write_all
from muse_studio.cli.progress import Speaker, speaker
from muse_studio.core.composite import FEATHER_PX, apply_result, frame_mask, frame_picture, full_picture
from muse_studio.core.document import Document
from muse_studio.core.limits import FRAME_SIDE_PX
from muse_studio.core.masks import painted_bounds
from muse_studio.core.pictures import Picture, open_mask, open_picture
from muse_studio.core.request import EditRequest, Mode, frame_side

FAINT = 16
"""Mask values below this count as black: the black of a JPEG is rarely 0."""


def add_inpaint(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("picture", type=Path, metavar="IMAGE", help="the picture to change: PNG, JPEG or WebP")
    parser.add_argument("mask", type=Path, metavar="MASK", help="a picture of the same size; what is not black changes")
    parser.add_argument("prompt", nargs="?", metavar="PROMPT", help="what should be there")
    parser.add_argument(
        "--frame",
        type=frame_wish,
        default=AUTO,
        metavar="WHERE",
        help="the square the model sees: auto (around the mask), centre, or X,Y,SIDE (default auto)",
    )
    parser.add_argument(
        "--feather",
        type=feather_px,
        default=FEATHER_PX,
        metavar="PX",
        help=f"width of the soft edge, in pixels of the model's 512 (default {FEATHER_PX:g})",
    )
    parser.add_argument(
        "--strength",
        type=strength,
        metavar="S%",
        help="how much of what is under the mask is made anew: 100%% replaces it, less stays near it (default 100%%)",
    )
    add_job_options(parser)
    add_branch_options(parser)
    parser.set_defaults(run=inpaint)


def inpaint(options: argparse.Namespace) -> int:
    """Write the whole picture, changed under the mask and its feather only. 0; MuseStudioError otherwise."""
    check_output(options.output)
    speak = speaker(options.json)
    picture = open_picture(options.picture)
    document = opened(options, picture, speak)
    tokens = take_up(options, under_mask=True)
    mode = Mode.CONTINUE if tokens else Mode.INPAINT
    side = frame_side(size_of(options))
    request, notices = request_from(
        options, mode, frame_picture(document, side), frame_mask(document, side, continued=True), tokens
    )
    for notice in (*picture.notes, *notices):
        speak.notice(notice)
    pictures = [Finished(outcome, pixels) for outcome, pixels in filled(options, document, request, speak)]
    frame = document.frame
    where = {"x": frame.x, "y": frame.y, "side": frame.width}
    speak.finished(write_all(options.output, request, pictures, frame=where))
    return 0


def opened(options: argparse.Namespace, picture: Picture, speak: Speaker) -> Document:
    """The picture as a document, with the mask painted and the frame in its place."""
    mask = clear_faint(open_mask(options.mask, picture.extent))
    document = Document.of_picture(picture, options.picture)
    document.set_mask(mask)
    painted = painted_bounds(document.mask)
    wish = choose_frame(options.frame, painted, document.extent)
    frame = document.set_frame(moved_inside(wish, document.extent))
    if frame != wish:
        speak.notice(f"The frame was moved inside the picture: {frame.x},{frame.y},{frame.width}.")
    if painted.is_empty:
        speak.notice("Nothing is painted in the mask, so nothing changes.")
    elif not frame.contains_rect(painted):
        speak.notice("Part of the mask lies outside the frame and is left as it is.")
    return document


def filled(
    options: argparse.Namespace, document: Document, request: EditRequest, speak: Speaker
) -> Iterator[tuple[Outcome, NDArray[np.uint8]]]:
    """Run the request and put each variation into the document in turn: what was made, and the whole picture with it.

    With an empty mask there is nothing to load a model for.
    """
    assert request.picture is not None
    assert request.mask is not None
    if not request.mask.any():
        yield from ((Outcome(request.picture), full_picture(document)) for _ in request.seeds)
        return
    for outcome in compute(options, request, speak):
        yield outcome, with_result(document, request.mask, outcome.picture, options.feather)


def with_result(
    document: Document, mask: NDArray[np.uint8], generated: NDArray[np.uint8], feather: float = FEATHER_PX
) -> NDArray[np.uint8]:
    """The whole picture, uint8 [H, W, 3 or 4], with a result in its frame. The document stays as it is."""
    changed = apply_result(document, document.frame, mask, generated, feather_px=feather)
    pixels = full_picture(document).copy()
    if not changed.is_empty:
        document.undo()
    return pixels


def feather_px(text: str) -> float:
    """A width from 0 to half the frame, as an argparse type."""
    try:
        width = float(text)
    except ValueError:
        width = -1.0
    if not 0 <= width <= FRAME_SIDE_PX / 2:
        raise argparse.ArgumentTypeError(f"“{text}” is not a width from 0 to {FRAME_SIDE_PX // 2} px")
    return width


def strength(text: str) -> float:
    """`60%` or `0.6`, as an argparse type."""
    return part_of_all(text, "strength")


def clear_faint(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """uint8 [H, W] without what a person sees as black."""
    return np.where(mask < FAINT, np.uint8(0), mask)
