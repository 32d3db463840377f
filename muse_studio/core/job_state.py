"""Where a job stands, for whoever runs it and for whoever keeps what it made. Knows nothing of either."""

from __future__ import annotations

from enum import StrEnum


class JobState(StrEnum):
    """The last four are ends: a job reaches exactly one of them and stays there."""

    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    FAILED = "failed"
    LOST = "lost"

    @property
    def is_end(self) -> bool:
        """True for finished, cancelled, failed and lost."""
        return self not in (JobState.QUEUED, JobState.RUNNING)
