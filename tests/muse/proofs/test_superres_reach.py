"""What reaches super-resolution's logits, and where: low-resolution tokens, draft, text, known tokens; and what not.

Training super-resolution without feeding it the low-resolution tokens is easy to do and invisible in the loss. Each
path is therefore proved alone, with the others cut, and each proof must fail on a model whose path is cut.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
import torch
from torch import Tensor, nn

from muse_studio.muse.base import BaseTransformer
from muse_studio.muse.layers import Context, CrossLayer
from muse_studio.muse.presets import tiny
from muse_studio.muse.superres import SuperResTransformer

CODES, WIDTH = 32, 32
VARIANTS = {
    "the paper's": {},
    "merged and aligned": {"merge": 2, "align": True},
    "with a draft": {"draft": True},
    "merged, aligned, with a draft": {"merge": 2, "align": True, "draft": True},
}


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that super-resolution is given, for B pictures."""

    fine: Tensor
    coarse: Tensor
    states: Tensor
    mask: Tensor
    draft: Tensor

    def rows(self, chosen: slice) -> Inputs:
        return Inputs(
            self.fine[chosen], self.coarse[chosen], self.states[chosen], self.mask[chosen], self.draft[chosen]
        )


def inputs(batch: int = 1, seed: int = 0) -> Inputs:
    generator = torch.Generator().manual_seed(seed)
    fine = torch.randint(CODES + 1, (batch, 64, 64), generator=generator)  # the mask token among them
    coarse = torch.randint(CODES, (batch, 16, 16), generator=generator)
    draft = torch.randint(CODES, (batch, 64, 64), generator=generator)
    states = torch.randn(batch, 6, WIDTH, generator=generator)
    return Inputs(fine, coarse, states, torch.ones(batch, 6, dtype=torch.bool), draft)


def build(**variant: bool | int) -> SuperResTransformer:
    torch.manual_seed(7)
    module = SuperResTransformer(tiny(**variant).superres)  # type: ignore[arg-type]
    if module.draft is not None:
        nn.init.normal_(module.head.out.weight, std=0.3)  # type: ignore[union-attr,arg-type]
    return module.eval().requires_grad_(False)


@pytest.fixture(scope="module", params=VARIANTS.values(), ids=VARIANTS.keys())
def model(request: pytest.FixtureRequest) -> SuperResTransformer:
    return build(**request.param)


def prepare(model: SuperResTransformer, given: Inputs) -> Context:
    return model.prepare(given.states, given.mask, given.coarse, given.draft if model.draft is not None else None)


def logits(model: SuperResTransformer, given: Inputs) -> Tensor:
    found: Tensor = model(given.fine, prepare(model, given))
    return found


def changed_cells(model: SuperResTransformer, given: Inputs, other: Inputs) -> Tensor:
    """bool [64, 64]: where the logits differ by more than rounding."""
    difference = (logits(model, given) - logits(model, other)).abs().amax(-1)[0]
    return difference > 1e-6


def with_token(tokens: Tensor, y: int, x: int) -> Tensor:
    """The same with another token at one place."""
    other = tokens.clone()
    other[0, y, x] = (other[0, y, x] + 5) % CODES
    return other


PLACES = [(0, 0), (7, 9), (15, 15)]


# Paths


def lowres_reaches_all(model: SuperResTransformer) -> None:
    given = inputs()
    for y, x in PLACES:
        reached = changed_cells(model, given, replace(given, coarse=with_token(given.coarse, y, x)))
        assert reached.float().mean() > 0.99


def text_reaches_all(model: SuperResTransformer) -> None:
    given = inputs()
    states = given.states.clone()
    states[0, 2] += 1.0
    assert changed_cells(model, given, replace(given, states=states)).float().mean() > 0.99


def fine_reaches_all(model: SuperResTransformer) -> None:
    given = inputs()
    assert changed_cells(model, given, replace(given, fine=with_token(given.fine, 37, 62))).float().mean() > 0.99


def test_one_low_resolution_token_reaches_the_logits_everywhere(model: SuperResTransformer) -> None:
    lowres_reaches_all(model)


def test_one_word_reaches_the_logits_everywhere(model: SuperResTransformer) -> None:
    text_reaches_all(model)


def test_one_fine_token_reaches_the_logits_everywhere(model: SuperResTransformer) -> None:
    fine_reaches_all(model)


def cut_cross_attention(model: SuperResTransformer) -> None:
    for layer in model.layers:
        assert isinstance(layer, CrossLayer)
        layer.cross.out.weight.zero_()


def cut_self_attention(model: SuperResTransformer) -> None:
    for layer in model.layers:
        assert isinstance(layer, CrossLayer)
        layer.attention.out.weight.zero_()


def cut_lowres(model: SuperResTransformer) -> None:
    """What a training that forgets to feed them comes to."""
    model.lowres_tokens.weight.zero_()


def cut_text(model: SuperResTransformer) -> None:
    projection = model.text[0]
    assert isinstance(projection, nn.Linear)
    projection.weight.zero_()


