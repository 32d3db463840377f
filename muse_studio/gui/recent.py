"""The menu of files that were open before. Knows nothing about opening them, or whether they still exist."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from muse_studio.core.files import printable
from muse_studio.gui.language import follow_language, tr


class RecentMenu:
    """A submenu in front of another action: the newest file first, and at the end a way to empty the list."""

    def __init__(
        self, menu: QMenu, before: QAction, open_path: Callable[[Path], None], clear: Callable[[], None]
    ) -> None:
        self.menu = QMenu(menu)
        self.menu.setToolTipsVisible(True)
        self._open, self._clear = open_path, clear
        self._names: tuple[str, ...] = ()
        menu.insertMenu(before, self.menu)
        follow_language(self.menu, self._tell)

    def show_files(self, names: tuple[str, ...]) -> None:
        """Fill the menu; it is greyed while there is nothing in it."""
        self._names = names
        self._tell()

    def _tell(self) -> None:
        self.menu.setTitle(tr("Open &recent"))
        self.menu.clear()
        self.menu.setEnabled(bool(self._names))
        for number, name in enumerate(self._names, start=1):
            path = Path(name)
            key = f"&{number} " if number < 10 else ""
            action = self.menu.addAction(f"{key}{printable(path.name).replace('&', '&&')}")
            action.setToolTip(printable(name, 300))
            action.triggered.connect(lambda _=False, chosen=path: self._open(chosen))
        self.menu.addSeparator()
        clear = self.menu.addAction(tr("&Clear this list"))
        clear.setObjectName("clearRecent")
        clear.setToolTip(tr("Forget which files were open; the files themselves stay"))
        clear.triggered.connect(lambda: QTimer.singleShot(0, self._clear))  # it takes this very action away
