"""Layers as values, and how they look laid over each other. Knows nothing of documents, undo or files.

Straight alpha, whole numbers: where a layer's alpha is 0 the bytes below are kept; where it is 255 at full opacity they
are the layer's. The lowest visible layer lies on nothing, so its bytes stay as they are, hidden colours included.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from muse_studio.core import limits
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.geometry import Rect
from muse_studio.core.tokens import TokenState

Pixels = NDArray[np.uint8]

_STRIP_ROWS = 128
_OPAQUE = np.uint32(0xFF000000)  # as little-endian RGBA
_TOKENS_BYTES = 40_000  # of one variation, and what belongs to it: a bound


@dataclass(frozen=True, slots=True, eq=False)
class Variation:
    """One of the pictures that a layer may show. MuseStudioError(BAD_PICTURE) for pixels of another layout.

    pixels: uint8 [h, w, 4], straight alpha, sRGB; kept as a read-only view. Nobody writes into them any more.
    facts:  JSON-able; of a result: {"request": settings, "run": id, "variation": n, "model": name, "seed": n}.
    tokens: those it was made of; None of a picture.
    """

    pixels: Pixels
    facts: Mapping[str, Any] = field(default_factory=dict)
    tokens: TokenState | None = None

    def __post_init__(self) -> None:
        pixels = self.pixels
        if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 4 or pixels.size == 0:
            message = "A layer's pixels have an unknown layout."
            raise MuseStudioError(ErrorKind.BAD_PICTURE, message, f"{pixels.dtype} {pixels.shape}")
        view = pixels.view()
        view.flags.writeable = False
        object.__setattr__(self, "pixels", view)


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """Pixels with a place in the document. A value: every edit makes another with the same id.

    id:         unique in its document, from 1, never used again.
    name:       one line, not empty.
    place:      document pixels of its own; may reach over the canvas' edges.
    variations: at least one, all of place's extent; `chosen` is the one that shows.
    opacity:    0 to 1.

    MuseStudioError(BAD_PICTURE) where these don't fit together.
    """

    id: int
    name: str
    place: Rect
    variations: tuple[Variation, ...]
    chosen: int = 0
    visible: bool = True
    opacity: float = 1.0

    def __post_init__(self) -> None:
        wanted = (self.place.height, self.place.width, 4)
        fitting = self.variations and all(one.pixels.shape == wanted for one in self.variations)
        if not fitting or not 0 <= self.chosen < len(self.variations) or not 0 <= self.opacity <= 1:
            shapes = [one.pixels.shape for one in self.variations]
            message = f"The layer “{self.name}” doesn't fit together: its pixels are of another size than its place."
            raise MuseStudioError(ErrorKind.BAD_PICTURE, message, f"{self.place} {shapes} {self.chosen} {self.opacity}")

    @property
    def pixels(self) -> Pixels:
        """uint8 [h, w, 4] of the chosen variation, read-only."""
        return self.variations[self.chosen].pixels

    def with_pixels(self, pixels: Pixels) -> Layer:
        """Other pixels in the place of those that show; what was known of their making isn't true any more."""
        fresh = (*self.variations[: self.chosen], Variation(pixels), *self.variations[self.chosen + 1 :])
        return replace(self, variations=fresh)


def clean_name(name: str) -> str:
    """One line without control characters, at most LAYER_NAME_LIMIT_CHARACTERS. May be empty."""
    line = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    return line[: limits.LAYER_NAME_LIMIT_CHARACTERS].rstrip()


def held_bytes(layers: Sequence[Layer], besides: Sequence[Layer] = ()) -> int:
    """Memory that these layers hold; pixels that `besides` hold too are not counted."""
    known = {id(one) for layer in besides for one in layer.variations}
    mine = {id(one): one for layer in layers for one in layer.variations if id(one) not in known}
    return sum(one.pixels.nbytes + (_TOKENS_BYTES if one.tokens is not None else 0) for one in mine.values())


