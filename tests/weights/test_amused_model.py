"""A whole folder as the public pipeline saves it: the same tokens and the same picture of the same prompts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import AmusedPipeline, AmusedScheduler
from transformers import CLIPTokenizer

from muse_studio.core.geometry import Extent
from muse_studio.muse.folder import CheckpointError
from muse_studio.muse.plans import StagePlan
from muse_studio.weights.amused_model import AmusedModel
from tests.weights.noise import share_noise
from tests.weights.test_clip import store_model, store_tokenizer
from tests.weights.theirs import SMALL, SMALL_512, their_transformer, their_vqgan

PROMPTS, NEGATIVES, SEEDS = ["a fox", "12 foxes"], ["", "a box"], (21, 22)


def store(folder: Path, settings: dict[str, Any]) -> AmusedPipeline:
    """A random checkpoint in `folder`, and the public pipeline that reads it."""
    text = store_model(folder / "text", store_tokenizer(folder / "words"))
    settings = {
        **settings,
        "encoder_hidden_size": text.config.hidden_size,
        "cond_embed_dim": text.config.projection_dim,
    }
    transformer = their_transformer(settings)
    transformer.mlm_layer.conv2.weight.mul_(0.15)
    pipeline = AmusedPipeline(
        vqvae=their_vqgan(), tokenizer=CLIPTokenizer.from_pretrained(folder / "words", local_files_only=True),
        text_encoder=text, transformer=transformer,
        scheduler=AmusedScheduler(mask_token_id=settings["vocab_size"] - 1),
    )  # fmt: skip
    pipeline.set_progress_bar_config(disable=True)
    pipeline.save_pretrained(folder / "model")
    return pipeline


@pytest.mark.parametrize("settings", [SMALL, SMALL_512], ids=["256", "512"])
@pytest.mark.parametrize("extent", [None, Extent(48, 24)], ids=["own size", "48 x 24"])
def test_prompts_become_the_pictures_of_the_public_pipeline(
    tmp_path: Path, settings: dict[str, Any], extent: Extent | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = store(tmp_path, settings)
    model = AmusedModel.load(tmp_path / "model")
    assert model.own_extent == Extent(32, 32)
    plan = StagePlan(steps=9, guidance=3.0, temperature=2.0)
    steps = list(model.generate(PROMPTS, SEEDS, negatives=NEGATIVES, extent=extent, plan=plan))
    pictures = model.pictures(steps[-1].tokens)

    shape = torch.Size((2, *model.grid(extent or model.own_extent)))
    share_noise(monkeypatch, SEEDS, shape)
    sides = {} if extent is None else {"width": extent.width, "height": extent.height}
    options = {"negative_prompt": NEGATIVES, "num_inference_steps": 9, "guidance_scale": 4.0, **sides}
    expected = pipeline(PROMPTS, output_type="pt", **options).images
    assert pictures.shape == expected.shape
    assert float((pictures - expected).abs().max()) <= 1e-5
    assert len(steps[-1].tokens.unique()) > 15
    assert steps[-1].known.all()


def test_a_picture_depends_on_its_own_prompt_and_seed_alone(tmp_path: Path) -> None:
    store(tmp_path, SMALL)
    model = AmusedModel.load(tmp_path / "model")
    together = list(model.generate(PROMPTS, SEEDS))[-1].tokens
    alone = list(model.generate(PROMPTS[1:], SEEDS[1:]))[-1].tokens
    assert together[1:].equal(alone)
    assert not list(model.generate(PROMPTS[1:], SEEDS[:1]))[-1].tokens.equal(alone)
    assert not list(model.generate(PROMPTS[:1], SEEDS[1:]))[-1].tokens.equal(alone)


def test_sizes_that_the_network_cannot_make_are_refused(tmp_path: Path) -> None:
    store(tmp_path, SMALL_512)
    model = AmusedModel.load(tmp_path / "model")
    for extent in (Extent(30, 32), Extent(32, 36), Extent(0, 32)):
        with pytest.raises(ValueError, match="multiples of 8 pixels"):
            model.generate(PROMPTS, SEEDS, extent=extent)
    with pytest.raises(ValueError, match="2 prompts and 1 seeds"):
        model.generate(PROMPTS, SEEDS[:1])
    with pytest.raises(ValueError, match="2 prompts and 1 negative"):
        model.generate(PROMPTS, SEEDS, negatives=["a box"])


@pytest.mark.parametrize(
    ("file", "change", "told"),
    [
        ("scheduler/scheduler_config.json", {"mask_token_id": 72}, "mask_token_id is 72"),
        ("vqvae/config.json", {"num_vq_embeddings": 70}, "predicts 72 tokens and the VQGAN has 70"),
        ("transformer/config.json", {"cond_embed_dim": 23}, "texts of another width"),
        ("transformer/config.json", {"encoder_hidden_size": 31}, "texts of another width"),
    ],
    ids=str,
)
def test_parts_that_do_not_fit_each_other_are_refused(
    tmp_path: Path, file: str, change: dict[str, Any], told: str
) -> None:
    store(tmp_path, SMALL)
    path = tmp_path / "model" / file
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(CheckpointError) as caught:
        AmusedModel.load(tmp_path / "model")
    assert told in str(caught.value)


@pytest.mark.parametrize("part", ["text_encoder", "tokenizer", "transformer", "vqvae", "scheduler"])
def test_a_missing_part_is_named(tmp_path: Path, part: str) -> None:
    store(tmp_path, SMALL)
    (tmp_path / "model" / part).rename(tmp_path / "gone")
    with pytest.raises(CheckpointError, match=part):
        AmusedModel.load(tmp_path / "model")
