"""Each mode's own promise, on a tiny random cascade: what is kept, what is new, and how a decode goes on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.request import EditRequest, Mode, StagePlan
from muse_studio.core.tokens import TokenGrid, TokenState
from muse_studio.worker.session import ResultEvent, Session, StepEvent

PLANS = {"base": StagePlan(steps=6, temperature=1.0), "superres": StagePlan(steps=4, temperature=1.0)}
GENERATE = EditRequest(Mode.GENERATE, "a fox", "a cat", seed=3, **PLANS)


@pytest.fixture(scope="module")
def session(tiny_model: Path) -> Session:
    session = Session()
    session.load(tiny_model, "cpu")
    return session


def run(session: Session, request: EditRequest) -> tuple[list[StepEvent], list[ResultEvent]]:
    events = list(session.run(request))
    steps = [event for event in events if isinstance(event, StepEvent)]
    results = [event for event in events if isinstance(event, ResultEvent)]
    assert len(results) == request.count
    assert events[-request.count :] == results
    return steps, results


def a_mask() -> NDArray[np.uint8]:
    mask = np.zeros((512, 512), np.uint8)
    mask[100:300, 40:200] = 255
    return mask


def a_picture() -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(0, 256, (512, 512, 3), np.uint8)


def masked_cells(side: int) -> NDArray[np.bool_]:
    cell = 512 // side
    cells: NDArray[np.bool_] = a_mask().reshape(side, cell, side, cell).max(axis=(1, 3)) > 0
    return cells


def whole(result: ResultEvent) -> TokenState:
    assert result.base_tokens is not None
    return TokenState.whole(result.base_tokens, result.superres_tokens)


def state_at(steps: list[StepEvent], number: int, region: bool = False) -> TokenState:
    """What had been decided after a step, under the mask if there was one."""
    step = steps[number]
    inside = masked_cells(len(step.tokens)) if region else np.ones(step.tokens.shape, np.bool_)
    grid = TokenGrid(step.tokens, step.known & inside)
    if step.stage == "base":
        return TokenState(grid)
    base = [one for one in steps if one.stage == "base"][-1]
    return TokenState(TokenGrid.whole(base.tokens), grid)


def assert_same(left: ResultEvent, right: ResultEvent) -> None:
    np.testing.assert_array_equal(left.base_tokens, right.base_tokens)
    np.testing.assert_array_equal(left.superres_tokens, right.superres_tokens)
    np.testing.assert_array_equal(left.picture, right.picture)


@pytest.mark.parametrize("number", range(10))
def test_a_decode_continued_from_any_step_goes_on_as_if_it_had_never_stopped(session: Session, number: int) -> None:
    steps, (result,) = run(session, GENERATE)
    rest, (again,) = run(session, replace(GENERATE, mode=Mode.CONTINUE, tokens=state_at(steps, number)))
    assert len(rest) == 9 - number
    assert [step.job_index for step in rest] == list(range(len(rest)))
    assert {step.job_total for step in rest} <= {len(rest)}
    for step, original in zip(rest, steps[number + 1 :], strict=True):
        assert (step.stage, step.index, step.total) == (original.stage, original.index, original.total)
        np.testing.assert_array_equal(step.tokens, original.tokens)
        np.testing.assert_array_equal(step.known, original.known)
    assert_same(again, result)


@pytest.mark.parametrize(("number", "strength"), [(0, 1.0), (3, 1.0), (5, 1.0), (7, 1.0), (0, 0.4), (3, 0.4), (7, 0.4)])
def test_an_inpainting_too_goes_on_exactly(session: Session, number: int, strength: float) -> None:
    inpaint = replace(GENERATE, mode=Mode.INPAINT, picture=a_picture(), mask=a_mask(), strength=strength)
    steps, (result,) = run(session, inpaint)
    state = state_at(steps, number, region=True)
    rest, (again,) = run(session, replace(inpaint, mode=Mode.CONTINUE, tokens=state))
    assert len(rest) == len(steps) - number - 1
    assert_same(again, result)


@pytest.mark.parametrize(
    "change", [{"prompt": "a ship"}, {"seed": 4}, {"base": StagePlan(6, 20.0, 1.0)}, {"base": StagePlan(12)}]
)
def test_another_prompt_seed_guidance_or_plan_keeps_what_was_decided(session: Session, change: dict[str, Any]) -> None:
    steps, _ = run(session, GENERATE)
    state = state_at(steps, 2)
    rest, (result,) = run(session, replace(GENERATE, mode=Mode.CONTINUE, tokens=state, **change))
    assert result.base_tokens is not None
    decided = state.base.decided
    for step in rest[:3]:
        np.testing.assert_array_equal(step.tokens[decided], state.base.tokens[decided])
        assert (step.confidence[decided] == 1).all()
    np.testing.assert_array_equal(result.base_tokens[decided], state.base.tokens[decided])
    if "base" in change and change["base"].steps == 12:
        assert [step.index for step in rest if step.stage == "base"] == list(range(6, 12))  # half of it was done


def test_another_mask_frees_the_cells_it_touches(session: Session) -> None:
    """The caller says what stays decided: here nothing under the mask, and what lies outside is the picture's."""
    steps, _ = run(session, GENERATE)
    grid = TokenGrid(steps[3].tokens, steps[3].known & ~masked_cells(16))
    rest, (result,) = run(session, replace(GENERATE, mode=Mode.CONTINUE, seed=9, tokens=TokenState(grid)))
    assert rest[-1].is_last
    assert result.base_tokens is not None
    np.testing.assert_array_equal(result.base_tokens[grid.decided], grid.tokens[grid.decided])


