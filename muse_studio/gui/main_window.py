"""The one window: builds its parts, joins them, and keeps what they show true. Knows nothing about torch or processes.

What a command does is in `files` (pictures in and out), `jobs` (generating) and the canvas; this module wires them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import QMainWindow, QMenu, QToolBar, QWidget

import muse_studio
from muse_studio import places
from muse_studio.client.jobs import WorkerStatus
from muse_studio.client.surface import StudioClient
from muse_studio.core.document import Document
from muse_studio.core.errors import MuseStudioError
from muse_studio.core.model_shape import ModelShape
from muse_studio.core.recovery import recovery_folder
from muse_studio.core.request import EditRequest
from muse_studio.core.settings import Settings, Theme
from muse_studio.core.wishes import Wishes, wishes_of
from muse_studio.gui.action_area import ActionArea
from muse_studio.gui.canvas.canvas import Canvas
from muse_studio.gui.canvas.picture import PictureCache
from muse_studio.gui.canvas_desk import CanvasDesk
from muse_studio.gui.commands import default_keys, fill_menus, make_actions
from muse_studio.gui.docks import Docks, Place
from muse_studio.gui.drops import DropTarget
from muse_studio.gui.exports import ExportDesk, choice_of
from muse_studio.gui.faults import Faults
from muse_studio.gui.fields import horizontal, vertical
from muse_studio.gui.files import SETTINGS_TOPIC, FileDesk
from muse_studio.gui.guide import Guide
from muse_studio.gui.history import History
from muse_studio.gui.image_desk import ImageDesk
from muse_studio.gui.incoming import PictureFile
from muse_studio.gui.jobs import JobDesk
from muse_studio.gui.keymap import Keymap
from muse_studio.gui.language import follow_language, tr
from muse_studio.gui.layer_desk import LayerDesk
from muse_studio.gui.making import Making
from muse_studio.gui.memory import remembered, restore
from muse_studio.gui.message_bar import MessageBar, Notice, notice_of
from muse_studio.gui.model_defaults import ModelDefaults, read_defaults
from muse_studio.gui.model_desk import ModelDesk
from muse_studio.gui.models_page import open_models
from muse_studio.gui.options_bar import OptionsBar
from muse_studio.gui.panels.layers import LayersPanel
from muse_studio.gui.presets import Presets
from muse_studio.gui.recent import RecentMenu
from muse_studio.gui.recovery import RecoveryDesk
from muse_studio.gui.sentences import say
from muse_studio.gui.sheet import Sheet
from muse_studio.gui.stage import Stage
from muse_studio.gui.status_line import StatusLine
from muse_studio.gui.theme import Colors, ThemeKeeper
from muse_studio.gui.timeline.desk import TimelineDesk
from muse_studio.gui.tool_hints import tool_hint
from muse_studio.gui.tool_strip import ToolStrip
from muse_studio.gui.translator import LanguageKeeper

_NEEDS_DOCUMENT = (
    *("save", "save_as", "export", "quick_export", "load_mask", "save_mask"),
    *("clear_mask", "invert_mask", "mask_all"),
    *("fit", "actual_size", "zoom_in", "zoom_out", "frame_reset"),
    *CanvasDesk.NEEDS_DOCUMENT,
)
_LEAST_SIZE_PX = (1024, 640)


class MainWindow(QMainWindow):
    """Canvas in the middle, tools at its left, their options above it, panels around it, status below."""

    closed = Signal()
    """The window is closed, its tasks are done and the client is shut down."""

    def __init__(
        self,
        client: StudioClient,
        theme: ThemeKeeper,
        settings: Settings,
        presets: Presets,
        defaults: ModelDefaults,
        save_settings: Callable[[Settings], None],
    ) -> None:
        super().__init__()
        self.client = client
        self.settings = settings
        self.theme = theme
        self._save_settings = save_settings
        self._may_close = self._closing = False
        self.faults = Faults(self.show_error)
        self.language = LanguageKeeper(self, settings.language)
        self.canvas = Canvas()
        self.stage = Stage(self.canvas, self.refresh)
        self.making = Making(self, presets, defaults)
        self.panel = self.making.panel
        self.status_line = StatusLine()
        self.files = FileDesk(self, Path(settings.last_folder) if settings.last_folder else None)
        self.exports = ExportDesk(self, self.files, choice_of(settings.export))
        spawn = self.faults.spawn
        self.recovery = RecoveryDesk(self, self.files, recovery_folder(), self.files.encoded, spawn)
        self.faults.on_fault.append(self.recovery.save_now)
        self.jobs = JobDesk(self, client, self.faults)
        self.guide = Guide(self)
        self.easel = CanvasDesk(self, self.stage, self.faults)
        self.layers, self.image = LayerDesk(self, self.faults), ImageDesk(self, self.faults)
        self.keymap = Keymap(default_keys(), settings.shortcuts)
        self.history = History(self)
        self.timeline = TimelineDesk(self)
        self.models = ModelDesk(self, client, self.faults, places.default_model())
        self.models.setParent(self)
        self.commands = make_actions(self, self.faults, self._handlers(), self.keymap)
        self.making.join()
        self.strip, self.options = ToolStrip(self.commands), OptionsBar(self.commands)
        self.messages = self._build()
        slot = self.faults.slot
        self.recent = RecentMenu(
            self.menus["File"], self.commands["paste"], slot(self.open_path), slot(self._forget_files)
        )
        self.guide.build()
        self._connect()
        restore(self, settings)
        self.wear(theme.colors)
        self.stage.show(None)
        follow_language(self, self.refresh)

    # Building

    def _build(self) -> MessageBar:
        self.setWindowTitle("Muse Studio")
        self.setMinimumSize(*_LEAST_SIZE_PX)
        self.menus = fill_menus(self, self.commands)
        self.setStatusBar(self.status_line)
        self.canvas_area = QWidget()
        self.canvas_area.setObjectName("canvasArea")
        vertical(self.canvas_area, 0, 0).addWidget(self.canvas, 1)
        self.easel.compare.put_beside(self.canvas_area)
        below = QWidget()
        row = horizontal(below, 0, 0)
        row.addWidget(self.strip)
        row.addWidget(self.canvas_area, 1)
        self.setCentralWidget(below)
        self.addToolBar(self._options_row())
        self._add_panels()
        self.setTabOrder(self.actions_area.generate, self.status_line.model)  # or the window would begin with it
        return MessageBar(self.canvas_area, self.theme.colors)

    def _options_row(self) -> QToolBar:
        """The options bar over the window's whole width, above canvas and panels."""
        row = QToolBar()
        row.setObjectName("optionsRow")
        row.setMovable(False)
        row.toggleViewAction().setVisible(False)
        row.addWidget(self.options)
        return row

    def _add_panels(self) -> None:
        menu = QMenu(self)
        self.menus["View"].insertMenu(self.commands["hide_panels"], menu)
        follow_language(menu, lambda: menu.setTitle(tr("&Panels")))
        self.docks = Docks(self, menu)
        self.docks.add("make", lambda: tr("Make"), self.panel, Place.TOP_RIGHT, bare=True)
        self.docks.add("timeline", lambda: tr("Timeline"), self.timeline.panel, Place.BOTTOM)
        self.layers_panel = LayersPanel(self.layers, self.commands, self.faults)
        self.docks.add("layers", lambda: tr("Layers"), self.layers_panel, Place.TABS)
        self.docks.add("queue", lambda: tr("Queue"), self.making.queue, Place.TABS)
        self.docks.add("history", lambda: tr("History"), self.history.panel, Place.TABS)

    def _handlers(self) -> Mapping[str, Callable[..., object]]:
        files, jobs, canvas, spawn = self.files, self.jobs, self.canvas, self.faults.spawn
        handlers: dict[str, Callable[..., object]] = {
            "new": lambda: spawn(files.new()),
            "open": lambda: spawn(files.open()),
            "paste": self.paste,
            "recover": lambda: spawn(self.recovery.offer(asked=True)),
            "save": lambda: spawn(files.save()),
            "save_as": lambda: spawn(files.save_as()),
            "export": lambda: spawn(self.exports.export()),
            "quick_export": lambda: spawn(self.exports.quick()),
            "load_mask": lambda: spawn(self.exports.load_mask()),
            "save_mask": lambda: spawn(self.exports.save_mask()),
            "quit": self._quit,
            "undo": self.image.undo,
            "redo": self.image.redo,
            "clear_mask": self.stage.clear_mask,
            "invert_mask": self.stage.invert_mask,
            "mask_all": self.stage.fill_mask,
            "fit": canvas.fit,
            "actual_size": canvas.actual_size,
            "zoom_in": canvas.zoom_in,
            "zoom_out": canvas.zoom_out,
            "hide_panels": self._hide_panels,
            **{f"theme_{choice}": partial(self._choose_theme, choice) for choice in Theme},
            "frame_reset": self.stage.reset_frame,
            **self.layers.handlers(),
            **self.image.handlers(),
            **self.making.handlers(),
            "edit_prompt": self._edit_prompt,
            "export_decode": self.timeline.export,
            "play_decode": self.timeline.play,
            "branch": self.timeline.branch,
            "restart_worker": jobs.restart_worker,
            "models": lambda: open_models(self),
            "search_history": self.history.search,
            **self.guide.handlers(),
        }
        return {**handlers, **self.easel.handlers()}

    def _connect(self) -> None:
        slot, canvas = self.faults.slot, self.canvas
        canvas.documentEdited.connect(slot(self.refresh))
        canvas.frameChanged.connect(slot(self.refresh))
        canvas.zoomChanged.connect(slot(self._zoom_changed))
        canvas.toolChanged.connect(slot(self._tool_changed))
        self.easel.connect_bar(self.options, self.commands)
        self.theme.changed.connect(slot(self.wear))
        self.status_line.model.clicked.connect(self.commands["models"].trigger)
        self.client.on_status.append(slot(self._worker_changed))
        self._drops = DropTarget(self, slot(self._dropped), slot(self._light_drop))

    def wear(self, colors: Colors) -> None:
        """Put on a theme's colours."""
        self.canvas.set_theme(colors)
        self.easel.wear(colors)
        parts = (self.making, self.strip, self.options, self.messages, self.guide.welcome, self.history, self.timeline)
        for part in (*parts, self.layers_panel):
            part.wear(colors)

    # What the desks ask of the window

    @property
    def sheet(self) -> Sheet | None:
        return self.stage.sheet

    @property
    def actions_area(self) -> ActionArea:
        return self.panel.actions_area

    @property
    def shape(self) -> ModelShape:
        """Of the model that pictures are made with."""
        return self.making.model.shape

    def widget(self) -> QWidget:
        return self

    def notify(self, notice: Notice) -> None:
        self.messages.show_notice(notice)

    def dismiss(self, topic: str) -> None:
        self.messages.dismiss(topic)

    def show_error(self, error: MuseStudioError) -> None:
        self.notify(notice_of(error))

    def start_over(self, sheet: Sheet, shown: PictureCache | None = None) -> None:
        """Show another document; jobs of the old one go on, and what they make is kept in the history."""
        self.dismiss(SETTINGS_TOPIC)  # they were another picture's
        self.stage.show(sheet, shown)

    def remember_file(self, path: Path) -> None:
        self.settings = self.settings.with_recent(path)
        self.show_recent()

    def show_recent(self) -> None:
        """The recent files, in the menu and on the welcome page."""
        self.recent.show_files(self.settings.recent_files)
        self.guide.welcome.show_recent(self.settings.recent_files)

    def _forget_files(self) -> None:
        self.settings = self.settings.without_recent()
        self.show_recent()

    def wishes(self) -> Wishes:
        return self.making.wishes()

    def with_files(self, request: EditRequest) -> EditRequest:
        return self.making.loras.with_files(request)

    def use_settings(self, settings: Mapping[str, Any]) -> None:
        self.making.use(wishes_of(settings))

    def keep_settings(self, settings: Settings) -> None:
        """Remember other settings now, not only when the window closes."""
        self.settings = settings
        self._remember()

    def model_chosen(self, folder: Path) -> None:
        self.making.model.expect(read_defaults(folder))

    def facts(self) -> Mapping[str, Any]:
        return {"model": self.client.status.model, "version": muse_studio.__version__}

    # Commands

    def open_path(self, path: Path) -> None:
        """Open a picture; what goes wrong is said in the message bar."""
        self.faults.spawn(self.files.take(PictureFile(path)))

    def paste(self) -> None:
        self.faults.spawn(self.files.take_mime(QGuiApplication.clipboard().mimeData(), "clipboard"))

    def _dropped(self, mime: QMimeData) -> None:
        if not self.history.take_drop(mime) and not self.making.loras.take_drop(mime):
            self.faults.spawn(self.files.take_mime(mime, "drop"))

    def _light_drop(self, lit: bool) -> None:
        self.canvas.drop_lit = lit
        self.guide.welcome.light(lit)

    def _choose_theme(self, choice: Theme) -> None:
        self.theme.choose(choice)

    def _hide_panels(self) -> None:
        self.docks.toggle_all()

    def _quit(self) -> None:
        self.close()

    def _edit_prompt(self) -> None:
        self.panel.prompt.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.panel.prompt.selectAll()

    def open_page(self, page: QWidget) -> None:
        """Show a page of its own over the window; it goes when it is closed."""
        page.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        page.show()
        page.activateWindow()  # a bare display has no window manager that would do it, and the keys went to the canvas

    # What the parts tell

    def _worker_changed(self, status: WorkerStatus) -> None:
        self.status_line.show_worker(status)

    def _zoom_changed(self) -> None:
        zoom = self.canvas.zoom if self.sheet is not None or self.jobs.is_busy else None
        self.options.show_zoom(zoom)
        self.status_line.show_zoom(zoom)

    def _tool_changed(self) -> None:
        self.status_line.show_hint(tool_hint(self.canvas.tool))

    def refresh(self) -> None:
        """Make every label and every command's state true."""
        sheet, commands = self.sheet, self.commands
        document = sheet.document if sheet else None
        self.making.refresh()
        for name in _NEEDS_DOCUMENT:
            commands[name].setEnabled(document is not None)
        self._refresh_history(document)
        self.timeline.follow(sheet.runs if sheet else self.jobs.loose_runs)
        self.layers.enable(commands, shown=document is not None)
        self.image.enable(commands, shown=document is not None)
        self.layers_panel.show_document(document)
        self.guide.refresh()
        extent, frame = (document.extent, document.frame) if document else (None, None)
        self.status_line.show_document(extent, frame)
        self._zoom_changed()
        self._tool_changed()
        self.easel.refresh()
        self.setWindowTitle(f"{sheet.title}[*] – Muse Studio" if sheet else "Muse Studio")
        self.setWindowModified(sheet is not None and sheet.is_unsaved)
        self.recovery.look()

    def _refresh_history(self, document: Document | None) -> None:
        undo, redo = self.commands["undo"], self.commands["redo"]
        undo.setEnabled(document is not None and document.can_undo)
        redo.setEnabled(document is not None and document.can_redo)
        undo_label, redo_label = (document.undo_label, document.redo_label) if document else (None, None)
        undo.setText(tr("&Undo: {what}", what=say(undo_label)) if undo_label else tr("&Undo"))
        redo.setText(tr("&Redo: {what}", what=say(redo_label)) if redo_label else tr("&Redo"))

    # Closing

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about unsaved changes and shut the client down first; the window closes when that is done."""
        if self._may_close:
            event.accept()
            return
        event.ignore()
        if not self._closing:
            self._closing = True
            self.faults.spawn(self._close())

    async def _close(self) -> None:
        try:
            if not await self.files.may_lose():
                return
            await self.shut_down()
        finally:
            self._closing = False

    async def shut_down(self) -> None:
        """Close without a question: remember the settings, end jobs, worker and threads."""
        self.making.live.close()
        self._remember()
        self.hide()
        self.status_line.stop_measuring()
        self.jobs.cancel_all()
        await self.client.close()
        await self.faults.finish_tasks()
        self.recovery.close()
        self.files.close()
        self.easel.close()
        self.jobs.close()
        self.history.close()
        self.timeline.close()
        self.layers.close()
        self.image.close()
        self.models.close()
        self._may_close = True
        self.close()
        self.closed.emit()

    def _remember(self) -> None:
        try:
            self._save_settings(remembered(self))
        except MuseStudioError as error:
            self.faults.report(error)
