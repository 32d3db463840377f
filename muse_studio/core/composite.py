"""Between the document and the model's 512-px square: cutting the frame out, and pasting a result back without a seam.

Knows nothing about tokens or workers. Outside the mask and its feather the document keeps its bytes.

Where the frame reaches over the document's edge (the document is smaller), the model sees the edge pixels repeated.
Large frames are worked on in strips: a 64 MP document is never copied as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from muse_studio.core.document import Document
from muse_studio.core.geometry import Extent, Rect
from muse_studio.core.limits import FRAME_SIDE_PX
from muse_studio.core.masks import feather as feather  # re-exported: feathering belongs to pasting
from muse_studio.core.masks import painted_bounds, resample_by_maximum
from muse_studio.core.seams import fade_at_edges, match_surroundings

Pixels = NDArray[np.uint8]

FEATHER_PX = 16.0  # in the model's 512 px: two super-resolution cells of blending around the mask
_STRIP_ROWS = 256
_MODEL = Extent(FRAME_SIDE_PX, FRAME_SIDE_PX)


# Out of the document ------------------------------------------------------------------------------------------------


def frame_picture(document: Document) -> Pixels:
    """What the model sees: uint8 [512, 512, 3], resampled by Lanczos, transparency over white."""
    return over_white(_model_square(document.picture, _Fit.of(document.frame, document.extent)))


def frame_mask(document: Document) -> Pixels:
    """The mask as the model sees it: uint8 [512, 512]; each pixel the maximum of all document pixels it touches.

    Beyond the document it goes on as at the edge: made-up pixels beside a painted edge must not count as known.
    """
    fit = _Fit.of(document.frame, document.extent)
    return _continued(resample_by_maximum(document.mask_in_frame(), fit.covered))


def export_picture(document: Document) -> Pixels:
    """The frame as a 512×512 picture: uint8 [512, 512, 4] if any of it is transparent, else [512, 512, 3]."""
    return _without_needless_alpha(_model_square(document.picture, _Fit.of(document.frame, document.extent)))


def full_picture(document: Document) -> Pixels:
    """The whole document: uint8 [H, W, 4] if any of it is transparent, else [H, W, 3]."""
    return _without_needless_alpha(document.picture)


def over_white(rgba: Pixels) -> Pixels:
    """uint8 [H, W, 4] straight alpha to uint8 [H, W, 3] on white; opaque pixels keep their bytes."""
    if _is_opaque(rgba):
        return np.ascontiguousarray(rgba[..., :3])
    weight = rgba[..., 3:].astype(np.uint16)
    return _over_255(rgba[..., :3] * weight + 255 * (255 - weight))


def _without_needless_alpha(rgba: Pixels) -> Pixels:
    return np.ascontiguousarray(rgba[..., :3] if _is_opaque(rgba) else rgba)


def _is_opaque(rgba: Pixels) -> bool:
    return int(rgba[..., 3].min(initial=255)) == 255


def _over_255(products: NDArray[np.uint16]) -> Pixels:
    """Divided by 255 and rounded, without a division: products up to 255 * 255."""
    products += 128
    return ((products + (products >> 8)) >> 8).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class _Fit:
    """Where a frame lies in a document.

    inside:  the part of the frame that has pixels, in document pixels.
    covered: how much of the model's 512 px, from the upper left corner, that part fills.
    """

    inside: Rect
    covered: Extent

    @classmethod
    def of(cls, frame: Rect, extent: Extent) -> _Fit:
        inside = frame.intersect(Rect.of(extent))
        share = FRAME_SIDE_PX / max(1, frame.width)
        width, height = (min(FRAME_SIDE_PX, max(1, round(length * share))) for length in (inside.width, inside.height))
        return cls(inside, Extent(width, height))

    def to_document(self, area: Rect) -> Rect:
        """The document pixels that a rectangle of the model's pixels can reach when scaled linearly."""
        across, down = self.inside.width / self.covered.width, self.inside.height / self.covered.height
        grown = area.expand(1)
        reach = Rect.around(grown.x * across - 1, grown.y * down - 1, grown.right * across + 1, grown.bottom * down + 1)
        return reach.translate(self.inside.x, self.inside.y).intersect(self.inside)

    def scaled(self, square: Pixels, area: Rect, how: Image.Resampling) -> Pixels:
        """The part `area` (document pixels) of the model's square [512, 512, ...], scaled to the document."""
        if (self.covered.width, self.covered.height) == (self.inside.width, self.inside.height):
            return square[area.translate(-self.inside.x, -self.inside.y).slices]
        across, down = self.covered.width / self.inside.width, self.covered.height / self.inside.height
        left, top = (area.x - self.inside.x) * across, (area.y - self.inside.y) * down
        right, bottom = (area.right - self.inside.x) * across, (area.bottom - self.inside.y) * down
        source = np.ascontiguousarray(square[: self.covered.height, : self.covered.width])
        box = (left, top, min(right, self.covered.width), min(bottom, self.covered.height))
        return np.asarray(Image.fromarray(source).resize((area.width, area.height), how, box=box))


def _model_square(picture: Pixels, fit: _Fit) -> Pixels:
    """uint8 [512, 512, 4] of the frame in `picture` [H, W, 4]; beyond the document its edge is repeated."""
    return _continued(resampled(picture[fit.inside.slices], fit.covered))


