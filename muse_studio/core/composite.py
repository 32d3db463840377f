"""Between the document and the model's square of S px: cutting the frame out, and results that show no seam.

S is `request.frame_side` of the size that is asked for: 512, or what a larger result has. Knows nothing about tokens or
workers. Outside the mask and its feather the document keeps its bytes.

Where the frame reaches over the canvas, the model sees the edge pixels repeated, and the mask says that they are to be
made anew. Large frames are worked on in strips: a 64 MP document is never copied as a whole.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from muse_studio.core.document import Document, Moment
from muse_studio.core.document.state import check_canvas
from muse_studio.core.geometry import Extent, Rect
from muse_studio.core.layers import is_opaque, over
from muse_studio.core.limits import FRAME_SIDE_LEAST_PX, FRAME_SIDE_PX
from muse_studio.core.masks import feather as feather  # re-exported: feathering belongs to pasting
from muse_studio.core.masks import painted_bounds, resample_by_maximum
from muse_studio.core.request import frame_side
from muse_studio.core.seams import fade_at_edges, match_surroundings

Pixels = NDArray[np.uint8]

FEATHER_PX = (
    16.0  # in the model's px: two super-resolution cells, or the cell of one stage, of blending around the mask
)
_STRIP_ROWS = 256


# Out of the document ------------------------------------------------------------------------------------------------


def frame_picture(document: Document | Moment, side: int = FRAME_SIDE_PX) -> Pixels:
    """What the model sees: uint8 [S, S, 3], S being `side`, resampled by Lanczos, transparency over white."""
    return over_white(_model_square(document.picture_in_frame(), _Fit.of(document.frame, document.extent, side)))


def frame_mask(document: Document | Moment, side: int = FRAME_SIDE_PX, *, continued: bool = False) -> Pixels:
    """The mask as the model sees it: uint8 [side, side]; each pixel the maximum of all document pixels it touches.

    What lies beyond the canvas is unknown, so it counts as painted, and with it every pixel that touches it. Only where
    the document is shorter than any frame it goes on as at the edge, since nobody chose to look beyond; there, and with
    `continued` everywhere, made-up pixels beside a painted edge don't count as known.
    """
    fit = _Fit.of(document.frame, document.extent, side)
    window = fit.frame.translate(-fit.inside.x, -fit.inside.y)
    mask = resample_by_maximum(document.mask_in_frame(), fit.square, window)
    seen = fit.seen_whole
    if not continued and document.extent.width >= FRAME_SIDE_LEAST_PX:
        mask[:, : seen.x] = mask[:, seen.right :] = 255
    if not continued and document.extent.height >= FRAME_SIDE_LEAST_PX:
        mask[: seen.y] = mask[seen.bottom :] = 255
    return mask


def export_picture(document: Document, side: int = FRAME_SIDE_PX) -> Pixels:
    """The frame as a picture of `side` px: uint8 [S, S, 4] if any of it is transparent, else [S, S, 3]."""
    fit = _Fit.of(document.frame, document.extent, side)
    return _without_needless_alpha(_model_square(document.picture_in_frame(), fit))


def full_picture(document: Document) -> Pixels:
    """The whole document: uint8 [H, W, 4] if any of it is transparent, else [H, W, 3]."""
    return _without_needless_alpha(document.picture)


def over_white(rgba: Pixels) -> Pixels:
    """uint8 [H, W, 4] straight alpha to uint8 [H, W, 3] on white; opaque pixels keep their bytes."""
    if is_opaque(rgba):
        return np.ascontiguousarray(rgba[..., :3])
    weight = rgba[..., 3:].astype(np.uint16)
    return _over_255(rgba[..., :3] * weight + 255 * (255 - weight))


def _without_needless_alpha(rgba: Pixels) -> Pixels:
    return np.ascontiguousarray(rgba[..., :3] if is_opaque(rgba) else rgba)


def _over_255(products: NDArray[np.uint16]) -> Pixels:
    """Divided by 255 and rounded, without a division: products up to 255 * 255."""
    products += 128
    return ((products + (products >> 8)) >> 8).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class _Fit:
    """Where the model's square lies in a document.

    frame:  the square, in document pixels; inside: the part of it that has pixels.
    side:   of the square in the model's pixels, S.
    """

    frame: Rect
    inside: Rect
    side: int

    @classmethod
    def of(cls, frame: Rect, extent: Extent, side: int) -> _Fit:
        return cls(frame, frame.intersect(Rect.of(extent)), side)

    @property
    def scale(self) -> float:
        """Document pixels of one of the model's."""
        return self.frame.width / self.side

    @property
    def square(self) -> Extent:
        return Extent(self.side, self.side)

    @property
    def seen(self) -> Rect:
        """The model's pixels that touch the document."""
        left, top = self.inside.x - self.frame.x, self.inside.y - self.frame.y
        right, bottom = self.inside.right - self.frame.x, self.inside.bottom - self.frame.y
        return Rect.around(left / self.scale, top / self.scale, right / self.scale, bottom / self.scale)

    @property
    def seen_whole(self) -> Rect:
        """The model's pixels that lie on the document wholly."""
        left, top = self.inside.x - self.frame.x, self.inside.y - self.frame.y
        right, bottom = self.inside.right - self.frame.x, self.inside.bottom - self.frame.y
        edges = math.ceil(left / self.scale), math.ceil(top / self.scale)
        return Rect.between(*edges, math.floor(right / self.scale), math.floor(bottom / self.scale))

    def to_document(self, area: Rect, limit: Rect) -> Rect:
        """The document pixels inside `limit` that a rectangle of the model's can reach when scaled linearly."""
        grown = area.expand(1)
        edges = (edge * self.scale for edge in (grown.x, grown.y, grown.right, grown.bottom))
        left, top, right, bottom = edges
        reach = Rect.around(left - 1, top - 1, right + 1, bottom + 1)
        return reach.translate(self.frame.x, self.frame.y).intersect(limit)

    def scaled(self, square: Pixels, area: Rect, how: Image.Resampling) -> Pixels:
        """The part `area` (document pixels, inside the frame) of the model's square [S, S, ...], scaled."""
        part = area.translate(-self.frame.x, -self.frame.y)
        if self.frame.width == self.side:
            return square[part.slices]
        edges = (edge / self.scale for edge in (part.x, part.y, part.right, part.bottom))
        left, top, right, bottom = (min(max(edge, 0.0), float(self.side)) for edge in edges)
        image = Image.fromarray(np.ascontiguousarray(square))
        return np.asarray(image.resize((area.width, area.height), how, box=(left, top, right, bottom)))


