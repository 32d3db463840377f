"""Cases to decode both ways, and the comparison. Knows nothing of transformers: its logits are two tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from muse_studio.muse import sampling
from muse_studio.muse.plans import DecodeStep, StagePlan
from tests.muse.proofs.reference import Floats, Places, SlowStep, Tokens, slow_run

CPU = torch.device("cpu")


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """Pictures to decode together.

    codes:  size of the codebook; the mask token is this number.
    tokens: int64 [B, h, w]. known: bool [B, h, w].
    seeds:  one per picture.
    tables: of whole numbers, with the prompt and without: [h * w, codes] and [codes + 1, codes] each.
    """

    codes: int
    tokens: Tokens
    known: Places
    seeds: tuple[int, ...]
    plan: StagePlan
    tables: tuple[tuple[NDArray[np.int64], NDArray[np.int64]], ...]

    def logits(self, seen: Tokens, which: int) -> NDArray[np.float64]:
        """[..., h * w, codes] of tokens [..., h * w]: by place, and by all the tokens of the picture.

        Sixty-fourths, so that float32 holds them exactly.
        """
        by_place, by_token = self.tables[which]
        return (by_place + by_token[seen].sum(-2, keepdims=True)) / 64.0


def make_case(
    seed: int, shape: tuple[int, int, int], codes: int, plan: StagePlan, known_share: float, seeds: tuple[int, ...] = ()
) -> Case:
    """Any case from one seed; shape: pictures, rows, columns."""
    rng = np.random.default_rng(seed)
    places = shape[1] * shape[2]
    tables = tuple(
        (rng.integers(-128, 129, (places, codes)), rng.integers(-64, 65, (codes + 1, codes)) // places)
        for _ in range(2)
    )
    known = rng.random(shape) < known_share
    seeds = seeds or tuple(int(number) for number in rng.integers(0, 2**32, shape[0]))
    return Case(codes, rng.integers(0, codes, shape), known, seeds, plan, tables)


def decode_case(
    case: Case, watch: Callable[[Tensor], None] = lambda seen: None, after: DecodeStep | None = None
) -> list[DecodeStep]:
    """By the sampler, with everything looked up in its module at the moment of the call.

    watch: is told the tokens that the model sees. after: a step to go on from, as if it had been saved and opened.
    """

    def predict(tokens: Tensor, guidance: Tensor, places: Tensor) -> Tensor:
        watch(tokens)
        flat = tokens.flatten(1).numpy()
        wanted, unwanted = (torch.from_numpy(case.logits(flat, which)).float() for which in range(2))
        shape = (*tokens.shape, case.codes)
        there = (logits.view(shape)[places] for logits in (wanted, unwanted))
        return sampling.guide(*there, sampling.per_token(guidance, places))

    tokens, known = torch.from_numpy(case.tokens), torch.from_numpy(case.known)
    noise, begun = sampling.RowNoise(case.seeds, "base"), None
    if after is not None:
        tokens, known, begun = torch.where(after.known, after.tokens, 0), after.known, known
    return list(sampling.decode(predict, tokens, known, case.codes, case.plan, "base", noise, begun))


def decode_slowly(case: Case, row: int) -> list[SlowStep]:
    """One picture of the case by the reference. The same numbers: a generator of torch's, seeded as documented."""
    generator = torch.Generator().manual_seed(2 * case.seeds[row])
    shape = case.tokens.shape[1:]

    def uniform() -> Floats:
        return torch.rand(shape, generator=generator).clamp(1e-7, 1 - 1e-7).double().numpy().ravel()

    def logits(seen: Tokens) -> tuple[Floats, Floats]:
        return case.logits(seen, 0), case.logits(seen, 1)

    return list(slow_run(logits, case.tokens[row].ravel(), case.known[row].ravel(), case.codes, case.plan, uniform))


def compare(case: Case) -> tuple[int, int]:
    """AssertionError where the sampler and the reference differ; gives (steps compared, steps left off at a doubt)."""
    steps = decode_case(case)
    unknown = (~case.known).reshape(len(case.known), -1).sum(1)
    assert len(steps) == min(case.plan.steps, int(unknown.max())), "the number of steps"
    compared = left_off = 0
    for row in range(len(case.tokens)):
        slow = decode_slowly(case, row)
        for index, step in enumerate(steps):
            if not slow:  # all known: nothing to do while the neighbours are filled
                same_tokens(step, row, case.tokens[row].ravel(), case.known[row].ravel())
                assert step.known[row].all()
                continue
            if slow[min(index, len(slow) - 1)].doubted:
                left_off += 1
                break
            same_step(step, row, slow[min(index, len(slow) - 1)])
            compared += 1
    return compared, left_off


def same_step(step: DecodeStep, row: int, slow: SlowStep) -> None:
    everywhere = np.ones_like(slow.known)
    same_tokens(step, row, slow.tokens, everywhere)
    np.testing.assert_array_equal(step.known[row].numpy().ravel(), slow.known, "which are fixed")
    confidence = step.confidence[row].numpy().ravel()
    np.testing.assert_allclose(confidence, slow.confidence, rtol=1e-3, atol=1e-6, err_msg="confidence")


def same_tokens(step: DecodeStep, row: int, tokens: Tokens, where: Places) -> None:
    np.testing.assert_array_equal(step.tokens[row].numpy().ravel()[where], tokens[where], "tokens")
