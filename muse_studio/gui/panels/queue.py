"""The queue: what runs and what waits, with a look at each, and what can be done about them.

Knows nothing about how a job runs: it asks the desk and tells it what a person wants.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QSizePolicy, QWidget

from muse_studio.client.jobs import JobState
from muse_studio.gui.action_area import left_words, takes_words
from muse_studio.gui.fields import IconButton, OneLine, ProgressBar, horizontal, muted, vertical
from muse_studio.gui.job_run import JobRun
from muse_studio.gui.language import follow_language, noop, tr
from muse_studio.gui.theme import GRID_PX, Colors

_SIDE_PX = 7 * GRID_PX
_PARTS = 1000


class QueueDesk(Protocol):
    """What this panel needs of the desk."""

    @property
    def runs(self) -> tuple[JobRun, ...]: ...
    @property
    def queue_seconds_left(self) -> float | None: ...
    def seconds_left(self, run: JobRun) -> float | None: ...
    def cancel_run(self, run: JobRun) -> None: ...
    def cancel_all(self) -> None: ...
    def to_front(self, run: JobRun) -> None: ...
    def to_back(self, run: JobRun) -> None: ...


class QueuePanel(QFrame):
    """One row for each job, the running one first."""

    def __init__(self, desk: QueueDesk) -> None:
        super().__init__()
        self.setObjectName("queuePanel")
        self._desk = desk
        self._colors: Colors | None = None
        self.rows: dict[int, QueueRow] = {}
        self.total = muted("")
        self.cancel_all = QPushButton()
        self.cancel_all.clicked.connect(desk.cancel_all)
        self.empty = muted("", wrap=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setContentsMargins(2 * GRID_PX, 0, 2 * GRID_PX, GRID_PX)
        self._list = QWidget()
        self._list.setObjectName("queueList")
        self._column = vertical(self._list, GRID_PX, GRID_PX // 2)
        self._column.addStretch(1)
        self._arrange()
        follow_language(self, self._tell)

    def _arrange(self) -> None:
        top = QWidget()
        row = horizontal(top, GRID_PX, GRID_PX)
        row.addWidget(self.total, 1)
        row.addWidget(self.cancel_all)
        self._scroll = QScrollArea()
        self._scroll.setWidget(self._list)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = vertical(self, 0, GRID_PX // 2)
        column.setContentsMargins(0, GRID_PX, 0, 0)
        column.addWidget(top)
        column.addWidget(self._scroll, 1)
        column.addWidget(self.empty, 1)

    def _tell(self) -> None:
        self.setAccessibleName(tr("Queue"))
        self.cancel_all.setText(tr("Cancel all"))
        self.cancel_all.setToolTip(tr("Stop what runs and forget what waits; the picture stays as it is"))
        self.empty.setText(tr("Nothing waits. Each press of Generate puts a job here; you needn't wait for the last."))
        self.refresh()

    def refresh(self) -> None:
        """Show what is true now."""
        runs = self._desk.runs
        for number in [number for number in self.rows if number not in {run.job.id for run in runs}]:
            row = self.rows.pop(number)
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        for place, run in enumerate(runs):
            shown = self.rows.get(run.job.id) or self._add(run)
            if self._column.indexOf(shown) != place:
                self._column.removeWidget(shown)
                self._column.insertWidget(place, shown)
            waiting = [other for other in runs if other.job.state is JobState.QUEUED]
            shown.show_run(self._desk.seconds_left(run), is_last=run is runs[-1], is_next=run in waiting[:1])
        self._show_total(runs)

    def _add(self, run: JobRun) -> QueueRow:
        row = QueueRow(run, self._desk)
        if self._colors is not None:
            row.wear(self._colors)
        self.rows[run.job.id] = row
        return row

    def _show_total(self, runs: Sequence[JobRun]) -> None:
        left = left_words(self._desk.queue_seconds_left) if len(runs) > 1 else ""
        count = tr("1 job") if len(runs) == 1 else tr("{count} jobs", count=len(runs))
        self.total.setText(" · ".join(part for part in (count, left) if part) if runs else "")
        self.cancel_all.setEnabled(bool(runs))
        self.cancel_all.setVisible(bool(runs))
        self._scroll.setVisible(bool(runs))
        self.empty.setVisible(not runs)

    def wear(self, colors: Colors) -> None:
        self._colors = colors
        for row in self.rows.values():
            row.wear(colors)


class QueueRow(QFrame):
    """A job: its newest look, its mode and prompt, how far it is, and four buttons."""

    def __init__(self, run: JobRun, desk: QueueDesk) -> None:
        super().__init__()
        self.setObjectName("queueRow")
        self.run = run
        self._shown: NDArray[np.uint8] | None = None
        self.look = QLabel()
        self.look.setObjectName("queueLook")
        self.look.setFixedSize(QSize(_SIDE_PX, _SIDE_PX))
        self.look.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.title, self.prompt, self.state = OneLine(), OneLine(), OneLine()
        self.title.setProperty("role", "heading")
        for label in (self.title, self.prompt, self.state):
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.bar = ProgressBar()
        self.bar.setRange(0, _PARTS)
        self.to_front = IconButton("to-front", noop("Run this next"), kind="small", side_px=24)
        self.to_back = IconButton("to-back", noop("Run this last"), kind="small", side_px=24)
        self.cancel = IconButton("close", noop("Cancel this job"), kind="small", side_px=24)
        self.to_front.clicked.connect(lambda: desk.to_front(run))
        self.to_back.clicked.connect(lambda: desk.to_back(run))
        self.cancel.clicked.connect(lambda: desk.cancel_run(run))
        self._arrange()

    def _arrange(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID_PX // 2, GRID_PX // 2, GRID_PX // 2, GRID_PX // 2)
        row.setSpacing(GRID_PX)
        row.addWidget(self.look)
        words = QWidget()
        column = vertical(words, 0, 2)
        top = QWidget()
        first = horizontal(top, 0, 0)
        first.addWidget(self.title, 1)
        for button in (self.to_front, self.to_back, self.cancel):
            first.addWidget(button)
        column.addWidget(top)
        column.addWidget(self.prompt)
        column.addWidget(self.state)
        column.addWidget(self.bar)
        row.addWidget(words, 1)

    def show_run(self, seconds_left: float | None, *, is_next: bool, is_last: bool) -> None:
        """is_next, is_last: among those that wait."""
        run, request = self.run, self.run.job.request
        waits = run.job.state is JobState.QUEUED
        count = tr(" × {count}", count=request.count) if request.count > 1 else ""
        title = f"{tr(run.name)}{count}"
        self.title.setText(title)
        prompt = " ".join(request.prompt.split())
        self.prompt.setText(prompt or tr("No prompt"))
        self.prompt.setToolTip(prompt)
        left = takes_words(seconds_left) if waits else left_words(seconds_left)
        self.state.setText(" · ".join(part for part in (run.words, left) if part))
        self.state.setToolTip(self.state.text())
        self.bar.setValue(round(_PARTS * run.share))
        self.bar.setVisible(not waits)
        self.bar.setAccessibleName(tr("Progress"))
        self.to_front.setVisible(waits)
        self.to_back.setVisible(waits)
        self.to_front.setEnabled(not is_next)
        self.to_back.setEnabled(not is_last)
        self.cancel.setEnabled(not run.job.cancel_asked and not run.job.state.is_end)
        self.setAccessibleName(f"{title}, {prompt}, {self.state.text()}")
        self._show_look(run.picture)

    def _show_look(self, picture: NDArray[np.uint8] | None) -> None:
        if picture is self._shown and picture is not None:
            return
        self._shown = picture
        if picture is None:
            self.look.setPixmap(QPixmap())
            return
        pixels = np.ascontiguousarray(picture)
        height, width = pixels.shape[:2]
        image = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)  # type: ignore[call-overload]
        scale = self.devicePixelRatioF()
        side = round(_SIDE_PX * scale)
        mode, how = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
        pixmap = QPixmap.fromImage(image.scaled(QSize(side, side), mode, how))
        pixmap.setDevicePixelRatio(scale)
        self.look.setPixmap(pixmap)

    def wear(self, colors: Colors) -> None:
        for button in (self.to_front, self.to_back, self.cancel):
            button.wear(colors)
