"""A branch asks for what was wished and keeps what a step had decided; nothing else is changed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from muse_studio.core.branching import BranchWish, Changed, Masking, branch_request, changes, same_wish
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.request import EditRequest, Mode, Reached, StagePlan
from muse_studio.core.runs import Branch, Run, RunTree
from tests.core.decodes import FRAME, inpainting, record

PLAN = StagePlan(24, 2.25, 4.0)
NEW = EditRequest(Mode.GENERATE, "a fox", "dull", seed=2**32 - 1, base=PLAN, superres=StagePlan(8), count=3)


def made(request: EditRequest = NEW) -> Run:
    return record(RunTree(), request)


@given(st.integers(0, 2), st.integers(0, 5))
def test_with_nothing_changed_only_the_step_is_added(variation: int, index: int) -> None:
    run = RUN
    step = run.steps[variation][index]
    request = branch_request(run, step, same_wish(run, variation))
    alone = replace(NEW, mode=Mode.GENERATE, seed=NEW.seeds[variation], count=1)
    assert request == replace(alone, mode=Mode.CONTINUE, tokens=step.tokens)


RUN = made()


def test_everything_that_is_wished_is_asked_for() -> None:
    wish = BranchWish("a lion", "blurry", 5, 1.0, None)
    request = branch_request(RUN, RUN.steps[0][1], wish)
    assert (request.prompt, request.negative_prompt, request.seed) == ("a lion", "blurry", 5)
    assert request.base == replace(PLAN, guidance=1.0)
    assert request.superres == StagePlan(8)
    assert request.count == 1


def test_a_fill_goes_on_under_its_own_mask_over_its_own_picture() -> None:
    asked = inpainting()
    run = made(asked)
    request = branch_request(run, run.steps[0][2], same_wish(run, 0))
    np.testing.assert_array_equal(request.picture, asked.picture)
    np.testing.assert_array_equal(request.mask, asked.mask)


@pytest.mark.parametrize("index", [1, 5])
def test_under_another_mask_nothing_beside_the_old_one_counts_as_decided(index: int) -> None:
    run = made(inpainting())
    mask = np.zeros((512, 512), np.uint8)
    mask[:, 128:384] = 255
    masking = Masking(np.full((512, 512, 3), 90, np.uint8), mask)
    step = run.steps[0][index]
    request = branch_request(run, step, same_wish(run, 0), masking)
    assert request.tokens is not None
    assert step.tokens is not None
    np.testing.assert_array_equal(request.mask, mask)
    np.testing.assert_array_equal(request.picture, masking.picture)
    assert not request.tokens.base.decided[:, :8].any()
    np.testing.assert_array_equal(request.tokens.base.decided[:, 8:], step.tokens.base.decided[:, 8:])
    assert request.tokens.superres == step.tokens.superres


@pytest.mark.parametrize(("index", "iterations"), [(0, 1), (2, 3), (3, 4), (5, 4)])
def test_an_edit_goes_on_from_where_its_iterations_stood(index: int, iterations: int) -> None:
    asked = EditRequest(Mode.EDIT, "a fox", seed=4, base=PLAN, count=2, picture=np.zeros((512, 512, 3), np.uint8))
    run = made(asked)
    step = run.steps[1][index]
    assert step.tokens is not None
    request = branch_request(run, step, same_wish(run, 1))
    reached = Reached(step.tokens.base.tokens, iterations)
    assert request == replace(asked, seed=5, count=1, reached=reached)
    with pytest.raises(MuseStudioError, match="whole picture"):
        branch_request(run, step, same_wish(run, 1), Masking(asked.picture, np.zeros((512, 512), np.uint8)))


def test_detail_alone_stands_on_what_its_edit_had_reached() -> None:
    """A branch from the detail makes no iteration, and can be left again."""
    reached = Reached(np.arange(256, dtype=np.int32).reshape(16, 16), 24)
    run = Run("0" * 32, EditRequest(Mode.EDIT, "", picture=np.zeros((512, 512, 3), np.uint8), reached=reached), FRAME)
    fine = np.ones((64, 64), np.int32)
    tokens = run.state_of("superres", fine, fine > 0, 0)
    assert tokens is not None
    np.testing.assert_array_equal(tokens.base.tokens, reached.tokens)
    step = replace(RUN.steps[0][5], tokens=tokens)
    assert branch_request(run, step, same_wish(run, 0)).reached == reached


@pytest.mark.parametrize("mode", [Mode.REROLL, Mode.RETEXTURE])
def test_steps_of_a_whole_picture_are_no_places_to_go_on_from(mode: Mode) -> None:
    run = made(EditRequest(mode, "", picture=np.zeros((512, 512, 3), np.uint8)))
    assert not run.can_branch
    with pytest.raises(MuseStudioError) as caught:
        branch_request(run, run.steps[0][0], same_wish(run, 0))
    assert caught.value.kind is ErrorKind.BAD_REQUEST


def test_what_a_branch_has_changed_is_named() -> None:
    def branch(**changed: object) -> Run:
        request = branch_request(RUN, RUN.steps[1][2], replace(same_wish(RUN, 1), **changed))  # type: ignore[arg-type]
        return Run("0" * 32, request, FRAME, Branch(RUN.id, 1, 2))

    assert changes(branch(), RUN) == ()
    assert changes(branch(prompt="owl", seed=9), RUN) == (Changed.PROMPT, Changed.SEED)
    assert changes(branch(negative_prompt="", superres_guidance=3.0), RUN) == (
        Changed.NEGATIVE_PROMPT,
        Changed.GUIDANCE,
    )
    masking = Masking(np.zeros((512, 512, 3), np.uint8), np.full((512, 512), 255, np.uint8))
    masked = Run("0" * 32, branch_request(RUN, RUN.steps[1][2], same_wish(RUN, 1), masking), FRAME)
    masked.parent = Branch(RUN.id, 1, 2)
    assert changes(masked, RUN) == (Changed.MASK,)
