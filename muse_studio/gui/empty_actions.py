"""Two buttons under the canvas's invitation while there is no document. Knows nothing of what they do."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QPushButton, QWidget

from muse_studio.gui.canvas.empty import CARD_HEIGHT_PX
from muse_studio.gui.commands import Actions
from muse_studio.gui.fields import horizontal
from muse_studio.gui.theme import GRID_PX


class EmptyActions(QWidget):
    """Open picture… and New…, centred below the card that the canvas draws."""

    def __init__(self, parent: QWidget, actions: Actions) -> None:
        super().__init__(parent)
        row = horizontal(self, 0, GRID_PX)
        for name, label in (("open", "Open a picture…"), ("new", "New document…"), ("paste", "Paste")):
            button = QPushButton(label)
            button.clicked.connect(actions[name].trigger)
            row.addWidget(button)
        parent.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        parent = self.parentWidget()
        if parent is None:
            return
        size = self.sizeHint()
        top = (parent.height() + int(CARD_HEIGHT_PX)) // 2 + 3 * GRID_PX
        self.setGeometry((parent.width() - size.width()) // 2, top, size.width(), size.height())
