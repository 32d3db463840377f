"""What screen readers are told without being asked: messages at once, a job's progress now and then.

Knows nothing about jobs or notices: it is given words and shares.
"""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

from muse_studio.gui.language import tr

_QUARTERS = 4


def announce(source: QObject, words: str, *, urgent: bool = False) -> None:
    """Let a screen reader say `words`; urgent ones interrupt what it says."""
    event = QAccessibleAnnouncementEvent(source, words)
    politeness = QAccessible.AnnouncementPoliteness
    event.setPoliteness(politeness.Assertive if urgent else politeness.Polite)
    QAccessible.updateAccessibility(event)


class ProgressTeller:
    """Says that something has begun, each quarter of it that is done, and how it ended; no more than that."""

    def __init__(self, source: QObject) -> None:
        self._source = source
        self._told: int | None = None

    def begin(self, words: str) -> None:
        """Something has begun: says so once, until `end`."""
        if self._told is None:
            self._told = 0
            announce(self._source, words)

    def step(self, share: float) -> None:
        """`share` of it is done, 0 to 1. The last quarter is told by `end`."""
        quarter = int(share * _QUARTERS)
        if self._told is not None and self._told < quarter < _QUARTERS:
            self._told = quarter
            announce(self._source, tr("{percent} percent done", percent=quarter * 100 // _QUARTERS))

    def end(self, words: str) -> None:
        """It is over; `words` say how, and "" says nothing, where a message already tells."""
        if self._told is not None and words:
            announce(self._source, words)
        self._told = None
