"""The sampler against slow code written from the paper: the same tokens, known places and confidences at every step.

And the proof against the sampler: with any one rule of the paper broken, the comparison must fail.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from muse_studio.muse import sampling
from muse_studio.muse.plans import StagePlan
from tests.muse.proofs.decoding_cases import Case, compare, decode_case, make_case

CASES = [
    make_case(seed, (2, 4, 5), 9, StagePlan(steps, guidance, temperature, top_k), known_share)
    for seed, (steps, guidance, temperature, top_k, known_share) in enumerate(
        [
            (8, 3.0, 1.0, 0, 0.0),
            (5, 4.0, 0.0, 0, 0.3),
            (12, 2.0, 2.0, 3, 0.2),
            (6, 0.0, 9.0, 1, 0.4),
            (1, 4.0, 0.0, 3, 0.9),
            (9, 1.0, 0.5, 2, 0.5),
        ]
    )
]

shapes = st.tuples(st.integers(1, 3), st.integers(1, 5), st.integers(1, 5))
temperatures = st.just(0.0) | st.floats(1e-3, 6)  # what is less is nothing in float32, and breaks ties in the reference
plans = st.builds(StagePlan, st.integers(1, 12), st.floats(0, 6), temperatures, st.integers(0, 12))
cases = st.builds(make_case, st.integers(0, 2**32), shapes, st.integers(2, 12), plans, st.floats(0, 1))


@settings(max_examples=120, deadline=None)
@given(cases)
def test_the_sampler_comes_to_what_the_paper_says(case: Case) -> None:
    compare(case)


@settings(max_examples=60, deadline=None)
@given(cases, st.integers(0, 11))
def test_a_decode_continued_from_a_step_goes_on_as_the_same_decode(case: Case, number: int) -> None:
    """So what is proved of a whole decode holds for one that was stopped, also where pictures end at other steps."""
    steps = decode_case(case)
    if steps:
        stop = number % len(steps)
        rest = decode_case(case, after=steps[stop])
        for step, again in zip(steps[stop + 1 :], rest, strict=True):
            assert (again.index, again.total) == (step.index, step.total)
            assert torch.equal(again.tokens, step.tokens)
            assert torch.equal(again.known, step.known)
            fresh = ~steps[stop].known
            assert torch.equal(again.confidence[fresh], step.confidence[fresh])


def test_hardly_a_step_is_too_close_to_call() -> None:
    compared, left_off = (sum(numbers) for numbers in zip(*map(compare, CASES), strict=True))
    assert compared > 50
    assert left_off <= 2


# Broken rules: (attribute of the sampler's module, what takes its place)

guidance_at, temperature_at, masked_after = sampling.guidance_at, sampling.temperature_at, sampling.masked_after
guide, draw_tokens, keep_surest = sampling.guide, sampling.draw_tokens, sampling.keep_surest


def ignoring_known(score: Tensor, known: Tensor, left: list[int]) -> Tensor:
    return keep_surest(score, torch.zeros_like(known), left)


def in_half_precision(score: Tensor, known: Tensor, left: list[int]) -> Tensor:
    """The trap of public code: known tokens score 11, as much as half precision tells from 1; noise may score more."""
    return keep_surest(score.half().masked_fill(known, 11.0), torch.zeros_like(known), left)


def likeliest(logits: Tensor, top_k: int, uniform: Tensor, min_p: float) -> tuple[Tensor, Tensor]:
    return draw_tokens(logits, 1, uniform, min_p)


def sure_of_the_likeliest(logits: Tensor, top_k: int, uniform: Tensor, min_p: float) -> tuple[Tensor, Tensor]:
    chosen, _ = draw_tokens(logits, top_k, uniform, min_p)
    return chosen, logits.softmax(-1).amax(-1)


def top_k_of_more(more: int) -> Callable[..., tuple[Tensor, Tensor]]:
    def draw(logits: Tensor, top_k: int, uniform: Tensor, min_p: float) -> tuple[Tensor, Tensor]:
        return draw_tokens(logits, max(0, top_k + more) if top_k else 0, uniform, min_p)

    return draw


class WithoutGumbel(sampling.RowNoise):
    """Every second draw, which orders the places, is the same everywhere."""

    calls = 0

    def draw(self, shape: torch.Size, device: torch.device) -> Tensor:
        self.calls += 1
        numbers = super().draw(shape, device)
        return numbers if self.calls % 2 else torch.full_like(numbers, 0.5)


class NumbersOfANeighbour(sampling.RowNoise):
    """All pictures of a batch share the first one's numbers."""

    def draw(self, shape: torch.Size, device: torch.device) -> Tensor:
        return super().draw(shape, device)[:1].expand(shape)


