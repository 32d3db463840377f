"""The timeline under the canvas: the tree of runs, and of the chosen one every step of every variation.

Left the runs, each under the one it branched from. Right the scrubber, what the step is, what can be done with it, and
the filmstrip. What the buttons lead to is `timeline.desk`'s; what is looked at is `timeline.state`'s.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QWidget,
)

from muse_studio.gui.fields import IconButton, OneLine, ProgressBar, horizontal, muted, vertical
from muse_studio.gui.icons import icon
from muse_studio.gui.language import follow_language, tr
from muse_studio.gui.theme import DARK, GRID_PX, Colors
from muse_studio.gui.timeline.darkroom import Darkroom
from muse_studio.gui.timeline.filmstrip import Filmstrip
from muse_studio.gui.timeline.run_list import RunList
from muse_studio.gui.timeline.scrubber import Scale, Scrubber
from muse_studio.gui.timeline.state import Timeline, Told
from muse_studio.gui.timeline.words import step_words

SPEEDS = (2, 4, 8, 16)
"""Steps a second; the second is the first choice: 32 steps in 8 s."""

_RUNS_PX = 32 * GRID_PX
_PARTS = 1000


class TimelinePanel(QWidget):
    """Shows a `Timeline`; buttons only tell that they were pressed."""

    branchWanted = Signal()
    layerWanted = Signal()
    exportWanted = Signal()
    exportStopped = Signal()

    def __init__(self, timeline: Timeline, darkroom: Darkroom) -> None:
        super().__init__()
        self.setObjectName("timelinePanel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._timeline, self._colors = timeline, DARK
        self.runs, self.strip, self.scrubber = RunList(timeline, darkroom), Filmstrip(timeline, darkroom), Scrubber()
        self.play = IconButton("play", "")
        self.play.make_toggle("pause")
        self.back, self.forward = IconButton("step-back", ""), IconButton("step-forward", "")
        self.speed = QComboBox()
        self.facts = OneLine()
        self.leave = QPushButton()
        self.doubt = IconButton("heat", "")
        self.doubt.make_toggle()
        self.branch = QPushButton()
        self.layer, self.export = IconButton("as-layer", ""), IconButton("film", "")
        self.more = IconButton("more", "")
        self.nothing = muted("", wrap=True)
        self.writing, self.written, self.stop_writing = QWidget(), ProgressBar(), QPushButton()
        self.writing_words = muted("")
        self._ticking = QTimer(self)
        self._arrange()
        self._connect()
        follow_language(self, self._say)

    # Building

    def _arrange(self) -> None:
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.addWidget(self._runs_side())
        self.splitter.addWidget(self._film_side())
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setSizes([_RUNS_PX, 3 * _RUNS_PX])
        self.splitter.setChildrenCollapsible(False)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.nothing)
        self.pages.addWidget(self.splitter)
        vertical(self, 0, 0).addWidget(self.pages)

    def _runs_side(self) -> QWidget:
        side = QWidget()
        side.setMinimumWidth(20 * GRID_PX)
        column = vertical(side, 0, 0)
        column.setContentsMargins(GRID_PX, GRID_PX // 2, GRID_PX // 2, GRID_PX // 2)
        column.addWidget(self.runs, 1)
        return side

    def _film_side(self) -> QWidget:
        side = QWidget()
        column = vertical(side, 0, GRID_PX // 2)
        column.setContentsMargins(GRID_PX // 2, GRID_PX // 2, GRID_PX, GRID_PX // 2)
        line = QWidget()
        row = horizontal(line, 0, GRID_PX // 2)
        for part in (self.play, self.back, self.forward):
            row.addWidget(part)
        row.addWidget(self.scrubber, 1)
        row.addSpacing(GRID_PX)
        row.addWidget(self.speed)
        column.addWidget(line)
        column.addWidget(self._step_row())
        column.addWidget(self._writing_row())
        column.addWidget(self.strip, 1)
        return side

    def _step_row(self) -> QWidget:
        line = QWidget()
        row = horizontal(line, 0, GRID_PX // 2)
        row.addWidget(self.facts, 1)
        for part in (self.leave, self.doubt, self.layer, self.export, self.more, self.branch):
            row.addWidget(part)
        return line

    def _writing_row(self) -> QWidget:
        row = horizontal(self.writing, 0, GRID_PX)
        self.written.setRange(0, _PARTS)
        row.addWidget(self.writing_words)
        row.addWidget(self.written, 1)
        row.addWidget(self.stop_writing)
        self.writing.hide()
        return self.writing

    def _connect(self) -> None:
        timeline = self._timeline
        timeline.on_change.append(self._changed)
        self.scrubber.sought.connect(self._seek)
        self.scrubber.moved.connect(timeline.move)
        self.play.clicked.connect(self._toggle_play)
        self.back.clicked.connect(lambda: timeline.move(-1))
        self.forward.clicked.connect(lambda: timeline.move(1))
        self.leave.clicked.connect(timeline.leave)
        self.doubt.clicked.connect(timeline.show_doubt)
        self.branch.clicked.connect(self.branchWanted)
        self.strip.branchWanted.connect(self._branch_if_possible)
        self.layer.clicked.connect(self.layerWanted)
        self.export.clicked.connect(self.exportWanted)
        self.stop_writing.clicked.connect(self.exportStopped)
        self.more.clicked.connect(self._open_menu)
        self.speed.currentIndexChanged.connect(self._set_speed)
        self._ticking.timeout.connect(timeline.tick)

    def _say(self) -> None:
        self.setAccessibleName(tr("Timeline"))
        self.nothing.setText(
            tr("Every step of every picture is kept here. Make a picture, then go back to any step and branch off.")
        )
        self.play.rename(tr("Play the decode (Space)"))
        self.back.rename(tr("One step back (Left)"))
        self.forward.rename(tr("One step on (Right)"))
        self.leave.setText(tr("Back"))
        self.leave.setToolTip(tr("Back to the picture: show the document on the canvas again (Esc)"))
        self.doubt.rename(tr("Show how sure the model was: orange cells are doubtful, dark ones not decided yet"))
        self.layer.rename(tr("Use this step's picture as a layer"))
        self.export.rename(tr("Export this decode as an animation…"))
        self.branch.setText(tr("Branch here…"))
        self.more.rename(tr("Rename, use again or remove the chosen run"))
        self.stop_writing.setText(tr("Stop"))
        self.stop_writing.setToolTip(tr("Stop writing; no file is left"))
        self.written.setAccessibleName(tr("Written so far"))
        self._say_speeds()
        self._refresh()

    def _say_speeds(self) -> None:
        chosen = max(self.speed.currentIndex(), 0) if self.speed.count() else 1
        blocked = self.speed.blockSignals(True)
        self.speed.clear()
        for speed in SPEEDS:
            self.speed.addItem(tr("{count} steps/s", count=speed))
        self.speed.setCurrentIndex(chosen)
        self.speed.blockSignals(blocked)
        self.speed.setAccessibleName(tr("Speed"))
        self.speed.setToolTip(tr("How fast the decode is played"))
        self._set_speed()

    def sizeHint(self) -> QSize:
        return QSize(90 * GRID_PX, 23 * GRID_PX)

    def wear(self, colors: Colors) -> None:
        self._colors = colors
        buttons = (self.play, self.back, self.forward, self.doubt, self.layer, self.export, self.more)
        for part in (self.runs, self.strip, self.scrubber, *buttons):
            part.wear(colors)
        self.branch.setIcon(icon("branch", colors))

    # What is looked at

    def _changed(self, told: Told) -> None:
        if told is Told.LOOK and self._timeline.is_playing != self._ticking.isActive():
            self._ticking.start() if self._timeline.is_playing else self._ticking.stop()
        self._refresh()

    def _refresh(self) -> None:
        """Make every word and every button true."""
        timeline, run, step = self._timeline, self._timeline.run, self._timeline.current
        self.pages.setCurrentIndex(1 if timeline.tree is not None and timeline.tree.runs else 0)
        scale = Scale(timeline.expected, len(timeline.row), timeline.base_steps)
        self.scrubber.show_scale(scale, timeline.step)
        self.facts.setText(step_words(run, step) if run is not None and step is not None else self._waiting_words())
        self.facts.setToolTip(self.facts.text())
        self.leave.setVisible(timeline.is_screening)
        self.play.setChecked(timeline.is_playing)
        self.doubt.setChecked(timeline.shows_doubt)
        for part in (self.play, self.back, self.forward, self.layer, self.export, self.doubt):
            part.setEnabled(step is not None)
        can_branch = self.can_branch
        self.branch.setEnabled(can_branch)
        self.branch.setToolTip(
            tr("Go on from this step with another prompt, seed, guidance or mask; this run is kept (Enter)")
            if can_branch or run is None or run.can_branch
            else tr("This run began from a whole picture, so its steps are no places to go on from")
        )

    def _waiting_words(self) -> str:
        run = self._timeline.run
        if run is None:
            return ""
        return tr("No step was made") if run.state.is_end else tr("Waiting for the first step…")

    @property
    def can_branch(self) -> bool:
        """Whether the step under the head is a place to go on from."""
        run, step = self._timeline.run, self._timeline.current
        return run is not None and run.can_branch and step is not None and step.tokens is not None

    @property
    def steps_a_second(self) -> int:
        return SPEEDS[max(self.speed.currentIndex(), 0)]

    def show_writing(self, words: str, share: float | None) -> None:
        """An animation is being written; None: no more."""
        self.writing.setVisible(share is not None)
        self.writing_words.setText(words)
        self.written.setValue(round(_PARTS * (share or 0.0)))

    # What a person does

    def _seek(self, step: int) -> None:
        self._timeline.stop()
        self._timeline.seek(step)

    def _toggle_play(self) -> None:
        self._timeline.stop() if self._timeline.is_playing else self._timeline.play()
        self._refresh()

    def _set_speed(self) -> None:
        self._ticking.setInterval(1000 // self.steps_a_second)

    def _branch_if_possible(self) -> None:
        if self.can_branch:
            self.branchWanted.emit()

    def _open_menu(self) -> None:
        self.runs.menu().popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))

    def event(self, event: QEvent) -> bool:
        """While a step is on the canvas, Escape means to leave it, whatever the window binds it to."""
        is_escape = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if event.type() == QEvent.Type.ShortcutOverride and is_escape and self._timeline.is_screening:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._timeline.is_screening:
            self._timeline.leave()
        elif event.key() == Qt.Key.Key_Space:
            self._toggle_play()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.branch.setVisible(self.width() > 40 * GRID_PX)
