"""What a document holds, as one value, and what may be in it. Knows nothing of undo or of how it changes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from muse_studio.core import limits
from muse_studio.core.canvas_transform import UNCHANGED, CanvasTransform
from muse_studio.core.containers import BadContainerError, check_extent
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.geometry import Extent, Rect
from muse_studio.core.layers import Layer, compose, held_bytes, lone_picture
from muse_studio.core.wishes import Wishes

Pixels = NDArray[np.uint8]

BACKGROUND = "Background"
"""The name of the layer that a picture is opened as."""


@dataclass(frozen=True, slots=True, eq=False)
class DocumentState:
    """A whole document at one moment: what a thread may read and a file may keep.

    layers: bottom first. active: the id of one of them; 0 if there are none.
    mask:   uint8 [H, W], 255 = regenerate. frame: the square that the model sees.
    transform: from where the document began to the canvas as it is. What was noted before it was cropped or turned,
            such as where a run belongs, is found by it.
    """

    extent: Extent
    layers: tuple[Layer, ...]
    active: int
    mask: Pixels
    frame: Rect
    wishes: Wishes = field(default_factory=Wishes)
    transform: CanvasTransform = UNCHANGED

    @property
    def bounds(self) -> Rect:
        return Rect.of(self.extent)

    def with_layer(self, layer: Layer) -> DocumentState:
        """The same with another layer above the active one; it becomes active."""
        index = next((above for above, one in enumerate(self.layers, 1) if one.id == self.active), 0)
        return replace(self, layers=(*self.layers[:index], layer, *self.layers[index:]), active=layer.id)

    def picture(self) -> Pixels:
        """How it looks: uint8 [H, W, 4]; a new array unless one layer is all there is to see."""
        lone = lone_picture(self.layers, self.bounds)
        if lone is not None:
            return lone
        result = np.empty((self.extent.height, self.extent.width, 4), np.uint8)
        compose(self.layers, self.bounds, result)
        return result


def default_frame(extent: Extent) -> Rect:
    """The largest square in the middle. Where a document is smaller than any frame, it has it at its upper left."""
    side = max(limits.FRAME_SIDE_LEAST_PX, min(extent.width, extent.height))
    return Rect((extent.width - side) // 2, (extent.height - side) // 2, side, side).clamp_inside(extent)


def frame_near(rect: Rect, extent: Extent) -> Rect:
    """A frame like `rect`: square, of a side within the limits, moved so that enough of it sees the document."""
    most = max(limits.FRAME_SIDE_PX, extent.width, extent.height)
    side = min(max(rect.width, rect.height, limits.FRAME_SIDE_LEAST_PX), most)
    x, y = (
        min(max(start, least - side), length - least)
        for start, length in ((rect.x, extent.width), (rect.y, extent.height))
        for least in (min(length, max(1, side // limits.FRAME_SEEN_SHARE)),)
    )
    return Rect(x, y, side, side)


def extent_of(pixels: Pixels) -> Extent:
    return Extent(pixels.shape[1], pixels.shape[0])


def read_only(pixels: Pixels) -> Pixels:
    view = pixels.view()
    view.flags.writeable = False
    return view


def owned(pixels: Pixels) -> Pixels:
    """An RGBA copy. MuseStudioError(BAD_PICTURE) for another layout or too many pixels."""
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] not in (3, 4):
        detail = f"{pixels.dtype} {pixels.shape}"
        raise MuseStudioError(ErrorKind.BAD_PICTURE, "The picture's pixels have an unknown layout.", detail)
    try:
        check_extent(extent_of(pixels))
    except BadContainerError as fault:
        raise MuseStudioError(ErrorKind.BAD_PICTURE, f"The picture cannot be used: {fault}.") from fault
    copy = np.full((*pixels.shape[:2], 4), 255, dtype=np.uint8)
    copy[..., : pixels.shape[2]] = pixels
    return copy


def check_canvas(extent: Extent) -> None:
    """MuseStudioError(BAD_REQUEST) for a canvas of no pixels, or of more than a document may have."""
    longest, most = limits.PICTURE_SIDE_LIMIT_PX, limits.PICTURE_LIMIT_PIXELS
    if extent.is_empty:
        raise MuseStudioError(ErrorKind.BAD_REQUEST, "A picture needs at least one pixel; choose a larger part of it.")
    if max(extent.width, extent.height) > longest or extent.area > most:
        message = (
            f"{extent.width:,} × {extent.height:,} pixels are more than a picture may have: {longest:,} a side and "
            f"{most // 2**20} million in all. Choose a smaller size."
        )
        raise MuseStudioError(ErrorKind.BAD_REQUEST, message)


def check_layers(layers: tuple[Layer, ...]) -> None:
    """MuseStudioError(BAD_REQUEST) for more layers, or more pixels in them, than a document may have."""
    if len(layers) > limits.LAYERS_LIMIT:
        message = f"A document may have {limits.LAYERS_LIMIT:,} layers. Merge or delete some first."
        raise MuseStudioError(ErrorKind.BAD_REQUEST, message)
    size, most = held_bytes(layers), limits.LAYERS_LIMIT_BYTES
    if size > most:
        message = (
            f"All layers together would hold {size / 2**30:.1f} GB, and {most // 2**30} GB is the most. "
            "Merge or delete some layers, or make the picture smaller."
        )
        raise MuseStudioError(ErrorKind.BAD_REQUEST, message)


def check_state(state: DocumentState) -> None:
    """MuseStudioError for a state that no document may have: from a file, or put together by hand."""
    check_canvas(state.extent)
    check_layers(state.layers)
    if state.mask.dtype != np.uint8 or state.mask.shape != (state.extent.height, state.extent.width):
        message = f"The mask must have {state.extent} pixels like the picture."
        raise MuseStudioError(ErrorKind.BAD_MASK, message, f"{state.mask.dtype} {state.mask.shape}")
    ids = [layer.id for layer in state.layers]
    if len(set(ids)) < len(ids) or min(ids, default=1) < 1:
        message = "Two layers of this document have the same number, so it cannot be used."
        raise MuseStudioError(ErrorKind.BAD_PICTURE, message, repr(ids))
