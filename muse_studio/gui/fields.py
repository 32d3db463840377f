"""Small controls used all over the window: a slider with a typed value, icon buttons, a disclosure, a flow of chips.

What is given to them in English they say in the window's language, and say again when it changes. Know nothing about
brushes, prompts or jobs.
"""

from __future__ import annotations

import math
import re

from PySide6.QtCore import QEvent, QMargins, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLayoutItem,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from muse_studio.gui.icons import icon
from muse_studio.gui.language import follow_language, tr
from muse_studio.gui.theme import GRID_PX, Colors

_SLIDER_STEPS = 1000
_BRACKETED = re.compile(r"\s*\(&\w\)")


class SliderField(QWidget):
    """A labelled slider beside the same value as a number that can be typed. Whole numbers.

    logarithmic: equal slider distances are equal ratios, for brush sizes.
    """

    valueChanged = Signal(int)
    """By a person; `set_value` is silent."""

    def __init__(self, label: str, low: int, high: int, suffix: str, *, logarithmic: bool = False) -> None:
        super().__init__()
        self._low, self._high, self._logarithmic = low, high, logarithmic
        self._words = label
        self.label = QLabel()
        self.label.setProperty("role", "muted")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, _SLIDER_STEPS)
        self.slider.setPageStep(_SLIDER_STEPS // 10)
        self.slider.setSingleStep(_SLIDER_STEPS // 100)
        self.slider.setMinimumWidth(7 * GRID_PX)
        self.slider.setMaximumWidth(20 * GRID_PX)
        self.number = QSpinBox()
        self.number.setRange(low, high)
        self.number.setSuffix(suffix)
        self.number.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.number.setFixedWidth(9 * GRID_PX)
        self.label.setBuddy(self.number)
        dress_number(self.number, label)
        self._arrange()
        follow_language(self, self._tell)
        self.slider.valueChanged.connect(self._from_slider)
        self.number.valueChanged.connect(self._from_number)
        self.set_value(low)

    def _tell(self) -> None:
        name = tr(self._words)
        self.label.setText(name)
        self.slider.setAccessibleName(name)
        self.number.setAccessibleName(tr("{name}, typed", name=name))
        if not self.toolTip():
            self.slider.setToolTip(name)
            self.number.setToolTip(tr("{name}: type a number, or press the arrow keys", name=name))

    def _arrange(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID_PX)
        row.addWidget(self.label)
        row.addWidget(self.slider, 1)
        row.addWidget(self.number)

    @property
    def value(self) -> int:
        return self.number.value()

    def set_value(self, value: float) -> None:
        """Show a value without telling anyone."""
        whole = round(min(max(value, self._low), self._high))
        for widget, shown in ((self.number, whole), (self.slider, self._position(whole))):
            widget.blockSignals(True)
            widget.setValue(shown)
            widget.blockSignals(False)

    def _from_slider(self, position: int) -> None:
        self.number.blockSignals(True)
        self.number.setValue(self._at(position))
        self.number.blockSignals(False)
        self.valueChanged.emit(self.value)

    def _from_number(self, value: int) -> None:
        self.slider.blockSignals(True)
        self.slider.setValue(self._position(value))
        self.slider.blockSignals(False)
        self.valueChanged.emit(value)

    def _at(self, position: int) -> int:
        share = position / _SLIDER_STEPS
        if self._logarithmic:
            return round(self._low * (self._high / self._low) ** share)
        return round(self._low + (self._high - self._low) * share)

    def _position(self, value: int) -> int:
        if self._logarithmic:
            return round(_SLIDER_STEPS * math.log(value / self._low) / math.log(self._high / self._low))
        return round(_SLIDER_STEPS * (value - self._low) / (self._high - self._low))


class IconButton(QToolButton):
    """A square button with one of our drawings; `wear` recolours it. `name` is also its accessible name and tooltip.

    A button that follows a command says in its tooltip what the command does, and the keys it has now.
    """

    def __init__(self, drawing: str, name: str, *, kind: str = "icon", side_px: int = 32, shortcut: str = "") -> None:
        super().__init__()
        self._drawing, self._words, self._keys = drawing, name, shortcut
        self._colors: Colors | None = None
        self._action: QAction | None = None
        self._checked_drawing: str | None = None
        self.setProperty("kind", kind)
        self.setFixedSize(side_px, side_px)
        self._icon_px = 20 if side_px < 40 else 24
        self.setIconSize(QSize(self._icon_px, self._icon_px))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        follow_language(self, self._tell)

    def rename(self, name: str) -> None:
        """Another name, in English, from now on."""
        self._words = name
        self._tell()

    def _tell(self) -> None:
        name = tr(self._words)
        self.setAccessibleName(name)
        if self._action is None:
            self.setToolTip(tooltip(name, self._keys))
        else:
            keys = self._action.shortcut().toString(QKeySequence.SequenceFormat.PortableText)
            self.setToolTip(tooltip(name, keys, self._action.statusTip()))
            self.setStatusTip(self._action.statusTip())
            self.setAccessibleDescription(self._action.statusTip())

    def make_toggle(self, checked_drawing: str | None = None) -> None:
        """Stay down when clicked; show another drawing while down."""
        self.setCheckable(True)
        self._checked_drawing = checked_drawing

    def follow(self, action: QAction) -> None:
        """Do what `action` does, and be enabled and checked as it is; keep our own icon."""
        self._action = action
        action.changed.connect(self._tell)
        self._tell()
        self.clicked.connect(action.trigger)
        self.setEnabled(action.isEnabled())
        action.enabledChanged.connect(self.setEnabled)
        if action.isCheckable():
            self.setCheckable(True)
            self.setChecked(action.isChecked())
            action.toggled.connect(self.setChecked)

    def nextCheckState(self) -> None:
        """A button that follows an action is checked by it alone."""
        if self.property("kind") != "tool":
            super().nextCheckState()

    def wear(self, colors: Colors) -> None:
        self._colors = colors
        self.setIcon(icon(self._drawing, colors, self._icon_px, checked=self._checked_drawing))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange and self._colors is not None:
            self.wear(self._colors)  # on a screen of another scale, the drawing is made for it
        return super().event(event)


class Disclosure(QWidget):
    """A heading that opens and closes what is under it."""

    toggled = Signal(bool)

    def __init__(self, title: str, body: QWidget) -> None:
        super().__init__()
        self._words, self._count = title, 0
        self.button = QPushButton()
        self.button.setCheckable(True)
        self.button.setProperty("kind", "disclosure")
        self.button.setIconSize(QSize(16, 16))
        self.body = body
        body.hide()
        column = vertical(self, 0, GRID_PX // 2)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(body)
        self.button.toggled.connect(self._toggle)
        follow_language(self, self._tell)

    def _tell(self) -> None:
        title = tr(self._words)
        self.button.setText(f"{title} · {self._count}" if self._count else title)
        self.button.setAccessibleName(tr("Show {what}", what=title))
        self.button.setToolTip(tr("Show or hide: {what}", what=title))

    def show_count(self, count: int) -> None:
        """Say beside the title how many are inside; nothing where there are none."""
        if count != self._count:
            self._count = count
            self._tell()

    def _toggle(self, is_open: bool) -> None:
        self.body.setVisible(is_open)
        self.toggled.emit(is_open)

    def wear(self, colors: Colors) -> None:
        self.button.setIcon(icon("chevron-right", colors, 16, checked="chevron-down"))


class FlowLayout(QLayout):
    """Lays widgets out like words: in rows, as many in each as fit."""

    def __init__(self, parent: QWidget, gap_px: int = GRID_PX) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._gap = gap_px
        self.setContentsMargins(QMargins(0, 0, 0, 0))

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._place(rect, move=True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        size = QSize(0, 0)
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    def _place(self, rect: QRect, *, move: bool) -> int:
        x, y, row_height = rect.x(), rect.y(), 0
        for item in self._items:
            hint = item.sizeHint()
            if x > rect.x() and x + hint.width() > rect.right() + 1:
                x, y, row_height = rect.x(), y + row_height + self._gap, 0
            if move:
                item.setGeometry(QRect(QPoint(x, y), hint))
            x += hint.width() + self._gap
            row_height = max(row_height, hint.height())
        return y + row_height - rect.y()


def dress_number(box: QAbstractSpinBox, name: str) -> None:
    """Give a typed number its accessible name as it is, room at both sides, one signal for each finished value."""
    box.setAccessibleName(name)
    box.setKeyboardTracking(False)
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    box.lineEdit().setTextMargins(GRID_PX // 2, 0, GRID_PX // 2, 0)


def tooltip(name: str, keys: str, does: str = "") -> str:
    """What a tooltip says: the name, its keys, and under them what it does. keys: portable; "" for none."""
    first = f"{name} ({native_keys(keys)})" if keys else name
    return f"{first}\n{does}" if does else first


def plain_words(text: str) -> str:
    """A menu's text without its mnemonic, which stands in brackets in some languages, and without its dots."""
    return _BRACKETED.sub("", text).replace("&&", "\0").replace("&", "").replace("\0", "&").rstrip("…").strip()


def native_keys(keys: str) -> str:
    """Keys as this system writes them: Ctrl+Z, or ⌘Z on a Mac."""
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)


def vertical(widget: QWidget, margin_px: int, gap_px: int) -> QVBoxLayout:
    """A column inside `widget`."""
    column = QVBoxLayout(widget)
    column.setContentsMargins(margin_px, margin_px, margin_px, margin_px)
    column.setSpacing(gap_px)
    return column


def horizontal(widget: QWidget, margin_px: int, gap_px: int) -> QHBoxLayout:
    """A row inside `widget`, with no margin above and below."""
    row = QHBoxLayout(widget)
    row.setContentsMargins(margin_px, 0, margin_px, 0)
    row.setSpacing(gap_px)
    return row


def separator(height_px: int = 3 * GRID_PX) -> QFrame:
    """A thin vertical line between groups of controls."""
    line = QFrame()
    line.setObjectName("separator")
    line.setFixedSize(1, height_px)
    return line


class Words(QLabel):
    """Plain text that never is markup. Once other words are put in, they stay whatever the language."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._words, self._said = text, ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        follow_language(self, self._tell)

    def _tell(self) -> None:
        if self.text() == self._said and self._words:
            self._said = tr(self._words)
            self.setText(self._said)


class OneLine(QLabel):
    """A line of secondary words that takes the room there is and ends in dots where it is too little."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", "muted")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    @property
    def shown(self) -> str:
        """The words as they are painted."""
        return self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.contentsRect().width())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.drawText(
            self.contentsRect(), int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), self.shown
        )
        painter.end()


class ProgressBar(QProgressBar):
    """Is painted in the event loop's next turn, with everything else.

    Qt's own is painted at once with each value, and the whole window that waits to be painted with it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setTextVisible(False)

    def setValue(self, value: int) -> None:
        self.setUpdatesEnabled(False)
        super().setValue(value)
        self.setUpdatesEnabled(True)


def muted(text: str, *, wrap: bool = False) -> QLabel:
    """Secondary text, never markup."""
    label = Words(text)
    label.setProperty("role", "muted")
    label.setWordWrap(wrap)
    return label


def heading(text: str) -> QLabel:
    """The name of a section."""
    label = Words(text)
    label.setProperty("role", "heading")
    label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    return label
