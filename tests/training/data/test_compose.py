"""Every example is what its caption says, and the same state of the generator gives the same example."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from muse_studio.training.data.compose import Composer, Example, captions_of_style, examples
from muse_studio.training.data.concepts import REDUCED_CONCEPTS, own_colour
from muse_studio.training.data.drawings import DrawingSet
from muse_studio.training.data.hues import BACKGROUNDS, HUE_WORDS, hue_stats
from muse_studio.training.data.landscapes import Landscapes
from muse_studio.training.data.mix import KINDS, Mix, full_mix, reduced_mix
from muse_studio.training.data.scenes import Scene, drawing_chances
from muse_studio.training.data.table import load_table

NOTHING = Mix(single=0.0, on_landscape=0.0, landscape=0.0)


def only(kind: str, **changes: float) -> Mix:
    """A mix of one kind."""
    return replace(NOTHING, **{kind: 1.0}, **changes)


def draw(composer: Composer, count: int, size: int = 256) -> list[Example]:
    """The first examples of a seed."""
    return [composer.sample(np.random.default_rng((3, n)), size) for n in range(count)]


def write(composer: Composer, count: int) -> list[Scene]:
    """The first scenes of a seed: what the examples show, without painting them."""
    return [composer._writer.write(np.random.default_rng((3, n))) for n in range(count)]


def ink(example: Example) -> NDArray[np.bool_]:
    """Where the drawing is: the made-up drawings are all vivid red."""
    red, green, blue = (example.rgb[..., band].astype(int) for band in range(3))
    return (red > 200) & (green < 110) & (blue < 110)


@pytest.fixture
def composer(drawings: DrawingSet, landscapes: Landscapes) -> Composer:
    """All kinds that the made-up pictures allow, alike in chance."""
    return Composer(drawings, landscapes, Mix(1.0, 1.0, 1.0, 1.0, 1.0, 1.0, hue_chance=0.5))


def test_the_same_state_gives_the_same_example(composer: Composer) -> None:
    for n in range(40):
        first, again = (composer.sample(np.random.default_rng(n), 256) for _ in range(2))
        assert first.caption == again.caption
        assert first.labels == again.labels
        assert np.array_equal(first.rgb, again.rgb)


def test_an_example_does_not_depend_on_the_ones_before(composer: Composer) -> None:
    stream = examples(composer, seed=5)
    third = [next(stream) for _ in range(3)][2]
    assert np.array_equal(third.rgb, composer.sample(np.random.default_rng((5, 2)), 256).rgb)


@pytest.mark.parametrize("size", [256, 512])
def test_pictures_have_the_size_asked_for(composer: Composer, size: int) -> None:
    for example in draw(composer, 12, size):
        assert example.rgb.shape == (size, size, 3)
        assert example.rgb.dtype == np.uint8


def test_captions_are_tidy(composer: Composer) -> None:
    for example in write(composer, 300):
        assert example.caption == " ".join(example.caption.split())
        assert not re.search(r" ,|,,|,$|\b(a|an) (a|an)\b", example.caption)


def test_the_small_picture_of_a_pair_is_the_large_one_reduced(composer: Composer) -> None:
    pair = composer.sample_pair(np.random.default_rng(1))
    boxed = pair.large.reshape(256, 2, 256, 2, 3).mean(axis=(1, 3))
    assert np.abs(boxed - pair.small).max() <= 1.0
    assert np.array_equal(pair.large, composer.sample(np.random.default_rng(1), 512).rgb)


def test_both_sizes_show_the_same_composition(composer: Composer) -> None:
    for n in range(12):
        small = composer.sample(np.random.default_rng(n), 256).rgb.astype(float)
        large = composer.sample(np.random.default_rng(n), 512).rgb.reshape(256, 2, 256, 2, 3).mean(axis=(1, 3))
        assert np.abs(small - large).mean() < 6.0


def test_the_background_is_the_colour_that_the_caption_names(drawings: DrawingSet, landscapes: Landscapes) -> None:
    composer = Composer(drawings, landscapes, only("single"))
    seen = set()
    for example in draw(composer, 90):
        named = re.search(r"on an? (.+) background", example.caption)
        name = named.group(1) if named else "white"
        seen.add(name)
        assert tuple(example.rgb[0, 0]) == BACKGROUNDS[name]
    assert seen == set(BACKGROUNDS)


def test_a_colour_word_is_the_colour_of_the_drawing(drawings: DrawingSet, landscapes: Landscapes) -> None:
    composer = Composer(drawings, landscapes, only("single", hue_chance=1.0, white_chance=1.0))
    checked = Counter[str]()
    for example in draw(composer, 70):
        word = example.labels["colour"]
        if not word:
            continue
        checked[word] += 1
        assert word in example.caption.split()
        drawn = np.dstack([example.rgb, np.where((example.rgb < 200).any(axis=-1), 255, 0).astype(np.uint8)])
        away = abs((hue_stats(drawn).hue - HUE_WORDS[word] + 180.0) % 360.0 - 180.0)
        assert away <= 8.0
    assert set(checked) == set(HUE_WORDS)


def test_things_that_are_turned_are_those_and_have_no_colour_of_their_own(
    drawings: DrawingSet, landscapes: Landscapes
) -> None:
    labels, colours = ("cherries", "mushroom"), ("yellow", "purple", "red")
    chosen = replace(only("turned"), turned_labels=labels, turned_colours=colours)
    composer, seen = Composer(drawings, landscapes, chosen), set[tuple[str, str]]()
    for scene in write(composer, 60):
        (layer,) = scene.layers
        drawing, colour = drawings.entries[layer.index], scene.labels["colour"]
        seen.add((drawing.label, colour))
        assert colour in scene.caption.split()
        away = HUE_WORDS[colour] - drawings.colours[layer.index].hue
        assert abs((layer.turn - away + 180.0) % 360.0 - 180.0) <= 5.0
    assert seen == {(label, word) for label in labels for word in colours} - {(label, "red") for label in labels}


def test_a_mix_that_can_turn_nothing_shows_the_rest(drawings: DrawingSet, landscapes: Landscapes) -> None:
    composer = Composer(drawings, landscapes, replace(only("turned"), turned_labels=("anchor",), single=0.1))
    assert {scene.labels["kind"] for scene in write(composer, 20)} == {"single"}


def test_what_is_beyond_the_labels_is_a_single_object_of_the_same_packs(
    drawings: DrawingSet, landscapes: Landscapes
) -> None:
    chosen = replace(only("beyond"), labels=("fox",), packs=("noto", "twemoji"), single=1.0)
    scenes = list(write(Composer(drawings, landscapes, chosen), 60))
    shown = {(scene.labels["concept"] == "fox", drawings.entries[scene.layers[0].index].pack) for scene in scenes}
    assert shown == {(True, "noto"), (True, "twemoji"), (False, "noto"), (False, "twemoji")}
    assert {scene.labels["concept"] for scene in scenes} >= {"fox", "cherries"}
    assert all(len(scene.layers) == 1 and scene.labels["concept"] in scene.caption for scene in scenes)


@pytest.mark.parametrize("kind", ["pair", "row", "placed", "on_landscape", "single"])
def test_what_is_beyond_the_labels_joins_compositions_by_its_chance(
    drawings: DrawingSet, landscapes: Landscapes, kind: str
) -> None:
    known = ("cherries", "mushroom")

    def shown(chance: float) -> list[bool]:
        """Of each scene, whether anything in it is beyond the labels."""
        scenes = write(Composer(drawings, landscapes, replace(only(kind), labels=known, beyond_chance=chance)), 80)
        things = [{drawings.entries[layer.index].label for layer in scene.layers} for scene in scenes]
        return [not one <= set(known) for one in things]

    assert not any(shown(0.0))
    if kind == "single":
        assert not any(shown(1.0)), "`beyond` itself shows them alone"
    else:
        assert 0.1 < np.mean(shown(0.5)) < np.mean(shown(1.0))


def test_nothing_is_beyond_a_mix_of_every_concept(drawings: DrawingSet, landscapes: Landscapes) -> None:
    composer = Composer(drawings, landscapes, replace(only("beyond"), placed=0.1))
    assert {scene.labels["kind"] for scene in write(composer, 20)} == {"placed"}


def test_a_row_has_as_many_as_the_caption_counts(drawings: DrawingSet, landscapes: Landscapes) -> None:
    composer = Composer(drawings, landscapes, only("row", white_chance=1.0))
    counts = set()
    for example in draw(composer, 40):
        if example.labels["kind"] != "row":
            continue
        middle = ink(example)[128].astype(int)
        pieces = int((np.diff(middle, prepend=0) == 1).sum())
        counts.add(pieces)
        assert example.caption.startswith(({2: "two", 3: "three"}[pieces], "a", "an"))
        assert example.labels["count"] == str(pieces)
    assert counts == {2, 3}


def test_cherries_are_never_counted(drawings: DrawingSet, landscapes: Landscapes) -> None:
    for example in write(Composer(drawings, landscapes, only("row")), 300):
        assert "two cherries" not in example.caption
        assert "three cherries" not in example.caption


def test_a_placed_object_is_where_the_caption_says(drawings: DrawingSet, landscapes: Landscapes) -> None:
    composer = Composer(drawings, landscapes, only("placed", white_chance=1.0))
    for example in draw(composer, 60):
        y, x = (axis.mean() for axis in np.nonzero(ink(example)))
        share = ink(example).mean()
        place = example.labels["place"]
        assert place in example.caption
        truths = {
            "on the left": x < 100,
            "on the right": x > 156,
            "at the top": y < 100,
            "at the bottom": y > 156,
            "big": share > 0.55,
            "small": share < 0.15,
        }
        assert truths[place]


def test_left_and_right_are_told_apart(drawings: DrawingSet, landscapes: Landscapes) -> None:
    composer = Composer(drawings, landscapes, only("pair"))
    sides = Counter[str]()
    for n in range(120):
        scene = composer._writer.write(np.random.default_rng(n))
        first, second = (drawings.entries[layer.index] for layer in scene.layers)
        assert first.label != second.label
        assert first.style == second.style
        by_left = sorted(scene.layers, key=lambda layer: (layer.x, layer.y))
        left, right = (drawings.entries[layer.index].label for layer in by_left)
        for phrase, order in (("to the left of", (left, right)), ("to the right of", (right, left))):
            if phrase in scene.caption:
                sides[phrase] += 1
                assert scene.caption.index(order[0]) < scene.caption.index(order[1])
        for phrase, order in (("above", (left, right)), ("below", (right, left))):
            if phrase in scene.caption:
                sides[phrase] += 1
                assert scene.caption.index(order[0]) < scene.caption.index(order[1])
    assert len(sides) == 4


def test_either_of_two_things_side_by_side_may_be_named_first(drawings: DrawingSet, landscapes: Landscapes) -> None:
    composer = Composer(drawings, landscapes, only("pair"))
    scenes = [composer._writer.write(np.random.default_rng(n)) for n in range(400)]
    beside = [scene for scene in scenes if scene.labels["stacked"] == "False"]
    left_named_first = 0
    for scene in beside:
        left, right = (drawings.entries[layer.index].label for layer in scene.layers)
        left_named_first += scene.caption.index(left) < scene.caption.index(right)
    assert 0.4 < left_named_first / len(beside) < 0.6


@pytest.mark.parametrize("kind", ["single", "pair", "row", "placed", "on_landscape"])
def test_a_things_own_colour_may_be_named_and_turns_nothing(
    kind: str, drawings: DrawingSet, landscapes: Landscapes
) -> None:
    scenes = write(Composer(drawings, landscapes, only(kind, own_colour_chance=1.0)), 40)
    named = 0
    for scene in scenes:
        for layer in scene.layers[: 2 if kind == "pair" else 1]:
            drawing = drawings.entries[layer.index]
            colour = own_colour(drawing.label, drawing.style)
            assert layer.turn == 0
            assert not colour or re.search(rf"\b{colour}( {drawing.style})? {drawing.label[:-1]}", scene.caption)
            named += bool(colour)
    assert named > 10
    plain = write(Composer(drawings, landscapes, only(kind)), 40)
    assert not any(re.search(r"(red|green) (3d|flat|sticker|fox|mushroom|cherries|palm)", one.caption) for one in plain)


def test_own_colours_are_of_the_reduced_things_and_of_words_that_people_use() -> None:
    coloured = {label for label in REDUCED_CONCEPTS.values() if own_colour(label, "3d")}
    assert len(coloured) == 31
    assert {own_colour(label, "flat") for label in coloured} == {"red", "yellow", "orange", "green", "blue", "purple", "pink"}
    assert own_colour("balloon", "sticker") == "pink"
    assert own_colour("panda", "3d") == own_colour("anchor", "flat") == ""


def test_an_arrangement_may_be_left_unsaid_and_a_style_may_stand_before_both(
    drawings: DrawingSet, landscapes: Landscapes
) -> None:
    rows = write(Composer(drawings, landscapes, only("row", unsaid_chance=1.0)), 40)
    assert any(one.labels["kind"] == "row" for one in rows)
    assert not any("in a row" in one.caption for one in rows)
    pairs = write(Composer(drawings, landscapes, only("pair", unsaid_chance=1.0, adjectives_chance=1.0)), 80)
    assert not any("side by side" in one.caption or " style" in one.caption for one in pairs)
    assert any(re.fullmatch(r"an? \w+ [\w ]+ and an? \w+ [\w ]+?( on an? [\w ]+ background)?", one.caption) for one in pairs)
    for scene in pairs:
        style = scene.labels["style"]
        assert scene.caption.count(f"{style} ") == 2


def test_held_out_pairs_are_never_trained_on(drawings: DrawingSet, landscapes: Landscapes) -> None:
    held = {(entry.label, entry.style) for entry in drawings.entries if entry.held_out}
    assert held
    for example in write(Composer(drawings, landscapes, only("single")), 500):
        assert (example.labels["concept"], example.labels["style"]) not in held
    back = write(Composer(drawings, landscapes, only("single"), held_out=True), 100)
    assert {(example.labels["concept"], example.labels["style"]) for example in back} == held


def test_held_out_prompts_name_each_pair_once(drawings: DrawingSet, landscapes: Landscapes) -> None:
    prompts = Composer(drawings, landscapes).held_out_prompts()
    held = {(entry.label, entry.style) for entry in drawings.entries if entry.held_out}
    assert {(prompt.concept, prompt.style) for prompt in prompts} == held
    assert len(prompts) == len(held)
    assert all(prompt.concept in prompt.prompt for prompt in prompts)


def test_super_resolution_sees_true_detail_only(drawings: DrawingSet, landscapes: Landscapes) -> None:
    composer = Composer(drawings, landscapes, reduced_mix(), vector_only=True)
    for example in write(composer, 300):
        assert example.labels["kind"] == "single"
        assert example.labels["pack"] != "fluent-3d"


def test_the_mix_is_kept(drawings: DrawingSet, landscapes: Landscapes) -> None:
    composer = Composer(drawings, landscapes, reduced_mix())
    kinds = Counter(composer._writer.write(np.random.default_rng(n)).labels["kind"] for n in range(2000))
    assert set(kinds) == {"single", "on_landscape", "landscape"}
    assert 0.77 < kinds["single"] / 2000 < 0.83


def test_plain_captions_are_the_ones_people_type() -> None:
    assert captions_of_style("fox", "3d") == ("a 3d render of a fox", "a fox, 3d style", "a 3d fox")


def test_people_and_flags_are_held_to_their_share() -> None:
    entries = load_table("full")
    chances = drawing_chances(entries, full_mix())
    people = sum(chance for chance, entry in zip(chances, entries, strict=True) if entry.is_person)
    flags = sum(chance for chance, entry in zip(chances, entries, strict=True) if entry.group == "flags")
    assert chances.sum() == pytest.approx(1.0)
    assert people <= full_mix().people_share + 0.005
    assert flags <= full_mix().flags_share + 0.005


def test_weights_are_named_as_the_kinds() -> None:
    assert all(hasattr(Mix(), kind) for kind in KINDS)
    assert len(Mix().weights()) == len(KINDS)


@pytest.mark.parametrize("kind", ["pair", "row", "placed"])
def test_objects_lie_on_whole_cells_where_the_mix_has_cells(
    drawings: DrawingSet, landscapes: Landscapes, kind: str
) -> None:
    cell = 1 / 16
    scenes = write(Composer(drawings, landscapes, only(kind, cell=cell)), 60)
    for layer in (layer for scene in scenes for layer in scene.layers if len(scene.layers) > 1 or kind == "placed"):
        in_cells = np.asarray([layer.size, layer.x - layer.size / 2, layer.y - layer.size / 2]) / cell
        np.testing.assert_allclose(in_cells, np.round(in_cells), atol=1e-6)
        assert in_cells[1:].min() >= 0
        assert in_cells[1:].max() + in_cells[0] <= 16
    lefts = [sorted(layer.x - layer.size / 2 for layer in scene.layers) for scene in scenes if kind == "row"]
    gaps = [gap for row in lefts for gap in np.diff(row)]
    assert min(gaps, default=1.0) >= 5 * cell - 1e-6, "none covers another"


def test_without_cells_sizes_and_places_vary(drawings: DrawingSet, landscapes: Landscapes) -> None:
    placed = write(Composer(drawings, landscapes, only("placed")), 60)
    assert len({scene.layers[0].size for scene in placed}) == 60