# How they look ------------------------------------------------------------------------------------------------------


def changed_area(before: Sequence[Layer], after: Sequence[Layer]) -> Rect:
    """A rectangle around all that looks different, in document pixels."""
    old, new = _looks(before), _looks(after)
    while old and new and old[0] == new[0]:
        del old[0], new[0]
    while old and new and old[-1] == new[-1]:
        del old[-1], new[-1]
    area = Rect.empty()
    for _, place, _, _ in (*old, *new):
        area = area.union(place)
    return area


def _looks(layers: Sequence[Layer]) -> list[tuple[int, Rect, float, bool]]:
    """Of each visible layer all that matters, and whether it is the lowest: only that one keeps hidden colours."""
    seen = [one for one in layers if is_seen(one)]
    return [(id(one.variations[one.chosen]), one.place, one.opacity, one is seen[0]) for one in seen]


def is_seen(layer: Layer) -> bool:
    return layer.visible and layer.opacity > 0


def lone_picture(layers: Sequence[Layer], bounds: Rect) -> Pixels | None:
    """The pixels that are all there is to see: those of the only visible layer, if it covers `bounds` and no more."""
    seen = [layer for layer in layers if is_seen(layer)]
    if len(seen) != 1 or seen[0].opacity < 1 or seen[0].place != bounds:
        return None
    return seen[0].pixels


def compose(layers: Sequence[Layer], area: Rect, out: Pixels) -> None:
    """Write how the visible layers look in `area` (document pixels) into uint8 [area.height, area.width, 4]."""
    seen = [layer for layer in layers if is_seen(layer) and not layer.place.intersect(area).is_empty]
    lowest = next((layer for layer in layers if is_seen(layer)), None)
    for top in range(area.y, area.bottom, _STRIP_ROWS):
        strip = Rect.between(area.x, top, area.right, min(area.bottom, top + _STRIP_ROWS))
        target = out[strip.translate(-area.x, -area.y).slices]
        start = _cover(seen, strip)
        if start is None:
            target[...] = 0
        for layer in seen[start or 0 :]:
            part = layer.place.intersect(strip)
            if not part.is_empty:
                fresh = layer.pixels[part.translate(-layer.place.x, -layer.place.y).slices]
                spot = target[part.translate(-strip.x, -strip.y).slices]
                spot[...] = faded(fresh, layer.opacity) if layer is lowest else over(spot, fresh, layer.opacity)


def _cover(layers: Sequence[Layer], strip: Rect) -> int | None:
    """Index of the highest layer under which nothing shows in `strip`; None if there is none."""
    for index in reversed(range(len(layers))):
        place = layers[index].place
        if layers[index].opacity < 1 or not place.contains_rect(strip):
            continue
        if is_opaque(layers[index].pixels[strip.translate(-place.x, -place.y).slices]):
            return index
    return None


def over(below: Pixels, above: Pixels, opacity: float = 1.0) -> Pixels:
    """uint8 [h, w, 4] over [h, w, 4], straight alpha. May give back `below` or `above` itself."""
    above = faded(above, opacity)
    if is_opaque(above):
        return above
    if not above[..., 3].any():
        return below
    pair = (Image.fromarray(np.ascontiguousarray(pixels)) for pixels in (below, above))
    return np.asarray(Image.alpha_composite(*pair))


def faded(pixels: Pixels, opacity: float) -> Pixels:
    """With its alpha times `opacity`, rounded; the same array at full opacity."""
    if opacity == 1:
        return pixels
    shares = (np.arange(256) * opacity + 0.5).astype(np.uint8)
    result = pixels.copy()
    result[..., 3] = shares[pixels[..., 3]]
    return result


def is_opaque(rgba: Pixels) -> bool:
    """Whether every pixel of uint8 [..., 4] is opaque."""
    if rgba.size == 0 or rgba.strides[-1] != 1:
        return int(rgba[..., 3].min(initial=255)) == 255
    return bool(rgba.view(np.uint32).min() >= _OPAQUE)
