"""A list that is searched by typing, in a popup: Up and Down choose, Enter takes. Knows nothing of what is listed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QWidget

from muse_studio.gui.fields import muted, vertical
from muse_studio.gui.theme import GRID_PX

_HEADING = Qt.ItemDataRole.UserRole + 1


def contains(text: str, words: str) -> bool:
    """Whether every one of the words occurs in the text."""
    folded = text.casefold()
    return all(word in folded for word in words.casefold().split())


class SearchPopup(QFrame):
    """`list_rows` is the child's: it calls `add` and `add_heading` for what fits the words."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget, name: str) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName(name)
        self.setProperty("kind", "search")
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
        self.search.textChanged.connect(self.fill)
        self.search.installEventFilter(self)
        self.list.itemClicked.connect(self._take)

    def list_rows(self, words: str) -> str:
        """Add what fits; what to say where nothing does."""
        raise NotImplementedError

    def add(self, text: str, value: str, tip: str = "") -> None:
        """A row that can be taken."""
        item = QListWidgetItem(text)
        item.setData(Qt.ItemDataRole.UserRole, value)
        item.setToolTip(tip)
        self.list.addItem(item)

    def add_heading(self, text: str) -> None:
        """A row that can't."""
        item = QListWidgetItem(text)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        item.setData(_HEADING, True)
        self.list.addItem(item)

    def show_rows(self, most: int, width_px: int) -> None:
        """Start anew, as high as the rows need and `most` of them at the most; `appear` follows."""
        self.search.clear()
        self.fill("")
        rows = min(most, max(1, self.list.count()))
        self.list.setFixedHeight(rows * max(self.list.sizeHintForRow(0), 3 * GRID_PX) + GRID_PX)
        self.setFixedWidth(width_px)
        self.adjustSize()

    def appear(self, corner: QPoint) -> None:
        """At a place of the screen, moved so that all of it is on the screen."""
        place = QRect(corner, self.size())
        screen = self.screen().availableGeometry()
        place.moveBottom(min(place.bottom(), screen.bottom()))
        place.moveLeft(max(screen.left(), min(place.left(), screen.right() - place.width())))
        self.move(place.left(), max(screen.top(), place.top()))
        self.show()
        self.search.setFocus()

    def fill(self, words: str) -> None:
        """List what fits the words."""
        self.list.clear()
        nothing = self.list_rows(words)
        self._step(1)
        self.list.setVisible(self.list.count() > 0)
        self.empty.setVisible(self.list.count() == 0)
        self.empty.setText(nothing)

    def _step(self, by: int) -> None:
        """To the next row that can be taken, round the ends."""
        count, row = self.list.count(), self.list.currentRow()
        for far in range(1, count + 1):
            other = (row + by * far) % count
            if not self.list.item(other).data(_HEADING):
                self.list.setCurrentRow(other)
                return

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
            if event.key() in steps:
                self._step(steps[Qt.Key(event.key())])
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                if self.list.currentItem() is not None:
                    self._take(self.list.currentItem())
                return True
        return super().eventFilter(watched, event)

    def _take(self, item: QListWidgetItem) -> None:
        if not item.data(_HEADING):
            self.took(item.data(Qt.ItemDataRole.UserRole))

    def took(self, value: str) -> None:
        """One was taken: close and tell."""
        self.hide()
        self.chosen.emit(value)
