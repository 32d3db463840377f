"""The Layers panel: the document's layers, top first, and what can be done with them. Knows no pixels and no undo.

It shows `document.layers` and does everything through the LayerDesk. Keys: up and down choose a layer, Space shows or
hides it, F2 renames it, left and right choose its variation, Alt with up and down moves it in the list, Ctrl with the
arrow keys moves its pixels, Delete takes it away.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QMenu, QStackedWidget, QWidget

from muse_studio.core.document import Document
from muse_studio.core.layers import Layer
from muse_studio.gui.faults import Faults
from muse_studio.gui.fields import IconButton, SliderField, horizontal, muted, vertical
from muse_studio.gui.language import follow_language, noop, tr
from muse_studio.gui.layer_desk import LayerDesk
from muse_studio.gui.panels.layer_rows import ROW_PX, AnyIndex, LayerList, LayerPainter, Parts, which
from muse_studio.gui.theme import DARK, GRID_PX, Colors

_BUTTONS = (
    ("layer_add", "plus", noop("Add picture as layer")),
    ("layer_duplicate", "duplicate", noop("Duplicate layer")),
    ("layer_merge", "merge-down", noop("Merge down")),
    ("layer_delete", "clear", noop("Delete layer")),
)
_MENU = (
    *("layer_rename", "layer_hide", "layer_duplicate", "layer_delete", ""),
    *("variation_next", "variation_previous", ""),
    *("layer_to_frame", "layer_raise", "layer_lower", "layer_merge", "layer_flatten", "layer_from_visible"),
)
"""The menu under the right button: names of commands, "" for a line."""

_KEYS = (Qt.Key.Key_Space, Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_Left, Qt.Key.Key_Right)
_NUDGES = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_NUDGE_LARGE_PX = 32
_MOVES = {Qt.Key.Key_Up: Qt.Key.Key_PageUp, Qt.Key.Key_Down: Qt.Key.Key_PageDown}


class LayersPanel(QFrame):
    """Opacity above, the layers, buttons below."""

    def __init__(self, desk: LayerDesk, commands: Mapping[str, QAction], faults: Faults) -> None:
        super().__init__()
        self.setObjectName("layersPanel")
        self._desk, self._commands = desk, commands
        self._shown: tuple[Layer, ...] | None = None
        self._gesture = object()
        self.opacity = SliderField(noop("Opacity"), 0, 100, " %")
        self.opacity.slider.setMaximumWidth(100 * GRID_PX)
        self.rows = LayerList(desk.rename, desk.move)
        self.list = LayerView(self.rows)
        self.nothing = muted("", wrap=True)
        self.buttons = {name: IconButton(drawing, words) for name, drawing, words in _BUTTONS}
        self._pages = QStackedWidget()
        self._arrange()
        self._connect(faults)
        follow_language(self, self._tell)
        self.show_document(None)

    def _arrange(self) -> None:
        column = vertical(self, GRID_PX, GRID_PX)
        column.addWidget(self.opacity)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.setMargin(2 * GRID_PX)
        self._pages.addWidget(self.list)
        self._pages.addWidget(self.nothing)
        column.addWidget(self._pages, 1)
        below = QWidget()
        row = horizontal(below, 0, GRID_PX // 2)
        for name, button in self.buttons.items():
            button.follow(self._commands[name])
            row.addWidget(button)
        row.addStretch(1)
        column.addWidget(below)

    def _connect(self, faults: Faults) -> None:
        slot = faults.slot
        self.list.chosen.connect(slot(self._desk.choose))
        self.list.eyed.connect(slot(self._eye))
        self.list.varied.connect(slot(self._desk.choose_variation))
        self.list.nudged.connect(slot(self._desk.nudge))
        self.list.keyed.connect(slot(self._key))
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(slot(self._open_menu))
        self.opacity.valueChanged.connect(slot(self._fade))
        self.opacity.slider.sliderReleased.connect(slot(self._new_gesture))
        self.opacity.slider.installEventFilter(self)
        self._desk.on_rename = self.begin_rename

    def _tell(self) -> None:
        self.list.setAccessibleName(tr("Layers"))
        told = tr("Space shows or hides, F2 renames, left and right choose a variation, Alt with up and down moves")
        self.list.setAccessibleDescription(told)
        tip = tr("How much of the layer covers what is below it")
        for part in (self.opacity.slider, self.opacity.number):
            part.setToolTip(tip)
        document = self._desk.document
        self.nothing.setText(
            tr("No layers. Results and added pictures arrive here.")
            if document is not None
            else tr("Open or make a picture, and its layers are listed here.")
        )
        self.list.viewport().update()

    def wear(self, colors: Colors) -> None:
        for button in self.buttons.values():
            button.wear(colors)
        self.list.painter.colors = colors
        self.list.viewport().update()

    # Showing

    def show_document(self, document: Document | None) -> None:
        """Make the panel true; of no cost where the layers are those that it shows."""
        layers = document.layers if document is not None else ()
        active = document.active if document is not None else 0
        if layers is not self._shown:
            self._shown = layers
            self.rows.show(layers)
            self._pages.setCurrentWidget(self.list if layers else self.nothing)
            self._tell()
        if active != self.list.painter.open_id:
            self._new_gesture()
        self.list.show_active(active)
        layer = next((one for one in layers if one.id == active), None)
        self.opacity.setEnabled(layer is not None)
        if layer is None or round(layer.opacity * 100) != self.opacity.value:
            self.opacity.set_value(100 if layer is None else layer.opacity * 100)

    def begin_rename(self) -> None:
        """Type the active layer's name in its row."""
        dock = self.parentWidget()
        if dock is not None and dock.isHidden():
            dock.show()
        if dock is not None:
            dock.raise_()
        self.list.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.list.edit(self.list.currentIndex())

    # Doing

    def _eye(self, layer_id: int, alone: bool) -> None:
        layer = self.rows.layer(self.rows.index_of(layer_id))
        if alone:
            self._desk.show_only(layer_id)
        else:
            self._desk.show_layer(layer_id, not layer.visible)

    def _fade(self, percent: int) -> None:
        layer = self._desk.active
        if layer is not None:
            typed = object() if self.opacity.number.hasFocus() else self._gesture  # each typed value is its own step
            self._desk.set_opacity(layer.id, percent / 100, typed)

    def _new_gesture(self) -> None:
        self._gesture = object()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What the arrow keys do to the slider is one step until the focus leaves it."""
        if watched is self.opacity.slider and event.type() == QEvent.Type.FocusOut:
            self._new_gesture()
        return super().eventFilter(watched, event)

    def _key(self, key: Qt.Key) -> None:
        names = {
            Qt.Key.Key_Space: "layer_hide",
            Qt.Key.Key_Delete: "layer_delete",
            Qt.Key.Key_Backspace: "layer_delete",
            Qt.Key.Key_Right: "variation_next",
            Qt.Key.Key_Left: "variation_previous",
            Qt.Key.Key_PageUp: "layer_raise",
            Qt.Key.Key_PageDown: "layer_lower",
        }
        self._commands[names[key]].trigger()

    def _open_menu(self, where: QPoint) -> None:
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.list.viewport().mapToGlobal(where))

    def menu(self) -> QMenu:
        """The commands that are about the active layer."""
        menu = QMenu(self)
        for name in _MENU:
            if name:
                menu.addAction(self._commands[name])
            else:
                menu.addSeparator()
        return menu


class LayerView(QListView):
    """The rows. It tells what a person did to them and changes nothing itself."""

    chosen = Signal(int)
    """The id of the layer that became the current one."""
    eyed = Signal(int, bool)
    """A layer's eye was clicked; True with Alt held: about all others."""
    varied = Signal(int, int)
    """A layer's id and the variation that was clicked."""
    nudged = Signal(int, int)
    """Document pixels to the right and down: Ctrl with the arrow keys, more with Shift."""
    keyed = Signal(object)
    """A Qt.Key that means something to the panel; Alt with up and down are told as page up and down."""

    def __init__(self, rows: LayerList) -> None:
        super().__init__()
        self.setObjectName("layerList")
        self._rows = rows
        self._showing = False
        self.painter = LayerPainter(rows, DARK, self)
        self.setModel(rows)
        self.setItemDelegate(self.painter)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDragDropOverwriteMode(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMinimumHeight(3 * ROW_PX)

    def show_active(self, layer_id: int) -> None:
        """Select a layer's row and open its variations, telling nobody."""
        index = self._rows.index_of(layer_id)
        if layer_id != self.painter.open_id:
            self.painter.open_id = layer_id
            self.scheduleDelayedItemsLayout()
        if index != self.currentIndex():
            self._showing = True
            self.setCurrentIndex(index)
            self._showing = False
            if index.isValid():
                self.scrollTo(index)

    def currentChanged(self, current: AnyIndex, previous: AnyIndex) -> None:
        super().currentChanged(current, previous)
        if current.isValid() and not self._showing:
            self.chosen.emit(self._rows.layer(current).id)

    # Mouse

    def _hit(self, where: QPoint) -> tuple[Layer, Parts] | None:
        index = self.indexAt(where)
        if not index.isValid():
            return None
        layer = self._rows.layer(index)
        return layer, self.painter.parts(layer, QRect(self.visualRect(index)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        where = event.position().toPoint()
        found = self._hit(where)
        if event.button() == Qt.MouseButton.LeftButton and found is not None:
            layer, parts = found
            if parts.eye.contains(where):
                self.eyed.emit(layer.id, bool(event.modifiers() & Qt.KeyboardModifier.AltModifier))
                return
            number = next((n for n, cell in enumerate(parts.variations) if cell.contains(where)), None)
            if number is not None:
                self.varied.emit(layer.id, number)
                return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        where = event.position().toPoint()
        found = self._hit(where)
        if found is not None and not (found[1].text.contains(where) or found[1].thumb.contains(where)):
            self.mousePressEvent(event)  # the second of two quick clicks on an eye is a click
        else:
            super().mouseDoubleClickEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Tooltips teach what each part of a row does."""
        if event.type() == QEvent.Type.ToolTip:
            found = self._hit(event.pos())  # type: ignore[attr-defined]
            self.viewport().setToolTip(self._tip(found, event.pos()) if found else "")  # type: ignore[attr-defined]
        return super().viewportEvent(event)

    def _tip(self, found: tuple[Layer, Parts], where: QPoint) -> str:
        layer, parts = found
        if parts.eye.contains(where):
            return tr("Hide or show this layer (Space). With Alt: show only this one")
        if any(cell.contains(where) for cell in parts.variations):
            return tr("{which}. Click to show another; left and right arrow do the same", which=which(layer))
        return tr("Double-click to rename (F2); drag to move it to the front or back")

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if control and not alt and key in _NUDGES:
            step = _NUDGE_LARGE_PX if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            self.nudged.emit(*(way * step for way in _NUDGES[key]))
        elif alt and key in _MOVES:
            self.keyed.emit(_MOVES[key])
        elif key in _KEYS and not event.modifiers():
            self.keyed.emit(key)
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Letters choose tools, not rows."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()
