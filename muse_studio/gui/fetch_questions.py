"""What is asked before files of published cascades are deleted. None blocks; Enter keeps them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from muse_studio.client.fetches import Fetch
from muse_studio.gui.amounts import download_amount
from muse_studio.gui.dialogs import finished
from muse_studio.gui.language import tr


async def ask_drop(parent: QWidget, fetch: Fetch) -> bool | None:
    """Delete what has come, True, or keep it, False? None: go on as before."""
    amount = download_amount(fetch.done_bytes)
    box = QMessageBox(parent)
    box.setObjectName("dropQuestion")
    box.setWindowTitle(tr("Cancel fetching"))
    box.setText(tr("{amount} of {name} are here. Keep them?", amount=amount, name=fetch.entry.name))
    box.setInformativeText(tr("What is kept need not be fetched again when you go on another day."))
    return await _answer(box, tr("Keep"), tr("Delete"))


async def ask_remove(parent: QWidget, name: str, folder: str, size: int) -> bool | None:
    """Delete the files of a fetched cascade, True, or only take it off the list, False? None: leave it."""
    box = QMessageBox(parent)
    box.setObjectName("removeQuestion")
    box.setWindowTitle(tr("Remove a model"))
    box.setText(tr("{name} was fetched by this program. Delete its files, too?", name=name))
    box.setInformativeText(tr("They take {amount} in {folder}.", amount=download_amount(size), folder=folder))
    return await _answer(box, tr("Keep the files"), tr("Delete the files"))


async def _answer(box: QMessageBox, keep_words: str, delete_words: str) -> bool | None:
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setIcon(QMessageBox.Icon.NoIcon)
    keep = box.addButton(keep_words, QMessageBox.ButtonRole.AcceptRole)
    delete = box.addButton(delete_words, QMessageBox.ButtonRole.DestructiveRole)
    back = box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(keep)
    box.setEscapeButton(back)
    await finished(box)
    clicked = box.clickedButton()
    box.deleteLater()
    return None if clicked not in (keep, delete) else clicked is delete
