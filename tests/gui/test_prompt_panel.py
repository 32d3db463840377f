"""The panel by hand: modes, completion, earlier prompts, presets, and wishes that undo covers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QScrollArea, QWidget

from muse_studio.core.cascade_facts import StagePlanFacts
from muse_studio.core.geometry import Rect
from muse_studio.core.limits import STEPS_LIMIT
from muse_studio.core.request import Mode, StagePlan
from muse_studio.core.settings import Language
from muse_studio.core.wishes import Aim, Wishes
from muse_studio.gui.model_defaults import ModelDefaults, read_defaults
from muse_studio.gui.prompt_edit import PromptEdit
from muse_studio.gui.prompt_history import found, with_prompt
from muse_studio.gui.user_presets import renamed, with_preset
from muse_studio.gui.vocabulary import Vocabulary, load_vocabulary
from muse_studio.places import resources
from muse_studio.training.data.vocabulary import vocabulary
from tests.gui.conftest import Studio

WORDS = Vocabulary(
    ("a fox", "a birthday cake", "an owl", "the sun"), ("flat style",), ("on a teal background",), ("to the left of",)
)


def click(studio: Studio, widget: object) -> None:
    studio.hands.click(widget)  # type: ignore[arg-type]
    studio.settle()


# Words


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("a fo", ["a fox"]),
        ("fo", ["fox"]),
        ("a 3d fo", ["fox"]),
        ("birthday c", ["birthday cake"]),
        ("a fox, fl", ["flat style"]),
        ("a fox on a te", ["on a teal background"]),
        ("a fox to", ["to the left of"]),
        ("a fox to the l", ["to the left of"]),
        ("an", ["an owl"]),
        ("f", []),
        ("a fox", []),
        ("a fox,", []),
        ("", []),
    ],
)
def test_known_words_go_on_from_what_is_typed(typed: str, offered: list[str]) -> None:
    found_words = WORDS.completions(typed)
    assert [one.words for one in found_words][: len(offered)] == offered
    assert bool(found_words) == bool(offered)
    for one in found_words:
        assert one.words.startswith(typed[one.start :].lower())


def test_the_words_that_ship_are_those_the_default_model_has_learned() -> None:
    known = load_vocabulary(resources() / "vocabulary.json")
    assert {**vocabulary(), "format": 1} == {
        "format": 1, "things": [*known.things], "styles": [*known.styles], "backgrounds": [*known.backgrounds],
        "places": [*known.places], "more": [*known.more], "names": known.names,
    }  # fmt: skip


def test_a_models_own_vocabulary_needs_no_places(tmp_path: Path) -> None:
    path = tmp_path / "vocabulary.json"
    path.write_text('{"format": 1, "things": ["a sheep"], "styles": [], "backgrounds": []}')
    assert load_vocabulary(path) == Vocabulary(("a sheep",))


def test_a_damaged_vocabulary_is_none(tmp_path: object, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "vocabulary.json"  # type: ignore[operator]
    path.write_text("{")
    assert load_vocabulary(path) == Vocabulary()
    assert load_vocabulary(path.with_name("none.json")) == Vocabulary()


def test_offers_are_chosen_and_taken_by_keys(studio: Studio) -> None:
    prompt = studio.window.panel.prompt
    prompt.know(WORDS)
    studio.type_prompt("a fo")
    assert prompt.offers == ("a fox",)
    QTest.keyClick(prompt, Qt.Key.Key_Tab)
    assert prompt.toPlainText() == "a fox"
    assert prompt.hasFocus()
    assert not prompt.offers
    QTest.keyClicks(prompt, " on")
    assert prompt.offers
    QTest.keyClick(prompt, Qt.Key.Key_Escape)
    assert not prompt.offers
    assert prompt.toPlainText() == "a fox on"
    QTest.keyClick(prompt, Qt.Key.Key_Return)
    assert prompt.toPlainText() == "a fox on\n"


# Earlier prompts


def test_earlier_prompts_are_kept_once_newest_first_and_bounded() -> None:
    earlier = with_prompt(with_prompt(with_prompt((), "a"), "b"), " a ")
    assert earlier == ("a", "b")
    assert with_prompt(earlier, "  ") == earlier
    many: tuple[str, ...] = ()
    for number in range(300):
        many = with_prompt(many, f"{number} " + "x" * 300)
    assert sum(map(len, many)) <= 16_000
    assert many[0].startswith("299")
    assert found(("a red fox", "an owl"), "FOX red") == ("a red fox",)


def test_up_and_down_go_through_earlier_prompts_and_come_back_to_what_was_written(studio: Studio) -> None:
    for prompt in ("a fox", "an owl"):
        studio.type_prompt(prompt)
        studio.press(Qt.Key.Key_Return, control=True)
    box = studio.window.panel.prompt
    studio.type_prompt("a dr")
    QTest.keyClick(box, Qt.Key.Key_Home)
    for wanted in ("an owl", "a fox", "a fox"):
        QTest.keyClick(box, Qt.Key.Key_Up)
        assert box.toPlainText() == wanted
    QTest.keyClick(box, Qt.Key.Key_End)
    for wanted in ("an owl", "a dr", "a dr"):
        QTest.keyClick(box, Qt.Key.Key_Down)
        assert box.toPlainText() == wanted
    assert studio.window.panel.earlier == ("an owl", "a fox")


def test_an_earlier_prompt_is_searched_and_taken(studio: Studio) -> None:
    panel = studio.window.panel
    panel.remember(("a fox", "an owl", "a red fox"))
    click(studio, panel.history)
    popup = panel.history_popup
    assert popup.list.count() == 3
    QTest.keyClicks(popup.search, "fox")
    assert popup.list.count() == 2
    QTest.keyClick(popup.search, Qt.Key.Key_Down)
    QTest.keyClick(popup.search, Qt.Key.Key_Return)
    assert panel.prompt.toPlainText() == "a red fox"
    assert not popup.isVisible()


# Words


def test_words_of_the_list_are_added_one_after_another(studio: Studio) -> None:
    panel = studio.window.panel
    click(studio, panel.words)
    popup = panel.word_list
    every = popup.list.count()
    for typed, wanted in (
        ("app", "an apple"),
        ("left", "an apple to the left of"),
        ("penguin", "an apple to the left of a penguin"),
        ("flat", "an apple to the left of a penguin, flat style"),
        ("teal", "an apple to the left of a penguin, flat style, on a teal background"),
    ):
        QTest.keyClicks(popup.search, typed)
        assert 0 < popup.list.count() < every
        QTest.keyClick(popup.search, Qt.Key.Key_Return)
        assert panel.prompt.toPlainText() == wanted
        assert popup.isVisible()
    assert panel.wishes().prompt == wanted
    QTest.keyClick(popup, Qt.Key.Key_Escape)
    assert not popup.isVisible()


def test_a_heading_of_the_list_is_passed_by_and_never_taken(studio: Studio) -> None:
    panel = studio.window.panel
    click(studio, panel.words)
    popup = panel.word_list
    QTest.keyClicks(popup.search, "style")
    headings = [row for row in range(popup.list.count()) if not popup.list.item(row).flags()]
    assert headings == [0]
    assert popup.list.currentRow() == 1
    QTest.keyClick(popup.search, Qt.Key.Key_Up)
    assert popup.list.currentRow() == popup.list.count() - 1
    QTest.mouseClick(
        popup.list.viewport(), Qt.MouseButton.LeftButton, pos=popup.list.visualItemRect(popup.list.item(0)).center()
    )
    assert panel.prompt.toPlainText() == ""
    QTest.keyClicks(popup.search, "no such thing")
    assert popup.empty.isVisible()
    QTest.keyClick(popup.search, Qt.Key.Key_Return)
    assert panel.prompt.toPlainText() == ""


def test_the_list_follows_the_language(studio: Studio) -> None:
    click(studio, studio.window.panel.words)
    popup = studio.window.panel.word_list
    english = popup.list.item(0).text()
    QTest.keyClicks(popup.search, "neko")
    assert popup.list.count() == 0
    studio.window.language.choose(Language.JAPANESE)
    popup.search.setText("ねこ")
    assert popup.list.item(0).text() not in ("", english)
    assert [popup.list.item(row).text() for row in range(1, popup.list.count())] == ["a cat　ネコ"]
    QTest.keyClick(popup.search, Qt.Key.Key_Return)
    assert studio.window.panel.prompt.toPlainText() == "a cat"


def test_words_go_where_the_cursor_is(studio: Studio) -> None:
    box = studio.window.panel.prompt
    studio.type_prompt("a fox in front of a lake")
    cursor = box.textCursor()
    cursor.setPosition(len("a fox "))
    box.setTextCursor(cursor)
    box.add_words("to the left of")
    box.add_words("a cat")
    assert box.toPlainText() == "a fox to the left of a cat in front of a lake"


@pytest.mark.parametrize(
    ("text", "place", "act", "wanted"),
    [
        ("🦊 fox cat", 7, lambda box: box.add_words("and"), "🦊 fox and cat"),
        ("🦊  and", 3, lambda box: complete(box, "fla"), "🦊 flat style and"),
        ("🦊 fox", 6, lambda box: box.add_words("flat style"), "🦊 fox, flat style"),
    ],
)
def test_words_go_where_qt_counts_the_cursor_after_an_emoji(
    studio: Studio, text: str, place: int, act: Callable[[PromptEdit], None], wanted: str
) -> None:
    box = studio.window.panel.prompt
    box.setFocus()
    box.show_text(text)
    cursor = box.textCursor()
    cursor.setPosition(place)
    box.setTextCursor(cursor)
    act(box)
    assert box.toPlainText() == wanted


def complete(box: PromptEdit, typed: str) -> None:
    """Type, and take the first offer."""
    QTest.keyClicks(box, typed)
    QTest.keyClick(box, Qt.Key.Key_Return)


def test_a_model_with_other_words_shows_none_of_ours(studio: Studio) -> None:
    panel = studio.window.panel
    assert panel.words.isVisible()
    panel.know(Vocabulary())
    assert not panel.words.isVisible()
    studio.type_prompt("a dr")
    assert not panel.prompt.offers


# Presets


def test_presets_are_saved_chosen_renamed_and_deleted(studio: Studio) -> None:
    panel = studio.window.panel
    studio.type_prompt("a sticker of a dog")
    click(studio, panel.count.button(4))
    panel.preset_menu.save("  My\nstickers ")
    panel.preset_menu.rename("My stickers", "Dogs")
    studio.type_prompt("something else")
    click(studio, panel.count.button(1))
    seed = panel.seed.value
    panel.preset_menu.aboutToShow.emit()
    panel.preset_menu.actions()[0].trigger()
    wishes = panel.wishes()
    assert (wishes.prompt, wishes.count, wishes.seed) == ("a sticker of a dog", 4, seed)
    panel.preset_menu._delete("Dogs")
    assert panel.preset_menu.presets == {}


def test_presets_keep_their_order_and_are_bounded() -> None:
    presets: dict[str, object] = {}
    for number in range(60):
        presets = with_preset(presets, f"{number}", Wishes("a fox"))
    assert next(iter(presets)) == "20"
    assert len(presets) == 40
    assert [*renamed(presets, "21", "new")][:3] == ["20", "new", "22"]
    assert "20" not in [*renamed(presets, "21", "20")][1:]


# Modes


def test_a_mode_is_chosen_by_button_or_keys_and_given_up_by_a_second_press(studio: Studio, photo: object) -> None:
    studio.open(photo)  # type: ignore[arg-type]
    buttons, generate = studio.window.panel.aims.buttons, studio.window.actions_area.generate
    assert generate.text() == "New picture"
    click(studio, buttons[Aim.REROLL])
    assert generate.text() == "Re-roll the doubtful"
    assert studio.window.panel.share.isVisible()
    studio.window.canvas.setFocus()
    QTest.keyClick(studio.window.canvas, Qt.Key.Key_4, Qt.KeyboardModifier.AltModifier)
    studio.settle()
    assert generate.text() == "Edit by prompt"
    assert not studio.window.panel.share.isVisible()
    click(studio, buttons[Aim.EDIT])
    assert generate.text() == "New picture"
    assert studio.document.wishes.aim is None


def test_modes_that_cannot_run_say_why(studio: Studio, photo: object) -> None:
    buttons = studio.window.panel.aims.buttons
    assert [aim for aim, button in buttons.items() if button.isEnabled()] == [Aim.NEW]
    assert "There is no picture yet" in buttons[Aim.FILL].toolTip()
    studio.open(photo)  # type: ignore[arg-type]
    assert [aim for aim, button in buttons.items() if not button.isEnabled()] == [Aim.FILL, Aim.EXTEND]
    assert "Paint over" in buttons[Aim.FILL].toolTip()
    studio.document.set_frame(Rect(700, 0, 512, 512))
    studio.window.refresh()
    assert buttons[Aim.EXTEND].isEnabled()
    assert studio.window.actions_area.generate.text() == "Extend the picture"
    studio.generate()
    assert studio.client.requests[-1].mode is Mode.INPAINT


# Wishes


def test_undo_covers_every_wish_of_the_panel(studio: Studio, photo: object) -> None:
    studio.open(photo)  # type: ignore[arg-type]
    panel, document = studio.window.panel, studio.document
    panel.prompt.setFocus()
    before = panel.wishes()
    steps = [
        lambda: QTest.keyClicks(panel.prompt, "an owl"),
        lambda: click(studio, panel.count.button(2)),
        lambda: click(studio, panel.aims.buttons[Aim.EDIT]),
        lambda: panel.advanced.fields["base", "temperature"].setValue(2.5),  # type: ignore[arg-type]
        lambda: click(studio, panel.seed.dice),
    ]
    seen = [before]
    for step in steps:
        document.set_wishes(document.wishes, "")  # other labels are other steps; equal ones would be merged
        step()
        studio.settle()
        seen.append(panel.wishes())
        assert document.wishes == seen[-1]
    assert len(set(map(repr, seen))) == len(seen)
    while document.can_undo:
        studio.window.commands["undo"].trigger()
    assert panel.wishes() == before
    while document.can_redo:
        studio.window.commands["redo"].trigger()
    assert panel.wishes() == seen[-1]
    assert panel.wishes().base == StagePlan(temperature=2.5)


def test_without_a_document_the_panel_keeps_its_own_and_a_new_one_takes_it_over(studio: Studio, photo: object) -> None:
    studio.type_prompt("an owl")
    studio.open(photo)  # type: ignore[arg-type]
    assert studio.window.panel.prompt.toPlainText() == "an owl"
    assert studio.document.wishes == Wishes()
    assert not studio.document.can_undo


def test_the_models_own_numbers_come_back_at_a_press(studio: Studio) -> None:
    advanced = studio.window.panel.advanced
    assert not advanced.reset.isEnabled()
    advanced.fields["superres", "steps"].setValue(5)
    assert studio.window.panel.wishes().superres == StagePlan(steps=5)
    assert advanced.reset.isEnabled()
    advanced.reset.click()
    assert studio.window.panel.wishes().superres == StagePlan()


def test_an_edit_has_iterations_and_a_guidance_of_its_own(studio: Studio, photo: object) -> None:
    studio.open(photo)  # type: ignore[arg-type]
    panel = studio.window.panel
    panel.advanced_section.button.setChecked(True)
    panel.advanced.show_model(ModelDefaults(edit=StagePlanFacts(50, 0.5)))
    fields = panel.advanced.fields
    iterations, guidance = fields["edit", "iterations"], fields["edit", "guidance"]
    assert not iterations.isVisible()
    fields["base", "steps"].setValue(12)
    click(studio, panel.aims.buttons[Aim.EDIT])
    assert iterations.isVisible()
    assert [name for (stage, name), box in fields.items() if stage == "base" and box.isVisible()] == []
    assert (iterations.text(), guidance.text()) == ("own: 50", "own: 0.5")
    assert (iterations.accessibleName(), iterations.maximum()) == ("Edit by prompt: Iterations", STEPS_LIMIT)
    for box, typed in ((iterations, "80"), (guidance, "2.5")):
        box.setFocus()
        box.selectAll()
        QTest.keyClicks(box, typed)
        QTest.keyClick(box, Qt.Key.Key_Return)
    studio.settle()
    assert studio.document.wishes.edit == StagePlan(80, 2.5)
    studio.generate()
    request = studio.client.requests[-1]
    assert (request.mode, request.base) == (Mode.EDIT, StagePlan(80, 2.5))
    studio.window.use_settings(request.settings())
    assert panel.wishes().edit == StagePlan(80, 2.5)
    panel.advanced.reset.click()
    assert panel.wishes().edit == StagePlan()
    studio.window.commands["undo"].trigger()
    assert panel.wishes().edit == StagePlan(80, 2.5)
    click(studio, panel.aims.buttons[Aim.EDIT])
    assert fields["base", "steps"].isVisible()
    assert not iterations.isVisible()


def test_the_numbers_that_a_cascade_edits_with_are_read(tmp_path: Path) -> None:
    plan = {"steps": 4, "guidance": 1.0}
    defaults = {"base": plan, "superres": plan, "edit": {"iterations": 50, "share": 0.08, "guidance": 0.5}}
    (tmp_path / "cascade.json").write_text(json.dumps({"defaults": defaults}))
    assert read_defaults(tmp_path).edit == StagePlanFacts(50, 0.5)
    del defaults["edit"]
    (tmp_path / "cascade.json").write_text(json.dumps({"defaults": defaults}))
    assert read_defaults(tmp_path).edit == StagePlanFacts()


def test_a_model_that_decides_evenly_says_so_in_place_of_a_temperature(studio: Studio, tmp_path: Path) -> None:
    plan = {"steps": 4, "guidance": 1.0, "temperature": 0.5, "order": "confidence"}
    defaults = {"base": {**plan, "order": "halton"}, "superres": plan}
    (tmp_path / "cascade.json").write_text(json.dumps({"defaults": defaults}))
    advanced = studio.window.panel.advanced
    advanced.show_model(read_defaults(tmp_path))
    even, usual = advanced.fields["base", "temperature"], advanced.fields["superres", "temperature"]
    assert (even.text(), usual.text()) == ("own: even", "own: 0.5")
    assert "has no temperature" in even.toolTip()
    assert "has no temperature" not in usual.toolTip()
    advanced.show_model(ModelDefaults())
    assert even.text() == "model's own"


@pytest.mark.parametrize("language", [Language.ENGLISH, Language.JAPANESE])
def test_nothing_is_cut_off_at_the_side_in_any_language(studio: Studio, language: Language) -> None:
    studio.window.language.choose(language)
    studio.settle()
    panel, window = studio.window.panel, studio.window
    inner = panel.findChild(QScrollArea, "promptScroll").viewport().width()
    for button in (*panel.aims.buttons.values(), panel.history, panel.preset_button):
        assert button.mapTo(panel.findChild(QWidget, "promptBody"), button.rect().topRight()).x() < inner
        assert button.mapTo(window, button.rect().topRight()).x() < window.width()
