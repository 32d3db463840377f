"""The menu of files that were open before. Knows nothing about opening them, or whether they still exist."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from muse_studio.gui.language import follow_language, tr


class RecentMenu:
    """A submenu in front of another action, the newest file first."""

    def __init__(self, menu: QMenu, before: QAction, open_path: Callable[[Path], None]) -> None:
        self.menu = QMenu(menu)
        follow_language(self.menu, lambda: self.menu.setTitle(tr("Open &recent")))
        self._open = open_path
        menu.insertMenu(before, self.menu)
        self.show_files(())

    def show_files(self, names: tuple[str, ...]) -> None:
        """Fill the menu; it is greyed while there is nothing in it."""
        self.menu.clear()
        self.menu.setEnabled(bool(names))
        for number, name in enumerate(names, start=1):
            path = Path(name)
            key = f"&{number} " if number < 10 else ""
            action = self.menu.addAction(f"{key}{path.name.replace('&', '&&')}")
            action.setToolTip(name)
            action.triggered.connect(lambda _=False, chosen=path: self._open(chosen))
        self.menu.setToolTipsVisible(True)
