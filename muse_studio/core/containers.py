"""Reads the outside of a PNG, JPEG or WebP: its extent, its profile, its text, and whether it is all there.

Knows nothing about pixels. Everything is checked here, on the bytes, before a decoder allocates what a header claims.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from muse_studio.core import limits
from muse_studio.core.geometry import Extent

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = (b"IHDR", b"PLTE", b"IDAT", b"IEND")
_PNG_PALETTE_TYPE = 3
_JPEG_SIZE_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_BARE_MARKERS = frozenset([0x01, *range(0xD0, 0xD9)])
_JPEG_LEFT_OUT = frozenset([*range(0xE1, 0xEE), 0xEF, 0xFE])  # notes; JFIF (E0) and Adobe (EE) say what colours mean
_JPEG_SCAN_PIXELS_LIMIT = (
    40 * limits.PICTURE_LIMIT_PIXELS
)  # cameras write about 10 scans; each is a pass over all pixels
_WEBP_ANIMATED = 0x02
_TIFF_ORIENTATION = 0x0112


class Container(StrEnum):
    """The formats that are opened. TIFF, and with it 32-bit float pixels, is not among them."""

    PNG = "PNG"
    JPEG = "JPEG"
    WEBP = "WebP"


class BadContainerError(ValueError):
    """The bytes are not a whole, sane picture. The text is the end of a sentence for a person."""


@dataclass(frozen=True, slots=True)
class Outline:
    """What is known of a picture before decoding it.

    data:         the bytes for the decoder, without notes: it parses no text, EXIF or profile. PNG checksums are right.
    bits:         bits per channel as stored.
    grey_key, rgb_key: the one transparent colour of a PNG without alpha channel, in stored bits; None otherwise.
    icc, exif:    raw, at most PICTURE_METADATA_LIMIT_BYTES; None if absent.
    """

    container: Container
    extent: Extent
    data: bytes
    bits: int = 8
    frames_left_out: bool = False
    grey_key: int | None = None
    rgb_key: tuple[int, int, int] | None = None
    icc: bytes | None = None
    exif: bytes | None = None
    text: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def sniff(data: bytes) -> Container | None:
    """The format by its first bytes, whatever the file's name says; None if it is not one we open."""
    if data.startswith(_PNG_SIGNATURE):
        return Container.PNG
    if data.startswith(b"\xff\xd8\xff"):
        return Container.JPEG
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Container.WEBP
    return None


def outline(data: bytes) -> Outline:
    """Check the container and read what it says of itself. BadContainerError if it is damaged or beyond the limits."""
    container = sniff(data)
    try:
        if container is Container.PNG:
            return _png_outline(data)
        if container is Container.JPEG:
            return _jpeg_outline(data)
        if container is Container.WEBP:
            return _webp_outline(data)
    except (struct.error, IndexError) as fault:
        raise BadContainerError("it is damaged or cut off") from fault
    raise BadContainerError("it is not a PNG, JPEG or WebP picture")


def png_head(data: bytes) -> tuple[Extent, dict[str, str]]:
    """Extent and text of a PNG of which the beginning is enough: what stands before its pixels, checked as ever.

    BadContainerError where that is damaged, no PNG, or not all there.
    """
    reader = _PngReader(data)
    try:
        if sniff(data) is not Container.PNG:
            raise BadContainerError("it is not a PNG picture")
        for chunk in _png_chunks(data, until=b"IDAT"):
            reader.take(*chunk)
    except (struct.error, IndexError) as fault:
        raise BadContainerError("it is damaged or cut off") from fault
    if reader.header is None:
        raise BadContainerError("it is damaged: its header is missing")
    return Extent(reader.header[0], reader.header[1]), reader.text


def check_extent(extent: Extent) -> None:
    """BadContainerError if a picture of this extent may not be opened."""
    if extent.is_empty:
        raise BadContainerError("it has no pixels")
    side, most = limits.PICTURE_SIDE_LIMIT_PX, limits.PICTURE_LIMIT_PIXELS
    if max(extent.width, extent.height) > side or extent.area > most:
        raise BadContainerError(
            f"it claims {extent} pixels; the most is {side:,} a side and {most // 1024**2} megapixels. Scale it down"
        )


