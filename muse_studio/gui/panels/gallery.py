"""The History panel: every picture that was made, to look at, find and use again. Knows no files and no jobs.

A grid of thumbnails with a search field above it. Resting the pointer on one, or Space, shows it large on the canvas;
Enter or a double click applies it; everything else is in the menu under the right button.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QObject, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QLabel,
    QLineEdit,
    QListView,
    QMenu,
    QStackedWidget,
    QToolButton,
    QWidget,
)

from muse_studio.core.entries import Entry
from muse_studio.gui.faults import Faults
from muse_studio.gui.fields import IconButton, horizontal, muted, vertical
from muse_studio.gui.gallery_desk import SETTINGS, GalleryDesk
from muse_studio.gui.icons import drawing
from muse_studio.gui.language import follow_language, tr
from muse_studio.gui.panels.cells import CELL_PX, CellPainter
from muse_studio.gui.panels.thumbnails import EntryList
from muse_studio.gui.theme import DARK, GRID_PX, Colors

_SEARCH_AFTER_MS = 120
_SLACK_PX = 2  # Qt begins a new row when the last cell touches the edge
_PREVIEW_AFTER_MS = 250  # a pointer that only passes shows nothing


class HistoryPanel(QFrame):
    """Search, filter, order; the grid; how many there are."""

    previewWanted = Signal(object)
    """The Entry to show large on the canvas, or None for the document again."""
    compareWanted = Signal(object)
    """One Entry to compare with the canvas, or two with each other; a tuple."""

    def __init__(self, desk: GalleryDesk, faults: Faults) -> None:
        super().__init__()
        self.setObjectName("historyPanel")
        self._desk = desk
        self._slot = faults.slot
        self.entries = EntryList(desk.gallery, faults)
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        self.stars = IconButton("star", "")
        self.stars.make_toggle("star-filled")
        self.oldest = IconButton("sort-newest", "")
        self.oldest.make_toggle("sort-oldest")
        self.grid = Grid(self.entries)
        self.nothing = Nothing()
        self.count = muted("")
        self._pages = QStackedWidget()
        self._typing = _timer(self, _SEARCH_AFTER_MS, self._slot(self.show_entries))
        self._resting = _timer(self, _PREVIEW_AFTER_MS, self._slot(self._preview_hovered))
        self._previewed = ""
        self._arrange()
        self._connect()
        follow_language(self, self._tell)

    def showEvent(self, event: QShowEvent) -> None:
        """Another program may have added to the folder."""
        super().showEvent(event)
        self._desk.refresh()

    def close_threads(self) -> None:
        """Nothing is loaded afterwards."""
        self.entries.close()

    def wear(self, colors: Colors) -> None:
        for button in (self.stars, self.oldest):
            button.wear(colors)
        self.grid.painter.colors = colors
        self.nothing.wear(colors)
        self.grid.viewport().update()

    @property
    def chosen(self) -> tuple[Entry, ...]:
        """The selected entries in the order they are shown."""
        rows = sorted(self.grid.selectedIndexes(), key=lambda index: index.row())
        return tuple(self.entries.entry(index) for index in rows)

    def show_entries(self) -> None:
        """Make the grid and the words true."""
        gallery = self._desk.gallery
        found = gallery.search(self.search.text(), starred=self.stars.isChecked())
        names, current = {entry.name for entry in self.chosen}, self._current_name()
        self.entries.show(found[::-1] if self.oldest.isChecked() else found)
        self._choose_again(names, current)
        self._pages.setCurrentWidget(self.grid if found else self.nothing)
        self._tell_count(len(found))

    def _wait_and_show(self) -> None:
        self._typing.start()

    def _wait_and_preview(self) -> None:
        self._resting.start()

    # Building

    def _arrange(self) -> None:
        column = vertical(self, GRID_PX, GRID_PX)
        head = QWidget()
        row = horizontal(head, 0, GRID_PX // 2)
        row.addWidget(self.search, 1)
        row.addWidget(self.stars)
        row.addWidget(self.oldest)
        column.addWidget(head)
        self._pages.addWidget(self.grid)
        self._pages.addWidget(self.nothing)
        column.addWidget(self._pages, 1)
        column.addWidget(self.count)

    def _connect(self) -> None:
        slot = self._slot
        self.search.textChanged.connect(slot(self._wait_and_show))
        self.search.installEventFilter(self)
        self.stars.toggled.connect(slot(self.show_entries))
        self.oldest.toggled.connect(slot(self.show_entries))
        self._desk.changed.connect(slot(self.show_entries))
        self.grid.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.grid.customContextMenuRequested.connect(slot(self._open_menu))
        self.grid.doubleClicked.connect(slot(self._apply))
        self.grid.entered.connect(slot(self._wait_and_preview))
        self.grid.keyed.connect(slot(self._key))
        self.grid.left.connect(slot(self.end_preview))

    def _tell(self) -> None:
        self.search.setPlaceholderText(tr("Search prompts, models, seeds"))
        self.search.setAccessibleName(tr("Search the history"))
        self.search.setToolTip(tr("Words in the prompt, the negative prompt, the mode, the model or the seed"))
        for button in self.search.findChildren(QToolButton):
            button.setAccessibleName(tr("Clear the search"))
        self.stars.rename(tr("Show starred pictures only"))
        self.oldest.rename(tr("Show the oldest first"))
        self.grid.setAccessibleName(tr("History of pictures"))
        self.show_entries()

    def _tell_count(self, found: int) -> None:
        gallery, everything = self._desk.gallery, len(self._desk.gallery.entries)
        if not everything:
            words = "" if self._desk.loaded else tr("Looking for pictures…")
        elif found < everything:
            words = tr("{found} of {count} pictures", found=found, count=everything)
        else:
            words = tr("One picture") if everything == 1 else tr("{count} pictures", count=everything)
        if gallery.broken:
            broken = len(gallery.broken)
            words += "  ·  " * bool(words) + (tr("One damaged") if broken == 1 else tr("{count} damaged", count=broken))
        self.count.setText(words)
        damaged = tr("These files in {folder} cannot be read:", folder=gallery.folder)
        self.count.setToolTip("\n".join((damaged, *gallery.broken[:20])) if gallery.broken else "")
        if not everything:
            title = tr("Nothing made yet")
            told = tr("Every picture you make is kept here with its prompt, seed and settings, so that none is lost.")
        elif self.stars.isChecked() and not self.search.text().strip():
            title, told = tr("No stars yet"), tr("Select a picture and press S to star it.")
        else:
            title, told = tr("Nothing found"), tr("No picture has all of these words. Try fewer.")
        self.nothing.say(title, told)

    # Choosing

    def _current_name(self) -> str:
        index = self.grid.currentIndex()
        return self.entries.entry(index).name if index.isValid() else ""

    def _choose_again(self, names: set[str], current: str) -> None:
        """The same pictures stay selected, wherever they are now."""
        selection = self.grid.selectionModel()
        if names == {entry.name for entry in self.chosen} and current == self._current_name():
            return
        selection.clearSelection()
        for name in names:
            where = self.entries.index_of(name)
            if where.isValid():
                selection.select(where, QItemSelectionModel.SelectionFlag.Select)
        where = self.entries.index_of(current)
        if where.isValid():
            selection.setCurrentIndex(where, QItemSelectionModel.SelectionFlag.NoUpdate)

    def _apply(self) -> None:
        self.end_preview()
        for entry in self.chosen[:1]:
            self._desk.apply(entry)

    def _star(self) -> None:
        """Star what is selected; what is all starred loses its stars."""
        chosen = self.chosen
        if chosen:
            self._desk.star(chosen, not all(entry.starred for entry in chosen))

    def _delete(self) -> None:
        if self.chosen:
            self.end_preview()
            self._desk.delete(self.chosen)

    def _compare(self) -> None:
        if self.chosen:
            self.end_preview()
            self.compareWanted.emit(self.chosen[:2])

    # Preview

    def _preview_hovered(self) -> None:
        index = self.grid.indexAt(self.grid.viewport().mapFromGlobal(self.grid.cursor().pos()))
        index = index if index.isValid() else self.grid.hovered
        if index.isValid() and self.grid.under_pointer:
            self.preview(self.entries.entry(index))

    def preview(self, entry: Entry) -> None:
        """Show an entry large on the canvas, until the pointer leaves or another key is pressed."""
        self._previewed = entry.name
        self.previewWanted.emit(entry)

    def end_preview(self) -> None:
        """Show the document again."""
        self._resting.stop()
        if self._previewed:
            self._previewed = ""
            self.previewWanted.emit(None)

    def _toggle_preview(self) -> None:
        index = self.grid.currentIndex()
        if index.isValid() and self._previewed != self.entries.entry(index).name:
            self.preview(self.entries.entry(index))
        else:
            self.end_preview()

    # Keys and menu

    def _key(self, key: Qt.Key) -> None:
        match key:
            case Qt.Key.Key_Space:
                self._toggle_preview()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._apply()
            case Qt.Key.Key_Delete | Qt.Key.Key_Backspace:
                self._delete()
            case Qt.Key.Key_S:
                self._star()
            case Qt.Key.Key_C:
                self._compare()
            case Qt.Key.Key_Escape:
                self.end_preview()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Down from the search field goes into the grid, Escape empties the field."""
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Down and self.entries.rowCount():
                self.grid.setFocus(Qt.FocusReason.TabFocusReason)
                if not self.grid.currentIndex().isValid():
                    self.grid.setCurrentIndex(self.entries.index(0))
                return True
            if event.key() == Qt.Key.Key_Escape and self.search.text():
                self.search.clear()
                return True
        return super().eventFilter(watched, event)

    def _open_menu(self, where: QPoint) -> None:
        menu = self.menu()
        if menu is not None:
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.grid.viewport().mapToGlobal(where))

    def menu(self) -> QMenu | None:
        """What can be done with the selected entries; None where nothing is selected."""
        chosen = self.chosen
        if not chosen:
            return None
        self.end_preview()
        first, desk = chosen[0], self._desk
        menu = QMenu(self)
        one = len(chosen) == 1
        self._add(menu, tr("Apply to the canvas\tEnter"), self._apply, enabled=one)
        self._add(menu, tr("Open as a document"), lambda: desk.open(first), enabled=one)
        menu.addSeparator()
        self._add(menu, tr("Use all its settings"), lambda: desk.use(first), enabled=one and bool(first.mode))
        self._add_settings(menu, first, enabled=one and bool(first.mode))
        self._add(menu, tr("Copy its prompt"), lambda: desk.copy_prompt(first), enabled=one and bool(first.prompt))
        menu.addSeparator()
        words = tr("Compare with the canvas\tC") if one else tr("Compare the two\tC")
        self._add(menu, words, self._compare, enabled=len(chosen) <= 2)
        starred = all(entry.starred for entry in chosen)
        self._add(menu, tr("Take the star off\tS") if starred else tr("Star\tS"), self._star)
        self._add(menu, tr("Show in its folder"), lambda: desk.show_in_folder(first), enabled=one)
        menu.addSeparator()
        self._add(menu, tr("Delete\tDel"), self._delete)
        return menu

    def _add_settings(self, menu: QMenu, entry: Entry, *, enabled: bool) -> None:
        inner = menu.addMenu(tr("Use one of its settings"))
        inner.setEnabled(enabled)
        for words, names in SETTINGS:
            self._add(inner, tr(words), partial(self._desk.use, entry, names))

    def _add(self, menu: QMenu, words: str, run: Callable[[], object], *, enabled: bool = True) -> None:
        action = menu.addAction(words)
        action.setEnabled(enabled)
        action.triggered.connect(self._slot(run))


