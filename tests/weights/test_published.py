"""Whole published folders, loaded: the public pipeline's pictures, and the laws that ours keeps besides."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from muse_studio.core.errors import MuseStudioError
from muse_studio.core.geometry import Extent
from muse_studio.muse.folder import CheckpointError
from muse_studio.muse.plans import EditPlan, KnownGrids, StagePlan, TokenGrids
from muse_studio.weights.published import PublishedCascade
from muse_studio.weights.published_folder import load_published
from tests.weights.noise import share_noise
from tests.weights.published_folders import CODES, FAMILIES, OWN_256, OWN_512, store_amused, stored

PROMPTS, NEGATIVES, SEEDS = ["a fox", "12 foxes"], ["", "a box"], (21, 22)
PLAN = StagePlan(steps=9, guidance=3.0, temperature=2.0)
SMALLEST = Extent(64, 64)


@pytest.fixture(scope="module", params=FAMILIES)
def cascade(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> PublishedCascade:
    return load_published(stored(tmp_path_factory.mktemp("published"), request.param), dtype=torch.float32)


def tokens_of(cascade: PublishedCascade, **options: Any) -> Tensor:
    """The result's, of the two prompts."""
    *_, last = cascade.sample(PROMPTS, NEGATIVES, SEEDS, PLAN, **{"extent": SMALLEST, **options})
    return last.tokens


