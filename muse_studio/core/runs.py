"""All runs of a document: which branched from which, who is told of changes, and how much memory they may take.

A tree belongs to one thread; `snapshot` is what another may read. Nothing here knows of clients, windows or files:
`run_files` writes and reads runs.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum

import numpy as np

from muse_studio.core import limits
from muse_studio.core.canvas_transform import UNCHANGED, CanvasTransform
from muse_studio.core.geometry import Rect
from muse_studio.core.job_state import JobState
from muse_studio.core.request import EditRequest
from muse_studio.core.run import Branch, Run, RunStep
from muse_studio.core.run_pictures import NO_PICTURE, StepPicture
from muse_studio.core.run_sources import DecodedResult, DecodedStep
from muse_studio.core.tokens import TokenState

__all__ = ["Branch", "JobState", "Run", "RunChange", "RunNews", "RunStep", "RunTree"]

log = logging.getLogger(__name__)

Clock = Callable[[], float]


class RunNews(StrEnum):
    """What has become of a run."""

    BEGUN = "begun"
    STEP = "step"
    PICTURE = "picture"
    STATE = "state"
    NAMED = "named"
    REMOVED = "removed"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class RunChange:
    """One piece of news. variation, step: of STEP and PICTURE, else -1."""

    news: RunNews
    run: Run
    variation: int = -1
    step: int = -1


@dataclass(slots=True)
class _Place:
    run: Run
    variation: int
    step: int

    @property
    def is_last(self) -> bool:
        return self.step + 1 == len(self.run.steps[self.variation])


@dataclass(slots=True, eq=False)
class RunTree:
    """All runs of a document, oldest first. `on_change` hears of everything that happens to them.

    Memory is bounded. Of pictures the oldest previews go first, thumbnails and tokens stay; a variation's last picture
    outlasts the others. Beyond RUNS_LIMIT_BYTES of all together, the oldest ended run that nothing branched from goes.
    """

    clock: Clock = time.monotonic
    pictures_limit_bytes: int = limits.RUN_PICTURES_LIMIT_BYTES
    limit_bytes: int = limits.RUNS_LIMIT_BYTES
    on_change: list[Callable[[RunChange], None]] = field(default_factory=list)
    left_out: int = 0
    """Runs of the file it came from that were damaged."""
    _runs: dict[str, Run] = field(default_factory=dict)
    _previews: dict[tuple[str, int, int], int] = field(default_factory=dict)
    """Bytes of each preview that is still held, in the order they came."""
    _bytes: int = 0
    _preview_bytes: int = 0

    @property
    def runs(self) -> tuple[Run, ...]:
        """Oldest first."""
        return tuple(self._runs.values())

    @property
    def size_bytes(self) -> int:
        """All that the runs hold."""
        return self._bytes

    @property
    def pictures_bytes(self) -> int:
        """Of that, the previews."""
        return self._preview_bytes

    def snapshot(self) -> tuple[Run, ...]:
        """The runs as they are now, for a thread that writes them."""
        return tuple(run.copy() for run in self._runs.values())

    def get(self, run_id: str) -> Run | None:
        return self._runs.get(run_id)

    def branches(self, run: Run | None) -> tuple[Run, ...]:
        """Runs that left this one, oldest first; of None those that have no parent here."""
        if run is not None:
            return tuple(other for other in self.runs if other.parent and other.parent.run == run.id)
        return tuple(other for other in self.runs if other.parent is None or other.parent.run not in self._runs)

    def walk(self) -> Iterator[tuple[int, Run]]:
        """Every run with its depth, each before its branches."""
        children: dict[str | None, list[Run]] = {}
        for run in self.runs:
            known = run.parent is not None and run.parent.run in self._runs
            children.setdefault(run.parent.run if run.parent and known else None, []).append(run)
        waiting = [(0, run) for run in reversed(children.get(None, []))]
        while waiting:
            depth, run = waiting.pop()
            yield depth, run
            waiting += [(depth + 1, child) for child in reversed(children.get(run.id, []))]

    def origin(self, run: Run) -> RunStep | None:
        """The step that a run branched from, if it is still here."""
        parent = self._runs.get(run.parent.run) if run.parent else None
        if parent is None or run.parent is None or not 0 <= run.parent.variation < len(parent.steps):
            return None
        row = parent.steps[run.parent.variation]
        return row[run.parent.step] if 0 <= run.parent.step < len(row) else None

    # What a job does ----------------------------------------------------------------------------------------------

    def begin(
        self,
        request: EditRequest,
        frame: Rect,
        parent: Branch | None = None,
        transform: CanvasTransform = UNCHANGED,
    ) -> Run:
        """A job was submitted. It waits until its first step. frame, transform: as `Document.noted` gives them."""
        begun = datetime.now(UTC).astimezone().isoformat(timespec="seconds")
        run = Run(uuid.uuid4().hex, request, frame, parent, begun, transform=transform)
        run.started_s = self.clock()
        self.adopt(run)
        return run

    def adopt(self, run: Run) -> None:
        """Take in a run as it is: one from a file, or one that began before there was a document."""
        self._runs[run.id] = run
        self._bytes += run.size_bytes
        for variation, row in enumerate(run.steps):
            for step in range(len(row)):
                self._note_preview(_Place(run, variation, step))
        self._tell(RunChange(RunNews.BEGUN, run))
        self._make_room()

    def mark_running(self, run: Run) -> None:
        """The worker has begun: seconds count from now."""
        run.started_s = self.clock()
        self._set_state(run, JobState.RUNNING)

    def add_step(self, run: Run, event: DecodedStep) -> RunStep:
        """The next step of one of its variations. Cheap: the preview is kept as it came until `put_picture`."""
        if run.state is JobState.QUEUED:
            self.mark_running(run)
        step = RunStep(
            stage=event.stage,
            index=event.index,
            total=event.total,
            job_index=event.job_index,
            job_total=event.job_total,
            tokens=run.state_of(event.stage, event.tokens, event.known, event.variation),
            confidence=np.rint(event.confidence * 255).astype(np.uint8),
            seconds=max(0.0, self.clock() - run.started_s),
            picture=StepPicture(raw=event.preview) if event.preview.size else NO_PICTURE,
        )
        self._append(run, event.variation, step)
        return step

    def add_result(self, run: Run, event: DecodedResult) -> None:
        """A variation is finished: its picture becomes that of its last step."""
        run.results[event.variation] = event.seconds
        run.notes = event.notes
        row = run.steps[event.variation]
        if row:
            self.put_picture(run, event.variation, len(row) - 1, StepPicture(raw=event.picture))
        else:
            self._append(run, event.variation, _only_step(event))

    def finish(self, run: Run, state: JobState | str = JobState.FINISHED) -> None:
        """The job has ended, in one way or another. A job's state may be given by its value."""
        self._set_state(run, JobState(str(state)))

    def put_picture(self, run: Run, variation: int, step: int, picture: StepPicture) -> None:
        """Replace a step's picture, most often by the same one developed."""
        row = run.steps[variation]
        before, after = row[step], replace(row[step], picture=picture)
        row[step] = after
        if run.id in self._runs:
            self._bytes += after.size_bytes - before.size_bytes
            self._note_preview(_Place(run, variation, step))
            self._tell(RunChange(RunNews.PICTURE, run, variation, step))
            self._make_room()

    # What a person does -------------------------------------------------------------------------------------------

    def rename(self, run: Run, name: str) -> None:
        """Empty: it is called by its prompt again."""
        run.name = " ".join(name.split())[: limits.RUN_NAME_LIMIT_CHARACTERS]
        self._tell(RunChange(RunNews.NAMED, run))

    def remove(self, run: Run) -> None:
        """Let a run go; `restore` brings it back. Its branches stay, as runs of their own meanwhile."""
        if self._runs.pop(run.id, None) is None:
            return
        self._bytes -= run.size_bytes
        for key in [key for key in self._previews if key[0] == run.id]:
            self._preview_bytes -= self._previews.pop(key)
        self._tell(RunChange(RunNews.REMOVED, run))

    def restore(self, run: Run) -> None:
        """Bring a removed run back to where it was."""
        if run.id in self._runs:
            return
        self._runs[run.id] = run
        self._runs = dict(sorted(self._runs.items(), key=lambda item: item[1].begun))
        self._bytes += run.size_bytes
        for variation, row in enumerate(run.steps):
            for step in range(len(row)):
                self._note_preview(_Place(run, variation, step))
        self._tell(RunChange(RunNews.RESTORED, run))

    # Memory -------------------------------------------------------------------------------------------------------

    def _append(self, run: Run, variation: int, step: RunStep) -> None:
        row = run.steps[variation]
        row.append(step)
        if run.id in self._runs:
            self._bytes += step.size_bytes
            self._note_preview(_Place(run, variation, len(row) - 1))
            self._tell(RunChange(RunNews.STEP, run, variation, len(row) - 1))
            self._make_room()

    def _note_preview(self, place: _Place) -> None:
        key = (place.run.id, place.variation, place.step)
        held = place.run.steps[place.variation][place.step].picture.preview_bytes
        self._preview_bytes += held - self._previews.get(key, 0)
        if held:
            self._previews[key] = held
        else:
            self._previews.pop(key, None)

    def _make_room(self) -> None:
        """Let previews go, then whole runs, until the limits are kept."""
        for keep_last in (True, False):
            while self._preview_bytes > self.pictures_limit_bytes and (place := self._oldest_preview(keep_last)):
                self._drop_preview(place)
        while (self._bytes > self.limit_bytes or len(self._runs) > limits.RUNS_LIMIT) and (run := self._oldest_leaf()):
            self.remove(run)

    def _oldest_preview(self, keep_last: bool) -> _Place | None:
        places = (_Place(self._runs[run], variation, step) for run, variation, step in self._previews)
        return next((place for place in places if not (keep_last and place.is_last)), None)

    def _drop_preview(self, place: _Place) -> None:
        """Pixels that were never developed leave no thumbnail."""
        row = place.run.steps[place.variation]
        step = row[place.step]
        row[place.step] = replace(step, picture=step.picture.without_preview())
        self._bytes -= step.picture.preview_bytes
        self._note_preview(place)
        self._tell(RunChange(RunNews.PICTURE, place.run, place.variation, place.step))

    def _oldest_leaf(self) -> Run | None:
        """The oldest ended run that no other branched from; never the newest of all."""
        parents = {run.parent.run for run in self.runs if run.parent}
        return next((run for run in self.runs[:-1] if run.state.is_end and run.id not in parents), None)

    # Telling ------------------------------------------------------------------------------------------------------

    def _set_state(self, run: Run, state: JobState) -> None:
        if run.state.is_end or run.state is state:
            return
        run.state = state
        self._tell(RunChange(RunNews.STATE, run))

    def _tell(self, change: RunChange) -> None:
        if change.news is not RunNews.REMOVED and change.run.id not in self._runs:
            return
        for listener in tuple(self.on_change):
            try:
                listener(change)
            except Exception:
                log.exception("a listener failed")


def _only_step(event: DecodedResult) -> RunStep:
    """Of a variation that took no step: nothing was left to decide."""
    grids = [grid for grid in (event.base_tokens, event.superres_tokens) if grid is not None]
    tokens = None if event.base_tokens is None else TokenState.whole(event.base_tokens, event.superres_tokens)
    stage = "base" if event.superres_tokens is None else "superres"
    sure = np.full(grids[-1].shape if grids else (1, 1), 255, np.uint8)
    return RunStep(stage, 0, 1, 0, 1, tokens, sure, event.seconds, StepPicture(raw=event.picture))