def test_full_strength_is_the_inpainting_that_has_none_and_less_leaves_base_tokens(session: Session) -> None:
    """Of the 42 cells under the mask; each variation spares others, and keeps them through every step."""
    inpaint = replace(GENERATE, mode=Mode.INPAINT, picture=a_picture(), mask=a_mask(), count=2)
    for full, again in zip(run(session, inpaint)[1], run(session, replace(inpaint, strength=1.0))[1], strict=True):
        assert_same(full, again)
    steps, results = run(session, replace(inpaint, strength=0.5))
    spared = [first.confidence == 1 for first in steps[:2]]
    under = masked_cells(16)
    assert [int((kept & under).sum()) for kept in spared] == [round(0.5 * under.sum())] * 2
    assert (spared[0] != spared[1]).any()
    for step in steps:
        if step.stage == "base":
            kept = spared[step.variation]
            np.testing.assert_array_equal(step.tokens[kept], steps[step.variation].tokens[kept])
        else:
            assert ((step.confidence < 1) == masked_cells(64)).all(), "detail is made anew under the whole mask"
    alone = run(session, replace(inpaint, seed=inpaint.seed + 1, count=1, strength=0.5))[1][0]
    np.testing.assert_array_equal(alone.base_tokens, results[1].base_tokens)


@pytest.mark.parametrize("share", [0.02, 0.1, 1.0])
@pytest.mark.parametrize("from_tokens", [True, False])
def test_a_reroll_changes_the_doubtful_cells_alone(session: Session, share: float, from_tokens: bool) -> None:
    request = replace(GENERATE, mode=Mode.REROLL, share=share, picture=a_picture())
    if from_tokens:
        before = run(session, GENERATE)[1][0]
        request = replace(request, picture=None, tokens=whole(before))
    steps, (result,) = run(session, request)
    assert result.edited is not None
    cells = result.edited[::32, ::32] > 0
    assert int(cells.sum()) == max(1, round(share * 256))
    assert (result.edited.reshape(16, 32, 16, 32) == result.edited[::32, ::32][:, None, :, None]).all()
    first = steps[0]
    assert (first.confidence[~cells] == 1).all()
    assert (first.known[~cells]).all()
    if from_tokens:
        assert before.base_tokens is not None
        assert result.base_tokens is not None
        np.testing.assert_array_equal(result.base_tokens[~cells], before.base_tokens[~cells])
        detail = np.kron(cells, np.ones((4, 4), np.bool_))
        assert before.superres_tokens is not None
        assert result.superres_tokens is not None
        np.testing.assert_array_equal(result.superres_tokens[~detail], before.superres_tokens[~detail])


def test_a_reroll_under_a_mask_stays_under_it(session: Session) -> None:
    request = replace(GENERATE, mode=Mode.REROLL, share=0.5, picture=a_picture(), mask=a_mask())
    _, (result,) = run(session, request)
    assert result.edited is not None
    cells = result.edited.reshape(16, 32, 16, 32).max(axis=(1, 3)) > 0
    assert 0 < cells.sum() == round(0.5 * masked_cells(16).sum())
    assert not result.edited[a_mask() == 0].any()


