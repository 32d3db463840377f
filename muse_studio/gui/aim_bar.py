"""The modes as a row of buttons: what Generate shall do. Knows nothing about documents or requests."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from muse_studio.core.wishes import Aim
from muse_studio.gui.fields import horizontal, tooltip
from muse_studio.gui.icons import icon
from muse_studio.gui.language import follow_language, noop, tr
from muse_studio.gui.theme import GRID_PX, Colors

_LABELS = {
    Aim.FILL: noop("Fill"),
    Aim.NEW: noop("New"),
    Aim.EXTEND: noop("Extend"),
    Aim.EDIT: noop("Edit"),
    Aim.REROLL: noop("Re-roll"),
    Aim.RETEXTURE: noop("Detail"),
}
COMMANDS = {aim: f"aim_{aim.value}" for aim in Aim}
"""The window's command for each."""
AUTOMATIC = "aim_auto"
_ICON_PX = 20


class AimBar(QWidget):
    """One button for each aim. The one that Generate would take is marked, chosen by a person or suggested."""

    def __init__(self) -> None:
        super().__init__()
        self.buttons: dict[Aim, QToolButton] = {}
        self._actions: Mapping[str, QAction] = {}
        self._reasons: Mapping[Aim, str] = {}
        self._chosen: Aim | None = None
        row = horizontal(self, 0, GRID_PX // 4)
        for aim in Aim:
            button = QToolButton()
            button.setObjectName(COMMANDS[aim])
            button.setProperty("kind", "aim")
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
            button.setIconSize(QSize(_ICON_PX, _ICON_PX))
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self.buttons[aim] = button
            row.addWidget(button)
        follow_language(self, self._tell)

    def follow(self, actions: Mapping[str, QAction]) -> None:
        """Press the window's commands; a second press on the chosen one leaves the choice to the picture again."""
        self._actions = actions
        for aim, button in self.buttons.items():
            button.clicked.connect(lambda _=False, pressed=aim: self._press(pressed))
            actions[COMMANDS[aim]].changed.connect(self._tell)
        self._tell()

    def _press(self, aim: Aim) -> None:
        self._actions[AUTOMATIC if aim is self._chosen else COMMANDS[aim]].trigger()

    def show_aims(self, chosen: Aim | None, current: Aim, reasons: Mapping[Aim, str]) -> None:
        """chosen: by a person, or None. current: what Generate would do. reasons: why an aim can't run, or ""."""
        self._chosen, self._reasons = chosen, reasons
        for aim, button in self.buttons.items():
            state = "chosen" if aim is chosen else "suggested" if aim is current else ""
            enabled = not reasons.get(aim) or aim is chosen
            if button.property("state") != state or button.isEnabled() != enabled:
                button.setProperty("state", state)
                button.setEnabled(enabled)
                button.style().unpolish(button)
                button.style().polish(button)
        self._tell()

    def _tell(self) -> None:
        for aim, button in self.buttons.items():
            button.setText(tr(_LABELS[aim]))
            action = self._actions.get(COMMANDS[aim])
            if action is None:
                continue
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.PortableText)
            reason = tr(self._reasons[aim]) if self._reasons.get(aim) else ""
            does = "\n".join(part for part in (action.statusTip(), reason) if part)
            name = action.text().replace("&", "")
            button.setToolTip(tooltip(name, keys, does))
            button.setAccessibleName(name)
            button.setAccessibleDescription(does)

    def wear(self, colors: Colors) -> None:
        for aim, button in self.buttons.items():
            button.setIcon(icon(f"aim-{aim.value}", colors, _ICON_PX))
