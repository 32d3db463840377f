"""The probe learns from real drawings alone, is stored whole, and is asked by rule."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.evaluation.probe import ceilings, section
from muse_studio.evaluation.probe.judging import Score, Verdict, confusions, in_place, judge, scores, split, wilson
from muse_studio.evaluation.probe.learning import Learning, distorted, learn, losses
from muse_studio.evaluation.probe.network import AXES, SIDE_PX, WIDTHS, Labels, Probe
from muse_studio.evaluation.probe.pictures import (
    AS_ASKED,
    LABELS,
    TRAINING_MIX,
    UNKNOWN,
    RealPictures,
    Seen,
    classes_of,
)
from muse_studio.evaluation.probe.prompts import GROUPS, pairs, prompts
from muse_studio.evaluation.probe.section import Judged, ceiling, model_scores, untrained_groups
from muse_studio.evaluation.probe.weights import load_probe, save_probe
from muse_studio.training.data.table import is_held_out
from muse_studio.training.recipe import reduced

TINY = Labels(("red", "green"), ("plain", "striped"), ("1", "2"), ("white", "black"))


class Squares:
    """Pictures, 64 px to be quick, of which every axis can be seen: colour, stripes, how many, ground."""

    def __getitem__(self, number: int) -> Seen:
        colour, striped, many, ground = (number >> bit & 1 for bit in range(4))
        rgb = np.full((64, 64, 3), 255 * (1 - ground), np.uint8)
        for place in range(many + 1):
            part = rgb[20:44, 4 + 30 * place : 28 + 30 * place]
            part[...] = (40, 200, 40) if colour else (220, 40, 40)
            if striped:
                part[::4] = part[1::4] = 128
        return Seen(rgb, dict(zip(AXES, (colour, striped, many, ground), strict=True)), str(number % 16))


@pytest.fixture(scope="module")
def learned() -> Probe:
    return learn(TINY, Squares(), Learning(steps=40, batch=16, rate=4e-3, styles=64), lambda text: None).probe


def test_it_learns_what_can_be_seen(learned: Probe) -> None:
    verdicts = judge(learned, [Squares()[number] for number in range(16)])
    found = scores(verdicts, [str(number) for number in range(16)])
    assert {name: score.share for name, score in found.items() if name != "concept (top 5)"} == {
        "concept (first)": 1.0,
        "style": 1.0,
        "background": 1.0,
        "count": 1.0,
    }


def test_noise_is_judged_by_chance(learned: Probe) -> None:
    seen = ceilings.noise(Squares()[number] for number in range(16))
    found = scores(judge(learned, seen), map(str, range(16)))
    assert {name: score.right for name, score in found.items() if name != "concept (top 5)"} == dict.fromkeys(
        ("concept (first)", "style", "background", "count"), 8
    )


def test_shuffled_pixels_keep_their_colours_and_nothing_else() -> None:
    one = Squares()[3]
    [other] = ceilings.shuffled([one])
    assert sorted(map(tuple, one.rgb.reshape(-1, 3))) == sorted(map(tuple, other.rgb.reshape(-1, 3)))
    assert (one.rgb != other.rgb).any()


def test_an_unknown_class_teaches_nothing() -> None:
    logits = {axis: torch.randn(2, 2, generator=torch.Generator().manual_seed(1)) for axis in AXES}
    seen = [Squares()[0], Squares()[1]]
    nothing = replace(seen[1], classes=dict.fromkeys(AXES, UNKNOWN))
    assert losses(logits, [nothing]) == 0
    alone = losses({axis: value[:1] for axis, value in logits.items()}, seen[:1])
    assert torch.allclose(losses(logits, [seen[0], nothing]), alone)


def test_distortion_keeps_colours_and_range() -> None:
    torch.manual_seed(0)
    plain = torch.full((8, 3, 64, 64), 0.5)
    found = distorted(plain)
    assert 0 <= float(found.min()) <= float(found.max()) <= 1
    assert torch.allclose(found.mean((2, 3)), plain.mean((2, 3)), atol=0.01)
    assert (plain == 0.5).all()


def test_a_probe_is_the_same_after_storing(learned: Probe, tmp_path: Path) -> None:
    save_probe(tmp_path, learned, {"training": {"pictures": 3}})
    stored, facts = load_probe(tmp_path)
    assert stored.labels == TINY
    assert facts["training"] == {"pictures": 3}
    pictures = torch.rand(2, 3, SIDE_PX, SIDE_PX, generator=torch.Generator().manual_seed(0))
    for axis in AXES:
        assert torch.allclose(stored(pictures)[axis], learned(pictures)[axis], atol=0.05)


@pytest.mark.parametrize("harm", ["weights", "missing", "format", "labels"])
def test_a_harmed_probe_is_refused(learned: Probe, tmp_path: Path, harm: str) -> None:
    save_probe(tmp_path, learned, {})
    facts = json.loads((tmp_path / "probe.json").read_text())
    if harm == "weights":
        data = bytearray((tmp_path / "probe.safetensors").read_bytes())
        data[-1] ^= 1
        (tmp_path / "probe.safetensors").write_bytes(data)
    elif harm == "missing":
        (tmp_path / "probe.safetensors").unlink()
    elif harm == "format":
        facts["format"] = 2
    else:
        facts["labels"]["concept"].append("blue")
    (tmp_path / "probe.json").write_text(json.dumps(facts))
    with pytest.raises(MuseStudioError, match="--train") as caught:
        load_probe(tmp_path)
    assert caught.value.kind is ErrorKind.BAD_MODEL


def test_training_never_sees_a_held_out_pair(drawn: Path) -> None:
    learned_from = RealPictures(drawn, replace(TRAINING_MIX, on_landscape=0.0), 1, held_out=False)
    for one in learned_from.first(150):
        concept, style = one.classes["concept"], one.classes["style"]
        if style != UNKNOWN:
            assert not is_held_out(LABELS.concept[concept], LABELS.style[style])
    kept_back = RealPictures(drawn, AS_ASKED, 1, held_out=True)
    assert {one.drawing for one in kept_back.first(20)} == {"fluent-3d mushroom"}


def test_a_style_that_no_prompt_names_has_no_class() -> None:
    words = {"concept": "fox", "style": "glossy", "background": "teal"}
    classes = classes_of(words)
    assert classes["style"] == UNKNOWN
    assert LABELS.background[classes["background"]] == "teal"
    assert LABELS.count[classes["count"]] == "1"
    assert LABELS.background[classes_of({"concept": "fox", "style": "3d"})["background"]] == "photograph"


def test_prompts_are_the_same_every_time_and_of_every_group() -> None:
    assert prompts(40, 5) == prompts(40, 5)
    assert prompts(40, 5) != prompts(40, 6)
    for count in (1, 40, 300):
        assert {one.group for one in prompts(count, 0)} == set(GROUPS)
    assert len(prompts(300, 0)) == 300


def test_groups_that_are_asked_for_share_all_pictures_and_begin_alike() -> None:
    alone = prompts(40, 5, ("positions",))
    assert len(alone) == 40
    assert {one.group for one in alone} == {"positions"}
    among_all = [one for one in prompts(300, 5) if one.group == "positions"]
    assert list(alone[: len(among_all)]) == among_all
    assert [one.group for one in prompts(5, 5, ("positions", "counts"))] == ["counts"] * 3 + ["positions"] * 2


def test_prompts_say_what_their_classes_are() -> None:
    for one in prompts(300, 0):
        if one.group == "positions":
            names = [LABELS.concept[place] for place in one.others]
            if "right of" in one.text:
                names.reverse()
            assert one.text.index(names[0]) < one.text.rindex(names[1])
            assert one.stacked == (" above " in one.text)
            continue
        words = {axis: LABELS.of(axis)[one.classes[axis]] for axis in AXES}
        assert words["style"] in one.text
        assert words["count"] == {"two": "2", "three": "3"}.get(one.text.split()[0], "1")
        ground = words["background"]
        assert (ground in ("white", "photograph")) == (" background" not in one.text)
        assert ground == "white" or f" {ground} background" in one.text or "in front of" in one.text
        kind = {"held out": True, "never drawn": None}.get(one.group, False)
        assert ((words["concept"], words["style"]) in pairs("held out")) == (kind is True)
        assert ((words["concept"], words["style"]) in pairs("never drawn")) == (kind is None)


def test_pairs_cover_everything_once() -> None:
    every = [pair for kind in ("asked", "held out", "never drawn") for pair in pairs(kind)]
    assert len(every) == len(set(every)) == len(LABELS.concept) * len(LABELS.style)
    assert ("mushroom", "3d") in pairs("held out")


def test_wilson_interval_has_known_values() -> None:
    assert wilson(0.5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)
    assert wilson(0.0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)
    assert wilson(1.0, 20) == pytest.approx((0.8389, 1.0), abs=1e-4)


def test_pictures_of_one_drawing_do_not_narrow_an_interval() -> None:
    many, few = Score(90, 100, 100), Score(90, 100, 10)
    assert few.interval() == wilson(0.9, 10)
    assert few.interval()[0] < many.interval()[0]


def test_halves_are_squares_in_the_right_places() -> None:
    rgb = np.zeros((8, 8, 3), np.uint8)
    rgb[2:6, :4], rgb[2:6, 4:] = 1, 2
    assert [set(half.flat) for half in split(rgb, False)] == [{1}, {2}]
    turned = rgb.transpose(1, 0, 2)
    assert [set(half.flat) for half in split(turned, True)] == [{1}, {2}]


def test_a_thing_in_the_wrong_half_is_not_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("muse_studio.evaluation.probe.judging.TOP", 1)

    class Colours(Probe):
        def forward(self, pictures: torch.Tensor) -> dict[str, torch.Tensor]:
            return {"concept": pictures.mean((2, 3))[:, :2]}

    rgb = np.zeros((128, 128, 3), np.uint8)
    rgb[:, :64, 0], rgb[:, 64:, 1] = 200, 200
    probe = Colours(TINY)
    assert in_place(probe, rgb, (0, 1), False) == (True, "red left of green")
    assert in_place(probe, rgb, (1, 0), False)[0] is False


def test_confusions_are_counted() -> None:
    wrong = Verdict({"concept (first)": False}, {"concept": "cat"})
    right = Verdict({"concept (first)": True}, {"concept": "fox"})
    assert confusions([wrong, right, wrong], ["fox", "fox", "fox"], "concept") == [("fox → cat", 2)]


def test_a_recipe_without_rows_says_that_counts_were_not_trained(monkeypatch: pytest.MonkeyPatch) -> None:
    single = replace(reduced(), mix=replace(reduced().mix, pair=0.0, row=0.0))
    monkeypatch.setattr(section, "RECIPES", {"reduced": lambda: single})
    assert untrained_groups("muse-drawings-reduced") == {"counts", "positions"}
    monkeypatch.undo()
    assert untrained_groups("muse-drawings-reduced") == frozenset()
    assert untrained_groups("muse-drawings") == frozenset()
    assert untrained_groups("another") == frozenset()


def test_what_ships_is_whole_small_and_recognises_real_drawings() -> None:
    """The ceilings are what was measured on real drawings when it learned; noise must be at chance."""
    from muse_studio import places

    folder = places.resources() / "probe"
    probe, facts = load_probe(folder)
    assert probe.labels == LABELS
    assert sum(path.stat().st_size for path in folder.iterdir()) < 2 * 2**20
    asked = ceiling("asked", facts, held_out=False)
    assert min(asked[name].share for name in ("concept (top 5)", "style", "background")) > 0.95
    nothing = ceilings.read(facts["checks"]["noise, with the labels of such rows"])
    assert nothing["concept (top 5)"].share < 0.3
    assert probe.stem.out_channels == WIDTHS[0]


def test_ceilings_are_measured_on_real_drawings(drawn: Path) -> None:
    found = ceilings.measure(Probe(LABELS).eval(), drawn, 4)
    assert found["ceilings"]["positions"]["held out"] == {}  # one held-out thing has no mate
    assert ceilings.read(found["ceilings"]["asked"]["held out"])["concept (first)"].drawings == 1
    assert set(found["ceilings"]) == {"asked", "on a photograph", "counts", "positions"}
    assert found["ceilings"]["counts"]["learned from"]["count"]["trials"] == 4


def test_style_is_read_from_the_whole_and_from_textures(learned: Probe) -> None:
    pictures = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    kept = learned.texture_head.bias.clone()
    before = learned(pictures)
    learned.texture_head.bias[1] += 9
    after = learned(pictures)
    learned.texture_head.bias.copy_(kept)
    assert bool((after["style"][:, 1] - after["style"][:, 0] > before["style"][:, 1] - before["style"][:, 0]).all())
    assert torch.equal(before["concept"], after["concept"])


def test_six_pictures_of_one_pair_are_one_trial_for_the_interval() -> None:
    [prompt] = [one for one in prompts(300, 0) if one.group == "held out"][:1]
    judged = [Judged(prompt, np.zeros((2, 2, 3), np.uint8), Verdict({"style": True}, {}))] * 6
    score = model_scores(judged)["style"]
    assert (score.trials, score.drawings) == (6, 1)


def test_a_goal_is_a_share_of_what_real_drawings_score_and_the_rest_is_said() -> None:
    real = Score(84, 100, 100)
    verdicts = {right: section._verdict(Score(right, 100, 100), real, 0.8) for right in (80, 76, 67)}
    assert verdicts == {80: "reached", 76: "reached as a share of real drawings", 67: "MISSED"}
    assert section._verdict(Score(76, 100, 100), None, 0.8) == "MISSED"
