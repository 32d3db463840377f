"""Every command of the window: its name, its words, its keys and its menu. Knows nothing of what the commands do."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from muse_studio.gui.faults import Faults
from muse_studio.gui.fields import plain_words, tooltip
from muse_studio.gui.keymap import Keymap, Keys
from muse_studio.gui.language import follow_language, noop, tr
from muse_studio.gui.tips import TIPS

MENUS = ("File", "Edit", "Image", "Layer", "Mask", "View", "Generate", "Help")


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that a person can ask for.

    menu:   which menu it is in, "View/Theme" for a menu in a menu; "" for tools, which have their own strip.
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
    Command("recover", "Reco&ver unsaved work…", ("Ctrl+Alt+O",), "File"),
    Command("save", "&Save", ("Ctrl+S",), "File", breaks=True),
    Command("save_as", "Save &as…", ("Ctrl+Shift+S",), "File"),
    Command("export", "&Export…", ("Ctrl+E",), "File", breaks=True),
    Command("quick_export", "Export the frame as P&NG…", ("Ctrl+Alt+E",), "File"),
    Command("export_decode", "Export the &decode…", ("Ctrl+Shift+E",), "File"),
    Command("quit", "&Quit", ("Ctrl+Q",), "File", breaks=True),
    Command("undo", "&Undo", ("Ctrl+Z",), "Edit"),
    Command("redo", "&Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "Edit"),
    Command("clear_mask", "&Clear mask", ("Ctrl+D",), "Mask"),
    Command("invert_mask", "&Invert mask", ("Ctrl+I",), "Mask"),
    Command("mask_all", "Mask &all", ("Ctrl+A",), "Mask"),
    Command("grow_mask", "&Grow…", ("Ctrl+Alt+G",), "Mask", breaks=True),
    Command("shrink_mask", "&Shrink…", ("Ctrl+Alt+S",), "Mask"),
    Command("feather_mask", "&Feather…", ("Ctrl+Alt+F",), "Mask"),
    Command("load_mask", "&Load mask…", ("Ctrl+Alt+L",), "Mask", breaks=True),
    Command("save_mask", "&Save mask…", ("Ctrl+Alt+Shift+L",), "Mask"),
    Command("fit", "&Fit in window", ("Ctrl+0",), "View"),
    Command("actual_size", "&100 %", ("Ctrl+1",), "View"),
    Command("zoom_in", "Zoom &in", ("Ctrl++", "Ctrl+="), "View"),
    Command("zoom_out", "Zoom &out", ("Ctrl+-",), "View"),
    Command("fit_frame", "Fit the f&rame", ("Ctrl+2",), "View"),
    Command("turn_left", "Turn the view &left", ("4",), "View", breaks=True),
    Command("turn_right", "Turn the view ri&ght", ("6",), "View"),
    Command("turn_upright", "Set the view &upright", ("5",), "View"),
    Command("mirror_view", "Mirror the vie&w", ("Shift+M",), "View", checkable=True),
    Command("overlay", "Show &mask", ("Ctrl+M",), "View", checkable=True, breaks=True),
    Command("show_frame", "Show the &frame", ("Shift+F",), "View", checkable=True),
    Command("compare_off", "&Off", ("Ctrl+Alt+\\",), "View/Compare", True, "compare"),
    Command("compare_slider", "&Slider", ("Ctrl+\\",), "View/Compare", True, "compare"),
    Command("compare_beside", "Side &by side", ("Ctrl+Shift+\\",), "View/Compare", True, "compare"),
    Command("cells", "Show the model's &cells", ("G",), "View", checkable=True),
    Command("search_history", "&Search the history", ("Ctrl+F",), "View"),
    Command("hide_panels", "&Hide or show all panels", ("Ctrl+Shift+H",), "View"),
    Command("theme_system", "As the &system", ("Ctrl+Alt+1",), "View/Theme", True, "theme"),
    Command("theme_light", "&Light", ("Ctrl+Alt+2",), "View/Theme", True, "theme"),
    Command("theme_dark", "&Dark", ("Ctrl+Alt+3",), "View/Theme", True, "theme"),
    Command("theme_high_contrast", "&High contrast", ("Ctrl+Alt+4",), "View/Theme", True, "theme"),
    Command("language_system", "As the &system", ("Ctrl+Alt+7",), "View/Language", True, "language"),
    Command("language_en", "&English", ("Ctrl+Alt+8",), "View/Language", True, "language"),
    Command("language_ja", "日本語 (&Japanese)", ("Ctrl+Alt+9",), "View/Language", True, "language"),
    Command("frame_reset", "&Reset frame", ("Ctrl+Shift+F",), "Image"),
    Command("crop_frame", "Crop to &frame", ("Ctrl+Shift+C",), "Image", breaks=True),
    Command("crop_mask", "Crop to &mask", ("Ctrl+Alt+K",), "Image"),
    Command("canvas_size", "&Canvas size…", ("Ctrl+Alt+C",), "Image", breaks=True),
    Command("image_size", "&Image size…", ("Ctrl+Alt+I",), "Image"),
    Command("rotate_left", "Rotate 90° &left", ("Ctrl+Alt+[",), "Image", breaks=True),
    Command("rotate_right", "Rotate 90° ri&ght", ("Ctrl+Alt+]",), "Image"),
    Command("rotate_half", "Rotate &180°", ("Ctrl+Alt+U",), "Image"),
    Command("flip_across", "Flip &horizontally", ("Ctrl+Alt+H",), "Image"),
    Command("flip_down", "Flip &vertically", ("Ctrl+Alt+V",), "Image"),
    Command("layer_add", "&Add picture as layer…", ("Ctrl+Shift+N",), "Layer"),
    Command("layer_paste", "&Paste as layer", ("Ctrl+Shift+V",), "Layer"),
    Command("layer_from_visible", "New layer from &visible", ("Ctrl+Alt+Shift+E",), "Layer"),
    Command("layer_duplicate", "&Duplicate layer", ("Ctrl+J",), "Layer"),
    Command("layer_delete", "D&elete layer", ("Shift+Del",), "Layer"),
    Command("layer_rename", "&Rename layer", ("F2",), "Layer", breaks=True),
    Command("layer_hide", "Show or &hide layer", ("Ctrl+,",), "Layer"),
    Command("variation_next", "&Next variation", ("Alt+Right",), "Layer", breaks=True),
    Command("variation_previous", "&Previous variation", ("Alt+Left",), "Layer"),
    Command("layer_above", "Go to the layer &above", ("Alt+]",), "Layer", breaks=True),
    Command("layer_below", "Go to the layer &below", ("Alt+[",), "Layer"),
    Command("layer_raise", "Move layer &up", ("Ctrl+]",), "Layer"),
    Command("layer_lower", "Move layer d&own", ("Ctrl+[",), "Layer"),
    Command("layer_to_frame", "Move into the &frame", ("Ctrl+Alt+Shift+F",), "Layer"),
    Command("layer_merge", "&Merge down", ("Ctrl+Shift+M",), "Layer", breaks=True),
    Command("layer_flatten", "&Flatten", ("Ctrl+Alt+J",), "Layer"),
    Command("generate", "&Generate", ("Ctrl+Return", "Ctrl+Enter"), "Generate"),
    Command("generate_next", "Generate &next", ("Ctrl+Shift+Return", "Ctrl+Shift+Enter"), "Generate"),
    Command("generate_instead", "Generate &instead of all that waits", ("Ctrl+Alt+Return",), "Generate"),
    Command("live", "&Live painting", ("Ctrl+Alt+P",), "Generate", checkable=True),
    Command("cancel", "&Cancel", ("Esc",), "Generate"),
    Command("cancel_all", "Cancel &all", ("Shift+Esc",), "Generate"),
    Command("aim_auto", "As the picture &suggests", ("Alt+0",), "Generate/Mode", True, "aim"),
    Command("aim_fill", "&Fill the mask", ("Alt+1",), "Generate/Mode", True, "aim"),
    Command("aim_new", "&New picture", ("Alt+2",), "Generate/Mode", True, "aim"),
    Command("aim_extend", "E&xtend the picture", ("Alt+3",), "Generate/Mode", True, "aim"),
    Command("aim_edit", "&Edit by prompt", ("Alt+4",), "Generate/Mode", True, "aim"),
    Command("aim_reroll", "&Re-roll the doubtful", ("Alt+5",), "Generate/Mode", True, "aim"),
    Command("aim_retexture", "New &detail", ("Alt+6",), "Generate/Mode", True, "aim"),
    Command("roll_seed", "&Roll a new seed", ("Ctrl+R",), "Generate", breaks=True),
    Command("lock_seed", "&Keep the seed", ("Ctrl+L",), "Generate", checkable=True),
    Command("add_lora", "A&dd a LoRA…", ("Ctrl+Alt+A",), "Generate"),
    Command("edit_prompt", "Edit the &prompt", ("Ctrl+P",), "Generate", breaks=True),
    Command("play_decode", "Pl&ay the decode", ("Ctrl+Space",), "Generate", breaks=True),
    Command("branch", "&Branch from this step…", ("Ctrl+B",), "Generate"),
    Command("models", "&Models and devices…", ("Ctrl+Alt+M",), "Generate", breaks=True),
    Command("restart_worker", "Re&start the worker", ("Ctrl+Alt+R",), "Generate"),
    Command("welcome", "&Welcome", ("Shift+F1",), "Help"),
    Command("palette", "&Find a command…", ("Ctrl+Shift+P",), "Help"),
    Command("shortcuts", "&Keyboard shortcuts", ("F1",), "Help"),
    Command("about", "&About Muse Studio", ("Ctrl+F1",), "Help"),
    Command("brush", "Brush", ("B",), checkable=True, group="tool"),
    Command("eraser", "Eraser", ("E",), checkable=True, group="tool"),
    Command("rectangle", "Rectangle", ("M",), checkable=True, group="tool"),
    Command("ellipse", "Ellipse", ("U",), checkable=True, group="tool"),
    Command("lasso", "Lasso", ("L",), checkable=True, group="tool"),
    Command("polygon", "Polygon", ("Shift+L",), checkable=True, group="tool"),
    Command("wand", "Magic wand", ("W",), checkable=True, group="tool"),
    Command("frame", "Frame", ("F",), checkable=True, group="tool"),
    Command("pan", "Pan", ("H",), checkable=True, group="tool"),
    Command("zoom", "Zoom", ("Z",), checkable=True, group="tool"),
)

CANVAS_KEYS = (
    (noop("[  and  ]"), noop("Smaller and larger brush")),
    (noop("Shift+[  and  Shift+]"), noop("Softer and harder brush")),
    ("X", noop("Swap brush and eraser")),
    (noop("Shift+click"), noop("Straight line from the last dab")),
    (noop("Alt+drag or right-drag"), noop("Change the brush's size")),
    (noop("Space+drag or middle-drag"), noop("Pan")),
    (noop("Mouse wheel"), noop("Zoom at the pointer")),
    (noop("Shift+wheel"), noop("Turn the view; with Alt too, by single degrees")),
    (noop("Shift, Alt, Shift+Alt at the start of an area"), noop("Add to the mask, take away, keep the overlap")),
    (noop("Shift, Alt while dragging an area"), noop("Square or circle, from the middle")),
    (noop("Enter, Backspace, Esc in a polygon"), noop("Close it, take back a corner, give it up")),
    (noop("Ctrl while dragging the frame"), noop("No snapping")),
    (noop("\\ or O held"), noop("See the picture without its newest result")),
    (noop("Lower and upper pen button"), noop("Change the brush's size, pan")),
)
"""What the canvas does by itself, for the list of shortcuts."""

_MENU_TITLES = {
    "File": noop("&File"),
    "Edit": noop("&Edit"),
    "Image": noop("&Image"),
    "Layer": noop("&Layer"),
    "Mask": noop("&Mask"),
    "View": noop("&View"),
    "Generate": noop("&Generate"),
    "Help": noop("&Help"),
    "View/Theme": noop("&Theme"),
    "View/Compare": noop("Com&pare"),
    "View/Language": noop("&Language"),
    "Generate/Mode": noop("&Mode"),
}

Actions = Mapping[str, QAction]


def default_keys() -> dict[str, Keys]:
    """The program's own keys."""
    return {command.name: command.keys for command in COMMANDS}


