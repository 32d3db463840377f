"""Every command of the window: its name, its words, its keys and its menu. Knows nothing of what the commands do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from muse_studio.gui.faults import Faults
from muse_studio.gui.fields import native_keys

MENUS = ("File", "Edit", "Image", "Layer", "Mask", "View", "Generate", "Help")


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that a person can ask for.

    menu:   which menu it is in; "" for tools, which have their own strip.
    group:  commands of one group exclude each other, like tools and themes.
    breaks: a line is drawn above it.
    """

    name: str
    text: str
    keys: tuple[str, ...]
    menu: str = ""
    checkable: bool = False
    group: str = ""
    breaks: bool = False


COMMANDS = (
    Command("new", "&New…", ("Ctrl+N",), "File"),
    Command("open", "&Open…", ("Ctrl+O",), "File"),
    Command("paste", "&Paste as document", ("Ctrl+V",), "File"),
    Command("export", "&Export 512 × 512 PNG…", ("Ctrl+E",), "File", breaks=True),
    Command("save", "&Save full-size PNG…", ("Ctrl+S",), "File"),
    Command("quit", "&Quit", ("Ctrl+Q",), "File", breaks=True),
    Command("undo", "&Undo", ("Ctrl+Z",), "Edit"),
    Command("redo", "&Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "Edit"),
    Command("clear_mask", "&Clear mask", ("Ctrl+D",), "Mask"),
    Command("invert_mask", "&Invert mask", ("Ctrl+I",), "Mask"),
    Command("mask_all", "Mask &all", ("Ctrl+A",), "Mask"),
    Command("fit", "&Fit in window", ("Ctrl+0",), "View"),
    Command("actual_size", "&100 %", ("Ctrl+1",), "View"),
    Command("zoom_in", "Zoom &in", ("Ctrl++", "Ctrl+="), "View"),
    Command("zoom_out", "Zoom &out", ("Ctrl+-",), "View"),
    Command("overlay", "Show &mask", ("Ctrl+M",), "View", checkable=True, breaks=True),
    Command("hide_panels", "&Hide or show all panels", ("Ctrl+Shift+H",), "View"),
    Command("theme_system", "Theme: as the &system", ("Ctrl+Alt+1",), "View", True, "theme", breaks=True),
    Command("theme_light", "Theme: &light", ("Ctrl+Alt+2",), "View", True, "theme"),
    Command("theme_dark", "Theme: &dark", ("Ctrl+Alt+3",), "View", True, "theme"),
    Command("theme_high_contrast", "Theme: &high contrast", ("Ctrl+Alt+4",), "View", True, "theme"),
    Command("frame_reset", "&Reset frame", ("Ctrl+Shift+F",), "Image"),
    Command("generate", "&Generate", ("Ctrl+Return", "Ctrl+Enter"), "Generate"),
    Command("cancel", "&Cancel", ("Esc",), "Generate"),
    Command("roll_seed", "&Roll a new seed", ("Ctrl+R",), "Generate", breaks=True),
    Command("lock_seed", "&Keep the seed", ("Ctrl+L",), "Generate", checkable=True),
    Command("edit_prompt", "Edit the &prompt", ("Ctrl+P",), "Generate", breaks=True),
    Command("restart_worker", "Re&start the worker", ("Ctrl+Alt+R",), "Generate", breaks=True),
    Command("shortcuts", "&Keyboard shortcuts", ("F1",), "Help"),
    Command("about", "&About Muse Studio", ("Ctrl+F1",), "Help"),
    Command("brush", "Brush", ("B",), checkable=True, group="tool"),
    Command("eraser", "Eraser", ("E",), checkable=True, group="tool"),
    Command("pan", "Pan", ("H",), checkable=True, group="tool"),
    Command("frame", "Frame", ("F",), checkable=True, group="tool"),
)

CANVAS_KEYS = (
    ("[  and  ]", "Smaller and larger brush"),
    ("Shift+[  and  Shift+]", "Softer and harder brush"),
    ("X", "Swap brush and eraser"),
    ("Shift+click", "Straight line from the last dab"),
    ("Alt+drag or right-drag", "Change the brush's size"),
    ("Space+drag or middle-drag", "Pan"),
    ("Mouse wheel", "Zoom at the pointer"),
)
"""What the canvas does by itself, for the list of shortcuts."""

Actions = Mapping[str, QAction]


def make_actions(window: QMainWindow, faults: Faults, handlers: Mapping[str, Callable[..., object]]) -> Actions:
    """One QAction for each command, guarded. KeyError for a command without a handler."""
    groups: dict[str, QActionGroup] = {}
    actions: dict[str, QAction] = {}
    for command in COMMANDS:
        action = QAction(command.text, window)
        action.setShortcuts([QKeySequence(key) for key in command.keys])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setCheckable(command.checkable)
        action.setMenuRole(QAction.MenuRole.NoRole)
        switch = command.checkable and not command.group
        signal = action.toggled if switch else action.triggered  # a switch's handler is told whether it is on
        signal.connect(faults.slot(handlers[command.name]))
        if command.group:
            groups.setdefault(command.group, QActionGroup(window)).addAction(action)
        window.addAction(action)
        actions[command.name] = action
    actions["quit"].setMenuRole(QAction.MenuRole.QuitRole)
    actions["about"].setMenuRole(QAction.MenuRole.AboutRole)
    return actions


def fill_menus(window: QMainWindow, actions: Actions) -> dict[str, QMenu]:
    """The menu bar; returns its menus by name."""
    menus = {name: window.menuBar().addMenu(f"&{name}") for name in MENUS}
    for command in COMMANDS:
        if command.menu:
            if command.breaks:
                menus[command.menu].addSeparator()
            menus[command.menu].addAction(actions[command.name])
    return menus


def keys_text(command: Command) -> str:
    """The keys as this system writes them, for lists and tooltips."""
    return "  or  ".join(native_keys(key) for key in command.keys)


def words(command: Command) -> str:
    """The command's text without mnemonic and dots."""
    return command.text.replace("&", "").rstrip("…")
