"""Archives are read in memory, in bounds, and only the pinned ones."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muse_studio.core.errors import MuseStudioError
from muse_studio.training.data import archives, packages


def tar_bytes(files: dict[str, bytes], mode: str = "w:gz") -> bytes:
    """A tar of `files`."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return stream.getvalue()


def deb_bytes(files: dict[str, bytes]) -> bytes:
    """A Debian package: an ar archive of three members."""
    parts = [b"!<arch>\n"]
    for name, data in (
        ("debian-binary", b"2.0\n"),
        ("control.tar.xz", b"odd"),
        ("data.tar.xz", tar_bytes(files, "w:xz")),
    ):
        parts.append(f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(data):<10}`\n".encode())
        parts.append(data + b"\n" * (len(data) % 2))
    return b"".join(parts)


def everything(name: str) -> bool:
    """Wants all members."""
    return True


def test_both_kinds_of_archive_give_their_members(tmp_path: Path) -> None:
    files = {"package/a.txt": b"one", "package/b.txt": b"two"}
    (tmp_path / "p.tgz").write_bytes(tar_bytes(files))
    (tmp_path / "p.deb").write_bytes(deb_bytes(files))
    for name in ("p.tgz", "p.deb"):
        assert dict(archives.members(tmp_path / name, everything)) == files


def test_nothing_is_written_whatever_the_names(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "p.tgz").write_bytes(tar_bytes({"../escaped": b"x", "/tmp/escaped-too": b"y"}))
    assert len(list(archives.members(home / "p.tgz", everything))) == 2
    assert [path.name for path in tmp_path.rglob("*")] == ["home", "p.tgz"]


def test_links_and_devices_are_passed_over(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as tar:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE):
            member = tarfile.TarInfo("package/odd")
            member.type, member.linkname = kind, "/etc/passwd"
            tar.addfile(member)
    (tmp_path / "p.tgz").write_bytes(stream.getvalue())
    assert list(archives.members(tmp_path / "p.tgz", everything)) == []


def test_a_member_over_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MEMBER_LIMIT_BYTES", 10)
    (tmp_path / "p.tgz").write_bytes(tar_bytes({"a": b"x" * 11}))
    with pytest.raises(MuseStudioError):
        list(archives.members(tmp_path / "p.tgz", everything))


def test_an_archive_with_too_many_members_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MEMBERS_LIMIT", 2)
    (tmp_path / "p.tgz").write_bytes(tar_bytes({"a": b"", "b": b"", "c": b""}))
    with pytest.raises(MuseStudioError):
        list(archives.members(tmp_path / "p.tgz", everything))


@settings(max_examples=60, deadline=None)
@given(data=st.data(), deb=st.booleans())
def test_damage_never_raises_anything_else(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, deb: bool
) -> None:
    files = {"package/icons.json": json.dumps({"icons": {}}).encode()}
    whole = deb_bytes(files) if deb else tar_bytes(files)
    cut = data.draw(st.integers(0, len(whole)))
    junk = data.draw(st.binary(max_size=40))
    path = tmp_path_factory.mktemp("damaged") / ("p.deb" if deb else "p.tgz")
    path.write_bytes(whole[:cut] + junk + whole[cut + len(junk) :])
    with contextlib.suppress(MuseStudioError):
        assert isinstance(archives.read_json(path, "package/icons.json"), dict)


@pytest.fixture
def pinned(monkeypatch: pytest.MonkeyPatch) -> tuple[packages.Package, bytes, list[list[str]]]:
    """A package, its true bytes, and the commands that were run to fetch it (which succeed by writing those bytes)."""
    import hashlib

    true = tar_bytes({"package/icons.json": b"{}"})
    package = packages.Package("pack", "npm", "@example/pack", "1.0.0", hashlib.sha256(true).hexdigest())
    commands: list[list[str]] = []

    def run(command: list[str], *, cwd: Path, **_: Any) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        (cwd / "example-pack-1.0.0.tgz").write_bytes(true)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(packages.subprocess, "run", run)
    monkeypatch.setattr(packages.shutil, "which", lambda name: f"/usr/bin/{name}")
    return package, true, commands


Pinned = tuple[packages.Package, bytes, list[list[str]]]


def test_a_package_is_fetched_once(tmp_path: Path, pinned: Pinned) -> None:
    package, true, commands = pinned
    for _ in range(3):
        assert packages.fetch(package, tmp_path).read_bytes() == true
    assert commands == [["npm", "pack", "--silent", "@example/pack@1.0.0"]]
    assert [path.name for path in tmp_path.iterdir()] == ["pack-1.0.0.tgz"]


def test_a_damaged_kept_package_is_fetched_again(tmp_path: Path, pinned: Pinned) -> None:
    package, true, commands = pinned
    (tmp_path / package.file_name).write_bytes(true[:-1])
    assert packages.fetch(package, tmp_path).read_bytes() == true
    assert len(commands) == 1


def test_bytes_that_are_not_the_pinned_ones_are_refused_and_not_kept(tmp_path: Path, pinned: Pinned) -> None:
    package = packages.Package("pack", "npm", "@example/pack", "1.0.0", "0" * 64)
    with pytest.raises(MuseStudioError, match="not the package"):
        packages.fetch(package, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_client_is_named(tmp_path: Path, pinned: Pinned, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages.shutil, "which", lambda name: None)
    with pytest.raises(MuseStudioError, match="npm") as caught:
        packages.fetch(pinned[0], tmp_path)
    assert str(tmp_path / pinned[0].file_name) in caught.value.message


@pytest.mark.parametrize("fault", ["fails", "too slow", "writes nothing"])
def test_a_client_that_does_not_deliver_is_an_error_people_understand(
    tmp_path: Path, pinned: Pinned, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        if fault == "too slow":
            raise subprocess.TimeoutExpired(command, 1.0)
        return subprocess.CompletedProcess(command, 1 if fault == "fails" else 0, "", "no network")

    monkeypatch.setattr(packages.subprocess, "run", run)
    with pytest.raises(MuseStudioError, match=r"@example/pack 1\.0\.0 could not be fetched"):
        packages.fetch(pinned[0], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_every_package_is_pinned() -> None:
    for package in packages.PACKAGES.values():
        assert len(package.sha256) == 64
        assert package.version
