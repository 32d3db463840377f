"""Finding a command by a few of its letters. Knows nothing of commands: it scores any text against what was typed."""

from __future__ import annotations

import unicodedata

_LETTER, _RUN, _WORD_START, _TEXT_START = 1, 9, 8, 4
"""A letter of a run counts for more than one that begins a word: "redo" is Redo, not Re-roll the doubtful."""

_NEVER = -1_000_000


def score(typed: str, text: str) -> int | None:
    """How well `text` fits: it must hold the letters typed, in their order, case and spaces aside. None: not at all.

    Letters in a run and letters that begin words count for more; of all ways to find them, the best one counts.
    """
    wanted = [letter for letter in _plain(typed) if not letter.isspace()]
    letters = _plain(text)
    if not wanted:
        return 0
    ends = [0] * len(letters)  # points of the best way that ends at each letter of the text
    for number, letter in enumerate(wanted):
        ends = _next_ends(ends, letter, letters, is_first=number == 0)
    best = max(ends, default=_NEVER)
    return best if best > 0 else None


def _next_ends(before: list[int], letter: str, letters: str, *, is_first: bool) -> list[int]:
    """The same with one more letter found."""
    ends, reach = [], _NEVER  # reach: the best way that ended anywhere further left
    for index, candidate in enumerate(letters):
        run = before[index - 1] + _RUN if index else _NEVER
        way = 0 if is_first else max(reach, run)
        ends.append(way + _points(letters, index) if candidate == letter and way >= 0 else _NEVER)
        if index:
            reach = max(reach, before[index - 1])
    return ends


def _points(letters: str, index: int) -> int:
    if index == 0:
        return _LETTER + _WORD_START + _TEXT_START
    return _LETTER + (0 if letters[index - 1].isalnum() else _WORD_START)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
