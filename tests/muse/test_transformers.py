"""Both transformers: what reaches the logits and what must not."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from muse_studio.muse.base import BaseTransformer
from muse_studio.muse.config import SuperResConfig
from muse_studio.muse.layers import Context, attend
from muse_studio.muse.presets import tiny
from muse_studio.muse.superres import Axis, SuperResTransformer, gather_squares, partition, restore, spread_squares

CODES, WIDTH = 32, 32
CONFIGS = {
    "the paper's": tiny().superres,
    "merged": tiny(merge=2).superres,
    "aligned": tiny(align=True).superres,
    "merged and aligned": tiny(merge=2, align=True).superres,
    "with a draft": tiny(merge=2, draft=True).superres,
}


def frozen(module: nn.Module) -> nn.Module:
    return module.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def base() -> BaseTransformer:
    torch.manual_seed(0)
    module = frozen(BaseTransformer(tiny().base))
    assert isinstance(module, BaseTransformer)
    return module


@pytest.fixture(scope="module", params=CONFIGS.values(), ids=CONFIGS.keys())
def superres(request: pytest.FixtureRequest) -> SuperResTransformer:
    torch.manual_seed(0)
    module = frozen(SuperResTransformer(request.param))
    assert isinstance(module, SuperResTransformer)
    return module


def texts(batch: int = 1, length: int = 5, seed: int = 0) -> tuple[Tensor, Tensor]:
    states = torch.randn(batch, length, WIDTH, generator=torch.Generator().manual_seed(seed))
    return states, torch.ones(batch, length, dtype=torch.bool)


def tokens(side: int, batch: int = 1, seed: int = 0) -> Tensor:
    return torch.randint(CODES, (batch, side, side), generator=torch.Generator().manual_seed(seed))


def prepare(module: SuperResTransformer, states: Tensor, mask: Tensor, coarse: Tensor) -> Context:
    """With a draft, where one is read, that is the coarse tokens themselves, four by four."""
    draft = coarse.repeat_interleave(4, 1).repeat_interleave(4, 2) if module.config.draft else None
    return module.prepare(states, mask, coarse, draft)


def padded(states: Tensor, mask: Tensor, extra: int) -> tuple[Tensor, Tensor]:
    """The same texts with `extra` positions of rubbish that the mask leaves out."""
    rubbish = torch.full((states.shape[0], extra, WIDTH), 7.0)
    return torch.cat([states, rubbish], 1), torch.cat([mask, mask.new_zeros(mask.shape[0], extra)], 1)


# Base


def test_base_logits_are_over_the_codebook_and_never_the_mask_token(base: BaseTransformer) -> None:
    logits = base(tokens(16, 2), base.prepare(*texts(2)))
    assert logits.shape == (2, 16, 16, CODES)
    assert base.mask_token == CODES
    assert logits.isfinite().all()


def test_the_text_reaches_the_base_logits(base: BaseTransformer) -> None:
    grid = torch.full((1, 16, 16), base.mask_token)
    one, other = (base(grid, base.prepare(*texts(seed=seed))) for seed in (0, 1))
    assert (one - other).abs().max() > 1e-2


def test_padding_of_text_changes_no_base_logits(base: BaseTransformer) -> None:
    grid = tokens(16)
    plain = base(grid, base.prepare(*texts()))
    torch.testing.assert_close(base(grid, base.prepare(*padded(*texts(), 9))), plain, atol=1e-4, rtol=1e-4)


def test_a_token_reaches_every_other_place_of_the_base(base: BaseTransformer) -> None:
    grid, context = tokens(16), base.prepare(*texts())
    changed = grid.clone()
    changed[0, 3, 5] = base.mask_token
    assert ((base(grid, context) - base(changed, context)).abs().amax(-1) > 0).all()


def test_a_place_is_known_by_its_row_and_column(base: BaseTransformer) -> None:
    logits = base(torch.full((1, 16, 16), base.mask_token), base.prepare(*texts()))[0]
    flat = logits.flatten(0, 1)
    assert (torch.cdist(flat, flat) + torch.eye(256) > 1e-4).all()


def test_rows_of_a_batch_do_not_touch_in_the_base(base: BaseTransformer) -> None:
    grid = tokens(16, 3)
    states, mask = texts(3)
    mask[1, 3:] = False
    together = base(grid, base.prepare(states, mask))
    for row in range(3):
        one = slice(row, row + 1)
        torch.testing.assert_close(
            base(grid[one], base.prepare(states[one], mask[one])), together[one], atol=1e-4, rtol=1e-4
        )


def test_the_cached_text_gives_what_attention_to_the_text_gives(base: BaseTransformer) -> None:
    """Keys and values once per prompt are the same numbers as projecting the text anew in every layer and step."""
    grid, (states, mask) = tokens(16, 2), texts(2)
    mask[0, 2:] = False
    context = base.prepare(states, mask)
    x = base.tokens(grid.flatten(1)) + base.positions()
    for layer in base.layers:
        x = x + layer.attention(layer.norm1(x))  # type: ignore[operator]
        x = x + uncached(layer.cross, layer.norm2(x), base.text(states), mask)  # type: ignore[operator,arg-type]
        x = x + layer.mlp(layer.norm3(x))  # type: ignore[operator]
    expected = base.head(base.norm(x)).unflatten(1, (16, 16))
    torch.testing.assert_close(base(grid, context), expected, atol=1e-4, rtol=1e-4)


def uncached(cross: nn.Module, x: Tensor, text: Tensor, mask: Tensor) -> Tensor:
    """Cross-attention written out: softmax of scaled products over the text's positions that are no padding."""
    width = int(cross.head_width)  # type: ignore[arg-type]
    query = cross.query(x).unflatten(-1, (-1, width))  # type: ignore[operator]
    key, value = (part.unflatten(-1, (-1, width)) for part in cross.keys_values(text).chunk(2, -1))  # type: ignore[operator]
    scores = torch.einsum("bqhd,bkhd->bhqk", query, key) / width**0.5
    weights = scores.masked_fill(~mask[:, None, None], -torch.inf).softmax(-1)
    out: Tensor = cross.out(torch.einsum("bhqk,bkhd->bqhd", weights, value).flatten(2))  # type: ignore[operator]
    return out