def _model_square(pixels: Pixels, fit: _Fit) -> Pixels:
    """uint8 [S, S, 4] of the frame, from what lies inside [h, w, 4]; beyond the document its edge is repeated."""
    if fit.inside == fit.frame:
        return resampled(pixels, fit.square)
    seen = fit.seen
    if fit.scale != 1:
        pixels = _seen_pixels(pixels, fit, seen)
    margins = ((seen.y, fit.side - seen.bottom), (seen.x, fit.side - seen.right), (0, 0))
    return np.pad(pixels, margins, mode="edge")


def _seen_pixels(pixels: Pixels, fit: _Fit, seen: Rect) -> Pixels:
    """The document's part of the frame in the model's pixels, each exactly where the square has it.

    The outermost of them may reach over the document by less than a pixel of their own: its edge is repeated there.
    """
    factor = max(1, math.floor(fit.scale) // 3)
    image = _shrunk(pixels, factor) if factor > 1 else Image.fromarray(np.ascontiguousarray(pixels))
    margin = math.ceil(fit.scale / factor) + 1
    padded = np.pad(np.asarray(image), ((margin, margin), (margin, margin), (0, 0)), mode="edge")
    starts = (fit.inside.x - fit.frame.x, fit.inside.y - fit.frame.y) * 2
    edges = (seen.x, seen.y, seen.right, seen.bottom)
    left, top, right, bottom = (
        (edge * fit.scale - start) / factor + margin for edge, start in zip(edges, starts, strict=True)
    )
    box = (left, top, min(right, padded.shape[1]), min(bottom, padded.shape[0]))
    target = (seen.width, seen.height)
    return np.asarray(Image.fromarray(padded).resize(target, Image.Resampling.LANCZOS, box=box))


def resampled(pixels: Pixels, extent: Extent) -> Pixels:
    """uint8 [H, W, 3 or 4] in another extent by Lanczos, colours weighted by alpha; the same extent keeps its bytes."""
    if pixels.shape[:2] == (extent.height, extent.width):
        return np.ascontiguousarray(pixels)
    factor = min(pixels.shape[1] // extent.width, pixels.shape[0] // extent.height) // 3
    image = _shrunk(pixels, factor) if factor > 1 else Image.fromarray(np.ascontiguousarray(pixels))
    return np.asarray(image.resize((extent.width, extent.height), Image.Resampling.LANCZOS))


def _shrunk(pixels: Pixels, factor: int) -> Image.Image:
    """Averaged over squares of `factor` pixels, strip by strip: Lanczos needs no more than three times its target."""
    height, width, channels = pixels.shape
    mode, weighted = ("RGB", "RGB") if channels == 3 else ("RGBA", "RGBa")
    result = Image.new(mode, (-(-width // factor), -(-height // factor)))
    rows = _STRIP_ROWS // factor * factor or factor
    for top in range(0, height, rows):
        strip = Image.fromarray(np.ascontiguousarray(pixels[top : top + rows]))
        result.paste(strip.convert(weighted).reduce(factor).convert(mode), (0, top // factor))
    return result


# Back into the document ---------------------------------------------------------------------------------------------


def paste(original: Pixels, frame: Rect, generated: Pixels, alpha: Pixels) -> Pixels:
    """A copy of `original` with the model's square blended in; bit-identical where alpha is 0 and outside the frame.

    original:  uint8 [H, W, 4], the whole document.
    generated: uint8 [n, n, 3], what the model made of the frame (any n).
    alpha:     uint8 [S, S] with S `working_side` of it, or [frame.height, frame.width]: share of the generated pixel.
    """
    result = original.copy()
    fit = _Fit.of(frame, Extent(original.shape[1], original.shape[0]), working_side(generated))
    area = _reach(alpha, fit, fit.inside)
    if not area.is_empty:
        result[area.slices] = over(original[area.slices], _cut(resampled(generated, fit.square), alpha, fit, area))
    return result


def apply_result(
    document: Document,
    frame: Rect,
    mask: Pixels,
    generated: Pixels,
    label: str = "Generate",
    feather_px: float = FEATHER_PX,
) -> Rect:
    """Paste a result into the document as one undo step; returns what changed (empty for an empty mask).

    frame:      the frame when the result was asked for; it may have moved since.
    mask:       uint8 [S, S] of the request, or [frame.height, frame.width] in document pixels.
    generated:  uint8 [n, n, 3], any n.
    feather_px: how far around the mask pixels may change, in the model's px.
    """
    patch = result_patch(document.picture, frame, mask, generated, feather_px)
    return Rect.empty() if patch is None else document.apply_pixels(*patch, label)


def result_patch(
    picture: Pixels, frame: Rect, mask: Pixels, generated: Pixels, feather_px: float = FEATHER_PX
) -> tuple[Rect, Pixels] | None:
    """What `apply_result` would put into `picture` [H, W, 4]: (where, uint8 [h, w, 4]); None if nothing.

    It only reads, so a window may call it in a thread (a second for 64 MP) and apply the pixels afterwards.
    """
    extent, side = Extent(picture.shape[1], picture.shape[0]), working_side(generated)
    fit = _Fit.of(frame, extent, side)
    seen = frame_seen(picture, frame, side) if mask.any() else None
    shown = _shown(Made(generated, mask), fit, extent, seen, beyond=True, feather_px=feather_px)
    area = Rect.empty() if shown is None else _reach(shown.alpha, fit, fit.inside)
    if shown is None or area.is_empty:
        return None
    return area, over(picture[area.slices], _cut(shown.square, shown.alpha, fit, area))


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """What the model made of a frame, and how much of it there is to see.

    square:  uint8 [n, n, 3], any n.
    mask:    uint8 [m, m], any m, above 0 where it replaces what was there; None: everywhere, as it is.
    unknown: uint8 [m, m], any m, above 0 where it is no likeness of what was there; None: under the mask.
    """

    square: Pixels
    mask: Pixels | None
    unknown: Pixels | None = None


def result_layer(
    frame: Rect,
    extent: Extent,
    results: Sequence[Made],
    seen: Pixels | None = None,
    *,
    beyond: bool = True,
    feather_px: float = FEATHER_PX,
) -> tuple[Rect, list[Pixels]] | None:
    """Results of one request as pixels of a layer: (place, uint8 [h, w, 4] of each); None if nothing would show.

    frame, extent: when it was asked; place lies inside the frame, and holds no more than what is seen of any result.
    seen:   uint8 [m, m, 3], the frame as the model saw it: colours are matched to it. None: they stay.
    beyond: whether results may be seen outside the canvas.

    Each laid over the document gives what `result_patch` would: alpha is the feathered mask, and where that is 0
    nothing at all. It only reads, so a window may call it in a thread.
    """
    fit = _Fit.of(frame, extent, max(working_side(one.square) for one in results))
    shown = [_shown(one, fit, extent, seen, beyond=beyond, feather_px=feather_px) for one in results]
    place = Rect.empty()
    for one in shown:
        limit = fit.frame if beyond else fit.inside
        place = place.union(fit.frame if one is None else _reach(one.alpha, fit, limit))
    if place.is_empty:
        return None
    pairs = zip(results, shown, strict=True)
    return place, [
        _opaque(resampled(made.square, place.extent)) if one is None else _cut(one.square, one.alpha, fit, place)
        for made, one in pairs
    ]


def working_side(square: Pixels) -> int:
    """S of a result [n, n, 3]: what is small is enlarged before it is fitted to its surroundings."""
    return frame_side(len(square))


def frame_seen(picture: Pixels, frame: Rect, side: int = FRAME_SIDE_PX) -> Pixels | None:
    """What the model would see of a picture [H, W, 4]: uint8 [S, S, 3], S being `side`; None for a frame outside it."""
    fit = _Fit.of(frame, Extent(picture.shape[1], picture.shape[0]), side)
    return None if fit.inside.is_empty else over_white(_model_square(picture[fit.inside.slices], fit))


def outside_in_frame(frame: Rect, extent: Extent, side: int = FRAME_SIDE_PX, *, wholly: bool = False) -> Pixels:
    """uint8 [side, side], 255 in every pixel of the model's square that lies outside the canvas, partly or `wholly`."""
    fit = _Fit.of(frame, extent, side)
    mask = np.full((side, side), 255, np.uint8)
    if not fit.inside.is_empty:
        mask[(fit.seen if wholly else fit.seen_whole).slices] = 0
    return mask


def canvas_for(bounds: Rect, place: Rect) -> Rect | None:
    """The bounds of a canvas on which a layer at `place` is seen whole; None where it is already.

    For `Document.add_result` and `resize_canvas`. MuseStudioError(BAD_REQUEST) past the limits of documents.
    """
    if bounds.contains_rect(place):
        return None
    canvas = bounds.union(place)
    check_canvas(canvas.extent)
    return canvas


@dataclass(frozen=True, slots=True, eq=False)
class _Shown:
    """A result that fits its surroundings: square uint8 [S, S, 3], and how much of it shows, uint8 [S, S]."""

    square: Pixels
    alpha: Pixels


def _shown(
    made: Made, fit: _Fit, extent: Extent, seen: Pixels | None, *, beyond: bool, feather_px: float
) -> _Shown | None:
    """None for a result that replaces everything."""
    if made.mask is None:
        return None
    alpha = result_alpha(made.mask, fit.frame, extent, feather_px, side=fit.side, beyond=beyond)
    square = resampled(made.square, fit.square)
    if seen is None or not alpha.any():
        return _Shown(square, alpha)
    unknown = resample_by_maximum(made.mask if made.unknown is None else made.unknown, fit.square)
    if fit.inside != fit.frame:  # what lies beyond the canvas was made up by repeating its edge
        unknown = np.maximum(unknown, outside_in_frame(fit.frame, extent, fit.side))
    return _Shown(match_surroundings(square, resampled(seen, fit.square), unknown), alpha)


def result_alpha(
    mask: Pixels,
    frame: Rect,
    extent: Extent,
    feather_px: float = FEATHER_PX,
    *,
    side: int = FRAME_SIDE_PX,
    beyond: bool = True,
) -> Pixels:
    """Alpha for pasting a result of this mask: uint8 [side, side]. beyond: whether it may be seen outside the canvas.

    The feathered mask; where it is cut by an edge of the frame that lies inside the document, it fades out before that
    edge, so that a mask painted across the frame shows no straight seam. Beyond the canvas there is nothing to fade to.
    """
    alpha = feather(
        resample_by_maximum(mask, Extent(side, side)), feather_px - 2.0
    )  # scaling there and back reaches a pixel each
    seen = _Fit.of(frame, extent, side).seen_whole
    right, bottom = (edge - (edge < side) for edge in (seen.right, seen.bottom))  # one less, to be scaled
    inside = Rect.between(seen.x + (seen.x > 0), seen.y + (seen.y > 0), right, bottom).slices
    alpha[inside] = fade_at_edges(
        alpha,
        top=frame.y > 0,
        bottom=frame.bottom < extent.height,
        left=frame.x > 0,
        right=frame.right < extent.width,
    )[inside]
    if not beyond and not Rect.of(extent).contains_rect(frame):
        alpha[outside_in_frame(frame, extent, side, wholly=True) > 0] = 0
    return alpha


def _reach(alpha: Pixels, fit: _Fit, limit: Rect) -> Rect:
    """The document pixels inside `limit` that alpha can reach; empty if it is 0 everywhere."""
    if limit.is_empty or not alpha.any():
        return Rect.empty()
    if _is_in_document_pixels(alpha, fit):
        return painted_bounds(alpha).translate(fit.frame.x, fit.frame.y).intersect(limit)
    return fit.to_document(painted_bounds(alpha), limit)


def _is_in_document_pixels(alpha: Pixels, fit: _Fit) -> bool:
    return alpha.shape == (fit.frame.height, fit.frame.width)


def _cut(square: Pixels, alpha: Pixels, fit: _Fit, area: Rect) -> Pixels:
    """The model's square [S, S, 3] with its alpha as pixels of the document: uint8 [area.height, area.width, 4].

    Alpha is scaled linearly: no ringing, and no further than one of its own pixels. Where it is 0 all is 0.
    """
    result = np.empty((area.height, area.width, 4), np.uint8)
    for top in range(area.y, area.bottom, _STRIP_ROWS):
        strip = Rect.between(area.x, top, area.right, min(area.bottom, top + _STRIP_ROWS))
        rows = result[top - area.y : strip.bottom - area.y]
        rows[..., :3] = fit.scaled(square, strip, Image.Resampling.BICUBIC)
        if _is_in_document_pixels(alpha, fit):
            rows[..., 3] = alpha[strip.translate(-fit.frame.x, -fit.frame.y).slices]
        else:
            rows[..., 3] = fit.scaled(alpha, strip, Image.Resampling.BILINEAR)
        rows[rows[..., 3] == 0] = 0
    return result


def _opaque(rgb: Pixels) -> Pixels:
    """uint8 [h, w, 3] to uint8 [h, w, 4]."""
    result = np.full((*rgb.shape[:2], 4), 255, np.uint8)
    result[..., :3] = rgb
    return result
