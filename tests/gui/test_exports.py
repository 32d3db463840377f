"""The export page and what it writes; masks out and in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit

from muse_studio.core.export import ExportArea, ExportChoice, ExportFormat
from muse_studio.core.pictures import encode_png, open_picture
from muse_studio.gui.export_page import ExportPage
from muse_studio.gui.exports import choice_of
from tests.gui.conftest import Studio, noise


def page_of(studio: Studio) -> ExportPage:
    studio.press(Qt.Key.Key_E, control=True)
    studio.until(lambda: studio.window.findChildren(ExportPage))
    return studio.window.findChildren(ExportPage)[0]


def name_it(studio: Studio, name: str) -> None:
    studio.until(lambda: studio.window.findChildren(QFileDialog))
    field = studio.window.findChildren(QFileDialog)[0].findChildren(QLineEdit, "fileNameEdit")[0]
    field.setText(name)
    QTest.keyClick(field, Qt.Key.Key_Return)
    studio.settle()


def test_the_page_exports_what_it_shows_and_remembers_it(studio: Studio, photo: Path) -> None:
    studio.open(photo)
    page = page_of(studio)
    assert page.whole.isChecked()
    assert "900 × 700" in page.whole.text()
    page.format.setCurrentIndex(list(ExportFormat).index(ExportFormat.WEBP))
    page.lossless.setChecked(True)
    QTest.mouseClick(page.frame, Qt.MouseButton.LeftButton)
    QTest.mouseClick(page.accept_button, Qt.MouseButton.LeftButton)
    name_it(studio, "small")
    target = photo.with_name("small.webp")
    studio.until(target.exists)
    assert open_picture(target).pixels.shape == (512, 512, 4)
    wanted = ExportChoice(ExportFormat.WEBP, ExportArea.FRAME, 92, lossless=True)
    assert studio.window.exports.choice == wanted
    studio.run(studio.window.shut_down())
    assert choice_of(studio.saved[-1].export) == wanted


def test_only_what_a_format_can_do_can_be_chosen(studio: Studio, photo: Path) -> None:
    studio.open(photo)
    page = page_of(studio)
    able = {}
    for index, kind in enumerate(ExportFormat):
        page.format.setCurrentIndex(index)
        boxes = (page.quality, page.lossless, page.transparent, page.settings, page.frame)
        able[kind] = "".join("01"[box.isEnabled()] for box in boxes)
    assert able == {
        ExportFormat.PNG: "00011",
        ExportFormat.JPEG: "10011",
        ExportFormat.WEBP: "11011",
        ExportFormat.PSD: "00000",
    }
    page.reject()
    studio.settle()


def test_transparency_is_offered_where_something_is_see_through(studio: Studio, tmp_path: Path) -> None:
    path = tmp_path / "clear.png"
    pixels = np.dstack([noise(300, 300), np.full((300, 300), 90, np.uint8)])
    path.write_bytes(encode_png(pixels))
    studio.open(path)
    page = page_of(studio)
    assert page.transparent.isEnabled()
    page.reject()
    studio.settle()


def test_cancelling_the_page_writes_nothing(studio: Studio, photo: Path) -> None:
    studio.open(photo)
    before = sorted(photo.parent.iterdir())
    page = page_of(studio)
    QTest.keyClick(page, Qt.Key.Key_Escape)
    studio.settle()
    assert sorted(photo.parent.iterdir()) == before
    assert not studio.window.findChildren(QFileDialog)


def test_an_export_of_layers_or_a_mask_leaves_the_project_unsaved(studio: Studio, photo: Path, tmp_path: Path) -> None:
    studio.open(photo)
    studio.paint((400, 300), (450, 300))
    for kind in ExportFormat:
        target = tmp_path / f"x.{kind.value}"
        assert studio.run(studio.window.exports.write(target, ExportChoice(kind)))
        assert target.stat().st_size > 1000
        assert studio.window.isWindowModified()


def test_a_full_disk_is_told(studio: Studio, photo: Path, tmp_path: Path) -> None:
    studio.open(photo)
    assert not studio.run(studio.window.exports.write(tmp_path / "gone" / "x.png", ExportChoice()))
    assert "folder does not exist" in studio.messages[0]


def test_the_mask_is_written_as_grey_and_read_back(studio: Studio, photo: Path, tmp_path: Path) -> None:
    studio.open(photo)
    studio.paint((400, 300), (450, 300))
    mask = studio.document.mask.copy()
    target = tmp_path / "mask.png"
    assert studio.run(studio.window.exports.save_mask_to(target))
    with Image.open(target) as image:
        assert (image.mode, image.size) == ("L", (900, 700))
        np.testing.assert_array_equal(np.asarray(image), mask)
    studio.press(Qt.Key.Key_D, control=True)
    assert not studio.document.mask.any()
    studio.run(studio.window.exports.load_mask_from(target))
    np.testing.assert_array_equal(studio.document.mask, mask)
    studio.press(Qt.Key.Key_Z, control=True)
    assert not studio.document.mask.any(), "one undo step"


def test_a_mask_of_another_size_is_refused_in_words(studio: Studio, photo: Path, tmp_path: Path) -> None:
    studio.open(photo)
    other = tmp_path / "other.png"
    other.write_bytes(encode_png(noise(10, 10)))
    studio.run(studio.window.exports.load_mask_from(other))
    assert "Make them the same size" in studio.messages[0]


def test_the_quick_export_asks_for_a_name_only(studio: Studio, photo: Path) -> None:
    studio.open(photo)
    studio.window.commands["quick_export"].trigger()
    name_it(studio, "frame")
    target = photo.with_name("frame.png")
    studio.until(target.exists)
    assert open_picture(target).pixels.shape == (512, 512, 4)


@pytest.mark.parametrize("values", [{}, {"format": "exe"}, {"format": "png", "area": 3}, {"quality": "x"}])
def test_a_damaged_remembered_choice_is_the_default(values: dict[str, object]) -> None:
    assert choice_of(values) == ExportChoice()
