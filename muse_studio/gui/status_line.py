"""The bar at the bottom: worker and model at the left; document, frame, memory and zoom at the right.

Knows nothing about the client beyond its `WorkerStatus`.
"""

from __future__ import annotations

import psutil
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QStatusBar, QWidget

from muse_studio.client.jobs import WorkerState, WorkerStatus
from muse_studio.core.geometry import Extent, Rect
from muse_studio.gui.fields import horizontal, muted
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
        self.worker, self.model = muted("The worker is not started."), muted("")
        self.document, self.frame, self.memory, self.zoom = (muted("") for _ in range(4))
        self.addWidget(self._left(), 1)
        for label, name in (
            (self.document, "Document size"),
            (self.frame, "Frame"),
            (self.memory, "Memory"),
            (self.zoom, "Zoom"),
        ):
            label.setAccessibleName(name)
            label.setContentsMargins(GRID_PX, 0, GRID_PX, 0)
            self.addPermanentWidget(label)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.measure_memory)

    def _left(self) -> QWidget:
        holder = QWidget()
        row = horizontal(holder, GRID_PX, GRID_PX)
        self.model.setContentsMargins(2 * GRID_PX, 0, 0, 0)
        for widget in (self.dot, self.worker, self.model):
            row.addWidget(widget)
        row.addStretch(1)
        return holder

    def start_measuring(self) -> None:
        """Show the memory now and every few seconds."""
        self.measure_memory()
        self._timer.start(_MEMORY_EVERY_MS)

    def stop_measuring(self) -> None:
        self._timer.stop()

    def show_worker(self, status: WorkerStatus) -> None:
        self.dot.setProperty("state", _DOTS[status.state])
        self.dot.style().unpolish(self.dot)
        self.dot.style().polish(self.dot)
        share = f" {status.share * 100:.0f} %" if status.share is not None else ""
        self.worker.setText(status.message + share)
        self.model.setText("  ·  ".join(part for part in (status.model, status.device) if part))

    def show_document(self, extent: Extent | None, frame: Rect | None) -> None:
        self.document.setText("" if extent is None else f"{extent} px")
        self.frame.setText("" if frame is None else f"Frame {frame.width} px")

    def show_zoom(self, zoom: float | None) -> None:
        self.zoom.setText("" if zoom is None else f"{zoom * 100:.0f} %")

    def measure_memory(self) -> None:
        """Resident memory of the window and its worker together."""
        self.memory.setText(f"Memory {_resident_bytes() / 2**20:,.0f} MB")


def _resident_bytes() -> int:
    own = psutil.Process()
    total: int = own.memory_info().rss
    for child in own.children():
        try:
            total += child.memory_info().rss
        except psutil.Error:
            continue  # it ended meanwhile
    return total
