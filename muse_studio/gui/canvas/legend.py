"""What the cells mean, in words, in a corner of the canvas. Knows nothing of documents; cells.py counts.

Coordinates are the widget's own (logical pixels).
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen

from muse_studio.gui.canvas.cells import TouchedCells
from muse_studio.gui.canvas.ghost import BASE_LINE, DETAIL_LINE
from muse_studio.gui.language import tr

_MARGIN_PX, _PADDING_PX, _GAP_PX = 12, 10, 8
_GROUND, _RIM, _TEXT = QColor(18, 19, 22, 225), QColor(255, 255, 255, 40), QColor(245, 245, 247)
_SAMPLES_PX = (14, 6)
"""A large and a small cell beside their lines of text."""


def legend_lines(cells: TouchedCells) -> tuple[str, ...]:
    """What a person is told about the cells that the mask touches: a line for each grid."""
    large = int(cells.base.sum())
    if cells.detail is None:
        return (tr("{count} of {total} cells are made anew", count=large, total=cells.base.size),)
    small = int(cells.detail.sum())
    return (
        tr("Composition: {count} of {total} large cells are made anew", count=large, total=cells.base.size),
        tr("Detail: {count} of {total} small cells are made anew", count=small, total=cells.detail.size),
    )


def legend_size(metrics: QFontMetrics, lines: tuple[str, ...]) -> QSize:
    width = max(metrics.horizontalAdvance(line) for line in lines) + _SAMPLES_PX[0] + _GAP_PX + 2 * _PADDING_PX
    rows = len(lines) * metrics.height() + (len(lines) - 1) * (_GAP_PX // 2)
    return QSize(width, rows + 2 * _PADDING_PX)


def legend_box(viewport: QRect, size: QSize) -> QRect:
    """At the lower left of the viewport."""
    top = viewport.bottom() + 1 - _MARGIN_PX - size.height()
    return QRect(viewport.left() + _MARGIN_PX, top, size.width(), size.height())


def draw_legend(painter: QPainter, box: QRect, lines: tuple[str, ...]) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(_RIM)
    painter.setBrush(_GROUND)
    painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
    row_px = painter.fontMetrics().height()
    top = box.top() + _PADDING_PX
    for line, color, side in zip(lines, (BASE_LINE, DETAIL_LINE), _SAMPLES_PX, strict=False):
        middle = QPointF(box.left() + _PADDING_PX + _SAMPLES_PX[0] / 2, top + row_px / 2)
        painter.setPen(QPen(color, 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(middle.x() - side / 2, middle.y() - side / 2, side, side))
        painter.setPen(_TEXT)
        left = box.left() + _PADDING_PX + _SAMPLES_PX[0] + _GAP_PX
        painter.drawText(QRectF(left, top, box.width(), row_px), int(Qt.AlignmentFlag.AlignVCenter), line)
        top += row_px + _GAP_PX // 2
    painter.restore()
