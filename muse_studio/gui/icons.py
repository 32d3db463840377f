"""Our own icons: drawings in `resources/icons`, coloured for the theme. Knows nothing of where they are shown."""

from __future__ import annotations

from functools import cache, lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from muse_studio.gui.theme import Colors
from muse_studio.places import shipped

_COMMON_SCALES = (1.0, 2.0)
"""Drawn whatever the screens are; each screen's own scale comes on top, so that none shows a scaled bitmap."""


@cache
def _source(name: str) -> str:
    return shipped(f"resources/icons/{name}.svg").read_text(encoding="utf-8")


@lru_cache(maxsize=1024)
def drawing(name: str, color: str, side_px: int, scale: float = 1.0) -> QPixmap:
    """The icon `name` with every `currentColor` replaced by `color`, square. FileNotFoundError for no such icon.

    side_px: in logical pixels, each of `scale` device pixels; the pixmap knows its scale.
    """
    text = _source(name).replace("currentColor", color)
    renderer = QSvgRenderer(QByteArray(text.encode()))
    pixmap = QPixmap(round(side_px * scale), round(side_px * scale))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(pixmap.rect()))
    painter.end()
    pixmap.setDevicePixelRatio(scale)
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
    for scale in scales():
        result.addPixmap(drawing(name, ink, side_px, scale), QIcon.Mode.Normal, QIcon.State.Off)
        result.addPixmap(drawing(name, colors.text_disabled, side_px, scale), QIcon.Mode.Disabled, QIcon.State.Off)
        if checked is not None:
            result.addPixmap(drawing(checked, ink, side_px, scale), QIcon.Mode.Normal, QIcon.State.On)
    return result


def scales() -> tuple[float, ...]:
    """Device pixels in a logical one: of every screen there is, and the common ones."""
    found = {screen.devicePixelRatio() for screen in QGuiApplication.screens()}
    return tuple(sorted(found.union(_COMMON_SCALES)))


def application_icon() -> QIcon:
    """The program's own sign, in its own colours."""
    result = QIcon()
    for side in (16, 32, 48, 64, 128, 256):
        result.addPixmap(drawing("muse-studio", "#000000", side))
    return result
