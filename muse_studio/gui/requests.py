"""From what an artist wants and what lies on the canvas to a request: which aims there are, which can run, and how.

Pure: no widgets, no jobs, nothing changes. What becomes of a result is `landing`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse_studio.core.canvas_transform import UNCHANGED, CanvasTransform, Noted
from muse_studio.core.composite import canvas_for, frame_mask, frame_picture, outside_in_frame
from muse_studio.core.document import Document, Moment
from muse_studio.core.geometry import Extent, Rect
from muse_studio.core.layers import Layer
from muse_studio.core.limits import FRAME_SIDE_PX
from muse_studio.core.loras import LoraUse, missing
from muse_studio.core.model_shape import OWN_SHAPE, ModelShape
from muse_studio.core.request import EditRequest, Mode, clean_prompt
from muse_studio.core.tokens import TokenState
from muse_studio.core.wishes import Aim, Wishes
from muse_studio.gui.language import noop

Pixels = NDArray[np.uint8]
Shown = tuple[float, ...]
"""How one layer shows in a frame: its id, variation and opacity, and where it lies."""

MODES = {
    Aim.FILL: Mode.INPAINT,
    Aim.NEW: Mode.GENERATE,
    Aim.EXTEND: Mode.INPAINT,
    Aim.EDIT: Mode.EDIT,
    Aim.REROLL: Mode.REROLL,
    Aim.RETEXTURE: Mode.RETEXTURE,
}

NO_DETAIL = noop("This model works in one stage, so it has no detail to make anew. Re-roll the doubtful instead.")
NO_PICTURE = noop("There is no picture yet. Make a new one, or open one.")
NO_MASK = noop("Paint over what shall change first.")
MASK_OUTSIDE = noop("The painted mask lies outside the frame, so the model can't see it. Move the frame over it.")
FRAME_INSIDE = noop("Move the frame over an edge of the picture first; what lies outside is then made.")
FRAME_OUTSIDE = noop("The frame lies outside the picture. Move it so that it covers a part of it.")


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A request, and what is needed to put its result where it belongs.

    aim:    None for one that goes on from a step of another.
    frame:  in document pixels, when it was asked.
    extent: of the canvas then; None where there was no document.
    seen:   uint8 [S, S, 3], S being the request's `frame_side`, the frame as the model may see it; None where it starts
            from nothing.
    mask:   uint8 [S, S], what the result may replace; None for all of it, or for what the result itself names.
    below:  what the frame showed, see `shown_in`.
    canvas_version: of the document then: another one has other coordinates.
    notice: what was changed in the prompts, as words.
    loras:  those of the person's list, also the ones that rest.
    noted:  where the run belongs whose step this goes on from; None for what begins by itself.
    since:  what has become of the canvas since then: request and result stand as they did, the rest as it does now.
    """

    aim: Aim | None
    request: EditRequest
    frame: Rect
    extent: Extent | None = None
    seen: Pixels | None = None
    mask: Pixels | None = None
    below: tuple[Shown, ...] = ()
    canvas_version: int = 0
    notice: str | None = None
    loras: tuple[LoraUse, ...] = ()
    noted: Noted | None = None
    since: CanvasTransform = UNCHANGED

    def on(self, document: Document, noted: Noted) -> Asked:
        """The same for the canvas as it is now, whatever became of it. noted: where the run of it belongs."""
        since = document.since(noted)
        turned = self.since.inverse().then(since).turned
        return replace(
            self,
            frame=document.found(noted),
            extent=document.extent,
            seen=None if self.seen is None else turned(self.seen),
            mask=None if self.mask is None else turned(self.mask),
            canvas_version=document.canvas_version,
            since=since,
        )

    @property
    def reaches_over(self) -> bool:
        """Whether the result may lie outside the canvas as it was."""
        outside = self.extent is not None and not Rect.of(self.extent).contains_rect(self.frame)
        return outside and self.aim not in (Aim.FILL, Aim.EDIT, Aim.REROLL, Aim.RETEXTURE)