@pytest.mark.parametrize("settings", [OWN_256, OWN_512], ids=["256", "512"])
@pytest.mark.parametrize("extent", [None, Extent(192, 96)], ids=["own size", "192 x 96"])
def test_prompts_become_the_pictures_of_the_public_pipeline(
    tmp_path: Path, settings: dict[str, Any], extent: Extent | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = store_amused(tmp_path, settings)
    cascade = load_published(tmp_path / "model", dtype=torch.float32)
    side = 16 * settings["sample_size"]
    assert cascade.traits.sizes[0] == side
    *_, last = cascade.sample(PROMPTS, NEGATIVES, SEEDS, PLAN, extent=extent)
    pictures = cascade.picture(last.tokens)

    extent = extent or Extent(side, side)
    share_noise(monkeypatch, SEEDS, torch.Size((2, *cascade.grid(extent))))
    tokens: list[Tensor] = []
    expected = pipeline(
        PROMPTS, negative_prompt=NEGATIVES, num_inference_steps=9, guidance_scale=4.0, width=extent.width,
        height=extent.height, output_type="pt", callback=lambda index, time, found: tokens.append(found.clone()),
    ).images  # fmt: skip
    assert last.tokens.equal(tokens[-1])
    assert pictures.shape == expected.shape
    assert float((pictures - expected).abs().max()) <= 1e-3, "groups of one channel round much; a screen shows 4e-3"
    assert len(last.tokens.unique()) > 15
    assert last.known.all()


def test_a_picture_depends_on_its_own_prompt_and_seed_alone(cascade: PublishedCascade) -> None:
    def alone(prompt: str, negative: str, seed: int) -> Tensor:
        *_, last = cascade.sample([prompt], [negative], [seed], PLAN, extent=SMALLEST)
        return last.tokens

    together = tokens_of(cascade)
    assert together[1:].equal(alone(PROMPTS[1], NEGATIVES[1], SEEDS[1]))
    assert not alone(PROMPTS[1], NEGATIVES[1], SEEDS[0]).equal(together[1:])
    assert not alone(PROMPTS[0], NEGATIVES[1], SEEDS[1]).equal(together[1:])
    assert not alone(PROMPTS[1], NEGATIVES[0], SEEDS[1]).equal(together[1:])


def test_the_two_ways_of_guidance_give_the_same_tokens(cascade: PublishedCascade) -> None:
    together = tokens_of(cascade)
    cascade.guidance.way = "sequential"
    assert tokens_of(cascade).equal(together)
    cascade.guidance.way = "batch"


def test_known_tokens_never_change_and_a_branch_takes_the_same_steps(cascade: PublishedCascade) -> None:
    start = TokenGrids(torch.full((1, 4, 6), 7))
    known = KnownGrids(torch.zeros(1, 4, 6, dtype=torch.bool))
    known.base[:, :, :2] = True
    said = (PROMPTS, NEGATIVES, SEEDS, PLAN)
    steps = list(cascade.sample(*said, start=start, known=known))
    assert len(steps) == 9
    for step in steps:
        assert (step.tokens[..., :2] == 7).all()
        assert (step.confidence[..., :2] == 1).all()
    assert steps[-1].tokens[..., 2:].max() < CODES
    branch = cascade.sample(*said, start=TokenGrids(steps[4].tokens), known=KnownGrids(steps[4].known), begun=known)
    assert [step.tokens.tolist() for step in branch] == [step.tokens.tolist() for step in steps[5:]]
    assert cascade.course(PLAN, steps[4].known, known.base) == range(5, 9)
    everything = KnownGrids(torch.ones(1, 4, 6, dtype=torch.bool))
    assert list(cascade.sample(*said, start=start, known=everything)) == []


def test_an_edit_changes_few_tokens_at_a_time_and_goes_on_as_far_as_it_is_told(cascade: PublishedCascade) -> None:
    start = TokenGrids(torch.full((1, 4, 6), 7))
    said = (PROMPTS, NEGATIVES, SEEDS, start)
    before = start.base.expand(2, -1, -1)
    short = list(cascade.edit(*said, EditPlan(iterations=3)))
    long = list(cascade.edit(*said, EditPlan(iterations=5)))
    assert [step.tokens.tolist() for step in long[:3]] == [step.tokens.tolist() for step in short]
    for step in long:
        assert (step.tokens != before).flatten(1).sum(1).max() <= 2, "8 % of 24 tokens are two"
        before = step.tokens
    assert (before != 7).any()


def test_confidence_is_that_of_the_token_given_all_that_stays_visible(cascade: PublishedCascade) -> None:
    tokens = tokens_of(cascade)
    sure = cascade.confidence(PROMPTS[0], tokens)
    assert sure.shape == tokens.shape
    assert 0 < float(sure.min()) < float(sure.max()) < 1
    assert not cascade.confidence("another", tokens).equal(sure)


def test_a_picture_and_its_tokens_know_each_other(cascade: PublishedCascade) -> None:
    """Of pictures in [0, 1] both ways, at sizes of its own, brought to one and not square."""
    assert cascade.picture(tokens_of(cascade)).shape == (2, 3, 64, 64)
    noise = torch.rand(1, 3, 128, 128, generator=torch.Generator().manual_seed(1))
    small = torch.nn.functional.avg_pool2d(noise, 2)
    assert cascade.tokenize(noise, 64).base.equal(cascade.tokenize(small).base)
    assert cascade.tokenize(noise[..., :64]).base.shape == (1, 8, 4)
    preview = cascade.preview(torch.full((2, 32, 64), 3))
    assert preview.shape == (2, 128, 256, 3)
    assert preview.dtype is torch.uint8
    with pytest.raises(ValueError, match="multiples"):
        cascade.tokenize(noise[..., :40])


def test_sizes_that_the_network_cannot_make_are_refused(cascade: PublishedCascade) -> None:
    step = cascade.multiple_px
    assert step == (32 if cascade.facts.halved else 16)
    for extent in (Extent(step + 8, step), Extent(step, 3 * step // 2), Extent(0, step)):
        with pytest.raises(ValueError, match=f"multiples of {step} pixels"):
            tokens_of(cascade, extent=extent)
    with pytest.raises(ValueError, match="2 prompts with 2 negative prompts and 1 seeds"):
        next(cascade.sample(PROMPTS, NEGATIVES, SEEDS[:1], PLAN, extent=SMALLEST))
    with pytest.raises(ValueError, match="one stage"):
        next(cascade.sample(PROMPTS, NEGATIVES, SEEDS, PLAN, PLAN, extent=SMALLEST))
    with pytest.raises(ValueError, match="`start` is missing"):
        next(cascade.sample(PROMPTS, NEGATIVES, SEEDS, PLAN, known=KnownGrids(torch.ones(2, 4, 4, dtype=torch.bool))))


def test_prompts_of_the_last_jobs_are_not_encoded_again(
    cascade: PublishedCascade, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the prompts are encoded together, apart from the negative ones, as published: a batch of another size rounds
    otherwise."""
    asked: list[Any] = []
    encode = cascade.text.encode
    monkeypatch.setattr(type(cascade.text), "encode", lambda self, texts: asked.append(texts) or encode(texts))
    cascade.forget_prompts()
    first, second = tokens_of(cascade), tokens_of(cascade)
    assert first.equal(second)
    assert asked == [tuple(PROMPTS), tuple(NEGATIVES)]
    list(cascade.sample(["another"] * 2, NEGATIVES, SEEDS, StagePlan(steps=1), extent=SMALLEST))
    assert asked[2:] == [("another", "another")]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16], ids=str)
@pytest.mark.parametrize("family", FAMILIES)
def test_every_number_it_computes_in_gives_a_picture_and_float16_spares_the_vqgan(
    tmp_path: Path, family: str, dtype: torch.dtype
) -> None:
    told: list[str] = []
    cascade = load_published(stored(tmp_path, family), "cpu", lambda share, what: told.append(what), dtype=dtype)
    assert told[-1] == "ready"
    assert {"loading the transformer", "loading the picture tokenizer", "loading the text encoder"} < set(told)
    assert {part.dtype for part in cascade.network.parameters()} == {dtype}
    assert {part.dtype for part in cascade.vqgan.parameters()} == {torch.float32 if dtype is torch.float16 else dtype}
    plan = StagePlan(steps=68, guidance=3.0, temperature=2.0)
    steps = list(cascade.sample(["a fox"], [""], [3], plan, extent=Extent(192, 128)))
    assert len(steps) == 68
    for step in steps:
        assert step.confidence.isfinite().all()
    assert cascade.picture(steps[-1].tokens).isfinite().all()


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
    path = stored(tmp_path, "amused 256") / file
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(CheckpointError) as caught:
        load_published(tmp_path / "model")
    assert told in str(caught.value)


@pytest.mark.parametrize("part", ["text_encoder", "tokenizer", "transformer", "vqvae", "scheduler"])
def test_a_missing_part_is_named(tmp_path: Path, part: str) -> None:
    stored(tmp_path, "amused 256")
    (tmp_path / "model" / part).rename(tmp_path / "gone")
    with pytest.raises((CheckpointError, MuseStudioError), match=part):
        load_published(tmp_path / "model")
