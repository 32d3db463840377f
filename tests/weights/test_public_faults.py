"""The six known faults of the public pipeline for aMUSEd, which ours has not; where it is right, ours does the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import AmusedImg2ImgPipeline, AmusedInpaintPipeline, AmusedPipeline
from torch import Tensor

from muse_studio.core.geometry import Extent
from muse_studio.core.request import EditRequest, Mode
from muse_studio.muse.plans import KnownGrids, StagePlan, TokenGrids
from muse_studio.weights.published import PublishedCascade
from muse_studio.weights.published_folder import load_published
from muse_studio.worker.session import ResultEvent, Session, StepEvent
from tests.weights.noise import share_noise
from tests.weights.published_folders import OWN_256, OWN_512, store_amused

PLAN = StagePlan(steps=8, guidance=3.0, temperature=2.0)
SEED = 21
SAID: tuple[Any, ...] = (["a fox"], [""], [SEED], PLAN)


@pytest.fixture(scope="module", params=[OWN_256, OWN_512], ids=["256", "512"])
def stored(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, AmusedPipeline]:
    place = tmp_path_factory.mktemp("published")
    return place / "model", store_amused(place, request.param)


@pytest.fixture(scope="module")
def cascade(stored: tuple[Path, AmusedPipeline]) -> PublishedCascade:
    return load_published(stored[0], dtype=torch.float32)


@pytest.fixture(scope="module")
def session(stored: tuple[Path, AmusedPipeline]) -> Session:
    session = Session()
    session.load(stored[0], "cpu", dtype="float32")
    return session


def run(session: Session, request: EditRequest) -> tuple[list[StepEvent], ResultEvent]:
    *steps, result = session.run(request)
    assert isinstance(result, ResultEvent)
    return [step for step in steps if isinstance(step, StepEvent)], result


def a_picture(seed: int = 1, side: int = 128) -> Tensor:
    return torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(seed))


def pixels(seed: int = 1) -> np.ndarray[Any, Any]:
    return np.random.default_rng(seed).integers(0, 256, (512, 512, 3), np.uint8)


def inpaint(mask: np.ndarray[Any, Any], picture: np.ndarray[Any, Any] | None = None) -> EditRequest:
    picture = pixels() if picture is None else picture
    return EditRequest(Mode.INPAINT, "a fox", seed=3, size=256, picture=picture, mask=mask)


def painted(value: int = 0) -> np.ndarray[Any, Any]:
    return np.full((512, 512), value, np.uint8)


def theirs(pipeline: AmusedPipeline, kind: Any, **options: Any) -> list[Tensor]:
    """The tokens after each step, those still unknown masked."""
    steps: list[Tensor] = []
    other = kind(**pipeline.components)
    other.set_progress_bar_config(disable=True)
    try:
        other(
            "a fox", num_inference_steps=8, guidance_scale=4.0, output_type="latent",
            callback=lambda index, time, tokens: steps.append(tokens.clone()), **options,
        )  # fmt: skip
    finally:
        pipeline.scheduler.register_to_config(masking_schedule="cosine")  # inpainting leaves it changed
    return steps


def masked(steps: Any, mask_token: int) -> list[Tensor]:
    return [torch.where(step.known, step.tokens, mask_token) for step in steps]


def test_inpainting_takes_the_public_pipeline_s_steps(
    stored: tuple[Path, AmusedPipeline], cascade: PublishedCascade, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of one picture and a mask on whole cells, in which theirs is right."""
    picture = a_picture(side=256)
    tokens = cascade.tokenize(picture)
    known = KnownGrids(torch.ones(1, 16, 16, dtype=torch.bool))
    known.base[:, 3:9, 5:12] = False
    ours = masked(cascade.sample(*SAID, start=tokens, known=known), cascade.facts.mask_token)

    share_noise(monkeypatch, [SEED], torch.Size((1, 16, 16)))
    mask = (~known.base).float().repeat_interleave(16, 1).repeat_interleave(16, 2)
    expected = theirs(stored[1], AmusedInpaintPipeline, image=picture, mask_image=mask[:, None])
    assert len(ours) == len(expected) == 8
    for step, other in zip(ours, expected, strict=True):
        assert step.equal(other)
    assert not ours[-1].equal(tokens.base)


