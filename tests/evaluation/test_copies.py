"""Near-copies are found where they are, a common ground makes none, and the report says how many there are."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
import torch
import torch.nn.functional as F

from muse_studio.cli.main import main
from muse_studio.evaluation.copies import HALVES, Compositions
from muse_studio.evaluation.making import load_cascade
from muse_studio.evaluation.probe.prompts import MORE, pairs, together_prompts
from muse_studio.muse.cascade import Cascade
from muse_studio.training.data.scenes import Layer, Scene


@pytest.fixture(scope="module")
def cascade(tiny_model: Path) -> Cascade:
    return load_cascade(tiny_model, "cpu")


@pytest.fixture(scope="module")
def training(cascade: Cascade, drawn: Path) -> Compositions:
    return Compositions(cascade, drawn, grounds=("white", "navy"))


def test_a_composition_is_its_own_nearest(training: Compositions) -> None:
    for number in range(0, len(training.shown), 3):
        alike, place = training.nearest(training.tokens[number])
        assert alike == 1.0
        assert torch.equal(training.tokens[place], training.tokens[number])


def test_a_common_ground_makes_nothing_alike(training: Compositions) -> None:
    white = next(number for number, one in enumerate(training.shown) if one.ground == "white")
    other = torch.where(training.tokens[white] == training.empty[white], training.empty[white], -1)
    assert float(training.likeness(other)[white]) == 0.0
    assert float(training.likeness(training.empty[white])[white]) == 0.0


def test_half_of_the_drawing_is_half_alike(training: Compositions) -> None:
    tokens, ground = training.tokens[0].clone(), training.empty[0]
    inside = (tokens != ground).nonzero().tolist()
    for row, column in inside[: len(inside) // 2]:
        tokens[row, column] = -1
    assert float(training.likeness(tokens)[0]) == pytest.approx(0.5, abs=0.02)


def test_held_out_drawings_are_not_among_what_training_shows(cascade: Cascade, drawn: Path) -> None:
    shown, kept_back = (Compositions(cascade, drawn, held_out=flag, grounds=("white",)).shown for flag in (False, True))
    assert kept_back
    assert not {(one.concept, one.style) for one in shown} & {(one.concept, one.style) for one in kept_back}


def local_tokens(pictures: torch.Tensor) -> torch.Tensor:
    """A token that says what is in its own cell and knows no other: its mean colour."""
    red, green, blue = (F.avg_pool2d(pictures.float(), 16) * 255).round().long().unbind(1)
    return (red * 256 + green) * 256 + blue


def test_each_half_of_two_things_is_found_by_itself(drawn: Path) -> None:
    vqgan = SimpleNamespace(encode=local_tokens)
    model = cast("Cascade", SimpleNamespace(base_vqgan=vqgan, device="cpu", dtype=torch.float32))
    left, right = (Compositions(model, drawn, grounds=("white",), place=half) for half in HALVES)
    first, second = 0, len(left.shown) - 1
    scene = Scene(
        "white",
        tuple(
            Layer(side.shown[number].row, half.x, half.y, half.side)
            for side, number, half in zip((left, right), (first, second), HALVES, strict=True)
        ),
        "",
        {},
    )
    [tokens] = left._tokens([scene])
    for side, number in ((left, first), (right, second)):
        alike, found = side.nearest_there(tokens)
        assert alike == 1.0
        assert side.shown[found].concept == side.shown[number].concept
    assert left.nearest(tokens)[0] < 0.6, "the other half is in the way of the whole"


def test_two_more_things_are_asked_for_in_a_style_that_training_shows_both_in() -> None:
    shown, asked = set(pairs(MORE)), together_prompts(40, 3)
    assert len({prompt.text for prompt in asked}) == 40
    for prompt in asked:
        assert {prompt.pair, (prompt.second, prompt.pair[1])} <= shown
        assert prompt.pair[0] != prompt.second
        assert re.fullmatch(r".+ to the left of .+, (3d|flat|sticker) style", prompt.text)
    assert together_prompts(5, 3) == asked[:5]


def test_the_command_counts_them_and_shows_the_nearest_pairs(
    tiny_model: Path, drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named = ("--model", tiny_model, "--data", drawn, "--pictures", 6, "-o", tmp_path)
    assert main(["evaluate", "copies", *map(str, named), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)["copies"]
    assert [kind["count"] for kind in figures["kinds"].values()][:4] == [2, 2, 2, 2]
    alone, more, halves = figures["nearest is what was asked"].values()
    assert (alone[-5:], more[-5:], halves[-5:]) == (" of 2", " of 2", " of 4")
    words = (tmp_path / "report.md").read_text()
    assert "| pictures | count | median | ≥ 50% alike |" in words
    for name in ("asked", "held-out", "never-drawn", "more"):
        assert (tmp_path / f"copies-{name}.png").is_file()
