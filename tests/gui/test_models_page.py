"""The page of models and devices, driven by real events: nothing is restarted, nothing is lost, nothing is believed."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from muse_studio import places
from muse_studio.client.jobs import JobState
from muse_studio.core.pictures import encode_png
from muse_studio.gui.hands import picture_of
from muse_studio.gui.models_page import Card, ModelsPage
from muse_studio.ipc.messages import DeviceInfo
from tests.gui.conftest import Studio, noise

GIB = 2**30


@pytest.fixture
def mine(tmp_path: Path, tiny_model: Path) -> Path:
    """A cascade of one's own, with a card and a sample of one colour."""
    folder = tmp_path / "mine"
    shutil.copytree(tiny_model, folder)
    (folder / "README.md").write_text("# Tiny\n\nDraws **nothing**. ![x](/etc/passwd) <b>raw</b>", encoding="utf-8")
    (folder / "sample.png").write_bytes(encode_png(np.full((60, 120, 3), (200, 30, 90), np.uint8)))
    return folder


def open_page(studio: Studio, used: Path | None = None) -> ModelsPage:
    studio.client.model = used or places.default_model()
    studio.window.commands["models"].trigger()
    page = studio.window.findChild(ModelsPage)
    assert page is not None
    studio.until(lambda: page.shelf.count() > 0)
    return page


def add(studio: Studio, page: ModelsPage, folder: Path) -> None:
    """By the button and the dialog, as a person would."""
    studio.hands.click(page.add_folder)
    studio.until(lambda: any(dialog.isVisible() for dialog in page.findChildren(QFileDialog)))
    dialog = next(dialog for dialog in page.findChildren(QFileDialog) if dialog.isVisible())
    studio.hands.name_file(dialog, folder)
    studio.until(lambda: not any(dialog.isVisible() for dialog in page.findChildren(QFileDialog)))


def names(page: ModelsPage) -> list[str]:
    return [page.shelf.item(row).text().split("\n")[0] for row in range(page.shelf.count())]


def test_the_tab_key_reaches_the_status_bar_last(studio: Studio) -> None:
    chain, widget = [], studio.window.nextInFocusChain()
    while widget is not studio.window:
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible():
            chain.append(widget)
        widget = widget.nextInFocusChain()
    model = studio.window.status_line.model
    assert chain.index(model) > chain.index(studio.window.panel.prompt)
    assert chain[0] is not model


def test_the_status_bar_opens_the_page_with_the_shipped_model(studio: Studio) -> None:
    studio.client.model = places.default_model()
    studio.hands.click(studio.window.status_line.model)
    page = studio.window.findChild(ModelsPage)
    assert page is not None
    studio.until(lambda: names(page) == ["muse-drawings-reduced"])
    assert "47.0 million parameters" in page.facts.text()
    assert "Apache-2.0" in page.facts.text()
    assert "muse-drawings-reduced" in page.card.toPlainText()
    assert not page.use.isEnabled()
    assert not page.remove.isEnabled()
    studio.until(lambda: not page.sample.pixmap().isNull())
    studio.window.commands["models"].trigger()
    assert len(studio.window.findChildren(ModelsPage)) == 1


