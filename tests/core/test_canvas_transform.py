"""A place that was noted is found again, and its pixels stand as the canvas does, whatever became of the canvas."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from muse_studio.core.canvas_transform import (
    UNCHANGED,
    CanvasTransform,
    Noted,
    transform_from_json,
    transform_to_json,
)
from muse_studio.core.document import Document
from muse_studio.core.geometry import Extent, Rect
from tests.core.layer_edits import noise

WIDTH, HEIGHT = 90, 70
SQUARE = Rect(20, 10, 48, 48)
CHANGES = {
    "left": lambda document: document.rotate(-1),
    "right": lambda document: document.rotate(1),
    "half": lambda document: document.rotate(2),
    "mirrored": lambda document: document.flip(horizontally=True),
    "upside down": lambda document: document.flip(horizontally=False),
    "wider": lambda document: document.resize_canvas(Rect(-7, -3, document.extent.width + 9, document.extent.height)),
    "back": lambda document: document.undo(),
}


@given(st.lists(st.sampled_from(sorted(CHANGES)), max_size=8), st.integers(0, 8))
def test_a_noted_square_is_found_with_its_pixels(changes: list[str], when: int) -> None:
    document = Document(noise(WIDTH, HEIGHT, opaque=True))
    for name in changes[:when]:
        CHANGES[name](document)
    place = SQUARE.clamp_inside(document.extent)
    noted, pixels = document.noted(place), document.picture[place.slices].copy()
    for name in changes[when:]:
        CHANGES[name](document)
    found = document.found(noted)
    assert found.extent == SQUARE.extent
    visible = found.intersect(document.bounds)
    if visible == found:  # an undo may have taken away the room that it lies in
        np.testing.assert_array_equal(document.picture[found.slices], document.since(noted).turned(pixels))
    assert document.since(document.noted(found)).square(found) == found


def test_a_canvas_of_another_size_takes_noted_squares_with_it_as_it_takes_its_frame() -> None:
    document = Document(noise(400, 300, opaque=True))
    frame = document.set_frame(Rect(50, 30, 256, 256))
    noted = document.noted(frame)
    document.scale(Extent(1200, 900))
    assert document.found(noted) == document.frame == Rect(150, 90, 768, 768)
    document.scale(Extent(800, 1200))  # one scale across and another down: still a square
    assert document.found(noted).extent == Extent(724, 724)
    document.undo()
    document.undo()
    assert document.found(noted) == frame


transforms = st.builds(
    CanvasTransform,
    st.booleans(),
    *[st.floats(0.1, 10).flatmap(lambda scale: st.sampled_from((scale, -scale)))] * 2,
    *[st.floats(-5000, 5000)] * 2,
)


@given(transforms, transforms)
def test_a_transform_and_its_inverse_leave_everything_in_place(one: CanvasTransform, other: CanvasTransform) -> None:
    both = one.then(other)
    back = both.then(both.inverse())
    assert not back.turns
    assert not back.swaps
    for number, wanted in ((back.across, 1), (back.down, 1), (back.right, 0), (back.below, 0)):
        assert number == pytest.approx(wanted, abs=1e-6)
    pixels = noise(6, 4)
    np.testing.assert_array_equal(both.inverse().turned(both.turned(pixels)), pixels)
    np.testing.assert_array_equal(other.turned(one.turned(pixels)), both.turned(pixels))


@given(transforms)
def test_a_transform_comes_back_from_a_file(one: CanvasTransform) -> None:
    assert transform_from_json(json.loads(json.dumps(transform_to_json(one)))) == one


@pytest.mark.parametrize(
    "values",
    [
        [],
        [0, 1, 1, 0, 0],
        [False, 1, 1, 0],
        [False, 0, 1, 0, 0],
        [False, 1, math.nan, 0, 0],
        [False, 1, 1, math.inf, 0],
        [False, 1e-9, 1, 0, 0],
        [False, 1, 1, 0, 10**400],
        [False, True, 1, 0, 0],
        [False, "1", 1, 0, 0],
        "abcde",
        None,
    ],
)
def test_what_is_no_transform_is_refused(values: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        transform_from_json(values)


def test_one_without_a_way_back_cannot_be() -> None:
    with pytest.raises(ValueError, match="no way back"):
        CanvasTransform(across=0.0)


def test_where_nothing_turns_pixels_are_not_copied() -> None:
    pixels = noise(5, 5)
    assert CanvasTransform.scale(2, 2).turned(pixels) is pixels
    assert Noted(SQUARE).transform == UNCHANGED
