"""Which square of a picture the model sees when nobody moves it by hand. Knows nothing of pixels' values."""

from __future__ import annotations

import argparse

from muse_studio.core.geometry import Extent, Rect
from muse_studio.core.limits import FRAME_SIDE_LEAST_PX, FRAME_SIDE_PX

AUTO, CENTRE = "auto", "centre"
CONTEXT = 2.0
"""The frame's side over the painted side: what surrounds the mask is what the model matches its work to."""

FrameWish = str | Rect


def frame_wish(text: str) -> FrameWish:
    """`auto`, `centre`, or `X,Y,SIDE` in pixels of the picture, as an argparse type."""
    if text in (AUTO, CENTRE):
        return text
    try:
        x, y, side = (int(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is not auto, centre, or X,Y,SIDE in pixels") from None
    if x < 0 or y < 0 or side < FRAME_SIDE_LEAST_PX:
        message = f"the frame starts inside the picture and has a side of at least {FRAME_SIDE_LEAST_PX} px"
        raise argparse.ArgumentTypeError(message)
    return Rect(x, y, side, side)


def choose_frame(wish: FrameWish, painted: Rect, extent: Extent) -> Rect:
    """The frame for a wish; `painted` is the smallest rectangle around the mask, empty if nothing is painted."""
    if isinstance(wish, Rect):
        return wish
    if wish == CENTRE or painted.is_empty:
        return centred(extent)
    return around(painted, extent)


def centred(extent: Extent) -> Rect:
    """The largest square in the middle, at least 512 px; a smaller picture has it at its upper left corner."""
    side = max(FRAME_SIDE_PX, min(extent.width, extent.height))
    return Rect((extent.width - side) // 2, (extent.height - side) // 2, side, side).clamp_inside(extent)


def moved_inside(frame: Rect, extent: Extent) -> Rect:
    """Nobody asked to extend the picture: the frame reaches over its edges only where it is smaller."""
    side = min(frame.width, max(FRAME_SIDE_PX, extent.width, extent.height))
    return Rect(frame.x, frame.y, side, side).clamp_inside(extent)


def around(painted: Rect, extent: Extent) -> Rect:
    """A square around `painted` with its surroundings, never smaller than the model's own 512 px where there is room.

    It is moved to lie inside the picture; only a mask wider than the picture is high, or the other way round, makes it
    reach over an edge.
    """
    room = max(min(extent.width, extent.height), min(FRAME_SIDE_PX, max(extent.width, extent.height)))
    needed = max(painted.width, painted.height, FRAME_SIDE_LEAST_PX)
    comfortable = max(round(needed * CONTEXT), FRAME_SIDE_PX)
    side = max(needed, min(comfortable, room))
    centre = painted.centre
    return Rect(round(centre.x - side / 2), round(centre.y - side / 2), side, side).clamp_inside(extent)
