"""Languages: everything is translated, changes while the window is open, and finished sentences are said in it too."""

from __future__ import annotations

import importlib.util
import json
import re
import string
import sys
from pathlib import Path
from types import ModuleType

import pytest
from PySide6.QtCore import QTranslator
from PySide6.QtGui import QInputMethodEvent

from muse_studio import places
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.settings import Language
from muse_studio.gui import sentences, translator
from muse_studio.gui.language import CONTEXT, tr
from muse_studio.gui.message_bar import Notice, NoticeKind
from muse_studio.gui.sentences import say
from muse_studio.gui.translator import NO_FONT, resolve_language
from tests.gui.conftest import Studio
from tests.gui.words import english_left

FOLDER = places.shipped("resources/translations")
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


@pytest.fixture(autouse=True)
def japanese_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a computer that has a font with them, whatever this one has."""
    monkeypatch.setattr(translator.QFontDatabase, "families", lambda *_: ["Noto Sans CJK JP"])


def catalogue_tool() -> ModuleType:
    """The command that gathers the texts."""
    path = Path(__file__).resolve().parents[2] / ".ci" / "translations.py"
    spec = importlib.util.spec_from_file_location("muse_studio_translations", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


TOOL = catalogue_tool()
TRANSLATIONS: dict[str, str] = TOOL.read_ts(FOLDER / "ja.ts")


def speak(studio: Studio, language: str) -> None:
    studio.window.commands[f"language_{language}"].trigger()
    studio.settle()


def test_every_text_of_the_window_has_a_translation() -> None:
    assert TOOL.stale() == []


def test_every_sentence_of_the_rooms_below_has_a_translation() -> None:
    known = TOOL.sentence_texts()
    assert len(known) > 100
    assert [text.place for source, text in known.items() if source not in TRANSLATIONS] == []


def test_the_compiled_catalogue_says_what_the_written_one_does() -> None:
    compiled = QTranslator()
    assert compiled.load("ja", str(FOLDER))
    different = [text for text, said in TRANSLATIONS.items() if compiled.translate(CONTEXT, text) != said]
    assert different == []


def test_the_templates_that_are_looked_for_are_those_of_the_source() -> None:
    told = json.loads((FOLDER / "sentences.json").read_text(encoding="utf-8"))
    assert told == sorted(source for source in TOOL.sentence_texts() if source in TRANSLATIONS)


def test_values_and_line_ends_survive_translation() -> None:
    def values(text: str) -> list[str]:
        return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)

    window = TOOL.window_texts()
    assert {text for text in window if values(text) != values(TRANSLATIONS[text])} == set()
    tabs = {text for text, said in TRANSLATIONS.items() if text.partition("\t")[2] != said.partition("\t")[2]}
    assert tabs == set()


def test_translations_are_japanese() -> None:
    latin = {text: said for text, said in TRANSLATIONS.items() if not JAPANESE.search(said)}
    allowed = re.compile(
        r"(Muse Studio( \{0\})?|GPU \(.*|TPU \(.*|。|Shift\+.*|\[.*|[\d\s×px{}a-z+]*|cfg.*|GIF.*|WebP.*)"
    )
    assert {text: said for text, said in latin.items() if not allowed.fullmatch(said)} == {}


def test_the_window_changes_its_language_while_it_is_open(studio: Studio) -> None:
    window = studio.window
    before = window.menus["File"].title()
    speak(studio, "ja")
    assert window.menus["File"].title() == "ファイル(&F)"
    assert "消しゴム" in window.strip.buttons["eraser"].toolTip()
    assert window.language.language is Language.JAPANESE
    speak(studio, "en")
    assert window.menus["File"].title() == before == "&File"
    assert window.commands["language_en"].isChecked()


def test_no_english_of_ours_is_left_in_japanese(studio: Studio, photo: Path) -> None:
    speak(studio, "ja")
    assert english_left(studio.window) == []
    studio.open(photo)
    studio.paint((400, 300), (450, 300))
    studio.settle()
    assert english_left(studio.window, [photo.name]) == []


@pytest.mark.parametrize("page", ["shortcuts", "about", "palette", "new"])
def test_pages_speak_japanese(studio: Studio, page: str) -> None:
    speak(studio, "ja")
    studio.window.commands[page].trigger()
    studio.settle()
    opened = [shown for shown in studio.app.topLevelWidgets() if shown.isVisible() and shown is not studio.window]
    assert opened
    assert [text for shown in opened for text in english_left(shown)] == []


def test_a_page_that_is_open_changes_with_the_window(studio: Studio) -> None:
    studio.window.commands["shortcuts"].trigger()
    studio.settle()
    page = next(shown for shown in studio.app.topLevelWidgets() if shown.objectName() == "shortcutsPage")
    assert page.windowTitle() == "Keyboard shortcuts"
    speak(studio, "ja")
    assert page.windowTitle() == "キーボードショートカット"


# Finished sentences


@pytest.fixture
def japanese(studio: Studio) -> Studio:
    speak(studio, "ja")
    return studio


def test_a_sentence_is_said_with_its_values(japanese: Studio) -> None:
    said = say("“fox & friends.png” cannot be opened: the file is empty.")
    assert said == "「fox & friends.png」を開けません: ファイルが空です。"


def test_several_sentences_are_said_one_after_the_other(japanese: Studio) -> None:
    said = say("16 bits per channel were reduced to 8. Only the first frame of the animation was opened.")
    assert JAPANESE.search(said)
    assert said.count("。") == 2
    assert "." not in said


def test_sentences_put_together_of_parts_are_known_too(japanese: Studio) -> None:
    said = say(
        "The worker stopped in the middle of this job. Your picture is unharmed; press Generate to try again, "
        "or choose a smaller size."
    )
    assert not re.search(r"[A-Za-z]{2,}", said), said


def test_what_is_not_known_stays_as_it_is(japanese: Studio) -> None:
    for strange in ("Nobody has ever said this.", "", "{0} {1}", "100 % of {count}", "…", "a. B. c"):
        assert say(strange) == strange


def test_english_sentences_are_left_alone_in_english(studio: Studio) -> None:
    message = "“fox.png” cannot be opened: the file is empty."
    assert say(message) == message


def test_every_template_is_found_again_in_what_is_made_of_it(japanese: Studio) -> None:
    """Each is filled with values that no template knows; the words of the translation must come out."""
    wrong = []
    for template in TOOL.sentence_texts():
        count = len(re.findall(r"\{\d\}", template))
        values = [f"Ж{number}Ж" for number in range(count)]
        made = re.sub(r"\{(\d)\}", lambda place, filled=values: filled[int(place[1])], template)
        if not JAPANESE.search(say(made)) and JAPANESE.search(TRANSLATIONS[template]):
            wrong.append(template)
    assert wrong == []


def test_errors_and_the_status_come_out_in_japanese(japanese: Studio) -> None:
    error = MuseStudioError(
        ErrorKind.DISK, "“a.png” could not be saved: the folder is read-only. Choose another folder."
    )
    japanese.window.show_error(error)
    japanese.settle()
    assert english_left(japanese.window.messages) == []
    assert english_left(japanese.window.status_line) == []


def test_a_notice_that_is_shown_changes_its_language(studio: Studio) -> None:
    studio.window.notify(Notice(NoticeKind.ERROR, "“a.png” cannot be opened: the file is empty."))
    speak(studio, "ja")
    card = studio.window.messages.findChild(type(studio.window.canvas_area), "notice")
    assert card is not None
    assert "ファイルが空です" in card.accessibleName()


# Which language


def test_the_system_chooses_among_what_is_spoken() -> None:
    assert resolve_language(Language.SYSTEM, ["ja-JP", "en-US"]) is Language.JAPANESE
    assert resolve_language(Language.SYSTEM, ["de-DE", "ja_JP"]) is Language.JAPANESE
    assert resolve_language(Language.SYSTEM, ["de-DE", "fr"]) is Language.ENGLISH
    assert resolve_language(Language.SYSTEM, []) is Language.ENGLISH
    assert resolve_language(Language.ENGLISH, ["ja"]) is Language.ENGLISH


def test_a_computer_without_japanese_letters_is_told(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translator.QFontDatabase, "families", lambda *_: [])
    speak(studio, "ja")
    assert NO_FONT in studio.messages


def test_a_missing_catalogue_leaves_english(studio: Studio, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(translator, "shipped", lambda _path: tmp_path)
    speak(studio, "ja")
    assert tr("&File") == "&File"
    monkeypatch.undo()


def test_damaged_templates_harm_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("[1, {", encoding="utf-8")
    monkeypatch.setattr(sentences, "shipped", lambda _path: tmp_path / "bad.json")
    sentences._templates.cache_clear()
    assert say("Anything at all 3.") == "Anything at all 3."
    sentences._templates.cache_clear()


def test_names_in_the_palette_are_found_in_japanese(japanese: Studio) -> None:
    japanese.window.commands["palette"].trigger()
    japanese.settle()
    palette = next(shown for shown in japanese.app.topLevelWidgets() if shown.objectName() == "commandPalette")
    typed = QInputMethodEvent("", [])
    typed.setCommitString("反転")
    japanese.app.sendEvent(palette.search, typed)
    assert palette.list.count() >= 1
