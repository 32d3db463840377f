"""A result that is most of a large picture is made ready for the canvas in a thread, and shown as it is by then."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtGui import QImage

from muse_studio.gui.canvas.picture import PictureCache
from tests.gui.conftest import PATIENCE_S, Studio


@pytest.mark.parametrize("edited", [False, True])
def test_what_is_edited_meanwhile_is_shown_too(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, edited: bool
) -> None:
    noise = np.random.default_rng(2).integers(0, 256, (1100, 1100, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "a.png")
    studio.open(tmp_path / "a.png")
    opened, threads, real = threading.Event(), list[threading.Thread](), PictureCache.of

    def held(pixels: np.ndarray) -> PictureCache:
        ready = real(pixels)
        threads.append(threading.current_thread())
        assert opened.wait(PATIENCE_S)
        return ready

    studio.window.canvas.refresh_mask(studio.document.fill_mask())
    studio.generate()
    monkeypatch.setattr(PictureCache, "of", held)
    studio.client.advance(200)
    studio.until(lambda: threads)
    assert threading.main_thread() not in threads
    layer = studio.document.layers[-1].id
    if edited:
        studio.window.layers.set_opacity(layer, 0.3, "a drag")
    opened.set()
    studio.until(lambda: not studio.window.jobs.is_busy)
    shown = _canvas(studio)
    studio.window.canvas.set_document(studio.document)
    studio.window.stage.rest_mask()
    assert _canvas(studio) == shown
    assert studio.document.layer(layer).opacity == (0.3 if edited else 1.0)


def _canvas(studio: Studio) -> QImage:
    studio.settle()
    return studio.window.canvas.grab().toImage()
