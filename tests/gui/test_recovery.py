"""Autosave and recovery: a crash loses at most a stroke, and nothing that was recovered goes without being asked."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox, QPushButton

from muse_studio.core import recovery as core_recovery
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.project.encoded import EncodedPixels
from muse_studio.core.project.project import Project
from muse_studio.core.project.reading import read_project
from muse_studio.core.recovery import RecoveryFile, recovery_folder
from muse_studio.gui.recovery_page import RecoveryPage
from tests.core.project.sample import sample_state
from tests.gui.conftest import Studio


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSE_STUDIO_CONFIG", str(tmp_path / "settings"))


def kept() -> list[Path]:
    folder = recovery_folder()
    return sorted(folder.glob("*.ora")) if folder.exists() else []


def look(studio: Studio) -> None:
    """What the timer does every second, and then the writing."""
    studio.window.recovery.look()
    studio.until(lambda: not studio.window.recovery._writing)


def crashed(title: str, origin: str = "") -> Path:
    """What a program that was killed left."""
    file = RecoveryFile.in_folder(recovery_folder())
    facts = {core_recovery.ORIGIN: origin} if origin else {}
    file.write(Project(sample_state(120, 90), title, facts=facts), EncodedPixels())
    number = len(kept())
    return file.path.rename(file.path.with_name(f"{2**31 - number}-5-{number:032x}.ora"))


def offered(studio: Studio) -> RecoveryPage:
    studio.window.faults.spawn(studio.window.recovery.offer())
    studio.until(lambda: studio.window.findChildren(RecoveryPage))
    return studio.window.findChildren(RecoveryPage)[0]


def button(page: RecoveryPage, name: str) -> QPushButton:
    return next(one for one in page.findChildren(QPushButton) if one.accessibleName() == name)


def test_unsaved_work_is_kept_in_a_pause_and_the_file_goes_when_it_is_saved(
    studio: Studio, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.open(photo)
    look(studio)
    assert kept() == [], "nothing was changed yet"
    studio.paint((400, 300), (450, 300))
    look(studio)
    assert kept() == [], "the work goes on"
    monkeypatch.setattr("muse_studio.core.limits.RECOVERY_QUIET_S", 0.0)
    look(studio)
    (path,) = kept()
    np.testing.assert_array_equal(read_project(path).state.mask, studio.document.mask)
    before = path.stat().st_mtime_ns
    look(studio)
    assert path.stat().st_mtime_ns == before, "written again only when something changed"
    assert studio.run(studio.window.files.save_to(tmp_path / "saved.ora"))
    look(studio)
    assert kept() == []


def test_a_document_that_was_never_saved_is_kept_too(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("muse_studio.core.limits.RECOVERY_QUIET_S", 0.0)
    studio.type_prompt("an owl")
    studio.generate()
    studio.finish_job()
    look(studio)
    project = read_project(kept()[0])
    np.testing.assert_array_equal(project.state.picture(), studio.document.picture)
    assert "runs.json" in project.runs


def test_a_fault_in_a_slot_puts_the_work_in_safety(studio: Studio, photo: Path) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    studio.open(photo)
    studio.paint((400, 300), (450, 300))
    studio.window.faults.slot(broken)()
    studio.until(kept)
    assert any("went wrong" in message for message in studio.messages)


def test_a_clean_close_leaves_nothing_to_recover(studio: Studio, photo: Path) -> None:
    studio.open(photo)
    studio.paint((400, 300), (450, 300))
    studio.window.recovery.save_now()
    studio.until(kept)
    studio.run(studio.window.shut_down())
    assert kept() == []


def test_writing_may_begin_while_qt_alone_turns(studio: Studio, photo: Path) -> None:
    """As where qasync lets Qt handle what is left when its loop has stopped: no loop counts as running."""
    studio.open(photo)
    studio.paint((400, 300), (450, 300))
    studio.window.recovery.save_now()
    asyncio.events._set_running_loop(None)
    try:
        QTest.qWait(100)
    finally:
        asyncio.events._set_running_loop(studio.loop)
    assert studio.messages == []
    studio.until(kept)


def test_what_is_unsaved_is_on_disk_before_the_program_ends(studio: Studio, photo: Path) -> None:
    keep_last = studio.window.recovery.keep_last
    keep_last()
    studio.open(photo)
    keep_last()
    assert kept() == []
    for end in (450, 500):  # the second finds a file of this document
        studio.paint((400, 300), (end, 300))
        keep_last()
        (path,) = kept()
        np.testing.assert_array_equal(read_project(path).state.mask, studio.document.mask)
    studio.run(studio.window.shut_down())
    keep_last()
    assert kept() == []


def test_a_full_disk_does_not_keep_the_program_from_ending(
    studio: Studio, photo: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise MuseStudioError(ErrorKind.DISK, "The disk is full. Free some space.")

    studio.open(photo)
    studio.paint((400, 300), (450, 300))
    monkeypatch.setattr(RecoveryFile, "write", full)
    studio.window.recovery.keep_last()
    assert "unsaved work was not kept: The disk is full" in caplog.text


DISPLAY_DIES = """
import sys
import numpy as np
from PySide6.QtCore import QCoreApplication
from muse_studio.cli.main import main
from muse_studio.core.document import Document
from muse_studio.gui import app
from muse_studio.gui.sheet import Sheet

def begin(window, files=()):
    window.start_over(Sheet(Document(np.full((48, 64, 4), 255, np.uint8)), "Untitled", is_new=True))
    QCoreApplication.exit(1)  # as Qt does when its display is gone

