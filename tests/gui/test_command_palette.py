"""The command palette: found by letters, chosen by keys, done; what can't be done now is said and left."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from muse_studio.gui.canvas.tools import Tool
from muse_studio.gui.command_palette import CommandPalette
from muse_studio.gui.commands import COMMANDS
from tests.gui.conftest import Studio


def opened(studio: Studio) -> CommandPalette:
    studio.window.canvas.setFocus()
    studio.press(Qt.Key.Key_P, control=True, shift=True)
    studio.until(lambda: studio.window.findChildren(CommandPalette))
    palette = studio.window.findChildren(CommandPalette)[0]
    studio.settle()
    return palette


def names(palette: CommandPalette) -> list[str]:
    return [palette.list.item(row).data(Qt.ItemDataRole.UserRole).name for row in range(palette.list.count())]


def test_letters_find_a_command_and_enter_does_it(studio: Studio) -> None:
    palette = opened(studio)
    assert len(names(palette)) == len(COMMANDS) - 1, "all but itself"
    QTest.keyClicks(palette.search, "eras")
    assert names(palette)[0] == "eraser"
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    studio.settle()
    assert studio.window.canvas.tool is Tool.ERASER
    assert not [left for left in studio.app.topLevelWidgets() if isinstance(left, CommandPalette) and left.isVisible()]


def test_menus_are_searched_too(studio: Studio) -> None:
    palette = opened(studio)
    QTest.keyClicks(palette.search, "theme dark")
    assert names(palette)[0] == "theme_dark"


def test_arrows_choose_and_go_round(studio: Studio) -> None:
    palette = opened(studio)
    QTest.keyClicks(palette.search, "zoom")
    first = names(palette)
    QTest.keyClick(palette.search, Qt.Key.Key_Down)
    assert palette.current is not None
    assert palette.current.name == first[1]
    QTest.keyClick(palette.search, Qt.Key.Key_Up)
    QTest.keyClick(palette.search, Qt.Key.Key_Up)
    assert palette.current.name == first[-1]


def test_what_is_not_possible_comes_last_and_is_not_done(studio: Studio, photo: Path) -> None:
    palette = opened(studio)
    QTest.keyClicks(palette.search, "clear mask")
    assert palette.current is not None
    assert palette.current.name == "clear_mask"
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    assert palette.isVisible()
    assert palette.hint.text().startswith("Not possible now")
    QTest.keyClick(palette.search, Qt.Key.Key_Escape)
    studio.settle()
    studio.open(photo)
    studio.paint((400, 300), (450, 300))
    palette = opened(studio)
    QTest.keyClicks(palette.search, "clear mask")
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    studio.settle()
    assert not studio.document.mask.any()


def test_nothing_found_is_said(studio: Studio) -> None:
    palette = opened(studio)
    QTest.keyClicks(palette.search, "qqqq")
    assert palette.list.count() == 0
    assert palette.hint.text() == "No command fits."
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    assert palette.isVisible()


def test_a_click_does_it_too(studio: Studio) -> None:
    palette = opened(studio)
    QTest.keyClicks(palette.search, "frame")
    row = names(palette).index("frame")
    QTest.mouseClick(
        palette.list.viewport(),
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
        palette.list.visualItemRect(palette.list.item(row)).center(),
    )
    studio.settle()
    assert studio.window.canvas.tool is Tool.FRAME
    assert QApplication.focusWidget() is not palette.search
