"""What a document looked like before its newest layers: the other side of a comparison. Knows nothing of windows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from muse_studio.core.geometry import Extent, Rect
from muse_studio.core.layers import Layer, compose, is_seen


def layers_below(layers: Sequence[Layer], active: int) -> tuple[Layer, ...]:
    """The layers under the active one; all but the topmost if the active one is the lowest."""
    index = next((place for place, layer in enumerate(layers) if layer.id == active), 0)
    return tuple(layers[: index or max(1, len(layers) - 1)])


def layers_without_newest_result(layers: Sequence[Layer], active: int) -> tuple[Layer, ...]:
    """All but the visible result that came last; if there is none, those below the active layer."""
    results = [layer.id for layer in layers if is_seen(layer) and "request" in layer.variations[layer.chosen].facts]
    if not results:
        return layers_below(layers, active)
    return tuple(layer for layer in layers if layer.id != max(results))


def look_of(layers: Sequence[Layer], extent: Extent) -> NDArray[np.uint8]:
    """uint8 [H, W, 4]: these layers on a canvas of this extent."""
    pixels = np.zeros((extent.height, extent.width, 4), np.uint8)
    compose(layers, Rect.of(extent), pixels)
    return pixels
