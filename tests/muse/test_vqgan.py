"""The tokenizer: any resolution, tokens of its codebook, and both stems."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from muse_studio.muse.config import VQGANConfig
from muse_studio.muse.presets import finetuned_decoder, muse_3b, tiny
from muse_studio.muse.vqgan import VQGAN, draft_tokens

CONV = VQGANConfig(
    factor=8, codebook_size=16, code_dim=4, width=8, multipliers=(1, 1, 2, 2), encoder_blocks=1, decoder_blocks=1,
    preview_patch=2,
)  # fmt: skip
PATCHED = tiny().base_vqgan
LINEAR = replace(PATCHED, linear_path=True)
CONFIGS = {"conv": CONV, "patchify": PATCHED, "linear path": LINEAR, "large decoder": replace(CONV, decoder_width=16)}


def build(config: VQGANConfig) -> VQGAN:
    torch.manual_seed(0)
    return VQGAN(config).eval().requires_grad_(False)


@pytest.fixture(scope="module", params=CONFIGS.values(), ids=CONFIGS.keys())
def vqgan(request: pytest.FixtureRequest) -> VQGAN:
    return build(request.param)


@settings(max_examples=12, deadline=None)
@given(st.integers(1, 5), st.integers(1, 5), st.integers(1, 2))
def test_a_picture_of_any_size_becomes_tokens_and_a_picture_again(vqgan: VQGAN, h: int, w: int, batch: int) -> None:
    factor, patch = vqgan.config.factor, vqgan.config.preview_patch
    tokens = vqgan.encode(torch.rand(batch, 3, h * factor, w * factor))
    assert tokens.shape == (batch, h, w)
    assert tokens.dtype == torch.int64
    assert tokens.min() >= 0
    assert tokens.max() < vqgan.config.codebook_size
    picture = vqgan.decode(tokens)
    assert picture.shape == (batch, 3, h * factor, w * factor)
    assert picture.dtype == torch.float32
    assert picture.min() >= 0
    assert picture.max() <= 1
    preview = vqgan.preview(tokens)
    assert preview.shape == (batch, h * patch, w * patch, 3)
    assert preview.dtype == torch.uint8


@pytest.mark.parametrize("shape", [(3, 16, 16), (1, 3, 17, 16), (1, 3, 16, 8 + 1), (1, 4, 16, 16), (1, 3, 16)])
def test_pictures_of_a_wrong_shape_are_refused(vqgan: VQGAN, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="divisible by"):
        vqgan.encode(torch.rand(shape))


def test_a_token_is_the_nearest_code(vqgan: VQGAN) -> None:
    features = torch.randn(2, vqgan.config.code_dim, 3, 3)
    quantised = vqgan.quantise(features)
    flat = features.permute(0, 2, 3, 1).reshape(-1, vqgan.config.code_dim)
    nearest = torch.cdist(flat.double(), vqgan.codebook.double()).argmin(1)
    assert torch.equal(quantised.tokens.flatten(), nearest)
    assert torch.equal(quantised.codes.permute(0, 2, 3, 1).reshape(flat.shape), vqgan.codebook[nearest])
    assert torch.equal(vqgan.quantise(quantised.codes).tokens, quantised.tokens)


def test_rows_of_a_batch_do_not_touch(vqgan: VQGAN) -> None:
    side = 2 * vqgan.config.factor
    pictures = torch.rand(3, 3, side, side)
    together = vqgan.encode(pictures)
    for row in range(3):
        assert torch.equal(vqgan.encode(pictures[row : row + 1])[0], together[row])


def test_the_tokenizer_is_convolutional_throughout(vqgan: VQGAN) -> None:
    """No attention, and no place where a picture's size is written down: a strip encodes too. Muse 2.2."""
    factor = vqgan.config.factor
    picture = torch.rand(1, 3, factor, 12 * factor)
    with torch.no_grad():
        reached = vqgan.encoder(picture).shape
    assert reached == (1, vqgan.config.code_dim, 1, 12)
    assert not any("attention" in name.lower() for name, _ in vqgan.named_modules())


def test_the_decoder_can_be_trained_alone() -> None:
    vqgan = VQGAN(CONV)
    loss = (
        vqgan.decode(torch.randint(16, (1, 2, 2))).mean()
        + vqgan.preview_head(vqgan.look_up(torch.zeros(1, 2, 2, dtype=torch.int64))).mean()
    )
    loss.backward()
    assert all(parameter.grad is not None for parameter in vqgan.decoder.parameters())
    assert all(parameter.grad is None for parameter in vqgan.encoder.parameters())


def test_the_papers_tokenizers_have_two_blocks_and_the_finetuned_decoder_four() -> None:
    for config in (muse_3b().base_vqgan, muse_3b().superres_vqgan):
        with torch.device("meta"):
            plain, finetuned = VQGAN(config), VQGAN(finetuned_decoder(config))
        levels = len(config.multipliers)

        def blocks(part: torch.nn.Module) -> int:
            return sum(type(module).__name__ == "ResidualBlock" for module in part.modules())

        assert (blocks(plain.encoder), blocks(plain.decoder)) == (2 * levels, 2 * levels)
        assert (blocks(finetuned.encoder), blocks(finetuned.decoder)) == (2 * levels, 4 * levels)
        same = {name: tensor.shape for name, tensor in plain.encoder.state_dict().items()}
        assert same == {name: tensor.shape for name, tensor in finetuned.encoder.state_dict().items()}
        assert plain.codebook.shape == finetuned.codebook.shape


def test_a_draft_is_the_enlarged_picture_tokenized_again() -> None:
    torch.manual_seed(0)
    config = tiny()
    coarse, fine = VQGAN(config.base_vqgan).eval(), VQGAN(config.superres_vqgan).eval()
    tokens = torch.randint(32, (2, 3, 5))
    with torch.no_grad():
        draft = draft_tokens(coarse, fine, tokens)
        enlarged = torch.nn.functional.interpolate(coarse.decode(tokens), size=(96, 160), mode="bicubic").clamp(0, 1)
        assert draft.shape == (2, 12, 20)
        assert (draft == fine.encode(enlarged)).float().mean() > 0.99
