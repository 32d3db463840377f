"""One worker process and the three threads that hold its pipes.

The threads hand letters to the event loop with `call_soon_threadsafe`, which every loop has, Qt's included; asyncio's
own subprocesses ask more of a loop than qasync's gives everywhere. Knows nothing of jobs.
"""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import IO, Protocol

from muse_studio.client.limits import LAST_LOG_S, LOG_TAIL_BYTES
from muse_studio.core.errors import MuseStudioError
from muse_studio.ipc.framing import FrameReader, encode_frame
from muse_studio.ipc.messages import Letter, Message, pack, unpack_from_worker

log = logging.getLogger(__name__)

READ_BYTES = 256 * 1024


class ProcessListener(Protocol):
    """Who hears of a process; always called in the event loop's thread, and never after `ended`."""

    def heard(self, process: WorkerProcess, letter: Letter) -> None:
        """The worker said something."""

    def ended(self, process: WorkerProcess, reason: str, fault: MuseStudioError | None) -> None:
        """The process is gone; `fault` if it was because of what it said."""


class WorkerProcess:
    """A running worker. Raises OSError if the command can't be started.

    Its end is noticed by the end of its standard output, at once, however it died.
    """

    def __init__(self, command: Sequence[str], loop: asyncio.AbstractEventLoop, listener: ProcessListener) -> None:
        self._loop = loop
        self._listener = listener
        self._letters: SimpleQueue[bytes | None] = SimpleQueue()
        self._log_tail: deque[bytes] = deque()
        self._over = False
        self._process = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=worker_environment(),
            bufsize=0,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._writer = self._thread("client-writer", self._write_all)
        self._logger = self._thread("client-log", self._keep_log)
        self._thread("client-reader", self._read_all)

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def over(self) -> bool:
        """True once the listener has been told of the end."""
        return self._over

    def send(self, message: Message) -> None:
        """Send a message without arrays; never waits."""
        self.send_letter(Letter(message))

    def send_letter(self, letter: Letter) -> None:
        """Send a letter; never waits. MuseStudioError(PROTOCOL) if it can't be written as one."""
        self._letters.put(encode_frame(pack(letter)))

    def close_input(self) -> None:
        """Send what waits, then the end of the input: the worker exits by itself."""
        self._letters.put(None)

    def kill(self) -> None:
        """End the process now. The listener hears of it as of every other end."""
        if not self._over:
            self._process.kill()

    def log_tail(self) -> str:
        """The end of what the worker wrote to its standard error."""
        return b"".join(self._log_tail)[-LOG_TAIL_BYTES:].decode("utf-8", "replace").strip()

    def _thread(self, name: str, target: Callable[[], None]) -> Thread:
        thread = Thread(target=target, name=f"{name}-{self._process.pid}", daemon=True)
        thread.start()
        return thread

    def _write_all(self) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        try:
            while (data := self._letters.get()) is not None:
                view = memoryview(data)
                while view:
                    view = view[os.write(stdin.fileno(), view) :]
        except OSError:
            pass  # the worker is gone; the reader tells
        finally:
            _close_quietly(stdin)

    def _keep_log(self) -> None:
        stderr = self._process.stderr
        assert stderr is not None
        kept = 0
        with stderr:
            while data := os.read(stderr.fileno(), READ_BYTES):
                data = data[-LOG_TAIL_BYTES:]
                self._log_tail.append(data)
                kept += len(data)
                while kept - len(self._log_tail[0]) >= LOG_TAIL_BYTES:
                    kept -= len(self._log_tail.popleft())

    def _read_all(self) -> None:
        stdout = self._process.stdout
        assert stdout is not None
        fault: MuseStudioError | None = None
        reader = FrameReader()
        with stdout:
            try:
                while data := os.read(stdout.fileno(), READ_BYTES):
                    for frame in reader.feed(data):
                        self._tell(self._hear, unpack_from_worker(frame))
            except MuseStudioError as error:
                fault = error
        reason = self._reap()
        self._letters.put(None)
        self._writer.join(LAST_LOG_S)
        self._logger.join(LAST_LOG_S)
        self._tell(self._end, reason, fault)

    def _reap(self) -> str:
        """Wait for the process, which has closed its output, and say how it ended."""
        try:
            code = self._process.wait(0.2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        return exit_reason(code)

    def _hear(self, letter: Letter) -> None:
        if not self._over:
            self._listener.heard(self, letter)

    def _end(self, reason: str, fault: MuseStudioError | None) -> None:
        self._over = True
        self._listener.ended(self, reason, fault)

    def _tell(self, callback: Callable[..., None], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(callback, *arguments)
        except RuntimeError:
            log.debug("the event loop was closed before the worker ended")


def exit_reason(code: int) -> str:
    """How a process ended, in words for the log."""
    if code == -9:
        return "killed (SIGKILL); when memory is short, the system does this"
    if code < 0:
        return f"killed by signal {-code}"
    return f"exit code {code}"


def default_command() -> list[str]:
    """How to start the worker."""
    return program_command("worker")


def program_command(*words: str) -> list[str]:
    """How to start this program itself, frozen or not, with these words.

    -P keeps Python files that lie in the current folder, among somebody's pictures, from being imported.
    """
    if getattr(sys, "frozen", False):
        return [sys.executable, *words]
    return [sys.executable, "-P", "-m", "muse_studio", *words]


def worker_environment() -> dict[str, str]:
    """This process's environment, with the folder of this very package on the worker's path."""
    package = str(Path(__file__).resolve().parents[2])
    others = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": f"{package}{os.pathsep}{others}" if others else package}


def _close_quietly(pipe: IO[bytes]) -> None:
    with suppress(OSError):
        pipe.close()
