"""The filmstrip: a row of thumbnails for each variation of a run, every step one, the newest arriving live.

Paints what is seen and has changed and nothing else: a run of a thousand steps costs no more than one of thirty, and a
step that arrives costs its own cell. Knows nothing of what moving the head leads to.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QSizePolicy, QToolTip

from muse_studio.core.runs import Branch, Run
from muse_studio.gui.language import follow_language, tr
from muse_studio.gui.theme import DARK, GRID_PX, Colors
from muse_studio.gui.timeline.darkroom import Darkroom
from muse_studio.gui.timeline.state import Timeline, Told
from muse_studio.gui.timeline.words import step_words

_THUMB_LEAST_PX, _THUMB_MOST_PX = 4 * GRID_PX, 14 * GRID_PX
"""A thumbnail's side in logical pixels: as large as there is room for the rows, in steps of the grid."""

_ROWS_AT_ONCE = 4

_GAP_PX = GRID_PX // 2
_STAGE_GAP_PX = 2 * GRID_PX
_MARK_PX = 3
"""Under a thumbnail: which stage it is of."""

_LABEL_PX = 3 * GRID_PX
_STEP_KEYS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_PageUp: -4, Qt.Key.Key_PageDown: 4}
_ROW_KEYS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class Filmstrip(QAbstractScrollArea):
    """Rows of steps; a click puts the head on one, arrow keys move it."""

    branchWanted = Signal()
    """A step was double-clicked, or Enter pressed on it."""

    def __init__(self, timeline: Timeline, darkroom: Darkroom) -> None:
        super().__init__()
        self._timeline, self._darkroom, self._colors = timeline, darkroom, DARK
        self.setObjectName("filmstrip")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(_THUMB_LEAST_PX + 3 * GRID_PX)
        self._thumb_px, self._base_steps = 7 * GRID_PX, 0
        self._head = -1  # the step at which it was last painted
        self.viewport().setMouseTracking(True)
        timeline.on_change.append(self._changed)
        darkroom.developed.connect(self._developed)
        follow_language(self, self._say)

    def _say(self) -> None:
        self.setAccessibleName(tr("Filmstrip"))
        self.viewport().update()

    def sizeHint(self) -> QSize:
        return QSize(80 * GRID_PX, 11 * GRID_PX)

    def wear(self, colors: Colors) -> None:
        self._colors = colors
        self.viewport().update()

    # Places

    @property
    def _run(self) -> Run | None:
        return self._timeline.run

    def cell(self, variation: int, step: int) -> QRect:
        """Where a thumbnail is, in the viewport."""
        apart = _STAGE_GAP_PX if 0 < self._base_steps <= step else 0  # detail stands a little apart
        x = self._left + step * self._pitch + apart - self.horizontalScrollBar().value()
        y = _GAP_PX + variation * self._row_px - self.verticalScrollBar().value()
        return QRect(x, y, self._thumb_px, self._thumb_px)

    @property
    def _pitch(self) -> int:
        return self._thumb_px + _GAP_PX

    @property
    def _row_px(self) -> int:
        return self._thumb_px + _MARK_PX + 2 * _GAP_PX

    @property
    def _left(self) -> int:
        """Where the first thumbnail begins: rows are numbered where there are several."""
        return _LABEL_PX if self._run is not None and len(self._run.steps) > 1 else _GAP_PX

    def place_at(self, point: QPoint) -> tuple[int, int] | None:
        """Variation and step under a point of the viewport; None beside them all."""
        run = self._run
        if run is None:
            return None
        row = (point.y() + self.verticalScrollBar().value() - _GAP_PX) // self._row_px
        if not 0 <= row < len(run.steps):
            return None
        for step in self._seen(row):
            if self.cell(row, step).adjusted(-_GAP_PX // 2, 0, _GAP_PX // 2, _MARK_PX).contains(point):
                return row, step
        return None

    def _seen(self, variation: int) -> range:
        """Steps of a row that the viewport shows a part of."""
        run = self._run
        assert run is not None
        pitch, scrolled = self._pitch, self.horizontalScrollBar().value()
        first = max(0, (scrolled - self._left - _STAGE_GAP_PX) // pitch)
        last = (scrolled + self.viewport().width() - self._left) // pitch + 1
        return range(first, min(last, len(run.steps[variation])))

    # What the timeline tells

    def _changed(self, told: Told) -> None:
        before = self._lie
        if told in (Told.RUN, Told.STEPS):
            self._measure()
        if told in (Told.RUN, Told.HEAD):
            self._reveal()
            step, run = self._timeline.current, self._run
            words = step_words(run, step) if run is not None and step is not None else ""
            self.setAccessibleDescription(words)
        news, moved = self._timeline.news, before != self._lie
        if told is Told.STEPS and news is not None and not moved:
            self._update_step(news[1])
        elif told is Told.HEAD and not moved:
            self._update_step(self._head)
            self._update_step(self._timeline.step)
        else:
            self.viewport().update()
        self._head = self._timeline.step

    @property
    def _lie(self) -> tuple[object, ...]:
        """As long as this is the same, every cell lies where it lay, and rows look as they did."""
        run, timeline = self._run, self._timeline
        expected, ended = (0, False) if run is None else (timeline.expected, run.state.is_end)
        scrolled = self.horizontalScrollBar().value(), self.verticalScrollBar().value()
        return run, ended, expected, timeline.variation, self._thumb_px, self._base_steps, self._left, scrolled

    def _developed(self, run: str, variation: int, step: int) -> None:
        if self._run is not None and self._run.id == run:
            self._update_step(step)

    def _update_step(self, step: int) -> None:
        """Paint a step of every variation again, with what marks the head."""
        column = self.cell(0, step).adjusted(-_GAP_PX, 0, _GAP_PX, 0)
        self.viewport().update(QRect(column.left(), 0, column.width(), self.viewport().height()))

    def _measure(self) -> None:
        """From the room that there is without scroll bars, never from what they leave: a bar that comes makes pictures
        smaller, smaller ones may do without it, and without it they would grow again, for ever.
        """
        run, room = self._run, self.maximumViewportSize()
        steps = max((len(row) for row in run.steps), default=0) if run is not None else 0
        expected, self._base_steps = max(steps, self._timeline.expected), self._timeline.base_steps
        rows = len(run.steps) if run is not None else 0
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        view = QSize(room)
        self._thumb_px = self._fitting_px(max(1, rows), view.height())
        if self._extent(rows, expected).width() > view.width():
            view.setHeight(room.height() - across.sizeHint().height())
            self._thumb_px = self._fitting_px(max(1, rows), view.height())
            if self._extent(rows, expected).width() <= view.width():
                view.setHeight(room.height())
        whole = self._extent(rows, expected)
        if whole.height() > view.height():
            view.setWidth(room.width() - down.sizeHint().width())
        across.setRange(0, max(0, whole.width() - view.width()))
        across.setPageStep(view.width())
        across.setSingleStep(self._pitch)
        down.setRange(0, max(0, whole.height() - view.height()))
        down.setPageStep(view.height())
        down.setSingleStep(self._row_px)

    def _extent(self, rows: int, steps: int) -> QSize:
        """Of all pictures, as large as they are now."""
        return QSize(self._left + steps * self._pitch + _STAGE_GAP_PX, _GAP_PX + rows * self._row_px)

    def _fitting_px(self, rows: int, height: int) -> int:
        """The largest thumbnails with which so many rows are seen, up to a few."""
        room = (height - _GAP_PX) // max(1, min(rows, _ROWS_AT_ONCE)) - _MARK_PX - 2 * _GAP_PX
        return min(max(room // GRID_PX * GRID_PX, _THUMB_LEAST_PX), _THUMB_MOST_PX)

    def _reveal(self) -> None:
        """Scroll so that the head, and the step after it, are seen."""
        if self._timeline.current is None:
            return
        cell = self.cell(self._timeline.variation, self._timeline.step)
        across, down, view = self.horizontalScrollBar(), self.verticalScrollBar(), self.viewport()
        margin = self._pitch
        if cell.left() < margin:
            across.setValue(across.value() + cell.left() - margin - self._left)
        elif cell.right() > view.width() - margin:
            across.setValue(across.value() + cell.right() - view.width() + margin)
        if cell.top() < 0:
            down.setValue(down.value() + cell.top() - _GAP_PX)
        elif cell.bottom() + _MARK_PX > view.height():
            down.setValue(down.value() + cell.bottom() + _MARK_PX + _GAP_PX - view.height())

    # Events

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._measure()
        self._reveal()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._seek(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._seek(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.place_at(event.position().toPoint()) is not None:
            self.branchWanted.emit()

    def _seek(self, event: QMouseEvent) -> None:
        place = self.place_at(event.position().toPoint())
        timeline = self._timeline
        if event.button() == Qt.MouseButton.RightButton or place is None:
            return
        if place != (timeline.variation, timeline.step) or not timeline.is_screening:
            timeline.stop()
            timeline.seek(place[1], place[0])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, timeline = Qt.Key(event.key()), self._timeline
        if key in _STEP_KEYS:
            timeline.move(_STEP_KEYS[key])
        elif key in _ROW_KEYS:
            timeline.move_row(_ROW_KEYS[key])
        elif key == Qt.Key.Key_Home:
            timeline.seek(0)
        elif key == Qt.Key.Key_End:
            timeline.seek(len(timeline.row) - 1)
        elif key == Qt.Key.Key_Space:
            timeline.stop() if timeline.is_playing else timeline.play()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and timeline.current is not None:
            self.branchWanted.emit()
        else:
            super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place, run = self.place_at(event.pos()), self._run
            if place is not None and run is not None:
                words = step_words(run, run.steps[place[0]][place[1]])
                left = self._branches(*place)
                if left:
                    words += "\n" + tr("Branches that leave here: {count}", count=left)
                QToolTip.showText(event.globalPos(), words, self.viewport())
            else:
                QToolTip.hideText()
            return True
        return super().viewportEvent(event)

    def _branches(self, variation: int, step: int) -> int:
        """How many runs left this step."""
        run, tree = self._run, self._timeline.tree
        if run is None or tree is None:
            return 0
        return sum(other.parent == Branch(run.id, variation, step) for other in tree.runs)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        run = self._run
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if run is not None:
            left = self._departures(run)
            for variation in range(len(run.steps)):
                if self.cell(variation, 0).adjusted(0, 0, 0, _MARK_PX).bottom() >= 0:
                    self._paint_row(painter, event.region(), run, variation, left)
        painter.end()

    def _departures(self, run: Run) -> set[tuple[int, int]]:
        """The steps that others branched from."""
        parents = [other.parent for other in self._timeline.tree.runs] if self._timeline.tree is not None else []
        return {(parent.variation, parent.step) for parent in parents if parent is not None and parent.run == run.id}

    def _paint_row(
        self, painter: QPainter, area: QRegion, run: Run, variation: int, left: set[tuple[int, int]]
    ) -> None:
        if len(run.steps) > 1:
            chosen = variation == self._timeline.variation
            painter.setPen(QColor(self._colors.text if chosen else self._colors.text_muted))
            label = QRect(0, self.cell(variation, 0).top(), _LABEL_PX - _GAP_PX, self._thumb_px)
            painter.drawText(label, Qt.AlignmentFlag.AlignCenter, str(variation + 1))
        painter.save()
        painter.setClipRect(self.viewport().rect().adjusted(self._left - _GAP_PX, 0, 0, 0))  # numbers stay in sight
        for step in self._seen(variation):
            cell = self.cell(variation, step)
            if not area.intersects(cell.adjusted(-_GAP_PX, 0, _GAP_PX, _GAP_PX)):
                continue
            self._paint_step(painter, run, variation, step)
            if (variation, step) in left:
                self._paint_departure(painter, cell)
        self._paint_awaited(painter, area, run, variation)
        painter.restore()

    def _paint_step(self, painter: QPainter, run: Run, variation: int, step: int) -> None:
        cell, colors, timeline = self.cell(variation, step), self._colors, self._timeline
        kept = run.steps[variation][step]
        image = self._darkroom.thumb(run, variation, step, round(self._thumb_px * self.devicePixelRatioF()))
        if image is not None:
            painter.drawImage(cell, image)
        else:
            painter.fillRect(cell, QColor(colors.raised))
            if kept.picture.is_empty:
                self._paint_missing(painter, cell, run.share_decided(kept))
        mark = QRect(cell.left(), cell.bottom() + 1 + _GAP_PX // 2, self._thumb_px, _MARK_PX)
        painter.fillRect(mark, QColor(colors.accent if kept.stage == "superres" else colors.edge))
        if step == timeline.step:
            is_head = variation == timeline.variation
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(colors.focus if is_head else colors.edge), 3 if is_head else 1.5))
            painter.drawRoundedRect(QRectF(cell).adjusted(-1, -1, 1, 1), 3, 3)

    def _paint_missing(self, painter: QPainter, cell: QRect, share: float) -> None:
        """A step whose preview never came: how much of it was decided, as a filling."""
        filled = QRect(cell)
        filled.setTop(cell.bottom() + 1 - round(cell.height() * share))
        painter.fillRect(filled, QColor(self._colors.accent_soft))

    def _paint_departure(self, painter: QPainter, cell: QRect) -> None:
        """A small fork: something branched off here."""
        radius = min(8.0, self._thumb_px / 6)
        centre = QPointF(cell.right() - radius - 1, cell.top() + radius + 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._colors.accent))
        painter.drawEllipse(centre, radius, radius)
        painter.setPen(QPen(QColor(self._colors.on_accent), 1.6))
        for dx in (-3, 3):
            painter.drawLine(centre + QPointF(0, radius / 2), centre)
            painter.drawLine(centre, centre + QPointF(dx * radius / 8, -radius / 2))

    def _paint_awaited(self, painter: QPainter, area: QRegion, run: Run, variation: int) -> None:
        """Places of the steps that are still to come."""
        row = run.steps[variation]
        if run.state.is_end or not row:
            return
        painter.setPen(QPen(QColor(self._colors.line), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for step in range(len(row), row[-1].job_total):
            cell = self.cell(variation, step)
            if cell.left() > self.viewport().width():
                break
            if area.intersects(cell):
                painter.drawRoundedRect(QRectF(cell).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
