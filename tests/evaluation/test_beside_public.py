"""The bench of published cascades: the same weights, the same numbers drawn, the same tokens, and times that add up."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from muse_studio.core.errors import MuseStudioError
from muse_studio.evaluation import beside_public, public_pipeline, published_child
from muse_studio.evaluation.beside_public import Race, Runner, memory_rows, race, race_rows, runners
from muse_studio.evaluation.beside_public_gpu import gpu_rows
from muse_studio.evaluation.public_pipeline import Watch
from muse_studio.evaluation.random_published import small_shapes, write_random_folder
from muse_studio.muse.int8 import is_quantised
from muse_studio.weights.published import PublishedCascade
from muse_studio.weights.published_folder import load_published


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("bench") / "random"
    write_random_folder(place, small_shapes())
    return place


@pytest.fixture
def cascade(folder: Path) -> PublishedCascade:
    return load_published(folder, dtype=torch.float32)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def test_both_draw_the_same_tokens_step_by_step_from_the_same_weights(folder: Path, cascade: PublishedCascade) -> None:
    found = race(folder, cascade, runners(cascade), 5)
    assert found.differs is None
    assert found.pixels < 1e-3, "groups of one channel round much; a screen shows 4e-3"
    for runner in (found.public, *found.ours):
        assert len(runner.steps) == 5
        assert all(second > 0 for second in (*runner.steps, runner.decode))


def test_a_token_that_differs_is_told_and_no_goal_is_reached(folder: Path, cascade: PublishedCascade) -> None:
    other = [Runner("float32", cascade)]
    weight = cascade.network.mlm_layer.conv2.weight  # type: ignore[attr-defined]
    weight.data = weight.data.flip(0)
    true = load_published(folder, dtype=torch.float32)
    found = race(folder, true, other, 3)
    assert found.differs == 0
    assert "differ from step 1 on" in race_rows(found, 3)[-1].what


def test_the_runners_compute_in_what_their_names_say(cascade: PublishedCascade) -> None:
    single, eight, half = runners(cascade)
    assert single.cascade is cascade
    assert not is_quantised(cascade.network)  # type: ignore[arg-type]
    assert half.cascade is not None
    assert all(weight.dtype is torch.bfloat16 for weight in half.cascade.network.parameters())  # type: ignore[attr-defined]
    assert eight.cascade is not None
    assert eight.name.startswith("int8")


def test_rows_judge_by_speed_and_by_equal_tokens() -> None:
    def runner(name: str, seconds: float) -> Runner:
        return Runner(name, None, [seconds, seconds], seconds)

    ours = (runner("float32", 0.5), runner("int8, decoded in float32", 0.6), runner("bfloat16", 0.3))
    rows = {row.what: row for row in race_rows(Race(runner("diffusers", 1.0), ours, None, 0.0), 2)}
    assert rows["diffusers, float32: 2 steps and decode"].value == 3
    single = rows["ours, float32: 2 steps and decode"]
    assert single.ratio == 2
    assert single.reached
    assert not rows["ours, int8, decoded in float32: 2 steps and decode"].reached
    assert rows["ours, bfloat16: 2 steps and decode"].reached is None
    unequal = race_rows(Race(runner("diffusers", 1.0), ours, 1, 0.0), 2)[1]
    assert unequal.reached is False, "fast and wrong is no success"


def test_a_gpus_rows_time_whole_pictures_in_turns(folder: Path) -> None:
    """On the CPU, for want of one: what is told, and that both do make pictures."""
    theirs, ours = gpu_rows(folder, 2, torch.device("cpu"), torch.float32)
    assert "diffusers, float32: 2 steps and decode on cpu" in theirs.what
    assert "one kernel at a time" in ours.what
    assert ours.ratio == pytest.approx(theirs.value / ours.value)
    assert ours.reached == (ours.ratio >= 2.5)


def test_memory_is_compared(folder: Path) -> None:
    ours = published_child.measure(folder, "ours")
    assert ours["peak_gb"] > 0.1
    assert ours["load_s"] > 0
    public = {**ours, "peak_gb": ours["peak_gb"] / 2}
    first = {**ours, "load_s": ours["load_s"] + 3}
    rows = memory_rows({"public": public, "first": first, "ours": ours})
    assert [row.reached for row in rows if row.goal] == [False, True]
    assert next(row.value for row in rows if "previews are learned" in row.what) == pytest.approx(3)
    assert json.dumps(ours)


def test_what_happens_while_the_watch_is_stopped_does_not_count() -> None:
    ticks = iter([0.0, 2.0, 10.0, 11.0, 14.0])
    watch = Watch(lambda: next(ticks))
    with watch.stopped():
        pass
    assert watch.lap() == 2 + 1
    assert watch.lap() == 3


def test_without_diffusers_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "diffusers", None)
    with pytest.raises(MuseStudioError, match="diffusers, which is not installed"):
        public_pipeline._diffusers()


def test_a_child_that_fails_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside_public.sys, "executable", "false")
    with pytest.raises(RuntimeError, match="the process that measures ours failed"):
        beside_public._in_a_child(tmp_path / "nothing", "ours", tmp_path)


def test_previews_that_the_first_load_learned_are_there_for_the_second(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is kept beside this machine's own settings: the children have a folder of their own, and share it."""
    told: list[str] = []

    def run(command: list[str], *, env: dict[str, str], **_: object) -> subprocess.CompletedProcess[str]:
        told.append(env["MUSE_STUDIO_CONFIG"])
        return subprocess.CompletedProcess(command, 0, '{"load_s": 1.0, "peak_gb": 2.0}\n', "")

    monkeypatch.setattr(beside_public.subprocess, "run", run)
    for who in beside_public.CHILDREN.values():
        assert beside_public._in_a_child(folder, who, tmp_path) == {"load_s": 1.0, "peak_gb": 2.0}
    assert told == [str(tmp_path)] * 3
