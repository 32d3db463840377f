"""The timeline in the real window: steps arrive, scrubbing shows them, branches are made, and nothing is touched."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QFileDialog

from muse_studio.core.document import Document
from muse_studio.core.request import EditRequest, Mode
from muse_studio.core.run_pictures import preview_pixels
from muse_studio.core.runs import Branch, Run
from muse_studio.gui.sheet import Sheet
from muse_studio.gui.timeline.branch_dialog import BranchDialog
from muse_studio.gui.timeline.export_dialog import ExportDialog
from muse_studio.gui.timeline.state import Timeline
from muse_studio.gui.timeline.words import run_title, run_words
from tests.core.decodes import record
from tests.gui.conftest import Studio

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def made(studio: Studio) -> Studio:
    """A studio in which a picture was made."""
    studio.type_prompt("a fox")
    studio.generate()
    studio.finish_job()
    studio.until(lambda: all(step.picture.raw is None for step in run_of(studio).steps[0]))
    return studio


def state(studio: Studio) -> Timeline:
    return studio.window.timeline.state


def run_of(studio: Studio) -> Run:
    run = state(studio).run
    assert run is not None
    return run


def screened(studio: Studio) -> bool:
    """Whether the step under the head is what the canvas shows."""
    return studio.window.timeline.screen.shown is state(studio).current


def seek(studio: Studio, step: int) -> None:
    """Click on the scrubber where a step is."""
    scrubber = studio.window.timeline.panel.scrubber
    QTest.mouseClick(scrubber, LEFT, pos=QPoint(round(scrubber.place_of(step)), scrubber.height() // 2))
    studio.until(lambda: screened(studio))


def canvas_colour(studio: Studio, x: float, y: float) -> tuple[int, int, int]:
    color = studio.window.canvas.grab().toImage().pixelColor(studio.place(x, y))
    return color.red(), color.green(), color.blue()


def key(studio: Studio, key: Qt.Key) -> None:
    QTest.keyClick(studio.window.timeline.panel.scrubber, key)
    studio.settle()


def dialog_of(studio: Studio, kind: type[QDialog]) -> QDialog:
    studio.until(lambda: [found for found in studio.window.findChildren(kind) if found.isVisible()])
    return next(found for found in studio.window.findChildren(kind) if found.isVisible())


# Steps arrive --------------------------------------------------------------------------------------------------------


def test_steps_arrive_in_order_and_the_head_follows_them(studio: Studio) -> None:
    studio.type_prompt("a fox")
    studio.generate()
    for count in (1, 5, 26):
        studio.client.advance(count - len(state(studio).row))
        studio.settle()
        assert [step.job_index for step in state(studio).row] == list(range(count))
        assert state(studio).step == count - 1
    assert "Detail, step 2 of 8" in studio.window.timeline.panel.facts.text()
    assert not state(studio).is_screening
    studio.finish_job()
    assert len(state(studio).row) == 32


def test_the_runs_of_a_first_picture_belong_to_the_document_that_came_of_it(made: Studio) -> None:
    assert made.window.sheet is not None
    assert made.window.sheet.runs.runs == (run_of(made),)
    assert state(made).tree is made.window.sheet.runs


def test_thumbnails_show_the_steps_pictures(made: Studio) -> None:
    strip = made.window.timeline.panel.strip
    seek(made, 0)
    studio_thumb = made.window.timeline._darkroom.thumb
    made.until(lambda: strip.grab() and studio_thumb(run_of(made), 0, 0) is not None)
    made.settle()
    image, cell = strip.viewport().grab().toImage(), strip.cell(0, 0)
    expected = preview_pixels(run_of(made).steps[0][0].picture)
    assert expected is not None
    corner = image.pixelColor(cell.left() + 6, cell.top() + 6)
    np.testing.assert_allclose((corner.red(), corner.green(), corner.blue()), expected[12, 12], atol=24)


def test_another_document_has_its_own_runs(made: Studio) -> None:
    made.window.start_over(Sheet(Document(np.zeros((64, 64, 3), np.uint8)), "another"))
    assert state(made).run is None
    assert made.window.timeline.panel.pages.currentIndex() == 0
    assert not made.window.commands["export_decode"].isEnabled()


# Scrubbing -----------------------------------------------------------------------------------------------------------


def test_scrubbing_shows_the_steps_pixels_and_leaves_the_document_alone(made: Studio) -> None:
    before = made.document.picture.copy()
    shown = canvas_colour(made, 40, 40)
    seen = set()
    for step in (0, 6, 20, 31):
        seek(made, step)
        pixels = preview_pixels(run_of(made).steps[0][step].picture)
        assert pixels is not None
        at = round(40 * len(pixels) / 512)
        np.testing.assert_allclose(canvas_colour(made, 40, 40), pixels[at, at], atol=12)
        seen.add(canvas_colour(made, 256, 256))
    assert len(seen) > 1
    np.testing.assert_array_equal(made.document.picture, before)
    assert not made.document.can_redo
    QTest.keyClick(made.window.timeline.panel.strip, Qt.Key.Key_Escape)
    made.settle()
    assert not state(made).is_screening
    assert canvas_colour(made, 40, 40) == shown


def test_keys_move_the_head(made: Studio) -> None:
    seek(made, 10)
    for pressed, head in (
        (Qt.Key.Key_Left, 9),
        (Qt.Key.Key_Right, 10),
        (Qt.Key.Key_Home, 0),
        (Qt.Key.Key_Left, 0),
        (Qt.Key.Key_End, 31),
        (Qt.Key.Key_PageUp, 27),
    ):
        key(made, pressed)
        assert state(made).step == head
        made.until(lambda: screened(made))


def test_a_click_on_a_thumbnail_shows_it(made: Studio) -> None:
    strip = made.window.timeline.panel.strip
    seek(made, 0)
    QTest.mouseClick(strip.viewport(), LEFT, pos=strip.cell(0, 3).center())
    made.until(lambda: screened(made))
    assert state(made).step == 3


@pytest.mark.parametrize("way", ["paint", "escape", "button", "generate"])
def test_looking_ends(made: Studio, way: str) -> None:
    seek(made, 5)
    if way == "paint":
        made.paint((100, 100), (120, 120))
        assert made.document.mask[100, 100], "the stroke that ended it is painted"
    elif way == "escape":
        made.window.canvas.setFocus()
        QTest.keyClick(made.window.canvas, Qt.Key.Key_Escape)
    elif way == "button":
        QTest.mouseClick(made.window.timeline.panel.leave, LEFT)
    else:
        made.generate()
    made.settle()
    assert not state(made).is_screening
    assert not made.window.canvas.holds_preview


def test_a_pan_keeps_the_step_on_the_canvas(made: Studio) -> None:
    seek(made, 5)
    QTest.mousePress(made.window.canvas, Qt.MouseButton.MiddleButton, pos=QPoint(100, 100))
    QTest.mouseRelease(made.window.canvas, Qt.MouseButton.MiddleButton, pos=QPoint(100, 100))
    assert made.window.canvas.holds_preview


def test_steps_that_come_meanwhile_do_not_disturb_a_person_who_looks_back(studio: Studio) -> None:
    studio.type_prompt("an owl")
    studio.generate()
    studio.client.advance(12)
    studio.settle()
    seek(studio, 3)
    shown = canvas_colour(studio, 256, 256)
    studio.client.advance(5)
    studio.settle()
    assert state(studio).step == 3
    assert len(state(studio).row) == 17
    assert canvas_colour(studio, 256, 256) == shown
    key(studio, Qt.Key.Key_End)
    assert state(studio).is_live, "at the newest step the head follows again"
    studio.client.advance(1)
    studio.settle()
    assert state(studio).step == 17
    studio.finish_job()


def test_a_new_run_is_followed_at_once(made: Studio) -> None:
    first = run_of(made)
    seek(made, 5)
    made.generate()
    made.client.advance(2)
    made.settle()
    assert run_of(made) is not first
    assert state(made).step == 1
    made.finish_job()


def test_playing_shows_every_step_and_stops_at_the_last(made: Studio) -> None:
    seek(made, 31)
    QTest.mouseClick(made.window.timeline.panel.play, LEFT)
    heads = [state(made).step]
    assert made.window.timeline.panel._ticking.isActive()
    while state(made).is_playing:
        state(made).tick()
        heads.append(state(made).step)
    assert heads == list(range(32))
    made.settle()
    assert not made.window.timeline.panel._ticking.isActive()
    assert not made.window.timeline.panel.play.isChecked()


def test_doubt_colours_the_step_and_dims_what_is_not_decided(made: Studio) -> None:
    seek(made, 4)
    grid = run_of(made).steps[0][4].grid
    assert grid is not None
    row, column = np.argwhere(~grid.decided)[0]
    x, y = 32 * column + 16, 32 * row + 16
    before = canvas_colour(made, x, y)
    QTest.mouseClick(made.window.timeline.panel.doubt, LEFT)
    made.until(lambda: canvas_colour(made, x, y) != before)
    assert sum(canvas_colour(made, x, y)) < sum(before) / 2


# Branching -----------------------------------------------------------------------------------------------------------


def test_branch_here_asks_for_what_was_typed_and_makes_another_run(made: Studio) -> None:
    parent = run_of(made)
    seek(made, 8)
    QTest.mouseClick(made.window.timeline.panel.branch, LEFT)
    dialog = dialog_of(made, BranchDialog)
    assert isinstance(dialog, BranchDialog)
    dialog.prompt.selectAll()
    QTest.keyClicks(dialog.prompt, "a lion")
    dialog.seed.selectAll()
    QTest.keyClicks(dialog.seed, "77")
    dialog.base.setValue(3.5)
    QTest.mouseClick(dialog.go, LEFT)
    made.until(lambda: len(made.client.requests) == 2)
    request = made.client.requests[-1]
    assert request.mode is Mode.CONTINUE
    assert (request.prompt, request.seed, request.base.guidance) == ("a lion", 77, 3.5)
    assert request.tokens == parent.steps[0][8].tokens
    made.finish_job()
    branch = run_of(made)
    assert branch.parent == Branch(parent.id, 0, 8)
    assert len(branch.steps[0]) == 32 - 9
    tree = state(made).tree
    assert tree is not None
    assert [depth for depth, _ in tree.walk()] == [0, 1]
    assert run_words(branch, tree).startswith("From step 9")
    made.window.timeline.panel.strip.grab()


def test_with_nothing_changed_the_branch_is_the_same_decode(made: Studio) -> None:
    parent = run_of(made)
    seek(made, 8)
    made.window.commands["branch"].trigger()
    dialog = dialog_of(made, BranchDialog)
    QTest.keyClick(dialog, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    made.until(lambda: len(made.client.requests) == 2)
    made.finish_job()
    for before, after in zip(parent.steps[0][9:], run_of(made).steps[0], strict=True):
        assert before.tokens == after.tokens


def test_the_mask_now_is_offered_where_something_is_painted(studio: Studio, photo: Path) -> None:
    studio.open(photo)
    studio.paint((400, 300), (500, 350))
    studio.type_prompt("a fox")
    studio.generate()
    studio.finish_job()
    frame = run_of(studio).frame
    before = studio.client.requests[-1].mask
    studio.paint((300, 420), (360, 420))
    studio.document.set_frame(frame.translate(30, 0))
    moved = studio.document.frame
    seek(studio, 10)
    studio.window.commands["branch"].trigger()
    dialog = dialog_of(studio, BranchDialog)
    assert isinstance(dialog, BranchDialog)
    assert dialog.new_mask.isEnabled()
    dialog.new_mask.setFocus()
    QTest.keyClick(dialog.new_mask, Qt.Key.Key_Space)
    QTest.mouseClick(dialog.go, LEFT)
    studio.until(lambda: len(studio.client.requests) == 2)
    request = studio.client.requests[-1]
    assert request.mask is not None
    assert before is not None
    assert (request.mask > 0).sum() > (before > 0).sum(), "both strokes, seen through the run's frame"
    assert studio.document.frame == moved
    studio.finish_job()


def test_without_a_mask_the_one_of_now_is_not_offered(made: Studio) -> None:
    seek(made, 8)
    made.window.commands["branch"].trigger()
    dialog = dialog_of(made, BranchDialog)
    assert isinstance(dialog, BranchDialog)
    assert not dialog.new_mask.isEnabled()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    made.settle()
    assert len(made.client.requests) == 1


def test_steps_of_an_edit_are_no_places_to_branch(made: Studio) -> None:
    assert made.window.sheet is not None
    picture = np.zeros((512, 512, 3), np.uint8)
    record(made.window.sheet.runs, EditRequest(Mode.EDIT, "an owl", picture=picture))
    made.settle()
    assert not made.window.timeline.panel.branch.isEnabled()
    assert "whole picture" in made.window.timeline.panel.branch.toolTip()


# The tree ------------------------------------------------------------------------------------------------------------


def test_a_run_is_chosen_renamed_removed_and_brought_back(made: Studio) -> None:
    first = run_of(made)
    made.type_prompt("an owl")
    made.generate()
    made.finish_job()
    second, runs = run_of(made), made.window.timeline.panel.runs
    assert runs.topLevelItemCount() == 2
    QTest.mouseClick(runs.viewport(), LEFT, pos=runs.visualItemRect(runs.topLevelItem(0)).center())
    made.until(lambda: screened(made))
    assert run_of(made) is first
    made.window.sheet.runs.rename(first, "The best fox")  # type: ignore[union-attr]
    assert runs.topLevelItem(0).text(0) == "The best fox"
    QTest.keyClick(runs, Qt.Key.Key_Delete)
    made.settle()
    assert run_of(made) is second
    assert runs.topLevelItemCount() == 1
    notice = made.window.messages.notices[0]
    assert "The best fox" in notice.message
    notice.actions[0].run()
    assert runs.topLevelItemCount() == 2


def test_a_name_is_typed_in_place(made: Studio) -> None:
    runs = made.window.timeline.panel.runs
    runs.setFocus()
    runs.rename()
    editor = runs.findChild(type(made.window.panel.seed.number))
    assert editor is not None
    editor.selectAll()
    QTest.keyClicks(editor, "Evening fox")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    made.settle()
    assert run_title(run_of(made)) == "Evening fox"


def test_only_steps_that_are_seen_are_fetched(made: Studio) -> None:
    assert made.window.sheet is not None
    tree = made.window.sheet.runs
    for _ in range(5):
        record(tree, EditRequest(Mode.GENERATE, "many", count=4), base_steps=40, superres_steps=24)
    made.settle()
    asked: list[tuple[int, int]] = []
    darkroom, fetch = made.window.timeline._darkroom, made.window.timeline._darkroom.thumb
    darkroom.thumb = lambda run, variation, step, side_px=None: (  # type: ignore[method-assign]
        asked.append((variation, step)),
        fetch(run, variation, step, side_px),
    )[1]
    strip = made.window.timeline.panel.strip
    strip.grab()
    seen = strip.viewport().width() // strip.cell(0, 0).width() + 3
    assert 0 < len(asked) <= 4 * seen
    assert len(asked) < 4 * 64 / 2


# Export --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["webp", "gif"])
def test_a_decode_is_written_as_an_animation(made: Studio, tmp_path: Path, kind: str) -> None:
    target = tmp_path / f"fox.{kind}"
    made.window.commands["export_decode"].trigger()
    dialog = dialog_of(made, ExportDialog)
    assert isinstance(dialog, ExportDialog)
    dialog.kind.setCurrentIndex(0 if kind == "webp" else 1)
    dialog.side.setCurrentIndex(0)
    dialog.speed.setValue(10.0)
    dialog.hold.setValue(1.5)
    assert "32 pictures" in dialog.about.text()
    QTest.mouseClick(dialog.go, LEFT)
    files = dialog_of(made, QFileDialog)
    assert isinstance(files, QFileDialog)
    made.hands.name_file(files, target)
    made.until(target.exists)
    image = Image.open(io.BytesIO(target.read_bytes()))
    times = []
    for number in range(image.n_frames):  # type: ignore[attr-defined]
        image.seek(number)
        image.load()
        times.append(int(image.info["duration"]))
    assert image.size == (256, 256)
    assert sum(times) == 31 * 100 + 1500
    assert image.n_frames == 32 or kind == "gif"  # type: ignore[attr-defined]
    made.until(lambda: any("was written" in message for message in made.messages))
    assert not made.window.timeline.panel.writing.isVisible()


def test_stopping_leaves_no_file(made: Studio, tmp_path: Path) -> None:
    target = tmp_path / "fox.webp"
    made.window.commands["export_decode"].trigger()
    dialog = dialog_of(made, ExportDialog)
    dialog.side.setCurrentIndex(2)  # type: ignore[attr-defined]
    dialog.accept()
    files = dialog_of(made, QFileDialog)
    made.hands.name_file(files, target)  # type: ignore[arg-type]
    made.until(lambda: made.window.timeline.panel.writing.isVisible())
    QTest.mouseClick(made.window.timeline.panel.stop_writing, LEFT)
    made.until(lambda: any("stopped" in message for message in made.messages))
    assert list(tmp_path.glob("*.webp")) == []
    assert list(tmp_path.glob(".muse-studio-*")) == []
