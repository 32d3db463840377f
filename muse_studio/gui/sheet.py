"""A document and what the window knows about it: its title, its file, and which requests made what it shows.

Knows no Qt. Undo lives in the document; the sheet follows it so that a saved PNG never names a request whose result was
taken back, and saving never writes a new picture over an older one's file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from muse_studio.core.document import Document
from muse_studio.core.request import EditRequest, Mode
from muse_studio.core.runs import RunTree

FILL_LABEL = "Fill the mask"
NEW_PICTURE_LABEL = "New picture"
RESULT_LABELS = (FILL_LABEL, NEW_PICTURE_LABEL)
"""Labels of the undo steps that jobs make."""

_TITLE_CHARACTERS = 40


@dataclass(frozen=True, slots=True)
class _Name:
    """What a picture is called and where it was saved."""

    title: str
    path: Path | None


@dataclass(frozen=True, slots=True)
class _Result:
    """A job's result in the document, and the names before and after it."""

    request: EditRequest
    before: _Name
    after: _Name


@dataclass(slots=True, eq=False)
class Sheet:
    """One document in the window.

    title:  its file's name, or the beginning of its prompt.
    path:   the PNG that "Save" writes again without asking; None until there is one.
    is_new: it holds a picture that no file holds yet, though nothing was changed since.
    runs:   every step of every decode that was made for it.
    """

    document: Document
    title: str
    path: Path | None = None
    is_new: bool = False
    runs: RunTree = field(default_factory=RunTree)
    _done: list[_Result] = field(default_factory=list)
    _undone: list[_Result] = field(default_factory=list)

    @property
    def is_unsaved(self) -> bool:
        return self.is_new or self.document.dirty

    @property
    def request(self) -> EditRequest | None:
        """What made the newest result that is still in the document; None if none is."""
        return self._done[-1].request if self._done else None

    def mark_saved(self, path: Path | None = None) -> None:
        """The picture as it is now is in a file; `path` if saving again should go there."""
        self.is_new = False
        self.document.mark_saved()
        if path is not None:
            self.path, self.title = path, path.name

    def note_result(self, request: EditRequest) -> None:
        """The document has just taken the result of `request` as one undo step."""
        before = _Name(self.title, self.path)
        is_fill = request.mode is Mode.INPAINT
        after = before if is_fill else _Name(title_of(request.prompt), None)
        self._undone.clear()
        self._done.append(_Result(request, before, after))
        self._rename(after)

    def undo_passed(self, label: str | None) -> None:
        """The document has taken back the step of this label."""
        if label in RESULT_LABELS and self._done:
            result = self._done.pop()
            self._undone.append(result)
            self._rename(result.before)

    def redo_passed(self, label: str | None) -> None:
        """The document has done the step of this label again."""
        if label in RESULT_LABELS and self._undone:
            result = self._undone.pop()
            self._done.append(result)
            self._rename(result.after)

    def _rename(self, name: _Name) -> None:
        self.title, self.path = name.title, name.path


def title_of(prompt: str) -> str:
    """A picture's title from its prompt: one line, not long."""
    line = " ".join(prompt.split())
    if len(line) > _TITLE_CHARACTERS:
        line = f"{line[:_TITLE_CHARACTERS].rstrip()}…"
    return line or "Untitled"
