"""The published cascades that can be fetched, and how far each is: observable, and nothing of it is lost with a window.

Every step is a person's: asking for the terms, accepting them, pausing, going on, letting go. What has come lies on
the disk, so a download that a closed window has left is paused at the next start. Knows no network, no widgets and no
shelf.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any

from muse_studio.client.fetch_process import Event, Fetching, FetchProcess, Start
from muse_studio.core.catalogue import Published
from muse_studio.core.errors import MuseStudioError
from muse_studio.core.fetched import Place, delete_begun, models_folder, place_of, read_begun, was_fetched

log = logging.getLogger(__name__)

_UNEXPECTED = "The download has ended unexpectedly. What has come is kept: try again."
_NOT_STARTED = "The download could not be started. Start the program again, and try once more."


class FetchState(Enum):
    """Where a published cascade stands."""

    OFFERED = "offered"
    ASKING = "asking"
    """The Hub is asked for its terms."""
    TERMS = "terms"
    """They are known, and wait for a person."""
    FETCHING = "fetching"
    PAUSED = "paused"
    FAILED = "failed"
    FETCHED = "fetched"


@dataclass(frozen=True, slots=True)
class Terms:
    """What the Hub offers now. licence_is_new: it is not the one that was known when this program was made."""

    endpoint: str
    licence: str
    licence_is_new: bool
    total_bytes: int
    files: int
    free_bytes: int
    folder: str


@dataclass(frozen=True, slots=True)
class Fetch:
    """One published cascade.

    done_bytes:   here; of a paused one as it was left.
    total_bytes:  None until the Hub was asked.
    seconds_left: None until the speed is known.
    waiting:      the connection was lost, and is tried again in a moment.
    problem:      of a failed one, a sentence.
    ending:       it was stopped, and ends in a moment.
    """

    entry: Published
    state: FetchState = FetchState.OFFERED
    terms: Terms | None = None
    done_bytes: int = 0
    total_bytes: int | None = None
    seconds_left: float | None = None
    file: str = ""
    waiting: bool = False
    problem: str = ""
    ending: bool = False

    @property
    def bytes_per_s(self) -> float | None:
        """Of the last seconds; None until that is known."""
        if not self.seconds_left or self.total_bytes is None:
            return None
        return (self.total_bytes - self.done_bytes) / self.seconds_left

    @property
    def is_busy(self) -> bool:
        """Whether a process is at work for it."""
        return self.state in (FetchState.ASKING, FetchState.FETCHING)


class Fetches:
    """All that can be fetched. Call everything from the event loop's thread.

    start: what starts a process; tests put a script in its place.
    """

    def __init__(self, entries: Sequence[Published], parent: Path | None = None, start: Start = FetchProcess) -> None:
        self.start = start
        self.work: Callable[[Callable[[], str], Callable[[str], None]], None] = lambda work, then: then(work())
        """Does what takes its time on the disk, and hands on what came of it; a window does it in a thread."""
        self.on_change: list[Callable[[Fetch], None]] = []
        self.on_fetched: list[Callable[[Fetch, Path], None]] = []
        """Told of each that has just come and was verified, and of its folder."""
        self._parent = parent or models_folder()
        self._all = {entry.name: Fetch(entry) for entry in entries}
        self._accepted: dict[str, str] = {}
        self._running: dict[str, Fetching] = {}
        self._left: list[Fetching] = []
        self._turns, self._turns_of = 0, dict[str, int]()
        self._deletes: set[str] = set()

    @property
    def all(self) -> tuple[Fetch, ...]:
        """In the order of the list that ships with the program."""
        return tuple(self._all.values())

    def of(self, name: str) -> Fetch:
        return self._all[name]

    def folder(self, name: str) -> Path:
        """Where it lies once it is fetched."""
        return place_of(self._all[name].entry, self._parent).folder

    def look(self) -> tuple[Fetch, ...]:
        """What lies on the disk of those that rest. Reads files; may be called in a thread, and given to `saw`."""
        return tuple(self._at_rest(fetch) for fetch in self.all)

    def saw(self, looked: Sequence[Fetch]) -> None:
        """Take over what `look` has found, where nothing has happened since."""
        for fetch in looked:
            now = self._all[fetch.entry.name]
            resting = (FetchState.OFFERED, FetchState.PAUSED, FetchState.FETCHED)
            if now.state in resting and now != fetch:
                self._set(fetch)

    # What a person does

    def ask(self, name: str) -> None:
        """Ask the Hub for its terms. The first that the network hears of it."""
        if not self._all[name].is_busy and self._all[name].state is not FetchState.FETCHED:
            self._set(replace(self._all[name], state=FetchState.ASKING, terms=None, problem="", ending=False))
            self._begin(name, ("--terms",))

    def accept(self, name: str) -> None:
        """Fetch it under the terms that are shown."""
        fetch = self._all[name]
        if fetch.state is FetchState.TERMS and fetch.terms is not None:
            self._accepted[name] = fetch.terms.licence
            self._fetch(name)

    def decline(self, name: str) -> None:
        """Not now: nothing was fetched, and what an earlier try has left stays."""
        if self._all[name].state in (FetchState.TERMS, FetchState.ASKING):
            self._let_go(name)
            self._set(self._at_rest(Fetch(self._all[name].entry)))

    def pause(self, name: str) -> None:
        """Stop fetching, and keep what has come."""
        if self._all[name].state is FetchState.FETCHING and not self._all[name].ending:
            self._set(replace(self._all[name], ending=True))
            self._running[name].stop()

    def go_on(self, name: str) -> None:
        """Go on with a paused one, or try a failed one again: under the terms that were accepted, if there were any."""
        fetch = self._all[name]
        if fetch.state not in (FetchState.PAUSED, FetchState.FAILED):
            return
        begun = read_begun(place_of(fetch.entry, self._parent))
        if name not in self._accepted and begun is not None and fetch.state is FetchState.PAUSED:
            self._accepted[name] = begun.licence
        if name in self._accepted:
            self._fetch(name)
        else:
            self.ask(name)

    def delete(self, name: str) -> None:
        """Give it up, and delete what has come."""
        if name in self._running:
            self._deletes.add(name)
            self.pause(name)
        elif self._all[name].state in (FetchState.PAUSED, FetchState.FAILED):
            self._delete(name)

    def close(self) -> None:
        """End every process; what has come is kept."""
        for process in (*self._running.values(), *self._left):
            process.close()
        self._running.clear()
        self._left.clear()

    # What the process does

    def _fetch(self, name: str) -> None:
        self._set(
            replace(self._all[name], state=FetchState.FETCHING, seconds_left=None, problem="", ending=False, file="")
        )
        self._begin(name, ("--accept", self._accepted[name]))

    def _begin(self, name: str, words: Sequence[str]) -> None:
        self._let_go(name)  # of one that has told the terms, and ends only now
        self._turns += 1
        turn = self._turns

        def heard(event: Event) -> None:
            if turn == self._turns_of.get(name):
                self._heard(name, event)

        def ended() -> None:
            if turn == self._turns_of.get(name):
                self._ended(name)

        self._turns_of[name] = turn
        command = ("models", "get", name, "--json", "--leash", "--into", str(self._parent), *words)
        try:
            self._running[name] = self.start(command, heard, ended)
        except OSError:
            log.exception("models get was not started")
            self._set(replace(self._all[name], state=FetchState.FAILED, problem=_NOT_STARTED))

    def _heard(self, name: str, event: Event) -> None:
        fetch, kind = self._all[name], event["event"]
        try:
            if kind == "terms":
                terms = _terms(event)
                state = FetchState.TERMS if fetch.state is FetchState.ASKING else fetch.state
                done = max(fetch.done_bytes, int(event["kept_bytes"]))
                self._set(replace(fetch, state=state, terms=terms, total_bytes=terms.total_bytes, done_bytes=done))
            elif kind == "fetching" and fetch.state is FetchState.FETCHING:
                self._set(_moved(fetch, event))
            elif kind == "failed" and fetch.is_busy:
                if event["kind"] == "bad_request":  # such as another licence now: it is to be read first
                    self._accepted.pop(name, None)
                self._set(replace(fetch, state=FetchState.FAILED, problem=str(event["message"]), seconds_left=None))
            elif kind == "finished" and fetch.state is FetchState.FETCHING:
                self._set(replace(fetch, state=FetchState.FETCHED, ending=False, seconds_left=None))
                for told in tuple(self.on_fetched):
                    told(self._all[name], Path(event["folder"]))
        except (KeyError, TypeError, ValueError):
            self._set(replace(fetch, state=FetchState.FAILED, problem=_UNEXPECTED))
            self._running[name].stop()

    def _ended(self, name: str) -> None:
        process = self._running.pop(name, None)
        if process is not None:
            process.close()
        fetch = self._all[name]
        if fetch.is_busy and not fetch.ending:
            self._set(replace(fetch, state=FetchState.FAILED, problem=_UNEXPECTED, seconds_left=None))
        elif fetch.is_busy:
            self._set(replace(fetch, state=FetchState.PAUSED, ending=False, seconds_left=None, waiting=False))
        if name in self._deletes:
            self._deletes.discard(name)
            if self._all[name].state is not FetchState.FETCHED:
                self._delete(name)

    def _let_go(self, name: str) -> None:
        """End a process of which nothing more is to be heard."""
        process = self._running.pop(name, None)
        if process is not None:
            process.stop(silent=True)
            self._left.append(process)

    def _delete(self, name: str) -> None:
        self._accepted.pop(name, None)
        entry = self._all[name].entry
        place = place_of(entry, self._parent)

        def deleted(problem: str) -> None:
            rests = self._at_rest(Fetch(entry))
            self._set(replace(rests, state=FetchState.FAILED, problem=problem) if problem else rests)

        self.work(lambda: _delete(place), deleted)

    def _at_rest(self, fetch: Fetch) -> Fetch:
        """As the disk has it, of one that nothing happens with."""
        place = place_of(fetch.entry, self._parent)
        if was_fetched(place.folder):
            return Fetch(fetch.entry, FetchState.FETCHED)
        kept, begun = place.kept_bytes, read_begun(place)
        total = begun.total_bytes if begun is not None else fetch.total_bytes
        return Fetch(fetch.entry, FetchState.PAUSED if kept else FetchState.OFFERED, None, kept, total)

    def _set(self, fetch: Fetch) -> None:
        self._all[fetch.entry.name] = fetch
        for told in tuple(self.on_change):
            told(fetch)


def _delete(place: Place) -> str:
    """What went wrong, as a sentence; "" where all is gone."""
    try:
        delete_begun(place)
    except MuseStudioError as fault:
        return fault.message
    return ""


def _terms(event: Event) -> Terms:
    return Terms(
        endpoint=str(event["endpoint"]),
        licence=str(event["licence"]),
        licence_is_new=bool(event["licence_is_new"]),
        total_bytes=_count(event["total_bytes"]),
        files=_count(event["files"]),
        free_bytes=_count(event["free_bytes"]),
        folder=str(event["folder"]),
    )


def _moved(fetch: Fetch, event: Event) -> Fetch:
    left = event["seconds_left"]
    return replace(
        fetch,
        done_bytes=_count(event["bytes"]),
        total_bytes=_count(event["total_bytes"]),
        seconds_left=float(left) if left is not None else None,
        file=str(event["file"]),
        waiting=bool(event["waiting"]),
    )


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("no count")
    return value
