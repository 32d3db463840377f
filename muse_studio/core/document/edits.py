"""The undo steps of a document. Each exchanges what it keeps with what the document has, so it serves undo and redo.

Layers are values, so a step about them keeps the other tuple of layers and no pixels of its own. Knows nothing of how a
change is made, only how it is taken back.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

import numpy as np

from muse_studio.core.document.base import Base
from muse_studio.core.document.state import DocumentState, Pixels
from muse_studio.core.geometry import Rect
from muse_studio.core.history import Change, ChangeKind
from muse_studio.core.layers import Layer, held_bytes, is_seen
from muse_studio.core.tiles import BlockPatch, TilePatch
from muse_studio.core.wishes import Wishes

_ENTRY_BYTES = 400  # a step's own bookkeeping
_LAYER_BYTES = 100  # one entry of a tuple, and the value in it


@dataclass(frozen=True, slots=True, eq=False)
class MaskEdit:
    """Other pixels of the mask."""

    document: Base
    patch: TilePatch | BlockPatch
    change: Change

    @property
    def size_bytes(self) -> int:
        return self.patch.size_bytes

    def swap(self) -> None:
        self.patch.swap(self.document._mask)
        self.document._mask_changed()


@dataclass(frozen=True, slots=True, eq=False)
class InvertEdit:
    """Its own opposite, so nothing is kept."""

    document: Base

    @property
    def change(self) -> Change:
        return Change("Invert mask", self.document.bounds, ChangeKind.MASK)

    @property
    def size_bytes(self) -> int:
        return 0

    def swap(self) -> None:
        np.invert(self.document._mask, out=self.document._mask)
        self.document._mask_changed()


@dataclass(slots=True, eq=False)
class LayersEdit:
    """Other layers.

    merge_key: a later change with the same key belongs to this step; None for steps of their own.
    """

    document: Base
    layers: tuple[Layer, ...]
    active: int
    label: str
    merge_key: Hashable = None
    rect: Rect = field(default_factory=Rect.empty)

    @property
    def change(self) -> Change:
        return Change(self.label, self.rect, ChangeKind.LAYERS)

    @property
    def size_bytes(self) -> int:
        held = held_bytes(self.layers, besides=self.document.layers)
        return held + _ENTRY_BYTES + _LAYER_BYTES * len(self.layers)

    def swap(self) -> None:
        document = self.document
        before, active = document.layers, document.active
        same = {layer.id for layer in before} == {layer.id for layer in self.layers}
        self.rect = document._set_layers(self.layers, active if same else self.active)
        self.layers, self.active = before, active


@dataclass(frozen=True, slots=True, eq=False)
class PixelsEdit:
    """Other pixels in a part of the lone layer: only that part is kept, and the layer's own array is never written."""

    document: Base
    patch: BlockPatch
    label: str

    @property
    def change(self) -> Change:
        return Change(self.label, self.patch.rect, ChangeKind.PICTURE)

    @property
    def size_bytes(self) -> int:
        return self.patch.size_bytes

    def swap(self) -> None:
        document = self.document
        pixels = document.picture.copy()
        self.patch.swap(pixels)
        layers = tuple(layer.with_pixels(pixels) if is_seen(layer) else layer for layer in document.layers)
        document._set_layers(layers, document.active)


@dataclass(slots=True, eq=False)
class StateEdit:
    """Another canvas: its layers, mask and frame as they are; nothing is copied.

    look: how the other state looks, where that was worked out already; of use for one swap.
    """

    document: Base
    other: DocumentState
    label: str
    look: Pixels | None = None

    @property
    def change(self) -> Change:
        return Change(self.label, self.document.bounds, ChangeKind.DOCUMENT)

    @property
    def size_bytes(self) -> int:
        return self.other.mask.nbytes + held_bytes(self.other.layers, besides=self.document.layers) + _ENTRY_BYTES

    def swap(self) -> None:
        before, look = self.document._current(), self.look
        self.look = None
        self.document._become(self.other, look)
        self.other = before


@dataclass(slots=True, eq=False)
class WishesEdit:
    """Other wishes. until_s: the moment (monotonic) after which a change of the same label is a step of its own."""

    document: Base
    wishes: Wishes
    label: str
    until_s: float

    @property
    def change(self) -> Change:
        return Change(self.label, Rect.empty(), ChangeKind.WISHES)

    @property
    def size_bytes(self) -> int:
        return _ENTRY_BYTES + len(self.wishes.prompt) + len(self.wishes.negative_prompt)

    def swap(self) -> None:
        document = self.document
        before, document._wishes = document._wishes, self.wishes
        document.version += 1
        self.wishes = before