def orientation(exif: bytes | None) -> tuple[int, bool]:
    """(EXIF orientation 1-8, whether the tag or the block is damaged). Absent or damaged means 1, upright."""
    if not exif:
        return 1, False
    block = exif[6:] if exif.startswith(b"Exif\x00\x00") else exif
    try:
        value = _orientation_tag(block)
    except (struct.error, ValueError):
        return 1, True
    return (value, False) if 1 <= value <= 8 else (1, True)


def _orientation_tag(block: bytes) -> int:
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(block[:4])
    if order is None:
        raise ValueError("not a TIFF header")
    (start,) = struct.unpack_from(order + "I", block, 4)
    (count,) = struct.unpack_from(order + "H", block, start)
    for entry in range(count):
        tag, kind, values, value = struct.unpack_from(order + "HHIH", block, start + 2 + 12 * entry)
        if tag == _TIFF_ORIENTATION:
            return int(value) if kind == 3 and values == 1 else 0
    return 1


# PNG ----------------------------------------------------------------------------------------------------------------


def _png_chunks(data: bytes, until: bytes = b"") -> Iterator[tuple[bytes, int, int, bool]]:
    """(type, start of the content, length, checksum is right) up to and with IEND, which must be there; or up to and
    without the first of type `until`."""
    position = len(_PNG_SIGNATURE)
    view = memoryview(data)
    for _ in range(limits.PICTURE_CHUNKS_LIMIT):
        length, kind = struct.unpack_from(">I4s", data, position)
        if kind == until:
            return
        start = position + 8
        (checksum,) = struct.unpack_from(">I", data, start + length)
        yield kind, start, length, zlib.crc32(view[position + 4 : start + length]) == checksum
        if kind == b"IEND":
            return
        position = start + length + 4
    raise BadContainerError("it is made of too many pieces")


