"""Steps, guidance and temperature of each stage, empty where the model's own holds. Knows nothing of where they go.

Editing by prompt has iterations and a guidance of its own in place of what Composition has otherwise.
"""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QGridLayout, QLabel, QPushButton, QSpinBox, QWidget

from muse_studio.core.cascade_facts import StagePlanFacts
from muse_studio.core.limits import GUIDANCE_LIMIT, STEPS_LIMIT, TEMPERATURE_LIMIT
from muse_studio.core.request import StagePlan
from muse_studio.gui.fields import dress_number, muted
from muse_studio.gui.language import follow_language, noop, tr
from muse_studio.gui.model_defaults import ModelDefaults
from muse_studio.gui.theme import GRID_PX

Stage = Literal["base", "superres", "edit"]
STAGE_NAMES: dict[str, str] = {"base": noop("Composition"), "superres": noop("Detail")}
"""What people read for the paper's base and super-resolution stages."""

_ROWS: dict[str, str] = {
    "iterations": noop("Iterations"),
    "steps": noop("Steps"),
    "guidance": noop("Guidance"),
    "temperature": noop("Temperature"),
}
_STAGES: dict[Stage, tuple[str, ...]] = {
    "base": ("steps", "guidance", "temperature"),
    "superres": ("steps", "guidance", "temperature"),
    "edit": ("iterations", "guidance"),
}
_EDITING = noop("Edit by prompt")
_TIPS: dict[str, str] = {
    "iterations": noop("How far the edit goes. More follow the prompt further and keep less of the picture."),
    "steps": noop("In how many steps the stage is made. More take longer and are a little finer."),
    "guidance": noop("How closely to follow the prompt. Too much makes colours harsh and shapes odd."),
    "temperature": noop("How daring the order is in which parts are decided. More gives more variety, and more slips."),
}
_EVEN = noop(
    "This model decides evenly over the picture and has no temperature. With a number the surest parts come first."
)
"""Of the order that `muse.plans.StagePlan` calls halton."""
_WHOLE = ("iterations", "steps")
_LIMITS = {
    "iterations": float(STEPS_LIMIT),
    "steps": float(STEPS_LIMIT),
    "guidance": GUIDANCE_LIMIT,
    "temperature": TEMPERATURE_LIMIT,
}
_GUIDANCE_USUAL_MOST = 20.0
"""What a model's own guidance is doubled to at most: no published one gains beyond it."""

_UNSET = -1


class AdvancedFields(QWidget):
    """Two columns, Composition and Detail, or one without a name for a model of one stage.

    Each number's lowest position means “the model's own”.
    """

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
        rows = {name: row for row, name in enumerate(_ROWS, start=1)}
        self._titles = {name: muted(_ROWS[name]) for name in _ROWS}
        self._heads: list[QLabel] = []
        self._with_detail, self._editing = True, False
        for name, title in self._titles.items():
            grid.addWidget(title, rows[name], 0)
        for column, stage_name in enumerate(STAGE_NAMES.values(), start=1):
            self._heads.append(muted(stage_name))
            grid.addWidget(self._heads[-1], 0, column)
            grid.setColumnStretch(column, 1)
        for stage, names in _STAGES.items():
            for name in names:
                box = _whole_field() if name in _WHOLE else _number_field(name)
                box.valueChanged.connect(lambda _: self.edited.emit())
                self.fields[stage, name] = box
                grid.addWidget(box, rows[name], 2 if stage == "superres" else 1)
        self.reset = QPushButton()
        self.reset.clicked.connect(self._reset)
        grid.addWidget(self.reset, len(_ROWS) + 1, 1, 1, 2)
        self.edited.connect(self._mark)
        self.show_editing(False)
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
        values = {_of_plan(name): _value(self.fields[stage, name]) for name in _STAGES[stage]}
        steps = values["steps"]
        return StagePlan(None if steps is None else int(steps), values["guidance"], values.get("temperature"))

    def show_plans(self, base: StagePlan, superres: StagePlan, edit: StagePlan) -> None:
        plans: dict[Stage, StagePlan] = {"base": base, "superres": superres, "edit": edit}
        for stage, plan in plans.items():
            for name in _STAGES[stage]:
                box, value = self.fields[stage, name], getattr(plan, _of_plan(name))
                box.blockSignals(True)
                box.setValue(box.minimum() if value is None else value)  # type: ignore[arg-type]
                box.blockSignals(False)
        self._mark()

    def show_editing(self, editing: bool) -> None:
        """Whether a picture is edited by prompt, so that the fields of that are there instead of Composition's."""
        self._editing = editing
        for (stage, _), box in self.fields.items():
            box.setVisible(self._with_detail if stage == "superres" else (stage == "edit") == editing)
        self._titles["iterations"].setVisible(editing)
        for name in ("steps", "temperature"):  # of an edit they are those of Detail alone
            self._titles[name].setVisible(self._with_detail or not editing)

    def show_model(self, defaults: ModelDefaults, *, with_detail: bool = True) -> None:
        """Say in the empty fields what the model would use. with_detail: whether it has a second stage."""
        self._defaults, self._with_detail = defaults, with_detail
        for head in self._heads:
            head.setVisible(with_detail)
        self.show_editing(self._editing)
        self._tell()

    def _reset(self) -> None:
        """The model's own everywhere."""
        self.show_plans(StagePlan(), StagePlan(), StagePlan())
        self.edited.emit()

    def _mark(self) -> None:
        self.reset.setEnabled(any(self.plan(stage) != StagePlan() for stage in _STAGES))

    def _tell(self) -> None:
        self.reset.setText(tr("Use the model's own"))
        self.reset.setToolTip(tr("Empty all fields, so that the model's own numbers hold"))
        for (stage, name), box in self.fields.items():
            known = getattr(self._stage(stage), _of_plan(name))
            even = name == "temperature" and known is None and self._stage(stage).steps is not None
            own = tr("model's own") if known is None else tr("own: {number}", number=f"{known:g}")
            box.setSpecialValueText(tr("own: even") if even else own)
            title = tr("{stage}: {what}", stage=tr(STAGE_NAMES.get(stage, _EDITING)), what=tr(_ROWS[name]))
            if stage == "base" and not self._with_detail:
                title = tr(_ROWS[name])
            box.setAccessibleName(title)
            box.setToolTip(f"{title}\n{tr(_TIPS[name])}\n{tr(_EVEN) if even else self._range(name, known)}")
        self._mark()

    def _stage(self, stage: str) -> StagePlanFacts:
        found: StagePlanFacts = getattr(self._defaults, stage)
        return found

    def _range(self, name: str, known: float | None) -> str:
        """What is usual for this model, and what is the most."""
        most = f"{_LIMITS[name]:g}"
        if not known:
            return tr("At most {most}; the lowest position is the model's own.", most=most)
        low, high = known / 3, min(2 * known, _LIMITS[name])
        if name == "guidance":
            high = min(high, max(known, _GUIDANCE_USUAL_MOST))
        if name in _WHOLE:
            low, high = max(1, round(low)), round(high)
        return tr(
            "Usual for this model: {low} to {high}; at most {most}. The lowest position is its own, {own}.",
            low=f"{low:.2g}",
            high=f"{high:.3g}",
            most=most,
            own=f"{known:g}",
        )


def _of_plan(name: str) -> str:
    """What a plan calls it."""
    return "steps" if name == "iterations" else name


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
