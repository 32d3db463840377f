"""Parallel decoding: the laws that hold whatever predicts the logits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from muse_studio.muse.plans import DecodeStep, StagePlan
from muse_studio.muse.sampling import Predict, RowNoise, decode, draw_tokens, guide, keep_surest, per_token
from muse_studio.muse.schedules import guidance_at, masked_after

MASK, SIDE, VOCABULARY = 12, 4, 12


def predictor(seed: int = 0, sharpness: float = 3.0) -> Predict:
    """Logits that depend on a row's tokens and on guidance, but not on the other rows."""
    table = torch.randn(VOCABULARY + 1, SIDE * SIDE, VOCABULARY, generator=torch.Generator().manual_seed(seed))

    def predict(tokens: Tensor, guidance: Tensor, wanted: Tensor) -> Tensor:
        flat = tokens.flatten(1)
        mean = torch.stack([table[row, torch.arange(SIDE * SIDE)].mean(0) for row in flat])
        logits = sharpness * (table[flat, torch.arange(SIDE * SIDE)] + mean[:, None])
        return (logits.unflatten(1, tokens.shape[1:]) * (1 + guidance))[wanted]

    return predict


def run(
    tokens: Tensor, known: Tensor, seeds: list[int], plan: StagePlan, predict: Predict | None = None
) -> list[DecodeStep]:
    return list(decode(predict or predictor(), tokens, known, MASK, plan, "base", RowNoise(seeds, "base")))


GRIDS = st.builds(
    lambda seed, share: (
        torch.randint(VOCABULARY, (2, SIDE, SIDE), generator=torch.Generator().manual_seed(seed)),
        torch.rand(2, SIDE, SIDE, generator=torch.Generator().manual_seed(seed + 1)) < share,
    ),
    st.integers(0, 2**31),
    st.floats(0, 1),
)
PLANS = st.builds(StagePlan, st.integers(1, 30), st.floats(0, 20), st.floats(0, 900), st.integers(0, 20))
HALTON_PLANS = st.builds(StagePlan, st.integers(1, 30), order=st.just("halton"))
REVISING_PLANS = st.builds(StagePlan, st.integers(1, 30), temperature=st.floats(0, 5), revised=st.floats(0.01, 1))


@settings(max_examples=150, deadline=None)
@given(GRIDS, PLANS | HALTON_PLANS | REVISING_PLANS, st.integers(0, 2**32 - 1))
def test_known_tokens_are_never_changed(grids: tuple[Tensor, Tensor], plan: StagePlan, seed: int) -> None:
    tokens, known = grids
    for step in run(tokens, known, [seed, seed + 1], plan):
        assert torch.equal(step.tokens[known], tokens[known])
        assert (step.confidence[known] == 1).all()
        assert step.known[known].all()


@settings(max_examples=100, deadline=None)
@given(GRIDS, PLANS | HALTON_PLANS, st.integers(0, 2**32 - 1))
def test_a_token_once_fixed_stays(grids: tuple[Tensor, Tensor], plan: StagePlan, seed: int) -> None:
    tokens, known = grids
    previous: DecodeStep | None = None
    for step in run(tokens, known, [seed, seed + 1], plan):
        if previous is not None:
            assert step.known[previous.known].all()
            assert torch.equal(step.tokens[previous.known], previous.tokens[previous.known])
            assert torch.equal(step.confidence[previous.known], previous.confidence[previous.known])
        previous = step
    assert previous is None or previous.known.all()


@settings(max_examples=100, deadline=None)
@given(GRIDS, PLANS | HALTON_PLANS | REVISING_PLANS)
def test_every_step_fills_every_place_with_real_tokens(grids: tuple[Tensor, Tensor], plan: StagePlan) -> None:
    steps = run(*grids, [1, 2], plan)
    assert [step.index for step in steps] == list(range(len(steps)))
    for step in steps:
        assert step.total == len(steps)
        assert step.tokens.min() >= 0
        assert step.tokens.max() < VOCABULARY
        assert step.tokens.dtype == torch.int64
        assert step.confidence.dtype == torch.float32
        assert step.confidence.min() >= 0
        assert step.confidence.max() <= 1.0001
        assert step.known.dtype == torch.bool


