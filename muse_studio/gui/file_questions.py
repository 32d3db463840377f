"""The questions that opening, saving and leaving a document may need. None blocks: each is opened and awaited.

Knows nothing about what is in a file.
"""

from __future__ import annotations

from enum import Enum
from pathlib import Path

from PySide6.QtCore import QDir, Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QPushButton, QWidget

from muse_studio.core.files import printable
from muse_studio.gui.dialogs import finished
from muse_studio.gui.language import noop, tr
from muse_studio.gui.theme import GRID_PX

PROJECT_SUFFIX = ".ora"
_OPENED = "*.ora *.png *.jpg *.jpeg *.webp *.ORA *.PNG *.JPG *.JPEG *.WEBP"
_PICTURES = "*.png *.jpg *.jpeg *.webp *.PNG *.JPG *.JPEG *.WEBP"
_NAMES = {
    "ora": noop("Project, OpenRaster"),
    "png": noop("PNG picture"),
    "jpg": noop("JPEG picture"),
    "webp": noop("WebP picture"),
    "psd": noop("Photoshop file"),
}


class Unsaved(Enum):
    """The answer to the question about unsaved changes."""

    SAVE = "save"
    DISCARD = "discard"
    CANCEL = "cancel"


class Changed(Enum):
    """The answer to the question about a file that another program has written."""

    REPLACE = "replace"
    ELSEWHERE = "elsewhere"
    CANCEL = "cancel"


class _Question(QMessageBox):
    """A plain question: a sentence, what it means, and buttons of which Escape is the harmless one."""

    def __init__(self, parent: QWidget, name: str, title: str, question: str, meaning: str) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setIcon(QMessageBox.Icon.NoIcon)
        self.setWindowTitle(title)
        self.setText(question)
        self.setInformativeText(meaning)
        if (layout := self.layout()) is not None:
            layout.setContentsMargins(GRID_PX, 3 * GRID_PX, 3 * GRID_PX, 2 * GRID_PX)

    def offer(self, text: str, role: QMessageBox.ButtonRole) -> QPushButton:
        return self.addButton(text, role)

    async def answer(self) -> object:
        """The button that was pressed; None or the harmless one otherwise."""
        await finished(self)
        pressed = self.clickedButton()
        self.deleteLater()
        return pressed


async def ask_unsaved(parent: QWidget, title: str) -> Unsaved:
    """Save, discard or cancel? `title` names the picture whose changes would be lost."""
    question = tr("Save “{title}” before it is closed?", title=printable(title))
    meaning = tr("It has changes that no file holds yet.")
    box = _Question(parent, "unsavedQuestion", tr("Unsaved changes"), question, meaning)
    buttons = QMessageBox.StandardButton
    box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
    box.setDefaultButton(buttons.Save)
    box.setEscapeButton(buttons.Cancel)
    save, discard = box.button(buttons.Save), box.button(buttons.Discard)
    pressed = await box.answer()
    return Unsaved.SAVE if pressed is save else Unsaved.DISCARD if pressed is discard else Unsaved.CANCEL


async def ask_changed(parent: QWidget, path: Path) -> Changed:
    """Another program has written the file since it was opened or saved: replace it all the same?"""
    question = tr("“{name}” was changed by another program.", name=printable(path.name))
    meaning = tr("Saving here replaces what is in the file now by what you see.")
    box = _Question(parent, "changedQuestion", tr("The file has changed"), question, meaning)
    replace = box.offer(tr("Replace it"), QMessageBox.ButtonRole.DestructiveRole)
    elsewhere = box.offer(tr("Save elsewhere…"), QMessageBox.ButtonRole.AcceptRole)
    cancel = box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(elsewhere)
    box.setEscapeButton(cancel)
    pressed = await box.answer()
    return Changed.REPLACE if pressed is replace else Changed.ELSEWHERE if pressed is elsewhere else Changed.CANCEL


async def ask_discard(parent: QWidget, title: str) -> bool:
    """Throw away what was recovered?"""
    question = tr("Discard “{title}” for good?", title=printable(title))
    meaning = tr("It is not in any other file, and cannot be brought back.")
    box = _Question(parent, "discardQuestion", tr("Discard recovered work"), question, meaning)
    discard = box.offer(tr("Discard"), QMessageBox.ButtonRole.DestructiveRole)
    keep = box.offer(tr("Keep"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(keep)
    box.setEscapeButton(keep)
    return await box.answer() is discard


async def ask_open(parent: QWidget, folder: Path | None) -> Path | None:
    """A picture or project to open; None when the person thinks better of it."""
    filters = ";;".join(
        (
            f"{tr('Pictures and projects')} ({_OPENED})",
            f"{tr(_NAMES['ora'])} (*.ora *.ORA)",
            f"{tr('All files')} (*)",
        )
    )
    return await _ask_existing(parent, tr("Open a picture or project"), folder, filters)


async def ask_open_picture(parent: QWidget, title: str, folder: Path | None) -> Path | None:
    """A picture alone, for a mask or a layer."""
    filters = f"{tr('Pictures')} ({_PICTURES});;{tr('All files')} (*)"
    return await _ask_existing(parent, title, folder, filters)


async def ask_open_lora(parent: QWidget, folder: Path | None) -> Path | None:
    """A LoRA file for the model."""
    filters = f"{tr('LoRA files')} (*.safetensors *.SAFETENSORS)"
    return await _ask_existing(parent, tr("Add a LoRA"), folder, filters)


async def _ask_existing(parent: QWidget, title: str, folder: Path | None, filters: str) -> Path | None:
    dialog = QFileDialog(parent, title, str(folder or QDir.homePath()), filters)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    return await _chosen(dialog)


async def ask_save(parent: QWidget, title: str, suggested: Path) -> Path | None:
    """Where to write a file of the suggestion's kind; the dialog asks before replacing one. None: nothing chosen."""
    suffix = suggested.suffix.removeprefix(".")
    dialog = QFileDialog(parent, title, str(suggested), f"{tr(_NAMES[suffix])} (*.{suffix})")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(suffix)
    return await _chosen(dialog)


async def _chosen(dialog: QFileDialog) -> Path | None:
    code = await finished(dialog)
    files = dialog.selectedFiles()
    dialog.deleteLater()
    return Path(files[0]) if code and files else None
