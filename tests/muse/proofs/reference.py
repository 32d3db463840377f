"""Parallel decoding once more, slowly: written from the paper's words (2.7, 2.8, 3.3) and not from the sampler.

Plain Python floats, which are float64, and loops over places and codes; one picture at a time. It is handed the same
uniform numbers as the sampler and must come to the same tokens. Where the paper is silent it follows what this
project says of itself: a row with fewer unknown tokens than steps takes one step for each, the noise on confidences
falls linearly to nothing, equal confidences are fixed in reading order.

A choice that rounding may turn is called a doubt and not a verdict: the sampler computes in float32.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from muse_studio.muse.plans import StagePlan

TOO_CLOSE = 1e-4
"""Relative to 1 or to the numbers compared: what float32 may lose in guided logits of a few dozen and their softmax."""

Floats = NDArray[np.float64]
Tokens = NDArray[np.int64]
Places = NDArray[np.bool_]
PlaceInRun = tuple[int, int, int]
"""The step from 0, all steps, and how many tokens were unknown before the first."""
TwoLogits = Callable[[Tokens], tuple[Floats, Floats]]
"""Tokens [n] in which the mask token marks the unknown, to logits [n, codes] with the prompt and without it."""


@dataclass(frozen=True, slots=True)
class SlowStep:
    """What one step should come to, for n places.

    tokens, confidence: every place filled. known: fixed from now on.
    doubted_tokens, doubted_known: places where float32 may differ.
    """

    tokens: Tokens
    confidence: Floats
    known: Places
    doubted_tokens: Places
    doubted_known: Places

    @property
    def doubted(self) -> bool:
        return bool(self.doubted_tokens.any() or self.doubted_known.any())


def slow_run(
    logits: TwoLogits, tokens: Tokens, known: Places, mask_token: int, plan: StagePlan, uniform: Callable[[], Floats]
) -> Iterator[SlowStep]:
    """One picture from the first step to the last; stops early at a doubt. `uniform` gives the next numbers [n]."""
    confidence = np.where(known, 1.0, 0.0)
    unknown_at_first = int((~known).sum())
    steps = min(plan.steps, unknown_at_first)
    for step in range(steps):
        seen = np.where(known, tokens, mask_token)
        wanted, unwanted = logits(seen)
        made = slow_step(
            wanted, unwanted, tokens, confidence, known, plan, (step, steps, unknown_at_first), uniform(), uniform()
        )
        yield made
        if made.doubted:
            return
        tokens, confidence, known = made.tokens, made.confidence, made.known


def slow_step(
    wanted: Floats,
    unwanted: Floats,
    tokens: Tokens,
    confidence: Floats,
    known: Places,
    plan: StagePlan,
    place_in_run: PlaceInRun,
    for_tokens: Floats,
    for_order: Floats,
) -> SlowStep:
    """One step: guide, draw a token for every unknown place, keep the most confident."""
    filled, sure, doubted_tokens = fill(wanted, unwanted, tokens, confidence, known, plan, place_in_run, for_tokens)
    kept, doubted_known = keep_most_confident(sure, known, plan, place_in_run, for_order)
    return SlowStep(filled, sure, kept, doubted_tokens, doubted_known)


def fill(
    wanted: Floats,
    unwanted: Floats,
    tokens: Tokens,
    confidence: Floats,
    known: Places,
    plan: StagePlan,
    place_in_run: PlaceInRun,
    uniform: Floats,
) -> tuple[Tokens, Floats, Places]:
    """A token and its probability for every unknown place, and where rounding may give another token."""
    step, steps, _ = place_in_run
    t = plan.guidance * (step + 1) / steps  # rises linearly and has its full value at the last step
    filled, sure, doubted = tokens.copy(), confidence.copy(), np.zeros(len(tokens), np.bool_)
    for place in range(len(tokens)):
        if not known[place]:
            guided = guided_logits(wanted[place], unwanted[place], t)
            filled[place], sure[place], doubted[place] = draw(guided, plan.top_k, float(uniform[place]))
    return filled, sure, doubted


def guided_logits(wanted: Floats, unwanted: Floats, t: float) -> list[float]:
    """(1 + t) lc - t lu for the logits of one place."""
    return [(1 + t) * float(c) - t * float(u) for c, u in zip(wanted, unwanted, strict=True)]


def keep_most_confident(
    sure: Floats, known: Places, plan: StagePlan, place_in_run: PlaceInRun, uniform: Floats
) -> tuple[Places, Places]:
    """What is fixed after the step, by log confidence and Gumbel noise, and where rounding may decide otherwise."""
    step, steps, unknown_at_first = place_in_run
    warmth = plan.temperature * (1 - (step + 1) / steps)
    scores = [
        math.log(sure[place]) - warmth * math.log(-math.log(float(uniform[place]))) if not known[place] else math.inf
        for place in range(len(known))
    ]
    return keep(scores, len(known) - still_masked(step, steps, unknown_at_first))


def draw(logits: list[float], top_k: int, uniform: float) -> tuple[int, float, bool]:
    """The token, its probability and whether rounding may give another, by walking up the cumulative sum."""
    order = sorted(range(len(logits)), key=lambda code: -logits[code])
    allowed, doubted = order, False
    if 0 < top_k < len(logits):
        allowed = order[:top_k]
        last, next_one = logits[order[top_k - 1]], logits[order[top_k]]
        doubted = last - next_one < TOO_CLOSE * (1 + abs(last))
    largest = logits[order[0]]
    weights = [math.exp(logits[code] - largest) if code in allowed else 0.0 for code in range(len(logits))]
    total = math.fsum(weights)
    reached = 0.0
    for code, weight in enumerate(weights):
        below, reached = reached, reached + weight / total
        if weight and uniform <= reached:
            return code, weight / total, doubted or min(uniform - below, reached - uniform) < TOO_CLOSE
    last_code = max(code for code, weight in enumerate(weights) if weight)
    return last_code, weights[last_code] / total, True


def still_masked(step: int, steps: int, unknown_at_first: int) -> int:
    """The cosine of the share of steps done, rounded down; but every step fixes a token, and the last fixes all."""
    if step == steps - 1:
        return 0
    exact = unknown_at_first * math.cos(math.pi * (step + 1) / (2 * steps))
    nearest = round(exact)
    whole = nearest if abs(exact - nearest) < 1e-9 else math.floor(exact)
    return min(whole, unknown_at_first - (step + 1))


def keep(scores: list[float], count: int) -> tuple[Places, Places]:
    """The `count` highest scores, equal ones in reading order; and the places so near the cut that rounding decides."""
    order = sorted(range(len(scores)), key=lambda place: -scores[place])  # Python's sort keeps equal ones in order
    kept, doubted = np.zeros(len(scores), np.bool_), np.zeros(len(scores), np.bool_)
    kept[order[:count]] = True
    if 0 < count < len(scores):
        inside, outside = scores[order[count - 1]], scores[order[count]]
        near = TOO_CLOSE * (1 + abs(outside))
        if inside != outside and inside - outside < near:
            doubted = np.array([abs(score - outside) < 2 * near for score in scores])
    return kept, doubted
