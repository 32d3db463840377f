"""The part of a document that is about its canvas: cropping, sizes, turning, whole pictures. Knows nothing of strokes.

Every method is one undo step for layers, mask and frame together, and returns the new bounds (empty: nothing changed).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from muse_studio.core.document import transforms
from muse_studio.core.document.edits import StateEdit
from muse_studio.core.document.layering import LayerPart
from muse_studio.core.document.state import BACKGROUND, DocumentState, Pixels, default_frame, extent_of, owned
from muse_studio.core.geometry import Extent, Rect
from muse_studio.core.layers import Layer, Variation, clean_name


class CanvasPart(LayerPart):
    """What changes the extent, or every pixel. MuseStudioError(BAD_REQUEST) past the limits, with nothing changed."""

    def crop(self, rect: Rect, label: str = "Crop") -> Rect:
        """Cut everything to `rect`."""
        if rect.intersect(self.bounds) == self.bounds:
            return Rect.empty()
        return self.take(transforms.cropped(self._settled(), rect), label)

    def resize_canvas(self, rect: Rect, label: str = "Canvas size") -> Rect:
        """Other bounds, in the old coordinates; may be larger. No layer loses pixels."""
        if rect == self.bounds:
            return Rect.empty()
        return self.take(transforms.on_canvas(self._settled(), rect), label)

    def scale(self, extent: Extent, label: str = "Image size") -> Rect:
        """The picture in another size."""
        if extent == self.extent:
            return Rect.empty()
        return self.take(transforms.scaled(self._settled(), extent), label)

    def rotate(self, quarters: int, label: str = "Rotate") -> Rect:
        """Turn clockwise by quarters of a circle."""
        if quarters % 4 == 0:
            return Rect.empty()
        return self.take(transforms.rotated(self._settled(), quarters), label)

    def flip(self, horizontally: bool, label: str = "Flip") -> Rect:
        """Exchange left and right, or top and bottom."""
        return self.take(transforms.flipped(self._settled(), horizontally=horizontally), label)

    def add_result(
        self,
        place: Rect,
        variations: Sequence[Variation],
        name: str,
        label: str = "Add result",
        *,
        chosen: int = 0,
        canvas: Rect | None = None,
    ) -> Rect:
        """A result as a layer above the active one, all its variations inside; it becomes active.

        canvas: other bounds of the canvas, in the old coordinates like `place`, as part of the same undo step: what
                `composite.canvas_for` asks for. None leaves the canvas as it is.
        """
        self.end_stroke()
        layer = self.result_layer(place, variations, name, chosen)
        if canvas is None or canvas == self.bounds:
            return self._edit(self._with(layer), label, layer.id)
        return self.take(transforms.on_canvas(self._current().with_layer(layer), canvas), label)

    def result_layer(self, place: Rect, variations: Sequence[Variation], name: str, chosen: int = 0) -> Layer:
        """A layer that isn't there yet, with an id of its own: for a state that is made in a thread, see `take`."""
        return Layer(self._fresh_id(), clean_name(name) or BACKGROUND, place, tuple(variations), chosen)

    def replace_picture(self, pixels: Pixels, label: str) -> Rect:
        """A new picture of any extent, an empty mask, the frame in its default place; undo brings the old ones back.

        pixels: uint8 [H, W, 3 or 4]; copied.
        """
        self.end_stroke()
        return self.take(state_of(owned(pixels), self._fresh_id()), label)

    def take(self, state: DocumentState, label: str, picture: Pixels | None = None) -> Rect:
        """Another state of layers, mask and frame as one undo step; the wishes stay.

        Such as `transforms` make of a snapshot in a thread. The mask's array itself is taken over, and so is `picture`,
        what `state.picture()` gave: None lets the document work it out.
        """
        self.end_stroke()
        edit = StateEdit(self, state, label, picture)
        edit.swap()
        self._history.push(edit)
        return self.bounds

    def _settled(self) -> DocumentState:
        """The current state, after an open stroke has ended."""
        self.end_stroke()
        return self._current()


def state_of(pixels: Pixels, layer_id: int = 1) -> DocumentState:
    """A picture [H, W, 4] as a document of one layer, with nothing painted."""
    extent = extent_of(pixels)
    layer = Layer(layer_id, BACKGROUND, Rect.of(extent), (Variation(pixels),))
    mask = np.zeros(pixels.shape[:2], np.uint8)
    return DocumentState(extent, (layer,), layer_id, mask, default_frame(extent))
