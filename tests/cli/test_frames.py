"""The square that the model sees is a sensible one for every picture and every mask."""

from __future__ import annotations

import argparse

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from muse_studio.cli.frames import around, choose_frame, frame_wish
from muse_studio.core.document import Document
from muse_studio.core.geometry import Extent, Rect
from muse_studio.core.limits import FRAME_SIDE_LEAST_PX, FRAME_SIDE_PX


@st.composite
def painted_in_pictures(draw: st.DrawFn) -> tuple[Rect, Extent]:
    width, height = draw(st.integers(1, 5000)), draw(st.integers(1, 5000))
    x, y = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
    painted = Rect(x, y, draw(st.integers(1, width - x)), draw(st.integers(1, height - y)))
    return painted, Extent(width, height)


@given(painted_in_pictures())
def test_the_frame_holds_the_whole_mask_and_is_square(case: tuple[Rect, Extent]) -> None:
    painted, extent = case
    frame = around(painted, extent)
    assert frame.width == frame.height >= FRAME_SIDE_LEAST_PX
    assert frame.contains_rect(painted)


@given(painted_in_pictures())
def test_the_frame_reaches_over_an_edge_only_where_it_must(case: tuple[Rect, Extent]) -> None:
    painted, extent = case
    frame = around(painted, extent)
    if Rect.of(extent).contains_rect(frame):
        return
    shortest = min(extent.width, extent.height)
    assert max(painted.width, painted.height) > shortest or shortest < FRAME_SIDE_PX


@given(st.integers(1, 900), st.integers(1, 900))
def test_a_document_takes_the_frame_as_it_is(width: int, height: int) -> None:
    painted, extent = Rect(width // 2, height // 2, 1, 1), Extent(width, height)
    frame = around(painted, extent)
    assert Document(np.zeros((height, width, 3), np.uint8)).set_frame(frame) == frame


def test_a_small_mask_in_a_large_picture_gets_the_models_own_resolution() -> None:
    assert around(Rect(2000, 1500, 100, 80), Extent(4000, 3000)).width == FRAME_SIDE_PX


def test_a_named_square_is_used_as_named() -> None:
    assert choose_frame(frame_wish("10,20,300"), Rect.empty(), Extent(800, 600)) == Rect(10, 20, 300, 300)
    assert choose_frame(frame_wish("centre"), Rect(0, 0, 5, 5), Extent(1000, 600)) == Rect(200, 0, 600, 600)


@pytest.mark.parametrize("text", ["", "1,2", "1,2,3,4", "a,b,c", "-1,0,100", "0,0,63", "middle"])
def test_a_frame_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        frame_wish(text)
