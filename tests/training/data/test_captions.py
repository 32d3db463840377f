"""Captions are English that people type: right articles, plurals and no stray spaces."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muse_studio.training.data import captions
from muse_studio.training.data.concepts import also_called, clean_label
from muse_studio.training.data.table import load_table

LABELS = sorted(
    {drawing.label for drawing in load_table("full")} | {drawing.label for drawing in load_table("reduced")}
)


@pytest.mark.parametrize(
    ("noun", "phrase"),
    [
        ("fox", "a fox"),
        ("owl", "an owl"),
        ("apple", "an apple"),
        ("unicorn", "a unicorn"),
        ("hourglass", "an hourglass"),
        ("hamburger", "a hamburger"),
        ("cherries", "cherries"),
        ("french fries", "french fries"),
        ("bus", "a bus"),
        ("octopus", "an octopus"),
        ("cactus", "a cactus"),
        ("fire", "fire"),
        ("pizza", "pizza"),
        ("sun", "the sun"),
        ("umbrella", "an umbrella"),
        ("paw prints", "paw prints"),
        ("skis", "skis"),
        ("man lifting weights", "a man lifting weights"),
        ("river and mountains", "a river and mountains"),
        ("clapping hands with dark skin", "clapping hands with dark skin"),
    ],
)
def test_the_article_suits_the_noun(noun: str, phrase: str) -> None:
    assert captions.with_article(noun) == phrase


def test_the_article_suits_the_adjective() -> None:
    assert captions.with_article("fox", "orange") == "an orange fox"
    assert captions.with_article("owl", "3d") == "a 3d owl"
    assert captions.with_article("sun", "flat") == "a flat sun"


@pytest.mark.parametrize(
    ("noun", "count", "phrase"),
    [
        ("fox", 3, "three foxes"),
        ("cherry", 2, "two cherries"),
        ("key", 2, "two keys"),
        ("fish", 3, "three fish"),
        ("bus", 2, "two buses"),
        ("mouse", 2, "two mice"),
        ("torch", 2, "two torches"),
    ],
)
def test_plurals_are_right(noun: str, count: int, phrase: str) -> None:
    assert captions.counted(noun, count) == phrase


@settings(deadline=None)
@given(st.sampled_from(LABELS), st.sampled_from(sorted(set(captions.STYLE_NOUNS) - {"photo"})), st.integers(0, 2**32))
def test_every_label_can_be_asked_for_in_every_style(label: str, style: str, seed: int) -> None:
    phrase, tail = captions.styled(np.random.default_rng(seed), label, style)
    assert label in phrase
    assert style in phrase + tail or captions.STYLE_NOUNS[style][0] in phrase
    assert phrase + tail == " ".join((phrase + tail).split())


def test_colours_come_before_styles() -> None:
    phrases = {captions.styled(np.random.default_rng(n), "anchor", "3d", "teal")[0] for n in range(20)}
    assert phrases == {"a 3d render of a teal anchor", "a teal anchor", "a teal 3d anchor"}


def test_concepts_go_by_names_people_use() -> None:
    assert clean_label("23F3", "hourglass not done") == "hourglass"
    assert clean_label("1F558", "nine o'clock") == "clock at nine"
    assert clean_label("1F560", "five-thirty") == "clock at half past five"
    assert clean_label("1F44D-1F3FF", "thumbs up") == "thumbs up with dark skin"
    assert clean_label("1F98A", "fox") == "fox"
    assert "cat" in also_called()["cat face"]
    assert not {name for name in also_called() if name not in LABELS}


@settings(deadline=None)
@given(st.sampled_from(LABELS))
def test_labels_are_plain_words(label: str) -> None:
    assert label == label.strip()
    assert not set(label) & set(":“”’()")
