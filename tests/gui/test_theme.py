"""The look: measured contrast, one stylesheet for all, icons that can be drawn."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from muse_studio import places
from muse_studio.core.settings import Theme
from muse_studio.gui.icons import drawing
from muse_studio.gui.theme import DARK, LIGHT, Colors, ThemeKeeper, contrast, stylesheet

THEMES = pytest.mark.parametrize("colors", [DARK, LIGHT], ids=["dark", "light"])

TEXT_ON_GROUND = [
    *[(ink, ground) for ink in ("text", "text_muted") for ground in ("window", "panel", "raised", "field")],
    *[("text", ground) for ground in ("raised_hover", "raised_pressed", "accent_soft")],
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


@THEMES
@pytest.mark.parametrize(("ink", "ground"), TEXT_ON_GROUND)
def test_text_meets_aa_on_every_ground_it_is_used_on(colors: Colors, ink: str, ground: str) -> None:
    assert contrast(getattr(colors, ink), getattr(colors, ground)) >= 4.5


@THEMES
@pytest.mark.parametrize(("ink", "ground"), EDGE_ON_GROUND)
def test_edges_and_focus_rings_meet_aa(colors: Colors, ink: str, ground: str) -> None:
    assert contrast(getattr(colors, ink), getattr(colors, ground)) >= 3.0


@THEMES
def test_the_stylesheet_uses_only_named_colours(colors: Colors) -> None:
    assert "$" not in stylesheet(colors)
    written = places.shipped("resources/themes/studio.qss").read_text(encoding="utf-8")
    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b(?=\s*[;\"])", written)


@pytest.mark.parametrize("path", sorted(places.shipped("resources/icons").glob("*.svg")), ids=lambda path: path.stem)
def test_every_icon_draws_in_the_colour_asked_for(qapp: QApplication, path: Path) -> None:
    image = drawing(path.stem, "#ff0000", 48).toImage().convertToFormat(QImage.Format.Format_RGBA8888)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(-1, 4)
    inked = pixels[pixels[:, 3] == 255]
    assert len(inked) > 20
    if path.stem != "muse-studio":
        assert (inked[:, :3] == (255, 0, 0)).all()


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
