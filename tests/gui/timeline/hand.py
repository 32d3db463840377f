"""What tests of the timeline do with it: a run that was made, clicks on steps, colours on the canvas."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog

from muse_studio.core.runs import Run
from muse_studio.gui.timeline.state import Timeline
from tests.gui.conftest import Studio

LEFT = Qt.MouseButton.LeftButton


def state(studio: Studio) -> Timeline:
    return studio.window.timeline.state


def run_of(studio: Studio) -> Run:
    run = state(studio).run
    assert run is not None
    return run


def screened(studio: Studio) -> bool:
    """Whether the step under the head is what the canvas shows."""
    return studio.window.timeline.screen.shown is state(studio).current


def seek(studio: Studio, step: int) -> None:
    """Click on the scrubber where a step is."""
    scrubber = studio.window.timeline.panel.scrubber
    QTest.mouseClick(scrubber, LEFT, pos=QPoint(round(scrubber.place_of(step)), scrubber.height() // 2))
    studio.until(lambda: screened(studio))


def canvas_colour(studio: Studio, x: float, y: float) -> tuple[int, int, int]:
    color = studio.window.canvas.grab().toImage().pixelColor(studio.place(x, y))
    return color.red(), color.green(), color.blue()


def key(studio: Studio, key: Qt.Key) -> None:
    QTest.keyClick(studio.window.timeline.panel.scrubber, key)
    studio.settle()


def dialog_of(studio: Studio, kind: type[QDialog]) -> QDialog:
    studio.until(lambda: [found for found in studio.window.findChildren(kind) if found.isVisible()])
    return next(found for found in studio.window.findChildren(kind) if found.isVisible())
