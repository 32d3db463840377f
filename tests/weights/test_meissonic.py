"""Meissonic's logits: those of slow code, at any size and any step, in every dtype."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from muse_studio.weights.meissonic import MeissonicTransformer
from tests.weights.meissonic_cases import MICRO, TEXT_LENGTH, question, random_model, small
from tests.weights.slow_meissonic import SlowMeissonic

GRIDS = [(4, 4), (4, 6), (6, 2), (5, 3), (1, 1), (1, 4)]
HALVED = pytest.mark.parametrize("halved", [True, False], ids=["meissonic", "monetico"])
DTYPES = pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16], ids=str)
STEPS = 100
FLOAT32_ERROR = 1e-5
"""Of logits that spread by about 1; 2.2e-6 is the most that was seen."""


@pytest.fixture(scope="module")
def models() -> dict[bool, MeissonicTransformer]:
    return {halved: random_model(small(halved=halved)) for halved in (True, False)}


@HALVED
@pytest.mark.parametrize("grid", GRIDS, ids=str)
def test_logits_are_those_of_slow_code(
    models: dict[bool, MeissonicTransformer], halved: bool, grid: tuple[int, int]
) -> None:
    model = models[halved]
    slow = SlowMeissonic(
        small(halved=halved), {name: value.double().numpy() for name, value in model.state_dict().items()}
    )
    asked = question(*grid)
    for steps_left in (0, 1, 47, 99):
        logits = model(asked.tokens, asked.prepared(model), [steps_left])[0]
        expected = slow.logits(
            asked.tokens[0].numpy(),
            asked.states[0].double().numpy(),
            asked.pooled[0].double().numpy(),
            MICRO,
            steps_left,
        )
        assert logits.shape == (*grid, 20)
        assert expected.std() > 0.3
        assert np.abs(logits.numpy() - expected).max() < FLOAT32_ERROR


@HALVED
def test_positions_are_of_the_grid_that_the_blocks_see(models: dict[bool, MeissonicTransformer], halved: bool) -> None:
    asked = question(6, 4)
    rotation = asked.prepared(models[halved]).rotation
    angles = torch.atan2(rotation.sine, rotation.cosine)
    rows, columns = (3, 2) if halved else (6, 4)
    assert angles.shape == (TEXT_LENGTH + rows * columns, 6)
    assert not angles[:TEXT_LENGTH].any()
    grid = angles[TEXT_LENGTH:].view(rows, columns, 6)
    assert not grid[..., 0].any()  # the axis that pictures do not use
    turns = torch.arange(rows)[:, None].expand(rows, columns)
    torch.testing.assert_close(grid[..., 1].remainder(2 * torch.pi), turns.float())  # three pairs of numbers for rows
    turns = torch.arange(columns).expand(rows, columns)
    torch.testing.assert_close(grid[..., 4].remainder(2 * torch.pi), turns.float())  # and two for columns


@HALVED
@DTYPES
def test_no_step_of_a_hundred_is_nan_in_any_dtype(
    models: dict[bool, MeissonicTransformer], halved: bool, dtype: torch.dtype
) -> None:
    assert (torch.tensor(66.0) * 1000).half().isinf(), "where the count itself is in float16, this is what happens"
    exact, model = models[halved], random_model(small(halved=halved)).to(dtype)
    asked, counts = question(4, 4).repeated(STEPS), list(range(STEPS))
    logits = model(asked.tokens, asked.prepared(model), counts)
    expected = exact(asked.tokens, asked.prepared(exact), counts)
    assert logits.dtype is dtype
    assert logits.isfinite().all()
    assert (logits - expected).abs().flatten(1).mean(1).max() < 0.05 * expected.std()
    apart = (expected[1:] - expected[:-1]).abs().flatten(1).mean(1)
    assert apart.min() > 0.05 * expected.std(), "each step is told from the next"


def test_float16_stays_finite_where_states_outgrow_it() -> None:
    model = random_model(small())
    largest: list[float] = []
    for block in [*model.transformer_blocks, *model.single_transformer_blocks]:
        for name, gates in (("norm1", 6), ("norm1_context", 6), ("norm", 3)):
            if hasattr(block, name):
                getattr(block, name).linear.bias.view(gates, -1)[2::3] += 20  # wide open
        for name in ("ff.net.2", "ff_context.net.2", "proj_out"):
            if name.split(".", maxsplit=1)[0] in dict(block.named_children()):
                block.get_submodule(name).bias += 3000.0 * torch.randn(24, generator=torch.Generator().manual_seed(2))
        block.register_forward_hook(
            lambda _block, _given, made: largest.append(max(float(x.float().abs().max()) for x in _tuple(made)))
        )
    asked = question(4, 4)
    assert model(asked.tokens, asked.prepared(model), [9]).isfinite().all()
    assert max(largest) > 65504, "in float32 it is more than float16 can hold"
    half = model.half()
    assert half(asked.tokens, asked.prepared(half), [9]).isfinite().all()


def _tuple(made: torch.Tensor | tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
    return made if isinstance(made, tuple) else (made,)


@HALVED
def test_a_row_does_not_depend_on_its_neighbours(models: dict[bool, MeissonicTransformer], halved: bool) -> None:
    model, asked = models[halved], question(5, 4, rows=2)
    together = model(asked.tokens, asked.prepared(model), [30, 2])
    for row, steps_left in enumerate((30, 2)):
        alone = model.prepare(asked.states[row, None], asked.pooled[row, None], asked.micro[row, None], (5, 4))
        expected = model(asked.tokens[row, None], alone, [steps_left])[0]
        torch.testing.assert_close(together[row], expected, atol=2e-5, rtol=0)


@HALVED
def test_wanted_logits_are_those_of_the_whole_grid(models: dict[bool, MeissonicTransformer], halved: bool) -> None:
    model, asked = models[halved], question(5, 4, rows=2)
    conditioning = asked.prepared(model)
    wanted = torch.rand(2, 5, 4, generator=torch.Generator().manual_seed(3)) < 0.4
    some = model(asked.tokens, conditioning, [7, 7], wanted)
    assert 0 < len(some) < wanted.numel()
    torch.testing.assert_close(some, model(asked.tokens, conditioning, [7, 7])[wanted], atol=1e-5, rtol=0)


@pytest.mark.parametrize("said", ["states", "pooled", "micro"])
def test_all_that_a_picture_is_to_be_matters(models: dict[bool, MeissonicTransformer], said: str) -> None:
    model, asked = models[True], question(4, 4)
    before = model(asked.tokens, asked.prepared(model), [5])
    given = {"states": asked.states, "pooled": asked.pooled, "micro": asked.micro}
    given[said] = given[said].clone()
    given[said].view(-1)[-1] += 1
    after = model(asked.tokens, model.prepare(*given.values(), (4, 4)), [5])
    assert (after - before).abs().max() > 0.01


def test_what_no_step_changes_is_computed_once(models: dict[bool, MeissonicTransformer]) -> None:
    model, asked = models[True], question(4, 4)
    names = ("context_embedder", "encoder_proj_layer_norm", "cond_embed", "time_text_embed.text_embedder")
    ran: list[str] = []
    hooks = [model.get_submodule(name).register_forward_hook(lambda *_, name=name: ran.append(name)) for name in names]
    conditioning = asked.prepared(model)
    assert sorted(ran) == sorted(names)
    for steps_left in (2, 1, 0):
        model(asked.tokens, conditioning, [steps_left])
    assert len(ran) == len(names)
    for hook in hooks:
        hook.remove()


def test_conditioning_for_another_grid_is_refused(models: dict[bool, MeissonicTransformer]) -> None:
    model = models[True]
    with pytest.raises(ValueError, match=r"for a grid of \(4, 4\), not \(4, 6\)"):
        model(question(4, 6).tokens, question(4, 4).prepared(model), [0])


def test_the_mask_token_is_the_last_of_the_vocabulary(models: dict[bool, MeissonicTransformer]) -> None:
    assert models[True].mask_token == 31
