"""Every command by a few of its letters: type, choose with the arrow keys, press Enter. Knows no command by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QAction, QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from muse_studio.gui.announcements import announce
from muse_studio.gui.commands import COMMANDS, Actions, where
from muse_studio.gui.fields import muted, native_keys, plain_words, vertical
from muse_studio.gui.fuzzy import score
from muse_studio.gui.keymap import Keymap
from muse_studio.gui.language import tr
from muse_studio.gui.theme import GRID_PX, Colors

_WIDTH_PX, _HEIGHT_PX = 76 * GRID_PX, 50 * GRID_PX
_TOP_PX = 9 * GRID_PX
_STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
_OWN = "palette"  # opening what is open would do nothing


@dataclass(frozen=True, slots=True)
class Entry:
    """One command as the palette shows it. where: its menus, in words. keys: as this system writes them."""

    name: str
    words: str
    where: str
    keys: str
    tip: str
    enabled: bool


class CommandPalette(QDialog):
    """Over the window's upper half; closes when a command was chosen, and by Esc or a click elsewhere."""

    def __init__(self, window: QWidget, actions: Actions, keymap: Keymap, colors: Colors) -> None:
        super().__init__(window, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)  # no popup: they take no IME
        self._actions = actions
        self._entries = tuple(_entries(actions, keymap))
        self.setObjectName("commandPalette")
        self.setAccessibleName(tr("Commands"))
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("What do you want to do?"))
        self.search.setAccessibleName(tr("Search commands"))
        self.search.setToolTip(tr("Type a few letters of a command; the arrow keys choose, Enter does it"))
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Commands that fit"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setItemDelegate(_Row(self.list, colors))
        self.list.setUniformItemSizes(True)
        self.hint = muted("", wrap=True)
        column = vertical(self, GRID_PX, GRID_PX)
        for part in (self.search, self.list, self.hint):
            column.addWidget(part)
        self.search.textChanged.connect(self._find)
        self.search.installEventFilter(self)
        self.list.itemSelectionChanged.connect(self._chosen)
        self.list.itemClicked.connect(lambda _item: self.run())
        self._find("")
        self._place(window)

    def _place(self, window: QWidget) -> None:
        width = min(_WIDTH_PX, window.width() - 4 * GRID_PX)
        height = min(_HEIGHT_PX, window.height() - 2 * _TOP_PX)
        corner = window.mapToGlobal(QPoint((window.width() - width) // 2, _TOP_PX))
        self.setGeometry(QRect(corner, QSize(width, height)))

    def _find(self, typed: str) -> None:
        self.list.clear()
        for entry in ranked(typed, self._entries):
            item = QListWidgetItem(entry.words, self.list)
            item.setData(Qt.ItemDataRole.UserRole, entry)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, ", ".join(p for p in (entry.words, entry.keys) if p))
        self.list.setCurrentRow(0)
        if not self.list.count():
            self.hint.setText(tr("No command fits."))

    @property
    def current(self) -> Entry | None:
        items = self.list.selectedItems()
        return items[0].data(Qt.ItemDataRole.UserRole) if items else None

    def _chosen(self) -> None:
        if (entry := self.current) is not None:
            self.hint.setText(entry.tip if entry.enabled else tr("Not possible now: {does}", does=entry.tip))
            announce(self.list, f"{entry.words}, {entry.keys}" if entry.keys else entry.words)

    def run(self) -> None:
        """Close, then do what is chosen; what is not possible now stays where it is, and the hint says so."""
        entry = self.current
        if entry is not None and entry.enabled:
            self.accept()
            self._actions[entry.name].trigger()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isVisible() and not self.isActiveWindow():
            self.reject()  # a click elsewhere

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and self._steer(event):
            return True
        return super().eventFilter(watched, event)

    def _steer(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.run()
        elif key in _STEPS and self.list.count():
            row = self.list.currentRow() + _STEPS[key]
            self.list.setCurrentRow(row % self.list.count() if abs(_STEPS[key]) == 1 else self._within(row))
        else:
            return False
        return True

    def _within(self, row: int) -> int:
        return min(max(row, 0), self.list.count() - 1)


def _entries(actions: Actions, keymap: Keymap) -> Iterator[Entry]:
    for command in COMMANDS:
        action: QAction = actions[command.name]
        if command.name != _OWN:
            keys = " / ".join(native_keys(key) for key in keymap[command.name])
            words = plain_words(action.text())
            yield Entry(command.name, words, where(command), keys, action.statusTip(), action.isEnabled())


def ranked(typed: str, entries: Sequence[Entry]) -> list[Entry]:
    """Those that fit what was typed, the best first; those that can't be done now after those that can."""
    points: list[tuple[int, Entry]] = []
    for entry in entries:
        own, path = score(typed, entry.words), score(typed, f"{entry.where} {entry.words}")
        found = [value for value in (None if own is None else own + 1, path) if value is not None]
        if found:
            points.append((max(found), entry))
    order: Callable[[tuple[int, Entry]], tuple[bool, int]] = lambda pair: (not pair[1].enabled, -pair[0])  # noqa: E731
    return [entry for _, entry in sorted(points, key=order)]


class _Row(QStyledItemDelegate):
    """The command's words, its menus in muted letters beside them, its keys at the right."""

    def __init__(self, parent: QObject, colors: Colors) -> None:
        super().__init__(parent)
        self._colors = colors

    def sizeHint(self, option: QStyleOptionViewItem, index: object) -> QSize:
        return QSize(0, max(4 * GRID_PX, option.fontMetrics.height() + GRID_PX))  # type: ignore[attr-defined]

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: object) -> None:
        entry: Entry = index.data(Qt.ItemDataRole.UserRole)  # type: ignore[attr-defined]
        is_chosen = bool(option.state & QStyle.StateFlag.State_Selected)  # type: ignore[attr-defined]
        colors, area = self._colors, option.rect  # type: ignore[attr-defined]
        painter.save()
        if is_chosen:
            painter.fillRect(area, QColor(colors.accent))
        ink = colors.on_accent if is_chosen else colors.text if entry.enabled else colors.text_disabled
        quiet = colors.on_accent if is_chosen else colors.text_muted if entry.enabled else colors.text_disabled
        room = area.adjusted(GRID_PX, 0, -GRID_PX, 0)
        metrics, middle = option.fontMetrics, int(Qt.AlignmentFlag.AlignVCenter)  # type: ignore[attr-defined]
        keys_px = metrics.horizontalAdvance(entry.keys)
        painter.setPen(QColor(quiet))
        painter.drawText(room, middle | int(Qt.AlignmentFlag.AlignRight), entry.keys)
        painter.setPen(QColor(ink))
        room = room.adjusted(0, 0, -keys_px - 2 * GRID_PX, 0)
        words = metrics.elidedText(entry.words, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, middle, words)
        painter.setPen(QColor(quiet))
        room = room.adjusted(metrics.horizontalAdvance(words) + 2 * GRID_PX, 0, 0, 0)
        painter.drawText(room, middle, metrics.elidedText(entry.where, Qt.TextElideMode.ElideRight, room.width()))
        painter.restore()
