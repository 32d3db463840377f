"""Parallel decoding by the schedule that the published checkpoints were made with, as the same generator of steps.

It differs from the paper's, which is muse/sampling.py, in three numbers of each step: guidance does not rise, the
noise's temperature reaches 0 a step earlier, and how many tokens stay unknown is counted otherwise. Known tokens never
change and where all are known nothing is yielded, as everywhere. Knows nothing of what predicts the logits but in
`guided`, and nothing of texts.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from muse_studio.muse.guidance import guide_in_place
from muse_studio.muse.plans import DecodeStep, StagePlan
from muse_studio.muse.sampling import Predict, RowNoise, draw_tokens, keep_surest, per_token
from muse_studio.weights.amused import AmusedTransformer
from muse_studio.weights.conditioning import Conditioning

STEPS = 12
TEMPERATURE = 2.0


def default_plan(sample_size: int) -> StagePlan:
    """How a checkpoint trained on grids of `sample_size` tokens a side decodes; guidance is the same in every step.

    Scales of 4 and 20 (ours is the scale less 1). The public pipeline's 10 for both is not what its authors measured as
    best: FID 59.1 with 10 and 39.3 with 4 for the small model, falling up to 20 for the large one.
    """
    return StagePlan(steps=STEPS, guidance=3.0 if sample_size <= 16 else 19.0, temperature=TEMPERATURE)


def masked_after(step: int, steps: int, begun: int, unknown: int) -> int:
    """Tokens still masked after step `step` of `steps`, counted from 0, where `begun` were masked before the first and
    `unknown` are masked now. At least one token is fixed by every step, and none is left after the last.

    In float32, as published: at two thirds of 256 tokens it comes to 127, not 128.
    """
    if step + 1 >= steps or unknown == 0:
        return 0
    ratio = torch.tensor(step + 1) / steps
    share = torch.cos(ratio * math.pi / 2)
    return max(1, min(unknown - 1, int((begun * share).floor())))


def temperature_at(step: int, steps: int, temperature: float) -> float:
    """Temperature of the noise on confidences at a step: from `temperature` at the first to 0 at the last."""
    return float(torch.linspace(temperature, 0.0, steps)[step])


def guided(model: AmusedTransformer, both: Conditioning) -> Predict:
    """Logits guided away from the second half of a conditioning, which holds the negative prompts or empty ones."""

    @torch.no_grad()
    def predict(tokens: Tensor, guidance: Tensor, wanted: Tensor) -> Tensor:
        if not guidance.any():
            return model(tokens, both.rows(slice(0, tokens.shape[0])), wanted).float()  # type: ignore[no-any-return]
        pair = model(tokens.repeat(2, 1, 1), both, wanted.repeat(2, 1, 1)).float()
        conditional, unconditional = pair.chunk(2)
        return guide_in_place(conditional, unconditional, per_token(guidance, wanted))

    return predict


def decode(
    predict: Predict, tokens: Tensor, known: Tensor, mask_token: int, plan: StagePlan, noise: RowNoise
) -> Iterator[DecodeStep]:
    """Yields one DecodeStep per iteration; the last one's tokens are the result. Dropping the iterator cancels.

    tokens int64 [B, h, w] are used where known, bool [B, h, w], is True, and never change there. A row with fewer
    unknown tokens than steps is filled in as many steps as it has.
    """
    begun = _unknown(known)
    totals = [min(plan.steps, max(count, 1)) for count in begun]
    total = max(totals) if any(begun) else 0
    tokens = torch.where(known, tokens, mask_token)
    confidence = known.float()
    guidance = torch.full((len(begun), 1, 1, 1), plan.guidance, device=tokens.device)
    for index in range(total):
        wanted = ~known
        chosen, sure = draw_tokens(
            predict(tokens, guidance, wanted), plan.top_k, noise.draw(tokens.shape, tokens.device)[wanted]
        )
        tokens = tokens.masked_scatter(wanted, chosen)
        confidence = confidence.masked_scatter(wanted, sure)
        left = [masked_after(index, *row) for row in zip(totals, begun, _unknown(known), strict=True)]
        warmth = [temperature_at(min(index, own - 1), own, plan.temperature) for own in totals]
        gumbel = -torch.log(-torch.log(noise.draw(tokens.shape, tokens.device)))
        score = confidence.clamp_min(1e-20).log() + torch.tensor(warmth, device=tokens.device)[:, None, None] * gumbel
        known = keep_surest(score, known, left)
        yield DecodeStep(index, total, "base", tokens, confidence, known)
        tokens = torch.where(known, tokens, mask_token)


def _unknown(known: Tensor) -> list[int]:
    counts: list[int] = (~known).flatten(1).sum(1).tolist()
    return counts
