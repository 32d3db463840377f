"""Crop, sizes, turning and mirroring: the canvas shows what became of it, and undo brings the first bytes back."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialogButtonBox, QLineEdit

from muse_studio.core.document import Document
from muse_studio.core.geometry import Extent, Rect
from muse_studio.core.layers import Variation
from muse_studio.gui.hands import picture_of
from muse_studio.gui.image_dialogs import CanvasSize, ImageSize
from muse_studio.gui.sheet import Sheet
from tests.gui.conftest import Studio, noise


@pytest.fixture
def opened(studio: Studio) -> Studio:
    """A picture of 300×200 with a mask, and a layer that reaches over its right edge."""
    document = Document(noise(200, 300))
    red = np.zeros((60, 80, 4), np.uint8)
    red[...] = 200, 0, 0, 255
    document.add_result(Rect(260, 20, 80, 60), [Variation(red), Variation(255 - red // 2)], "Red")
    studio.window.start_over(Sheet(document, "opened"))
    studio.settle()
    studio.paint((100, 100), (120, 110))
    return studio


def state(studio: Studio) -> tuple[object, ...]:
    document = studio.document
    layers = tuple((one.place, *(each.pixels.tobytes() for each in one.variations)) for one in document.layers)
    return document.extent, document.picture.tobytes(), document.mask.tobytes(), document.frame, layers


def do(studio: Studio, name: str) -> None:
    studio.window.commands[name].trigger()
    studio.until(lambda: not studio.window.image.is_busy)
    studio.settle()


def canvas_shows_the_document(studio: Studio) -> bool:
    """At 100 %, without a mask or a frame over it."""
    canvas, document = studio.window.canvas, studio.document
    canvas.show_frame = False
    studio.window.commands["clear_mask"].trigger()
    studio.window.commands["pan"].trigger()
    canvas.zoom_to(1.0)
    studio.settle()
    left, top = canvas.view.left, canvas.view.top
    seen = picture_of(canvas)[top : top + document.extent.height, left : left + document.extent.width]
    return bool(np.array_equal(seen, document.picture[..., :3]))


COMMANDS = ["crop_mask", "rotate_left", "rotate_right", "rotate_half", "flip_across", "flip_down"]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_one_step_that_comes_back_byte_for_byte(opened: Studio, name: str) -> None:
    before, label = state(opened), opened.document.undo_label
    do(opened, name)
    after = state(opened)
    assert after != before
    opened.press(Qt.Key.Key_Z, control=True)
    assert state(opened) == before
    assert opened.document.undo_label == label
    opened.press(Qt.Key.Key_Z, control=True, shift=True)
    assert state(opened) == after
    assert opened.window.canvas.document is opened.document


@pytest.mark.parametrize("name", ["rotate_left", "flip_down", "crop_mask"])
def test_the_canvas_shows_what_became_of_it(opened: Studio, name: str) -> None:
    do(opened, name)
    assert canvas_shows_the_document(opened)


def test_turning_goes_the_way_it_says(opened: Studio) -> None:
    before, mask = opened.document.picture.copy(), opened.document.mask.copy()
    do(opened, "rotate_right")
    np.testing.assert_array_equal(opened.document.picture, np.rot90(before, -1))
    np.testing.assert_array_equal(opened.document.mask, np.rot90(mask, -1))
    assert opened.document.layers[1].place == Rect(200 - 80, 260, 60, 80)
    do(opened, "rotate_left")
    np.testing.assert_array_equal(opened.document.picture, before)
    do(opened, "flip_across")
    np.testing.assert_array_equal(opened.document.picture, before[:, ::-1])
    assert opened.document.undo_label == "Flip horizontally"


def test_cropping_to_the_frame_keeps_what_it_sees(opened: Studio) -> None:
    opened.document.set_frame(Rect(-20, 30, 128, 128))
    seen = opened.document.picture[30:158, :108].copy()
    do(opened, "crop_frame")
    np.testing.assert_array_equal(opened.document.picture, seen)
    assert opened.document.undo_label == "Crop to frame"
    assert len(opened.document.layers) == 1, "the layer at the right is gone"


def test_without_a_mask_there_is_nothing_to_crop_to(opened: Studio) -> None:
    do(opened, "clear_mask")
    assert not opened.window.commands["crop_mask"].isEnabled()
    assert opened.window.commands["crop_frame"].isEnabled()
    opened.document.set_frame(Rect(-50, -50, 512, 512))
    opened.window.refresh()
    assert not opened.window.commands["crop_frame"].isEnabled(), "the frame holds the whole picture"


def dialog(studio: Studio, kind: type, name: str) -> object:
    studio.window.commands[name].trigger()
    studio.until(lambda: [one for one in studio.window.findChildren(kind) if one.isVisible()])
    return next(one for one in studio.window.findChildren(kind) if one.isVisible())


def type_into(field: object, text: str) -> None:
    edit = field.findChild(QLineEdit)  # type: ignore[attr-defined]
    field.setFocus()  # type: ignore[attr-defined]
    edit.selectAll()
    QTest.keyClicks(edit, text)
    QTest.keyClick(edit, Qt.Key.Key_Tab)


def ok(studio: Studio, asked: object) -> None:
    button = asked.buttons.button(QDialogButtonBox.StandardButton.Ok)  # type: ignore[attr-defined]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    studio.settle()
    studio.until(lambda: not studio.window.image.is_busy)
    studio.settle()


def test_room_is_added_where_the_picture_does_not_stay(opened: Studio) -> None:
    before = opened.document.picture.copy()
    asked = dialog(opened, CanvasSize, "canvas_size")
    assert isinstance(asked, CanvasSize)
    type_into(asked.width_px, "400")
    type_into(asked.height_px, "150")
    QTest.mouseClick(asked.anchor.button(8), Qt.MouseButton.LeftButton)
    assert asked.told.text() == "+100 px left, -50 px above. Layers keep what lies outside."
    ok(opened, asked)
    assert opened.document.extent == Extent(400, 150)
    np.testing.assert_array_equal(opened.document.picture[:, 100:], before[50:])
    assert not opened.document.picture[:, :100].any()
    assert opened.document.layers[0].place == Rect(100, -50, 300, 200)
    assert opened.document.layers[1].place.width == 80, "no layer loses pixels"


def test_a_picture_is_scaled_in_proportion(opened: Studio) -> None:
    asked = dialog(opened, ImageSize, "image_size")
    assert isinstance(asked, ImageSize)
    type_into(asked.width_px, "150")
    assert asked.height_px.value() == 100
    assert asked.told.text() == "50 % of 300 × 200."
    asked.together.setChecked(False)
    type_into(asked.height_px, "50")
    assert asked.told.text() == "50 % of the width and 25 % of the height of 300 × 200."
    ok(opened, asked)
    assert opened.document.extent == Extent(150, 50)
    assert opened.document.mask.shape == (50, 150)
    assert opened.document.layers[1].place == Rect(130, 5, 40, 15)


def test_too_many_pixels_cannot_be_asked_for(opened: Studio) -> None:
    asked = dialog(opened, CanvasSize, "canvas_size")
    assert isinstance(asked, CanvasSize)
    type_into(asked.width_px, "16000")
    type_into(asked.height_px, "16000")
    assert not asked.buttons.button(QDialogButtonBox.StandardButton.Ok).isEnabled()
    assert "more than the 64 million" in asked.told.text()
    QTest.keyClick(asked, Qt.Key.Key_Escape)
    opened.settle()
    assert opened.document.extent == Extent(300, 200)


def test_an_edit_meanwhile_is_not_lost(opened: Studio) -> None:
    opened.window.commands["rotate_right"].trigger()
    opened.document.fill_mask()  # while the thread works
    opened.until(lambda: not opened.window.image.is_busy)
    assert opened.document.extent == Extent(200, 300)
    assert opened.document.mask.all()
    assert opened.document.undo_label == "Rotate 90° right"
