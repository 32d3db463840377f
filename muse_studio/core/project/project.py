"""A project as one value: what a project file holds, beside how it is packed. Knows nothing about files or windows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from muse_studio.core.document import DocumentState


@dataclass(frozen=True, slots=True, eq=False)
class Project:
    """A document with all that its sheet knows.

    state: the document: layers, mask, frame, wishes.
    title: what the window calls it.
    runs:  the runs' own files, as `runs_to_files` gives them: kept, never looked into.
    facts: JSON-able values of the sheet: where an unsaved one came from, which entries of the gallery are its own.
    notes: what a person should know about opening it, as sentences.
    """

    state: DocumentState
    title: str = ""
    runs: Mapping[str, bytes] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