def test_every_parameter_of_the_base_learns() -> None:
    module = BaseTransformer(tiny().base)
    module(tokens(16), module.prepare(*texts())).pow(2).mean().backward()
    for name, parameter in module.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().max() > 0, name


def test_attention_is_the_same_in_training_and_out_of_it() -> None:
    """Two formulas: the plain one while training on a CPU, torch's fused one otherwise."""
    torch.manual_seed(0)
    query, key, value = (torch.randn(2, 2, length, 8) for length in (6, 5, 5))
    mask = torch.ones(2, 1, 1, 5, dtype=torch.bool)
    mask[1, ..., 3:] = False
    for chosen in (None, mask):
        training = attend(query, key, value, chosen)
        with torch.no_grad():
            torch.testing.assert_close(attend(query, key, value, chosen), training, atol=1e-5, rtol=1e-5)


# Logits of some tokens only


def random_places(side: int, batch: int = 2) -> Tensor:
    """About a third of the places of each row, and none of the last."""
    wanted = torch.rand(batch, side, side, generator=torch.Generator().manual_seed(3)) < 0.3
    return wanted.index_fill(0, torch.tensor([batch - 1]), False)


def test_base_logits_of_some_places_are_those_of_all_places_there(base: BaseTransformer) -> None:
    context, wanted = base.prepare(*texts(2)), random_places(16)
    some, every = base(tokens(16, 2), context, wanted), base(tokens(16, 2), context)
    torch.testing.assert_close(some, every[wanted], atol=1e-5, rtol=1e-5)


def test_superres_logits_of_some_places_are_those_of_all_places_there(superres: SuperResTransformer) -> None:
    context, wanted = prepare(superres, *texts(2), tokens(16, 2)), random_places(64)
    some, every = superres(tokens(64, 2), context, wanted), superres(tokens(64, 2), context)
    torch.testing.assert_close(some, every[wanted], atol=1e-5, rtol=1e-5)


# Super-resolution


def test_superres_logits_are_over_the_codebook(superres: SuperResTransformer) -> None:
    logits = superres(tokens(64, 2), prepare(superres, *texts(2), tokens(16, 2)))
    assert logits.shape == (2, 64, 64, CODES)
    assert logits.isfinite().all()


def test_every_low_resolution_token_reaches_every_superres_logit(superres: SuperResTransformer) -> None:
    fine, coarse = torch.full((1, 64, 64), superres.mask_token), tokens(16)
    plain = superres(fine, prepare(superres, *texts(), coarse))
    for place in ((0, 0), (7, 9), (15, 15)):
        changed = coarse.clone()
        changed[0][place] = (changed[0][place] + 1) % CODES
        difference = (superres(fine, prepare(superres, *texts(), changed)) - plain).abs().amax(-1)
        assert (difference > 0).float().mean() > 0.99
        assert difference.max() > 1e-4


def test_the_text_reaches_the_superres_logits(superres: SuperResTransformer) -> None:
    fine, coarse = torch.full((1, 64, 64), superres.mask_token), tokens(16)
    one, other = (superres(fine, prepare(superres, *texts(seed=seed), coarse)) for seed in (0, 1))
    assert (one - other).abs().max() > 1e-3


def test_padding_of_text_changes_no_superres_logits(superres: SuperResTransformer) -> None:
    fine, coarse = tokens(64), tokens(16)
    plain = superres(fine, prepare(superres, *texts(), coarse))
    again = superres(fine, prepare(superres, *padded(*texts(), 9), coarse))
    torch.testing.assert_close(again, plain, atol=1e-4, rtol=1e-4)


