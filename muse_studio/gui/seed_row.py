"""The seed as a number, a die that rolls a new one, and a lock that keeps it. Knows nothing of what it begins."""

from __future__ import annotations

import secrets

from PySide6.QtCore import QRegularExpression, Signal
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import QLineEdit, QWidget

from muse_studio.core.limits import SEED_LIMIT
from muse_studio.gui.fields import IconButton, horizontal
from muse_studio.gui.language import follow_language, noop, tr
from muse_studio.gui.theme import GRID_PX


class SeedRow(QWidget):
    """`roll` and `set_value` are silent."""

    edited = Signal()
    """By a person."""

    def __init__(self) -> None:
        super().__init__()
        self.number = QLineEdit()
        self.number.setValidator(QRegularExpressionValidator(QRegularExpression(r"\d{1,10}"), self.number))
        self.dice = IconButton("dice", noop("Roll a new seed"), shortcut="Ctrl+R")
        self.lock = IconButton("unlock", noop("Keep this seed for the next pictures"), shortcut="Ctrl+L")
        self.lock.make_toggle("lock")
        row = horizontal(self, 0, GRID_PX // 2)
        row.addWidget(self.number, 1)
        row.addWidget(self.dice)
        row.addWidget(self.lock)
        self.number.editingFinished.connect(self._typed)
        self._last = 0
        self.roll()
        follow_language(self, self._tell)

    def _tell(self) -> None:
        self.number.setAccessibleName(tr("Seed"))
        self.number.setToolTip(tr("The same seed and settings give the same picture"))

    @property
    def value(self) -> int:
        """0 to 2**32 - 1; larger typed numbers count as the largest."""
        return min(int(self.number.text() or "0"), SEED_LIMIT - 1)

    def set_value(self, seed: int) -> None:
        self._last = seed
        self.number.setText(str(seed))

    def roll(self) -> None:
        """A fresh random seed, whether locked or not."""
        self.set_value(secrets.randbelow(SEED_LIMIT))

    def prepare(self) -> int:
        """The seed for the next job: a fresh one unless locked."""
        if not self.lock.isChecked():
            self.roll()
        return self.value

    def _typed(self) -> None:
        if self.value != self._last:
            self.set_value(self.value)
            self.edited.emit()
        else:
            self.set_value(self.value)
