"""The slim strip of tools at the left. Knows nothing about what a tool does: its buttons follow the tool actions."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame

from muse_studio.gui.commands import Actions
from muse_studio.gui.fields import IconButton, vertical
from muse_studio.gui.language import noop
from muse_studio.gui.theme import GRID_PX, Colors

TOOLS = (
    (("brush", noop("Brush")), ("eraser", noop("Eraser"))),
    (
        ("rectangle", noop("Rectangle")),
        ("ellipse", noop("Ellipse")),
        ("lasso", noop("Lasso")),
        ("polygon", noop("Polygon")),
        ("wand", noop("Magic wand")),
    ),
    (("frame", noop("Frame")),),
    (("pan", noop("Pan")), ("zoom", noop("Zoom"))),
)
"""In groups: painting, marking out, what the model sees, looking."""

_BUTTON_PX = 5 * GRID_PX
_GAP_PX = GRID_PX // 2


class ToolStrip(QFrame):
    """The tools above; undo and redo below."""

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self.setObjectName("toolStrip")
        self.setFixedWidth(7 * GRID_PX)
        self.buttons: dict[str, IconButton] = {}
        column = vertical(self, GRID_PX - 1, 0)
        for group in TOOLS:
            for name, label in group:
                column.addWidget(self._button(name, label, actions))
            if group is not TOOLS[-1]:
                column.addSpacing(_GAP_PX)
                column.addWidget(_line())
                column.addSpacing(_GAP_PX)
        column.addStretch(1)
        column.addWidget(self._button("undo", noop("Undo"), actions))
        column.addWidget(self._button("redo", noop("Redo"), actions))

    def _button(self, name: str, label: str, actions: Actions) -> IconButton:
        button = IconButton(name, label, kind="tool", side_px=_BUTTON_PX)
        button.follow(actions[name])
        self.buttons[name] = button
        return button

    def wear(self, colors: Colors) -> None:
        for button in self.buttons.values():
            button.wear(colors)


def _line() -> QFrame:
    line = QFrame()
    line.setObjectName("separator")
    line.setFixedHeight(1)
    return line
