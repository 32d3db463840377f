"""The language of the window's words: English in the source, others by Qt's catalogues, changeable while it runs.

Knows nothing about widgets. A widget sets all its words in one method and gives that to `follow_language`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, Signal

CONTEXT = "studio"
"""The catalogues' one context: equal English words have equal translations all over the window."""


class _Language(QObject):
    changed = Signal()
    code = "en"


_language = _Language()


class _Follower(QObject):
    """Dies with its owner, and its connection with it."""

    def __init__(self, owner: QObject, tell: Callable[[], object]) -> None:
        super().__init__(owner)
        self._tell = tell
        _language.changed.connect(self.tell)

    def tell(self) -> None:
        self._tell()


def tr(text: str, /, **values: Any) -> str:
    """The text in the chosen language, with `{name}` replaced by values as `str.format` does.

    Values never stand in the text itself: the catalogue must hold the text as it is written in the source.
    """
    said = QCoreApplication.translate(CONTEXT, text)
    return said.format(**values) if values else said


def noop(text: str, /) -> str:
    """Marks a text in a table for the catalogues; `tr` translates it where it is shown."""
    return text


def follow_language(owner: QObject, tell: Callable[[], object]) -> None:
    """Call `tell` now, and after each change of language as long as `owner` lives."""
    _Follower(owner, tell).tell()


def language_code() -> str:
    """The window's language, as "en" or "ja"."""
    return _language.code


def language_changed(code: str = "en") -> None:
    """Let everything say its words again, in this language; whoever installs another translator calls this."""
    _language.code = code
    _language.changed.emit()
