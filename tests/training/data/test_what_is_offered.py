"""What the studio offers at first is what the model that ships has learned: no held-out pair, nothing never drawn."""

from __future__ import annotations

import re

import pytest

from muse_studio import places
from muse_studio.evaluation.probe.prompts import pairs
from muse_studio.gui.presets import load_presets
from muse_studio.training.data.compose import captions_of_style
from muse_studio.training.data.hues import BACKGROUNDS

IDEAS = [idea.prompt for idea in load_presets(places.shipped("resources/presets.json")).ideas]
SOURCES = places.shipped("resources/samples/SOURCES.md").read_text(encoding="utf-8")
SAMPLES = re.findall(r'`muse-studio generate "([^"]+)"', SOURCES)


@pytest.mark.parametrize("prompt", [*IDEAS, *SAMPLES])
def test_it_is_a_caption_of_a_drawing_that_training_shows(prompt: str) -> None:
    known = {caption for thing, style in pairs("asked") for caption in captions_of_style(thing, style)}
    words, _, ground = prompt.partition(" on a ")
    head, comma, tail = prompt.partition(", ")
    if comma and " on a " in head:  # "a rocket on a sky blue background, 3d style"
        words, ground = f"{head.partition(' on a ')[0]}, {tail}", head.partition(" on a ")[2]
    assert words in known
    assert not ground or ground.removesuffix(" background") in BACKGROUNDS


def test_there_are_some() -> None:
    assert len(IDEAS) >= 4
    assert len(SAMPLES) >= 3
