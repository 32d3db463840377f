"""The bench measures what it says and its table can be read by people and by programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from muse_studio.evaluation import bench
from muse_studio.evaluation.bench import Row, as_json, as_table
from muse_studio.evaluation.speed import measure
from muse_studio.muse.cascade import Cascade
from muse_studio.muse.presets import build_modules, random_text_encoder, tiny


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
