"""A surface that shows its tools at work: the brush's ring, outlines in the making, the frame and the cells.

Holds what the tools know (the pointer, the keys, the drag that goes on) and paints it over the scene. Knows nothing of
what pressing does: that is the editor's.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QRegion
from PySide6.QtWidgets import QWidget

from muse_studio.core.geometry import Point, Rect
from muse_studio.core.selection import Combine
from muse_studio.gui.canvas import cursor, outline
from muse_studio.gui.canvas.divider import DividerGesture
from muse_studio.gui.canvas.extension import draw_beyond, draw_beyond_words, parts_beyond
from muse_studio.gui.canvas.frame import draw_frame, draw_frame_label, frame_label, grip_at
from muse_studio.gui.canvas.gestures import FrameGesture, Gesture, Keys, PanGesture, SizingGesture, ZoomGesture
from muse_studio.gui.canvas.ghosted import Dab, Ghosted
from muse_studio.gui.canvas.selecting import CLOSING_PX, BoxGesture, Corners, LassoGesture, OutlineGesture
from muse_studio.gui.canvas.tools import AreaSettings, BrushSettings, Tool, combine_for
from muse_studio.gui.language import tr

_SNAP_LINE = QColor("#ffd166")


class Easel(Ghosted):
    """Paints what the tools show; all of it follows the pointer, so only its own small region is painted again."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tool = Tool.BRUSH
        self._brush = BrushSettings()
        self._areas = AreaSettings()
        self._gesture: Gesture | None = None
        self._corners: Corners | None = None
        self._hover: QPointF | None = None
        self._keys = Keys()
        self._space = False
        self._eraser_end = False
        self._line_start: Point | None = None
        self._painted_over = QRegion()
        self._show_frame = True
        self._trace: tuple[LassoGesture | None, outline.Trace] = None, outline.Trace()

    @property
    def show_frame(self) -> bool:
        """Whether the frame is shown with tools other than its own, which always shows it."""
        return self._show_frame

    @show_frame.setter
    def show_frame(self, show: bool) -> None:
        self._show_frame = show
        self.update()

    def _dab(self) -> Dab | None:
        centre = self._ring_centre
        if centre is None or self._gesture is not None or self.shows_before:
            return None
        return Dab(self.to_document(centre), self._brush.size_px / 2)

    # Where it is

    def _hover_changed(self) -> None:
        """What follows the pointer must be painted elsewhere, or otherwise, from now on."""
        region = self._hover_region()
        self.update(region | self._painted_over)
        self._painted_over = region

    def _hover_region(self) -> QRegion:
        region = QRegion(self._outline_area()) | self._coming_area()
        sign = self._sign_place
        if sign is not None:
            region |= outline.sign_area(sign)
        centre = self._ring_centre
        if centre is None:
            return region
        region |= cursor.ring_area(centre, self._ring_radius)
        if isinstance(self._gesture, SizingGesture):
            region |= cursor.sizing_area(self.fontMetrics().height(), centre, self._ring_radius)
        start = self._line_hint
        if start is not None:
            region |= cursor.line_hint_area(start, centre)
        return region

    @property
    def _ring_centre(self) -> QPointF | None:
        """Where the brush's ring is; None if there is none."""
        if self._document is None or not self._tool.paints or self._space or self._over_divider:
            return None
        if isinstance(self._gesture, (PanGesture, DividerGesture)):
            return None
        return self._gesture.centre if isinstance(self._gesture, SizingGesture) else self._hover

    @property
    def _ring_radius(self) -> float:
        return self._brush.size_px * self.zoom / self._ratio / 2

    @property
    def _line_hint(self) -> QPointF | None:
        """Where a straight stroke to the pointer would start; None if the next stroke is free."""
        if not self._keys.shift or self._gesture is not None or self._line_start is None:
            return None
        return self.to_widget(self._line_start)

    @property
    def _sign_place(self) -> QPointF | None:
        """Where the sign is that says what the next area will do; None if there is none."""
        starts = self._tool.selects and self._gesture is None and self._corners is None and not self._space
        return self._hover if starts and self._document is not None else None

    @property
    def _how(self) -> Combine:
        """What an area started now would do to the mask."""
        if self._eraser_end:
            return Combine.SUBTRACT
        return combine_for(self._areas.how, shift=self._keys.shift, alt=self._keys.alt)

    def _outline_points(self) -> Sequence[QPointF]:
        """The outline in the making, in the widget."""
        if isinstance(self._gesture, ZoomGesture):
            box, ratio = self._gesture.box, self._ratio
            corners = (box.topLeft(), box.topRight(), box.bottomRight(), box.bottomLeft())
            return [corner / ratio for corner in corners]
        if isinstance(self._gesture, OutlineGesture):
            return [self.to_widget(point) for point in self._gesture.outline()]
        if self._corners is None:
            return []
        points = [self.to_widget(point) for point in self._corners.points]
        return [*points, self._hover] if self._hover is not None and self._gesture is None else points

    def _lasso_trace(self, lasso: LassoGesture) -> outline.Trace:
        """The lasso's line in the widget; the view stays where it is during a drag, so only new points are added."""
        if self._trace[0] is not lasso:
            self._trace = lasso, outline.Trace()
        trace = self._trace[1]
        for point in lasso.outline()[len(trace) :]:
            trace.add(self.to_widget(point))
        return trace

    def _outline_area(self) -> QRect:
        if isinstance(self._gesture, LassoGesture):
            # Only the newest stretch of a lasso is new; what was painted of it before stays as it is.
            return outline.outline_area([self.to_widget(point) for point in self._gesture.outline()[-3:]])
        points = self._outline_points()
        return outline.outline_area(points) if points else QRect()

    # How it looks

    def _paint_over(self, painter: QPainter, area: QRectF) -> None:
        if self._frame is not None and not self._is_plain(self._frame):
            self._paint_frame(painter, self._frame)
        super()._paint_over(painter, area)
        self._paint_outline(painter, area)
        sign = self._sign_place
        if sign is not None:
            outline.draw_sign(painter, sign, self._how)
        centre = self._ring_centre
        if centre is not None:
            self._paint_brush(painter, centre)
            self._painted_over |= self._hover_region()  # it may be another one than when the pointer last moved

    def _is_plain(self, frame: Rect) -> bool:
        """Whether the frame says nothing: it is the whole picture or hidden, and nobody is about to move it."""
        return self._tool is not Tool.FRAME and (not self._show_frame or frame == Rect.of(self._extent))

    def _paint_frame(self, painter: QPainter, frame: Rect) -> None:
        active = self._tool is Tool.FRAME
        beyond = parts_beyond(frame, Rect.of(self._extent))
        painter.save()
        self._turn_painter(painter)
        if beyond:
            canvas = self._upright_rect(Rect.of(self._extent))
            draw_beyond(painter, self._upright_rect(frame), canvas, self._scene.checker)
        whole, askew = self._upright_area(QRectF(self.rect())), not self.view.is_square
        draw_frame(painter, whole, self._upright_rect(frame), active=active, askew=askew)
        self._paint_snap_lines(painter)
        painter.restore()
        if beyond:
            part = self._logical(self.view.screen_rect(beyond[0]))
            draw_beyond_words(
                painter, part.intersected(QRectF(self.rect())), tr("Generate extends the picture to here")
            )
        if active:
            shown = self._logical(self.view.screen_rect(frame))
            draw_frame_label(painter, QRectF(self.rect()), shown, frame_label(frame, self.sight.side_px))

    def _paint_snap_lines(self, painter: QPainter) -> None:
        if not isinstance(self._gesture, FrameGesture):
            return
        whole = self._upright_area(QRectF(self.rect()))
        painter.setPen(QPen(_SNAP_LINE, 1))
        for line in self._gesture.lines:
            at = round(line.at * self.zoom) / self._ratio
            if line.upright:
                painter.drawLine(QPointF(at, whole.top()), QPointF(at, whole.bottom()))
            else:
                painter.drawLine(QPointF(whole.left(), at), QPointF(whole.right(), at))

    def _paint_outline(self, painter: QPainter, area: QRectF) -> None:
        if isinstance(self._gesture, LassoGesture):
            outline.draw_outline(painter, self._lasso_trace(self._gesture), area)
        else:
            points = self._outline_points()
            closed = isinstance(self._gesture, (BoxGesture, ZoomGesture))
            if len(points) > 1:
                outline.draw_outline(painter, outline.trace_of(points, closed=closed), area)
        if self._corners is not None:
            corners = [self.to_widget(point) for point in self._corners.points]
            outline.draw_corners(painter, corners, closes=self._would_close(corners))

    def _would_close(self, corners: Sequence[QPointF]) -> bool:
        """Whether a click where the pointer is would close the polygon."""
        if self._hover is None or len(corners) < 3:
            return False
        away = self._hover - corners[0]
        return bool(away.x() ** 2 + away.y() ** 2 <= CLOSING_PX**2)

    def _paint_brush(self, painter: QPainter, centre: QPointF) -> None:
        if isinstance(self._gesture, SizingGesture):
            color = QColor(self._style.color or self._colors.mask)
            cursor.draw_sizing(painter, centre, self._ring_radius, self._brush, color)
            return
        start = self._line_hint
        if start is not None:
            cursor.draw_line_hint(painter, start, centre)
        erase = self._tool is Tool.ERASER or self._eraser_end
        cursor.draw_ring(painter, centre, self._ring_radius, self._brush.hardness, erase=erase)

    def _show_cursor(self) -> None:
        self.setCursor(self._cursor_shape())

    def _cursor_shape(self) -> Qt.CursorShape:
        if self._is_empty:
            return Qt.CursorShape.ArrowCursor
        if isinstance(self._gesture, DividerGesture) or self._over_divider:
            return Qt.CursorShape.SplitHCursor
        if isinstance(self._gesture, PanGesture):
            return Qt.CursorShape.ClosedHandCursor
        if self._space or self._tool is Tool.PAN:
            return Qt.CursorShape.OpenHandCursor
        if self._document is None:
            return Qt.CursorShape.ArrowCursor
        if self._tool.paints:
            return Qt.CursorShape.BlankCursor  # the ring is the cursor
        if self._tool is not Tool.FRAME:
            return Qt.CursorShape.CrossCursor
        return self._frame_cursor(self._document.frame)

    @property
    def _over_divider(self) -> bool:
        return self._gesture is None and self._hover is not None and self._split_at(self._hover)

    def _frame_cursor(self, frame: Rect) -> Qt.CursorShape:
        (a, b), (c, d) = self.view.axes
        if isinstance(self._gesture, FrameGesture):
            return self._gesture.grip.cursor((a, c), (b, d))
        grip = None
        if self._hover is not None:
            grip = grip_at(self._upright_rect(frame), self._upright(self._hover))
        return grip.cursor((a, c), (b, d)) if grip is not None else Qt.CursorShape.CrossCursor
