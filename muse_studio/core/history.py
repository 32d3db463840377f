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
    DOCUMENT = "document"  # picture, mask and frame; the extent may be another one


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
    def dirty(self) -> bool:
        """Whether the document differs from what was last saved."""
        return self._place != self._saved_place

    @property
    def size_bytes(self) -> int:
        return sum(edit.size_bytes for edit in self._edits)

    def __len__(self) -> int:
        return len(self._edits)

    def mark_saved(self) -> None:
        self._saved_place = self._place

    def push(self, edit: Edit) -> None:
        """Add an edit that has just been done. What could be redone is dropped, and the oldest beyond the limits."""
        if self._saved_place is not None and self._saved_place > self._place:
            self._saved_place = None
        del self._edits[self._place :]
        self._edits.append(edit)
        self._place += 1
        self._forget_oldest()

    def undo(self) -> Change | None:
        """Take back the edit before the place; None if there is none."""
        if not self.can_undo:
            return None
        edit = self._edits[self._place - 1]
        edit.swap()
        self._place -= 1
        return edit.change

    def redo(self) -> Change | None:
        """Do the edit after the place again; None if there is none."""
        if not self.can_redo:
            return None
        edit = self._edits[self._place]
        edit.swap()
        self._place += 1
        return edit.change

    def _forget_oldest(self) -> None:
        """The latest edit always stays, however large."""
        excess_bytes = self.size_bytes - self._limit_bytes
        count = max(0, len(self._edits) - self._limit_items)
        excess_bytes -= sum(edit.size_bytes for edit in self._edits[:count])
        while excess_bytes > 0 and count < len(self._edits) - 1:
            excess_bytes -= self._edits[count].size_bytes
            count += 1
        if count:
            del self._edits[:count]
            self._place -= count
            kept = self._saved_place is not None and self._saved_place >= count
            self._saved_place = self._saved_place - count if kept and self._saved_place is not None else None
