"""The published cascades that can be fetched: what is known of them before anybody is asked. Knows no network.

No hash stands here: what a file must be is said by the Hub's own record of it at the time of a download.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from muse_studio import places
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.files import printable
from muse_studio.core.folder_files import bad_model

FILE_NAME = "published.json"
ENDPOINT_VARIABLE = "HF_ENDPOINT"
DEFAULT_ENDPOINT = "https://huggingface.co"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Published:
    """One published cascade.

    name:        what it is called here, and its folder.
    repo:        its owner and name on the Hub.
    licence:     as its authors name it, when this list was written.
    link:        where a person reads the licence and the model card.
    about:       model and picture size, for a list.
    about_bytes: roughly what is fetched; None where that was not known.
    folders:     the parts that are needed.
    weights:     those of them that must hold safetensors.
    """

    name: str
    repo: str
    licence: str
    link: str
    about: str
    about_bytes: int | None
    folders: tuple[str, ...]
    weights: tuple[str, ...]


def catalogue(path: Path | None = None) -> tuple[Published, ...]:
    """Every published cascade. MuseStudioError(BAD_MODEL) where the list that ships with the program is damaged."""
    path = path or places.resources() / FILE_NAME
    try:
        stored = json.loads(path.read_bytes())
        if stored["format"] != _FORMAT:
            raise ValueError("format")
        return tuple(
            Published(**{**entry, "folders": tuple(entry["folders"]), "weights": tuple(entry["weights"])})
            for entry in stored["cascades"]
        )
    except (OSError, ValueError, KeyError, TypeError) as fault:
        message = "The list of published cascades is missing or damaged. Install the program again."
        raise bad_model(message, f"{path}: {fault!r}") from fault


def find_published(name: str) -> Published:
    """A cascade of the list by its name here or on the Hub, in any case. MuseStudioError(BAD_MODEL)."""
    known = catalogue()
    for entry in known:
        if name.casefold() in (entry.name.casefold(), entry.repo.casefold()):
            return entry
    names = ", ".join(entry.name for entry in known)
    raise bad_model(f"There is no published cascade “{printable(name)}” in the list. These can be fetched: {names}.")


def endpoint() -> str:
    """The address to ask: $HF_ENDPOINT, else the Hub's own. MuseStudioError(BAD_REQUEST) where that is no address."""
    named = os.environ.get(ENDPOINT_VARIABLE, "").strip().rstrip("/") or DEFAULT_ENDPOINT
    try:
        parts = urlsplit(named)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and not (parts.query or parts.fragment)
    except ValueError:
        sound = False
    if not sound:
        message = f"{ENDPOINT_VARIABLE} is “{printable(named)}”, which is no address such as {DEFAULT_ENDPOINT}."
        raise MuseStudioError(ErrorKind.BAD_REQUEST, message)
    return named
