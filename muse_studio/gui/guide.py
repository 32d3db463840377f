"""What helps a person find their way: the welcome page, the command palette, the keys, the language, what is announced.

Knows the window as a whole; the pages themselves know nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from muse_studio.client.jobs import Job, JobState, JobStep
from muse_studio.core.settings import Language
from muse_studio.core.wishes import Aim
from muse_studio.gui.announcements import ProgressTeller
from muse_studio.gui.command_palette import CommandPalette
from muse_studio.gui.dialogs import AboutPage
from muse_studio.gui.first_steps import Step
from muse_studio.gui.incoming import Incoming
from muse_studio.gui.language import tr
from muse_studio.gui.message_bar import Notice, NoticeKind
from muse_studio.gui.sheet import Sheet
from muse_studio.gui.shortcuts_page import ShortcutsPage
from muse_studio.gui.translator import NO_FONT
from muse_studio.gui.welcome import Welcome

if TYPE_CHECKING:
    from muse_studio.gui.main_window import MainWindow


class Guide(QObject):
    """Made before the window's commands, since it handles some; `build` makes what needs them."""

    welcome: Welcome

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._asked = False
        self._progress = ProgressTeller(window)

    def handlers(self) -> Mapping[str, Callable[..., object]]:
        return {
            "welcome": self._toggle_welcome,
            "palette": self._open_palette,
            "shortcuts": self._open_shortcuts,
            "about": self._open_about,
            **{f"language_{choice}": partial(self._choose_language, choice) for choice in Language},
        }

    def build(self) -> None:
        """Make the welcome page; its pictures come with `begin`."""
        window = self._window
        slot = window.faults.slot
        self.welcome = Welcome(window.canvas_area, window.commands)
        self.welcome.stepChosen.connect(slot(self._try))
        self.welcome.pictureChosen.connect(slot(self._open_picture))
        self.welcome.closed.connect(slot(self._leave_welcome))
        window.jobs.on_step.append(self._job_stepped)
        window.jobs.on_end.append(slot(self._job_ended))

    def begin(self) -> None:
        """The window has been seen: read the pictures of the welcome page."""
        self._window.faults.spawn(self.welcome.load_pictures())

    def refresh(self) -> None:
        """Show the welcome while there is nothing else, or while a person asked for it."""
        window = self._window
        if window.jobs.is_busy:
            self._asked = False
        if (window.sheet is None and not window.jobs.is_busy) or self._asked:
            self.welcome.show_over(has_document=window.sheet is not None)
            window.messages.raise_()
        else:
            self.welcome.hide()

    def _job_stepped(self, step: JobStep) -> None:
        self._progress.begin(tr("A picture is being made"))
        self._progress.step((step.job_index + 1) / step.job_total)

    def _job_ended(self, job: Job) -> None:
        words = {JobState.FINISHED: tr("The picture is finished"), JobState.CANCELLED: tr("The picture was cancelled")}
        self._progress.end(words.get(job.state, ""))  # of the others a message tells

    # The welcome page

    def _toggle_welcome(self) -> None:
        self._asked = not self._asked
        self._window.refresh()
        if self._asked:
            self.welcome.steps["make"].setFocus()

    def _leave_welcome(self) -> None:
        self._asked = False
        self._window.refresh()
        self._window.canvas.setFocus()

    def _try(self, step: Step) -> None:
        self._asked = False
        self._window.refresh()
        self._window.faults.spawn(step.run(self))

    def _open_picture(self, path: Path) -> None:
        self._asked = False
        self._window.refresh()
        self._window.open_path(path)

    # What the first steps ask for

    @property
    def sheet(self) -> Sheet | None:
        return self._window.sheet

    async def take(self, incoming: Incoming) -> None:
        await self._window.files.take(incoming)

    def generate_with(self, prompt: str, aim: Aim | None, seed: int) -> None:
        panel = self._window.panel
        locked = panel.seed.lock.isChecked()
        wishes = replace(panel.wishes(), prompt=prompt, negative_prompt="", aim=aim, seed=seed)
        self._window.making.use(wishes, lock_seed=False)
        panel.seed.lock.setChecked(True)  # the first time it comes out as in the button's picture
        self._window.jobs.generate()
        panel.seed.lock.setChecked(locked)

    def refresh_mask(self) -> None:
        self._window.canvas.refresh()
        self._window.refresh()

    # Pages

    def _open_palette(self) -> None:
        window = self._window
        window.open_page(CommandPalette(window, window.commands, window.keymap, window.theme.colors))

    def _open_shortcuts(self) -> None:
        self._window.open_page(ShortcutsPage(self._window, self._window.keymap))

    def _open_about(self) -> None:
        status = self._window.client.status
        self._window.open_page(AboutPage(self._window, status.model, status.device))

    def _choose_language(self, choice: Language) -> None:
        language = self._window.language
        language.choose(choice)
        if language.lacks_font:
            self._window.notify(Notice(NoticeKind.WARNING, NO_FONT, topic="language"))
