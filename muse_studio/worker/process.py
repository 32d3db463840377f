"""The worker process: takes the pipes, lowers its priority, and only then lets torch in.

Knows nothing of the protocol beyond its two pipes; see `loop` for what is said over them.
"""

from __future__ import annotations

import faulthandler
import os
import signal
from collections.abc import Callable, Sequence

from muse_studio.worker.inbox import Inbox
from muse_studio.worker.loop import AnySession, Progress, WorkerLoop
from muse_studio.worker.outbox import Outbox
from muse_studio.worker.stdio import end_with_parent, lower_priority, take_standard_pipes, usable_cores

FLUSH_S = 1.0  # for the last messages; a parent that doesn't read them any more is gone


def main(arguments: Sequence[str] = ()) -> int:
    """Serve until the studio says Shutdown or closes its end. Takes no arguments. The process exit code."""
    if arguments:
        raise SystemExit("the worker takes no arguments; the studio starts it by itself")
    return serve(torch_session)


def serve(make_session: Callable[[Progress], AnySession]) -> int:
    """Turn this process into a worker around any session; tests give it scripted ones."""
    pipes = take_standard_pipes()
    faulthandler.enable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ctrl-C in a terminal is for the studio, which then ends us
    lower_priority()
    end_with_parent()
    outbox = Outbox(pipes.write_fd)
    inbox = Inbox(pipes.read_fd, outbox)
    WorkerLoop(inbox, outbox, make_session).run()
    outbox.close(FLUSH_S)
    inbox.finish()
    return 0


def torch_session(progress: Progress) -> AnySession:
    """The real session. The import takes seconds, so it happens here, after hello, and is told as progress."""
    progress(0.0, "starting PyTorch")
    import torch

    from muse_studio.worker.session import Session

    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(usable_cores())
    return Session()
