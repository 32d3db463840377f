"""Finished English sentences from the rooms below the window, said in the window's language.

Core, client and worker know no languages: they write "“fox.png” cannot be opened: the file is empty." Here the sentence
is matched with the template it was made from, and its values go into the translated template, translated themselves
where they are known. What is not known stays English. Knows nothing about where sentences are shown.
"""

from __future__ import annotations

import json
import logging
import re
from functools import cache

from muse_studio.gui.language import tr
from muse_studio.places import shipped

log = logging.getLogger(__name__)

_DEPTH = 3  # a value may be a sentence with values of its own
_VALUE = re.compile(r"\{(\d)\}")
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+(?=[A-Z“0-9])")


def say(sentence: str) -> str:
    """The sentence in the chosen language; unchanged where no template fits."""
    return _say(sentence, _DEPTH)


def _say(sentence: str, depth: int) -> str:
    said = _whole(sentence, depth)
    if said is not None:
        return said
    parts = _SENTENCE_END.split(sentence)
    if len(parts) > 1:
        return _joined([_say(part, depth) for part in parts])
    return sentence


def _whole(sentence: str, depth: int) -> str | None:
    """The translation of a sentence that is known as a whole, with or without the full stop of its own."""
    for words, end in ((sentence, ""), (sentence.removesuffix("."), tr("."))):
        said = tr(words) if words else words
        if said != words:
            return said + end
        if depth and (found := _filled(words, depth)) is not None:
            return found + end
        if words == sentence.removesuffix("."):
            break
    return None


def _filled(sentence: str, depth: int) -> str | None:
    for template, pattern in _templates():
        match = pattern.fullmatch(sentence)
        if match is None or (said := tr(template)) == template:
            continue
        values = [_say(value, depth - 1) for value in match.groups()]
        return _VALUE.sub(lambda place, filled=values: filled[int(place[1])], said)  # type: ignore[misc]
    return None


def _joined(parts: list[str]) -> str:
    """Sentences one after the other: with a space, but none after a full stop of Chinese or Japanese width."""
    text = parts[0]
    for part in parts[1:]:
        text += part if text.endswith(("。", "」")) else f" {part}"
    return text


@cache
def _templates() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Every template with its pattern, the one with the most words of its own first."""
    path = shipped("resources/translations/sentences.json")
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
        templates = [text for text in read if isinstance(text, str) and _VALUE.search(text)]
    except (OSError, ValueError, TypeError):
        log.exception("sentences in %s were not read", path)
        return ()
    templates.sort(key=lambda text: len(_VALUE.sub("", text)), reverse=True)
    return tuple((text, _pattern(text)) for text in templates)


def _pattern(template: str) -> re.Pattern[str]:
    pieces = _VALUE.split(template)  # words, number, words, number … words
    return re.compile("".join(r"(.+?)" if index % 2 else re.escape(piece) for index, piece in enumerate(pieces)), re.S)
