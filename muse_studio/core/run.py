"""A run: one job with all it made, every step of every variation a place to look at and to go on from.

Knows nothing of clients, windows or files. `runs.RunTree` holds the runs of a document and changes them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from muse_studio.core.canvas_transform import UNCHANGED, CanvasTransform, Noted
from muse_studio.core.geometry import Extent, Rect
from muse_studio.core.job_state import JobState
from muse_studio.core.masks import resample_by_maximum
from muse_studio.core.request import EditRequest, Mode
from muse_studio.core.run_pictures import NO_PICTURE, StepPicture
from muse_studio.core.tokens import TokenGrid, TokenState

CONTINUED = (Mode.GENERATE, Mode.INPAINT, Mode.CONTINUE)
"""The modes whose steps can be gone on from; the others begin from a whole picture, as a step of theirs does."""


@dataclass(frozen=True, slots=True)
class Branch:
    """Where a run left another: step `step`, from 0, of variation `variation` of the run with the id `run`."""

    run: str
    variation: int
    step: int


@dataclass(frozen=True, slots=True, eq=False)
class RunStep:
    """One step of one variation, as a place to look at and to go on from.

    stage:                "base" or "superres".
    index, total:         within the stage, index from 0.
    job_index, job_total: within the whole job.
    tokens:               with what is decided under the mask; None where only the result tells the base tokens.
    confidence:           uint8 [n, n], 255 is certain, of the stage's grid.
    seconds:              since the run's first moment in the worker.
    picture:              what it looked like.
    """

    stage: str
    index: int
    total: int
    job_index: int
    job_total: int
    tokens: TokenState | None
    confidence: NDArray[np.uint8]
    seconds: float
    picture: StepPicture = NO_PICTURE

    @property
    def grid(self) -> TokenGrid | None:
        """The tokens of this step's own stage."""
        if self.tokens is None:
            return None
        return self.tokens.base if self.stage == "base" else self.tokens.superres

    @property
    def size_bytes(self) -> int:
        grid = self.grid
        tokens = 0 if grid is None else grid.tokens.nbytes + grid.decided.nbytes
        return tokens + self.confidence.nbytes + self.picture.size_bytes


class Run:
    """One job: what was asked, where it belongs, every step it took. `RunTree` changes it and tells of it.

    id:      uuid4 as hex. begun: ISO time with its zone. frame: as `Document.noted` gives it.
    parent:  the step it branched from; None for a run from nothing. name: given by a person, or empty.
    steps:   for each variation its steps, in order. notes: what results said of how they were made.
    """

    def __init__(
        self,
        run_id: str,
        request: EditRequest,
        frame: Rect,
        parent: Branch | None = None,
        begun: str = "",
        name: str = "",
        transform: CanvasTransform = UNCHANGED,
    ) -> None:
        self.id, self.request, self.parent, self.begun, self.name = run_id, request, parent, begun, name
        self.noted = Noted(frame, transform)
        self.state = JobState.QUEUED
        self.steps: list[list[RunStep]] = [[] for _ in range(request.count)]
        self.results: dict[int, float] = {}
        """Seconds that each finished variation took."""
        self.notes: tuple[str, ...] = ()
        self.model = ""
        """Of whose making the tokens are; "" before the first step, and in projects of before it was kept."""
        self.started_s = 0.0
        """By the tree's clock; of no meaning in another process."""
        self.kept_files: dict[str, bytes] = {}
        """Files of a project that will not change any more, once they have been made; `run_files` fills it."""
        self._base: dict[int, NDArray[np.int32]] = {}
        self._inside: dict[int, NDArray[np.bool_]] = {}

    def __repr__(self) -> str:
        return f"Run({self.id[:8]}, {self.state.value}, {self.step_count} steps)"

    @property
    def frame(self) -> Rect:
        """Where it was when it began."""
        return self.noted.square

    @property
    def step_count(self) -> int:
        """Of all variations together."""
        return sum(map(len, self.steps))

    @property
    def can_branch(self) -> bool:
        """Whether its steps are places to go on from."""
        return self.is_edit or self.request.mode in CONTINUED

    @property
    def is_edit(self) -> bool:
        """Whether its composition is iterations over a whole picture: none of its tokens is ever undecided."""
        return self.request.mode is Mode.EDIT

    def iterations(self, step: RunStep) -> int:
        """Of an edit: how many have been made after this step. All of them once the detail is made."""
        if step.stage == "base":
            return step.index + 1
        iteration = next((kept for row in self.steps for kept in row if kept.stage == "base"), None)
        if iteration is not None:
            return iteration.total
        return 0 if self.request.reached is None else int(self.request.reached.iterations)

    def is_made_by(self, model: str) -> bool:
        """Whether this model may go on from its steps, as far as is known; "" is one that has not said its name."""
        return not self.model or not model or model == self.model

    @property
    def size_bytes(self) -> int:
        pixels = [part for part in (self.request.picture, self.request.mask) if part is not None]
        return sum(part.nbytes for part in pixels) + sum(step.size_bytes for row in self.steps for step in row)

    def copy(self) -> Run:
        """The run as it is now, for another thread; steps are values and are shared."""
        other = Run(self.id, self.request, self.frame, self.parent, self.begun, self.name, self.noted.transform)
        other.state, other.notes, other.results = self.state, self.notes, dict(self.results)
        other.steps = [list(row) for row in self.steps]
        other.kept_files, other.model = self.kept_files, self.model
        return other

    def inside(self, side: int) -> NDArray[np.bool_]:
        """bool [side, side], True in the cells that this run may change: those under the mask, or all."""
        if side not in self._inside:
            mask = self.request.mask
            touched = None if mask is None else resample_by_maximum(mask, Extent(side, side)) > 0
            self._inside[side] = np.ones((side, side), np.bool_) if touched is None else touched
        return self._inside[side]

    def share_decided(self, step: RunStep) -> float:
        """How much of its stage's region is decided after this step, 0 to 1."""
        grid = step.grid
        if grid is None or (self.is_edit and step.stage == "base"):
            return (step.index + 1) / max(1, step.total)
        inside = self.inside(len(grid.tokens))
        return float((grid.decided & inside).sum() / max(1, inside.sum()))

    def mean_confidence(self, step: RunStep) -> float:
        """How sure the model was of the tokens that are decided, 0 to 1; 0 where none is."""
        inside = self.inside(len(step.confidence))
        chosen = inside if step.grid is None else inside & step.grid.decided
        return float(step.confidence[chosen].mean() / 255) if chosen.any() else 0.0

    def state_of(
        self, stage: str, tokens: NDArray[np.int32], known: NDArray[np.bool_], variation: int
    ) -> TokenState | None:
        """What a step had decided: under the mask, if there is one, for the rest is the picture's."""
        grid = TokenGrid(tokens, known & self.inside(len(tokens)))
        if stage == "base":
            self._base[variation] = grid.tokens
            return TokenState(grid)
        base = self._base.get(variation)
        if base is None and self.request.reached is not None:
            base = self.request.reached.tokens
        elif base is None and self.request.tokens is not None:
            base = self.request.tokens.base.tokens
        return None if base is None else TokenState(TokenGrid.whole(base), grid)
