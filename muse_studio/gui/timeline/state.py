"""What the timeline looks at: a run, a variation, a step, and whether that step is shown on the canvas.

Plain and observable; knows no Qt. The head stands on a step. While a run is decoded the head follows the newest step
by itself, until a person moves it.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from muse_studio.core.job_state import JobState
from muse_studio.core.runs import Run, RunChange, RunNews, RunStep, RunTree


class Told(Enum):
    """What has changed. RUNS: which there are, or their names. RUN: which is chosen. STEPS: its steps or their
    pictures. HEAD: where the head stands. LOOK: whether the canvas shows it, and how; whether it plays."""

    RUNS = "runs"
    RUN = "run"
    STEPS = "steps"
    HEAD = "head"
    LOOK = "look"


class Timeline:
    """One for a window."""

    def __init__(self) -> None:
        self.on_change: list[Callable[[Told], None]] = []
        self.tree: RunTree | None = None
        self.run: Run | None = None
        self.variation = 0
        self.step = -1
        """The head, from 0; -1 while there is no step."""
        self.news: tuple[int, int] | None = None
        """Variation and step that STEPS tells of; None: any."""
        self.is_screening = False
        """Whether the canvas shows the head's step instead of the document."""
        self.is_playing = False
        self.shows_doubt = False
        """Whether the canvas shows how sure the model was of each cell."""

    # What there is

    @property
    def row(self) -> list[RunStep]:
        """The chosen variation's steps."""
        return self.run.steps[self.variation] if self.run is not None else []

    @property
    def current(self) -> RunStep | None:
        """The step that the head stands on."""
        row = self.row
        return row[self.step] if 0 <= self.step < len(row) else None

    def place_of(self, step: RunStep) -> tuple[int, int] | None:
        """Variation and number of a step of the chosen run; None if it is not one, or not as it is now."""
        rows = self.run.steps if self.run is not None else []
        places = ((variation, number) for variation, row in enumerate(rows) for number in range(len(row)))
        return next((place for place in places if rows[place[0]][place[1]] is step), None)

    @property
    def expected(self) -> int:
        """How many steps the chosen variation has or, while it is decoded, will have."""
        row = self.row
        if not row or self.run is None:
            return 0
        return len(row) if self.run.state.is_end else max(len(row), row[-1].job_total)

    @property
    def base_steps(self) -> int:
        """How many of the expected ones are of composition, which comes first."""
        arrived = [step for step in self.row if step.stage == "base"]
        return len(arrived) + (arrived[-1].total - arrived[-1].index - 1 if arrived else 0)

    @property
    def is_live(self) -> bool:
        """Whether the head follows a decode that goes on."""
        return self.run is not None and not self.run.state.is_end and not self.is_screening

    @property
    def _is_running(self) -> bool:
        return self.run is not None and self.run.state is JobState.RUNNING

    # Choosing

    def show_tree(self, tree: RunTree | None) -> None:
        """Another document's runs; its newest one is chosen."""
        if tree is self.tree:
            return
        if self.tree is not None:
            self.tree.on_change.remove(self._changed)
        self.tree = tree
        if tree is not None:
            tree.on_change.append(self._changed)
        self._choose(tree.runs[-1] if tree is not None and tree.runs else None)
        self._tell(Told.RUNS)

    def choose(self, run: Run, variation: int = 0, step: int | None = None) -> None:
        """Look at another run, at its end or at `step`; with a step the canvas shows it."""
        if run is not self.run:
            self._choose(run, variation)
        if step is not None:
            self.seek(step, variation)

    def _choose(self, run: Run | None, variation: int = 0) -> None:
        self.leave()
        self.run, self.variation = run, variation if run is not None and variation < len(run.steps) else 0
        self.step = len(self.row) - 1
        self._tell(Told.RUN)
        self._tell(Told.HEAD)

    # Moving the head

    def seek(self, step: int, variation: int | None = None) -> None:
        """Put the head on a step and show it on the canvas. On the newest of a run that goes on: follow it again."""
        if self.run is None:
            return
        if variation is not None:
            self.variation = min(max(variation, 0), len(self.run.steps) - 1)
        if not self.row:
            return
        self.step = min(max(step, 0), len(self.row) - 1)
        newest = not self.run.state.is_end and self.step == len(self.row) - 1
        self.is_screening = not newest
        self._tell(Told.HEAD)
        self._tell(Told.LOOK)

    def move(self, steps: int) -> None:
        """Forward or back; at the ends it stays."""
        self.stop()
        self.seek(self.step + steps)

    def move_row(self, rows: int) -> None:
        """To another variation, at the same step."""
        self.seek(self.step, self.variation + rows)

    def leave(self) -> None:
        """The canvas shows the document again; the head follows what is decoded."""
        if self.is_screening or self.is_playing:
            self.is_screening = self.is_playing = False
            if self.run is not None and not self.run.state.is_end:
                self.step = len(self.row) - 1
                self._tell(Told.HEAD)
            self._tell(Told.LOOK)

    # Playing

    def play(self) -> None:
        """From the head, or from the beginning if it stands at the end."""
        if self.row:
            self.is_playing = True
            self.seek(0 if self.step >= len(self.row) - 1 else self.step)

    def stop(self) -> None:
        if self.is_playing:
            self.is_playing = False
            self._tell(Told.LOOK)

    def tick(self) -> None:
        """One step on while it plays; at the end it stops and stays there."""
        if not self.is_playing:
            return
        self.seek(self.step + 1)
        if self.step >= len(self.row) - 1:
            self.stop()

    def show_doubt(self, shown: bool) -> None:
        """Whether steps on the canvas say how sure the model was."""
        self.shows_doubt = shown
        if shown and not self.is_screening and self.current is not None and not self.is_live:
            self.seek(self.step)
        else:
            self._tell(Told.LOOK)

    # What happens to runs

    def _changed(self, change: RunChange) -> None:
        match change.news:
            case RunNews.BEGUN:
                self._tell(Told.RUNS)
                if self.run is None or self.run.state.is_end:
                    self._choose(change.run)
            case RunNews.STEP if change.run is self.run:
                self._follow(change)
            case RunNews.PICTURE if change.run is self.run:
                self._tell_step(change)
                if (change.variation, change.step) == (self.variation, self.step):
                    self._tell(Told.HEAD)
            case RunNews.STATE:
                self._tell(Told.RUNS)
                if change.run is self.run:
                    self._tell(Told.STEPS)
                    self._tell(Told.HEAD)
                elif change.run.state is JobState.RUNNING and not self.is_screening and not self._is_running:
                    self._choose(change.run)
            case RunNews.REMOVED:
                self._removed(change.run)
            case RunNews.NAMED | RunNews.RESTORED:
                self._tell(Told.RUNS)

    def _tell_step(self, change: RunChange) -> None:
        self.news = (change.variation, change.step)
        self._tell(Told.STEPS)
        self.news = None

    def _follow(self, change: RunChange) -> None:
        self._tell_step(change)
        if self.is_live and change.variation == self.variation:
            self.step = change.step
            self._tell(Told.HEAD)

    def _removed(self, run: Run) -> None:
        if run is self.run and self.tree is not None:
            runs = self.tree.runs
            self._choose(runs[-1] if runs else None)
        self._tell(Told.RUNS)

    def _tell(self, told: Told) -> None:
        for listener in tuple(self.on_change):
            listener(told)
