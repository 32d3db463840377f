"""Guidance in a batch and one after the other: the same logits, the same tokens, half the rows at a time."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from muse_studio.muse.cascade import Cascade
from muse_studio.muse.guidance import Guidance, Way, guide_in_place
from muse_studio.muse.layers import Context
from muse_studio.muse.plans import DecodeStep, StagePlan
from muse_studio.muse.presets import build_random
from muse_studio.muse.sampling import guide

BASE, FINE = StagePlan(steps=4, guidance=2.0), StagePlan(steps=2, guidance=1.0)
SHAPES = [
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB"),
    RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 68719476736 bytes"),
    RuntimeError("RESOURCE_EXHAUSTED: Attempting to allocate 9.00G"),
    MemoryError(),
]


@pytest.fixture
def model() -> Cascade:
    """A cascade of its own, sharp enough that guidance matters."""
    cascade = build_random(seed=2)
    for module in (cascade.base, cascade.superres):
        for parameter in module.parameters():
            if parameter.ndim > 1:
                parameter.data.mul_(5)
    return cascade


def sample(cascade: Cascade, way: Way, count: int = 2) -> list[DecodeStep]:
    cascade.guidance = Guidance(way)
    prompts, seeds = ["a fox", "two apples", "an owl"][:count], list(range(count))
    return list(cascade.sample(prompts, [""], seeds, BASE, FINE))


def both_ways(cascade: Cascade, guidance: Tensor) -> tuple[Tensor, Tensor]:
    texts = cascade._encode(["a fox", "two apples"], ["", "a blue owl"])
    with torch.no_grad():
        context = cascade.base.prepare(texts.states, texts.mask)
    tokens = torch.randint(33, (2, 16, 16), generator=torch.Generator().manual_seed(1))
    ways: tuple[Way, Way] = ("batch", "sequential")
    everywhere = torch.ones(2, 16, 16, dtype=torch.bool)
    one, other = (Guidance(way).predict(cascade.base, context)(tokens, guidance, everywhere) for way in ways)
    return one.view(2, 256, -1), other.view(2, 256, -1)


@pytest.mark.parametrize("values", [(2.0, 2.0), (0.0, 3.0), (1.5, 0.0), (0.0, 0.0)])
def test_both_ways_give_the_same_logits(model: Cascade, values: tuple[float, float]) -> None:
    one, other = both_ways(model, torch.tensor(values).view(2, 1, 1, 1))
    torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-5)  # logits reach 100 here; a batch rounds differently


def test_a_row_without_guidance_is_what_its_prompt_alone_says(model: Cascade) -> None:
    for guided in both_ways(model, torch.tensor([0.0, 3.0]).view(2, 1, 1, 1)):
        plain, _ = both_ways(model, torch.zeros(2, 1, 1, 1))
        torch.testing.assert_close(guided[0], plain[0], atol=1e-4, rtol=1e-5)
        assert not torch.allclose(guided[1], plain[1], atol=0.1)


@pytest.mark.parametrize("count", [1, 3])
def test_both_ways_give_the_same_tokens(model: Cascade, count: int) -> None:
    for one, other in zip(sample(model, "batch", count), sample(model, "sequential", count), strict=True):
        assert torch.equal(one.tokens, other.tokens)
        torch.testing.assert_close(one.confidence, other.confidence, atol=1e-4, rtol=1e-4)


EVERYWHERE = torch.ones(1, 4, 4, dtype=torch.bool)


class Fitting:
    """A model for which more than `fits` rows at once are too many; it notes how many it was given."""

    def __init__(self, fits: int, fault: BaseException) -> None:
        self.fits, self.fault = fits, fault
        self.seen: list[int] = []

    def __call__(self, tokens: Tensor, context: Context, wanted: Tensor) -> Tensor:
        self.seen.append(len(tokens))
        assert len(tokens) == len(context.mask)
        if len(tokens) > self.fits:
            raise self.fault
        logits: Tensor = torch.zeros(*tokens.shape, 8) + context.mask[:, 0, 0, :1, None, None]
        return logits[wanted]


def a_context(count: int) -> Context:
    mask = torch.ones(2 * count, 1, 1, 3, dtype=torch.bool)
    mask[count:] = False
    return Context(((torch.zeros(2 * count, 1, 3, 4), torch.zeros(2 * count, 1, 3, 4)),), mask)


@pytest.mark.parametrize("fault", SHAPES, ids=["gpu", "cpu", "tpu", "python"])
def test_where_a_batch_does_not_fit_the_step_is_done_again_in_halves(fault: BaseException) -> None:
    fitting, guidance = Fitting(2, fault), Guidance("batch")
    predict = guidance.predict(fitting, a_context(2))
    tokens, strength = torch.zeros(2, 4, 4, dtype=torch.int64), torch.full((2, 1, 1, 1), 3.0)
    assert (predict(tokens, strength, EVERYWHERE.expand(2, 4, 4)) == 4.0).all()  # (1 + 3) * 1 - 3 * 0
    assert fitting.seen == [4, 2, 2]
    assert guidance.yielded
    predict(tokens, strength, EVERYWHERE.expand(2, 4, 4))
    assert fitting.seen == [4, 2, 2, 2, 2]  # it stays so: the next step does not run out again


def test_one_after_the_other_never_sees_both_halves_at_once() -> None:
    fitting, guidance = Fitting(99, MemoryError()), Guidance("sequential")
    predict = guidance.predict(fitting, a_context(3))
    predict(torch.zeros(3, 4, 4, dtype=torch.int64), torch.ones(3, 1, 1, 1), EVERYWHERE.expand(3, 4, 4))
    assert fitting.seen == [3, 3]
    assert not guidance.yielded


def test_where_half_does_not_fit_either_the_fault_is_told() -> None:
    fitting, guidance = Fitting(0, MemoryError()), Guidance("batch")
    predict = guidance.predict(fitting, a_context(1))
    with pytest.raises(MemoryError):
        predict(torch.zeros(1, 4, 4, dtype=torch.int64), torch.ones(1, 1, 1, 1), EVERYWHERE)
    assert fitting.seen == [2, 1]


def test_other_faults_are_not_taken_for_a_lack_of_memory() -> None:
    fitting, guidance = Fitting(0, RuntimeError("shape mismatch")), Guidance("batch")
    predict = guidance.predict(fitting, a_context(1))
    with pytest.raises(RuntimeError, match="shape"):
        predict(torch.zeros(1, 4, 4, dtype=torch.int64), torch.ones(1, 1, 1, 1), EVERYWHERE)
    assert guidance.way == "batch"


def test_guiding_in_place_is_guiding_to_the_last_bit() -> None:
    conditional, unconditional, strength = torch.randn(3, 4, 4, 8), torch.randn(3, 4, 4, 8), torch.rand(3, 1, 1, 1) * 5
    expected = guide(conditional, unconditional, strength)
    assert torch.equal(guide_in_place(conditional.clone(), unconditional.clone(), strength), expected)
