"""Joins what makes pictures to one window: the panel, the desk, the queue, and the document's wishes.

The one place that knows the panel and the document; the panel knows no document.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from muse_studio.client.queue import Place
from muse_studio.core.settings import Settings
from muse_studio.core.wishes import Aim, Wishes
from muse_studio.gui.aim_bar import AUTOMATIC, COMMANDS
from muse_studio.gui.files import SETTINGS_TOPIC
from muse_studio.gui.job_run import AIM_NAMES
from muse_studio.gui.language import follow_language, noop, tr
from muse_studio.gui.live import LivePainting
from muse_studio.gui.loaded_model import LoadedModel
from muse_studio.gui.lora_desk import LoraDesk
from muse_studio.gui.message_bar import Notice, NoticeKind
from muse_studio.gui.model_defaults import ModelDefaults
from muse_studio.gui.panels.queue import QueuePanel
from muse_studio.gui.presets import Presets
from muse_studio.gui.prompt_panel import PromptPanel
from muse_studio.gui.requests import why_not
from muse_studio.gui.theme import Colors
from muse_studio.gui.tips import TIPS
from muse_studio.gui.vocabulary import NAME, Vocabulary, load_vocabulary
from muse_studio.gui.wish_keeper import WishKeeper
from muse_studio.places import default_model, resources

if TYPE_CHECKING:
    from muse_studio.gui.main_window import MainWindow

USE_LABEL = noop("Use other settings")
_SIZE_TOPIC = "size"


class Making:
    """One window's making of pictures."""

    def __init__(self, window: MainWindow, presets: Presets, defaults: ModelDefaults) -> None:
        """Before the window has commands; `join` follows when it has."""
        self._window = window
        self.panel = PromptPanel(presets)
        self._vocabulary = load_vocabulary(default_model() / NAME, resources() / NAME)
        self._keeper = WishKeeper(self.panel)
        self.model = LoadedModel(window.client, defaults, window.faults)
        self.model.on_change.append(self._model_changed)

    def join(self) -> None:
        """Connect to the desk and the commands, and make the queue's panel."""
        window, slot = self._window, self._window.faults.slot
        self.queue = QueuePanel(window.jobs)
        self.live = LivePainting(window)
        self.loras = LoraDesk(window)
        self._show_model()
        self._queue_waits = False
        window.jobs.on_change.append(slot(self._queue_changed))
        self.panel.follow(window.commands)
        self.panel.edited.connect(slot(self._edited))
        self.panel.generateRequested.connect(slot(self._pressed))
        self.panel.actions_area.cancelRequested.connect(slot(window.jobs.cancel))
        self.panel.seed.lock.toggled.connect(window.commands["lock_seed"].setChecked)
        follow_language(self.panel, self._tell)

    def handlers(self) -> dict[str, Callable[..., object]]:
        """What the commands of this part do."""
        jobs, panel = self._window.jobs, self.panel
        return {
            "generate": self._generate,
            "generate_next": lambda: jobs.generate(Place.FRONT),
            "generate_instead": lambda: jobs.generate(Place.REPLACE),
            "live": lambda on: self.live.switch(on=on),
            "cancel": jobs.cancel,
            "cancel_all": jobs.cancel_all,
            "roll_seed": panel.roll_seed,
            "lock_seed": self._lock_seed,
            "add_lora": self._add_lora,
            AUTOMATIC: lambda: panel.choose_aim(None),
            **{COMMANDS[aim]: partial(panel.choose_aim, aim) for aim in Aim},
        }

    def wear(self, colors: Colors) -> None:
        self.panel.wear(colors)
        self.queue.wear(colors)

    # Wishes

    def wishes(self) -> Wishes:
        """What the panel asks for, with the seed for a new job; the prompt is remembered."""
        self.panel.note_used()
        return self.panel.wishes(fresh_seed=True)

    def use(self, wishes: Wishes, *, lock_seed: bool = True) -> None:
        """Take over other wishes, as an undo step; `lock_seed` keeps the seed for the next job."""
        self.panel.show_wishes(wishes)
        if lock_seed:
            self.panel.seed.lock.setChecked(True)
        self.panel.edited.emit(USE_LABEL)

    def restore(self, settings: Settings) -> None:
        """As it was when the last window closed."""
        loras = self.loras.restore(settings)
        self.panel.show_wishes(Wishes(settings.prompt, settings.negative_prompt, settings.seed, loras=loras))
        self.panel.seed.lock.setChecked(settings.seed_locked)
        self.panel.remember(settings.prompt_history)
        self.panel.preset_menu.presets = dict(settings.presets)

    def _edited(self, label: str) -> None:
        self._keeper.note(label)
        self._window.refresh()

    def _generate(self) -> None:
        self._window.dismiss(SETTINGS_TOPIC)  # something else was wanted
        self._window.jobs.generate()

    def _pressed(self) -> None:
        """The button: a mouse leaves the keys to the canvas, where the result is looked at."""
        if not self.panel.actions_area.generate.hasFocus():
            self._window.canvas.setFocus()
        self._generate()

    def _add_lora(self) -> None:
        self.loras.choose()

    def _lock_seed(self, locked: bool) -> None:
        self.panel.seed.lock.setChecked(locked)

    # What is shown

    def _model_changed(self) -> None:
        """Another model, or it has said more of itself."""
        self._show_model()
        self._window.refresh()

    def _show_model(self) -> None:
        self.panel.show_model(self.model.shape, self.model.defaults)
        self.panel.know(self._vocabulary if self.model.shape.has_detail else Vocabulary())  # others have learned others
        self.loras.refresh()

    def _tell(self) -> None:
        self.refresh()
        self._window.jobs.show_progress()

    def refresh(self) -> None:
        """Make the panel true: the document's wishes, what Generate would do, and what can't be done."""
        window = self._window
        document = window.sheet.document if window.sheet else None
        self._keeper.follow(document)
        wishes = self.panel.wishes()
        current = window.jobs.aim(wishes)
        reasons = {aim: why_not(aim, document, self.model.shape) for aim in Aim}
        self.panel.show_aims(current, reasons)
        for aim, reason in reasons.items():
            window.commands[COMMANDS[aim]].setEnabled(not reason)
            window.commands[COMMANDS[aim]].setChecked(wishes.aim is aim)
        window.commands[AUTOMATIC].setChecked(wishes.aim is None)
        tip = reasons[current] or TIPS[COMMANDS[current]]
        self.panel.actions_area.show_purpose(tr(AIM_NAMES[current]), tr(tip))
        busy = window.jobs.is_busy
        window.commands["cancel"].setEnabled(busy)
        window.commands["cancel_all"].setEnabled(busy)
        window.canvas.sight = self.model.shape.sight(wishes.size)
        words = self.model.size_words(wishes)
        if words:
            window.notify(Notice(NoticeKind.INFO, words, topic=_SIZE_TOPIC))
        self.live.look()

    def _queue_changed(self) -> None:
        """What changes at a press or with a step is shown in the event loop's next turn, once, and not on top of it."""
        if not self._queue_waits:
            self._queue_waits = True
            QTimer.singleShot(0, self.queue, self._window.faults.slot(self._show_queue))

    def _show_queue(self) -> None:
        self._queue_waits = False
        self.queue.refresh()
