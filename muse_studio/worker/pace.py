"""How long steps take, and so how long the rest of a job will. Knows nothing of what a step does."""

from __future__ import annotations

from collections.abc import Mapping

SMOOTHING = 0.4  # weight of the newest step: a changed machine shows within three steps
UNMEASURED_SUPERRES_RATIO = 3.0  # a super-resolution step against a base step, until one has been timed


class Pace:
    """Seconds per step of each stage, and of each stage's final decode, remembered from job to job."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}

    def note(self, part: str, seconds: float) -> None:
        """A step of stage `part`, or the final decode `decode_part(stage)`, took this long."""
        known = self._seconds.get(part)
        self._seconds[part] = seconds if known is None else known + SMOOTHING * (seconds - known)

    def left(self, steps: Mapping[str, int], final: str) -> float | None:
        """Seconds for this many more steps of each stage, then the decode of stage `final`; None before any timing."""
        if not self._seconds:
            return None
        decode = self._seconds.get(decode_part(final), 0.0)
        return sum(count * self._step(stage) for stage, count in steps.items()) + decode

    def _step(self, stage: str) -> float:
        if stage in self._seconds:
            return self._seconds[stage]
        other = self._seconds.get("base" if stage == "superres" else "superres", 0.0)
        return other * UNMEASURED_SUPERRES_RATIO if stage == "superres" else other / UNMEASURED_SUPERRES_RATIO


def decode_part(stage: str) -> str:
    """The name under which the final decode of a stage is timed."""
    return f"decode of {stage}"
