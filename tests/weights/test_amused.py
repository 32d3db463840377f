"""Our aMUSEd transformer is the published one: the same keys and shapes, and the same logits to float32's last digits.

The full sizes are compared on meta, key by key; the numbers on reduced ones. `MUSE_STUDIO_FULL_SIZE=1` compares the
numbers of the full sizes too, which takes 5 GB and a minute: docs/decisions/130 has the figures.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch
import torch.nn.functional as F
from diffusers import UVit2DModel
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from muse_studio.core.geometry import Extent
from muse_studio.muse.folder import CheckpointError, Folder
from muse_studio.weights import amused, amused_blocks
from muse_studio.weights.amused import AmusedTransformer
from muse_studio.weights.amused_config import AmusedConfig, read_amused_config
from muse_studio.weights.conditioning import MicroConditions
from muse_studio.weights.networks import load_transformer
from muse_studio.weights.part import FULL_NAME, HALF_NAME
from tests.weights.theirs import (
    ONE_WIDTH,
    PUBLISHED_256,
    PUBLISHED_512,
    SMALL,
    SMALL_512,
    prompt,
    their_transformer,
)

TOLERANCE = 1e-5
GRIDS = [(2, 2), (8, 8), (6, 10), (14, 4)]


def ours_of(theirs: UVit2DModel, settings: dict[str, Any]) -> AmusedTransformer:
    """Our network with their weights, every key of which it must have."""
    model = AmusedTransformer(AmusedConfig(**settings))
    model.load_state_dict(theirs.state_dict(), strict=True)
    return model.eval().requires_grad_(False)


def tokens_of(settings: dict[str, Any], grid: tuple[int, int], count: int) -> Tensor:
    """Random tokens [count, *grid], half of them masked."""
    noise = torch.Generator().manual_seed(6)
    tokens = torch.randint(settings["codebook_size"], (count, *grid), generator=noise)
    return torch.where(torch.rand(tokens.shape, generator=noise) < 0.5, settings["vocab_size"] - 1, tokens)


def both_logits(
    theirs: UVit2DModel, ours: AmusedTransformer, settings: dict[str, Any], grid: tuple[int, int], length: int = 7
) -> tuple[Tensor, Tensor]:
    """Theirs and ours, [2, h, w, codebook_size], of two pictures with prompts of their own."""
    states, pooled = prompt(settings, 2, length)
    micro = MicroConditions(Extent(16 * grid[1], 16 * grid[0]), crop=(3, 5), aesthetic=5.5).tensor(2)
    tokens = tokens_of(settings, grid, 2)
    with torch.no_grad():
        expected = theirs(tokens, encoder_hidden_states=states, pooled_text_emb=pooled, micro_conds=micro)
        logits = ours(tokens, ours.prepare(states, pooled, micro))
    return expected.permute(0, 2, 3, 1), logits


def furthest(expected: Tensor, found: Tensor) -> float:
    return float((expected - found).abs().max())


@pytest.mark.parametrize(
    ("settings", "parameters", "tensors"),
    [(PUBLISHED_256, 603_537_664, 474), (PUBLISHED_512, 608_257_792, 478)],
    ids=["256", "512"],
)
def test_the_published_sizes_have_the_published_keys_and_shapes(
    settings: dict[str, Any], parameters: int, tensors: int
) -> None:
    with torch.device("meta"):
        expected = UVit2DModel(**settings).state_dict()
        found = AmusedTransformer(AmusedConfig(**settings)).state_dict()
    assert {key: tensor.shape for key, tensor in found.items()} == {
        key: tensor.shape for key, tensor in expected.items()
    }
    assert len(found) == tensors
    assert sum(tensor.numel() for tensor in found.values()) == parameters


@pytest.mark.parametrize("grid", GRIDS, ids=str)
@pytest.mark.parametrize("settings", [SMALL, SMALL_512, ONE_WIDTH], ids=["256", "512", "one width"])
def test_logits_equal_the_published_networks(settings: dict[str, Any], grid: tuple[int, int]) -> None:
    theirs = their_transformer(settings)
    expected, logits = both_logits(theirs, ours_of(theirs, settings), settings, grid)
    assert expected.std() > 0.3, "the logits say something"
    assert furthest(expected, logits) <= TOLERANCE


def test_a_grid_with_odd_sides_runs_where_nothing_halves_it_and_is_refused_where_something_does() -> None:
    theirs = their_transformer(SMALL)
    expected, logits = both_logits(theirs, ours_of(theirs, SMALL), SMALL, (5, 7))
    assert furthest(expected, logits) <= TOLERANCE
    halving = ours_of(their_transformer(SMALL_512), SMALL_512)
    context = halving.prepare(*prompt(SMALL_512, 1), MicroConditions(Extent(80, 64)).tensor(1))
    for grid in ((4, 5), (5, 4)):
        with pytest.raises(ValueError, match="even sides"):
            halving(tokens_of(SMALL_512, grid, 1), context)


def breaks(name: str) -> Callable[[pytest.MonkeyPatch], None]:
    """How to break one rule of the network, so that a comparison that still holds is one that sees nothing."""

    def scale_last(projected: Tensor) -> tuple[Tensor, Tensor]:
        shift, scale = projected[:, None].chunk(2, -1)
        return 1 + scale, shift

    def gate_first(self: Any, x: Tensor) -> Tensor:
        gate, value = self.proj(x).chunk(2, -1)
        return value * F.gelu(gate)

    def gain_before_the_sum(self: Any, x: Tensor, modulated: tuple[Tensor, Tensor]) -> Tensor:
        h = self.norm(self.depthwise(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1))
        h = self.channelwise_norm(F.gelu(self.channelwise_linear_1(h)))
        return x + self.channelwise_linear_2(h) * modulated[0] + modulated[1]

    def sines_first(values: Tensor, width: int) -> Tensor:
        return conditioning_sinusoids(values, width).roll(width // 2, -1)

    def never_centred(self: Any, x: Tensor, modulated: tuple[Tensor, Tensor]) -> Tensor:
        normed = F.rms_norm(x, x.shape[-1:], self.norm.weight, self.norm.eps)
        return normed * modulated[0] + modulated[1]

    conditioning_sinusoids = amused.sinusoids
    changes: dict[str, tuple[Any, str, Any]] = {
        "scale last": (amused_blocks, "modulation", scale_last),
        "gate first": (amused_blocks.GatedInput, "forward", gate_first),
        "gain before the sum": (amused_blocks.ConvNextBlock, "forward", gain_before_the_sum),
        "sines first": (amused, "sinusoids", sines_first),
        "every norm an RMSNorm": (amused_blocks.AdaptiveNorm, "forward", never_centred),
        "tanh in place of the exact GELU": (F, "gelu", lambda x, gelu=F.gelu: gelu(x, approximate="tanh")),
    }
    return lambda patch: patch.setattr(*changes[name])


@pytest.mark.parametrize(
    "rule",
    ["scale last", "gate first", "gain before the sum", "sines first", "every norm an RMSNorm",
     "tanh in place of the exact GELU"],
)  # fmt: skip
def test_the_comparison_sees_each_rule_that_is_broken(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = their_transformer(SMALL)
    ours = ours_of(theirs, SMALL)
    expected, _ = both_logits(theirs, ours, SMALL, (4, 4))
    breaks(rule)(monkeypatch)
    states, pooled = prompt(SMALL, 2)
    micro = MicroConditions(Extent(64, 64), crop=(3, 5), aesthetic=5.5).tensor(2)
    broken = ours(tokens_of(SMALL, (4, 4), 2), ours.prepare(states, pooled, micro))
    assert furthest(expected, broken) > 10 * TOLERANCE


@pytest.mark.parametrize("settings", [SMALL, SMALL_512], ids=["256", "512"])
def test_logits_of_some_tokens_are_those_of_all(settings: dict[str, Any]) -> None:
    ours = ours_of(their_transformer(settings), settings)
    tokens = tokens_of(settings, (6, 8), 2)
    context = ours.prepare(*prompt(settings, 2), MicroConditions(Extent(128, 96)).tensor(2))
    wanted = tokens == ours.mask_token
    assert wanted.any()
    assert not wanted.all()
    assert furthest(ours(tokens, context)[wanted], ours(tokens, context, wanted)) <= TOLERANCE


def test_a_row_of_a_conditioning_is_that_of_its_own_prompt() -> None:
    ours = ours_of(their_transformer(SMALL_512), SMALL_512)
    states, pooled = prompt(SMALL_512, 3)
    micro = MicroConditions(Extent(96, 64)).tensor(3)
    tokens = tokens_of(SMALL_512, (4, 6), 3)
    together = ours(tokens, ours.prepare(states, pooled, micro))
    alone = ours(tokens[1:2], ours.prepare(states, pooled, micro).rows(slice(1, 2)))
    assert furthest(together[1:2], alone) <= TOLERANCE
    other = ours(tokens[1:2], ours.prepare(states, pooled, micro).rows(slice(0, 1)))
    assert furthest(other, alone) > 10 * TOLERANCE


def test_a_published_folder_loads_from_full_and_from_half_precision_files(tmp_path: Path) -> None:
    theirs = their_transformer(SMALL_512)
    theirs.save_pretrained(tmp_path)
    ours = load_transformer(Folder(tmp_path))
    assert ours.config == AmusedConfig(**SMALL_512)
    assert ours.mask_token == 79
    assert not any(weight.requires_grad for weight in ours.parameters())
    expected, logits = both_logits(theirs, ours, SMALL_512, (4, 6))
    assert furthest(expected, logits) <= TOLERANCE
    theirs.half().save_pretrained(tmp_path, variant="fp16")
    assert {path.name for path in tmp_path.glob("*.safetensors")} == {FULL_NAME, HALF_NAME}
    assert load_transformer(Folder(tmp_path)).embed.embeddings.weight.equal(ours.embed.embeddings.weight)
    (tmp_path / FULL_NAME).unlink()
    rounded = load_transformer(Folder(tmp_path))
    assert rounded.embed.embeddings.weight.dtype is torch.float32
    assert rounded.embed.embeddings.weight.equal(ours.embed.embeddings.weight.half().float())
    assert load_transformer(Folder(tmp_path), torch.bfloat16).mlm_layer.conv2.weight.dtype is torch.bfloat16
    (tmp_path / HALF_NAME).unlink()
    with pytest.raises(CheckpointError, match=r"diffusion_pytorch_model\.safetensors: missing"):
        load_transformer(Folder(tmp_path))


def test_missing_extra_and_misshapen_keys_are_refused_by_name(tmp_path: Path) -> None:
    their_transformer(SMALL).save_pretrained(tmp_path)
    state = load_file(tmp_path / FULL_NAME)
    for key in ("embed.conv.weight", "encoder_proj.weight"):
        del state[key]
    state["mlm_layer.conv2.weight"] = state["mlm_layer.conv2.weight"][:-1].contiguous()
    for number in range(4):
        state[f"extra.{number}"] = torch.zeros(1)
    save_file(state, tmp_path / FULL_NAME)
    with pytest.raises(CheckpointError) as caught:
        load_transformer(Folder(tmp_path))
    assert len(caught.value.problems) == 7
    told = str(caught.value)
    assert "embed.conv.weight: missing" in told
    assert "encoder_proj.weight: missing" in told
    assert "mlm_layer.conv2.weight: shape [71, 40, 1, 1] where [72, 40, 1, 1] is needed" in told
    assert "extra.0: not part of this model" in told
    assert "and 2 more" in told, "five are listed"


def test_a_file_that_does_not_fit_is_refused_before_anything_is_allocated(tmp_path: Path) -> None:
    their_transformer(SMALL).save_pretrained(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({"_class_name": "UVit2DModel", **PUBLISHED_256}))
    before = psutil.Process().memory_info().rss
    with pytest.raises(CheckpointError, match="does not fit"):
        load_transformer(Folder(tmp_path))
    assert psutil.Process().memory_info().rss - before < 200 * 2**20, "of 2,414 MB"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"_class_name": "UNet2DConditionModel"}, "UVit2DModel is needed"),
        ({"_class_name": None}, "UVit2DModel is needed"),
        ({"use_bias": True}, "use_bias: True is not computed here"),
        ({"ln_elementwise_affine": False}, "ln_elementwise_affine: False is not computed here"),
        ({"hidden_size": "1024"}, "hidden_size: '1024' is not int"),
        ({"hidden_size": True}, "hidden_size: True is not int"),
        ({"num_hidden_layers": 0}, "num_hidden_layers must be from 1"),
        ({"num_hidden_layers": 10**9}, "num_hidden_layers must be from 1"),
        ({"num_res_blocks": 100_000}, "num_res_blocks must be from 1"),
        ({"num_attention_heads": 5}, "does not divide into its heads"),
        ({"block_num_heads": 7}, "does not divide into its heads"),
        ({"downsample": True}, "downsample and upsample go together"),
        ({"vocab_size": 72}, "no id for the mask token"),
        ({"micro_cond_embed_dim": 64}, "micro_cond_embed_dim is not 5 times"),
        ({"layer_norm_eps": 0.0}, "layer_norm_eps"),
        ({"rotary": True}, "unknown 'rotary'"),
    ],
    ids=str,
)
def test_a_configuration_that_is_not_computed_here_is_refused_by_name(
    tmp_path: Path, change: dict[str, Any], told: str
) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"_class_name": "UVit2DModel", **SMALL, **change}))
    with pytest.raises(CheckpointError) as caught:
        read_amused_config(Folder(tmp_path))
    assert told in str(caught.value)
    assert "config.json" in str(caught.value)


def test_what_diffusers_writes_is_what_is_read(tmp_path: Path) -> None:
    UVit2DModel(**SMALL).save_config(tmp_path)
    assert read_amused_config(Folder(tmp_path)) == AmusedConfig(**SMALL)


@pytest.mark.skipif(not os.environ.get("MUSE_STUDIO_FULL_SIZE"), reason="5 GB and a minute; run by hand")
@pytest.mark.parametrize(
    ("settings", "grids"), [(PUBLISHED_256, [(16, 16), (12, 20)]), (PUBLISHED_512, [(32, 32)])], ids=["256", "512"]
)
def test_logits_of_the_full_sizes_equal_the_published_networks(
    settings: dict[str, Any], grids: list[tuple[int, int]]
) -> None:
    theirs = their_transformer(settings)
    with torch.device("meta"):
        ours: nn.Module = AmusedTransformer(AmusedConfig(**settings))
    ours.load_state_dict(theirs.state_dict(), strict=True, assign=True)
    for grid in grids:
        expected, logits = both_logits(theirs, ours.eval(), settings, grid, length=77)  # type: ignore[arg-type]
        print(f"{grid}: spread {float(expected.std()):.3f}, furthest {furthest(expected, logits):.2e}")
        assert furthest(expected, logits) <= 5 * TOLERANCE
