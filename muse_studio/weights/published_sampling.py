"""Parallel decoding by the schedules that the published checkpoints were made with, as the same generator of steps.

It differs from the paper's, which is muse/sampling.py, in these: guidance does not rise, the noise's temperature
reaches 0 a step earlier, how many tokens stay unknown is counted otherwise, and evenly where a part of the picture is
given. Known tokens never change and where all are known nothing is yielded, as everywhere. Of a plan, `order`,
`guided`, `revised` and `min_p` have no effect. Knows nothing of what predicts the logits, nor of texts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from enum import Enum

import torch
from torch import Tensor

from muse_studio.muse.plans import DecodeStep, StagePlan
from muse_studio.muse.sampling import Course, RowNoise, draw_tokens, keep_surest

Predict = Callable[[Tensor, Tensor, Tensor, Sequence[int]], Tensor]
"""As `muse.sampling.Predict`, and told besides how many steps come after this one, for each row: Meissonic asks."""


class Schedule(Enum):
    """How the share of tokens that are still unknown falls from 1 to 0."""

    COSINE = "cosine"
    """Slowly at first: of pictures that are made from nothing."""
    LINEAR = "linear"
    """As many in each step: where a part of the picture is there from the beginning."""

    def share(self, progress: Tensor) -> Tensor:
        """Of progress in [0, 1], a float32 number as published: at two thirds of 256 tokens a cosine comes to 127."""
        return torch.cos(progress * math.pi / 2) if self is Schedule.COSINE else 1 - progress


def guide_as_published(conditional: Tensor, unconditional: Tensor, guidance: Tensor) -> Tensor:
    """`muse.sampling.guide`, rounded as public pipelines round it: lu + (1 + t) * (lc - lu), in the memory of lc.

    Logits that differ in the last bit draw another token where two are as likely, and every step after it is another.
    """
    return conditional.sub_(unconditional).mul_(1 + guidance).add_(unconditional)


def schedules_of(known: Tensor) -> list[Schedule]:
    """For each row of a decode that began with these tokens known, bool [B, h, w]."""
    return [Schedule.LINEAR if some else Schedule.COSINE for some in known.flatten(1).any(1).tolist()]


def masked_after(step: int, steps: int, begun: int, unknown: int, schedule: Schedule = Schedule.COSINE) -> int:
    """Tokens still masked after step `step` of `steps`, counted from 0, where `begun` were masked before the first and
    `unknown` are masked now. At least one token is fixed by every step, and none is left after the last.
    """
    if step + 1 >= steps or unknown == 0:
        return 0
    share = schedule.share(torch.tensor(step + 1) / steps)
    return max(steps - step - 1, min(unknown - 1, int((begun * share).floor())))  # one at least for each step to come


def first_step(steps: int, begun: int, left: int, schedule: Schedule) -> int:
    """The step with which a decode goes on that has `left` of its `begun` tokens still to fix: the first of `steps`
    that leaves fewer. `steps` where nothing is left."""
    unknown = begun
    for step in range(steps):
        unknown = masked_after(step, steps, begun, unknown, schedule)
        if unknown < left:
            return step
    return steps


def temperature_at(step: int, steps: int, temperature: float) -> float:
    """Temperature of the noise on confidences at a step: from `temperature` at the first to 0 at the last."""
    return float(torch.linspace(temperature, 0.0, steps)[step])


def course(plan: StagePlan, known: Tensor, begun: Tensor | None = None) -> Course:
    """The steps by which a plan fixes what is not known, bool [B, h, w]; as `muse.sampling.course`."""
    schedules, left = schedules_of(known if begun is None else begun), _unknown(known)
    unknown = left if begun is None else [max(pair) for pair in zip(left, _unknown(begun), strict=True)]
    total = min(plan.steps, max(unknown)) if any(left) else 0
    totals = tuple(min(total, max(count, 1)) for count in unknown)
    entries = [first_step(*row) for row in zip(totals, unknown, left, schedules, strict=True) if row[2]]
    return Course(range(min(entries, default=0), total), totals, tuple(unknown))


def decode(
    predict: Predict,
    tokens: Tensor,
    known: Tensor,
    mask_token: int,
    plan: StagePlan,
    noise: RowNoise,
    begun: Tensor | None = None,
) -> Iterator[DecodeStep]:
    """Yields one DecodeStep per iteration; the last one's tokens are the result. Dropping the iterator cancels.

    tokens int64 [B, h, w] are used where known, bool [B, h, w], is True, and never change there. A row with fewer
    unknown tokens than steps is filled in as many steps as it has.
    begun: what was known when the decode that this one continues began; with the same plan and noise the steps are
           those that the decode before would have taken. None begins here.
    """
    way, schedules = course(plan, known, begun), schedules_of(known if begun is None else begun)
    total, totals = way.steps.stop, way.totals
    tokens = torch.where(known, tokens, mask_token)
    confidence = known.float()
    guidance = torch.full((len(totals), 1, 1, 1), plan.guidance, device=tokens.device)
    for _ in range(2 * way.steps.start):
        noise.draw(tokens.shape, tokens.device)
    for index in way.steps:
        wanted, left = ~known, _unknown(known)
        logits = predict(tokens, guidance, wanted, [max(0, own - 1 - index) for own in totals])
        chosen, sure = draw_tokens(logits, plan.top_k, noise.draw(tokens.shape, tokens.device)[wanted])
        tokens = tokens.masked_scatter(wanted, chosen)
        confidence = confidence.masked_scatter(wanted, sure)
        left = [masked_after(index, *row) for row in zip(totals, way.unknown, left, schedules, strict=True)]
        warmth = [temperature_at(min(index, own - 1), own, plan.temperature) for own in totals]
        gumbel = -torch.log(-torch.log(noise.draw(tokens.shape, tokens.device)))
        score = confidence.clamp_min(1e-20).log() + torch.tensor(warmth, device=tokens.device)[:, None, None] * gumbel
        known = keep_surest(score, known, left)
        yield DecodeStep(index, total, "base", tokens, confidence, known)
        tokens = torch.where(known, tokens, mask_token)


def _unknown(known: Tensor) -> list[int]:
    counts: list[int] = (~known).flatten(1).sum(1).tolist()
    return counts
