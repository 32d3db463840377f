"""The panel at the right: what to make, and how. Knows nothing about documents, jobs or the client.

It offers `wishes` to whoever handles `generateRequested`; progress lives in `ActionArea` under it.
"""

from __future__ import annotations

import secrets

from PySide6.QtCore import QEvent, QRegularExpression, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QRegularExpressionValidator, QTextCursor
from PySide6.QtWidgets import QFrame, QLineEdit, QPlainTextEdit, QScrollArea, QToolButton, QWidget

from muse_studio.core.limits import SEED_LIMIT
from muse_studio.core.wishes import Wishes
from muse_studio.gui.action_area import ActionArea
from muse_studio.gui.advanced import AdvancedFields
from muse_studio.gui.fields import Disclosure, FlowLayout, IconButton, heading, horizontal, muted, vertical
from muse_studio.gui.presets import Idea, Presets, Style, style_of, with_style
from muse_studio.gui.theme import GRID_PX, Colors

PANEL_WIDTH_PX = 42 * GRID_PX


class PromptEdit(QPlainTextEdit):
    """A prompt of a few lines that Tab leaves."""

    def __init__(self, name: str, placeholder: str, lines: tuple[int, int]) -> None:
        """lines: the fewest and the most that are seen at once, as there is room."""
        super().__init__()
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        least, most = (self.fontMetrics().lineSpacing() * count + 3 * GRID_PX for count in lines)
        self.setMinimumHeight(least)
        self.setMaximumHeight(most)

    def settle(self) -> None:
        """The text was used: from here on Ctrl+Z is about the picture, until something else is typed."""
        self.document().setModified(False)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            keys = QKeySequence.StandardKey
            about_undo = event.matches(keys.Undo) or event.matches(keys.Redo)
            if about_undo and not self.document().isModified():
                event.ignore()  # the window's own undo takes it
                return False
        return super().event(event)

    def replace_text(self, text: str) -> None:
        """Put other text in so that Ctrl+Z in the box brings the old one back."""
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(text)
        self.setTextCursor(cursor)


