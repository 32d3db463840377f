"""Pictures of the history beside each other and beside the canvas: by pixels, with real events."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from muse_studio.gui.hands import CONTROL, NONE, picture_of
from muse_studio.gui.panels.compare import ComparePage
from tests.gui.conftest import Studio
from tests.gui.test_gallery import click, fill, key, open_panel


def test_pictures_are_compared_with_the_canvas_and_with_each_other(studio: Studio, tmp_path: Path, photo: Path) -> None:
    fill(tmp_path)
    open_panel(studio, 3)
    click(studio, 0)
    key(studio, Qt.Key.Key_C)
    studio.until(lambda: any("nothing on the canvas" in message for message in studio.messages))
    studio.open(photo)
    for rows in ((0,), (0, 2)):
        click(studio, rows[0])
        for row in rows[1:]:
            click(studio, row, CONTROL)
        key(studio, Qt.Key.Key_C)
        studio.until(lambda: any(page.isVisible() for page in studio.window.findChildren(ComparePage)))
        page = next(page for page in studio.window.findChildren(ComparePage) if page.isVisible())
        shown = picture_of(page.pair)
        middle, width = shown.shape[0] // 2, shown.shape[1]
        right = (80, 0, 175) if len(rows) == 1 else (0, 0, 255)
        assert np.abs(shown[middle, width * 3 // 4].astype(int) - right).max() <= 2
        if len(rows) == 2:
            assert np.abs(shown[middle, width // 4].astype(int) - (80, 0, 175)).max() <= 2
            _slide(page)
        page.accept()
        studio.settle()


def _slide(page: ComparePage) -> None:
    """The edge follows the mouse: left of it is the first picture, right of it the second."""
    page.slider.click()
    area = page.pair.area
    QTest.mousePress(page.pair, Qt.MouseButton.LeftButton, NONE, area.center().toPoint())
    quarter = QPoint(int(area.left() + area.width() / 4), int(area.center().y()))
    QTest.mouseMove(page.pair, quarter)
    QTest.mouseRelease(page.pair, Qt.MouseButton.LeftButton, NONE, quarter)
    QTest.keyClick(page.pair, Qt.Key.Key_Left)
    QTest.keyClick(page.pair, Qt.Key.Key_Right)
    shown = picture_of(page.pair)
    for share, color in ((0.1, (80, 0, 175)), (0.4, (0, 0, 255)), (0.9, (0, 0, 255))):
        pixel = shown[int(area.center().y()), int(area.left() + area.width() * share)]
        assert np.abs(pixel.astype(int) - color).max() <= 2, share
