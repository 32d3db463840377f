"""A canvas on an off-screen window, and a hand to work on it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from muse_studio.core.document import Document
from muse_studio.gui.canvas import Canvas, MaskStyle

sys.path.insert(0, str(Path(__file__).parent))  # tests are collected by path, so a module beside them has no name yet

from canvas_hand import Hand, grey


@pytest.fixture
def canvas(qapp: QApplication) -> Iterator[Canvas]:
    """Shown, 400 by 300, with a plain mask overlay and no document."""
    canvas = Canvas()
    canvas.resize(400, 300)
    canvas.show()
    QApplication.processEvents()
    yield canvas
    canvas.close()
    canvas.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def hand(canvas: Canvas) -> Hand:
    return Hand(canvas)


@pytest.fixture
def painting(canvas: Canvas) -> Document:
    """A grey document of 200 by 150 inside its frame, at 100 % with its corner at (100, 75) of the canvas."""
    document = Document(grey(200, 150))
    canvas.show_frame = False
    canvas.set_document(document)
    canvas.zoom_to(1.0)
    QApplication.processEvents()
    assert (canvas.view.left, canvas.view.top) == (100, 75)
    return document


@pytest.fixture
def flat_mask(canvas: Canvas) -> None:
    """A mask overlay of one opaque colour, for tests that look for that colour."""
    canvas.mask_style = MaskStyle(color="#ff0000", opacity=1.0, stripes=False, edge=False)
