"""The published networks as diffusers builds them, with random weights: what ours are compared with.

Every weight is random, those too that a fresh network begins with at zero or one: a rule about a weight that is zero
cannot be seen to be broken.
"""

from __future__ import annotations

from typing import Any

import torch
from diffusers import UVit2DModel, VQModel
from torch import nn

PUBLISHED_256: dict[str, Any] = {
    "hidden_size": 1024, "num_hidden_layers": 22, "num_attention_heads": 16, "intermediate_size": 2816,
    "in_channels": 768, "block_out_channels": 768, "num_res_blocks": 3, "block_num_heads": 12,
    "downsample": False, "upsample": False, "vocab_size": 8256, "codebook_size": 8192,
    "encoder_hidden_size": 768, "cond_embed_dim": 768, "micro_cond_encode_dim": 256, "micro_cond_embed_dim": 1280,
    "layer_norm_eps": 1e-6, "sample_size": 16,
}  # fmt: skip
PUBLISHED_512: dict[str, Any] = {**PUBLISHED_256, "downsample": True, "upsample": True, "sample_size": 32}
PUBLISHED_VQ: dict[str, Any] = {
    "block_out_channels": (128, 256, 256, 512, 768), "layers_per_block": 2, "latent_channels": 64,
    "num_vq_embeddings": 8192, "norm_num_groups": 32, "mid_block_add_attention": False, "lookup_from_codebook": True,
    "down_block_types": ("DownEncoderBlock2D",) * 5, "up_block_types": ("UpDecoderBlock2D",) * 5, "force_upcast": True,
}  # fmt: skip
SMALL: dict[str, Any] = {
    "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 112, "in_channels": 40,
    "block_out_channels": 48, "num_res_blocks": 2, "block_num_heads": 3, "vocab_size": 80, "codebook_size": 72,
    "encoder_hidden_size": 32, "cond_embed_dim": 24, "micro_cond_encode_dim": 16, "micro_cond_embed_dim": 80,
    "sample_size": 8,
}  # fmt: skip
SMALL_512: dict[str, Any] = {**SMALL, "downsample": True, "upsample": True}
ONE_WIDTH: dict[str, Any] = {**SMALL, "block_out_channels": 64, "block_num_heads": 4}
SMALL_VQ: dict[str, Any] = {
    "block_out_channels": (16, 32, 32), "layers_per_block": 2, "latent_channels": 12, "num_vq_embeddings": 72,
    "norm_num_groups": 8, "mid_block_add_attention": False, "lookup_from_codebook": True,
    "down_block_types": ("DownEncoderBlock2D",) * 3, "up_block_types": ("UpDecoderBlock2D",) * 3,
}  # fmt: skip


@torch.no_grad()
def shuffle(module: nn.Module, seed: int) -> None:
    """Random numbers for every weight: matrices keep the size of what they multiply, all others are about 1, or 0."""
    generator = torch.Generator().manual_seed(seed)
    for name, weight in module.named_parameters():
        noise = torch.randn(weight.shape, generator=generator)
        if name.endswith(("gamma", "beta", "bias")):
            weight.copy_(0.3 * noise)
        elif weight.ndim == 1:
            weight.copy_(1 + 0.2 * noise)
        elif "embedding" in name:
            weight.copy_(noise)
        else:
            weight.copy_(noise * (weight[0].numel() ** -0.5))


def their_transformer(settings: dict[str, Any], seed: int = 3) -> UVit2DModel:
    """A random transformer in float32."""
    model = UVit2DModel(**settings)
    shuffle(model, seed)
    return model.eval().requires_grad_(False)


def their_vqgan(settings: dict[str, Any] = SMALL_VQ, seed: int = 4) -> VQModel:
    """A random tokenizer in float32, whose pictures lie mostly within [0, 1], and whose codes lie where features do."""
    model = VQModel(**settings)
    shuffle(model, seed)
    with torch.no_grad():
        model.decoder.conv_out.weight.mul_(0.2)
        model.decoder.conv_out.bias.fill_(0.5)
        factor = 2 ** (len(settings["block_out_channels"]) - 1)
        noise = torch.Generator().manual_seed(seed)
        features = model.encode(torch.rand(1, 3, 8 * factor, 8 * factor, generator=noise)).latents
        spread, centre = torch.std_mean(features, (0, 2, 3))
        model.quantize.embedding.weight.mul_(spread).add_(centre)
    return model.eval().requires_grad_(False)


def prompt(settings: dict[str, Any], count: int, length: int = 7, seed: int = 5) -> tuple[torch.Tensor, torch.Tensor]:
    """Random text states [count, length, width] and pooled vectors [count, width]."""
    noise = torch.Generator().manual_seed(seed)
    states = torch.randn(count, length, settings["encoder_hidden_size"], generator=noise)
    return states, torch.randn(count, settings["cond_embed_dim"], generator=noise)
