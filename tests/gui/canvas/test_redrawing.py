"""The scene draws again what has changed and nothing else, and looks as if it had been drawn anew."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from muse_studio.core.document import Document
from muse_studio.core.geometry import Rect
from muse_studio.core.selection import Combine
from muse_studio.gui.canvas import Canvas, Tool
from muse_studio.gui.canvas.overlay import MaskOverlay


@pytest.fixture
def still(canvas: Canvas, painting: Document) -> Document:
    """The painting with a tool that draws nothing over it."""
    canvas.tool = Tool.PAN
    return painting


def test_a_newer_preview_in_the_same_frame_leaves_the_mask_as_it_was_drawn(
    canvas: Canvas, still: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    canvas.refresh_mask(_masked(still, Rect(20, 20, 40, 40), Combine.ADD))
    canvas.show_preview(still.frame, np.full((16, 16, 3), 200, np.uint8))
    QApplication.processEvents()
    draws: list[Rect] = []
    real = MaskOverlay.draw
    monkeypatch.setattr(MaskOverlay, "draw", lambda mask, *to, **how: (draws.append(to[-1]), real(mask, *to, **how)))
    canvas.show_preview(still.frame, np.full((16, 16, 3), 90, np.uint8))
    QApplication.processEvents()
    assert draws == []
    assert _scene(canvas) == _scene_anew(canvas)
    canvas.clear_preview()
    QApplication.processEvents()
    assert draws
    assert _scene(canvas) == _scene_anew(canvas)


def test_whatever_happens_the_scene_equals_one_drawn_anew(canvas: Canvas, still: Document) -> None:
    rng, side = np.random.default_rng(3), still.frame.width  # a stretched preview is smoothed piece by piece
    for number in range(60):
        x, y = int(rng.integers(0, still.extent.width - 20)), int(rng.integers(0, still.extent.height - 20))
        place = Rect(x, y, 20, 20)
        match rng.integers(0, 6):
            case 0:
                canvas.refresh_mask(_masked(still, place, rng.choice([Combine.ADD, Combine.SUBTRACT])))
            case 1:
                canvas.pan(int(rng.integers(-30, 30)), int(rng.integers(-30, 30)))
            case 2:
                canvas.show_preview(still.frame, rng.integers(0, 256, (side, side, 3), dtype=np.uint8))
            case 3:
                canvas.clear_preview()
            case 4:
                canvas.refresh_picture(place)
            case 5:
                canvas.zoom_to(float(rng.choice([1.0, 2.0])))
        QApplication.processEvents()
        assert _scene(canvas) == _scene_anew(canvas), number


def _masked(document: Document, place: Rect, how: Combine) -> Rect:
    return document.combine_mask(np.full((place.height, place.width), 255, np.uint8), place, how, "test")


def _scene(canvas: Canvas) -> QImage:
    return canvas._scene.image.copy()


def _scene_anew(canvas: Canvas) -> QImage:
    canvas._scene.invalidate()
    canvas.update()
    QApplication.processEvents()
    return canvas._scene.image.copy()