class Grid(QListView):
    """The thumbnails. Its keys are the panel's; letters search nothing here."""

    keyed = Signal(object)
    """A Qt.Key that means something to the panel."""
    left = Signal()
    """The pointer or the focus is elsewhere now."""

    _KEYS = (
        *(Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Delete, Qt.Key.Key_Backspace),
        *(Qt.Key.Key_S, Qt.Key.Key_C, Qt.Key.Key_Escape),
    )

    def __init__(self, entries: EntryList) -> None:
        super().__init__()
        self.painter = CellPainter(entries, DARK, self)
        self.hovered = QModelIndex()
        self.under_pointer = False
        self.setObjectName("historyGrid")
        self.setModel(entries)
        self.setItemDelegate(self.painter)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setSpacing(0)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setMouseTracking(True)
        self.setMinimumHeight(CELL_PX)
        self.entered.connect(self._note)

    def _note(self, index: QModelIndex) -> None:
        self.hovered, self.under_pointer = index, True

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many columns as fit, each as wide as its share of the width."""
        width = event.size().width() - 2 * _SLACK_PX
        columns = max(2, width // CELL_PX)
        side = max(GRID_PX, width // columns)
        if side != self.painter.side_px:
            self.painter.side_px = side
            self.setGridSize(QSize(side, side))
        super().resizeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if plain and event.key() in self._KEYS:
            event.accept()
            self.keyed.emit(Qt.Key(event.key()))
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Keys that mean something here are not the window's shortcuts, as long as the grid has the focus."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._claims(event):
            event.accept()
            return True
        return super().event(event)

    def _claims(self, event: QKeyEvent) -> bool:
        return not event.modifiers() and event.key() in self._KEYS and event.key() != Qt.Key.Key_Escape

    def keyboardSearch(self, search: str) -> None:
        """A list would jump to names, of which these have none."""

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self.under_pointer = False
            self.left.emit()
        return super().viewportEvent(event)


class Nothing(QWidget):
    """Words where there are no pictures."""

    def __init__(self) -> None:
        super().__init__()
        self._sign = QLabel()
        self._title, self._told = QLabel(), muted("", wrap=True)
        self._title.setProperty("role", "heading")
        column = vertical(self, 2 * GRID_PX, GRID_PX)
        column.addStretch(1)
        for label in (self._sign, self._title, self._told):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(label)
        column.addStretch(2)

    def say(self, title: str, told: str) -> None:
        self._title.setText(title)
        self._told.setText(told)

    def wear(self, colors: Colors) -> None:
        self._sign.setPixmap(drawing("picture", colors.text_disabled, 40))


def _timer(parent: QObject, after_ms: int, run: Callable[[], object]) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(after_ms)
    timer.timeout.connect(run)
    return timer
