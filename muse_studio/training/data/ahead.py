"""Makes examples before they are asked for, on threads of its own. Knows nothing of what an example is."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

Made = TypeVar("Made")


class Ahead(Generic[Made]):
    """`make` by number, as if called directly: the numbers to come are guessed, never the answers changed.

    Numbers come in runs of `batch`, whose beginnings are `stride` apart. Decoding a picture leaves Python's lock, so
    threads do; `threads` of 0 makes nothing ahead.
    """

    def __init__(self, make: Callable[[int], Made], *, batch: int, stride: int, threads: int) -> None:
        self.make, self.batch, self.stride = make, batch, max(stride, batch)
        self.depth = min(2 * batch, 16 * threads)
        self._pool = ThreadPoolExecutor(threads) if threads else None
        self._waiting: dict[int, Future[Made]] = {}
        self._start = 0

    def __call__(self, number: int) -> Made:
        if self._pool is None:
            return self.make(number)
        if number not in self._waiting:  # the first one, or a jump: begin again from here
            self._drop()
            self._start = number
        upcoming = number
        for _ in range(self.depth + 1):
            if upcoming not in self._waiting:
                self._waiting[upcoming] = self._pool.submit(self.make, upcoming)
            upcoming = self._after(upcoming)
        return self._waiting.pop(number).result()

    def close(self) -> None:
        """Ends the threads, after what they are at."""
        self._drop()
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None

    def _after(self, number: int) -> int:
        place = (number - self._start) % self.stride
        return number + 1 if place + 1 < self.batch else number + 1 + self.stride - self.batch

    def _drop(self) -> None:
        for waiting in self._waiting.values():
            waiting.cancel()
        self._waiting.clear()
