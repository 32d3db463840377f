"""Panels open, close, hide together and stay where they were put; words follow the language."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow, QMenu, QTabBar

from muse_studio.gui.docks import Docks, Place
from muse_studio.gui.language import follow_language, language_changed, tr


def window_with(*names: str) -> tuple[QMainWindow, Docks]:
    window = QMainWindow()
    docks = Docks(window, QMenu(window))
    for name in names:
        docks.add(name, lambda name=name: name.title(), QLabel(name), Place.TABS)
    window.show()
    return window, docks


def test_hiding_all_panels_brings_the_same_ones_back(qapp: QApplication) -> None:
    window, docks = window_with("layers", "queue")
    docks.dock("queue").hide()
    docks.toggle_all()
    assert docks.dock("layers").isHidden()
    assert docks.dock("queue").isHidden()
    docks.toggle_all()
    assert not docks.dock("layers").isHidden()
    assert docks.dock("queue").isHidden()
    window.deleteLater()


def test_an_arrangement_comes_back_in_another_window(qapp: QApplication) -> None:
    window, docks = window_with("layers", "queue")
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, docks.dock("queue"))
    docks.dock("layers").hide()
    other, again = window_with("layers", "queue")
    again.arrange(docks.arrangement())
    assert other.dockWidgetArea(again.dock("queue")) is Qt.DockWidgetArea.LeftDockWidgetArea
    assert again.dock("layers").isHidden()
    again.arrange("no arrangement at all")
    for each in (window, other):
        each.deleteLater()


def test_a_widget_that_is_gone_is_not_told_of_a_language(qapp: QApplication) -> None:
    told: list[str] = []
    label = QLabel()
    follow_language(label, lambda: told.append(tr("{count} layers", count=3)))
    language_changed()
    label.deleteLater()
    qapp.sendPostedEvents(None, 52)  # QEvent.DeferredDelete
    language_changed()
    assert told == ["3 layers"] * 2


def test_the_studio_hides_its_panels_by_key(studio) -> None:
    panel = studio.window.docks.dock("make")
    assert panel.isVisible()
    studio.press(Qt.Key.Key_H, control=True, shift=True)
    assert not panel.isVisible()
    studio.press(Qt.Key.Key_H, control=True, shift=True)
    assert panel.isVisible()


def test_a_panel_among_tabs_is_named_once_and_floats_by_a_double_click(qapp: QApplication) -> None:
    window, docks = window_with("layers", "queue")
    docks.settle()
    assert docks.dock("queue").titleBarWidget() is not None
    tabs = window.findChild(QTabBar)
    assert tabs is not None
    tabs.tabBarDoubleClicked.emit(1)
    assert docks.dock("queue").isFloating()
    assert not docks.dock("layers").isFloating()
    assert docks.dock("queue").titleBarWidget() is None
    docks.dock("queue").setFloating(False)
    window.deleteLater()
