"""A document and what the window knows about it: its title, its file, and which requests made what it shows.

Knows no Qt. Undo lives in the document; the sheet follows it so that a picture never names a request whose result was
taken back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from muse_studio.core.document import Document, DocumentState
from muse_studio.core.files import FileStamp, printable
from muse_studio.core.project.project import Project
from muse_studio.core.request import EditRequest
from muse_studio.core.run_files import runs_to_files
from muse_studio.core.runs import Run, RunTree

FILL_LABEL = "Fill the mask"
NEW_PICTURE_LABEL = "New picture"
RESULT_LABELS = (FILL_LABEL, NEW_PICTURE_LABEL)
"""Labels of the undo steps that jobs make."""

_TITLE_CHARACTERS = 40


@dataclass(frozen=True, slots=True, eq=False)
class SheetSnapshot:
    """A sheet at one moment, for a thread to write. version: the document's."""

    state: DocumentState
    title: str
    runs: tuple[Run, ...]
    version: int

    def project(self, facts: Mapping[str, Any] | None = None) -> Project:
        """What a project file holds; encodes what the runs have not encoded yet."""
        return Project(self.state, self.title, runs_to_files(self.runs), facts or {})


@dataclass(slots=True, eq=False)
class Sheet:
    """One document in the window.

    title:  its file's name, or the beginning of its prompt.
    path:   the project that "Save" writes again without asking; None until there is one.
    stamp:  what that file looked like when we last read or wrote it.
    is_new: it holds a picture that no file holds yet, though nothing was changed since.
    runs:   every step of every decode that was made for it.
    """

    document: Document
    title: str
    path: Path | None = None
    is_new: bool = False
    stamp: FileStamp | None = None
    runs: RunTree = field(default_factory=RunTree)
    _done: list[EditRequest] = field(default_factory=list)
    _undone: list[EditRequest] = field(default_factory=list)

    @property
    def is_unsaved(self) -> bool:
        return self.is_new or self.document.dirty

    @property
    def request(self) -> EditRequest | None:
        """What made the newest result that is still in the document; None if none is."""
        return self._done[-1] if self._done else None

    def mark_saved(self) -> None:
        """All there is now is in a file."""
        self.is_new = False
        self.document.mark_saved()

    def snapshot(self) -> SheetSnapshot:
        """All of it as it is now; cheap, for what is large is shared."""
        return SheetSnapshot(self.document.snapshot(), self.title, self.runs.snapshot(), self.document.version)

    def note_saved(self, path: Path, stamp: FileStamp | None, version: int) -> None:
        """A project file holds the document as it was at `version`; what came after is still unsaved."""
        self.path, self.title, self.stamp = path, printable(path.name), stamp
        if self.document.version == version:
            self.mark_saved()

    def note_result(self, request: EditRequest) -> None:
        """The document has just taken the result of `request` as one undo step."""
        self._undone.clear()
        self._done.append(request)

    def undo_passed(self, label: str | None) -> None:
        """The document has taken back the step of this label."""
        if label in RESULT_LABELS and self._done:
            self._undone.append(self._done.pop())

    def redo_passed(self, label: str | None) -> None:
        """The document has done the step of this label again."""
        if label in RESULT_LABELS and self._undone:
            self._done.append(self._undone.pop())


def title_of(prompt: str) -> str:
    """A picture's title from its prompt: one line, not long."""
    line = " ".join(prompt.split())
    if len(line) > _TITLE_CHARACTERS:
        line = f"{line[:_TITLE_CHARACTERS].rstrip()}…"
    return line or "Untitled"
