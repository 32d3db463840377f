"""The shortcut editor: searched, pressed, taken from another command only by choice, applied at once, remembered."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from muse_studio.gui.canvas.tools import Tool
from muse_studio.gui.commands import CANVAS_KEYS, COMMANDS
from muse_studio.gui.memory import remembered
from muse_studio.gui.shortcuts_page import ShortcutsPage
from tests.gui.conftest import Studio

LEFT, CONTROL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier


def opened(studio: Studio) -> ShortcutsPage:
    studio.window.canvas.setFocus()
    studio.press(Qt.Key.Key_F1)
    studio.until(lambda: studio.window.findChildren(ShortcutsPage))
    return studio.window.findChildren(ShortcutsPage)[0]


def give(page: ShortcutsPage, name: str, key: Qt.Key, modifiers: Qt.KeyboardModifier, button: QPushButton) -> None:
    page.choose(name)
    QTest.keyClick(page.recorder, key, modifiers)
    QTest.mouseClick(button, LEFT)


def test_every_command_and_every_key_of_the_canvas_is_listed(studio: Studio) -> None:
    page = opened(studio)
    assert page.table.rowCount() == len(COMMANDS) + len(CANVAS_KEYS)
    QTest.keyClicks(page.search, "redo")
    assert page.table.item(0, 0).text() == "Redo"
    page.search.clear()
    QTest.keyClicks(page.search, "Ctrl+Shift+Z")
    assert "Redo" in [page.table.item(row, 0).text() for row in range(page.table.rowCount())]


def test_new_keys_work_at_once_everywhere(studio: Studio) -> None:
    page = opened(studio)
    give(page, "eraser", Qt.Key.Key_F7, Qt.KeyboardModifier.NoModifier, page.replace_keys)
    page.accept()
    studio.settle()
    window = studio.window
    assert "F7" in window.strip.buttons["eraser"].toolTip()
    assert window.commands["eraser"].shortcut().toString() == "F7"
    window.canvas.setFocus()
    studio.press(Qt.Key.Key_E)
    assert window.canvas.tool is Tool.BRUSH
    studio.press(Qt.Key.Key_F7)
    assert window.canvas.tool is Tool.ERASER


def test_keys_of_another_command_are_shown_and_taken_only_by_choice(studio: Studio) -> None:
    page = opened(studio)
    page.choose("new")
    QTest.keyClick(page.recorder, Qt.Key.Key_E, CONTROL)
    holder = studio.window.keymap.holder("Ctrl+E")
    assert holder not in (None, "new")
    assert "belongs to" in page.conflict.text()
    page.choose("open")
    assert page.pressed == "", "another choice leaves them where they were"
    assert studio.window.keymap.holder("Ctrl+E") == holder
    give(page, "new", Qt.Key.Key_E, CONTROL, page.add_keys)
    assert studio.window.keymap["new"] == ("Ctrl+N", "Ctrl+E")
    assert studio.window.keymap.holder("Ctrl+E") == "new"


def test_free_keys_are_said_to_be_free_and_one_command_can_be_reset(studio: Studio) -> None:
    page = opened(studio)
    page.choose("fit")
    QTest.keyClick(page.recorder, Qt.Key.Key_F9)
    assert page.conflict.text().endswith("free.")
    QTest.mouseClick(page.replace_keys, LEFT)
    page.choose("fit")
    QTest.mouseClick(page.reset, LEFT)
    assert studio.window.keymap["fit"] == ("Ctrl+0",)
    assert not page.reset.isEnabled()


def test_all_can_be_reset_and_a_command_may_have_no_keys(studio: Studio) -> None:
    page = opened(studio)
    page.choose("quit")
    QTest.mouseClick(page.remove_keys, LEFT)
    assert studio.window.keymap["quit"] == ()
    assert studio.window.commands["quit"].shortcuts() == []
    QTest.mouseClick(page.reset_all, LEFT)
    assert studio.window.keymap.chosen == {}
    assert studio.window.commands["quit"].shortcut().toString() == "Ctrl+Q"


def test_chosen_keys_are_remembered(studio: Studio, tmp_path: Path) -> None:
    studio.window.keymap.assign("brush", ("P",))
    assert remembered(studio.window).shortcuts == {"brush": ("P",)}


def test_the_keys_of_the_canvas_are_shown_but_fixed(studio: Studio) -> None:
    page = opened(studio)
    page.table.selectRow(page.table.rowCount() - 1)
    assert page.chosen == ""
    assert not page.recorder.isEnabled()
    assert not page.remove_keys.isEnabled()
