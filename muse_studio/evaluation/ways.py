"""The ways of sampling that are compared: whole plans, nearly all with as many forward passes. Knows no pictures."""

from __future__ import annotations

from dataclasses import dataclass, replace

from muse_studio.muse.plans import StagePlan
from muse_studio.muse.schedules import guidance_at

BEFORE = StagePlan(24, guidance=0.5, temperature=0.5, top_k=2)
"""The default plan of the default model when the comparison was made; every other way changes it in one respect."""
BEFORE_SUPERRES = StagePlan(8, guidance=0.0, temperature=0.3, top_k=1)


@dataclass(frozen=True, slots=True)
class Way:
    """superres: None stops after the base stage."""

    name: str
    base: StagePlan
    superres: StagePlan | None = None

    @property
    def passes(self) -> int:
        """Forward passes for one picture, of both stages together."""
        return passes(self.base) + (passes(self.superres) if self.superres else 0)


def passes(plan: StagePlan) -> int:
    """Two for every guided step, one for every other."""
    guided = sum(guidance_at(step, plan.steps, plan.guidance, plan.guided) > 0 for step in range(plan.steps))
    return plan.steps + guided


def base_ways() -> tuple[Way, ...]:
    """Of the base stage alone: 48 passes each, but for what says otherwise."""
    plans = {
        "as before": BEFORE,
        "no guidance, 48 steps": replace(BEFORE, guidance=0.0, steps=48),
        "guidance 1": replace(BEFORE, guidance=1.0),
        "guidance 2": replace(BEFORE, guidance=2.0),
        "guidance in the first half, 32 steps": replace(BEFORE, steps=32, guided=(0.0, 0.5)),
        "guidance in the last half, 32 steps": replace(BEFORE, steps=32, guided=(0.5, 1.0)),
        "Halton order": replace(BEFORE, order="halton"),
        "Halton order, no guidance, 48 steps": replace(BEFORE, order="halton", guidance=0.0, steps=48),
        "Halton order, one of the four likeliest": replace(BEFORE, order="halton", top_k=4),
        "Halton order, any token a tenth as likely": replace(BEFORE, order="halton", top_k=0, min_p=0.1),
        "Halton order, any token": replace(BEFORE, order="halton", top_k=0),
        "taking back in the last quarter": replace(BEFORE, revised=0.25),
        "taking back in the last half": replace(BEFORE, revised=0.5),
        "taking back at any step": replace(BEFORE, revised=1.0),
        "temperature 0": replace(BEFORE, temperature=0.0),
        "temperature 1.5": replace(BEFORE, temperature=1.5),
        "temperature 4": replace(BEFORE, temperature=4.0),
        "the likeliest token": replace(BEFORE, top_k=1),
        "one of the four likeliest": replace(BEFORE, top_k=4),
        "any token": replace(BEFORE, top_k=0),
        "12 steps, 24 passes": replace(BEFORE, steps=12),
        "Halton order, 12 steps, 24 passes": replace(BEFORE, steps=12, order="halton"),
        "no guidance, 24 passes": replace(BEFORE, guidance=0.0),
    }
    return tuple(Way(name, plan) for name, plan in plans.items())


def split_ways() -> tuple[Way, ...]:
    """56 passes divided between the stages: a guided base step takes two of them, one of super-resolution one."""
    counts = ((16, 24), (20, 16), (24, 8), (26, 4), (27, 2))
    return tuple(
        Way(f"{base} + {fine} steps", replace(BEFORE, steps=base), replace(BEFORE_SUPERRES, steps=fine))
        for base, fine in sorted(counts, key=lambda pair: pair != (BEFORE.steps, BEFORE_SUPERRES.steps))
    )
