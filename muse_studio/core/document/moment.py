"""What a document's frame shows at one moment, for a thread to cut out later. Knows nothing of the model's square."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from muse_studio.core.document.state import Pixels
from muse_studio.core.geometry import Extent, Rect
from muse_studio.core.layers import Layer, compose, lone_picture

if TYPE_CHECKING:
    from muse_studio.core.document import Document


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """The frame and all that can be seen in it, whatever becomes of the document.

    Making one copies the mask inside the frame and nothing else: layers are values. The picture is put together when
    somebody asks for it.

    layers: bottom first; active, canvas_version: as of the document.
    mask:   uint8 [h, w] of `frame_inside`.
    """

    extent: Extent
    frame: Rect
    layers: tuple[Layer, ...]
    active: int
    canvas_version: int
    mask: Pixels

    @classmethod
    def of(cls, document: Document) -> Moment:
        inside = document.frame_inside
        empty = document.mask_is_empty()  # of zeros, no memory is touched before it is read
        mask = np.zeros((inside.height, inside.width), np.uint8) if empty else document.mask_in_frame().copy()
        return cls(document.extent, document.frame, document.layers, document.active, document.canvas_version, mask)

    @property
    def bounds(self) -> Rect:
        return Rect.of(self.extent)

    @property
    def frame_inside(self) -> Rect:
        """The part of the frame that lies on the canvas."""
        return self.frame.intersect(self.bounds)

    def mask_in_frame(self) -> Pixels:
        """uint8 [h, w] of `frame_inside`."""
        return self.mask

    def picture_in_frame(self) -> Pixels:
        """How the visible layers look in `frame_inside`: uint8 [h, w, 4]; a part of the layer that is all there is."""
        area = self.frame_inside
        lone = lone_picture(self.layers, self.bounds)
        if lone is not None:
            return lone[area.slices]
        result = np.empty((area.height, area.width, 4), np.uint8)
        compose(self.layers, area, result)
        return result
