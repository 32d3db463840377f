"""Results as layers: they look as if pasted, and hold no more than what is seen of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from muse_studio.core.composite import (
    FEATHER_PX,
    Made,
    canvas_for,
    frame_mask,
    frame_picture,
    frame_seen,
    resampled,
    result_layer,
    result_patch,
)
from muse_studio.core.document import Document
from muse_studio.core.geometry import Extent, Rect
from muse_studio.core.layers import Variation
from tests.core.test_composite import GENERATED, dots, extents, odd_frames, painted, scene
from tests.corpus import pictures as corpus


@settings(deadline=None, max_examples=40)
@given(extents, odd_frames, dots, st.booleans())
@example(extent=(1, 3), frame=(-1, 0, 295), marks=[(0.0, 0.0, 3.0)], transparent=False)  # differs by 3
def test_a_result_as_a_layer_looks_as_one_that_is_pasted(
    extent: tuple[int, int], frame: tuple[int, int, int], marks: list, transparent: bool
) -> None:
    document = Document(corpus.noise(*extent, 4 if transparent else 3))
    document.set_frame(Rect(frame[0], frame[1], frame[2], frame[2]))
    for across, down, size in marks:
        painted(document, (across * extent[0], down * extent[1]), size=size)
    before, mask = document.picture.copy(), frame_mask(document)
    pasted = result_patch(before, document.frame, mask, GENERATED)
    results = [Made(GENERATED, mask), Made(255 - GENERATED, mask)]
    layer = result_layer(document.frame, document.extent, results, frame_seen(before, document.frame))
    if layer is None:
        assert pasted is None
        return
    place, (first, second) = layer
    assert document.frame.contains_rect(place)
    document.add_result(place, [Variation(first), Variation(second)], "Result")
    expected = before.copy()
    if pasted is not None:
        expected[pasted[0].slices] = pasted[1]
    shown = np.zeros(before.shape[:2], bool)
    inside = place.intersect(document.bounds)
    if not inside.is_empty:
        shown[inside.slices] = first[inside.translate(-place.x, -place.y).slices][..., 3] > 0
    assert np.array_equal(document.picture[~shown], before[~shown])
    assert np.abs(document.picture.astype(int) - expected).max() <= 3  # colour and alpha round as the part begins
    if document.frame.width == 512:
        assert np.array_equal(document.picture, expected)
    assert not first[first[..., 3] == 0].any()
    assert np.array_equal(first[..., 3], second[..., 3])


def test_variations_of_different_masks_share_one_place() -> None:
    document = Document(corpus.noise(600, 560))
    document.set_frame(Rect(20, 30, 512, 512))
    masks = np.zeros((2, 512, 512), np.uint8)
    masks[0, 100:150, 100:150] = masks[1, 300:360, 200:260] = 255
    results = [Made(GENERATED, mask) for mask in masks]
    layer = result_layer(document.frame, document.extent, results, frame_picture(document))
    assert layer is not None
    place, pixels = layer
    for mask, made in zip(masks, pixels, strict=True):
        patch = result_patch(document.picture, document.frame, mask, GENERATED)
        assert patch is not None
        document.add_result(place, [Variation(made)], "Result")
        assert np.array_equal(document.picture[patch[0].slices], patch[1])
        document.undo()
    assert result_layer(document.frame, document.extent, [Made(GENERATED, 0 * masks[0])]) is None


@pytest.mark.parametrize("side", [512, 300, 1000])
def test_the_picture_continues_beyond_the_canvas_where_the_model_continued_it(side: int) -> None:
    """A model that returns what it would see of a larger picture: the seam at the canvas' edge must not show."""
    larger = scene(2000, 1700)
    document = Document(larger[300:, 600:])
    frame = document.set_frame(Rect(-side // 2, -side // 4, side, side))
    whole = Document(larger)
    whole.set_frame(frame.translate(600, 300))
    made = Made(frame_picture(whole), frame_mask(document))
    layer = result_layer(frame, document.extent, [made], frame_picture(document))
    assert layer is not None
    place, (pixels,) = layer
    canvas = canvas_for(document.bounds, place)
    assert canvas == document.bounds.union(frame)
    document.add_result(place, [Variation(pixels)], "Extended", canvas=canvas)
    seen = document.picture.astype(int)
    shown = seen[..., 3] == 255
    true = larger[300 + canvas.y :, 600 + canvas.x :]
    assert shown[:side, : side // 2].all()
    assert shown[: side // 4, :side].all()
    assert np.abs(seen[..., :3] - true)[shown].max() <= 4


@pytest.mark.parametrize("side", [512, 300, 2048])
def test_a_layer_holds_no_more_than_what_is_seen_of_it(side: int) -> None:
    """Also where the frame reaches over an edge that the result may not pass."""
    extent, frame = Extent(2600, 2200), Rect(2600 - side // 2, 40, side, side)
    mask = np.zeros((512, 512), np.uint8)
    mask[100:140, 236:300] = 255
    square = np.full((512, 512, 3), 90, np.uint8)
    free = result_layer(frame, extent, [Made(square, mask)])
    bounded = result_layer(frame, extent, [Made(square, mask)], beyond=False)
    assert free is not None
    assert bounded is not None
    assert free[0].area < frame.area / 10
    assert Rect.of(extent).contains_rect(bounded[0])
    assert free[0].right > extent.width
    common = bounded[0].translate(-free[0].x, -free[0].y)
    alphas = [pixels[..., 3].astype(int)[:, : -side // 100] for pixels in (bounded[1][0], free[1][0][common.slices])]
    assert np.abs(alphas[0] - alphas[1]).max() <= 1  # scaling a part rounds as it begins elsewhere
    assert alphas[0].max() == 255


def test_a_result_without_a_mask_fills_its_frame_as_it_is() -> None:
    frame = Rect(-30, 20, 400, 400)
    square = corpus.noise(512, 512)[..., :3]
    mask = np.zeros((512, 512), np.uint8)
    mask[100:140, 300:340] = 255
    seen = np.full((512, 512, 3), 9, np.uint8)
    layer = result_layer(frame, Extent(900, 700), [Made(square, None), Made(square, mask)], seen)
    assert layer is not None
    place, (whole, part) = layer
    assert place == frame
    assert (whole[..., 3] == 255).all()
    np.testing.assert_array_equal(whole[..., :3], resampled(square, frame.extent))
    assert 0 < np.count_nonzero(part[..., 3]) < frame.area / 20


@pytest.mark.parametrize("made_px", [512, 1024])
def test_a_result_of_1024_px_or_a_smaller_one_for_its_mask_keeps_every_byte_outside(made_px: int) -> None:
    document = Document(corpus.noise(900, 1000, 3, seed=4))
    document.set_frame(Rect(60, 40, 800, 800))
    before = document.picture.copy()
    mask = np.zeros((1024, 1024), np.uint8)
    mask[400:600, 300:500] = 255
    made = Made(corpus.noise(made_px, made_px, 3, seed=5), mask)
    seen = frame_picture(document, 1024)
    assert seen.shape == (1024, 1024, 3)
    laid = result_layer(document.frame, document.extent, [made], seen)
    assert laid is not None
    place, (pixels,) = laid
    document.add_result(place, [Variation(pixels, {}, None)], "large", "large")
    changed = (document.picture != before).any(axis=2)
    rows, columns = np.nonzero(changed)
    reach = FEATHER_PX * 1024 / made_px * 800 / 1024 + 2  # in document pixels
    assert rows.min() >= 40 + 400 * 800 / 1024 - reach
    assert rows.max() <= 40 + 600 * 800 / 1024 + reach
    assert columns.min() >= 60 + 300 * 800 / 1024 - reach
    assert columns.max() <= 60 + 500 * 800 / 1024 + reach
    assert changed[440, 380]
