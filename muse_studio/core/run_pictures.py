"""What a step looked like, kept small: a thumbnail for the filmstrip and the preview itself, both as WebP.

Every function here may be called by any thread and touches nothing but its arguments. Knows nothing of runs.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from muse_studio.core import limits
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.pictures import decode_picture

Pixels = NDArray[np.uint8]

THUMB_SIDE_PX = 128
"""Of a filmstrip's picture: sharp on a screen of 200 %."""

_THUMB_QUALITY = 80  # 3 KB of a drawing
_FASTEST = 0  # of WebP's methods: 3 ms for 256 px without loss, where the best takes 30 for a sixth fewer bytes


@dataclass(frozen=True, slots=True, eq=False)
class StepPicture:
    """A step's picture in one of three states: as it came (`raw`), developed, or with only its thumbnail left.

    thumb:   WebP of at most THUMB_SIDE_PX a side; empty where no preview came, or before it is developed.
    preview: WebP without loss; None where none came or it was let go.
    raw:     uint8 [s, s, 3] as it came, until it is developed.
    """

    thumb: bytes = b""
    preview: bytes | None = None
    raw: Pixels | None = None

    @property
    def size_bytes(self) -> int:
        return len(self.thumb) + self.preview_bytes

    @property
    def preview_bytes(self) -> int:
        """What letting the preview go would free."""
        return len(self.preview or b"") + (self.raw.nbytes if self.raw is not None else 0)

    @property
    def is_empty(self) -> bool:
        """Whether nothing can be shown."""
        return not self.thumb and self.preview is None and self.raw is None

    @property
    def has_preview(self) -> bool:
        """Whether the picture can be shown at its full size."""
        return self.preview is not None or self.raw is not None

    def without_preview(self) -> StepPicture:
        """With only the thumbnail left."""
        return StepPicture(self.thumb)


NO_PICTURE = StepPicture()


def develop(picture: StepPicture) -> StepPicture:
    """The same with its raw pixels encoded: 4 ms for 256 px, 30 for 512. One that has none is returned as it is."""
    if picture.raw is None:
        return picture
    image = Image.fromarray(np.ascontiguousarray(picture.raw))
    small = image.copy()
    small.thumbnail((THUMB_SIDE_PX, THUMB_SIDE_PX), Image.Resampling.LANCZOS)
    thumb = _webp(small, quality=_THUMB_QUALITY, method=_FASTEST)
    return StepPicture(thumb, _webp(image, lossless=True, quality=0, method=_FASTEST))


def preview_pixels(picture: StepPicture) -> Pixels | None:
    """uint8 [s, s, 3] at full size, bit for bit as it came; None where only a thumbnail is left.

    MuseStudioError(BAD_PICTURE) on bytes that are no picture.
    """
    if picture.raw is not None:
        return picture.raw
    return None if picture.preview is None else _pixels(picture.preview)


def thumb_pixels(picture: StepPicture) -> Pixels | None:
    """uint8 [h, w, 3], THUMB_SIDE_PX at most; None where nothing can be shown. MuseStudioError(BAD_PICTURE)."""
    if picture.thumb:
        return _pixels(picture.thumb)
    pixels = preview_pixels(picture)
    if pixels is None:
        return None
    image = Image.fromarray(np.ascontiguousarray(pixels))
    image.thumbnail((THUMB_SIDE_PX, THUMB_SIDE_PX), Image.Resampling.BILINEAR)
    return np.asarray(image)


def _webp(image: Image.Image, **how: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "WEBP", **how)
    return stream.getvalue()


def _pixels(data: bytes) -> Pixels:
    """The bytes may come from a stranger's project."""
    if len(data) > limits.STEP_PICTURE_LIMIT_BYTES:
        raise MuseStudioError(ErrorKind.BAD_PICTURE, "A step's picture is larger than any step's can be.")
    pixels = decode_picture(data, "step").pixels
    if max(pixels.shape[:2]) > limits.LARGE_SIDE_PX:
        raise MuseStudioError(ErrorKind.BAD_PICTURE, "A step's picture is larger than any step's can be.")
    return np.ascontiguousarray(pixels[..., :3])
