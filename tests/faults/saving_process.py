"""Kills a process that saves, again and again at random moments, and looks at what is left. Run by test_saving.py.

Arguments: a folder, how often, "save" or "autosave". Prints how many kills met the process while it wrote; ends with 1
if a file was ever anything but the old or the new one.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

from muse_studio.core.files import atomic_write_parts
from muse_studio.core.project.encoded import EncodedPixels
from muse_studio.core.project.project import Project
from muse_studio.core.project.reading import read_project
from muse_studio.core.project.writing import project_parts
from muse_studio.core.recovery import RecoveryFile
from tests.core.project.sample import sample_state


def main(folder: Path, count: int, kind: str) -> int:
    encoded, chance = EncodedPixels(), random.Random(7)
    projects = [Project(replace(sample_state(200, 150), frame=sample_state().frame.translate(n, 0))) for n in range(2)]
    merged = kind == "save"
    wholes = [b"".join(project_parts(project, encoded, merged=merged)) for project in projects]
    file = RecoveryFile(folder / "1-2-00000000000000000000000000000000.ora")
    target = folder / "project.ora" if merged else file.path
    target.write_bytes(wholes[0])
    met = 0
    for _ in range(count):
        child = os.fork()
        if child == 0:
            while True:
                for project in reversed(projects):
                    if merged:
                        atomic_write_parts(target, project_parts(project, encoded))
                    else:
                        file.write(project, encoded)
        time.sleep(chance.uniform(0.0, 0.03))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        if target.read_bytes() not in wholes:
            return 1
        halves = list(folder.glob(".muse-studio-*.tmp"))
        met += bool(halves)
        for half in halves:
            half.unlink()
    read_project(target)
    print(met)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
