"""Tokens of a picture as arrays, and as text inside a file: what a decode has decided so far. Knows nothing of models.

Every step of a decode is a grid of integers, so a few kilobytes bring it back bit for bit.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.limits import TOKEN_GRID_LIMIT, TOKEN_LIMIT


@dataclass(frozen=True, slots=True, eq=False)
class TokenGrid:
    """One stage's tokens. Compared by value; kept as read-only copies. MuseStudioError(BAD_REQUEST) for other arrays.

    tokens:  int32 [n, n], from 0; those that are not decided are of no meaning.
    decided: bool [n, n]; True where the decoder must keep the token.
    """

    tokens: NDArray[np.int32]
    decided: NDArray[np.bool_]

    def __post_init__(self) -> None:
        tokens, decided = np.asarray(self.tokens), np.asarray(self.decided)
        if tokens.ndim != 2 or len({*tokens.shape, *decided.shape}) != 1 or not 1 <= len(tokens) <= TOKEN_GRID_LIMIT:
            raise _bad_tokens(f"tokens {tokens.shape} and decided {decided.shape} are not one square grid")
        if tokens.dtype.kind not in "iu" or decided.dtype != np.bool_:
            raise _bad_tokens(f"tokens of type {tokens.dtype}, decided of type {decided.dtype}")
        if tokens.min() < 0 or tokens.max() > TOKEN_LIMIT:
            raise _bad_tokens(f"tokens from {tokens.min()} to {tokens.max()}")
        for name, array in (("tokens", tokens.astype(np.int32)), ("decided", decided.copy())):
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TokenGrid):
            return NotImplemented
        return np.array_equal(self.tokens, other.tokens) and np.array_equal(self.decided, other.decided)

    def __hash__(self) -> int:
        return hash((self.tokens.tobytes(), self.decided.tobytes()))

    @classmethod
    def whole(cls, tokens: NDArray[np.int32]) -> TokenGrid:
        """Tokens that are all decided."""
        return cls(tokens, np.ones(tokens.shape, np.bool_))


@dataclass(frozen=True, slots=True)
class TokenState:
    """Where a decode stands, or what it has made. superres: None where that stage has not begun."""

    base: TokenGrid
    superres: TokenGrid | None = None

    @classmethod
    def whole(cls, base: NDArray[np.int32], superres: NDArray[np.int32] | None) -> TokenState:
        """Finished tokens."""
        return cls(TokenGrid.whole(base), None if superres is None else TokenGrid.whole(superres))


def tokens_to_json(state: TokenState) -> dict[str, Any]:
    """As JSON-able values: 1 to 3 KB of a plain drawing, at most 13 of noise."""
    return {
        "base": _grid_to_json(state.base),
        "superres": None if state.superres is None else _grid_to_json(state.superres),
    }


def tokens_from_json(values: Mapping[str, Any]) -> TokenState:
    """The state whose `tokens_to_json` these are. They may come from a stranger: MuseStudioError(BAD_REQUEST)."""
    try:
        superres = values["superres"]
        return TokenState(_grid_from_json(values["base"]), None if superres is None else _grid_from_json(superres))
    except (KeyError, TypeError, ValueError, AttributeError, zlib.error, binascii.Error) as fault:
        raise _bad_tokens(repr(fault)) from fault


def _grid_to_json(grid: TokenGrid) -> dict[str, Any]:
    tokens, decided = grid.tokens.astype("<u4"), np.packbits(grid.decided)
    return {"side": len(grid.tokens), "tokens": _packed(tokens.tobytes()), "decided": _packed(decided.tobytes())}


def _grid_from_json(values: Mapping[str, Any]) -> TokenGrid:
    side = values["side"]
    if type(side) is not int or not 1 <= side <= TOKEN_GRID_LIMIT:
        raise ValueError(f"a grid of {side!r} tokens a side")
    cells = side * side
    tokens = np.frombuffer(_unpacked(values["tokens"], 4 * cells), "<u4").reshape(side, side)
    bits = np.frombuffer(_unpacked(values["decided"], (cells + 7) // 8), np.uint8)
    return TokenGrid(tokens, np.unpackbits(bits, count=cells).astype(np.bool_).reshape(side, side))


def _packed(raw: bytes) -> str:
    return base64.b64encode(zlib.compress(raw, 9)).decode("ascii")


def _unpacked(text: str, length: int) -> bytes:
    """Exactly `length` bytes; never more memory than that, whatever the text claims."""
    raw = zlib.decompressobj().decompress(base64.b64decode(text, validate=True), length + 1)
    if len(raw) != length:
        raise ValueError(f"{len(raw)} bytes of tokens where {length} belong")
    return raw


def _bad_tokens(detail: str) -> MuseStudioError:
    return MuseStudioError(ErrorKind.BAD_REQUEST, "The tokens to begin from are damaged or no tokens at all.", detail)
