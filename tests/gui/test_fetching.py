"""Fetching a published model, driven by real events: consent first, nothing blocks, and what has come is never lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox, QPushButton

from muse_studio.client.fake_fetch import FakeFetch
from muse_studio.client.fetches import FetchState
from muse_studio.core.cascade_facts import FileRecord
from muse_studio.core.catalogue import find_published
from muse_studio.core.fetched import Begun, place_of, write_begun, write_note
from muse_studio.gui.fetch_box import FetchBox
from muse_studio.gui.model_defaults import read_defaults
from muse_studio.gui.model_desk import ModelDesk
from muse_studio.gui.models_page import ModelsPage
from tests.core.test_published_folder import COMMIT, files, write
from tests.gui.conftest import Studio
from tests.gui.test_models_page import names, open_page
from tests.test_house import modules_after

AMUSED = find_published("amused-256")
TOTAL = 3_490_000_000


@pytest.fixture
def script(studio: Studio) -> FakeFetch:
    fake = FakeFetch()
    desk(studio).fetching.fetches.start = fake.start
    return fake


def desk(studio: Studio) -> ModelDesk:
    return studio.window.models


def models(studio: Studio) -> Path:
    return desk(studio).fetching.fetches.folder(AMUSED.name)


def open_offer(studio: Studio) -> tuple[ModelsPage, FetchBox]:
    """The page, with the first published model chosen by the mouse."""
    page = open_page(studio)
    rows = page.offers.rows
    place = rows.visualItemRect(rows.item(0)).center()
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=place)
    studio.settle()
    return page, page.offers.box


def shown(box: FetchBox) -> set[str]:
    return {button.text() for button in box.findChildren(QPushButton) if button.isVisible()}


def begin(studio: Studio, script: FakeFetch, box: FetchBox) -> None:
    """Ask, read, accept."""
    studio.hands.click(box.get)
    script.offer(models(studio), total_bytes=TOTAL)
    studio.hands.click(box.accept)
    studio.settle()


def answer(studio: Studio, page: ModelsPage, words: str) -> None:
    """Press a button of the question that is open."""
    studio.until(lambda: any(box.isVisible() for box in page.findChildren(QMessageBox)))
    box = next(box for box in page.findChildren(QMessageBox) if box.isVisible())
    studio.hands.click(next(button for button in box.buttons() if button.text().replace("&", "") == words))
    studio.settle()


def test_what_can_be_fetched_is_listed_with_size_and_licence_and_nobody_is_asked(
    studio: Studio, script: FakeFetch
) -> None:
    page, box = open_offer(studio)
    rows = [page.offers.rows.item(row).text() for row in range(page.offers.rows.count())]
    assert rows[0] == "amused-256\naMUSEd, 256 px · 3.49 GB"
    assert [row.split("\n")[0] for row in rows] == ["amused-256", "amused-512", "meissonic", "monetico"]
    assert page.sides.currentWidget() is box
    assert box.facts.text() == "aMUSEd, 256 px  ·  about 3.49 GB  ·  Licence: openrail++"
    assert "Before that nothing goes over the network" in box.said.text()
    assert shown(box) == {"Get…"}
    assert script.started == []


def test_the_terms_are_shown_before_anything_is_fetched(studio: Studio, script: FakeFetch) -> None:
    _, box = open_offer(studio)
    studio.hands.click(box.get)
    assert "--terms" in script.started[-1]
    assert "Asking" in box.said.text()
    assert not box.get.isEnabled()
    script.offer(models(studio), total_bytes=TOTAL, endpoint="http://mirror.example", licence="mit", is_new=True)
    studio.settle()
    assert [value.text() for value in box.values] == [
        "http://mirror.example",
        "mit",
        "https://huggingface.co/amused/amused-256",
        "3.49 GB in 12 files",
        f"{models(studio)}, where 200 GB are free",
    ]
    assert "The licence was openrail++" in box.warning.text()
    assert "not secure" in box.warning.text()
    assert shown(box) == {"Accept the licence and fetch", "Not now"}
    assert len(script.started) == 1
    studio.hands.click(box.decline)
    assert shown(box) == {"Get…"}
    assert len(script.started) == 1


def test_a_full_disk_is_told_before_consent(studio: Studio, script: FakeFetch) -> None:
    _, box = open_offer(studio)
    studio.hands.click(box.get)
    script.offer(models(studio), total_bytes=TOTAL, free_bytes=TOTAL)
    studio.settle()
    assert "Free 268 MB, and ask again." in box.warning.text()
    assert not box.accept.isEnabled()
    studio.hands.click(box.accept)
    assert len(script.started) == 1


def test_progress_has_share_speed_and_time_and_a_lost_connection_is_told(studio: Studio, script: FakeFetch) -> None:
    page, box = open_offer(studio)
    begin(studio, script, box)
    assert script.started[-1][-2:] == ("--accept", "openrail++")
    script.move(872_500_000, TOTAL, seconds_left=261.75)
    studio.settle()
    assert box.progress.value() == 250
    said = "872 MB of 3.49 GB  ·  25 %  ·  10 MB/s  ·  4 min left  ·  transformer/diffusion_pytorch_model.safetensors"
    assert box.share.text() == said
    assert page.offers.rows.item(0).text() == "amused-256\nfetching, 25 %"
    assert shown(box) == {"Pause", "Cancel…"}
    script.move(872_500_000, TOTAL, waiting=True)
    studio.settle()
    assert "The connection was lost" in box.said.text()


def test_it_is_paused_and_gone_on_with_by_the_keyboard(studio: Studio, script: FakeFetch) -> None:
    _, box = open_offer(studio)
    begin(studio, script, box)
    script.move(872_500_000, TOTAL)
    box.pause.setFocus()
    QTest.keyClick(box.pause, Qt.Key.Key_Space)
    studio.settle()
    assert script.stopped == 1
    assert shown(box) == {"Resume", "Cancel…"}
    assert "Paused" in box.said.text()
    assert box.progress.value() == 250
    assert box.resume.hasFocus(), "the keyboard stays where it was"
    QTest.keyClick(box.resume, Qt.Key.Key_Space)
    studio.settle()
    assert len(script.started) == 3
    assert shown(box) == {"Pause", "Cancel…"}


@pytest.mark.parametrize(("words", "left"), [("Keep", True), ("Delete", False), ("Cancel", None)])
def test_giving_up_asks_what_becomes_of_what_has_come(
    studio: Studio, script: FakeFetch, words: str, left: bool | None
) -> None:
    page, box = open_offer(studio)
    begin(studio, script, box)
    place = place_of(AMUSED, models(studio).parent)
    write_begun(place, Begun("openrail++", TOTAL))
    (place.hidden / "part").write_bytes(bytes(1000))
    script.move(1000, TOTAL)
    studio.hands.click(box.drop)
    answer(studio, page, words)
    if left is None:
        assert script.stopped == 0
        assert shown(box) == {"Pause", "Cancel…"}
        return
    assert script.stopped == 1
    studio.until(lambda: place.hidden.exists() == left)
    studio.until(lambda: shown(box) == ({"Resume", "Cancel…"} if left else {"Get…"}))


def test_a_failure_is_a_sentence_with_a_way_on(studio: Studio, script: FakeFetch) -> None:
    _, box = open_offer(studio)
    studio.hands.click(box.get)
    script.fail("The connection to huggingface.co failed. Check the network, and try again: what has come is kept.")
    studio.settle()
    assert box.said.text().startswith("The connection to huggingface.co failed.")
    assert shown(box) == {"Try again"}
    studio.hands.click(box.resume)
    assert "--terms" in script.started[-1]
    script.offer(models(studio), total_bytes=TOTAL)
    studio.settle()
    studio.hands.click(box.accept)
    script.move(872_500_000, TOTAL)
    script.fail("“vqvae” could not be saved: the disk is full. Free some space, or save to another folder.", "disk")
    studio.settle()
    assert "the disk is full" in box.said.text()
    assert shown(box) == {"Try again", "Cancel…"}
    assert any("the disk is full" in message for message in studio.messages), "the page may be closed"
    studio.hands.click(box.resume)
    assert script.started[-1][-2:] == ("--accept", "openrail++")


def test_it_goes_on_while_the_page_is_closed_and_ends_on_the_shelf(studio: Studio, script: FakeFetch) -> None:
    page, box = open_offer(studio)
    begin(studio, script, box)
    QTest.keyClick(page, Qt.Key.Key_Escape)
    studio.until(lambda: studio.window.findChild(ModelsPage) is None)
    script.move(TOTAL // 2, TOTAL)
    page, box = open_offer(studio)
    assert box.progress.value() == 500
    fetched = write(models(studio), files())
    records = {name: FileRecord("0" * 64, len(data)) for name, data in files().items()}
    write_note(fetched, AMUSED, COMMIT, "openrail++", records)
    script.finish(fetched)
    studio.until(lambda: names(page) == ["muse-drawings-reduced", "amused-256"])
    assert studio.saved[-1].models == (str(fetched),)
    studio.until(lambda: page.sides.currentIndex() == 0 and page.title.text() == "amused-256")
    assert "aMUSEd, 256 px" in page.facts.text()
    assert "12 steps" in page.facts.text()
    assert "making this 114 MB more" in page.outlook.text()
    assert (page.large.text(), page.large.toolTip()) == ("256 px", "The size that it was made for")
    assert page.offers.rows.item(0).text().startswith("amused-512")
    assert any("is fetched and verified" in message for message in studio.messages)
    studio.hands.click(page.use)
    studio.until(lambda: studio.client.model == fetched)


def test_a_published_folder_gives_its_own_numbers(tmp_path: Path) -> None:
    defaults = read_defaults(write(tmp_path / "amused-256", files()))
    assert (defaults.base.steps, defaults.base.guidance) == (12, 3.0)
    assert defaults.superres.steps is None


def test_a_download_that_an_earlier_window_began_is_paused_in_this_one(studio: Studio, script: FakeFetch) -> None:
    place = place_of(AMUSED, models(studio).parent)
    write_begun(place, Begun("openrail++", 4000))
    (place.hidden / "part").write_bytes(bytes(1000))
    page, box = open_offer(studio)
    assert page.offers.rows.item(0).text() == "amused-256\npaused, 25 %"
    assert shown(box) == {"Resume", "Cancel…"}
    studio.hands.click(box.resume)
    assert script.started[-1][-2:] == ("--accept", "openrail++")


@pytest.mark.parametrize(("words", "there"), [("Keep the files", True), ("Delete the files", False)])
def test_removing_a_fetched_model_asks_about_its_files(
    studio: Studio, script: FakeFetch, words: str, there: bool
) -> None:
    fetched = write(models(studio), files())
    write_note(
        fetched, AMUSED, COMMIT, "mit", {name: FileRecord("0" * 64, len(data)) for name, data in files().items()}
    )
    page, box = open_offer(studio)
    assert shown(box) == {"Put it on the list"}
    studio.hands.click(box.list)
    studio.until(lambda: names(page) == ["muse-drawings-reduced", "amused-256"])
    studio.until(lambda: page.title.text() == "amused-256")
    studio.hands.click(page.remove)
    answer(studio, page, words)
    studio.until(lambda: names(page) == ["muse-drawings-reduced"])
    studio.until(lambda: fetched.exists() == there)
    state = FetchState.FETCHED if there else FetchState.OFFERED
    studio.until(lambda: desk(studio).fetching.fetches.of(AMUSED.name).state is state)
    assert (studio.saved[-1].models, studio.saved[-1].model) == ((), None)


def test_only_one_of_both_lists_looks_chosen(studio: Studio, script: FakeFetch) -> None:
    page, box = open_offer(studio)
    assert page.shelf.selectedItems() == []
    place = page.shelf.visualItemRect(page.shelf.item(0)).center()
    QTest.mouseClick(page.shelf.viewport(), Qt.MouseButton.LeftButton, pos=place)
    studio.settle()
    assert not box.isVisible()
    assert len(page.shelf.selectedItems()) == 1
    assert page.offers.rows.selectedItems() == []


def test_enter_never_accepts_a_licence(studio: Studio, script: FakeFetch) -> None:
    page, box = open_offer(studio)
    studio.hands.click(box.get)
    script.offer(models(studio), total_bytes=TOTAL)
    studio.settle()
    QTest.keyClick(page.offers.rows, Qt.Key.Key_Return)
    studio.settle()
    assert len(script.started) == 1


def test_every_control_of_the_box_has_a_name_and_a_tooltip(studio: Studio, script: FakeFetch) -> None:
    _, box = open_offer(studio)
    for button in box.findChildren(QPushButton):
        assert button.toolTip() or button is box.resume
        assert button.text() or button is box.resume
    assert box.progress.accessibleName()


def test_the_page_reaches_no_network_library() -> None:
    words = "import muse_studio.gui.models_page, muse_studio.client.fetches"
    assert not modules_after(words) & {"huggingface_hub", "httpx2", "httpcore2", "torch"}
