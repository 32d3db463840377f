"""What a step of a job makes the window do: draw its own cell and its own pixels, in a turn of their own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QObject, QRect
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

from muse_studio.gui.fields import ProgressBar
from tests.gui.conftest import Studio


class Paints(QObject):
    """The areas that a widget was asked to paint."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.areas: list[QRect] = []
        widget.installEventFilter(self)

    def eventFilter(self, _: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent):
            self.areas.append(event.rect())
        return False


def counted(monkeypatch: pytest.MonkeyPatch, owner: type, name: str) -> list[object]:
    """One entry for every call of a method from now on."""
    calls: list[object] = []
    real: Callable[..., object] = getattr(owner, name)

    def count(*arguments: object, **more: object) -> object:
        calls.append(arguments)
        return real(*arguments, **more)

    monkeypatch.setattr(owner, name, count)
    return calls


def test_a_progress_bar_is_painted_in_the_next_turn_and_shows_its_value(qapp: QApplication) -> None:
    bar = ProgressBar()
    bar.setRange(0, 100)
    bar.resize(200, 20)
    bar.show()
    qapp.processEvents()
    paints, before = Paints(bar), bar.grab().toImage()
    paints.areas.clear()
    bar.setValue(90)
    assert paints.areas == []
    qapp.processEvents()
    assert paints.areas
    assert bar.grab().toImage() != before
    bar.deleteLater()


def test_a_step_refreshes_no_window_and_paints_nothing_of_the_other_steps(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.window.docks.show("timeline")
    studio.type_prompt("a fox")
    studio.generate()
    studio.client.advance(3)
    studio.settle()
    refreshes = counted(monkeypatch, type(studio.window), "refresh")
    strip = studio.window.timeline.panel.strip
    paints = Paints(strip.viewport())
    for number in (3, 4):
        studio.client.advance(1)
        studio.settle()
        assert paints.areas, number
        assert max(area.width() for area in paints.areas) < 4 * strip.cell(0, 0).width()
        assert any(area.contains(strip.cell(0, number)) for area in paints.areas)
        paints.areas.clear()
    assert refreshes == []
    studio.finish_job()
    assert refreshes


def test_what_is_painted_piece_by_piece_equals_the_strip_painted_at_once(studio: Studio) -> None:
    studio.window.docks.show("timeline")
    studio.type_prompt("a fox")
    studio.generate()
    viewport = studio.window.timeline.panel.strip.viewport()
    for _ in range(6):
        studio.client.advance(1)
        studio.settle()
    studio.until(lambda: not studio.window.timeline._darkroom._asked)
    studio.settle()
    shown = _on_screen(studio, viewport)
    viewport.update()
    studio.settle()
    assert shown == _on_screen(studio, viewport)


def _on_screen(studio: Studio, widget: QWidget) -> object:
    """What the window's own buffer holds of a widget, not painted anew for us."""
    screen = studio.window.screen()
    place = QRect(widget.mapTo(studio.window, widget.rect().topLeft()), widget.size())
    return screen.grabWindow(studio.window.winId()).toImage().copy(place)
