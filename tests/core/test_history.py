"""Old edits are forgotten within limits, never the latest one."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from muse_studio.core.geometry import Rect
from muse_studio.core.history import Change, ChangeKind, History


@dataclass
class Counted:
    size_bytes: int
    name: str = "edit"
    swaps: int = 0

    @property
    def change(self) -> Change:
        return Change(self.name, Rect.empty(), ChangeKind.MASK)

    def swap(self) -> None:
        self.swaps += 1


@given(st.lists(st.integers(0, 60), min_size=1, max_size=40))
def test_the_newest_edits_that_fit_are_kept(sizes: list[int]) -> None:
    history = History(limit_bytes=100, limit_items=7)
    for number, size in enumerate(sizes):
        history.push(Counted(size, str(number)))
        assert history.undo_label == str(number)
        assert history.size_bytes <= 100 or len(history) == 1
        assert len(history) <= 7
    kept = len(history)
    if kept < min(7, len(sizes)):
        assert history.size_bytes + sizes[-kept - 1] > 100  # nothing was forgotten needlessly


def test_an_edit_beyond_the_limit_is_still_kept() -> None:
    history = History(limit_bytes=100)
    history.push(Counted(10))
    history.push(Counted(1_000, "large"))
    assert len(history) == 1
    assert history.undo_label == "large"


def test_forgetting_the_saved_place_keeps_the_document_dirty() -> None:
    history = History(limit_items=2)
    history.mark_saved()
    for _ in range(3):
        history.push(Counted(1))
    while history.undo():
        pass
    assert history.dirty
    history.mark_saved()
    assert not history.dirty


def test_a_saved_place_that_is_kept_moves_along() -> None:
    history = History(limit_items=2)
    history.push(Counted(1))
    history.push(Counted(1))
    history.mark_saved()
    history.push(Counted(1))
    history.undo()
    assert not history.dirty


def test_a_new_edit_drops_what_could_be_redone() -> None:
    history = History()
    history.push(Counted(1, "first"))
    history.push(Counted(1, "second"))
    history.undo()
    history.push(Counted(1, "third"))
    assert not history.can_redo
    assert history.redo_label is None
    history.undo()
    assert history.redo_label == "third"
    assert history.undo_label == "first"


def test_an_empty_history_does_nothing() -> None:
    history = History()
    assert history.undo() is None
    assert history.redo() is None
    assert not history.dirty
