"""Icons: each can be drawn, none is missing, and none shows a scaled bitmap on any screen."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon, QImage, QPixmap
from PySide6.QtWidgets import QApplication

import muse_studio
from muse_studio import places
from muse_studio.gui import icons
from muse_studio.gui.icons import drawing, icon
from muse_studio.gui.theme import DARK

DRAWINGS = sorted(places.shipped("resources/icons").glob("*.svg"))
EACH = pytest.mark.parametrize("path", DRAWINGS, ids=lambda path: path.stem)
SCREENS = (1.0, 1.25, 1.5, 2.0, 3.0)


def pixels_of(pixmap: QPixmap) -> NDArray[np.uint8]:
    image = pixmap.toImage().convertToFormat(QImage.Format.Format_RGBA8888)
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4).copy()


@EACH
def test_every_icon_draws_in_the_colour_asked_for(qapp: QApplication, path: Path) -> None:
    pixels = pixels_of(drawing(path.stem, "#ff0000", 48)).reshape(-1, 4)
    inked = pixels[pixels[:, 3] == 255]
    assert len(inked) > 20
    if path.stem != "muse-studio":
        assert (inked[:, :3] == (255, 0, 0)).all()


@EACH
@pytest.mark.parametrize("scale", SCREENS)
def test_icons_are_drawn_for_each_screen_and_never_scaled(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, path: Path, scale: float
) -> None:
    monkeypatch.setattr(icons, "scales", lambda: SCREENS)
    drawn = icon(path.stem, DARK, 20).pixmap(QSize(20, 20), scale, QIcon.Mode.Normal, QIcon.State.Off)
    assert drawn.devicePixelRatio() == scale
    assert drawn.width() == drawn.height() == round(20 * scale)
    np.testing.assert_array_equal(pixels_of(drawn), pixels_of(drawing(path.stem, DARK.text, 20, scale)))


def test_the_screens_own_scale_is_among_those_drawn(qapp: QApplication) -> None:
    assert {screen.devicePixelRatio() for screen in qapp.screens()} <= set(icons.scales())


def icon_names(source: Path) -> Iterator[str]:
    """The drawings that a file names where it makes a button or an icon."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("IconButton", "icon", "drawing", "make_toggle"):
            asked = [*node.args[:1], *(word.value for word in node.keywords if word.arg in ("checked", "drawing"))]
            yield from (part.value for part in asked if isinstance(part, ast.Constant) and isinstance(part.value, str))


def test_no_icon_that_the_source_names_is_missing() -> None:
    sources = sorted((Path(muse_studio.__file__).parent / "gui").rglob("*.py"))
    named = {name: source.name for source in sources for name in icon_names(source)}
    assert len(named) >= 10
    drawn = {path.stem for path in DRAWINGS}
    assert {name: source for name, source in named.items() if name not in drawn} == {}
