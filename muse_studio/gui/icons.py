"""Our own icons: drawings in `resources/icons`, coloured for the theme. Knows nothing of where they are shown."""

from __future__ import annotations

from functools import cache, lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from muse_studio.gui.theme import Colors
from muse_studio.places import shipped

_SCALES = (1, 2, 3)
"""Each icon is drawn for screens of 100, 200 and 300 %, so that none shows an enlarged bitmap."""


@cache
def _source(name: str) -> str:
    return shipped(f"resources/icons/{name}.svg").read_text(encoding="utf-8")


@lru_cache(maxsize=256)
def drawing(name: str, color: str, side_px: int) -> QPixmap:
    """The icon `name` with every `currentColor` replaced by `color`, square. FileNotFoundError for no such icon."""
    text = _source(name).replace("currentColor", color)
    renderer = QSvgRenderer(QByteArray(text.encode()))
    pixmap = QPixmap(side_px, side_px)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, side_px, side_px))
    painter.end()
    return pixmap


def icon(
    name: str, colors: Colors, side_px: int = 20, *, color: str | None = None, checked: str | None = None
) -> QIcon:
    """An icon for buttons and menus: in the theme's text colour, greyed when disabled.

    side_px: how large it is shown, in logical pixels.
    color:   instead of the text colour.
    checked: the name of another drawing, shown while the button is checked.
    """
    result = QIcon()
    ink = color or colors.text
    for side in (side_px * scale for scale in _SCALES):
        result.addPixmap(drawing(name, ink, side), QIcon.Mode.Normal, QIcon.State.Off)
        result.addPixmap(drawing(name, colors.text_disabled, side), QIcon.Mode.Disabled, QIcon.State.Off)
        if checked is not None:
            result.addPixmap(drawing(checked, ink, side), QIcon.Mode.Normal, QIcon.State.On)
    return result


def application_icon() -> QIcon:
    """The program's own sign, in its own colours."""
    result = QIcon()
    for side in (16, 32, 48, 64, 128, 256):
        result.addPixmap(drawing("muse-studio", "#000000", side))
    return result
