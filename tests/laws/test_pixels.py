"""Law 1: pixels outside the mask and its feather are bit-identical to what the artist gave us.

From the brush to the pasted result, through the whole session, for pictures and frames of any extent.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given
from numpy.typing import NDArray

from muse_studio.core.composite import FEATHER_PX, apply_result
from muse_studio.core.document import Document
from muse_studio.worker.session import Session
from tests.laws.ways import A_WISH, WAYS, Pixels, Way, Wish, few, in_full, paste, run, touched_cells, wishes


def reach(mask: Pixels, radius_px: float) -> NDArray[np.bool_]:
    """Where uint8 [512, 512] has paint within a Euclidean distance: rows first, then across them."""
    columns = np.arange(512)
    across = np.full(mask.shape, 10_000)
    for y in np.flatnonzero(mask.any(axis=1)):
        painted = np.flatnonzero(mask[y])
        place = np.searchsorted(painted, columns)
        left, right = painted[np.maximum(place - 1, 0)], painted[np.minimum(place, len(painted) - 1)]
        across[y] = np.minimum(abs(columns - left), abs(right - columns))
    near = np.zeros(mask.shape, np.bool_)
    for down in range(-int(radius_px), int(radius_px) + 1):
        rows = columns[max(0, down) : 512 + min(0, down)]
        near[rows] |= across[rows - down] ** 2 + down**2 <= radius_px**2
    return near


def outside(document: Document, mask: Pixels, feather_px: float = FEATHER_PX) -> NDArray[np.bool_]:
    """bool [H, W]: pixels of the document that a result under this mask may not touch.

    A pixel more on both scales, the document's and the model's, is for the scaling there and back.
    """
    frame, inside = document.frame, document.frame_inside
    scale = 512 / frame.width
    near = reach(mask, feather_px + 1 + max(1.0, scale))
    y, x = (
        np.minimum(((np.arange(start, stop) + 0.5 - origin) * scale).astype(int), 511)
        for start, stop, origin in ((inside.y, inside.bottom, frame.y), (inside.x, inside.right, frame.x))
    )
    free = np.ones(document.mask.shape, np.bool_)
    free[inside.slices] = ~near[np.ix_(y, x)]
    return free


def keeps_its_pixels(session: Session, way: Way, wish: Wish) -> None:
    document = way.start(wish)
    before = document.picture.copy()
    request = way.request(session, wish, document)
    _, result = run(session, request)
    assert np.array_equal(document.picture, before), "a document changed before a result was pasted"
    mask = way.mask(request, result)
    changed = paste(document, way, request, result)
    if mask is None:
        assert changed.is_empty
        return
    replaced = in_full(mask)
    free = outside(document, replaced if request.mask is None else np.minimum(replaced, request.mask))
    np.testing.assert_array_equal(document.picture[free], before[free])
    assert changed.is_empty or document.undo() is not None
    np.testing.assert_array_equal(document.picture, before)


@few
@given(wishes)
@example(A_WISH)
def test_pixels_outside_the_mask_and_its_feather_keep_their_bytes(session: Session, way: Way, wish: Wish) -> None:
    keeps_its_pixels(session, way, wish)


@pytest.mark.parametrize("extent", [(1, 613), (613, 1), (1, 1), (513, 511), (37, 640)], ids=str)
def test_pictures_of_awkward_extents_keep_them_too(session: Session, extent: tuple[int, int]) -> None:
    for name in ("inpaint", "outpaint"):
        keeps_its_pixels(session, WAYS[name], replace(A_WISH, extent=extent, size=256))


def test_under_the_mask_something_does_change(session: Session, way: Way) -> None:
    document = way.start(A_WISH)
    request = way.request(session, A_WISH, document)
    result = run(session, request)[1]
    assert paste(document, way, request, result).is_empty == (way.mask(request, result) is None)


def test_a_feather_that_reaches_too_far_is_told(session: Session) -> None:
    """The proof would not pass a program that breaks the law by four pixels."""
    way = WAYS["inpaint"]
    document = way.start(A_WISH)
    before, request = document.picture.copy(), way.request(session, A_WISH, document)
    assert request.mask is not None
    picture = 255 - run(session, request)[1].picture
    apply_result(document, document.frame, request.mask, picture, feather_px=FEATHER_PX + 8)
    free = outside(document, request.mask)
    assert (document.picture[free] != before[free]).any()


def test_a_result_that_names_whole_cells_is_told(session: Session) -> None:
    """A mask's cells reach up to 31 pixels further than its paint."""
    way = WAYS["reroll under the brush"]
    document = way.start(A_WISH)
    before, request = document.picture.copy(), way.request(session, A_WISH, document)
    assert request.mask is not None
    cells = touched_cells(request.mask, 16).repeat(32, 0).repeat(32, 1).astype(np.uint8) * 255
    apply_result(document, document.frame, cells, 255 - run(session, request)[1].picture)
    free = outside(document, request.mask)
    assert (document.picture[free] != before[free]).any()
