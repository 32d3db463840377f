"""Room around a picture, and the frames that fill it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.geometry import Extent, Rect
from muse_studio.core.outpaint import EDGE_PX, KNOWN_SHARE, Margins, finished_part, frames_to_fill, with_room

sides = st.integers(0, 700)


def picture(width: int, height: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (height, width, 4), dtype=np.uint8)


def test_the_picture_keeps_its_bytes_and_the_room_continues_its_edges() -> None:
    before = picture(40, 30)
    larger, mask = with_room(before, Margins(left=3, top=5, right=7))
    assert larger.shape == (35, 50, 4)
    np.testing.assert_array_equal(larger[5:, 3:43], before)
    np.testing.assert_array_equal(larger[0, 3:43, :3], before[0, :, :3])
    assert (mask[5:, 3:43] == 0).all()
    assert int((mask == 255).sum()) == 35 * 50 - 30 * 40
    assert (larger[..., 3][mask > 0] == 255).all()


@given(left=sides, top=sides, right=sides, bottom=sides, width=st.integers(1, 900), height=st.integers(1, 900))
@settings(max_examples=40, deadline=None)
def test_frames_finish_everything_lie_inside_and_see_something(
    left: int, top: int, right: int, bottom: int, width: int, height: int
) -> None:
    if not left + top + right + bottom:
        return
    extent = Margins(left, top, right, bottom).around(Extent(width, height))
    mask = np.full((extent.height, extent.width), 255, np.uint8)
    mask[top : top + height, left : left + width] = 0
    unknown = mask > 0
    for frame, finished in frames_to_fill(mask):
        assert frame.x == 0 or frame.right <= extent.width
        assert frame.y == 0 or frame.bottom <= extent.height
        inside = frame.intersect(Rect.of(extent))
        assert not unknown[inside.slices].all(), "a frame that sees nothing known"
        assert unknown[finished.slices].any(), "a frame for nothing"
        unknown[finished.slices] = False
    assert not unknown.any()


def test_half_a_frame_of_room_is_filled_at_once_and_more_of_it_in_turn() -> None:
    _, mask = with_room(picture(512, 512), Margins(right=256))
    assert [frame for frame, _ in frames_to_fill(mask)] == [Rect(256, 0, 512, 512)]
    _, mask = with_room(picture(512, 512), Margins(right=700))
    frames = [frame for frame, _ in frames_to_fill(mask)]
    assert [frame.x for frame in frames] == sorted(frame.x for frame in frames)
    unknown = mask > 0
    for frame, finished in frames_to_fill(mask):
        assert (~unknown[frame.slices]).mean() >= KNOWN_SHARE
        unknown[finished.slices] = False


def test_what_fades_out_at_an_inner_edge_is_not_finished() -> None:
    assert finished_part(Rect(128, 0, 512, 512), Extent(900, 512)) == Rect.between(128 + EDGE_PX, 0, 640 - EDGE_PX, 512)
    assert finished_part(Rect(0, 0, 512, 512), Extent(300, 200)) == Rect(0, 0, 300, 200)


@pytest.mark.parametrize("wrong", [{}, {"left": -1, "right": 5}])
def test_margins_that_extend_nothing_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(MuseStudioError, match="nothing to extend") as caught:
        Margins(**wrong)
    assert caught.value.kind is ErrorKind.BAD_REQUEST


@pytest.mark.parametrize("extent", [Extent(16_000, 100), Extent(8_000, 8_000)])
def test_a_picture_never_becomes_larger_than_a_document_may_be(extent: Extent) -> None:
    with pytest.raises(MuseStudioError, match="Extend it by less"):
        Margins(right=1_000, bottom=1_000).around(extent)
