"""The panel at the right: what to make, and how. Knows nothing about documents, jobs or the client.

It shows and gives `Wishes`. What a person changes is told by `edited`; progress lives in `ActionArea` under it.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QToolButton, QWidget

from muse_studio.core.model_shape import OWN_SHAPE, ModelShape
from muse_studio.core.wishes import Aim, Wishes
from muse_studio.gui.action_area import ActionArea
from muse_studio.gui.advanced import AdvancedFields
from muse_studio.gui.aim_bar import AimBar
from muse_studio.gui.fields import Disclosure, FlowLayout, IconButton, SliderField, heading, horizontal, muted, vertical
from muse_studio.gui.language import follow_language, noop, tr
from muse_studio.gui.loras import LoraSection
from muse_studio.gui.model_defaults import ModelDefaults
from muse_studio.gui.presets import Idea, Presets, Style, style_of, with_style
from muse_studio.gui.prompt_edit import PromptEdit
from muse_studio.gui.prompt_history import HistoryPopup, with_prompt
from muse_studio.gui.seed_row import SeedRow
from muse_studio.gui.segments import Segments
from muse_studio.gui.theme import GRID_PX, Colors
from muse_studio.gui.user_presets import PresetMenu
from muse_studio.gui.vocabulary import Vocabulary
from muse_studio.gui.word_list import WORDS_LABEL, WordList

PANEL_WIDTH_PX = 42 * GRID_PX
_COUNTS = (1, 2, 3, 4)
_STAGED_TIP = noop("512 px with detail, or 256 px without: about a third of the time")
_SIZES_TIP = noop("How large pictures are made. A larger one shows more and takes longer.")
_ONE_SIZE_TIP = noop("This model makes pictures of one size.")

PROMPT_LABEL = noop("Change the prompt")
SEED_LABEL = noop("Change the seed")
SETTINGS_LABEL = noop("Change the settings")
AIM_LABEL = noop("Change the mode")
PRESET_LABEL = noop("Use a preset")


class PromptPanel(QFrame):
    """Modes, prompt, styles, ideas, negative prompt, how much, how many, seed, plans, LoRAs; actions under them."""

    generateRequested = Signal()
    edited = Signal(str)
    """A person has changed something; what its undo step is called, in English."""

    def __init__(self, presets: Presets) -> None:
        super().__init__()
        self.setObjectName("promptPanel")
        self.setMinimumWidth(PANEL_WIDTH_PX)
        self._presets = presets
        self._aim: Aim | None = None
        self._shape = OWN_SHAPE
        self._size: int | None = None
        self._earlier: tuple[str, ...] = ()
        self._vocabulary = Vocabulary()
        self.aims = AimBar()
        self.prompt = PromptEdit(
            noop("Prompt"),
            noop("Describe what you want to see, for instance: a 3d fox"),
            noop("What the picture shows. Up and Down at the ends of the text bring earlier prompts."),
            (2, 5),
        )
        self.negative = PromptEdit(
            noop("Negative prompt"),
            noop("What should not be there (optional)"),
            noop("What the model shall stay away from"),
            (1, 2),
        )
        self.history = IconButton("history", noop("Earlier prompts"), kind="small", side_px=24)
        self.preset_button = IconButton("bookmark", noop("Presets"), kind="small", side_px=24)
        self.words = IconButton("words", WORDS_LABEL, kind="small", side_px=24)
        self.history_popup = HistoryPopup(self)
        self.word_list = WordList(self)
        self.preset_menu = PresetMenu(self, self.wishes, self._use_preset)
        self.strength = SliderField(noop("Strength"), 1, 100, " %")
        self.share = SliderField(noop("Share to re-roll"), 1, 100, " %")
        self.count = Segments(
            noop("Variations"), noop("How many pictures are made at once; each has its own seed"), _COUNTS
        )
        self.size_px = Segments(noop("Size"), _STAGED_TIP, sorted(OWN_SHAPE.sizes), " px")
        self.seed = SeedRow()
        self.advanced = AdvancedFields()
        self.negative_section = Disclosure(noop("Negative prompt"), self.negative)
        self.advanced_section = Disclosure(noop("Plan"), self.advanced)
        self.loras = LoraSection()
        self.loras_section = Disclosure(noop("LoRAs"), self.loras)
        self.style_chips = [self._style_chip(style) for style in presets.styles]
        self.idea_chips = [self._idea_chip(idea) for idea in presets.ideas]
        self.ideas_section = Disclosure(noop("Ideas"), self._chips(self.idea_chips))
        self.actions_area = ActionArea()
        self._amounts = self._amount_grid()
        self._arrange()
        self._connect()
        follow_language(self, self._tell)

    # Wishes

    def wishes(self, *, fresh_seed: bool = False) -> Wishes:
        """What is asked for now; `fresh_seed` rolls the die first unless the seed is locked."""
        return Wishes(
            prompt=self.prompt.toPlainText(),
            negative_prompt=self.negative.toPlainText(),
            seed=self.seed.prepare() if fresh_seed else self.seed.value,
            base=self.advanced.plan("base"),
            superres=self.advanced.plan("superres"),
            aim=self._aim,
            strength=self.strength.value / 100,
            share=self.share.value / 100,
            count=self.count.value,
            size=self._size,
            edit=self.advanced.plan("edit"),
            loras=self.loras.uses,
        )

    def show_wishes(self, wishes: Wishes) -> None:
        """Show these, and tell nobody."""
        self.prompt.show_text(wishes.prompt)
        self.negative.show_text(wishes.negative_prompt)
        if wishes.negative_prompt:
            self.negative_section.button.setChecked(True)
        self.seed.set_value(wishes.seed)
        self.advanced.show_plans(wishes.base, wishes.superres, wishes.edit)
        self._aim = wishes.aim
        self.loras.show_uses(wishes.loras)
        self.strength.set_value(100 * wishes.strength)
        self.share.set_value(100 * wishes.share)
        self.count.set_value(min(wishes.count, _COUNTS[-1]))
        self._size = wishes.size
        self._show_size()
        self._mark_style()

    def show_model(self, shape: ModelShape, defaults: ModelDefaults) -> None:
        """Offer the sizes and stages of another model, and say what its own numbers are; what was wished for stays."""
        self._shape = shape
        tip = _STAGED_TIP if shape.has_detail else _SIZES_TIP if len(shape.sizes) > 1 else _ONE_SIZE_TIP
        self.size_px.offer(sorted(shape.sizes), tip)
        self._show_size()
        self.advanced.show_model(defaults, with_detail=shape.has_detail)

    def know(self, vocabulary: Vocabulary) -> None:
        """The words of the model in use: completed in the prompt, and listed where there are any."""
        self._vocabulary = vocabulary
        self.prompt.know(vocabulary)
        self.words.setVisible(bool(vocabulary.things))

    def show_taking(self, reason: str) -> None:
        """reason: why LoRAs have no effect on the model in use, in English; "" where they have."""
        self.loras.show_taking(reason)
        self._count_loras()

    def _count_loras(self) -> None:
        """The section is open once something is in it, and is not there where it would be of no use."""
        self.loras_section.setVisible(self.loras.is_of_use)
        self.loras_section.show_count(len(self.loras.rows))
        if self.loras.rows:
            self.loras_section.button.setChecked(True)

    def _show_size(self) -> None:
        self.size_px.set_value(self._shape.size_for(self._size))

    def _choose_size(self, size: int) -> None:
        """The model's own size stays that of whichever model is used."""
        self._size = None if size == self._shape.own_size else size
        self.edited.emit(SETTINGS_LABEL)

    def choose_aim(self, aim: Aim | None) -> None:
        """As a person does; None leaves it to the picture."""
        if aim is not self._aim:
            self._aim = aim
            self.edited.emit(AIM_LABEL)

    def show_aims(self, current: Aim, reasons: Mapping[Aim, str]) -> None:
        """current: what Generate would do. reasons: why an aim can't run; "" where it can."""
        self.aims.show_aims(self._aim, current, reasons)
        self.strength.setVisible(current is Aim.FILL)
        self.share.setVisible(current is Aim.REROLL)
        self._amounts.setVisible(current in (Aim.FILL, Aim.REROLL))
        self.advanced.show_editing(current is Aim.EDIT)

    def roll_seed(self) -> None:
        """As a person does."""
        self.seed.roll()
        self.edited.emit(SEED_LABEL)

    def _use_preset(self, wishes: Wishes) -> None:
        self.show_wishes(wishes)
        self.edited.emit(PRESET_LABEL)

    # Earlier prompts

    @property
    def earlier(self) -> tuple[str, ...]:
        """Prompts that were used, newest first."""
        return self._earlier

    def remember(self, earlier: tuple[str, ...]) -> None:
        self._earlier = earlier
        self.prompt.remember(earlier)

    def note_used(self) -> None:
        """The prompt has just been used."""
        self.remember(with_prompt(self._earlier, self.prompt.toPlainText()))

    def _open_history(self) -> None:
        self.history_popup.open(self._earlier, self.history, self.prompt.width())

    def _open_words(self) -> None:
        top = self.prompt.mapTo(self, QPoint()).y()
        self.word_list.open(self._vocabulary, self.mapToGlobal(QPoint(0, top)))

    def _open_presets(self) -> None:
        self.preset_menu.popup(self.preset_button.mapToGlobal(QPoint(0, self.preset_button.height())))

    # Building

    def _connect(self) -> None:
        for box in (self.prompt, self.negative):
            box.edited.connect(lambda: self.edited.emit(PROMPT_LABEL))
        self.prompt.textChanged.connect(self._mark_style)
        self.seed.edited.connect(lambda: self.edited.emit(SEED_LABEL))
        self.seed.dice.clicked.connect(self.roll_seed)
        self.advanced.edited.connect(lambda: self.edited.emit(SETTINGS_LABEL))
        self.loras.edited.connect(self.edited)
        self.loras.shown.connect(self._count_loras)
        for field in (self.strength, self.share, self.count):
            field.valueChanged.connect(lambda _: self.edited.emit(SETTINGS_LABEL))
        self.size_px.valueChanged.connect(self._choose_size)
        self.history.clicked.connect(self._open_history)
        self.history_popup.chosen.connect(self.prompt.replace_text)
        self.words.clicked.connect(self._open_words)
        self.word_list.chosen.connect(self.prompt.add_words)
        self.preset_button.clicked.connect(self._open_presets)
        self.actions_area.generate.clicked.connect(self.generateRequested)

    def _tell(self) -> None:
        strength = tr("How much of what is under the mask is made anew: 100 % replaces it, less stays near it")
        share = tr("How much is made anew: the parts of which the model is least sure")
        for field, tip in ((self.strength, strength), (self.share, share)):
            for part in (field, field.slider, field.number):
                part.setToolTip(tip)
        for style, chip in zip(self._presets.styles, self.style_chips, strict=True):
            chip.setToolTip(tr("Draw it in {style} style", style=style.word))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """No scroll bar lies at the bottom: the panel is as wide as its words in any language."""
        if watched is self._body and event.type() == QEvent.Type.LayoutRequest:
            bar = self._scroll.verticalScrollBar().sizeHint().width()
            self.setMinimumWidth(max(PANEL_WIDTH_PX, self._body.minimumSizeHint().width() + bar))
        return super().eventFilter(watched, event)

    def _arrange(self) -> None:
        body = QWidget()
        body.setObjectName("promptBody")
        column = vertical(body, 2 * GRID_PX, GRID_PX)
        column.setContentsMargins(2 * GRID_PX, GRID_PX, 2 * GRID_PX, GRID_PX)
        column.setSpacing(GRID_PX - 2)
        column.addWidget(self.aims)
        column.addWidget(_titled(heading(noop("Prompt")), self.words, self.history, self.preset_button))
        column.addWidget(self.prompt, 3)
        column.addWidget(self._chips(self.style_chips))
        column.addWidget(self.ideas_section)
        column.addWidget(self.negative_section)
        column.addWidget(self._amounts)
        column.addWidget(self._numbers())
        column.addWidget(self.advanced_section)
        column.addWidget(self.loras_section)
        column.addStretch(1)
        self._body, self._scroll = body, QScrollArea()
        scroll = self._scroll
        scroll.setObjectName("promptScroll")
        scroll.setWidget(body)
        body.installEventFilter(self)
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        whole = vertical(self, 0, 0)
        whole.addWidget(scroll, 1)
        whole.addWidget(self.actions_area)

    def _amount_grid(self) -> QWidget:
        """How much: one of the two shows, as the mode is."""
        holder = QWidget()
        column = vertical(holder, 0, 0)
        for field in (self.strength, self.share):
            field.slider.setMaximumWidth(16_777_215)  # Qt's own “no limit”
            column.addWidget(field)
        return holder

    def _numbers(self) -> QWidget:
        """How many, how large, from which seed."""
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GRID_PX)
        grid.setVerticalSpacing(GRID_PX // 2)
        for row, (title, field) in enumerate(
            ((noop("Variations"), self.count), (noop("Size"), self.size_px), (noop("Seed"), self.seed))
        ):
            grid.addWidget(muted(title), row, 0)
            grid.addWidget(field, row, 1)
        grid.setColumnStretch(1, 1)
        return holder

    def _chips(self, chips: list[QToolButton]) -> QWidget:
        holder = QWidget()
        flow = FlowLayout(holder, GRID_PX - 2)
        for chip in chips:
            flow.addWidget(chip)
        holder.setVisible(bool(chips))
        return holder

    def _style_chip(self, style: Style) -> QToolButton:
        chip = _chip(style.label)
        chip.setCheckable(True)
        chip.clicked.connect(lambda checked: self._choose_style(style if checked else None))
        return chip

    def _idea_chip(self, idea: Idea) -> QToolButton:
        chip = _chip(idea.label)
        chip.setToolTip(idea.prompt)
        chip.clicked.connect(lambda: self.prompt.replace_text(idea.prompt))
        return chip

    def _choose_style(self, style: Style | None) -> None:
        styles = self._presets.styles
        self.prompt.replace_text(with_style(self.prompt.toPlainText(), style, styles))

    def _mark_style(self) -> None:
        present = style_of(self.prompt.toPlainText(), self._presets.styles)
        for style, chip in zip(self._presets.styles, self.style_chips, strict=True):
            chip.setChecked(style == present)

    def follow(self, actions: Mapping[str, QAction]) -> None:
        """Join the buttons to the window's commands."""
        self.aims.follow(actions)
        self.actions_area.offer_places([actions[name] for name in ("generate", "generate_next", "generate_instead")])
        self.actions_area.live.follow(actions["live"])

    def wear(self, colors: Colors) -> None:
        for part in (
            *(self.aims, self.seed.dice, self.seed.lock, self.words, self.history, self.preset_button),
            *(self.ideas_section, self.negative_section, self.advanced_section, self.loras_section),
            *(self.loras, self.actions_area),
        ):
            part.wear(colors)


def _titled(title: QWidget, *buttons: QWidget) -> QWidget:
    """A heading with small buttons at its right."""
    holder = QWidget()
    row = horizontal(holder, 0, GRID_PX // 2)
    row.addWidget(title, 1)
    for button in buttons:
        row.addWidget(button)
    return holder


def _chip(label: str) -> QToolButton:
    chip = QToolButton()
    follow_language(chip, lambda: chip.setText(tr(label)))
    chip.setProperty("kind", "chip")
    chip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return chip
