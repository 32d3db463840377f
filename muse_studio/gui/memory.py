"""What a window remembers from one start to the next: settings into its parts, and back. Knows nothing about files."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray

from muse_studio.core.settings import Settings

if TYPE_CHECKING:
    from muse_studio.gui.main_window import MainWindow

_START_SIZE_PX = (1440, 900)


def restore(window: MainWindow, settings: Settings) -> None:
    """Make a new window look as the last one did."""
    window.resize(*_START_SIZE_PX)
    if settings.window:
        window.restoreGeometry(QByteArray.fromBase64(settings.window.encode("ascii", "replace")))
    window.docks.arrange(settings.docks)
    window.canvas.setFocus()  # its keys are the tools'; Qt would choose the first control in the status bar
    window.easel.restore(settings)
    window.making.restore(settings)
    window.commands[f"theme_{settings.theme.value}"].setChecked(True)
    window.commands[f"language_{settings.language}"].setChecked(True)
    window.show_recent()


def remembered(window: MainWindow) -> Settings:
    """The window's settings as they are now."""
    wishes = window.panel.wishes()
    return replace(
        window.settings,
        theme=window.theme.choice,
        language=window.language.choice,
        shortcuts=window.keymap.chosen,
        last_folder=str(window.files.folder) if window.files.folder else None,
        brush=window.canvas.brush_settings.brush(erase=False),
        canvas=window.easel.remembered(),
        export=asdict(window.exports.choice),
        prompt=wishes.prompt,
        negative_prompt=wishes.negative_prompt,
        seed=wishes.seed,
        seed_locked=window.panel.seed.lock.isChecked(),
        prompt_history=window.panel.earlier,
        presets=window.panel.preset_menu.presets,
        lora_files=window.making.loras.files,
        loras=tuple(wishes.settings().get("loras", ())),
        window=bytes(window.saveGeometry().toBase64().data()).decode("ascii"),
        docks=window.docks.arrangement(),
    )
