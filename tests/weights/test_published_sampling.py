"""Text-to-image yields the tokens of the public pipeline, step by step, when both draw from the same random numbers."""

from __future__ import annotations

import os
from typing import Any

import hypothesis
import pytest
import torch
from diffusers import AmusedPipeline, AmusedScheduler, UVit2DModel
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from muse_studio.core.geometry import Extent
from muse_studio.muse.guidance import Guidance
from muse_studio.muse.plans import StagePlan
from muse_studio.muse.sampling import RowNoise, guide
from muse_studio.weights.conditioning import MicroConditions
from muse_studio.weights.published_sampling import (
    Schedule,
    course,
    decode,
    first_step,
    guide_as_published,
    masked_after,
    temperature_at,
)
from tests.weights.noise import share_noise
from tests.weights.test_amused import ours_of
from tests.weights.theirs import PUBLISHED_256, PUBLISHED_512, SMALL, SMALL_512, prompt, their_transformer, their_vqgan

SEEDS = (11, 12)


def undecided(settings: dict[str, Any]) -> UVit2DModel:
    """A random transformer whose logits are small, so that guided ones too leave many tokens likely."""
    model = their_transformer(settings)
    model.mlm_layer.conv2.weight.mul_(0.15)
    return model


def their_steps(
    settings: dict[str, Any], grid: tuple[int, int], plan: StagePlan, patch: pytest.MonkeyPatch
) -> list[Tensor]:
    """The tokens after each step of the public pipeline, those still unknown masked; the uniform numbers are ours."""
    share_noise(patch, SEEDS, torch.Size((len(SEEDS), *grid)))
    states, pooled = prompt(settings, 4)
    steps: list[Tensor] = []
    pipeline = AmusedPipeline(
        vqvae=their_vqgan(), tokenizer=None, text_encoder=None, transformer=undecided(settings),
        scheduler=AmusedScheduler(mask_token_id=settings["vocab_size"] - 1),
    )  # fmt: skip
    pipeline.set_progress_bar_config(disable=True)
    pipeline(
        prompt_embeds=pooled[:2], encoder_hidden_states=states[:2], negative_prompt_embeds=pooled[2:],
        negative_encoder_hidden_states=states[2:], height=4 * grid[0], width=4 * grid[1],
        num_inference_steps=plan.steps, guidance_scale=1 + plan.guidance, temperature=(plan.temperature, 0),
        output_type="latent", callback=lambda index, time, tokens: steps.append(tokens.clone()),
    )  # fmt: skip
    return steps


def our_decode(
    settings: dict[str, Any],
    grid: tuple[int, int],
    plan: StagePlan,
    known: Tensor | None = None,
    tokens: Tensor | None = None,
    begun: Tensor | None = None,
) -> list[Any]:
    """The steps of our decode, of the same prompts."""
    model = ours_of(undecided(settings), settings)
    states, pooled = prompt(settings, 4)
    context = model.prepare(states, pooled, MicroConditions(Extent(4 * grid[1], 4 * grid[0])).tensor(4))
    halves = context.rows(slice(0, 2)), context.rows(slice(2, None))
    predict = Guidance().between(model, context, *halves, guide_as_published)
    tokens = torch.full((2, *grid), 5) if tokens is None else tokens
    free = torch.zeros(tokens.shape, dtype=torch.bool) if known is None else known
    asked = lambda tokens, guidance, wanted, steps_left: predict(tokens, guidance, wanted)  # noqa: E731
    return list(decode(asked, tokens, free, model.mask_token, plan, RowNoise(SEEDS, "base"), begun))


