"""One job of the window, from Generate to its end: what was asked, for which sheet, and how far it has come.

Knows nothing about how a client runs a job, nor where its result goes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from muse_studio.client.jobs import Job, JobState, JobStep
from muse_studio.client.recording import Recorder
from muse_studio.core.canvas_transform import Noted
from muse_studio.core.geometry import Rect
from muse_studio.core.model_shape import is_only_stage
from muse_studio.core.runs import Branch, RunTree
from muse_studio.core.wishes import Aim
from muse_studio.gui.advanced import STAGE_NAMES
from muse_studio.gui.landing import preview_alpha
from muse_studio.gui.language import noop, tr
from muse_studio.gui.requests import Asked
from muse_studio.gui.sheet import Sheet

Pixels = NDArray[np.uint8]

AIM_NAMES = {
    Aim.FILL: noop("Fill the mask"),
    Aim.NEW: noop("New picture"),
    Aim.EXTEND: noop("Extend the picture"),
    Aim.EDIT: noop("Edit by prompt"),
    Aim.REROLL: noop("Re-roll the doubtful"),
    Aim.RETEXTURE: noop("New detail"),
}
"""What a button says, and the undo step that it makes."""
BRANCH_NAME = noop("Branch from a step")


class JobRun:
    """A job and where its result belongs.

    alpha:  uint8 [S, S], how much of its previews shows, `preview_alpha` of what was asked; None shows all of them.
    sheet:  None when there was no document; the job may find one later. runs: where its steps go.
    parent: the step that it goes on from. moved: how far places went right and down since it was asked.
    """

    def __init__(
        self,
        job: Job,
        asked: Asked,
        alpha: Pixels | None,
        sheet: Sheet | None,
        runs: RunTree,
        parent: Branch | None = None,
        moved: tuple[int, int] = (0, 0),
    ) -> None:
        self.job, self.asked, self.sheet, self.parent = job, asked, sheet, parent
        self._alpha, self._alpha_of = alpha, asked
        if moved != (0, 0):
            self.moved(*moved)
        noted = asked.noted or noted_in(sheet, self.asked.frame)
        self.record = runs.begin(job.request, noted.square, parent, noted.transform)
        self.has_followed = False
        """Whether the canvas was cropped, turned or scaled since it was asked for."""
        self._can_follow = asked.noted is not None or self._is_of_this_canvas
        Recorder(runs, self.record, job)

    @property
    def name(self) -> str:
        """What it does, untranslated."""
        return BRANCH_NAME if self.asked.aim is None else AIM_NAMES[self.asked.aim]

    @property
    def step(self) -> JobStep | None:
        """The newest."""
        return self.job.history[-1] if self.job.history else None

    @property
    def picture(self) -> Pixels | None:
        """uint8 [s, s, 3] of the newest preview, else what the job begins from; None where that is nothing."""
        turned = self.asked.since.turned
        shown = (turned(step.preview) for step in reversed(self.job.history) if step.has_preview)
        return next(shown, self.asked.seen)

    @property
    def share(self) -> float:
        """How much of it is done, 0 to 1."""
        if self.job.state is JobState.FINISHED:
            return 1.0
        return 0.0 if self.step is None else (self.step.job_index + 1) / self.step.job_total

    @property
    def words(self) -> str:
        """Where it stands, in the language of the moment."""
        if self.job.cancel_asked and not self.job.state.is_end:
            return tr("Stopping…")
        if self.job.state is JobState.QUEUED:
            return tr("Waiting")
        if self.step is None:
            return tr("Waiting for the first step…")
        if is_only_stage(self.step.stage, len(self.step.tokens), self.job.request.size):
            return tr("Step {number} of {total}", number=self.step.index + 1, total=self.step.total)
        stage = tr(STAGE_NAMES.get(self.step.stage, self.step.stage))
        return tr("{stage}: step {step} of {total}", stage=stage, step=self.step.index + 1, total=self.step.total)

    @property
    def alpha(self) -> Pixels | None:
        """uint8 [S, S], how much of a preview shows; None shows all of it."""
        if self._alpha_of is not self.asked:
            self._alpha, self._alpha_of = preview_alpha(self.asked), self.asked
        return self._alpha

    def belongs_to(self, sheet: Sheet | None) -> bool:
        """Whether its result goes into what this sheet shows."""
        return sheet is self.sheet

    def adopted_by(self, sheet: Sheet) -> None:
        """There is a document now, and this job's result is for it."""
        self.sheet = sheet
        document = sheet.document
        self.asked = replace(self.asked, extent=document.extent, canvas_version=document.canvas_version)

    @property
    def _is_of_this_canvas(self) -> bool:
        return self.sheet is None or self.asked.canvas_version == self.sheet.document.canvas_version

    def follow(self, *, anyway: bool = False) -> None:
        """The canvas may have been cropped, turned or scaled: let places and pictures stand as it does.

        Where the frame would reach over an edge that it did not reach over before, all stays as it was asked for;
        `anyway` takes that, too. It stays as well where nothing of the frame is left.
        """
        if self._is_of_this_canvas or not self._can_follow:
            return
        assert self.sheet is not None
        document = self.sheet.document
        asked = self.asked.on(document, self.record.noted)
        if (anyway or asked.reaches_over == self.asked.reaches_over) and not self.is_cut_away:
            self.asked, self.has_followed = asked, True

    @property
    def is_cut_away(self) -> bool:
        """Whether nothing of the frame lies on the canvas any more."""
        if self._is_of_this_canvas or not self._can_follow:
            return False
        assert self.sheet is not None
        document = self.sheet.document
        return document.found(self.record.noted).intersect(document.bounds).is_empty

    def moved(self, dx: int, dy: int) -> None:
        """The canvas has grown at its left or top, so that every place has other coordinates."""
        assert self.sheet is not None
        frame = self.asked.frame.translate(dx, dy)
        document = self.sheet.document
        self.asked = replace(self.asked, frame=frame, extent=document.extent, canvas_version=document.canvas_version)


def noted_in(sheet: Sheet | None, frame: Rect) -> Noted:
    """A frame as a run keeps it: found again when the canvas has been cropped, extended or turned."""
    return Noted(frame) if sheet is None else sheet.document.noted(frame)


class Parade:
    """Shows previews one after another, each long enough to be seen: those of several variations come at once.

    show: called with each; later: calls back after seconds, and gives what cancels that.
    """

    EACH_S = 0.08

    def __init__(self, show: Callable[[JobRun, JobStep], None], later: Callable[[float, Callable[[], None]], object]):
        self._show, self._later = show, later
        self._waiting: dict[tuple[int, int], tuple[JobRun, JobStep]] = {}
        self._timer: object | None = None

    def add(self, run: JobRun, step: JobStep) -> None:
        """A newer preview of a variation takes the place of one that was not shown yet."""
        self._waiting[run.job.id, step.variation] = (run, step)
        if run.job.request.count == 1 or self._timer is None:
            self._next()

    def clear(self) -> None:
        self._waiting.clear()
        if self._timer is not None:
            self._timer.cancel()  # type: ignore[attr-defined]
            self._timer = None

    def _next(self) -> None:
        self._timer = None
        if not self._waiting:
            return
        key = next(iter(self._waiting))
        run, step = self._waiting.pop(key)
        self._show(run, step)
        if run.job.request.count > 1:
            self._timer = self._later(self.EACH_S, self._next)