def suggested(document: Document | None) -> Aim:
    """What Generate does while nobody has chosen: extend over an edge, fill a mask, else a new picture."""
    if document is None:
        return Aim.NEW
    if reaches_over(document) and why_not(Aim.EXTEND, document) == "":
        return Aim.EXTEND
    return Aim.NEW if document.mask_is_empty() else Aim.FILL


def why_not(aim: Aim, document: Document | None, shape: ModelShape = OWN_SHAPE) -> str:
    """Why this can't be done now, to be translated; "" where it can."""
    if aim is Aim.NEW:
        return ""
    if aim is Aim.RETEXTURE and not shape.has_detail:
        return NO_DETAIL
    if document is None:
        return NO_PICTURE
    if document.frame.intersect(document.bounds).is_empty:
        return FRAME_OUTSIDE
    if aim is Aim.FILL:
        if document.mask_is_empty():
            return NO_MASK
        return "" if document.mask_in_frame().any() else MASK_OUTSIDE
    if aim is Aim.EXTEND and not reaches_over(document):
        return FRAME_INSIDE
    return ""


def without_file(wishes: Wishes, shape: ModelShape) -> str:
    """The name of a LoRA that is asked for and whose file nobody knows; "" where there is none."""
    return next((use.name for use in missing(wishes.loras)), "") if shape.takes_loras else ""


def reaches_over(document: Document) -> bool:
    """Whether the frame lies partly outside the canvas."""
    return not document.bounds.contains_rect(document.frame)


def ask(document: Document | Moment | None, wishes: Wishes, aim: Aim, shape: ModelShape = OWN_SHAPE) -> Asked:
    """The request for an aim that `why_not` has nothing against; of a moment, for a thread to work out.

    MuseStudioError(BAD_REQUEST) where the canvas would grow beyond the limits.
    """
    prompt, negative = clean_prompt(wishes.prompt), clean_prompt(wishes.negative_prompt)
    plain = EditRequest(
        mode=Mode.GENERATE,
        prompt=prompt.text,
        negative_prompt=negative.text,
        seed=wishes.seed,
        size=shape.size_for(wishes.size),
        base=wishes.base,
        superres=wishes.superres,
        share=wishes.share,
        count=wishes.count,
        strength=wishes.strength,
        loras=tuple(use for use in wishes.loras if use.on) if shape.takes_loras else (),
    )
    notice = prompt.notice or negative.notice
    if document is None or aim is Aim.NEW:
        return replace(_new(document, plain, notice), loras=wishes.loras)
    if aim is Aim.EXTEND:
        canvas_for(document.bounds, document.frame)
    side = plain.frame_side
    seen, painted = frame_picture(document, side), painted_in_frame(document, side)
    asked = Asked(aim, plain, document.frame, document.extent, seen, below=shown_in(document.frame, document.layers))
    asked = replace(asked, canvas_version=document.canvas_version, notice=notice, loras=wishes.loras)
    match aim:
        case Aim.FILL | Aim.EXTEND:
            return _filling(asked, painted)
        case Aim.EDIT:
            base = replace(wishes.edit, temperature=None)
            request = replace(plain, mode=Mode.EDIT, base=base, **_material(document, seen, shape, plain.size))
            return replace(asked, request=request)
        case _:
            mask = painted if painted.any() else None
            size = shape.own_size if aim is Aim.RETEXTURE else plain.size
            request = replace(
                plain, mode=MODES[aim], size=size, mask=mask, **_material(document, seen, shape, plain.size)
            )
            return replace(asked, request=request)


