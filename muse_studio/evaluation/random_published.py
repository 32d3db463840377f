"""A published folder of random weights, of the true shapes or of small ones: what is timed where no checkpoint is.

Every weight is random, and as large as it must be for numbers to stay what they are in a trained network; so every
product is computed and every token drawn. Knows nothing of time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from muse_studio.weights.amused import AmusedTransformer
from muse_studio.weights.amused_config import AmusedConfig
from muse_studio.weights.vq import PublishedVQGAN, PublishedVQGANConfig

CLIP_L: Mapping[str, int] = {
    "vocab_size": 49408, "hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12,
    "num_attention_heads": 12, "projection_dim": 768, "max_position_embeddings": 77,
}  # fmt: skip
WORDS = ("fo", "fox</w>", "<|startoftext|>", "<|endoftext|>")


@dataclass(frozen=True, slots=True)
class Shapes:
    """The sizes of the three networks; the defaults are those of aMUSEd-512."""

    transformer: AmusedConfig = field(
        default_factory=lambda: AmusedConfig(downsample=True, upsample=True, sample_size=32)
    )
    vqgan: PublishedVQGANConfig = field(default_factory=PublishedVQGANConfig)
    text: Mapping[str, int] = field(default_factory=lambda: CLIP_L)


def small_shapes() -> Shapes:
    """The same kinds of layers a hundred times as narrow, for tests."""
    transformer = AmusedConfig(
        hidden_size=64, num_hidden_layers=2, num_attention_heads=4, intermediate_size=112, in_channels=40,
        block_out_channels=48, num_res_blocks=1, block_num_heads=3, downsample=True, upsample=True, vocab_size=80,
        codebook_size=72, encoder_hidden_size=32, cond_embed_dim=24, micro_cond_encode_dim=16, micro_cond_embed_dim=80,
        sample_size=32,
    )  # fmt: skip
    vqgan = PublishedVQGANConfig((4, 4, 8, 8, 16), 1, 12, 72, norm_num_groups=4)
    text = {
        "vocab_size": 300, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2,
        "num_attention_heads": 4, "projection_dim": 24, "max_position_embeddings": 20,
    }  # fmt: skip
    return replace(Shapes(), transformer=transformer, vqgan=vqgan, text=text)


def write_random_folder(folder: Path, shapes: Shapes) -> None:
    """A folder that the public pipeline and ours both load. Of the true shapes it takes 3.5 GB."""
    from transformers import CLIPTextConfig, CLIPTextModelWithProjection

    text = {**shapes.text, "bos_token_id": 0, "eos_token_id": shapes.text["vocab_size"] - 1}
    with torch.device("meta"):
        encoder = CLIPTextModelWithProjection(CLIPTextConfig(**text))
        transformer, vqgan = AmusedTransformer(shapes.transformer), PublishedVQGAN(shapes.vqgan)
    _store(folder / "transformer", transformer, 1, {"_class_name": "UVit2DModel", **asdict(shapes.transformer)})
    settings = {**asdict(shapes.vqgan), "lookup_from_codebook": True, "mid_block_add_attention": False}
    _store(folder / "vqvae", vqgan, 2, {"_class_name": "VQModel", **settings})
    told = {"architectures": ["CLIPTextModelWithProjection"], "model_type": "clip_text_model", **text}
    _store(folder / "text_encoder", encoder, 3, told, "model.safetensors")
    _store_words(folder / "tokenizer", shapes.text["max_position_embeddings"])
    scheduler = {"_class_name": "AmusedScheduler", "mask_token_id": shapes.transformer.vocab_size - 1}
    index = {
        "_class_name": "AmusedPipeline", "scheduler": ["diffusers", "AmusedScheduler"],
        "text_encoder": ["transformers", "CLIPTextModelWithProjection"], "tokenizer": ["transformers", "CLIPTokenizer"],
        "transformer": ["diffusers", "UVit2DModel"], "vqvae": ["diffusers", "VQModel"],
    }  # fmt: skip
    _write(folder / "scheduler" / "scheduler_config.json", scheduler)
    _write(folder / "model_index.json", index)


def _store(
    folder: Path,
    module: nn.Module,
    seed: int,
    config: dict[str, Any],
    name: str = "diffusion_pytorch_model.safetensors",
) -> None:
    _write(folder / "config.json", config)
    noise = torch.Generator().manual_seed(seed)
    state = {name: _random(name, tensor, noise) for name, tensor in module.state_dict().items()}
    save_file(state, folder / name, metadata={"format": "pt"})


def _random(name: str, meant: Tensor, noise: torch.Generator) -> Tensor:
    """Matrices keep the size of what they multiply; gains are about 1, all else about 0; logits are far from even."""
    numbers = torch.randn(meant.shape, generator=noise)
    if name.endswith(("gamma", "beta", "bias")):
        return numbers.mul_(0.1)
    if meant.ndim == 1:
        return numbers.mul_(0.1).add_(1)
    if "embed" in name and meant.ndim == 2:
        return numbers
    return numbers.mul_(meant[0].numel() ** -0.5)


def _store_words(folder: Path, length: int) -> None:
    letters = [chr(code) for code in range(33, 127)]
    words = [*letters, *(f"{letter}</w>" for letter in letters), *WORDS]
    _write(folder / "vocab.json", {word: number for number, word in enumerate(words)})
    (folder / "merges.txt").write_text("#version: 0.2\nf o\nfo x</w>\n")
    _write(folder / "tokenizer_config.json", {"model_max_length": length, "tokenizer_class": "CLIPTokenizer"})


def _write(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
