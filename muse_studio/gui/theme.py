"""The studio's look: named colours of four themes, and the palette and stylesheet made from them.

Every pair of text and ground that the stylesheet uses meets WCAG 2.1 AA (4.5:1; 3:1 for edges and focus rings), and in
high contrast AAA (7:1; 4.5:1 for edges and rings); `tests/gui/test_theme.py` measures them. Knows nothing about any
particular widget beyond the stylesheet's selectors.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from string import Template

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from muse_studio.core.settings import Theme
from muse_studio.places import shipped

GRID_PX = 8
"""Every margin, gap and control height is a multiple of this, or of its half."""

FONT_PT = 10.0
_FONT_FAMILIES = [
    *["Inter", "Segoe UI Variable Text", "Segoe UI", "SF Pro Text", "Helvetica Neue", "Noto Sans"],
    *["Hiragino Sans", "Hiragino Kaku Gothic ProN", "Yu Gothic UI", "Meiryo UI", "BIZ UDPGothic"],
    *[
        "Noto Sans CJK JP",
        "Noto Sans JP",
        "Source Han Sans JP",
        "IPAexGothic",
        "IPAPGothic",
        "TakaoPGothic",
        "VL PGothic",
    ],
]
"""Latin first; then what systems have for Japanese, or Qt may take Chinese forms of its characters."""


@dataclass(frozen=True, slots=True)
class Colors:
    """Named colours of one theme, each "#rrggbb". The greys are neutral so that the picture's colours read true."""

    name: str
    surround: str
    """Around the document, on the canvas."""
    checker_light: str
    checker_dark: str
    window: str
    panel: str
    raised: str
    raised_hover: str
    raised_pressed: str
    field: str
    line: str
    edge: str
    text: str
    text_muted: str
    text_disabled: str
    accent: str
    accent_hover: str
    accent_pressed: str
    accent_soft: str
    on_accent: str
    focus: str
    mask: str
    """The mask's overlay on the picture."""
    frame: str
    info_ground: str
    info_text: str
    good_ground: str
    good_text: str
    warning_ground: str
    warning_text: str
    error_ground: str
    error_text: str
    good: str
    """The worker's dot: ready; `waiting` and `bad` likewise."""
    waiting: str
    bad: str
    is_high_contrast: bool = False


DARK = Colors(
    name="dark",
    surround="#161719",
    checker_light="#4a4b4f",
    checker_dark="#3b3c40",
    window="#1c1d20",
    panel="#232427",
    raised="#303136",
    raised_hover="#3a3b41",
    raised_pressed="#2a2b2f",
    field="#18191b",
    line="#36373c",
    edge="#75777f",
    text="#eeeef0",
    text_muted="#b0b2ba",
    text_disabled="#7d7f87",
    accent="#93a5ff",
    accent_hover="#aab8ff",
    accent_pressed="#7d91f5",
    accent_soft="#343a5c",
    on_accent="#0d1233",
    focus="#c3cdff",
    mask="#ff5d73",
    frame="#ffffff",
    info_ground="#2d3350",
    info_text="#e4e8ff",
    good_ground="#1f3d31",
    good_text="#d3f5e3",
    warning_ground="#493a1a",
    warning_text="#ffeac2",
    error_ground="#52262b",
    error_text="#ffe0e2",
    good="#3fc287",
    waiting="#e0a93a",
    bad="#f0707d",
)

LIGHT = Colors(
    name="light",
    surround="#d2d3d6",
    checker_light="#ffffff",
    checker_dark="#e2e2e5",
    window="#ececee",
    panel="#f7f7f8",
    raised="#ffffff",
    raised_hover="#eef0fb",
    raised_pressed="#e0e3f4",
    field="#ffffff",
    line="#dadbdf",
    edge="#84868e",
    text="#1b1c20",
    text_muted="#555861",
    text_disabled="#8b8d95",
    accent="#3d4fc4",
    accent_hover="#3041ad",
    accent_pressed="#283793",
    accent_soft="#dfe3fa",
    on_accent="#ffffff",
    focus="#3d4fc4",
    mask="#e5173f",
    frame="#ffffff",
    info_ground="#dfe3fa",
    info_text="#1f2a6b",
    good_ground="#d9f2e4",
    good_text="#0f4a2d",
    warning_ground="#fbecc9",
    warning_text="#543c05",
    error_ground="#fbdfe1",
    error_text="#701622",
    good="#178a55",
    waiting="#a8700a",
    bad="#c92f40",
)


CONTRAST_DARK = Colors(
    name="contrast-dark",
    surround="#000000",
    checker_light="#4a4b4f",
    checker_dark="#2b2c2f",
    window="#000000",
    panel="#000000",
    raised="#000000",
    raised_hover="#26264d",
    raised_pressed="#39396b",
    field="#000000",
    line="#9a9a9a",
    edge="#ffffff",
    text="#ffffff",
    text_muted="#e6e6e6",
    text_disabled="#a8a8a8",
    accent="#ffe14d",
    accent_hover="#fff1a6",
    accent_pressed="#e6c200",
    accent_soft="#3d3500",
    on_accent="#000000",
    focus="#5ee7ff",
    mask="#ff4d6d",
    frame="#ffffff",
    info_ground="#00143d",
    info_text="#ffffff",
    good_ground="#00290f",
    good_text="#ffffff",
    warning_ground="#332400",
    warning_text="#ffffff",
    error_ground="#3d000a",
    error_text="#ffffff",
    good="#4dff9d",
    waiting="#ffd24d",
    bad="#ff8c9a",
    is_high_contrast=True,
)

