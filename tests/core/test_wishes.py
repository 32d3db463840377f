"""Wishes go out and in as JSON; what a stranger wrote never raises and never asks for what a request refuses."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from muse_studio.core import limits
from muse_studio.core.model_shape import OWN_SHAPE
from muse_studio.core.request import EditRequest, Mode, StagePlan
from muse_studio.core.wishes import Aim, Wishes, wishes_of

ALL = Wishes("a fox", "text", 7, StagePlan(3, 0.5), StagePlan(2), Aim.REROLL, 0.25, 0.5, 4, 256, StagePlan(60, 1.5))


def test_wishes_come_back_from_their_settings() -> None:
    for wishes in (Wishes(), ALL):
        assert Wishes.from_settings(json.loads(json.dumps(wishes.settings()))) == wishes


@given(
    some.dictionaries(
        some.sampled_from(sorted(ALL.settings())),
        some.recursive(
            some.none() | some.booleans() | some.integers() | some.floats() | some.text(),
            lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=8), inner, max_size=3),
        ),
    )
)
def test_strange_settings_become_wishes_that_a_request_takes(settings: dict[str, Any]) -> None:
    wishes = Wishes.from_settings(settings)
    EditRequest(
        Mode.GENERATE,
        wishes.prompt,
        wishes.negative_prompt,
        wishes.seed,
        OWN_SHAPE.size_for(wishes.size),
        wishes.base,
        wishes.superres,
        share=wishes.share,
        count=wishes.count,
    )
    assert 0 < wishes.strength <= 1


def test_wishes_of_a_request_ask_for_it_again() -> None:
    plan = StagePlan(9, 0.5)
    request = EditRequest(Mode.GENERATE, "a cat", "a dog", 5, limits.BASE_SIDE_PX, plan, StagePlan(2), count=2)
    wishes = wishes_of(request.settings())
    assert wishes == Wishes("a cat", "a dog", 5, plan, StagePlan(2), Aim.NEW, count=2, size=limits.BASE_SIDE_PX)


def test_the_iterations_of_an_edit_are_no_steps() -> None:
    settings = {**EditRequest(Mode.GENERATE, "a cat", base=StagePlan(100, 2.0)).settings(), "mode": "edit"}
    assert wishes_of(settings).base == StagePlan()
    assert wishes_of(settings).edit == StagePlan(100, 2.0)
    assert wishes_of(settings).aim is Aim.EDIT
