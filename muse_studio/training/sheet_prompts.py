"""What sample sheets show: prompts by rule, and none picked. Knows neither models nor pictures."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import cache
from itertools import cycle, islice

from muse_studio.training.data.captions import can_count, counted, with_article
from muse_studio.training.data.concepts import MORE_CONCEPTS, REDUCED_CONCEPTS
from muse_studio.training.data.hues import BACKGROUNDS
from muse_studio.training.data.table import LEARNED_PACKS, load_table
from muse_studio.training.data.vocabulary import STYLES

TOGETHER_STEP = 4
"""One of so many of MORE_CONCEPTS is on the sheet of things together."""
PLACES = ("snowy mountains", "a lake", "a forest", "a sandy beach")


@cache
def sheet_prompts() -> tuple[str, ...]:
    """Each of the 64 concepts once, the styles in turn, every second one on the next coloured background; then two in
    front of photographs."""
    asked = [(concept, STYLES[number % 3]) for number, concept in enumerate(REDUCED_CONCEPTS.values())]
    return (*_on_grounds(asked), "a 3d fox in front of snowy mountains", "a flat penguin in front of a lake")


def more_sheet_prompts() -> tuple[str, ...]:
    """The same for MORE_CONCEPTS; where training does not show a thing in the style whose turn it is, in the next."""
    shown, styles = _shown(), _turns()
    return tuple(_on_grounds((concept, _style(shown, next(styles), [concept])) for concept in MORE_CONCEPTS.values()))


def together_sheet_prompts() -> tuple[str, ...]:
    """Every fourth of MORE_CONCEPTS as a part of something: two side by side, two of a kind, one above another, one in
    front of a photograph, one on the left, and so on."""
    shown, styles, places = _shown(), _turns(), cycle(PLACES)
    things = iter(list(MORE_CONCEPTS.values())[::TOGETHER_STEP])
    found: list[str] = []
    for kind in cycle(("beside", "row", "above", "photograph", "placed")):
        named = list(islice(things, 2 if kind in ("beside", "above") else 1))
        if not named:
            break
        style = _style(shown, next(styles), named)
        first, last = with_article(named[0]), with_article(named[-1])
        if len(named) == 2:
            relation = "to the left of" if kind == "beside" else "above"
            found.append(f"{first} {relation} {last}, {style} style")
        elif kind == "photograph":
            found.append(f"{with_article(named[0], style)} in front of {next(places)}")
        elif kind == "row" and can_count(named[0]):
            found.append(f"{counted(named[0], 2, style)} in a row")
        else:
            found.append(f"{first} on the left, {style} style")
    return tuple(found)


def _turns() -> Iterator[tuple[str, ...]]:
    """The styles, in another order each time: the one whose turn it is, then the others."""
    return cycle([STYLES[number:] + STYLES[:number] for number in range(len(STYLES))])


def _shown() -> set[tuple[str, str]]:
    """The (concept, style) pairs that training shows."""
    return {(one.label, one.style) for one in load_table("wide") if not one.held_out and one.pack in LEARNED_PACKS}


def _style(shown: Collection[tuple[str, str]], turn: tuple[str, ...], things: Iterable[str]) -> str:
    """The first style of the turn in which training shows all of the things; of all of them, if there is none, the
    first."""
    things = list(things)
    return next((style for style in turn if all((thing, style) in shown for thing in things)), turn[0])


def _on_grounds(asked: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Plain prompts for things in styles, every second one on the next coloured background."""
    grounds = tuple(BACKGROUNDS)[1:]
    for number, (concept, style) in enumerate(asked):
        words = with_article(concept, style)
        ground = grounds[number // 2 % len(grounds)]
        yield f"{words} on {with_article('background', ground)}" if number % 2 else words
