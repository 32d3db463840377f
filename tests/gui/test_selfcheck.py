"""The program's check of its own installation, on the tiny model and its real worker."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from muse_studio.gui.selfcheck import run_selfcheck


def test_window_jobs_and_a_killed_worker_all_go_right(
    qapp: QApplication, tiny_model: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code = run_selfcheck(tiny_model, "cpu", None)
    said = capfd.readouterr().out
    qapp.setStyleSheet("")
    assert code == 0, said
    assert "WRONG" not in said
    for words in ("window painted", "worker killed in the middle", "it is another process", "no process is left"):
        assert words in said


def test_a_model_that_is_not_there_fails_the_check(
    qapp: QApplication, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code = run_selfcheck(tmp_path / "nothing", "cpu", None)
    qapp.setStyleSheet("")
    assert code == 1
    assert "WRONG" in capfd.readouterr().out
