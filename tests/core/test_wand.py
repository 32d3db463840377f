"""The magic wand finds what a flood of single pixels finds."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from muse_studio.core.wand import magic_wand


def flood(picture: np.ndarray, x: int, y: int, tolerance: int, contiguous: bool) -> np.ndarray:
    """uint8 [H, W], pixel by pixel."""
    colour = picture[y, x].astype(int)

    def alike(row: int, column: int) -> bool:
        other = picture[row, column].astype(int)
        if colour[3] == 0 and tolerance < 255:
            return bool(other[3] <= tolerance)
        return bool(np.abs(other - colour).max() <= tolerance)

    height, width = picture.shape[:2]
    result = np.zeros((height, width), np.uint8)
    waiting = [(y, x)] if contiguous else list(np.ndindex(height, width))
    while waiting:
        row, column = waiting.pop()
        inside = 0 <= row < height and 0 <= column < width
        if not inside or result[row, column] or not alike(row, column):
            continue
        result[row, column] = 255
        if contiguous:
            waiting += [(row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)]
    return result


def found(picture: np.ndarray, x: int, y: int, tolerance: int, contiguous: bool) -> np.ndarray:
    area = magic_wand(picture, x, y, tolerance, contiguous=contiguous)
    mask = np.zeros(picture.shape[:2], np.uint8)
    mask[area.rect.slices] = area.mask
    for axis in (0, 1):
        assert area.mask.any(axis=axis)[[0, -1]].all()  # its rectangle is tight
    return mask


@settings(deadline=None, max_examples=150)
@given(
    st.integers(0, 10_000),
    st.integers(1, 20),
    st.integers(1, 20),
    st.sampled_from([2, 3, 256]),
    st.sampled_from([0, 1, 40, 120, 255]),
    st.booleans(),
    st.data(),
)
def test_the_wand_finds_what_a_flood_finds(
    seed: int, width: int, height: int, colours: int, tolerance: int, contiguous: bool, data: st.DataObject
) -> None:
    rng = np.random.default_rng(seed)
    picture = (rng.integers(0, colours, (height, width, 1)) * (255 // (colours - 1))).astype(np.uint8).repeat(4, 2)
    if seed % 3:
        picture[..., 3] = 255
    x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    expected = flood(picture, x, y, tolerance, contiguous)
    assert np.array_equal(found(picture, x, y, tolerance, contiguous), expected)


def test_a_spiral_is_followed_to_its_end() -> None:
    side = 61
    picture = np.full((side, side, 4), 255, np.uint8)
    row = column = 0
    lengths = [side - 1, *(side - 1 - 2 * (n // 2) for n in range(side - 3))]
    for turn, length in enumerate(lengths):
        for _ in range(max(length, 0)):
            picture[row, column, :3] = 0
            row, column = row + (0, 1, 0, -1)[turn % 4], column + (1, 0, -1, 0)[turn % 4]
    dark = picture[..., 0] == 0
    assert np.array_equal(found(picture, 0, 0, 10, True) > 0, flood(picture, 0, 0, 10, True) > 0)
    assert flood(picture, 0, 0, 10, True).sum() // 255 > dark.sum() // 2


def test_each_channel_counts_and_all_that_is_transparent_is_alike() -> None:
    picture = np.zeros((1, 6, 4), np.uint8)
    picture[0, :, 3] = (255, 255, 0, 0, 255, 255)
    picture[0, :, 2] = (10, 20, 90, 180, 31, 10)
    assert found(picture, 0, 0, 10, True)[0].tolist() == [255, 255, 0, 0, 0, 0]
    assert found(picture, 0, 0, 10, False)[0].tolist() == [255, 255, 0, 0, 0, 255]
    assert found(picture, 2, 0, 10, True)[0].tolist() == [0, 0, 255, 255, 0, 0]


def test_a_point_outside_the_picture_finds_nothing() -> None:
    picture = np.zeros((3, 3, 4), np.uint8)
    for x, y in ((-1, 0), (0, 3), (3, 0)):
        assert magic_wand(picture, x, y, 10, contiguous=True).is_empty