def test_what_the_caller_put_into_unknown_places_does_not_matter() -> None:
    known = torch.rand(1, SIDE, SIDE, generator=torch.Generator().manual_seed(3)) < 0.4
    one, other = torch.zeros(1, SIDE, SIDE, dtype=torch.int64), torch.full((1, SIDE, SIDE), 7)
    other[known] = 0
    plan = StagePlan(5)
    assert torch.equal(run(one, known, [1], plan)[-1].tokens, run(other, known, [1], plan)[-1].tokens)


@pytest.mark.parametrize("steps", [1, 2, 5, 8, 16])
def test_the_count_of_unknown_tokens_follows_the_schedule(steps: int) -> None:
    tokens, known = torch.zeros(1, SIDE, SIDE, dtype=torch.int64), torch.zeros(1, SIDE, SIDE, dtype=torch.bool)
    left = [int((~step.known).sum()) for step in run(tokens, known, [5], StagePlan(steps))]
    assert left == [masked_after(step, steps, 16) for step in range(steps)]


def test_an_empty_mask_yields_no_step_and_predicts_nothing() -> None:
    def refuse(tokens: Tensor, guidance: Tensor, wanted: Tensor) -> Tensor:
        raise AssertionError("something was predicted")

    tokens = torch.randint(VOCABULARY, (2, SIDE, SIDE))
    assert run(tokens, torch.ones_like(tokens, dtype=torch.bool), [1, 2], StagePlan(), refuse) == []


def test_fewer_unknown_tokens_than_steps_take_one_step_each() -> None:
    tokens, known = torch.zeros(1, SIDE, SIDE, dtype=torch.int64), torch.ones(1, SIDE, SIDE, dtype=torch.bool)
    known[0, 1, :3] = False
    steps = run(tokens, known, [1], StagePlan(24))
    assert [int((~step.known).sum()) for step in steps] == [2, 1, 0]


def test_guidance_reaches_the_model_as_the_schedule_has_it() -> None:
    seen: list[float] = []
    inner = predictor()

    def predict(tokens: Tensor, guidance: Tensor, wanted: Tensor) -> Tensor:
        seen.append(guidance.item())
        return inner(tokens, guidance, wanted)

    tokens = torch.zeros(1, SIDE, SIDE, dtype=torch.int64)
    run(tokens, tokens.bool(), [1], StagePlan(8, guidance=4.0), predict)
    assert seen == pytest.approx([guidance_at(step, 8, 4.0) for step in range(8)])
    assert seen[-1] == 4.0


def test_guidance_on_part_of_the_steps_is_none_on_the_others() -> None:
    seen: list[float] = []
    inner = predictor()

    def predict(tokens: Tensor, guidance: Tensor, wanted: Tensor) -> Tensor:
        seen.append(guidance.item())
        return inner(tokens, guidance, wanted)

    tokens = torch.zeros(1, SIDE, SIDE, dtype=torch.int64)
    run(tokens, tokens.bool(), [1], StagePlan(8, guidance=4.0, guided=(0.25, 0.75)), predict)
    assert seen == pytest.approx([0, 0, 1.5, 2.0, 2.5, 3.0, 0, 0])


def test_in_the_order_of_halton_the_steps_fix_the_same_cells_for_every_seed_evenly_spread() -> None:
    tokens = torch.zeros(2, SIDE, SIDE, dtype=torch.int64)
    steps = run(tokens, tokens.bool(), [1, 2], StagePlan(8, order="halton"))
    for step in steps:
        assert torch.equal(step.known[0], step.known[1])
    half = next(step.known[0] for step in steps if step.known[0].sum() >= SIDE * SIDE / 2)
    for quarter in (half[:2, :2], half[:2, 2:], half[2:, :2], half[2:, 2:]):
        assert 1 <= quarter.sum() <= 3
    assert not torch.equal(steps[-1].tokens[0], steps[-1].tokens[1])


