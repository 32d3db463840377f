"""Asks how a decode shall be written as an animation. Knows nothing of how that is done."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QDoubleSpinBox, QGridLayout, QLabel, QWidget

from muse_studio.core.animation import SIDES_PX, AnimationFormat, AnimationWish
from muse_studio.gui.fields import dress_number, muted, vertical
from muse_studio.gui.language import tr
from muse_studio.gui.theme import GRID_PX

_FIELD_PX = 24 * GRID_PX


class ExportDialog(QDialog):
    """`wish` is what is asked for."""

    def __init__(self, parent: QWidget, count: int, missing: int, speed: int) -> None:
        """count: pictures there are; missing: steps whose picture is gone; speed: steps a second, at first."""
        super().__init__(parent)
        self.setObjectName("exportDialog")
        self.setWindowTitle(tr("Export the decode"))
        self._count, self._missing = count, missing
        self.kind, self.side = QComboBox(), QComboBox()
        self.kind.addItem(tr("WebP, every colour"), AnimationFormat.WEBP)
        self.kind.addItem(tr("GIF, 255 colours a picture"), AnimationFormat.GIF)
        for side in SIDES_PX:
            self.side.addItem(tr("{side} × {side} px", side=side), side)
        self.side.setCurrentIndex(1)
        self.speed = _number(tr("Steps a second"), 0.5, 30.0, float(speed), "")
        self.hold = _number(tr("Hold of the last picture"), 0.1, 20.0, 2.0, tr(" s"))
        self.about = muted("", wrap=True)
        self._arrange()
        for box in (self.speed, self.hold):
            box.valueChanged.connect(self._tell)
        self._tell()

    def _arrange(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * GRID_PX)
        grid.setVerticalSpacing(GRID_PX)
        fields = (
            (tr("&Format"), self.kind),
            (tr("&Size"), self.side),
            (tr("Steps a se&cond"), self.speed),
            (tr("&Hold the last picture"), self.hold),
        )
        for row, (words, field) in enumerate(fields):
            label = QLabel(words)
            label.setBuddy(field)
            field.setMinimumWidth(_FIELD_PX)
            field.setAccessibleName(words.replace("&", ""))
            grid.addWidget(label, row, 0)
            grid.addWidget(field, row, 1)
        box = QDialogButtonBox()
        self.go = box.addButton(tr("Choose a &file…"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.go.setDefault(True)
        self.go.setEnabled(self._count > 0)
        box.addButton(tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        column = vertical(self, 3 * GRID_PX, 2 * GRID_PX)
        column.addLayout(grid)
        column.addWidget(self.about)
        column.addWidget(box)

    def _tell(self) -> None:
        seconds = sum(self.wish.durations_ms(self._count)) / 1000 if self._count else 0.0
        words = tr(
            "{count} pictures, {seconds} s, played again and again.", count=self._count, seconds=f"{seconds:.1f}"
        )
        if self._missing:
            words += " " + tr(
                "{count} steps are left out, for their pictures were let go to save memory.", count=self._missing
            )
        self.about.setText(words)

    @property
    def wish(self) -> AnimationWish:
        return AnimationWish(
            AnimationFormat(self.kind.currentData()),
            int(self.side.currentData()),
            round(1000 / self.speed.value()),
            round(1000 * self.hold.value()),
        )


def _number(name: str, low: float, high: float, value: float, suffix: str) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(low, high)
    box.setDecimals(1)
    box.setSingleStep(0.5)
    box.setValue(value)
    box.setSuffix(suffix)
    dress_number(box, name)
    return box
