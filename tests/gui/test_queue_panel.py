"""Several jobs wait: where they go, what is seen of them, and what a person can do about them; with real events."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from muse_studio.client.fake import FakeScript
from muse_studio.client.jobs import JobState
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.geometry import Rect
from muse_studio.gui.panels.queue import QueueRow
from tests.gui.conftest import Studio


@pytest.fixture
def three(studio: Studio) -> Studio:
    """Three jobs for a new picture: a fox, an owl, a cat; the fox runs."""
    for prompt in ("a fox", "an owl", "a cat"):
        studio.type_prompt(prompt)
        studio.generate()
    studio.window.docks.show("queue")
    studio.settle()
    return studio


def prompts(studio: Studio) -> list[str]:
    return [job.request.prompt for job in studio.client.jobs]


def rows(studio: Studio) -> list[QueueRow]:
    """As they stand in the panel, from above."""
    return sorted(studio.window.making.queue.rows.values(), key=lambda row: row.y())


def click(studio: Studio, widget: object) -> None:
    studio.hands.click(widget)  # type: ignore[arg-type]
    studio.settle()


def test_each_press_of_generate_is_one_more_job(three: Studio) -> None:
    assert prompts(three) == ["a fox", "an owl", "a cat"]
    assert [row.prompt.text() for row in rows(three)] == ["a fox", "an owl", "a cat"]
    assert "2 more" in three.window.actions_area.remaining.text()
    assert three.window.making.queue.total.text() == "3 jobs · 10 s left"


def test_a_row_says_how_far_its_job_is(three: Studio) -> None:
    three.client.advance(9)
    three.settle()
    running, waiting = rows(three)[:2]
    assert running.state.text() == "Composition: step 9 of 24 · 2 s left"
    assert running.bar.value() == round(1000 * 9 / 32)
    assert not running.look.pixmap().isNull()
    assert waiting.state.text() == "Waiting · takes 3 s"
    assert waiting.bar.isHidden()
    assert running.to_front.isHidden()


def test_a_job_goes_to_the_front_and_to_the_back(three: Studio) -> None:
    click(three, rows(three)[2].to_front)
    assert prompts(three) == ["a fox", "a cat", "an owl"]
    assert [row.prompt.text() for row in rows(three)] == ["a fox", "a cat", "an owl"]
    assert not rows(three)[1].to_front.isEnabled()
    click(three, rows(three)[1].to_back)
    assert prompts(three) == ["a fox", "an owl", "a cat"]


def test_one_job_is_cancelled_or_all_of_them(three: Studio) -> None:
    click(three, rows(three)[1].cancel)
    assert prompts(three) == ["a fox", "a cat"]
    three.window.canvas.setFocus()
    three.press(Qt.Key.Key_Escape)
    assert prompts(three) == ["a cat"], "Escape is about the one that runs"
    three.generate()
    click(three, three.window.making.queue.cancel_all)
    three.until(lambda: not three.window.jobs.is_busy)
    assert prompts(three) == []
    assert three.window.making.queue.empty.isVisible()
    assert three.window.sheet is None


def test_generate_has_a_place_before_all_others_and_one_instead_of_them(three: Studio) -> None:
    three.type_prompt("a frog")
    QTest.keyClick(
        three.window.panel.prompt,
        Qt.Key.Key_Return,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )
    three.settle()
    assert prompts(three) == ["a fox", "a frog", "an owl", "a cat"]
    three.type_prompt("a bee")
    menu = three.window.actions_area.menu
    click(three, three.window.actions_area.places)
    assert [action.objectName() for action in menu.actions()] == ["generate", "generate_next", "generate_instead"]
    menu.actions()[2].trigger()
    menu.hide()
    three.settle()
    assert prompts(three) == ["a bee"]


def test_all_results_arrive_in_one_document_as_layers(three: Studio) -> None:
    """The first makes it; the others asked without one belong to it too."""
    three.client.advance(300)
    three.until(lambda: not three.window.jobs.is_busy)
    assert [layer.name for layer in three.document.layers] == ["a fox", "an owl", "a cat"]
    assert {layer.place for layer in three.document.layers} == {Rect(0, 0, 512, 512)}
    assert [run.request.prompt for run in three.window.sheet.runs.runs] == ["a fox", "an owl", "a cat"]  # type: ignore[union-attr]
    assert {run.step_count for run in three.window.sheet.runs.runs} == {32}  # type: ignore[union-attr]


def test_variations_of_a_job_are_inside_its_layer_and_each_is_looked_at(studio: Studio) -> None:
    click(studio, studio.window.panel.count.button(3))
    studio.type_prompt("a fox")
    studio.generate()
    shown = set()
    for _ in range(12):
        studio.client.advance(1)
        studio.settle()
        QTest.qWait(60)
        shown.add(studio.window.canvas.grab().toImage().pixelColor(studio.place(250, 20)).name())
    assert len(shown) >= 3
    studio.client.advance(100)
    studio.until(lambda: not studio.window.jobs.is_busy)
    assert studio.client.requests[-1].count == 3
    (layer,) = studio.document.layers
    seeds = [variation.facts["seed"] for variation in layer.variations]
    assert seeds == list(studio.client.requests[-1].seeds)
    assert len({variation.pixels.tobytes() for variation in layer.variations}) == 3


def test_a_failed_job_lets_the_others_run_and_is_tried_again_before_them(three: Studio) -> None:
    error = MuseStudioError(ErrorKind.OUT_OF_MEMORY, "There was not enough memory; choose 256 px.")
    three.client.script = FakeScript(fail_at=3, error=error)
    three.client.advance(4)
    three.settle()
    assert prompts(three) == ["an owl", "a cat"]
    assert three.messages == [error.message]
    three.client.script = FakeScript()
    three.window.messages.notices[0].actions[0].run()
    three.settle()
    assert prompts(three) == ["an owl", "a fox", "a cat"]


def test_words_too_long_for_a_row_end_in_dots_and_are_told_whole(three: Studio) -> None:
    three.client.advance(9)
    three.settle()
    state = rows(three)[0].state
    whole = state.text()
    assert state.shown == whole
    state.resize(state.width() // 2, state.height())
    assert state.shown.endswith("…")
    assert state.toolTip() == whole


def test_a_lost_worker_takes_its_own_job_alone(three: Studio) -> None:
    three.client.script = FakeScript(lose_at=5)
    three.client.advance(6)
    three.client.script = FakeScript()
    three.settle()
    assert prompts(three) == ["an owl", "a cat"]
    assert three.client.jobs[0].state is JobState.RUNNING
    assert "unharmed" in three.messages[0]


def test_the_frame_of_a_waiting_job_follows_a_canvas_that_has_grown(studio: Studio, photo: object) -> None:
    studio.open(photo)  # type: ignore[arg-type]
    studio.document.set_frame(Rect(-200, 0, 512, 512))
    studio.window.refresh()
    studio.generate()
    studio.document.set_frame(Rect(300, 100, 512, 512))
    studio.paint((400, 300), (500, 300))
    studio.generate()
    before = studio.document.picture.copy()
    studio.client.advance(200)
    studio.until(lambda: not studio.window.jobs.is_busy)
    extended, filled = studio.document.layers[-2:]
    assert studio.document.extent.width == 1100
    assert extended.place.x == 0
    assert 200 + 300 <= filled.place.x <= 200 + 400, "as far to the right as the canvas has grown"
    np.testing.assert_array_equal(studio.document.picture[600:, 200:], before[600:])
