"""What becomes of a result: pixels with a soft edge, and a layer of the document that holds all variations.

`land` is pixel work for a thread and touches no document; `put_down` is one undo step. Knows no widgets and no jobs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse_studio.client.jobs import JobResult
from muse_studio.core.composite import Made, canvas_for, result_alpha, result_layer
from muse_studio.core.document import Document
from muse_studio.core.document.state import DocumentState
from muse_studio.core.document.transforms import on_canvas
from muse_studio.core.geometry import Extent, Rect
from muse_studio.core.layers import Layer, Variation
from muse_studio.core.masks import resample_by_maximum
from muse_studio.core.tokens import TokenState
from muse_studio.core.wishes import Wishes
from muse_studio.gui.remaking import Change
from muse_studio.gui.requests import Asked, as_json

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Landed:
    """Where a result lies and its variations, each uint8 [place.height, place.width, 4]; ready to become a layer."""

    place: Rect
    variations: tuple[Variation, ...]

    def moved(self, dx: int, dy: int) -> Landed:
        """The same, that far right and down."""
        return replace(self, place=self.place.translate(dx, dy))


def land(asked: Asked, results: Sequence[JobResult], facts: Mapping[str, Any]) -> Landed | None:
    """All variations as pixels at their place; None where the model has changed nothing at all.

    facts: of all of them: run, model, version.
    """
    made = [_made(asked, result) for result in results]
    extent = asked.frame.extent if asked.extent is None else asked.extent
    found = result_layer(asked.frame, extent, made, asked.seen, beyond=asked.reaches_over)
    if found is None:
        return None
    place, pixels = found
    variations = (
        Variation(rgba, _facts(asked, result, place, facts, whole=one.mask is None), _tokens(asked, result))
        for result, one, rgba in zip(results, made, pixels, strict=True)
    )
    return Landed(place, tuple(variations))


def put_down(document: Document, asked: Asked, landed: Landed, name: str, label: str) -> Rect:
    """The result as a layer above the active one, in one undo step that also grows the canvas where it must.

    Returns what looks different.
    """
    canvas = canvas_for(document.bounds, asked.frame) if asked.reaches_over else None
    return document.add_result(landed.place, landed.variations, name, label, canvas=canvas)


def grown(document: Document, asked: Asked, landed: Landed, name: str) -> Change:
    """What `put_down` does to a canvas that must grow, for a thread."""
    canvas = canvas_for(document.bounds, asked.frame) or document.bounds
    layer = document.result_layer(landed.place, landed.variations, name)
    return lambda state: on_canvas(state.with_layer(layer), canvas)


def new_document(landed: Landed, name: str, wishes: Wishes) -> Document:
    """A document that holds a result and nothing else."""
    extent = landed.place.extent
    layer = Layer(1, name, Rect.of(extent), landed.variations)
    mask = np.zeros((extent.height, extent.width), np.uint8)
    return Document.of_state(DocumentState(extent, (layer,), 1, mask, Rect.of(extent), wishes))


def preview_alpha(asked: Asked) -> Pixels | None:
    """uint8 [S, S], how much of a preview shows while the job runs; None shows all of it."""
    if asked.mask is None or asked.extent is None:
        return None
    side = asked.request.frame_side
    return result_alpha(asked.mask, asked.frame, asked.extent, side=side, beyond=asked.reaches_over)


def _made(asked: Asked, result: JobResult) -> Made:
    turned = asked.since.turned
    edited = None if result.edited is None else turned(result.edited)
    mask = None if asked.extent is None else asked.mask if asked.mask is not None else edited
    return Made(turned(result.picture), mask, None if mask is None else _unknown(asked, edited))


def _tokens(asked: Asked, result: JobResult) -> TokenState | None:
    """None for what was turned: tokens belong to pixels as they were made."""
    if result.base_tokens is None or asked.since.turns:
        return None
    return TokenState.whole(result.base_tokens, result.superres_tokens)


def _unknown(asked: Asked, edited: Pixels | None) -> Pixels:
    """uint8 [S, S], above 0 where the model's square isn't a likeness of what was there."""
    given = None if asked.request.mask is None else asked.since.turned(asked.request.mask)
    parts = [part for part in (given, asked.mask, edited) if part is not None]
    if given is not None and edited is not None:
        parts = [edited]  # under a mask that bounds it, the rest is as it was
    side = asked.request.frame_side
    return np.maximum.reduce([resample_by_maximum(part, Extent(side, side)) for part in parts])


def _facts(asked: Asked, result: JobResult, place: Rect, facts: Mapping[str, Any], *, whole: bool) -> dict[str, Any]:
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
    return told if whole else {**told, "below": as_json(asked.below)}


def layer_name(prompt: str) -> str:
    """A layer's name from its prompt: one line, not long; "" from an empty one."""
    line = " ".join(prompt.split())
    return line if len(line) <= _NAME_CHARACTERS else f"{line[:_NAME_CHARACTERS].rstrip()}…"


_NAME_CHARACTERS = 40
