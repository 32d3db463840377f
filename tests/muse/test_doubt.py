"""What the model is asked about tokens that are there, and which it doubts most."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from muse_studio.muse.cascade import Cascade
from muse_studio.muse.doubt import PASSES, confidence_of, least_sure

MASK = 5


def test_every_token_is_hidden_exactly_once_and_never_beside_another_hidden_one() -> None:
    asked: list[Tensor] = []

    def predict(tokens: Tensor, guidance: Tensor, wanted: Tensor) -> Tensor:
        assert not guidance.any()
        asked.append(tokens == MASK)
        assert torch.equal(wanted, asked[-1])
        return torch.zeros(int(wanted.sum()), MASK)

    confidence_of(predict, torch.zeros(2, 16, 16, dtype=torch.int64), MASK)
    assert len(asked) == PASSES
    assert (torch.stack(asked).sum(0) == 1).all()
    for hidden in asked:
        crowd = torch.nn.functional.avg_pool2d(hidden.float(), 2, 1) * 4
        assert crowd.max() <= 1


def test_confidence_is_the_probability_of_the_token_that_is_there() -> None:
    logits = torch.randn(1, 16, 16, MASK, generator=torch.Generator().manual_seed(1))
    tokens = torch.randint(0, MASK, (1, 16, 16), generator=torch.Generator().manual_seed(2))
    wanted = logits.softmax(-1).gather(-1, tokens[..., None])[..., 0]
    assert torch.allclose(confidence_of(lambda grid, guidance, asked: logits[asked], tokens, MASK), wanted)


@given(st.integers(0, 99), st.floats(0.001, 1))
def test_the_least_sure_are_a_share_of_those_asked_for_and_less_sure_than_the_rest(seed: int, share: float) -> None:
    generator = torch.Generator().manual_seed(seed)
    confidence, among = torch.rand(2, 8, 8, generator=generator), torch.rand(2, 8, 8, generator=generator) < 0.4
    doubted = least_sure(confidence, share, among)
    assert not (doubted & ~among).any()
    for row in range(2):
        inside, sure = doubted[row], among[row] & ~doubted[row]
        assert int(inside.sum()) == max(1, round(share * int(among[row].sum())))
        if sure.any():
            assert confidence[row][inside].max() <= confidence[row][sure].min()


def test_where_nothing_is_asked_for_nothing_is_doubted() -> None:
    assert not least_sure(torch.rand(1, 4, 4), 0.5, torch.zeros(1, 4, 4, dtype=torch.bool)).any()


def test_a_cascade_doubts_tokens_that_were_put_in_by_chance(cascade: Cascade) -> None:
    """Not a quality test, the weights are random: the token that a model itself finds likely is doubted less."""
    tokens = torch.randint(0, 8, (1, 16, 16), generator=torch.Generator().manual_seed(0))
    confidence = cascade.confidence("a fox", tokens)
    assert confidence.shape == tokens.shape
    assert 0 <= float(confidence.min()) <= float(confidence.max()) <= 1
    assert torch.equal(confidence, cascade.confidence("a fox", tokens))
    assert not torch.equal(confidence, cascade.confidence("a ship", tokens))


def test_passes_of_another_number_still_ask_once_about_each() -> None:
    counts = torch.zeros(1, 16, 16)

    def predict(tokens: Tensor, guidance: Tensor, wanted: Tensor) -> Tensor:
        counts.add_((tokens == MASK).float())
        return torch.zeros(int(wanted.sum()), MASK)

    confidence_of(predict, torch.zeros(1, 16, 16, dtype=torch.int64), MASK, passes=5)
    assert (counts == 1).all()
