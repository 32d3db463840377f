"""Layers are values, and look as their rules say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muse_studio.core import limits
from muse_studio.core.document import Document
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.geometry import Extent, Rect
from muse_studio.core.history import ChangeKind
from muse_studio.core.layers import Layer, Variation, changed_area, compose, held_bytes, over
from muse_studio.core.pictures import Picture
from muse_studio.core.wishes import Wishes
from tests.core.layer_edits import HEIGHT, WIDTH, Action, noise, places, seeds, state_of
from tests.corpus import pictures as corpus


def slow_over(below: np.ndarray, above: np.ndarray, opacity: float) -> np.ndarray:
    """Straight alpha in floating point, one formula for all pixels: what `over` must come close to."""
    share = np.floor(above[..., 3:] * opacity + 0.5) / 255
    under = below[..., 3:] / 255 * (1 - share)
    whole = share + under
    colour = (above[..., :3] * share + below[..., :3] * under) / np.maximum(whole, 1e-9)
    mixed = np.concatenate([colour, whole * 255], axis=2)
    return np.where(share == 0, below, mixed)


# How layers look ------------------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=60)
@given(seeds, seeds, st.floats(0, 1))
def test_layers_lie_over_each_other_exactly_where_alpha_is_nothing_or_all(
    first: int, second: int, opacity: float
) -> None:
    below, above = noise(40, 30, first), noise(40, 30, second + 100)
    result = over(below, above, opacity)
    shares = np.floor(above[..., 3] * opacity + 0.5)
    assert np.array_equal(result[shares == 0], below[shares == 0])
    assert np.array_equal(result[shares == 255], above[shares == 255])
    expected = slow_over(below.astype(float), above.astype(float), opacity)
    weight = np.maximum(expected[..., 3:] / 255, 1e-9)
    assert np.abs((result - expected)[..., 3]).max() <= 1
    assert (np.abs((result - expected)[..., :3]) * weight).max() <= 1.5


def test_the_lowest_layer_keeps_its_bytes_even_where_they_are_hidden() -> None:
    pixels = noise(WIDTH, HEIGHT)
    document = Document(pixels)
    document.add_layer(np.zeros((10, 10, 4), np.uint8), Rect(5, 5, 10, 10), "Nothing")
    assert np.array_equal(document.picture, pixels)
    document.change_layer(1, "Fade", opacity=0.5)
    assert np.array_equal(document.picture[..., :3], pixels[..., :3])


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(places, seeds, st.booleans()), max_size=4), places)
def test_a_part_looks_as_it_does_in_the_whole(parts: list[tuple[Rect, int, bool]], area: Rect) -> None:
    layers = [
        Layer(number + 1, "x", place, (Variation(noise(place.width, place.height, seed, opaque=opaque)),))
        for number, (place, seed, opaque) in enumerate(parts)
    ]
    whole = Rect(-70, -70, 300, 300)
    picture = np.full((300, 300, 4), 77, np.uint8)
    compose(layers, whole, picture)
    part = np.full((area.height, area.width, 4), 99, np.uint8)
    compose(layers, area, part)
    assert np.array_equal(part, picture[area.translate(70, 70).slices])


def test_a_lone_picture_is_held_once() -> None:
    pixels = noise(WIDTH, HEIGHT)
    document = Document.of_picture(Picture(pixels, True))
    assert np.shares_memory(document.picture, pixels)
    assert np.shares_memory(document.snapshot().picture(), pixels)
    document.add_layer(noise(20, 20), Rect(0, 0, 20, 20), "Above")
    assert not np.shares_memory(document.picture, pixels)
    document.undo()
    assert np.shares_memory(document.picture, pixels)


def test_a_lent_buffer_is_used_while_it_is_true() -> None:
    document = Document(noise(WIDTH, HEIGHT))
    assert document.wants_buffer
    room, version = document.picture.copy(), document.picture_version
    document.lend_buffer(room, version)
    document.add_layer(noise(20, 20), Rect(0, 0, 20, 20), "Above")
    assert np.shares_memory(document.picture, room)
    assert not document.wants_buffer
    document.undo()
    stale, version = document.picture.copy(), document.picture_version
    document.apply_pixels(Rect(30, 30, 10, 10), noise(10, 10), "Paste")
    document.lend_buffer(stale, version)
    document.add_layer(noise(20, 20), Rect(0, 0, 20, 20), "Above")
    assert not np.shares_memory(document.picture, stale)
    assert np.array_equal(document.picture, document.snapshot().picture())


def test_only_what_changed_is_composed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    document = Document(noise(WIDTH, HEIGHT))
    document.add_layer(noise(20, 20), Rect(5, 5, 20, 20), "One")
    document.add_layer(noise(20, 20, 1), Rect(60, 40, 20, 20), "Two")
    areas: list[Rect] = []

    def watched(layers: object, area: Rect, out: np.ndarray) -> None:
        areas.append(area)
        compose(layers, area, out)  # type: ignore[arg-type]

    monkeypatch.setattr("muse_studio.core.document.base.compose", watched)
    document.change_layer(document.active, "Fade", opacity=0.5)
    document.change_layer(document.active, "Move", place=Rect(62, 44, 20, 20))
    document.undo()
    document.undo()
    document.change_layer(document.active, "Rename", name="Three")
    moved = Rect(60, 40, 22, 24)
    assert areas == [Rect(60, 40, 20, 20), moved, moved, Rect(60, 40, 20, 20)]


def test_a_state_that_does_not_fit_together_is_refused() -> None:
    state = Document(noise(WIDTH, HEIGHT)).snapshot()
    with pytest.raises(MuseStudioError, match="mask"):
        Document.of_state(replace(state, mask=state.mask[1:]))
    with pytest.raises(MuseStudioError, match="number"):
        Document.of_state(replace(state, layers=state.layers * 2))
    assert Document.of_state(replace(state, active=77)).active == 1


def test_a_layer_that_nobody_sees_changes_no_pixel() -> None:
    document = Document(noise(WIDTH, HEIGHT))
    document.add_layer(noise(20, 20), Rect(0, 0, 20, 20), "Above")
    top = document.active
    assert document.change_layer(top, "Hide", visible=False) == Rect(0, 0, 20, 20)
    assert document.change_layer(top, "Fade", opacity=0.4).is_empty
    assert document.change_layer(top, "Rename", name="Below\n the  top\x00") == Rect.empty()
    assert document.layer(top).name == "Below the top"
    assert document.undo_label == "Rename"


# Particular edits -----------------------------------------------------------------------------------------------------


def test_a_result_arrives_above_the_active_layer_with_its_variations() -> None:
    document = Document(noise(WIDTH, HEIGHT, opaque=True))
    document.add_layer(noise(20, 20, 1), Rect(0, 0, 20, 20), "Top")
    document.set_active(1)
    made = [Variation(noise(30, 20, seed, opaque=True), {"variation": seed}) for seed in range(3)]
    assert document.add_result(Rect(40, 30, 30, 20), made, "A fox") == Rect(40, 30, 30, 20)
    assert [layer.name for layer in document.layers] == ["Background", "A fox", "Top"]
    assert document.active == document.layers[1].id
    for number in range(3):
        document.change_layer(document.active, "Choose variation", chosen=number)
        assert np.array_equal(document.picture[30:50, 40:70], made[number].pixels)
    assert document.layers[1].variations[2].facts == {"variation": 2}


def test_a_result_beyond_the_edge_and_its_canvas_are_one_step() -> None:
    document = Document(noise(WIDTH, HEIGHT, opaque=True))
    document.fill_mask()
    frame = document.set_frame(Rect(-32, 20, 64, 64))
    first, place = state_of(document), Rect(-32, 20, 64, 64)
    made = noise(64, 64, 9, opaque=True)
    assert document.add_result(place, [Variation(made)], "More", canvas=document.bounds.union(place)) == document.bounds
    assert document.extent == Extent(WIDTH + 32, 84)
    assert np.array_equal(document.picture[20:84, :64], made)
    assert document.frame == frame.translate(32, 0)
    assert document.mask[:70, 32:].min() == 255
    assert not document.mask[:, :32].any()
    assert document.undo_label == "Add result"
    noted = document.noted(document.frame)
    document.crop(Rect(10, 5, 60, 60))
    assert document.found(noted) == frame.translate(22, -5)  # what was noted is found again
    document.undo()
    document.undo()
    assert document.found(noted) == frame
    assert state_of(document) == first
    assert document.frame == frame


def test_one_drag_of_a_slider_is_one_step() -> None:
    document = Document(noise(WIDTH, HEIGHT))
    drag = object()
    for share in (0.9, 0.6, 0.2):
        document.change_layer(1, "Opacity", opacity=share, gesture=drag)
    document.change_layer(1, "Opacity", opacity=0.7, gesture=object())
    document.undo()
    assert document.layer(1).opacity == 0.2
    document.undo()
    assert document.layer(1).opacity == 1
    assert not document.can_undo
    document.redo()
    assert document.layer(1).opacity == 0.2


def test_what_was_saved_in_the_middle_of_a_drag_is_not_taken_for_the_end() -> None:
    document = Document(noise(WIDTH, HEIGHT))
    document.change_layer(1, "Opacity", opacity=0.5, gesture="drag")
    document.mark_saved()
    document.change_layer(1, "Opacity", opacity=0.4, gesture="drag")
    assert document.dirty
    document.undo()
    assert not document.dirty
    assert document.layer(1).opacity == 0.5


def test_merging_down_and_flattening_look_as_before() -> None:
    document = Document(noise(WIDTH, HEIGHT, opaque=True))
    document.add_layer(noise(40, 40, 1), Rect(60, -10, 40, 40), "One")
    document.add_layer(noise(40, 40, 2), Rect(50, 20, 40, 40), "Two")
    document.change_layer(document.active, "Fade", opacity=0.6)
    before = document.picture.copy().astype(int)
    document.merge_down(document.active)
    assert [layer.name for layer in document.layers] == ["Background", "One"]
    assert np.abs(document.picture - before).max() <= 2
    before = document.picture.copy()
    document.flatten()
    assert np.array_equal(document.picture, before)
    assert [layer.place for layer in document.layers] == [document.bounds]
    assert document.flatten().is_empty


def test_hidden_layers_are_not_merged() -> None:
    document = Document(noise(WIDTH, HEIGHT))
    document.duplicate_layer(1)
    document.change_layer(1, "Hide", visible=False)
    assert not document.can_merge_down(document.active)
    assert not document.can_merge_down(1)
    with pytest.raises(MuseStudioError, match="visible"):
        document.merge_down(document.active)


def test_a_document_may_have_no_layers() -> None:
    document = Document(noise(WIDTH, HEIGHT))
    document.remove_layer(1)
    assert (document.layers, document.active) == ((), 0)
    assert not document.picture.any()
    document.rotate(1)
    document.add_layer(noise(20, 20), Rect(0, 0, 20, 20), "Again")
    assert document.active == document.layers[0].id > 1


def test_a_copy_shares_its_pixels() -> None:
    document = Document(noise(WIDTH, HEIGHT))
    document.duplicate_layer(1)
    assert document.layers[1].name == "Background copy"
    assert np.shares_memory(document.layers[0].pixels, document.layers[1].pixels)
    assert held_bytes(document.layers) == WIDTH * HEIGHT * 4


def test_history_counts_only_what_it_alone_holds() -> None:
    document = Document(noise(WIDTH, HEIGHT))
    document.add_layer(noise(50, 40), Rect(0, 0, 50, 40), "Above")
    top = document.active
    document.change_layer(top, "Fade", opacity=0.5)
    assert document._history.size_bytes < 2_000
    document.remove_layer(top)
    assert 8_000 <= document._history.size_bytes < 10_000
    document.undo()
    assert document._history.size_bytes < 3_000


def test_history_forgets_the_oldest_steps_beyond_its_limit() -> None:
    document = Document(noise(WIDTH, HEIGHT))
    document._history._limit_bytes = 60_000  # each of these steps keeps a picture and a mask: 31,500 bytes
    for _ in range(5):
        document.flip(True)
        assert document._history.size_bytes <= 60_000
    assert len(document._history) == 1


@pytest.mark.parametrize(
    "act",
    [
        lambda d: d.resize_canvas(Rect(0, 0, limits.PICTURE_SIDE_LIMIT_PX + 1, 10)),
        lambda d: d.resize_canvas(Rect(0, 0, 9_000, 9_000)),
        lambda d: d.resize_canvas(Rect(5, 5, 0, 10)),
        lambda d: d.scale(Extent(9_000, 9_000)),
        lambda d: d.scale(Extent(0, 10)),
        lambda d: d.crop(Rect(200, 200, 10, 10)),
        lambda d: d.change_layer(77, "Hide", visible=False),
        lambda d: d.remove_layer(77),
        lambda d: d.add_layer(noise(10, 10), Rect(0, 0, 11, 10), "Unfit"),
        lambda d: d.add_layer(corpus.noise(10, 10), Rect(0, 0, 10, 10), "No alpha"),
        lambda d: d.add_result(Rect(0, 0, 9, 9), [], "None"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(act: Action) -> None:
    document = Document(noise(WIDTH, HEIGHT))
    before, version = state_of(document), document.version
    with pytest.raises(MuseStudioError) as caught:
        act(document)
    assert caught.value.kind in (ErrorKind.BAD_REQUEST, ErrorKind.BAD_PICTURE)
    assert (state_of(document), document.version, document.can_undo) == (before, version, False)


def test_layers_past_the_memory_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    document = Document(noise(WIDTH, HEIGHT))
    monkeypatch.setattr(limits, "LAYERS_LIMIT_BYTES", WIDTH * HEIGHT * 4 + 500)
    document.add_layer(noise(10, 10), Rect(0, 0, 10, 10), "Small")
    with pytest.raises(MuseStudioError, match="Merge or delete"):
        document.add_layer(noise(10, 10), Rect(0, 0, 10, 10), "Too much")
    with pytest.raises(MuseStudioError, match="Merge"):
        document.scale(Extent(WIDTH * 2, HEIGHT))


def test_wishes_typed_in_one_go_are_one_step(monkeypatch: pytest.MonkeyPatch) -> None:
    document = Document(noise(WIDTH, HEIGHT))
    now = [100.0]
    monkeypatch.setattr("muse_studio.core.document.monotonic", lambda: now[0])
    for text in ("a", "a f", "a fox"):
        document.set_wishes(Wishes(prompt=text), "Prompt")
        now[0] += limits.WISHES_MERGE_S / 2
    now[0] += limits.WISHES_MERGE_S * 2
    document.set_wishes(Wishes(prompt="an owl"), "Prompt")
    change = document.undo()
    assert change is not None
    assert change.kind is ChangeKind.WISHES
    assert document.wishes.prompt == "a fox"
    document.undo()
    assert document.wishes == Wishes()
    assert not document.can_undo


def test_equal_looks_change_nothing() -> None:
    layer = Layer(1, "x", Rect(0, 0, 5, 5), (Variation(noise(5, 5)),))
    other = Layer(2, "y", Rect(9, 9, 5, 5), (Variation(noise(5, 5)),))
    assert changed_area([layer, other], [layer, other]).is_empty
    assert changed_area([layer, other], [layer]) == other.place
    assert changed_area([layer, other], [other, layer]) == Rect(0, 0, 14, 14)
