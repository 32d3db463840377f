"""The canvas' commands and settings: joins the canvas and the bar above it, and remembers how both were set.

Knows nothing about files, jobs or the model. What the commands do is in the canvas, the stage and `masking`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from PySide6.QtWidgets import QWidget

from muse_studio.core.geometry import Point
from muse_studio.core.selection import Combine
from muse_studio.core.settings import CanvasSettings, Settings
from muse_studio.gui.canvas.overlay import MaskStyle
from muse_studio.gui.canvas.tools import AreaSettings, BrushSettings, Tool
from muse_studio.gui.canvas.view import TURN_STEP_DEGREES, View
from muse_studio.gui.commands import Actions
from muse_studio.gui.comparing import CompareDesk, Comparison
from muse_studio.gui.faults import Faults
from muse_studio.gui.masking import SPREADS, MaskDesk
from muse_studio.gui.options_bar import OptionsBar
from muse_studio.gui.stage import Stage
from muse_studio.gui.theme import Colors


class CanvasDesk:
    """Everything between the window's commands and its canvas."""

    NEEDS_DOCUMENT = (
        *("fit_frame", "turn_left", "turn_right", "turn_upright", "mirror_view"),
        *SPREADS,
        *(mode.value for mode in Comparison),
    )
    """Commands that mean nothing without a document."""

    def __init__(self, parent: QWidget, stage: Stage, faults: Faults) -> None:
        self._stage, self._canvas, self._faults = stage, stage.canvas, faults
        self.masks = MaskDesk(parent, stage.canvas)
        self.compare = CompareDesk(stage.canvas, faults)

    def handlers(self) -> Mapping[str, Callable[..., object]]:
        """What each of the canvas' commands does, by its name."""
        canvas, stage = self._canvas, self._stage
        return {
            **{tool.value: partial(self._choose_tool, tool) for tool in Tool},
            **{name: partial(self._ask_spread, name) for name in SPREADS},
            **{mode.value: partial(self._choose_comparison, mode) for mode in Comparison},
            "fit_frame": canvas.fit_frame,
            "turn_left": lambda: canvas.turn(-TURN_STEP_DEGREES),
            "turn_right": lambda: canvas.turn(TURN_STEP_DEGREES),
            "turn_upright": canvas.turn_upright,
            "mirror_view": self._mirror,
            "overlay": self._show_mask,
            "cells": stage.show_cells,
            "show_frame": stage.show_frame,
        }

    def connect_bar(self, bar: OptionsBar, actions: Actions) -> None:
        """Let canvas and bar show the same, and the tools' commands be checked as they are chosen."""
        canvas, slot = self._canvas, self._faults.slot
        self._bar, self._actions = bar, actions
        canvas.toolChanged.connect(slot(self._tool_changed))
        canvas.brushChanged.connect(slot(bar.show_brush))
        canvas.areasChanged.connect(slot(bar.show_areas))
        canvas.viewChanged.connect(slot(self._view_changed))
        canvas.wandPressed.connect(slot(self._use_wand))
        bar.brushChanged.connect(slot(self._choose_brush))
        bar.areasChanged.connect(slot(self._choose_areas))
        bar.maskStyleChanged.connect(slot(self._choose_look))
        bar.sideChosen.connect(slot(self._stage.size_frame))
        self._tool_changed(canvas.tool)

    # Between starts

    def restore(self, settings: Settings) -> None:
        brush, kept, canvas = settings.brush, settings.canvas, self._canvas
        canvas.brush_settings = BrushSettings(
            brush.size_px, brush.hardness, brush.opacity, brush.pressure_sizes, brush.pressure_fades
        )
        canvas.area_settings = AreaSettings(kept.area, kept.tolerance, kept.contiguous)
        look = replace(self._stage.mask_look, color=kept.mask_color, opacity=kept.mask_opacity)
        self._stage.mask_look = replace(look, outline=kept.mask_outline, visible=kept.mask_shown)
        self._bar.show_brush(canvas.brush_settings)
        self._bar.show_areas(canvas.area_settings)
        self._bar.show_mask_style(self._stage.mask_look)
        self._actions["overlay"].setChecked(kept.mask_shown)
        self._actions["cells"].setChecked(kept.cells)
        self._actions["show_frame"].setChecked(kept.frame_shown)
        self._actions[Comparison.OFF].setChecked(True)

    def remembered(self) -> CanvasSettings:
        look, areas = self._stage.mask_look, self._canvas.area_settings
        return CanvasSettings(
            mask_color=look.color,
            mask_opacity=look.opacity,
            mask_outline=look.outline,
            mask_shown=look.visible,
            cells=self._canvas.show_cells,
            frame_shown=self._canvas.show_frame,
            area=areas.how,
            tolerance=areas.tolerance,
            contiguous=areas.contiguous,
        )

    def refresh(self) -> None:
        """After anything that may have changed the document's layers or its frame."""
        self.compare.refresh()
        document = self._canvas.document
        self._bar.frame_sizes.show_frame(*((document.frame, document.extent) if document else (None, None)))

    def wear(self, colors: Colors) -> None:
        self.compare.beside.set_theme(colors)

    def close(self) -> None:
        self.masks.close()
        self.compare.close()

    # Commands

    def _choose_tool(self, tool: Tool) -> None:
        self._canvas.tool = tool

    def _choose_brush(self, settings: BrushSettings) -> None:
        self._canvas.brush_settings = settings

    def _choose_areas(self, settings: AreaSettings) -> None:
        self._canvas.area_settings = settings

    def _choose_look(self, look: MaskStyle) -> None:
        self._stage.mask_look = look

    def _show_mask(self, shown: bool) -> None:
        self._stage.show_mask(shown)
        self._bar.show_mask_style(self._stage.mask_look)

    def _mirror(self, mirrored: bool) -> None:
        if mirrored != self._canvas.view.mirrored:
            self._canvas.mirror()

    def _choose_comparison(self, mode: Comparison) -> None:
        self.compare.choose(mode)

    def _ask_spread(self, name: str) -> None:
        self._faults.spawn(self.masks.ask_spread(name))

    def _use_wand(self, point: Point, how: Combine) -> None:
        self._faults.spawn(self.masks.wand(point, how))

    # What the canvas tells

    def _tool_changed(self, tool: Tool) -> None:
        for candidate in Tool:
            self._actions[candidate.value].setChecked(candidate is tool)
        self._bar.show_tool(tool)

    def _view_changed(self, view: View) -> None:
        self._bar.show_view(view)
        self._actions["mirror_view"].setChecked(view.mirrored)
