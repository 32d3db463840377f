"""The slim strip of tools at the left. Knows nothing about what a tool does: its buttons follow the tool actions."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame

from muse_studio.gui.commands import Actions
from muse_studio.gui.fields import IconButton, vertical
from muse_studio.gui.theme import GRID_PX, Colors

TOOLS = (("brush", "Brush", "B"), ("eraser", "Eraser", "E"), ("pan", "Pan", "H"), ("frame", "Frame", "F"))
_BUTTON_PX = 5 * GRID_PX


class ToolStrip(QFrame):
    """Brush, eraser, pan and frame above; undo and redo below."""

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self.setObjectName("toolStrip")
        self.setFixedWidth(7 * GRID_PX)
        self.buttons: dict[str, IconButton] = {}
        column = vertical(self, GRID_PX - 1, GRID_PX // 2)
        for name, label, key in TOOLS:
            column.addWidget(self._button(name, label, key, actions))
        column.addStretch(1)
        column.addWidget(self._button("undo", "Undo", "Ctrl+Z", actions))
        column.addWidget(self._button("redo", "Redo", "Ctrl+Shift+Z", actions))

    def _button(self, name: str, label: str, key: str, actions: Actions) -> IconButton:
        button = IconButton(name, label, kind="tool", side_px=_BUTTON_PX, shortcut=key)
        button.follow(actions[name])
        self.buttons[name] = button
        return button

    def wear(self, colors: Colors) -> None:
        for button in self.buttons.values():
            button.wear(colors)
