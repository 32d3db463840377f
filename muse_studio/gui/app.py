"""Starts the studio: application, event loop, window, and, after its first paint, the worker. Imports no torch.

Knows nothing about what the window does. Exceptions that get past every slot's guard still end in the message bar.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import qasync
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from muse_studio import places
from muse_studio.client.surface import StudioClient
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.settings import Settings, load_settings, save_settings
from muse_studio.gui.icons import application_icon
from muse_studio.gui.incoming import PictureFile
from muse_studio.gui.main_window import MainWindow
from muse_studio.gui.model_defaults import read_defaults
from muse_studio.gui.presets import load_presets
from muse_studio.gui.theme import ThemeKeeper

log = logging.getLogger(__name__)

DISPLAY_GONE = (
    "The display that showed the window went away, and the program ended with it. Work that was unsaved is offered "
    "when Muse Studio is started again."
)
COLLECT_EVERY_MS = 10_000
"""Between collections of cyclic garbage: one takes a few milliseconds."""


def run(argv: Sequence[str], options: Any) -> int:
    """Open the window and stay until it is closed; the process's exit code.

    options: as the command line parsed them: `model` (the cascade's folder), `device`, `files` (pictures to open).
    Raises MuseStudioError(INTERNAL) where Qt ended the event loop by itself: its display is gone.
    """
    app = make_application(argv)
    with make_loop(app) as loop:
        studio = loop.create_task(_studio(app, Path(options.model), options.device, tuple(options.files)))
        try:
            return int(loop.run_until_complete(studio))
        except RuntimeError as fault:
            if studio.done():
                raise
            raise MuseStudioError(ErrorKind.INTERNAL, DISPLAY_GONE, str(fault)) from fault


def make_application(argv: Sequence[str]) -> QApplication:
    """The one QApplication, named and signed."""
    for needless in (
        Qt.ApplicationAttribute.AA_CompressHighFrequencyEvents,
        Qt.ApplicationAttribute.AA_CompressTabletEvents,
    ):
        QApplication.setAttribute(needless, False)  # a stroke is made of every event that the pen sends
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(list(argv))
    app.setApplicationName("muse-studio")
    app.setApplicationDisplayName("Muse Studio")
    app.setDesktopFileName("muse-studio")
    app.setWindowIcon(application_icon())
    app.setQuitOnLastWindowClosed(False)
    return app


def make_loop(app: QApplication) -> qasync.QEventLoop:
    """An asyncio loop on Qt's; use it in a `with`, which closes it."""
    loop = qasync.QEventLoop(app, already_running=False)
    asyncio.set_event_loop(loop)
    return loop


def make_window(
    app: QApplication,
    client: StudioClient,
    model: Path,
    settings: Settings,
    remember: Callable[[Settings], None] = save_settings,
) -> MainWindow:
    """The studio's window on any client; not yet shown."""
    theme = ThemeKeeper(app, settings.theme)
    presets = load_presets(places.shipped("resources/presets.json"))
    window = MainWindow(client, theme, settings, presets, read_defaults(model), remember)
    theme.setParent(window)  # else the application's signals would hold a window that is gone
    return window


async def _studio(app: QApplication, model: Path, device: str, files: tuple[Path, ...]) -> int:
    from muse_studio.client.client import WorkerClient

    client = WorkerClient(model, device)
    window = make_window(app, client, model, load_settings())
    closed = asyncio.Event()
    window.closed.connect(closed.set)
    app.aboutToQuit.connect(window.recovery.keep_last)
    _close_on_signals(window)
    with catching(window), collecting_here(app):
        after_first_paint(window, lambda: begin(window, files))
        window.show()
        await closed.wait()
    window.deleteLater()
    return 0


def _close_on_signals(window: MainWindow) -> None:
    """Ctrl+C in the terminal, or a polite kill, is a click on the window's close button: unsaved work is asked about.

    Python sees a signal when it next runs; the status line's timer sees to that within seconds.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: QTimer.singleShot(0, window.close))


def begin(window: MainWindow, files: Sequence[Path] = ()) -> None:
    """Start the worker, offer what a crash left, and open the file that the command line named."""
    window.faults.spawn(window.client.start())
    window.status_line.start_measuring()
    window.guide.begin()
    window.faults.spawn(_open_first(window, files))


async def _open_first(window: MainWindow, files: Sequence[Path]) -> None:
    if files:
        await window.files.take(PictureFile(files[0]))
    await window.recovery.offer()


def after_first_paint(window: MainWindow, start: Callable[[], None]) -> None:
    """Call `start` when the window has been painted once, so that nothing delays its appearance."""
    window.installEventFilter(_FirstPaint(window, start))


class _FirstPaint(QObject):
    """Watches a window for its first paint event, then goes away."""

    def __init__(self, window: MainWindow, start: Callable[[], None]) -> None:
        super().__init__(window)
        self._start = start

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            QTimer.singleShot(0, self._start)
            self.deleteLater()
        return False


@contextmanager
def collecting_here(app: QApplication) -> Iterator[None]:
    """While open, cyclic garbage is collected by this thread alone: another's collector could destroy a Qt object."""
    timer = QTimer(app)
    timer.timeout.connect(gc.collect)
    timer.start(COLLECT_EVERY_MS)
    gc.disable()
    gc.freeze()  # modules and the window's parts stay: looking through all of them again takes 30 ms
    try:
        yield
    finally:
        gc.unfreeze()
        gc.enable()
        timer.stop()
        timer.deleteLater()


class catching:  # noqa: N801  a context manager, named as it reads
    """While open, exceptions that Qt or the event loop would print are shown in the window's message bar."""

    def __init__(self, window: MainWindow) -> None:
        self._report = window.faults.report

    def __enter__(self) -> None:
        self._before = sys.excepthook
        sys.excepthook = self._hook
        asyncio.get_running_loop().set_exception_handler(self._from_loop)

    def __exit__(self, *_: object) -> None:
        sys.excepthook = self._before
        asyncio.get_running_loop().set_exception_handler(None)

    def _hook(self, kind: type[BaseException], fault: BaseException, trace: TracebackType | None) -> None:
        if isinstance(fault, Exception):
            self._report(fault)
        else:
            self._before(kind, fault, trace)

    def _from_loop(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        fault = context.get("exception")
        if isinstance(fault, Exception):
            self._report(fault)
        else:
            log.error("event loop: %s", context.get("message"))
