"""Anything that an artist may do to a document, at random, and what must be true of it afterwards."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from hypothesis import strategies as st

from muse_studio.core.brush import Brush
from muse_studio.core.document import Document, DocumentState
from muse_studio.core.geometry import Extent, Point, Rect
from muse_studio.core.layers import Variation, over
from muse_studio.core.wishes import Wishes
from tests.corpus import pictures as corpus

Action = Callable[[Document], object]
WIDTH, HEIGHT = 90, 70


def noise(width: int, height: int, seed: int = 0, *, opaque: bool = False) -> np.ndarray:
    """uint8 [H, W, 4] of which a part is wholly transparent and a part wholly opaque."""
    pixels = corpus.noise(width, height, 4, seed)
    alpha = pixels[..., 3].astype(int) * 3 - 255
    pixels[..., 3] = 255 if opaque else np.clip(alpha, 0, 255)
    return pixels


def slow_picture(state: DocumentState) -> np.ndarray:
    """The document as it must look, layer after layer over the whole canvas, in whole numbers by `over`."""
    result = np.zeros((state.extent.height, state.extent.width, 4), np.uint8)
    first = True
    for layer in state.layers:
        if not layer.visible or layer.opacity == 0:
            continue
        area = layer.place.intersect(state.bounds)
        if not area.is_empty:
            fresh = layer.pixels[area.translate(-layer.place.x, -layer.place.y).slices].copy()
            fresh[..., 3] = np.floor(fresh[..., 3] * layer.opacity + 0.5)
            result[area.slices] = fresh if first else over(result[area.slices], fresh)
        first = False
    return result


def state_of(document: Document) -> tuple[object, ...]:
    """Everything that undo must bring back, as bytes."""
    layers = tuple(
        (
            one.id,
            one.name,
            one.place,
            one.chosen,
            one.visible,
            one.opacity,
            *(v.pixels.tobytes() for v in one.variations),
        )
        for one in document.layers
    )
    return document.extent, document.picture.tobytes(), document.mask.tobytes(), layers, document.wishes


# What artists do ------------------------------------------------------------------------------------------------------

seeds = st.integers(0, 50)
places = st.builds(Rect, st.integers(-60, 100), st.integers(-60, 80), st.integers(1, 80), st.integers(1, 80))


def on_some_layer(pick: int, act: Callable[[Document, int], object]) -> Action:
    return lambda document: act(document, document.layers[pick % len(document.layers)].id) if document.layers else None


def add_result(document: Document, place: Rect, seed: int, grow: bool) -> object:
    made = [Variation(noise(place.width, place.height, seed + number)) for number in range(3)]
    canvas = document.bounds.union(place) if grow else None
    return document.add_result(place, made, "A fox", canvas=canvas)


def stroke(document: Document, x: float, y: float) -> object:
    document.begin_stroke(Brush(30, 0.5))
    document.stroke_to(Point(x, y))
    return document.end_stroke()


changes = st.fixed_dictionaries(
    {},
    optional={
        "name": st.text(max_size=8),
        "visible": st.booleans(),
        "opacity": st.sampled_from([0.0, 0.3, 0.5, 1.0]),
        "gesture": st.sampled_from(["drag", "another"]),
    },
)
additions = st.one_of(
    st.builds(
        lambda place, seed: lambda d: d.add_layer(noise(place.width, place.height, seed), place, "New"), places, seeds
    ),
    st.builds(lambda place, seed, grow: lambda d: add_result(d, place, seed, grow), places, seeds, st.booleans()),
)
layer_edits = st.builds(
    on_some_layer,
    seeds,
    st.one_of(
        st.builds(lambda values: lambda d, one: d.change_layer(one, "Change", **values), changes),
        st.builds(lambda index: lambda d, one: d.move_layer(one, index), st.integers(-1, 6)),
        st.builds(lambda x, y: lambda d, one: move_by(d, one, x, y), st.integers(-30, 30), st.integers(-30, 30)),
        st.builds(
            lambda n: lambda d, one: d.change_layer(one, "Choose", chosen=n % len(d.layer(one).variations)), seeds
        ),
        st.sampled_from(
            [
                Document.remove_layer,
                Document.duplicate_layer,
                lambda d, one: d.merge_down(one) if d.can_merge_down(one) else None,
                lambda d, one: d.set_active(one),
                lambda d, one: d.flatten(),
            ]
        ),
    ),
)
canvas_edits = st.one_of(
    st.builds(lambda rect: lambda d: d.crop(rect) if not rect.intersect(d.bounds).is_empty else None, places),
    st.builds(lambda rect: lambda d: d.resize_canvas(rect), places),
    st.builds(lambda w, h: lambda d: d.scale(Extent(w, h)), st.integers(1, 150), st.integers(1, 150)),
    st.builds(lambda quarters: lambda d: d.rotate(quarters), st.integers(-3, 5)),
    st.builds(lambda across: lambda d: d.flip(across), st.booleans()),
    st.builds(lambda seed: lambda d: d.replace_picture(noise(40, 50, seed), "New picture"), seeds),
)
other_edits = st.one_of(
    st.builds(lambda x, y: lambda d: stroke(d, x, y), st.floats(-10, 100), st.floats(-10, 80)),
    st.sampled_from([Document.invert_mask, Document.clear_mask, Document.fill_mask]),
    st.builds(lambda seed: lambda d: d.set_wishes(Wishes(prompt=str(seed)), "Prompt"), seeds),
    st.builds(
        lambda place, seed: lambda d: d.apply_pixels(place, noise(place.width, place.height, seed), "Paste"),
        places,
        seeds,
    ),
    st.builds(lambda x, y: lambda d: d.set_frame(Rect(x, y, 100, 100)), st.integers(-200, 200), st.integers(-200, 200)),
)
actions = st.lists(st.one_of(additions, layer_edits, layer_edits, canvas_edits, other_edits), max_size=9)


def move_by(document: Document, layer_id: int, x: int, y: int) -> object:
    return document.change_layer(layer_id, "Move", place=document.layer(layer_id).place.translate(x, y))