@pytest.mark.parametrize(
    ("cut", "proof"),
    [
        (cut_lowres, lowres_reaches_all),
        (cut_cross_attention, lowres_reaches_all),
        (cut_cross_attention, text_reaches_all),
        (cut_text, text_reaches_all),
        (cut_self_attention, fine_reaches_all),
    ],
)
def test_a_model_with_a_path_cut_is_told(
    cut: Callable[[SuperResTransformer], None], proof: Callable[[SuperResTransformer], None]
) -> None:
    broken = build()
    cut(broken)
    with pytest.raises(AssertionError):
        proof(broken)


# Where: alignment and draft, with both attentions cut


@pytest.fixture(params=[1, 2], ids=["unmerged", "merged"])
def merge(request: pytest.FixtureRequest) -> int:
    chosen: int = request.param
    return chosen


def without_attention(**variant: bool | int) -> SuperResTransformer:
    model = build(**variant)
    cut_cross_attention(model)
    cut_self_attention(model)
    return model


def test_without_attention_and_alignment_no_low_resolution_token_reaches_anything(merge: int) -> None:
    given, model = inputs(), without_attention(merge=merge)
    assert not changed_cells(model, given, replace(given, coarse=with_token(given.coarse, 7, 9))).any()


def test_alignment_alone_reaches_exactly_the_cells_under_the_token(merge: int) -> None:
    """Low-resolution tokens mix among themselves first: that is cut here too."""
    given, model = inputs(), without_attention(merge=merge, align=True)
    for layer in model.lowres_layers:
        layer.attention.out.weight.zero_()  # type: ignore[union-attr,operator]
    for y, x in PLACES:
        reached = changed_cells(model, given, replace(given, coarse=with_token(given.coarse, y, x)))
        under = torch.zeros(64, 64, dtype=torch.bool)
        under[4 * y : 4 * y + 4, 4 * x : 4 * x + 4] = True
        assert torch.equal(reached, under)


def test_a_draft_alone_reaches_exactly_the_cells_that_share_its_position(merge: int) -> None:
    given, model = inputs(), without_attention(merge=merge, draft=True)
    for y, x in ((0, 0), (37, 62), (63, 63)):
        reached = changed_cells(model, given, replace(given, draft=with_token(given.draft, y, x)))
        under = torch.zeros(64, 64, dtype=torch.bool)
        top, left = y // merge * merge, x // merge * merge
        under[top : top + merge, left : left + merge] = True
        assert torch.equal(reached, under)


def test_one_token_of_the_draft_reaches_the_logits_everywhere(merge: int) -> None:
    given, model = inputs(), build(merge=merge, draft=True)
    reached = changed_cells(model, given, replace(given, draft=with_token(given.draft, 37, 62)))
    assert reached.float().mean() > 0.99


def test_a_fine_token_alone_reaches_exactly_the_cells_that_share_its_position(merge: int) -> None:
    """So a known token is told apart from an unknown one at its own place, and is given as what it is."""
    model = without_attention(merge=merge)
    given = inputs()
    masked = replace(given, fine=torch.full_like(given.fine, model.mask_token))
    told = masked.fine.clone()
    told[0, 20, 33] = 4
    reached = changed_cells(model, masked, replace(masked, fine=told))
    under = torch.zeros(64, 64, dtype=torch.bool)
    top, left = 20 // merge * merge, 33 // merge * merge
    under[top : top + merge, left : left + merge] = True
    assert torch.equal(reached, under)


# What must not matter


def nearly_equal(one: Tensor, other: Tensor) -> None:
    """But for roundings, which products of another size do in another order."""
    assert (one - other).abs().max() < 1e-5 * other.abs().max()


def test_padding_of_the_text_changes_no_logit(model: SuperResTransformer) -> None:
    given = inputs(batch=2)
    rubbish = torch.full((2, 9, WIDTH), 50.0)
    longer = replace(
        given, states=torch.cat([given.states, rubbish], 1), mask=torch.cat([given.mask, given.mask.new_zeros(2, 9)], 1)
    )
    nearly_equal(logits(model, longer), logits(model, given))


def test_pictures_of_a_batch_do_not_touch(model: SuperResTransformer) -> None:
    """Other neighbours, the same logits: to the last bit where only the neighbour is another."""
    given, others = inputs(batch=3), inputs(batch=3, seed=1)
    mixed = Inputs(*(torch.cat([getattr(given, name)[:1], getattr(others, name)[1:]]) for name in Inputs.__slots__))
    together = logits(model, given)
    assert torch.equal(logits(model, mixed)[0], together[0])
    nearly_equal(logits(model, given.rows(slice(0, 1)))[0], together[0])


def test_pictures_of_a_batch_do_not_touch_in_the_base() -> None:
    torch.manual_seed(7)
    model = BaseTransformer(tiny().base).eval().requires_grad_(False)
    given, others = inputs(batch=3), inputs(batch=3, seed=1)

    def base_logits(chosen: Inputs) -> Tensor:
        found: Tensor = model(chosen.coarse, model.prepare(chosen.states, chosen.mask))
        return found

    mixed = Inputs(*(torch.cat([getattr(given, name)[:1], getattr(others, name)[1:]]) for name in Inputs.__slots__))
    together = base_logits(given)
    assert torch.equal(base_logits(mixed)[0], together[0])
    nearly_equal(base_logits(given.rows(slice(0, 1)))[0], together[0])
