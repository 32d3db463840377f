"""`muse-studio edit`, `reroll` and `retexture`: change a picture without being told where. Knows nothing of the model.

All three begin from a picture, or from the tokens it was made of where it carries them, and change only the cells that
the model has made anew.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from muse_studio.cli.frames import CENTRE, choose_frame, frame_wish, moved_inside
from muse_studio.cli.inpaint import clear_faint, with_result
from muse_studio.cli.jobs import Outcome, compute
from muse_studio.cli.lora_files import recall
from muse_studio.cli.options import (
    add_count_option,
    add_job_options,
    add_result_options,
    check_output,
    model_facts,
    part_of_all,
    request_from,
    size_of,
)
from muse_studio.cli.outputs import Finished, write_all
from muse_studio.cli.progress import Speaker, speaker
from muse_studio.core.cascade_facts import CascadeFacts
from muse_studio.core.composite import frame_mask, frame_picture, full_picture
from muse_studio.core.document import Document
from muse_studio.core.geometry import Rect
from muse_studio.core.limits import STEPS_LIMIT
from muse_studio.core.masks import painted_bounds
from muse_studio.core.metadata import read_request_text, tokens_of
from muse_studio.core.pictures import Picture, open_mask, open_picture
from muse_studio.core.published_folder import CELL_PX
from muse_studio.core.request import REROLL_SHARE, EditRequest, Mode, frame_side
from muse_studio.core.tokens import TokenState


def add_edit(parser: argparse.ArgumentParser) -> None:
    _add_picture(parser, "what the picture should show")
    parser.add_argument(
        "--iterations",
        type=int,
        metavar="N",
        help=f"how far to go, 1 to {STEPS_LIMIT} (default: the model's own); fewer are the beginning of more",
    )
    parser.add_argument(
        "--guidance",
        type=float,
        metavar="T",
        help="how closely to follow the prompt, the paper's t, 0 to 30 (default: the model's own)",
    )
    parser.add_argument(
        "--keep", dest="steps_dir", type=Path, metavar="DIR", help="write every iteration's preview here, as PNG"
    )
    add_result_options(parser)
    add_count_option(parser)
    parser.set_defaults(run=edit, mask=None)


def add_reroll(parser: argparse.ArgumentParser) -> None:
    _add_picture(parser, "what the picture shows; without it, the prompt that the file carries")
    parser.add_argument(
        "--share",
        type=share,
        default=REROLL_SHARE,
        metavar="K%",
        help=f"how much to make anew: the least sure of the 256 cells (default {REROLL_SHARE:.0%}%)",
    )
    _add_mask(parser)
    add_job_options(parser)
    add_count_option(parser)
    parser.set_defaults(run=reroll)


def add_retexture(parser: argparse.ArgumentParser) -> None:
    _add_picture(parser, "what the picture shows; without it, the prompt that the file carries")
    _add_mask(parser)
    add_job_options(parser)
    add_count_option(parser)
    parser.set_defaults(run=retexture)


def _add_picture(parser: argparse.ArgumentParser, prompt: str) -> None:
    parser.add_argument("picture", type=Path, metavar="IMAGE", help="the picture to change: PNG, JPEG or WebP")
    parser.add_argument("prompt", nargs="?", metavar="PROMPT", help=prompt)
    parser.add_argument(
        "--frame",
        type=frame_wish,
        default=CENTRE,
        metavar="WHERE",
        help="the square the model sees: centre, or X,Y,SIDE (default centre)",
    )


def _add_mask(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--mask", type=Path, metavar="MASK", help="change only what is not black in this picture of the same size"
    )


def edit(options: argparse.Namespace) -> int:
    """Write the whole picture, changed where its tokens have changed and nowhere else. 0; MuseStudioError otherwise."""
    options.steps, options.temperature = (options.iterations, None), (None, None)
    options.guidance = (options.guidance, None)
    return _remake(options, Mode.EDIT)


def reroll(options: argparse.Namespace) -> int:
    """Write the whole picture with its least likely cells made anew. 0; MuseStudioError otherwise."""
    return _remake(options, Mode.REROLL)


def retexture(options: argparse.Namespace) -> int:
    """Write the whole picture with new detail over the same base tokens. 0; MuseStudioError otherwise."""
    return _remake(options, Mode.RETEXTURE)


def _remake(options: argparse.Namespace, mode: Mode) -> int:
    check_output(options.output)
    speak = speaker(options.json)
    picture = open_picture(options.picture)
    document = _opened(options, picture)
    request, notices = _request(options, mode, picture, document)
    for notice in (*picture.notes, *notices):
        speak.notice(notice)
    pictures, changed = [], []
    for outcome, pixels in _remade(options, document, request, speak):
        pictures.append(Finished(outcome, pixels, outcome.tokens if pixels is outcome.picture else None))
        changed.append(round(float((outcome.edited > 0).mean()), 3) if outcome.edited is not None else 0.0)
    frame = document.frame
    where = {"x": frame.x, "y": frame.y, "side": frame.width}
    speak.finished(write_all(options.output, request, pictures, frame=where, changed=max(changed)))
    return 0


def _opened(options: argparse.Namespace, picture: Picture) -> Document:
    document = Document.of_picture(picture, options.picture)
    painted = Rect.empty()
    if options.mask is not None:
        document.set_mask(clear_faint(open_mask(options.mask, picture.extent)))
        painted = painted_bounds(document.mask)
    wish = choose_frame(options.frame, painted, document.extent)
    document.set_frame(moved_inside(wish, document.extent))
    return document


def _request(
    options: argparse.Namespace, mode: Mode, picture: Picture, document: Document
) -> tuple[EditRequest, tuple[str, ...]]:
    """From the tokens that the file carries, where it is still the picture they make and the model has as many stages;
    else from its pixels."""
    told = read_request_text(picture.text) or {}
    if options.prompt is None and mode is not Mode.EDIT:
        options.prompt = told.get("prompt")
    model, made_by = model_facts(options), told.get("extra", {}).get("model")
    if model is not None and made_by == model.name:  # to another one they mean nothing
        recall(options, told)
    side = frame_side(size_of(options))
    mask = frame_mask(document, side, continued=True) if options.mask is not None else None
    tokens = tokens_of(picture.pixels, picture.text)
    if tokens is None or not _has_all_stages(tokens, model, size_of(options)):
        return request_from(options, mode, frame_picture(document, side), mask)
    options.tokens_of = str(made_by or "")
    return request_from(options, mode, None, mask, tokens)


def _has_all_stages(tokens: TokenState, model: CascadeFacts | None, size: int) -> bool:
    """Whether a model can make its picture of this size of these tokens and no other."""
    if model is None or model.superres is not None:
        return tokens.superres is not None
    return tokens.superres is None and len(tokens.base.tokens) * CELL_PX == size


def _remade(
    options: argparse.Namespace, document: Document, request: EditRequest, speak: Speaker
) -> Iterator[tuple[Outcome, NDArray[np.uint8]]]:
    """Each variation put into the document in turn: what was made, and the whole picture with it."""
    for outcome in compute(options, request, speak):
        if outcome.edited is None:
            yield outcome, full_picture(document)
        elif request.tokens is not None and (outcome.edited == 255).all():
            yield outcome, outcome.picture  # nothing of the old picture is left
        else:
            yield outcome, with_result(document, outcome.edited, outcome.picture)


def share(text: str) -> float:
    """`10%` or `0.1`, as an argparse type."""
    return part_of_all(text, "share")
