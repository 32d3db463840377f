"""The cascades that can be chosen: the one that ships, and folders that a person has added. Loads none of them.

A folder stays where it is; the list, which is kept in the settings, only says where. Knows no window and no torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from muse_studio.core import limits
from muse_studio.core.cascade_facts import CascadeFacts
from muse_studio.core.cascade_folder import (
    check_folder,
    parameter_counts,
    read_card,
    read_cascade,
    sample_picture,
)
from muse_studio.core.errors import MuseStudioError
from muse_studio.core.fetched import was_fetched
from muse_studio.core.files import printable
from muse_studio.core.folder_files import bad_model, check_links
from muse_studio.core.published_folder import snapshot_in
from muse_studio.core.single_file import folder_of_file


@dataclass(frozen=True, slots=True)
class Cascade:
    """One cascade of the shelf.

    facts:      None where the folder cannot be read; `problem` then says why.
    parameters: of each part, by the name of its weights.
    sample:     a picture inside the folder, not opened yet.
    ships:      it came with the program and stays on the shelf.
    fetched:    the program has fetched it, and may delete it.
    unopened:   files beside it that can run code; they are never opened.
    """

    folder: Path
    facts: CascadeFacts | None
    ships: bool = False
    parameters: dict[str, int] = field(default_factory=dict)
    card: str = ""
    sample: Path | None = None
    problem: str = ""
    fetched: bool = False
    unopened: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As it calls itself; its folder's name where that cannot be read."""
        return self.facts.name if self.facts is not None else printable(self.folder.name)

    @property
    def parameter_count(self) -> int:
        return sum(self.parameters.values())


def look(folder: Path, *, ships: bool = False) -> Cascade:
    """What can be told of a folder in some milliseconds. Never raises."""
    try:
        facts = read_cascade(folder)
        counts = parameter_counts(folder, facts)
        unopened = check_links(folder) if facts.family else ()
    except (MuseStudioError, OSError) as fault:
        return Cascade(folder, None, ships, problem=str(fault))
    return Cascade(
        folder,
        facts,
        ships,
        counts,
        read_card(folder),
        sample_picture(folder),
        fetched=was_fetched(folder),
        unopened=unopened,
    )


def cascades(shipped: Path, added: Sequence[str]) -> tuple[Cascade, ...]:
    """The one that ships first, then the others in the order they were added."""
    others = [Path(name) for name in added if not _same(Path(name), shipped)]
    return (look(shipped, ships=True), *(look(folder) for folder in others))


def with_folder(added: Sequence[str], folder: Path, shipped: Path) -> tuple[str, ...]:
    """The list with one more folder, which was checked. MuseStudioError(BAD_MODEL) says why it is refused.

    folder: also a repository's folder in the Hub's cache, whose snapshot is taken, or a file of a cascade's folder.
    """
    folder = whole(folder)
    check_folder(folder)
    if _same(folder, shipped) or holds(added, folder):
        raise bad_model(f"“{printable(folder.name)}” is in the list already.")
    if len(added) >= limits.SHELF_LIMIT:
        raise bad_model(f"The list holds {limits.SHELF_LIMIT} cascades already. Remove one first.")
    return (*added, str(folder))


def holds(added: Sequence[str], folder: Path) -> bool:
    """Whether the folder is in the list."""
    return any(_same(folder, Path(name)) for name in added)


def whole(path: Path) -> Path:
    """The cascade's folder that a person means, absolute: of a file in it, or of a repository in the Hub's cache.

    MuseStudioError(BAD_MODEL) where the file is not a part of a cascade, or the cache does not say which snapshot.
    """
    path = path.expanduser().absolute()
    return folder_of_file(path) if path.is_file() else snapshot_in(path)


def without_folder(added: Sequence[str], folder: Path, shipped: Path) -> tuple[str, ...]:
    """The list without a folder, which stays on the disk. MuseStudioError(BAD_MODEL) where it is not in the list."""
    if _same(folder, shipped):
        raise bad_model("The cascade that ships with the program cannot be removed.")
    left = tuple(name for name in added if not _same(Path(name), folder))
    if len(left) == len(added):
        raise bad_model(f"“{printable(folder.name)}” is not in the list.")
    return left


def find(named: str, known: Sequence[Cascade]) -> Cascade:
    """A cascade of the shelf by its name, or any folder by its path. MuseStudioError(BAD_MODEL) where there is none."""
    by_name = [cascade for cascade in known if cascade.name == named]
    if by_name:
        return by_name[0]
    folder = Path(named).expanduser()
    for cascade in known:
        if _same(cascade.folder, folder):
            return cascade
    if folder.exists():
        return look(folder)
    names = ", ".join(cascade.name for cascade in known)
    raise bad_model(f"There is no cascade “{printable(named)}”. These are known: {names}. A folder's path will do too.")


def _same(one: Path, other: Path) -> bool:
    return one.expanduser().resolve() == other.expanduser().resolve()
