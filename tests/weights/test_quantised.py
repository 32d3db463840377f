"""aMUSEd in eight bits: what is rounded, how little it changes, and that nobody gets it unasked."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.geometry import Extent
from muse_studio.muse.int8 import Int8Linear, is_quantised
from muse_studio.muse.presets import tiny
from muse_studio.weights.amused import AmusedTransformer
from muse_studio.weights.amused_config import AmusedConfig
from muse_studio.weights.conditioning import MicroConditions
from muse_studio.weights.published_folder import load_published
from muse_studio.weights.quantised import quantise_network
from muse_studio.worker.numbers import choose_numbers
from tests.weights.published_folders import store_amused, store_meissonic
from tests.weights.theirs import SMALL_512, prompt, their_transformer

WIDE = {**SMALL_512, "hidden_size": 256, "block_out_channels": 192, "intermediate_size": 300}


def network() -> AmusedTransformer:
    model = AmusedTransformer(AmusedConfig(**WIDE))
    model.load_state_dict(their_transformer(WIDE).state_dict())
    return model.eval().requires_grad_(False)


def test_only_what_reads_normalised_states_in_every_step_is_rounded() -> None:
    rounded = {name for name, part in quantise_network(network()).named_modules() if isinstance(part, Int8Linear)}
    layer, block = "transformer_layers.1.", "down_block.attention_blocks.0."
    names = ("attn1.to_q", "attn1.to_k", "attn1.to_v", "attn2.to_q", "ff.net.0.proj")
    assert {name.removeprefix(layer) for name in rounded if name.startswith(layer)} == set(names)
    assert {name.removeprefix(block) for name in rounded if name.startswith(block)} == {"attn1.to_q", "attn2.to_q"}
    assert "up_block.res_blocks.1.channelwise_linear_1" in rounded
    assert not any(name.startswith(("mlm_layer", "embed", "project", "encoder")) for name in rounded)


def test_logits_hardly_change() -> None:
    exact, rounded = network(), quantise_network(network())
    tokens = torch.randint(72, (1, 8, 8), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        logits, other = (
            model(tokens, model.prepare(*prompt(WIDE, 1), MicroConditions(Extent(128, 128)).tensor(1)))
            for model in (exact, rounded)
        )
    error = float((logits - other).std() / logits.std())
    assert 0 < error < 0.02


def test_a_folder_is_rounded_when_that_is_asked_for_and_never_else(tmp_path: Path) -> None:
    store_amused(tmp_path, {**WIDE, "sample_size": 32})
    plain, rounded = (load_published(tmp_path / "model", dtype=torch.float32, int8=int8) for int8 in (False, True))
    assert not is_quantised(plain.network)  # type: ignore[arg-type]
    assert is_quantised(rounded.network)  # type: ignore[arg-type]


def test_another_family_is_refused(tmp_path: Path) -> None:
    folder = store_meissonic(tmp_path, halved=True)
    with pytest.raises(MuseStudioError, match="aMUSEd alone") as caught:
        load_published(folder, int8=True)
    assert caught.value.kind is ErrorKind.BAD_REQUEST


def test_int8_is_a_choice_for_published_cascades_on_a_cpu() -> None:
    cpu = torch.device("cpu")
    numbers = choose_numbers(None, cpu, "int8")
    assert (numbers.name, numbers.dtype, numbers.int8) == ("int8", torch.float32, True)
    assert not choose_numbers(None, cpu).int8
    for config, device in ((tiny(), cpu), (None, torch.device("cuda"))):
        with pytest.raises(MuseStudioError, match="published cascades on a CPU"):
            choose_numbers(config, device, "int8")
