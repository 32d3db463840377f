"""Masks by command and comparisons, in the real window: the wand, grow, shrink, feather, the mask's look, before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from muse_studio.core.before import layers_below, layers_without_newest_result
from muse_studio.core.document import Document
from muse_studio.core.geometry import Point, Rect
from muse_studio.core.layers import Variation
from muse_studio.core.masks import dilate
from muse_studio.core.selection import Combine
from muse_studio.core.settings import CanvasSettings
from muse_studio.gui.canvas.overlay import MaskStyle
from muse_studio.gui.canvas.tools import AreaSettings, BrushSettings, Sample, Tool
from muse_studio.gui.hands import picture_of
from muse_studio.gui.masking import RadiusDialog
from muse_studio.gui.memory import restore
from muse_studio.gui.sheet import Sheet
from muse_studio.gui.tool_hints import tool_hint
from muse_studio.gui.tool_strip import TOOLS

NONE, SHIFT, CONTROL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)


@pytest.fixture
def halves(studio: object) -> Document:
    """A document of 300 by 200: black at the left, white at the right, a white speck in the black."""
    pixels = np.full((200, 300, 4), 255, np.uint8)
    pixels[:, :150, :3] = 0
    pixels[20:40, 20:40, :3] = 255
    document = Document(pixels)
    studio.window.start_over(Sheet(document, "halves"))  # type: ignore[attr-defined]
    studio.settle()  # type: ignore[attr-defined]
    return document


def click(studio: object, x: float, y: float, modifiers: Qt.KeyboardModifier = NONE) -> None:
    place = studio.place(x, y)  # type: ignore[attr-defined]
    QTest.mouseClick(studio.window.canvas, Qt.MouseButton.LeftButton, modifiers, place)  # type: ignore[attr-defined]


def test_the_wand_masks_what_looks_alike(studio, halves: Document) -> None:  # type: ignore[no-untyped-def]
    studio.press(Qt.Key.Key_W)
    assert studio.window.canvas.tool is Tool.WAND
    click(studio, 200, 100)
    studio.until(lambda: not halves.mask_is_empty())
    assert halves.mask[:, 150:].all()
    assert not halves.mask[:, :150].any()
    studio.window.canvas.area_settings = AreaSettings(contiguous=False)
    click(studio, 200, 100)
    studio.until(lambda: halves.mask[30, 30] == 255)
    studio.window.stage.undo()
    studio.window.stage.undo()
    assert halves.mask_is_empty()
    click(studio, 30, 30)
    studio.until(lambda: halves.mask[30, 30] == 255)
    studio.window.canvas.area_settings = AreaSettings()
    click(studio, 200, 100, SHIFT)
    studio.until(lambda: halves.mask[100, 200] == 255)
    assert halves.mask[30, 30] == 255


def test_the_wand_can_look_at_the_active_layer_alone(studio, halves: Document) -> None:  # type: ignore[no-untyped-def]
    red = np.zeros((60, 60, 4), np.uint8)
    red[...] = (255, 0, 0, 255)
    halves.add_layer(red, Rect(270, 100, 60, 60), "red")
    studio.window.canvas.refresh()
    studio.window.canvas.tool = Tool.WAND
    studio.window.canvas.area_settings = AreaSettings(sample=Sample.LAYER)
    click(studio, 280, 120)
    studio.until(lambda: not halves.mask_is_empty())
    expected = np.zeros((200, 300), np.uint8)
    expected[100:160, 270:] = 255
    assert np.array_equal(halves.mask, expected)
    click(studio, 100, 100)
    studio.settle()
    assert np.array_equal(halves.mask, expected), "the layer has no pixels there"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("grow_mask", lambda mask: dilate(mask, 5)),
        ("shrink_mask", lambda mask: 255 - dilate(255 - mask, 5)),
    ],
)
def test_grow_and_shrink_ask_by_how_much(  # type: ignore[no-untyped-def]
    studio, halves: Document, name: str, expected: Callable[[np.ndarray], np.ndarray]
) -> None:
    mask = np.zeros((200, 300), np.uint8)
    mask[50:100, 100:180] = 255
    halves.set_mask(mask)
    studio.window.canvas.refresh()
    studio.window.commands[name].trigger()
    studio.until(lambda: studio.window.findChild(RadiusDialog) is not None)
    dialog = studio.window.findChild(RadiusDialog)
    QTest.keyClicks(dialog.radius, "5")
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    studio.until(lambda: not np.array_equal(halves.mask, mask))
    assert np.array_equal(halves.mask, expected(mask))
    studio.window.stage.undo()
    assert np.array_equal(halves.mask, mask)


def test_feather_softens_both_sides_of_the_edge(studio, halves: Document) -> None:  # type: ignore[no-untyped-def]
    mask = np.zeros((200, 300), np.uint8)
    mask[:, :150] = 255
    halves.set_mask(mask)
    studio.run(studio.window.easel.masks.spread("feather_mask", 20))
    row = halves.mask[100].astype(int)
    assert row[100] == 255
    assert row[200] == 0
    assert 0 < row[155] < row[149] < row[144] < 255


def test_an_empty_mask_asks_nothing(studio, halves: Document) -> None:  # type: ignore[no-untyped-def]
    studio.window.commands["grow_mask"].trigger()
    studio.settle()
    assert studio.window.findChild(RadiusDialog) is None


def test_every_tool_has_its_key_its_button_and_its_hint(studio, halves: Document) -> None:  # type: ignore[no-untyped-def]
    keys = {
        Tool.ERASER: (Qt.Key.Key_E, False),
        Tool.RECTANGLE: (Qt.Key.Key_M, False),
        Tool.ELLIPSE: (Qt.Key.Key_U, False),
        Tool.LASSO: (Qt.Key.Key_L, False),
        Tool.POLYGON: (Qt.Key.Key_L, True),
        Tool.WAND: (Qt.Key.Key_W, False),
        Tool.FRAME: (Qt.Key.Key_F, False),
        Tool.PAN: (Qt.Key.Key_H, False),
        Tool.ZOOM: (Qt.Key.Key_Z, False),
        Tool.BRUSH: (Qt.Key.Key_B, False),
    }
    assert set(keys) == set(Tool)
    studio.window.canvas.setFocus()
    for tool, (key, shift) in keys.items():
        studio.press(key, shift=shift)
        assert studio.window.canvas.tool is tool
        checked = [name for name, button in studio.window.strip.buttons.items() if button.isChecked()]
        assert checked == [tool.value]
        assert tool_hint(tool) in studio.window.status_line.hint.text()
    assert {name for group in TOOLS for name, _ in group} == {tool.value for tool in Tool}


def test_the_view_turns_and_mirrors_by_keys(studio, halves: Document) -> None:  # type: ignore[no-untyped-def]
    canvas = studio.window.canvas
    canvas.setFocus()
    studio.press(Qt.Key.Key_6)
    studio.press(Qt.Key.Key_6)
    assert canvas.view.angle == 30.0
    assert studio.window.options.turned.isVisible()
    studio.press(Qt.Key.Key_4)
    assert canvas.view.angle == 15.0
    studio.press(Qt.Key.Key_M, shift=True)
    assert canvas.view.mirrored
    assert studio.window.commands["mirror_view"].isChecked()
    studio.press(Qt.Key.Key_5)
    studio.press(Qt.Key.Key_M, shift=True)
    assert canvas.view.is_upright
    assert not halves.can_undo


def test_the_frames_sizes_are_a_press_away(studio, halves: Document) -> None:  # type: ignore[no-untyped-def]
    studio.window.canvas.tool = Tool.FRAME
    sizes = studio.window.options.frame_sizes.buttons
    sizes[512].click()
    assert halves.frame.width == 512
    assert sizes[512].isChecked()
    sizes[0].click()
    assert halves.frame.contains_rect(halves.bounds)
    assert sizes[0].isChecked()
    assert not sizes[768].isChecked()


# How the mask looks


def test_the_masks_look_is_chosen_seen_and_remembered(studio, halves: Document) -> None:  # type: ignore[no-untyped-def]
    window = studio.window
    window.stage.fill_mask()
    window.canvas.tool = Tool.PAN
    look = window.options.look
    look.swatches[5].click()
    look.opacity.number.setValue(100)
    assert window.canvas.mask_style.color == "#00b7ff"
    shown = picture_of(window.canvas)
    place = studio.place(100, 100)
    assert shown[place.y() - 8 : place.y() + 8, place.x() - 8 : place.x() + 8, 2].mean() > 100
    look.outline.click()
    assert picture_of(window.canvas)[place.y(), place.x()].tolist() == [0, 0, 0]
    window.commands["overlay"].trigger()
    window.commands["cells"].trigger()
    window.commands["show_frame"].trigger()
    window.canvas.area_settings = AreaSettings(Combine.ADD, 77, False)
    window.canvas.brush_settings = BrushSettings(33, 0.5, 0.5, False, True)
    window._remember()
    kept = studio.saved[-1]
    assert kept.canvas == CanvasSettings("#00b7ff", 1.0, True, False, True, False, Combine.ADD, 77, False)
    assert (kept.brush.pressure_sizes, kept.brush.pressure_fades) == (False, True)
    window.stage.mask_look = MaskStyle()
    window.canvas.area_settings = AreaSettings()
    restore(window, kept)
    assert window.easel.remembered() == kept.canvas


def test_a_result_leaves_the_outline_until_a_tool_is_put_down(studio, halves: Document) -> None:  # type: ignore[no-untyped-def]
    stage, canvas = studio.window.stage, studio.window.canvas
    stage.mask_look = MaskStyle(color="#00d26a", opacity=0.4)
    stage.rest_mask()
    assert canvas.mask_style.outline
    canvas.tool = Tool.RECTANGLE
    click(studio, 100, 100)
    assert canvas.mask_style == stage.mask_look == MaskStyle(color="#00d26a", opacity=0.4)


# Before and after


def result(red: int) -> Variation:
    pixels = np.zeros((200, 300, 4), np.uint8)
    pixels[...] = (red, 0, 0, 255)
    return Variation(pixels, {"request": {"prompt": "red"}})


@pytest.fixture
def compared(studio: object, halves: Document) -> Document:
    """The halves, and over them a red result."""
    halves.add_result(halves.bounds, [result(200)], "red")
    studio.window.canvas.refresh()  # type: ignore[attr-defined]
    studio.window.canvas.tool = Tool.PAN  # type: ignore[attr-defined]
    studio.window.refresh()  # type: ignore[attr-defined]
    return halves


def colour(studio: object, x: float, y: float) -> list[int]:
    place: QPoint = studio.place(x, y)  # type: ignore[attr-defined]
    return picture_of(studio.window.canvas)[place.y(), place.x()].tolist()  # type: ignore[attr-defined]


@pytest.mark.parametrize("key", [Qt.Key.Key_Backslash, Qt.Key.Key_O])
def test_while_the_key_is_held_the_newest_result_is_away(studio, compared: Document, key: Qt.Key) -> None:  # type: ignore[no-untyped-def]
    canvas = studio.window.canvas
    canvas.setFocus()
    assert colour(studio, 100, 100) == [200, 0, 0]
    QTest.keyPress(canvas, key)
    studio.until(lambda: canvas.shows_before)
    assert colour(studio, 100, 100) == [0, 0, 0]
    assert colour(studio, 270, 100) == [255, 255, 255]
    QTest.keyRelease(canvas, key)
    studio.until(lambda: not canvas.shows_before)
    assert colour(studio, 100, 100) == [200, 0, 0]
    assert len(compared.layers) == 2


def test_losing_the_focus_lets_the_key_go(studio, compared: Document) -> None:  # type: ignore[no-untyped-def]
    canvas = studio.window.canvas
    canvas.setFocus()
    QTest.keyPress(canvas, Qt.Key.Key_Backslash)
    studio.until(lambda: canvas.shows_before)
    studio.window.panel.prompt.setFocus()
    studio.until(lambda: not canvas.shows_before)


def test_the_slider_shows_before_at_its_left_and_is_moved_by_mouse_and_keys(studio, compared: Document) -> None:  # type: ignore[no-untyped-def]
    canvas = studio.window.canvas
    studio.window.commands["compare_slider"].trigger()
    studio.until(lambda: canvas.shows_before)
    assert colour(studio, 100, 150) == [0, 0, 0]
    assert colour(studio, 200, 150) == [200, 0, 0]
    line, right = QPoint(canvas.width() // 2, 60), studio.place(250, 150)
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, NONE, line)
    QTest.mouseMove(canvas, QPoint(right.x(), 60))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, NONE, QPoint(right.x(), 60))
    assert colour(studio, 200, 150) == [255, 255, 255]
    assert canvas.split_share == pytest.approx(right.x() / canvas.width(), abs=0.01)
    canvas.setFocus()
    before = canvas.split_share
    QTest.keyClick(canvas, Qt.Key.Key_Left)
    assert canvas.split_share < before
    compared.change_layer(compared.active, "Hide", visible=False)
    canvas.refresh()
    studio.window.refresh()
    studio.window.commands["compare_off"].trigger()
    assert canvas.split_share is None
    assert not canvas.shows_before


def test_side_by_side_shows_both_at_the_same_place(studio, compared: Document) -> None:  # type: ignore[no-untyped-def]
    window = studio.window
    window.commands["compare_beside"].trigger()
    beside = window.easel.compare.beside
    studio.until(beside.isVisible)
    studio.settle()
    assert abs(beside.width() - window.canvas.width()) <= 1
    window.canvas.zoom_to(1.7)
    window.canvas.turn(90)
    window.canvas.pan(13, 7)
    studio.settle()
    assert beside.view == window.canvas.view
    x, y = (round(value) for value in beside.view.to_screen(Point(100, 150)))
    assert picture_of(beside)[y, x].tolist() == [0, 0, 0]
    assert picture_of(window.canvas)[y, x].tolist() == [200, 0, 0]
    window.commands["compare_off"].trigger()
    assert not beside.isVisible()


def test_what_was_before(studio, compared: Document) -> None:  # type: ignore[no-untyped-def]
    compared.add_result(compared.bounds, [result(90)], "darker")
    compared.add_layer(np.zeros((5, 5, 4), np.uint8), Rect(0, 0, 5, 5), "painted")
    layers = compared.layers
    assert layers_without_newest_result(layers, compared.active) == (layers[0], layers[1], layers[3])
    assert layers_below(layers, layers[2].id) == layers[:2]
    assert layers_below(layers, layers[0].id) == layers[:3]
    hidden = (*layers[:2], replace(layers[2], visible=False), layers[3])
    assert layers_without_newest_result(hidden, compared.active) == (layers[0], *hidden[2:])
    assert layers_without_newest_result(layers[:1], layers[0].id) == layers[:1]


def test_another_document_is_compared_anew(studio, compared: Document, photo: Path) -> None:  # type: ignore[no-untyped-def]
    canvas = studio.window.canvas
    studio.window.commands["compare_slider"].trigger()
    studio.until(lambda: canvas.shows_before)
    compared.mark_saved()
    studio.open(photo)
    studio.until(lambda: canvas.shows_before)
    assert canvas._scene.before.extent == canvas.document.extent
    studio.window.stage.show(None)
    assert not canvas.shows_before
    QApplication.processEvents()


def test_the_mask_survives_another_prompt_and_a_generation(studio, halves: Document) -> None:  # type: ignore[no-untyped-def]
    mask = np.zeros((200, 300), np.uint8)
    mask[60:120, 100:180] = 255
    halves.set_mask(mask)
    studio.window.canvas.refresh()
    studio.window.refresh()
    studio.type_prompt("a red barn")
    assert np.array_equal(halves.mask, mask)
    studio.generate()
    studio.finish_job()
    studio.type_prompt("a blue barn")
    assert np.array_equal(studio.document.mask, mask)