CONTRAST_LIGHT = Colors(
    name="contrast-light",
    surround="#ffffff",
    checker_light="#ffffff",
    checker_dark="#d0d0d0",
    window="#ffffff",
    panel="#ffffff",
    raised="#ffffff",
    raised_hover="#e3e3ff",
    raised_pressed="#ccccff",
    field="#ffffff",
    line="#5c5c5c",
    edge="#000000",
    text="#000000",
    text_muted="#1f1f1f",
    text_disabled="#5e5e5e",
    accent="#10108f",
    accent_hover="#000066",
    accent_pressed="#00004d",
    accent_soft="#dcdcff",
    on_accent="#ffffff",
    focus="#a30052",
    mask="#d6002f",
    frame="#ffffff",
    info_ground="#e6ebff",
    info_text="#000000",
    good_ground="#e0ffec",
    good_text="#000000",
    warning_ground="#fff3d1",
    warning_text="#000000",
    error_ground="#ffe3e6",
    error_text="#000000",
    good="#006333",
    waiting="#7a4a00",
    bad="#a30016",
    is_high_contrast=True,
)

THEMES = (DARK, LIGHT, CONTRAST_DARK, CONTRAST_LIGHT)


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two "#rrggbb" colours, 1 to 21 (WCAG 2.1, relative luminance)."""
    bright, dim = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def _luminance(color: str) -> float:
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def stylesheet(colors: Colors) -> str:
    """The whole program's stylesheet: `resources/themes/studio.qss` with its $names filled in.

    High contrast has the wider rings and edges of `high-contrast.qss` after it.
    """
    files = ["studio.qss", *(["high-contrast.qss"] if colors.is_high_contrast else [])]
    text = "\n".join(shipped(f"resources/themes/{name}").read_text(encoding="utf-8") for name in files)
    return Template(text).substitute(asdict(colors))


def palette(colors: Colors) -> QPalette:
    """The palette for what the stylesheet doesn't reach: native dialogs, selections, placeholder text."""
    roles = {
        QPalette.ColorRole.Window: colors.window,
        QPalette.ColorRole.WindowText: colors.text,
        QPalette.ColorRole.Base: colors.field,
        QPalette.ColorRole.AlternateBase: colors.panel,
        QPalette.ColorRole.Text: colors.text,
        QPalette.ColorRole.Button: colors.raised,
        QPalette.ColorRole.ButtonText: colors.text,
        QPalette.ColorRole.ToolTipBase: colors.raised,
        QPalette.ColorRole.ToolTipText: colors.text,
        QPalette.ColorRole.Highlight: colors.accent,
        QPalette.ColorRole.HighlightedText: colors.on_accent,
        QPalette.ColorRole.PlaceholderText: colors.text_muted,
        QPalette.ColorRole.Link: colors.accent,
    }
    result = QPalette()
    for role, color in roles.items():
        result.setColor(role, QColor(color))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, role, QColor(colors.text_disabled))
    return result


def resolve(choice: Theme, scheme: Qt.ColorScheme, preference: Qt.ContrastPreference) -> Colors:
    """The colours of a choice on a desktop that is `scheme` and asks for `preference`. An unknown scheme is dark."""
    if choice is Theme.SYSTEM and preference is Qt.ContrastPreference.HighContrast:
        choice = Theme.HIGH_CONTRAST
    is_light = (
        scheme is Qt.ColorScheme.Light if choice in (Theme.SYSTEM, Theme.HIGH_CONTRAST) else choice is Theme.LIGHT
    )
    if choice is Theme.HIGH_CONTRAST:
        return CONTRAST_LIGHT if is_light else CONTRAST_DARK
    return LIGHT if is_light else DARK


class ThemeKeeper(QObject):
    """Applies a choice of theme to the application, and again whenever the desktop changes its mind."""

    changed = Signal(object)
    """The new Colors, after the application wears them."""

    def __init__(self, app: QApplication, choice: Theme = Theme.SYSTEM) -> None:
        super().__init__(app)
        self._app = app
        self._choice = choice
        self._colors = DARK
        app.setStyle("Fusion")
        app.setFont(interface_font())
        hints = app.styleHints()
        hints.colorSchemeChanged.connect(self._follow_system)
        hints.accessibility().contrastPreferenceChanged.connect(self._follow_system)
        self._wear()

    @property
    def choice(self) -> Theme:
        return self._choice

    @property
    def colors(self) -> Colors:
        return self._colors

    def choose(self, choice: Theme) -> None:
        """Wear another theme now."""
        if choice is not self._choice:
            self._choice = choice
            self._wear()

    def _follow_system(self) -> None:
        if self._resolve() is not self._colors:
            self._wear()

    def _resolve(self) -> Colors:
        hints = QGuiApplication.styleHints()
        preference = hints.accessibility().contrastPreference()
        return resolve(self._choice, hints.colorScheme(), preference)

    def _wear(self) -> None:
        self._colors = self._resolve()
        self._app.setPalette(palette(self._colors))
        self._app.setStyleSheet(stylesheet(self._colors))
        self.changed.emit(self._colors)


def interface_font() -> QFont:
    """Inter, which ships with the program, else the desktop's own sans-serif; Qt adds fallbacks for other scripts."""
    for weight in ("Regular", "Medium", "SemiBold"):
        path = shipped(f"resources/fonts/Inter-{weight}.otf")
        if path.is_file():
            QFontDatabase.addApplicationFontFromData(path.read_bytes())
    font = QFont()
    font.setFamilies(_FONT_FAMILIES)
    font.setPointSizeF(FONT_PT)
    return font
