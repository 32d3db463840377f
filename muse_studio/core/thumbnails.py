"""Small pictures of large ones, kept as small files. Knows nothing of what they are shown for.

A thumbnail that is missing, damaged or older than its picture is made again; one that cannot be written is only slower
the next time.
"""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from muse_studio.core.errors import MuseStudioError
from muse_studio.core.files import atomic_write
from muse_studio.core.limits import THUMBNAIL_LIMIT_BYTES, THUMBNAIL_SIDE_PX
from muse_studio.core.pictures import decode_picture, open_picture, read_bounded

Pixels = NDArray[np.uint8]

_QUALITY = 86  # of WebP: no difference is seen at this size


def small(pixels: Pixels, side_px: int = THUMBNAIL_SIDE_PX) -> Pixels:
    """uint8 [h, w, 3 or 4] scaled down, never up, so that its longer side is `side_px`."""
    image = Image.fromarray(np.ascontiguousarray(pixels))
    image.thumbnail((side_px, side_px), Image.Resampling.LANCZOS, reducing_gap=3.0)
    result: Pixels = np.array(image)
    return result


def thumbnail(picture: Path, cache: Path) -> Pixels:
    """uint8 [h, w, 3 or 4] of the picture's file, from the folder `cache` or made anew and put there.

    MuseStudioError(BAD_PICTURE, OUT_OF_MEMORY) where the picture itself cannot be opened.
    """
    place = thumbnail_place(picture, cache)
    with contextlib.suppress(MuseStudioError, OSError):
        if place.stat().st_mtime_ns >= picture.stat().st_mtime_ns:
            return decode_picture(read_bounded(place, THUMBNAIL_LIMIT_BYTES), place.name).pixels
    pixels = small(open_picture(picture).pixels)
    keep_thumbnail(pixels, picture, cache)
    return pixels


def keep_thumbnail(pixels: Pixels, picture: Path, cache: Path) -> None:
    """Put a small picture where `thumbnail` looks for it. Where the disk refuses, nothing happens."""
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, format="WEBP", quality=_QUALITY, method=2)
    with contextlib.suppress(MuseStudioError, OSError):
        cache.mkdir(parents=True, exist_ok=True)
        atomic_write(thumbnail_place(picture, cache), stream.getvalue())


def drop_thumbnail(picture: Path, cache: Path) -> None:
    """The picture is gone, so is its thumbnail."""
    with contextlib.suppress(OSError):
        thumbnail_place(picture, cache).unlink(missing_ok=True)


def thumbnail_place(picture: Path, cache: Path) -> Path:
    """Its file in the cache."""
    return cache / f"{picture.stem}.webp"