app.begin = begin
sys.exit(main(["studio"]))
"""


def test_where_the_display_goes_away_work_is_kept_and_one_sentence_says_so() -> None:
    ended = subprocess.run([sys.executable, "-c", DISPLAY_DIES], capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert "display that showed the window went away" in ended.stderr
    (path,) = kept()
    assert read_project(path).state.picture().shape == (48, 64, 4)


def test_another_document_lets_the_old_ones_file_go(studio: Studio, photo: Path, tmp_path: Path) -> None:
    studio.open(photo)
    studio.paint((400, 300), (450, 300))
    studio.window.recovery.save_now()
    studio.until(kept)
    studio.window.open_path(photo)
    studio.until(lambda: studio.window.findChildren(QMessageBox, "unsavedQuestion"))
    box = studio.window.findChildren(QMessageBox, "unsavedQuestion")[0]
    discard = box.button(QMessageBox.StandardButton.Discard)
    QTest.mouseClick(discard, Qt.MouseButton.LeftButton)
    studio.until(lambda: not studio.window.isWindowModified())
    look(studio)
    assert kept() == []


def test_a_full_disk_is_told_and_the_work_goes_on(studio: Studio, photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise MuseStudioError(ErrorKind.DISK, "The disk is full. Free some space.")

    monkeypatch.setattr(core_recovery, "atomic_write_parts", full)
    studio.open(photo)
    studio.paint((400, 300), (450, 300))
    studio.window.recovery.save_now()
    studio.until(lambda: studio.messages)
    assert "cannot be kept safe" in studio.messages[0]
    assert "disk is full" in studio.messages[0]
    monkeypatch.undo()
    studio.paint((200, 300), (250, 300))
    studio.window.recovery.save_now()
    studio.until(lambda: not studio.messages)


def test_nothing_is_offered_after_a_clean_end_and_asking_says_so(studio: Studio) -> None:
    studio.run(studio.window.recovery.offer())
    assert not studio.messages
    studio.window.commands["recover"].trigger()
    studio.until(lambda: studio.messages)
    assert "no unsaved work" in studio.messages[0]


def test_two_crashed_documents_are_both_offered_with_what_is_known(studio: Studio) -> None:
    crashed("Owl", "/pictures/owl.ora")
    crashed("Never saved")
    page = offered(studio)
    about = [label.accessibleName() for label in page._rows.values()]
    assert any(text.startswith("Owl.") and "From owl.ora" in text and "120 × 90 px" in text for text in about)
    assert any(text.startswith("Never saved.") and "It was never saved." in text for text in about)
    assert all(not row._picture.pixmap().isNull() for row in page._rows.values())
    page.later.click()
    studio.settle()
    assert len(kept()) == 2, "later keeps both"


def test_opening_goes_on_where_it_was_left_and_saves_to_its_own_file(studio: Studio, tmp_path: Path) -> None:
    origin = tmp_path / "owl.ora"
    crashed("Owl", str(origin))
    page = offered(studio)
    QTest.mouseClick(button(page, "Open Owl"), Qt.MouseButton.LeftButton)
    studio.until(lambda: studio.window.sheet is not None)
    np.testing.assert_array_equal(studio.document.picture, sample_state(120, 90).picture())
    np.testing.assert_array_equal(studio.document.mask, sample_state(120, 90).mask)
    assert studio.window.isWindowModified()
    (path,) = kept()
    assert path.name.startswith(f"{os.getpid()}-"), "it is ours now, and still there"
    studio.press(Qt.Key.Key_S, control=True)
    studio.until(lambda: not studio.window.isWindowModified())
    assert read_project(origin).title
    look(studio)
    assert kept() == []


def test_recovered_work_never_replaces_a_file_without_a_question(studio: Studio, tmp_path: Path) -> None:
    origin = tmp_path / "owl.ora"
    origin.write_bytes(b"newer work")
    crashed("Owl", str(origin))
    QTest.mouseClick(button(offered(studio), "Open Owl"), Qt.MouseButton.LeftButton)
    studio.until(lambda: studio.window.sheet is not None)
    studio.press(Qt.Key.Key_S, control=True)
    studio.until(lambda: studio.window.findChildren(QMessageBox, "changedQuestion"))
    QTest.keyClick(studio.window.findChildren(QMessageBox, "changedQuestion")[0], Qt.Key.Key_Escape)
    studio.settle()
    assert origin.read_bytes() == b"newer work"


def answer_discarding(studio: Studio, answer: str) -> None:
    page = studio.window.findChildren(RecoveryPage)[0]
    QTest.mouseClick(button(page, "Discard Owl"), Qt.MouseButton.LeftButton)
    studio.until(lambda: page.findChildren(QMessageBox, "discardQuestion"))
    box = page.findChildren(QMessageBox, "discardQuestion")[0]
    QTest.mouseClick(next(one for one in box.buttons() if one.text() == answer), Qt.MouseButton.LeftButton)
    studio.settle()


def test_discarding_asks_and_only_then_removes(studio: Studio) -> None:
    path = crashed("Owl")
    offered(studio)
    answer_discarding(studio, "Keep")
    assert path.exists()
    answer_discarding(studio, "Discard")
    studio.until(lambda: not path.exists())
    studio.until(lambda: not studio.window.findChildren(RecoveryPage))


def test_a_damaged_file_can_only_be_discarded(studio: Studio) -> None:
    path = crashed("Owl")
    path.write_bytes(path.read_bytes()[:300])
    page = offered(studio)
    (row,) = page._rows.values()
    assert not row.open.isEnabled()
    assert row.discard.isEnabled()
    page.later.click()
    studio.settle()
