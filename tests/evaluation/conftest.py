"""Tiny encoders in transformers' layout, and a few made-up drawings: no weights of anybody, no real pictures."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch

from muse_studio.training.data.hues import hue_stats
from muse_studio.training.data.landscapes import HEIGHT_PX, WIDTH_PX, landscape_table
from muse_studio.training.data.table import load_table
from tests.quiet import quiet_and_single_threaded  # noqa: F401 - a fixture of every test here

WORDS = {"[end]": 0, "a": 1, "fox": 2, "cat": 3, "on": 4, "white": 5, "[unknown]": 6}
TOWER = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
EYE = TOWER | {"image_size": 32, "patch_size": 8}


@pytest.fixture(scope="session")
def clip_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random CLIP that reads seven words."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import CLIPConfig, CLIPModel

    folder = tmp_path_factory.mktemp("encoders") / "tiny-clip"
    ends = {"vocab_size": len(WORDS), "max_position_embeddings": 8, "eos_token_id": 0, "bos_token_id": 1}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        CLIPModel(CLIPConfig(text_config=TOWER | ends, vision_config=EYE, projection_dim=12)).save_pretrained(folder)
    tokenizer = Tokenizer(models.WordLevel(WORDS, "[unknown]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(single="$A [end]", special_tokens=[("[end]", 0)])
    (folder / "tokenizer.json").write_text(tokenizer.to_str())
    return folder


@pytest.fixture(scope="session")
def vit_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random ViT without a pooler."""
    from transformers import ViTConfig, ViTModel

    folder = tmp_path_factory.mktemp("encoders") / "tiny-vit"
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(4)
        ViTModel(ViTConfig(**EYE), add_pooling_layer=False).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that looks built: every drawing of three things, each thing a square of its own colour."""
    colours = {"fox": (230, 90, 20), "frog": (40, 180, 60), "mushroom": (200, 30, 60)}
    folder = tmp_path_factory.mktemp("drawn")
    home = folder / "reduced"
    home.mkdir()
    chosen = [drawing for drawing in load_table("reduced") if drawing.label in colours]
    pixels = np.zeros((len(chosen), 256, 256, 4), np.uint8)
    for row, drawing in enumerate(chosen):
        pixels[row, 16:240, 16:240] = (*colours[drawing.label], 255)
    np.save(home / "pixels-256.npy", pixels)
    np.save(home / "pixels-512.npy", pixels.repeat(2, 1).repeat(2, 2))
    rows = [
        {"row": row, "pack": drawing.pack, "icon": drawing.icon, "colour": asdict(hue_stats(pixels[row]))}
        for row, drawing in enumerate(chosen)
    ]
    (home / "index.json").write_text(json.dumps({"format": 1, "drawings": rows}), encoding="utf-8")
    shutil.copytree(home, folder / "wide")
    shape = (len(landscape_table()), HEIGHT_PX, WIDTH_PX, 3)
    np.lib.format.open_memmap(folder / "landscapes.npy", mode="w+", dtype=np.uint8, shape=shape)
    return folder
