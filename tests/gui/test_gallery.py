"""The History panel, driven by real events: what was made is there, can be found, looked at, used, starred, deleted."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QMessageBox

from muse_studio.core.entries import Entry
from muse_studio.core.gallery import Gallery
from muse_studio.core.geometry import Extent, Rect
from muse_studio.core.metadata import read_request_text, tokens_of
from muse_studio.core.pictures import encode_png
from muse_studio.core.request import EditRequest, Mode, StagePlan
from muse_studio.gui import gallery_desk
from muse_studio.gui.gallery_desk import fitted
from muse_studio.gui.hands import CONTROL, NONE, picture_of
from muse_studio.gui.panels.gallery import HistoryPanel
from muse_studio.gui.panels.thumbnails import ENTRY_MIME, tip
from tests.gui.conftest import Studio, noise

PLAN = StagePlan(steps=12, guidance=2.0)


def fill(tmp_path: Path, count: int = 3) -> Gallery:
    """Pictures of one colour each: the reddest is the newest."""
    gallery = Gallery(tmp_path / "data" / "gallery")
    for number in range(count):
        pixels = np.full((512, 512, 3), (40 * number, 0, 255 - 40 * number), np.uint8)
        request = EditRequest(Mode.GENERATE, f"a fox, number {number}", "rain", seed=100 + number, base=PLAN)
        gallery.keep(pixels, request, 0, {"model": "drawings"})
    return gallery


def panel(studio: Studio) -> HistoryPanel:
    return studio.window.history.panel


def open_panel(studio: Studio, count: int) -> HistoryPanel:
    studio.window.docks.show("history")
    panel(studio)._desk.refresh()
    studio.until(lambda: panel(studio).entries.rowCount() == count)
    studio.settle()
    return panel(studio)


def click(studio: Studio, row: int, modifiers: Qt.KeyboardModifier = NONE) -> None:
    grid = panel(studio).grid
    where = grid.visualRect(panel(studio).entries.index(row)).center()
    QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, modifiers, where)
    studio.settle()


def key(studio: Studio, key: Qt.Key) -> None:
    panel(studio).grid.setFocus()
    QTest.keyClick(panel(studio).grid, key)
    studio.settle()


def choose(studio: Studio, *words: str) -> None:
    """Open the menu and choose an entry of it, by its words and those of the menus it is in."""
    menu = panel(studio).menu()
    assert menu is not None
    for word in words[:-1]:
        menu = next(action.menu() for action in menu.actions() if action.text() == word)
        assert isinstance(menu, QMenu)
    action = next(action for action in menu.actions() if action.text().split("\t")[0] == words[-1])
    assert action.isEnabled()
    action.trigger()
    studio.settle()


def test_every_finished_variation_is_kept_at_once(studio: Studio, tmp_path: Path) -> None:
    history = open_panel(studio, 0)
    assert history.count.text() == ""
    assert history.nothing.isVisible()
    studio.type_prompt("a 3d fox")
    studio.generate()
    studio.finish_job()
    studio.until(lambda: history.entries.rowCount() == 1)
    entry = history.entries.entry(history.entries.index(0))
    assert (entry.prompt, entry.seed, entry.model) == ("a 3d fox", studio.client.requests[0].seed, "Fake")
    picture = history._desk.gallery.picture(entry)
    assert np.array_equal(picture.pixels, studio.document.picture)
    assert tokens_of(picture.pixels, picture.text) is not None
    assert history.count.text() == "One picture"


def test_a_cancelled_job_keeps_nothing(studio: Studio) -> None:
    studio.generate()
    studio.client.advance(2)
    studio.press(Qt.Key.Key_Escape)
    studio.until(lambda: not studio.window.jobs.is_busy)
    assert open_panel(studio, 0).entries.rowCount() == 0


def test_a_picture_that_cannot_be_kept_is_told_and_stays_in_the_document(studio: Studio, tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"a file where the folder belongs")
    studio.generate()
    studio.finish_job()
    studio.until(lambda: any("could not be saved" in message for message in studio.messages))
    assert studio.window.sheet is not None


def test_thumbnails_show_the_pictures(studio: Studio, tmp_path: Path) -> None:
    fill(tmp_path)
    history = open_panel(studio, 3)
    for row, red in ((0, 80), (1, 40), (2, 0)):
        where = history.grid.visualRect(history.entries.index(row)).center()

        def shown(where: QPoint = where) -> np.ndarray:
            return picture_of(history.grid.viewport())[where.y(), where.x()].astype(int)

        studio.until(lambda red=red, shown=shown: np.abs(shown() - (red, 0, 255 - red)).max() <= 4)


def test_typing_words_leaves_what_has_them(studio: Studio, tmp_path: Path) -> None:
    fill(tmp_path)
    history = open_panel(studio, 3)
    QTest.mouseClick(history.search, Qt.MouseButton.LeftButton)
    QTest.keyClicks(history.search, "Fox 101")
    studio.until(lambda: history.entries.rowCount() == 1)
    assert history.entries.entry(history.entries.index(0)).seed == 101
    assert history.count.text() == "1 of 3 pictures"
    QTest.keyClicks(history.search, "x")
    studio.until(lambda: history.entries.rowCount() == 0)
    assert history.nothing.isVisible()
    QTest.keyClick(history.search, Qt.Key.Key_Escape)
    studio.until(lambda: history.entries.rowCount() == 3)
    assert not history.nothing.isVisible()
    QTest.keyClick(history.search, Qt.Key.Key_Down)
    assert history.grid.currentIndex().row() == 0


def test_stars_are_filtered_and_the_order_can_be_turned(studio: Studio, tmp_path: Path) -> None:
    fill(tmp_path)
    history = open_panel(studio, 3)
    click(studio, 1)
    key(studio, Qt.Key.Key_S)
    studio.until(lambda: history.chosen and history.chosen[0].starred)
    studio.hands.click(history.stars)
    studio.until(lambda: history.entries.rowCount() == 1)
    studio.hands.click(history.stars)
    studio.hands.click(history.oldest)
    studio.settle()
    seeds = [history.entries.entry(history.entries.index(row)).seed for row in range(3)]
    assert seeds == [100, 101, 102]
    assert [entry.seed for entry in history.chosen] == [101]
    choose(studio, "Take the star off")
    studio.until(lambda: not history.chosen[0].starred)


def test_space_shows_a_picture_on_the_canvas_and_the_document_again(
    studio: Studio, tmp_path: Path, photo: Path
) -> None:
    fill(tmp_path)
    studio.open(photo)
    before, state = studio.document.picture.copy(), studio.document.can_undo
    open_panel(studio, 3)
    click(studio, 0)
    middle = studio.document.frame
    where = studio.place(middle.x + middle.width / 2, middle.y + middle.height / 2)

    def shown() -> np.ndarray:
        return picture_of(studio.window.canvas)[where.y(), where.x()].astype(int)

    key(studio, Qt.Key.Key_Space)
    studio.until(lambda: np.abs(shown() - (80, 0, 175)).max() <= 3)
    key(studio, Qt.Key.Key_Space)
    studio.until(lambda: np.abs(shown() - (80, 0, 175)).max() > 3)
    assert np.array_equal(studio.document.picture, before)
    assert studio.document.can_undo == state


def test_resting_on_a_picture_shows_it_and_leaving_shows_the_document(studio: Studio, tmp_path: Path) -> None:
    fill(tmp_path)
    history = open_panel(studio, 3)
    grid = history.grid
    where = QPointF(grid.visualRect(history.entries.index(2)).center())
    none = Qt.MouseButton.NoButton
    move = QMouseEvent(QMouseEvent.Type.MouseMove, where, grid.viewport().mapToGlobal(where), none, none, NONE)
    QApplication.sendEvent(grid.viewport(), move)
    studio.until(lambda: studio.window.history.peek.is_shown)
    assert not studio.window.guide.welcome.isVisible()
    QApplication.sendEvent(grid.viewport(), QEvent(QEvent.Type.Leave))
    studio.until(lambda: not studio.window.history.peek.is_shown)
    assert studio.window.guide.welcome.isVisible()


def test_enter_applies_a_picture_as_a_layer_at_the_frame_in_one_undo_step(
    studio: Studio, tmp_path: Path, photo: Path
) -> None:
    fill(tmp_path)
    studio.open(photo)
    before, frame = studio.document.picture.copy(), studio.document.frame
    open_panel(studio, 3)
    click(studio, 1)
    key(studio, Qt.Key.Key_Return)
    studio.until(lambda: studio.document.can_undo)
    after = studio.document.picture
    assert (after[frame.slices][..., :3] == (40, 0, 215)).all()
    layer = studio.document.layers[-1]
    assert (layer.name, layer.place) == ("a fox, number 1", frame)
    assert layer.variations[0].facts["seed"] == 101
    outside = np.ones(after.shape[:2], bool)
    outside[frame.slices] = False
    assert np.array_equal(after[outside], before[outside])
    studio.press(Qt.Key.Key_Z, control=True)
    assert np.array_equal(studio.document.picture, before)


def test_a_picture_dragged_onto_the_canvas_is_applied_and_dragged_out_is_a_file(
    studio: Studio, tmp_path: Path, photo: Path
) -> None:
    fill(tmp_path)
    studio.open(photo)
    history = open_panel(studio, 3)
    index = history.entries.index(0)
    mime = history.entries.mimeData([index])
    file = Path(mime.urls()[0].toLocalFile())
    assert file.is_file()
    assert file.suffix == ".png"
    assert mime.hasFormat(ENTRY_MIME)
    assert history.entries.supportedDragActions() == Qt.DropAction.CopyAction
    assert studio.hands.drop(mime)
    studio.until(lambda: studio.document.can_undo)
    assert studio.window.sheet is not None
    assert studio.window.sheet.title == photo.name
    frame = studio.document.frame
    assert (studio.document.picture[frame.slices][..., :3] == (80, 0, 175)).all()


def test_without_a_document_applying_begins_one(studio: Studio, tmp_path: Path) -> None:
    fill(tmp_path)
    open_panel(studio, 3)
    click(studio, 0)
    choose(studio, "Apply to the canvas")
    studio.until(lambda: studio.window.sheet is not None)
    assert (studio.document.picture[..., :3] == (80, 0, 175)).all()


def test_opening_one_as_a_document_offers_its_settings(studio: Studio, tmp_path: Path) -> None:
    fill(tmp_path)
    open_panel(studio, 3)
    click(studio, 2)
    choose(studio, "Open as a document")
    studio.until(lambda: studio.window.sheet is not None)
    assert any("settings that made it" in message for message in studio.messages)


def test_all_settings_or_any_one_of_them_can_be_used(studio: Studio, tmp_path: Path) -> None:
    fill(tmp_path)
    open_panel(studio, 3)
    studio.type_prompt("an owl")
    click(studio, 0)
    choose(studio, "Use one of its settings", "Seed")
    wishes = studio.window.panel.wishes
    studio.until(lambda: wishes().seed == 102)
    assert wishes().prompt == "an owl"
    assert wishes().base == StagePlan()
    choose(studio, "Use one of its settings", "Steps, guidance and temperature")
    studio.until(lambda: wishes().base == PLAN)
    assert wishes().prompt == "an owl"
    choose(studio, "Use all its settings")
    studio.until(lambda: wishes().prompt == "a fox, number 2")
    assert wishes().negative_prompt == "rain"
    assert studio.window.panel.seed.lock.isChecked()


def test_one_setting_leaves_the_seed_unlocked(studio: Studio, tmp_path: Path) -> None:
    fill(tmp_path)
    open_panel(studio, 3)
    click(studio, 0)
    studio.window.panel.seed.lock.setChecked(False)
    choose(studio, "Use one of its settings", "Prompt")
    studio.until(lambda: studio.window.panel.wishes().prompt == "a fox, number 2")
    assert not studio.window.panel.seed.lock.isChecked()


def test_the_prompt_is_copied_and_the_folder_shown(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gallery = fill(tmp_path)
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: bool(opened.append(url)))
    open_panel(studio, 3)
    click(studio, 0)
    choose(studio, "Copy its prompt")
    assert QGuiApplication.clipboard().text() == "a fox, number 2"
    choose(studio, "Show in its folder")
    assert [Path(url.toLocalFile()) for url in opened] == [gallery.folder]
    assert any(str(gallery.folder) in message for message in studio.messages)  # the desktop could not show it


def test_deleting_moves_to_the_trash(studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gallery = fill(tmp_path)
    trash = tmp_path / "trash"
    trash.mkdir()
    monkeypatch.setattr(gallery_desk, "to_trash", lambda path: bool(path.rename(trash / path.name)))
    history = open_panel(studio, 3)
    click(studio, 0)
    click(studio, 2, CONTROL)
    assert len(history.chosen) == 2
    key(studio, Qt.Key.Key_Delete)
    studio.until(lambda: history.entries.rowCount() == 1)
    assert len(list(trash.iterdir())) == 2
    assert len(list(gallery.folder.glob("*.png"))) == 1
    assert "2 pictures are in the trash." in studio.messages


def test_without_a_trash_it_asks_before_deleting_for_good(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gallery = fill(tmp_path)
    monkeypatch.setattr(gallery_desk, "to_trash", lambda path: False)
    history = open_panel(studio, 3)
    for answer, left in (("Cancel", 3), ("Delete", 2)):
        click(studio, 0)
        key(studio, Qt.Key.Key_Delete)
        studio.until(lambda: any(box.isVisible() for box in studio.window.findChildren(QMessageBox)))
        box = next(box for box in studio.window.findChildren(QMessageBox) if box.isVisible())
        studio.hands.click(next(button for button in box.buttons() if button.text().replace("&", "") == answer))
        studio.until(lambda left=left: history.entries.rowCount() == left)
        studio.settle()
        assert len(list(gallery.folder.glob("*.png"))) == left


def test_the_systems_trash_takes_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    picture = tmp_path / "picture.png"
    picture.write_bytes(encode_png(noise(8, 8)))
    if not gallery_desk.to_trash(picture):
        pytest.skip("this system has no trash for that folder")
    assert not picture.exists()


def test_damaged_files_are_counted_and_named(studio: Studio, tmp_path: Path) -> None:
    gallery = fill(tmp_path)
    gallery.path(gallery.entries[0]).write_bytes(b"\x89PNG\r\n\x1a\nrubbish")
    history = open_panel(studio, 2)
    assert history.count.text() == "2 pictures  ·  One damaged"
    assert gallery.entries[0].name in history.count.toolTip()


def test_a_full_history_is_told_before_the_oldest_go(studio: Studio, tmp_path: Path) -> None:
    fill(tmp_path)
    history = open_panel(studio, 3)
    gallery = history._desk.gallery
    gallery.limit_bytes = gallery.size_bytes + 10
    studio.generate()
    studio.finish_job()
    studio.until(lambda: any("When it is full" in message for message in studio.messages))
    assert len(gallery.entries) == 4
    assert json.loads((gallery.folder / "index.json").read_bytes())["told"]
    studio.press(Qt.Key.Key_Return, control=True)
    studio.finish_job()
    studio.until(lambda: any("oldest pictures without a star were deleted" in text for text in studio.messages))
    assert gallery.size_bytes <= gallery.limit_bytes


def test_a_key_opens_the_panel_to_type_what_to_look_for(studio: Studio, tmp_path: Path) -> None:
    fill(tmp_path)
    studio.window.docks.show("layers")
    studio.press(Qt.Key.Key_F, control=True)
    assert panel(studio).isVisible()
    assert studio.app.focusWidget() is panel(studio).search
    QTest.keyClicks(studio.app.focusWidget(), "fox 101")
    studio.until(lambda: panel(studio).entries.rowCount() == 1)


def test_a_prompt_is_never_markup(tmp_path: Path) -> None:
    entry = Entry("x.png", 0.0, Extent(8, 8), "generate", "<b>fox</b> & <img src=x>", seed=1)
    assert tip(entry).startswith("<b>fox</b> & <img src=x>")


def test_tooltips_are_escaped(studio: Studio, tmp_path: Path) -> None:
    gallery = Gallery(tmp_path / "data" / "gallery")
    gallery.keep(noise(8, 8), EditRequest(Mode.GENERATE, "<b>fox</b>"))
    history = open_panel(studio, 1)
    told = history.entries.data(history.entries.index(0), Qt.ItemDataRole.ToolTipRole)
    assert "<b>" not in told
    assert "&lt;b&gt;fox" in told
    spoken = history.entries.data(history.entries.index(0), Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith("<b>fox</b>, Seed 0")


@pytest.mark.parametrize(("size", "place"), [((512, 512), (10, 20, 512, 512)), ((512, 256), (10, 148, 512, 256)),
                                             ((100, 200), (138, 20, 256, 512))])  # fmt: skip
def test_a_picture_keeps_its_proportions_in_the_frame(size: tuple[int, int], place: tuple[int, ...]) -> None:
    rect, pixels = fitted(np.zeros((size[1], size[0], 4), np.uint8), Rect(10, 20, 512, 512))
    assert (rect.x, rect.y, rect.width, rect.height) == place
    assert pixels.shape == (rect.height, rect.width, 4)


def test_what_was_kept_can_be_dropped_in_to_get_its_settings_back(studio: Studio, tmp_path: Path) -> None:
    gallery = fill(tmp_path, 1)
    entry = gallery.entries[0]
    copy = tmp_path / "mailed.png"
    copy.write_bytes(gallery.path(entry).read_bytes())
    assert read_request_text(gallery.picture(entry).text) is not None
    assert studio.hands.drop_file(copy)
    studio.until(lambda: studio.window.sheet is not None)
    notice = next(notice for notice in studio.window.messages.notices if "settings that made it" in notice.message)
    notice.actions[0].run()
    assert studio.window.panel.wishes() == replace(studio.window.panel.wishes(), prompt="a fox, number 0", seed=100)