def test_only_a_plan_that_revises_takes_tokens_back_and_only_in_its_last_steps() -> None:
    tokens = torch.zeros(1, SIDE, SIDE, dtype=torch.int64)
    steps = run(tokens, tokens.bool(), [3], StagePlan(10, temperature=3.0, revised=0.5))
    taken_back = [bool((a.known & ~b.known).any()) for a, b in pairwise(steps)]
    assert not any(taken_back[:4])
    assert any(taken_back[4:])
    plain = run(tokens, tokens.bool(), [3], StagePlan(10, temperature=3.0))
    for one, other in zip(steps, plain, strict=True):
        assert (one.known.sum() == other.known.sum()).all(), "as many tokens are fixed by every step"
    assert steps[-1].known.all()


def test_a_revising_row_is_what_it_would_be_alone() -> None:
    tokens = torch.zeros(2, SIDE, SIDE, dtype=torch.int64)
    known = torch.zeros(2, SIDE, SIDE, dtype=torch.bool)
    known[1, 1:] = True
    plan = StagePlan(12, temperature=3.0, revised=0.6)
    both = run(tokens, known, [1, 2], plan)[-1].tokens
    for row in range(2):
        alone = run(tokens[row : row + 1], known[row : row + 1], [row + 1], plan)
        assert torch.equal(alone[-1].tokens[0], both[row])


def test_a_plan_that_cannot_be_is_refused() -> None:
    for wrong in ({"guided": (0.6, 0.4)}, {"guided": (0.0, 1.1)}, {"revised": 1.5}, {"min_p": 1.1}):
        with pytest.raises(ValueError, match="from"):
            StagePlan(**wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="confidence"):
        StagePlan(order="halton", revised=0.2)


def test_the_model_sees_the_mask_token_exactly_where_nothing_is_fixed() -> None:
    seen: list[Tensor] = []
    inner = predictor()

    def predict(tokens: Tensor, guidance: Tensor, wanted: Tensor) -> Tensor:
        seen.append(tokens.clone())
        assert torch.equal(wanted, tokens == MASK), "logits are wanted where nothing is fixed, and nowhere else"
        return inner(tokens, guidance, wanted)

    tokens = torch.ones(1, SIDE, SIDE, dtype=torch.int64)
    known = torch.zeros(1, SIDE, SIDE, dtype=torch.bool)
    known[0, 0] = True
    steps = run(tokens, known, [1], StagePlan(6), predict)
    fixed = [known, *(step.known for step in steps[:-1])]
    for model_input, places in zip(seen, fixed, strict=True):
        assert torch.equal(model_input == MASK, ~places)


def test_the_same_seed_gives_the_same_tokens_and_another_seed_others() -> None:
    tokens = torch.zeros(1, SIDE, SIDE, dtype=torch.int64)
    results = [run(tokens, tokens.bool(), [seed], StagePlan(6))[-1].tokens for seed in (1, 1, 2, 3)]
    assert torch.equal(results[0], results[1])
    assert not torch.equal(results[0], results[2])
    assert not torch.equal(results[2], results[3])


def test_the_global_random_state_is_neither_used_nor_changed() -> None:
    tokens = torch.zeros(1, SIDE, SIDE, dtype=torch.int64)
    torch.manual_seed(1)
    before = torch.random.get_rng_state()
    first = run(tokens, tokens.bool(), [4], StagePlan(4))[-1].tokens
    assert torch.equal(before, torch.random.get_rng_state())
    torch.manual_seed(2)
    assert torch.equal(first, run(tokens, tokens.bool(), [4], StagePlan(4))[-1].tokens)


def test_stages_of_one_seed_draw_other_numbers_and_so_do_neighbouring_seeds() -> None:
    shape = torch.Size([1, 8, 8])
    draws = [
        RowNoise([seed], stage).draw(shape, torch.device("cpu"))
        for seed in (0, 1, 2**32 - 1)
        for stage in ("base", "superres")
    ]
    for i, one in enumerate(draws):
        assert (one > 0).all()
        assert (one < 1).all()
        assert all(not torch.equal(one, other) for other in draws[:i])


