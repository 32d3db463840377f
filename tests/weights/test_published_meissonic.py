"""What Meissonic's network is told beside the tokens, in every mode; and that positions follow its own grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import torch

from muse_studio.core.geometry import Extent
from muse_studio.muse.plans import EditPlan, KnownGrids, StagePlan, TokenGrids
from muse_studio.weights.meissonic import JointConditioning, MeissonicTransformer
from muse_studio.weights.published import PublishedCascade
from muse_studio.weights.published_folder import load_published
from tests.weights.published_folders import store_meissonic

PLAN = StagePlan(steps=5, guidance=8.0, temperature=2.0)
SAID: tuple[Any, ...] = (["a fox", "12 foxes"], [""], [1, 2])


@pytest.fixture(scope="module", params=[True, False], ids=["meissonic", "monetico"])
def cascade(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> PublishedCascade:
    folder = store_meissonic(tmp_path_factory.mktemp("published"), halved=request.param)
    return load_published(folder, dtype=torch.float32)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[int], JointConditioning]]:
    """What the network is told in each call: steps left of each row, and its conditioning."""
    calls: list[tuple[list[int], JointConditioning]] = []
    logits = MeissonicTransformer.logits

    def listening(self: Any, tokens: Any, prepared: JointConditioning, left: Sequence[int], wanted: Any) -> Any:
        calls.append(([*left], prepared))
        return logits(self, tokens, prepared, left, wanted)

    monkeypatch.setattr(MeissonicTransformer, "logits", listening)
    return calls


def test_each_row_of_both_halves_is_told_the_steps_to_come(cascade: PublishedCascade, told: list[Any]) -> None:
    list(cascade.sample(*SAID, PLAN, extent=Extent(96, 64)))
    assert [left for left, _ in told] == [[left] * 4 for left in (4, 3, 2, 1, 0)]


def test_one_half_after_the_other_is_told_the_same(cascade: PublishedCascade, told: list[Any]) -> None:
    cascade.guidance.way = "sequential"
    list(cascade.sample(*SAID, PLAN, extent=Extent(96, 64)))
    cascade.guidance.way = "batch"
    assert [left for left, _ in told] == [[left] * 2 for left in (4, 4, 3, 3, 2, 2, 1, 1, 0, 0)]


def test_a_branch_is_told_what_its_decode_would_have_been(cascade: PublishedCascade, told: list[Any]) -> None:
    steps = list(cascade.sample(*SAID, PLAN, extent=Extent(96, 64)))
    told.clear()
    nothing = KnownGrids(torch.zeros(1, 4, 6, dtype=torch.bool))
    given = TokenGrids(steps[2].tokens), KnownGrids(steps[2].known), nothing
    list(cascade.sample(*SAID, PLAN, None, *given))
    assert [left for left, _ in told] == [[1] * 4, [0] * 4]


def test_an_edit_and_a_doubt_are_told_the_step_that_knows_as_much(cascade: PublishedCascade, told: list[Any]) -> None:
    """Of the default plan's 48 steps 1 is left where 8 % is unknown, and 3 where an eighth is."""
    tokens = torch.full((1, 4, 6), 7)
    list(cascade.edit(*SAID, TokenGrids(tokens), EditPlan(iterations=2)))
    assert [left for left, _ in told] == [[1] * 4] * 2
    told.clear()
    cascade.confidence("a fox", tokens)
    assert {tuple(left) for left, _ in told} == {(3,)}


def test_positions_are_those_of_the_grid_that_the_blocks_see_at_every_height(
    cascade: PublishedCascade, told: list[Any]
) -> None:
    times = 2 if cascade.facts.halved else 1
    for extent in (Extent(96, 64), Extent(64, 160)):
        told.clear()
        list(cascade.sample(*SAID, StagePlan(steps=1), extent=extent))
        positions = (extent.width // 16 // times) * (extent.height // 16 // times)
        assert len(told[0][1].rotation.cosine) == cascade.text.length + positions
