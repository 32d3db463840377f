"""Asks what shall be different from a step on: words, seed, guidance, mask. Knows nothing of how it is made.

It never blocks: open it, and hear `accepted`.
"""

from __future__ import annotations

import secrets

from PySide6.QtCore import QRegularExpression, Qt
from PySide6.QtGui import QImage, QPixmap, QRegularExpressionValidator
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QRadioButton,
    QWidget,
)

from muse_studio.core.branching import BranchWish, same_wish
from muse_studio.core.limits import GUIDANCE_LIMIT, SEED_LIMIT
from muse_studio.core.model_shape import is_only_stage
from muse_studio.core.request import clean_prompt
from muse_studio.core.runs import Run, RunStep
from muse_studio.gui.fields import dress_number, heading, horizontal, muted, vertical
from muse_studio.gui.language import tr
from muse_studio.gui.theme import GRID_PX
from muse_studio.gui.timeline.words import step_title

_WIDTH_PX = 60 * GRID_PX
_PICTURE_PX = 12 * GRID_PX
_DIGITS = 2
_UNSET = -0.1
"""Below every guidance: the model's own."""


class BranchDialog(QDialog):
    """One step to go on from. `wish` is what is asked for, `remasks` whether under the mask as it is now."""

    def __init__(
        self, parent: QWidget, run: Run, variation: int, step: RunStep, picture: QImage | None, *, can_remask: bool
    ) -> None:
        super().__init__(parent)
        self.setObjectName("branchDialog")
        self.setWindowTitle(tr("Branch here"))
        self.setMinimumWidth(_WIDTH_PX)
        same = same_wish(run, variation)
        self.prompt = _words_field(tr("Prompt"), same.prompt, tr("What to see from here on"), 3)
        self.negative = _words_field(tr("Negative prompt"), same.negative_prompt, tr("Optional"), 1)
        self.same_seed, self.new_seed = QRadioButton(tr("&Same")), QRadioButton(tr("&Other:"))
        self.seed = QLineEdit(str(secrets.randbelow(SEED_LIMIT)))
        self.base = _guidance_field(tr("Guidance of composition"), same.base_guidance)
        self.superres = _guidance_field(tr("Guidance of detail"), same.superres_guidance)
        self.same_mask, self.new_mask = QRadioButton(tr("As it &was")), QRadioButton(tr("The mask &now"))
        self._was = same
        self._dress(run, can_remask=can_remask)
        self._arrange(run, step, picture)

    def _dress(self, run: Run, *, can_remask: bool) -> None:
        self.same_seed.setChecked(True)
        self.same_seed.setToolTip(tr("With nothing else changed, the same picture comes again"))
        self.new_seed.setToolTip(tr("The steps from here on are drawn by other chances"))
        self.seed.setValidator(QRegularExpressionValidator(QRegularExpression(r"\d{1,10}"), self.seed))
        self.seed.setAccessibleName(tr("Other seed"))
        self.seed.textEdited.connect(lambda: self.new_seed.setChecked(True))
        self._groups = [QButtonGroup(self), QButtonGroup(self)]
        for group, buttons in zip(
            self._groups, ((self.same_seed, self.new_seed), (self.same_mask, self.new_mask)), strict=True
        ):
            for button in buttons:
                group.addButton(button)
        self.same_mask.setText(tr("As it &was") if run.request.mask is not None else tr("&Without a mask, as it was"))
        self.same_mask.setChecked(True)
        self.new_mask.setEnabled(can_remask)
        if can_remask:
            self.new_mask.setToolTip(tr("Go on only under what is painted now; the rest stays as it is on the canvas"))
        elif run.is_edit:
            self.new_mask.setToolTip(tr("An edit by prompt goes on over the whole picture"))
        else:
            self.new_mask.setToolTip(tr("Paint a mask inside this picture's frame first"))

    def _arrange(self, run: Run, step: RunStep, picture: QImage | None) -> None:
        head = QWidget()
        row = horizontal(head, 0, 2 * GRID_PX)
        if picture is not None:
            row.addWidget(_picture(picture, self.devicePixelRatioF()))
        told = QWidget()
        words = vertical(told, 0, GRID_PX // 2)
        words.addStretch(1)
        words.addWidget(heading(step_title(run, step)))
        words.addWidget(muted(_what_stays(run, step), wrap=True))
        words.addStretch(1)
        row.addWidget(told, 1)
        column = vertical(self, 3 * GRID_PX, GRID_PX)
        column.addWidget(head)
        column.addSpacing(GRID_PX)
        for label, field in ((tr("&Prompt"), self.prompt), (tr("&Negative prompt"), self.negative)):
            name = QLabel(label)
            name.setBuddy(field)
            column.addWidget(name)
            column.addWidget(field)
        column.addSpacing(GRID_PX)
        column.addLayout(self._grid(with_detail=not _has_one_stage(run, step)))
        column.addSpacing(GRID_PX)
        column.addWidget(self._buttons())

    def _grid(self, *, with_detail: bool) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * GRID_PX)
        grid.setVerticalSpacing(GRID_PX)
        seeds = QWidget()
        row = horizontal(seeds, 0, GRID_PX)
        row.addWidget(self.same_seed)
        row.addSpacing(GRID_PX)
        row.addWidget(self.new_seed)
        row.addWidget(self.seed, 1)
        guidance = QWidget()
        row = horizontal(guidance, 0, GRID_PX)
        composition = muted(tr("Composition"))
        row.addWidget(composition)
        composition.setVisible(with_detail)
        row.addWidget(self.base)
        row.addSpacing(GRID_PX)
        detail = muted(tr("Detail"))
        row.addWidget(detail)
        row.addWidget(self.superres)
        row.addStretch(1)
        detail.setVisible(with_detail)
        self.superres.setVisible(with_detail)
        masks = QWidget()
        row = horizontal(masks, 0, GRID_PX)
        row.addWidget(self.same_mask)
        row.addSpacing(GRID_PX)
        row.addWidget(self.new_mask)
        row.addStretch(1)
        for number, (label, field) in enumerate(((tr("Seed"), seeds), (tr("Guidance"), guidance), (tr("Mask"), masks))):
            grid.addWidget(QLabel(label), number, 0)
            grid.addWidget(field, number, 1)
        grid.setColumnStretch(1, 1)
        return grid

    def _buttons(self) -> QDialogButtonBox:
        box = QDialogButtonBox()
        self.go = box.addButton(tr("&Branch"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.go.setDefault(True)
        self.go.setToolTip(tr("Make the rest of the picture (Ctrl+Enter)"))
        box.addButton(tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        self.go.setShortcut("Ctrl+Return")
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        return box

    @property
    def wish(self) -> BranchWish:
        typed = min(int(self.seed.text() or "0"), SEED_LIMIT - 1)
        return BranchWish(
            clean_prompt(self.prompt.toPlainText()).text,
            clean_prompt(self.negative.toPlainText()).text,
            self._was.seed if self.same_seed.isChecked() else typed,
            _guidance(self.base, self._was.base_guidance),
            _guidance(self.superres, self._was.superres_guidance),
        )

    @property
    def remasks(self) -> bool:
        return self.new_mask.isChecked()


def _what_stays(run: Run, step: RunStep) -> str:
    if run.is_edit and step.stage != "base":
        return tr(
            "All iterations stay. The detail is made anew with what you choose here, as another run; this one is kept."
        )
    if run.is_edit:
        return tr(
            "{count} of {total} iterations are made and stay. The others are made with what you choose here, "
            "as another run; this one is kept.",
            count=run.iterations(step),
            total=step.total,
        )
    return tr(
        "{percent} % of this stage is decided and stays. The rest is made with what you choose here, "
        "as another run; this one is kept.",
        percent=round(100 * run.share_decided(step)),
    )


def _has_one_stage(run: Run, step: RunStep) -> bool:
    return is_only_stage(step.stage, len(step.confidence), run.request.size)


def _words_field(name: str, text: str, hint: str, lines: int) -> QPlainTextEdit:
    field = QPlainTextEdit(text)
    field.setAccessibleName(name)
    field.setPlaceholderText(hint)
    field.setTabChangesFocus(True)
    field.setFixedHeight(field.fontMetrics().lineSpacing() * lines + 3 * GRID_PX)
    return field


def _guidance_field(name: str, value: float | None) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(_UNSET, GUIDANCE_LIMIT)
    box.setDecimals(_DIGITS)
    box.setSingleStep(0.5)
    box.setSpecialValueText(tr("Model's own"))
    box.setFixedWidth(14 * GRID_PX)
    box.setToolTip(tr("How closely to follow the prompt, 0 to 30"))
    box.setValue(_UNSET if value is None else value)
    dress_number(box, name)
    return box


def _guidance(box: QDoubleSpinBox, before: float | None) -> float | None:
    """What is typed; a value that was not touched keeps all its digits."""
    if box.value() < 0:
        return None
    typed = round(box.value(), _DIGITS)
    return before if before is not None and round(before, _DIGITS) == typed else typed


def _picture(image: QImage, ratio: float) -> QLabel:
    side = round(_PICTURE_PX * ratio)
    mode = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    pixmap = QPixmap.fromImage(image.scaled(side, side, *mode))
    pixmap.setDevicePixelRatio(ratio)
    label = QLabel()
    label.setPixmap(pixmap)
    return label
