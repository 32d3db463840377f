"""Our VQGAN is the published one: the same keys and shapes, the same tokens of a picture, and of those its pixels."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import VQModel
from torch import Tensor

from muse_studio.muse.folder import CheckpointError, Folder
from muse_studio.weights import vq
from muse_studio.weights.vq import PublishedVQGAN, PublishedVQGANConfig, load_vqgan, read_vqgan_config
from tests.weights.theirs import PUBLISHED_VQ, SMALL_VQ, their_vqgan

TOLERANCE = 1e-5
SIZES = [(4, 4), (32, 32), (20, 36), (64, 8)]


def ours_of(theirs: VQModel) -> PublishedVQGAN:
    """Our network with their weights, every key of which it must have."""
    settings = {name: theirs.config[name] for name in PublishedVQGANConfig.__slots__}
    model = PublishedVQGAN(PublishedVQGANConfig(**settings))
    model.load_state_dict(theirs.state_dict(), strict=True)
    return model.eval().requires_grad_(False)


def pictures_of(size: tuple[int, int], count: int = 2) -> Tensor:
    return torch.rand(count, 3, *size, generator=torch.Generator().manual_seed(7))


def their_tokens(theirs: VQModel, pictures: Tensor) -> tuple[Tensor, Tensor]:
    """Features and tokens, as the public pipelines get them."""
    with torch.no_grad():
        features = theirs.encode(pictures).latents
        tokens = theirs.quantize(features)[2][2]
    return features, tokens.view(features.shape[0], *features.shape[2:])


def their_pictures(theirs: VQModel, tokens: Tensor) -> Tensor:
    """Of tokens, as the public pipelines get them."""
    shape = (*tokens.shape, theirs.config.latent_channels)
    with torch.no_grad():
        decoded: Tensor = theirs.decode(tokens, force_not_quantize=True, shape=shape).sample.clip(0, 1)
    return decoded


def compare(theirs: VQModel, ours: PublishedVQGAN, size: tuple[int, int], tolerance: float = TOLERANCE) -> str:
    """Asserts that both ways agree for pictures of this size; what was found, in words."""
    pictures = pictures_of(size)
    features, tokens = their_tokens(theirs, pictures)
    with torch.no_grad():
        feature_error = float((features - ours.features(pictures)).abs().max())
        own_tokens = ours.encode(pictures)
        pixels, own_pixels = their_pictures(theirs, tokens), ours.decode(tokens)
    pixel_error = float((pixels - own_pixels).abs().max())
    assert feature_error <= tolerance
    assert own_tokens.dtype is torch.int64
    assert own_tokens.equal(tokens)
    assert own_pixels.shape == pictures.shape
    assert pixel_error <= tolerance
    inside = float(((pixels > 0) & (pixels < 1)).float().mean())
    assert inside > 0.5, "most pixels are compared before they are clipped"
    kinds = len(tokens.unique())
    return f"{size}: features {feature_error:.1e}, {kinds} kinds of tokens equal, pixels {pixel_error:.1e}"


def test_the_published_sizes_have_the_published_keys_and_shapes() -> None:
    with torch.device("meta"):
        expected = VQModel(**PUBLISHED_VQ).state_dict()
        found = PublishedVQGAN(PublishedVQGANConfig()).state_dict()
    assert {key: tensor.shape for key, tensor in found.items()} == {
        key: tensor.shape for key, tensor in expected.items()
    }
    assert len(found) == 277
    assert sum(tensor.numel() for tensor in found.values()) == 146_244_675


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("code_dim", [None, 8], ids=["codes as wide as features", "narrower codes"])
def test_tokens_and_pictures_equal_the_published_networks(size: tuple[int, int], code_dim: int | None) -> None:
    theirs = their_vqgan() if code_dim is None else narrow_vqgan(code_dim)
    ours = ours_of(theirs)
    if code_dim is None:
        compare(theirs, ours, size)
        return
    features, tokens = their_tokens(theirs, pictures_of(size))
    assert float((features - ours.features(pictures_of(size))).abs().max()) <= TOLERANCE
    assert ours.encode(pictures_of(size)).equal(tokens)


def narrow_vqgan(code_dim: int) -> VQModel:
    return their_vqgan({**SMALL_VQ, "vq_embed_dim": code_dim})


def test_several_codes_are_used_so_that_equal_tokens_mean_something() -> None:
    assert len(their_tokens(their_vqgan(), pictures_of((64, 64)))[1].unique()) > 20


def test_the_comparison_sees_padding_on_the_other_side(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = their_vqgan()
    features, _ = their_tokens(theirs, pictures_of((32, 32)))
    monkeypatch.setattr(vq.Downsample, "forward", lambda self, x: self.conv(torch.nn.functional.pad(x, (1, 0, 1, 0))))
    assert float((features - ours_of(theirs).features(pictures_of((32, 32)))).abs().max()) > 0.01


def test_a_published_folder_loads_and_half_precision_is_never_computed_in(tmp_path: Path) -> None:
    theirs = their_vqgan()
    theirs.save_pretrained(tmp_path)
    ours = load_vqgan(Folder(tmp_path))
    assert ours.config.factor == 4
    compare(theirs, ours, (32, 32))
    with pytest.raises(ValueError, match="float16"):
        load_vqgan(Folder(tmp_path), torch.float16)
    rough = load_vqgan(Folder(tmp_path), torch.bfloat16)
    pixels = rough.decode(ours.encode(pictures_of((32, 32))))
    assert pixels.dtype is torch.float32
    assert float((pixels - ours.decode(ours.encode(pictures_of((32, 32))))).abs().mean()) < 0.02


def test_pictures_whose_sides_do_not_divide_are_refused() -> None:
    ours = ours_of(their_vqgan())
    for shape in ((1, 3, 30, 32), (1, 3, 32, 30), (1, 4, 32, 32), (3, 32, 32)):
        with pytest.raises(ValueError, match="sides divisible by 4"):
            ours.encode(torch.zeros(shape))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"_class_name": "AutoencoderKL"}, "VQModel is needed"),
        ({"mid_block_add_attention": True}, "mid_block_add_attention: True is not computed here"),
        ({"act_fn": "gelu"}, "act_fn: 'gelu' is not computed here"),
        ({"norm_type": "spatial"}, "norm_type: 'spatial' is not computed here"),
        ({"out_channels": 4}, "out_channels: 4 is not computed here"),
        ({"block_out_channels": []}, "block_out_channels are 1 to 8 numbers"),
        ({"block_out_channels": [16, 30, 32]}, "norm_num_groups does not divide"),
        ({"block_out_channels": 16}, "block_out_channels: not a list"),
        ({"down_block_types": ["AttnDownEncoderBlock2D"] * 3}, "down_block_types"),
        ({"up_block_types": ["UpDecoderBlock2D"] * 2}, "up_block_types"),
        ({"layers_per_block": -1}, "layers_per_block must be from 1"),
        ({"num_vq_embeddings": 2**40}, "num_vq_embeddings must be from 1"),
        ({"quantiser": "fsq"}, "unknown 'quantiser'"),
    ],
    ids=str,
)
def test_a_configuration_that_is_not_computed_here_is_refused_by_name(
    tmp_path: Path, change: dict[str, Any], told: str
) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"_class_name": "VQModel", **SMALL_VQ, **change}))
    with pytest.raises(CheckpointError) as caught:
        read_vqgan_config(Folder(tmp_path))
    assert told in str(caught.value)


def test_what_diffusers_writes_is_what_is_read(tmp_path: Path) -> None:
    VQModel(**SMALL_VQ).save_config(tmp_path)
    settings = {name: SMALL_VQ[name] for name in PublishedVQGANConfig.__slots__ if name in SMALL_VQ}
    assert read_vqgan_config(Folder(tmp_path)) == PublishedVQGANConfig(**settings)


@pytest.mark.skipif(not os.environ.get("MUSE_STUDIO_FULL_SIZE"), reason="2 GB and a minute; run by hand")
def test_tokens_and_pictures_of_the_full_size_equal_the_published_networks() -> None:
    theirs = their_vqgan(PUBLISHED_VQ)
    ours = ours_of(theirs)
    for size in ((256, 256), (192, 320)):
        print(compare(theirs, ours, size, 5 * TOLERANCE))
