"""The words that a model knows, and which of them go on from what is typed. Knows no Qt.

A model's folder may hold a `vocabulary.json` of its own; else the default model's words are used.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

NAME = "vocabulary.json"
_FORMAT = 1
_LIMIT_BYTES = 1024 * 1024  # ours is 20 KB; every label of every drawing would be 100
_LEAST_CHARACTERS = 2  # of a word, before anything is offered: one letter begins too much
_WORDS_BACK = 5  # as long as the longest name: "a meat on the bone"
_ARTICLE = re.compile(r"^(?:a|an|the) ")


@dataclass(frozen=True, slots=True)
class Completion:
    """start: where in the text the words begin that it replaces. words: what takes their place."""

    start: int
    words: str


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Phrases as a prompt has them: "a fox", "flat style", "on a teal background", "to the left of".

    more:  things that the model draws more roughly.
    names: what phrases are called in other languages, by the language's code. Prompts stay English.
    """

    things: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    backgrounds: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def completions(self, text: str, most: int = 8) -> tuple[Completion, ...]:
        """What may go on from the end of `text`, best first: what begins with the most of its last words.

        A thing's article need not be typed; where one is typed, it must be the thing's own.
        """
        found: dict[str, Completion] = {}
        for start in _starts(text):
            typed = text[start:].lower()
            if len(typed.strip()) < _LEAST_CHARACTERS:
                continue
            for phrase in (*self.things, *self.styles, *self.backgrounds, *self.places, *self.more):
                for words in dict.fromkeys((phrase, _ARTICLE.sub("", phrase))):
                    if words.startswith(typed) and words != typed and phrase not in found:
                        found[phrase] = Completion(start, words)
        return tuple(found.values())[:most]


def _starts(text: str) -> list[int]:
    """Where each of the last few words of the line begins, the farthest first; none after a space or a comma."""
    line = text.rfind("\n") + 1
    if not text or text[-1] in ",.\n":
        return []
    starts = [match.start() + line for match in re.finditer(r"[^\s,.]+", text[line:])]
    phrase = max((text.rfind(mark) for mark in ",."), default=-1)
    return [start for start in starts[-_WORDS_BACK:] if start > phrase]


def load_vocabulary(*places: Path) -> Vocabulary:
    """From the first of these files that is there and sound; an empty one, and a line in the log, if none is."""
    for path in places:
        try:
            with path.open("rb") as file:
                read: Any = json.loads(file.read(_LIMIT_BYTES))
            if read["format"] != _FORMAT:
                raise ValueError(f"format {read['format']!r} is not {_FORMAT}")
            kinds = {name: tuple(map(str, read[name])) for name in ("things", "styles", "backgrounds")}
            kinds |= {name: tuple(map(str, read.get(name, ()))) for name in ("places", "more")}
            names = {str(code): {str(a): str(b) for a, b in of.items()} for code, of in read.get("names", {}).items()}
            return Vocabulary(**kinds, names=names)
        except FileNotFoundError:
            continue
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            log.exception("the vocabulary in %s was not read", path)
    return Vocabulary()
