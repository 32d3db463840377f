"""Whatever is done to a document can be taken back to the first byte and done again to the last."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muse_studio.core.brush import Brush
from muse_studio.core.document import Document, default_frame
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.geometry import Extent, Point, Rect
from muse_studio.core.history import ChangeKind
from muse_studio.core.pictures import Picture
from muse_studio.core.tiles import TilePatch
from tests.corpus import pictures as corpus

State = tuple[bytes, bytes, tuple[int, ...]]
Action = Callable[[Document], object]


def state_of(document: Document) -> State:
    return document.picture.tobytes(), document.mask.tobytes(), document.picture.shape


def stroke(document: Document, brush: Brush, *path: tuple[float, float]) -> bool:
    document.begin_stroke(brush)
    for x, y in path:
        document.stroke_to(Point(x, y), 0.8)
    return document.end_stroke()


place = st.tuples(st.floats(-20, 200), st.floats(-20, 170))
strokes = st.builds(
    lambda size, erase, path: lambda document: stroke(document, Brush(size, 0.5, 1.0, erase), *path),
    st.floats(1, 80),
    st.booleans(),
    st.lists(place, min_size=1, max_size=4),
)
cancelled = st.builds(
    lambda at: (
        lambda document: (document.begin_stroke(Brush(30)), document.stroke_to(Point(*at)), document.cancel_stroke())
    ),
    place,
)
patches = st.builds(
    lambda x, y, seed: (
        lambda document: document.apply_pixels(Rect(x, y, 70, 50), corpus.noise(70, 50, 4, seed), "Paste")
    ),
    st.integers(-60, 180),
    st.integers(-40, 150),
    st.integers(0, 99),
)
commands = st.sampled_from([Document.clear_mask, Document.fill_mask, Document.invert_mask])
replacements = st.builds(
    lambda width, height: lambda document: document.replace_picture(corpus.noise(width, height), "New picture"),
    st.integers(1, 180),
    st.integers(1, 150),
)
actions = st.lists(st.one_of(strokes, strokes, cancelled, patches, commands, replacements), max_size=12)


@settings(deadline=None, max_examples=80)
@given(actions, st.data())
def test_undo_and_redo_of_anything_are_exact(done: list[Action], data: st.DataObject) -> None:
    document = Document(corpus.noise(180, 150))
    document.set_frame(Rect(0, 0, 100, 100))
    states = [state_of(document)]
    for action in done:
        steps = len(document._history)
        action(document)
        if len(document._history) > steps:
            states.append(state_of(document))
        assert state_of(document) == states[-1]  # what makes no undo step changes no byte
    place = len(states) - 1
    for back in data.draw(st.lists(st.booleans(), max_size=30)) + [True] * len(states):
        assert document.can_undo == (place > 0)
        assert document.can_redo == (place < len(states) - 1)
        change = document.undo() if back else document.redo()
        moved = (-1 if place > 0 else 0) if back else (1 if place < len(states) - 1 else 0)
        assert (change is None) == (moved == 0)
        place += moved
        assert state_of(document) == states[place]
        assert document.mask_is_empty() == (not document.mask.any())
    while document.redo():
        place += 1
    assert state_of(document) == states[-1]


@settings(deadline=None, max_examples=60)
@given(actions)
def test_changes_happen_only_where_they_are_announced(done: list[Action]) -> None:
    document = Document(corpus.noise(180, 150))
    for action in done:
        action(document)
    while True:
        picture, mask = document.picture.copy(), document.mask.copy()
        change = document.undo()
        if change is None:
            return
        if change.kind is ChangeKind.DOCUMENT:
            assert change.rect == document.bounds
            continue
        outside = np.ones(mask.shape, bool)
        outside[change.rect.slices] = False
        assert np.array_equal(picture[outside], document.picture[outside])
        assert np.array_equal(mask[outside], document.mask[outside])
        same = picture if change.kind is ChangeKind.MASK else mask
        assert np.array_equal(same, document.picture if change.kind is ChangeKind.MASK else document.mask)


def test_a_thousand_strokes_and_back() -> None:
    document = Document(corpus.noise(300, 200))
    first = state_of(document)
    rng = np.random.default_rng(0)
    for number in range(1_000):
        path = rng.uniform(0, 300, (3, 2)).tolist()
        stroke(document, Brush(float(rng.uniform(2, 50)), 0.5, 1.0, number % 3 == 0), *map(tuple, path))
    last = state_of(document)
    while document.undo():
        pass
    assert state_of(document) == first
    while document.redo():
        pass
    assert state_of(document) == last


def test_one_drag_is_one_step_with_a_name() -> None:
    document = Document(corpus.noise(180, 150))
    assert stroke(document, Brush(20), (10, 10), (50, 50), (90, 10))
    assert document.undo_label == "Paint mask"
    assert stroke(document, Brush(20, erase=True), (10, 10))
    assert document.undo_label == "Erase mask"
    document.undo()
    assert (document.undo_label, document.redo_label) == ("Paint mask", "Erase mask")


def test_strokes_that_change_nothing_are_no_step() -> None:
    document = Document(corpus.noise(180, 150))
    assert not stroke(document, Brush(20, erase=True), (10, 10))
    assert not stroke(document, Brush(20), (-100, -100))
    assert not document.end_stroke()
    assert document.clear_mask().is_empty
    document.fill_mask()
    assert document.fill_mask().is_empty
    assert document.undo_label == "Fill mask"
    document.undo()
    assert not document.can_undo


def test_an_open_stroke_is_ended_before_anything_else() -> None:
    document = Document(corpus.noise(180, 150))
    first = state_of(document)
    document.begin_stroke(Brush(20))
    document.stroke_to(Point(50, 50))
    assert document.in_stroke
    document.undo()
    assert not document.in_stroke
    assert state_of(document) == first
    document.begin_stroke(Brush(20))
    document.stroke_to(Point(50, 50))
    document.begin_stroke(Brush(20))
    assert document.can_undo


def test_cancelled_strokes_leave_no_trace() -> None:
    document = Document(corpus.noise(180, 150))
    stroke(document, Brush(50), (90, 70))
    before = state_of(document)
    document.begin_stroke(Brush(40, erase=True))
    document.stroke_to(Point(90, 70))
    assert state_of(document) != before
    assert not document.cancel_stroke().is_empty
    assert state_of(document) == before
    assert not document.can_redo


def test_dirty_follows_the_saved_place() -> None:
    document = Document(corpus.noise(180, 150))
    assert not document.dirty
    document.fill_mask()
    assert document.dirty
    document.mark_saved()
    document.undo()
    assert document.dirty
    document.redo()
    assert not document.dirty
    document.undo()
    document.invert_mask()
    assert document.dirty  # as many steps as when it was saved, but the saved state was on a branch that is gone
    document.undo()
    assert document.dirty


def test_views_cannot_be_written_through() -> None:
    document = Document(corpus.noise(20, 20))
    for view in (document.picture, document.mask, document.mask_in_frame()):
        with pytest.raises(ValueError, match="read-only"):
            view[0, 0] = 1


def test_the_callers_pixels_are_never_changed() -> None:
    pixels = corpus.noise(100, 80, 4)
    before = pixels.copy()
    document = Document(pixels)
    document.apply_pixels(Rect(0, 0, 100, 80), 255 - before, "Invert")
    assert np.array_equal(pixels, before)


def test_an_opened_picture_is_taken_over_without_a_copy() -> None:
    pixels = corpus.noise(100, 80, 4)
    assert np.shares_memory(Document.of_picture(Picture(pixels, True)).picture, pixels)


def test_large_documents_are_not_copied_by_an_edit() -> None:
    import tracemalloc

    document = Document(np.zeros((3_000, 4_000, 3), np.uint8))
    tracemalloc.start()
    try:
        stroke(document, Brush(60), (100, 100), (300, 200))
        document.undo()
        document.redo()
        assert tracemalloc.get_traced_memory()[1] < 8 * 1024 * 1024  # the picture has 48 MB
        document.apply_pixels(Rect(500, 500, 512, 512), corpus.noise(512, 512, 4), "Paste")
        assert document._history.size_bytes < 2 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_a_stroke_costs_little_history() -> None:
    document = Document(np.zeros((2_000, 2_000, 3), np.uint8))
    stroke(document, Brush(60), (100, 100), (600, 300))
    assert 0 < document._history.size_bytes < 60_000
    assert isinstance(document._history._edits[0].patch, TilePatch)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("extent", "frame"),
    [
        (Extent(2048, 1536), Rect(256, 0, 1536, 1536)),
        (Extent(512, 512), Rect(0, 0, 512, 512)),
        (Extent(700, 512), Rect(94, 0, 512, 512)),
        (Extent(300, 200), Rect(50, 0, 200, 200)),
        (Extent(1, 16_384), Rect(0, 8_160, 64, 64)),
    ],
)
def test_the_frame_starts_as_the_largest_centred_square(extent: Extent, frame: Rect) -> None:
    assert default_frame(extent) == frame


@given(st.integers(1, 900), st.integers(1, 900), st.integers(-500, 1500), st.integers(-500, 1500), st.integers(0, 3000))
def test_frames_are_square_and_touch_the_document(width: int, height: int, x: int, y: int, side: int) -> None:
    document = Document(np.zeros((height, width, 3), np.uint8))
    frame = document.set_frame(Rect(x, y, side, side // 2))
    assert frame == document.frame
    assert frame.width == frame.height >= 64
    inside = document.frame_inside
    assert inside.width >= min(width, frame.width // 8)
    assert inside.height >= min(height, frame.width // 8)
    if frame.width == side and Rect(0, 0, width, height).contains(Point(x + side / 2, y + side / 2)):
        assert frame == Rect(x, y, side, side)
    assert document.mask_in_frame().shape == (document.frame_inside.height, document.frame_inside.width)


def test_replacing_brings_picture_mask_frame_and_extent_back() -> None:
    document = Document(corpus.noise(600, 700))
    stroke(document, Brush(50), (90, 70))
    frame = document.set_frame(Rect(10, 20, 300, 300))
    before = state_of(document)
    assert document.replace_picture(corpus.noise(512, 512), "Generate") == Rect(0, 0, 512, 512)
    assert document.mask_is_empty()
    assert document.frame == Rect(0, 0, 512, 512)
    change = document.undo()
    assert change is not None
    assert change.kind is ChangeKind.DOCUMENT
    assert change.rect == Rect(0, 0, 600, 700)
    assert state_of(document) == before
    assert document.frame == frame


def test_masks_can_be_loaded() -> None:
    document = Document(corpus.noise(100, 80))
    mask = corpus.noise(100, 80)[..., 0]
    document.set_mask(mask)
    assert np.array_equal(document.mask, mask)
    document.undo()
    assert document.mask_is_empty()
    with pytest.raises(MuseStudioError) as caught:
        document.set_mask(mask[:50])
    assert caught.value.kind is ErrorKind.BAD_MASK


def test_pixels_of_another_layout_are_refused() -> None:
    for pixels in (np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3)), np.zeros((0, 4, 3), np.uint8)):
        with pytest.raises(MuseStudioError) as caught:
            Document(pixels)  # type: ignore[arg-type]
        assert caught.value.kind is ErrorKind.BAD_PICTURE
    with pytest.raises(ValueError, match="do not fit"):
        Document(corpus.noise()).apply_pixels(Rect(0, 0, 5, 5), corpus.noise(4, 4, 4), "x")


def test_a_snapshot_has_the_mask_of_its_moment_and_keeps_it() -> None:
    document = Document(np.zeros((90, 130, 3), np.uint8))
    assert not document.snapshot().mask.any()
    painted = np.random.default_rng(0).integers(0, 256, (90, 130), dtype=np.uint8)
    painted[:20], painted[:, 100:] = 0, 0
    document.set_mask(painted)
    state = document.snapshot()
    document.clear_mask()
    assert (state.mask == painted).all()