@settings(max_examples=60, deadline=None)
@given(GRIDS, st.integers(1, 12), st.floats(0, 5), st.integers(0, 2**32 - 2))
def test_a_row_does_not_depend_on_its_neighbours(
    grids: tuple[Tensor, Tensor], steps: int, guidance: float, seed: int
) -> None:
    """Also where the neighbour has more or fewer tokens to fill."""
    tokens, known = grids
    plan = StagePlan(steps, guidance)
    together = run(tokens, known, [seed, seed + 1], plan)
    for row in range(2):
        alone = run(tokens[row : row + 1], known[row : row + 1], [seed + row], plan)
        expected = alone[-1].tokens if alone else tokens[row : row + 1]
        found = together[-1].tokens[row : row + 1] if together else tokens[row : row + 1]
        assert torch.equal(found, expected)


def test_dropping_the_iterator_stops_the_work() -> None:
    calls = 0
    inner = predictor()

    def predict(tokens: Tensor, guidance: Tensor, wanted: Tensor) -> Tensor:
        nonlocal calls
        calls += 1
        return inner(tokens, guidance, wanted)

    tokens = torch.zeros(1, SIDE, SIDE, dtype=torch.int64)
    steps = decode(predict, tokens, tokens.bool(), MASK, StagePlan(10), "base", RowNoise([1], "base"))
    next(steps)
    next(steps)
    del steps
    assert calls == 2


def test_steps_already_given_do_not_change_under_later_ones() -> None:
    tokens = torch.zeros(1, SIDE, SIDE, dtype=torch.int64)
    steps = decode(predictor(), tokens, tokens.bool(), MASK, StagePlan(6), "base", RowNoise([1], "base"))
    for step, *copies in [(step, step.tokens.clone(), step.confidence.clone(), step.known.clone()) for step in steps]:
        for tensor, copy in zip((step.tokens, step.confidence, step.known), copies, strict=True):
            assert torch.equal(tensor, copy)


# Its parts


def test_guidance_is_the_papers_formula() -> None:
    conditional, unconditional = torch.tensor([1.0, 2.0]), torch.tensor([0.5, 3.0])
    assert torch.equal(guide(conditional, unconditional, torch.tensor(0.0)), conditional)
    assert guide(conditional, unconditional, torch.tensor(3.0)).tolist() == [4 * 1.0 - 3 * 0.5, 4 * 2.0 - 3 * 3.0]


def test_each_wanted_token_is_guided_as_its_row_is() -> None:
    wanted = torch.tensor([[[True, False], [False, True]], [[False, True], [False, False]]])
    guidance = torch.tensor([2.0, 5.0]).view(-1, 1, 1, 1)
    assert per_token(guidance, wanted).tolist() == [[2.0], [2.0], [5.0]]


def test_tokens_are_drawn_with_their_probabilities() -> None:
    count = 40_000
    logits = torch.tensor([0.1, 0.2, 0.3, 0.4]).log().expand(count, 4)
    chosen, sure = draw_tokens(logits, 0, torch.rand(count, generator=torch.Generator().manual_seed(0)))
    shares = chosen.bincount(minlength=4) / count
    torch.testing.assert_close(shares, torch.tensor([0.1, 0.2, 0.3, 0.4]), atol=0.01, rtol=0)
    torch.testing.assert_close(sure, torch.tensor([0.1, 0.2, 0.3, 0.4])[chosen])


@pytest.mark.parametrize("top_k", [1, 2, 3])
def test_only_the_likeliest_are_drawn_under_top_k(top_k: int) -> None:
    logits = torch.randn(64, 20, generator=torch.Generator().manual_seed(1))
    allowed = logits.topk(top_k, -1).indices
    for seed in range(10):
        chosen, sure = draw_tokens(logits, top_k, torch.rand(64, generator=torch.Generator().manual_seed(seed)))
        assert (chosen[..., None] == allowed).any(-1).all()
        assert (sure > 0).all()
        if top_k == 1:
            assert torch.equal(chosen, logits.argmax(-1))
            assert (sure == 1).all()