def test_a_picture_is_gone_on_from_as_by_the_public_pipeline(
    stored: tuple[Path, AmusedPipeline], cascade: PublishedCascade, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Image-to-image at half strength: some tokens are hidden by chance, and the schedule goes on from there."""
    tokens = cascade.tokenize(a_picture())
    for chance in range(100):  # as many hidden as the fourth step leaves, or a few less
        hidden = torch.rand((1, 8, 8), generator=torch.Generator().manual_seed(chance)) < np.cos(np.pi / 4)
        if 40 < int(hidden.sum()) <= 45:
            break
    nothing = KnownGrids(torch.zeros(1, 8, 8, dtype=torch.bool))
    steps = list(cascade.sample(*SAID, start=tokens, known=KnownGrids(~hidden), begun=nothing))
    ours = masked(steps, cascade.facts.mask_token)
    assert [step.index for step in steps] == [4, 5, 6, 7]

    share_noise(monkeypatch, [SEED], torch.Size((1, 8, 8)), passed=4)
    generator = torch.Generator().manual_seed(chance)
    expected = theirs(stored[1], AmusedImg2ImgPipeline, image=a_picture(), strength=0.5, generator=generator)
    for step, other in zip(ours, expected, strict=True):
        assert step.equal(other)


def test_full_strength_makes_all_of_it_anew(session: Session) -> None:
    """Theirs gives the picture back: nothing of it is hidden."""
    first, second = (run(session, inpaint(painted(255), pixels(seed)))[1] for seed in (1, 2))
    np.testing.assert_array_equal(first.base_tokens, second.base_tokens)
    alone = run(session, EditRequest(Mode.GENERATE, "a fox", seed=3, size=256))[1]
    np.testing.assert_array_equal(first.base_tokens, alone.base_tokens)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
def test_known_tokens_stay_in_half_precision_however_warm(
    stored: tuple[Path, AmusedPipeline], dtype: torch.dtype
) -> None:
    """Theirs marks them as sure by the largest float16, which noise outdoes."""
    cascade = load_published(stored[0], dtype=dtype)
    known = torch.zeros(1, 8, 8, dtype=torch.bool)
    known[:, ::2] = True
    start = torch.randint(70, (1, 8, 8), generator=torch.Generator().manual_seed(1))
    warm = StagePlan(steps=12, guidance=3.0, temperature=500.0)
    steps = list(cascade.sample(["a fox"], [""], [1], warm, start=TokenGrids(start), known=KnownGrids(known)))
    assert len(steps) == 12
    for step in steps:
        assert step.tokens[known].equal(start[known])
        assert step.known[known].all()


def test_a_stroke_thinner_than_a_cell_counts(session: Session) -> None:
    """Theirs shrinks masks by averages and leaves out what covers less than half a cell."""
    mask = painted()
    mask[511, 0] = 1
    steps, _ = run(session, inpaint(mask))
    assert len(steps) == 1
    assert np.argwhere(steps[0].confidence < 1).tolist() == [[15, 0]]


def test_an_empty_mask_changes_nothing(session: Session, cascade: PublishedCascade) -> None:
    """Theirs hides one token all the same, and draws it anew."""
    assert run(session, inpaint(painted()))[0] == []
    tokens = cascade.tokenize(a_picture())
    everything = KnownGrids(torch.ones(1, 8, 8, dtype=torch.bool))
    assert list(cascade.sample(*SAID, start=tokens, known=everything)) == []


def test_a_prompt_s_states_alone_will_do(cascade: PublishedCascade) -> None:
    """Theirs counts the prompts that it was not given."""
    small = Extent(64, 64)
    *_, last = cascade.sample(*SAID, extent=small)
    *_, same = cascade.sample(cascade.text.encode(["a fox"]), *SAID[1:], extent=small)
    assert same.tokens.equal(last.tokens)


def test_two_prompts_may_share_one_negative(cascade: PublishedCascade) -> None:
    """Theirs joins two rows with one."""
    said, small = (["a fox", "12 foxes"], ["a box"], [1, 2], PLAN), Extent(64, 64)
    *_, shared = cascade.sample(*said, extent=small)
    *_, each = cascade.sample(said[0], ["a box", "a box"], *said[2:], extent=small)
    *_, none = cascade.sample(said[0], [""], *said[2:], extent=small)
    assert shared.tokens.equal(each.tokens)
    assert not shared.tokens.equal(none.tokens)
