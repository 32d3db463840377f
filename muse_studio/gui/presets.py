"""Prompts to start from: style words that are added to a prompt, and whole ideas. Knows no Qt.

A style is a suffix of the prompt, ", 3d style", as in the captions that the default model was trained on.
"""

from __future__ import annotations

import json
import logging
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Style:
    """label: on the chip. word: in the prompt."""

    label: str
    word: str


@dataclass(frozen=True, slots=True)
class Idea:
    """A whole prompt under a short name."""

    label: str
    prompt: str


@dataclass(frozen=True, slots=True)
class Presets:
    """What the chips under the prompt offer."""

    styles: tuple[Style, ...] = ()
    ideas: tuple[Idea, ...] = ()


def load_presets(path: Path) -> Presets:
    """Read `presets.json`; a missing or damaged file gives no presets and a line in the log."""
    try:
        read: Any = json.loads(path.read_text(encoding="utf-8"))
        if read["format"] != _FORMAT:
            raise ValueError(f"format {read['format']!r} is not {_FORMAT}")
        styles = tuple(Style(str(entry["label"]), str(entry["word"])) for entry in read["styles"])
        ideas = tuple(Idea(str(entry["label"]), str(entry["prompt"])) for entry in read["ideas"])
    except (OSError, ValueError, KeyError, TypeError):
        log.exception("presets in %s were not read", path)
        return Presets()
    return Presets(styles, ideas)


def style_of(prompt: str, styles: tuple[Style, ...]) -> Style | None:
    """The style that the prompt ends with, if any."""
    return next((style for style in styles if _suffix(style).search(prompt)), None)


def with_style(prompt: str, style: Style | None, styles: tuple[Style, ...]) -> str:
    """The prompt with its style suffix replaced; None takes it away."""
    present = style_of(prompt, styles)
    bare = (_suffix(present).sub("", prompt) if present else prompt).rstrip(" ,")
    if style is None:
        return bare
    return f"{bare}, {style.word} style" if bare else f"{style.word} style"


def _suffix(style: Style) -> re.Pattern[str]:
    return re.compile(rf"(?:^|,?\s+|,){re.escape(style.word)} style\s*$", re.IGNORECASE)
