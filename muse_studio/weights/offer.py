"""What the Hub offers of a published cascade, checked: names, kinds, sizes and what each file must be. Asks nobody."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from muse_studio.core import limits
from muse_studio.core.catalogue import Published
from muse_studio.core.files import printable
from muse_studio.core.folder_files import bad_model, check_name
from muse_studio.core.published_folder import CARD_NAME, INDEX_NAME

WEIGHTS_SUFFIX = ".safetensors"
SUFFIXES = frozenset({WEIGHTS_SUFFIX, ".json", ".txt", ".model", ".md"})  # none of them can run code
_LICENCE_TAG = "license:"
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_VARIANT = re.compile(r"\.[A-Za-z0-9_]+\.safetensors(\.index\.json)?$")  # `model.fp16.safetensors` beside the full one
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)  # no file can be called so on Windows
_SHA256 = re.compile(r"[0-9a-f]{64}")
_COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Listed:
    """A file as the Hub lists it, of unknown truth.

    sha256: of its content, where the Hub keeps it as a large file; None for small ones.
    blob:   git's own name of the content: the SHA-1 of “blob SIZE\\0” and its bytes.
    """

    name: object
    size_bytes: object
    sha256: object = None
    blob: object = None


@dataclass(frozen=True, slots=True)
class WantedFile:
    """A file to fetch, and what it must be: by `sha256` where that is known, else by git's name `blob`."""

    name: str
    size_bytes: int
    sha256: str | None
    blob: str

    @property
    def identity(self) -> str:
        """What the Hub's cache calls it."""
        return self.sha256 or self.blob


@dataclass(frozen=True, slots=True)
class Offer:
    """All that a person agrees to before a byte of a cascade is fetched.

    endpoint: the address that was asked and will be fetched from.
    commit:   the state of the repository that every file is of.
    licence:  what the Hub names now; the list's own where it names none.
    """

    entry: Published
    endpoint: str
    commit: str
    licence: str
    files: tuple[WantedFile, ...]

    @property
    def size_bytes(self) -> int:
        """All files together."""
        return sum(file.size_bytes for file in self.files)

    @property
    def licence_is_new(self) -> bool:
        """Whether the Hub names another licence than the one known when this program was made."""
        return self.licence.casefold() != self.entry.licence.casefold()


def offer_of(
    entry: Published, endpoint: str, commit: object, tags: Sequence[object] | None, listed: Iterable[Listed]
) -> Offer:
    """The offer in what the Hub told. MuseStudioError(BAD_MODEL) names the first thing that is wrong with it."""
    if not isinstance(commit, str) or not _COMMIT.fullmatch(commit):
        raise bad_model(f"The address {printable(endpoint)} does not say which state of {entry.repo} it offers.")
    files = tuple(_wanted(file) for file in listed if _is_needed(entry, _name(file)))
    names = [file.name for file in files]
    if len({name.casefold() for name in names}) != len(names):
        raise bad_model(f"{entry.repo} lists the same file twice. Don't use it.")
    if len(files) > limits.CASCADE_FILES_LIMIT:
        raise bad_model(f"{entry.repo} lists {len(files)} files where a dozen belong. Don't use it.")
    for folder in entry.weights:
        if not any(name.startswith(f"{folder}/") and name.endswith(WEIGHTS_SUFFIX) for name in names):
            raise bad_model(f"{entry.repo} offers no safetensors for “{folder}”, and nothing else is taken.")
    if INDEX_NAME not in names:
        raise bad_model(f"{entry.repo} has no {INDEX_NAME} any more: it is not the cascade that this program knows.")
    return Offer(entry, endpoint, commit, _licence(tags) or entry.licence, files)


def _name(file: Listed) -> str:
    """Its name, of which nothing is used before this. MuseStudioError(BAD_MODEL) where it leads out of a folder."""
    if not isinstance(file.name, str):
        raise bad_model("The list of files is damaged. Try again later, or another address.")
    if PurePosixPath(file.name).suffix.lower() in SUFFIXES:
        check_name(file.name)
    return file.name


def _is_needed(entry: Published, name: str) -> bool:
    """Whether the file belongs to a part that is needed, in a kind that cannot run code."""
    path = PurePosixPath(name)
    if path.suffix not in SUFFIXES or _VARIANT.search(name):
        return False
    return name in (INDEX_NAME, CARD_NAME) or (
        len(path.parts) == 2 and path.parts[0] in entry.folders and path.suffix != ".md"
    )


def _wanted(file: Listed) -> WantedFile:
    name = _name(file)
    parts = name.split("/")
    if any(not _PLAIN.fullmatch(part) or part.endswith(".") or _DEVICES.fullmatch(part) for part in parts):
        raise bad_model("A file name in this cascade is not possible on every system.", ascii(name[:80]))
    if type(file.size_bytes) is not int or not 0 <= file.size_bytes <= limits.DOWNLOAD_FILE_LIMIT_BYTES:
        raise bad_model(f"The size of “{name}” is not told. Try again later, or another address.")
    sha256 = file.sha256 if isinstance(file.sha256, str) and _SHA256.fullmatch(file.sha256) else None
    blob = file.blob if isinstance(file.blob, str) and _COMMIT.fullmatch(file.blob) else ""
    if sha256 is None and (name.endswith(WEIGHTS_SUFFIX) or not blob):
        raise bad_model(f"Nobody says what “{name}” must be: it has no published hash. It is not taken.")
    return WantedFile(name, file.size_bytes, sha256, blob)


def _licence(tags: Sequence[object] | None) -> str:
    """As the repository's tags name it; "" where they don't."""
    named = (tag for tag in tags or () if isinstance(tag, str) and tag.startswith(_LICENCE_TAG))
    return printable(next(named, "").removeprefix(_LICENCE_TAG), 80)
