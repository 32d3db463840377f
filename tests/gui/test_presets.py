"""Style words and ideas: a style is one suffix, never two."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from muse_studio import places
from muse_studio.core.request import EditRequest, Mode, StagePlan
from muse_studio.core.wishes import wishes_of
from muse_studio.gui.presets import Presets, load_presets, style_of, with_style

SHIPPED = load_presets(places.shipped("resources/presets.json"))
STYLES = SHIPPED.styles


def test_the_shipped_presets_are_read() -> None:
    assert STYLES
    assert SHIPPED.ideas


@given(prompt=st.text(max_size=60), style=st.sampled_from(STYLES), other=st.sampled_from(STYLES))
def test_choosing_a_style_replaces_the_one_before(prompt: str, style: object, other: object) -> None:
    once = with_style(with_style(prompt, style, STYLES), other, STYLES)
    assert style_of(once, STYLES) == other
    assert once == with_style(once, other, STYLES)


@given(words=st.text(alphabet="abcxyz ", max_size=30), style=st.sampled_from(STYLES))
def test_taking_a_style_away_gives_the_prompt_back(words: str, style: object) -> None:
    bare = words.strip()
    assert with_style(with_style(bare, style, STYLES), None, STYLES) == bare


def test_a_word_that_only_ends_like_a_style_is_none() -> None:
    assert style_of("an unflat style", STYLES) is None
    assert style_of("a fox, FLAT style ", STYLES) is not None


def test_a_damaged_file_gives_no_presets(tmp_path: Path) -> None:
    path = tmp_path / "presets.json"
    for text in ("", "{", "[]", "7", json.dumps({"format": 2, "styles": [], "ideas": []}), '{"format": 1}'):
        path.write_text(text)
        assert load_presets(path) == Presets()
    assert load_presets(tmp_path / "none.json") == Presets()


def test_the_iterations_of_an_edit_do_not_become_steps_of_a_new_picture() -> None:
    request = EditRequest(
        Mode.EDIT, "a dog", "a cat", 7, 512, StagePlan(100, 4.0), StagePlan(6), np.zeros((512, 512, 3), np.uint8)
    )
    wishes = wishes_of(request.settings())
    assert (wishes.prompt, wishes.negative_prompt, wishes.seed) == ("a dog", "a cat", 7)
    assert (wishes.base, wishes.superres) == (StagePlan(), StagePlan(6))
    made = replace(request, mode=Mode.GENERATE, picture=None)
    assert wishes_of(made.settings()).base == StagePlan(100, 4.0)
