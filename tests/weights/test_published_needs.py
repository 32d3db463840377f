"""What the window reckons of a published cascade before it happens is what the worker reckons when it does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import torch

from muse_studio.core import needs
from muse_studio.core.needs import Outcome, forecast
from muse_studio.core.offers import OfferKind
from muse_studio.core.published_folder import read_published
from muse_studio.weights.amused_config import AmusedConfig
from muse_studio.weights.meissonic import MeissonicConfig
from muse_studio.weights.network import NetworkFacts
from muse_studio.weights.published_folder import load_published
from muse_studio.weights.published_memory import decode_bytes, picture_bytes
from muse_studio.weights.vq import PublishedVQGANConfig
from tests.weights.published_folders import FAMILIES, stored

MEISSONIC: dict[str, Any] = {
    "attention_head_dim": 128, "num_attention_heads": 8, "num_layers": 14, "num_single_layers": 28,
    "joint_attention_dim": 1024, "pooled_projection_dim": 1024, "axes_dims_rope": (16, 56, 56),
    "vocab_size": 8256, "codebook_size": 8192,
}  # fmt: skip
RELEASED: dict[str, tuple[dict[str, Any], NetworkFacts]] = {
    "amused 256": ({}, AmusedConfig().facts),
    "amused 512": (
        {"downsample": True, "upsample": True, "sample_size": 32},
        AmusedConfig(downsample=True, upsample=True, sample_size=32).facts,
    ),
    "amused, all told": (asdict(AmusedConfig()), AmusedConfig().facts),
    "meissonic": (
        {**MEISSONIC, "downsample": True, "upsample": True},
        MeissonicConfig(**MEISSONIC, downsample=True, upsample=True).facts,
    ),
    "monetico": (
        {**MEISSONIC, "downsample": False, "upsample": False},
        MeissonicConfig(**MEISSONIC, downsample=False, upsample=False).facts,
    ),
}


def jobs() -> Iterator[tuple[int, int, Any, torch.dtype]]:
    for size in (256, 512, 1024):
        for count in (1, 4):
            for way in ("batch", "sequential"):
                for dtype in (torch.float32, torch.bfloat16):
                    yield size, count, way, dtype


@pytest.mark.parametrize("name", RELEASED)
def test_of_the_released_sizes_both_rooms_reckon_the_same(name: str) -> None:
    table, facts = RELEASED[name]
    vqgan = PublishedVQGANConfig()
    architecture = {"transformer": table, "vqvae": {}, "text_encoder": {}}
    for size, count, way, dtype in jobs():
        there = max(decode_bytes(facts, size // 16, 77, count, way, dtype), picture_bytes(vqgan, size, dtype))
        assert needs.job_bytes(architecture, size, count, way, dtype.itemsize) == there, (size, count, way, dtype)


@pytest.mark.parametrize("name", FAMILIES)
def test_of_a_folder_the_window_reckons_what_its_loaded_cascade_does(tmp_path: Path, name: str) -> None:
    folder = stored(tmp_path, name)
    architecture = read_published(folder).architecture
    cascade = load_published(folder, dtype=torch.float32)
    for size in (256, 512, 1024):
        for count in (1, 4):
            for way in ("batch", "sequential"):
                there = cascade.job_bytes(size, count, way)  # type: ignore[arg-type]
                assert needs.job_bytes(architecture, size, count, way, 4) == there, (size, count, way)


def test_less_and_less_memory_is_told_with_offers_of_sizes_that_it_makes() -> None:
    architecture = {"transformer": RELEASED["amused 512"][0], "vqvae": {}, "text_encoder": {}}
    batch, halves = (needs.job_bytes(architecture, 512, 16, way, 4) for way in ("batch", "sequential"))
    one = needs.job_bytes(architecture, 256, 16, "sequential", 4)
    said = [
        forecast(architecture, {}, free, 512, 16, 4, on_cpu=True, is_loaded=True, sizes=(512, 256, 1024))
        for free in (int(1.5 * batch) + 1, halves, halves - 1, one - 1)
    ]
    assert [each.outcome for each in said if each] == [
        Outcome.PLENTY, Outcome.HALVES, Outcome.SHORT, Outcome.SHORT,
    ]  # fmt: skip
    assert said[2] is not None
    assert [(offer.kind, offer.value) for offer in said[2].offers] == [(OfferKind.COUNT, "8"), (OfferKind.SIZE, "256")]
    large = forecast(architecture, {}, halves - 1, 512, 16, 4, on_cpu=True, is_loaded=True, sizes=(512,))
    assert large is not None
    assert not any(offer.kind is OfferKind.SIZE for offer in large.offers)


@pytest.mark.parametrize(
    "spoiled",
    [
        {"transformer": {"hidden_size": 2**40}},
        {"transformer": {"hidden_size": "1024"}},
        {"transformer": {"num_hidden_layers": 0}},
        {"transformer": {"attention_head_dim": 64}},
        {"vqvae": {"block_out_channels": 5}},
        {"vqvae": {"block_out_channels": [1, True]}},
        {"vqvae": None},
        {"text_encoder": {"max_position_embeddings": -1}},
        {"text_encoder": []},
    ],
    ids=json.dumps,
)
def test_a_strangers_numbers_are_not_reckoned_with(spoiled: dict[str, Any]) -> None:
    architecture = {"transformer": {}, "vqvae": {}, "text_encoder": {}, **spoiled}
    assert forecast(architecture, {}, 2**40, 512, 1, on_cpu=True, is_loaded=True) is None
