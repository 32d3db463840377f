"""`muse-studio models get` asks first, fetches, goes on after a kill, and claims no more than it can."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from muse_studio.cli.main import EXIT_BAD_MODEL, EXIT_INTERRUPTED, EXIT_NETWORK, EXIT_USAGE, main
from muse_studio.core.fetched import models_folder, place_of
from muse_studio.core.settings import load_settings
from tests.weights.hub.loopback_hub import WANTED, Fault, Hub
from tests.weights.hub.test_download import AMUSED, LARGEST, is_whole


class Terminal:
    """A person who answers."""

    def __init__(self, answer: str) -> None:
        self._answer = answer

    def isatty(self) -> bool:
        return True

    def readline(self) -> str:
        return f"{self._answer}\n"


@pytest.fixture
def home(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings and data of this test's own; where fetched cascades go."""
    monkeypatch.setenv("MUSE_STUDIO_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("MUSE_STUDIO_DATA", str(tmp_path / "data"))
    return models_folder()


def test_what_is_fetched_is_put_on_the_list_told_of_and_verified(
    home: Path, hub: Hub, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "get", "amused-256", "--yes"]) == 0
    told = capsys.readouterr().err
    assert "openrail++" in told
    assert f"from     {hub.address}" in told
    assert " kB in 11 files" in told
    assert is_whole(home, hub)
    assert main(["models", "verify", "amused-256"]) == 0
    assert "all 11 files are what was published" in capsys.readouterr().out
    assert main(["models", "list"]) == 0
    assert "amused-256  " in capsys.readouterr().out
    assert load_settings().models == (str(home / "amused-256"),)
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


def test_a_fetched_folder_can_be_taken_off_the_list_and_put_on_it_again(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "get", "amused-256", "--yes"]) == 0
    assert main(["models", "remove", "amused-256"]) == 0
    assert load_settings().models == ()
    assert main(["models", "info", "amused-256"]) == 0
    assert "aMUSEd, one stage, 256 px" in capsys.readouterr().out
    assert main(["models", "add", str(home / "amused-256")]) == 0
    assert main(["models", "add", str(home / "amused-256")]) == EXIT_BAD_MODEL
    assert load_settings().models == (str(home / "amused-256"),)


def test_deleting_asks_first_and_takes_only_what_was_fetched(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "get", "amused-256", "--yes"]) == 0
    (home / "amused-256" / "mine.txt").write_text("mine")
    assert main(["models", "remove", "amused-256", "--delete"]) == EXIT_USAGE
    assert "Nobody can be asked" in capsys.readouterr().err
    assert (home / "amused-256" / LARGEST).is_file()
    monkeypatch.setattr(sys, "stdin", Terminal("n"))
    assert main(["models", "remove", "amused-256", "--delete"]) == 0
    assert (home / "amused-256" / LARGEST).is_file()
    assert load_settings().models == (str(home / "amused-256"),)
    monkeypatch.setattr(sys, "stdin", Terminal("y"))
    assert main(["models", "remove", "amused-256", "--delete"]) == 0
    assert "deleted" in capsys.readouterr().out
    assert [path.name for path in (home / "amused-256").iterdir()] == ["mine.txt"]
    assert load_settings().models == ()


def test_nothing_is_deleted_that_was_not_fetched(home: Path, tiny_model: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_model, tmp_path / "own")
    assert main(["models", "add", str(tmp_path / "own")]) == 0
    assert main(["models", "remove", "tiny", "--delete", "--yes"]) == EXIT_USAGE
    assert (tmp_path / "own" / "cascade.json").is_file()
    assert load_settings().models == (str(tmp_path / "own"),)


def test_only_the_licence_that_was_read_is_accepted(home: Path, hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    """As the window does it: the terms first, then consent to these."""
    assert main(["models", "get", "amused-256", "--json", "--terms"]) == 0
    terms = json.loads(capsys.readouterr().out)
    assert (terms["event"], terms["licence"], terms["endpoint"]) == ("terms", "openrail++", hub.address)
    assert terms["total_bytes"] == sum(len(hub.files[name]) for name in WANTED)
    assert not hub.fetched()
    hub.licence = "cc-by-nc-4.0"
    assert main(["models", "get", "amused-256", "--json", "--accept", "openrail++"]) == EXIT_USAGE
    assert "the licence cc-by-nc-4.0, which nobody has accepted" in capsys.readouterr().out
    assert not hub.fetched()
    assert main(["models", "get", "amused-256", "--json", "--accept", "cc-by-nc-4.0"]) == 0
    assert place_of(AMUSED, home).is_there


@pytest.mark.skipif(os.name != "posix", reason="a pipe that closes")
def test_it_ends_with_the_window_that_started_it(home: Path, hub: Hub) -> None:
    hub.misbehave = lambda name, nth: Fault(pause_s=30.0) if name == LARGEST else Fault()
    words = ["models", "get", "amused-256", "--json", "--accept", "openrail++", "--leash"]
    command = [sys.executable, "-m", "muse_studio", *words]
    environment = {**os.environ, "HF_HUB_OFFLINE": "0"}
    process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    part = place_of(AMUSED, home).hidden / LARGEST
    wait_for(lambda: part.exists() and part.stat().st_size > 0, "the first bytes never came")
    process.stdin.close()
    assert process.wait(10) == EXIT_INTERRUPTED
    process.stdout.close()
    assert part.stat().st_size > 0
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
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
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
    assert lines[-1] == {**lines[-1], "event": "finished"}


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
