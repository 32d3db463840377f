"""Whole documents cropped, enlarged, scaled, turned and mirrored: from one state to another. Knows nothing of undo.

Layers, mask and frame go together. These functions only read, so a window may call them in a thread. Tokens belong to
pixels as they were made: they go where pixels are scaled, cut or turned; what else is known of a result stays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
from PIL import Image

from muse_studio.core import limits
from muse_studio.core.canvas_transform import CanvasTransform
from muse_studio.core.document.state import DocumentState, Pixels, check_canvas, check_layers, frame_near
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.geometry import Extent, Rect
from muse_studio.core.layers import Layer, Variation


def cropped(state: DocumentState, rect: Rect) -> DocumentState:
    """Only what lies inside `rect` (document pixels); layers are cut to it, and those outside are dropped."""
    area = rect.intersect(state.bounds)
    if area.is_empty:
        message = "There is nothing to crop to: the area lies outside the picture. Move it over the picture."
        raise MuseStudioError(ErrorKind.BAD_REQUEST, message, f"{rect} of {state.extent}")
    layers = tuple(_cut(layer, area) for layer in state.layers if not layer.place.intersect(area).is_empty)
    return _moved(replace(state, layers=layers), area)


def on_canvas(state: DocumentState, rect: Rect) -> DocumentState:
    """The canvas has other bounds, `rect` in the old coordinates; layers keep all their pixels, also outside."""
    return _moved(state, rect)


def _cut(layer: Layer, area: Rect) -> Layer:
    part = layer.place.intersect(area)
    if part == layer.place:
        return layer
    slices = part.translate(-layer.place.x, -layer.place.y).slices
    return _remade(layer, part, lambda pixels: pixels[slices])


def _moved(state: DocumentState, rect: Rect) -> DocumentState:
    """The canvas `rect` of the old one."""
    check_canvas(rect.extent)
    mask = np.zeros((rect.height, rect.width), np.uint8)
    common = rect.intersect(state.bounds)
    if not common.is_empty:
        mask[common.translate(-rect.x, -rect.y).slices] = state.mask[common.slices]
    layers = tuple(replace(layer, place=layer.place.translate(-rect.x, -rect.y)) for layer in state.layers)
    moved = CanvasTransform.shift(-rect.x, -rect.y)
    return _state(state, moved, rect.extent, layers, mask, state.frame.translate(-rect.x, -rect.y))


def scaled(state: DocumentState, extent: Extent) -> DocumentState:
    """The picture in another size: layers by Lanczos, colours weighted by alpha; the mask smoothly."""
    check_canvas(extent)
    across, down = extent.width / state.extent.width, extent.height / state.extent.height

    def place(rect: Rect) -> Rect:
        left, top = round(rect.x * across), round(rect.y * down)
        right, bottom = round(rect.right * across), round(rect.bottom * down)
        return Rect.between(left, top, max(right, left + 1), max(bottom, top + 1))

    places = [place(layer.place) for layer in state.layers]
    size = sum(4 * place.area * len(layer.variations) for layer, place in zip(state.layers, places, strict=True))
    if size > limits.LAYERS_LIMIT_BYTES:
        message = f"At this size all layers would hold {size / 2**30:.1f} GB. Merge some of them first."
        raise MuseStudioError(ErrorKind.BAD_REQUEST, message)
    lanczos = Image.Resampling.LANCZOS
    layers = tuple(
        _remade(layer, place, partial(_resized, extent=place.extent, how=lanczos))
        for layer, place in zip(state.layers, places, strict=True)
    )
    mask = _resized(state.mask, extent, Image.Resampling.BILINEAR)
    change = CanvasTransform.scale(across, down)
    return _state(state, change, extent, layers, mask, change.square(state.frame))


def _resized(pixels: Pixels, extent: Extent, how: Image.Resampling) -> Pixels:
    image = Image.fromarray(np.ascontiguousarray(pixels))
    return np.array(image.resize((extent.width, extent.height), how))


def rotated(state: DocumentState, quarters: int) -> DocumentState:
    """Turned clockwise by quarters of a circle; negative ones turn the other way."""
    width, height = state.extent.width, state.extent.height
    turns = quarters % 4

    def place(rect: Rect) -> Rect:
        if turns == 1:
            return Rect(height - rect.bottom, rect.x, rect.height, rect.width)
        if turns == 2:
            return Rect(width - rect.right, height - rect.bottom, rect.width, rect.height)
        return Rect(rect.y, width - rect.right, rect.height, rect.width) if turns == 3 else rect

    extent = Extent(height, width) if turns % 2 else state.extent
    return _turned(state, CanvasTransform.quarters(state.extent, turns), extent, place)


def flipped(state: DocumentState, *, horizontally: bool) -> DocumentState:
    """Mirrored: left and right exchanged, or top and bottom."""
    width, height = state.extent.width, state.extent.height

    def place(rect: Rect) -> Rect:
        x = width - rect.right if horizontally else rect.x
        return Rect(x, rect.y if horizontally else height - rect.bottom, rect.width, rect.height)

    return _turned(state, CanvasTransform.mirror(state.extent, horizontally=horizontally), state.extent, place)


def _turned(
    state: DocumentState, change: CanvasTransform, extent: Extent, place: Callable[[Rect], Rect]
) -> DocumentState:
    layers = tuple(_remade(layer, place(layer.place), change.turned_view) for layer in state.layers)
    return _state(
        state, change, extent, layers, np.array(change.turned_view(state.mask), order="C"), place(state.frame)
    )


def _remade(layer: Layer, place: Rect, change: Callable[[Pixels], Pixels]) -> Layer:
    """Every variation changed and copied, so that none keeps a larger array alive."""
    variations = tuple(Variation(np.array(change(one.pixels), order="C"), one.facts) for one in layer.variations)
    return replace(layer, place=place, variations=variations)


def _state(
    before: DocumentState,
    change: CanvasTransform,
    extent: Extent,
    layers: tuple[Layer, ...],
    mask: Pixels,
    frame: Rect,
) -> DocumentState:
    check_layers(layers)
    ids = [layer.id for layer in layers]
    active = before.active if before.active in ids else (ids[-1] if ids else 0)
    return replace(
        before,
        extent=extent,
        layers=layers,
        active=active,
        mask=mask,
        frame=frame_near(frame, extent),
        transform=before.transform.then(change),
    )
