"""A person's own presets: wishes under a name, in a menu to choose, rename, replace and delete. Knows no files.

A preset holds everything but the seed: it is a way of working, and not one picture.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from PySide6.QtWidgets import QInputDialog, QMenu, QWidget

from muse_studio.core.limits import PRESETS_LIMIT
from muse_studio.core.wishes import Wishes
from muse_studio.gui.language import tr

_NAME_CHARACTERS = 40


def preset_of(wishes: Wishes) -> dict[str, Any]:
    """What is kept of wishes."""
    settings = wishes.settings()
    del settings["seed"]
    return settings


def with_preset(presets: Mapping[str, Any], name: str, wishes: Wishes) -> dict[str, Any]:
    """With a preset of this name, in the place of one that had it; the oldest go beyond PRESETS_LIMIT."""
    kept = {**presets, clean_name(name): preset_of(wishes)}
    return dict(list(kept.items())[-PRESETS_LIMIT:])


def renamed(presets: Mapping[str, Any], old: str, new: str) -> dict[str, Any]:
    """With another name for one of them, in its place; one that had the new name is gone."""
    name = clean_name(new)
    rest = {key: value for key, value in presets.items() if key in (old,) or key != name}
    return {name if key == old else key: value for key, value in rest.items()}


def clean_name(name: str) -> str:
    return " ".join(name.split())[:_NAME_CHARACTERS].strip()


class PresetMenu(QMenu):
    """Filled when it opens.

    current: gives the wishes of the moment. use: takes those of a chosen preset; its seed is the current one's.
    """

    def __init__(self, parent: QWidget, current: Callable[[], Wishes], use: Callable[[Wishes], None]) -> None:
        super().__init__(parent)
        self.presets: dict[str, Any] = {}
        self._current, self._use = current, use
        self.aboutToShow.connect(self._fill)

    def _fill(self) -> None:
        self.clear()
        self.setAccessibleName(tr("Presets"))
        for name in self.presets:
            self.addAction(name.replace("&", "&&")).triggered.connect(partial(self.choose, name))
        if not self.presets:
            self.addAction(tr("No presets yet")).setEnabled(False)
        self.addSeparator()
        self.addAction(tr("Save these settings as…"), self._ask_new)
        for title, act in (
            (tr("Replace by these settings"), self._replace),
            (tr("Rename"), self._ask_other_name),
            (tr("Delete"), self._delete),
        ):
            menu = self.addMenu(title)
            menu.setEnabled(bool(self.presets))
            for name in self.presets:
                menu.addAction(name.replace("&", "&&")).triggered.connect(partial(act, name))

    def choose(self, name: str, _checked: bool = False) -> None:
        """Use a preset."""
        seed = self._current().seed
        self._use(Wishes.from_settings({**self.presets[name], "seed": seed}))

    def save(self, name: str) -> None:
        """Keep the settings of the moment; nothing happens without a name."""
        if clean_name(name):
            self.presets = with_preset(self.presets, name, self._current())

    def rename(self, old: str, new: str) -> None:
        if clean_name(new):
            self.presets = renamed(self.presets, old, new)

    def _replace(self, name: str, _checked: bool = False) -> None:
        self.save(name)

    def _delete(self, name: str, _checked: bool = False) -> None:
        self.presets = {key: value for key, value in self.presets.items() if key != name}

    def _ask_new(self) -> None:
        self._ask(tr("Save these settings"), tr("Name of the preset:"), "", self.save)

    def _ask_other_name(self, name: str, _checked: bool = False) -> None:
        self._ask(tr("Rename the preset"), tr("New name:"), name, lambda new: self.rename(name, new))

    def _ask(self, title: str, label: str, text: str, take: Callable[[str], None]) -> None:
        dialog = QInputDialog(self.parentWidget())
        dialog.setObjectName("presetName")
        dialog.setWindowTitle(title)
        dialog.setLabelText(label)
        dialog.setTextValue(text)
        dialog.textValueSelected.connect(take)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
