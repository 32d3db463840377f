"""What avatars look like and the words for it: random attributes in, options for the drawing package and a caption out.

The words for every part and colour were chosen by hand, looking at each; a part whose word is empty is drawn but never
mentioned. Knows nothing of how avatars are drawn.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from muse_studio.training.data.captions import article, choose


@dataclass(frozen=True, slots=True)
class Part:
    """One thing an avatar may have. values: the package's name for it, and its words, which may name a colour."""

    option: str
    chance: float
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class Look:
    """One of the styles of avatar, with all its parts and colours (hexadecimal to word)."""

    style: str
    noun: str
    whole: str
    skin: str
    fixed: dict[str, Any]
    parts: tuple[Part, ...]
    colours: dict[str, dict[str, str]]
    always: tuple[str, ...]
    light_background: bool


@dataclass(frozen=True, slots=True)
class AvatarPlan:
    """One avatar: options for the package, and the phrases that are true of it, the first always said."""

    style: str
    noun: str
    whole: str
    skin: str
    phrases: tuple[str, ...]
    options: dict[str, Any]
    light_background: bool


@cache
def looks() -> tuple[Look, ...]:
    """The styles, from `avatars.json`."""
    text = resources.files("muse_studio.training.data").joinpath("avatars.json").read_text("utf-8")
    return tuple(
        Look(
            style=look["style"],
            noun=look["noun"],
            whole=look["whole"],
            skin=look["skin"],
            fixed=look["fixed"],
            parts=tuple(Part(part["option"], part["chance"], part["values"]) for part in look["parts"]),
            colours=look["colours"],
            always=tuple(look.get("always", ())),
            light_background=bool(look.get("light_background", False)),
        )
        for look in json.loads(text)["looks"]
    )


def plan_avatar(rng: np.random.Generator, look: Look) -> AvatarPlan:
    """A random avatar of `look`: every part one of those that have words, and colours that people agree on."""
    options: dict[str, Any] = {"seed": str(int(rng.integers(2**31))), **look.fixed}
    colours = {}
    for option, words in look.colours.items():
        value = choose(rng, sorted(words))
        options[option] = [value]
        colours[option] = words[value]
    phrases = [words.format(**colours) for words in look.always]
    for part in look.parts:
        worn = rng.random() < part.chance
        options[f"{part.option}Probability"] = 100 if worn else 0
        value = choose(rng, sorted(part.values))
        options[part.option] = [value]
        if worn and part.values[value]:
            phrases.append(_tidy(part.values[value].format(**colours)))
    skin = f"{colours[look.skin]} skin" if look.skin else ""
    return AvatarPlan(look.style, look.noun, look.whole, skin, tuple(phrases), options, look.light_background)


def avatar_caption(rng: np.random.Generator, noun: str, whole: str, skin: str, phrases: tuple[str, ...]) -> str:
    """ "a toon avatar of a person with spiky blond hair and a red shirt": some of what is true, in any order."""
    said = [str(phrase) for phrase in rng.permutation(np.asarray(phrases, dtype=object))]
    said = said[: int(rng.integers(1, 4))] if said else []
    if skin and rng.random() < 0.3:
        said.append(skin)
    caption = f"{article(noun)} {noun}" + (f" of {whole}" if whole else "")
    if not said:
        return caption
    listed = said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"
    return f"{caption} with {listed}"


def _tidy(phrase: str) -> str:
    """ "a orange mohawk" said rightly."""
    first, _, rest = phrase.partition(" ")
    return f"{article(rest)} {rest}" if first in ("a", "an") and rest else phrase
