"""Counts what a data set could not use, by reason, with the first names of each. Knows nothing of why."""

from __future__ import annotations

import threading

SHOWN_NAMES = 3


class Skipped:
    """Each name counts once, however often it is met; several threads may add."""

    def __init__(self) -> None:
        self._names: dict[str, dict[str, None]] = {}
        self._lock = threading.Lock()

    def add(self, reason: str, name: str) -> None:
        """Notes that `name` was skipped for `reason`."""
        with self._lock:
            self._names.setdefault(reason, {})[name] = None

    def counts(self) -> dict[str, int]:
        """How many by reason, in the order of reasons."""
        with self._lock:
            return {reason: len(names) for reason, names in sorted(self._names.items())}

    def lines(self) -> list[str]:
        """One line for each reason: "2 skipped, too small: a.jpg, b.jpg"."""
        with self._lock:
            return [_line(reason, list(names)) for reason, names in sorted(self._names.items())]

    def remark(self) -> str:
        """All in a few words for a log: "skipped: 2 too small, 1 empty caption"; empty where nothing was."""
        counts = self.counts()
        return "skipped: " + ", ".join(f"{count} {reason}" for reason, count in counts.items()) if counts else ""


def _line(reason: str, names: list[str]) -> str:
    more = f" and {len(names) - SHOWN_NAMES} more" if len(names) > SHOWN_NAMES else ""
    return f"{len(names)} skipped, {reason}: {', '.join(names[:SHOWN_NAMES])}{more}"
