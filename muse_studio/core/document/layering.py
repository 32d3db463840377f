"""The part of a document that is about its layers: adding, changing, ordering, merging. Knows nothing of masks.

Every method is one undo step, whose name is its `label`, and returns what looks different.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from muse_studio.core.document.base import Base
from muse_studio.core.document.edits import LayersEdit, PixelsEdit
from muse_studio.core.document.state import BACKGROUND, Pixels, check_layers
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.geometry import Rect
from muse_studio.core.layers import Layer, Variation, clean_name, compose, lone_picture
from muse_studio.core.tiles import BlockPatch

_COPY_NAME = "{name} copy"


class LayerPart(Base):
    """Layers of the canvas, bottom first."""

    def set_active(self, layer_id: int) -> None:
        """Which layer commands are about. No undo step: nothing looks different."""
        self._active = self.layer(layer_id).id

    def add_layer(self, pixels: Pixels, place: Rect, name: str, label: str = "Add layer") -> Rect:
        """A layer of uint8 [place.height, place.width, 4] above the active one; it becomes active."""
        return self._add((Variation(pixels),), place, name, label)

    def _add(self, variations: Sequence[Variation], place: Rect, name: str, label: str) -> Rect:
        layer = Layer(self._fresh_id(), clean_name(name) or BACKGROUND, place, tuple(variations))
        return self._edit(self._with(layer), label, layer.id)

    def _with(self, layer: Layer) -> tuple[Layer, ...]:
        """The layers with another above the active one."""
        return self._current().with_layer(layer).layers

    def change_layer(
        self,
        layer_id: int,
        label: str,
        *,
        name: str | None = None,
        visible: bool | None = None,
        opacity: float | None = None,
        chosen: int | None = None,
        place: Rect | None = None,
        gesture: Hashable = None,
    ) -> Rect:
        """Other properties of a layer; None leaves one as it is.

        gesture: changes that name the same one, such as those of one drag of a slider, become one undo step.
        """
        wanted: dict[str, Any] = {"visible": visible, "opacity": opacity, "chosen": chosen, "place": place}
        wanted["name"] = clean_name(name) or None if name is not None else None
        values: dict[str, Any] = {key: value for key, value in wanted.items() if value is not None}
        index = self.index_of(layer_id)
        before = self._layers[index]
        if all(getattr(before, key) == value for key, value in values.items()):
            return Rect.empty()
        after = replace(before, **values)
        layers = (*self._layers[:index], after, *self._layers[index + 1 :])
        return self._edit(layers, label, self._active, None if gesture is None else (layer_id, label, gesture))

    def show_layers(self, shown: Collection[int], label: str = "Show layers") -> Rect:
        """These are visible and no others."""
        layers = tuple(replace(layer, visible=layer.id in shown) for layer in self._layers)
        if all(before.visible == after.visible for before, after in zip(self._layers, layers, strict=True)):
            return Rect.empty()
        return self._edit(layers, label, self._active)

    def move_layer(self, layer_id: int, index: int, label: str = "Move layer") -> Rect:
        """To another place in the row, 0 is the bottom; beyond the ends counts as the ends."""
        layer = self.layer(layer_id)
        others = [other for other in self._layers if other is not layer]
        others.insert(min(max(index, 0), len(others)), layer)
        if tuple(others) == self._layers:
            return Rect.empty()
        return self._edit(tuple(others), label, self._active)

    def remove_layer(self, layer_id: int, label: str = "Delete layer") -> Rect:
        """Without this layer; the one below it becomes active if it was."""
        index = self.index_of(layer_id)
        left = (*self._layers[:index], *self._layers[index + 1 :])
        active = self._active
        if active == layer_id:
            active = left[max(0, index - 1)].id if left else 0
        return self._edit(left, label, active)

    def duplicate_layer(self, layer_id: int, label: str = "Duplicate layer", name: str = _COPY_NAME) -> Rect:
        """The same once more above itself, sharing its pixels; it becomes active. name: `{name}` is the layer's."""
        index = self.index_of(layer_id)
        layer = self._layers[index]
        copy = replace(layer, id=self._fresh_id(), name=clean_name(name.replace("{name}", layer.name)))
        return self._edit((*self._layers[: index + 1], copy, *self._layers[index + 1 :]), label, copy.id)

    def can_merge_down(self, layer_id: int) -> bool:
        """Whether there is a layer below it, and both can be seen."""
        index = self.index_of(layer_id)
        return index > 0 and self._layers[index].visible and self._layers[index - 1].visible

    def merge_down(self, layer_id: int, label: str = "Merge down") -> Rect:
        """One layer of this one and that below it, as they look; it keeps the lower one's name and id.

        MuseStudioError(BAD_REQUEST) where `can_merge_down` says no.
        """
        if not self.can_merge_down(layer_id):
            message = "A layer can be merged into the one below it while both are visible. Show both first."
            raise MuseStudioError(ErrorKind.BAD_REQUEST, message)
        index = self.index_of(layer_id)
        pair = self._layers[index - 1 : index + 1]
        place = pair[0].place.union(pair[1].place)
        pixels = np.empty((place.height, place.width, 4), np.uint8)
        compose(pair, place, pixels)
        merged = Layer(pair[0].id, pair[0].name, place, (Variation(pixels),))
        return self._edit((*self._layers[: index - 1], merged, *self._layers[index + 1 :]), label, merged.id)

    def flatten(self, label: str = "Flatten") -> Rect:
        """One layer that looks as all of them do, byte for byte; hidden ones are dropped."""
        seen = [layer for layer in self._layers if layer.visible]
        if not self._layers or (len(self._layers) == 1 and lone_picture(self._layers, self.bounds) is not None):
            return Rect.empty()
        name = seen[0].name if seen else BACKGROUND  # the buffer itself goes over to it: a lone layer needs none
        flat = Layer(self._fresh_id(), name, self.bounds, (Variation(self.picture),))
        return self._edit((flat,), label, flat.id)

    def apply_pixels(self, rect: Rect, rgba: Pixels, label: str) -> Rect:
        """Put uint8 [rect.height, rect.width, 4] into the picture; parts outside the canvas are left off.

        They replace those of a layer that is all there is; among several layers they become one above all others.
        ValueError if the pixels do not fit the rectangle.
        """
        if rgba.dtype != np.uint8 or rgba.shape != (rect.height, rect.width, 4):
            raise ValueError(f"pixels {rgba.dtype} {rgba.shape} do not fit {rect}")
        self.end_stroke()
        inside = rect.intersect(self.bounds)
        if inside.is_empty:
            return inside
        fresh = rgba[inside.translate(-rect.x, -rect.y).slices]
        if np.array_equal(self.picture[inside.slices], fresh):
            return Rect.empty()
        if lone_picture(self._layers, self.bounds) is not None:
            edit = PixelsEdit(self, BlockPatch(fresh.copy(), inside), label)
            edit.swap()
            self._history.push(edit)
            return inside
        if self._layers:
            self._active = self._layers[-1].id
        return self._add((Variation(fresh.copy()),), inside, label, label)

    def _edit(self, layers: tuple[Layer, ...], label: str, active: int, merge_key: Hashable = None) -> Rect:
        """Take over other layers as one undo step, or as a part of the last one if that has the same key."""
        check_layers(layers)
        self.end_stroke()
        last = self._history.top
        if merge_key is not None and isinstance(last, LayersEdit) and last.merge_key == merge_key:
            return self._set_layers(layers, active)
        edit = LayersEdit(self, layers, active, label, merge_key)
        edit.swap()
        self._active = active
        self._history.push(edit)
        return edit.rect