def test_an_added_model_is_shown_kept_and_used_without_a_restart_of_the_program(studio: Studio, mine: Path) -> None:
    page = open_page(studio)
    add(studio, page, mine)
    studio.until(lambda: names(page) == ["muse-drawings-reduced", "tiny"])
    assert page.shelf.currentRow() == 1
    assert studio.saved[-1].models == (str(mine),)
    assert page.card.toPlainText().startswith("Tiny\nDraws nothing.")
    studio.until(lambda: not page.sample.pixmap().isNull())
    shown = picture_of(page.sample)
    assert np.abs(shown[shown.shape[0] // 2, 20].astype(int) - (200, 30, 90)).max() <= 2
    studio.hands.click(page.use)
    studio.until(lambda: studio.client.restarts == 1)
    assert studio.client.model == mine
    assert studio.saved[-1].model == str(mine)
    assert not page.use.isEnabled()
    assert "in use" in page.shelf.item(1).text()
    assert studio.window.panel.advanced.steps["base"].specialValueText().find("4") >= 0  # the tiny model's own


def test_switching_waits_for_the_running_picture_and_keeps_queue_and_document(
    studio: Studio, mine: Path, photo: Path
) -> None:
    studio.open(photo)
    before = studio.document.picture.copy()
    page = open_page(studio)
    add(studio, page, mine)
    studio.until(lambda: page.shelf.count() == 2)
    running, waiting = (studio.client.submit(request) for request in _two_requests())
    studio.client.advance(3)
    studio.hands.click(page.use)
    studio.settle()
    assert studio.client.restarts == 0
    assert any("as soon as this picture is finished" in message for message in studio.messages)
    studio.client.advance(40)
    assert running.state is JobState.FINISHED
    assert (studio.client.restarts, studio.client.status.model) == (1, "mine")
    studio.client.advance(40)
    assert waiting.state is JobState.FINISHED
    assert np.array_equal(studio.document.picture, before)


def _two_requests() -> list[object]:
    from muse_studio.core.request import EditRequest, Mode

    return [EditRequest(Mode.GENERATE, words) for words in ("one", "two")]


def test_folders_that_are_no_cascade_are_refused_in_words(studio: Studio, mine: Path, tmp_path: Path) -> None:
    page = open_page(studio)
    (mine / "extra.ckpt").write_bytes(b"\x80\x04")
    for folder, words in ((tmp_path / "data", "is no cascade"), (mine, "can run code")):
        folder.mkdir(exist_ok=True)
        add(studio, page, folder)
        studio.until(lambda words=words: any(words in message for message in studio.messages))
    assert names(page) == ["muse-drawings-reduced"]
    assert studio.window.settings.models == ()


def test_verifying_finds_a_flipped_bit_and_says_which_file(studio: Studio, mine: Path) -> None:
    page = open_page(studio)
    add(studio, page, mine)
    studio.until(lambda: page.shelf.count() == 2)
    studio.hands.click(page.verify)
    studio.until(lambda: page.checked.text() == "Verified: every file is what was published.")
    weights = mine / "superres.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x7f")
    studio.hands.click(page.verify)
    studio.until(lambda: "superres.safetensors is damaged" in page.checked.text())


def test_verifying_shows_how_far_it_is_and_can_be_stopped(
    studio: Studio, mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from threading import Event

    from muse_studio.gui import model_desk

    go_on = Event()

    def slow(folder: Path, facts: object, progress: object) -> tuple[str, ...]:
        while progress(25, 100):  # type: ignore[operator]
            go_on.wait(0.02)
        return ("should not be shown",)

    monkeypatch.setattr(model_desk, "verify", slow)
    page = open_page(studio)
    studio.hands.click(page.verify)
    studio.until(lambda: page.progress.value() == 250 and "s left" in page.checked.text())
    assert not page.verify.isVisible()
    studio.hands.click(page.stop)
    studio.until(lambda: page.verify.isVisible())
    assert not page.progress.isVisible()
    assert not page.checked.isVisible()


def test_removing_takes_it_off_the_list_and_goes_back_to_the_shipped_one(studio: Studio, mine: Path) -> None:
    page = open_page(studio)
    add(studio, page, mine)
    studio.until(lambda: page.shelf.count() == 2)
    studio.hands.click(page.use)
    studio.until(lambda: studio.client.model == mine)
    studio.hands.click(page.remove)
    studio.until(lambda: names(page) == ["muse-drawings-reduced"])
    assert studio.client.model == places.default_model()
    assert (studio.saved[-1].models, studio.saved[-1].model) == ((), None)
    assert (mine / "cascade.json").is_file()


def test_a_folder_that_went_away_says_so_and_cannot_be_used(studio: Studio, mine: Path) -> None:
    page = open_page(studio)
    add(studio, page, mine)
    studio.until(lambda: page.shelf.count() == 2)
    shutil.rmtree(mine)
    studio.window.models.refresh()
    studio.until(lambda: "moved or deleted" in page.problem.text())
    assert not page.use.isEnabled()
    assert not page.verify.isEnabled()
    assert page.remove.isEnabled()


def test_another_device_is_chosen_by_the_keyboard_and_kept(studio: Studio) -> None:
    page = open_page(studio)
    assert page.devices["auto"].isChecked()
    page.devices["auto"].setFocus()
    QTest.keyClick(page.devices["auto"], Qt.Key.Key_Right)
    studio.until(lambda: studio.client.device == "cpu")
    assert studio.client.restarts == 1
    assert studio.saved[-1].device == "cpu"
    assert "Fake CPU" in page.found.text()
    assert "bfloat16" in page.found.text()


def test_what_is_done_when_memory_is_short_is_told_before_it_happens(studio: Studio) -> None:
    page = open_page(studio)
    said = []
    for free in (8 * GIB, 330 * 2**20, 200 * 2**20, 20 * 2**20):
        studio.client.device_info = DeviceInfo("A GPU", "cuda", 12 * GIB, free, "bfloat16")
        page.count.setValue(4)
        page.show_state()
        said.append(page.outlook.text())
    assert "plenty" in said[0]
    assert "two halves" in said[1]
    assert "Try 2 at once · Try at 256 px · Try on the CPU" in said[2]
    assert said[3].endswith("You would be offered: Try on the CPU.")
    assert "were free when the model was loaded" in page.memory.text()
    studio.hands.click(page.small_size)
    page.count.setValue(1)
    assert "plenty" in page.outlook.text() or "halves" in page.outlook.text() or "CPU" in page.outlook.text()
    studio.client.device_info = DeviceInfo("A thing", "xla", None, None)
    page.show_state()
    assert "not known" in page.memory.text()
    assert "cannot be told" in page.outlook.text()


def test_a_card_loads_nothing_and_renders_no_raw_markup(qapp: QApplication, tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(encode_png(noise(8, 8)))
    card = Card()
    card.show_text(f"# Hello\n\n![p]({picture}) <img src='{picture}'> <b>x</b> [link](file:///etc/passwd)")
    assert card.loadResource(2, QUrl.fromLocalFile(str(picture))) is None
    assert "<b>x</b>" in card.toPlainText()
    assert not card.openLinks()
    assert "\ufffc" not in card.toPlainText()  # no picture in it
    card.deleteLater()


def test_every_control_of_the_page_has_a_name_and_a_tooltip(studio: Studio) -> None:
    page = open_page(studio)
    for control in (page.add_folder, page.use, page.verify, page.remove, page.count, *page.devices.values()):
        assert control.toolTip()
        assert control.accessibleName() or control.text()


def test_a_closed_page_hears_nothing_more(studio: Studio) -> None:
    page = open_page(studio)
    QTest.keyClick(page, Qt.Key.Key_Escape)
    studio.until(lambda: studio.window.findChild(ModelsPage) is None)
    studio.window.models.refresh()
    studio.settle()
    assert studio.messages == []
    assert open_page(studio).isVisible()
