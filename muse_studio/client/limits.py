"""How long the client waits for what, with the reasons. All times are of the monotonic clock. Knows nothing else."""

from __future__ import annotations

HELLO_TIMEOUT_S = 30.0  # from the process's start to its first word: Python itself, from a cold disk
PING_INTERVAL_S = 1.0  # how often a worker is asked whether it is there
HUNG_AFTER_PINGS = 5  # asked so often without an answer, the person is told, and offered a restart
CANCEL_TIMEOUT_S = 2.0  # a job that hasn't ended this long after its cancelling is ended with its process
CLOSE_TIMEOUT_S = 2.0  # for the worker to exit by itself when the studio closes
KILL_TIMEOUT_S = 5.0  # for the system to take away a killed process
RESTART_DELAYS_S = (0.1, 1.0, 3.0)  # before each new try; after as many failures in a row the person decides
LAST_LOG_S = 0.3  # for the rest of a dead worker's log; a child of its own may hold that open for ever
LOG_TAIL_BYTES = 16 * 1024  # of the worker's standard error, kept for the detail of an error
