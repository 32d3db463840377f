"""The jobs that wait, in the order they will run. Knows nothing of the job that runs, nor of who runs it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum

from muse_studio.client.jobs import Job, call_each


class Place(StrEnum):
    """Where a new job goes.

    BACK:    after everything that waits.
    FRONT:   before everything that waits; what runs is finished first.
    REPLACE: instead of everything that runs or waits, which is cancelled.
    """

    BACK = "back"
    FRONT = "front"
    REPLACE = "replace"


class JobQueue:
    """Each job at most once. `on_change` is told of every new order."""

    def __init__(self) -> None:
        self.on_change: list[Callable[[tuple[Job, ...]], None]] = []
        self._jobs: list[Job] = []

    def __iter__(self) -> Iterator[Job]:
        return iter(tuple(self._jobs))

    def __len__(self) -> int:
        return len(self._jobs)

    def __contains__(self, job: object) -> bool:
        return job in self._jobs

    def add(self, job: Job, place: Place = Place.BACK) -> None:
        """Where the place says; whoever replaces cancels the others."""
        self._jobs.insert(0 if place is Place.FRONT else len(self._jobs), job)
        self._tell()

    def move(self, job: Job, index: int) -> bool:
        """Make it the one before which `index` others wait, as near as there are; False if it doesn't wait."""
        if job not in self._jobs:
            return False
        self._jobs.remove(job)
        self._jobs.insert(max(0, index), job)
        self._tell()
        return True

    def take(self) -> Job:
        """The next job, which waits no longer. IndexError if there is none."""
        job = self._jobs.pop(0)
        self._tell()
        return job

    def remove(self, job: Job) -> bool:
        """False if it doesn't wait."""
        if job not in self._jobs:
            return False
        self._jobs.remove(job)
        self._tell()
        return True

    def clear(self) -> tuple[Job, ...]:
        """Those that waited; none does any more."""
        waited, self._jobs = tuple(self._jobs), []
        if waited:
            self._tell()
        return waited

    def _tell(self) -> None:
        call_each(self.on_change, tuple(self._jobs))
