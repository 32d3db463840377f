"""From Generate to a changed document, on a fake client: what may change, what must not, and what a person is told."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from muse_studio.client.fake import FakeScript
from muse_studio.client.jobs import Job, JobState, WorkerState
from muse_studio.core.composite import frame_mask, frame_picture
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.request import PROMPT_LIMIT_CHARACTERS, Mode
from muse_studio.places import shipped
from tests.gui.conftest import Pixels, Studio

STROKE = ((400, 300), (450, 330), (500, 350))


@pytest.fixture
def painted(studio: Studio, photo: object) -> Studio:
    """A studio with a photo, a stroke on it and a prompt."""
    studio.open(photo)  # type: ignore[arg-type]
    studio.paint(*STROKE)
    studio.type_prompt("a 3d fox")
    return studio


def screen(studio: Studio, x: float, y: float) -> tuple[int, int, int]:
    """The colour that the canvas shows at a document point."""
    image = studio.window.canvas.grab().toImage()
    color = image.pixelColor(studio.place(x, y))
    return color.red(), color.green(), color.blue()


def test_a_painted_mask_is_filled_in_one_undo_step(painted: Studio) -> None:
    before, mask = painted.document.picture.copy(), painted.document.mask.copy()
    sent_picture, sent_mask = frame_picture(painted.document), frame_mask(painted.document)
    painted.generate()
    painted.finish_job()
    request = painted.client.requests[-1]
    assert request.mode is Mode.INPAINT
    assert request.prompt == "a 3d fox"
    np.testing.assert_array_equal(request.picture, sent_picture)
    np.testing.assert_array_equal(request.mask, sent_mask)
    after = painted.document.picture
    assert (after[325, 450] != before[325, 450]).any(), "nothing was filled"
    far = _far_from(mask, 30)
    np.testing.assert_array_equal(after[far], before[far])
    np.testing.assert_array_equal(painted.document.mask, mask)
    painted.press(Qt.Key.Key_Z, control=True)
    np.testing.assert_array_equal(painted.document.picture, before)
    np.testing.assert_array_equal(painted.document.mask, mask)


def _far_from(mask: Pixels, distance: int) -> np.ndarray:
    rows, columns = np.nonzero(mask)
    far = np.ones(mask.shape, bool)
    far[
        max(0, rows.min() - distance) : rows.max() + distance,
        max(0, columns.min() - distance) : columns.max() + distance,
    ] = False
    return far


def test_what_a_result_has_to_say_is_told(painted: Studio) -> None:
    painted.client.script = FakeScript(notes=("The prompt is longer than this model reads.",))
    painted.generate()
    painted.finish_job()
    assert painted.messages == ["The prompt is longer than this model reads."]


def test_every_step_is_seen_on_the_canvas_and_the_document_is_not_touched(painted: Studio) -> None:
    before = painted.document.picture.copy()
    seen = {screen(painted, 450, 328)}
    painted.generate()
    for steps in (5, 25):
        painted.client.advance(steps)
        painted.until(lambda: screen(painted, 450, 328) not in seen)
        seen.add(screen(painted, 450, 328))
        np.testing.assert_array_equal(painted.document.picture, before)
    words = painted.window.actions_area.doing.text()
    assert words == "Detail: step 6 of 8"


def test_progress_says_stage_step_and_seconds(painted: Studio) -> None:
    painted.generate()
    painted.client.advance(9)
    painted.settle()
    area = painted.window.actions_area
    assert area.doing.text() == "Composition: step 9 of 24"
    assert area.remaining.text() == "2 s left"
    assert area.bar.value() == round(1000 * 9 / 32)
    assert area.cancel.isVisible()
    assert area.generate.isEnabled(), "another job may be asked for at once"


@pytest.mark.parametrize("steps", [0, 1, 12, 31])
def test_cancel_leaves_the_document_as_it_was(painted: Studio, steps: int) -> None:
    before, mask, undo = painted.document.picture.copy(), painted.document.mask.copy(), painted.document.undo_label
    shown = screen(painted, 450, 328)
    painted.generate()
    painted.client.advance(steps)
    painted.settle()
    if steps % 2:
        painted.press(Qt.Key.Key_Escape)
    else:
        QTest.mouseClick(painted.window.actions_area.cancel, Qt.MouseButton.LeftButton)
    painted.until(lambda: not painted.window.jobs.is_busy)
    np.testing.assert_array_equal(painted.document.picture, before)
    np.testing.assert_array_equal(painted.document.mask, mask)
    assert painted.document.undo_label == undo
    painted.settle()
    assert screen(painted, 450, 328) == shown, "the preview must be gone"
    assert painted.window.actions_area.generate.isEnabled()


def test_a_lost_worker_harms_nothing_and_says_so(painted: Studio) -> None:
    before = painted.document.picture.copy()
    painted.client.script = FakeScript(lose_at=7)
    painted.generate()
    painted.finish_job()
    np.testing.assert_array_equal(painted.document.picture, before)
    notice = painted.window.messages.notices[0]
    assert "unharmed" in notice.message
    assert [action.label for action in notice.actions] == ["Try again"]
    painted.client.script = FakeScript()
    notice.actions[0].run()
    painted.settle()
    painted.finish_job()
    assert (painted.document.picture != before).any(), "the second try must succeed"


def test_a_second_try_on_a_canvas_that_was_turned_stands_as_that_does(painted: Studio) -> None:
    document, frame = painted.document, painted.document.frame
    painted.client.script = FakeScript(lose_at=7)
    painted.generate()
    painted.client.advance(4)
    painted.settle()
    document.rotate(1)
    painted.window.canvas.set_document(document)
    painted.finish_job()
    painted.client.script = FakeScript()
    painted.window.messages.notices[0].actions[0].run()
    painted.settle()
    painted.finish_job()
    assert painted.window.sheet is not None
    first, second = painted.window.sheet.runs.runs
    assert first.noted == second.noted
    assert first.frame == frame
    layer = document.layers[-1]
    assert document.undo_label == "Fill the mask"
    assert document.found(second.noted).contains_rect(layer.place)
    assert layer.variations[0].tokens is None
    assert (document.mask[layer.place.slices] > 0).mean() > 0.3, "over the mask, which was turned, too"


def test_how_the_last_job_went_is_told_in_the_language_of_the_moment(painted: Studio) -> None:
    painted.generate()
    painted.finish_job()
    area, commands = painted.window.actions_area, painted.window.commands
    english = area.doing.text()
    commands["language_ja"].trigger()
    assert english.startswith("Done in")
    assert "Done" not in area.doing.text()
    commands["language_en"].trigger()
    assert area.doing.text() == english


def test_a_failed_job_says_what_to_do(painted: Studio) -> None:
    error = MuseStudioError(ErrorKind.OUT_OF_MEMORY, "There was not enough memory; choose 256 px.")
    painted.client.script = FakeScript(fail_at=3, error=error)
    painted.generate()
    painted.finish_job()
    assert painted.messages == [error.message]
    painted.client.script = FakeScript()
    painted.generate()
    assert painted.messages == [], "who asks again has read it"


def test_a_picture_s_own_settings_are_offered_until_something_else_is_asked_for(studio: Studio) -> None:
    studio.open(shipped("resources/samples/fox.png"))
    assert len(studio.messages) == 1
    studio.type_prompt("a penguin")
    studio.press(Qt.Key.Key_Return, control=True)
    assert studio.messages == []


def test_without_a_document_a_prompt_makes_one(studio: Studio) -> None:
    studio.type_prompt("an owl")
    assert studio.window.actions_area.generate.text() == "New picture"
    studio.press(Qt.Key.Key_Return, control=True)
    studio.client.advance(3)
    studio.settle()
    assert studio.window.sheet is None
    studio.finish_job()
    assert studio.client.requests[-1].mode is Mode.GENERATE
    assert studio.document.picture.shape == (512, 512, 4)
    assert studio.window.sheet is not None
    assert studio.window.sheet.title == "an owl"
    assert studio.window.sheet.is_unsaved


def test_a_new_picture_is_a_layer_in_the_frame_that_can_be_taken_back(studio: Studio, photo: object) -> None:
    studio.open(photo)  # type: ignore[arg-type]
    before, frame = studio.document.picture.copy(), studio.document.frame
    studio.type_prompt("an owl")
    studio.generate()
    studio.client.advance(4)
    studio.settle()
    assert studio.window.canvas.document is studio.document, "the picture around the frame is still seen"
    studio.finish_job()
    assert [layer.name for layer in studio.document.layers][1:] == ["an owl"]
    assert studio.document.layers[-1].place == frame
    after = studio.document.picture.copy()
    outside = np.ones(after.shape[:2], bool)
    outside[frame.slices] = False
    np.testing.assert_array_equal(after[outside], before[outside])
    assert (after[frame.slices] != before[frame.slices]).any()
    studio.press(Qt.Key.Key_Z, control=True)
    np.testing.assert_array_equal(studio.document.picture, before)
    studio.press(Qt.Key.Key_Z, control=True, shift=True)
    np.testing.assert_array_equal(studio.document.picture, after)


def test_a_cancelled_new_picture_shows_the_document_again(studio: Studio, photo: object) -> None:
    studio.open(photo)  # type: ignore[arg-type]
    shown = screen(studio, 450, 350)
    studio.generate()
    studio.client.advance(4)
    studio.settle()
    assert screen(studio, 450, 350) != shown
    studio.press(Qt.Key.Key_Escape)
    studio.until(lambda: not studio.window.jobs.is_busy)
    studio.settle()
    assert screen(studio, 450, 350) == shown


def test_the_button_says_what_it_will_do(painted: Studio) -> None:
    button = painted.window.actions_area.generate
    assert button.text() == "Fill the mask"
    painted.window.canvas.setFocus()
    painted.press(Qt.Key.Key_D, control=True)
    assert button.text() == "New picture"
    painted.press(Qt.Key.Key_A, control=True)
    assert button.text() == "Fill the mask"
    painted.press(Qt.Key.Key_Z, control=True)
    assert button.text() == "New picture"


def test_a_mask_outside_the_frame_is_not_mistaken_for_none(studio: Studio, photo: object) -> None:
    studio.open(photo)  # type: ignore[arg-type]
    studio.paint((20, 20), (40, 60))
    assert not studio.document.mask_in_frame().any()
    studio.generate()
    assert not studio.client.requests
    assert "outside the frame" in studio.messages[0]


def test_generate_pressed_while_the_model_loads_waits_for_it(painted: Studio) -> None:
    client = painted.client
    client.set_status(WorkerState.LOADING, "Loading the model.", 0.25)
    hold = client._begin_next
    client._begin_next = lambda: None  # type: ignore[method-assign]
    painted.generate()
    area = painted.window.actions_area
    assert "load" in area.doing.text()
    assert area.bar.value() == 250
    client.set_status(WorkerState.LOADING, "Loading the model.", 0.75)
    assert area.bar.value() == 750
    client._begin_next = hold  # type: ignore[method-assign]
    client.set_status(WorkerState.READY, "Ready.")
    client._begin_next()
    painted.finish_job()
    assert painted.document.undo_label == "Fill the mask"


def test_a_worker_that_failed_for_good_offers_to_be_restarted(studio: Studio) -> None:
    studio.client.set_status(WorkerState.FAILED, "The worker could not be started.")
    notice = studio.window.messages.notices[0]
    assert notice.actions[0].label == "Restart worker"
    notice.actions[0].run()
    studio.until(lambda: studio.client.restarts == 1)
    assert not studio.messages, "once it is ready the notice goes away"


def test_the_seed_changes_with_every_job_unless_it_is_locked(studio: Studio) -> None:
    seeds = []
    for _ in range(3):
        studio.generate()
        studio.finish_job()
        seeds.append(studio.client.requests[-1].seed)
        studio.press(Qt.Key.Key_L, control=True) if len(seeds) == 2 else None
    assert seeds[0] != seeds[1]
    assert seeds[1] == seeds[2]
    assert studio.window.panel.seed.value == seeds[2]


def test_advanced_values_reach_the_request_and_empty_ones_are_the_models(studio: Studio) -> None:
    advanced = studio.window.panel.advanced
    advanced.steps["base"].setValue(12)
    advanced.guidance["superres"].setValue(2.5)
    studio.generate()
    request = studio.client.requests[-1]
    assert (request.base.steps, request.base.guidance) == (12, None)
    assert (request.superres.steps, request.superres.guidance) == (None, 2.5)


def test_a_prompt_that_is_too_long_is_cut_and_the_person_is_told(studio: Studio) -> None:
    studio.window.panel.prompt.setPlainText("fox " * 2500)
    studio.generate()
    assert len(studio.client.requests[-1].prompt) == PROMPT_LIMIT_CHARACTERS
    assert any("cut to 4,000 characters" in message for message in studio.messages)


@pytest.mark.parametrize("text", ["", "🦊" * 50, "\u202eright to left", "<b>bold</b> %s {}", "e" + "\u0301" * 500])
def test_any_prompt_is_taken(studio: Studio, text: str) -> None:
    studio.window.panel.prompt.setPlainText(text)
    studio.generate()
    studio.finish_job()
    assert studio.window.sheet is not None


def test_a_job_for_a_picture_that_was_closed_is_finished_and_told_of(painted: Studio, photo: object) -> None:
    """Its result is for the history; the picture that is there now is left alone."""
    ended: list[Job] = []
    painted.window.jobs.on_end.append(ended.append)
    painted.generate()
    painted.client.advance(3)
    painted.document.mark_saved()
    copy = photo.with_name("other.png")  # type: ignore[attr-defined]
    copy.write_bytes(photo.read_bytes())  # type: ignore[attr-defined]
    painted.open(copy)
    before = painted.document.picture.copy()
    painted.client.advance(1)
    painted.settle()
    assert painted.window.jobs.is_busy
    painted.finish_job()
    assert [job.state for job in ended] == [JobState.FINISHED]
    assert "its picture is closed" in painted.messages[0]
    assert not painted.document.can_undo
    np.testing.assert_array_equal(painted.document.picture, before)


def test_after_a_fill_the_result_is_not_hidden_by_its_mask(painted: Studio) -> None:
    painted.generate()
    painted.finish_job()
    painted.settle()
    expected = tuple(int(value) for value in painted.document.picture[328, 450, :3])
    shown = screen(painted, 450, 328)
    assert max(abs(a - b) for a, b in zip(expected, shown, strict=True)) < 24
    painted.paint((300, 500), (320, 510))
    assert painted.window.canvas.mask_style.opacity > 0


def test_a_result_arrives_whatever_was_undone_meanwhile(painted: Studio) -> None:
    """Also while its pixels are worked out in a thread: they depend on what the model saw alone."""
    before = painted.document.picture.copy()
    painted.generate()
    painted.client.advance(5)
    painted.press(Qt.Key.Key_Z, control=True)  # the prompt
    painted.press(Qt.Key.Key_Z, control=True)  # the stroke
    assert painted.document.mask_is_empty()
    painted.finish_job()
    assert (painted.document.picture[325, 450] != before[325, 450]).any()
    assert painted.document.mask_is_empty()
    painted.press(Qt.Key.Key_Z, control=True)
    np.testing.assert_array_equal(painted.document.picture, before)


def test_the_artist_may_go_on_painting_while_a_job_runs(painted: Studio) -> None:
    painted.generate()
    painted.client.advance(5)
    painted.settle()
    painted.paint((300, 500), (340, 520))
    mask = painted.document.mask.copy()
    painted.finish_job()
    np.testing.assert_array_equal(painted.document.mask, mask)
    sent = painted.client.requests[-1].mask
    assert sent is not None
    assert (frame_mask(painted.document) != sent).any()
    painted.press(Qt.Key.Key_Z, control=True)
    assert painted.document.undo_label == "Paint mask"
    painted.press(Qt.Key.Key_Z, control=True)
    assert painted.document.undo_label == "Change the prompt"


def test_after_generating_from_the_prompt_undo_is_about_the_picture(painted: Studio) -> None:
    before = painted.document.picture.copy()
    assert painted.app.focusWidget() is painted.window.panel.prompt
    painted.press(Qt.Key.Key_Return, control=True)
    painted.finish_job()
    assert (painted.document.picture != before).any()
    painted.press(Qt.Key.Key_Z, control=True)
    np.testing.assert_array_equal(painted.document.picture, before)
    assert painted.window.panel.prompt.toPlainText() == "a 3d fox"
    painted.press(Qt.Key.Key_Z, control=True, shift=True)
    assert (painted.document.picture != before).any()


def test_while_typing_undo_is_about_the_prompt_and_then_about_the_picture(painted: Studio) -> None:
    assert painted.document.undo_label == "Change the prompt"
    painted.press(Qt.Key.Key_Z, control=True)
    assert painted.window.panel.prompt.toPlainText() == ""
    assert painted.document.undo_label == "Paint mask"
    painted.press(Qt.Key.Key_Z, control=True, shift=True)
    assert painted.window.panel.prompt.toPlainText() == "a 3d fox"


def test_after_a_click_on_generate_keys_are_the_canvas_s(painted: Studio) -> None:
    painted.generate()
    assert painted.app.focusWidget() is painted.window.canvas
    painted.finish_job()
    painted.press(Qt.Key.Key_Z, control=True)
    assert painted.document.undo_label == "Change the prompt"
