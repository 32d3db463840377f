"""A row of a few choices, one of them taken, for numbers that are chosen and not typed. Knows not what they do."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QSizePolicy, QToolButton, QWidget

from muse_studio.gui.fields import horizontal
from muse_studio.gui.language import follow_language, tr


class Segments(QWidget):
    """Left and Right go to the neighbours."""

    valueChanged = Signal(int)
    """By a person; `set_value` is silent."""

    def __init__(self, name: str, tip: str, choices: Sequence[int], suffix: str = "") -> None:
        """name, tip: in English. suffix: after each number."""
        super().__init__()
        self._words, self._suffix = (name, tip), suffix
        self._group = QButtonGroup(self)
        self._row = horizontal(self, 0, 0)
        self._group.idClicked.connect(self.valueChanged)
        self._build(choices)
        follow_language(self, self._tell)

    def offer(self, choices: Sequence[int], tip: str) -> None:
        """Other choices, and what to say of them, in English; the one that is taken stays if it is one of them."""
        taken, self._words = self.value, (self._words[0], tip)
        if [self._group.id(button) for button in self._group.buttons()] != list(choices):
            for button in self._group.buttons():
                self._group.removeButton(button)
                self._row.removeWidget(button)
                button.setParent(None)
                button.deleteLater()
            self._build(choices)
            self.set_value(taken)
        self._tell()

    def _build(self, choices: Sequence[int]) -> None:
        for place, choice in enumerate(choices):
            button = QToolButton(self)
            button.setText(f"{choice}{self._suffix}")
            button.setCheckable(True)
            ends = ("first" if place == 0 else "") + ("last" if place == len(choices) - 1 else "")
            button.setProperty("kind", "segment")
            button.setProperty("ends", ends)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus if place == 0 else Qt.FocusPolicy.ClickFocus)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self._group.addButton(button, choice)
            self._row.addWidget(button)
        self.set_value(choices[0])

    def _tell(self) -> None:
        name, tip = map(tr, self._words)
        self.setAccessibleName(name)
        for button in self._group.buttons():
            button.setToolTip(tip)
            button.setAccessibleName(f"{name}: {button.text()}")

    @property
    def value(self) -> int:
        return self._group.checkedId()

    def set_value(self, value: int) -> None:
        """Show a value without telling anyone; one that isn't a choice shows none of them."""
        button = self._group.button(value)
        if button is not None:
            button.setChecked(True)

    def button(self, value: int) -> QToolButton:
        button = self._group.button(value)
        assert isinstance(button, QToolButton)
        return button

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if event.key() not in steps:
            super().keyPressEvent(event)
            return
        buttons = self._group.buttons()
        place = [self._group.id(button) for button in buttons].index(self.value) + steps[Qt.Key(event.key())]
        if 0 <= place < len(buttons):
            buttons[place].setFocus(Qt.FocusReason.TabFocusReason)
            buttons[place].click()
