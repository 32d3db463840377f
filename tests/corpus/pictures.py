"""Picture files made for the tests, sound and hostile, each by a function named after it. No file is stored."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

Pixels = NDArray[np.uint8]
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6  # PNG colour types


def noise(width: int = 24, height: int = 16, channels: int = 3, seed: int = 0) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels), dtype=np.uint8)


def smooth(width: int = 24, height: int = 16) -> Pixels:
    """A gradient that survives lossy formats: RGB."""
    down, right = np.mgrid[0:height, 0:width]
    return np.stack([right * 255 // width, down * 255 // height, np.full_like(down, 128)], axis=2).astype(np.uint8)


def encoded(pixels: Pixels, kind: str, **options: object) -> bytes:
    """By Pillow: kind is PNG, JPEG or WEBP."""
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, format=kind, **options)
    return stream.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def header(width: int, height: int, bits: int = 8, colour: int = RGB) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0))


def png(width: int, height: int, rows: bytes, *extra: bytes, bits: int = 8, colour: int = RGB) -> bytes:
    """rows: the unfiltered bytes of every row, one after the other; each gets filter 0."""
    length = len(rows) // height
    raw = b"".join(b"\x00" + rows[row * length : (row + 1) * length] for row in range(height))
    body = header(width, height, bits, colour) + b"".join(extra) + chunk(b"IDAT", zlib.compress(raw))
    return PNG_SIGNATURE + body + chunk(b"IEND", b"")


def png_claiming(width: int, height: int) -> bytes:
    """A header that claims a size, and hardly any pixels."""
    return PNG_SIGNATURE + header(width, height) + chunk(b"IDAT", zlib.compress(b"\x00" * 100)) + chunk(b"IEND", b"")


def png_with_text_bomb(unfolded_bytes: int) -> bytes:
    """A sound picture with a zTXt chunk that unfolds to very much."""
    engine, megabyte = zlib.compressobj(), bytes(1_000_000)
    first = engine.compress(megabyte) + engine.flush(zlib.Z_FULL_FLUSH)
    again = engine.compress(megabyte) + engine.flush(zlib.Z_FULL_FLUSH)  # stands alone, so it can be repeated
    packed = first + again * (unfolded_bytes // len(megabyte) - 1) + engine.flush()
    return png(2, 2, bytes(12), chunk(b"zTXt", b"Comment\x00\x00" + packed))


def animated_png(frames: int) -> bytes:
    """One real frame, and as many more announced and attached as asked."""
    extra = [chunk(b"acTL", struct.pack(">II", frames, 0))]
    control = struct.pack(">IIIIIHHBB", 0, 2, 2, 0, 0, 1, 10, 0, 0)
    extra.append(chunk(b"fcTL", control))
    pixels = zlib.compress(b"\x00" * 14)
    later = b"".join(
        chunk(b"fcTL", struct.pack(">I", 2 * number - 1) + control[4:])
        + chunk(b"fdAT", struct.pack(">I", 2 * number) + pixels)
        for number in range(1, frames)
    )
    whole = png(2, 2, bytes(range(12)), *extra)
    end = len(whole) - 12
    return whole[:end] + later + whole[end:]


def jpeg_claiming(width: int, height: int) -> bytes:
    """A sound JPEG whose size is overwritten."""
    data = bytearray(encoded(smooth(), "JPEG"))
    start = data.index(b"\xff\xc0")
    struct.pack_into(">HH", data, start + 5, height, width)
    return bytes(data)


def webp_claiming(width: int, height: int) -> bytes:
    """An extended header that claims a canvas, and nothing else."""
    body = b"VP8X" + struct.pack("<I", 10) + bytes(4) + (width - 1).to_bytes(3, "little")
    body += (height - 1).to_bytes(3, "little")
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def exif(orientation: int, order: str = "<", kind: int = 3) -> bytes:
    """An EXIF block with one tag."""
    mark = b"II*\x00" if order == "<" else b"MM\x00*"
    value = struct.pack(order + "HH", orientation, 0) if kind == 3 else struct.pack(order + "I", orientation)
    return mark + struct.pack(order + "IH", 8, 1) + struct.pack(order + "HHI", 0x0112, kind, 1) + value + bytes(4)


def wide_gamut_profile() -> bytes:
    """An RGB profile in which red and green have changed places: unmistakable."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    (count,) = struct.unpack_from(">I", profile, 128)
    entries = {bytes(profile[at : at + 4]): at for at in range(132, 132 + 12 * count, 12)}
    red, green = entries[b"rXYZ"], entries[b"gXYZ"]
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    start, length = struct.unpack_from(">II", profile, entries[b"desc"] + 4)
    text = bytes(profile[start : start + length])
    profile[start : start + length] = text.replace(b"s\x00R\x00G\x00B", b"t\x00e\x00s\x00t").replace(b"sRGB", b"test")
    return bytes(profile)


def chunks_of(data: bytes) -> list[tuple[bytes, bytes]]:
    """(type, content) of a sound PNG's chunks."""
    found, position = [], 8
    while position < len(data):
        length, kind = struct.unpack_from(">I4s", data, position)
        found.append((kind, data[position + 8 : position + 8 + length]))
        position += length + 12
    return found
