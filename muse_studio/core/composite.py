"""Between the document and the model's 512-px square: cutting the frame out, and pasting a result back without a seam.

Knows nothing about tokens or workers. Outside the mask and its feather the document keeps its bytes.

Where the frame reaches over the document's edge (the document is smaller), the model sees the edge pixels repeated.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from muse_studio.core.document import Document
from muse_studio.core.geometry import Extent, Rect
from muse_studio.core.limits import FRAME_SIDE_PX
from muse_studio.core.masks import feather as feather  # re-exported: feathering belongs to pasting
from muse_studio.core.masks import painted_bounds, resample_by_maximum

Pixels = NDArray[np.uint8]

FEATHER_PX = 16.0  # in the model's 512 px: two super-resolution cells of blending around the mask
_FADE_PX = 16  # in the model's 512 px: how far inside an inner frame edge a result that touches it fades out
_FADE_FROM_ALPHA = 48.0  # alpha at the frame's edge from which the fade is complete
_SUMMARY_LEVELS = 7  # 512 / 2**7 = 4 px: colour differences are spread that far


# Out of the document ------------------------------------------------------------------------------------------------


def frame_picture(document: Document) -> Pixels:
    """What the model sees: uint8 [512, 512, 3], resampled by Lanczos, transparency over white."""
    return over_white(_frame_rgba(document))


def frame_mask(document: Document) -> Pixels:
    """The mask as the model sees it: uint8 [512, 512]; each pixel the maximum of all document pixels it touches."""
    frame, inside = document.frame, document.frame_inside
    covered = _covered(frame, inside)
    mask = np.zeros((FRAME_SIDE_PX, FRAME_SIDE_PX), np.uint8)
    mask[: covered.height, : covered.width] = resample_by_maximum(document.mask[inside.slices], covered)
    return mask


def export_picture(document: Document) -> Pixels:
    """The frame as a 512×512 picture: uint8 [512, 512, 4] if any of it is transparent, else [512, 512, 3]."""
    return _without_needless_alpha(_frame_rgba(document))


def full_picture(document: Document) -> Pixels:
    """The whole document: uint8 [H, W, 4] if any of it is transparent, else [H, W, 3]."""
    return _without_needless_alpha(document.picture)


def over_white(rgba: Pixels) -> Pixels:
    """uint8 [H, W, 4] straight alpha to uint8 [H, W, 3] on white; opaque pixels keep their bytes."""
    alpha = rgba[..., 3:]
    if int(alpha.min(initial=255)) == 255:
        return np.ascontiguousarray(rgba[..., :3])
    weight = alpha.astype(np.uint16)
    mixed = rgba[..., :3] * weight + 255 * (255 - weight) + 127
    return (mixed // 255).astype(np.uint8)


def _without_needless_alpha(rgba: Pixels) -> Pixels:
    return np.ascontiguousarray(rgba if int(rgba[..., 3].min()) < 255 else rgba[..., :3])


def _frame_rgba(document: Document) -> Pixels:
    """uint8 [512, 512, 4]. Only pixels inside the document are resampled; the rest repeats their edge."""
    frame, inside = document.frame, document.frame_inside
    covered = _covered(frame, inside)
    scaled = _resampled(document.picture[inside.slices], covered)
    below, beside = FRAME_SIDE_PX - covered.height, FRAME_SIDE_PX - covered.width
    return np.pad(scaled, ((0, below), (0, beside), (0, 0)), mode="edge")


def _covered(frame: Rect, inside: Rect) -> Extent:
    """How much of the 512 px, from the upper left corner, the document fills."""
    share = FRAME_SIDE_PX / frame.width
    return Extent(
        min(FRAME_SIDE_PX, max(1, round(inside.width * share))),
        min(FRAME_SIDE_PX, max(1, round(inside.height * share))),
    )


def _resampled(pixels: Pixels, extent: Extent) -> Pixels:
    """uint8 [H, W, 3 or 4] in another extent; colours are weighted by alpha. The same bytes if nothing changes."""
    if pixels.shape[:2] == (extent.height, extent.width):
        return np.ascontiguousarray(pixels)
    image = Image.fromarray(np.ascontiguousarray(pixels))
    scaled = image.resize((extent.width, extent.height), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return np.asarray(scaled)


# Back into the document ---------------------------------------------------------------------------------------------


def paste(original: Pixels, frame: Rect, generated: Pixels, alpha: Pixels) -> Pixels:
    """A copy of `original` with the model's square blended in; bit-identical where alpha is 0 and outside the frame.

    original:  uint8 [H, W, 4], the whole document.
    generated: uint8 [S, S, 3], what the model made of the frame (any S).
    alpha:     uint8 [512, 512] or [frame.height, frame.width]: share of the generated pixel, of 255.
    """
    result = original.copy()
    inside = frame.intersect(Rect.of(Extent(original.shape[1], original.shape[0])))
    if not inside.is_empty:
        result[inside.slices] = _blended(result[inside.slices], frame, inside, generated, alpha)
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

    frame:     the frame when the result was asked for; it may have moved since.
    mask:      uint8 [512, 512] of the request, or [frame.height, frame.width] in document pixels.
    generated: uint8 [S, S, 3].
    """
    inside = frame.intersect(document.bounds)
    alpha = result_alpha(mask, frame, document.extent, feather_px)
    if inside.is_empty or painted_bounds(alpha).is_empty:
        return Rect.empty()
    before = document.picture[inside.slices]
    matched = match_surroundings(generated, _square(before, frame, inside), _at_model_size(mask))
    return document.apply_pixels(inside, _blended(before, frame, inside, matched, alpha), label)