def going_on(document: Document | None, request: EditRequest, noted: Noted) -> Asked:
    """A request that goes on from a step of a run that belongs to this place."""
    if document is None:
        return Asked(None, request, noted.square, noted=noted)
    frame, since = document.found(noted), document.since(noted)
    seen, mask = (None if pixels is None else since.turned(pixels) for pixels in (request.picture, request.mask))
    asked = Asked(None, request, frame, document.extent, seen, mask, noted=noted, since=since)
    return replace(asked, below=shown_in(frame, document.layers), canvas_version=document.canvas_version)


def _new(document: Document | Moment | None, request: EditRequest, notice: str | None) -> Asked:
    """From nothing: in the frame of a document, else a document of its own."""
    if document is None:
        return Asked(Aim.NEW, request, Rect(0, 0, request.size, request.size), notice=notice)
    version = document.canvas_version
    return Asked(Aim.NEW, request, document.frame, document.extent, canvas_version=version, notice=notice)


def _filling(asked: Asked, painted: Pixels) -> Asked:
    """What lies outside the canvas is unknown to the model either way; only extending puts anything there."""
    assert asked.extent is not None
    unknown = np.maximum(painted, outside_in_frame(asked.frame, asked.extent, asked.request.frame_side))
    request = replace(asked.request, mode=Mode.INPAINT, picture=asked.seen, mask=unknown)
    if asked.aim is Aim.EXTEND:
        return replace(asked, request=replace(request, strength=1.0), mask=unknown)
    return replace(asked, request=request, mask=painted)


def _material(document: Document | Moment, seen: Pixels, shape: ModelShape, size: int) -> dict[str, Any]:
    """What a mode works on that begins from a whole picture: its tokens where they are known, else its pixels."""
    tokens = tokens_in_frame(document, shape, size)
    return {"picture": seen} if tokens is None else {"tokens": tokens}


def tokens_in_frame(
    document: Document | Moment, shape: ModelShape = OWN_SHAPE, size: int = FRAME_SIDE_PX
) -> TokenState | None:
    """The tokens of what the frame shows: those of the active layer, if it is a result that this model made in this
    very frame over what still lies under it, and nothing lies over it. None where they are not known.
    """
    layer = next((layer for layer in document.layers if layer.id == document.active), None)
    if layer is None or not layer.visible or layer.opacity < 1:
        return None
    shown = layer.variations[layer.chosen]
    tokens, frame, index = shown.tokens, document.frame, document.layers.index(layer)
    if (
        tokens is None
        or not shape.has_made(tokens, size, shown.facts.get("model"))
        or made_in(layer.place, shown.facts) != frame
    ):
        return None
    if shown_in(frame, document.layers[index + 1 :]):
        return None
    below = shown.facts.get("below")
    return tokens if below is None or below == as_json(shown_in(frame, document.layers[:index])) else None


def made_in(place: Rect, facts: Mapping[str, Any]) -> Rect | None:
    """The frame in which a result was made, from the facts that `landing` left beside it; None where it doesn't say."""
    try:
        dx, dy, side = (int(value) for value in facts["frame"])
        return Rect(place.x + dx, place.y + dy, side, side)
    except (KeyError, TypeError, ValueError):
        return None


def shown_in(frame: Rect, layers: Iterable[Layer]) -> tuple[Shown, ...]:
    """What tells apart how these layers look in the frame: one row for each that shows there."""
    return tuple(
        (layer.id, layer.chosen, layer.opacity, layer.place.x - frame.x, layer.place.y - frame.y)
        for layer in layers
        if layer.visible and layer.opacity > 0 and not layer.place.intersect(frame).is_empty
    )


def as_json(shown: tuple[Shown, ...]) -> list[list[float]]:
    return [list(row) for row in shown]


def painted_in_frame(document: Document | Moment, side: int = FRAME_SIDE_PX) -> Pixels:
    """uint8 [side, side], the artist's mask as the model sees it; nothing is painted outside the canvas."""
    mask = frame_mask(document, side, continued=True)
    return np.where(outside_in_frame(document.frame, document.extent, side, wholly=True) > 0, np.uint8(0), mask)
