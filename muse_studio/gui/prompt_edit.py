"""A prompt's text box: history at its ends, completion of known words. Knows nothing of jobs or documents."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QTextCursor
from PySide6.QtWidgets import QListWidget, QPlainTextEdit

from muse_studio.gui.language import follow_language, tr
from muse_studio.gui.theme import GRID_PX
from muse_studio.gui.vocabulary import Completion, Vocabulary

_TAKING_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)
_LEAST_POPUP_PX = 24 * GRID_PX
_ROWS_SHOWN = 8


class PromptEdit(QPlainTextEdit):
    """A prompt of a few lines that Tab leaves.

    Up at its beginning and Down at its end go through earlier prompts. While something is offered, Up and Down choose,
    Enter and Tab take it, Escape declines.
    """

    edited = Signal()
    """By a person; `show_text` is silent."""

    def __init__(self, name: str, placeholder: str, tip: str, lines: tuple[int, int]) -> None:
        """name, placeholder, tip: in English. lines: the fewest and the most that are seen at once."""
        super().__init__()
        self._words = (name, placeholder, tip)
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        least, most = (self.fontMetrics().lineSpacing() * count + 3 * GRID_PX for count in lines)
        self.setMinimumHeight(least)
        self.setMaximumHeight(most)
        self._vocabulary = Vocabulary()
        self._offered: tuple[Completion, ...] = ()
        self._popup = QListWidget(self)  # not a window of its own: those take the keys away on some systems
        self._popup.setObjectName("promptOffers")
        self._popup.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._popup.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._popup.itemClicked.connect(lambda item: self._take(item.text()))
        self._popup.hide()
        self._earlier: tuple[str, ...] = ()
        self._place = 0  # 0 is what is being written, 1 the newest of the earlier ones
        self._draft = ""
        self._silent = False
        self.textChanged.connect(self._changed)
        follow_language(self, self._tell)

    def sizeHint(self) -> QSize:
        """As low as it may be: it grows where there is room."""
        return QSize(super().sizeHint().width(), self.minimumHeight())

    def _tell(self) -> None:
        name, placeholder, tip = map(tr, self._words)
        self.setAccessibleName(name)
        self.setPlaceholderText(placeholder)
        self.setToolTip(tip)

    @property
    def offers(self) -> tuple[str, ...]:
        """What is offered now to go on with."""
        return tuple(one.words for one in self._offered) if self._popup.isVisible() else ()

    def know(self, vocabulary: Vocabulary) -> None:
        """Complete these words from now on."""
        self._vocabulary = vocabulary

    def remember(self, earlier: tuple[str, ...]) -> None:
        """The earlier prompts, newest first."""
        self._earlier, self._place = earlier, 0

    def follow_undo(self, mine: bool) -> None:
        """Whether Ctrl+Z is about this text alone, or the window's: a document's undo covers its prompt."""
        self.setUndoRedoEnabled(mine)

    def show_text(self, text: str) -> None:
        """Put other text in without telling anyone; the cursor stays where it can."""
        if text == self.toPlainText():
            return
        place = self.textCursor().position()
        self._silent = True
        self._put(text)
        self._silent = False
        cursor = self.textCursor()
        cursor.setPosition(min(place, len(text)))
        self.setTextCursor(cursor)

    def replace_text(self, text: str) -> None:
        """Put other text in as a person would, who can take it back."""
        self._put(text)
        self._place = 0

    def add_words(self, words: str) -> None:
        """Put words in where the cursor is, as a person would; "flat style" is parted by commas from what is there."""
        cursor, styles = self.textCursor(), self._vocabulary.styles
        written, after = self._around()
        before, start, end = written.rstrip(), cursor.selectionStart(), cursor.selectionEnd()
        comma = before and before[-1] not in ",." and (words in styles or before.endswith(styles))
        parted = f"{', ' if comma else ' ' if before else ''}{words}{' ' if after[:1].isalnum() else ''}"
        cursor.setPosition(start - (len(written) - len(before)))
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(parted)
        self.setTextCursor(cursor)
        self._place = 0

    def _around(self) -> tuple[str, str]:
        """The text before what is selected, and after it. Qt counts places in UTF-16 units, where an emoji has two."""
        cursor, whole = self.textCursor(), self.toPlainText().encode("utf-16-le", "surrogatepass")
        ends = whole[: 2 * cursor.selectionStart()], whole[2 * cursor.selectionEnd() :]
        before, after = (part.decode("utf-16-le", "surrogatepass") for part in ends)
        return before, after

    def _put(self, text: str) -> None:
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(text)
        self.setTextCursor(cursor)

    def _changed(self) -> None:
        if not self._silent:
            self.edited.emit()

    # Keys

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if self._popup.isVisible() and event.key() in (*_TAKING_KEYS, Qt.Key.Key_Escape):
                event.accept()  # about the offers, and not the window's Escape
                return True
            keys = QKeySequence.StandardKey
            if not self.isUndoRedoEnabled() and (event.matches(keys.Undo) or event.matches(keys.Redo)):
                event.ignore()  # the window's own undo takes it
                return False
        pressed = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress
        if pressed and self._popup.isVisible() and self._takes_tab(event):  # before it moves the focus
            return True
        return super().event(event)

    def _takes_tab(self, event: QEvent) -> bool:
        return isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Tab and self._choose(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._popup.isVisible() and self._choose(event):
            return
        keys = QKeySequence.StandardKey
        if not self.isUndoRedoEnabled() and (event.matches(keys.Undo) or event.matches(keys.Redo)):
            event.ignore()
            return
        if event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier):
            if event.key() == Qt.Key.Key_Up and self.textCursor().atStart() and self.step_back(1):
                return
            if event.key() == Qt.Key.Key_Down and self.textCursor().atEnd() and self.step_back(-1):
                return
        super().keyPressEvent(event)
        if event.text() and event.text().isprintable():
            self._offer()
        else:
            self._popup.hide()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._popup.hide()
        super().focusOutEvent(event)

    # History

    def step_back(self, by: int) -> bool:
        """Show an earlier prompt, or with -1 a later one; False where there is none."""
        place = self._place + by
        if not 0 <= place <= len(self._earlier):
            return False
        if self._place == 0:
            self._draft = self.toPlainText()
        text = self._earlier[place - 1] if place else self._draft
        self._put(text)
        self._place = place
        ends = QTextCursor.MoveOperation
        self.moveCursor(ends.Start if by > 0 else ends.End)
        return True

    # Completion

    def _offer(self) -> None:
        text, rest = self._around()
        self._offered = () if rest[:1].isalnum() else self._vocabulary.completions(text)
        self._popup.clear()
        self._popup.addItems([one.words for one in self._offered])
        self._popup.setCurrentRow(0)
        self._popup.setAccessibleName(tr("Words the model knows"))
        self._place_offers()
        self._popup.setVisible(bool(self._offered))

    def _place_offers(self) -> None:
        """Under the cursor, inside the window."""
        popup, window = self._popup, self.window()
        if popup.parentWidget() is not window:
            popup.setParent(window)
        rows = min(popup.count(), _ROWS_SHOWN)
        height = rows * max(popup.sizeHintForRow(0), 2 * GRID_PX) + GRID_PX
        width = max(_LEAST_POPUP_PX, popup.sizeHintForColumn(0) + 4 * GRID_PX)
        place = self.viewport().mapTo(window, self.cursorRect().bottomLeft()) + QPoint(0, GRID_PX // 2)
        left = max(0, min(place.x(), window.width() - width - GRID_PX))
        popup.setGeometry(left, place.y(), width, height)
        popup.raise_()

    def _choose(self, event: QKeyEvent) -> bool:
        """Keys that are about what is offered; False for the others."""
        popup = self._popup
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if event.key() in steps:
            popup.setCurrentRow((popup.currentRow() + steps[Qt.Key(event.key())]) % popup.count())
        elif event.key() in _TAKING_KEYS and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._take(popup.item(popup.currentRow()).text())
        elif event.key() == Qt.Key.Key_Escape:
            popup.hide()
        else:
            return False
        event.accept()
        return True

    def _take(self, words: str) -> None:
        self._popup.hide()
        chosen = next((one for one in self._offered if one.words == words), None)
        if chosen is None:
            return
        cursor = self.textCursor()
        end, typed = cursor.position(), self._around()[0][chosen.start :]
        cursor.setPosition(end - len(typed.encode("utf-16-le", "surrogatepass")) // 2)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(chosen.words)
        self.setTextCursor(cursor)
