"""The bar at the bottom: worker, model and what the tool does at the left; document, frame, memory, zoom at the right.

Knows nothing about the client beyond its `WorkerStatus`.
"""

from __future__ import annotations

import psutil
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QPushButton, QStatusBar, QWidget

from muse_studio.client.jobs import WorkerState, WorkerStatus
from muse_studio.core.geometry import Extent, Rect
from muse_studio.gui.fields import OneLine, horizontal, muted
from muse_studio.gui.language import follow_language, tr
from muse_studio.gui.sentences import say
from muse_studio.gui.theme import GRID_PX

_MEMORY_EVERY_MS = 3000

_DOTS = {
    WorkerState.STARTING: "wait",
    WorkerState.LOADING: "wait",
    WorkerState.READY: "good",
    WorkerState.BUSY: "busy",
    WorkerState.RESTARTING: "wait",
    WorkerState.FAILED: "bad",
    WorkerState.CLOSED: "wait",
}


class StatusLine(QStatusBar):
    """Words, and a dot whose colour repeats what the words say."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizeGripEnabled(False)
        self.setContentsMargins(GRID_PX, 0, GRID_PX, 0)
        self.dot = QFrame()
        self.dot.setObjectName("statusDot")
        self.worker, self.model = muted(""), QPushButton()
        self.model.setProperty("kind", "status")
        self.model.setVisible(False)
        self.hint = OneLine()
        self.document, self.frame, self.memory, self.zoom = (muted("") for _ in range(4))
        self._status: WorkerStatus | None = None
        self._seen: tuple[Extent | None, Rect | None] = (None, None)
        self._bytes: int | None = None
        self.addWidget(self._left(), 1)
        for label in (self.document, self.frame, self.memory, self.zoom):
            label.setContentsMargins(GRID_PX, 0, GRID_PX, 0)
            self.addPermanentWidget(label)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.measure_memory)
        follow_language(self, self._tell)

    def _left(self) -> QWidget:
        holder = QWidget()
        row = horizontal(holder, GRID_PX, GRID_PX)
        self.hint.setContentsMargins(2 * GRID_PX, 0, 0, 0)
        row.addWidget(self.dot)
        row.addWidget(self.worker)
        row.addWidget(self.model)
        row.addWidget(self.hint, 1)
        return holder

    def _tell(self) -> None:
        names = (
            (self.worker, tr("Worker")),
            (self.model, tr("Model and device")),
            (self.hint, tr("What the tool does")),
            (self.document, tr("Document size")),
            (self.frame, tr("Frame")),
            (self.memory, tr("Memory of the window and its worker")),
            (self.zoom, tr("Zoom")),
        )
        for label, name in names:
            label.setAccessibleName(name)
            label.setToolTip(name)
        self.model.setToolTip(tr("Model and device: choose others"))
        self._tell_worker()
        self._tell_document()
        self._tell_memory()

    def start_measuring(self) -> None:
        """Show the memory now and every few seconds."""
        self.measure_memory()
        self._timer.start(_MEMORY_EVERY_MS)

    def stop_measuring(self) -> None:
        self._timer.stop()

    def show_worker(self, status: WorkerStatus) -> None:
        self._status = status
        self.dot.setProperty("state", _DOTS[status.state])
        self.dot.style().unpolish(self.dot)
        self.dot.style().polish(self.dot)
        self._tell_worker()

    def _tell_worker(self) -> None:
        status = self._status
        if status is None:
            self.worker.setText(say("The worker is not started."))
            return
        share = f" {status.share * 100:.0f} %" if status.share is not None else ""
        self.worker.setText(say(status.message) + share)
        self.model.setText("  ·  ".join(part for part in (status.model, status.device) if part))
        self.model.setVisible(bool(self.model.text()))

    def show_hint(self, words: str) -> None:
        """What the chosen tool does, in the window's language; shortened where there is no room."""
        self.hint.setText(words)

    def show_document(self, extent: Extent | None, frame: Rect | None) -> None:
        self._seen = extent, frame
        self._tell_document()

    def _tell_document(self) -> None:
        extent, frame = self._seen
        self.document.setText("" if extent is None else f"{extent} px")
        self.frame.setText("" if frame is None else tr("Frame {side} px", side=frame.width))

    def show_zoom(self, zoom: float | None) -> None:
        self.zoom.setText("" if zoom is None else f"{zoom * 100:.0f} %")

    def measure_memory(self) -> None:
        """Resident memory of the window and its worker together."""
        self._bytes = _resident_bytes()
        self._tell_memory()

    def _tell_memory(self) -> None:
        if self._bytes is not None:
            self.memory.setText(tr("Memory {size} MB", size=f"{self._bytes / 2**20:,.0f}"))


def _resident_bytes() -> int:
    own = psutil.Process()
    total: int = own.memory_info().rss
    for child in own.children():
        try:
            total += child.memory_info().rss
        except psutil.Error:
            continue  # it ended meanwhile
    return total
