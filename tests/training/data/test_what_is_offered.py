"""What the studio offers at first is what the model that ships has learned: no held-out pair, nothing never drawn."""

from __future__ import annotations

import re

import pytest

from muse_studio import places
from muse_studio.evaluation.probe.prompts import pairs
from muse_studio.gui.presets import load_presets
from muse_studio.training.data.captions import can_count, counted
from muse_studio.training.data.compose import captions_of_style
from muse_studio.training.data.concepts import own_colour
from muse_studio.training.data.hues import BACKGROUNDS

IDEAS = [idea.prompt for idea in load_presets(places.shipped("resources/presets.json")).ideas]
SOURCES = places.shipped("resources/samples/SOURCES.md").read_text(encoding="utf-8")
SAMPLES = re.findall(r'`muse-studio generate "([^"]+)"', SOURCES)


def bare(prompt: str) -> tuple[str, str, str]:
    """(words, style, ground) of "a rocket on a sky blue background, 3d style"; "" where there is none."""
    words, _, tail = prompt.partition(", ")
    words, _, ground = words.partition(" on a ")
    return words, tail.removesuffix(" style"), ground.removesuffix(" background")


def drawn(words: str, style: str) -> bool:
    """Whether training shows it: one thing, two in their places, or a row in its own colour."""
    known = {caption for thing, one in pairs("asked") for caption in captions_of_style(thing, one)}
    rows = {
        counted(thing, count, own_colour(thing, one)): one
        for thing, one in pairs("asked")
        if one == style and can_count(thing)
        for count in (2, 3)
    }
    both = re.split(" (?:to the left of|to the right of|above|below) ", words)
    return words in rows or all((f"{one}, {style} style" if style else one) in known for one in both)


@pytest.mark.parametrize("prompt", [*IDEAS, *SAMPLES])
def test_it_is_a_caption_of_drawings_that_training_shows(prompt: str) -> None:
    words, style, ground = bare(prompt)
    assert drawn(words, style)
    assert not ground or ground in BACKGROUNDS


@pytest.mark.parametrize("prompt", ["a fox to the left of a sheep, 3d style", "two blue apples, 3d style", "four foxes"])
def test_what_training_never_shows_is_found(prompt: str) -> None:
    assert not drawn(*bare(prompt)[:2])


def test_there_are_some() -> None:
    assert len(IDEAS) >= 6
    assert len(SAMPLES) >= 3
