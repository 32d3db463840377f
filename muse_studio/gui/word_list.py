"""The words that the model knows, to look through and to put into a prompt. Knows nothing of what is in the prompt."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget

from muse_studio.gui.language import follow_language, language_code, noop, tr
from muse_studio.gui.search_popup import SearchPopup, contains
from muse_studio.gui.theme import GRID_PX
from muse_studio.gui.vocabulary import Vocabulary

WORDS_LABEL = noop("Words the model knows")
_TITLES = (noop("Things"), noop("Styles"), noop("Backgrounds"), noop("Places"), noop("More things, drawn roughly"))
_ROWS_SHOWN = 18
_HIRAGANA = {place: place - 0x60 for place in range(ord("ァ"), ord("ヶ") + 1)}
_WIDTH_PX = 34 * GRID_PX


class WordList(SearchPopup):
    """Stays open while words are taken one after another; Escape and a click elsewhere close it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, "wordList")
        self._vocabulary = Vocabulary()
        follow_language(self, self._tell)

    def _tell(self) -> None:
        self.search.setPlaceholderText(tr("Search the words"))
        self.search.setAccessibleName(tr("Search the words"))
        self.search.setToolTip(tr("Click a word or press Enter to add it to the prompt; the list stays open"))
        self.list.setAccessibleName(tr(WORDS_LABEL))
        self.fill(self.search.text())

    def open(self, vocabulary: Vocabulary, corner: QPoint) -> None:
        """Show the words at the left of a place of the screen, so that what is written stays in sight."""
        self._vocabulary = vocabulary
        self.show_rows(_ROWS_SHOWN, _WIDTH_PX)
        self.appear(corner - QPoint(_WIDTH_PX, 0))

    def list_rows(self, words: str) -> str:
        known, asked = self._vocabulary, _folded(words)
        names = known.names.get(language_code(), {})
        groups = (known.things, known.styles, known.backgrounds, known.places, known.more)
        for title, phrases in zip(_TITLES, groups, strict=True):
            fitting = [phrase for phrase in phrases if contains(_folded(f"{phrase} {names.get(phrase, '')}"), asked)]
            fitting.sort(key=lambda phrase: f" {asked}" not in f" {phrase.casefold()}")  # no pineapple before apples
            if fitting:
                self.add_heading(f"{tr(title)} ({len(fitting)})")
            for phrase in fitting:
                self.add(f"{phrase}　{names[phrase]}" if phrase in names else phrase, phrase)
        return tr("The model has not learned these words.")

    def took(self, value: str) -> None:
        """Tell, and be ready for the next word."""
        self.chosen.emit(value)
        self.search.selectAll()


def _folded(text: str) -> str:
    """As it is searched: ねこ finds ネコ."""
    return text.casefold().translate(_HIRAGANA)
