"""The look: measured contrast, one stylesheet for all, and the desktop's wishes followed."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from muse_studio import places
from muse_studio.core.settings import Theme
from muse_studio.gui.theme import (
    CONTRAST_DARK,
    CONTRAST_LIGHT,
    DARK,
    LIGHT,
    THEMES,
    Colors,
    ThemeKeeper,
    contrast,
    resolve,
    stylesheet,
)

EACH_THEME = pytest.mark.parametrize("colors", THEMES, ids=[colors.name for colors in THEMES])

TEXT_ON_GROUND = [
    *[(ink, ground) for ink in ("text", "text_muted") for ground in ("window", "panel", "raised", "field")],
    *[("text", ground) for ground in ("raised_hover", "raised_pressed", "accent_soft", "surround")],
    *[("text_muted", ground) for ground in ("surround", "raised_hover", "raised_pressed")],
    *[("accent", ground) for ground in ("surround", "raised_hover")],
    *[("on_accent", ground) for ground in ("accent", "accent_hover", "accent_pressed")],
    *[(f"{kind}_text", f"{kind}_ground") for kind in ("info", "good", "warning", "error")],
]
EDGE_ON_GROUND = [
    *[("focus", ground) for ground in ("window", "panel", "raised", "field")],
    *[("edge", ground) for ground in ("window", "panel", "field")],
    *[("accent", ground) for ground in ("panel", "field")],
    *[(dot, "window") for dot in ("good", "waiting", "bad")],
]


def test_black_on_white_has_the_greatest_contrast() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#777777") == pytest.approx(1.0)
    assert contrast("#ffffff", "#767676") == pytest.approx(4.54, abs=0.01)  # the usual example of AA on white


@EACH_THEME
@pytest.mark.parametrize(("ink", "ground"), TEXT_ON_GROUND)
def test_text_meets_aa_on_every_ground_it_is_used_on(colors: Colors, ink: str, ground: str) -> None:
    """AAA in high contrast."""
    least = 7.0 if colors.is_high_contrast else 4.5
    assert contrast(getattr(colors, ink), getattr(colors, ground)) >= least


@EACH_THEME
@pytest.mark.parametrize(("ink", "ground"), EDGE_ON_GROUND)
def test_edges_and_focus_rings_meet_aa(colors: Colors, ink: str, ground: str) -> None:
    least = 4.5 if colors.is_high_contrast else 3.0
    assert contrast(getattr(colors, ink), getattr(colors, ground)) >= least


@pytest.mark.parametrize("colors", [CONTRAST_DARK, CONTRAST_LIGHT], ids=["dark", "light"])
def test_high_contrast_greys_nothing_out_of_sight(colors: Colors) -> None:
    assert contrast(colors.text_disabled, colors.panel) >= 4.5
    assert contrast(colors.line, colors.panel) >= 3.0


@EACH_THEME
def test_the_stylesheet_uses_only_named_colours(colors: Colors) -> None:
    assert "$" not in stylesheet(colors)
    for path in places.shipped("resources/themes").glob("*.qss"):
        assert not re.findall(r"#[0-9a-fA-F]{3,8}\b(?=\s*[;\"])", path.read_text(encoding="utf-8"))


def test_the_system_is_followed_in_lightness_and_in_contrast() -> None:
    scheme, asked = Qt.ColorScheme, Qt.ContrastPreference
    assert resolve(Theme.SYSTEM, scheme.Light, asked.NoPreference) is LIGHT
    assert resolve(Theme.SYSTEM, scheme.Unknown, asked.NoPreference) is DARK
    assert resolve(Theme.SYSTEM, scheme.Light, asked.HighContrast) is CONTRAST_LIGHT
    assert resolve(Theme.SYSTEM, scheme.Dark, asked.HighContrast) is CONTRAST_DARK
    assert resolve(Theme.HIGH_CONTRAST, scheme.Light, asked.NoPreference) is CONTRAST_LIGHT
    assert resolve(Theme.DARK, scheme.Light, asked.HighContrast) is DARK, "what was chosen is not overruled"


def test_choosing_a_theme_changes_the_application_and_tells(qapp: QApplication) -> None:
    keeper = ThemeKeeper(qapp, Theme.DARK)
    told: list[Colors] = []
    keeper.changed.connect(told.append)
    keeper.choose(Theme.LIGHT)
    assert told == [LIGHT]
    assert LIGHT.accent in qapp.styleSheet()
    keeper.choose(Theme.LIGHT)
    assert told == [LIGHT], "the same choice again changes nothing"
    qapp.setStyleSheet("")
    keeper.deleteLater()


def test_the_system_choice_follows_the_desktop(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper = ThemeKeeper(qapp, Theme.SYSTEM)
    monkeypatch.setattr(ThemeKeeper, "_resolve", lambda _self: LIGHT)
    qapp.styleHints().colorSchemeChanged.emit(qapp.styleHints().colorScheme())
    assert keeper.colors is LIGHT
    qapp.setStyleSheet("")
    keeper.deleteLater()


@EACH_THEME
def test_buttons_of_dialogs_have_words_alone_whatever_icons_the_desktop_has(colors: Colors) -> None:
    assert "QDialogButtonBox, QMessageBox { dialogbuttonbox-buttons-have-icons: 0; }" in stylesheet(colors)
