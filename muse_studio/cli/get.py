"""`muse-studio models get` and `list --available`: published cascades, fetched when a person has agreed to the terms.

Knows nothing of how they are fetched. The network is reached by `get` alone.
"""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from muse_studio.cli.options import add_output_options
from muse_studio.cli.progress import Speaker, amount, speaker, visible
from muse_studio.core.cascade_folder import CascadeFacts
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.weights.catalogue import Published, catalogue, find_published
from muse_studio.weights.downloaded import Place, models_folder, place_of, read_note

if TYPE_CHECKING:
    from muse_studio.weights.offer import Offer

NOT_YET = "This version fetches and verifies it, but cannot run it: that comes with a later version."


def add_get(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="as `models list --available` names it")
    parser.add_argument("--yes", action="store_true", help="accept licence and size without being asked")
    parser.add_argument(
        "--into", type=Path, metavar="DIR", help="put the cascade's folder in here (default: beside the gallery)"
    )
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
        print("Fetch one with: muse-studio models get NAME. This version cannot run them yet.", file=sys.stderr)
    return 0


def get(options: argparse.Namespace) -> int:
    """Ask what is offered, ask the person, fetch, verify. The exit code."""
    entry = find_published(options.name)
    place = place_of(entry, (options.into or models_folder()).expanduser())
    facts = read_note(place.folder) if place.is_there else None
    speak = speaker(options.json)
    if facts is not None:
        _say_done(options, speak, facts, place, "was fetched before")
        return 0
    from muse_studio.weights import hub  # the door to the network, opened by this command alone
    from muse_studio.weights.download import check_space

    offer = hub.ask(entry)
    check_space(offer, place)
    _show_terms(speak, offer, place)
    if not _agreed(options, offer):
        speak.notice("Nothing was fetched.")
        return 0
    _fetch(speak, offer, place)
    facts = read_note(place.folder)
    assert facts is not None  # what `download` leaves behind
    _say_done(options, speak, facts, place, "is fetched and verified")
    return 0


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
    speak.notice(NOT_YET)


def _agreed(options: argparse.Namespace, offer: Offer) -> bool:
    """Whether the person accepts licence and size. MuseStudioError(BAD_REQUEST) where nobody can be asked."""
    if options.yes and not offer.licence_is_new:
        return True
    if options.json or not sys.stdin.isatty():
        why = "Its licence has changed" if options.yes else "Nobody can be asked here"
        how = "run this in a terminal, and read the licence" if options.yes else "accept licence and size with --yes"
        raise MuseStudioError(ErrorKind.BAD_REQUEST, f"{why}: {how}.")
    print(f"Fetch it, and accept the licence {visible(offer.licence)}? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().casefold() in ("y", "yes")


def _fetch(speak: Speaker, offer: Offer, place: Place) -> None:
    from muse_studio.weights.download import download

    try:
        with closing(download(offer, place.folder.parent, offer.licence)) as transfers:
            for transfer in transfers:
                speak.fetching(transfer)
    except (KeyboardInterrupt, MuseStudioError):
        if place.kept_bytes:
            speak.notice(f"{amount(place.kept_bytes)} are kept in {place.hidden}: the same command goes on from there.")
        raise


def _say_done(options: argparse.Namespace, speak: Speaker, facts: CascadeFacts, place: Place, what: str) -> None:
    size = f"{len(facts.files)} files, {amount(facts.size_bytes)}"
    if options.json:
        speak.finished({"name": facts.name, "folder": str(place.folder), "bytes": facts.size_bytes, "usable": False})
        return
    speak.notice(f"{facts.name} {what}: {size}, in {place.folder}")
    speak.notice(f"Check it at any time with: muse-studio models verify {facts.name}. This version cannot run it yet.")


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
        "usable": False,
    }
