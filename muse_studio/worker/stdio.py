"""Takes standard input and output for the protocol, so that nothing a library prints or reads can harm it.

Must run before torch is imported. Knows nothing of what is sent.
"""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
WORKER_NICENESS = 10  # the window stays smooth and the worker loses nothing: measured


@dataclass(frozen=True, slots=True)
class ProtocolPipes:
    """File descriptors that belong to the protocol alone; no child process inherits them."""

    read_fd: int
    write_fd: int


def take_standard_pipes() -> ProtocolPipes:
    """Duplicate fd 0 and fd 1 for the protocol, then point fd 0 at nothing and fd 1 at standard error."""
    pipes = ProtocolPipes(os.dup(0), os.dup(1))
    sys.stdout.flush()
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    if sys.platform == "win32":
        import msvcrt

        for fd in (pipes.read_fd, pipes.write_fd):
            msvcrt.setmode(fd, os.O_BINARY)
    return pipes


def lower_priority() -> None:
    """Give way to the window: nice 10, or below normal on Windows. Never raises the priority."""
    if sys.platform == "win32":
        import psutil

        psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    else:
        os.setpriority(os.PRIO_PROCESS, 0, max(WORKER_NICENESS, os.getpriority(os.PRIO_PROCESS, 0)))


def end_with_parent() -> None:
    """Where the kernel sees to it (Linux), this process ends with its parent, whatever it is doing then.

    To be exact, with the thread that started it: the client does so from the thread of its event loop. Elsewhere the
    end of the input is heard, which takes as long as what runs holds the interpreter: seconds, while libraries load.
    """
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))


def usable_cores() -> int:
    """CPU cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
