"""Packed pixels, halved copies and sampling, against the plainest way to compute them."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from muse_studio.core.geometry import Rect
from muse_studio.gui.canvas.levels import Levels, halve_to_largest, halve_to_mean, level_for
from muse_studio.gui.canvas.picture import PictureCache, pack
from muse_studio.gui.canvas.sampling import sample

shapes = st.tuples(st.integers(1, 40), st.integers(1, 40))
masks = shapes.flatmap(lambda shape: arrays(np.uint8, shape))
pictures = shapes.flatmap(lambda shape: arrays(np.uint8, (*shape, 4)))


@settings(deadline=None)
@given(pictures)
def test_packed_pixels_are_premultiplied_argb(pixels: np.ndarray) -> None:
    packed = pack(pixels)
    alpha = pixels[..., 3].astype(int)
    assert np.array_equal(packed >> 24, alpha)
    for channel, shift in ((0, 16), (1, 8), (2, 0)):
        exact = pixels[..., channel] * alpha / 255
        assert np.all(np.abs((packed >> shift & 255) - exact) <= 0.5)


@settings(deadline=None)
@given(pictures, st.data())
def test_a_picture_knows_whether_it_is_opaque(pixels: np.ndarray, data: st.DataObject) -> None:
    pixels[..., 3] = 255
    cache = PictureCache(pixels)
    assert cache.is_opaque
    y, x = data.draw(st.integers(0, pixels.shape[0] - 1)), data.draw(st.integers(0, pixels.shape[1] - 1))
    pixels[y, x, 3] = data.draw(st.integers(0, 254))
    cache.update(pixels, Rect(x, y, 1, 1))
    assert not cache.is_opaque


@settings(deadline=None)
@given(masks)
def test_no_painted_pixel_vanishes_when_halved(mask: np.ndarray) -> None:
    levels = Levels(mask, halve_to_largest)
    for index in range(1, 5):
        step = 2**index
        small = levels.level(index)
        if small.shape == (1, 1):
            assert small[0, 0] == mask.max()
            break
        for y, x in np.argwhere(mask):
            assert small[y // step, x // step] >= mask[y, x]


@settings(deadline=None)
@given(shapes.flatmap(lambda shape: arrays(np.uint32, shape)))
def test_halving_takes_the_mean_of_each_channel(packed: np.ndarray) -> None:
    small = Levels(packed, halve_to_mean).level(1)
    padded = np.pad(packed, ((0, packed.shape[0] % 2), (0, packed.shape[1] % 2)), mode="edge")
    for shift in (0, 8, 16, 24):
        channel = (padded >> shift & 255).astype(float)
        if min(packed.shape) > 1:
            exact = (channel[::2, ::2] + channel[1::2, ::2] + channel[::2, 1::2] + channel[1::2, 1::2]) / 4
            assert np.all(np.abs((small >> shift & 255) - exact) <= 1)


def test_one_colour_stays_that_colour_at_every_level() -> None:
    flat = np.full((77, 53), 0xFF7B4D01, np.uint32)
    levels = Levels(flat, halve_to_mean)
    assert all(np.all(levels.level(index) == 0xFF7B4D01) for index in range(8))


@settings(deadline=None)
@given(masks, st.data())
def test_levels_brought_up_to_date_equal_levels_made_anew(mask: np.ndarray, data: st.DataObject) -> None:
    levels = Levels(mask, halve_to_largest)
    levels.level(4)
    x, y = data.draw(st.integers(0, mask.shape[1] - 1)), data.draw(st.integers(0, mask.shape[0] - 1))
    rect = Rect(x, y, data.draw(st.integers(1, mask.shape[1] - x)), data.draw(st.integers(1, mask.shape[0] - y)))
    mask[rect.slices] = data.draw(st.integers(0, 255))
    levels.changed(rect)
    anew = Levels(mask, halve_to_largest)
    assert all(np.array_equal(levels.level(index), anew.level(index)) for index in range(5))


@settings(deadline=None)
@given(st.floats(1 / 256, 64))
def test_a_level_is_drawn_at_more_than_half_and_at_most_its_own_size_or_magnified(zoom: float) -> None:
    level = level_for(zoom)
    assert zoom * 2**level > 0.5
    assert level == 0 or zoom * 2**level <= 1.0


@settings(deadline=None)
@given(
    masks,
    st.floats(0.5, 20),
    st.integers(-50, 50),
    st.integers(-50, 50),
    st.integers(1, 60),
    st.integers(1, 60),
    st.data(),
)
def test_two_pieces_of_a_sampled_picture_meet_exactly(
    array: np.ndarray, scale: float, left: int, top: int, width: int, height: int, data: st.DataObject
) -> None:
    whole = sample(array, scale, left, top, (0, 0, width, height))
    x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    piece = sample(array, scale, left, top, (x, y, width - x, height - y))
    assert np.array_equal(piece, whole[y:, x:])


def test_sampling_does_not_drift_over_a_huge_picture() -> None:
    row = np.arange(16_384, dtype=np.uint32)[None]
    scale = 31.7
    start = int(16_000 * scale)
    shown = sample(row, scale, 0, 0, (start, 0, 200, 1))
    assert np.array_equal(shown[0], np.floor((np.arange(start, start + 200) + 0.5) / scale))