def test_new_texture_keeps_every_base_token_and_makes_all_detail_anew(session: Session) -> None:
    before = run(session, GENERATE)[1][0]
    steps, (result,) = run(session, replace(GENERATE, mode=Mode.RETEXTURE, seed=8, tokens=whole(before)))
    assert {step.stage for step in steps} == {"superres"}
    assert [step.job_index for step in steps] == list(range(4))
    np.testing.assert_array_equal(result.base_tokens, before.base_tokens)
    assert before.superres_tokens is not None
    assert (result.superres_tokens != before.superres_tokens).mean() > 0.5
    assert result.edited is not None
    assert (result.edited == 255).all()


def test_new_texture_under_a_mask_leaves_the_other_detail(session: Session) -> None:
    before = run(session, GENERATE)[1][0]
    request = replace(GENERATE, mode=Mode.RETEXTURE, seed=8, tokens=whole(before), mask=a_mask())
    _, (result,) = run(session, request)
    inside = masked_cells(64)
    assert result.superres_tokens is not None
    assert before.superres_tokens is not None
    np.testing.assert_array_equal(result.superres_tokens[~inside], before.superres_tokens[~inside])
    assert (result.superres_tokens != before.superres_tokens)[inside].any()
    assert result.edited is not None
    np.testing.assert_array_equal(result.edited, a_mask())


@pytest.mark.parametrize("mode", [Mode.REROLL, Mode.RETEXTURE])
def test_an_empty_mask_changes_nothing(session: Session, mode: Mode) -> None:
    empty = np.zeros((512, 512), np.uint8)
    before = run(session, GENERATE)[1][0]
    steps, (result,) = run(session, replace(GENERATE, mode=mode, tokens=whole(before), mask=empty))
    assert not steps
    assert_same(result, before)
    steps, (result,) = run(session, replace(GENERATE, mode=mode, picture=a_picture(), mask=empty))
    assert not steps
    np.testing.assert_array_equal(result.picture, a_picture())


def test_a_reroll_of_base_tokens_alone_under_an_empty_mask_only_makes_their_detail(session: Session) -> None:
    before = run(session, replace(GENERATE, size=256))[1][0]
    empty = np.zeros((512, 512), np.uint8)
    steps, (result,) = run(session, replace(GENERATE, mode=Mode.REROLL, tokens=whole(before), mask=empty))
    assert {step.stage for step in steps} == {"superres"}
    np.testing.assert_array_equal(result.base_tokens, before.base_tokens)
    assert result.superres_tokens is not None


@pytest.mark.parametrize("mode", [Mode.GENERATE, Mode.INPAINT, Mode.EDIT, Mode.CONTINUE, Mode.REROLL, Mode.RETEXTURE])
def test_a_variation_is_what_its_seed_alone_would_make(session: Session, mode: Mode) -> None:
    material: dict[str, Any] = {}
    if mode is Mode.INPAINT:
        material = {"picture": a_picture(), "mask": a_mask()}
    elif mode is not Mode.GENERATE:
        steps, (before,) = run(session, replace(GENERATE, seed=1))
        material = {"tokens": state_at(steps, 2) if mode is Mode.CONTINUE else whole(before)}
    request = replace(GENERATE, mode=mode, seed=2**32 - 1, count=3, **material)
    steps, results = run(session, request)
    assert [step.variation for step in steps] == [0, 1, 2] * (len(steps) // 3)
    assert [result.variation for result in results] == [0, 1, 2]
    for result, seed in zip(results, (2**32 - 1, 0, 1), strict=True):
        alone = run(session, replace(request, seed=seed, count=1))[1][0]
        np.testing.assert_array_equal(result.base_tokens, alone.base_tokens)
        np.testing.assert_array_equal(result.superres_tokens, alone.superres_tokens)
    assert (results[0].superres_tokens != results[1].superres_tokens).any()


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (TokenState.whole(np.zeros((8, 8), np.int32), None), "8 × 8"),
        (TokenState.whole(np.full((16, 16), 60_000), None), "60000"),
        (TokenState.whole(np.zeros((16, 16), np.int32), np.full((64, 64), 60_000)), "60000"),
    ],
)
def test_tokens_of_another_model_are_refused_in_words(session: Session, state: TokenState, words: str) -> None:
    with pytest.raises(MuseStudioError) as caught:
        run(session, replace(GENERATE, mode=Mode.RETEXTURE, tokens=state))
    assert caught.value.kind is ErrorKind.BAD_REQUEST
    assert words in caught.value.message


def test_what_is_not_decided_yet_is_continued_and_not_rolled_again(session: Session) -> None:
    steps, _ = run(session, GENERATE)
    with pytest.raises(MuseStudioError, match="not decided"):
        run(session, replace(GENERATE, mode=Mode.REROLL, tokens=state_at(steps, 1)))
