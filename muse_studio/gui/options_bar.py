"""The bar above the canvas: the brush's size, hardness and opacity, the mask's commands, and zoom.

Knows nothing about strokes: it shows a `BrushSettings` and tells of the one a person wants.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QLabel, QToolButton

from muse_studio.core.limits import BRUSH_LEAST_PX
from muse_studio.gui.canvas.tools import BrushSettings, Tool
from muse_studio.gui.commands import Actions
from muse_studio.gui.fields import IconButton, SliderField, horizontal, muted, separator
from muse_studio.gui.theme import GRID_PX, Colors

_SIZE_MOST_PX = 1000
"""The slider's end; keys and the canvas may go further."""

_HINTS = {
    Tool.PAN: "Drag to move the view; the wheel zooms at the pointer.",
    Tool.FRAME: "Drag the square to choose what the model sees; drag a corner to resize it.",
}


class OptionsBar(QFrame):
    """Shows the options of the chosen tool."""

    brushChanged = Signal(object)
    """The BrushSettings that a person asks for."""

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self.setObjectName("optionsBar")
        self.setFixedHeight(6 * GRID_PX)
        self.brush_size = SliderField("Size", int(BRUSH_LEAST_PX), _SIZE_MOST_PX, " px", logarithmic=True)
        self.hardness = SliderField("Hardness", 0, 100, " %")
        self.opacity = SliderField("Opacity", 0, 100, " %")
        self.hint: QLabel = muted("")
        self.zoom = QToolButton()
        self.zoom.setToolTip("Show at 100 % (Ctrl+1)")
        self.zoom.setAccessibleName("Zoom, press for 100 %")
        self.zoom.setFixedWidth(10 * GRID_PX)
        self.zoom.clicked.connect(actions["actual_size"].trigger)
        self._icons = self._make_icons(actions)
        self._fields = (self.brush_size, self.hardness, self.opacity)
        self._arrange()
        for field in self._fields:
            field.valueChanged.connect(self._tell)

    def _make_icons(self, actions: Actions) -> dict[str, IconButton]:
        icons = {
            "invert_mask": IconButton("invert", "Invert mask", shortcut="Ctrl+I"),
            "clear_mask": IconButton("clear", "Clear mask", shortcut="Ctrl+D"),
            "fit": IconButton("fit", "Fit in window", shortcut="Ctrl+0"),
        }
        for name, button in icons.items():
            button.follow(actions[name])
        return icons

    def _arrange(self) -> None:
        row = horizontal(self, 2 * GRID_PX, 2 * GRID_PX)
        for field in self._fields:
            row.addWidget(field)
        row.addWidget(self.hint)
        row.addStretch(1)
        row.addWidget(separator())
        for name in ("invert_mask", "clear_mask"):
            row.addWidget(self._icons[name])
        row.addWidget(separator())
        row.addWidget(self._icons["fit"])
        row.addWidget(self.zoom)

    def show_tool(self, tool: Tool) -> None:
        """Brush options for the painting tools, a hint for the others."""
        for field in self._fields:
            field.setVisible(tool.paints)
        self.hint.setText(_HINTS.get(tool, ""))
        self.hint.setVisible(not tool.paints)

    def show_brush(self, settings: BrushSettings) -> None:
        self.brush_size.set_value(settings.size_px)
        self.hardness.set_value(settings.hardness * 100)
        self.opacity.set_value(settings.opacity * 100)

    def show_zoom(self, zoom: float | None) -> None:
        """None: there is nothing to zoom."""
        self.zoom.setText("–" if zoom is None else f"{zoom * 100:.0f} %")
        self.zoom.setEnabled(zoom is not None)

    def _tell(self) -> None:
        settings = BrushSettings(float(self.brush_size.value), self.hardness.value / 100, self.opacity.value / 100)
        self.brushChanged.emit(settings)

    def wear(self, colors: Colors) -> None:
        for button in self._icons.values():
            button.wear(colors)
