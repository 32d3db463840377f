"""Every step of a whole cascade against the reference: both stages, with and without a mask, and editing.

The reference is told what the sampler had before a step and must come to the same step; the logits come from the two
transformers, asked once with the prompt and once with the negative prompt, not both at once as the cascade asks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from muse_studio.muse import guidance, sampling
from muse_studio.muse.cascade import Cascade
from muse_studio.muse.layers import Context
from muse_studio.muse.masking import known_grids
from muse_studio.muse.plans import DecodeStep, EditPlan, KnownGrids, StagePlan, TokenGrids
from muse_studio.muse.presets import build_random, tiny
from muse_studio.muse.vqgan import draft_tokens
from tests.muse.proofs.reference import Floats, PlaceInRun, fill, guided_logits, keep_most_confident

PROMPT, NEGATIVE, SEED = "a red fox", "a blurry owl", 11
BASE, FINE = StagePlan(4, 3.0, 1.5, 5), StagePlan(2, 2.0, 0.5, 0)
VARIANTS = {"the paper's": tiny(), "with a draft": tiny(merge=2, align=True, draft=True)}


@pytest.fixture(scope="module", params=VARIANTS.values(), ids=VARIANTS.keys())
def model(request: pytest.FixtureRequest) -> Cascade:
    """With weights as large as training makes them, so that prompts matter."""
    built = build_random(request.param, seed=5)
    for module in (built.base, built.superres):
        for parameter in module.parameters():
            if parameter.ndim > 1:
                parameter.data.mul_(3)
    return built


@dataclass(slots=True)
class Witness:
    """What the sampler had before the step that comes next, of one picture and one stage.

    lowres: the finished base tokens, int64 [1, 16, 16]; None in the base stage.
    """

    model: Cascade
    tokens: Tensor
    known: Tensor
    lowres: Tensor | None = None
    too_close: int = 0

    def logits(self, text: str) -> Floats:
        """[places, codes] of the transformer with one text; the mask token is where nothing is known."""
        module = self.model.base if self.lowres is None else self.model.superres
        texts = self.model.text.encode([text])
        with torch.no_grad():
            context = self._context(texts.states, texts.mask)
            found: Tensor = module(torch.where(self.known, self.tokens, module.mask_token), context)
        return found[0].flatten(0, 1).double().numpy()

    def _context(self, states: Tensor, mask: Tensor) -> Context:
        if self.lowres is None:
            return self.model.base.prepare(states, mask)
        drafted = self.model.config.superres.draft
        draft = draft_tokens(self.model.base_vqgan, self.model.superres_vqgan, self.lowres) if drafted else None
        return self.model.superres.prepare(states, mask, self.lowres, draft)

    def agrees(self, step: DecodeStep, plan: StagePlan, run: PlaceInRun, numbers: Iterator[Floats]) -> None:
        """AssertionError where the step's tokens, confidences or fixed places are not the reference's."""
        known = flat(self.known)
        tokens, sure, doubted = fill(
            self.logits(PROMPT), self.logits(NEGATIVE), flat(self.tokens), known.astype(np.float64), known, plan, run,
            next(numbers),
        )  # fmt: skip
        # Places fixed earlier keep the confidence they were fixed with, which the step before was asked about.
        asked = ~known & ~doubted
        np.testing.assert_array_equal(flat(step.tokens)[known | asked], tokens[known | asked])
        np.testing.assert_allclose(flat(step.confidence)[asked], sure[asked], rtol=2e-3, atol=1e-5)
        kept, close = keep_most_confident(flat(step.confidence.double()), known, plan, run, next(numbers))
        np.testing.assert_array_equal(flat(step.known)[~close], kept[~close])
        assert int(step.known.sum()) == int(kept.sum())
        self.too_close += int((doubted | close).sum())
        self.tokens, self.known = step.tokens, step.known


def flat(tensor: Tensor) -> Any:
    return tensor.flatten().numpy()


def numbers_of(stage: str, side: int) -> Iterator[Floats]:
    """The uniform numbers of SEED in the order in which they are drawn."""
    generator = torch.Generator().manual_seed(2 * SEED + (stage == "superres"))
    while True:
        yield flat(torch.rand(side, side, generator=generator).clamp(1e-7, 1 - 1e-7).double())


def random_grids() -> TokenGrids:
    generator = torch.Generator().manual_seed(3)
    base, fine = (torch.randint(32, (1, side, side), generator=generator) for side in (16, 64))
    return TokenGrids(base, fine)


def agrees_throughout(model: Cascade, steps: list[DecodeStep], start: TokenGrids, known: KnownGrids) -> None:
    assert start.superres is not None
    witness, numbers = Witness(model, start.base, known.base), numbers_of("base", 16)
    unknown = int((~known.base).sum())
    for step in steps:
        if step.stage == "superres" and witness.lowres is None:
            assert witness.known.all()
            unknown, numbers = int((~known.superres).sum()), numbers_of("superres", 64)
            witness = Witness(model, start.superres, known.superres, witness.tokens, witness.too_close)
        plan = BASE if step.stage == "base" else FINE
        witness.agrees(step, plan, (step.index, min(plan.steps, unknown), unknown), numbers)
    assert witness.lowres is not None
    assert witness.known.all()
    assert witness.too_close <= 0.01 * sum(step.tokens.numel() for step in steps)


def test_a_whole_picture_is_decoded_as_the_paper_says(model: Cascade) -> None:
    steps = list(model.sample([PROMPT], [NEGATIVE], [SEED], BASE, FINE))
    nothing = TokenGrids(torch.zeros(1, 16, 16, dtype=torch.int64), torch.zeros(1, 64, 64, dtype=torch.int64))
    assert nothing.superres is not None
    agrees_throughout(model, steps, nothing, KnownGrids(nothing.base.bool(), nothing.superres.bool()))


def test_a_part_of_a_picture_is_filled_in_as_the_paper_says(model: Cascade) -> None:
    start, mask = random_grids(), torch.zeros(1, 512, 512, dtype=torch.uint8)
    mask[0, 70:300, 200:411] = 255
    known = known_grids(mask)
    agrees_throughout(model, list(model.sample([PROMPT], [NEGATIVE], [SEED], BASE, FINE, start, known)), start, known)


def test_an_edit_without_a_mask_goes_as_the_paper_says(model: Cascade) -> None:
    """Gibbs steps: 8 % of the tokens, chosen at random, drawn anew at t = 4 from the 3 likeliest; no other changes."""
    start, numbers = random_grids(), numbers_of("base", 16)
    plan, iterations = StagePlan(1, guidance=4.0, temperature=0.0, top_k=3), 5
    before = start.base
    steps = list(model.edit([PROMPT], [NEGATIVE], [SEED], start, EditPlan(iterations), None))
    assert len(steps) == iterations
    for step in steps:
        chosen = next(numbers).argsort()[:20]  # the places with the smallest numbers; 0.08 * 256 is 20.48
        known = torch.ones(256, dtype=torch.bool)
        known[chosen] = False
        known = known.view(1, 16, 16)
        assert torch.equal(step.known, known)
        assert torch.equal(step.tokens[known], before[known])
        witness = Witness(model, before, known)
        among_the_likeliest(witness, step)
        witness.agrees(replace(step, known=torch.ones_like(known)), plan, (0, 1, 20), numbers)
        assert witness.too_close <= 1
        before = step.tokens


def among_the_likeliest(witness: Witness, step: DecodeStep) -> None:
    """Each new token is one of the three with the highest guided logits."""
    wanted, unwanted = witness.logits(PROMPT), witness.logits(NEGATIVE)
    for place in np.flatnonzero(~flat(step.known)):
        guided = np.array(guided_logits(wanted[place], unwanted[place], 4.0))
        assert guided[flat(step.tokens)[place]] >= np.sort(guided)[-3] - 1e-3


@pytest.mark.parametrize(
    ("broken", "instead"),
    [
        ("guide_in_place", lambda wanted, unwanted, t: (1 + t) * unwanted - t * wanted),
        ("guidance_at", lambda step, steps, t, guided: t),
        ("temperature_at", lambda step, steps, warmth: warmth),
    ],
)
def test_a_cascade_with_a_broken_rule_is_told(
    model: Cascade, broken: str, instead: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guidance if broken == "guide_in_place" else sampling, broken, instead)
    with pytest.raises(AssertionError):
        test_a_whole_picture_is_decoded_as_the_paper_says(model)
