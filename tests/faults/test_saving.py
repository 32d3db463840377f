"""Saving and autosaving through full disks, kills and crashes (S1, S2, S4, S8, S9 of the fault list).

Kills are 200 of a save and 200 of an autosave, as the list asks.
"""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from muse_studio.core import files
from muse_studio.core.canvas_transform import UNCHANGED
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.files import atomic_write_parts
from muse_studio.core.project.encoded import EncodedPixels
from muse_studio.core.project.reading import read_project
from muse_studio.core.project.writing import project_parts
from muse_studio.core.recovery import orphans, recovery_folder
from muse_studio.core.run_files import runs_from_files
from tests.core.project.sample import packed, sample_project, sample_state
from tests.core.project.test_project import assert_same_state

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT / "tests" / "corpus" / "projects"
STEP_BYTES = 4096


def save(path: Path) -> None:
    atomic_write_parts(path, project_parts(sample_project(), EncodedPixels()))


def assert_untouched(path: Path, old: bytes) -> None:
    assert path.read_bytes() == old
    assert list(path.parent.iterdir()) == [path], "no temporary file is left"


def failing_after(room_bytes: int, number: int) -> Callable[[int, memoryview], int]:
    """`os.write` on a disk with so much room left."""
    left = [room_bytes]

    def write(descriptor: int, data: memoryview) -> int:
        if left[0] <= 0:
            raise OSError(number, os.strerror(number))
        part = data[: min(len(data), left[0], STEP_BYTES)]
        left[0] -= len(part)
        return real(descriptor, part)

    real = os.write
    return write


def test_a_disk_that_is_full_at_any_4_kib_keeps_the_old_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "project.ora"
    path.write_bytes(b"the old project")
    points = range(0, len(packed(sample_project())), STEP_BYTES)
    assert len(points) > 8
    for room_bytes in points:
        with monkeypatch.context() as patch:
            patch.setattr(files.os, "write", failing_after(room_bytes, errno.ENOSPC))
            with pytest.raises(MuseStudioError, match="disk is full") as refusal:
                save(path)
        assert refusal.value.kind is ErrorKind.DISK
        assert_untouched(path, b"the old project")
    save(path)
    assert read_project(path).title == "Owl at night"


@pytest.mark.parametrize("name", ["open", "fsync", "replace"])
@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.EIO, errno.EDQUOT])
def test_a_folder_that_refuses_keeps_the_old_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, number: int
) -> None:
    def refuse(*_: object, **__: object) -> int:
        raise OSError(number, os.strerror(number))

    path = tmp_path / "project.ora"
    path.write_bytes(b"the old project")
    with monkeypatch.context() as patch:
        owner = Path if name == "replace" else files.os
        patch.setattr(owner, name, refuse)
        with pytest.raises(MuseStudioError) as refusal:
            save(path)
    assert refusal.value.kind is ErrorKind.DISK
    assert_untouched(path, b"the old project")


def test_names_that_no_disk_takes_are_refused(tmp_path: Path) -> None:
    for name in ("x" * 300 + ".ora", "a\x00b.ora"):
        with pytest.raises(MuseStudioError, match="could not be saved"):
            save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a fork")
@pytest.mark.parametrize("kind", ["save", "autosave"])
def test_a_kill_at_any_moment_leaves_the_old_file_or_the_new_one(tmp_path: Path, kind: str) -> None:
    script = Path(__file__).with_name("saving_process.py")
    run = subprocess.run(
        [sys.executable, script, str(tmp_path), "200", kind],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) > 5, "too few kills met a write for this to mean anything"


@pytest.mark.skipif(os.name != "posix", reason="kills as Posix does")
def test_two_windows_that_are_killed_leave_both_documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSE_STUDIO_CONFIG", str(tmp_path / "settings"))
    from muse_studio.core.pictures import encode_png

    photo = tmp_path / "photo.png"
    photo.write_bytes(encode_png(np.full((600, 700, 3), 90, np.uint8)))
    script = str(Path(__file__).with_name("crashing_window.py"))
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"}
    children = [
        subprocess.Popen([sys.executable, script, *words], cwd=ROOT, env=environment, stdout=subprocess.PIPE)
        for words in ([str(photo)], [])
    ]
    try:
        for child in children:
            assert child.stdout is not None
            assert child.stdout.readline() == b"kept\n"
        assert orphans(recovery_folder()) == (), "both still run"
    finally:
        for child in children:
            child.send_signal(signal.SIGKILL)
            child.communicate()
    found = {orphan.title: orphan for orphan in orphans(recovery_folder())}
    assert set(found) == {"photo.png", "Untitled"}
    for orphan in found.values():
        assert orphan.thumbnail is not None
        assert read_project(orphan.path).state.mask.any(), "the stroke is there"


def test_the_clock_does_not_matter_to_when_work_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A day back, ten years on: what is saved does not change, nor does anything read the clock to decide."""
    plain = packed(sample_project())
    for seconds in (0.0, -86_400.0, 4e9):
        monkeypatch.setattr("time.time", lambda now=seconds: now)
        assert packed(sample_project()) == plain


def test_a_project_of_each_released_format_opens_for_ever() -> None:
    """Made by the release of that format and never made anew: format-N.ora holds the sample and one run."""
    assert [path.name for path in sorted(CORPUS.glob("format-*.ora"))] == ["format-1.ora"]
    project = read_project(CORPUS / "format-1.ora")
    state = sample_state()
    wishes = replace(state.wishes, size=512)  # the model's own size was no choice yet
    assert_same_state(project.state, replace(state, transform=UNCHANGED, wishes=wishes))  # format 1 began without one
    assert (project.title, project.facts, project.notes) == ("Owl at night", {"gallery": ["a"]}, ())
    runs = runs_from_files(project.runs)
    assert runs.left_out == 0
    assert [(run.id, run.request.prompt) for run in runs.runs] == [("d8783bcd53ac4a66987f7c8fdd65f3cc", "an owl")]
