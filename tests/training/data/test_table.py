"""The table of picks is sound, and the pairs kept for evaluation never move."""

from __future__ import annotations

from collections import Counter

import pytest

from muse_studio.training.data.concepts import MORE_CONCEPTS
from muse_studio.training.data.packages import PACKAGES
from muse_studio.training.data.table import LEARNED_PACKS, REDUCED_PACKS, SUBSETS, is_held_out, load_table


@pytest.mark.parametrize("subset", SUBSETS)
def test_each_drawing_is_listed_once_and_in_order(subset: str) -> None:
    table = load_table(subset)
    assert len({(drawing.pack, drawing.icon) for drawing in table}) == len(table)
    assert [drawing.index for drawing in table] == list(range(len(table)))


def test_the_full_set_is_the_one_described() -> None:
    table = load_table("full")
    packs = Counter(drawing.pack for drawing in table)
    assert len(table) > 10_700
    assert set(packs) <= set(PACKAGES)
    assert packs["fluent-3d"] > 1900
    assert {drawing.licence for drawing in table} == {"MIT", "Apache-2.0", "CC-BY-4.0"}


def test_the_reduced_set_has_64_concepts_in_nearly_all_packs_and_no_people() -> None:
    packs: dict[str, set[str]] = {}
    for drawing in load_table("reduced"):
        packs.setdefault(drawing.label, set()).add(drawing.pack)
        assert drawing.group != "people"
    assert len(packs) == 64
    assert all(len(found) >= len(REDUCED_PACKS) - 1 for found in packs.values())


def test_the_wide_set_is_the_reduced_one_and_more_things_of_the_learned_packs() -> None:
    reduced, wide = load_table("reduced"), load_table("wide")
    names = {drawing.label for drawing in reduced}
    known = [drawing for drawing in wide if drawing.label in names]
    others = [drawing for drawing in wide if drawing.label not in names]
    assert [(one.pack, one.icon, one.label) for one in known] == [(one.pack, one.icon, one.label) for one in reduced]
    assert {one.label for one in others} == set(MORE_CONCEPTS.values()) == set(MORE_CONCEPTS.values()) - names
    assert len(set(MORE_CONCEPTS.values())) == len(MORE_CONCEPTS) > 100
    assert {one.pack for one in others} == set(LEARNED_PACKS)
    pictures = Counter((one.label, one.style) for one in others)
    assert {style for _, style in pictures} == {"3d", "flat", "sticker"}
    assert len(pictures) > 2 * len(MORE_CONCEPTS)


def test_one_pair_in_twenty_is_held_out() -> None:
    pairs = {(drawing.label, drawing.style): drawing.held_out for drawing in load_table("full")}
    assert 0.04 < sum(pairs.values()) / len(pairs) < 0.06


def test_which_pairs_are_held_out_never_changes() -> None:
    held = sorted((d.label, d.style) for d in load_table("reduced") if d.held_out)
    assert ("mushroom", "3d") in held
    assert ("palm tree", "3d") in held
    assert not is_held_out("fox", "3d")


def test_another_subset_is_refused() -> None:
    with pytest.raises(ValueError, match="reduced, wide, full"):
        load_table("medium")


def test_skin_tones_are_said() -> None:
    labels = {drawing.code_points: drawing.label for drawing in load_table("full")}
    dark = [label for points, label in labels.items() if points.endswith("1F3FF")]
    assert dark
    assert all(label.endswith("dark skin") for label in dark)
