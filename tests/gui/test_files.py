"""Pictures in and out: nothing that is there is lost to a bad file, a full disk or a hasty answer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QFileDialog, QLineEdit, QMessageBox

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.pictures import encode_png, open_picture
from muse_studio.gui import files
from tests.gui.conftest import Studio, noise


def test_an_opened_picture_keeps_every_pixel(studio: Studio, photo: Path) -> None:
    studio.open(photo)
    np.testing.assert_array_equal(studio.document.picture[..., :3], noise(700, 900))
    assert studio.window.status_line.document.text() == "900 × 700 px"
    assert studio.window.windowTitle().startswith("photo.png")
    assert studio.window.settings.recent_files == (str(photo),)


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n broken", b"GIF89a", b"not a picture at all"])
def test_a_bad_file_is_refused_in_words_and_the_document_stays(studio: Studio, photo: Path, data: bytes) -> None:
    studio.open(photo)
    document = studio.document
    bad = photo.with_name("bad.png")
    bad.write_bytes(data)
    studio.window.open_path(bad)
    studio.until(lambda: studio.messages)
    assert "bad.png" in studio.messages[0]
    assert studio.document is document


def test_a_missing_file_is_refused_in_words(studio: Studio, tmp_path: Path) -> None:
    studio.window.open_path(tmp_path / "gone.png")
    studio.until(lambda: studio.messages)
    assert "gone.png" in studio.messages[0]


def test_saving_writes_the_whole_picture_and_clears_the_mark(studio: Studio, photo: Path, tmp_path: Path) -> None:
    studio.open(photo)
    studio.paint((400, 300), (450, 300))
    assert studio.window.isWindowModified()
    target = tmp_path / "saved.png"
    assert studio.run(studio.window.files.save_to(target))
    np.testing.assert_array_equal(open_picture(target).pixels, studio.document.picture)
    assert not studio.window.isWindowModified()
    assert studio.window.settings.recent_files[0] == str(target)


def test_saving_again_needs_no_question_but_the_original_is_never_its_target(studio: Studio, photo: Path) -> None:
    original = photo.read_bytes()
    studio.open(photo)
    assert studio.window.sheet is not None
    assert studio.window.sheet.path is None, "saving must ask first"
    target = photo.with_name("edited.png")
    studio.run(studio.window.files.save_to(target))
    studio.paint((400, 300), (450, 300))
    studio.press(Qt.Key.Key_S, control=True)
    studio.until(lambda: not studio.window.isWindowModified())
    assert photo.read_bytes() == original


def test_a_full_disk_keeps_the_old_file_and_the_mark(
    studio: Studio, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, data: bytes) -> None:
        raise MuseStudioError(ErrorKind.DISK, f"{path.name} was not written: the disk is full. Free some space.")

    studio.open(photo)
    studio.paint((400, 300), (450, 300))
    monkeypatch.setattr(files, "atomic_write", full)
    assert not studio.run(studio.window.files.save_to(tmp_path / "saved.png"))
    assert "disk is full" in studio.messages[0]
    assert studio.window.isWindowModified()


def test_the_512_export_carries_prompt_and_settings_and_gives_them_back(studio: Studio, tmp_path: Path) -> None:
    studio.type_prompt("an owl")
    studio.window.panel.negative.setPlainText("text")
    studio.window.panel.advanced.steps["base"].setValue(12)
    studio.generate()
    studio.finish_job()
    seed = studio.client.requests[-1].seed
    target = tmp_path / "owl.png"
    assert studio.run(studio.window.files.export_to(target))
    assert not studio.window.isWindowModified(), "a 512 px document is saved by its export"
    exported = open_picture(target)
    assert exported.pixels.shape == (512, 512, 4)
    assert "an owl" in exported.text["parameters"]

    studio.type_prompt("something else")
    studio.open(target)
    use = studio.window.messages.notices[0].actions[0]
    use.run()
    wishes = studio.window.panel.wishes()
    assert (wishes.prompt, wishes.negative_prompt, wishes.seed, wishes.base.steps) == ("an owl", "text", seed, 12)


def test_an_export_of_a_larger_document_is_its_frame_and_saves_nothing_else(
    studio: Studio, photo: Path, tmp_path: Path
) -> None:
    studio.open(photo)
    studio.paint((400, 300), (450, 300))
    studio.run(studio.window.files.export_to(tmp_path / "frame.png"))
    assert open_picture(tmp_path / "frame.png").pixels.shape == (512, 512, 4)
    assert studio.window.isWindowModified()


def test_a_picture_that_was_taken_back_is_not_named_in_the_file(studio: Studio, photo: Path, tmp_path: Path) -> None:
    studio.open(photo)
    studio.type_prompt("an owl")
    studio.generate()
    studio.finish_job()
    studio.press(Qt.Key.Key_Z, control=True)
    studio.run(studio.window.files.save_to(tmp_path / "back.png"))
    assert "parameters" not in open_picture(tmp_path / "back.png").text


def test_opening_over_unsaved_changes_asks_and_cancel_keeps_them(studio: Studio, photo: Path) -> None:
    studio.open(photo)
    studio.paint((400, 300), (450, 300))
    document = studio.document
    other = photo.with_name("other.png")
    other.write_bytes(encode_png(noise(64, 64), {}))
    studio.window.open_path(other)
    studio.until(lambda: studio.window.findChildren(QMessageBox, "unsavedQuestion"))
    box = studio.window.findChildren(QMessageBox, "unsavedQuestion")[0]
    QTest.keyClick(box, Qt.Key.Key_Escape)
    studio.settle()
    assert studio.document is document
    assert document.dirty


def test_the_new_dialog_makes_a_document_of_the_size_asked_for(studio: Studio) -> None:
    studio.window.commands["new"].trigger()
    studio.until(lambda: any(dialog.isVisible() for dialog in studio.window.findChildren(QDialog)))
    dialog = next(dialog for dialog in studio.window.findChildren(QDialog) if dialog.isVisible())
    dialog.width_px.setValue(640)
    dialog.clear.setChecked(True)
    dialog.accept()
    studio.until(lambda: studio.window.sheet is not None)
    assert studio.document.picture.shape == (512, 640, 4)
    assert not studio.document.picture[..., 3].any()


def test_the_open_dialog_starts_in_the_last_folder_and_opens_what_is_chosen(studio: Studio, photo: Path) -> None:
    studio.press(Qt.Key.Key_O, control=True)
    studio.until(lambda: studio.window.findChildren(QFileDialog))
    dialog = studio.window.findChildren(QFileDialog)[0]
    assert Path(dialog.directory().absolutePath()) == photo.parent
    name = dialog.findChildren(QLineEdit, "fileNameEdit")[0]
    QTest.keyClicks(name, photo.name)
    QTest.keyClick(name, Qt.Key.Key_Return)
    studio.until(lambda: studio.window.sheet is not None)
    assert studio.document.picture.shape == (700, 900, 4)


def test_names_from_prompts_make_sound_file_names(studio: Studio) -> None:
    studio.type_prompt("a/b: <fox> ?")
    studio.generate()
    studio.finish_job()
    assert studio.window.sheet is not None
    name = studio.window.files._suggest(studio.window.sheet, "512").name
    assert name.endswith("-512.png")
    assert not set(name) & set('/\\:<>?*"|')