def result_alpha(mask: Pixels, frame: Rect, extent: Extent, feather_px: float = FEATHER_PX) -> Pixels:
    """Alpha for pasting a result of this mask: uint8 [512, 512].

    The feathered mask; where it is cut by an edge of the frame that lies inside the document, it fades out before that
    edge, so that a mask painted across the frame shows no straight seam.
    """
    alpha = feather(_at_model_size(mask), feather_px - 1.0)  # resampling to the document may reach one pixel further
    inner = (frame.y > 0, frame.bottom < extent.height, frame.x > 0, frame.right < extent.width)
    return _faded(alpha, *inner) if any(inner) else alpha


def match_surroundings(generated: Pixels, before: Pixels, mask: Pixels) -> Pixels:
    """The generated square with its slow colour shifts against the known surroundings taken out.

    The model's square is a reconstruction: outside the mask it should equal `before`, and where it is a little darker or
    warmer there, it is so under the mask as well. The difference known outside is spread smoothly under the mask
    (averaged over ever larger squares, the way a membrane would) and added.

    generated: uint8 [S, S, 3]; before: uint8 [512, 512, 3]; mask: uint8 [512, 512]. Returns uint8 [S, S, 3].
    """
    known = (mask == 0).astype(np.float32)[..., None]
    if generated.shape != before.shape or not known.any() or known.all():
        return generated
    difference = before.astype(np.float32) - generated
    spread = _spread(difference * known, known, _SUMMARY_LEVELS)
    corrected: Pixels = np.clip(generated + spread + 0.5, 0, 255).astype(np.uint8)
    return corrected


def _spread(total: NDArray[np.float32], weight: NDArray[np.float32], levels: int) -> NDArray[np.float32]:
    """Pull and push: [S, S, 3] averages where the weight [S, S, 1] is 1, filled from coarser squares where it is 0."""
    local = total / np.maximum(weight, 1e-6)
    if levels == 0:
        mean = total.sum(axis=(0, 1)) / max(float(weight.sum()), 1e-6)
        return np.where(weight > 0, local, mean).astype(np.float32)
    coarse = _spread(_halved(total), _halved(weight), levels - 1)
    filled = _doubled(coarse)
    # Detail of the known pixels themselves is not wanted: only their slow part crosses into the mask.
    trust = np.minimum(weight, 1.0) * (0.5 if levels <= 4 else 0.0)
    return filled + (local - filled) * trust


def _halved(values: NDArray[np.float32]) -> NDArray[np.float32]:
    quarter: NDArray[np.float32] = values[0::2, 0::2] + values[1::2, 0::2] + values[0::2, 1::2] + values[1::2, 1::2]
    return quarter * np.float32(0.25)


