"""Whatever is done to layers, masks and canvas, undo brings every byte back and redo the last ones."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from muse_studio.core.document import Document
from muse_studio.core.geometry import Rect
from muse_studio.core.history import ChangeKind
from tests.core.layer_edits import HEIGHT, WIDTH, Action, actions, noise, slow_picture, state_of


@settings(deadline=None, max_examples=120)
@given(actions, st.data())
def test_any_edits_undone_give_the_first_bytes_back_and_redone_the_last(
    done: list[Action], data: st.DataObject
) -> None:
    document = Document(noise(WIDTH, HEIGHT))
    states = [state_of(document)]
    for action in done:
        steps = len(document._history)
        action(document)
        if len(document._history) == steps:  # no step, or one with the last: then the last has grown
            assert state_of(document) == states[-1] or len(states) > 1
            states[-1] = state_of(document)
        else:
            states.append(state_of(document))
    place = len(states) - 1
    for back in data.draw(st.lists(st.booleans(), max_size=12)) + [True] * len(states):
        change = document.undo() if back else document.redo()
        place += 0 if change is None else -1 if back else 1
        assert state_of(document) == states[place]
        assert np.array_equal(document.picture, slow_picture(document.snapshot()))
    assert place == 0
    while document.redo():
        pass
    assert state_of(document) == states[-1]


def test_the_next_layer_shows_its_hidden_colours_once_the_lowest_is_gone() -> None:
    document = Document(noise(WIDTH, HEIGHT))
    document.add_layer(noise(60, 40, 1), Rect(20, 20, 60, 40), "Above")
    document.change_layer(1, "Hide", visible=False)
    assert np.array_equal(document.picture, slow_picture(document.snapshot()))
    document.undo()
    assert np.array_equal(document.picture, slow_picture(document.snapshot()))


@settings(deadline=None, max_examples=80)
@given(actions)
def test_changes_happen_only_where_they_are_announced(done: list[Action]) -> None:
    document = Document(noise(WIDTH, HEIGHT))
    for action in done:
        before, extent, version = document.picture.copy(), document.extent, document.version
        steps = len(document._history)
        announced = action(document)
        assert np.array_equal(document.picture, slow_picture(document.snapshot()))
        changed = document.extent != extent or not np.array_equal(before, document.picture)
        assert document.version > version or not changed
        if len(document._history) == steps or document.extent != extent or not isinstance(announced, Rect):
            continue
        outside = np.ones(before.shape[:2], bool)
        outside[announced.slices] = False
        assert np.array_equal(before[outside], document.picture[outside])
    while True:
        before, extent = document.picture.copy(), document.extent
        change = document.undo()
        if change is None:
            return
        if change.kind is ChangeKind.DOCUMENT:
            continue
        assert document.extent == extent
        outside = np.ones(before.shape[:2], bool)
        outside[change.rect.slices] = False
        assert np.array_equal(before[outside], document.picture[outside])


@settings(deadline=None, max_examples=60)
@given(actions)
def test_ids_are_never_used_again_and_one_of_them_is_active(done: list[Action]) -> None:
    document = Document(noise(WIDTH, HEIGHT))
    gone: set[int] = set()
    for action in done:
        before = {layer.id for layer in document.layers}
        action(document)
        now = {layer.id for layer in document.layers}
        assert len(now) == len(document.layers)
        assert not (now - before) & gone
        gone |= before - now
        assert document.active in now or (document.active == 0 and not now)


@settings(deadline=None, max_examples=40)
@given(actions)
def test_snapshots_are_the_document_and_do_not_change_with_it(done: list[Action]) -> None:
    document = Document(noise(WIDTH, HEIGHT))
    for action in done:
        action(document)
    snapshot, state = document.snapshot(), state_of(document)
    again = Document.of_state(snapshot)
    assert state_of(again) == state
    assert again.frame == document.frame
    assert not again.dirty
    document.invert_mask()
    document.rotate(1)
    again.invert_mask()
    again.undo()
    assert state_of(again) == state
