"""A document and what the window knows about it: its title, its file, its runs, and which request made what it shows.

Knows no Qt. Undo lives in the document, and what made a layer lies beside its pixels: so a picture never names a
request whose result was taken back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from muse_studio.core.document import Document, DocumentState
from muse_studio.core.errors import MuseStudioError
from muse_studio.core.files import FileStamp, printable
from muse_studio.core.project.project import Project
from muse_studio.core.request import EditRequest, Mode
from muse_studio.core.run_files import runs_to_files
from muse_studio.core.runs import Run, RunTree

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

    @property
    def is_unsaved(self) -> bool:
        return self.is_new or self.document.dirty

    @property
    def request(self) -> EditRequest | None:
        """What made the result that shows: the active layer's if it is one, else the highest there is; None if none.

        Its pixels and tokens are there only while its run is remembered.
        """
        layers = self.document.layers
        active = [layer for layer in layers if layer.id == self.document.active]
        for layer in (*active, *reversed(layers)):
            facts = layer.variations[layer.chosen].facts if layer.visible else {}
            if "request" in facts:
                return self._request_of(facts)
        return None

    def _request_of(self, facts: Mapping[str, Any]) -> EditRequest | None:
        run = self.runs.get(str(facts.get("run", "")))
        try:
            if run is not None:
                seeds = run.request.seeds
                return replace(run.request, seed=seeds[int(facts.get("variation", 0)) % len(seeds)])
            return EditRequest.from_settings({**facts["request"], "mode": Mode.GENERATE})
        except (MuseStudioError, TypeError, ValueError):  # a project's facts may be a stranger's
            return None

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


def title_of(prompt: str) -> str:
    """A picture's title from its prompt: one line, not long."""
    line = " ".join(prompt.split())
    if len(line) > _TITLE_CHARACTERS:
        line = f"{line[:_TITLE_CHARACTERS].rstrip()}…"
    return line or "Untitled"
