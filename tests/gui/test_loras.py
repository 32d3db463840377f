"""LoRAs by hand: added, switched, weighed and taken off; with every picture, and back from it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from muse_studio.core.loras import LoraFile, LoraUse, with_file
from muse_studio.core.pictures import encode_png, open_picture
from muse_studio.core.project.reading import read_project
from muse_studio.core.settings import Settings
from muse_studio.core.wishes import Wishes
from muse_studio.gui.loras import LoraRow, LoraSection
from muse_studio.gui.model_defaults import read_defaults
from muse_studio.gui.timeline.branch_dialog import BranchDialog
from tests.client.models import AMUSED, OURS
from tests.gui.conftest import Studio, noise
from tests.gui.test_one_stage import make, use
from tests.gui.timeline.hand import LEFT, dialog_of, run_of, seek

Store = Callable[[str], Path]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Makes files of different contents in a folder whose name no picture may tell."""
    folder = tmp_path / "somewhere secret"
    folder.mkdir()

    def made(name: str) -> Path:
        path = folder / f"{name}.safetensors"
        path.write_bytes(f"numbers of {name}".encode())
        return path

    return made


@pytest.fixture
def amused(studio: Studio) -> Studio:
    use(studio, AMUSED)
    return studio


def section(studio: Studio) -> LoraSection:
    return studio.window.panel.loras


def names(studio: Studio) -> list[str]:
    return [row.use.name for row in section(studio).rows]


def row(studio: Studio, name: str) -> LoraRow:
    return next(each for each in section(studio).rows if each.use.name == name)


