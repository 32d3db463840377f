"""The bar above the canvas: the options of the chosen tool, the mask's look and commands, and the view.

Knows nothing about strokes or documents; tool_options.py has the fields.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QToolButton

from muse_studio.gui.canvas.overlay import MaskStyle
from muse_studio.gui.canvas.tools import AreaSettings, BrushSettings, Tool
from muse_studio.gui.canvas.view import View
from muse_studio.gui.commands import Actions
from muse_studio.gui.fields import IconButton, horizontal, muted, separator
from muse_studio.gui.language import follow_language, noop, tr
from muse_studio.gui.mask_look import MaskLook
from muse_studio.gui.theme import GRID_PX, Colors
from muse_studio.gui.tool_hints import tool_hint
from muse_studio.gui.tool_options import AreaOptions, BrushOptions, FrameOptions

_ICONS = (
    ("invert_mask", "invert", noop("Invert mask")),
    ("clear_mask", "clear", noop("Clear mask")),
    ("mirror_view", "mirror", noop("Mirror the view")),
    ("fit", "fit", noop("Fit in window")),
)


_ROOMY_PX = 1100
"""A narrower bar has no room for the brush's sliders: their typed values stay."""


class OptionsBar(QFrame):
    """Shows the options of the chosen tool at the left; mask and view at the right."""

    brushChanged = Signal(object)
    """The BrushSettings that a person asks for."""
    areasChanged = Signal(object)
    """The AreaSettings that a person asks for."""
    maskStyleChanged = Signal(object)
    """The MaskStyle that a person asks for."""
    sideChosen = Signal(int)
    """The side of the frame that a person asks for; 0 for the whole picture."""

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self.setObjectName("optionsBar")
        self.setFixedHeight(6 * GRID_PX)
        self._tool = Tool.BRUSH
        self.brush, self.areas, self.frame_sizes = BrushOptions(), AreaOptions(), FrameOptions()
        self.hint: QLabel = muted("")
        self.look_button = IconButton("mask-look", noop("Mask look"))
        self.look = MaskLook(self, actions["overlay"], actions["cells"])
        self.look_button.clicked.connect(self._open_look)
        self.turned, self.zoom = QToolButton(), QToolButton()
        self.zoom.setFixedWidth(9 * GRID_PX)
        self.turned.setFixedWidth(9 * GRID_PX)
        self.zoom.clicked.connect(actions["actual_size"].trigger)
        self.turned.clicked.connect(actions["turn_upright"].trigger)
        self._icons = {name: IconButton(drawing, words) for name, drawing, words in _ICONS}
        for name, button in self._icons.items():
            button.follow(actions[name])
        self._arrange()
        self.brush.changed.connect(self.brushChanged)
        self.areas.changed.connect(self.areasChanged)
        self.frame_sizes.sideChosen.connect(self.sideChosen)
        self.look.changed.connect(self.maskStyleChanged)
        self.show_view(View())
        follow_language(self, self._tell)

    def _arrange(self) -> None:
        row = horizontal(self, 2 * GRID_PX, GRID_PX)
        for widget in (self.brush, self.areas, self.frame_sizes):
            row.addWidget(widget)
        row.addWidget(self.hint, 1)
        row.addStretch(1)
        row.addWidget(separator())
        row.addWidget(self.look_button)
        for name in ("invert_mask", "clear_mask"):
            row.addWidget(self._icons[name])
        row.addWidget(separator())
        row.addWidget(self._icons["mirror_view"])
        row.addWidget(self.turned)
        row.addWidget(self._icons["fit"])
        row.addWidget(self.zoom)

    def _tell(self) -> None:
        self.zoom.setToolTip(tr("Show at 100 % (Ctrl+1)"))
        self.zoom.setAccessibleName(tr("Zoom, press for 100 %"))
        self.turned.setToolTip(tr("The view is turned: press to set it upright (5)"))
        self.turned.setAccessibleName(tr("Turn of the view, press for upright"))
        self.show_tool(self._tool)

    def _open_look(self) -> None:
        self.look.open_under(self.look_button)

    def show_tool(self, tool: Tool) -> None:
        """The tool's own options; a hint where it has none."""
        self._tool = tool
        self.brush.setVisible(tool.paints)
        self.areas.setVisible(tool.selects)
        self.areas.show_tool(tool)
        self.frame_sizes.setVisible(tool is Tool.FRAME)
        plain = tool in (Tool.PAN, Tool.ZOOM)
        self.hint.setText(tool_hint(tool) if plain else "")
        self.hint.setVisible(plain)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.brush.show_sliders(self.width() >= _ROOMY_PX)

    def show_brush(self, settings: BrushSettings) -> None:
        self.brush.show_settings(settings)

    def show_areas(self, settings: AreaSettings) -> None:
        self.areas.show_settings(settings)

    def show_mask_style(self, style: MaskStyle) -> None:
        self.look.show_style(style)

    def show_view(self, view: View) -> None:
        """Whether the view is turned, and by how much."""
        self.turned.setVisible(view.angle != 0.0)
        self.turned.setText(f"{view.angle:.0f}°")

    def show_zoom(self, zoom: float | None) -> None:
        """None: there is nothing to zoom."""
        self.zoom.setText("–" if zoom is None else f"{zoom * 100:.0f} %")
        self.zoom.setEnabled(zoom is not None)

    def wear(self, colors: Colors) -> None:
        for button in (*self._icons.values(), self.look_button):
            button.wear(colors)
        self.brush.wear(colors)
        self.areas.wear(colors)
        self.look.wear(colors)
