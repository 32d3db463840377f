"""Words for compositions: articles, plurals, counts, places and the templates that name a style.

Every caption is true by construction of the picture it belongs to. Knows nothing of pixels.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")

STYLE_NOUNS: dict[str, tuple[str, ...]] = {
    "3d": ("3d render",),
    "glossy": ("glossy illustration",),
    "flat": ("flat illustration",),
    "shaded": ("shaded illustration",),
    "blob": ("blob drawing",),
    "minimal": ("minimal icon",),
    "sticker": ("sticker",),
    "avatar": ("avatar",),
    "photo": ("photo",),
}
COUNT_WORDS = {2: "two", 3: "three"}
_MASS = frozenset(
    {
        "corn",
        "cheese",
        "curry",
        "coral",
        "soap",
        "luggage",
        "construction",
        "DNA",
        "oden",
        "dango",
        "lightning",
        "fire",
        "pizza",
        "bread",
        "rice",
        "spaghetti",
        "sushi",
        "sake",
        "bacon",
        "popcorn",
        "broccoli",
        "garlic",
        "butter",
        "salt",
        "fog",
        "water",
        "ice",
        "honey",
        "custard",
    }
)
_SINGULAR_S = frozenset(
    {
        "bus",
        "minibus",
        "trolleybus",
        "cactus",
        "octopus",
        "compass",
        "dress",
        "glass",
        "tennis",
        "walrus",
        "hippopotamus",
        "abacus",
        "rhinoceros",
        "asparagus",
        "hibiscus",
        "lens",
        "cross",
        "kiss",
        "Claus",
        "moss",
        "Mars",
        "chess",
    }
)
_PLURAL_IS = frozenset({"skis"})
_SINGULAR_HEADS = frozenset({"man", "woman", "person", "face", "child", "baby"})
_AFTER_HEAD = re.compile(r" (?:with|of|over|under|in|on|and|for) ")
_THE = frozenset({"sun", "Statue of Liberty", "Milky Way"})
_UNCOUNTED = frozenset({"sun", "rainbow", "Statue of Liberty", "Milky Way"})
_AN_SOUNDS = frozenset("aeiou")
_A_DESPITE_VOWEL = ("unicorn", "ukulele", "uni", "one", "euro", "used", "ufo")
_AN_DESPITE_CONSONANT = ("hourglass", "honest", "x-ray", "mri")
_IRREGULAR = {
    "fish": "fish",
    "tropical fish": "tropical fish",
    "sheep": "sheep",
    "deer": "deer",
    "mouse": "mice",
    "goose": "geese",
    "tooth": "teeth",
    "leaf": "leaves",
    "maple leaf": "maple leaves",
    "wolf": "wolves",
    "knife": "knives",
    "ox": "oxen",
    "cactus": "cactuses",
    "octopus": "octopuses",
    "moose": "moose",
    "squid": "squid",
    "shrimp": "shrimp",
    "bison": "bison",
}


def is_plural(noun: str) -> bool:
    """True for labels that are plural already, such as "cherries", "french fries", "glasses"."""
    if noun.split()[0] in _SINGULAR_HEADS:
        return False
    head = _AFTER_HEAD.split(noun)[0].split()[-1]
    if head in _PLURAL_IS:
        return True
    return head.endswith("s") and not head.endswith(("ss", "us", "is")) and head not in _SINGULAR_S


def can_count(noun: str) -> bool:
    """True if "two NOUNs" can be said."""
    return (
        not is_plural(noun)
        and noun not in _MASS
        and noun not in _UNCOUNTED
        and " with " not in noun
        and " of " not in noun
        and " on " not in noun
    )


def article(words: str) -> str:
    """ "a" or "an" for the word that follows, by its sound."""
    first = words.split()[0].lower()
    if first.startswith(_AN_DESPITE_CONSONANT):
        return "an"
    if first.startswith(_A_DESPITE_VOWEL) and not first.startswith("unin"):
        return "a"
    return "an" if first[0] in _AN_SOUNDS else "a"


def with_article(noun: str, adjective: str = "") -> str:
    """The noun phrase: "a fox", "an owl", "a teal anchor", "cherries", "the sun", "a 3d fox"."""
    words = f"{adjective} {noun}".strip()
    if is_plural(noun) or noun in _MASS:
        return words
    if noun in _THE and not adjective:
        return f"the {words}"
    return f"{article(words)} {words}"


def plural(noun: str) -> str:
    """The plural of a noun for which `can_count` holds."""
    if noun in _IRREGULAR:
        return _IRREGULAR[noun]
    if noun.endswith(("s", "x", "ch", "sh")):
        return noun + "es"
    if noun.endswith("y") and noun[-2] not in _AN_SOUNDS:
        return noun[:-1] + "ies"
    return noun + "s"


def counted(noun: str, count: int, adjective: str = "") -> str:
    """ "three foxes", "two 3d foxes"."""
    return " ".join(word for word in (COUNT_WORDS[count], adjective, plural(noun)) if word)


def styled(rng: np.random.Generator, noun: str, style: str, colour: str = "") -> tuple[str, str]:
    """(phrase, tail): the noun phrase with its style said in one of three ways, and what must end the caption."""
    way = int(rng.integers(3))
    if way == 0:
        render = choose(rng, STYLE_NOUNS[style])
        return f"{article(render)} {render} of {with_article(noun, colour)}", ""
    if way == 1:
        return with_article(noun, colour), f", {style} style"
    return with_article(noun, f"{colour} {style}".strip()), ""


def on_background(rng: np.random.Generator, background: str) -> str:
    """ " on a teal background"; white is what a caption without one means, so it is named only sometimes."""
    if background == "white" and rng.random() < 0.7:
        return ""
    return f" on {article(background)} {background} background"


def choose(rng: np.random.Generator, options: Sequence[T]) -> T:
    """One of `options`, all alike in chance."""
    return options[int(rng.integers(len(options)))]