def _continued(pixels: Pixels) -> Pixels:
    """[h, w, ...] up to 512 continued by its last row and column to [512, 512, ...]."""
    below, beside = FRAME_SIDE_PX - pixels.shape[0], FRAME_SIDE_PX - pixels.shape[1]
    margins = ((0, below), (0, beside), (0, 0))[: pixels.ndim]
    return np.pad(pixels, margins, mode="edge") if below or beside else pixels


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
    generated: uint8 [S, S, 3], what the model made of the frame (any S).
    alpha:     uint8 [512, 512] or [frame.height, frame.width]: share of the generated pixel, of 255.
    """
    result = original.copy()
    patch = _blended(original, frame, generated, alpha)
    if patch is not None:
        area, pixels = patch
        result[area.slices] = pixels
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
    mask:       uint8 [512, 512] of the request, or [frame.height, frame.width] in document pixels.
    generated:  uint8 [S, S, 3].
    feather_px: how far around the mask pixels may change, in the model's 512 px.
    """
    patch = result_patch(document.picture, frame, mask, generated, feather_px)
    return Rect.empty() if patch is None else document.apply_pixels(*patch, label)


def result_patch(
    picture: Pixels, frame: Rect, mask: Pixels, generated: Pixels, feather_px: float = FEATHER_PX
) -> tuple[Rect, Pixels] | None:
    """What `apply_result` would put into `picture` [H, W, 4]: (where, uint8 [h, w, 4]); None if nothing.

    It only reads, so a window may call it in a thread (a second for 64 MP) and apply the pixels afterwards.
    """
    extent = Extent(picture.shape[1], picture.shape[0])
    alpha = result_alpha(mask, frame, extent, feather_px)
    fit = _Fit.of(frame, extent)
    if fit.inside.is_empty or not alpha.any():
        return None
    known = over_white(_model_square(picture, fit))
    matched = match_surroundings(resampled(generated, _MODEL), known, resample_by_maximum(mask, _MODEL))
    return _blended(picture, frame, matched, alpha)


def result_alpha(mask: Pixels, frame: Rect, extent: Extent, feather_px: float = FEATHER_PX) -> Pixels:
    """Alpha for pasting a result of this mask: uint8 [512, 512].

    The feathered mask; where it is cut by an edge of the frame that lies inside the document, it fades out before that
    edge, so that a mask painted across the frame shows no straight seam.
    """
    alpha = feather(resample_by_maximum(mask, _MODEL), feather_px - 2.0)  # scaling there and back reaches a pixel each
    return fade_at_edges(
        alpha,
        top=frame.y > 0,
        bottom=frame.bottom < extent.height,
        left=frame.x > 0,
        right=frame.right < extent.width,
    )


def _blended(original: Pixels, frame: Rect, generated: Pixels, alpha: Pixels) -> tuple[Rect, Pixels] | None:
    """(area in document pixels, its new pixels uint8 [h, w, 4]); None if alpha is 0 everywhere."""
    fit = _Fit.of(frame, Extent(original.shape[1], original.shape[0]))
    if alpha.shape == (frame.height, frame.width):
        area = painted_bounds(alpha[: fit.inside.height, : fit.inside.width]).translate(fit.inside.x, fit.inside.y)
    else:
        area = fit.to_document(painted_bounds(alpha)) if alpha.any() else Rect.empty()
    if area.is_empty or fit.inside.is_empty:
        return None
    square = resampled(generated, _MODEL)
    result = np.empty((area.height, area.width, 4), np.uint8)
    for top in range(area.y, area.bottom, _STRIP_ROWS):
        strip = Rect.between(area.x, top, area.right, min(area.bottom, top + _STRIP_ROWS))
        fresh = fit.scaled(square, strip, Image.Resampling.BICUBIC)
        share = _alpha_of(alpha, frame, fit, strip)
        result[top - area.y : strip.bottom - area.y] = _over(fresh, share, original[strip.slices])
    return area, result


def _alpha_of(alpha: Pixels, frame: Rect, fit: _Fit, area: Rect) -> Pixels:
    """Alpha of some document pixels. Scaled linearly: no ringing, and no further than one of its own pixels."""
    if alpha.shape == (frame.height, frame.width):
        return alpha[area.translate(-fit.inside.x, -fit.inside.y).slices]
    return fit.scaled(alpha, area, Image.Resampling.BILINEAR)


def _over(fresh: Pixels, alpha: Pixels, before: Pixels) -> Pixels:
    """Opaque `fresh` [h, w, 3] with `alpha` [h, w] over straight-alpha `before` [h, w, 4]; where it is 0, `before`."""
    if not _is_opaque(before):
        return _over_transparent(fresh, alpha, before)
    weight = alpha.astype(np.uint16)[..., None]
    result = before.copy()
    result[..., :3] = _over_255(fresh * weight + before[..., :3] * (255 - weight))  # exactly `before` for weight 0
    return result


def _over_transparent(fresh: Pixels, alpha: Pixels, before: Pixels) -> Pixels:
    weight = alpha.astype(np.float32)[..., None] / 255
    under = before[..., 3:].astype(np.float32) / 255 * (1 - weight)
    together = weight + under
    colour = (fresh * weight + before[..., :3] * under) / np.maximum(together, 1e-6)
    mixed = np.concatenate([colour, together * 255], axis=2) + 0.5
    return np.where(alpha[..., None] > 0, mixed.astype(np.uint8), before)
