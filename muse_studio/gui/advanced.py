"""Steps, guidance and temperature of both stages, empty where the model's own holds. Knows nothing of where they go."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QGridLayout, QPushButton, QSpinBox, QWidget

from muse_studio.core.limits import GUIDANCE_LIMIT, STEPS_LIMIT, TEMPERATURE_LIMIT
from muse_studio.core.request import StagePlan
from muse_studio.gui.fields import dress_number, muted
from muse_studio.gui.language import follow_language, noop, tr
from muse_studio.gui.model_defaults import ModelDefaults, StageDefaults
from muse_studio.gui.theme import GRID_PX

Stage = Literal["base", "superres"]
STAGE_NAMES: dict[str, str] = {"base": noop("Composition"), "superres": noop("Detail")}
"""What people read for the paper's base and super-resolution stages."""

_ROWS: dict[str, str] = {
    "steps": noop("Steps"),
    "guidance": noop("Guidance"),
    "temperature": noop("Temperature"),
}
_TIPS: dict[str, str] = {
    "steps": noop("In how many steps the stage is made. More take longer and are a little finer."),
    "guidance": noop("How closely to follow the prompt. Too much makes colours harsh and shapes odd."),
    "temperature": noop("How daring the order is in which parts are decided. More gives more variety, and more slips."),
}
_LIMITS = {"steps": float(STEPS_LIMIT), "guidance": GUIDANCE_LIMIT, "temperature": TEMPERATURE_LIMIT}
_UNSET = -1


class AdvancedFields(QWidget):
    """Two columns, Composition and Detail; each number's lowest position means "the model's own"."""

    edited = Signal()
    """By a person; `show_plans` is silent."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[tuple[str, str], QSpinBox | QDoubleSpinBox] = {}
        self._defaults = ModelDefaults()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GRID_PX)
        grid.setVerticalSpacing(GRID_PX // 2)
        for row, name in enumerate(_ROWS, start=1):
            grid.addWidget(muted(_ROWS[name]), row, 0)
        for column, (stage, title) in enumerate(STAGE_NAMES.items(), start=1):
            grid.addWidget(muted(title), 0, column)
            grid.setColumnStretch(column, 1)
            for row, name in enumerate(_ROWS, start=1):
                box = _whole_field() if name == "steps" else _number_field(name)
                box.valueChanged.connect(lambda _: self.edited.emit())
                self.fields[stage, name] = box
                grid.addWidget(box, row, column)
        self.reset = QPushButton()
        self.reset.clicked.connect(self._reset)
        grid.addWidget(self.reset, len(_ROWS) + 1, 1, 1, 2)
        self.edited.connect(self._mark)
        follow_language(self, self._tell)

    @property
    def steps(self) -> dict[str, QSpinBox | QDoubleSpinBox]:
        """The fields of the steps, by stage."""
        return {stage: self.fields[stage, "steps"] for stage in STAGE_NAMES}

    @property
    def guidance(self) -> dict[str, QSpinBox | QDoubleSpinBox]:
        """The fields of the guidance, by stage."""
        return {stage: self.fields[stage, "guidance"] for stage in STAGE_NAMES}

    def plan(self, stage: Stage) -> StagePlan:
        """What is typed; None where the model's own holds."""
        values = {name: _value(self.fields[stage, name]) for name in _ROWS}
        steps = values["steps"]
        return StagePlan(None if steps is None else int(steps), values["guidance"], values["temperature"])

    def show_plans(self, base: StagePlan, superres: StagePlan) -> None:
        for stage, plan in (("base", base), ("superres", superres)):
            for name in _ROWS:
                box, value = self.fields[stage, name], getattr(plan, name)
                box.blockSignals(True)
                box.setValue(box.minimum() if value is None else value)  # type: ignore[arg-type]
                box.blockSignals(False)
        self._mark()

    def show_defaults(self, defaults: ModelDefaults) -> None:
        """Say in the empty fields what the model would use."""
        self._defaults = defaults
        self._tell()

    def _reset(self) -> None:
        """The model's own everywhere."""
        self.show_plans(StagePlan(), StagePlan())
        self.edited.emit()

    def _mark(self) -> None:
        changed = (self.plan("base"), self.plan("superres")) != (StagePlan(), StagePlan())
        self.reset.setEnabled(changed)

    def _tell(self) -> None:
        self.reset.setText(tr("Use the model's own"))
        self.reset.setToolTip(tr("Empty all six fields, so that the model's own numbers hold"))
        for (stage, name), box in self.fields.items():
            known = getattr(self._stage(stage), name)
            own = tr("model's own") if known is None else tr("own: {number}", number=f"{known:g}")
            box.setSpecialValueText(own)
            title = tr("{stage}: {what}", stage=tr(STAGE_NAMES[stage]), what=tr(_ROWS[name]))
            box.setAccessibleName(title)
            box.setToolTip(f"{title}\n{tr(_TIPS[name])}\n{self._range(name, known)}")
        self._mark()

    def _stage(self, stage: str) -> StageDefaults:
        return self._defaults.base if stage == "base" else self._defaults.superres

    def _range(self, name: str, known: float | None) -> str:
        """What is usual for this model, and what is the most."""
        most = f"{_LIMITS[name]:g}"
        if not known:
            return tr("At most {most}; the lowest position is the model's own.", most=most)
        low, high = known / 3, min(2 * known, _LIMITS[name])
        if name == "steps":
            low, high = max(1, round(low)), round(high)
        return tr(
            "Usual for this model: {low} to {high}; at most {most}. The lowest position is its own, {own}.",
            low=f"{low:.2g}",
            high=f"{high:.3g}",
            most=most,
            own=f"{known:g}",
        )


def _value(box: QSpinBox | QDoubleSpinBox) -> float | None:
    return None if box.value() == box.minimum() else box.value()


def _whole_field() -> QSpinBox:
    box = QSpinBox()
    box.setRange(0, STEPS_LIMIT)
    _dress(box)
    return box


def _number_field(name: str) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(_UNSET, _LIMITS[name])
    box.setDecimals(2)
    box.setSingleStep(0.5)
    box.setValue(_UNSET)
    _dress(box)
    return box


def _dress(box: QAbstractSpinBox) -> None:
    dress_number(box, "")
