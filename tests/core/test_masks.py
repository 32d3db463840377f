"""Masks keep every painted pixel, and feathers end where they say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muse_studio.core.geometry import Extent, Rect
from muse_studio.core.masks import dilate, feather, painted_bounds, resample_by_maximum


@st.composite
def masks(draw: st.DrawFn, most: int = 40) -> np.ndarray:
    """Sparse: a few painted pixels of any value."""
    height, width = draw(st.integers(1, most)), draw(st.integers(1, most))
    mask = np.zeros((height, width), np.uint8)
    for _ in range(draw(st.integers(0, 4))):
        mask[draw(st.integers(0, height - 1)), draw(st.integers(0, width - 1))] = draw(st.integers(1, 255))
    return mask


def nearest_painted_px(mask: np.ndarray) -> np.ndarray:
    """Euclidean distance of every pixel to the nearest painted one, by trying them all."""
    down, right = np.indices(mask.shape)
    distances = [np.hypot(down - y, right - x) for y, x in np.argwhere(mask)]
    return np.min(distances, axis=0) if distances else np.full(mask.shape, np.inf)


@given(masks())
def test_bounds_are_the_painted_pixels(mask: np.ndarray) -> None:
    bounds = painted_bounds(mask)
    assert mask.any() != bounds.is_empty
    if not bounds.is_empty:
        down, right = np.nonzero(mask)
        assert bounds == Rect.between(right.min(), down.min(), right.max() + 1, down.max() + 1)


@settings(deadline=None)
@given(masks(), st.integers(1, 60), st.integers(1, 60))
def test_resampling_is_the_maximum_of_what_each_pixel_touches(mask: np.ndarray, width: int, height: int) -> None:
    result = resample_by_maximum(mask, Extent(width, height))
    rows, columns = mask.shape
    for row in range(height):
        for column in range(width):
            top, bottom = row * rows // height, -(-(row + 1) * rows // height)
            left, right = column * columns // width, -(-(column + 1) * columns // width)
            assert result[row, column] == mask[top:bottom, left:right].max()


@settings(deadline=None)
@given(masks(24), st.floats(0, 9))
def test_dilation_is_the_maximum_in_a_disc(mask: np.ndarray, radius_px: float) -> None:
    expected = np.zeros_like(mask)
    down, right = np.indices(mask.shape)
    for y, x in np.argwhere(mask):
        near = (down - y) ** 2 + (right - x) ** 2 <= radius_px**2
        expected[near] = np.maximum(expected[near], mask[y, x])
    assert np.array_equal(dilate(mask, radius_px), expected)


@settings(deadline=None)
@given(masks(60), st.floats(0, 20))
def test_feather_covers_the_mask_and_ends_at_its_radius(mask: np.ndarray, radius_px: float) -> None:
    alpha = feather(mask, radius_px)
    assert (alpha >= mask).all()
    assert (alpha[nearest_painted_px(mask) > radius_px] == 0).all()


def test_feather_falls_smoothly_and_only_outwards() -> None:
    mask = np.zeros((128, 128), np.uint8)
    mask[:, :64] = 255
    row = feather(mask, 16)[64].astype(int)
    steps = -np.diff(row[63:81])
    assert (steps >= 0).all()
    assert steps.max() <= 36  # 255 spread over 16 px, without a jump
    assert steps[0] <= 6  # level where it starts ...
    assert steps[-1] <= 6  # ... and where it ends
    assert abs(row[63 + 8] - 127) < 40


def test_feather_of_a_dot_is_round() -> None:
    mask = np.zeros((80, 80), np.uint8)
    mask[36:45, 36:45][np.hypot(*(np.indices((9, 9)) - 4)) <= 4.2] = 255
    alpha = feather(mask, 20).astype(int)
    distance = np.hypot(*(np.indices((80, 80)) - 40))
    for radius in (8, 12, 16):
        ring = alpha[np.abs(distance - radius) < 0.4]
        assert np.ptp(ring) < 40


def test_an_empty_mask_has_no_feather() -> None:
    assert not feather(np.zeros((50, 50), np.uint8), 16).any()


@pytest.mark.parametrize("value", [1, 100, 255])
def test_soft_masks_keep_their_strength(value: int) -> None:
    mask = np.full((64, 64), value, np.uint8)
    assert (feather(mask, 16) == value).all()