@pytest.mark.parametrize("guidance", [3.0, 9.0, 0.0])
@pytest.mark.parametrize(
    ("settings", "grid", "steps"),
    [(SMALL, (8, 8), 12), (SMALL, (5, 12), 7), (SMALL_512, (8, 8), 12), (SMALL_512, (12, 6), 18)],
    ids=["256", "256, not square", "512", "512, not square"],
)
def test_every_step_has_the_tokens_of_the_public_pipeline(
    settings: dict[str, Any], grid: tuple[int, int], steps: int, guidance: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = StagePlan(steps=steps, guidance=guidance, temperature=2.0)
    ours = our_decode(settings, grid, plan)
    theirs = their_steps(settings, grid, plan, monkeypatch)
    assert len(ours) == len(theirs) == steps
    for step, expected in zip(ours, theirs, strict=True):
        masked = torch.where(step.known, step.tokens, settings["vocab_size"] - 1)
        assert masked.equal(expected), f"step {step.index}"
    assert ours[-1].known.all()
    assert len(ours[-1].tokens.unique()) > 20, "not all tokens are alike"


@pytest.mark.skipif(not os.environ.get("MUSE_STUDIO_FULL_SIZE"), reason="5 GB and some minutes; run by hand")
@pytest.mark.parametrize(
    ("settings", "side", "guidance"), [(PUBLISHED_256, 16, 3.0), (PUBLISHED_512, 32, 9.0)], ids=["256", "512"]
)
def test_twelve_steps_of_the_full_size_have_the_tokens_of_the_public_pipeline(
    settings: dict[str, Any], side: int, guidance: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = StagePlan(steps=12, guidance=guidance, temperature=2.0)
    ours = our_decode(settings, (side, side), plan)
    theirs = their_steps(settings, (side, side), plan, monkeypatch)
    for step, expected in zip(ours, theirs, strict=True):
        assert torch.where(step.known, step.tokens, 8255).equal(expected), f"step {step.index}"
    print(f"{len(ours)} steps, {len(ours[-1].tokens.unique())} kinds of tokens")


def test_known_tokens_are_never_changed_and_where_all_are_known_nothing_happens() -> None:
    known = torch.zeros(2, 8, 8, dtype=torch.bool)
    known[0, :6] = True
    known[1] = True
    steps = our_decode(SMALL, (8, 8), StagePlan(steps=12, guidance=3.0, temperature=2.0), known)
    assert len(steps) == 12
    for step in steps:
        assert (step.tokens[known] == 5).all()
        assert (step.confidence[known] == 1).all()
        assert step.known[known].all()
    assert (steps[-1].tokens[~known] != 5).any()
    assert our_decode(SMALL, (8, 8), StagePlan(), torch.ones_like(known)) == []


def test_a_row_with_few_unknown_tokens_is_filled_in_as_many_steps() -> None:
    known = torch.ones(2, 8, 8, dtype=torch.bool)
    known[0, 0, :3] = False
    known[1, 0, :5] = False
    steps = our_decode(SMALL, (8, 8), StagePlan(steps=12, guidance=3.0, temperature=2.0), known)
    assert [(~step.known).flatten(1).sum(1).tolist() for step in steps] == [[2, 4], [1, 3], [0, 2], [0, 1], [0, 0]]


@given(begun=st.integers(1, 4096), schedule=st.sampled_from(Schedule), data=st.data())
def test_every_step_fixes_at_least_one_token_and_the_last_all(
    begun: int, schedule: Schedule, data: st.DataObject
) -> None:
    steps = data.draw(st.integers(1, min(begun, 64)))
    unknown = begun
    for step in range(steps):
        left = masked_after(step, steps, begun, unknown, schedule)
        assert 0 <= left < unknown
        unknown = left
    assert unknown == 0


def test_counts_and_temperatures_are_the_published_ones() -> None:
    """Counts are floor(256 cos(pi/2 (i+1)/12)); at two thirds float32 comes to a hair below 128."""
    unknown, counts = 256, []
    for step in range(12):
        unknown = masked_after(step, 12, 256, unknown)
        counts.append(unknown)
    assert counts == [253, 247, 236, 221, 203, 181, 155, 127, 97, 66, 33, 0]
    assert [temperature_at(step, 5, 2.0) for step in range(5)] == [2.0, 1.5, 1.0, 0.5, 0.0]


@pytest.mark.parametrize("schedule", Schedule, ids=lambda schedule: schedule.value)
@hypothesis.settings(deadline=None, max_examples=30)
@given(begun=st.integers(1, 1024), data=st.data())
def test_a_decode_goes_on_with_the_step_after_the_one_it_left(
    schedule: Schedule, begun: int, data: st.DataObject
) -> None:
    steps = data.draw(st.integers(1, min(begun, 24)))
    left = begun
    for step in range(steps):
        assert first_step(steps, begun, left, schedule) == step
        left = masked_after(step, steps, begun, left, schedule)
    assert first_step(steps, begun, 0, schedule) == steps


@pytest.mark.parametrize("region", [False, True], ids=["from nothing", "in a region"])
@pytest.mark.parametrize("at", [0, 4, 8])
def test_a_branch_with_the_same_plan_takes_the_same_steps(at: int, region: bool) -> None:
    plan = StagePlan(steps=9, guidance=3.0, temperature=2.0)
    begun = torch.zeros(2, 8, 8, dtype=torch.bool)
    begun[:, :3] = region
    whole = our_decode(SMALL, (8, 8), plan, begun)
    parted = our_decode(SMALL, (8, 8), plan, whole[at].known, whole[at].tokens, begun)
    assert [step.index for step in parted] == list(range(at + 1, 9))
    assert course(plan, whole[at].known, begun).steps == range(at + 1, 9 if at < 8 else at + 1)
    for step, same in zip(parted, whole[at + 1 :], strict=True):
        assert step.tokens.equal(same.tokens)
        assert step.known.equal(same.known)


def test_a_region_is_filled_evenly_and_a_whole_picture_slowly_at_first() -> None:
    plan = StagePlan(steps=4, guidance=0.0, temperature=2.0)
    region = torch.zeros(2, 8, 8, dtype=torch.bool)
    region[:, :4] = True
    counts = [
        [int((~step.known[0]).sum()) for step in our_decode(SMALL, (8, 8), plan, known)] for known in (None, region)
    ]
    assert counts == [[59, 45, 24, 0], [24, 16, 8, 0]]


def test_guidance_is_rounded_as_published() -> None:
    torch.manual_seed(0)
    conditional, unconditional = 20 * torch.randn(2, 64, 300)
    strength = torch.tensor([3.0, 9.0, 19.0, 0.5]).repeat(16)[:, None]
    expected = unconditional + (1 + strength) * (conditional - unconditional)  # with the published scale for 1 + t
    assert not torch.equal(guide(conditional, unconditional, strength), expected), "the paper's form rounds otherwise"
    assert torch.equal(guide_as_published(conditional.clone(), unconditional, strength), expected)
