"""Steps arrive in the timeline and are looked at on the canvas; the document is never touched."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from muse_studio.core.document import Document
from muse_studio.core.run_pictures import StepPicture, preview_pixels
from muse_studio.gui.sheet import Sheet
from tests.gui.canvas.canvas_hand import rgb
from tests.gui.conftest import Studio
from tests.gui.timeline.hand import LEFT, canvas_colour, key, run_of, screened, seek, state

# Steps arrive --------------------------------------------------------------------------------------------------------


def test_steps_arrive_in_order_and_the_head_follows_them(studio: Studio) -> None:
    studio.type_prompt("a fox")
    studio.generate()
    for count in (1, 5, 26):
        studio.client.advance(count - len(state(studio).row))
        studio.settle()
        assert [step.job_index for step in state(studio).row] == list(range(count))
        assert state(studio).step == count - 1
    facts = studio.window.timeline.panel.facts
    assert "Detail, step 2 of 8" in facts.text()
    facts.resize(80, facts.height())
    assert facts.shown.endswith("…")
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
    cell, thumb = strip.cell(0, 0), made.window.timeline._darkroom.thumb

    def has_come() -> bool:  # until one of the strip's own size is there, another is stretched to it
        strip.grab()
        image = thumb(run_of(made), 0, 0)
        return image is not None and image.width() == cell.width()

    made.until(has_come)
    pixels = preview_pixels(run_of(made).steps[0][0].picture)
    assert pixels is not None
    expected = np.asarray(Image.fromarray(pixels).resize((cell.width(), cell.height()), Image.Resampling.LANCZOS))
    shown = rgb(strip.viewport().grab(cell).toImage())
    inside = np.s_[3:-3, 3:-3]  # around it, where the head is, is a frame
    np.testing.assert_allclose(shown[inside], expected[inside], atol=16)  # the pictures are compressed


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


def test_a_step_that_is_rested_on_is_made_again_in_full(made: Studio) -> None:
    made.window.timeline.screen.rest_s = 0.15
    seek(made, 31)
    seek(made, 6)
    coarse = made.window.canvas.grab().toImage()
    made.until(lambda: len(made.client.requests) == 2)
    made.client.advance(5)
    made.until(lambda: made.window.canvas.grab().toImage() != coarse)
    picture = run_of(made).steps[0][6].picture
    pixels = preview_pixels(picture)
    assert pixels is not None
    assert pixels.shape == (256, 256, 3)
    assert state(made).step == 6
    made.settle()
    assert len(made.client.requests) == 2, "once is enough"


def test_a_worker_that_has_work_is_not_asked_for_more(made: Studio) -> None:
    made.generate()
    made.client.advance(3)
    made.window.timeline.screen.rest_s = 0.15
    seek(made, 1)
    made.run(asyncio.sleep(0.4))
    assert len(made.client.requests) == 2
    made.finish_job()


def test_a_step_whose_picture_never_came_is_made_when_one_looks_at_it(made: Studio) -> None:
    tree, run = state(made).tree, run_of(made)
    assert tree is not None
    tree.put_picture(run, 0, 9, StepPicture())
    made.window.timeline.screen.rest_s = 0.15
    scrubber = made.window.timeline.panel.scrubber
    QTest.mouseClick(scrubber, LEFT, pos=QPoint(round(scrubber.place_of(9)), scrubber.height() // 2))
    made.until(lambda: len(made.client.requests) == 2)
    made.client.advance(5)
    made.until(lambda: screened(made))
    assert run.steps[0][9].picture.thumb, "the filmstrip has it too"


def test_the_filmstrip_comes_to_rest_at_any_width(made: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """A scroll bar that makes pictures smaller, so that it is not needed and goes, must not come and go for ever."""
    strip = made.window.timeline.panel.strip
    measured, measure = 0, strip._measure

    def counted() -> None:
        nonlocal measured
        measured += 1
        if measured > 1000:
            strip.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)  # ends it, for the test to fail
        measure()

    monkeypatch.setattr(strip, "_measure", counted)
    for width in range(1080, 2000, 20):
        strip.resize(width, 84)
        made.settle()
    assert measured < 200
