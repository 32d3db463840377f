"""The front door. Reads the first word of the command line and goes to one room; knows nothing of what happens there.

Each room is imported only when it is chosen, so that the window never waits for torch, the worker points its standard
output away before torch can print, and `--help` needs neither torch nor Qt.
"""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run `muse-studio ARGV...`; the process exit code. Without arguments the studio opens."""
    multiprocessing.freeze_support()
    arguments = list(sys.argv[1:] if argv is None else argv)
    first = arguments[0] if arguments else "studio"
    if first == "worker":
        from muse_studio.worker.process import main as worker

        return worker(arguments[1:])
    from muse_studio.cli.main import main as command_line

    return command_line(arguments)


if __name__ == "__main__":
    sys.exit(main())
