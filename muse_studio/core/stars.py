"""A star inside a PNG: one small text chunk, put in and taken out without touching any other byte. Decodes nothing."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

from muse_studio.core.containers import Container, sniff

KEY = "muse_studio_star"
_CONTENT = KEY.encode("ascii") + b"\x00yes"
_CHUNK = struct.pack(">I", len(_CONTENT)) + b"tEXt" + _CONTENT + struct.pack(">I", zlib.crc32(b"tEXt" + _CONTENT))
_PLACE = 8 + 25  # after the signature and the header, which has one size: found again without reading on


def is_starred(text: Mapping[str, str]) -> bool:
    """Whether a picture's text says so."""
    return KEY in text


def with_star(data: bytes, starred: bool) -> bytes:
    """The same PNG with or without a star. ValueError for bytes that are no PNG."""
    if sniff(data) is not Container.PNG or data[12:16] != b"IHDR" or len(data) < _PLACE:
        raise ValueError("not a PNG")
    rest = data[_PLACE:]
    while rest.startswith(_CHUNK):
        rest = rest[len(_CHUNK) :]
    return data[:_PLACE] + (_CHUNK if starred else b"") + rest
