"""Published Meissonic folders: every tensor by name and shape, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from muse_studio.muse.config_json import ConfigError
from muse_studio.muse.folder import CheckpointError, Folder
from muse_studio.weights.meissonic import MeissonicTransformer, meissonic_config
from muse_studio.weights.networks import load_transformer
from tests.weights.meissonic_cases import PUBLISHED, question, random_model, small

Shape = tuple[int, ...]
WIDTH, HEAD, CODES, WORDS, INNER = 1024, 128, 8192, 8256, 4096


def linear(name: str, width_in: int, width_out: int, *, bias: bool = True) -> Iterator[tuple[str, Shape]]:
    yield f"{name}.weight", (width_out, width_in)
    if bias:
        yield f"{name}.bias", (width_out,)


def published_shapes(*, halved: bool) -> Iterator[tuple[str, Shape]]:
    """What the published files hold, written out without our modules."""
    yield "embed.embeddings.weight", (WORDS, WIDTH)
    yield "embed.conv.weight", (WIDTH, WIDTH, 1, 1)
    yield "mlm_layer.conv1.weight", (WIDTH, WIDTH, 1, 1)
    yield "mlm_layer.conv2.weight", (CODES, WIDTH, 1, 1)
    norms = ["embed.layer_norm", "mlm_layer.layer_norm", "encoder_proj_layer_norm"]
    norms += ["project_to_hidden_norm", "project_from_hidden_norm"]
    for part in ("down_block.downsample", "up_block.upsample") if halved else ():
        norms.append(f"{part}.norm")
        yield f"{part}.conv.weight", (WIDTH, WIDTH, 2, 2)
    for name in norms:
        yield f"{name}.weight", (WIDTH,)
    yield from linear("context_embedder", WIDTH, WIDTH)
    yield from linear("project_to_hidden", WIDTH, WIDTH, bias=False)
    yield from linear("project_from_hidden", WIDTH, WIDTH, bias=False)
    yield from linear("cond_embed.linear_1", WIDTH + 5 * 256, WIDTH, bias=False)
    yield from linear("cond_embed.linear_2", WIDTH, WIDTH, bias=False)
    for name, width in (("timestep_embedder", 256), ("text_embedder", WIDTH)):
        yield from linear(f"time_text_embed.{name}.linear_1", width, WIDTH)
        yield from linear(f"time_text_embed.{name}.linear_2", WIDTH, WIDTH)
    for index in range(14):
        yield from double_shapes(f"transformer_blocks.{index}")
    for index in range(28):
        yield from single_shapes(f"single_transformer_blocks.{index}")


def double_shapes(name: str) -> Iterator[tuple[str, Shape]]:
    for norm in ("norm1", "norm1_context"):
        yield from linear(f"{name}.{norm}.linear", WIDTH, 6 * WIDTH)
    for part in ("to_q", "to_k", "to_v", "add_q_proj", "add_k_proj", "add_v_proj", "to_out.0", "to_add_out"):
        yield from linear(f"{name}.attn.{part}", WIDTH, WIDTH)
    for norm in ("norm_q", "norm_k", "norm_added_q", "norm_added_k"):
        yield f"{name}.attn.{norm}.weight", (HEAD,)
    for feed in ("ff", "ff_context"):
        yield from linear(f"{name}.{feed}.net.0.proj", WIDTH, INNER)
        yield from linear(f"{name}.{feed}.net.2", INNER, WIDTH)


def single_shapes(name: str) -> Iterator[tuple[str, Shape]]:
    yield from linear(f"{name}.norm.linear", WIDTH, 3 * WIDTH)
    yield from linear(f"{name}.proj_mlp", WIDTH, INNER)
    yield from linear(f"{name}.proj_out", WIDTH + INNER, WIDTH)
    for part in ("to_q", "to_k", "to_v"):
        yield from linear(f"{name}.attn.{part}", WIDTH, WIDTH)
    for norm in ("norm_q", "norm_k"):
        yield f"{name}.attn.{norm}.weight", (HEAD,)


@pytest.mark.parametrize(
    ("halved", "tensors", "parameters"),
    [(True, 867, 1_006_946_304), (False, 863, 998_555_648)],
    ids=["meissonic", "monetico"],
)
def test_every_published_tensor_has_its_place(halved: bool, tensors: int, parameters: int) -> None:
    table = {**PUBLISHED, "downsample": halved, "upsample": halved}
    with torch.device("meta"):
        state = MeissonicTransformer(meissonic_config(table)).state_dict()
    assert {name: tuple(tensor.shape) for name, tensor in state.items()} == dict(published_shapes(halved=halved))
    assert len(state) == tensors
    assert sum(tensor.numel() for tensor in state.values()) == parameters


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"num_layers": 0}, "num_layers must be from 1 to 256, not 0"),
        ({"num_single_layers": 10**6}, "num_single_layers must be from 1 to 256"),
        ({"vocab_size": 2**40}, "vocab_size must be from 1"),
        ({"num_attention_heads": 2**17}, "over 262144"),
        ({"num_layers": "14"}, "num_layers: '14' is not int"),
        ({"num_layers": True}, "num_layers: True is not int"),
        ({"num_layers": 14.0}, "num_layers: 14.0 is not int"),
        ({"downsample": 1}, "downsample: 1 is not bool"),
        ({"downsample": False}, "downsample and upsample must be both"),
        ({"axes_dims_rope": [16, 56]}, "axes_dims_rope must be three even numbers that make 128"),
        ({"axes_dims_rope": [15, 57, 56]}, "axes_dims_rope must be three even numbers"),
        ({"axes_dims_rope": [-16, 72, 72]}, "axes_dims_rope must be from 1 to 262144, not -16"),
        ({"axes_dims_rope": [16, 56, 58]}, "axes_dims_rope must be three even numbers"),
        ({"axes_dims_rope": 128}, "axes_dims_rope: not a list"),
        ({"pooled_projection_dim": 768}, "pooled_projection_dim must be the hidden size 1024"),
        ({"codebook_size": 8256}, "leaves no id beside codebook_size"),
        ({"patch_size": 2}, "patch_size: 2 is not computed here; only 1 is"),
        ({"guidance_embeds": True}, "guidance_embeds: True is not computed here"),
        ({"_class_name": "FluxTransformer2DModel"}, "describes 'FluxTransformer2DModel' where Transformer2DModel"),
        ({"temperature": 1}, "unknown 'temperature'"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_config_that_cannot_be_is_refused_by_name(change: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError) as refused:
        meissonic_config({**PUBLISHED, **change})
    assert told in str(refused.value)


def test_a_config_that_lacks_something_says_what() -> None:
    needed = [name for name in PUBLISHED if name not in ("guidance_embeds", "in_channels", "patch_size")]
    for name in needed:
        if not name.startswith("_"):
            with pytest.raises(ConfigError, match=f"missing {name}"):
                meissonic_config({key: value for key, value in PUBLISHED.items() if key != name})


def published_folder(path: Path, model: MeissonicTransformer, table: dict[str, Any]) -> dict[str, torch.Tensor]:
    """Writes a folder as it is published; returns its tensors."""
    (path / "config.json").write_text(json.dumps(table), "utf-8")
    state = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    save_file(state, path / "diffusion_pytorch_model.safetensors", metadata={"format": "pt"})
    return state


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16], ids=str)
def test_a_loaded_model_answers_as_the_saved_one(tmp_path: Path, dtype: torch.dtype) -> None:
    model = random_model(small()).half()
    published_folder(tmp_path, model, small())
    loaded = load_transformer(Folder(tmp_path), dtype)
    asked, model = question(4, 6), model.to(dtype)
    assert not loaded.training
    assert {(weight.dtype, weight.requires_grad) for weight in loaded.parameters()} == {(dtype, False)}
    assert torch.equal(
        loaded(asked.tokens, asked.prepared(loaded), [3]), model(asked.tokens, asked.prepared(model), [3])
    )


def test_the_half_precision_file_alone_will_do(tmp_path: Path) -> None:
    model = random_model(small()).half()
    published_folder(tmp_path, model, small())
    (tmp_path / "diffusion_pytorch_model.safetensors").rename(tmp_path / "diffusion_pytorch_model.fp16.safetensors")
    loaded = load_transformer(Folder(tmp_path))
    for name, tensor in model.state_dict().items():
        assert torch.equal(loaded.get_parameter(name), tensor.float())


def test_tensors_that_do_not_fit_are_named_five_of_them(tmp_path: Path) -> None:
    state = published_folder(tmp_path, random_model(small()), small())
    missing = sorted(name for name in state if ".ff." in name)[:4]
    for name in missing:
        del state[name]
    state["embed.conv.weight"] = state["embed.conv.weight"][:, :, 0]
    state["controlnet.weight"] = torch.zeros(2)
    save_file(state, tmp_path / "diffusion_pytorch_model.safetensors")
    with pytest.raises(CheckpointError, match="does not fit") as refused:
        load_transformer(Folder(tmp_path))
    assert set(refused.value.problems) == {
        *(f"{name}: missing" for name in missing),
        "embed.conv.weight: shape [24, 24, 1] where [24, 24, 1, 1] is needed",
        "controlnet.weight: not part of this model",
    }
    assert str(refused.value).endswith("; and 1 more")


def test_the_wrong_family_member_is_told_by_its_tensors(tmp_path: Path) -> None:
    published_folder(tmp_path, random_model(small(halved=False)), small(halved=True))
    with pytest.raises(CheckpointError) as refused:
        load_transformer(Folder(tmp_path))
    assert {problem.split(".")[0] for problem in refused.value.problems} == {"down_block", "up_block"}


def test_numbers_that_are_none_are_refused(tmp_path: Path) -> None:
    state = published_folder(tmp_path, random_model(small()), small())
    state["project_to_hidden.weight"][0, 0] = torch.nan
    save_file(state, tmp_path / "diffusion_pytorch_model.safetensors")
    with pytest.raises(CheckpointError, match=r"project_to_hidden\.weight: not finite"):
        load_transformer(Folder(tmp_path))


@pytest.mark.parametrize(
    ("text", "told"), [("{", "not JSON"), ("[1]", "not a JSON object"), ('{"num_layers": 3}', "config.json: ")]
)
def test_a_broken_config_names_its_file(tmp_path: Path, text: str, told: str) -> None:
    published_folder(tmp_path, random_model(small()), small())
    (tmp_path / "config.json").write_text(text, "utf-8")
    with pytest.raises(CheckpointError, match=told):
        load_transformer(Folder(tmp_path))


def test_a_folder_without_safetensors_is_refused(tmp_path: Path) -> None:
    published_folder(tmp_path, random_model(small()), small())
    (tmp_path / "diffusion_pytorch_model.safetensors").rename(tmp_path / "diffusion_pytorch_model.bin")
    with pytest.raises(CheckpointError, match=r"diffusion_pytorch_model\.safetensors: missing"):
        load_transformer(Folder(tmp_path))
