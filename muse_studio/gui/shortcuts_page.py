"""All keys in one table: search, press others, see whom they belong to, take them or leave them. Applied at once.

Knows nothing about what the commands do; the keys live in a `Keymap`, which the window keeps in its settings.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from muse_studio.gui.commands import CANVAS_KEYS, COMMANDS, Command, where
from muse_studio.gui.dialogs import close_button
from muse_studio.gui.fields import horizontal, muted, native_keys, plain_words, vertical
from muse_studio.gui.fuzzy import score
from muse_studio.gui.keymap import Keymap, Keys, portable
from muse_studio.gui.language import follow_language, tr
from muse_studio.gui.theme import GRID_PX
from muse_studio.gui.tips import TIPS

_BETWEEN = "   "
_NAME, _WHERE, _KEYS = range(3)


class ShortcutsPage(QDialog):
    """The table, and under it the keys of the chosen command."""

    def __init__(self, parent: QWidget, keymap: Keymap) -> None:
        super().__init__(parent)
        self.setObjectName("shortcutsPage")
        self.resize(84 * GRID_PX, 78 * GRID_PX)
        self._keymap = keymap
        self._commands = {command.name: command for command in COMMANDS}
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        self.table = _table()
        self.does: QLabel = muted("", wrap=True)
        self.recorder = QKeySequenceEdit()
        self.recorder.setMaximumSequenceLength(1)
        self.conflict: QLabel = muted("", wrap=True)
        self.replace_keys, self.add_keys, self.remove_keys = QPushButton(), QPushButton(), QPushButton()
        self.reset, self.reset_all = QPushButton(), QPushButton()
        for button in self._buttons:
            button.setAutoDefault(False)
        self._arrange()
        self._connect()
        follow_language(self, self._tell)

    @property
    def _buttons(self) -> tuple[QPushButton, ...]:
        return (self.replace_keys, self.add_keys, self.remove_keys, self.reset, self.reset_all)

    def _arrange(self) -> None:
        column = vertical(self, 2 * GRID_PX, GRID_PX)
        column.addWidget(self.search)
        column.addWidget(self.table, 1)
        column.addWidget(self.does)
        row = QWidget()
        keys = horizontal(row, 0, GRID_PX)
        keys.addWidget(self.recorder, 1)
        keys.addWidget(self.replace_keys)
        keys.addWidget(self.add_keys)
        column.addWidget(row)
        column.addWidget(self.conflict)
        row = QWidget()
        others = horizontal(row, 0, GRID_PX)
        for button in (self.remove_keys, self.reset, self.reset_all):
            others.addWidget(button)
        others.addStretch(1)
        others.addWidget(close_button(self))
        column.addWidget(row)

    def _connect(self) -> None:
        self.search.textChanged.connect(self._fill)
        self.table.itemSelectionChanged.connect(self._row_changed)
        self.table.itemActivated.connect(lambda _item: self.recorder.setFocus())
        self.recorder.keySequenceChanged.connect(self._refresh)
        self.replace_keys.clicked.connect(lambda: self._give((self.pressed,)))
        self.add_keys.clicked.connect(lambda: self._give((*self._own, self.pressed)))
        self.remove_keys.clicked.connect(lambda: self._give(()))
        self.reset.clicked.connect(self._reset_chosen)
        self.reset_all.clicked.connect(self._keymap.reset_all)
        self._keymap.on_change.append(self._keys_changed)
        self.destroyed.connect(_forget(self._keymap, self._keys_changed))

    def _tell(self) -> None:
        self.setWindowTitle(tr("Keyboard shortcuts"))
        self.search.setPlaceholderText(tr("Search commands and keys"))
        self.search.setToolTip(tr("Shows the commands whose name, menu or keys fit"))
        self.recorder.setToolTip(tr("Choose a command above, click here and press its new keys"))
        self.table.setToolTip(tr("Choose a command to change its keys"))
        self.table.setHorizontalHeaderLabels([tr("Command"), tr("Menu"), tr("Keys")])
        self.replace_keys.setText(tr("Use these keys"))
        self.replace_keys.setToolTip(tr("Give the command these keys instead of those it has"))
        self.add_keys.setText(tr("Use these too"))
        self.add_keys.setToolTip(tr("Give the command these keys beside those it has"))
        self.remove_keys.setText(tr("No keys"))
        self.remove_keys.setToolTip(
            tr("Take all keys from the command; the menus and the command palette still have it")
        )
        self.reset.setText(tr("Reset"))
        self.reset.setToolTip(tr("Give the command the keys that the studio came with"))
        self.reset_all.setText(tr("Reset all"))
        self.reset_all.setToolTip(tr("Give every command the keys that the studio came with"))
        for widget, name in (
            (self.search, tr("Search commands and keys")),
            (self.table, tr("Keyboard shortcuts")),
            (self.recorder, tr("New keys")),
        ):
            widget.setAccessibleName(name)
        self._fill()

    # The table

    def _fill(self) -> None:
        """Show what fits the search, the best first, and keep the choice."""
        typed, chosen = self.search.text(), self.chosen
        rows = self._fitting(typed)
        self.table.blockSignals(True)
        self.table.setRowCount(len(rows))
        for number, (name, *cells) in enumerate(rows):
            for column, text in enumerate(cells):
                item = QTableWidgetItem(text)
                item.setData(Qt.ItemDataRole.UserRole, name)
                if column == _KEYS and name and self._keymap.is_changed(name):
                    font = item.font()
                    font.setBold(True)
                    item.setFont(font)
                    item.setToolTip(tr("Changed; the studio came with other keys"))
                self.table.setItem(number, column, item)
            if name and name == chosen:
                self.table.selectRow(number)
        self.table.blockSignals(False)
        self._refresh()

    def _fitting(self, typed: str) -> list[tuple[str, str, str, str]]:
        """The rows whose name, menus or keys fit: the best first, equals in the order of the menus."""
        scored = [(_points(typed, row[1:]), row) for row in self._rows()]
        found = [(points, row) for points, row in scored if points is not None]
        return [row for _, row in sorted(found, key=lambda pair: -pair[0])]

    def _rows(self) -> list[tuple[str, str, str, str]]:
        """Name of the command, "" for what the canvas does by itself; its words, menus and keys."""
        rows = [
            (command.name, plain_words(tr(command.text)), where(command) or tr("Tools"), self._keys_of(command))
            for command in COMMANDS
        ]
        return rows + [("", tr(does), tr("On the canvas, fixed"), tr(keys)) for keys, does in CANVAS_KEYS]

    def _keys_of(self, command: Command) -> str:
        return _BETWEEN.join(native_keys(key) for key in self._keymap[command.name])

    @property
    def chosen(self) -> str:
        """The name of the chosen command; "" where none is, or one whose keys are fixed."""
        items = self.table.selectedItems()
        return str(items[0].data(Qt.ItemDataRole.UserRole)) if items else ""

    def choose(self, name: str) -> None:
        """Choose a command's row, if it is shown."""
        for row in range(self.table.rowCount()):
            item = self.table.item(row, _NAME)
            if item is not None and item.data(Qt.ItemDataRole.UserRole) == name:
                self.table.selectRow(row)

    # The keys

    @property
    def pressed(self) -> str:
        """What was pressed into the field; "" while it is empty."""
        return portable(self.recorder.keySequence().toString(QKeySequence.SequenceFormat.PortableText))

    @property
    def _own(self) -> Keys:
        return self._keymap[self.chosen] if self.chosen else ()

    def _row_changed(self) -> None:
        self.recorder.clear()
        self._refresh()

    def _refresh(self) -> None:
        """Words and buttons for the chosen command and the pressed keys."""
        name, pressed = self.chosen, self.pressed
        can_use = bool(name and pressed and pressed not in self._own)
        for button in (self.replace_keys, self.add_keys):
            button.setEnabled(can_use)
        self.recorder.setEnabled(bool(name))
        self.remove_keys.setEnabled(bool(self._own))
        self.reset.setEnabled(bool(name) and self._keymap.is_changed(name))
        self.reset_all.setEnabled(bool(self._keymap.chosen))
        self.does.setText(tr(TIPS.get(name, "")) if name else tr("Choose a command to change its keys"))
        self.conflict.setText(self._conflict_words(name, pressed))

    def _conflict_words(self, name: str, pressed: str) -> str:
        if not (name and pressed):
            return ""
        holder = self._keymap.holder(pressed, besides=name)
        if holder is None:
            return tr("{keys} is free.", keys=native_keys(pressed))
        other = plain_words(tr(self._commands[holder].text))
        return tr(
            "{keys} belongs to “{other}” now. Use it, and “{other}” loses it; or press other keys.",
            keys=native_keys(pressed),
            other=other,
        )

    def _give(self, keys: Keys) -> None:
        if self.chosen:
            self._keymap.assign(self.chosen, keys)
            self.recorder.clear()

    def _reset_chosen(self) -> None:
        if self.chosen:
            self._keymap.reset(self.chosen)

    def _keys_changed(self, _names: frozenset[str]) -> None:
        self._fill()


def _points(typed: str, cells: Sequence[str]) -> int | None:
    """How well the cell that fits best does; None where none fits."""
    return max((points for cell in cells if (points := score(typed, cell)) is not None), default=None)


def _forget(keymap: Keymap, listener: object) -> object:
    """What takes the listener off when the page is gone; it holds the page no longer than that."""

    def forget() -> None:
        keymap.on_change[:] = [known for known in keymap.on_change if known != listener]

    return forget


def _table() -> QTableWidget:
    table = QTableWidget(0, 3)
    table.verticalHeader().hide()
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setTabKeyNavigation(False)
    table.setShowGrid(False)
    header = table.horizontalHeader()
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Stretch)
    for column in (_WHERE, _KEYS):
        header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
    return table
