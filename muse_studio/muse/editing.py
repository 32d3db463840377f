"""Mask-free editing: a picture's base tokens resampled a few at a time until they follow another prompt. Muse 3.3.

Each iteration is one step of the sampler that every mode uses, with a random few of the tokens unknown. Iteration n of
a long edit is the end of an edit of n iterations: nothing depends on how many follow.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from torch import Tensor

from muse_studio.muse.masking import cell_pixels
from muse_studio.muse.plans import DecodeStep, EditPlan
from muse_studio.muse.sampling import Predict, RowNoise, decode

_DRAWS = 3  # of an iteration: which cells, and two of a decode of one step


def edit(
    predict: Predict, tokens: Tensor, mask_token: int, plan: EditPlan, noise: RowNoise, done: int = 0
) -> Iterator[DecodeStep]:
    """Yields one DecodeStep per iteration; its tokens, int64 [B, h, w], are where the next one begins.

    `known` is False at the tokens that the iteration has resampled, and every other token is what it was before.
    done: how many iterations `tokens` have behind them: those that follow are the ones that would have followed.
    """
    for _ in range(_DRAWS * done):
        noise.draw(tokens.shape, tokens.device)
    for index in range(done, plan.iterations):
        known = ~random_cells(noise.draw(tokens.shape, tokens.device), plan.share)
        for step in decode(predict, tokens, known, mask_token, plan.step(), "base", noise):
            tokens = step.tokens
            yield replace(step, index=index, total=plan.iterations, known=known)


def random_cells(uniform: Tensor, share: float) -> Tensor:
    """bool [B, h, w]: True at a share of each row's cells, at least one: those where uniform [B, h, w] is smallest."""
    rows = uniform.flatten(1)
    count = max(1, round(share * rows.shape[1]))
    return (rows.argsort(1).argsort(1) < count).view_as(uniform)


def unchanged_cells(before: Tensor, after: Tensor, grid: int) -> Tensor:
    """bool [B, grid, grid]: True in the finer grid where the coarse token above, int64 [B, h, w], is what it was."""
    times = grid // before.shape[-1]
    same: Tensor = (before == after).repeat_interleave(times, 1).repeat_interleave(times, 2)
    return same


def edited_mask(before: Tensor, after: Tensor, side_px: int) -> Tensor:
    """uint8 [B, side_px, side_px]: 255 over the cells whose tokens have changed."""
    return cell_pixels(before != after, side_px)
