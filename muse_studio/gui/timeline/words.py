"""What the timeline says of runs and steps. Knows no widgets."""

from __future__ import annotations

from muse_studio.core.branching import Changed, changes
from muse_studio.core.job_state import JobState
from muse_studio.core.model_shape import is_only_stage
from muse_studio.core.request import Mode
from muse_studio.core.runs import Run, RunStep, RunTree
from muse_studio.gui.language import noop, tr

_STAGES = {"base": noop("Composition"), "superres": noop("Detail")}
_STATES = {
    JobState.QUEUED: noop("Waiting"),
    JobState.RUNNING: noop("Being made"),
    JobState.CANCELLED: noop("Cancelled"),
    JobState.FAILED: noop("Failed"),
    JobState.LOST: noop("Interrupted"),
}
_MODES = {
    Mode.GENERATE: noop("New picture"),
    Mode.INPAINT: noop("Fill"),
    Mode.EDIT: noop("Edit by prompt"),
    Mode.CONTINUE: noop("Branch"),
    Mode.REROLL: noop("Re-roll"),
    Mode.RETEXTURE: noop("New detail"),
}
_CHANGES = {
    Changed.NEGATIVE_PROMPT: noop("another negative prompt"),
    Changed.SEED: noop("another seed"),
    Changed.GUIDANCE: noop("another guidance"),
    Changed.MASK: noop("another mask"),
}
_TITLE_CHARACTERS = 60


def step_title(run: Run, step: RunStep) -> str:
    """Which step it is."""
    if is_only_stage(step.stage, len(step.confidence), run.request.size):
        return tr("Step {number} of {total}", number=step.index + 1, total=step.total)
    stage = tr(_STAGES.get(step.stage, step.stage))
    return tr("{stage}, step {number} of {total}", stage=stage, number=step.index + 1, total=step.total)


def step_words(run: Run, step: RunStep) -> str:
    """Which step it is, and how far the decode was."""
    return "  ·  ".join(
        (
            step_title(run, step),
            tr("{percent} % decided", percent=round(100 * run.share_decided(step))),
            tr("{percent} % sure", percent=round(100 * run.mean_confidence(step))),
            tr("after {seconds} s", seconds=f"{step.seconds:.1f}"),
        )
    )


def run_title(run: Run) -> str:
    """What a run is called: its name, or the beginning of its prompt."""
    if run.name:
        return run.name
    line = " ".join(run.request.prompt.split())
    if len(line) > _TITLE_CHARACTERS:
        line = f"{line[:_TITLE_CHARACTERS].rstrip()}…"
    return line or tr("Without a prompt")


def run_words(run: Run, tree: RunTree) -> str:
    """What a run is: where it left another and with what, or what was done; and its state, unless it is finished."""
    parent = tree.get(run.parent.run) if run.parent is not None else None
    parts = [] if run.state is JobState.FINISHED else [tr(_STATES[run.state])]
    if run.parent is not None and parent is not None:
        parts.insert(0, tr("From step {number}", number=run.parent.step + 1))
        parts += [tr(_CHANGES[change]) for change in changes(run, parent) if change in _CHANGES]
    else:
        parts.insert(0, tr(_MODES[run.request.mode]))
    if run.request.count > 1:
        parts.append(tr("{count} variations", count=run.request.count))
    return "  ·  ".join(parts)
