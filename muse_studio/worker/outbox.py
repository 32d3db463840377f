"""What the worker says, written by a thread of its own so that a slow reader never stops a decode.

Messages keep their order. When a step is posted while an older one still waits, the older one loses its preview: the
newest wins, tokens and results are always sent. Knows nothing of jobs or models.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from dataclasses import dataclass

from muse_studio.ipc.events import StepEvent
from muse_studio.ipc.framing import encode_frame
from muse_studio.ipc.letters import step_letter
from muse_studio.ipc.messages import Letter, Message, pack


@dataclass(slots=True)
class _Waiting:
    """A frame to be written; `slim` is what to write instead once a newer preview of the same variation exists."""

    data: bytes
    slim: bytes | None = None
    variation: int = 0


class Outbox:
    """A queue and the thread that empties it into a file descriptor. Safe to post to from every thread."""

    def __init__(self, write_fd: int) -> None:
        self._fd = write_fd
        self._waiting: deque[_Waiting] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._broken = False
        self._thread = threading.Thread(target=self._write_all, name="worker-outbox", daemon=True)
        self._thread.start()

    @property
    def broken(self) -> bool:
        """True once the other side has stopped listening; posts then vanish."""
        return self._broken

    def post(self, message: Message) -> None:
        """Send a message without arrays."""
        self.post_letter(Letter(message))

    def post_letter(self, letter: Letter) -> None:
        """Send a letter. MuseStudioError(PROTOCOL) if it can't be written as one."""
        self._add(_Waiting(encode_frame(pack(letter))))

    def post_step(self, job: int, step: StepEvent) -> None:
        """Send a step; those of the same variation that still wait are sent without their previews."""
        full = encode_frame(pack(step_letter(job, step)))
        slim = encode_frame(pack(step_letter(job, step, with_preview=False)))
        with self._changed:
            for waiting in self._waiting:
                if waiting.slim is not None and waiting.variation == step.variation:
                    waiting.data, waiting.slim = waiting.slim, None
        self._add(_Waiting(full, slim, step.variation))

    def close(self, timeout_s: float) -> None:
        """Write what waits, for at most `timeout_s`, and end the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(timeout_s)

    def _add(self, waiting: _Waiting) -> None:
        with self._changed:
            if not self._broken:
                self._waiting.append(waiting)
                self._changed.notify()

    def _write_all(self) -> None:
        try:
            while (data := self._next()) is not None:
                view = memoryview(data)
                while view:
                    view = view[os.write(self._fd, view) :]
        except OSError:
            with self._changed:
                self._broken = True
                self._waiting.clear()

    def _next(self) -> bytes | None:
        with self._changed:
            while not self._waiting:
                if self._closing:
                    return None
                self._changed.wait()
            return self._waiting.popleft().data
