"""The prompts that a model is asked, by rule and not picked. Knows nothing of how they are drawn or judged.

Groups: `asked` are pairs of a thing and a style that training sees; `held out` are pairs of which a drawing exists but
training never sees it; `never drawn` are pairs of which no pack has a drawing; then photographs behind the thing,
rows of two or three, and two things in a place. `more` are pairs that training sees of things that the probe does not
know, and `more together` two of these side by side; they are asked for by name alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import cycle, islice, product

import numpy as np

from muse_studio.evaluation.probe.network import AXES
from muse_studio.evaluation.probe.pictures import LABELS, PHOTOGRAPH, UNKNOWN
from muse_studio.training.data.captions import article, can_count, counted, with_article
from muse_studio.training.data.compose import captions_of_style
from muse_studio.training.data.concepts import MORE_CONCEPTS
from muse_studio.training.data.table import LEARNED_PACKS, load_table
from muse_studio.training.sheet_prompts import PLACES

GROUPS = ("asked", "held out", "never drawn", "on a photograph", "counts", "positions")
SHARES = (0.50, 0.14, 0.09, 0.07, 0.12, 0.08)
"""How many of all pictures each group gets."""
MORE, TOGETHER = "more", "more together"
"""Outside of GROUPS: no probe judges them."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is asked, and what the probe must then see.

    classes: one for each axis; UNKNOWN where the prompt leaves it open.
    others:  of two things in a place, the class of the concept in the left or upper half, then the other; else empty.
    stacked: whether the first is above and not to the left.
    pair:    the thing and its style, of a prompt for one thing on a plain background; else empty.
    second:  of two things side by side, `pair` is the left one and this the right one's concept; else empty.
    """

    text: str
    group: str
    classes: dict[str, int]
    others: tuple[int, int] | tuple[()] = ()
    stacked: bool = False
    pair: tuple[str, str] | tuple[()] = ()
    second: str = ""


def prompts(count: int, seed: int, groups: Collection[str] = GROUPS) -> tuple[Prompt, ...]:
    """About `count` prompts, at least one of each of `groups`; the same count and seed give the same ones.

    Fewer groups share all of `count` as they would share their part of it.
    """
    makers = (_asked, _held_out, _never_drawn, _on_photographs, _counts, _positions)
    total = sum(share for group, share in zip(GROUPS, SHARES, strict=True) if group in groups)
    chosen: list[Prompt] = []
    for number, (group, make, share) in enumerate(zip(GROUPS, makers, SHARES, strict=True)):
        if group in groups:
            rng = np.random.default_rng((seed, number))
            chosen += islice(make(rng), max(1, round(count * share / total)))
    return tuple(chosen)


def more_prompts(count: int, seed: int) -> tuple[Prompt, ...]:
    """`count` prompts of the group `more`, as those of `asked` are; the same seed begins with the same ones."""
    return tuple(islice(_plain(MORE, np.random.default_rng((seed, len(GROUPS)))), count))


def together_prompts(count: int, seed: int) -> tuple[Prompt, ...]:
    """`count` prompts for two of the more things side by side on white, in a style that training shows both in."""
    return tuple(islice(_together(np.random.default_rng((seed, len(GROUPS) + 1))), count))


def pairs(kind: str) -> tuple[tuple[str, str], ...]:
    """(concept, style) of `asked`, `held out`, `never drawn` or `more` pairs, in a fixed order."""
    drawn = {(d.label, d.style): d.held_out for d in load_table("wide") if d.pack in LEARNED_PACKS}
    every = product(MORE_CONCEPTS.values() if kind == MORE else LABELS.concept, LABELS.style)
    wanted = {"asked": False, "held out": True, "never drawn": None, MORE: False}[kind]
    return tuple(pair for pair in every if drawn.get(pair) is wanted)


def _asked(rng: np.random.Generator) -> Iterator[Prompt]:
    return _plain("asked", rng)


def _held_out(rng: np.random.Generator) -> Iterator[Prompt]:
    return _plain("held out", rng)


def _never_drawn(rng: np.random.Generator) -> Iterator[Prompt]:
    return _plain("never drawn", rng)


def _plain(kind: str, rng: np.random.Generator) -> Iterator[Prompt]:
    """Every pair once, in another order each time round, the backgrounds and the three ways to say a style in turn."""
    grounds = _grounds(rng)
    ways = cycle(range(3))
    for concept, style in _endless(pairs(kind), rng):
        ground = next(grounds)
        words = captions_of_style(concept, style)[next(ways)]
        comma = "," if words.endswith("style") and ground != "white" else ""
        classes = _classes(concept, style, "1", ground)
        yield Prompt(words + comma + _on(ground), kind, classes, pair=(concept, style))


def _on_photographs(rng: np.random.Generator) -> Iterator[Prompt]:
    places = cycle(PLACES)
    for concept, style in _endless(pairs("asked"), rng):
        text = f"{with_article(concept, style)} in front of {next(places)}"
        yield Prompt(text, "on a photograph", _classes(concept, style, "1", PHOTOGRAPH))


def _counts(rng: np.random.Generator) -> Iterator[Prompt]:
    grounds, counts = _grounds(rng), cycle((2, 3))
    for concept, style in _endless([pair for pair in pairs("asked") if can_count(pair[0])], rng):
        count, ground = next(counts), next(grounds)
        text = f"{counted(concept, count, style)} in a row{_on(ground)}"
        yield Prompt(text, "counts", _classes(concept, style, str(count), ground))


def _positions(rng: np.random.Generator) -> Iterator[Prompt]:
    """Two things of one style: the first is to the left of, to the right of, or above the second."""
    relations = cycle(("to the left of", "to the right of", "above"))
    for concept, style in _endless(pairs("asked"), rng):
        mates = [other for other, same in pairs("asked") if same == style and other != concept]
        second = mates[int(rng.integers(len(mates)))]
        relation = next(relations)
        text = f"{with_article(concept)} {relation} {with_article(second)}, {style} style"
        order = (second, concept) if relation == "to the right of" else (concept, second)
        places = (LABELS.concept.index(order[0]), LABELS.concept.index(order[1]))
        nothing = dict.fromkeys(AXES, UNKNOWN) | {"style": LABELS.style.index(style)}
        yield Prompt(text, "positions", nothing, places, relation == "above")


def _together(rng: np.random.Generator) -> Iterator[Prompt]:
    shown = pairs(MORE)
    for concept, style in _endless(shown, rng):
        mates = [other for other, same in shown if same == style and other != concept]
        second = mates[int(rng.integers(len(mates)))]
        text = f"{with_article(concept)} to the left of {with_article(second)}, {style} style"
        yield Prompt(text, TOGETHER, _classes(concept, style, "1", "white"), pair=(concept, style), second=second)


def _endless(items: Iterable[tuple[str, str]], rng: np.random.Generator) -> Iterator[tuple[str, str]]:
    kept = tuple(items)
    while True:
        for place in rng.permutation(len(kept)):
            yield kept[int(place)]


def _grounds(rng: np.random.Generator) -> Iterator[str]:
    """White, which needs no words, at every second place; the other colours in turn."""
    others = cycle(rng.permutation(LABELS.background[1:-1]).tolist())
    while True:
        yield "white"
        yield str(next(others))


def _on(ground: str) -> str:
    return "" if ground == "white" else f" on {article(ground)} {ground} background"


def _classes(concept: str, style: str, count: str, ground: str) -> dict[str, int]:
    words = {"concept": concept, "style": style, "count": count, "background": ground}
    known = {axis: LABELS.of(axis) for axis in AXES}
    return {axis: known[axis].index(words[axis]) if words[axis] in known[axis] else UNKNOWN for axis in AXES}
