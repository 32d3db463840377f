"""Undo and redo: a row of edits and a place in it. Knows nothing about what an edit does.

Each edit can exchange its own state with the document's; undoing and redoing are the same call.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from muse_studio.core import limits
from muse_studio.core.geometry import Rect


class ChangeKind(StrEnum):
    """What a view must look at again."""

    MASK = "mask"
    PICTURE = "picture"
    LAYERS = "layers"  # the picture too, where a layer's looks or place have changed
    WISHES = "wishes"
    DOCUMENT = "document"  # layers, mask and frame; the extent may be another one


@dataclass(frozen=True, slots=True)
class Change:
    """What an undo or redo changed: `rect` in document pixels."""

    label: str
    rect: Rect
    kind: ChangeKind


class Edit(Protocol):
    """One undo step. `swap` takes it back, and called again does it again."""

    @property
    def change(self) -> Change: ...

    @property
    def size_bytes(self) -> int: ...

    def swap(self) -> None: ...


class History:
    """The edits of one document, oldest first. Those before the place can be undone, those after it redone."""

    def __init__(self, limit_bytes: int = limits.HISTORY_LIMIT_BYTES, limit_items: int = limits.HISTORY_LIMIT_ITEMS):
        self._limit_bytes = limit_bytes
        self._limit_items = limit_items
        self._edits: list[Edit] = []
        self._sizes: list[int] = []  # bytes of each edit when last touched: asking them all would make pushing O(n)
        self._size_bytes = 0
        self._place = 0
        self._saved_place: int | None = 0  # None: the saved state cannot be reached any more

    @property
    def can_undo(self) -> bool:
        return self._place > 0

    @property
    def can_redo(self) -> bool:
        return self._place < len(self._edits)

    @property
    def undo_label(self) -> str | None:
        return self._edits[self._place - 1].change.label if self.can_undo else None

    @property
    def redo_label(self) -> str | None:
        return self._edits[self._place].change.label if self.can_redo else None

    @property
    def next_undo(self) -> Edit | None:
        """What undo would swap."""
        return self._edits[self._place - 1] if self.can_undo else None

    @property
    def next_redo(self) -> Edit | None:
        """What redo would swap."""
        return self._edits[self._place] if self.can_redo else None

    @property
    def dirty(self) -> bool:
        """Whether the document differs from what was last saved."""
        return self._place != self._saved_place

    @property
    def size_bytes(self) -> int:
        """Memory held for undo and redo."""
        return self._size_bytes

    def __len__(self) -> int:
        return len(self._edits)

    @property
    def top(self) -> Edit | None:
        """The newest edit, while more may be added to it: nothing can be redone, and nothing was saved since."""
        if not self.can_undo or self.can_redo or self._saved_place == self._place:
            return None
        return self._edits[-1]

    def mark_saved(self) -> None:
        self._saved_place = self._place

    def push(self, edit: Edit) -> None:
        """Add an edit that has just been done. What could be redone is dropped, and the oldest beyond the limits."""
        if self._saved_place is not None and self._saved_place > self._place:
            self._saved_place = None
        self._drop(slice(self._place, None))
        self._edits.append(edit)
        self._sizes.append(0)
        self._measure(self._place)
        self._place += 1
        self._forget_oldest()

    def undo(self) -> Change | None:
        """Take back the edit before the place; None if there is none."""
        if not self.can_undo:
            return None
        edit = self._edits[self._place - 1]
        edit.swap()
        self._place -= 1
        self._measure(self._place)
        return edit.change

    def redo(self) -> Change | None:
        """Do the edit after the place again; None if there is none."""
        if not self.can_redo:
            return None
        edit = self._edits[self._place]
        edit.swap()
        self._measure(self._place)
        self._place += 1
        return edit.change

    def _measure(self, index: int) -> None:
        """An edit's size changes when it is swapped: the other state may be larger."""
        size = self._edits[index].size_bytes
        self._size_bytes += size - self._sizes[index]
        self._sizes[index] = size

    def _drop(self, which: slice) -> None:
        self._size_bytes -= sum(self._sizes[which])
        del self._edits[which], self._sizes[which]

    def _forget_oldest(self) -> None:
        """The latest edit always stays, however large."""
        count = max(0, len(self._edits) - self._limit_items)
        excess_bytes = self._size_bytes - sum(self._sizes[:count]) - self._limit_bytes
        while excess_bytes > 0 and count < len(self._edits) - 1:
            excess_bytes -= self._sizes[count]
            count += 1
        if count == 0:
            return
        self._drop(slice(count))
        self._place -= count
        if self._saved_place is not None:
            self._saved_place = self._saved_place - count if self._saved_place >= count else None
