"""What becomes of a result: pixels with a soft edge, and a layer of the document that holds all variations.

`land` is pixel work for a thread and touches no document; `put_down` is one undo step. Knows no widgets and no jobs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from muse_studio.client.jobs import JobResult
from muse_studio.core.composite import canvas_for, resampled, result_alpha
from muse_studio.core.document import Document
from muse_studio.core.document.state import DocumentState
from muse_studio.core.geometry import Extent, Rect
from muse_studio.core.layers import Layer, Variation
from muse_studio.core.limits import FRAME_SIDE_PX
from muse_studio.core.masks import painted_bounds, resample_by_maximum
from muse_studio.core.seams import match_surroundings
from muse_studio.core.tokens import TokenState
from muse_studio.core.wishes import Wishes
from muse_studio.gui.requests import Asked, as_json, outside_in_frame

Pixels = NDArray[np.uint8]

_MODEL = Extent(FRAME_SIDE_PX, FRAME_SIDE_PX)


@dataclass(frozen=True, slots=True, eq=False)
class Landed:
    """Where a result lies and its variations, each uint8 [place.height, place.width, 4]; ready to become a layer."""

    place: Rect
    variations: tuple[Variation, ...]


def land(asked: Asked, results: Sequence[JobResult], facts: Mapping[str, Any]) -> Landed | None:
    """All variations as pixels at their place; None where the model has changed nothing at all.

    facts: of all of them: run, model, version.
    """
    alphas = [_alpha(asked, result) for result in results]
    place = _place(asked.frame, alphas)
    if place.is_empty:
        return None
    pairs = zip(results, alphas, strict=True)
    return Landed(place, tuple(_variation(asked, result, alpha, place, facts) for result, alpha in pairs))


def put_down(document: Document, asked: Asked, landed: Landed, name: str, label: str) -> Rect:
    """The result as a layer above the active one, in one undo step that also grows the canvas where it must.

    Returns what looks different.
    """
    canvas = canvas_for(document.bounds, asked.frame) if asked.reaches_over else None
    return document.add_result(landed.place, landed.variations, name, label, canvas=canvas)


def new_document(landed: Landed, name: str, wishes: Wishes) -> Document:
    """A document that holds a result and nothing else."""
    extent = landed.place.extent
    layer = Layer(1, name, Rect.of(extent), landed.variations)
    mask = np.zeros((extent.height, extent.width), np.uint8)
    return Document.of_state(DocumentState(extent, (layer,), 1, mask, Rect.of(extent), wishes))


def preview_alpha(asked: Asked) -> Pixels | None:
    """uint8 [512, 512], how much of a preview shows while the job runs; None shows all of it."""
    if asked.mask is None or asked.extent is None:
        return None
    return _alpha_of(asked, asked.mask, asked.extent)


def _alpha(asked: Asked, result: JobResult) -> Pixels | None:
    """uint8 [512, 512]; None where a result replaces everything in its frame."""
    mask = asked.mask if asked.mask is not None else result.edited
    return None if mask is None or asked.extent is None else _alpha_of(asked, mask, asked.extent)


def _alpha_of(asked: Asked, mask: Pixels, extent: Extent) -> Pixels:
    alpha = result_alpha(mask, asked.frame, extent)
    if not asked.reaches_over:
        alpha[outside_in_frame(asked.frame, extent, wholly=True) > 0] = 0
    return alpha


def _place(frame: Rect, alphas: Sequence[Pixels | None]) -> Rect:
    """Document pixels around all that any of the variations changes."""
    place = Rect.empty()
    for alpha in alphas:
        if alpha is None:
            return frame
        bounds, share = painted_bounds(alpha), frame.width / FRAME_SIDE_PX
        if not bounds.is_empty:
            near = bounds.expand(1)
            around = Rect.around(near.x * share, near.y * share, near.right * share, near.bottom * share)
            place = place.union(around.intersect(Rect.of(frame.extent)))
    return place.translate(frame.x, frame.y)


def _variation(
    asked: Asked, result: JobResult, alpha: Pixels | None, place: Rect, facts: Mapping[str, Any]
) -> Variation:
    square = resampled(result.picture, _MODEL)
    pixels = np.full((place.height, place.width, 4), 255, np.uint8)
    if alpha is None:
        pixels[..., :3] = resampled(result.picture, place.extent)
    else:
        if asked.seen is not None:
            square = match_surroundings(square, asked.seen, _unknown(asked, result))
        pixels[..., :3] = _scaled(square, asked.frame, place, Image.Resampling.BICUBIC)
        pixels[..., 3] = _scaled(alpha, asked.frame, place, Image.Resampling.BILINEAR)
        pixels[pixels[..., 3] == 0] = 0
    tokens = None if result.base_tokens is None else TokenState.whole(result.base_tokens, result.superres_tokens)
    return Variation(pixels, _facts(asked, result, alpha, place, facts), tokens)


def _unknown(asked: Asked, result: JobResult) -> Pixels:
    """uint8 [512, 512], above 0 where the model's square isn't a likeness of what was there."""
    parts = [part for part in (asked.request.mask, asked.mask, result.edited) if part is not None]
    if asked.request.mask is not None and result.edited is not None:
        parts = [result.edited]  # under a mask that bounds it, the rest is as it was
    unknown = np.maximum.reduce([resample_by_maximum(part, _MODEL) for part in parts])
    if asked.extent is not None:
        unknown = np.maximum(unknown, outside_in_frame(asked.frame, asked.extent))
    return unknown


def _facts(
    asked: Asked, result: JobResult, alpha: Pixels | None, place: Rect, facts: Mapping[str, Any]
) -> dict[str, Any]:
    """How it was made; and, for whoever goes on from its tokens, in which frame and over what."""
    frame, request = asked.frame, asked.request
    told = {
        **facts,
        "request": request.settings(),
        "variation": result.variation,
        "seed": request.seeds[result.variation],
        "seconds": round(result.seconds, 3),
        "frame": [frame.x - place.x, frame.y - place.y, frame.width],
    }
    return told if alpha is None else {**told, "below": as_json(asked.below)}


def _scaled(square: Pixels, frame: Rect, area: Rect, how: Image.Resampling) -> Pixels:
    """The part `area` (document pixels) of the model's square [512, 512, ...] that covers `frame`."""
    inside = area.translate(-frame.x, -frame.y)
    if frame.width == FRAME_SIDE_PX:
        return square[inside.slices]
    share = FRAME_SIDE_PX / frame.width
    edges = (inside.x * share, inside.y * share, inside.right * share, inside.bottom * share)
    box = tuple(min(edge, float(FRAME_SIDE_PX)) for edge in edges)
    source = Image.fromarray(np.ascontiguousarray(square))
    return np.asarray(source.resize((area.width, area.height), how, box=box))  # type: ignore[arg-type]


def layer_name(prompt: str) -> str:
    """A layer's name from its prompt: one line, not long; "" from an empty one."""
    line = " ".join(prompt.split())
    return line if len(line) <= _NAME_CHARACTERS else f"{line[:_NAME_CHARACTERS].rstrip()}…"


_NAME_CHARACTERS = 40
