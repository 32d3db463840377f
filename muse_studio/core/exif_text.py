"""Text inside the EXIF of a JPEG or WebP: the same two texts that a PNG carries. Knows nothing about what they say.

`parameters` goes where other tools look for it, into the user's comment; our own JSON into the maker's note. Reading
trusts nothing: a table that points outside itself, or in a circle, gives what was sound so far.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping

from muse_studio.core import limits

_COMMON_KEY, _OWN_KEY = "parameters", "muse_studio"
_EXIF_POINTER, _COMMENT, _MAKER_NOTE, _SOFTWARE = 0x8769, 0x9286, 0x927C, 0x0131
_UNICODE = b"UNICODE\x00"
_ASCII = b"ASCII\x00\x00\x00"
_MAKER = b"Muse Studio\x00"
_TYPE_ASCII, _TYPE_LONG, _TYPE_UNDEFINED = 2, 4, 7
_HEAD = b"Exif\x00\x00"
_ENTRIES_LIMIT = 500
SEGMENT_LIMIT_BYTES = 65_000  # one segment of a JPEG holds little more, and readers want all of EXIF in one


def exif_of_text(text: Mapping[str, str], program: str) -> bytes:
    """EXIF, with the head that JPEG wants, that carries both texts; our own is left out where there is no room."""
    comment = _UNICODE + text.get(_COMMON_KEY, "").encode("utf-16-be", "replace")
    note = _MAKER + text[_OWN_KEY].encode("ascii", "replace") if _OWN_KEY in text else b""
    software = program.encode("ascii", "replace") + b"\x00"
    if len(comment) + len(note) + len(software) > SEGMENT_LIMIT_BYTES:
        note = b""
    inner = {_MAKER_NOTE: (_TYPE_UNDEFINED, note), _COMMENT: (_TYPE_UNDEFINED, comment)}
    inner = {tag: value for tag, value in sorted(inner.items()) if value[1]}
    outer = {_SOFTWARE: (_TYPE_ASCII, software), _EXIF_POINTER: (_TYPE_LONG, bytes(4))}
    inner_place = 8 + len(_table(outer, 8))
    outer[_EXIF_POINTER] = (_TYPE_LONG, struct.pack(">L", inner_place))
    return _HEAD + b"MM\x00*\x00\x00\x00\x08" + _table(outer, 8) + _table(inner, inner_place)


def _table_bytes(entries: int) -> int:
    return 2 + 12 * entries + 4


def _table(entries: Mapping[int, tuple[int, bytes]], start: int) -> bytes:
    """One table of tags and, behind it, the values that do not fit into it. start: its place in the block."""
    rows, values, place = b"", b"", start + _table_bytes(len(entries))
    for tag, (kind, value) in entries.items():
        count = len(value) // 4 if kind == _TYPE_LONG else len(value)
        rows += struct.pack(">HHL", tag, kind, count)
        if len(value) <= 4:
            rows += value.ljust(4, b"\x00")
            continue
        rows += struct.pack(">L", place + len(values))
        values += value + b"\x00" * (len(value) % 2)
    return struct.pack(">H", len(entries)) + rows + bytes(4) + values


def text_of_exif(exif: bytes | None) -> dict[str, str]:
    """The texts in EXIF from a stranger, with or without JPEG's head; {} if there are none. Never raises."""
    found: dict[str, str] = {}
    if exif is None or len(exif) > limits.PICTURE_TEXT_LIMIT_BYTES:
        return found
    block = exif.removeprefix(_HEAD)
    try:
        order = {b"II*\x00": "<", b"MM\x00*": ">"}[block[:4]]
        (start,) = struct.unpack_from(order + "L", block, 4)
        for tag, value in _values(block, order, start):
            if tag == _EXIF_POINTER:
                for inner, content in _values(block, order, struct.unpack(order + "L", value[:4])[0]):
                    _take(found, inner, content, order)
                break
    except (KeyError, struct.error, UnicodeError):
        pass
    return found


def _take(found: dict[str, str], tag: int, content: bytes, order: str) -> None:
    if tag == _COMMENT and content.startswith(_UNICODE):
        found[_COMMON_KEY] = _wide(content.removeprefix(_UNICODE), order)
    elif tag == _COMMENT and content.startswith(_ASCII):
        found[_COMMON_KEY] = content.removeprefix(_ASCII).decode("utf-8", "replace").rstrip("\x00")
    elif tag == _MAKER_NOTE and content.startswith(_MAKER):
        found[_OWN_KEY] = content.removeprefix(_MAKER).decode("ascii")


def _wide(raw: bytes, order: str) -> str:
    """Two bytes a character: most write the large one first, some the block's own order."""
    first = "utf-16-be" if raw[:1] == b"\x00" or order == ">" else "utf-16-le"
    return raw.decode(first, "replace").rstrip("\x00")


def _values(block: bytes, order: str, start: int) -> Iterator[tuple[int, bytes]]:
    """(tag, bytes of its value) of the table at `start`. struct.error if it is cut off."""
    (count,) = struct.unpack_from(order + "H", block, start)
    for entry in range(min(count, _ENTRIES_LIMIT)):
        tag, kind, number = struct.unpack_from(order + "HHL", block, start + 2 + 12 * entry)
        place = start + 2 + 12 * entry + 8
        size = number * {1: 1, 2: 1, 3: 2, 4: 4, 7: 1}.get(kind, 0)
        if size > 4:
            (place,) = struct.unpack_from(order + "L", block, place)
        if size and place + size <= len(block):
            yield tag, block[place : place + size]
