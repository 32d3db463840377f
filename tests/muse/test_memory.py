"""What is reckoned beforehand is what a job then takes, and a text encoder goes where it fits."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from muse_studio.muse.cascade import Cascade
from muse_studio.muse.config import CascadeConfig
from muse_studio.muse.guidance import Guidance, Way
from muse_studio.muse.memory import TextPlace, job_bytes, picture_bytes, place_text, stage_bytes, weight_bytes
from muse_studio.muse.plans import StagePlan
from muse_studio.muse.presets import build_random, muse_3b, tiny
from tests.muse.live_memory import LiveMemory

GIB = 2**30
XXL = 4_762_310_656  # T5-XXL's parameters, see test_text_model
TWO_STEPS = StagePlan(steps=2, guidance=2.0)


def wide(draft: bool) -> CascadeConfig:
    """A small cascade whose parts weigh as in large ones: many codes, an MLP four times as wide."""
    config = tiny(draft=draft, merge=2 if draft else 1)
    codes, sizes = 256, {"hidden": 64, "mlp": 256, "codebook_size": 256}
    return replace(
        config,
        base_vqgan=replace(config.base_vqgan, codebook_size=codes),
        superres_vqgan=replace(config.superres_vqgan, codebook_size=codes),
        base=replace(config.base, **sizes),
        superres=replace(config.superres, lowres_codebook_size=codes, **sizes),
    )


@pytest.fixture(scope="module", params=[False, True], ids=["paper", "draft"])
def model(request: pytest.FixtureRequest) -> Cascade:
    return build_random(wide(request.param))


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("way", ["batch", "sequential"])
def test_a_stage_takes_what_is_reckoned(model: Cascade, way: Way, count: int) -> None:
    model.guidance = Guidance(way)
    steps = model.sample(["a fox " * 40] * count, [""], list(range(count)), TWO_STEPS, TWO_STEPS)
    model._encode(["a fox " * 40] * count, [""] * count)  # the encoder's own activations are another matter
    for config in (model.config.base, model.config.superres):
        with LiveMemory() as memory:
            next(steps)
            next(steps)
        reckoned = stage_bytes(config, count, way, model.dtype)
        if config is model.config.superres and config.draft:
            reckoned = max(reckoned, picture_bytes(model.config.superres_vqgan, 512, 1, model.dtype))
        assert 0.9 < reckoned / memory.peak < 2, f"{reckoned} reckoned, {memory.peak} taken"


def test_decoding_and_tokenizing_pictures_take_no_more_than_is_reckoned(model: Cascade) -> None:
    tokens = torch.zeros(2, 64, 64, dtype=torch.int64)
    reckoned = picture_bytes(model.config.superres_vqgan, 512, 2, model.dtype)
    with LiveMemory() as decoding:
        model.picture(tokens, "superres")
    with LiveMemory() as tokenizing:
        model.tokenize(torch.rand(2, 3, 512, 512))
    assert decoding.peak < 1.1 * reckoned
    assert 0.5 * reckoned < tokenizing.peak < 1.1 * reckoned


def test_one_after_the_other_takes_less_than_a_batch(model: Cascade) -> None:
    for config in (model.config.base, model.config.superres):
        batch, sequential = (stage_bytes(config, 4, way, model.dtype) for way in ("batch", "sequential"))
        assert sequential < 0.8 * batch


def test_smaller_pictures_and_fewer_of_them_take_less(model: Cascade) -> None:
    needs = [
        job_bytes(model.config, size, count, "batch", model.dtype) for size, count in ((256, 1), (512, 1), (512, 4))
    ]
    assert 4 * needs[0] < 2 * needs[1] < needs[2]


def test_weights_are_counted_as_they_are(model: Cascade) -> None:
    parts = (model.base, model.superres, model.base_vqgan, model.superres_vqgan)
    stored = sum(parameter.nbytes for part in parts for parameter in part.parameters())
    assert weight_bytes(model.config, model.dtype) == stored
    assert weight_bytes(model.config, torch.bfloat16) * 2 == stored


@pytest.mark.parametrize(
    ("gpu", "system", "expected"),
    [
        (80, 128, TextPlace("device", torch.float32)),
        (24, 128, TextPlace("device", torch.bfloat16)),
        (17, 64, TextPlace("visit", torch.bfloat16)),
        (12, 64, TextPlace("cpu", torch.float32)),
        (12, 24, TextPlace("cpu", torch.bfloat16)),
        (12, 16, TextPlace("dropped", torch.bfloat16)),
    ],
)
def test_t5_xxl_goes_where_it_fits_beside_the_largest_cascade(gpu: int, system: int, expected: TextPlace) -> None:
    weights, job = 7 * GIB, job_bytes(muse_3b(), 512, 1, "sequential", torch.bfloat16)
    assert place_text(XXL, weights, job, gpu * GIB, system * GIB, on_cpu=False) == expected


def test_on_a_cpu_there_is_one_memory_for_all() -> None:
    for system, expected in (
        (64, ("device", torch.float32)),
        (24, ("device", torch.bfloat16)),
        (16, ("dropped", torch.bfloat16)),
    ):
        place = place_text(XXL, 7 * GIB, GIB, system * GIB, system * GIB, on_cpu=True)
        assert place == TextPlace(*expected)


def test_a_small_encoder_always_stays_and_so_does_any_where_memory_is_unknown() -> None:
    assert place_text(22_000_000, GIB, GIB, 4 * GIB, 4 * GIB, on_cpu=True) == TextPlace("device", torch.float32)
    assert place_text(XXL, GIB, GIB, None, None, on_cpu=False) == TextPlace("device", torch.float32)
