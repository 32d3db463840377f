"""The LoRAs on top of the model: a list with a switch and a strength for each. Knows no files and no worker.

It shows and gives what `Wishes.loras` holds. Whoever joins it to the rest adds files; see `lora_desk`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QMenu, QPushButton, QSizePolicy, QSlider, QWidget

from muse_studio.core.limits import LORA_STRENGTH_LIMIT, LORAS_LIMIT
from muse_studio.core.loras import LoraFile, LoraUse, found, name_of, paths_of
from muse_studio.gui.fields import IconButton, Words, dress_number, horizontal, muted, vertical
from muse_studio.gui.language import follow_language, noop, tr
from muse_studio.gui.theme import GRID_PX, Colors

SLIDER_LIMIT = 2.0
"""Of either sign: beyond it pictures fall apart with most LoRAs. What is typed may go on to LORA_STRENGTH_LIMIT."""
_SLIDER_STEPS = 100
"""To 1. The slider rests on whole hundredths, as the typed number does."""
_MENU_LIMIT = 12

ADD_LABEL = noop("Add a LoRA")
REMOVE_LABEL = noop("Take a LoRA off")
SWITCH_LABEL = noop("Switch a LoRA")
STRENGTH_LABEL = noop("Change a LoRA's strength")
TAKES_NONE = noop("The model in use takes no LoRAs. These rest until one is chosen that does, such as aMUSEd.")
IS_FIXED = noop("The model computes in int8 here, where LoRAs can't be changed. These rest.")
NOT_KNOWN = noop("Its file is not known on this computer. Add it to use it, or take it off the list.")


class LoraRow(QWidget):
    """One LoRA: whether it is on, how strongly, and a button that takes it off the list."""

    edited = Signal(str)
    """By a person; what its undo step is called, in English."""
    removed = Signal()

    def __init__(self, use: LoraUse) -> None:
        super().__init__()
        self._use = use
        self.on = _Name(use.name)
        self.remove = IconButton("close", noop("Take this LoRA off the list"), kind="small", side_px=24)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        limit = round(SLIDER_LIMIT * _SLIDER_STEPS)
        self.slider.setRange(-limit, limit)
        self.slider.setSingleStep(5)
        self.slider.setPageStep(25)
        self.slider.setMinimumWidth(7 * GRID_PX)
        self.number = QDoubleSpinBox()
        self.number.setRange(-LORA_STRENGTH_LIMIT, LORA_STRENGTH_LIMIT)
        self.number.setDecimals(2)
        self.number.setSingleStep(0.05)
        self.number.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.number.setFixedWidth(9 * GRID_PX)
        dress_number(self.number, use.name)
        self.trouble = muted("", wrap=True)
        self.trouble.hide()
        self._arrange()
        self.show_use(use)
        self.on.toggled.connect(self._switched)
        self.slider.valueChanged.connect(self._slid)
        self.number.valueChanged.connect(self._typed)
        self.remove.clicked.connect(self.removed)
        follow_language(self, self._tell)

    def _arrange(self) -> None:
        column = vertical(self, 0, 0)
        top, below = QWidget(), QWidget()
        row = horizontal(top, 0, GRID_PX // 2)
        row.addWidget(self.on, 1)
        row.addWidget(self.remove)
        row = horizontal(below, 0, GRID_PX)
        row.addSpacing(2 * GRID_PX)
        row.addWidget(self.slider, 1)
        row.addWidget(self.number)
        for part in (top, below, self.trouble):
            column.addWidget(part)

    @property
    def use(self) -> LoraUse:
        return self._use

    def show_use(self, use: LoraUse) -> None:
        """Show it, and tell nobody."""
        self._use = use
        position = round(use.strength * _SLIDER_STEPS)
        for widget, show in (
            (self.on, partial(self.on.setChecked, use.on)),
            (self.number, partial(self.number.setValue, use.strength)),
            (self.slider, partial(self.slider.setValue, position)),
        ):
            widget.blockSignals(True)
            show()
            widget.blockSignals(False)
        self.slider.setEnabled(use.on)
        self.number.setEnabled(use.on)
        self._tell()

    def _tell(self) -> None:
        name, known = self._use.name, bool(self._use.path)
        self.on.setAccessibleName(tr("Use the LoRA {name}", name=name))
        self.on.setToolTip(f"{name}\n{tr('Switch it off to see the picture without it')}")
        strength = tr("Strength of {name}", name=name)
        told = tr("1 is as it was trained, 0 is without effect, and below 0 is the opposite")
        for widget in (self.slider, self.number):
            widget.setAccessibleName(strength)
            widget.setToolTip(f"{strength}\n{told}")
        self.number.setAccessibleName(tr("{name}, typed", name=strength))
        self.trouble.setText("" if known else tr(NOT_KNOWN))
        self.trouble.setVisible(not known)

    def _switched(self, on: bool) -> None:
        self._become(replace(self._use, on=on), SWITCH_LABEL)

    def _slid(self, position: int) -> None:
        self._become(replace(self._use, strength=position / _SLIDER_STEPS), STRENGTH_LABEL)

    def _typed(self, value: float) -> None:
        self._become(replace(self._use, strength=round(value, 2)), STRENGTH_LABEL)

    def _become(self, use: LoraUse, label: str) -> None:
        self.show_use(use)
        self.edited.emit(label)


class LoraSection(QWidget):
    """The list, and the button that adds to it."""

    edited = Signal(str)
    """By a person; what its undo step is called, in English. `show_uses` is silent."""
    shown = Signal()
    """Others are in the list than before, whoever has put them there."""
    wanted = Signal()
    """A file that the person will choose."""
    recalled = Signal(str)
    """A file that was used before, by its path."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[LoraRow] = []
        self._files: tuple[LoraFile, ...] = ()
        self._gone: Collection[str] = ()
        self._reason = ""
        self._looking: tuple[str, ...] = ()
        self._colors: Colors | None = None
        self.empty = muted(noop("Small files that teach the model a style or a subject. Drop them here, or add them."))
        self.empty.setWordWrap(True)
        self.reason = Words("")
        self.reason.setProperty("role", "muted")
        self.reason.setWordWrap(True)
        self.looking = muted("", wrap=True)
        self.add = QPushButton()
        self.menu = QMenu(self)
        self.menu.aboutToShow.connect(self._fill)
        self.add.clicked.connect(self._pressed)
        self._list = QWidget()
        self._column = vertical(self._list, 0, GRID_PX // 2)
        column = vertical(self, 0, GRID_PX // 2)
        for part in (self.reason, self.empty, self._list, self.looking, self.add):
            column.addWidget(part)
        follow_language(self, self._tell)

    # What is shown

    @property
    def uses(self) -> tuple[LoraUse, ...]:
        return tuple(row.use for row in self.rows)

    def show_uses(self, uses: Sequence[LoraUse]) -> None:
        """Show these, with their files where they are known, and tell nobody but `shown`."""
        uses = found(uses, paths_of(self._files))
        uses = tuple(replace(use, path="") if use.path in self._gone else use for use in uses)
        if [use.sha256 for use in uses] == [row.use.sha256 for row in self.rows]:
            for row, use in zip(self.rows, uses, strict=True):
                row.show_use(use)
            return
        for row in self.rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = [self._row(use) for use in uses]
        self._tell()
        self.shown.emit()

    def know(self, files: Sequence[LoraFile], gone: Collection[str] = ()) -> None:
        """Where files lie that were used before, and the paths of which none is there any more."""
        self._files, self._gone = tuple(files), gone
        self.show_uses(self.uses)

    def show_taking(self, reason: str) -> None:
        """reason: why LoRAs have no effect on the model in use, in English; "" where they have."""
        self._reason = reason
        self._tell()

    def show_looking(self, names: Sequence[str]) -> None:
        """Files that the worker looks at."""
        self._looking = tuple(names)
        self._tell()

    @property
    def is_of_use(self) -> bool:
        """Whether there is anything to show: a model that takes LoRAs, or a list that rests."""
        return not self._reason or bool(self.rows) or self._reason == IS_FIXED

    # What a person does

    def put(self, use: LoraUse) -> None:
        """Add one at the end, or give one of the list its file and switch it on. As a person does."""
        known = [replace(each, on=True, path=use.path) if each.sha256 == use.sha256 else each for each in self.uses]
        is_there = any(each.sha256 == use.sha256 for each in known)
        self.show_uses(known if is_there else [*known, use])
        self.edited.emit(ADD_LABEL)

    def _remove(self, row: LoraRow) -> None:
        at = self.rows.index(row)
        self.show_uses([other.use for other in self.rows if other is not row])
        following = [*(each.remove for each in self.rows[at : at + 1]), self.add]
        following[0].setFocus(Qt.FocusReason.OtherFocusReason)
        self.edited.emit(REMOVE_LABEL)

    def _pressed(self) -> None:
        """The menu where there is anything to choose from, else the question for a file."""
        if self._choices():
            self.menu.popup(self.add.mapToGlobal(QPoint(0, self.add.height())))
        else:
            self.wanted.emit()

    def _choices(self) -> list[LoraFile]:
        """Files that were used before and are not in the list."""
        listed = {row.use.sha256 for row in self.rows if row.use.path}
        return [file for file in self._files if file.sha256 not in listed and file.path not in self._gone][:_MENU_LIMIT]

    def _fill(self) -> None:
        self.menu.clear()
        self.menu.setAccessibleName(tr("LoRAs that were used before"))
        for file in self._choices():
            action = self.menu.addAction(name_of(Path(file.path)).replace("&", "&&"))
            action.triggered.connect(partial(self._recall, file.path))
        self.menu.addSeparator()
        self.menu.addAction(tr("Choose a file…"), self.wanted.emit)

    def _recall(self, path: str, _checked: bool = False) -> None:
        self.recalled.emit(path)

    # Building

    def _row(self, use: LoraUse) -> LoraRow:
        row = LoraRow(use)
        row.edited.connect(self.edited)
        row.removed.connect(partial(self._remove, row))
        if self._colors is not None:
            row.remove.wear(self._colors)
        self._column.addWidget(row)
        return row

    def _tell(self) -> None:
        self.empty.setVisible(not self.rows and not self._reason)
        self.reason.setText(tr(self._reason) if self._reason else "")
        self.reason.setVisible(bool(self._reason))
        self._list.setVisible(bool(self.rows))
        self.looking.setText(tr("Looking at {name}…", name=", ".join(self._looking)) if self._looking else "")
        self.looking.setVisible(bool(self._looking))
        self.add.setText(tr("Add a LoRA…"))
        self.add.setEnabled(not self._reason and len(self.rows) < LORAS_LIMIT)
        full = tr("At most {count} at once; take one off first", count=LORAS_LIMIT)
        self.add.setToolTip(
            full
            if len(self.rows) >= LORAS_LIMIT
            else tr("A safetensors file made for this model; it can also be dropped on the window")
        )

    def wear(self, colors: Colors) -> None:
        self._colors = colors
        for row in self.rows:
            row.remove.wear(colors)


class _Name(QCheckBox):
    """A check box whose words end in dots where there is too little room, and never widen the panel."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self._words = words
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def hitButton(self, place: QPoint) -> bool:
        """The whole row of it is the button."""
        return self.rect().contains(place)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = self.width() - self.iconSize().width() - 3 * GRID_PX
        shown = self.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideMiddle, max(room, 0))
        self.setText(shown.replace("&", "&&"))
