"""What the model sees is the frame; what comes back changes the mask and its feather, and no other byte."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muse_studio.core.brush import Brush
from muse_studio.core.composite import (
    FEATHER_PX,
    apply_result,
    canvas_for,
    export_picture,
    frame_mask,
    frame_picture,
    full_picture,
    over_white,
    paste,
    resampled,
    result_alpha,
)
from muse_studio.core.document import Document
from muse_studio.core.errors import MuseStudioError
from muse_studio.core.geometry import Extent, Point, Rect
from muse_studio.core.seams import match_surroundings
from tests.corpus import pictures as corpus

GENERATED = corpus.noise(512, 512, 3, seed=9)


def scene(width: int, height: int) -> np.ndarray:
    """A soft colour gradient, like a sky."""
    return corpus.smooth(width, height)


def painted(document: Document, *path: tuple[float, float], size: float = 40, hardness: float = 0.5) -> None:
    document.begin_stroke(Brush(size, hardness))
    for x, y in path:
        document.stroke_to(Point(x, y))
    document.end_stroke()


def distance_to_paint(mask: np.ndarray) -> np.ndarray:
    """Euclidean, by growing rows and columns: exact for these small sizes."""
    down, right = np.indices(mask.shape)
    best = np.full(mask.shape, np.inf)
    edge = mask > 0
    inner = edge.copy()
    inner[1:-1, 1:-1] &= ~(edge[:-2, 1:-1] & edge[2:, 1:-1] & edge[1:-1, :-2] & edge[1:-1, 2:])
    for y, x in np.argwhere(inner):
        np.minimum(best, (down - y) ** 2 + (right - x) ** 2, out=best)
    return np.where(edge, 0, np.sqrt(best))


extents = st.tuples(st.integers(1, 260), st.integers(1, 260))
odd_frames = st.tuples(st.integers(-50, 250), st.integers(-50, 250), st.integers(64, 300))
dots = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(1, 40)), max_size=3)


@settings(deadline=None, max_examples=40)
@given(extents, odd_frames, dots, st.booleans())
def test_pixels_outside_the_mask_and_its_feather_keep_their_bytes(
    extent: tuple[int, int], frame: tuple[int, int, int], marks: list, transparent: bool
) -> None:
    width, height = extent
    document = Document(corpus.noise(width, height, 4 if transparent else 3))
    document.set_frame(Rect(frame[0], frame[1], frame[2], frame[2]))
    for across, down, size in marks:
        painted(document, (across * width, down * height), size=size)
    before, seen = document.picture.copy(), document.frame
    rect = apply_result(document, seen, frame_mask(document, continued=True), GENERATED)
    changed = (document.picture != before).any(axis=2)
    scale = seen.width / 512
    in_frame = np.zeros_like(document.mask)
    in_frame[document.frame_inside.slices] = document.mask_in_frame()
    reach_px = FEATHER_PX * scale + (1 if scale < 1 else 0)  # where a pixel holds several of the model's, whole pixels
    assert not (changed & (distance_to_paint(in_frame) > reach_px)).any()
    outside = np.ones_like(changed)
    if not rect.is_empty:
        outside[rect.slices] = False
    assert not (changed & outside).any()
    if document.mask_is_empty():
        assert rect.is_empty
        assert not document.can_undo
    if not rect.is_empty:
        document.undo()
    assert np.array_equal(document.picture, before)


@settings(deadline=None, max_examples=30)
@given(extents, odd_frames, st.integers(0, 10_000), st.booleans())
def test_pasting_leaves_pixels_without_alpha_bit_identical(
    extent: tuple[int, int], place: tuple[int, int, int], seed: int, transparent: bool
) -> None:
    rng = np.random.default_rng(seed)
    original = corpus.noise(*extent, 4, seed)
    if not transparent:
        original[..., 3] = 255
    x, y, side = place
    alpha = np.where(rng.random((side, side)) < 0.5, 0, rng.integers(0, 256, (side, side))).astype(np.uint8)
    frame = Rect(x, y, side, side).clamp_inside(Extent(*extent))
    result = paste(original, frame, GENERATED, alpha)
    full = np.zeros(original.shape[:2], np.uint8)
    inside = frame.intersect(Rect.of(Extent(*extent)))
    full[inside.slices] = alpha[: inside.height, : inside.width]
    assert np.array_equal(result[full == 0], original[full == 0])


@settings(deadline=None, max_examples=30)
@given(extents, odd_frames)
def test_what_lies_beyond_the_canvas_is_unknown(extent: tuple[int, int], place: tuple[int, int, int]) -> None:
    document = Document(corpus.noise(*extent))
    frame = document.set_frame(Rect(place[0], place[1], place[2], place[2]))
    seen = frame_mask(document)
    scale = frame.width / 512
    for axis, (start, length) in enumerate(((frame.y, extent[1]), (frame.x, extent[0]))):
        starts = start + np.arange(512) * scale
        beyond = (starts < -1e-6) | (starts + scale > length + 1e-6)
        expected = np.where(beyond & (length >= 64), 255, 0)
        assert (np.moveaxis(seen, axis, 0)[expected == 255] == 255).all()
    wanted = [
        length >= 64 and (start < 0 or start + frame.width > length)
        for start, length in ((frame.y, extent[1]), (frame.x, extent[0]))
    ]
    assert seen.any() == any(wanted)


def test_a_canvas_that_would_be_too_large_is_refused() -> None:
    bounds = Rect(0, 0, 16_000, 300)
    assert canvas_for(bounds, Rect(15_800, 0, 100, 100)) is None
    assert canvas_for(bounds, Rect(15_900, 0, 400, 100)) == Rect(0, 0, 16_300, 300)
    with pytest.raises(MuseStudioError, match="smaller size"):
        canvas_for(bounds, Rect(15_900, 0, 512, 512))


def test_full_alpha_shows_the_generated_pixels_exactly() -> None:
    document = Document(scene(600, 560))
    document.set_frame(Rect(50, 30, 512, 512))
    result = paste(document.picture, document.frame, GENERATED, np.full((512, 512), 255, np.uint8))
    assert np.array_equal(result[30:542, 50:562, :3], GENERATED)
    assert (result[..., 3] == 255).all()


@pytest.mark.parametrize("extent", [(512, 512), (700, 900), (64, 64), (1, 16_384), (16_384, 1), (300, 1000)])
def test_results_reach_documents_of_any_extent(extent: tuple[int, int]) -> None:
    document = Document(np.zeros((extent[1], extent[0], 3), np.uint8))
    document.fill_mask()
    rect = apply_result(document, document.frame, frame_mask(document), np.full((512, 512, 3), 200, np.uint8))
    assert rect.intersect(document.frame_inside) == rect
    middle = document.frame_inside.centre
    assert document.picture[int(middle.y), int(middle.x)].tolist() == [200, 200, 200, 255]


def test_a_frame_of_the_models_size_is_seen_byte_for_byte() -> None:
    document = Document(corpus.noise(700, 600))
    document.set_frame(Rect(31, 17, 512, 512))
    assert np.array_equal(frame_picture(document), document.picture[17:529, 31:543, :3])


@pytest.mark.parametrize("side", [64, 300, 1024, 1537])
def test_other_frames_are_seen_scaled(side: int) -> None:
    pixels = scene(1600, 1600)
    document = Document(pixels)
    frame = document.set_frame(Rect(20, 40, side, side))
    seen = frame_picture(document)
    for x, y in [(100, 100), (256, 256), (400, 90)]:
        true = pixels[frame.y + int(y * side / 512), frame.x + int(x * side / 512)].astype(int)
        assert np.abs(seen[y, x] - true).max() <= 3


def test_huge_frames_are_averaged_not_sampled() -> None:
    checks = np.indices((4096, 4096)).sum(axis=0) % 2 * 255
    seen = frame_picture(Document(np.repeat(checks[..., None].astype(np.uint8), 3, axis=2)))
    assert np.abs(seen.astype(int) - 127).max() <= 2


def test_small_documents_are_continued_by_their_edge() -> None:
    pixels = corpus.noise(300, 200)
    document = Document(pixels)
    document.set_frame(Rect(0, 0, 512, 512))
    seen = frame_picture(document)
    assert np.array_equal(seen[:200, :300], pixels)
    assert np.array_equal(seen[100, 300:], np.repeat(pixels[100, -1:], 212, axis=0))
    assert np.array_equal(seen[200:, 5], np.repeat(pixels[-1:, 5], 312, axis=0))


def test_transparency_is_seen_over_white() -> None:
    pixels = np.array([[[10, 20, 30, 255], [10, 20, 30, 0], [0, 0, 0, 128]]], np.uint8)
    assert over_white(pixels).tolist() == [[[10, 20, 30], [255, 255, 255], [127, 127, 127]]]


def test_colours_hidden_by_transparency_do_not_bleed() -> None:
    pixels = np.zeros((1024, 1024, 4), np.uint8)
    pixels[:, :512] = [200, 100, 50, 255]
    pixels[:, 512:] = [0, 255, 0, 0]
    seen = frame_picture(Document(pixels)).astype(int)
    assert (seen[:, :, 1] >= 95).all()
    assert (seen[:, :, 0] >= seen[:, :, 2] - 1).all()  # nothing greenish anywhere


@settings(deadline=None, max_examples=40)
@given(extents, odd_frames, st.integers(0, 99))
def test_every_painted_pixel_of_the_frame_reaches_the_model(
    extent: tuple[int, int], place: tuple[int, int, int], seed: int
) -> None:
    document = Document(np.zeros((extent[1], extent[0], 3), np.uint8))
    document.set_frame(Rect(place[0], place[1], place[2], place[2]))
    rng = np.random.default_rng(seed)
    x, y = rng.integers(extent[0]), rng.integers(extent[1])
    mask = np.zeros((extent[1], extent[0]), np.uint8)
    mask[y, x] = 7
    document.set_mask(mask)
    frame = document.frame
    left, top = (
        (start - origin) * 512 / frame.width
        for start, origin in ((document.frame_inside.x, frame.x), (document.frame_inside.y, frame.y))
    )
    rows, columns = (
        length * 512 / frame.width for length in (document.frame_inside.height, document.frame_inside.width)
    )
    seen = frame_mask(document, continued=True)
    inside = document.frame_inside.contains(Point(x, y))
    assert seen.any() == inside
    there = np.zeros_like(seen)
    there[int(top) : int(np.ceil(top + rows)), int(left) : int(np.ceil(left + columns))] = 1
    seen = seen * there
    assert seen.any() == inside
    if inside:
        place_y, place_x = (np.argwhere(seen).mean(axis=0) + 0.5) * frame.width / 512
        assert abs(place_x - (x - frame.x + 0.5)) <= 1 + frame.width / 512
        assert abs(place_y - (y - frame.y + 0.5)) <= 1 + frame.width / 512


def test_a_mask_at_the_documents_edge_goes_on_beyond_it() -> None:
    document = Document(corpus.noise(300, 200))
    document.set_frame(Rect(0, 0, 512, 512))
    painted(document, (299, 100), size=30, hardness=1.0)
    seen = frame_mask(document, continued=True)
    assert (seen[100, 300:] == 255).all()
    assert not seen[:80].any()
    assert not seen[200:].any()


def test_an_empty_mask_changes_nothing() -> None:
    document = Document(corpus.noise(600, 600))
    before = document.picture.copy()
    assert apply_result(document, document.frame, np.zeros((512, 512), np.uint8), GENERATED).is_empty
    assert np.array_equal(document.picture, before)
    assert not document.can_undo


def test_a_result_is_one_step_and_the_mask_stays() -> None:
    document = Document(corpus.noise(600, 600))
    painted(document, (300, 300))
    mask = document.mask.copy()
    apply_result(document, document.frame, frame_mask(document), GENERATED)
    assert document.undo_label == "Generate"
    assert np.array_equal(document.mask, mask)


def test_transparent_pixels_become_opaque_where_something_was_generated() -> None:
    document = Document(np.zeros((512, 512, 4), np.uint8))
    painted(document, (256, 256), size=100, hardness=1.0)
    apply_result(document, document.frame, frame_mask(document), np.full((512, 512, 3), 90, np.uint8))
    assert document.picture[256, 256, 3] == 255
    assert document.picture[0, 0].tolist() == [0, 0, 0, 0]


def test_exports_have_alpha_only_if_something_is_transparent() -> None:
    document = Document(corpus.noise(600, 700))
    assert export_picture(document).shape == (512, 512, 3)
    assert np.array_equal(full_picture(document), document.picture[..., :3])
    pixels = corpus.noise(600, 700, 4)
    document = Document(pixels)
    assert export_picture(document).shape == (512, 512, 4)
    assert np.array_equal(full_picture(document), pixels)


def test_the_same_extent_keeps_its_bytes() -> None:
    pixels = corpus.noise(40, 30, 4)
    assert np.array_equal(resampled(pixels, Extent(40, 30)), pixels)


class TestSeams:
    """A perfect reconstruction must vanish, and an imperfect one must show no edge."""

    def pasted(
        self, shift: tuple[int, int, int], frame: Rect, *path: tuple[float, float]
    ) -> tuple[np.ndarray, np.ndarray]:
        """(before, after) when the model returns what it saw, shifted in colour."""
        document = Document(scene(1200, 1100))
        document.set_frame(frame)
        painted(document, *path, size=120, hardness=0.8)
        before = document.picture.astype(int)[..., :3]
        seen = np.clip(frame_picture(document).astype(int) + shift, 0, 255).astype(np.uint8)
        apply_result(document, frame, frame_mask(document), seen)
        return before, document.picture.astype(int)[..., :3]

    @pytest.mark.parametrize("side", [512, 1000, 300])
    def test_an_exact_reconstruction_is_invisible(self, side: int) -> None:
        before, after = self.pasted((0, 0, 0), Rect(40, 50, side, side), (200, 200), (280, 240))
        assert np.abs(after - before).max() <= 2

    @pytest.mark.parametrize("side", [512, 1000])
    def test_a_colour_shift_is_taken_out(self, side: int) -> None:
        before, after = self.pasted((14, -9, 6), Rect(40, 50, side, side), (200, 200), (280, 240))
        assert np.abs(after - before).max() <= 4

    def test_a_shift_that_changes_across_the_picture_is_taken_out(self) -> None:
        before = np.full((512, 512, 3), 120, np.uint8)
        shift = np.linspace(-20, 20, 512)[None, :, None]
        generated = (before + shift + 0.5).astype(np.uint8)
        mask = np.zeros((512, 512), np.uint8)
        mask[150:350, 200:300] = 255
        matched = match_surroundings(generated, before, mask).astype(int)
        assert np.abs(matched - before)[mask > 0].max() <= 5
        assert np.abs(matched - before).mean() <= 2

    def test_what_is_new_under_the_mask_stays_new(self) -> None:
        before = np.full((512, 512, 3), 100, np.uint8)
        generated = before.copy()
        generated[200:300, 200:300] = [250, 30, 30]
        mask = np.zeros((512, 512), np.uint8)
        mask[190:310, 190:310] = 255
        assert np.array_equal(match_surroundings(generated, before, mask), generated)

    def test_without_surroundings_nothing_is_matched(self) -> None:
        full = np.full((512, 512), 255, np.uint8)
        assert np.array_equal(match_surroundings(GENERATED, 255 - GENERATED, full), GENERATED)

    def test_a_mask_cut_by_the_frame_fades_before_the_frames_edge(self) -> None:
        mask = np.zeros((512, 512), np.uint8)
        mask[200:300, 400:] = 255
        inner = result_alpha(mask, Rect(0, 0, 512, 512), Extent(1000, 512))
        assert inner[:, -1].max() <= 12  # a trace of where the feather itself is thin
        assert np.abs(np.diff(inner[250].astype(int))).max() <= 40
        assert inner[250, 420] == 255
        outer = result_alpha(mask, Rect(0, 0, 512, 512), Extent(512, 512))
        assert outer[250, -1] == 255

    def test_a_mask_near_the_frames_edge_is_not_weakened(self) -> None:
        mask = np.zeros((512, 512), np.uint8)
        mask[200:300, 440:490] = 255
        alpha = result_alpha(mask, Rect(0, 0, 512, 512), Extent(1000, 512))
        assert (alpha >= mask).all()
