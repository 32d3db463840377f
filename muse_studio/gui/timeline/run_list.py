"""The tree of runs: which there are, and which branched from which. Of their steps it knows the last one's picture.

A click chooses a run and shows its picture; F2 renames it, Delete removes it.
"""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from muse_studio.core.runs import Run, RunTree
from muse_studio.gui.language import follow_language, tr
from muse_studio.gui.theme import DARK, GRID_PX, Colors
from muse_studio.gui.timeline.darkroom import Darkroom
from muse_studio.gui.timeline.state import Timeline, Told
from muse_studio.gui.timeline.words import run_title, run_words

_RUN = Qt.ItemDataRole.UserRole
_WORDS = Qt.ItemDataRole.UserRole + 1
_ROW_PX = 6 * GRID_PX
_PICTURE_PX = 5 * GRID_PX
_INDENT_PX = 2 * GRID_PX

Index = QModelIndex | QPersistentModelIndex


class RunList(QTreeWidget):
    """Follows a timeline; the newest run is last of its branch."""

    removeWanted = Signal(object)
    """A run."""

    reuseWanted = Signal(object)
    """A run whose prompt and settings shall be in the panel again."""

    def __init__(self, timeline: Timeline, darkroom: Darkroom) -> None:
        super().__init__()
        self._timeline = timeline
        self.setObjectName("runList")
        self.setHeaderHidden(True)
        self.setIndentation(_INDENT_PX)
        self.setUniformRowHeights(True)
        self.setItemsExpandable(False)
        self.setRootIsDecorated(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._dress = _RunDelegate(self, darkroom)
        self.setItemDelegate(self._dress)
        self.itemSelectionChanged.connect(self._chosen)
        self.itemChanged.connect(self._renamed)
        self.customContextMenuRequested.connect(self._open_menu)
        darkroom.developed.connect(lambda *_: self.viewport().update())
        timeline.on_change.append(self._changed)
        follow_language(self, self._say)

    def _say(self) -> None:
        self.setAccessibleName(tr("Runs"))
        self.setToolTip(tr("Every picture made for this document; branches stand under the run they left"))
        self._fill()

    def wear(self, colors: Colors) -> None:
        self._dress.colors = colors
        self.viewport().update()

    @property
    def run(self) -> Run | None:
        """The one that is selected."""
        item = self.currentItem()
        return item.data(0, _RUN) if item is not None and item.isSelected() else None

    def drawBranches(self, painter: QPainter, rect: QRect, index: Index) -> None:
        """An elbow from the run above to the one that left it."""
        if not index.parent().isValid():
            return
        painter.fillRect(rect, QColor(self._dress.colors.panel))  # the style marks the whole row where one is chosen
        x, y = rect.right() - _INDENT_PX // 2, rect.center().y()
        painter.setPen(QPen(QColor(self._dress.colors.edge), 1))
        painter.drawLine(x, rect.top(), x, y)
        painter.drawLine(x, y, rect.right(), y)

    # What the timeline tells

    def _changed(self, told: Told) -> None:
        if told is Told.RUNS:
            self._fill()
        elif told is Told.RUN:
            self._select()
        elif told is Told.STEPS:
            self.viewport().update()

    def _fill(self) -> None:
        """All runs anew, each under the one it left. Some hundred take a few milliseconds."""
        tree = self._timeline.tree
        blocked = self.blockSignals(True)
        self.clear()
        above: list[QTreeWidgetItem] = []
        for depth, run in tree.walk() if tree is not None else ():
            item = _item_of(run, tree) if tree is not None else QTreeWidgetItem()
            del above[depth:]
            if above:
                above[-1].addChild(item)
            else:
                self.addTopLevelItem(item)
            above.append(item)
        self.expandAll()
        self.blockSignals(blocked)
        self._select()

    def _select(self) -> None:
        blocked = self.blockSignals(True)
        self.clearSelection()
        for item in self._items():
            if item.data(0, _RUN) is self._timeline.run:
                self.setCurrentItem(item)
                self.scrollToItem(item)
                break
        self.blockSignals(blocked)
        self.viewport().update()

    def _items(self) -> list[QTreeWidgetItem]:
        found: list[QTreeWidgetItem] = []
        waiting = [self.topLevelItem(number) for number in range(self.topLevelItemCount())]
        while waiting:
            item = waiting.pop()
            if item is not None:
                found.append(item)
                waiting += [item.child(number) for number in range(item.childCount())]
        return found

    # What a person does

    def _chosen(self) -> None:
        run = self.run
        if run is not None and run is not self._timeline.run:
            last = len(run.steps[0]) - 1
            self._timeline.choose(run, step=last if run.state.is_end and last >= 0 else None)

    def _renamed(self, item: QTreeWidgetItem) -> None:
        run, tree = item.data(0, _RUN), self._timeline.tree
        if tree is None or item.text(0) == run_title(run):
            return
        tree.rename(run, item.text(0))

    def rename(self) -> None:
        """Let a person type another name for the selected run."""
        item = self.currentItem()
        if item is not None and self.run is not None:
            self.editItem(item, 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        run = self.run
        if event.key() == Qt.Key.Key_Delete and run is not None:
            self.removeWanted.emit(run)
        else:
            super().keyPressEvent(event)

    def menu(self) -> QMenu:
        """What can be done with the selected run."""
        menu, run = QMenu(self), self.run
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for words, act in (
            (tr("Re&name"), self.rename),
            (tr("&Use its prompt and settings"), lambda: self.reuseWanted.emit(run)),
            (tr("&Remove"), lambda: self.removeWanted.emit(run)),
        ):
            menu.addAction(words, act).setEnabled(run is not None)
        return menu

    def _open_menu(self, point: QPoint) -> None:
        if self.itemAt(point) is not None:
            self.menu().popup(self.viewport().mapToGlobal(point))


def _item_of(run: Run, tree: RunTree) -> QTreeWidgetItem:
    item = QTreeWidgetItem([run_title(run)])
    item.setData(0, _RUN, run)
    item.setData(0, _WORDS, run_words(run, tree))
    item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable)
    item.setData(0, Qt.ItemDataRole.AccessibleTextRole, f"{run_title(run)}, {run_words(run, tree)}")
    item.setToolTip(0, run.request.prompt)
    return item


class _RunDelegate(QStyledItemDelegate):
    """A small picture, the run's name, and under it what it is."""

    def __init__(self, owner: QWidget, darkroom: Darkroom) -> None:
        super().__init__(owner)
        self.colors: Colors = DARK
        self._darkroom = darkroom

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(20 * GRID_PX, _ROW_PX)

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        rect = QRect(option.rect)
        rect.setLeft(rect.left() + _PICTURE_PX + GRID_PX)
        editor.setGeometry(rect.adjusted(0, GRID_PX // 2, 0, -GRID_PX // 2))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        rect, colors = QRect(option.rect), self.colors
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colors.accent_soft))
            painter.drawRoundedRect(rect.adjusted(0, 1, -2, -1), 4, 4)
        self._paint_picture(painter, rect, index.data(_RUN))
        words = rect.adjusted(_PICTURE_PX + GRID_PX, GRID_PX // 2, -GRID_PX, -GRID_PX // 2)
        metrics = option.fontMetrics
        half = words.height() // 2
        painter.setFont(option.font)
        for text, color, top in (
            (index.data(Qt.ItemDataRole.DisplayRole), colors.text, words.top()),
            (index.data(_WORDS), colors.text if selected else colors.text_muted, words.top() + half),
        ):
            line = metrics.elidedText(" ".join(str(text).split()), Qt.TextElideMode.ElideRight, words.width())
            painter.setPen(QColor(color))
            middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
            painter.drawText(QRect(words.left(), top, words.width(), half), middle, line)
        painter.restore()

    def _paint_picture(self, painter: QPainter, rect: QRect, run: Run) -> None:
        place = QRect(rect.left() + GRID_PX // 2, rect.top() + (_ROW_PX - _PICTURE_PX) // 2, _PICTURE_PX, _PICTURE_PX)
        row = run.steps[0]
        image = self._darkroom.thumb(run, 0, len(row) - 1) if row else None
        if image is not None:
            painter.drawImage(place, image)
        else:
            painter.fillRect(place, QColor(self.colors.raised))
