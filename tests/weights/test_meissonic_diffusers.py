"""Our blocks beside those of the diffusers library, which the authors' own code is put together from.

The same tensors under the same names go into both; what comes out must be equal, at the published widths.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
import torch
from diffusers.models import embeddings, normalization, resnet
from diffusers.models.transformers.transformer_flux import (
    FluxPosEmbed,
    FluxSingleTransformerBlock,
    FluxTransformerBlock,
)
from torch import Tensor, nn

from muse_studio.weights.flux import DoubleBlock, SingleBlock
from muse_studio.weights.meissonic import MeissonicTransformer
from muse_studio.weights.rotary import Rotation, grid_rotation
from muse_studio.weights.sinusoids import sinusoids
from muse_studio.weights.token_ends import Resample
from tests.weights.meissonic_cases import PUBLISHED, question, random_model, small

HIDDEN, HEADS, HEAD_WIDTH, AXES = 1024, 8, 128, (16, 56, 56)
TEXT, ROWS, COLUMNS = 77, 6, 9
SHARED: dict[str, Any] = {
    "padding": 0, "kernel_size": 2, "norm_type": "rms_norm", "eps": 1e-6, "elementwise_affine": True, "bias": False,
}  # fmt: skip
"""Of the two layers that fold four tokens to one position and back."""
BLOCK_ERROR = 2e-5
"""Of states that spread by 0.5 to 1.3; 3.1e-6 is the most that was seen."""


def published_turns(
    before: int = TEXT, rows: int = ROWS, columns: int = COLUMNS, axes: tuple[int, ...] = AXES
) -> tuple[Tensor, Tensor]:
    """Cosines and sines [before + rows * columns, head width] of a text and then a grid of positions."""
    grid = torch.zeros(rows, columns, 3)
    grid[..., 1] = torch.arange(rows)[:, None]
    grid[..., 2] = torch.arange(columns)
    cosine, sine = FluxPosEmbed(10000, list(axes))(torch.cat([torch.zeros(before, 3), grid.flatten(0, 1)]))
    return cosine, sine


def shaken(theirs: nn.Module, ours: nn.Module) -> None:
    """Random weights, of which none is left at 0 or 1, the same in both; the names must be the same."""
    random = torch.Generator().manual_seed(4)
    with torch.no_grad():
        for name, weight in theirs.named_parameters():
            spread = weight[0].numel() ** -0.5 if weight.ndim > 1 else 0.3
            plain = float("norm" in name and "linear" not in name)
            weight.copy_(torch.empty_like(weight).normal_(generator=random) * spread + plain * (weight.ndim == 1))
    ours.load_state_dict(theirs.state_dict(), strict=True)


def normal(*shape: int, seed: int = 5) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def close(ours: Tensor, theirs: Tensor, error: float = BLOCK_ERROR) -> None:
    assert theirs.std() > 0.3
    assert (ours - theirs).abs().max() < error


@pytest.mark.parametrize("steps_left", [0, 1, 47, 99])
def test_sinusoids_are_the_published_ones_to_the_bit(steps_left: int) -> None:
    number = torch.tensor([1000.0 * steps_left])
    theirs = embeddings.get_timestep_embedding(number, 256, flip_sin_to_cos=True, downscale_freq_shift=0)
    assert torch.equal(sinusoids(number), theirs)


def test_positions_turn_as_the_published_ones() -> None:
    cosine, sine = published_turns()
    rotation = grid_rotation(TEXT, ROWS, COLUMNS, AXES)
    assert torch.equal(rotation.cosine.repeat_interleave(2, 1), cosine)
    assert torch.equal(rotation.sine.repeat_interleave(2, 1), sine)


def test_a_double_block_of_the_published_width_is_the_published_one() -> None:
    theirs, ours = FluxTransformerBlock(HIDDEN, HEADS, HEAD_WIDTH), DoubleBlock(HIDDEN, HEAD_WIDTH)
    shaken(theirs, ours)
    text, image, vector = normal(1, TEXT, HIDDEN), normal(1, ROWS * COLUMNS, HIDDEN, seed=6), normal(1, HIDDEN, seed=7)
    with torch.inference_mode():
        their_text, their_image = theirs(image, text, vector, published_turns())
        our_text, our_image = ours(text, image, nn.functional.silu(vector), grid_rotation(TEXT, ROWS, COLUMNS, AXES))
    close(our_text, their_text)
    close(our_image, their_image)


def test_a_single_block_of_the_published_width_is_the_published_one() -> None:
    theirs, ours = FluxSingleTransformerBlock(HIDDEN, HEADS, HEAD_WIDTH), SingleBlock(HIDDEN, HEAD_WIDTH)
    shaken(theirs, ours)
    text, image, vector = normal(1, TEXT, HIDDEN), normal(1, ROWS * COLUMNS, HIDDEN, seed=6), normal(1, HIDDEN, seed=7)
    with torch.inference_mode():
        expected = torch.cat(theirs(image, text, vector, published_turns()), 1)
        both = ours(torch.cat([text, image], 1), nn.functional.silu(vector), grid_rotation(TEXT, ROWS, COLUMNS, AXES))
    close(both, expected)


@pytest.mark.parametrize("grid", [(6, 4), (5, 3)], ids=str)
def test_four_tokens_become_one_position_and_back_as_published(grid: tuple[int, int]) -> None:
    down = resnet.Downsample2D(48, use_conv=True, name="Conv2d_0", **SHARED)
    up = resnet.Upsample2D(48, use_conv_transpose=True, name="conv", interpolate=False, **SHARED)
    fold, unfold = Resample(48, 1e-6, up=False), Resample(48, 1e-6, up=True)
    shaken(down, fold)
    shaken(up, unfold)
    x = normal(2, 48, *grid)
    with torch.inference_mode():
        close(fold(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2), down(x))
        close(unfold(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2), up(x))


@pytest.mark.parametrize("halved", [True, False], ids=["meissonic", "monetico"])
def test_the_whole_is_what_the_authors_put_together(halved: bool) -> None:
    model, asked = random_model(small(halved=halved)), question(6, 4, rows=2)
    with torch.inference_mode():
        ours = model(asked.tokens, asked.prepared(model), [99, 99])
        theirs = published_whole(model, asked.tokens, asked.states, asked.pooled, asked.micro, 99)
    close(ours, theirs)


@pytest.mark.skipif(not os.environ.get("MUSE_STUDIO_FULL_SIZE"), reason="5 GB and two minutes; run by hand")
def test_logits_of_the_full_size_are_what_the_authors_put_together() -> None:
    model = random_model(PUBLISHED)
    for grid, steps_left in (((16, 16), 0), ((16, 16), 99), ((9, 14), 63), ((64, 64), 47)):
        asked = question(*grid, table=PUBLISHED, length=TEXT)
        with torch.inference_mode():
            ours = model(asked.tokens, asked.prepared(model), [steps_left])
            theirs = published_whole(model, asked.tokens, asked.states, asked.pooled, asked.micro, steps_left)
        theirs = theirs[:, : grid[0], : grid[1]]  # of an odd side it makes one more
        print(f"{grid} at {steps_left}: spread {theirs.std():.3f}, furthest {(ours - theirs).abs().max():.2e}")
        assert torch.equal(ours.argmax(-1), theirs.argmax(-1))
        close(ours, theirs)


def published_whole(
    model: MeissonicTransformer, tokens: Tensor, states: Tensor, pooled: Tensor, micro: Tensor, steps_left: int
) -> Tensor:
    """Logits by the library's modules, in the order of the authors' `forward`, with the tensors of `model`."""
    config, state = model.config, model.state_dict()
    hidden, heads, width = config.hidden, config.num_attention_heads, config.attention_head_dim

    def with_weights(module: nn.Module, name: str) -> Any:
        inside = {key.removeprefix(f"{name}."): value for key, value in state.items() if key.startswith(f"{name}.")}
        module.load_state_dict(inside, strict=True)
        return module.eval()

    def norm(name: str, x: Tensor) -> Tensor:
        out: Tensor = with_weights(normalization.RMSNorm(hidden, 1e-6), name)(x)
        return out

    def linear(name: str, x: Tensor) -> Tensor:
        return nn.functional.linear(x, state[f"{name}.weight"].flatten(1), state.get(f"{name}.bias"))

    waves = embeddings.get_timestep_embedding(micro.flatten(), 256, flip_sin_to_cos=True, downscale_freq_shift=0)
    described = embeddings.TimestepEmbedding(hidden + 5 * 256, hidden, sample_proj_bias=False)
    vector = with_weights(described, "cond_embed")(torch.cat([pooled, waves.reshape(len(tokens), -1)], 1))
    time_text = with_weights(embeddings.CombinedTimestepTextProjEmbeddings(hidden, hidden), "time_text_embed")
    vector = time_text(torch.tensor([steps_left]).float() * 1000, vector)
    text = norm("encoder_proj_layer_norm", linear("context_embedder", states))
    image = linear("embed.conv", norm("embed.layer_norm", state["embed.embeddings.weight"][tokens])).permute(0, 3, 1, 2)
    if config.downsample:
        down = resnet.Downsample2D(hidden, use_conv=True, name="Conv2d_0", **SHARED)
        image = with_weights(down, "down_block.downsample")(image)
    rows, columns = image.shape[-2:]
    turns = published_turns(text.shape[1], rows, columns, config.axes_dims_rope)
    image = linear("project_to_hidden", norm("project_to_hidden_norm", image.permute(0, 2, 3, 1).flatten(1, 2)))
    for index in range(config.num_layers):
        double = with_weights(FluxTransformerBlock(hidden, heads, width), f"transformer_blocks.{index}")
        text, image = double(image, text, vector, turns)
    for index in range(config.num_single_layers):
        single = with_weights(FluxSingleTransformerBlock(hidden, heads, width), f"single_transformer_blocks.{index}")
        text, image = single(image, text, vector, turns)
    image = linear("project_from_hidden", norm("project_from_hidden_norm", image))
    image = image.unflatten(1, (rows, columns)).permute(0, 3, 1, 2)
    if config.upsample:
        up = resnet.Upsample2D(hidden, use_conv_transpose=True, name="conv", interpolate=False, **SHARED)
        image = with_weights(up, "up_block.upsample")(image)
    inner = norm("mlm_layer.layer_norm", linear("mlm_layer.conv1", image.permute(0, 2, 3, 1)))
    return linear("mlm_layer.conv2", inner)


def test_a_turn_keeps_lengths() -> None:
    x, rotation = normal(1, 2, 13, 12), Rotation(*(part(normal(13, 6)) for part in (torch.cos, torch.sin)))
    torch.testing.assert_close(rotation.turn(x).norm(dim=-1), x.norm(dim=-1))
