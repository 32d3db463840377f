"""A download that says what its script says, for tests, screenshots and demos: no process, no network, no time.

Give `FakeFetch.start` to `Fetches.start`, then let the newest one speak.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from muse_studio.client.fetch_process import Ended, Event, Heard

GB = 10**9


class FakeFetch:
    """Every process that was started, and the words that each was started with."""

    def __init__(self) -> None:
        self.started: list[tuple[str, ...]] = []
        self.stopped = 0
        self._heard: Heard = lambda event: None
        self._ended: Ended = lambda: None
        self.runs = False

    def start(self, words: Sequence[str], heard: Heard, ended: Ended) -> FakeFetch:
        self.started.append(tuple(words))
        self._heard, self._ended, self.runs = heard, ended, True
        return self

    def stop(self, *, silent: bool = False) -> None:
        self.stopped += 1
        if silent:
            self.runs = False
        else:
            self.end()

    def close(self) -> None:
        self.runs = False

    def end(self) -> None:
        """The process is gone."""
        if self.runs:
            self.runs = False
            self._ended()

    def say(self, event: Event) -> None:
        """Any event; nobody hears it once it has ended."""
        if self.runs:
            self._heard(event)

    def offer(
        self,
        folder: Path,
        licence: str = "openrail++",
        *,
        is_new: bool = False,
        total_bytes: int = 3_510_000_000,
        free_bytes: int = 200 * GB,
        kept_bytes: int = 0,
        endpoint: str = "https://huggingface.co",
    ) -> None:
        """It tells its terms and, if that was all it was asked for, ends."""
        self.say(
            {
                "event": "terms",
                "endpoint": endpoint,
                "licence": licence,
                "licence_is_new": is_new,
                "total_bytes": total_bytes,
                "files": 12,
                "kept_bytes": kept_bytes,
                "free_bytes": free_bytes,
                "folder": str(folder),
            }
        )
        if "--terms" in self.started[-1]:
            self.end()

    def move(
        self,
        done_bytes: int,
        total_bytes: int = 3_510_000_000,
        *,
        seconds_left: float | None = None,
        waiting: bool = False,
        file: str = "transformer/diffusion_pytorch_model.safetensors",
    ) -> None:
        """Some bytes have come."""
        self.say(
            {
                "event": "fetching",
                "file": file,
                "bytes": done_bytes,
                "total_bytes": total_bytes,
                "seconds_left": seconds_left,
                "waiting": waiting,
            }
        )

    def fail(self, message: str, kind: str = "network") -> None:
        """It says why, and ends."""
        self.say({"event": "failed", "kind": kind, "message": message, "detail": "", "options": []})
        self.end()

    def finish(self, folder: Path) -> None:
        """All is verified and lies in the folder."""
        self.say({"event": "finished", "name": folder.name, "folder": str(folder), "bytes": 1})
        self.end()
