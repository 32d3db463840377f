"""Presses of Generate that are not jobs yet: their frames are cut out of the picture in a thread, in order.

Knows nothing of documents or clients: what to work out is a function, and what becomes of it another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from muse_studio.client.queue import Place
from muse_studio.core.runs import Branch
from muse_studio.gui.faults import Faults
from muse_studio.gui.landing import preview_alpha
from muse_studio.gui.requests import Asked
from muse_studio.gui.sheet import Sheet

Pixels = NDArray[np.uint8]


@dataclass(slots=True, eq=False)
class Press:
    """Something asked for, and where its job goes.

    sheet: of the moment of the press, None where there was none. parent: the step that it goes on from.
    moved: by how much the canvas has grown at its left and top meanwhile. dropped: nobody wants it any more.
    """

    sheet: Sheet | None
    place: Place
    parent: Branch | None = None
    moved: tuple[int, int] = (0, 0)
    dropped: bool = False


class Presses:
    """Those that are being worked out, in their order. Every one is handed over by `begin`, unless it was dropped."""

    def __init__(
        self, faults: Faults, begin: Callable[[Press, Asked, Pixels | None], object], changed: Callable[[], None]
    ) -> None:
        """changed: called when the last one that was worked out made no job."""
        self._faults, self._begin, self._changed = faults, begin, changed
        self._line: list[Press] = []
        self._turns = asyncio.Lock()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="frames")

    def __len__(self) -> int:
        return sum(not press.dropped for press in self._line)

    def close(self) -> None:
        """Let go of the thread."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def add(self, press: Press, ask: Callable[[], Asked]) -> None:
        """Work out what is asked in the thread; it may read only what can't change."""
        self._line.append(press)
        self._faults.spawn(self._work_out(press, ask))

    def add_ready(self, press: Press, asked: Asked) -> None:
        """The same for what is worked out already: at once, or after those that came before."""
        if self._line:
            self.add(press, lambda: asked)
        else:
            self._begin(press, asked, preview_alpha(asked))

    def drop_next(self) -> None:
        """Forget the first one; nothing happens where there is none."""
        first = next((press for press in self._line if not press.dropped), None)
        if first is not None:
            first.dropped = True

    def drop_all(self) -> None:
        for press in self._line:
            press.dropped = True

    def move(self, sheet: Sheet, dx: int, dy: int) -> None:
        """The canvas of this sheet has grown, so that every place has other coordinates."""
        for press in self._line:
            if press.sheet is sheet:
                press.moved = press.moved[0] + dx, press.moved[1] + dy

    async def _work_out(self, press: Press, ask: Callable[[], Asked]) -> None:
        made = False
        try:
            async with self._turns:
                asked, alpha = await asyncio.get_running_loop().run_in_executor(self._pool, _with_alpha, ask)
            if not press.dropped:
                self._begin(press, asked, alpha)
                made = True
        finally:
            self._line.remove(press)
            if not made:
                self._changed()


def _with_alpha(ask: Callable[[], Asked]) -> tuple[Asked, Pixels | None]:
    asked = ask()
    return asked, preview_alpha(asked)
