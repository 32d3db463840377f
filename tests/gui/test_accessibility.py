"""For hands that use no mouse and eyes that see no screen: names, explanations, keys, and what is announced."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QTabBar,
    QWidget,
)

from muse_studio.gui import announcements
from muse_studio.gui.announcements import ProgressTeller, announce
from muse_studio.gui.commands import COMMANDS
from muse_studio.gui.message_bar import Notice, NoticeKind
from muse_studio.gui.tips import TIPS
from tests.gui.conftest import Studio

CONTROLS = (
    *(QAbstractButton, QAbstractItemView, QAbstractSlider, QAbstractSpinBox),
    *(QComboBox, QLineEdit, QPlainTextEdit),
)


def controls(studio: Studio) -> list[QWidget]:
    """Everything that a hand can use, as the window stands; Qt's own parts of them left out."""
    found = [widget for widget in studio.window.findChildren(QWidget) if isinstance(widget, CONTROLS)]
    return [widget for widget in found if widget.isVisible() and not _is_qts(widget)]


def _is_qts(widget: QWidget) -> bool:
    parent = widget.parentWidget()
    inside = isinstance(parent, QAbstractSpinBox | QComboBox | QTabBar | QLineEdit)
    return inside or isinstance(widget, QScrollBar) or widget.objectName().startswith("qt_")


def name_of(widget: QWidget) -> str:
    return widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else "")


@pytest.fixture(params=["empty", "document"])
def filled(studio: Studio, photo: Path, request: pytest.FixtureRequest) -> Studio:
    if request.param == "document":
        studio.open(photo)
    studio.settle()
    return studio


def test_every_control_has_a_name(filled: Studio) -> None:
    found = controls(filled)
    assert len(found) > 30
    assert [f"{type(widget).__name__} {widget.objectName()}" for widget in found if not name_of(widget)] == []


def test_every_control_explains_itself(filled: Studio) -> None:
    silent = [
        f"{type(widget).__name__} {name_of(widget)!r}"
        for widget in controls(filled)
        if not (widget.toolTip() or widget.accessibleDescription())
    ]
    assert silent == []


def test_every_enabled_control_can_be_reached_by_keyboard(filled: Studio) -> None:
    """By Tab, or, for buttons that a command stands behind, by its keys."""
    commands = {plain for action in filled.window.commands.values() for plain in (action.toolTip(),)}
    lost = [
        f"{type(widget).__name__} {name_of(widget)!r}"
        for widget in controls(filled)
        if widget.isEnabled()
        and not widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not isinstance(widget, QAbstractButton)
        and widget.toolTip() not in commands
    ]
    assert lost == []


def test_tab_goes_round_and_comes_back(filled: Studio) -> None:
    filled.window.panel.prompt.setFocus()
    start = filled.app.focusWidget()
    visited = set()
    for _ in range(200):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        visited.add(QApplication.focusWidget())
        if QApplication.focusWidget() is start:
            break
    assert QApplication.focusWidget() is start, "Tab is never caught"
    assert len(visited) > 10


def test_every_command_says_what_it_does() -> None:
    assert [command.name for command in COMMANDS if not TIPS.get(command.name)] == []
    assert sorted(set(TIPS) - {command.name for command in COMMANDS}) == []


def test_a_button_says_its_name_its_keys_and_what_it_does(studio: Studio) -> None:
    tip = studio.window.strip.buttons["eraser"].toolTip()
    assert tip == f"Eraser (E)\n{TIPS['eraser']}"


# Announcements


class Heard:
    """Stands in for the screen reader's end."""

    AnnouncementPoliteness = QAccessible.AnnouncementPoliteness

    def __init__(self) -> None:
        self.words: list[str] = []
        self.urgent: list[str] = []

    def updateAccessibility(self, event: QAccessibleAnnouncementEvent) -> None:
        self.words.append(event.message())
        if event.politeness() is QAccessible.AnnouncementPoliteness.Assertive:
            self.urgent.append(event.message())


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    ears = Heard()
    monkeypatch.setattr(announcements, "QAccessible", ears)
    return ears


def test_a_job_is_announced_at_its_begin_each_quarter_and_its_end(studio: Studio, heard: Heard) -> None:
    studio.type_prompt("a fox")
    studio.generate()
    studio.client.advance(1)
    studio.settle()
    assert heard.words.count("A picture is being made") == 1
    for _ in range(10):
        studio.client.advance(3)
        studio.settle()
    studio.finish_job()
    told = [words for words in heard.words if "percent" in words]
    assert set(told) <= {"25 percent done", "50 percent done", "75 percent done"}
    assert len(told) == len(set(told)) > 0
    assert heard.words[-1] == "The picture is finished"


def test_a_cancelled_job_is_announced_as_such(studio: Studio, heard: Heard) -> None:
    studio.generate()
    studio.client.advance(1)
    studio.settle()
    studio.window.commands["cancel"].trigger()
    studio.client.advance(1)
    studio.until(lambda: not studio.window.jobs.is_busy)
    assert "The picture was cancelled" in heard.words
    assert "The picture is finished" not in heard.words


def test_errors_interrupt_and_news_do_not(studio: Studio, heard: Heard) -> None:
    studio.window.notify(Notice(NoticeKind.ERROR, "The disk is full."))
    studio.window.notify(Notice(NoticeKind.INFO, "All is well."))
    assert heard.words[-2:] == ["The disk is full.", "All is well."]
    assert heard.urgent == ["The disk is full."]


def test_quarters_are_told_once_and_in_order(studio: Studio, heard: Heard) -> None:
    teller = ProgressTeller(studio.window)
    teller.step(0.5)
    assert heard.words == [], "nothing has begun"
    teller.begin("begun")
    teller.begin("begun")
    for share in (0.1, 0.26, 0.3, 0.8, 0.76, 1.0):
        teller.step(share)
    teller.end("over")
    teller.end("over")
    assert heard.words == ["begun", "25 percent done", "75 percent done", "over"]


def test_an_announcement_reaches_qt(studio: Studio) -> None:
    announce(studio.window, "said aloud")