def never_done(step: int, steps: int, unknown: int) -> int:
    """The trap of public code: at least one token is re-masked, also after the last step."""
    return max(1, masked_after(step, steps, unknown))


BROKEN: dict[str, tuple[str, Any]] = {
    "guidance is the same in every step": ("guidance_at", lambda step, steps, t, guided: t),
    "guidance starts from nothing": ("guidance_at", lambda step, steps, t, guided: t * step / steps),
    "guidance falls": ("guidance_at", lambda step, steps, t, guided: t * (steps - step) / steps),
    "guidance is diffusers' scale": ("guide", lambda wanted, unwanted, t: t * wanted + (1 - t) * unwanted),
    "guidance has its signs turned": ("guide", lambda wanted, unwanted, t: (1 + t) * unwanted - t * wanted),
    "pictures of a batch share their guidance": ("per_token", lambda guidance, wanted: guidance[:1, 0, 0]),
    "guidance is left out": ("guide", lambda wanted, unwanted, t: wanted),
    "the temperature is not annealed": ("temperature_at", lambda step, steps, warmth: warmth),
    "the temperature ends above nothing": ("temperature_at", lambda step, steps, warmth: warmth * (1 - step / steps)),
    "confidences have no noise": ("RowNoise", WithoutGumbel),
    "pictures of a batch share their numbers": ("RowNoise", NumbersOfANeighbour),
    "the schedule is a line": ("masked_after", lambda step, steps, n: n - n * (step + 1) // steps),
    "the schedule is a square": ("masked_after", lambda step, steps, n: n - -(-n * (step + 1) ** 2 // steps**2)),
    "one token more is fixed": ("masked_after", lambda step, steps, n: max(0, masked_after(step, steps, n) - 1)),
    "one token is masked after the last step": ("masked_after", never_done),
    "top-k lets one more through": ("draw_tokens", top_k_of_more(1)),
    "top-k lets one fewer through": ("draw_tokens", top_k_of_more(-1)),
    "the likeliest token is always taken": ("draw_tokens", likeliest),
    "confidence is the likeliest token's": ("draw_tokens", sure_of_the_likeliest),
    "the least sure are kept": ("keep_surest", lambda score, known, left: keep_surest(-score, known, left)),
    "re-masking ignores what is known": ("keep_surest", ignoring_known),
    "known tokens are clamped as in half precision": ("keep_surest", in_half_precision),
    "nothing is re-masked": ("keep_surest", lambda score, known, left: torch.ones_like(known)),
}  # fmt: skip


@pytest.mark.parametrize("broken", BROKEN, ids=BROKEN.keys())
def test_a_sampler_with_a_broken_rule_is_told_from_the_paper(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name, instead = BROKEN[broken]
    assert hasattr(sampling, name)
    monkeypatch.setattr(sampling, name, instead)
    found = 0
    for case in CASES:
        try:
            compare(case)
        except AssertionError:
            found += 1
    assert found > 0, "the comparison cannot tell"


def test_what_is_fixed_is_what_the_model_sees_next() -> None:
    """Re-masked in the next step's input, and nowhere else."""
    for case in CASES:
        seen: list[Tensor] = []
        steps = decode_case(case, seen.append)
        fixed = [torch.from_numpy(case.known), *(step.known for step in steps[:-1])]
        filled = [torch.from_numpy(case.tokens), *(step.tokens for step in steps[:-1])]
        for tokens, places, before in zip(seen, fixed, filled, strict=True):
            assert torch.equal(tokens, torch.where(places, before, case.codes))
