"""Try out a packaged program: `python .ci/frozen_check.py dist/muse-studio`. Exit status 0 if all went right.

It opens its window, runs jobs on the shipped model and outlives a killed worker (its own `selfcheck`, watched from out
here), takes no more than two processes, and leaves none behind when its window is killed. Prints sizes and times.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

MOST_PROCESSES = 2  # the window and its worker
WORKER_TIMEOUT_S = 300.0
ORPHAN_TIMEOUT_S = 2.0
QUIET_S, QUIET_SHARE = 1.0, 0.1
LARGEST = 8


def main(folder: Path) -> int:
    program = next(path for path in (folder / "muse-studio", folder / "muse-studio.exe") if path.is_file())
    print_sizes(folder)
    with tempfile.TemporaryDirectory() as home:
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PYTHON", "VIRTUAL_ENV", "MUSE_STUDIO"))
        } | {"QT_QPA_PLATFORM": "offscreen", "MUSE_STUDIO_CONFIG": home, "HOME": home}
        begun = time.monotonic()
        subprocess.run([program, "--version"], env=environment, check=True)
        print(f"{time.monotonic() - begun:6.2f} s for --version, which needs neither torch nor Qt", flush=True)
        wrong = [*selfcheck(program, environment, home), *orphans(program, environment, home)]
    for words in wrong:
        print("WRONG", words)
    print("The packaged program works." if not wrong else f"{len(wrong)} things are wrong.")
    return 1 if wrong else 0


def print_sizes(folder: Path) -> None:
    """The whole, and what takes most of it."""
    parts: dict[str, int] = {}
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            inside = path.relative_to(folder).parts
            part = inside[1] if inside[0] == "_internal" and len(inside) > 1 else inside[0]
            parts[part] = parts.get(part, 0) + path.stat().st_size
    print(f"{sum(parts.values()) / 1e6:.0f} MB in {folder}")
    for part, size in sorted(parts.items(), key=lambda entry: -entry[1])[:LARGEST]:
        print(f"  {size / 1e6:6.0f} MB  {part}")


def selfcheck(program: Path, environment: dict[str, str], home: str) -> list[str]:
    """The program's own check, with its processes counted from outside."""
    asked = time.time()
    process = subprocess.Popen([program, "selfcheck", "--since", repr(asked)], env=environment, cwd=home)
    most, watching = [0], threading.Event()

    def watch() -> None:
        while not watching.wait(0.05):
            most[0] = max(most[0], len(family(process.pid)))

    watcher = threading.Thread(target=watch)
    watcher.start()
    code = process.wait()
    watching.set()
    watcher.join()
    print(f"at most {most[0]} processes, seen from outside")
    wrong = [] if code == 0 else [f"selfcheck ended with exit code {code}"]
    return wrong if most[0] <= MOST_PROCESSES else [*wrong, f"{most[0]} processes at once"]


def orphans(program: Path, environment: dict[str, str], home: str) -> list[str]:
    """Kill the window while its worker runs; who is still there two seconds later?"""
    process = subprocess.Popen([program], env=environment, cwd=home, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + WORKER_TIMEOUT_S
    while len(family(process.pid)) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    workers = family(process.pid)[1:]
    if not workers:
        process.kill()
        return ["the window never started its worker"]
    settle(workers[0])
    os.kill(process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    process.wait()
    _, alive = psutil.wait_procs(workers, timeout=ORPHAN_TIMEOUT_S)
    for orphan in alive:
        orphan.kill()
    print(f"window killed: {len(alive)} of {len(workers)} workers outlived it by {ORPHAN_TIMEOUT_S:g} s")
    return [f"worker {orphan.pid} outlived its window" for orphan in alive]


def settle(worker: psutil.Process) -> None:
    """Until it computes nothing for a while: before that it may be loading libraries, and hear nobody."""
    deadline, before = time.monotonic() + WORKER_TIMEOUT_S, -1.0
    while time.monotonic() < deadline:
        used = sum(worker.cpu_times()[:2])
        if used - before < QUIET_S * QUIET_SHARE:
            return
        before = used
        time.sleep(QUIET_S)


def family(pid: int) -> list[psutil.Process]:
    """The process and everything it started."""
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