def make_actions(
    window: QMainWindow, faults: Faults, handlers: Mapping[str, Callable[..., object]], keymap: Keymap
) -> Actions:
    """One QAction for each command, guarded; its words follow the language, its keys the keymap.

    KeyError for a command without a handler.
    """
    groups: dict[str, QActionGroup] = {}
    actions: dict[str, QAction] = {}
    for command in COMMANDS:
        action = QAction(window)
        action.setObjectName(command.name)
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
    keymap.on_change.append(lambda names: _tell(actions, keymap, names))
    follow_language(window, lambda: _tell(actions, keymap, actions))
    return actions


def _tell(actions: Actions, keymap: Keymap, names: Collection[str]) -> None:
    """Words, keys and tips of these commands, as they are now."""
    for command in COMMANDS:
        if command.name in names:
            action, keys, tip = actions[command.name], keymap[command.name], tr(TIPS.get(command.name, ""))
            action.setText(tr(command.text))
            action.setShortcuts([QKeySequence(key) for key in keys])
            action.setStatusTip(tip)
            action.setToolTip(tooltip(plain_words(tr(command.text)), keys[0] if keys else "", tip))


def fill_menus(window: QMainWindow, actions: Actions) -> dict[str, QMenu]:
    """The menu bar; returns its menus, and those in them, by name."""
    menus = {name: window.menuBar().addMenu(name) for name in MENUS}
    for command in COMMANDS:
        if command.menu:
            menu = menus.get(command.menu) or _inner_menu(menus, command.menu)
            if command.breaks:
                menu.addSeparator()
            menu.addAction(actions[command.name])

    def tell() -> None:
        for name, menu in menus.items():
            menu.setTitle(tr(_MENU_TITLES[name]))

    follow_language(window, tell)
    return menus


def _inner_menu(menus: dict[str, QMenu], name: str) -> QMenu:
    outer = menus[name.partition("/")[0]]
    menus[name] = outer.addMenu(name)
    return menus[name]


def where(command: Command) -> str:
    """The menus that lead to a command, in words; "" for none."""
    parts = command.menu.split("/") if command.menu else []
    paths = ["/".join(parts[: count + 1]) for count in range(len(parts))]
    return " › ".join(plain_words(tr(_MENU_TITLES[path])) for path in paths)
