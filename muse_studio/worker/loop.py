"""The worker's main loop: takes one message after another, runs one job at a time, tells every step.

Knows nothing of torch: the session that does is made by a function it is given, after it has said hello.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import muse_studio
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.loras import LoraUse
from muse_studio.core.request import EditRequest
from muse_studio.ipc.events import ResultEvent, StepEvent
from muse_studio.ipc.letters import failed_letter, looked_letter, read_request, result_letter
from muse_studio.ipc.limits import NAME_LIMIT_CHARACTERS
from muse_studio.ipc.messages import Cancelled, DeviceInfo, Hello, Letter, Load, Loading, ModelInfo, Ready, Run
from muse_studio.worker.inbox import Inbox
from muse_studio.worker.outbox import Outbox

Progress = Callable[[float, str], None]

IMPORT_SHARE = 0.4  # of the whole start of a small model: torch and transformers take longer than its weights
WARM_UP_SHARE = 0.9


class AnySession(Protocol):
    """What the loop needs of a session; every fault is a MuseStudioError."""

    def load(self, folder: Path, device: str, progress: Progress | None = None) -> None:
        """Load a cascade folder."""

    def warm_up(self) -> None:
        """Make the first job as quick as the next ones."""

    def run(self, request: EditRequest) -> Iterator[StepEvent | ResultEvent]:
        """Steps, then a result for each variation; closing the iterator cancels."""

    def look_at_lora(self, path: Path) -> LoraUse:
        """What a LoRA file is, if it fits."""

    def model_info(self) -> ModelInfo:
        """What was loaded."""

    def device_info(self) -> DeviceInfo:
        """Where to."""


class WorkerLoop:
    """Says hello, then does what the inbox brings until it closes."""

    def __init__(self, inbox: Inbox, outbox: Outbox, make_session: Callable[[Progress], AnySession]) -> None:
        self._inbox = inbox
        self._outbox = outbox
        self._make_session = make_session
        self._session: AnySession | None = None

    def run(self) -> None:
        """Returns when the studio has said Shutdown or is gone."""
        self._outbox.post(Hello(muse_studio.__version__, os.getpid()))
        while (letter := self._inbox.next()) is not None:
            if isinstance(letter.message, Load):
                self._load(letter.message)
            elif isinstance(letter.message, Run):
                self._run(letter, letter.message.job)
                self._inbox.job_ended(letter.message.job)
            self._look()

    def _load(self, load: Load) -> None:
        try:
            session = self._make_session(self._tell_progress)
            session.load(Path(load.model), load.device, self._tell_model_progress)
            self._tell_progress(WARM_UP_SHARE, "warming up")
            session.warm_up()
        except MuseStudioError as error:
            self._outbox.post_letter(failed_letter(None, error))
            return
        self._session = session
        self._outbox.post(Ready(session.model_info(), session.device_info()))

    def _tell_model_progress(self, share: float, what: str) -> None:
        self._tell_progress(IMPORT_SHARE + (WARM_UP_SHARE - IMPORT_SHARE) * share, what)

    def _tell_progress(self, share: float, what: str) -> None:
        self._outbox.post(Loading(min(1.0, max(0.0, share)), what[:NAME_LIMIT_CHARACTERS]))

    def _look(self) -> None:
        """Answer what was asked about files."""
        while (asked := self._inbox.look()) is not None:
            try:
                found: LoraUse | MuseStudioError = self._ready_session().look_at_lora(Path(asked.path))
            except MuseStudioError as error:
                found = error
            self._outbox.post_letter(looked_letter(asked.nonce, found))

    def _ready_session(self) -> AnySession:
        if self._session is None:
            raise MuseStudioError(ErrorKind.BAD_REQUEST, "No model is loaded; choose one, then try again.")
        return self._session

    def _run(self, letter: Letter, job: int) -> None:
        try:
            self._tell_job(job, read_request(letter))
        except MuseStudioError as error:
            self._outbox.post_letter(failed_letter(job, error))

    def _tell_job(self, job: int, request: EditRequest) -> None:
        session = self._ready_session()
        if self._inbox.wants_stop(job):
            self._outbox.post(Cancelled(job))
            return
        events = session.run(request)
        for event in events:
            if isinstance(event, ResultEvent):
                self._outbox.post_letter(result_letter(job, event, request.count))
                if event.variation + 1 == request.count:
                    return
                continue
            self._outbox.post_step(job, event)
            self._look()
            if self._inbox.wants_stop(job):
                break
        close_iterator(events)
        self._outbox.post(Cancelled(job))


def close_iterator(events: Iterator[object]) -> None:
    """End a generator now, not when the collector comes by: its tensors are large."""
    close = getattr(events, "close", None)
    if close is not None:
        close()
