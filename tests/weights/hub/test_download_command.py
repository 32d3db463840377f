"""`muse-studio models get` asks first, fetches, goes on after a kill, and claims no more than it can."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from muse_studio.cli.main import EXIT_BAD_MODEL, EXIT_INTERRUPTED, EXIT_NETWORK, EXIT_USAGE, main
from muse_studio.core.settings import load_settings
from muse_studio.weights.downloaded import models_folder, place_of
from tests.weights.hub.loopback_hub import Fault, Hub
from tests.weights.hub.test_download import AMUSED, LARGEST, is_whole


@pytest.fixture
def home(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings and data of this test's own; where fetched cascades go."""
    monkeypatch.setenv("MUSE_STUDIO_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("MUSE_STUDIO_DATA", str(tmp_path / "data"))
    return models_folder()


def test_what_is_fetched_is_told_of_verified_and_not_claimed_to_run(
    home: Path, hub: Hub, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "get", "amused-256", "--yes"]) == 0
    told = capsys.readouterr().err
    assert "openrail++" in told
    assert f"from     {hub.address}" in told
    assert " kB in 10 files" in told
    assert "cannot run it" in told
    assert is_whole(home, hub)
    assert main(["models", "verify", "amused-256"]) == 0
    assert "all 10 files are what was published" in capsys.readouterr().out
    assert main(["models", "list"]) == 0
    assert "amused-256" not in capsys.readouterr().out
    assert load_settings().models == ()
    assert main(["models", "list", "--available"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("amused-256")
    assert lines[0].endswith(f"fetched, in {home / 'amused-256'}")
    assert len(lines) == 4
    hub.asked.clear()
    assert main(["models", "get", "amused/amused-256"]) == 0
    assert "was fetched before" in capsys.readouterr().err
    assert not hub.asked
    data = bytearray((home / "amused-256" / LARGEST).read_bytes())
    data[-1] ^= 1
    (home / "amused-256" / LARGEST).write_bytes(data)
    assert main(["models", "verify", "amused-256"]) == EXIT_BAD_MODEL


def test_a_fetched_folder_cannot_be_put_on_the_list(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "get", "amused-256", "--yes"]) == 0
    assert main(["models", "add", str(home / "amused-256")]) == EXIT_BAD_MODEL
    assert load_settings().models == ()


def test_without_consent_nothing_is_fetched(home: Path, hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "get", "amused-256"]) == EXIT_USAGE
    assert "--yes" in capsys.readouterr().err
    hub.licence = "cc-by-nc-4.0"
    assert main(["models", "get", "amused-256", "--yes"]) == EXIT_USAGE
    assert "licence has changed" in capsys.readouterr().err
    assert not hub.fetched()
    assert not home.exists()


@pytest.mark.parametrize(("answer", "fetched"), [("y", True), ("Yes", True), ("n", False), ("", False), ("yep", False)])
def test_a_person_is_asked(
    home: Path,
    hub: Hub,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answer: str,
    fetched: bool,
) -> None:
    class Terminal:
        def isatty(self) -> bool:
            return True

        def readline(self) -> str:
            return f"{answer}\n"

    monkeypatch.setattr(sys, "stdin", Terminal())
    assert main(["models", "get", "amused-256", "--into", str(home / "elsewhere")]) == 0
    assert "accept the licence openrail++?" in capsys.readouterr().err
    assert bool(hub.fetched()) == fetched
    assert place_of(AMUSED, home / "elsewhere").is_there == fetched


def test_a_program_can_follow_along(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "get", "amused-256", "--yes", "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    fetching = [line for line in lines if line["event"] == "fetching"]
    assert {line["file"] for line in fetching} >= {LARGEST}
    assert all(0 <= line["bytes"] <= line["total_bytes"] for line in fetching)
    assert lines[-1] == {**lines[-1], "event": "finished", "usable": False}


def test_a_fault_of_the_network_has_its_own_code(home: Path, hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    hub.misbehave = lambda name, nth: Fault(cut_at=500)
    assert main(["models", "get", "amused-256", "--yes"]) == EXIT_NETWORK
    told = capsys.readouterr().err
    assert "are kept in" in told
    assert "the same command goes on from there" in told


def start(home: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "muse_studio", "models", "get", "amused-256", "--yes"]
    environment = {**os.environ, "HF_HUB_OFFLINE": "0", "MUSE_STUDIO_DATA": str(home.parent)}
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def wait_for(done: object, what: str) -> None:
    deadline = time.monotonic() + 20
    while not done():  # type: ignore[operator]
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_an_interruption_says_what_is_kept(home: Path, hub: Hub) -> None:
    hub.misbehave = lambda name, nth: Fault(pause_s=30.0) if name == LARGEST else Fault()
    process = start(home)
    place = place_of(AMUSED, home)
    part = place.hidden / LARGEST
    wait_for(lambda: part.exists() and part.stat().st_size > 0, "the first bytes never came")
    process.send_signal(signal.SIGINT)
    told = process.communicate()[1]
    assert process.returncode == EXIT_INTERRUPTED
    assert "are kept in" in told
    assert "Traceback" not in told
    assert not place.is_there


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_two_processes_and_a_kill_do_no_harm(home: Path, hub: Hub) -> None:
    """One is killed in the middle; of the next two one fetches the rest, and the other is refused or finds it there."""
    hub.misbehave = lambda name, nth: Fault(pause_s=30.0 if nth == 0 else 0.3) if name == LARGEST else Fault()
    killed = start(home)
    place = place_of(AMUSED, home)
    part = place.hidden / LARGEST
    wait_for(lambda: part.exists() and part.stat().st_size > 0, "the first bytes never came")
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert not place.is_there
    begun = part.stat().st_size
    hub.misbehave = lambda name, nth: Fault(pause_s=0.3) if name == LARGEST else Fault()
    pair = [start(home), start(home)]
    told = [process.communicate()[1] for process in pair]
    codes = sorted(process.returncode for process in pair)
    assert codes in ([0, EXIT_USAGE], [0, 0]), told
    if EXIT_USAGE in codes:
        assert any("by another program" in text or "already" in text for text in told), told
    assert is_whole(home, hub)
    assert hub.starts(LARGEST) == [0, begun]
