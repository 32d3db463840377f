"""A job's steps and results go into a run, all of them and in order. Knows nothing of what shows either."""

from __future__ import annotations

from muse_studio.client.jobs import Job, JobState
from muse_studio.core.runs import Run, RunTree


class Recorder:
    """Follows one job from now on, what has happened already included, until it ends.

    tree: may be exchanged while the job runs, when a document comes into being that the run belongs to.
    """

    def __init__(self, tree: RunTree, run: Run, job: Job) -> None:
        self.tree = tree
        self.run = run
        self._steps = self._results = 0
        job.on_change.append(self._changed)
        self._changed(job)

    def _changed(self, job: Job) -> None:
        if job.state is JobState.RUNNING and not self.run.step_count and self._steps == 0:
            self.tree.mark_running(self.run)
        fresh, self._steps = job.history[self._steps :], len(job.history)
        for step in fresh:
            self.tree.add_step(self.run, step)
        results, self._results = job.results[self._results :], len(job.results)
        for result in results:
            self.tree.add_result(self.run, result)
        if job.state.is_end:
            self.tree.finish(self.run, job.state.value)
            if job.state is JobState.CANCELLED and not self.run.step_count:
                self.tree.remove(self.run)  # there is nothing to look at, and nothing to go on from
            job.on_change.remove(self._changed)
