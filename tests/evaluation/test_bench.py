"""The bench measures what it says and its table can be read by people and by programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from muse_studio.evaluation import bench, candidates, speed
from muse_studio.evaluation.bench import Row, as_json, as_table
from muse_studio.evaluation.machine import Rates, counted, counter, since
from muse_studio.evaluation.published import LABEL, published_rows
from muse_studio.evaluation.speed import compile_layers, measure, measure_presets
from muse_studio.muse.cascade import Cascade
from muse_studio.muse.device import DeviceInfo
from muse_studio.muse.plans import StagePlan
from muse_studio.muse.presets import build_modules, build_random, muse_3b, random_text_encoder, tiny


@pytest.fixture
def model(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    Cascade(tiny(), build_modules(tiny()), random_text_encoder()).save(tmp_path / "model")
    return tmp_path / "model"


def test_parts_of_a_picture_add_up_to_the_whole(model: Path) -> None:
    rows = {row.what: row for row in measure(model, "cpu", 1)}
    parts = ("all base steps", "all super-resolution steps", "final decode", "all previews")
    whole = rows["512 px, 24 + 8 steps"].value
    assert sum(rows[name].value for name in parts) == pytest.approx(whole, rel=0.1)
    assert 0 < rows["first step and preview"].value < whole
    assert rows["peak memory"].value > 0.05
    for stage, steps in (("base", 24), ("super-resolution", 8)):
        every, one = rows[f"all {stage} steps"], rows[f"one {stage} step"]
        assert one.unit == "ms"
        assert 0 < one.value < 1e3 * every.value < 20 * steps * one.value
        assert every.ratio is not None
        assert 0 < every.ratio < 1, "nothing is faster than its own floor"


def test_an_inpainting_is_told_by_its_parts(model: Path) -> None:
    rows = {row.what: row for row in measure(model, "cpu", 1)}
    parts = [row.value for what, row in rows.items() if what.startswith("inpaint a quarter: ")]
    assert len(parts) == 4
    whole = rows["inpaint a quarter, same steps"].value
    assert 0.5 * whole < sum(parts) < whole


def test_presets_are_timed_with_random_weights_under_their_names(model: Path) -> None:
    rows = measure_presets(["tiny", "default-sizes"], model, "cpu", 1)
    for name in ("tiny", "default-sizes"):
        told = {row.what for row in rows if row.what.startswith(f"{name}: ")}
        assert f"{name}: 512 px, 24 + 8 steps" in told
        assert f"{name}: peak memory" in told
    assert not any(row.goal for row in rows), "the goals are the default model's"


def test_the_largest_preset_is_judged_on_the_gpu_that_its_goal_is_for(monkeypatch: pytest.MonkeyPatch) -> None:
    row = Row("muse-3b: 512 px, 24 + 8 steps", 0.4, "s")
    for name, reached in (("NVIDIA H100 80GB HBM3", True), ("AMD EPYC", None)):
        info = DeviceInfo(name, "cpu", None, None)
        monkeypatch.setattr(speed, "describe_device", lambda device, told=info: told)
        judged = speed._largest_goal(row, torch.device("cpu"))
        assert judged.reached is reached
        assert "0.45" in judged.goal


def test_published_figures_are_marked_and_never_judged() -> None:
    rows = published_rows()
    assert all(row.what.startswith(LABEL) and row.reached is None and row.ratio is None for row in rows)
    assert {row.value for row in rows if "Muse-3B, 512" in row.what} == {1.3}


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_every_product_of_a_layer_is_counted(dtype: torch.dtype) -> None:
    """Also those of fused attention on a CPU and of int8."""
    query = torch.randn(1, 2, 16, 8, dtype=dtype)
    eight = torch.ones(32, 64, dtype=torch.int8)
    with counter() as counts, torch.no_grad():
        begun = counted(counts)
        torch.nn.functional.scaled_dot_product_attention(query, query, query)
        attended = since(counted(counts), begun)
        torch._int_mm(eight, eight.T.contiguous())
        both = since(counted(counts), begun)
    assert sum(attended.values()) == 2 * 2 * 2 * 16 * 16 * 8
    assert sum(both.values()) - sum(attended.values()) == 2 * 32 * 64 * 32
    assert Rates(1e3, 1e6).floor_s(both) == pytest.approx(sum(attended.values()) / 1e3 + 2 * 32 * 64 * 32 / 1e6)


def test_compiled_layers_give_the_same_tokens() -> None:
    plain, compiled = build_random(seed=1), build_random(seed=1)
    compile_layers(compiled, backend="eager", dynamic=False)
    plans = (StagePlan(3, guidance=2.0), StagePlan(2, guidance=0.0))
    one, other = ([*model.sample(["a fox"], [""], [0], *plans)][-1].tokens for model in (plain, compiled))
    assert torch.equal(one, other)
    torch.compiler.reset()


def test_a_model_too_large_for_the_memory_is_told_of(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for free, warned in ((10**12, False), (10**9, True)):
        info = DeviceInfo("a machine", "cpu", None, free)
        monkeypatch.setattr(candidates, "describe_device", lambda device, told=info: told)
        candidates.warn_of_memory(muse_3b(), torch.float32, torch.device("cpu"))
        assert ("muse-3b needs" in capsys.readouterr().err) is warned


def test_a_missed_goal_is_said() -> None:
    table = as_table([Row("a", 1.0, "s", goal="≤ 2 s", reached=True), Row("b", 3.0, "s", goal="≤ 2 s", reached=False)])
    assert "reached" in table.splitlines()[2]
    assert "MISSED" in table.splitlines()[3]


def test_every_row_is_one_json_object() -> None:
    lines = as_json([Row("a", 1.5, "s", 0.5, "b"), Row("c", 2, "GB")]).splitlines()
    assert [json.loads(line)["value"] for line in lines] == [1.5, 2]


def test_a_window_that_cannot_start_is_said_and_the_model_is_still_measured(
    model: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench.sys, "executable", "false")
    assert bench._window_rows(model) == []
    assert "could not be measured" in capsys.readouterr().err
