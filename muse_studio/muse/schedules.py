"""The paper's schedules as plain functions of progress. Knows nothing about tensors or models."""

from __future__ import annotations

import math


def mask_ratio(progress: float) -> float:
    """Share of tokens still masked after `progress` in [0, 1] of the steps: cos(pi/2 * progress). Muse 2.8."""
    return math.cos(math.pi / 2 * progress)


def masked_after(step: int, steps: int, unknown: int) -> int:
    """Tokens still masked after step `step` of `steps`, counted from 0, where `unknown` were masked before the first.

    At least one token is fixed by every step while any is left, and none is left after the last.
    """
    if step + 1 >= steps:
        return 0
    # 1e-9: cos(pi/3) times an even count must not fall below the whole number it is.
    return max(0, min(math.floor(unknown * mask_ratio((step + 1) / steps) + 1e-9), unknown - step - 1))


def first_step(steps: int, unknown: int, left: int) -> int:
    """The step with which a decode goes on that has `left` of its `unknown` tokens still to fix: the first of `steps`
    that leaves fewer. `steps` where nothing is left.

    Counted so, the same plan goes on exactly where it stopped, and another plan at the same share of the picture.
    """
    return next((step for step in range(steps) if masked_after(step, steps, unknown) < left), steps)


def guidance_at(step: int, steps: int, guidance: float, guided: tuple[float, float] = (0.0, 1.0)) -> float:
    """The paper's t at a step, rising linearly to `guidance` at the last; 0 where the step's middle is outside of the
    `guided` part of all. Muse 2.7."""
    return guidance * (step + 1) / steps if guided[0] <= (step + 0.5) / steps <= guided[1] else 0.0


def may_revise(step: int, steps: int, share: float) -> bool:
    """Whether a step is among the last `share` of all, by its middle."""
    return (step + 0.5) / steps > 1 - share


def temperature_at(step: int, steps: int, temperature: float) -> float:
    """Temperature of the noise on confidences at a step, falling linearly to 0 at the last."""
    return temperature * (1 - (step + 1) / steps)


def training_mask_ratio(uniform: float) -> float:
    """Share of tokens to mask in training, r = cos(pi u / 2): density (2 / pi)(1 - r^2)^(-1/2), mean 0.64. Muse 2.6."""
    return math.cos(math.pi / 2 * uniform)
