"""A fault while writing leaves the old file, byte for byte, and nothing beside it."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muse_studio.core import files
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.files import atomic_write, printable

OLD, NEW = b"old" * 1_000, b"new" * 100_000


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    path.write_bytes(OLD)
    return path


def assert_untouched(target: Path) -> None:
    assert target.read_bytes() == OLD
    assert list(target.parent.iterdir()) == [target]


def test_new_bytes_replace_old_ones(target: Path) -> None:
    atomic_write(target, NEW)
    assert target.read_bytes() == NEW
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("data", [b"", b"x", bytearray(b"abc"), memoryview(b"abcd").cast("H")])
def test_any_bytes_make_a_new_file(tmp_path: Path, data: bytes) -> None:
    atomic_write(tmp_path / "new", data)
    assert (tmp_path / "new").read_bytes() == bytes(data)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_a_disk_full_at_every_write_leaves_the_old_file(
    target: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(files, "_WRITE_BYTES", 4_096)
    write = os.write
    for allowed in range(len(NEW) // 4_096 + 1):
        left = [allowed]

        def limited(descriptor: int, data: memoryview, left: list[int] = left) -> int:
            if left[0] == 0:
                raise OSError(number, os.strerror(number))
            left[0] -= 1
            return write(descriptor, data)

        monkeypatch.setattr(os, "write", limited)
        with pytest.raises(MuseStudioError) as caught:
            atomic_write(target, NEW)
        assert caught.value.kind is ErrorKind.DISK
        assert "picture.png" in caught.value.message
        assert_untouched(target)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX limits")
def test_a_real_limit_of_the_system_leaves_the_old_file(target: Path) -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))  # Python ignores the signal, so write() fails
    try:
        with pytest.raises(MuseStudioError, match="larger than this disk allows"):
            atomic_write(target, NEW)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert_untouched(target)


@pytest.mark.parametrize("call", ["fsync", "replace", "close"])
def test_a_fault_in_any_later_call_leaves_the_old_file(
    target: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    real: Callable[..., Any] = getattr(os, call)

    def fail(*arguments: object, **options: object) -> None:
        if call == "close":
            real(*arguments, **options)
        raise OSError(errno.EIO, "simulated")

    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail)
        with pytest.raises(MuseStudioError):
            atomic_write(target, NEW)
    assert_untouched(target)


def test_an_interruption_leaves_the_old_file_and_passes_through(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", interrupt)
        with pytest.raises(KeyboardInterrupt):
            atomic_write(target, NEW)
    assert_untouched(target)


def test_short_writes_are_carried_on(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:1_001]))
    atomic_write(target, NEW)
    assert target.read_bytes() == NEW


def test_the_folder_that_cannot_be_flushed_is_no_fault(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "flush_folder", lambda folder: None)
    atomic_write(target, NEW)
    assert target.read_bytes() == NEW


def test_impossible_targets_are_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(OLD)
    for path, words in [
        (tmp_path, "folder of that name"),
        (tmp_path / "missing" / "x.png", "folder does not exist"),
        (tmp_path / "file" / "x.png", "not a folder"),
        (tmp_path / ("n" * 300), "too long"),
        (tmp_path / "a\x00b", "name is not possible"),
        (Path(os.devnull), "device"),
    ]:
        with pytest.raises(MuseStudioError) as caught:
            atomic_write(path, NEW)
        assert caught.value.kind is ErrorKind.DISK
        assert words in caught.value.message
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_name_of_the_greatest_length_can_be_saved(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 251 + ".png")
    atomic_write(path, NEW)
    atomic_write(path, OLD)
    assert path.read_bytes() == OLD


def test_a_write_protected_file_stays(target: Path) -> None:
    target.chmod(0o444)
    with pytest.raises(MuseStudioError, match="not allowed"):
        atomic_write(target, NEW)
    assert_untouched(target)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions and links")
def test_permissions_and_links_are_kept(target: Path, tmp_path: Path) -> None:
    target.chmod(0o640)
    link = tmp_path / "link.png"
    link.symlink_to(target)
    atomic_write(link, NEW)
    assert link.is_symlink()
    assert target.read_bytes() == NEW
    assert target.stat().st_mode & 0o777 == 0o640


WRITER = """
import itertools, sys
from pathlib import Path
from muse_studio.core.files import atomic_write
for value in itertools.cycle((b"a", b"b")):
    atomic_write(Path(sys.argv[1]), value * 300_000)
    print(flush=True)
"""


def test_a_killed_writer_leaves_one_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    root = Path(files.__file__).parents[2]
    for moment in range(12):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, cwd=root) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(moment * 0.0007)
            writer.kill()
        data = path.read_bytes()
        assert data in (b"a" * 300_000, b"b" * 300_000)


@pytest.mark.parametrize(
    "name", ["with spaces.png", "狐🦊.png", "é.png", "e\u0301.png", "a\nb.png", "-dash.png", "%s{}.png"]
)
def test_names_of_any_kind_are_written(tmp_path: Path, name: str) -> None:
    atomic_write(tmp_path / name, NEW)
    assert (tmp_path / name).read_bytes() == NEW


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_printable_names_are_short_and_printable(name: str) -> None:
    assert printable(name).isprintable()
    assert len(printable(name)) <= 120
