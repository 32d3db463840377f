"""What a running job says to a terminal, to a log, or to a program. Knows nothing of the job but its numbers.

Three speakers share one surface: a bar redrawn in place on a terminal, one line per stage in a log, and with --json
one JSON object per line on standard output, each with an `event`.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from typing import Any, Protocol, TextIO

from muse_studio.core.run_sources import StepNumbers

BAR_CELLS = 24
STAGE_NAMES = {"base": "picture", "superres": "detail"}


class TimedStep(StepNumbers, Protocol):
    """The part of a step that a progress display needs."""

    @property
    def seconds_left(self) -> float | None: ...


class Speaker(Protocol):
    """Where a command says what it is doing."""

    def loading(self, share: float, what: str) -> None:
        """The model is being loaded; share in [0, 1]."""

    def notice(self, text: str) -> None:
        """Something a person should know, which stops nothing."""

    def step(self, step: TimedStep, preview: str | None) -> None:
        """A step is done; `preview` is the file that shows it, if one was written."""

    def finished(self, facts: dict[str, Any]) -> None:
        """The result is written."""

    def failed(self, kind: str, message: str, detail: str, options: Sequence[str] = ()) -> None:
        """The command ends without a result; with any of `options` it may do."""


def speaker(as_json: bool) -> Speaker:
    """The one that fits standard output and standard error."""
    if as_json:
        return JsonSpeaker(sys.stdout)
    return TerminalSpeaker(sys.stderr) if sys.stderr.isatty() else LogSpeaker(sys.stderr)


class JsonSpeaker:
    """One JSON object per line, flushed, so that a program can follow along."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def loading(self, share: float, what: str) -> None:
        self._say("loading", share=round(share, 4), what=what)

    def notice(self, text: str) -> None:
        self._say("notice", text=text)

    def step(self, step: TimedStep, preview: str | None) -> None:
        left = None if step.seconds_left is None else round(step.seconds_left, 3)
        self._say(
            "step",
            stage=step.stage,
            index=step.index,
            total=step.total,
            job_index=step.job_index,
            job_total=step.job_total,
            seconds_left=left,
            preview=preview,
        )

    def finished(self, facts: dict[str, Any]) -> None:
        self._say("finished", **facts)

    def failed(self, kind: str, message: str, detail: str, options: Sequence[str] = ()) -> None:
        self._say("failed", kind=kind, message=message, detail=detail, options=list(options))

    def _say(self, event: str, **facts: Any) -> None:
        print(json.dumps({"event": event, **facts}), file=self._out, flush=True)


class LogSpeaker:
    """Lines that read well in a log: the model once, each stage once, the result."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def loading(self, share: float, what: str) -> None:
        if share >= 1.0:
            self._line("model loaded")

    def notice(self, text: str) -> None:
        self._line(text)

    def step(self, step: TimedStep, preview: str | None) -> None:
        if step.index + 1 == step.total:
            self._line(f"{STAGE_NAMES.get(step.stage, step.stage)}: {step.total} steps")

    def finished(self, facts: dict[str, Any]) -> None:
        self._line(summary(facts))

    def failed(self, kind: str, message: str, detail: str, options: Sequence[str] = ()) -> None:
        self._line(f"muse-studio: {message}")
        if options:
            self._line(f"Try the same command with {' or '.join(options)}.")
        if detail:
            self._line(detail)

    def _line(self, text: str) -> None:
        print(visible(text), file=self._out, flush=True)


class TerminalSpeaker(LogSpeaker):
    """A bar for the model and one for each stage, redrawn in place."""

    def __init__(self, out: TextIO) -> None:
        super().__init__(out)
        self._open = False

    def loading(self, share: float, what: str) -> None:
        self._bar("model", share, what, done=share >= 1.0)

    def step(self, step: TimedStep, preview: str | None) -> None:
        share = (step.index + 1) / step.total
        left = "" if step.seconds_left is None else f", {step.seconds_left:.1f} s left"
        text = f"step {step.index + 1} of {step.total}{left}"
        self._bar(STAGE_NAMES.get(step.stage, step.stage), share, text, done=step.index + 1 == step.total)

    def _bar(self, name: str, share: float, text: str, done: bool) -> None:
        """One line, never wider than the terminal: a wrapped line cannot be redrawn."""
        filled = round(BAR_CELLS * min(max(share, 0.0), 1.0))
        line = f"{name:<8} {'━' * filled}{'─' * (BAR_CELLS - filled)} {visible(text)}"
        width = shutil.get_terminal_size().columns - 1
        self._out.write(f"\r{line[:width]:<{width}}" + ("\n" if done else ""))
        self._out.flush()
        self._open = not done

    def _line(self, text: str) -> None:
        if self._open:
            self._out.write("\n")
            self._open = False
        super()._line(text)


def visible(text: str) -> str:
    """Without control characters: a file's name must not steer the terminal."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "�" for letter in text)


def summary(facts: dict[str, Any]) -> str:
    """The one line that stays: what was written, and how to make it again."""
    return f"{facts['output']}: {facts['width']} × {facts['height']} px, seed {facts['seed']}, {facts['seconds']:.1f} s"
