"""What a running job says to a terminal, to a log, or to a program. Knows nothing of the job but its numbers.

Three speakers share one surface: a bar redrawn in place on a terminal, one line per stage in a log, and with --json
one JSON object per line on standard output, each with an `event`.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Sequence
from typing import Any, Protocol, TextIO

from muse_studio.core.run_sources import StepNumbers

BAR_CELLS = 24
STAGE_NAMES = {"base": "picture", "superres": "detail"}


class TimedStep(StepNumbers, Protocol):
    """The part of a step that a progress display needs."""

    @property
    def seconds_left(self) -> float | None: ...


class Fetching(Protocol):
    """The part of a download's progress that is shown."""

    @property
    def name(self) -> str: ...
    @property
    def done_bytes(self) -> int: ...
    @property
    def total_bytes(self) -> int: ...
    @property
    def seconds_left(self) -> float | None: ...
    @property
    def waiting(self) -> bool: ...


class Speaker(Protocol):
    """Where a command says what it is doing."""

    def loading(self, share: float, what: str) -> None:
        """The model is being loaded; share in [0, 1]."""

    def notice(self, text: str) -> None:
        """Something a person should know, which stops nothing."""

    def step(self, step: TimedStep, preview: str | None) -> None:
        """A step is done; `preview` is the file that shows it, if one was written."""

    def fetching(self, transfer: Fetching) -> None:
        """Some bytes of a download have come; called often, and shows what a reader can follow."""

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
        self._pace = Pace()

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

    def fetching(self, transfer: Fetching) -> None:
        if not self._pace.is_due(transfer):
            return
        left = None if transfer.seconds_left is None else round(transfer.seconds_left, 1)
        self._say(
            "fetching",
            file=transfer.name,
            bytes=transfer.done_bytes,
            total_bytes=transfer.total_bytes,
            seconds_left=left,
            waiting=transfer.waiting,
        )

    def finished(self, facts: dict[str, Any]) -> None:
        self._say("finished", **facts)

    def failed(self, kind: str, message: str, detail: str, options: Sequence[str] = ()) -> None:
        self._say("failed", kind=kind, message=message, detail=detail, options=list(options))

    def _say(self, event: str, **facts: Any) -> None:
        print(json.dumps({"event": event, **facts}), file=self._out, flush=True)


class LogSpeaker:
    """Lines that read well in a log: the model once, each stage once, each file once, the result."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._pace = Pace()
        self._file = ""

    def loading(self, share: float, what: str) -> None:
        if share >= 1.0:
            self._line("model loaded")

    def notice(self, text: str) -> None:
        self._line(text)

    def step(self, step: TimedStep, preview: str | None) -> None:
        if step.index + 1 == step.total:
            self._line(f"{STAGE_NAMES.get(step.stage, step.stage)}: {step.total} steps")

    def fetching(self, transfer: Fetching) -> None:
        if transfer.name != self._file:
            self._file = transfer.name
            self._line(f"{transfer.name}, {amount(transfer.done_bytes)} of {amount(transfer.total_bytes)} so far")

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

    def fetching(self, transfer: Fetching) -> None:
        done = transfer.done_bytes == transfer.total_bytes
        if not (done or self._pace.is_due(transfer)):
            return
        left = "" if transfer.seconds_left is None else f", {duration(transfer.seconds_left)} left"
        what = "the connection was lost, trying again" if transfer.waiting else transfer.name
        text = f"{amount(transfer.done_bytes)} of {amount(transfer.total_bytes)}{left}, {what}"
        self._bar("download", transfer.done_bytes / max(1, transfer.total_bytes), text, done=False)

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


class Pace:
    """Lets through what a reader can follow: ten a second, and each file's first."""

    INTERVAL_S = 0.1

    def __init__(self) -> None:
        self._last_s = -1.0
        self._file = ""

    def is_due(self, transfer: Fetching) -> bool:
        now = time.monotonic()
        if transfer.name == self._file and now - self._last_s < self.INTERVAL_S:
            return False
        self._last_s, self._file = now, transfer.name
        return True


def amount(size: int) -> str:
    """Bytes in the units of disks and download pages: 3.49 GB."""
    for unit, one in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= one:
            return f"{size / one:.{2 if unit == 'GB' else 1}f} {unit}"
    return f"{size} bytes"


def duration(seconds: float) -> str:
    """45 s, 3 min, 2 h 5 min."""
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def visible(text: str) -> str:
    """Without control characters: a file's name must not steer the terminal."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "�" for letter in text)


def summary(facts: dict[str, Any]) -> str:
    """The one line that stays: what was written, and how to make it again."""
    return f"{facts['output']}: {facts['width']} × {facts['height']} px, seed {facts['seed']}, {facts['seconds']:.1f} s"
