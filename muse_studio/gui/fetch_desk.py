"""Published cascades that can be fetched, in one window: what comes goes to the shelf, what fails is told. No widgets.

The fetching goes on while no page shows it. Nothing here reaches the network: `client.fetches` starts another process
when a person has asked for it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from PySide6.QtCore import QObject, Signal

from muse_studio.client.fetches import Fetch, Fetches, FetchState
from muse_studio.core.catalogue import Published, catalogue, endpoint
from muse_studio.core.errors import MuseStudioError
from muse_studio.core.shelf import Cascade
from muse_studio.gui.faults import Faults
from muse_studio.gui.language import tr
from muse_studio.gui.message_bar import Notice, NoticeAction, NoticeKind

if TYPE_CHECKING:
    from muse_studio.gui.model_desk import ModelHost

log = logging.getLogger(__name__)

T = TypeVar("T")


class Shelf(Protocol):
    """The part of the models' desk that what has come goes to."""

    @property
    def cascades(self) -> tuple[Cascade, ...]: ...

    def add(self, folder: Path) -> Coroutine[Any, Any, Cascade | None]: ...

    def use(self, cascade: Cascade) -> None: ...

    def in_thread(self, work: Callable[[], T]) -> Coroutine[Any, Any, T]: ...


class FetchDesk(QObject):
    """What is fetched for one window's shelf."""

    changed = Signal()
    """One of them stands elsewhere: look again."""

    arrived = Signal(object)
    """A Cascade that was fetched is on the shelf."""

    def __init__(self, host: ModelHost, faults: Faults, shelf: Shelf) -> None:
        super().__init__()
        self._host, self._faults, self._shelf = host, faults, shelf
        self.fetches = Fetches(_published())
        self.fetches.work = self._in_thread
        self.fetches.on_change.append(self._hear)
        self.fetches.on_fetched.append(self._take)

    def close(self) -> None:
        """End what is being fetched; the next window finds it paused."""
        self.fetches.on_change.clear()
        self.fetches.on_fetched.clear()
        self.fetches.close()

    @property
    def offered(self) -> tuple[Fetch, ...]:
        """What is not on the shelf."""
        there = {cascade.folder.resolve() for cascade in self._shelf.cascades}
        fetches = self.fetches
        return tuple(fetch for fetch in fetches.all if fetches.folder(fetch.entry.name).resolve() not in there)

    @property
    def address(self) -> str:
        """Who would be asked: the Hub, or the mirror that is named instead; "" where that is no address."""
        try:
            return endpoint()
        except MuseStudioError:
            return ""

    async def look(self) -> None:
        """See what lies on the disk."""
        self.fetches.saw(await self._shelf.in_thread(self.fetches.look))

    def put_on_shelf(self, fetch: Fetch) -> None:
        """One that was fetched before, and taken off the list."""
        self._faults.spawn(self._put_on_shelf(fetch, self.fetches.folder(fetch.entry.name)))

    def _hear(self, fetch: Fetch) -> None:
        if fetch.state is FetchState.FAILED and fetch.done_bytes:
            name = fetch.entry.name
            again = NoticeAction(tr("Try again"), lambda: self.fetches.go_on(name))
            self._host.notify(Notice(NoticeKind.WARNING, fetch.problem, (again,), topic=f"fetch {name}"))
        self.changed.emit()

    def _take(self, fetch: Fetch, folder: Path) -> None:
        self._faults.spawn(self._put_on_shelf(fetch, folder, said=True))

    async def _put_on_shelf(self, fetch: Fetch, folder: Path, said: bool = False) -> None:
        cascade = await self._shelf.add(folder)
        if cascade is None:
            return  # it was said why
        if said:
            message = tr("{name} is fetched and verified. It is in the list of models.", name=fetch.entry.name)
            use = NoticeAction(tr("Use this model"), lambda: self._shelf.use(cascade))
            self._host.notify(Notice(NoticeKind.GOOD, message, (use,), topic=f"fetch {fetch.entry.name}"))
        self.arrived.emit(cascade)

    def _in_thread(self, work: Callable[[], str], then: Callable[[str], None]) -> None:
        async def run() -> None:
            then(await self._shelf.in_thread(work))

        self._faults.spawn(run())


def _published() -> Sequence[Published]:
    try:
        return catalogue()
    except MuseStudioError as fault:
        log.warning("%s %s", fault.message, fault.detail)
        return ()
