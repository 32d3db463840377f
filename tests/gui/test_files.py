"""Pictures in and out: nothing that is there is lost to a bad file, a full disk or a hasty answer."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QFileDialog, QLineEdit, QMessageBox

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.export import ExportArea, ExportChoice
from muse_studio.core.pictures import encode_png, open_picture
from muse_studio.core.project.reading import read_project
from muse_studio.gui import files
from tests.core.project.sample import foreign, packed, sample_project, write
from tests.gui.conftest import Studio, noise

QUICK = ExportChoice(area=ExportArea.FRAME)


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


def test_saving_writes_the_project_and_clears_the_mark(studio: Studio, photo: Path, tmp_path: Path) -> None:
    studio.open(photo)
    studio.paint((400, 300), (450, 300))
    assert studio.window.isWindowModified()
    target = tmp_path / "saved.ora"
    assert studio.run(studio.window.files.save_to(target))
    project = read_project(target)
    np.testing.assert_array_equal(project.state.picture(), studio.document.picture)
    np.testing.assert_array_equal(project.state.mask, studio.document.mask)
    assert project.state.mask.any()
    assert not studio.window.isWindowModified()
    assert studio.window.windowTitle().startswith("saved.ora")
    assert studio.window.settings.recent_files[0] == str(target)


def test_a_saved_project_opens_again_with_mask_layers_wishes_and_runs(studio: Studio, tmp_path: Path) -> None:
    studio.type_prompt("an owl")
    studio.generate()
    studio.finish_job()
    studio.paint((400, 300), (450, 300))
    before = studio.document.snapshot()
    assert studio.window.sheet is not None
    runs = [run.id for run in studio.window.sheet.runs.runs]
    target = tmp_path / "owl.ora"
    assert studio.run(studio.window.files.save_to(target))
    studio.open(target)
    after = studio.document.snapshot()
    np.testing.assert_array_equal(before.picture(), after.picture())
    np.testing.assert_array_equal(before.mask, after.mask)
    assert after.wishes == before.wishes
    assert [layer.name for layer in after.layers] == [layer.name for layer in before.layers]
    assert studio.window.sheet is not None
    assert [run.id for run in studio.window.sheet.runs.runs] == runs
    assert studio.window.sheet.path == target
    assert not studio.window.isWindowModified()


def test_saving_again_needs_no_question_but_the_original_is_never_its_target(studio: Studio, photo: Path) -> None:
    original = photo.read_bytes()
    studio.open(photo)
    assert studio.window.sheet is not None
    assert studio.window.sheet.path is None, "saving must ask first"
    target = photo.with_name("edited.ora")
    studio.run(studio.window.files.save_to(target))
    studio.paint((400, 300), (450, 300))
    studio.press(Qt.Key.Key_S, control=True)
    studio.until(lambda: not studio.window.isWindowModified())
    assert photo.read_bytes() == original


def test_saving_asks_for_a_name_once_and_gives_it_its_ending(studio: Studio, photo: Path) -> None:
    studio.open(photo)
    studio.paint((400, 300), (450, 300))
    studio.press(Qt.Key.Key_S, control=True)
    studio.until(lambda: studio.window.findChildren(QFileDialog))
    dialog = studio.window.findChildren(QFileDialog)[0]
    name = dialog.findChildren(QLineEdit, "fileNameEdit")[0]
    assert name.text() == "photo.ora"
    name.setText("mine")
    QTest.keyClick(name, Qt.Key.Key_Return)
    studio.until(lambda: not studio.window.isWindowModified())
    assert read_project(photo.with_name("mine.ora")).state.mask.any()


def test_what_is_painted_while_it_is_saved_stays_unsaved(
    studio: Studio, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.open(photo)
    studio.paint((400, 300), (450, 300))
    inside, go_on = threading.Event(), threading.Event()
    real = files.atomic_write_parts

    def slow(path: Path, parts: Iterable[bytes]) -> None:
        inside.set()
        go_on.wait(5)
        real(path, parts)

    monkeypatch.setattr(files, "atomic_write_parts", slow)
    target = tmp_path / "saved.ora"
    studio.window.faults.spawn(studio.window.files.save_to(target))
    studio.until(inside.is_set)
    saved = studio.document.mask.copy()
    studio.paint((100, 100), (150, 100))
    go_on.set()
    studio.until(lambda: target.exists() and studio.window.sheet is not None and studio.window.sheet.path)
    np.testing.assert_array_equal(read_project(target).state.mask, saved)
    assert studio.window.isWindowModified()


def test_long_saving_says_that_it_goes_on(
    studio: Studio, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_PATIENCE_S", 0.0)
    studio.open(photo)
    told: list[str] = []
    monkeypatch.setattr(studio.window.messages, "show_notice", lambda notice: told.append(notice.message))
    assert studio.run(studio.window.files.save_to(tmp_path / "saved.ora"))
    assert told[0].startswith("Saving saved.ora…")
    assert told[1].startswith("Saved saved.ora")


def changed_outside(studio: Studio, photo: Path) -> tuple[Path, QMessageBox]:
    """A project that another program has written since it was saved, painted on, and Save pressed."""
    studio.open(photo)
    target = photo.with_name("mine.ora")
    assert studio.run(studio.window.files.save_to(target))
    target.write_bytes(b"of another program")
    studio.paint((400, 300), (450, 300))
    studio.press(Qt.Key.Key_S, control=True)
    studio.until(lambda: studio.window.findChildren(QMessageBox, "changedQuestion"))
    return target, studio.window.findChildren(QMessageBox, "changedQuestion")[0]


def test_a_file_that_another_program_changed_is_not_replaced_without_a_question(studio: Studio, photo: Path) -> None:
    target, box = changed_outside(studio, photo)
    QTest.keyClick(box, Qt.Key.Key_Escape)
    studio.settle()
    assert target.read_bytes() == b"of another program"
    assert studio.window.isWindowModified()


def test_a_file_that_another_program_changed_is_replaced_on_request(studio: Studio, photo: Path) -> None:
    target, box = changed_outside(studio, photo)
    replace = next(button for button in box.buttons() if "Replace" in button.text())
    QTest.mouseClick(replace, Qt.MouseButton.LeftButton)
    studio.until(lambda: not studio.window.isWindowModified())
    assert read_project(target).state.mask.any()


def test_a_project_of_another_program_opens_with_a_note_and_is_not_written_over(studio: Studio, tmp_path: Path) -> None:
    stack = '<stack><stack name="G"><layer name="In" src="data/a.png"/></stack></stack>'
    path = write(tmp_path, foreign(stack), "krita.ora")
    studio.open(path)
    assert "laid flat" in studio.messages[0]
    assert [layer.name for layer in studio.document.layers] == ["In"]
    assert studio.window.sheet is not None
    assert studio.window.sheet.path is None


def test_a_project_under_a_pictures_name_is_still_a_project(studio: Studio, tmp_path: Path) -> None:
    path = write(tmp_path, packed(sample_project()), "odd.png")
    studio.open(path)
    assert len(studio.document.layers) == 3


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 broken", b"\x89PNG\r\n\x1a\n"])
def test_a_bad_project_is_refused_in_words_and_the_document_stays(studio: Studio, photo: Path, data: bytes) -> None:
    studio.open(photo)
    document = studio.document
    studio.window.open_path(write(photo.parent, data, "bad.ora"))
    studio.until(lambda: studio.messages)
    assert "bad.ora" in studio.messages[0]
    assert studio.document is document


def test_a_full_disk_keeps_the_old_file_and_the_mark(
    studio: Studio, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, parts: Iterable[bytes]) -> None:
        raise MuseStudioError(ErrorKind.DISK, f"{path.name} was not written: the disk is full. Free some space.")

    studio.open(photo)
    studio.paint((400, 300), (450, 300))
    monkeypatch.setattr(files, "atomic_write_parts", full)
    assert not studio.run(studio.window.files.save_to(tmp_path / "saved.ora"))
    assert "disk is full" in studio.messages[0]
    assert studio.window.isWindowModified()


@pytest.mark.parametrize("name", ["a b", "🦉 梟", "caf\u00e9", "cafe\u0301", "two\nlines", "-rf", "'\"$(x)"])
def test_files_of_any_name_are_saved_listed_and_opened(studio: Studio, photo: Path, tmp_path: Path, name: str) -> None:
    studio.open(photo)
    target = tmp_path / f"{name}.ora"
    assert studio.run(studio.window.files.save_to(target))
    studio.window.recent.menu.actions()[0].trigger()
    studio.until(lambda: studio.window.sheet is not None and studio.window.sheet.path == target)
    assert "\n" not in studio.window.windowTitle()
    assert [path.name for path in tmp_path.glob("*.ora")] == [target.name]


def test_the_list_of_recent_files_can_be_cleared(studio: Studio, photo: Path) -> None:
    studio.open(photo)
    clear = next(action for action in studio.window.recent.menu.actions() if action.objectName() == "clearRecent")
    clear.trigger()
    studio.settle()
    assert studio.window.settings.recent_files == ()
    assert not studio.window.recent.menu.isEnabled()


def test_the_512_export_carries_prompt_and_settings_and_gives_them_back(studio: Studio, tmp_path: Path) -> None:
    studio.type_prompt("an owl")
    studio.window.panel.negative.setPlainText("text")
    studio.window.panel.advanced.steps["base"].setValue(12)
    studio.generate()
    studio.finish_job()
    seed = studio.client.requests[-1].seed
    target = tmp_path / "owl.png"
    assert studio.run(studio.window.exports.write(target, QUICK))
    assert not studio.window.isWindowModified(), "a 512 px document is saved by its export"
    exported = open_picture(target)
    assert exported.pixels.shape == (512, 512, 4)
    assert "an owl" in exported.text["parameters"]

    studio.type_prompt("something else")
    studio.document.mark_saved()  # else it would ask about the prompt
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
    studio.run(studio.window.exports.write(tmp_path / "frame.png", QUICK))
    assert open_picture(tmp_path / "frame.png").pixels.shape == (512, 512, 4)
    assert studio.window.isWindowModified()


def test_a_picture_that_was_taken_back_is_not_named_in_the_file(studio: Studio, photo: Path, tmp_path: Path) -> None:
    studio.open(photo)
    studio.type_prompt("an owl")
    studio.generate()
    studio.finish_job()
    studio.press(Qt.Key.Key_Z, control=True)
    studio.run(studio.window.exports.write(tmp_path / "back.png", ExportChoice()))
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
    name = studio.window.files.suggest(studio.window.sheet, "-512.png").name
    assert name.endswith("-512.png")
    assert not set(name) & set('/\\:<>?*"|')


def test_pixels_of_an_opened_picture_are_made_ready_outside_the_window_s_thread(
    studio: Studio, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(pixels: object) -> None:
        raise AssertionError("64 MP would take half a second here")

    monkeypatch.setattr("muse_studio.gui.canvas.surface.PictureCache", refuse)
    studio.open(photo)
    assert studio.window.canvas.grab().toImage().pixelColor(600, 300) != studio.window.palette().window().color()
    assert not studio.messages
