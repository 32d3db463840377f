"""Two questions of the Image menu: what bounds the canvas shall have, and what size the picture. Knows no documents."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QSpinBox,
    QToolButton,
    QWidget,
)

from muse_studio.core.geometry import Extent, Rect
from muse_studio.core.limits import PICTURE_LIMIT_PIXELS, PICTURE_SIDE_LIMIT_PX
from muse_studio.gui.fields import dress_number, muted, vertical
from muse_studio.gui.language import noop, tr
from muse_studio.gui.theme import GRID_PX

_ARROWS = ("↖", "↑", "↗", "←", "•", "→", "↙", "↓", "↘")
_CORNERS = (
    *(noop("Upper left"), noop("Upper edge"), noop("Upper right")),
    *(noop("Left edge"), noop("Middle"), noop("Right edge")),
    *(noop("Lower left"), noop("Lower edge"), noop("Lower right")),
)


class SizeDialog(QDialog):
    """Width and height in pixels, with a line that says what comes of them; no size past the limits is accepted."""

    def __init__(self, parent: QWidget, title: str, extent: Extent) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.before = extent
        self.width_px = _side_field(tr("Width"), extent.width)
        self.height_px = _side_field(tr("Height"), extent.height)
        self.told = muted("", wrap=True)
        self.told.setMinimumWidth(34 * GRID_PX)
        self.told.setMinimumHeight(self.told.fontMetrics().lineSpacing() * 2)
        self.told.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.grid = QGridLayout()
        self.grid.setHorizontalSpacing(GRID_PX)
        self.grid.setVerticalSpacing(GRID_PX)
        for row, (words, field) in enumerate(((tr("Width"), self.width_px), (tr("Height"), self.height_px))):
            label = QLabel(words)
            label.setBuddy(field)
            self.grid.addWidget(label, row, 0)
            self.grid.addWidget(field, row, 1)
        column = vertical(self, 2 * GRID_PX, 2 * GRID_PX)
        column.addLayout(self.grid)
        column.addWidget(self.told)
        column.addWidget(self.buttons)

    @property
    def extent(self) -> Extent:
        """The size that was asked for."""
        return Extent(self.width_px.value(), self.height_px.value())

    def what(self) -> str:
        """What the size would do to the picture, in words."""
        raise NotImplementedError

    def tell(self) -> None:
        """Say what the size means, and allow only what a picture may have."""
        fits = self.extent.area <= PICTURE_LIMIT_PIXELS
        most = PICTURE_LIMIT_PIXELS // 2**20
        too_much = tr(
            "{size} pixels are more than the {most} million that a picture may have.", size=self.extent, most=most
        )
        self.told.setText(self.what() if fits else too_much)
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(fits)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter in a field finishes typing first, so that what is accepted is what is seen."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            for field in (self.width_px, self.height_px):
                field.interpretText()
        super().keyPressEvent(event)


class CanvasSize(SizeDialog):
    """New bounds for the canvas: the size, and where the picture lies in it."""

    def __init__(self, parent: QWidget, extent: Extent) -> None:
        super().__init__(parent, tr("Canvas size"), extent)
        self.anchor = QButtonGroup(self)
        anchors = QGridLayout()
        anchors.setSpacing(2)
        for number, (arrow, words) in enumerate(zip(_ARROWS, _CORNERS, strict=True)):
            anchors.addWidget(self._anchor_button(number, arrow, tr(words)), number // 3, number % 3)
        self.grid.addWidget(QLabel(tr("Picture stays at")), 2, 0, Qt.AlignmentFlag.AlignTop)
        self.grid.addLayout(anchors, 2, 1, Qt.AlignmentFlag.AlignLeft)
        self.anchor.button(4).setChecked(True)
        for field in (self.width_px, self.height_px):
            field.valueChanged.connect(self.tell)
        self.anchor.idToggled.connect(lambda *_: self.tell())
        self.tell()

    def _anchor_button(self, number: int, arrow: str, words: str) -> QToolButton:
        button = QToolButton()
        button.setText(arrow)
        button.setCheckable(True)
        button.setProperty("kind", "icon")
        button.setFixedSize(QSize(4 * GRID_PX, 4 * GRID_PX))
        button.setAccessibleName(words)
        button.setToolTip(words)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.anchor.addButton(button, number)
        return button

    @property
    def bounds(self) -> Rect:
        """The new canvas in coordinates of the old one."""
        number = self.anchor.checkedId()
        across, down = self.extent.width - self.before.width, self.extent.height - self.before.height
        x, y = (room * place // 2 for room, place in ((across, number % 3), (down, number // 3)))
        return Rect(-x, -y, self.extent.width, self.extent.height)

    def what(self) -> str:
        bounds, before = self.bounds, Rect.of(self.before)
        if bounds == before:
            return tr("The canvas stays as it is.")
        sides = (
            (tr("left"), -bounds.x),
            (tr("above"), -bounds.y),
            (tr("right"), bounds.right - before.right),
            (tr("below"), bounds.bottom - before.bottom),
        )
        changes = [f"{room:+,} px {side}" for side, room in sides if room]
        return tr("{changes}. Layers keep what lies outside.", changes=", ".join(changes))


class ImageSize(SizeDialog):
    """The size to scale the picture to; width and height go together unless they are let loose."""

    def __init__(self, parent: QWidget, extent: Extent) -> None:
        super().__init__(parent, tr("Image size"), extent)
        self.together = QCheckBox(tr("Keep the proportions"))
        self.together.setChecked(True)
        self.grid.addWidget(self.together, 2, 1)
        self.width_px.valueChanged.connect(lambda value: self._follow(value, of_width=True))
        self.height_px.valueChanged.connect(lambda value: self._follow(value, of_width=False))
        self.together.toggled.connect(lambda on: self._follow(self.width_px.value(), of_width=True) if on else None)
        self.tell()

    def _follow(self, value: int, *, of_width: bool) -> None:
        if self.together.isChecked():
            before = (self.before.width, self.before.height) if of_width else (self.before.height, self.before.width)
            other = self.height_px if of_width else self.width_px
            other.blockSignals(True)
            other.setValue(max(1, round(value * before[1] / before[0])))
            other.blockSignals(False)
        self.tell()

    def what(self) -> str:
        if self.extent == self.before:
            return tr("The picture stays as it is.")
        percent = round(100 * self.extent.width / self.before.width, 1)
        other = round(100 * self.extent.height / self.before.height, 1)
        if abs(percent - other) < 1:
            return tr("{percent} % of {size}.", percent=f"{percent:g}", size=self.before)
        return tr(
            "{across} % of the width and {down} % of the height of {size}.",
            across=f"{percent:g}",
            down=f"{other:g}",
            size=self.before,
        )


def _side_field(name: str, value: int) -> QSpinBox:
    box = QSpinBox()
    box.setRange(1, PICTURE_SIDE_LIMIT_PX)
    box.setSuffix(" px")
    box.setValue(value)
    box.setMinimumWidth(14 * GRID_PX)
    dress_number(box, name)
    return box