class _PngReader:
    """Collects what one pass over the chunks finds."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.kept: list[memoryview | bytes] = [_PNG_SIGNATURE]
        self.header: tuple[int, int, int, int] | None = None  # width, height, bits, colour type
        self.fields: dict[bytes, bytes] = {}
        self.text: dict[str, str] = {}
        self.text_room_bytes = limits.PICTURE_TEXT_LIMIT_BYTES
        self.notes: dict[str, None] = {}  # ordered, each once
        self.animated = False

    def take(self, kind: bytes, start: int, length: int, sound: bool) -> None:
        if kind in _PNG_KEPT:
            self._take_pixels(kind, start, length, sound)
        elif kind == b"acTL":
            self.animated = True
        elif kind in (b"tRNS", b"iCCP", b"eXIf", b"tEXt", b"zTXt", b"iTXt"):
            self._take_extra(kind, start, length, sound)
        elif kind[:1].isupper():
            raise BadContainerError("it uses a PNG extension that is not known")

    def _take_pixels(self, kind: bytes, start: int, length: int, sound: bool) -> None:
        if not sound:
            raise BadContainerError("it is damaged: a checksum is wrong")
        if (kind == b"IHDR") != (self.header is None):
            raise BadContainerError("it is damaged: its parts are out of order")
        if kind == b"IHDR":
            if length != 13:
                raise BadContainerError("it is damaged: its header is wrong")
            self.header = struct.unpack_from(">IIBB", self.data, start)
            check_extent(Extent(self.header[0], self.header[1]))
        self.kept.append(memoryview(self.data)[start - 8 : start + length + 4])

    def _take_extra(self, kind: bytes, start: int, length: int, sound: bool) -> None:
        if not sound:
            self.notes["A damaged note inside the file was ignored."] = None
            return
        if length > limits.PICTURE_METADATA_LIMIT_BYTES:
            self.notes["An oversized note inside the file was ignored."] = None
            return
        content = self.data[start : start + length]
        if kind == b"tRNS" and self.header is not None and self.header[3] == _PNG_PALETTE_TYPE:
            self.kept.append(memoryview(self.data)[start - 8 : start + length + 4])
        elif kind in (b"tRNS", b"eXIf", b"iCCP"):
            self.fields.setdefault(kind, content)
        else:
            self._take_text(kind, content)

    def _take_text(self, kind: bytes, content: bytes) -> None:
        try:
            key, value, size = _png_text(kind, content, self.text_room_bytes)
        except (ValueError, zlib.error):
            self.notes["Text inside the file was damaged or too long and was ignored."] = None
            return
        self.text_room_bytes -= size
        self.text.setdefault(key, value)


def _png_outline(data: bytes) -> Outline:
    reader = _PngReader(data)
    for chunk in _png_chunks(data):
        reader.take(*chunk)
    if reader.header is None:
        raise BadContainerError("it is damaged: its header is missing")
    width, height, bits, colour = reader.header
    key = reader.fields.get(b"tRNS", b"")
    icc, damaged = _png_profile(reader.fields.get(b"iCCP"))
    if damaged:
        reader.notes["The colour profile is damaged or does not fit and was ignored."] = None
    return Outline(
        Container.PNG,
        Extent(width, height),
        b"".join(reader.kept),
        bits=bits,
        frames_left_out=reader.animated,
        grey_key=struct.unpack(">H", key)[0] if colour == 0 and len(key) == 2 else None,
        rgb_key=struct.unpack(">HHH", key) if colour == 2 and len(key) == 6 else None,
        icc=icc,
        exif=reader.fields.get(b"eXIf"),
        text=reader.text,
        notes=tuple(reader.notes),
    )


def _png_text(kind: bytes, content: bytes, room_bytes: int) -> tuple[str, str, int]:
    """(keyword, text, size in bytes) of a tEXt, zTXt or iTXt chunk. ValueError or zlib.error if damaged or too long."""
    key, rest = _split(content)
    if kind == b"tEXt":
        raw = rest
    elif kind == b"zTXt":
        raw = _inflate(rest[1:], room_bytes)
    else:
        packed, rest = rest[:2], rest[2:]
        _, rest = _split(rest)
        _, rest = _split(rest)
        raw = _inflate(rest, room_bytes) if packed[:1] == b"\x01" else rest
    size = len(key) + len(raw)
    if not key or size > room_bytes:
        raise ValueError("no room")
    return key.decode("latin-1"), raw.decode("utf-8" if kind == b"iTXt" else "latin-1"), size


def _png_profile(content: bytes | None) -> tuple[bytes | None, bool]:
    """(ICC profile, whether it is damaged) from an iCCP chunk."""
    if content is None:
        return None, False
    try:
        _, rest = _split(content)
        return _inflate(rest[1:], limits.PICTURE_METADATA_LIMIT_BYTES), False
    except (ValueError, zlib.error):
        return None, True


def _split(content: bytes) -> tuple[bytes, bytes]:
    head, separator, tail = content.partition(b"\x00")
    if not separator:
        raise ValueError("no separator")
    return head, tail


def _inflate(packed: bytes, limit_bytes: int) -> bytes:
    """At most `limit_bytes` of output, however much the input would unfold to: ValueError beyond."""
    engine = zlib.decompressobj()
    raw = engine.decompress(packed, limit_bytes)
    if not engine.eof:
        raise ValueError("too long or cut off")
    return raw


# JPEG ---------------------------------------------------------------------------------------------------------------


def _jpeg_outline(data: bytes) -> Outline:
    extent, bits = None, 8
    exif: bytes | None = None
    profile: dict[int, bytes] = {}
    kept = [data[:2]]
    position = 2
    while True:
        marker, start, end = _jpeg_segment(data, position)
        if marker in _JPEG_SIZE_MARKERS:
            bits, height, width = struct.unpack_from(">BHH", data, start)
            extent = Extent(width, height)
            check_extent(extent)
        elif marker == 0xE1 and exif is None and data[start : start + 6] == b"Exif\x00\x00":
            exif = data[start:end]
        elif marker == 0xE2 and data[start : start + 12] == b"ICC_PROFILE\x00":
            profile[data[start + 12]] = data[start + 14 : end]
        if marker not in _JPEG_LEFT_OUT:
            kept.append(data[position:end])
        position = end
        if marker == 0xDA:
            break
    if extent is None:
        raise BadContainerError("it is damaged: its size is missing")
    _check_scans(data, position, extent)
    icc = b"".join(profile[number] for number in sorted(profile)) or None
    kept.append(data[position:])
    return Outline(Container.JPEG, extent, b"".join(kept), bits=bits, icc=icc, exif=exif)


def _jpeg_segment(data: bytes, position: int) -> tuple[int, int, int]:
    """(marker, start of the content, end) of the segment at `position`."""
    if data[position] != 0xFF:
        raise BadContainerError("it is damaged")
    while data[position] == 0xFF:
        position += 1
    marker = data[position]
    if marker in _JPEG_BARE_MARKERS:
        return marker, position + 1, position + 1
    if marker == 0xD9:
        raise BadContainerError("it ends before its pixels")
    (length,) = struct.unpack_from(">H", data, position + 1)
    end = position + 1 + length
    if length < 2 or end > len(data):
        raise BadContainerError("it is damaged or cut off")
    return marker, position + 3, end


def _check_scans(data: bytes, position: int, extent: Extent) -> None:
    """Inside scans 0xFF is always followed by 0x00 or a restart, so these two markers are found by plain search."""
    end = data.find(b"\xff\xd9", position)
    if end < 0:
        raise BadContainerError("it is cut off")
    scans = 1 + data.count(b"\xff\xda", position, end)
    if (scans > 4 and scans * extent.area > _JPEG_SCAN_PIXELS_LIMIT) or scans > 1_000:
        raise BadContainerError("it would take unreasonably long to open. Save it anew as a PNG")


# WebP ---------------------------------------------------------------------------------------------------------------


def _webp_outline(data: bytes) -> Outline:
    (riff_bytes,) = struct.unpack_from("<I", data, 4)
    end = riff_bytes + 8
    if end > len(data):
        raise BadContainerError("it is cut off")
    found: dict[bytes, bytes] = {}
    extent: Extent | None = None
    animated = False
    for kind, start, length in _webp_chunks(data, end):
        if kind in (b"VP8X", b"VP8 ", b"VP8L"):
            size = _webp_extent(kind, data[start : start + 10])
            check_extent(size)
            extent = extent or size
            animated = animated or (kind == b"VP8X" and bool(data[start] & _WEBP_ANIMATED))
        elif kind in (b"ICCP", b"EXIF") and length <= limits.PICTURE_METADATA_LIMIT_BYTES:
            found.setdefault(kind, data[start : start + length])
    if extent is None:
        raise BadContainerError("it is damaged: its size is missing")
    return Outline(
        Container.WEBP,
        extent,
        data[:end],
        frames_left_out=animated,
        icc=found.get(b"ICCP"),
        exif=found.get(b"EXIF"),
    )


def _webp_chunks(data: bytes, end: int) -> Iterator[tuple[bytes, int, int]]:
    """(type, start of the content, length) of the chunks on the outer level."""
    position = 12
    for _ in range(limits.PICTURE_CHUNKS_LIMIT):
        if position >= end:
            return
        kind, length = struct.unpack_from("<4sI", data, position)
        start = position + 8
        if start + length > end:
            raise BadContainerError("it is cut off")
        yield kind, start, length
        position = start + length + (length & 1)
    raise BadContainerError("it is made of too many pieces")


def _webp_extent(kind: bytes, head: bytes) -> Extent:
    if kind == b"VP8X":
        return Extent(1 + int.from_bytes(head[4:7], "little"), 1 + int.from_bytes(head[7:10], "little"))
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", head, 1)
        return Extent(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    width, height = struct.unpack_from("<HH", head, 6)
    return Extent(width & 0x3FFF, height & 0x3FFF)
