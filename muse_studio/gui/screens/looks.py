"""Each look that a state of the window is shown in, and the picture of a window with what lies over it."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QWidget

from muse_studio.core.files import atomic_write
from muse_studio.core.settings import Language, Theme
from muse_studio.gui.hands import picture_of
from muse_studio.gui.main_window import MainWindow

QUALITY = 82
SHADE = 0.55
SHADE_REACH_PX = 6


@dataclass(frozen=True, slots=True)
class Look:
    theme: Theme
    language: Language

    @property
    def name(self) -> str:
        return f"{self.theme.value.replace('_', '-')}-{self.language.value}"

    def put_on(self, window: MainWindow) -> None:
        window.theme.choose(self.theme)
        window.language.choose(self.language)


LOOKS = tuple(
    Look(theme, language) for language in (Language.ENGLISH, Language.JAPANESE) for theme in (Theme.LIGHT, Theme.DARK)
)
HIGH_CONTRAST = Look(Theme.HIGH_CONTRAST, Language.ENGLISH)


def with_overlays(window: QWidget) -> NDArray[np.uint8]:
    """uint8 [H, W, 3]: the window, and over it every dialog, menu and palette of its own where it stands."""
    whole = picture_of(window)
    corner = window.mapToGlobal(QPoint(0, 0))
    for other in QApplication.topLevelWidgets():
        if other is window or not other.isVisible() or other.size().isEmpty():
            continue
        place = other.mapToGlobal(QPoint(0, 0)) - corner
        _lay_over(whole, picture_of(other), place.x(), place.y())
    return whole


def _lay_over(whole: NDArray[np.uint8], top: NDArray[np.uint8], x: int, y: int) -> None:
    """Clipped to the whole, on a plain shadow."""
    height, width = whole.shape[:2]
    reach = SHADE_REACH_PX
    around = whole[max(0, y - reach) : y + top.shape[0] + reach, max(0, x - reach) : x + top.shape[1] + reach]
    around[:] = (around * SHADE).astype(np.uint8)
    left, above = max(0, x), max(0, y)
    right, below = min(width, x + top.shape[1]), min(height, y + top.shape[0])
    if left < right and above < below:
        whole[above:below, left:right] = top[above - y : below - y, left - x : right - x]


def write(path: Path, pixels: NDArray[np.uint8]) -> None:
    """As WebP, the same bytes for the same pixels."""
    written = BytesIO()
    Image.fromarray(pixels).save(written, "WEBP", quality=QUALITY, method=6)
    atomic_write(path, written.getvalue())
