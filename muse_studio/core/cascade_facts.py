"""What a cascade's folder says of itself, as values. Knows no files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Proof(Enum):
    """Who says what the files of a folder must be."""

    PUBLISHED = "published"
    """cascade.json, or the note of our own download: a sha256 for each file."""
    CACHE = "cache"
    """The Hub cache that the files lie in, which calls each of them by its hash."""
    NONE = "none"
    """Nobody: their form can be looked at, and nothing more."""


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What a file of a cascade must be.

    sha256: "" where nobody says.
    blob:   git's own name of the content, the SHA-1 of “blob SIZE\\0” and its bytes; "" where nobody says.
    """

    sha256: str
    size_bytes: int
    blob: str = ""


@dataclass(frozen=True, slots=True)
class StagePlanFacts:
    """A stage's default plan; None where the folder does not say, or where it has none: no order but that by
    confidence has a temperature."""

    steps: int | None = None
    guidance: float | None = None
    temperature: float | None = None


@dataclass(frozen=True, slots=True)
class CascadeFacts:
    """What a folder says, checked.

    superres:     None where the cascade has one stage.
    architecture: as it is written, for reckoning; of unknown content.
    sizes:        sides of the pictures that it makes in px, its own first.
    family:       how the program calls what published it; "" for a cascade of our own format.
    """

    name: str
    licence: str
    files: Mapping[str, FileRecord]
    base: StagePlanFacts
    superres: StagePlanFacts | None
    architecture: Mapping[str, Any] = field(default_factory=dict)
    sizes: tuple[int, ...] = (512, 256)
    family: str = ""
    proof: Proof = Proof.PUBLISHED

    @property
    def size_bytes(self) -> int:
        """All files together."""
        return sum(record.size_bytes for record in self.files.values())

    @property
    def weights(self) -> tuple[str, ...]:
        """Its safetensors files."""
        return tuple(name for name in self.files if name.endswith(".safetensors"))
