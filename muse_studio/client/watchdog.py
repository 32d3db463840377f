"""Asks the worker again and again whether it is there. Knows nothing of what it is doing.

Counts questions, not seconds: a studio that was itself asleep has asked nothing, and so blames nobody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from muse_studio.client.limits import HUNG_AFTER_PINGS, PING_INTERVAL_S


class Watchdog:
    """Calls `ping` with a new nonce every interval, and `hung` once when too many went unanswered."""

    def __init__(self, loop: asyncio.AbstractEventLoop, ping: Callable[[int], None], hung: Callable[[], None]) -> None:
        self._loop = loop
        self._ping = ping
        self._hung = hung
        self._nonce = 0
        self._unanswered = 0
        self._timer = loop.call_later(PING_INTERVAL_S, self._tick)

    def alive(self) -> None:
        """The worker has said something."""
        self._unanswered = 0

    def stop(self) -> None:
        """Ask no more."""
        self._timer.cancel()

    def _tick(self) -> None:
        self._timer = self._loop.call_later(PING_INTERVAL_S, self._tick)
        self._unanswered += 1
        if self._unanswered == HUNG_AFTER_PINGS + 1:
            self._hung()
        elif self._unanswered <= HUNG_AFTER_PINGS:
            self._nonce += 1
            self._ping(self._nonce)
