"""Runs come back from files as they were; files that are not as they were written are refused run by run."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muse_studio.core import limits
from muse_studio.core.canvas_transform import CanvasTransform
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.job_state import JobState
from muse_studio.core.request import EditRequest, Mode, Reached, StagePlan
from muse_studio.core.run_files import INDEX, runs_from_files, runs_to_files
from muse_studio.core.run_pictures import develop, preview_pixels, thumb_pixels
from muse_studio.core.runs import Branch, Run, RunTree
from muse_studio.core.tokens import TokenGrid, TokenState
from tests.core.decodes import FRAME, decode, inpainting, record

START = TokenState(TokenGrid.whole(np.arange(256).reshape(16, 16)))


def requests() -> st.SearchStrategy[EditRequest]:
    words = st.text("ab é狐\n", max_size=20)
    plans = st.builds(StagePlan, st.one_of(st.none(), st.integers(1, 9)), st.one_of(st.none(), st.floats(0, 9)))
    counts = st.integers(1, 3)
    new = st.builds(EditRequest, st.just(Mode.GENERATE), words, words, base=plans, count=counts)
    going_on = st.builds(EditRequest, st.just(Mode.CONTINUE), words, tokens=st.just(START), count=counts)
    picture = st.just(inpainting().picture)
    stand = st.builds(Reached, st.just(START.base.tokens), st.integers(1, 256))
    edit = st.builds(EditRequest, st.just(Mode.EDIT), words, picture=picture, reached=st.one_of(st.none(), stand))
    retexture = st.builds(EditRequest, st.just(Mode.RETEXTURE), words, picture=picture)
    return st.one_of(new, going_on, edit, retexture, st.builds(inpainting, counts))


def same(run: Run, other: Run) -> None:
    """Everything but the previews of steps before the last."""
    assert (other.id, other.name, other.begun, other.frame, other.parent, other.notes, other.results) == (
        run.id,
        run.name,
        run.begun,
        run.frame,
        run.parent,
        run.notes,
        run.results,
    )
    assert other.request == run.request
    assert [len(row) for row in other.steps] == [len(row) for row in run.steps]
    for row, back in zip(run.steps, other.steps, strict=True):
        for step, again in zip(row, back, strict=True):
            assert (again.stage, again.index, again.total) == (step.stage, step.index, step.total)
            assert (again.job_index, again.job_total) == (step.job_index, step.job_total)
            assert again.tokens == step.tokens
            assert again.seconds == pytest.approx(step.seconds, abs=0.001)
            np.testing.assert_array_equal(again.confidence, step.confidence)
            np.testing.assert_array_equal(
                thumb_pixels(again.picture), thumb_pixels(develop(step.picture)), err_msg=str(step)
            )
        if row:
            np.testing.assert_array_equal(preview_pixels(back[-1].picture), preview_pixels(row[-1].picture))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(requests(), st.integers(0, 3), st.integers(0, 2), st.booleans()), max_size=3))
def test_runs_come_back_as_they_were(asked: list[tuple[EditRequest, int, int, bool]]) -> None:
    tree = RunTree()
    for number, (request, base, superres, whole) in enumerate(asked):
        if whole:
            run = record(tree, request, base_steps=base, superres_steps=superres, seed=number)
        else:
            run = tree.begin(request, FRAME, transform=CanvasTransform(number == 1, -1.0, 1.5, 300.0, -7.25))
            tree.finish(run, JobState.CANCELLED)
        tree.rename(run, f"run {number}")
        run.parent = Branch(tree.runs[0].id, 0, number) if number else None
    back = runs_from_files(runs_to_files(tree))
    assert back.left_out == 0
    assert len(back.runs) == len(tree.runs)
    for run, other in zip(tree.runs, back.runs, strict=True):
        same(run, other)
        assert other.state is run.state


def test_a_run_that_was_still_going_on_comes_back_as_lost_with_its_steps() -> None:
    tree = RunTree()
    run = tree.begin(EditRequest(Mode.GENERATE, "fox"), FRAME)
    for event in decode(run.request):
        tree.add_step(run, event)
    (back,) = runs_from_files(runs_to_files(tree)).runs
    assert back.state is JobState.LOST
    same(run, back)


def test_a_second_save_encodes_no_pixels_again_and_is_the_same() -> None:
    tree = RunTree()
    run = record(tree, inpainting())
    first = runs_to_files(tree)
    again = runs_to_files(tree.snapshot())
    assert first == again
    assert again[f"{run.id}/picture.png"] is first[f"{run.id}/picture.png"]


def test_a_run_of_32_steps_of_a_drawing_takes_less_than_150_kb_without_its_pixels() -> None:
    tree = RunTree()
    record(tree, EditRequest(Mode.GENERATE, "fox"), base_steps=24, superres_steps=8, preview_px=16)
    files = runs_to_files(tree)
    size = sum(len(data) for name, data in files.items() if not name.endswith(".webp"))
    assert size < 150_000, "the tokens of this test are noise, so a drawing's take less"


def test_no_files_are_no_runs() -> None:
    assert runs_from_files({}).runs == ()


# Hostile ------------------------------------------------------------------------------------------------------------


def sound() -> tuple[dict[str, bytes], dict[str, Any], str]:
    """Files of two runs, the index read, and the id of the first."""
    tree = RunTree()
    first = record(tree, inpainting(2), base_steps=2, superres_steps=1)
    record(tree, EditRequest(Mode.GENERATE, "owl"), base_steps=2, superres_steps=0)
    files = runs_to_files(tree)
    return files, json.loads(files[INDEX]), first.id


FILES, DESCRIBED, FIRST = sound()


@pytest.mark.parametrize("index", [b"", b"{", b"[]", b'{"format":2,"runs":[]}', b'{"format":1,"runs":{}}', b"[" * 9999])
def test_an_index_that_is_none_is_refused_by_name(index: bytes) -> None:
    with pytest.raises(MuseStudioError) as caught:
        runs_from_files({INDEX: index})
    assert caught.value.kind is ErrorKind.BAD_REQUEST
    assert "steps kept in this project" in caught.value.message


def changed(**fields: Any) -> dict[str, bytes]:
    first, second = DESCRIBED["runs"]
    return {**FILES, INDEX: json.dumps({"format": 1, "runs": [{**first, **fields}, second]}).encode()}


def with_step(**fields: Any) -> dict[str, bytes]:
    rows = DESCRIBED["runs"][0]["steps"]
    return changed(steps=[[{**rows[0][0], **fields}, *rows[0][1:]], *rows[1:]])


BAD = {
    "an id that leads out": changed(id="../../../../etc/passwd/aaaaaaaaa"),
    "an id that is none": changed(id=7),
    "a name that is none": changed(name=None),
    "a state that is none": changed(state="flying"),
    "a frame without a side": changed(frame=[0, 0, 0, 5]),
    "a frame of three": changed(frame=[0, 0, 5]),
    "a frame beyond the earth": changed(frame=[10**9, 0, 5, 5]),
    "a parent with a path": changed(parent=["../x", 0, 0]),
    "a parent's step below zero": changed(parent=[FIRST, 0, -1]),
    "a request that is none": changed(request={"mode": "generate"}),
    "more rows than variations": changed(steps=[[], [], []]),
    "rows that are none": changed(steps=5),
    "steps that are none": changed(steps=[["a"], []]),
    "results of nobody": changed(results={"9": 1.0}),
    "a result that never ended": changed(results={"0": float("nan")}),
    "notes that are none": changed(notes={"a": 1}),
    "a side that is none": with_step(side=0),
    "a side of millions": with_step(side=10**6),
    "a side that says true": with_step(side=True),
    "a stage that is none": with_step(stage="dream"),
    "a thumbnail below zero": with_step(thumb=-1),
    "a thumbnail of a gigabyte": with_step(thumb=2**30),
    "base tokens that are not there": with_step(base=16),
    "tokens missing": with_step(tokens=False),
    "a step at no place": with_step(at=[0, 1]),
    "no tokens": {name: data for name, data in FILES.items() if name != f"{FIRST}/tokens.bin"},
    "no thumbnails": {name: data for name, data in FILES.items() if name != f"{FIRST}/thumbs.bin"},
    "no picture": {name: data for name, data in FILES.items() if name != f"{FIRST}/picture.png"},
    "a picture that is none": {**FILES, f"{FIRST}/picture.png": b"GIF89a"},
    "tokens cut off": {**FILES, f"{FIRST}/tokens.bin": FILES[f"{FIRST}/tokens.bin"][:-40]},
    "tokens that are none": {**FILES, f"{FIRST}/tokens.bin": b"tokens"},
    "thumbnails cut off": {**FILES, f"{FIRST}/thumbs.bin": FILES[f"{FIRST}/thumbs.bin"][:-1]},
}


@pytest.mark.parametrize("what", BAD)
def test_a_damaged_run_is_left_out_and_the_others_stay(what: str) -> None:
    tree = runs_from_files(BAD[what])
    assert tree.left_out == 1
    assert [run.request.prompt for run in tree.runs] == ["owl"]


def test_a_run_that_is_there_twice_counts_once() -> None:
    first = DESCRIBED["runs"][0]
    tree = runs_from_files({**FILES, INDEX: json.dumps({"format": 1, "runs": [first, first]}).encode()})
    assert (len(tree.runs), tree.left_out) == (1, 1)


def test_a_bomb_of_tokens_is_never_inflated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "RUNS_LIMIT_BYTES", 10_000)
    assert runs_from_files(FILES).left_out >= 1


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_flipped_bytes_open_to_a_valid_tree_or_are_refused(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([name for name in FILES if not name.endswith("picture.png")]))
    damaged = bytearray(FILES[name])
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.one_of(st.none(), st.integers(0, len(damaged))))
    try:
        tree = runs_from_files({**FILES, name: bytes(damaged[:cut])})
    except MuseStudioError:
        return
    for run in tree.runs:
        for step in (step for row in run.steps for step in row):
            for pixels in (preview_pixels, thumb_pixels):
                with contextlib.suppress(MuseStudioError):
                    pixels(step.picture)
