"""`muse-studio models`: the cascades that can be chosen, without a window. Loads none of them.

The list is the window's own, kept in the settings: what is added or fetched here is there too.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from muse_studio import places
from muse_studio.cli.get import add_get, list_available
from muse_studio.cli.options import add_output_options
from muse_studio.cli.progress import amount
from muse_studio.core.cascade_facts import Proof
from muse_studio.core.cascade_folder import verify
from muse_studio.core.catalogue import catalogue
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.fetched import delete_fetched, models_folder, place_of, was_fetched
from muse_studio.core.folder_files import bad_model
from muse_studio.core.settings import load_settings, save_settings
from muse_studio.core.shelf import Cascade, cascades, find, holds, look, whole, with_folder, without_folder

_MILLION = 1_000_000


def add_models(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, sentence, run, named in (
        ("list", "every cascade that can be chosen", list_models, ""),
        ("info", "one cascade, with its model card", info, "one"),
        ("verify", "compare every file with its published sha256", verify_model, "any"),
        ("add", "put a folder, or one of the Hub's cache, on the list; it stays where it is", add, "folder"),
        ("remove", "take a cascade off the list; its files stay on the disk", remove, "one"),
    ):
        action = actions.add_parser(name, help=sentence, description=sentence.capitalize() + ".")
        if named == "folder":
            action.add_argument("folder", type=Path, metavar="DIR", help="a cascade's folder")
        elif named:
            action.add_argument(
                "model", nargs="?" if named == "any" else None, metavar="NAME", help="its name, or its folder"
            )
        if name == "list":
            action.add_argument(
                "--available", action="store_true", help="published cascades that can be fetched, instead"
            )
        if name == "remove":
            action.add_argument(
                "--delete", action="store_true", help="delete the files, too, of a cascade that `get` has fetched"
            )
            action.add_argument("--yes", action="store_true", help="delete them without being asked")
        add_output_options(action)
        action.set_defaults(run=run)
    sentence = "fetch a published cascade from the Hub, and put it on the list"
    add_get(actions.add_parser("get", help=sentence, description=f"{sentence.capitalize()}."))


def list_models(options: argparse.Namespace) -> int:
    """A line for each: name, parameters, size, licence, folder; the one that ships first."""
    if options.available:
        return list_available(options.json)
    known = _shelf()
    if options.json:
        for cascade in known:
            print(json.dumps(_facts(cascade)))
        return 0
    width = max(len(cascade.name) for cascade in known)
    for cascade in known:
        print(f"{cascade.name:<{width}}  {_summary(cascade)}  {cascade.folder}")
    return 0


def info(options: argparse.Namespace) -> int:
    """Everything that the folder says of itself."""
    cascade = _sound(_find(options.model, _shelf()))
    if options.json:
        print(json.dumps({**_facts(cascade), "card": cascade.card}))
        return 0
    print(f"{cascade.name}\n{_summary(cascade)}\n{cascade.folder}")
    for line in _remarks(cascade):
        print(line)
    for part, count in cascade.parameters.items():
        print(f"  {part}: {count / _MILLION:.1f} million parameters")
    if cascade.card:
        print(f"\n{cascade.card.rstrip()}")
    return 0


def verify_model(options: argparse.Namespace) -> int:
    """Hash every file. MuseStudioError(BAD_MODEL) lists what is wrong."""
    known = _shelf()
    cascade = _sound(_find(options.model, known) if options.model else known[0])
    assert cascade.facts is not None
    shows = sys.stderr.isatty() and not options.json

    def progress(done: int, total: int) -> bool:
        if shows:
            print(f"\r{done * 100 // total:3d} %", end="", file=sys.stderr, flush=True)
        return True

    problems = verify(cascade.folder, cascade.facts, progress)
    if shows:
        print("\r", end="", file=sys.stderr)
    if problems:
        raise bad_model(f"{cascade.name} is not what was published. {' '.join(problems)}", str(cascade.folder))
    proof = cascade.facts.proof
    if options.json:
        print(json.dumps({**_facts(cascade), "verified": proof is not Proof.NONE, "proof": proof.value}))
    else:
        files, size = len(cascade.facts.files), amount(cascade.facts.size_bytes)
        print(f"{cascade.name}: all {files} files {_FOUND[proof]} ({size}).")
    return 0


_FOUND = {
    Proof.PUBLISHED: "are what was published",
    Proof.CACHE: "are what the Hub's cache says they are",
    Proof.NONE: "are whole. Nobody says what they must be, so whether they were exchanged cannot be told",
}


def add(options: argparse.Namespace) -> int:
    settings = load_settings()
    models = with_folder(settings.models, options.folder, places.default_model())
    save_settings(replace(settings, models=models))
    cascade = find(models[-1], _shelf())
    print(json.dumps(_facts(cascade)) if options.json else f"Added {cascade.name}. {_summary(cascade)}.")
    return 0


def remove(options: argparse.Namespace) -> int:
    settings = load_settings()
    shipped = places.default_model()
    cascade = next((each for each in _shelf() if each.name == options.model), None)
    folder = cascade.folder if cascade is not None else _fetched_place(options.model) or Path(options.model)
    models = settings.models
    if not (options.delete and was_fetched(folder)) or holds(models, folder):  # else it is a fetched one off the list
        models = without_folder(models, folder, shipped)
    freed = 0
    if options.delete:
        if not was_fetched(folder):
            message = f"The files in “{folder}” were not fetched by this program, so it deletes none of them."
            raise MuseStudioError(ErrorKind.BAD_REQUEST, f"{message} Leave out --delete.")
        if not _agreed(options, folder, cascade.facts.size_bytes if cascade and cascade.facts else 0):
            print("Nothing was removed.")
            return 0
    chosen = None if settings.model and Path(settings.model) == folder else settings.model
    save_settings(replace(settings, models=models, model=chosen))
    if options.delete:
        freed = delete_fetched(folder)
    said = f"Removed from the list; its files stay in {folder}."
    if options.delete:
        said = f"Removed from the list, and {amount(freed)} deleted."
    if not options.json:
        print(said)
    return 0


def _agreed(options: argparse.Namespace, folder: Path, size: int) -> bool:
    """Whether the person wants the files deleted. MuseStudioError(BAD_REQUEST) where nobody can be asked."""
    if options.yes:
        return True
    if options.json or not sys.stdin.isatty():
        message = "Nobody can be asked here: say that the files shall be deleted with --yes."
        raise MuseStudioError(ErrorKind.BAD_REQUEST, message)
    print(f"Delete {amount(size)} in {folder}? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().casefold() in ("y", "yes")


def _shelf() -> tuple[Cascade, ...]:
    return cascades(places.default_model(), load_settings().models)


def _find(named: str, known: tuple[Cascade, ...]) -> Cascade:
    """One of the list, or a published cascade that was fetched, by name or folder. MuseStudioError(BAD_MODEL)."""
    if not any(cascade.name == named for cascade in known) and (fetched := _fetched_place(named)) is not None:
        return look(fetched)
    path = Path(named).expanduser()
    return find(str(whole(path)) if path.exists() else named, known)


def _fetched_place(named: str) -> Path | None:
    """Where a published cascade of this name was fetched to; None where it was not."""
    places_of = {entry.name: place_of(entry, models_folder()).folder for entry in catalogue()}
    folder = places_of.get(named)
    return folder if folder is not None and was_fetched(folder) else None


def _remarks(cascade: Cascade) -> list[str]:
    """What a person should know of its files and sizes."""
    lines = []
    facts = cascade.facts
    if facts is not None and facts.family:
        lines.append(f"{facts.family}, one stage, {facts.sizes[0]} px")
        lines.append(f"  files: {_PROOFS[facts.proof]}")
    if cascade.unopened:
        lines.append(f"  never opened, since it can run code: {', '.join(cascade.unopened)}")
    return lines


_PROOFS = {
    Proof.PUBLISHED: "verified when they were fetched; verify compares them again",
    Proof.CACHE: "the Hub's cache; verify compares them with the hashes it calls them by",
    Proof.NONE: "of unknown origin; nobody says what they must be",
}


def _sound(cascade: Cascade) -> Cascade:
    if cascade.facts is None:
        raise MuseStudioError(ErrorKind.BAD_MODEL, cascade.problem, str(cascade.folder))
    return cascade


def _summary(cascade: Cascade) -> str:
    if cascade.facts is None:
        return f"cannot be used: {cascade.problem}"
    parts = [
        f"{cascade.parameter_count / _MILLION:.1f} million parameters",
        amount(cascade.facts.size_bytes),
    ]
    return ", ".join((*parts, cascade.facts.licence or "no licence named", *(("ships",) if cascade.ships else ())))


def _facts(cascade: Cascade) -> dict[str, Any]:
    facts = cascade.facts
    return {
        "name": cascade.name,
        "folder": str(cascade.folder),
        "ships": cascade.ships,
        "problem": cascade.problem or None,
        "licence": facts.licence if facts else None,
        "family": facts.family or None if facts else None,
        "sizes": list(facts.sizes) if facts else None,
        "proof": facts.proof.value if facts else None,
        "fetched": cascade.fetched,
        "bytes": facts.size_bytes if facts else None,
        "parameters": cascade.parameters,
        "sample": str(cascade.sample) if cascade.sample else None,
    }