def test_what_is_too_unlikely_beside_the_likeliest_is_never_drawn() -> None:
    count = 40_000
    shares = torch.tensor([[0.97, 0.02, 0.01, 0.0], [0.4, 0.3, 0.27, 0.03]])
    uniform = torch.rand(count, generator=torch.Generator().manual_seed(0))
    for row, left in zip(shares, ([1.0, 0.0, 0.0, 0.0], [0.4 / 0.97, 0.3 / 0.97, 0.27 / 0.97, 0.0]), strict=True):
        chosen, sure = draw_tokens(row.log().expand(count, 4), 0, uniform, min_p=0.1)
        torch.testing.assert_close(chosen.bincount(minlength=4) / count, torch.tensor(left), atol=0.01, rtol=0)
        torch.testing.assert_close(sure, torch.tensor(left)[chosen])
    logits = torch.randn(64, 20, generator=torch.Generator().manual_seed(1))
    assert torch.equal(draw_tokens(logits, 0, uniform[:64], min_p=1.0)[0], logits.argmax(-1))
    assert torch.equal(draw_tokens(logits, 0, uniform[:64], 0.0)[0], draw_tokens(logits, 0, uniform[:64])[0])


def test_a_plan_decides_how_unlikely_a_token_may_be() -> None:
    tokens = torch.zeros(1, 8, 8, dtype=torch.long)
    logits = torch.tensor([0.9, 0.05, 0.05]).log()

    def drawn(plan: StagePlan) -> set[int]:
        def predict(_tokens: Tensor, _guidance: Tensor, wanted: Tensor) -> Tensor:
            return logits.expand(int(wanted.sum()), 3)

        *_, last = decode(predict, tokens, tokens.bool(), 3, plan, "base", RowNoise([3], "base"))
        return set(last.tokens.flatten().tolist())

    even = StagePlan(4, order="halton")
    assert drawn(even) == {0, 1, 2}
    assert drawn(replace(even, min_p=0.1)) == {0}


@pytest.mark.parametrize("uniform", [1e-7, 1 - 1e-7])
def test_the_ends_of_the_uniform_range_draw_possible_tokens(uniform: float) -> None:
    logits = torch.full((1, 8192), -50.0)
    logits[:, 5000] = 10.0
    chosen, _ = draw_tokens(logits, 0, torch.tensor([uniform]))
    assert chosen.item() == 5000


def test_extreme_logits_keep_probabilities_finite() -> None:
    for value in (1e4, -1e4):
        _, sure = draw_tokens(torch.randn(4, 10) * value, 0, torch.full((4,), 0.5))
        assert sure.isfinite().all()


def test_half_precision_logits_are_sampled_in_float32() -> None:
    _, sure = draw_tokens(torch.randn(4, 300).half(), 0, torch.full((4,), 0.5))
    assert sure.dtype == torch.float32


@pytest.mark.parametrize("score", [1e30, 3e38, 11.0])
def test_no_score_beats_a_known_token(score: float) -> None:
    known = torch.tensor([[[True, False], [False, True]]])
    kept = keep_surest(torch.where(known, -1e30, score), known, [1])
    assert kept[known].all()
    assert kept.sum() == 3


def test_the_surest_are_kept_first() -> None:
    score = torch.tensor([[[0.1, 0.9], [0.5, 0.7]]])
    nothing = torch.zeros(1, 2, 2, dtype=torch.bool)
    keep: Callable[[int], list[bool]] = lambda left: keep_surest(score, nothing, [left]).flatten().tolist()  # noqa: E731
    assert keep(3) == [False, True, False, False]
    assert keep(2) == [False, True, False, True]
    assert keep(0) == [True] * 4
