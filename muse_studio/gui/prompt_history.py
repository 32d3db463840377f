"""Earlier prompts: a bounded list, newest first, and a searchable popup of it. Knows nothing of where it is kept."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QWidget

from muse_studio.core.limits import PROMPT_HISTORY_LIMIT, PROMPT_HISTORY_LIMIT_CHARACTERS
from muse_studio.gui.fields import muted, vertical
from muse_studio.gui.language import follow_language, tr
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
    wanted = words.casefold().split()
    return tuple(prompt for prompt in earlier if all(word in prompt.casefold() for word in wanted))


class HistoryPopup(QFrame):
    """Type to search, Up and Down to choose, Enter to take."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("historyPopup")
        self._earlier: tuple[str, ...] = ()
        self.search = QLineEdit()
        self.list = QListWidget()
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.empty = muted("", wrap=True)
        column = vertical(self, GRID_PX, GRID_PX)
        column.addWidget(self.search)
        column.addWidget(self.list)
        column.addWidget(self.empty)
        self.search.textChanged.connect(self._fill)
        self.search.installEventFilter(self)
        self.list.itemClicked.connect(self._take)
        follow_language(self, self._tell)

    def _tell(self) -> None:
        self.search.setPlaceholderText(tr("Search earlier prompts"))
        self.search.setAccessibleName(tr("Search earlier prompts"))
        self.search.setToolTip(tr("Type some words; Up and Down choose, Enter takes"))
        self.list.setAccessibleName(tr("Earlier prompts"))

    def open(self, earlier: tuple[str, ...], below: QWidget, width_px: int) -> None:
        """Show the prompts under a widget."""
        self._earlier = earlier
        self.search.clear()
        self._fill("")
        rows = min(_ROWS_SHOWN, max(1, self.list.count()))
        self.list.setFixedHeight(rows * max(self.list.sizeHintForRow(0), 3 * GRID_PX) + GRID_PX)
        self.setFixedWidth(width_px)
        self.adjustSize()
        self.move(below.mapToGlobal(QPoint(below.width() - width_px, below.height() + GRID_PX // 2)))
        self.show()
        self.search.setFocus()

    def _fill(self, words: str) -> None:
        self.list.clear()
        for prompt in found(self._earlier, words):
            item = QListWidgetItem(" ".join(prompt.split()))
            item.setData(Qt.ItemDataRole.UserRole, prompt)
            item.setToolTip(prompt if len(prompt) < 400 else f"{prompt[:400]}…")
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.list.setVisible(self.list.count() > 0)
        self.empty.setVisible(self.list.count() == 0)
        self.empty.setText(tr("No earlier prompt has these words.") if words else tr("Prompts you use are kept here."))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
            if event.key() in steps and self.list.count():
                self.list.setCurrentRow((self.list.currentRow() + steps[Qt.Key(event.key())]) % self.list.count())
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                if self.list.currentItem() is not None:
                    self._take(self.list.currentItem())
                return True
        return super().eventFilter(watched, event)

    def _take(self, item: QListWidgetItem) -> None:
        self.hide()
        self.chosen.emit(item.data(Qt.ItemDataRole.UserRole))
