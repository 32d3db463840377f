"""Under the panel: progress of the running job, Generate and Cancel. Knows nothing about what a job is."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QProgressBar, QPushButton, QWidget

from muse_studio.gui.fields import horizontal, muted, native_keys, vertical
from muse_studio.gui.icons import icon
from muse_studio.gui.theme import GRID_PX, Colors

_PROGRESS_PARTS = 1000


class ActionArea(QFrame):
    """Two lines of words, a bar, and the two buttons; the words are empty while nothing runs."""

    cancelRequested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("actionArea")
        self.doing: QLabel = muted("")
        self.remaining: QLabel = muted("")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, _PROGRESS_PARTS)
        self.bar.setAccessibleName("Progress")
        self.generate = QPushButton("New picture")
        self.generate.setObjectName("generateButton")
        self.generate.setIconSize(QSize(20, 20))
        self.generate.setCursor(Qt.CursorShape.PointingHandCursor)
        self.cancel = QPushButton("Cancel")
        self.cancel.setToolTip("Stop after this step; the picture stays as it was (Esc)")
        self.cancel.clicked.connect(self.cancelRequested)
        self._colors: Colors | None = None
        self._hint = self._last_words = ""
        self._is_idle = True
        self._arrange()
        self.show_idle()

    def _arrange(self) -> None:
        words = QWidget()
        row = horizontal(words, 0, GRID_PX)
        row.addWidget(self.doing, 1)
        row.addWidget(self.remaining)
        row.addWidget(self.cancel)
        words.setFixedHeight(4 * GRID_PX)
        column = vertical(self, 2 * GRID_PX, GRID_PX)
        column.addWidget(words)
        column.addWidget(self.bar)
        column.addWidget(self.generate)

    def show_purpose(self, label: str, tip: str) -> None:
        """What the Generate button will do."""
        self._hint = tip
        self.generate.setText(label)
        self.generate.setToolTip(f"{tip} ({native_keys('Ctrl+Return')})")
        self.generate.setAccessibleName(label)
        if self._is_idle:
            self.doing.setText(self._last_words or tip)

    def show_idle(self, words: str = "") -> None:
        """Nothing runs; `words` may say how the last job went, else they say what Generate is for."""
        self._is_idle, self._last_words = True, words
        self.doing.setText(words or self._hint)
        self.remaining.setText("")
        self._show_share(0.0)
        self.cancel.setVisible(False)
        self.generate.setEnabled(True)
        self._wear_button()

    def show_waiting(self, words: str, share: float | None) -> None:
        """A job waits, for instance for the model; share None moves the bar without an end."""
        self._show_running(words, "")
        self._show_share(share)

    def show_step(self, words: str, share: float, seconds_left: float | None) -> None:
        """A step has come. `share` of the job is done, 0 to 1."""
        self._show_running(words, _left(seconds_left))
        self._show_share(share)

    def _show_running(self, words: str, left: str) -> None:
        self._is_idle = False
        self.doing.setText(words)
        self.remaining.setText(left)
        self.cancel.setVisible(True)
        self.generate.setEnabled(False)
        self._wear_button()

    def _show_share(self, share: float | None) -> None:
        self.bar.setProperty("idle", self._is_idle)
        self.bar.style().unpolish(self.bar)
        self.bar.style().polish(self.bar)
        self.bar.setRange(0, 0 if share is None else _PROGRESS_PARTS)
        if share is not None:
            self.bar.setValue(round(_PROGRESS_PARTS * min(max(share, 0.0), 1.0)))

    def wear(self, colors: Colors) -> None:
        self._colors = colors
        self._wear_button()

    def _wear_button(self) -> None:
        if self._colors is not None:
            self.generate.setIcon(icon("generate", self._colors, color=self._colors.on_accent))


def _left(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < 1:
        return "almost done"
    if seconds < 90:
        return f"{round(seconds)} s left"
    return f"{round(seconds / 60)} min left"
