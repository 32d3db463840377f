"""Recovery files: found when their program is gone, left alone while it runs, removed only when they were asked to."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import psutil
import pytest

from muse_studio.core import limits, recovery
from muse_studio.core.errors import MuseStudioError
from muse_studio.core.geometry import Extent
from muse_studio.core.project.encoded import EncodedPixels
from muse_studio.core.project.project import Project
from muse_studio.core.project.reading import read_project
from muse_studio.core.recovery import Pace, RecoveryFile, orphans
from tests.core.project.sample import sample_project, sample_state


def written(folder: Path, title: str = "Owl") -> RecoveryFile:
    file = RecoveryFile.in_folder(folder)
    file.write(Project(sample_state(), title, facts={"origin": "/pictures/owl.ora"}), EncodedPixels())
    return file


def abandoned(folder: Path, pid: int = 2**31 - 1, start_cs: int = 5) -> Path:
    """As if another process had written it."""
    file = written(folder)
    return file.path.rename(folder / f"{pid}-{start_cs}-{'ab' * 16}.ora")


def test_two_documents_never_share_a_file(tmp_path: Path) -> None:
    names = {RecoveryFile.in_folder(tmp_path).path.name for _ in range(100)}
    assert len(names) == 100
    assert all(name.startswith(f"{os.getpid()}-") for name in names)


def test_an_orphan_is_offered_with_title_time_origin_and_picture(tmp_path: Path) -> None:
    path = abandoned(tmp_path)
    os.utime(path, (1_000_000, 1_000_000))
    (orphan,) = orphans(tmp_path)
    assert (orphan.path, orphan.title, orphan.saved) == (path, "Owl", 1_000_000)
    assert (orphan.origin, orphan.extent) == (Path("/pictures/owl.ora"), Extent(40, 30))
    assert orphan.thumbnail is not None
    np.testing.assert_array_equal(orphan.thumbnail, sample_state().picture())


def test_files_of_running_programs_are_not_touched(tmp_path: Path) -> None:
    written(tmp_path)
    assert orphans(tmp_path) == ()
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        start_cs = recovery._start_cs(psutil.Process(child.pid))
        abandoned(tmp_path, child.pid, start_cs)
        assert orphans(tmp_path) == ()
    finally:
        child.communicate(b"\n")
    assert len(orphans(tmp_path)) == 1


def test_a_number_that_another_process_was_given_does_not_hide_a_file(tmp_path: Path) -> None:
    abandoned(tmp_path, os.getppid(), 123)
    assert len(orphans(tmp_path)) == 1
    abandoned(tmp_path, os.getpid(), recovery._start_cs(psutil.Process()))
    assert len(orphans(tmp_path)) == 2, "of our own number and start, but before a restart of the computer"


def test_setting_the_clock_makes_no_orphan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system counts both times from its clock, so ten years more are in both."""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        abandoned(tmp_path, child.pid, recovery._start_cs(psutil.Process(child.pid)))
        boot, created, years_s = psutil.boot_time, psutil.Process.create_time, 10 * 365 * 86_400
        monkeypatch.setattr(psutil, "boot_time", lambda: boot() + years_s)
        monkeypatch.setattr(psutil.Process, "create_time", lambda process: created(process) + years_s)
        assert orphans(tmp_path) == ()
    finally:
        child.communicate(b"\n")


def test_a_damaged_file_is_still_offered_so_that_it_can_be_discarded(tmp_path: Path) -> None:
    path = abandoned(tmp_path)
    path.write_bytes(path.read_bytes()[:500])
    (orphan,) = orphans(tmp_path)
    assert orphan.thumbnail is None
    orphan.discard()
    assert orphans(tmp_path) == ()


def test_other_files_in_the_folder_are_none_of_its_business(tmp_path: Path) -> None:
    (tmp_path / "notes.ora").write_bytes(b"x")
    (tmp_path / "1-2-3.ora").write_bytes(b"x")
    assert orphans(tmp_path) == ()
    assert orphans(tmp_path / "missing") == ()


def test_an_adopted_file_is_ours_and_a_second_window_is_told(tmp_path: Path) -> None:
    abandoned(tmp_path)
    (orphan,) = orphans(tmp_path)
    file = orphan.adopt()
    assert read_project(file.path).title == "Owl"
    assert orphans(tmp_path) == ()
    with pytest.raises(MuseStudioError, match="another window"):
        orphan.adopt()


def test_a_discarded_file_is_not_written_again(tmp_path: Path) -> None:
    file = written(tmp_path)
    file.discard()
    file.write(sample_project(), EncodedPixels())
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_discarded_while_it_is_written_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def slow(*arguments: object) -> None:
        inside.set()
        go_on.wait(5)
        real(*arguments)  # type: ignore[arg-type]

    real = recovery.atomic_write_parts
    file = RecoveryFile.in_folder(tmp_path)
    monkeypatch.setattr(recovery, "atomic_write_parts", slow)
    thread = threading.Thread(target=file.write, args=(sample_project(), EncodedPixels()))
    thread.start()
    inside.wait(5)
    file.discard()
    go_on.set()
    thread.join()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_write_left_is_swept_a_day_later(tmp_path: Path) -> None:
    fresh, stale = tmp_path / ".muse-studio-a.tmp", tmp_path / ".muse-studio-b.tmp"
    for path in (fresh, stale):
        path.write_bytes(b"half")
    day = limits.RECOVERY_STALE_S
    os.utime(stale, (stale.stat().st_mtime - 2 * day,) * 2)
    orphans(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [fresh.name]


def test_a_file_is_due_in_a_pause_and_at_the_latest_after_the_wait() -> None:
    pace = Pace()
    pace.note_written(0)
    assert not pace.is_due(0, 100.0)
    assert not pace.is_due(1, 101.0)
    assert not pace.is_due(2, 102.0)
    assert pace.is_due(2, 102.0 + limits.RECOVERY_QUIET_S)
    pace.note_written(2)
    assert not pace.is_due(2, 200.0)
    due = [second for second in range(60) if pace.is_due(3 + second, 300.0 + second)]
    assert due[0] == limits.RECOVERY_WAIT_S
    assert limits.RECOVERY_WAIT_S < 30
    pace.note_written(3 + due[0])
    assert not pace.is_due(100, 400.0)
