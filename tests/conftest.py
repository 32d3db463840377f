"""What every test relies on: nothing real is touched, and nothing is left behind.

The home, settings and cache folders are temporary; sockets reach this machine only; Qt draws off screen; a thread or
a child process that outlives its test fails it, and so does a warning from Qt.
"""

from __future__ import annotations

import gc
import ipaddress
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import psutil
import pytest

os.environ.update(
    QT_QPA_PLATFORM="offscreen",
    HF_HUB_OFFLINE="1",
    TRANSFORMERS_OFFLINE="1",
    TOKENIZERS_PARALLELISM="false",
    CUDA_VISIBLE_DEVICES="",
)
for variable in ("MUSE_STUDIO_MODEL", "QT_SCALE_FACTOR", "QT_STYLE_OVERRIDE", "FORCE_COLOR", "NO_COLOR"):
    os.environ.pop(variable, None)

signal.signal(signal.SIGINT, signal.default_int_handler)
"""A shell's background jobs ignore interruptions, and would hand that on to the programs that tests interrupt."""

OFF_SCREEN_NOTE = "This plugin does not support "
"""Qt's off-screen platform says so of every window that has a least size or is raised; no other platform does."""

Running = TypeVar("Running", threading.Thread, psutil.Process)

GRACE_S = 3.0
"""How long a thread or a process may take to end after its test: joins are quick, a loaded machine is not."""


@pytest.fixture(autouse=True, scope="session")
def private_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """No test reads or writes the person's own settings."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("HOME", "USERPROFILE"):
            patch.setenv(variable, str(home))
        for variable, folder in (
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_CACHE_HOME", "cache"),
            ("XDG_DATA_HOME", "share"),
            ("XDG_STATE_HOME", "state"),
            ("APPDATA", "appdata"),
            ("LOCALAPPDATA", "localappdata"),
        ):
            patch.setenv(variable, str(home / folder))
        yield home


def leaves_this_machine(address: object) -> bool:
    """Whether a socket address names another machine. Unix sockets have a path for an address and never do."""
    if not isinstance(address, tuple):
        return False
    try:
        return not ipaddress.ip_address(str(address[0])).is_loopback
    except ValueError:
        return str(address[0]) != "localhost"


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """The program works offline: a test that reaches for another machine fails at once."""
    connect = socket.socket.connect

    def refuse(self: socket.socket, address: Any) -> None:
        if leaves_this_machine(address):
            raise PermissionError(f"a test tried to reach {address}")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", refuse)
        patch.setattr(socket.socket, "connect_ex", refuse)
        yield


def threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.is_alive()}


def children() -> set[psutil.Process]:
    return set(psutil.Process().children(recursive=True))


def remaining(count: Callable[[], set[Running]], before: set[Running]) -> set[Running]:
    """What `count` still finds beyond `before`, once the grace is over."""
    deadline = time.monotonic() + GRACE_S
    while (left := count() - before) and time.monotonic() < deadline:
        time.sleep(0.01)
    return left


@pytest.fixture(autouse=True)
def nothing_is_left_running() -> Iterator[None]:
    """A stray thread or process fails the test that started it. Fixtures of a wider scope are set up before this."""
    threads_before, children_before = threads(), children()
    yield
    stray = remaining(threads, threads_before)
    assert not stray, f"threads left running: {sorted(thread.name for thread in stray)}"
    orphans = remaining(children, children_before)
    names = sorted(str(process) for process in orphans)
    for process in orphans:
        process.kill()
    assert not orphans, f"processes left running: {names}"


@pytest.fixture(scope="session")
def qapp() -> Iterator[Any]:
    """The one QApplication, off screen."""
    from PySide6.QtWidgets import QApplication

    application = QApplication.instance() or QApplication(["muse-studio-tests"])
    yield application
    application.processEvents()


@pytest.fixture(autouse=True)
def qt_says_nothing(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """A warning from Qt fails the test that caused it. Only where the test uses `qapp`, directly or not."""
    messages: list[str] = []
    if "qapp" not in request.fixturenames:
        yield messages
        return
    from PySide6.QtCore import QtMsgType, qInstallMessageHandler

    def note(kind: QtMsgType, _context: object, text: str) -> None:
        if kind not in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg) and not text.startswith(OFF_SCREEN_NOTE):
            messages.append(text)

    previous = qInstallMessageHandler(note)
    yield messages
    qInstallMessageHandler(previous)
    assert not messages, f"Qt warned: {messages}"


@pytest.fixture(autouse=True)
def qt_dies_in_this_thread(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a test of Qt leaves in cycles is destroyed here, before any later test's threads can collect it.

    An object of Qt that is destroyed in another thread leaves its timers behind, and the next look at them crashes.
    """
    if "qapp" not in request.fixturenames:
        yield
        return
    gc.disable()
    yield
    gc.collect()
    gc.enable()


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A complete checkpoint folder with random weights: small, quick, the same in every run, no use to an artist."""
    import torch

    from muse_studio.muse.cascade import Cascade
    from muse_studio.muse.presets import build_modules, random_text_encoder, tiny

    folder = tmp_path_factory.mktemp("model") / "tiny"
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        Cascade(tiny(), build_modules(tiny()), random_text_encoder()).save(folder)
    return folder
