"""What the worker hears, read by a thread of its own: pings are answered and cancels noted in the middle of a step.

Loads and runs wait here for the main thread. Knows nothing of models.
"""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from threading import Event, Thread

from muse_studio.core.errors import MuseStudioError
from muse_studio.ipc.framing import FrameReader
from muse_studio.ipc.messages import Cancel, Letter, Load, Look, Ping, Pong, Run, Shutdown, unpack_to_worker
from muse_studio.worker.outbox import Outbox

READ_BYTES = 256 * 1024
LAST_WORDS_S = 1.0  # after the end of the input, a step may take this long before the process is ended under it


class Inbox:
    """The reading thread and what it has read.

    end_process: called when the input has ended and the main thread is still busy LAST_WORDS_S later. The parent is
    gone then, nobody waits for what the step would give, and nothing of ours is on disk.
    """

    def __init__(self, read_fd: int, outbox: Outbox, end_process: Callable[[], None] = lambda: os._exit(0)) -> None:
        self._fd = read_fd
        self._outbox = outbox
        self._end_process = end_process
        self._work: SimpleQueue[Letter | None] = SimpleQueue()
        self._looks: deque[Look] = deque()
        self._closed = Event()
        self._done = Event()
        self._cancelled: set[int] = set()
        self._last_ended = -1
        self._thread = Thread(target=self._listen, name="worker-inbox", daemon=True)
        self._thread.start()

    def next(self) -> Letter | None:
        """The next Load, Run or Look; waits for it. None, again and again, when the worker shall exit.

        A Look only wakes the main thread: what is to be looked at is given by `look`, once, also between two steps.
        """
        if self._closed.is_set():
            return None
        letter = self._work.get()
        return None if self._closed.is_set() else letter

    def look(self) -> Look | None:
        """The next thing to be looked at; None where there is none now."""
        return self._looks.popleft() if self._looks else None

    @property
    def closed(self) -> bool:
        """True once the studio has said Shutdown, has gone, or has sent what nobody can read."""
        return self._closed.is_set()

    def wants_stop(self, job: int) -> bool:
        """Whether this job shall end before its next step."""
        return job in self._cancelled or self._closed.is_set()

    def job_ended(self, job: int) -> None:
        """Forget the job: cancelling it from now on has no effect."""
        self._last_ended = max(self._last_ended, job)
        self._cancelled.discard(job)

    def finish(self) -> None:
        """The main thread is done: the process need not be ended by force."""
        self._done.set()

    def _listen(self) -> None:
        reader = FrameReader()
        try:
            while not self._closed.is_set():
                data = os.read(self._fd, READ_BYTES)
                if not data:
                    break
                for frame in reader.feed(data):
                    self._take(unpack_to_worker(frame))
        except MuseStudioError as fault:
            print(f"worker: {fault.detail}", file=sys.stderr, flush=True)  # noqa: T201 - stderr is this process's log
        except OSError:
            pass
        self._closed.set()
        self._work.put(None)
        if not self._done.wait(LAST_WORDS_S):
            self._end_process()

    def _take(self, letter: Letter) -> None:
        message = letter.message
        if isinstance(message, Ping):
            self._outbox.post(Pong(message.nonce))
        elif isinstance(message, Cancel):
            if message.job > self._last_ended:
                self._cancelled.add(message.job)
        elif isinstance(message, Load | Run | Look):
            if isinstance(message, Look):
                self._looks.append(message)
            self._work.put(letter)
        elif isinstance(message, Shutdown):
            self._closed.set()
