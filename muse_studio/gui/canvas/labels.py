"""Small dark labels that read on any picture. Knows nothing of what they say."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter

PADDING_PX = 8
RADIUS_PX = 5.0
_GROUND, _RIM, _TEXT = QColor(18, 19, 22, 225), QColor(255, 255, 255, 40), QColor(245, 245, 247)


def pill_rect(metrics: QFontMetrics, text: str) -> QRectF:
    """A rectangle at the origin that holds the text and its padding."""
    return QRectF(0, 0, metrics.horizontalAdvance(text) + 2 * PADDING_PX, metrics.height() + PADDING_PX)


def draw_pill(painter: QPainter, box: QRectF, text: str) -> None:
    """The text in the middle of a rounded dark box; never read as markup."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(_RIM)
    painter.setBrush(_GROUND)
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_PX, RADIUS_PX)
    painter.setPen(_TEXT)
    painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)
    painter.restore()
