"""The options of the tools, as the bar above the canvas shows them: of brushes, of areas and the wand, of the frame.

Each shows one settings value and tells of the one that a person wants. Knows nothing about strokes or documents.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QToolButton, QWidget

from muse_studio.core.geometry import Extent, Rect
from muse_studio.core.limits import BRUSH_LEAST_PX
from muse_studio.core.selection import Combine
from muse_studio.gui.canvas.tools import TOLERANCE_LIMIT, AreaSettings, BrushSettings, Sample, Tool
from muse_studio.gui.fields import IconButton, SliderField, horizontal
from muse_studio.gui.language import follow_language, noop, tr
from muse_studio.gui.theme import GRID_PX, Colors

_SIZE_MOST_PX = 1000
"""The slider's end; keys and the canvas may go further."""

_WAYS = (
    (Combine.REPLACE, "area-new", noop("New mask: what is marked becomes the mask")),
    (Combine.ADD, "area-add", noop("Add to the mask (Shift)")),
    (Combine.SUBTRACT, "area-subtract", noop("Take away from the mask (Alt)")),
    (Combine.INTERSECT, "area-intersect", noop("Keep only the overlap (Shift+Alt)")),
)


class BrushOptions(QWidget):
    """Size, hardness and opacity, and what a pen's pressure changes."""

    changed = Signal(object)
    """The BrushSettings that a person asks for."""

    def __init__(self) -> None:
        super().__init__()
        self.size_px = SliderField(noop("Size"), int(BRUSH_LEAST_PX), _SIZE_MOST_PX, " px", logarithmic=True)
        self.hardness = SliderField(noop("Hardness"), 0, 100, " %")
        self.opacity = SliderField(noop("Opacity"), 0, 100, " %")
        self.pressure_sizes = IconButton("pressure-size", noop("Pen pressure changes the size"))
        self.pressure_fades = IconButton("pressure-opacity", noop("Pen pressure changes the opacity"))
        row = horizontal(self, 0, GRID_PX)
        for field in (self.size_px, self.hardness, self.opacity):
            row.addWidget(field)
            field.valueChanged.connect(self._tell)
        for button in (self.pressure_sizes, self.pressure_fades):
            button.make_toggle()
            row.addWidget(button)
            button.clicked.connect(self._tell)

    def show_settings(self, settings: BrushSettings) -> None:
        self.size_px.set_value(settings.size_px)
        self.hardness.set_value(settings.hardness * 100)
        self.opacity.set_value(settings.opacity * 100)
        self.pressure_sizes.setChecked(settings.pressure_sizes)
        self.pressure_fades.setChecked(settings.pressure_fades)

    def show_sliders(self, shown: bool) -> None:
        for field in (self.size_px, self.hardness, self.opacity):
            field.slider.setVisible(shown)

    def _tell(self) -> None:
        sizes, fades = self.pressure_sizes.isChecked(), self.pressure_fades.isChecked()
        hardness, opacity = self.hardness.value / 100, self.opacity.value / 100
        self.changed.emit(BrushSettings(float(self.size_px.value), hardness, opacity, sizes, fades))

    def wear(self, colors: Colors) -> None:
        for button in (self.pressure_sizes, self.pressure_fades):
            button.wear(colors)


class AreaOptions(QWidget):
    """How a new area joins the mask; for the magic wand, what counts as the same colour."""

    changed = Signal(object)
    """The AreaSettings that a person asks for."""

    def __init__(self) -> None:
        super().__init__()
        self.ways = {how: IconButton(drawing, words) for how, drawing, words in _WAYS}
        self.tolerance = SliderField(noop("Tolerance"), 0, TOLERANCE_LIMIT, "")
        self.contiguous = IconButton("contiguous", noop("Only what is joined to the pixel you click"))
        self.layer = QToolButton()
        self.layer.setProperty("kind", "chip")
        self.layer.setCheckable(True)
        self.layer.clicked.connect(self._tell)
        row = horizontal(self, 0, GRID_PX // 2)
        group = QButtonGroup(self)
        for button in self.ways.values():
            button.make_toggle()
            group.addButton(button)
            row.addWidget(button)
            button.clicked.connect(self._tell)
        row.addSpacing(2 * GRID_PX)
        row.addWidget(self.tolerance)
        row.addSpacing(GRID_PX)
        row.addWidget(self.contiguous)
        row.addSpacing(GRID_PX)
        row.addWidget(self.layer)
        self.contiguous.make_toggle()
        self.contiguous.clicked.connect(self._tell)
        self.tolerance.valueChanged.connect(self._tell)
        follow_language(self, self._say)

    def _say(self) -> None:
        self.layer.setText(tr("This layer"))
        self.layer.setToolTip(tr("Compare the colours of the active layer, not of the whole picture"))

    def show_tool(self, tool: Tool) -> None:
        for widget in (self.tolerance, self.contiguous, self.layer):
            widget.setVisible(tool is Tool.WAND)

    def show_settings(self, settings: AreaSettings) -> None:
        self.ways[settings.how].setChecked(True)
        self.tolerance.set_value(settings.tolerance)
        self.contiguous.setChecked(settings.contiguous)
        self.layer.setChecked(settings.sample is Sample.LAYER)

    def _tell(self) -> None:
        how = next(how for how, button in self.ways.items() if button.isChecked())
        sample = Sample.LAYER if self.layer.isChecked() else Sample.PICTURE
        contiguous = self.contiguous.isChecked()
        self.changed.emit(AreaSettings(how, self.tolerance.value, contiguous, sample))

    def wear(self, colors: Colors) -> None:
        for button in (*self.ways.values(), self.contiguous):
            button.wear(colors)


class FrameOptions(QWidget):
    """Sizes of the frame to choose with one press."""

    sideChosen = Signal(int)
    """The frame's side in document pixels; 0 for all of the picture."""

    def __init__(self, sides_px: Sequence[int] = (512, 768, 1024)) -> None:
        super().__init__()
        self.buttons: dict[int, QToolButton] = {}
        row = horizontal(self, 0, GRID_PX)
        for side in (*sides_px, 0):
            button = self.buttons[side] = QToolButton()
            button.setProperty("kind", "chip")
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, chosen=side: self.sideChosen.emit(chosen))
            row.addWidget(button)
        follow_language(self, self._tell)

    def _tell(self) -> None:
        for side, button in self.buttons.items():
            button.setText(f"{side} px" if side else tr("Whole picture"))
            name = tr("A frame of {side} × {side} pixels", side=side) if side else tr("A frame of the whole picture")
            button.setAccessibleName(name)
            button.setToolTip(name)

    def show_frame(self, frame: Rect | None, extent: Extent | None) -> None:
        """Light the size that the frame has now; None: there is no frame."""
        self.setEnabled(frame is not None)
        whole = frame is not None and extent is not None and frame.contains_rect(Rect.of(extent))
        for side, button in self.buttons.items():
            button.setChecked(frame is not None and (frame.width == side or (side == 0 and whole)))
