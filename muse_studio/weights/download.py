"""Fetches what was offered, as a generator: dropping it is cancelling, and what has come is gone on from next time.

Files land in a hidden folder beside the place they are for. Each counts only by its size and hash, and the folder gets
its name in one move when all of them are right: it is whole, or it is not there. Knows no command line and no window.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections import deque
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from muse_studio.core import limits
from muse_studio.core.cascade_facts import FileRecord
from muse_studio.core.catalogue import ENDPOINT_VARIABLE
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.fetched import Begun, Place, place_of, write_begun, write_note
from muse_studio.core.files import disk_error, flush_folder, printable
from muse_studio.core.folder_files import bad_model
from muse_studio.weights import hub
from muse_studio.weights.offer import Offer, WantedFile
from muse_studio.weights.partial import PartialFile

_RATE_S = 10.0  # the speed is that of the last seconds: long enough to be calm, short enough to be true
_NAP_S = 0.1  # while waiting, the caller is asked this often whether to go on


@dataclass(frozen=True, slots=True)
class Transfer:
    """How far a download is.

    name:         the file that is being fetched or looked through.
    done_bytes:   of all files, and here.
    seconds_left: None until the speed is known.
    waiting:      the connection was lost; it will be tried again in a moment.
    """

    name: str
    done_bytes: int
    total_bytes: int
    seconds_left: float | None = None
    waiting: bool = False


def download(offer: Offer, parent: Path, accepted: str) -> Generator[Transfer, None, None]:
    """Fetch and verify a cascade into its folder below `parent`, which is there when the generator ends.

    accepted: the licence that the person has agreed to; it must be the offer's.
    MuseStudioError: BAD_REQUEST without consent, where the folder exists or another program fetches the same; DISK;
    NETWORK; BAD_MODEL where what comes is not what was published. After each of them the next call goes on from there.
    """
    if accepted.casefold() != offer.licence.casefold():
        message = f"{offer.entry.name} is given out under the licence {offer.licence}, which nobody has accepted yet."
        raise MuseStudioError(ErrorKind.BAD_REQUEST, message)
    place = place_of(offer.entry, parent)
    with _alone(place):
        if place.is_there:
            message = (
                f"There is a folder “{printable(str(place.folder))}” already. Move it away, or choose another place."
            )
            raise MuseStudioError(ErrorKind.BAD_REQUEST, message)
        check_space(offer, place)
        write_begun(place, Begun(offer.licence, offer.size_bytes))
        records = yield from _Fetch(offer, place.hidden).run()
        _put_in_place(offer, place, records)


def check_space(offer: Offer, place: Place) -> None:
    """MuseStudioError(DISK) where what is left to fetch does not fit on the disk."""
    linked = sum(file.size_bytes for file in offer.files if hub.cached(offer, file) is not None)
    needed = offer.size_bytes - max(linked, place.kept_bytes) + limits.DOWNLOAD_SPARE_BYTES
    free = free_bytes(place.folder.parent)
    if free < needed:
        message = (
            f"{offer.entry.name} needs {needed / 1e9:.1f} GB, and {free / 1e9:.1f} GB are free on that disk. "
            "Free some space, or choose a folder on another disk."
        )
        raise MuseStudioError(ErrorKind.DISK, message, str(place.folder))


def free_bytes(folder: Path) -> int:
    """Room on the disk where the folder is or would be. MuseStudioError(DISK)."""
    folder = folder.absolute()
    existing = next((each for each in (folder, *folder.parents) if each.exists()), folder)
    try:
        return shutil.disk_usage(existing).free
    except OSError as fault:
        raise disk_error(folder, fault) from fault


@contextmanager
def _alone(place: Place) -> Iterator[None]:
    """Only one program at a time fetches a cascade to a place; the system frees the lock of one that died."""
    lock = FileLock(place.lock, timeout=0, thread_local=False)  # a generator may be closed in another thread
    try:
        place.lock.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as fault:
        message = f"{place.folder.name} is being fetched by another program now. Wait for it, or stop it first."
        raise MuseStudioError(ErrorKind.BAD_REQUEST, message, str(place.lock)) from fault
    except OSError as fault:
        raise disk_error(place.folder, fault) from fault
    try:
        yield
    finally:
        lock.release()


class _Fetch:
    """One download under way: the files one after the other, and the numbers a person sees."""

    def __init__(self, offer: Offer, hidden: Path) -> None:
        self._offer = offer
        self._hidden = hidden
        self._client = hub.connect()
        self._whole_bytes = 0  # of the files that are verified
        self._received = 0
        self._speed: deque[tuple[float, int]] = deque([(time.monotonic(), 0)])

    def run(self) -> Generator[Transfer, None, dict[str, FileRecord]]:
        """Every file, verified; what each of them is."""
        records: dict[str, FileRecord] = {}
        with self._client:
            for file in self._offer.files:
                sha256 = yield from self._bring(file)
                records[file.name] = FileRecord(sha256, file.size_bytes)
                self._whole_bytes += file.size_bytes
        return records

    def _bring(self, file: WantedFile) -> Generator[Transfer, None, str]:
        """One file, until it is verified; its sha256. A wrong one that was begun earlier is fetched once more."""
        path = self._hidden / file.name
        self._link_cached(file, path)
        with PartialFile(path, file) as partial:
            for _ in partial.reread():
                yield self._tell(file, partial)
            fresh = partial.size_bytes == 0
            while True:
                try:
                    yield from self._receive(file, partial)
                    if partial.is_published():
                        yield self._tell(file, partial)
                        return partial.sha256
                    raise bad_model(
                        f"“{file.name}” is not what was published: its hash is another. Nothing of that file is kept. "
                        f"Try again later, or set {ENDPOINT_VARIABLE} to another address."
                    )
                except MuseStudioError as fault:
                    if fault.kind is not ErrorKind.BAD_MODEL:
                        raise
                    partial.restart()
                    if fresh:
                        raise
                    fresh = True

    def _receive(self, file: WantedFile, partial: PartialFile) -> Iterator[Transfer]:
        """Bytes until the file is as long as it must be, over as many connections as that takes."""
        failures, best = 0, partial.size_bytes
        while partial.size_bytes < file.size_bytes:
            try:
                with hub.open_file(self._client, self._offer, file, partial.size_bytes) as body:
                    if body.start != partial.size_bytes:
                        partial.restart()  # this server gives no parts
                    for chunk in body.chunks:
                        partial.write(chunk)
                        self._note(len(chunk))
                        yield self._tell(file, partial)
                if partial.size_bytes < file.size_bytes:
                    raise hub.Interrupted(f"“{file.name}” ended too early. Try again later: what has come is kept.")
            except hub.Interrupted:
                failures = 0 if partial.size_bytes > best else failures + 1
                best = max(best, partial.size_bytes)
                if failures >= limits.DOWNLOAD_TRIES_LIMIT:
                    raise
                for _ in range(round(_wait_s(failures) / _NAP_S)):
                    yield self._tell(file, partial, waiting=True)
                    time.sleep(_NAP_S)

    def _link_cached(self, file: WantedFile, path: Path) -> None:
        """Give a file of the Hub's cache a second name here, which takes no room; it is verified like any other."""
        place = hub.cached(self._offer, file)
        if place is None or path.exists():
            return
        with contextlib.suppress(OSError):  # on another disk, or one without links: it is fetched
            path.parent.mkdir(parents=True, exist_ok=True)
            os.link(place.resolve(), path)

    def _note(self, count: int) -> None:
        """Some bytes have come over the network."""
        now = time.monotonic()
        self._received += count
        self._speed.append((now, self._received))
        while len(self._speed) > 2 and now - self._speed[0][0] > _RATE_S:
            self._speed.popleft()

    def _tell(self, file: WantedFile, partial: PartialFile, waiting: bool = False) -> Transfer:
        done, total = self._whole_bytes + partial.size_bytes, self._offer.size_bytes
        (since, before), (now, received) = self._speed[0], self._speed[-1]
        known = now - since > 1.0 and received > before and not waiting
        left = (total - done) * (now - since) / (received - before) if known else None
        return Transfer(file.name, done, total, left, waiting)


def _wait_s(failures: int) -> float:
    """Seconds before the next try, longer each time that nothing came."""
    return limits.DOWNLOAD_WAIT_S * 2.0 ** max(0, failures - 1) if failures else 0.0


def _put_in_place(offer: Offer, place: Place, records: dict[str, FileRecord]) -> None:
    """Sweep what earlier tries have left, write the note, and give the folder its name in one move."""
    try:
        for path in [each for each in place.hidden.rglob("*") if not each.is_dir() or each.is_symlink()]:
            if path.relative_to(place.hidden).as_posix() not in records:
                path.unlink()
        write_note(place.hidden, offer.entry, offer.commit, offer.licence, records)
        for folder in (
            *sorted((path for path in place.hidden.rglob("*") if path.is_dir()), reverse=True),
            place.hidden,
        ):
            with contextlib.suppress(OSError):
                folder.rmdir()  # where nothing is left in it
            flush_folder(folder)
        place.hidden.rename(place.folder)
        flush_folder(place.folder.parent)
    except OSError as fault:
        raise disk_error(place.folder, fault) from fault
