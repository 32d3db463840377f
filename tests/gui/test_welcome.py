"""The welcome page: there while nothing else is, gone with a document, back when asked; each button does its thing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from muse_studio import places
from muse_studio.core.pictures import open_mask, open_picture
from muse_studio.core.request import Mode
from muse_studio.gui.first_steps import SAMPLE_PICTURES, SAMPLES, STEPS
from muse_studio.gui.welcome import Welcome
from tests.gui.conftest import Studio

LEFT = Qt.MouseButton.LeftButton


def page(studio: Studio) -> Welcome:
    return studio.window.guide.welcome


def test_it_is_there_without_a_document_and_goes_with_one(studio: Studio, photo: Path) -> None:
    assert page(studio).isVisible()
    assert not page(studio).close_button.isVisible(), "there is nothing to go back to"
    studio.open(photo)
    assert not page(studio).isVisible()


def test_help_brings_it_back_and_escape_or_its_button_sends_it_away(studio: Studio, photo: Path) -> None:
    studio.open(photo)
    studio.window.canvas.setFocus()
    studio.press(Qt.Key.Key_F1, shift=True)
    assert page(studio).isVisible()
    QTest.mouseClick(page(studio).close_button, LEFT)
    assert not page(studio).isVisible()
    studio.window.commands["welcome"].trigger()
    QTest.keyClick(studio.app.focusWidget(), Qt.Key.Key_Escape)
    assert not page(studio).isVisible()
    assert studio.document.picture.shape == (700, 900, 4), "the document is as it was"


def test_make_a_picture_begins_a_job_for_one(studio: Studio) -> None:
    QTest.mouseClick(page(studio).steps["make"], LEFT)
    studio.until(lambda: studio.client.requests)
    request = studio.client.requests[-1]
    assert request.mode is Mode.GENERATE
    assert "rocket" in request.prompt
    assert not page(studio).isVisible(), "the picture forms where the page was"
    studio.finish_job()
    assert studio.document.picture.shape == (512, 512, 4)


def test_paint_a_fox_opens_the_landscape_paints_the_mask_and_fills_it(studio: Studio) -> None:
    QTest.mouseClick(page(studio).steps["fill"], LEFT)
    studio.until(lambda: studio.client.requests)
    request = studio.client.requests[-1]
    assert request.mode is Mode.INPAINT
    assert "fox" in request.prompt
    mask = open_mask(places.shipped(f"{SAMPLES}/mountain-valley-mask.png"), studio.document.extent)
    np.testing.assert_array_equal(studio.document.mask, mask)
    before = studio.document.picture.copy()
    studio.finish_job()
    changed = (studio.document.picture != before).any(axis=2)
    assert changed.any()
    assert not changed[:, :300].any(), "what is far from the mask stays"


def test_change_by_words_edits_the_fox_without_a_mask(studio: Studio) -> None:
    QTest.mouseClick(page(studio).steps["edit"], LEFT)
    studio.until(lambda: studio.client.requests)
    request = studio.client.requests[-1]
    assert request.mode is Mode.EDIT
    assert "penguin" in request.prompt
    assert request.mask is None
    assert request.picture is not None


def test_the_seed_of_a_first_step_does_not_stay_locked(studio: Studio) -> None:
    QTest.mouseClick(page(studio).steps["make"], LEFT)
    studio.until(lambda: studio.client.requests)
    assert studio.client.requests[-1].seed == 3
    assert not studio.window.panel.seed.lock.isChecked()


@pytest.mark.parametrize("name", [name for name, _ in SAMPLE_PICTURES])
def test_each_sample_opens(studio: Studio, name: str) -> None:
    QTest.mouseClick(page(studio).samples[name], LEFT)
    studio.until(lambda: studio.window.sheet is not None)
    np.testing.assert_array_equal(studio.document.picture, open_picture(places.shipped(f"{SAMPLES}/{name}")).pixels)


def test_recent_files_are_offered_and_open(studio: Studio, photo: Path) -> None:
    studio.window.remember_file(photo)
    button = next(found for found in page(studio).recent.findChildren(type(page(studio).begin["open"])))
    assert button.text() == photo.name
    QTest.mouseClick(button, LEFT)
    studio.until(lambda: studio.window.sheet is not None)
    assert studio.window.sheet is not None
    assert studio.window.sheet.title == photo.name


def test_every_button_shows_its_picture(studio: Studio) -> None:
    studio.run(page(studio).load_pictures())
    buttons = [page(studio).steps[step.name] for step in STEPS] + list(page(studio).samples.values())
    assert all(not button.pixmap.isNull() for button in buttons)


def test_every_sample_is_said_where_it_comes_from() -> None:
    folder = places.shipped(SAMPLES)
    sources = (folder / "SOURCES.md").read_text(encoding="utf-8")
    assert [path.name for path in folder.iterdir() if path.name not in sources and path.name != "SOURCES.md"] == []


@pytest.mark.parametrize("size", [(1024, 640), (1440, 900), (2560, 1400)])
def test_nothing_is_cut_off_at_any_size(studio: Studio, size: tuple[int, int]) -> None:
    studio.window.resize(*size)
    studio.settle()
    welcome = page(studio)
    for button in [*welcome.steps.values(), *welcome.samples.values()]:
        for label in (button.title, button.words):
            if label.isVisible():
                assert label.height() >= label.heightForWidth(label.width()), label.text()
                assert button.rect().contains(label.geometry()), label.text()
        corner = button.mapTo(welcome.widget(), button.rect().bottomRight())
        assert welcome.widget().rect().contains(corner)