def drop(studio: Studio, *paths: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    assert studio.hands.drop(mime)
    studio.settle()
    studio.until(lambda: not section(studio).looking.isVisible())


def asked(studio: Studio) -> list[tuple[str, float]]:
    """Of the newest request."""
    return [(use.name, use.strength) for use in studio.client.requests[-1].loras]


def type_strength(studio: Studio, name: str, text: str) -> None:
    number = row(studio, name).number
    number.setFocus()
    number.selectAll()
    QTest.keyClicks(number, text)
    QTest.keyClick(number, Qt.Key.Key_Return)
    studio.settle()


def forget_changes(studio: Studio) -> None:
    """So that nobody is asked whether to save them."""
    studio.settle()
    assert studio.window.sheet is not None
    studio.window.sheet.mark_saved()


# The list


def test_files_that_are_dropped_are_listed_and_go_with_the_next_picture(amused: Studio, store: Store) -> None:
    assert section(amused).empty.isVisibleTo(section(amused))
    drop(amused, store("ink"), store("oil"))
    assert names(amused) == ["ink", "oil"]
    assert amused.window.panel.loras_section.button.text() == "LoRAs · 2"
    assert row(amused, "ink").number.isVisible(), "the section is open"
    assert not section(amused).empty.isVisible()
    type_strength(amused, "oil", "-0.7")
    make(amused)
    assert asked(amused) == [("ink", 1.0), ("oil", -0.7)]
    assert [Path(use.path).name for use in amused.client.requests[-1].loras] == ["ink.safetensors", "oil.safetensors"]


def test_a_slider_and_a_typed_number_are_one_strength(amused: Studio, store: Store) -> None:
    drop(amused, store("ink"))
    ink = row(amused, "ink")
    QTest.keyClick(ink.slider, Qt.Key.Key_Home)
    assert ink.use.strength == ink.number.value() == -2.0
    QTest.keyClick(ink.slider, Qt.Key.Key_Right)
    assert ink.use.strength == ink.number.value() == -1.95
    type_strength(amused, "ink", "0.66")
    assert ink.slider.value() == 66
    type_strength(amused, "ink", "4")
    assert (ink.use.strength, ink.slider.value()) == (4.0, 200), "what is typed may go on"
    type_strength(amused, "ink", "99")
    assert ink.use.strength <= 10


def test_one_that_rests_stays_in_the_list_and_out_of_the_picture(amused: Studio, store: Store) -> None:
    drop(amused, store("ink"), store("oil"))
    amused.hands.click(row(amused, "ink").on)
    assert not row(amused, "ink").slider.isEnabled()
    make(amused)
    assert asked(amused) == [("oil", 1.0)]
    assert names(amused) == ["ink", "oil"], "also in the document that came of it"
    assert not row(amused, "ink").use.on
    amused.hands.click(row(amused, "ink").on)
    make(amused)
    assert asked(amused) == [("ink", 1.0), ("oil", 1.0)]


def test_what_is_taken_off_is_gone_and_undo_brings_it_back(amused: Studio, store: Store, photo: Path) -> None:
    amused.open(photo)
    drop(amused, store("ink"), store("oil"))
    type_strength(amused, "ink", "0.5")
    amused.hands.click(row(amused, "ink").remove)
    amused.settle()
    assert names(amused) == ["oil"]
    assert amused.app.focusWidget() is row(amused, "oil").remove, "the keys go on from there"
    assert amused.window.commands["undo"].text() == "&Undo: Take a LoRA off"
    amused.window.commands["undo"].trigger()
    amused.until(lambda: len(names(amused)) == 2)
    assert [(use.name, use.strength) for use in section(amused).uses] == [("ink", 0.5), ("oil", 1.0)]
    assert all(use.path for use in section(amused).uses)
    make(amused)
    assert asked(amused) == [("ink", 0.5), ("oil", 1.0)]


def test_a_file_that_does_not_fit_is_told_in_words_and_nothing_else_changes(amused: Studio, store: Store) -> None:
    drop(amused, store("ink"))
    before, files = amused.window.panel.wishes(), amused.window.making.loras.files
    amused.client.script.unfit = {"other.safetensors": "the LoRA other was made for another model: 3 is no layer"}
    drop(amused, store("other"))
    told = "The LoRA “other.safetensors” cannot be used: the LoRA other was made for another model: 3 is no layer."
    assert any(message.startswith(told) for message in amused.messages)
    assert names(amused) == ["ink"]
    assert replace(amused.window.panel.wishes(), seed=0) == replace(before, seed=0)
    assert amused.window.making.loras.files == files


def test_a_file_that_is_there_already_is_switched_on_and_not_listed_twice(amused: Studio, store: Store) -> None:
    drop(amused, store("ink"))
    amused.hands.click(row(amused, "ink").on)
    drop(amused, store("ink"))
    assert [(use.name, use.on) for use in section(amused).uses] == [("ink", True)]


def test_no_more_than_a_few_at_once(amused: Studio, store: Store) -> None:
    drop(amused, *(store(f"number {number}") for number in range(10)))
    assert len(names(amused)) == 8
    assert any("At most 8" in message for message in amused.messages)
    assert not section(amused).add.isEnabled()
    assert "take one off first" in section(amused).add.toolTip()


def test_the_button_asks_for_a_file_and_then_offers_those_that_were_used(amused: Studio, store: Store) -> None:
    amused.window.panel.loras_section.button.click()
    amused.settle()
    amused.hands.click(section(amused).add)
    dialog = dialog_of(amused, QFileDialog)
    amused.hands.name_file(dialog, store("ink"))  # type: ignore[arg-type]
    amused.until(lambda: names(amused) == ["ink"])
    amused.hands.click(row(amused, "ink").remove)
    amused.hands.click(section(amused).add)
    menu = section(amused).menu
    assert menu.isVisible()
    offered = [action.text() for action in menu.actions() if action.text()]
    assert offered == ["ink", "Choose a file…"]
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    amused.until(lambda: names(amused) == ["ink"])


def test_a_command_adds_one_by_keys_and_says_why_where_it_cannot(studio: Studio, store: Store) -> None:
    studio.window.commands["add_lora"].trigger()
    studio.until(lambda: any("Choose one of those first" in message for message in studio.messages))
    assert studio.hands.dialog() is None
    use(studio, AMUSED)
    studio.window.commands["add_lora"].trigger()
    studio.hands.name_file(dialog_of(studio, QFileDialog), store("ink"))  # type: ignore[arg-type]
    studio.until(lambda: names(studio) == ["ink"])
    assert row(studio, "ink").number.isVisible(), "the section opens"


def test_a_picture_that_is_dropped_is_still_a_picture(amused: Studio, photo: Path) -> None:
    assert amused.hands.drop_file(photo)
    amused.until(lambda: amused.window.sheet is not None)
    assert names(amused) == []


# Models


def test_a_model_that_takes_none_has_no_such_section_until_something_rests_in_it(
    studio: Studio, store: Store, photo: Path
) -> None:
    studio.open(photo)
    panel = studio.window.panel
    use(studio, OURS)
    assert not panel.loras_section.isVisible()
    drop(studio, store("ink"))
    assert any("Choose one of those first" in message for message in studio.messages)
    assert names(studio) == []
    use(studio, AMUSED)
    assert panel.loras_section.isVisible()
    drop(studio, store("ink"))
    use(studio, OURS)
    assert panel.loras_section.isVisible()
    assert "takes no LoRAs" in section(studio).reason.text()
    assert section(studio).reason.isVisible()
    make(studio)
    assert studio.client.requests[-1].loras == ()
    assert studio.messages == [] or not any("refuses" in message for message in studio.messages)
    assert names(studio) == ["ink"]
    use(studio, AMUSED)
    assert not section(studio).reason.isVisible()
    make(studio)
    assert asked(studio) == [("ink", 1.0)]


def test_a_model_in_int8_says_why_there_are_none(studio: Studio, store: Store) -> None:
    use(studio, msgspec.structs.replace(AMUSED, loras="fixed"))
    assert studio.window.panel.loras_section.isVisible()
    studio.window.panel.loras_section.button.click()
    assert "int8" in section(studio).reason.text()
    assert not section(studio).add.isEnabled()
    drop(studio, store("ink"))
    assert any("int8" in message for message in studio.messages)
    assert names(studio) == []


def test_a_published_folder_takes_them_before_its_worker_has_said_so(tmp_path: Path) -> None:
    assert not read_defaults(tmp_path).takes_loras


# Where they go, and back


def test_a_picture_tells_them_without_the_folder_and_brings_them_back(
    amused: Studio, store: Store, tmp_path: Path
) -> None:
    drop(amused, store("ink"))
    type_strength(amused, "ink", "0.5")
    make(amused)
    target = tmp_path / "out.png"
    assert amused.run(amused.window.exports.write(target, amused.window.exports.choice))
    assert b"secret" not in target.read_bytes()
    text = open_picture(target).text
    assert "<lora:ink:0.5>" in text["parameters"]
    (told,) = json.loads(text["muse_studio"])["request"]["loras"]
    assert (told["name"], told["strength"]) == ("ink", 0.5)
    amused.hands.click(row(amused, "ink").remove)
    forget_changes(amused)
    amused.open(target)
    amused.until(lambda: amused.window.messages.notices)
    notice = next(notice for notice in amused.window.messages.notices if notice.actions)
    notice.actions[0].run()
    amused.settle()
    assert [(use.name, use.strength, bool(use.path)) for use in section(amused).uses] == [("ink", 0.5, True)]


def test_a_file_that_is_not_known_is_told_and_found_again(amused: Studio, store: Store, photo: Path) -> None:
    amused.open(photo)
    path = store("ink")
    foreign = replace(LoraUse.of_file(path, 0.3), path="")
    amused.window.making.use(Wishes("a fox", loras=(foreign,)))
    amused.settle()
    ink = row(amused, "ink")
    assert ink.trouble.isVisible()
    assert "not known on this computer" in ink.trouble.text()
    count = len(amused.client.requests)
    amused.generate()
    assert len(amused.client.requests) == count, "nothing was begun"
    assert any("“ink” is not known" in message for message in amused.messages)
    drop(amused, path)
    assert not row(amused, "ink").trouble.isVisible()
    assert section(amused).uses[0].strength == 0.3, "what the picture was made with stays"
    make(amused)
    assert asked(amused) == [("ink", 0.3)]


def test_a_file_that_has_been_moved_is_noticed(amused: Studio, store: Store, photo: Path) -> None:
    amused.open(photo)
    path = store("ink")
    drop(amused, path)
    amused.hands.click(row(amused, "ink").remove)
    path.unlink()
    amused.window.commands["undo"].trigger()
    amused.until(lambda: names(amused) == ["ink"] and not section(amused).uses[0].path)
    assert row(amused, "ink").trouble.isVisible()
    drop(amused, store("ink"))
    assert section(amused).uses[0].path


def test_a_project_keeps_them_with_its_runs_and_a_branch_has_those_of_its_run(
    amused: Studio, store: Store, tmp_path: Path
) -> None:
    drop(amused, store("ink"), store("oil"))
    make(amused)
    target = tmp_path / "fox.ora"
    assert amused.run(amused.window.files.save_to(target))
    assert read_project(target).state.wishes.loras == section(amused).uses
    assert b"secret" not in b"".join(read_project(target).runs.values())
    for name in ("ink", "oil"):
        amused.hands.click(row(amused, name).remove)
    forget_changes(amused)
    amused.open(target)
    assert names(amused) == ["ink", "oil"]
    assert run_of(amused).request.loras[0].path == ""
    seek(amused, 4)
    amused.window.commands["branch"].trigger()
    dialog = dialog_of(amused, BranchDialog)
    assert isinstance(dialog, BranchDialog)
    QTest.mouseClick(dialog.go, LEFT)
    amused.until(lambda: amused.client.requests[-1].tokens is not None)
    assert asked(amused) == [("ink", 1.0), ("oil", 1.0)]
    assert all(use.path for use in amused.client.requests[-1].loras)


def test_they_are_remembered_with_their_files(amused: Studio, store: Store, photo: Path) -> None:
    amused.open(photo)
    drop(amused, store("ink"))
    type_strength(amused, "ink", "0.25")
    uses = section(amused).uses
    amused.run(amused.window.shut_down())
    saved = amused.saved[-1]
    assert saved.lora_files == (LoraFile(uses[0].path, uses[0].sha256),)
    assert saved.loras == ({"name": "ink", "sha256": uses[0].sha256, "strength": 0.25, "on": True},)


def test_the_next_window_begins_with_them(studio: Studio, store: Store) -> None:
    uses = LoraUse.of_file(store("ink"), 0.25)
    settings = Settings(
        lora_files=with_file((), uses.path, uses.sha256), loras=({**uses.settings(), "on": True}, {"name": "broken"})
    )
    studio.window.making.restore(settings)
    studio.settle()
    assert section(studio).uses == (uses,)
    assert section(studio).uses[0].path == uses.path


def test_a_preset_brings_them_along(amused: Studio, store: Store) -> None:
    drop(amused, store("ink"))
    amused.window.panel.preset_menu.save("inky")
    assert "secret" not in json.dumps(amused.window.panel.preset_menu.presets)
    amused.hands.click(row(amused, "ink").remove)
    amused.window.panel.preset_menu.choose("inky")
    assert [(use.name, bool(use.path)) for use in section(amused).uses] == [("ink", True)]


def test_a_long_name_widens_nothing(amused: Studio, store: Store, tmp_path: Path) -> None:
    width = amused.window.panel.width()
    drop(amused, store("a very long name that says all that was ever in the pictures it learned from " * 2))
    amused.settle()
    assert amused.window.panel.width() == width
    assert "…" in section(amused).rows[0].on.text()
    assert encode_png(noise(8, 8), {})
