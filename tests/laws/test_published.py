"""The laws once more, on published cascades of both families: one stage, other schedules, halved grids, other networks.

A tiny random folder of each is loaded as the program loads it. How a published cascade is asked is the same table of
ways, less the one that is about a second stage.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings

from muse_studio.core.errors import MuseStudioError
from muse_studio.core.request import Mode, StagePlan
from muse_studio.weights import preview, published_folder
from muse_studio.weights.published_sampling import Schedule, masked_after
from muse_studio.worker import given as material
from muse_studio.worker.session import Session
from tests.laws.test_ends import cancelling_leaves_nothing
from tests.laws.test_pixels import keeps_its_pixels
from tests.laws.test_tokens import fingerprint, inverted, leaves_what_it_must, nothing_changes_under_an_empty_mask
from tests.laws.ways import A_WISH, LARGE_WISH, WAYS, Way, Wish, few, run, under_paint, wishes
from tests.weights.published_folders import stored

ONE_STAGE = {name: way for name, way in WAYS.items() if way.mode is not Mode.RETEXTURE}
MASKED = {name: way for name, way in ONE_STAGE.items() if way.masked}
LARGE = replace(LARGE_WISH, base=StagePlan(3))


@pytest.fixture(scope="module", params=["amused 512", "meissonic"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Those that see four tokens as one: of the two, the harder one of each family."""
    return stored(tmp_path_factory.mktemp("laws"), request.param)


@pytest.fixture(scope="module")
def session(folder: Path) -> Session:
    return loaded(folder)


def loaded(folder: Path) -> Session:
    """With previews that were learned from as few pictures as can be."""
    session = Session()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(published_folder, "load_preview", partial(preview.load_preview, budget_s=0.0))
        session.load(folder, "cpu", dtype="float32")
    return session


@pytest.fixture(params=ONE_STAGE.values(), ids=ONE_STAGE.keys())
def way(request: pytest.FixtureRequest) -> Way:
    chosen: Way = request.param
    return chosen


@settings(few, max_examples=1)
@given(wishes)
def test_pixels_outside_the_mask_and_its_feather_keep_their_bytes(session: Session, way: Way, wish: Wish) -> None:
    keeps_its_pixels(session, way, wish)


def test_what_a_way_must_leave_alone_never_changes(session: Session, way: Way) -> None:
    leaves_what_it_must(session, way, A_WISH)


@pytest.mark.parametrize("name", ["inpaint gently", "edit from an iteration", "continue under the brush"])
def test_nor_at_another_size(session: Session, name: str) -> None:
    leaves_what_it_must(session, WAYS[name], LARGE)


def test_cancelling_at_any_step_leaves_nothing(session: Session, way: Way) -> None:
    cancelling_leaves_nothing(session, way, A_WISH, replace(A_WISH, seed=9), 1)


@pytest.mark.parametrize("way", MASKED.values(), ids=MASKED.keys())
def test_an_empty_mask_changes_nothing(session: Session, way: Way) -> None:
    nothing_changes_under_an_empty_mask(session, way)


@pytest.mark.parametrize("way", MASKED.values(), ids=MASKED.keys())
def test_known_tokens_that_change_are_told(session: Session, way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    request = way.request(session, A_WISH, way.start(A_WISH))
    monkeypatch.setattr(material, "known_grids", inverted)
    with pytest.raises(AssertionError):
        way.leaves(session, request, *run(session, request))


def test_the_same_folder_loaded_again_gives_the_same_results(session: Session, folder: Path) -> None:
    again = loaded(folder)
    for way in (WAYS["generate"], WAYS["inpaint"], WAYS["edit"]):
        found = [fingerprint(*run(one, way.request(one, A_WISH, way.start(A_WISH)))) for one in (session, again)]
        assert found[0] == found[1]


def test_another_seed_gives_another_picture(session: Session) -> None:
    way = WAYS["generate"]
    one, other = (
        run(session, way.request(session, replace(A_WISH, seed=seed), way.start(A_WISH)))[1].base_tokens
        for seed in (6, 7)
    )
    assert one is not None
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("size", [256, 512])
@pytest.mark.parametrize(("name", "schedule"), [("generate", Schedule.COSINE), ("inpaint", Schedule.LINEAR)])
def test_the_steps_fix_as_many_tokens_as_the_schedule_says(
    session: Session, name: str, schedule: Schedule, size: int
) -> None:
    wish = replace(A_WISH, size=size, base=StagePlan(7))
    request = WAYS[name].request(session, wish, WAYS[name].start(wish))
    steps, _ = run(session, request)
    begun = int(under_paint(request, size // 16).sum())
    left = [begun, *(int((~step.known).sum()) for step in steps)]
    assert len(steps) == 7
    assert left[1:] == [masked_after(step, 7, begun, before, schedule) for step, before in enumerate(left[:-1])]
    assert all(before > after for before, after in pairwise(left))


def test_a_second_stage_is_refused_in_a_sentence(session: Session) -> None:
    way = WAYS["retexture"]
    with pytest.raises(MuseStudioError, match="one stage"):
        run(session, way.request(session, A_WISH, way.start(A_WISH)))


def test_a_whole_run_leaves_the_random_numbers_of_others_alone(session: Session) -> None:
    before = torch.random.get_rng_state()
    way = WAYS["inpaint"]
    run(session, way.request(session, A_WISH, way.start(A_WISH)))
    assert torch.equal(torch.random.get_rng_state(), before)
