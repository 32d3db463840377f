"""How long steps take, and so how long the rest of a job will. Knows nothing of what a step does."""

from __future__ import annotations

from collections.abc import Mapping

SMOOTHING = 0.4  # weight of the newest step: a changed machine shows within three steps
UNMEASURED_SUPERRES_RATIO = 3.0  # a super-resolution step against a base step, until one has been timed


class Pace:
    """Seconds per step of each stage, and of the final decode, remembered from job to job."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}

    def note(self, part: str, seconds: float) -> None:
        """A step of stage `part`, or the "decode", took this long."""
        known = self._seconds.get(part)
        self._seconds[part] = seconds if known is None else known + SMOOTHING * (seconds - known)

    def left(self, steps: Mapping[str, int]) -> float | None:
        """Seconds for this many more steps of each stage, then the decode; None before anything was timed."""
        if not self._seconds:
            return None
        return sum(count * self._step(stage) for stage, count in steps.items()) + self._seconds.get("decode", 0.0)

    def _step(self, stage: str) -> float:
        if stage in self._seconds:
            return self._seconds[stage]
        other = self._seconds.get("base" if stage == "superres" else "superres", 0.0)
        return other * UNMEASURED_SUPERRES_RATIO if stage == "superres" else other / UNMEASURED_SUPERRES_RATIO
