"""What the command palette finds, and in which order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muse_studio.gui.fuzzy import score

COMMANDS = ("Invert mask", "Clear mask", "Zoom in", "Save full-size PNG", "Theme: high contrast", "Image size", "Undo")


def found(typed: str) -> list[str]:
    points = {text: score(typed, text) for text in COMMANDS}
    return sorted((text for text in COMMANDS if points[text] is not None), key=lambda text: -(points[text] or 0))


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("inv", "Invert mask"),
        ("im", "Invert mask"),
        ("cm", "Clear mask"),
        ("mask", "Invert mask"),
        ("HIGH", "Theme: high contrast"),
        ("thc", "Theme: high contrast"),
        ("png", "Save full-size PNG"),
        ("siz", "Image size"),
        ("zoom i", "Zoom in"),
    ],
)
def test_beginnings_of_words_and_runs_come_first(typed: str, first: str) -> None:
    assert first in found(typed)[:2]


def test_letters_out_of_order_or_missing_find_nothing() -> None:
    assert found("ksam") == []
    assert found("xyz") == []
    assert found("undoo") == []


def test_nothing_typed_finds_everything_alike() -> None:
    assert {score(typed, text) for typed in ("", "  ") for text in COMMANDS} == {0}


def test_japanese_is_found_as_it_is_written_and_full_width_latin_too() -> None:
    assert score("反転", "マスクを反転") is not None
    assert score("ＰＮＧ", "PNGで保存") is not None


@given(st.text(max_size=12), st.text(max_size=30))
def test_a_text_is_found_exactly_where_it_holds_the_letters_in_order(typed: str, text: str) -> None:
    import unicodedata

    rest = iter(unicodedata.normalize("NFKC", text).casefold())
    wanted = [c for c in unicodedata.normalize("NFKC", typed).casefold() if not c.isspace()]
    assert (score(typed, text) is not None) == all(letter in rest for letter in wanted)
