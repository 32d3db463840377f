"""Whole folders as published checkpoints are laid out, small and random: one function for each family."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from diffusers import AmusedPipeline, AmusedScheduler
from safetensors.torch import save_file
from transformers import CLIPTokenizer

from tests.weights.meissonic_cases import random_model, small
from tests.weights.test_clip import store_model, store_tokenizer
from tests.weights.theirs import SMALL, SMALL_VQ, their_transformer, their_vqgan

CODES = 72
CELL_VQ: dict[str, Any] = {
    **SMALL_VQ, "block_out_channels": (4, 4, 8, 8, 16), "norm_num_groups": 4,
    "down_block_types": ("DownEncoderBlock2D",) * 5, "up_block_types": ("UpDecoderBlock2D",) * 5,
}  # fmt: skip
"""Of whose tokens each stands for 16 x 16 pixels, as the published ones do."""
OWN_256: dict[str, Any] = {**SMALL, "sample_size": 16}
OWN_512: dict[str, Any] = {**SMALL, "sample_size": 32, "downsample": True, "upsample": True}


def store_amused(folder: Path, settings: dict[str, Any], vq: dict[str, Any] | None = None) -> AmusedPipeline:
    """A random checkpoint in the folder `model` of this one, and the public pipeline that reads it."""
    text = store_model(folder / "text", store_tokenizer(folder / "words"))
    settings = {
        **settings,
        "encoder_hidden_size": text.config.hidden_size,
        "cond_embed_dim": text.config.projection_dim,
    }
    transformer = their_transformer(settings)
    transformer.mlm_layer.conv2.weight.mul_(0.15)
    pipeline = AmusedPipeline(
        vqvae=their_vqgan(CELL_VQ if vq is None else vq),
        tokenizer=CLIPTokenizer.from_pretrained(folder / "words", local_files_only=True),
        text_encoder=text, transformer=transformer,
        scheduler=AmusedScheduler(mask_token_id=settings["vocab_size"] - 1),
    )  # fmt: skip
    pipeline.set_progress_bar_config(disable=True)
    pipeline.save_pretrained(folder / "model")
    return pipeline


def store_meissonic(folder: Path, *, halved: bool) -> Path:
    """A random checkpoint of Meissonic's kind, or of Monetico's, in the folder `model` of this one."""
    model = folder / "model"
    text = store_model(model / "text_encoder", store_tokenizer(folder / "words"))
    (folder / "words").rename(model / "tokenizer")
    their_vqgan(CELL_VQ).save_pretrained(model / "vqvae")
    table = {
        **small(halved=halved), "codebook_size": CODES, "vocab_size": CODES + 8,
        "joint_attention_dim": text.config.hidden_size,
    }  # fmt: skip
    network = random_model(table)
    network.mlm_layer.conv2.weight.mul_(0.15)
    (model / "transformer").mkdir()
    (model / "transformer" / "config.json").write_text(json.dumps(table))
    state = {name: tensor.contiguous() for name, tensor in network.state_dict().items()}
    save_file(state, model / "transformer" / "diffusion_pytorch_model.safetensors", metadata={"format": "pt"})
    (model / "scheduler").mkdir()
    scheduler = {"_class_name": "Scheduler", "mask_token_id": CODES + 7, "masking_schedule": "cosine"}
    (model / "scheduler" / "scheduler_config.json").write_text(json.dumps(scheduler))
    index = {
        "_class_name": "Pipeline", "scheduler": ["scheduler", "Scheduler"], "vqvae": ["diffusers", "VQModel"],
        "text_encoder": ["transformers", "CLIPTextModelWithProjection"], "tokenizer": ["transformers", "CLIPTokenizer"],
        "transformer": ["transformer", "Transformer2DModel"],
    }  # fmt: skip
    (model / "model_index.json").write_text(json.dumps(index))
    return model


FAMILIES = ("amused 256", "amused 512", "meissonic", "monetico")


def stored(folder: Path, family: str) -> Path:
    """A small random checkpoint of one of FAMILIES, in the folder `model` of this one."""
    if family.startswith("amused"):
        store_amused(folder, OWN_256 if family.endswith("256") else OWN_512)
        return folder / "model"
    return store_meissonic(folder, halved=family == "meissonic")
