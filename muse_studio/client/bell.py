"""Waiting, in one event loop's thread, until something has changed. Knows not what."""

from __future__ import annotations

import asyncio


class Bell:
    """`ring` wakes everyone who waits now, and nobody who comes later."""

    def __init__(self) -> None:
        self._waiters: list[asyncio.Future[None]] = []

    async def wait(self) -> None:
        """Until the next ring."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        await waiter

    def ring(self) -> None:
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)
