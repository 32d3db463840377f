"""Earlier prompts: a bounded list, newest first, and a searchable popup of it. Knows nothing of where it is kept."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget

from muse_studio.core.limits import PROMPT_HISTORY_LIMIT, PROMPT_HISTORY_LIMIT_CHARACTERS
from muse_studio.gui.language import follow_language, tr
from muse_studio.gui.search_popup import SearchPopup, contains
from muse_studio.gui.theme import GRID_PX

_ROWS_SHOWN = 9


def with_prompt(earlier: tuple[str, ...], prompt: str) -> tuple[str, ...]:
    """With a prompt as the newest, each once, as many as settings may hold; an empty one changes nothing."""
    text = prompt.strip()
    if not text or len(text) > PROMPT_HISTORY_LIMIT_CHARACTERS:
        return earlier
    kept, left = [], PROMPT_HISTORY_LIMIT_CHARACTERS
    for one in (text, *(other for other in earlier if other != text)):
        left -= len(one)
        if left < 0:
            break
        kept.append(one)
    return tuple(kept[:PROMPT_HISTORY_LIMIT])


def found(earlier: tuple[str, ...], words: str) -> tuple[str, ...]:
    """Those in which every word occurs."""
    return tuple(prompt for prompt in earlier if contains(prompt, words))


class HistoryPopup(SearchPopup):
    """The earlier prompts, the newest first."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, "historyPopup")
        self._earlier: tuple[str, ...] = ()
        follow_language(self, self._tell)

    def _tell(self) -> None:
        self.search.setPlaceholderText(tr("Search earlier prompts"))
        self.search.setAccessibleName(tr("Search earlier prompts"))
        self.search.setToolTip(tr("Type some words; Up and Down choose, Enter takes"))
        self.list.setAccessibleName(tr("Earlier prompts"))
        self.fill(self.search.text())

    def open(self, earlier: tuple[str, ...], below: QWidget, width_px: int) -> None:
        """Show the prompts under a widget."""
        self._earlier = earlier
        self.show_rows(_ROWS_SHOWN, width_px)
        self.appear(below.mapToGlobal(QPoint(below.width() - width_px, below.height() + GRID_PX // 2)))

    def list_rows(self, words: str) -> str:
        for prompt in found(self._earlier, words):
            self.add(" ".join(prompt.split()), prompt, prompt if len(prompt) < 400 else f"{prompt[:400]}…")
        return tr("No earlier prompt has these words.") if words else tr("Prompts you use are kept here.")
