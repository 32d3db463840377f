"""The few questions and pages that open over the window: new document, deleting, about.

None blocks: each is opened and its answer awaited, so jobs go on behind it. Knows nothing about documents' contents.
"""

from __future__ import annotations

import asyncio

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QMessageBox,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QWidget,
)

import muse_studio
from muse_studio.core.geometry import Extent
from muse_studio.core.limits import PICTURE_SIDE_LIMIT_PX
from muse_studio.gui.fields import dress_number, heading, muted, vertical
from muse_studio.gui.icons import application_icon
from muse_studio.gui.language import follow_language, tr
from muse_studio.gui.theme import GRID_PX

_SIZES = (Extent(512, 512), Extent(1024, 1024))
_CANCEL = QDialogButtonBox.StandardButton.Cancel


async def finished(dialog: QDialog) -> int:
    """Open the dialog without blocking and wait for its result code; the dialog is destroyed with its parent."""
    answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def on_finished(code: int) -> None:
        if not answer.done():
            answer.set_result(code)

    dialog.finished.connect(on_finished)
    dialog.open()
    return await answer


async def ask_delete(parent: QWidget, count: int) -> bool:
    """Delete pictures for good, which the system's trash did not take?"""
    box = QMessageBox(parent)
    box.setObjectName("deleteQuestion")
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setIcon(QMessageBox.Icon.NoIcon)
    box.setWindowTitle(tr("Delete from the history"))
    one, many = tr("Delete this picture for good?"), tr("Delete {count} pictures for good?", count=count)
    box.setText(one if count == 1 else many)
    box.setInformativeText(tr("There is no trash that takes them, so they cannot be brought back."))
    delete = box.addButton(tr("Delete"), QMessageBox.ButtonRole.DestructiveRole)
    keep = box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(keep)
    box.setEscapeButton(keep)
    await finished(box)
    answer = box.clickedButton() is delete
    box.deleteLater()
    return answer


class NewDocument(QDialog):
    """Asks for the size and ground of a new, empty document."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.width_px, self.height_px = _side_field(), _side_field()
        self.white, self.clear = QRadioButton(), QRadioButton()
        self.white.setChecked(True)
        self._names = QLabel(), QLabel(), QLabel()
        self._sizes = [QPushButton() for _ in _SIZES]
        self._buttons = _buttons(self)
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * GRID_PX)
        grid.setVerticalSpacing(GRID_PX)
        for row, field in enumerate((self.width_px, self.height_px)):
            self._names[row].setBuddy(field)
            grid.addWidget(field, row, 1)
        for row, name in enumerate(self._names):
            grid.addWidget(name, row, 0)
        for row, (button, extent) in enumerate(zip(self._sizes, _SIZES, strict=True)):
            button.setAutoDefault(False)
            button.clicked.connect(lambda _=False, chosen=extent: self._fill(chosen))
            grid.addWidget(button, row, 2)
        grid.addWidget(self.white, 2, 1)
        grid.addWidget(self.clear, 2, 2)
        column = vertical(self, 3 * GRID_PX, 2 * GRID_PX)
        column.addLayout(grid)
        column.addWidget(self._buttons)
        follow_language(self, self._tell)

    def _tell(self) -> None:
        self.setWindowTitle(tr("New document"))
        for label, words in zip(self._names, (tr("W&idth"), tr("&Height"), tr("Ground")), strict=True):
            label.setText(words)
        self.white.setText(tr("&White"))
        self.white.setToolTip(tr("Begin with white everywhere"))
        self.clear.setText(tr("&Transparent"))
        self.clear.setToolTip(tr("Begin with nothing: what is not painted or made stays transparent"))
        for field, words in ((self.width_px, tr("Width")), (self.height_px, tr("Height"))):
            field.setAccessibleName(words)
            field.setToolTip(tr("{side} in pixels", side=words))
        for button, extent in zip(self._sizes, _SIZES, strict=True):
            button.setText(tr("Square, {side} × {side}", side=extent.width))
            button.setToolTip(tr("Fill in {side} × {side} pixels", side=extent.width))
        for role, words in ((QDialogButtonBox.StandardButton.Ok, tr("Create")), (_CANCEL, tr("Cancel"))):
            self._buttons.button(role).setText(words)

    @property
    def extent(self) -> Extent:
        return Extent(self.width_px.value(), self.height_px.value())

    def _fill(self, extent: Extent) -> None:
        self.width_px.setValue(extent.width)
        self.height_px.setValue(extent.height)


def _side_field() -> QSpinBox:
    box = QSpinBox()
    box.setRange(64, PICTURE_SIDE_LIMIT_PX // 2)
    box.setValue(512)
    box.setSuffix(" px")
    dress_number(box, "")
    return box


def _buttons(dialog: QDialog) -> QDialogButtonBox:
    box = QDialogButtonBox()
    box.setStandardButtons(QDialogButtonBox.StandardButton.Ok | _CANCEL)
    box.accepted.connect(dialog.accept)
    box.rejected.connect(dialog.reject)
    return box


class AboutPage(QDialog):
    """What this program is, its version and its licences."""

    def __init__(self, parent: QWidget, model: str, device: str) -> None:
        super().__init__(parent)
        self._model, self._device = model, device
        sign = QLabel()
        sign.setPixmap(application_icon().pixmap(64, 64))
        title = heading("Muse Studio")
        title.setProperty("role", "title")
        self._version, self._what, self._runs, self._licences = (muted("", wrap=True) for _ in range(4))
        column = vertical(self, 3 * GRID_PX, GRID_PX)
        for part in (sign, title, self._version, self._what, self._runs, self._licences):
            column.addWidget(part)
        self._close = close_button(self)
        column.addWidget(self._close, 0, Qt.AlignmentFlag.AlignRight)
        self.setMinimumWidth(52 * GRID_PX)
        follow_language(self, self._tell)

    def _tell(self) -> None:
        self.setWindowTitle(tr("About Muse Studio"))
        self._version.setText(tr("Version {number}", number=muse_studio.__version__))
        self._what.setText(
            tr("Paint a mask, type a prompt, and watch every step of a masked generative transformer on your canvas.")
        )
        model, device = self._model or tr("none loaded"), self._device or tr("unknown")
        self._runs.setText(tr("Model: {model}\nDevice: {device}", model=model, device=device))
        self._licences.setText(
            tr("Apache-2.0. The interface font is Inter (SIL Open Font License 1.1); Qt is used under the LGPL-3.0.")
        )


def close_button(dialog: QDialog) -> QPushButton:
    """The one button of a page that only shows something."""
    button = QPushButton()
    button.setDefault(True)
    button.clicked.connect(dialog.accept)
    follow_language(button, lambda: button.setText(tr("Close")))
    return button
