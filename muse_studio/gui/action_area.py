"""Under the panel: progress of the running job, Generate with its other places in the queue, and Cancel.

Knows nothing about what a job is.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QLabel, QMenu, QPushButton, QSizePolicy, QWidget

from muse_studio.gui.fields import IconButton, ProgressBar, horizontal, muted, native_keys, vertical
from muse_studio.gui.icons import icon
from muse_studio.gui.language import follow_language, noop, tr
from muse_studio.gui.theme import GRID_PX, Colors

_PROGRESS_PARTS = 1000


class ActionArea(QFrame):
    """A line of words, a bar, and the buttons; the words say what Generate is for while nothing runs."""

    cancelRequested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("actionArea")
        self.doing: QLabel = muted("")
        self.remaining: QLabel = muted("")
        self.doing.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.doing.setWordWrap(True)  # words of any length leave the panel as wide as it is
        self.bar = ProgressBar()
        self.bar.setRange(0, _PROGRESS_PARTS)
        self.generate = QPushButton()
        self.generate.setObjectName("generateButton")
        self.generate.setIconSize(QSize(20, 20))
        self.generate.setCursor(Qt.CursorShape.PointingHandCursor)
        self.generate.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.places = QPushButton()
        self.places.setObjectName("placesButton")
        self.places.setIconSize(QSize(16, 16))
        self.places.clicked.connect(self._open_places)
        self.menu = QMenu(self)
        self.live = IconButton("live", noop("Live painting"), kind="tool", side_px=44)
        self.live.make_toggle()
        self.cancel = QPushButton()
        self.cancel.clicked.connect(self.cancelRequested)
        self._colors: Colors | None = None
        self._label = self._hint = self._last_words = ""
        self._is_idle = True
        self._arrange()
        follow_language(self, self._tell)
        self.show_idle()

    def _arrange(self) -> None:
        words = QWidget()
        row = horizontal(words, 0, GRID_PX)
        row.addWidget(self.doing, 1)
        row.addWidget(self.remaining)
        row.addWidget(self.cancel)
        words.setFixedHeight(5 * GRID_PX)
        buttons = QWidget()
        pair = horizontal(buttons, 0, 1)
        pair.addWidget(self.generate, 1)
        pair.addWidget(self.places)
        pair.addSpacing(GRID_PX // 2)
        pair.addWidget(self.live)
        column = vertical(self, 2 * GRID_PX, GRID_PX)
        column.setContentsMargins(2 * GRID_PX, GRID_PX // 2, 2 * GRID_PX, 2 * GRID_PX)
        column.setSpacing(GRID_PX // 2)
        column.addWidget(words)
        column.addWidget(self.bar)
        column.addSpacing(GRID_PX // 2)
        column.addWidget(buttons)

    def _tell(self) -> None:
        self.bar.setAccessibleName(tr("Progress"))
        self.cancel.setText(tr("Cancel"))
        self.cancel.setToolTip(tr("Stop after this step; the picture stays as it was (Esc)"))
        places = tr("Where in the queue")
        self.places.setAccessibleName(places)
        self.places.setToolTip(tr("Generate next, or instead of everything that waits"))

    def offer_places(self, actions: Sequence[QAction]) -> None:
        """What the small button beside Generate opens."""
        self.menu.addActions(list(actions))

    def _open_places(self) -> None:
        size = self.menu.sizeHint()
        corner = self.places.mapToGlobal(QPoint(self.places.width() - size.width(), -size.height()))
        self.menu.popup(corner)

    def show_purpose(self, label: str, tip: str) -> None:
        """What the Generate button will do, and what is said of it while nothing runs."""
        self._label, self._hint = label, tip
        self.generate.setText(label)
        self.generate.setToolTip(f"{tip} ({native_keys('Ctrl+Return')})")
        self.generate.setAccessibleName(label)
        self.generate.setAccessibleDescription(tip)
        if self._is_idle:
            self.doing.setText(self._last_words or tip)

    def show_idle(self, words: str = "") -> None:
        """Nothing runs; `words` may say how the last job went, else they say what Generate is for."""
        self._is_idle, self._last_words = True, words
        self.doing.setText(words or self._hint)
        self.remaining.setText("")
        self._show_share(0.0)
        self.cancel.setVisible(False)

    def show_waiting(self, words: str, share: float | None, others: str = "") -> None:
        """A job waits, for instance for the model; share None moves the bar without an end."""
        self._show_running(words, others)
        self._show_share(share)

    def show_step(self, words: str, share: float, seconds_left: float | None, others: str = "") -> None:
        """A step has come. `share` of the job is done, 0 to 1. others: what is said of the jobs that wait."""
        self._show_running(words, " · ".join(part for part in (left_words(seconds_left), others) if part))
        self._show_share(share)

    def _show_running(self, words: str, left: str) -> None:
        self._is_idle = False
        self.doing.setText(words)
        self.remaining.setText(left)
        self.cancel.setVisible(True)

    def _show_share(self, share: float | None) -> None:
        if self.bar.property("idle") != self._is_idle:
            self.bar.setProperty("idle", self._is_idle)
            self.bar.style().unpolish(self.bar)
            self.bar.style().polish(self.bar)
        self.bar.setRange(0, 0 if share is None else _PROGRESS_PARTS)
        if share is not None:
            self.bar.setValue(round(_PROGRESS_PARTS * min(max(share, 0.0), 1.0)))

    def wear(self, colors: Colors) -> None:
        self._colors = colors
        self.generate.setIcon(icon("generate", colors, color=colors.on_accent))
        self.live.wear(colors)
        self.places.setIcon(icon("chevron-down", colors, 16, color=colors.on_accent))


def left_words(seconds: float | None) -> str:
    """ "12 s left"; "" where it isn't known."""
    if seconds is None:
        return ""
    if seconds < 1:
        return tr("almost done")
    if seconds < 90:
        return tr("{seconds} s left", seconds=round(seconds))
    return tr("{minutes} min left", minutes=round(seconds / 60))


def takes_words(seconds: float | None) -> str:
    """ "takes 12 s", of a job that waits; "" where it isn't known."""
    if seconds is None:
        return ""
    if seconds < 90:
        return tr("takes {seconds} s", seconds=max(1, round(seconds)))
    return tr("takes {minutes} min", minutes=round(seconds / 60))
