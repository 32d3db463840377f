"""Steps and guidance of both stages, empty where the model's own default holds. Knows nothing about where they go."""

from __future__ import annotations

from typing import Literal

from PySide6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QGridLayout, QSpinBox, QWidget

from muse_studio.core.limits import GUIDANCE_LIMIT, STEPS_LIMIT
from muse_studio.core.request import StagePlan
from muse_studio.gui.fields import dress_number, muted
from muse_studio.gui.model_defaults import ModelDefaults, StageDefaults
from muse_studio.gui.theme import GRID_PX

Stage = Literal["base", "superres"]
STAGE_NAMES: dict[str, str] = {"base": "Composition", "superres": "Detail"}
"""What people read for the paper's base and super-resolution stages."""

_UNSET = -1


class AdvancedFields(QWidget):
    """Two columns, Composition and Detail; each number's lowest position means "the model's default"."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: dict[str, QSpinBox] = {}
        self.guidance: dict[str, QDoubleSpinBox] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GRID_PX)
        grid.setVerticalSpacing(GRID_PX)
        grid.addWidget(muted("Steps"), 1, 0)
        grid.addWidget(muted("Guidance"), 2, 0)
        for column, (stage, name) in enumerate(STAGE_NAMES.items(), start=1):
            grid.addWidget(muted(name), 0, column)
            self.steps[stage] = _steps_field(f"{name} steps")
            self.guidance[stage] = _guidance_field(f"{name} guidance")
            grid.addWidget(self.steps[stage], 1, column)
            grid.addWidget(self.guidance[stage], 2, column)
            grid.setColumnStretch(column, 1)
        self.show_defaults(ModelDefaults())

    def plan(self, stage: Stage) -> StagePlan:
        """What is typed; None where the model's default holds."""
        steps, guidance = self.steps[stage], self.guidance[stage]
        return StagePlan(
            steps=None if steps.value() == steps.minimum() else steps.value(),
            guidance=None if guidance.value() < 0 else guidance.value(),
        )

    def show_plans(self, base: StagePlan, superres: StagePlan) -> None:
        for stage, plan in (("base", base), ("superres", superres)):
            self.steps[stage].setValue(self.steps[stage].minimum() if plan.steps is None else plan.steps)
            self.guidance[stage].setValue(_UNSET if plan.guidance is None else plan.guidance)

    def show_defaults(self, defaults: ModelDefaults) -> None:
        """Say in the empty fields what the model would use."""
        for stage, known in (("base", defaults.base), ("superres", defaults.superres)):
            steps, guidance = _texts(known)
            self.steps[stage].setSpecialValueText(steps)
            self.guidance[stage].setSpecialValueText(guidance)


def _texts(known: StageDefaults) -> tuple[str, str]:
    steps = "default" if known.steps is None else f"default, {known.steps}"
    guidance = "default" if known.guidance is None else f"default, {known.guidance:g}"
    return steps, guidance


def _steps_field(name: str) -> QSpinBox:
    box = QSpinBox()
    box.setRange(0, STEPS_LIMIT)
    _dress(box, name)
    return box


def _guidance_field(name: str) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(_UNSET, GUIDANCE_LIMIT)
    box.setDecimals(1)
    box.setSingleStep(0.5)
    box.setValue(_UNSET)
    _dress(box, name)
    return box


def _dress(box: QAbstractSpinBox, name: str) -> None:
    dress_number(box, name)
    box.setToolTip("Arrow keys change it; the lowest position is the model's own default")
