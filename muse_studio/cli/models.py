"""`muse-studio models`: the cascades that can be chosen, without a window. Loads none of them.

The list is the window's own, kept in the settings: what is added here is there too. A published cascade that was
fetched is not on it while no version can run it; it can be told of and verified by its name.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from muse_studio import places
from muse_studio.cli.get import NOT_YET, add_get, list_available
from muse_studio.cli.options import add_output_options
from muse_studio.cli.progress import amount
from muse_studio.core.cascade_folder import bad_model, parameter_counts, verify
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.settings import load_settings, save_settings
from muse_studio.core.shelf import Cascade, cascades, find, with_folder, without_folder
from muse_studio.weights.catalogue import catalogue
from muse_studio.weights.downloaded import NOTE_NAME, models_folder, place_of, read_note

_MIB = 1024 * 1024
_GB = 10**9
_MILLION = 1_000_000


def add_models(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, sentence, run, named in (
        ("list", "every cascade that can be chosen", list_models, ""),
        ("info", "one cascade, with its model card", info, "one"),
        ("verify", "compare every file with its published sha256", verify_model, "any"),
        ("add", "put a folder on the list; it stays where it is", add, "folder"),
        ("remove", "take a folder off the list; it stays on the disk", remove, "one"),
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
        add_output_options(action)
        action.set_defaults(run=run)
    sentence = "fetch a published cascade from the Hub; running it comes with a later version"
    add_get(actions.add_parser("get", help=f"preview: {sentence}", description=f"Preview: {sentence}."))


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
    if _was_fetched(cascade):
        print(NOT_YET)
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
    files = len(cascade.facts.files)
    if options.json:
        print(json.dumps({**_facts(cascade), "verified": True}))
    else:
        print(f"{cascade.name}: all {files} files are what was published ({_amount(cascade.facts.size_bytes)}).")
    return 0


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
    folder = cascade.folder if cascade is not None else Path(options.model)
    models = without_folder(settings.models, folder, shipped)
    chosen = None if settings.model and Path(settings.model) == folder else settings.model
    save_settings(replace(settings, models=models, model=chosen))
    if not options.json:
        print(f"Removed from the list; its files stay in {folder}.")
    return 0


def _shelf() -> tuple[Cascade, ...]:
    return cascades(places.default_model(), load_settings().models)


def _find(named: str, known: tuple[Cascade, ...]) -> Cascade:
    """One of the list, or a published cascade that was fetched, by name or folder. MuseStudioError(BAD_MODEL)."""
    places_of_fetched = {entry.name: place_of(entry, models_folder()).folder for entry in catalogue()}
    folder = places_of_fetched.get(named, Path(named).expanduser())
    facts = None if any(cascade.name == named for cascade in known) else read_note(folder)
    if facts is None:
        return find(named, known)
    return Cascade(folder, facts, parameters=parameter_counts(folder, facts))


def _was_fetched(cascade: Cascade) -> bool:
    return (cascade.folder / NOTE_NAME).exists()


def _sound(cascade: Cascade) -> Cascade:
    if cascade.facts is None:
        raise MuseStudioError(ErrorKind.BAD_MODEL, cascade.problem, str(cascade.folder))
    return cascade


def _summary(cascade: Cascade) -> str:
    if cascade.facts is None:
        return f"cannot be used: {cascade.problem}"
    parts = [
        f"{cascade.parameter_count / _MILLION:.1f} million parameters",
        _amount(cascade.facts.size_bytes),
    ]
    return ", ".join((*parts, cascade.facts.licence or "no licence named", *(("ships",) if cascade.ships else ())))


def _amount(size: int) -> str:
    if size >= _GB:
        return amount(size)
    return f"{size / _MIB:.0f} MB" if size >= 10 * _MIB else f"{size / _MIB:.1f} MB"


def _facts(cascade: Cascade) -> dict[str, Any]:
    facts = cascade.facts
    return {
        "name": cascade.name,
        "folder": str(cascade.folder),
        "ships": cascade.ships,
        "problem": cascade.problem or None,
        "licence": facts.licence if facts else None,
        "bytes": facts.size_bytes if facts else None,
        "parameters": cascade.parameters,
        "sample": str(cascade.sample) if cascade.sample else None,
    }
