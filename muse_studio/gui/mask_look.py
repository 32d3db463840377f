"""How the mask looks over the picture: a little page that opens under its button. Knows nothing of documents."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QIcon, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QToolButton, QWidget

from muse_studio.gui.canvas.overlay import MaskStyle
from muse_studio.gui.fields import SliderField, heading, vertical
from muse_studio.gui.language import follow_language, noop, tr
from muse_studio.gui.theme import GRID_PX, Colors

SWATCHES = (
    (None, noop("The theme's colour")),
    ("#ff3355", noop("Red")),
    ("#ff9500", noop("Orange")),
    ("#ffe600", noop("Yellow")),
    ("#00d26a", noop("Green")),
    ("#00b7ff", noop("Blue")),
    ("#c04cff", noop("Violet")),
)
"""Clear colours far from each other, so that one of them stands out from any picture."""

_SWATCH_PX = 3 * GRID_PX


class MaskLook(QFrame):
    """Colour, opacity, outline only; whether mask and cells are shown at all."""

    changed = Signal(object)
    """The MaskStyle that a person asks for."""

    def __init__(self, parent: QWidget, shown: QAction, cells: QAction) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("maskLook")
        self._style = MaskStyle()
        self._theme_color = "#ff0000"
        self.swatches = [QToolButton() for _ in SWATCHES]
        self.opacity = SliderField(noop("Opacity"), 10, 100, " %")
        self.outline, self.shown, self.cells = QCheckBox(), QCheckBox(), QCheckBox()
        self._title = heading("")
        self._arrange()
        self.opacity.valueChanged.connect(self._change_opacity)
        self.outline.toggled.connect(self._change_outline)
        for box, action in ((self.shown, shown), (self.cells, cells)):
            box.setChecked(action.isChecked())
            box.clicked.connect(action.trigger)
            action.toggled.connect(box.setChecked)
        follow_language(self, self._tell)

    def _arrange(self) -> None:
        column = vertical(self, 2 * GRID_PX, GRID_PX)
        column.addWidget(self._title)
        row = QHBoxLayout()
        row.setSpacing(GRID_PX // 2)
        for swatch, (color, _) in zip(self.swatches, SWATCHES, strict=True):
            swatch.setProperty("kind", "icon")
            swatch.setCheckable(True)
            swatch.setIconSize(QSize(_SWATCH_PX, _SWATCH_PX))
            swatch.setFixedSize(_SWATCH_PX + GRID_PX, _SWATCH_PX + GRID_PX)
            swatch.clicked.connect(lambda _=False, chosen=color: self._change(replace(self._style, color=chosen)))
            row.addWidget(swatch)
        column.addLayout(row)
        for widget in (self.opacity, self.outline, self.shown, self.cells):
            column.addWidget(widget)

    def _tell(self) -> None:
        self.setAccessibleName(tr("Mask look"))
        self._title.setText(tr("Mask look"))
        for swatch, (_, words) in zip(self.swatches, SWATCHES, strict=True):
            swatch.setAccessibleName(tr(words))
            swatch.setToolTip(tr(words))
        for box, words, tip in (
            (self.outline, tr("Outline only"), tr("Show the mask's edge without a colour over the picture")),
            (self.shown, tr("Show the mask"), tr("A hidden mask stays in force")),
            (self.cells, tr("Show the model's cells"), tr("Which cells of the model the mask touches")),
        ):
            box.setText(words)
            box.setToolTip(tip)

    def open_under(self, button: QWidget) -> None:
        """At the lower right corner of its button."""
        self.adjustSize()
        corner = button.mapToGlobal(QPoint(button.width() - self.width(), button.height() + GRID_PX // 2))
        self.move(corner)
        self.show()
        self.swatches[0].setFocus(Qt.FocusReason.PopupFocusReason)

    def show_style(self, style: MaskStyle) -> None:
        self._style = style
        self.opacity.set_value(style.opacity * 100)
        self.outline.blockSignals(True)
        self.outline.setChecked(style.outline)
        self.outline.blockSignals(False)
        for swatch, (color, _) in zip(self.swatches, SWATCHES, strict=True):
            swatch.setChecked(color == style.color)

    def _change_opacity(self, percent: int) -> None:
        self._change(replace(self._style, opacity=percent / 100))

    def _change_outline(self, on: bool) -> None:
        self._change(replace(self._style, outline=on))

    def _change(self, style: MaskStyle) -> None:
        self.show_style(style)
        self.changed.emit(style)

    def wear(self, colors: Colors) -> None:
        self._theme_color = colors.mask
        for swatch, (color, _) in zip(self.swatches, SWATCHES, strict=True):
            swatch.setIcon(_swatch(color or colors.mask, colors.edge, themed=color is None))


def _swatch(color: str, edge: str, *, themed: bool) -> QIcon:
    """A disc of the colour; the theme's with a ring inside."""
    result = QIcon()
    for scale in (1, 2, 3):
        side = _SWATCH_PX * scale
        pixmap = QPixmap(side, side)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(edge), scale))
        painter.setBrush(QColor(color))
        painter.drawEllipse(3 * scale, 3 * scale, side - 6 * scale, side - 6 * scale)
        if themed:
            painter.setPen(QPen(QColor("#ffffff"), 2 * scale))
            painter.drawEllipse(8 * scale, 8 * scale, side - 16 * scale, side - 16 * scale)
        painter.end()
        result.addPixmap(pixmap)
    return result
