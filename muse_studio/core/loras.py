"""A LoRA as it is asked for: which file, told apart by what is in it, and how strongly. Knows no torch.

What a result was made with is the file's name and hash. Where the file lies on this computer is of use here alone: no
text of a picture, no project and no preset tells it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from muse_studio.core import limits
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.files import printable

SUFFIX = ".safetensors"
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class LoraUse:
    """One LoRA of a request. MuseStudioError(BAD_REQUEST) for what is none.

    name:     the file's, without its ending, as a person knows it.
    sha256:   of the file, in hexadecimal.
    strength: 1 as trained, 0 without effect, negative for the opposite; at most LORA_STRENGTH_LIMIT of either sign.
    on:       False for one that rests in a person's list; a request has none of these.
    path:     of the file; "" where it is not known. Of no meaning for what comes out: not compared, not stored.
    """

    name: str
    sha256: str
    strength: float = 1.0
    on: bool = True
    path: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        given: tuple[Any, ...] = (self.name, self.sha256, self.strength, self.on, self.path)
        name, sha256, strength, on, path = given  # a stranger's JSON may hold anything
        if not isinstance(name, str) or not name or len(name) > limits.LORA_NAME_LIMIT_CHARACTERS:
            raise _bad_request("a LoRA's name is missing or too long")
        if not isinstance(sha256, str) or not _SHA256.fullmatch(sha256):
            raise _bad_request("a LoRA's hash is no sha256")
        if not isinstance(strength, int | float) or isinstance(strength, bool):
            raise _bad_request("a LoRA's strength is no number")
        if not abs(strength) <= limits.LORA_STRENGTH_LIMIT:  # NaN fails the comparison
            raise _bad_request(f"a LoRA's strength is at most {limits.LORA_STRENGTH_LIMIT:g}, not {strength!r}")
        if not isinstance(on, bool) or not isinstance(path, str):
            raise _bad_request("a LoRA's settings are damaged")
        check_path(name, path)

    @classmethod
    def of_file(cls, path: Path, strength: float = 1.0) -> LoraUse:
        """Of a file as it is now, whatever is in it. MuseStudioError(BAD_MODEL) where it cannot be read."""
        return cls(name_of(path), file_sha256(path), strength, path=str(path.expanduser().absolute()))

    def settings(self) -> dict[str, Any]:
        """As JSON-able values, for whoever makes the same picture again."""
        return {"name": self.name, "sha256": self.sha256, "strength": float(self.strength)}

    @classmethod
    def from_settings(cls, settings: Any) -> LoraUse:
        """MuseStudioError(BAD_REQUEST), KeyError or TypeError where these are not what `settings` gives."""
        unknown = set(settings) - {"name", "sha256", "strength", "on"}
        if unknown:
            raise _bad_request("a LoRA's settings are damaged", ascii(sorted(unknown))[:200])
        return cls(settings["name"], settings["sha256"], settings["strength"], settings.get("on", True))


@dataclass(frozen=True, slots=True)
class LoraFile:
    """Where a LoRA lies on this computer, for the settings. sha256: of the file, as it was when it was used."""

    path: str
    sha256: str


def with_file(files: Sequence[LoraFile], path: str, sha256: str) -> tuple[LoraFile, ...]:
    """With this as the newest, each path and each content once, at most LORA_FILES_LIMIT."""
    others = (file for file in files if file.path != path and file.sha256 != sha256)
    return (LoraFile(path, sha256), *others)[: limits.LORA_FILES_LIMIT]


def paths_of(files: Iterable[LoraFile]) -> dict[str, str]:
    """By their sha256."""
    return {file.sha256: file.path for file in files}


def name_of(path: Path) -> str:
    """What a file is called in lists and pictures: one printable line."""
    return printable(path.stem).strip()[: limits.LORA_NAME_LIMIT_CHARACTERS] or "LoRA"


def check_path(name: str, path: str) -> None:
    """MuseStudioError(BAD_MODEL) for one that does not fit into a message to the worker."""
    if len(path) > limits.LORA_PATH_LIMIT_CHARACTERS:
        raise unusable(name, "the path of its file is too long; move it to a folder nearer to the top")


def file_sha256(path: Path) -> str:
    """In hexadecimal. MuseStudioError(BAD_MODEL) where the file cannot be read."""
    try:
        with path.expanduser().open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError) as fault:
        raise unusable(path.name, getattr(fault, "strerror", None) or str(fault), repr(fault)) from fault


def unusable(name: str, reason: str, detail: str = "") -> MuseStudioError:
    """What a person is told of a LoRA that cannot be put on."""
    message = f"The LoRA “{printable(name)}” cannot be used: {reason}. Choose another, or none."
    return MuseStudioError(ErrorKind.BAD_MODEL, message, detail)


def check_uses(uses: Any) -> tuple[LoraUse, ...]:
    """Those of a request. MuseStudioError(BAD_REQUEST) for too many, for one that rests, and for a file given twice."""
    if not isinstance(uses, tuple | list) or not all(isinstance(use, LoraUse) and use.on for use in uses):
        raise _bad_request("its LoRAs are damaged")
    if len(uses) > limits.LORAS_LIMIT:
        raise _bad_request(f"{len(uses)} LoRAs are too many at once; {limits.LORAS_LIMIT} are the most")
    if len({use.sha256 for use in uses}) < len(uses):
        raise _bad_request("the same LoRA is there twice; give it once, with the sum of the strengths")
    return tuple(uses)


def sound_uses(value: object) -> tuple[LoraUse, ...]:
    """From a stranger's JSON: what is not sound, or is there twice, or is too much, is left out. Never raises."""
    found: dict[str, LoraUse] = {}
    for each in value[: 4 * limits.LORAS_LIMIT] if isinstance(value, list | tuple) else ():
        try:
            use = each if isinstance(each, LoraUse) else LoraUse.from_settings(each)
            found.setdefault(use.sha256, use)
        except (MuseStudioError, KeyError, TypeError, AttributeError):
            continue
    return tuple(found.values())[: limits.LORAS_LIMIT]


def found(uses: Iterable[LoraUse], known: Mapping[str, str]) -> tuple[LoraUse, ...]:
    """With the paths of files that are known, by their sha256; a path that is there already stays."""
    return tuple(use if use.path else replace(use, path=known.get(use.sha256, "")) for use in uses)


def missing(uses: Iterable[LoraUse]) -> tuple[LoraUse, ...]:
    """Those that are asked for, of whose files nobody knows where they are."""
    return tuple(use for use in uses if use.on and not use.path)


def tags(uses: Sequence[LoraUse]) -> str:
    """As other programs write them after a prompt: “<lora:ink:0.7>”."""
    return " ".join(f"<lora:{_TAG_BREAKERS.sub('_', use.name)}:{use.strength:g}>" for use in uses)


def without_tags(prompt: str) -> str:
    """The words alone."""
    return _TAG.sub("", prompt).strip()


_TAG_BREAKERS = re.compile(r"[<>:,\s]+")
_TAG = re.compile(r"\s*<lora:[^<>\n]{1,300}>")


def _bad_request(reason: str, detail: str = "") -> MuseStudioError:
    return MuseStudioError(ErrorKind.BAD_REQUEST, f"The request cannot be run: {reason}.", detail)
