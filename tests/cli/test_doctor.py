"""The doctor finds what is wrong, names what to do, and changes nothing."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from muse_studio.cli import doctor, qt_libraries
from muse_studio.cli.main import main


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A folder whose cascade.json is right about its two files."""
    folder = tmp_path / "model"
    (folder / "text_encoder").mkdir(parents=True)
    files = {"base.safetensors": b"base", "text_encoder/tokenizer.json": b"{}"}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    records = {name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)} for name, data in files.items()}
    parts = {"defaults": {"base": {}, "superres": {}}, "architecture": {}}
    cascade = {"format": 1, "name": "small", "licence": "Apache-2.0", "files": records, **parts}
    (folder / "cascade.json").write_text(json.dumps(cascade), encoding="utf-8")
    return folder


def looked_at(model: Path) -> doctor.Findings:
    findings = doctor.Findings()
    doctor.look_at_model(findings, model)
    return findings


def test_a_whole_model_has_no_problems(model: Path) -> None:
    findings = looked_at(model)
    assert not findings.problems
    assert findings.facts["model"] | {"folder": ""} == {
        "folder": "",
        "name": "small",
        "licence": "Apache-2.0",
        "files": 2,
        "bytes": 6,
        "verified": True,
    }


@pytest.mark.parametrize("damage", [b"", b"bas", b"bass", b"bases"])
def test_one_changed_byte_of_a_model_is_found(model: Path, damage: bytes) -> None:
    (model / "base.safetensors").write_bytes(damage)
    (problem,) = looked_at(model).problems
    assert "base.safetensors" in problem


def test_a_file_that_is_missing_is_named(model: Path) -> None:
    (model / "text_encoder" / "tokenizer.json").unlink()
    (problem,) = looked_at(model).problems
    assert "“text_encoder/tokenizer.json” is missing" in problem


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "null",
        '{"files": 3}',
        '{"files": {"a": {}}}',
        '{"files": {"../a": {"sha256": "", "bytes": 0}}}',
        '{"files": {"a\\u0000b": {"sha256": "", "bytes": 0}}}',
        "[" * 100_000,
    ],
)
def test_a_damaged_list_of_files_is_a_problem_and_not_a_crash(model: Path, text: str) -> None:
    (model / "cascade.json").write_text(text, encoding="utf-8")
    findings = looked_at(model)
    assert findings.problems
    assert not findings.facts["model"]["verified"]


def test_a_missing_library_names_its_package_and_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(qt_libraries, "loads", lambda library: library not in ("libEGL.so.1", "libxcb-cursor.so.0"))
    monkeypatch.setattr(qt_libraries, "has_fonts", lambda: False)
    needs = qt_libraries.missing()
    assert (needs.fatal, needs.window, needs.fonts) == (("libEGL.so.1",), ("libxcb-cursor.so.0",), True)
    assert needs.command == "sudo apt-get install fonts-dejavu-core libegl1 libxcb-cursor0"


def test_libraries_for_a_window_are_a_problem_only_where_a_window_could_open(monkeypatch: pytest.MonkeyPatch) -> None:
    needs = qt_libraries.QtNeeds(window=("libxcb-cursor.so.0",), packages=("libxcb-cursor0",))
    monkeypatch.setattr(qt_libraries, "missing", lambda: needs)
    for shown, count in ((True, 1), (False, 0)):
        monkeypatch.setattr(doctor, "has_display", lambda shown=shown: shown)
        findings = doctor.Findings()
        doctor.look_at_display(findings)
        assert len(findings.problems) == count


def test_the_worst_problem_is_the_exit_code() -> None:
    findings = doctor.Findings()
    findings.problem("the model", doctor.EXIT_BAD_MODEL)
    findings.problem("a package")
    assert findings.exit_code == doctor.EXIT_BAD_MODEL


def test_a_missing_model_is_reported_with_everything_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--model", str(tmp_path / "none"), "--device", "cpu", "--json"]) == 3
    found = json.loads(capsys.readouterr().out)
    assert found["model"]["verified"] is False
    assert found["device"]["kind"] == "cpu"
    assert found["packages"]["torch"]
    assert any("no folder “none”" in problem for problem in found["problems"])


def test_a_good_model_loads_and_all_is_said_in_words(tiny_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.stat().st_mtime_ns for path in tiny_model.rglob("*")}
    code = main(["doctor", "--model", str(tiny_model), "--device", "cpu"])
    printed = capsys.readouterr().out
    assert code in (0, 1)  # a test machine may be short of memory or of fonts
    assert "all verified" in printed
    assert "the model loads in" in printed
    assert str(tiny_model) in printed
    assert {path: path.stat().st_mtime_ns for path in tiny_model.rglob("*")} == before
