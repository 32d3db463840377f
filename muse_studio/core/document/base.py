"""The document's memory: what it holds now, how that looks, and its history. Knows nothing of any particular edit.

The parts beside this one (mask, layering, canvas) are what an artist does; they change a document only through
`_set_layers`, `_become` and the mask's own array, and push one edit for each undo step.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from muse_studio.core.canvas_transform import CanvasTransform, Noted
from muse_studio.core.document.state import DocumentState, Pixels, read_only
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.geometry import Extent, Rect
from muse_studio.core.history import History
from muse_studio.core.layers import Layer, changed_area, compose, lone_picture
from muse_studio.core.wishes import Wishes


class Base:
    """State and history of a document."""

    def _begin(self, state: DocumentState, path: Path | None) -> None:
        """Start with a state whose mask nobody else has."""
        self.path = path
        self.version = 0  # another after every change of anything that a file keeps
        self.picture_version = 0  # another whenever `picture` has other pixels, for those who read it in a thread
        self.canvas_version = 0  # another whenever extent, mask and layers were exchanged together: places moved
        self._history = History()
        self._wishes = state.wishes
        self._last_id = 0
        self._become(state)

    # What it holds ------------------------------------------------------------------------------------------------

    @property
    def picture(self) -> Pixels:
        """How the visible layers look: uint8 [H, W, 4], RGBA; read-only and live. Any change may make it another array.

        Where one layer is all there is to see, these are that layer's pixels and not a copy.
        """
        return self._picture_view

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Bottom first."""
        return self._layers

    @property
    def active(self) -> int:
        """The id of the layer that commands are about; 0 where there are no layers."""
        return self._active

    @property
    def mask(self) -> Pixels:
        """uint8 [H, W], 255 = regenerate; read-only and live. Another array after a `ChangeKind.DOCUMENT` change."""
        return self._mask_view

    @property
    def wishes(self) -> Wishes:
        """What was last asked for, beside pixels."""
        return self._wishes

    @property
    def extent(self) -> Extent:
        return self._extent

    @property
    def bounds(self) -> Rect:
        """The whole canvas as a rectangle. Layers and the frame may reach over it."""
        return Rect.of(self._extent)

    @property
    def frame(self) -> Rect:
        """The square that the model sees; may reach over any edge."""
        return self._frame

    @property
    def frame_inside(self) -> Rect:
        """The part of the frame that lies on the canvas; never empty."""
        return self._frame.intersect(self.bounds)

    def picture_in_frame(self) -> Pixels:
        """`picture` inside `frame_inside`: a read-only, live view."""
        return self._picture_view[self.frame_inside.slices]

    def noted(self, square: Rect) -> Noted:
        """A square as one may note it: it is found again whatever becomes of the canvas."""
        return Noted(square, self._transform)

    def found(self, noted: Noted) -> Rect:
        """Where a noted square is now."""
        return self.since(noted).square(noted.square)

    def since(self, noted: Noted) -> CanvasTransform:
        """What has become of the canvas since a square was noted."""
        return noted.transform.inverse().then(self._transform)

    def layer(self, layer_id: int) -> Layer:
        """MuseStudioError(BAD_REQUEST) for a layer that is not there."""
        return self._layers[self.index_of(layer_id)]

    def index_of(self, layer_id: int) -> int:
        """Its place from the bottom. MuseStudioError(BAD_REQUEST) for a layer that is not there."""
        for index, layer in enumerate(self._layers):
            if layer.id == layer_id:
                return index
        raise MuseStudioError(ErrorKind.BAD_REQUEST, "This layer isn't there any more.", f"layer {layer_id}")

    # How it changes -----------------------------------------------------------------------------------------------

    def end_stroke(self) -> bool:
        """Finish an open stroke; see the mask's part."""
        raise NotImplementedError

    def _become(self, state: DocumentState, picture: Pixels | None = None) -> None:
        """Take over everything but the wishes; the mask's array itself. picture: how it looks, where that is known."""
        self._extent, self._mask, self._frame = state.extent, state.mask, state.frame
        self._mask_view = read_only(state.mask)
        self._empty_mask: bool | None = None  # not known
        self._layers, self._active, self._transform = state.layers, state.active, state.transform
        self._buffer: Pixels | None = None
        self.canvas_version += 1
        self._note_ids(state.layers)
        if picture is not None and picture.flags.writeable and lone_picture(self._layers, self.bounds) is None:
            self._buffer, self._picture_view = picture, read_only(picture)
            self.picture_version += 1
        self._look_again(self.bounds if self._buffer is None else Rect.empty())

    def _current(self) -> DocumentState:
        """The state itself, live mask and all."""
        return DocumentState(
            self._extent, self._layers, self._active, self._mask, self._frame, self._wishes, self._transform
        )

    def _set_layers(self, layers: tuple[Layer, ...], active: int) -> Rect:
        """Other layers on the same canvas; returns what looks different."""
        area = changed_area(self._layers, layers).intersect(self.bounds)
        self._layers = layers
        self._active = active
        self._note_ids(layers)
        self._look_again(area)
        return area

    @property
    def wants_buffer(self) -> bool:
        """Whether the next layer needs a copy of the whole picture, which takes a tenth of a second for 64 MP."""
        return self._buffer is None

    def lend_buffer(self, picture: Pixels, picture_version: int) -> None:
        """A copy of `picture` that a thread has made for the next layer; of no use once the picture has changed."""
        if self._buffer is None and picture_version == self.picture_version and picture.shape == self.picture.shape:
            self._buffer, self._picture_view = picture, read_only(picture)

    def _look_again(self, area: Rect) -> None:
        """Compose `area` anew. A lone layer is its own picture; others share one buffer that the document keeps."""
        self.version += 1
        lone = lone_picture(self._layers, self.bounds)
        if lone is not None and (self._buffer is None or len(self._layers) == 1):
            self._buffer = None
            self._picture_view = lone
            self.picture_version += 1
            return
        if self._buffer is None:
            self._buffer = np.empty((self._extent.height, self._extent.width, 4), np.uint8)
            self._picture_view = read_only(self._buffer)
            area = self.bounds
        if not area.is_empty:
            compose(self._layers, area, self._buffer[area.slices])
            self.picture_version += 1

    def _note_ids(self, layers: Iterable[Layer]) -> None:
        self._last_id = max(self._last_id, *(layer.id for layer in layers), 0)

    def _fresh_id(self) -> int:
        """Never used before, not even by a layer that was undone."""
        self._last_id += 1
        return self._last_id

    def _mask_changed(self) -> None:
        self._empty_mask = None
        self.version += 1
