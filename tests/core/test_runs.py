"""Runs keep every step as a place to go on from, tell of every change, and never take more memory than they may."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from muse_studio.core.errors import MuseStudioError
from muse_studio.core.job_state import JobState
from muse_studio.core.request import EditRequest, Mode
from muse_studio.core.run_pictures import THUMB_SIDE_PX, StepPicture, develop, preview_pixels, thumb_pixels
from muse_studio.core.runs import Branch, RunChange, RunNews, RunTree
from muse_studio.core.tokens import TokenGrid, TokenState
from tests.core.decodes import FRAME, decode, inpainting, record, result_of

REQUEST = EditRequest(Mode.GENERATE, "a fox", seed=3, count=2)


def test_a_run_keeps_the_steps_of_each_variation_in_order() -> None:
    tree = RunTree()
    events = list(decode(REQUEST))
    run = tree.begin(REQUEST, FRAME)
    assert run.state is JobState.QUEUED
    for event in events:
        tree.add_step(run, event)
    assert run.state is JobState.RUNNING
    assert [len(row) for row in run.steps] == [6, 6]
    for variation, row in enumerate(run.steps):
        own = [event for event in events if event.variation == variation]
        for step, event in zip(row, own, strict=True):
            assert (step.stage, step.index, step.job_index) == (event.stage, event.index, event.job_index)
            assert step.grid is not None
            np.testing.assert_array_equal(step.grid.tokens, event.tokens)
            np.testing.assert_array_equal(step.grid.decided, event.known)
            np.testing.assert_allclose(step.confidence / 255, event.confidence, atol=0.002)
            np.testing.assert_array_equal(preview_pixels(step.picture), event.preview)


def test_a_step_of_detail_holds_the_base_tokens_that_its_own_variation_ended_with() -> None:
    tree = RunTree()
    events = list(decode(REQUEST))
    run = tree.begin(REQUEST, FRAME)
    for event in events:
        tree.add_step(run, event)
    for variation in range(2):
        base = [event for event in events if event.stage == "base" and event.variation == variation][-1].tokens
        for step in run.steps[variation][4:]:
            assert step.tokens is not None
            assert step.tokens.base == TokenGrid.whole(base)


def test_a_run_that_begins_with_detail_has_the_base_tokens_of_its_request() -> None:
    base = np.arange(256).reshape(16, 16)
    tokens = TokenState(TokenGrid.whole(base), TokenGrid(np.zeros((64, 64), np.int32), np.zeros((64, 64), bool)))
    request = EditRequest(Mode.CONTINUE, "a lion", tokens=tokens)
    tree = RunTree()
    run = tree.begin(request, FRAME)
    for event in decode(request, base_steps=0):
        tree.add_step(run, event)
    assert [step.tokens.base for step in run.steps[0] if step.tokens] == [TokenGrid.whole(base)] * 2


def test_what_lies_outside_the_mask_is_not_decided_by_a_step() -> None:
    tree = RunTree()
    run = record(tree, inpainting())
    for step in run.steps[0]:
        assert step.grid is not None
        half = len(step.grid.decided) // 2
        assert not step.grid.decided[:, :half].any()
    assert run.share_decided(run.steps[0][3]) == 1.0
    assert run.share_decided(run.steps[0][0]) == pytest.approx(0.25)


def test_mean_confidence_counts_only_what_is_decided() -> None:
    tree = RunTree()
    run = tree.begin(REQUEST, FRAME)
    event = next(decode(REQUEST))
    sure = np.where(event.known, 0.8, 0.1).astype(np.float32)
    step = tree.add_step(run, replace(event, confidence=sure))
    assert run.mean_confidence(step) == pytest.approx(0.8, abs=0.01)


def test_a_result_is_the_picture_of_its_last_step() -> None:
    tree = RunTree()
    run = record(tree, REQUEST)
    assert run.state is JobState.FINISHED
    assert run.results == {0: 2.5, 1: 2.5}
    assert run.notes == ("Memory was short.",)
    for variation, row in enumerate(run.steps):
        np.testing.assert_array_equal(preview_pixels(row[-1].picture), result_of(REQUEST, variation).picture)


def test_a_variation_without_a_step_has_its_result_as_the_only_one() -> None:
    tree = RunTree()
    run = tree.begin(EditRequest(Mode.GENERATE, ""), FRAME)
    result = result_of(run.request)
    tree.add_result(run, result)
    (step,) = run.steps[0]
    assert result.base_tokens is not None
    assert step.tokens == TokenState.whole(result.base_tokens, result.superres_tokens)
    assert run.share_decided(step) == 1.0
    assert run.mean_confidence(step) == 1.0


def test_seconds_are_counted_from_the_first_moment_in_the_worker() -> None:
    moments = iter([0.0, 10.0, 12.0, 15.5])
    tree = RunTree(clock=lambda: next(moments))
    run = tree.begin(REQUEST, FRAME)
    tree.mark_running(run)
    events = decode(REQUEST)
    assert [tree.add_step(run, next(events)).seconds for _ in range(2)] == [2.0, 5.5]


@pytest.mark.parametrize("end", ["finished", "cancelled", "failed", "lost"])
def test_a_run_ends_once_and_stays_there(end: str) -> None:
    tree = RunTree()
    run = tree.begin(REQUEST, FRAME)
    tree.finish(run, end)
    tree.finish(run, JobState.RUNNING)
    assert run.state.value == end


def test_everything_that_happens_is_told_and_a_bad_listener_silences_nobody(caplog: pytest.LogCaptureFixture) -> None:
    heard: list[RunChange] = []

    def shout(change: RunChange) -> None:
        raise RuntimeError("a listener of no use")

    tree = RunTree(on_change=[shout, heard.append])
    run = tree.begin(EditRequest(Mode.GENERATE, ""), FRAME)
    for event in decode(run.request, base_steps=1, superres_steps=0):
        tree.add_step(run, event)
    tree.add_result(run, result_of(run.request))
    tree.finish(run)
    tree.rename(run, "the  first\nfox")
    tree.remove(run)
    tree.restore(run)
    news = [change.news.value for change in heard]
    assert news == ["begun", "state", "step", "picture", "state", "named", "removed", "restored"]
    assert (heard[2].variation, heard[2].step) == (0, 0)
    assert run.name == "the first fox"
    assert "a listener failed" in caplog.text


def test_a_removed_run_comes_back_to_its_place_and_its_branches_stay() -> None:
    tree = RunTree()
    first = tree.begin(REQUEST, FRAME)
    second = tree.begin(REQUEST, FRAME, Branch(first.id, 1, 2))
    first.begun, second.begun = "2026-01-01T10:00:00+00:00", "2026-01-01T10:05:00+00:00"
    assert tree.branches(None) == (first,)
    assert tree.branches(first) == (second,)
    tree.remove(first)
    assert tree.branches(None) == (second,)
    assert list(tree.walk()) == [(0, second)]
    tree.restore(first)
    assert tree.runs == (first, second)
    assert list(tree.walk()) == [(0, first), (1, second)]


def test_steps_of_a_removed_run_disturb_nobody() -> None:
    heard: list[RunChange] = []
    tree = RunTree()
    run = tree.begin(REQUEST, FRAME)
    tree.remove(run)
    tree.on_change.append(heard.append)
    tree.add_step(run, next(decode(REQUEST)))
    assert heard == []
    assert tree.size_bytes == 0
    tree.restore(run)
    assert tree.size_bytes == run.size_bytes > 0


def test_the_step_that_a_run_left_is_found_if_it_is_there() -> None:
    tree = RunTree()
    run = record(tree, REQUEST)
    assert tree.origin(tree.begin(REQUEST, FRAME, Branch(run.id, 1, 2))) is run.steps[1][2]
    for branch in (Branch(run.id, 2, 0), Branch(run.id, 0, 99), Branch("0" * 32, 0, 0)):
        assert tree.origin(tree.begin(REQUEST, FRAME, branch)) is None


# Pictures -----------------------------------------------------------------------------------------------------------


@given(st.integers(1, 300), st.integers(0, 9))
def test_a_developed_preview_is_the_same_to_the_last_bit(side: int, seed: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
    picture = develop(StepPicture(raw=pixels))
    np.testing.assert_array_equal(preview_pixels(picture), pixels)
    thumb = thumb_pixels(picture)
    assert thumb is not None
    assert max(thumb.shape) <= THUMB_SIDE_PX


def test_developing_may_happen_in_any_thread() -> None:
    pixels = [np.full((64, 64, 3), value, np.uint8) for value in range(16)]
    with ThreadPoolExecutor(4) as pool:
        developed = list(pool.map(develop, [StepPicture(raw=each) for each in pixels]))
    for each, picture in zip(pixels, developed, strict=True):
        np.testing.assert_array_equal(preview_pixels(picture), each)


def test_a_thumbnail_shows_the_picture_also_before_it_is_developed() -> None:
    pixels = np.full((256, 256, 3), (200, 30, 90), np.uint8)
    for picture in (StepPicture(raw=pixels), develop(StepPicture(raw=pixels))):
        thumb = thumb_pixels(picture)
        assert thumb is not None
        assert thumb.shape == (128, 128, 3)
        np.testing.assert_allclose(thumb[64, 64], (200, 30, 90), atol=6)
    assert thumb_pixels(StepPicture()) is None


def test_bytes_that_are_no_picture_are_refused() -> None:
    for data in (b"no picture", bytes(5_000_000)):
        with pytest.raises(MuseStudioError):
            preview_pixels(StepPicture(preview=data))


# Memory -------------------------------------------------------------------------------------------------------------


def held(run: object) -> list[list[bool]]:
    return [[step.picture.has_preview for step in row] for row in run.steps]  # type: ignore[attr-defined]


def developed(tree: RunTree) -> RunTree:
    """Develops every picture as soon as it comes."""

    def work(change: RunChange) -> None:
        if change.news in (RunNews.STEP, RunNews.PICTURE):
            picture = change.run.steps[change.variation][change.step].picture
            if picture.raw is not None:
                tree.put_picture(change.run, change.variation, change.step, develop(picture))

    tree.on_change.append(work)
    return tree


@pytest.mark.parametrize("develops", [True, False])
def test_four_variations_of_64_steps_stay_below_the_limit(develops: bool) -> None:
    tree = RunTree(pictures_limit_bytes=300_000)
    if develops:
        developed(tree)
    request = EditRequest(Mode.GENERATE, "", count=4)
    run = tree.begin(request, FRAME)
    for event in decode(request, base_steps=40, superres_steps=24, preview_px=48):
        tree.add_step(run, event)
        assert tree.pictures_bytes <= 300_000
    assert tree.size_bytes == run.size_bytes
    for row, kept in zip(run.steps, held(run), strict=True):
        assert len(row) == 64
        assert all(step.tokens is not None for step in row)
        assert all(step.picture.thumb for step in row) == develops
        assert kept == sorted(kept), "the oldest previews go first"
        assert not kept[0]
        assert kept[-1]


def test_the_last_picture_of_an_old_run_outlasts_its_other_steps() -> None:
    tree = RunTree(pictures_limit_bytes=200_000)
    request = EditRequest(Mode.GENERATE, "")
    runs = []
    for _ in range(4):
        runs.append(tree.begin(request, FRAME))
        for event in decode(request, preview_px=100):
            tree.add_step(runs[-1], event)
    assert held(runs[0]) == [[False] * 5 + [True]]
    assert held(runs[-1])[0][-2:] == [True, True]


def test_beyond_the_limit_of_all_the_oldest_run_without_branches_goes() -> None:
    tree = RunTree()
    first = record(tree, inpainting())
    tree.limit_bytes = 4 * first.size_bytes
    branch = tree.begin(first.request, FRAME, Branch(first.id, 0, 0))
    tree.finish(branch)
    others = [record(tree, inpainting()) for _ in range(4)]
    assert tree.size_bytes <= tree.limit_bytes
    assert tree.get(first.id) is None or tree.get(branch.id) is not None, "no branch loses its origin before it goes"
    assert tree.get(others[-1].id) is others[-1]
    assert tree.size_bytes == sum(run.size_bytes for run in tree.runs)
