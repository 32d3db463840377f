"""`muse-studio selfcheck`: proves that this installation works, packaged or not, off screen and on the shipped model.

The window opens, a job makes a picture, the worker is killed in the middle of the next one and comes back, another job
runs, and nothing is left behind. Says when each thing was true. Knows nothing of what the pictures should show.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QTimer

from muse_studio.client.client import WorkerClient
from muse_studio.client.jobs import WorkerState
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.settings import Settings
from muse_studio.gui.apart import apart
from muse_studio.gui.app import after_first_paint, begin, catching, make_application, make_loop, make_window
from muse_studio.gui.hands import Hands, by_hand, picture_of
from muse_studio.gui.main_window import MainWindow

PROMPTS = ("a 3d fox", "a 3d cat")
LOAD_TIMEOUT_S = 600.0
JOB_TIMEOUT_S = 600.0
END_TIMEOUT_S = 10.0
MOST_WORKERS = 1
WATCH_EVERY_MS = 20


def run_selfcheck(model: Path, device: str, since: float | None) -> int:
    """0 if all went right. since: `time.time()` when the program was asked for; None is now."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    begun = time.time() if since is None else since
    app = make_application(["muse-studio"])
    client = WorkerClient(model, device)
    with apart():
        window = make_window(app, client, model, Settings(), lambda _: None)
        check = SelfCheck(window, client, begun)
        with make_loop(app) as loop:
            loop.run_until_complete(check.run())
        window.deleteLater()
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    return 1 if check.wrong else 0


class SelfCheck:
    """One run on one window."""

    def __init__(self, window: MainWindow, client: WorkerClient, begun: float) -> None:
        self.window, self.client = window, client
        self.wrong: list[str] = []
        self._hands = Hands(window)
        self._begun = begun
        self._most_children = self._steps = 0
        window.jobs.on_step.append(self._note_step)
        self._watch = QTimer(window)
        self._watch.timeout.connect(self._count)

    async def run(self) -> None:
        """Everything, in order."""
        self._watch.start(WATCH_EVERY_MS)
        with catching(self.window):
            try:
                await self._open()
                await self._first_job()
                await self._lose_the_worker()
                await self._second_job()
            except MuseStudioError as fault:
                self.check(False, fault.message)
            finally:
                await self.window.shut_down()
                await self._leave()

    async def _open(self) -> None:
        painted = asyncio.get_running_loop().create_future()
        after_first_paint(self.window, lambda: painted.set_result(None))
        self.window.show()
        await painted
        self.say("window painted")
        begin(self.window)
        self.check(len(np.unique(picture_of(self.window).reshape(-1, 3), axis=0)) > 8, "the window shows its parts")
        await self._until(lambda: self.client.status.state is WorkerState.READY, LOAD_TIMEOUT_S, "the model")
        self.say(f"model loaded: {self.client.status.model} on {self.client.status.device}")

    async def _first_job(self) -> None:
        await self._make(PROMPTS[0])
        await self._job_over()
        self.say("first job finished")
        self.check(self._picture().std() > 1, "it made a picture")

    async def _lose_the_worker(self) -> None:
        before, steps = self._picture().copy(), self._steps
        await self._make(PROMPTS[1])
        await self._until(lambda: self._steps > steps, JOB_TIMEOUT_S, "a step of the second job")
        lost = self.client.pid
        assert lost is not None
        psutil.Process(lost).kill()
        await self._job_over()
        self.say("worker killed in the middle of a job, and the job is over")
        self.check(np.array_equal(before, self._picture()), "the picture is as it was before that job")
        await self._until(lambda: self.client.status.state is WorkerState.READY, LOAD_TIMEOUT_S, "another worker")
        self.say("another worker is ready")
        self.check(self.client.pid not in (None, lost), "it is another process")

    async def _second_job(self) -> None:
        before = self._picture().copy()
        await self._make(PROMPTS[1])
        await self._job_over()
        self.say("job after that finished")
        self.check(not np.array_equal(before, self._picture()), "it made another picture")

    async def _leave(self) -> None:
        self._watch.stop()
        deadline = time.monotonic() + END_TIMEOUT_S
        while psutil.Process().children(recursive=True) and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
        self.say("window closed")
        self.check(not psutil.Process().children(recursive=True), "no process is left")
        self.check(self._most_children <= MOST_WORKERS, f"at most {1 + self._most_children} processes at any time")

    # Doing and waiting

    async def _make(self, prompt: str) -> None:
        await by_hand(lambda: self._hands.type_prompt(prompt))
        await by_hand(lambda: self._hands.click(self.window.actions_area.generate))
        await self._until(lambda: self.window.jobs.is_busy, END_TIMEOUT_S, "the job")

    async def _job_over(self) -> None:
        await self._until(lambda: not self.window.jobs.is_busy, JOB_TIMEOUT_S, "the job's end")

    def _picture(self) -> NDArray[np.uint8]:
        if self.window.sheet is None:
            raise MuseStudioError(ErrorKind.INTERNAL, "There is no document after a job.")
        return self.window.sheet.document.picture

    async def _until(self, true: Callable[[], object], timeout_s: float, what: str) -> None:
        deadline = time.monotonic() + timeout_s
        while not true():
            if self.client.status.state is WorkerState.FAILED:
                raise MuseStudioError(ErrorKind.WORKER_LOST, self.client.status.message)
            if time.monotonic() > deadline:
                raise MuseStudioError(ErrorKind.INTERNAL, f"{what} did not come within {timeout_s:.0f} s.")
            await asyncio.sleep(0.01)

    def _note_step(self, *_: object) -> None:
        self._steps += 1

    def _count(self) -> None:
        self._most_children = max(self._most_children, len(psutil.Process().children(recursive=True)))

    def say(self, words: str) -> None:
        sys.stdout.write(f"[{time.time() - self._begun:6.2f} s] {words}\n")
        sys.stdout.flush()

    def check(self, right: bool, words: str) -> None:
        sys.stdout.write(f"           {'ok   ' if right else 'WRONG'} {words}\n")
        sys.stdout.flush()
        if not right:
            self.wrong.append(words)
