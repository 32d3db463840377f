"""The program's own `models get` as another process, whose every line is an event.

The window never reaches the network: that process does, when a person has asked for it. It ends when it is stopped, and
when the window does, since its standard input ends then. Knows nothing of what the events mean.
"""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
from collections.abc import Callable, Mapping, Sequence
from threading import Thread
from typing import Any, Protocol

from muse_studio.client.process import program_command, worker_environment

log = logging.getLogger(__name__)

Event = Mapping[str, Any]
_JOIN_S = 3.0


class Fetching(Protocol):
    """A running download."""

    def stop(self, *, silent: bool = False) -> None:
        """End it now; what has come is kept. Its end is told as any other, unless it is to be silent."""
        ...

    def close(self) -> None:
        """End it and wait for that; nothing is told any more."""
        ...


Heard = Callable[[Event], None]
Ended = Callable[[], None]
Start = Callable[[Sequence[str], Heard, Ended], Fetching]
"""Starts `muse-studio WORDS…`; both are called on the event loop, `Ended` last and once. OSError."""


class FetchProcess:
    """One such process, and the thread that reads what it says."""

    def __init__(self, words: Sequence[str], heard: Heard, ended: Ended) -> None:
        self._loop = asyncio.get_event_loop()
        self._heard, self._ended = heard, ended
        self._closed = False
        self._process = subprocess.Popen(
            program_command(*words),
            stdin=subprocess.PIPE,  # never written to: its end is the sign that the window is gone
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=worker_environment(),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._thread = Thread(target=self._read, name=f"fetch-{self._process.pid}", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def stop(self, *, silent: bool = False) -> None:
        self._closed = self._closed or silent
        self._process.kill()

    def close(self) -> None:
        self._closed = True
        self._process.kill()
        self._thread.join(_JOIN_S)

    def _read(self) -> None:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        with stdin, stdout:
            for line in stdout:
                event = _event(line)
                if event is None:
                    log.info("models get: %s", line[:500].decode("utf-8", "replace").rstrip())
                else:
                    self._tell(self._hear, event)
        self._process.wait()
        self._tell(self._end)

    def _hear(self, event: Event) -> None:
        if not self._closed:
            self._heard(event)

    def _end(self) -> None:
        if not self._closed:
            self._ended()

    def _tell(self, callback: Callable[..., None], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(callback, *arguments)
        except RuntimeError:
            log.debug("the event loop was closed before the download ended")


def _event(line: bytes) -> Event | None:
    """A line as an event; None where it is something else, such as a warning of a library."""
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) and isinstance(event.get("event"), str) else None
