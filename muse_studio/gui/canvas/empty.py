"""What the canvas shows when there is no document: an invitation. Knows nothing of files or prompts."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen

from muse_studio.gui.theme import Colors

CARD_WIDTH_PX, CARD_HEIGHT_PX = 480.0, 272.0
ICON_PX = 72.0


def draw_empty(painter: QPainter, area: QRectF, colors: Colors, title: str, text: str, *, lit: bool) -> None:
    """A dashed card in the middle with an icon, a title and a line of text. lit: something is held over it."""
    card = _card(area)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _draw_card(painter, card, colors, lit=lit)
    room = card.adjusted(24, 16, -24, -16)
    fonts = _heading_font(painter.font()), painter.font()
    title_box, text_box = (
        _words_box(painter, font, room, words) for font, words in zip(fonts, (title, text), strict=True)
    )
    top = card.center().y() - (ICON_PX + 20 + title_box.height() + 8 + text_box.height()) / 2
    _draw_icon(painter, QRectF(card.center().x() - ICON_PX / 2, top, ICON_PX, ICON_PX), colors)
    title_box.moveTop(top + ICON_PX + 20)
    text_box.moveTop(title_box.bottom() + 8)
    _draw_words(painter, title_box, title, fonts[0], QColor(colors.text))
    _draw_words(painter, text_box, text, fonts[1], QColor(colors.text_muted))
    painter.restore()


def _card(area: QRectF) -> QRectF:
    size = QRectF(0, 0, min(CARD_WIDTH_PX, area.width() - 32), min(CARD_HEIGHT_PX, area.height() - 32))
    size.moveCenter(area.center())
    return QRectF(round(size.x()), round(size.y()), size.width(), size.height())


def _draw_card(painter: QPainter, card: QRectF, colors: Colors, *, lit: bool) -> None:
    ground = QColor(colors.accent_soft if lit else colors.window)
    ground.setAlphaF(1.0 if lit else 0.6)
    pen = QPen(QColor(colors.accent if lit else colors.edge), 2.0 if lit else 1.5)
    pen.setDashPattern([5.0, 4.0])
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.setBrush(ground)
    painter.drawRoundedRect(card.adjusted(1, 1, -1, -1), 16, 16)


def _draw_icon(painter: QPainter, box: QRectF, colors: Colors) -> None:
    """A picture with a sun and hills, one corner of which is still forming out of cells."""
    unit = box.width() / 24
    pen = QPen(QColor(colors.text_muted), 1.5 * unit)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(_outline(box.topLeft(), unit))
    painter.drawEllipse(box.topLeft() + QPointF(8.25, 9.25) * unit, 1.6 * unit, 1.6 * unit)
    painter.setPen(Qt.PenStyle.NoPen)
    for x, y, strength in _FORMING:
        color = QColor(colors.accent)
        color.setAlphaF(strength)
        painter.setBrush(color)
        cell = QRectF(box.left() + x * unit, box.top() + y * unit, 2.5 * unit, 2.5 * unit)
        painter.drawRoundedRect(cell, 0.6 * unit, 0.6 * unit)


_FORMING = (
    (14.5, 3.0, 1.0),
    (18.0, 3.0, 0.75),
    (21.5, 3.0, 0.4),
    (18.0, 6.5, 1.0),
    (21.5, 6.5, 0.7),
    (21.5, 10.0, 1.0),
)


def _outline(origin: QPointF, unit: float) -> QPainterPath:
    """The frame, open at its top right, and the hills, on a 24-unit grid."""
    path = QPainterPath(origin + QPointF(11.5, 4) * unit)
    path.lineTo(origin + QPointF(5, 4) * unit)
    path.quadTo(origin + QPointF(2.5, 4) * unit, origin + QPointF(2.5, 6.5) * unit)
    path.lineTo(origin + QPointF(2.5, 18.5) * unit)
    path.quadTo(origin + QPointF(2.5, 21) * unit, origin + QPointF(5, 21) * unit)
    path.lineTo(origin + QPointF(19.5, 21) * unit)
    path.quadTo(origin + QPointF(22, 21) * unit, origin + QPointF(22, 18.5) * unit)
    path.lineTo(origin + QPointF(22, 15.5) * unit)
    path.moveTo(origin + QPointF(2.5, 18) * unit)
    path.lineTo(origin + QPointF(7.5, 13.5) * unit)
    path.lineTo(origin + QPointF(11, 16.5) * unit)
    path.lineTo(origin + QPointF(15, 12.5) * unit)
    path.lineTo(origin + QPointF(22, 18.5) * unit)
    return path


def _heading_font(body: QFont) -> QFont:
    font = QFont(body)
    font.setPointSizeF(body.pointSizeF() * 1.4)
    font.setWeight(QFont.Weight.DemiBold)
    return font


_CENTRED = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)


def _words_box(painter: QPainter, font: QFont, room: QRectF, words: str) -> QRectF:
    """As wide as the room, as high as the words need."""
    height = QFontMetricsF(font, painter.device()).boundingRect(room, _CENTRED, words).height()
    return QRectF(room.left(), room.top(), room.width(), height)


def _draw_words(painter: QPainter, box: QRectF, words: str, font: QFont, color: QColor) -> None:
    painter.setFont(font)
    painter.setPen(color)
    painter.drawText(box, _CENTRED, words)
