"""Cascades by name: the paper's sizes as configurations, and a tiny random one for tests and first steps.

The paper gives no layer table for its 632M + 268M pair (Table 6's sizes come to 0.74B), so `muse_900m` is ours: chosen
to give these parameter counts with heads 64 wide and, in super-resolution, MLPs four times the hidden size.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import torch
from tokenizers import Tokenizer
from torch import nn

from muse_studio.muse.base import BaseTransformer
from muse_studio.muse.config import (
    BaseConfig,
    CascadeConfig,
    Defaults,
    SuperResConfig,
    TextEncoderConfig,
    VQGANConfig,
)
from muse_studio.muse.plans import StagePlan
from muse_studio.muse.superres import SuperResTransformer
from muse_studio.muse.text import TextEncoder
from muse_studio.muse.vqgan import VQGAN

if TYPE_CHECKING:
    from muse_studio.muse.cascade import Cascade

T5_XXL = TextEncoderConfig("google/t5-v1_1-xxl", 4096)
PAPER_CODEBOOK = 8192
PAPER_PLANS = Defaults(StagePlan(steps=24), StagePlan(steps=8))


def muse_900m() -> CascadeConfig:
    """632M base + 268M super-resolution, the paper's CC3M sizes; the layer tables are ours."""
    base = BaseConfig(hidden=1280, layers=24, mlp=4704, text_width=T5_XXL.width, codebook_size=PAPER_CODEBOOK)
    superres = SuperResConfig(hidden=768, lowres_layers=8, layers=20, mlp=3072, text_width=T5_XXL.width)
    return _paper_cascade("muse-900m", base, superres)


def muse_3b() -> CascadeConfig:
    """The paper's largest: base by Table 4, super-resolution by Table 6."""
    base = BaseConfig(hidden=2048, layers=48, mlp=8192, text_width=T5_XXL.width, codebook_size=PAPER_CODEBOOK)
    superres = SuperResConfig(hidden=1024, lowres_layers=16, layers=32, mlp=4096, text_width=T5_XXL.width)
    return _paper_cascade("muse-3b", base, superres)


def _paper_cascade(name: str, base: BaseConfig, superres: SuperResConfig) -> CascadeConfig:
    """Both tokenizers as appendix A.2 has them: width 128, two blocks per resolution, 8,192 codes."""
    return CascadeConfig(
        name=name,
        text_encoder=T5_XXL,
        base_vqgan=VQGANConfig(factor=16, codebook_size=PAPER_CODEBOOK, multipliers=(1, 1, 2, 2, 4)),
        superres_vqgan=VQGANConfig(factor=8, codebook_size=PAPER_CODEBOOK, multipliers=(1, 1, 2, 4), preview_patch=4),
        base=base,
        superres=superres,
        defaults=PAPER_PLANS,
    )


def finetuned_decoder(config: VQGANConfig) -> VQGANConfig:
    """`config` with the larger decoder the paper trains afterwards: four blocks per resolution, width 256. Muse 2.5."""
    return replace(config, decoder_blocks=4, decoder_width=256)


def tiny(*, merge: int = 1, align: bool = False, draft: bool = False) -> CascadeConfig:
    """A cascade of 183,000 parameters with every part of a real one, 256 and 512 pixels included, for tests."""
    codebook = 32
    vqgan = VQGANConfig(
        factor=16, codebook_size=codebook, code_dim=8, width=16, multipliers=(1, 1, 1), encoder_blocks=1,
        decoder_blocks=1, stem="patchify", patch=4,
    )  # fmt: skip
    fine = VQGANConfig(
        factor=8, codebook_size=codebook, code_dim=8, width=16, multipliers=(1, 1), encoder_blocks=1,
        decoder_blocks=1, stem="patchify", patch=4, preview_patch=4,
    )  # fmt: skip
    base = BaseConfig(hidden=32, layers=2, mlp=64, text_width=32, codebook_size=codebook, head_width=16)
    superres = SuperResConfig(
        hidden=32, lowres_layers=1, layers=2, mlp=64, text_width=32, codebook_size=codebook,
        lowres_codebook_size=codebook, head_width=16, merge=merge, align=align, draft=draft, code_dim=8,
    )  # fmt: skip
    defaults = Defaults(StagePlan(steps=4, guidance=2.0), StagePlan(steps=2, guidance=1.0))
    return CascadeConfig("tiny", TextEncoderConfig("text_encoder", 32), vqgan, fine, base, superres, defaults)


PRESETS: Mapping[str, Callable[[], CascadeConfig]] = {"tiny": tiny, "muse-900m": muse_900m, "muse-3b": muse_3b}


def build_modules(config: CascadeConfig) -> dict[str, nn.Module]:
    """The four trained parts under the names their files have, randomly initialised; under a meta device, for free."""
    return {
        "base": BaseTransformer(config.base),
        "superres": SuperResTransformer(config.superres),
        "base_vqgan": VQGAN(config.base_vqgan),
        "superres_vqgan": VQGAN(config.superres_vqgan),
    }


def parameter_counts(config: CascadeConfig) -> dict[str, int]:
    """Parameters of each trained part, counted on the meta device."""
    with torch.device("meta"):
        modules = build_modules(config)
    return {name: sum(parameter.numel() for parameter in module.parameters()) for name, module in modules.items()}


def build_random(config: CascadeConfig | None = None, seed: int = 0) -> Cascade:
    """A cascade of random weights on the CPU, the same for the same seed: `tiny()` unless a configuration is given.

    Its text encoder is `random_text_encoder`, whatever the configuration names, of the width it names.
    """
    from muse_studio.muse.cascade import Cascade

    config = config or tiny()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        text = random_text_encoder(config.text_encoder.width, config.text_encoder.length)
        return Cascade(config, build_modules(config), text)


_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789.,!?'-"
_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")


def random_text_encoder(width: int = 32, length: int = 128, kind: str = "bert") -> TextEncoder:
    """A two-layer encoder with random weights and a tokenizer of letters, from torch's own random state.

    kind: "bert" or "t5". Nothing is fetched.
    """
    from transformers import BertConfig, BertModel, T5Config, T5EncoderModel

    tokenizer = _letter_tokenizer()
    vocabulary = tokenizer.get_vocab_size()
    if kind == "t5":
        settings = {"d_model": width, "d_kv": 8, "d_ff": 2 * width, "num_layers": 2, "num_heads": 2}
        model: nn.Module = T5EncoderModel(T5Config(vocab_size=vocabulary, pad_token_id=0, **settings))
    else:
        settings = {"hidden_size": width, "num_hidden_layers": 2, "num_attention_heads": 2}
        sizes = {"intermediate_size": 2 * width, "max_position_embeddings": max(length, 8)}
        config = BertConfig(vocab_size=vocabulary, pad_token_id=0, **settings, **sizes)
        model = BertModel(config, add_pooling_layer=False)
    return TextEncoder(model, tokenizer, length=length, pad_id=0)


def _letter_tokenizer() -> Tokenizer:
    """A WordPiece tokenizer that spells every word in letters; what is not a letter of it is [UNK]."""
    from tokenizers import models, normalizers, pre_tokenizers, processors

    pieces = [*_SPECIAL, *_ALPHABET, *(f"##{letter}" for letter in _ALPHABET)]
    vocabulary = {piece: index for index, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    ends = [(token, vocabulary[token]) for token in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ends)
    return tokenizer
