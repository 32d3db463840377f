"""`muse-studio models get` and `list --available`: published cascades, fetched when a person has agreed to the terms.

Knows nothing of how they are fetched. The network is reached by `get` alone. The window starts this command, too, with
`--json`: once with `--terms`, and when the person has read those, with `--accept`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from muse_studio import places
from muse_studio.cli.options import add_output_options
from muse_studio.cli.progress import Speaker, amount, speaker, visible
from muse_studio.core.catalogue import Published, catalogue, find_published
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.fetched import Place, models_folder, place_of, read_note
from muse_studio.core.settings import load_settings, save_settings
from muse_studio.core.shelf import holds, with_folder

if TYPE_CHECKING:
    from muse_studio.weights.offer import Offer

_EXIT_LEFT = 130  # as after Ctrl+C


def add_get(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="as `models list --available` names it")
    parser.add_argument("--yes", action="store_true", help="accept licence and size without being asked")
    parser.add_argument("--accept", metavar="LICENCE", help="accept this very licence without being asked")
    parser.add_argument("--terms", action="store_true", help="tell licence, size and place, and fetch nothing")
    parser.add_argument(
        "--into", type=Path, metavar="DIR", help="put the cascade's folder in here (default: beside the gallery)"
    )
    parser.add_argument("--leash", action="store_true", help="end when standard input ends, as when the window does")
    add_output_options(parser)
    parser.set_defaults(run=get)


def list_available(as_json: bool) -> int:
    """A line for each published cascade: name, what it is, size, licence, whether it is here. Asks nobody."""
    for entry in catalogue():
        place = place_of(entry, models_folder())
        if as_json:
            print(json.dumps(_facts(entry, place)))
            continue
        size = "size told by get" if entry.about_bytes is None else f"about {amount(entry.about_bytes)}"
        print(f"{entry.name:<10}  {entry.about:<18}  {size:<16}  {entry.licence:<10}  {entry.link}{_state(place)}")
    if not as_json:
        print("Fetch one with: muse-studio models get NAME", file=sys.stderr)
    return 0


def get(options: argparse.Namespace) -> int:
    """Ask what is offered, ask the person, fetch, verify, put it on the list. The exit code."""
    if options.leash:
        Thread(target=_leave_with_input, daemon=True).start()
    entry = find_published(options.name)
    place = place_of(entry, (options.into or models_folder()).expanduser())
    speak = speaker(options.json)
    if place.is_there and read_note(place.folder) is not None:
        _say_done(options, speak, place, "was fetched before")
        return 0
    from muse_studio.weights import hub  # the door to the network, opened by this command alone
    from muse_studio.weights.download import check_space

    offer = hub.ask(entry)
    if options.json:
        _tell_terms(offer, place)
    else:
        _show_terms(speak, offer, place)
    if options.terms:
        return 0
    check_space(offer, place)
    if not _agreed(options, offer):
        speak.notice("Nothing was fetched.")
        return 0
    _fetch(speak, offer, place, options.accept or offer.licence)
    _say_done(options, speak, place, "is fetched and verified")
    return 0


def _leave_with_input() -> None:
    """Whoever started this is gone: so are we, and what has come is kept."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os._exit(_EXIT_LEFT)


def _tell_terms(offer: Offer, place: Place) -> None:
    """For a program that asks a person itself."""
    from muse_studio.weights.download import free_bytes

    terms = {
        "event": "terms",
        "endpoint": offer.endpoint,
        "licence": offer.licence,
        "licence_is_new": offer.licence_is_new,
        "total_bytes": offer.size_bytes,
        "files": len(offer.files),
        "kept_bytes": place.kept_bytes,
        "free_bytes": free_bytes(place.folder.parent),
        "folder": str(place.folder),
    }
    print(json.dumps(terms), flush=True)


def _show_terms(speak: Speaker, offer: Offer, place: Place) -> None:
    from muse_studio.weights.download import free_bytes

    entry, parent = offer.entry, place.folder.parent
    kept = f", {amount(place.kept_bytes)} of it here already" if place.kept_bytes else ""
    speak.notice(f"{entry.repo}: {entry.about}")
    speak.notice(f"  from     {offer.endpoint}")
    speak.notice(f"  licence  {offer.licence}, to be read at {entry.link}")
    if offer.licence_is_new:
        speak.notice(f"           It was {entry.licence} when this program was made.")
    speak.notice(f"  size     {amount(offer.size_bytes)} in {len(offer.files)} files{kept}")
    speak.notice(f"  into     {place.folder}, where {amount(free_bytes(parent))} are free")
    if offer.endpoint.startswith("http:"):
        speak.notice("  That address is not secure: on the way here somebody could exchange files and hashes alike.")


def _agreed(options: argparse.Namespace, offer: Offer) -> bool:
    """Whether the person accepts licence and size. MuseStudioError(BAD_REQUEST) where nobody can be asked."""
    if options.accept is not None:
        return True  # of this licence; of another one `download` says that nobody has accepted it
    if options.yes and not offer.licence_is_new:
        return True
    if options.json or not sys.stdin.isatty():
        why = "Its licence has changed" if options.yes else "Nobody can be asked here"
        how = "run this in a terminal, and read the licence" if options.yes else "accept licence and size with --yes"
        raise MuseStudioError(ErrorKind.BAD_REQUEST, f"{why}: {how}.")
    print(f"Fetch it, and accept the licence {visible(offer.licence)}? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().casefold() in ("y", "yes")


def _fetch(speak: Speaker, offer: Offer, place: Place, accepted: str) -> None:
    from muse_studio.weights.download import download

    try:
        with closing(download(offer, place.folder.parent, accepted)) as transfers:
            for transfer in transfers:
                speak.fetching(transfer)
    except (KeyboardInterrupt, MuseStudioError):
        if place.kept_bytes:
            speak.notice(f"{amount(place.kept_bytes)} are kept in {place.hidden}: the same command goes on from there.")
        raise


def _say_done(options: argparse.Namespace, speak: Speaker, place: Place, what: str) -> None:
    """Put it on the list, unless the window does that itself, and say where it is."""
    note = read_note(place.folder)
    assert note is not None  # what `download` leaves behind
    if not options.leash:
        _put_on_shelf(place.folder)
    if options.json:
        speak.finished({"name": note.name, "folder": str(place.folder), "bytes": note.size_bytes})
        return
    speak.notice(f"{note.name} {what}: {len(note.files)} files, {amount(note.size_bytes)}, in {place.folder}")
    speak.notice(f"Use it with: muse-studio generate --model {place.folder} …")


def _put_on_shelf(folder: Path) -> None:
    """MuseStudioError(BAD_MODEL) where what was published is none of the cascades that run here."""
    settings = load_settings()
    if not holds(settings.models, folder):
        models = with_folder(settings.models, folder, places.default_model())
        save_settings(replace(settings, models=models))


def _state(place: Place) -> str:
    if place.is_there:
        return f"  fetched, in {place.folder}"
    return f"  {amount(place.kept_bytes)} of it are here" if place.kept_bytes else ""


def _facts(entry: Published, place: Place) -> dict[str, object]:
    return {
        "name": entry.name,
        "repo": entry.repo,
        "licence": entry.licence,
        "link": entry.link,
        "about_bytes": entry.about_bytes,
        "folder": str(place.folder) if place.is_there else None,
        "kept_bytes": place.kept_bytes,
    }