def _doubled(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Twice the size, linear between the centres."""
    for axis in (0, 1):
        moved = np.moveaxis(values, axis, 0)
        before, after = np.concatenate([moved[:1], moved[:-1]]), np.concatenate([moved[1:], moved[-1:]])
        pairs = np.stack([0.75 * moved + 0.25 * before, 0.75 * moved + 0.25 * after], axis=1)
        values = np.moveaxis(pairs.reshape(-1, *moved.shape[1:]), 0, axis)
    return values


def _at_model_size(mask: Pixels) -> Pixels:
    return resample_by_maximum(mask, Extent(FRAME_SIDE_PX, FRAME_SIDE_PX))


def _square(pixels: Pixels, frame: Rect, inside: Rect) -> Pixels:
    """uint8 [512, 512, 3] of the frame's pixels [inside.height, inside.width, 4], as the model saw them."""
    covered = _covered(frame, inside)
    scaled = over_white(_resampled(pixels, covered))
    return np.pad(
        scaled, ((0, FRAME_SIDE_PX - covered.height), (0, FRAME_SIDE_PX - covered.width), (0, 0)), mode="edge"
    )


def _faded(alpha: Pixels, top: bool, bottom: bool, left: bool, right: bool) -> Pixels:
    """Alpha brought down to nothing towards the named edges, only where it reaches them."""
    ramp = np.arange(_FADE_PX, dtype=np.float32) / _FADE_PX
    ramp = ramp * ramp * (3 - 2 * ramp)  # 0 at the edge, 1 inside
    result = alpha.astype(np.float32)
    for wanted, edge in ((top, result), (bottom, result[::-1]), (left, result.T), (right, result.T[::-1])):
        if wanted:
            reach = np.minimum(edge[0] / _FADE_FROM_ALPHA, 1.0)[None, :]
            edge[:_FADE_PX] *= 1.0 - reach * (1.0 - ramp[:, None])
    return (result + 0.5).astype(np.uint8)


def _blended(before: Pixels, frame: Rect, inside: Rect, generated: Pixels, alpha: Pixels) -> Pixels:
    """uint8 [inside.height, inside.width, 4]: `before` with the frame's share of the generated square over it."""
    share = _fit_alpha(alpha, frame, inside)
    area = painted_bounds(share)
    result = before.copy()
    if area.is_empty:
        return result
    fresh = _fit_square(generated, frame, inside)[area.slices]
    result[area.slices] = _over(fresh, share[area.slices], before[area.slices])
    return result


def _over(fresh: Pixels, alpha: Pixels, before: Pixels) -> Pixels:
    """Opaque `fresh` [h, w, 3] with `alpha` [h, w] over straight-alpha `before` [h, w, 4]; its bytes where alpha is 0."""
    weight = alpha.astype(np.float32)[..., None] / 255
    under = before[..., 3:].astype(np.float32) / 255 * (1 - weight)
    together = weight + under
    colour = (fresh * weight + before[..., :3] * under) / np.maximum(together, 1e-6)
    mixed = np.concatenate([colour, together * 255], axis=2) + 0.5
    return np.where(alpha[..., None] > 0, mixed.astype(np.uint8), before)


def _fit_square(generated: Pixels, frame: Rect, inside: Rect) -> Pixels:
    """The generated square [S, S, 3] scaled to the frame: the part [inside.height, inside.width, 3]."""
    side = generated.shape[0]
    covered = _covered(frame, inside)
    width, height = (math.ceil(length * side / FRAME_SIDE_PX) for length in (covered.width, covered.height))
    return _resampled(generated[:height, :width], inside.extent)


def _fit_alpha(alpha: Pixels, frame: Rect, inside: Rect) -> Pixels:
    """Alpha [512, 512] or [frame.height, frame.width] as [inside.height, inside.width].

    Scaled linearly, so that it never reaches further than one of its own pixels and has no ringing.
    """
    if alpha.shape == (frame.height, frame.width):
        return alpha[: inside.height, : inside.width]
    covered = _covered(frame, inside)
    image = Image.fromarray(np.ascontiguousarray(alpha[: covered.height, : covered.width]))
    return np.asarray(image.resize((inside.width, inside.height), Image.Resampling.BILINEAR))
