"""A cascade's folder as it describes itself, read without torch and without trusting a word of it.

Our own format, with cascade.json, and the layout of published ones (`published_folder`). What loads the model checks
everything again; this is for listing, telling and verifying. No file outside the folder is read, no pickle is opened,
nothing is allocated that a header claims.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from muse_studio.core import limits
from muse_studio.core.cascade_facts import CascadeFacts, FileRecord, Proof, StagePlanFacts
from muse_studio.core.errors import MuseStudioError
from muse_studio.core.files import printable
from muse_studio.core.folder_files import bad_model, check_links, file_records, open_inside, read_inside
from muse_studio.core.published_folder import INDEX_NAME, is_published, read_published, split_card
from muse_studio.core.weights_header import parameter_count, read_tensors

CASCADE_NAME = "cascade.json"
CARD_NAMES = ("README.md", "MODEL_CARD.md", "README.txt")
SAMPLE_NAMES = ("sample.png", "sample.webp", "sample.jpg", "sample.jpeg")
_FORMAT = 1
_NAME_CHARACTERS = 80
_CHUNK_BYTES = 1024 * 1024

Progress = Callable[[int, int], bool]
"""Told the bytes that are done and all there are; returns False to stop."""


def is_cascade(folder: Path) -> bool:
    """Whether the folder has the file by which a cascade is known; what is in it may still be refused."""
    return (folder / CASCADE_NAME).is_file() or (folder / INDEX_NAME).is_file()


def read_cascade(folder: Path) -> CascadeFacts:
    """What a folder says of itself, checked. MuseStudioError(BAD_MODEL) says why it is no cascade."""
    name = printable(folder.name or str(folder))
    if folder.is_file():
        raise bad_model(f"“{name}” is a single file. A cascade is a folder with {CASCADE_NAME} and safetensors in it.")
    if not folder.is_dir():
        raise bad_model(f"There is no folder “{name}”. It may have been moved or deleted.", str(folder))
    if (folder / CASCADE_NAME).exists():
        return _read_own(folder, name)
    if is_published(folder):
        return read_published(folder)
    raise bad_model(
        f"“{name}” is no cascade: there is no {CASCADE_NAME} in it, and no {INDEX_NAME}. "
        "Choose the folder that has one."
    )


def _read_own(folder: Path, name: str) -> CascadeFacts:
    try:
        stored = json.loads(read_inside(folder, CASCADE_NAME, limits.CASCADE_JSON_LIMIT_BYTES))
        if stored["format"] != _FORMAT:
            raise bad_model(f"“{name}” is of a newer format. A newer version of this program may read it.")
        defaults = stored["defaults"]
        return CascadeFacts(
            name=_text(stored["name"]),
            licence=_text(stored.get("licence", "")),
            files=file_records(stored["files"]),
            base=plan_facts(defaults["base"]),
            superres=plan_facts(defaults["superres"]),
            architecture=dict(stored["architecture"]),
        )
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError, OSError) as fault:
        raise bad_model(f"The {CASCADE_NAME} of “{name}” is damaged. Fetch the cascade again.", repr(fault)) from fault


def read_card(folder: Path) -> str:
    """The model card's text, without what it says for machines; "" where there is none that can be read."""
    for name in CARD_NAMES:
        try:
            text = read_inside(folder, name, limits.MODEL_CARD_LIMIT_BYTES).decode("utf-8", "replace")
        except (MuseStudioError, OSError):
            continue
        return split_card(text)[1]
    return ""


def sample_picture(folder: Path) -> Path | None:
    """The picture that shows what the model draws, not opened; None where there is none inside the folder."""
    for name in SAMPLE_NAMES:
        try:
            with open_inside(folder, name):
                return folder / name
        except (MuseStudioError, OSError):
            continue
    return None


def parameter_counts(folder: Path, facts: CascadeFacts) -> dict[str, int]:
    """Parameters of each part by its weights' name, as “base” or “text_encoder/model”. MuseStudioError(BAD_MODEL)."""
    return {name.removesuffix(".safetensors"): parameter_count(read_tensors(folder, name)) for name in facts.weights}


def verify(folder: Path, facts: CascadeFacts, progress: Progress | None = None) -> tuple[str, ...]:
    """Look at every byte; one sentence for each file that is not what it must be. Stops early if `progress` says so.

    Where nobody says what a file must be, it is only seen that it is whole and can be read: `facts.proof`.
    """
    problems: list[str] = []
    done, total = 0, max(1, facts.size_bytes)
    for name, record in facts.files.items():
        sha256 = hashlib.sha256()
        # git's name of a small file, for which the Hub publishes nothing better.
        git = hashlib.sha1(b"blob %d\0" % record.size_bytes, usedforsecurity=False)
        try:
            with open_inside(folder, name, record.size_bytes) as file:
                while chunk := file.read(_CHUNK_BYTES):
                    sha256.update(chunk)
                    if record.blob:
                        git.update(chunk)
                    done += len(chunk)
                    if progress is not None and not progress(min(done, total), total):
                        return tuple(problems)
            if name.endswith(".safetensors") and facts.proof is Proof.NONE:
                read_tensors(folder, name)
        except (MuseStudioError, OSError) as fault:
            problems.append(str(fault))
            continue
        if not _is_right(record, sha256.hexdigest(), git.hexdigest()):
            problems.append(f"{name} is damaged or was exchanged: its sha256 is not the one that was published.")
    return tuple(problems)


def check_folder(folder: Path) -> CascadeFacts:
    """All that can be told of a folder without hashing it: MuseStudioError(BAD_MODEL) names the first thing wrong."""
    facts = read_cascade(folder)
    pickles = check_links(folder)
    if pickles and not facts.family:
        raise bad_model(
            f"“{pickles[0]}” is a file that can run code when it is opened. Only folders of safetensors are taken: "
            "ask whoever made this cascade for one, or remove the file if nothing needs it."
        )
    for name, record in facts.files.items():
        with open_inside(folder, name, record.size_bytes):
            pass
    parameter_counts(folder, facts)
    return facts


def plan_facts(stored: Any) -> StagePlanFacts:
    """A stage's plan as cascade.json has it. AttributeError where it is no table."""
    steps, guidance, temperature = (stored.get(key) for key in ("steps", "guidance", "temperature"))
    if stored.get("order") == "halton":  # an even spread, in which the temperature has no part
        temperature = None
    return StagePlanFacts(steps if type(steps) is int else None, _number(guidance), _number(temperature))


def _is_right(record: FileRecord, sha256: str, blob: str) -> bool:
    if record.sha256:
        return record.sha256 == sha256
    return not record.blob or record.blob == blob


def _number(value: object) -> float | None:
    return float(value) if type(value) in (int, float) else None  # type: ignore[arg-type]


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > _NAME_CHARACTERS or not all(map(str.isprintable, value)):
        raise TypeError("not a short text")
    return value