def test_a_fine_token_reaches_the_whole_picture_in_two_layers(superres: SuperResTransformer) -> None:
    """One layer of blocks and one of the grid: together every place sees every other."""
    fine, context = tokens(64), prepare(superres, *texts(), tokens(16))
    changed = fine.clone()
    changed[0, 3, 60] = superres.mask_token
    difference = (superres(fine, context) - superres(changed, context)).abs().amax(-1)
    assert (difference > 0).float().mean() > 0.99


def test_rows_of_a_batch_do_not_touch_in_superres(superres: SuperResTransformer) -> None:
    fine, coarse, (states, mask) = tokens(64, 2), tokens(16, 2), texts(2)
    mask[1, 2:] = False
    together = superres(fine, prepare(superres, states, mask, coarse))
    for row in range(2):
        one = slice(row, row + 1)
        alone = superres(fine[one], prepare(superres, states[one], mask[one], coarse[one]))
        torch.testing.assert_close(alone, together[one], atol=1e-4, rtol=1e-4)


def test_alignment_ties_a_fine_token_to_the_coarse_one_above_it() -> None:
    torch.manual_seed(0)
    config = replace(tiny(align=True).superres, lowres_layers=1, layers=1)
    module = frozen(SuperResTransformer(config))
    assert isinstance(module, SuperResTransformer)
    context = prepare(module, *texts(), tokens(16))
    assert context.placed is not None
    spread = context.placed.unflatten(1, (64, 64))[0]
    for y, x in ((0, 0), (3, 4), (37, 62), (63, 63)):
        assert torch.equal(spread[y, x], spread[y // 4 * 4, x // 4 * 4])
    assert not torch.equal(spread[0, 0], spread[63, 63])


def test_a_draft_reaches_the_positions_it_lies_at_and_is_asked_for() -> None:
    torch.manual_seed(0)
    module = frozen(SuperResTransformer(tiny(draft=True).superres))
    assert isinstance(module, SuperResTransformer)
    with pytest.raises(ValueError, match="draft"):
        module.prepare(*texts(), tokens(16))
    draft = tokens(64)
    changed = draft.clone()
    changed[0, 37, 62] = (changed[0, 37, 62] + 1) % CODES
    one, other = (module.prepare(*texts(), tokens(16), each).placed for each in (draft, changed))
    assert one is not None
    assert other is not None
    assert (one != other).any(-1).nonzero().tolist() == [[0, 37 * 64 + 62]]


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS.keys())
def test_every_parameter_of_superres_learns(config: SuperResConfig) -> None:
    module = SuperResTransformer(config)
    module(tokens(64), prepare(module, *texts(), tokens(16))).pow(2).mean().backward()
    for name, parameter in module.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().max() > 0, name


# Multi-axis attention's windows


def numbered(side: int) -> Tensor:
    return torch.arange(side * side).view(1, side, side, 1)


def test_a_block_is_a_square_of_neighbours() -> None:
    groups = partition(numbered(64), 8, "block")[..., 0]
    assert groups.shape == (64, 64)
    rows, columns = groups // 64, groups % 64
    assert ((rows.amax(1) - rows.amin(1)) == 7).all()
    assert ((columns.amax(1) - columns.amin(1)) == 7).all()


def test_a_grid_is_one_place_of_every_block() -> None:
    groups = partition(numbered(64), 8, "grid")[..., 0]
    assert groups.shape == (64, 64)
    rows, columns = groups // 64, groups % 64
    for group in range(64):
        blocks = rows[group] // 8 * 8 + columns[group] // 8
        assert blocks.sort().values.tolist() == list(range(64))
        assert (rows[group] % 8).unique().numel() == 1
        assert (columns[group] % 8).unique().numel() == 1


AXES: list[Axis] = ["block", "grid"]


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(AXES), st.integers(1, 3), st.sampled_from([(8, 2), (8, 4), (12, 3), (16, 8), (4, 4)]))
def test_windows_are_put_back_where_they_were(axis: Axis, batch: int, sizes: tuple[int, int]) -> None:
    side, window = sizes
    x = torch.randn(batch, side, side, 3)
    groups = partition(x, window, axis)
    assert groups.shape == (batch * (side // window) ** 2, window**2, 3)
    assert torch.equal(restore(groups, x.shape, window, axis), x)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 4), st.integers(1, 3), st.integers(1, 3))
def test_squares_of_tokens_are_put_back_where_they_were(merge: int, h: int, w: int) -> None:
    x = torch.randn(2, h * merge, w * merge, 5)
    merged = gather_squares(x, merge)
    assert merged.shape == (2, h, w, merge * merge * 5)
    assert torch.equal(spread_squares(merged, merge), x)
    assert torch.equal(merged[0, 0, 0], x[0, :merge, :merge].flatten())