class SeedRow(QWidget):
    """The seed as a number, a die that rolls a new one, and a lock that keeps it from changing."""

    def __init__(self) -> None:
        super().__init__()
        self.number = QLineEdit()
        self.number.setValidator(QRegularExpressionValidator(QRegularExpression(r"\d{1,10}"), self.number))
        self.number.setAccessibleName("Seed")
        self.number.setToolTip("The same seed and settings give the same picture")
        self.dice = IconButton("dice", "Roll a new seed", shortcut="Ctrl+R")
        self.lock = IconButton("unlock", "Keep this seed for the next pictures", shortcut="Ctrl+L")
        self.lock.make_toggle("lock")
        row = horizontal(self, 0, GRID_PX // 2)
        row.addWidget(self.number, 1)
        row.addWidget(self.dice)
        row.addWidget(self.lock)
        self.number.editingFinished.connect(lambda: self.set_value(self.value))
        self.roll()

    @property
    def value(self) -> int:
        """0 to 2**32 - 1; larger typed numbers count as the largest."""
        return min(int(self.number.text() or "0"), SEED_LIMIT - 1)

    def set_value(self, seed: int) -> None:
        self.number.setText(str(seed))

    def roll(self) -> None:
        """A fresh random seed, whether locked or not."""
        self.set_value(secrets.randbelow(SEED_LIMIT))

    def prepare(self) -> int:
        """The seed for the next job: a fresh one unless locked."""
        if not self.lock.isChecked():
            self.roll()
        return self.value


class PromptPanel(QFrame):
    """Prompt, style and idea chips, negative prompt, seed, advanced settings; the action area under them."""

    generateRequested = Signal()
    changed = Signal()
    """The prompt's text changed."""

    def __init__(self, presets: Presets) -> None:
        super().__init__()
        self.setObjectName("promptPanel")
        self.setMinimumWidth(PANEL_WIDTH_PX)
        self._presets = presets
        self.prompt = PromptEdit("Prompt", "Describe what you want to see, for instance: a 3d fox", (3, 5))
        self.negative = PromptEdit("Negative prompt", "What should not be there (optional)", (1, 2))
        self.seed = SeedRow()
        self.advanced = AdvancedFields()
        self.advanced_section = Disclosure("Advanced", self.advanced)
        self.style_chips = [self._style_chip(style) for style in presets.styles]
        self.idea_chips = [self._idea_chip(idea) for idea in presets.ideas]
        self.actions_area = ActionArea()
        self._arrange()
        self.prompt.textChanged.connect(self._prompt_changed)
        self.actions_area.generate.clicked.connect(self.generateRequested)
        self.seed.dice.clicked.connect(self.seed.roll)

    def wishes(self, *, fresh_seed: bool = False) -> Wishes:
        """What is asked for now; `fresh_seed` rolls the die first unless the seed is locked."""
        if fresh_seed:
            self.prompt.settle()
            self.negative.settle()
        return Wishes(
            prompt=self.prompt.toPlainText(),
            negative_prompt=self.negative.toPlainText(),
            seed=self.seed.prepare() if fresh_seed else self.seed.value,
            base=self.advanced.plan("base"),
            superres=self.advanced.plan("superres"),
        )

    def show_wishes(self, wishes: Wishes) -> None:
        """Fill the panel, for instance from a picture that carries its settings; the seed is locked."""
        self.prompt.replace_text(wishes.prompt)
        self.negative.replace_text(wishes.negative_prompt)
        self.seed.set_value(wishes.seed)
        self.seed.lock.setChecked(True)
        self.advanced.show_plans(wishes.base, wishes.superres)

    def wear(self, colors: Colors) -> None:
        for part in (self.seed.dice, self.seed.lock, self.advanced_section):
            part.wear(colors)
        self.actions_area.wear(colors)

    def _arrange(self) -> None:
        body = QWidget()
        body.setObjectName("promptBody")
        column = vertical(body, 2 * GRID_PX, GRID_PX)
        column.addWidget(heading("Prompt"))
        column.addWidget(self.prompt, 3)
        column.addWidget(muted("Style"))
        column.addWidget(self._chips(self.style_chips))
        column.addWidget(muted("Ideas"))
        column.addWidget(self._chips(self.idea_chips))
        column.addSpacing(GRID_PX)
        column.addWidget(heading("Negative prompt"))
        column.addWidget(self.negative, 1)
        column.addSpacing(GRID_PX)
        column.addWidget(heading("Seed"))
        column.addWidget(self.seed)
        column.addSpacing(GRID_PX)
        column.addWidget(self.advanced_section)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setObjectName("promptScroll")
        scroll.setWidget(body)
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        whole = vertical(self, 0, 0)
        whole.addWidget(scroll, 1)
        whole.addWidget(self.actions_area)

    def _chips(self, chips: list[QToolButton]) -> QWidget:
        holder = QWidget()
        flow = FlowLayout(holder, GRID_PX - 2)
        for chip in chips:
            flow.addWidget(chip)
        holder.setVisible(bool(chips))
        return holder

    def _style_chip(self, style: Style) -> QToolButton:
        chip = _chip(style.label, f"Draw it in {style.word} style")
        chip.setCheckable(True)
        chip.clicked.connect(lambda checked: self._choose_style(style if checked else None))
        return chip

    def _idea_chip(self, idea: Idea) -> QToolButton:
        chip = _chip(idea.label, idea.prompt)
        chip.clicked.connect(lambda: self.prompt.replace_text(idea.prompt))
        return chip

    def _choose_style(self, style: Style | None) -> None:
        styles = self._presets.styles
        self.prompt.replace_text(with_style(self.prompt.toPlainText(), style, styles))

    def _prompt_changed(self) -> None:
        present = style_of(self.prompt.toPlainText(), self._presets.styles)
        for style, chip in zip(self._presets.styles, self.style_chips, strict=True):
            chip.setChecked(style == present)
        self.changed.emit()


def _chip(label: str, tip: str) -> QToolButton:
    chip = QToolButton()
    chip.setText(label)
    chip.setToolTip(tip)
    chip.setProperty("kind", "chip")
    chip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return chip
