"""The bench of the window: what it makes of what it measured, its yardsticks, and its parts on a fake client."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QImage

from muse_studio.gui.bench.bare import BareCanvas
from muse_studio.gui.bench.beats import waits_ms
from muse_studio.gui.bench.painting import painting
from muse_studio.gui.bench.pointing import Paints, scribble
from muse_studio.gui.bench.rows import quantile, row, row_at_least
from muse_studio.gui.bench.undoing import undoing
from tests.gui.conftest import Studio


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0.01, 1))
def test_a_quantile_is_a_value_that_its_share_does_not_exceed(values: list[float], share: float) -> None:
    found = quantile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-6
    assert sum(value < found for value in values) < share * len(values) + 1e-6


def test_a_stall_counts_for_every_event_that_falls_into_it() -> None:
    calm = [number / 1000 for number in range(1, 100)]
    assert max(waits_ms(calm, 0.0, 0.1)) < 1.001
    stalled = [moment for moment in calm if not 0.02 < moment < 0.06]
    waits = waits_ms(stalled, 0.0, 0.1)
    assert max(waits) == pytest.approx(40)
    assert sum(wait > 16 for wait in waits) == pytest.approx(40 - 16, abs=1)
    assert quantile(waits, 0.99) > 16, "one stall in 0.1 s is more than one percent of it"


def test_a_loop_that_never_beats_waits_all_the_time() -> None:
    assert max(waits_ms([], 1.0, 1.5)) == pytest.approx(500)


def test_goals_are_judged_on_their_own_side() -> None:
    assert row("a", 5.0, "ms", 4.0)["reached"] is False
    assert row("a", 4.0, "ms", 4.0)["reached"] is True
    assert row_at_least("a", 29.0, "fps", 30.0)["reached"] is False
    assert row_at_least("a", 30.0, "fps", 30.0)["reached"] is True
    assert "reached" not in row("a", 5.0, "ms")


def test_the_bare_widget_paints_its_dabs_and_times_them(studio: Studio) -> None:
    picture = QImage(300, 200, QImage.Format.Format_RGB32)
    picture.fill(0xFF336699)
    bare = BareCanvas(picture, 1.0, 30)
    bare.resize(300, 200)
    bare.show()
    studio.settle()
    before = bare.grab().toImage()
    times: list[float] = []
    bare.strokeTimed.connect(times.append)
    studio.run(scribble(bare, 0, 20, 0.002))
    studio.settle()
    assert len(times) == 20
    assert all(time > 0 for time in times)
    assert bare.grab().toImage() != before
    bare.deleteLater()


def test_paints_waits_for_a_paint_that_came_after(studio: Studio) -> None:
    paints = Paints(studio.window.canvas)
    before = paints.count
    studio.window.canvas.update()
    studio.run(paints.next(before))
    assert paints.count > before


def test_strokes_are_timed_beside_bare_ones_while_a_job_runs(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("muse_studio.gui.bench.painting.STROKES", 2)
    monkeypatch.setattr("muse_studio.gui.bench.painting.EVENTS_PER_STROKE", 5)
    studio.client._step_s = 0.01
    rows = {str(one["what"]): one for one in studio.run(painting(studio.window))}
    names = [name for name in rows if "a job running" in name and "p95" in name]
    assert len(names) == 1
    assert rows[names[0]]["ratio_to"] == "bare"
    assert float(str(rows["first preview"]["value"])) > 0
    assert studio.client.requests, "a job was asked for"


def test_all_strokes_come_back_byte_for_byte(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("muse_studio.gui.bench.undoing.STROKES", 30)
    monkeypatch.setattr("muse_studio.gui.bench.undoing.STROKES_PER_TOOL", 4)
    whole, each = studio.run(undoing(studio.window))
    assert whole["reached"] is True
    assert "of 30 strokes" in str(whole["what"])
    assert float(str(each["value"])) > 0


def test_the_bare_process_beats_and_ends_with_its_input() -> None:
    code = "from muse_studio.gui.bench.beats import main; raise SystemExit(main())"
    run = subprocess.run([sys.executable, "-c", code], input="", capture_output=True, text=True, check=True, timeout=60)
    assert isinstance(json.loads(run.stdout), list)
