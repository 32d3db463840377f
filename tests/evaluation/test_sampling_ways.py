"""Ways of sampling are compared at equal cost, on equal prompts and seeds, each with the first."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from muse_studio.cli.main import main
from muse_studio.evaluation import sampling_section
from muse_studio.evaluation.making import load_cascade
from muse_studio.evaluation.probe.ceilings import measure
from muse_studio.evaluation.probe.network import Probe
from muse_studio.evaluation.probe.pictures import LABELS
from muse_studio.evaluation.probe.weights import save_probe
from muse_studio.evaluation.sampling import (
    GROUPS,
    MEASURES,
    Sampler,
    asked_prompts,
    beside,
    drawings_asked,
    measured,
)
from muse_studio.evaluation.ways import BEFORE, BEFORE_SUPERRES, Way, base_ways, passes, split_ways
from muse_studio.muse.plans import StagePlan

QUICK = (Way("first", StagePlan(3, guidance=0.5)), Way("second", StagePlan(3, guidance=0.5, order="halton")))


def test_the_ways_that_are_compared_cost_the_same() -> None:
    assert passes(BEFORE) == 48
    ways = base_ways()
    assert ways[0].base == BEFORE
    for way in ways:
        assert way.passes == (24 if "24 passes" in way.name else 48), way.name
    assert len({way.base for way in ways}) == len(ways)
    for way in split_ways():
        assert way.passes == 56
    assert (split_ways()[0].base, split_ways()[0].superres) == (BEFORE, BEFORE_SUPERRES)


def test_prompts_come_from_every_group_alike() -> None:
    asked = asked_prompts(48, 0)
    assert [sum(prompt.group == group for prompt in asked) for group in GROUPS] == [6, 6, 6, 6]
    assert asked == asked_prompts(48, 0)


def test_a_difference_is_taken_prompt_by_prompt() -> None:
    first = {name: np.array([0.1, 0.9, np.nan]) for name in MEASURES}
    second = {name: np.array([0.2, 1.0, np.nan]) for name in MEASURES}
    one, other = beside([first, second])
    assert (one["style"].value, one["style"].beside, one["style"].error) == (0.5, 0.0, 0.0)
    assert other["style"].beside == pytest.approx(0.1)
    assert other["style"].error == pytest.approx(0.0, abs=1e-9), "both prompts gained alike"


def test_the_drawing_itself_is_wholly_as_drawn(tiny_model: Path, drawn: Path) -> None:
    cascade = load_cascade(tiny_model, "cpu")
    asked = [one for one in asked_prompts(2400, 0) if one.group == "asked" and "fox" in one.text][:2]
    originals = drawings_asked(cascade, drawn, asked)
    first = originals[0]
    assert first is not None
    assert first.rgb[256, 256].tolist() == [230, 90, 20], "the made-up fox is an orange square"
    assert first.rgb[8, 8].tolist() != [230, 90, 20]
    tokens = torch.stack([one.tokens for one in originals if one])[:, None].repeat(1, 2, 1, 1)
    probe = Probe(LABELS).eval()
    figures = measured(cascade, probe, tokens, asked, originals)
    assert figures["as drawn"].tolist() == [1.0] * len(asked)
    assert figures["variety"].tolist() == [0.0] * len(asked)
    other = measured(cascade, probe, tokens.roll(3, -1), asked, originals)
    assert (other["as drawn"] < 1).all()


def test_tokens_that_were_made_are_not_made_again(tiny_model: Path, tmp_path: Path) -> None:
    cascade, asked = load_cascade(tiny_model, "cpu"), asked_prompts(8, 0)[:2]
    made = Sampler(cascade, "x", tmp_path).tokens(QUICK[0], asked, 5)
    assert made.shape[:2] == (2, 2)
    again = Sampler(cascade, "x", tmp_path)
    again._batch = lambda *_: pytest.fail("made again")  # type: ignore[method-assign,assignment]
    assert torch.equal(again.tokens(QUICK[0], asked, 5), made)
    with pytest.raises(pytest.fail.Exception):
        again.tokens(QUICK[1], asked, 5)


def test_the_command_writes_a_table_of_all_ways(
    tiny_model: Path,
    drawn: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    probe = Probe(LABELS).eval()
    home = tmp_path / "probe"
    save_probe(home, probe, {"training": {}, **measure(probe, drawn, 4)})
    monkeypatch.setattr(sampling_section, "base_ways", lambda: QUICK)
    named = ("--model", tiny_model, "--probe", home, "--data", drawn, "--pictures", 8, "--size", 256)
    assert main(["evaluate", "sampling", *map(str, named), "-o", str(tmp_path / "out"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["sampling"]
    assert list(found["ways"]) == ["first", "second"]
    assert found["ways"]["first"]["style"]["beside"] == 0
    words = (tmp_path / "out" / "report.md").read_text()
    assert "| way | passes | concept | style | background | all right | as drawn | variety |" in words
    assert "| second | 6 |" in words
