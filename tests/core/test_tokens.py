"""Token grids are whole or refused, and come back from text as they went in."""

from __future__ import annotations

import base64
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.tokens import TokenGrid, TokenState, tokens_from_json, tokens_to_json


@st.composite
def grids(draw: st.DrawFn) -> TokenGrid:
    side = draw(st.integers(1, 70))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    return TokenGrid(rng.integers(0, 2**18, (side, side)), rng.random((side, side)) < draw(st.floats(0, 1)))


states = st.builds(TokenState, grids(), st.one_of(st.none(), grids()))


def sound() -> dict[str, Any]:
    return tokens_to_json(TokenState.whole(np.arange(256).reshape(16, 16), None))


@given(states)
def test_tokens_come_back_from_json_as_they_were(state: TokenState) -> None:
    assert tokens_from_json(tokens_to_json(state)) == state


def test_the_tokens_of_a_finished_512_px_picture_fit_in_13_kb() -> None:
    rng = np.random.default_rng(0)
    state = TokenState.whole(rng.integers(0, 896, (16, 16)), rng.integers(0, 896, (64, 64)))
    size = sum(len(text) for grid in tokens_to_json(state).values() for text in (grid["tokens"], grid["decided"]))
    assert size < 13_000


def test_a_grid_keeps_its_own_read_only_copy() -> None:
    tokens = np.zeros((2, 2), np.int32)
    grid = TokenGrid.whole(tokens)
    tokens[0, 0] = 7
    assert grid.tokens[0, 0] == 0
    with pytest.raises(ValueError, match="read-only"):
        grid.tokens[0, 0] = 1


@pytest.mark.parametrize(
    ("tokens", "decided"),
    [
        (np.zeros((2, 3), np.int32), np.ones((2, 3), bool)),
        (np.zeros((2, 2), np.int32), np.ones((3, 3), bool)),
        (np.zeros((0, 0), np.int32), np.ones((0, 0), bool)),
        (np.zeros((2, 2), np.float32), np.ones((2, 2), bool)),
        (np.zeros((2, 2), np.int32), np.ones((2, 2), np.uint8)),
        (np.full((2, 2), -1), np.ones((2, 2), bool)),
        (np.full((2, 2), 2**18), np.ones((2, 2), bool)),
        (np.zeros((300, 300), np.int32), np.ones((300, 300), bool)),
    ],
)
def test_what_is_no_grid_of_tokens_is_refused(tokens: np.ndarray, decided: np.ndarray) -> None:
    with pytest.raises(MuseStudioError) as caught:
        TokenGrid(tokens, decided)
    assert caught.value.kind is ErrorKind.BAD_REQUEST


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    values = sound()
    values["base"]["tokens"] = base64.b64encode(zlib.compress(bytes(50_000_000), 9)).decode()
    with pytest.raises(MuseStudioError):
        tokens_from_json(values)


def damage(values: dict[str, Any], at: int) -> dict[str, Any]:
    text = values["base"]["tokens"]
    values["base"]["tokens"] = text[:at] + "!" + text[at + 1 :]
    return values


@pytest.mark.parametrize(
    "values",
    [{}, [], None, {"base": None, "superres": None}, {"base": {"side": 16}, "superres": None},
     {**sound(), "superres": 3}, {"base": {**sound()["base"], "side": 15}, "superres": None},
     {"base": {**sound()["base"], "side": 2**40}, "superres": None},
     {"base": {**sound()["base"], "side": True}, "superres": None},
     {"base": {**sound()["base"], "decided": "é"}, "superres": None}]
    + [damage(sound(), at) for at in range(0, 300, 37)],
)  # fmt: skip
def test_damaged_text_is_refused_in_words(values: Any) -> None:
    with pytest.raises(MuseStudioError) as caught:
        tokens_from_json(values)
    assert caught.value.kind is ErrorKind.BAD_REQUEST
