"""Requests become pictures: the session on small random published cascades, every mode end to end."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.request import EditRequest, Mode, Reached, StagePlan, frame_side
from muse_studio.core.tokens import TokenGrid, TokenState
from muse_studio.muse.presets import build_random
from muse_studio.worker.session import ResultEvent, Session, StepEvent
from tests.weights.published_folders import stored

SIZES = {
    "amused 256": (256, 512, 1024), "amused 512": (512, 256, 1024),
    "meissonic": (1024, 512, 256), "monetico": (512, 256, 1024),
}  # fmt: skip
PLAN = StagePlan(steps=4, guidance=3.0, temperature=2.0)
GENERATE = EditRequest(Mode.GENERATE, "a fox", "a box", seed=3, size=256, base=PLAN)


@pytest.fixture(scope="module", params=SIZES)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("published")
    path = stored(place, request.param)
    return path.rename(path.with_name(request.param.replace(" ", "-")))


@pytest.fixture(scope="module")
def session(folder: Path) -> Session:
    return loaded(folder)


def loaded(folder: Path, dtype: str = "float32") -> Session:
    session = Session()
    session.load(folder, "cpu", dtype=dtype)
    return session


def run(session: Session, request: EditRequest) -> tuple[list[StepEvent], list[ResultEvent]]:
    events = list(session.run(request))
    steps = [event for event in events if isinstance(event, StepEvent)]
    results = [event for event in events if isinstance(event, ResultEvent)]
    assert len(results) == request.count
    assert events[-request.count :] == results
    return steps, results


def a_picture(size: int = 256) -> NDArray[np.uint8]:
    side = frame_side(size)
    return np.random.default_rng(1).integers(0, 256, (side, side, 3), np.uint8)


def a_mask(size: int = 256) -> NDArray[np.uint8]:
    mask = np.zeros((frame_side(size), frame_side(size)), np.uint8)
    mask[100:300, 40:200] = 255
    return mask


def cells(mask: NDArray[np.uint8], size: int = 256) -> NDArray[np.bool_]:
    """Those of the grid of a result of this size that the mask touches."""
    grid, cell = size // 16, len(mask) // (size // 16)
    touched: NDArray[np.bool_] = mask.reshape(grid, cell, grid, cell).max(axis=(1, 3)) > 0
    return touched


INPAINT = replace(GENERATE, mode=Mode.INPAINT, picture=a_picture(), mask=a_mask())


def own_tokens(session: Session, request: EditRequest) -> NDArray[np.int64]:
    assert request.picture is not None
    unit = torch.from_numpy(request.picture.copy()).permute(2, 0, 1)[None].float() / 255
    tokens: NDArray[np.int64] = session.cascade.tokenize(unit, request.size).base[0].numpy()
    return tokens


def whole(result: ResultEvent) -> TokenState:
    assert result.base_tokens is not None
    return TokenState.whole(result.base_tokens, None)


def test_it_tells_what_it_makes(session: Session, folder: Path) -> None:
    info = session.model_info()
    name = folder.name.replace("-", " ")
    assert info.name == folder.name
    assert info.sizes == SIZES[name]
    assert info.base_grid == info.sizes[0] // 16
    assert info.superres is None
    assert info.superres_grid is None
    defaults = {"amused 256": (12, 3.0), "amused 512": (12, 19.0), "meissonic": (48, 8.0), "monetico": (48, 8.0)}
    assert (info.base.steps, info.base.guidance) == defaults[name]
    assert info.base.temperature == 2.0


def test_its_own_size_comes_in_one_stage(session: Session) -> None:
    size = session.model_info().sizes[0]
    steps, (result,) = run(session, replace(GENERATE, size=size, base=replace(PLAN, steps=2)))
    assert [(step.stage, step.job_index, step.job_total) for step in steps] == [("base", 0, 2), ("base", 1, 2)]
    assert steps[-1].is_last
    for step in steps:
        assert step.tokens.shape == step.confidence.shape == step.known.shape == (size // 16, size // 16)
        assert step.preview.ndim == 3
        assert step.preview.dtype == np.uint8
    assert result.picture.shape == (size, size, 3)
    assert result.superres_tokens is None
    np.testing.assert_array_equal(result.base_tokens, steps[-1].tokens)


def test_every_size_that_it_tells_of_is_made(session: Session) -> None:
    for size in session.model_info().sizes:
        request = replace(INPAINT, size=size, picture=a_picture(size), mask=a_mask(size), base=replace(PLAN, steps=1))
        _, (result,) = run(session, request)
        assert result.picture.shape == (size, size, 3)
        assert result.base_tokens is not None
        outside = ~cells(a_mask(size), size)
        np.testing.assert_array_equal(result.base_tokens[outside], own_tokens(session, request)[outside])


def test_equal_requests_give_equal_tokens_also_in_another_session(session: Session, folder: Path) -> None:
    requests = [GENERATE, INPAINT, replace(INPAINT, mode=Mode.EDIT, mask=None), replace(INPAINT, mode=Mode.REROLL)]
    other = loaded(folder)
    for request in requests:
        first = run(session, request)[1][0]
        run(session, replace(request, seed=4))
        for again in (run(session, request)[1][0], run(other, request)[1][0]):
            np.testing.assert_array_equal(again.base_tokens, first.base_tokens)
            np.testing.assert_array_equal(again.picture, first.picture)


@pytest.mark.parametrize("change", [{"seed": 4}, {"prompt": "12 foxes"}, {"negative_prompt": "a fox"}])
def test_seed_prompt_and_negative_prompt_all_matter(session: Session, change: dict[str, Any]) -> None:
    first, second = (run(session, request)[1][0] for request in (GENERATE, replace(GENERATE, **change)))
    assert (first.base_tokens != second.base_tokens).any()


@pytest.mark.parametrize("strength", [1.0, 0.5])
def test_inpainting_keeps_every_token_that_no_painted_pixel_touches(session: Session, strength: float) -> None:
    own, masked = own_tokens(session, INPAINT), cells(a_mask())
    steps, (result,) = run(session, replace(INPAINT, strength=strength))
    assert len(steps) == 4
    for step in steps:
        np.testing.assert_array_equal(step.tokens[~masked], own[~masked])
        assert (step.confidence[~masked] == 1).all()
    kept = int((steps[0].confidence[masked] == 1).sum())
    assert kept == (0 if strength == 1 else masked.sum() - round(strength * masked.sum()))
    assert (result.base_tokens != own).any()


@pytest.mark.parametrize("at", [0, 2])
@pytest.mark.parametrize("request_", [GENERATE, INPAINT], ids=lambda request: request.mode)
def test_a_step_is_gone_on_from_to_the_same_end(session: Session, request_: EditRequest, at: int) -> None:
    steps, (expected,) = run(session, request_)
    state = TokenState(TokenGrid(steps[at].tokens, steps[at].known))
    more, (result,) = run(session, replace(request_, mode=Mode.CONTINUE, tokens=state))
    assert [step.index for step in more] == list(range(at + 1, 4))
    assert (more[0].job_index, more[0].job_total) == (0, 3 - at)
    np.testing.assert_array_equal(result.base_tokens, expected.base_tokens)
    np.testing.assert_array_equal(result.picture, expected.picture)


def test_a_step_continued_at_another_seed_keeps_what_was_decided(session: Session) -> None:
    steps, (first,) = run(session, GENERATE)
    state = TokenState(TokenGrid(steps[1].tokens, steps[1].known))
    _, (other,) = run(session, replace(GENERATE, mode=Mode.CONTINUE, seed=9, tokens=state))
    assert other.base_tokens is not None
    np.testing.assert_array_equal(other.base_tokens[steps[1].known], steps[1].tokens[steps[1].known])
    assert (other.base_tokens != first.base_tokens).any()


def test_editing_needs_no_mask_and_tells_what_it_changed(session: Session) -> None:
    request = replace(INPAINT, mode=Mode.EDIT, mask=None, base=StagePlan(steps=3, guidance=2.0))
    steps, (result,) = run(session, request)
    assert [step.job_index for step in steps] == [0, 1, 2]
    assert all((~step.known).sum() == round(0.08 * 256) for step in steps)
    assert result.edited is not None
    changed = result.base_tokens != own_tokens(session, request)
    assert 0 < changed.sum() <= 3 * round(0.08 * 256)
    np.testing.assert_array_equal(result.edited > 0, changed.repeat(16, 0).repeat(16, 1))


def test_an_edit_goes_on_from_an_iteration_as_it_would_have(session: Session) -> None:
    request = replace(INPAINT, mode=Mode.EDIT, mask=None, base=StagePlan(steps=4, guidance=2.0))
    steps, (result,) = run(session, request)
    later, (again,) = run(session, replace(request, reached=Reached(steps[1].tokens, 2)))
    assert [step.index for step in later] == [2, 3]
    np.testing.assert_array_equal(later[0].tokens, steps[2].tokens)
    np.testing.assert_array_equal(again.picture, result.picture)


def test_a_roll_again_changes_the_least_sure_under_the_mask_alone(session: Session) -> None:
    request = replace(INPAINT, mode=Mode.REROLL, share=0.25)
    own, masked = own_tokens(session, request), cells(a_mask())
    sure = session.cascade.confidence(request.prompt, torch.from_numpy(own)[None])[0].numpy()
    steps, (result,) = run(session, request)
    fresh = steps[0].confidence < 1
    assert fresh.sum() == round(0.25 * masked.sum())
    assert not (fresh & ~masked).any()
    assert sure[fresh].max() <= sure[masked & ~fresh].min()
    assert result.base_tokens is not None
    np.testing.assert_array_equal(result.base_tokens[~fresh], own[~fresh])
    again = replace(request, picture=None, mask=None, tokens=whole(result))
    assert (run(session, again)[0][0].confidence < 1).sum() == 64


@pytest.mark.parametrize("mode", [Mode.GENERATE, Mode.INPAINT, Mode.EDIT, Mode.REROLL])
def test_variations_are_what_their_own_seeds_make(session: Session, mode: Mode) -> None:
    request = GENERATE
    if mode in (Mode.INPAINT, Mode.REROLL):
        request = replace(INPAINT, mode=mode, strength=0.6)
    if mode is Mode.EDIT:
        request = replace(INPAINT, mode=mode, mask=None, base=StagePlan(steps=2))
    request = replace(request, seed=2**32 - 1, count=2)
    steps, results = run(session, request)
    assert [step.variation for step in steps] == [0, 1] * (len(steps) // 2)
    for result, seed in zip(results, (2**32 - 1, 0), strict=True):
        alone = run(session, replace(request, seed=seed, count=1))[1][0]
        np.testing.assert_array_equal(result.base_tokens, alone.base_tokens)
    assert (results[0].base_tokens != results[1].base_tokens).any()


def test_new_detail_is_refused_since_there_is_but_one_stage(session: Session) -> None:
    tokens = TokenState.whole(np.zeros((32, 32), np.int32), None)
    with pytest.raises(MuseStudioError, match="in one stage") as caught:
        run(session, replace(GENERATE, mode=Mode.RETEXTURE, size=512, tokens=tokens))
    assert caught.value.kind is ErrorKind.BAD_REQUEST


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (TokenState.whole(np.zeros((32, 32), np.int32), None), "Choose the size 512"),
        (TokenState.whole(np.zeros((20, 20), np.int32), None), "16 × 16 and theirs 20 × 20"),
        (TokenState.whole(np.full((16, 16), 60_000), None), "60000"),
        (TokenState.whole(np.zeros((16, 16), np.int32), np.zeros((64, 64), np.int32)), "one stage"),
    ],
    ids=["another size", "another grid", "other codes", "two stages"],
)
def test_tokens_of_another_model_are_refused_in_words(session: Session, state: TokenState, words: str) -> None:
    with pytest.raises(MuseStudioError, match=words) as caught:
        run(session, replace(GENERATE, mode=Mode.REROLL, tokens=state))
    assert caught.value.kind is ErrorKind.BAD_REQUEST


def test_a_long_prompt_is_told_to_be_cut(session: Session) -> None:
    _, (result,) = run(session, replace(GENERATE, prompt="fox " * 60))
    assert [note for note in result.notes if "longer than the 20 tokens" in note]
    assert run(session, GENERATE)[1][0].notes == ()


def test_both_ways_of_guidance_and_memory_run_short_give_the_same_tokens(folder: Path, session: Session) -> None:
    expected = run(session, GENERATE)[1][0]
    halves = Session(way="sequential")
    halves.load(folder, "cpu", dtype="float32")
    np.testing.assert_array_equal(run(halves, GENERATE)[1][0].base_tokens, expected.base_tokens)
    calls, short = iter(range(1000)), loaded(folder)
    whole_batch = short.cascade.network.logits  # type: ignore[attr-defined]

    def broken(*arguments: Any) -> Any:
        if next(calls) == 1:
            raise MemoryError
        return whole_batch(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(short.cascade.network), "logits", lambda self, *rest: broken(*rest))  # type: ignore[attr-defined]
        np.testing.assert_array_equal(run(short, GENERATE)[1][0].base_tokens, expected.base_tokens)
    assert short.cascade.guidance.way == "sequential"
    assert halves.cascade.guidance.way == "sequential"


def test_memory_grows_with_size_count_and_way(session: Session) -> None:
    needed = session.cascade.job_bytes
    assert needed(256, 1, "sequential") <= needed(256, 1, "batch") < needed(512, 1, "batch") < needed(1024, 1, "batch")
    assert needed(256, 200, "sequential") < needed(256, 200, "batch") < needed(256, 400, "batch")


def test_the_first_job_is_as_quick_as_the_next(session: Session) -> None:
    session.warm_up()
    assert session.plan_facts()["numbers"] == "float32 (as asked for)"
    assert "on the device" in session.plan_facts()["text encoder"]


def test_a_folder_without_a_model_is_told_what_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(MuseStudioError, match=r"neither cascade.json.*model_index.json") as caught:
        Session().load(tmp_path, "cpu")
    assert caught.value.kind is ErrorKind.BAD_MODEL


def test_numbers_are_chosen_by_the_hardware_and_by_a_person(tmp_path: Path) -> None:
    folder = stored(tmp_path, "amused 256")
    session = loaded(folder, "auto")
    assert "hardware" in session.plan_facts()["numbers"]
    assert str(loaded(folder, "bfloat16").cascade.dtype) == "torch.bfloat16"


def test_one_session_changes_from_ours_to_a_published_one_and_back(tmp_path: Path) -> None:
    build_random().save(tmp_path / "ours")
    session = Session()
    session.load(tmp_path / "ours", "cpu", dtype="float32")
    first = run(session, replace(GENERATE, size=512))[1][0]
    assert first.superres_tokens is not None
    session.load(stored(tmp_path, "monetico"), "cpu", dtype="float32")
    assert run(session, GENERATE)[1][0].superres_tokens is None
    session.load(tmp_path / "ours", "cpu", dtype="float32")
    np.testing.assert_array_equal(run(session, replace(GENERATE, size=512))[1][0].picture, first.picture)
