"""The Layers panel shows the document's layers and does to them what a person does to it: real events, real pixels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from muse_studio.core.document import Document
from muse_studio.core.geometry import Rect
from muse_studio.core.layers import Variation
from muse_studio.core.pictures import encode_png
from muse_studio.gui.hands import picture_of
from muse_studio.gui.panels.layer_rows import spoken
from muse_studio.gui.panels.layers import LayersPanel, LayerView
from muse_studio.gui.sheet import Sheet
from tests.gui.conftest import Studio, noise

LEFT, ALT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier
NONE = Qt.KeyboardModifier.NoModifier


def plain(width: int, height: int, *colour: int) -> np.ndarray:
    return np.broadcast_to(np.array((*colour, 255), np.uint8), (height, width, 4)).copy()


@pytest.fixture
def layered(studio: Studio) -> Studio:
    """A noisy picture of 300×200, a red layer, and above it a result of three variations: green, blue, white."""
    document = Document(noise(200, 300))
    document.add_layer(plain(100, 100, 200, 0, 0), Rect(0, 0, 100, 100), "Red")
    made = [Variation(plain(80, 80, *colour)) for colour in ((0, 200, 0), (0, 0, 200), (250, 250, 250))]
    document.add_result(Rect(50, 50, 80, 80), made, "A fox")
    document.mark_saved()
    studio.window.start_over(Sheet(document, "layered"))
    studio.window.docks.show("layers")
    studio.settle()
    return studio


def panel(studio: Studio) -> LayersPanel:
    return studio.window.layers_panel


def rows(studio: Studio) -> LayerView:
    return panel(studio).list


def names(studio: Studio) -> list[str]:
    """Top first, as they are shown."""
    model = panel(studio).rows
    return [model.data(model.index(row)) for row in range(model.rowCount())]


def part(studio: Studio, name: str, which: str, number: int = 0) -> QPoint:
    """Where a part of a row is in the list."""
    view = rows(studio)
    layer = next(layer for layer in studio.document.layers if layer.name == name)
    parts = view.painter.parts(layer, view.visualRect(panel(studio).rows.index_of(layer.id)))
    area = parts.variations[number] if which == "variation" else getattr(parts, which)
    return area.center()


def click(studio: Studio, name: str, which: str, number: int = 0, modifiers: Qt.KeyboardModifier = NONE) -> None:
    QTest.mouseClick(rows(studio).viewport(), LEFT, modifiers, part(studio, name, which, number))
    studio.settle()


def shown(studio: Studio, x: int, y: int) -> tuple[int, ...]:
    """The colour that the canvas shows at a document point."""
    canvas = studio.window.canvas
    place = studio.place(x, y)
    return tuple(int(value) for value in picture_of(canvas)[place.y(), place.x()])


def test_layers_are_listed_top_first_and_the_active_one_is_selected(layered: Studio) -> None:
    assert names(layered) == ["A fox", "Red", "Background"]
    assert rows(layered).currentIndex().row() == 0
    click(layered, "Red", "text")
    assert layered.document.layer(layered.document.active).name == "Red"
    assert not layered.document.dirty


def test_the_eye_hides_a_layer_on_the_canvas_and_undo_shows_it(layered: Studio) -> None:
    assert shown(layered, 60, 60) == (0, 200, 0)
    click(layered, "A fox", "eye")
    assert shown(layered, 60, 60) == (200, 0, 0)
    assert layered.document.undo_label == "Hide layer"
    assert layered.document.layer(layered.document.active).name == "A fox"
    layered.press(Qt.Key.Key_Z, control=True)
    assert shown(layered, 60, 60) == (0, 200, 0)


def test_the_eye_of_another_layer_leaves_the_active_one(layered: Studio) -> None:
    click(layered, "Red", "eye")
    assert layered.document.layer(layered.document.active).name == "A fox"
    assert not layered.document.layers[1].visible


def test_alt_on_an_eye_shows_this_layer_alone_and_then_all(layered: Studio) -> None:
    click(layered, "Red", "eye", modifiers=ALT)
    assert [layer.visible for layer in layered.document.layers] == [False, True, False]
    click(layered, "Red", "eye", modifiers=ALT)
    assert all(layer.visible for layer in layered.document.layers)


def test_a_click_on_a_variation_shows_it(layered: Studio) -> None:
    click(layered, "A fox", "variation", 1)
    assert shown(layered, 60, 60) == (0, 0, 200)
    assert layered.document.undo_label == "Choose variation"
    assert "Variation 2 of 3" in spoken(layered.document.layers[2])


def test_arrow_keys_choose_layers_and_variations(layered: Studio) -> None:
    rows(layered).setFocus()
    layered.press(Qt.Key.Key_Left)
    assert shown(layered, 60, 60) == (250, 250, 250)
    layered.press(Qt.Key.Key_Right)
    assert shown(layered, 60, 60) == (0, 200, 0)
    layered.press(Qt.Key.Key_Down)
    assert layered.document.layer(layered.document.active).name == "Red"
    layered.press(Qt.Key.Key_Right)
    assert layered.document.layers[1].chosen == 0, "it has no others"


def test_space_hides_and_delete_takes_away(layered: Studio) -> None:
    rows(layered).setFocus()
    layered.press(Qt.Key.Key_Space)
    assert not layered.document.layers[2].visible
    layered.press(Qt.Key.Key_Delete)
    assert names(layered) == ["Red", "Background"]
    assert layered.document.undo_label == "Delete layer"
    assert rows(layered).currentIndex().row() == 0


def test_alt_and_arrows_move_a_layer(layered: Studio) -> None:
    rows(layered).setFocus()
    layered.hands.press(Qt.Key.Key_Down, ALT)
    layered.settle()
    assert names(layered) == ["Red", "A fox", "Background"]
    assert shown(layered, 60, 60) == (200, 0, 0)
    layered.hands.press(Qt.Key.Key_Up, ALT)
    layered.settle()
    assert names(layered) == ["A fox", "Red", "Background"]


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("A fox", "Background", ["Red", "A fox", "Background"]),
        ("Background", "A fox", ["Background", "A fox", "Red"]),
        ("A fox", "", ["Red", "Background", "A fox"]),
        ("Red", "Red", ["A fox", "Red", "Background"]),
    ],
)
def test_a_row_is_dropped_where_it_shall_be(layered: Studio, name: str, before: str, after: list[str]) -> None:
    """Dropped above the row `before`; "" is below all rows."""
    model, now = panel(layered).rows, names(layered)
    mime = model.mimeData([model.index(now.index(name))])
    row = now.index(before) if before else -1
    taken = model.dropMimeData(mime, Qt.DropAction.MoveAction, row, 0, model.index(-1))
    assert not taken, "the view would take the old row away"
    layered.settle()
    assert names(layered) == after
    assert layered.document.dirty == (now != after)


def test_a_double_click_renames(layered: Studio) -> None:
    click(layered, "A fox", "text")
    QTest.mouseDClick(rows(layered).viewport(), LEFT, NONE, part(layered, "A fox", "text"))
    editor = rows(layered).findChild(QLineEdit)
    assert editor is not None
    assert editor.accessibleName() == "Name of the layer"
    editor.selectAll()
    QTest.keyClicks(editor, "An arctic fox")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    layered.settle()
    assert names(layered)[0] == "An arctic fox"
    assert layered.document.undo_label == "Rename layer"


def test_f2_renames_from_the_canvas_and_escape_leaves_the_name(layered: Studio) -> None:
    layered.window.canvas.setFocus()
    layered.press(Qt.Key.Key_F2)
    editor = rows(layered).findChild(QLineEdit)
    assert editor is not None
    QTest.keyClicks(editor, "x")
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    layered.settle()
    assert names(layered)[0] == "A fox"


def test_an_empty_name_is_not_taken(layered: Studio) -> None:
    layered.press(Qt.Key.Key_F2)
    editor = rows(layered).findChild(QLineEdit)
    assert editor is not None
    editor.selectAll()
    QTest.keyClicks(editor, "   ")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert names(layered)[0] == "A fox"
    assert not layered.document.dirty


def test_one_drag_of_the_opacity_is_one_step(layered: Studio) -> None:
    slider = panel(layered).opacity.slider
    y = slider.height() // 2
    QTest.mousePress(slider, LEFT, NONE, QPoint(slider.width() - 8, y))
    for share in (0.8, 0.6, 0.4):
        QTest.mouseMove(slider, QPoint(round(slider.width() * share), y))
    QTest.mouseRelease(slider, LEFT, NONE, QPoint(round(slider.width() * 0.4), y))
    layered.settle()
    fox = layered.document.layers[2]
    assert 0.3 < fox.opacity < 0.5
    assert panel(layered).opacity.value == round(fox.opacity * 100)
    red, green, _ = shown(layered, 60, 60)
    assert red > 80
    assert green > 50
    layered.press(Qt.Key.Key_Z, control=True)
    assert layered.document.layers[2].opacity == 1
    assert not layered.document.dirty
    assert panel(layered).opacity.value == 100


def test_a_typed_opacity_is_a_step_of_its_own(layered: Studio) -> None:
    number = panel(layered).opacity.number
    for text in ("50", "25"):
        number.setFocus()
        number.selectAll()
        QTest.keyClicks(number, text)
        QTest.keyClick(number, Qt.Key.Key_Return)
    assert layered.document.layers[2].opacity == 0.25
    layered.window.canvas.setFocus()
    layered.press(Qt.Key.Key_Z, control=True)
    assert layered.document.layers[2].opacity == 0.5


def test_the_opacity_shown_is_that_of_the_active_layer(layered: Studio) -> None:
    layered.document.change_layer(layered.document.layers[1].id, "Fade", opacity=0.3)
    layered.window.refresh()
    assert panel(layered).opacity.value == 100
    click(layered, "Red", "text")
    assert panel(layered).opacity.value == 30


def test_keys_duplicate_merge_and_flatten(layered: Studio) -> None:
    layered.window.canvas.setFocus()
    before = layered.document.picture.copy()
    layered.press(Qt.Key.Key_J, control=True)
    assert names(layered)[0] == "A fox copy"
    layered.press(Qt.Key.Key_M, control=True, shift=True)
    assert names(layered) == ["A fox", "Red", "Background"]
    np.testing.assert_array_equal(layered.document.picture, before)
    layered.window.commands["layer_flatten"].trigger()
    assert names(layered) == ["Background"]
    np.testing.assert_array_equal(layered.document.picture, before)
    assert not layered.window.commands["layer_merge"].isEnabled()


def test_layers_are_walked_and_moved_by_keys_on_the_canvas(layered: Studio) -> None:
    layered.window.canvas.setFocus()
    layered.hands.press(Qt.Key.Key_BracketLeft, ALT)
    assert layered.document.layer(layered.document.active).name == "Red"
    layered.press(Qt.Key.Key_BracketRight, control=True)
    assert names(layered) == ["Red", "A fox", "Background"]


def test_what_is_visible_becomes_a_layer_on_top(layered: Studio) -> None:
    before = layered.document.picture.copy()
    layered.window.commands["layer_from_visible"].trigger()
    assert names(layered)[0] == "Visible"
    np.testing.assert_array_equal(layered.document.layers[-1].pixels, before)


def test_a_picture_file_is_laid_over_the_middle(layered: Studio, tmp_path: Path) -> None:
    path = tmp_path / "sticker.png"
    path.write_bytes(encode_png(plain(60, 40, 1, 2, 3), {}))
    layered.run(layered.window.layers.add_file(path))
    assert names(layered)[0] == "sticker"
    assert layered.document.layers[-1].place == Rect(120, 80, 60, 40)
    assert shown(layered, 150, 90) == (1, 2, 3)
    layered.run(layered.window.layers.add_file(tmp_path / "missing.png"))
    assert "missing.png" in layered.messages[0]


def test_ctrl_and_arrows_move_the_pixels_and_are_one_step(layered: Studio) -> None:
    rows(layered).setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down):
        layered.press(key, control=True)
    layered.press(Qt.Key.Key_Down, control=True, shift=True)
    assert layered.document.layers[2].place == Rect(52, 83, 80, 80)
    assert shown(layered, 131, 162) == (0, 200, 0)
    assert shown(layered, 60, 60) == (200, 0, 0)
    layered.press(Qt.Key.Key_Z, control=True)
    assert layered.document.layers[2].place == Rect(50, 50, 80, 80)
    assert not layered.document.dirty


def test_a_layer_is_brought_into_the_frame(layered: Studio) -> None:
    layered.document.set_frame(Rect(100, 50, 100, 100))
    layered.window.commands["layer_to_frame"].trigger()
    assert layered.document.layers[2].place == Rect(110, 60, 80, 80)
    assert shown(layered, 185, 135) == (0, 200, 0)


def test_the_clipboard_becomes_a_layer(layered: Studio) -> None:
    layered.window.canvas.setFocus()
    layered.press(Qt.Key.Key_V, control=True, shift=True)
    layered.until(lambda: layered.messages)
    assert "holds no picture" in layered.messages[0]
    mime = QMimeData()
    mime.setData("image/png", encode_png(plain(60, 40, 9, 8, 7), {}))
    layered.app.clipboard().setMimeData(mime)
    layered.press(Qt.Key.Key_V, control=True, shift=True)
    layered.until(lambda: len(layered.document.layers) == 4)
    assert shown(layered, 150, 90) == (9, 8, 7)
    assert names(layered)[0] == "Pasted"


def test_the_panel_follows_documents_and_says_when_there_is_nothing(layered: Studio) -> None:
    for _ in range(3):
        layered.window.commands["layer_delete"].trigger()
    assert panel(layered).nothing.isVisible()
    assert "No layers" in panel(layered).nothing.text()
    assert not panel(layered).opacity.isEnabled()
    assert not layered.window.commands["layer_delete"].isEnabled()
    layered.press(Qt.Key.Key_Z, control=True)
    assert names(layered) == ["Background"]
    layered.window.start_over(Sheet(Document(noise(50, 60)), "another"))
    assert names(layered) == ["Background"]
    layered.window.stage.show(None)
    assert "Open or make" in panel(layered).nothing.text()


def test_the_menu_holds_the_commands_with_their_keys(layered: Studio) -> None:
    menu = panel(layered).menu()
    words = [action.text().replace("&", "") for action in menu.actions() if action.text()]
    assert words[:4] == ["Rename layer", "Show or hide layer", "Duplicate layer", "Delete layer"]
    menu.deleteLater()


def test_thirty_layers_are_shown_and_scrolled_to(studio: Studio) -> None:
    document = Document(noise(100, 100))
    for number in range(29):
        document.add_layer(plain(20, 20, number, 0, 0), Rect(number, 0, 20, 20), f"Layer {number}")
    studio.window.start_over(Sheet(document, "many"))
    studio.window.docks.show("layers")
    studio.settle()
    assert len(names(studio)) == 30
    document.set_active(1)
    studio.window.refresh()
    studio.settle()
    view = rows(studio)
    assert view.viewport().rect().intersects(view.visualRect(view.currentIndex()))
