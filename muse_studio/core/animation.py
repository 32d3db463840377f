"""A decode as an animated WebP or GIF. Knows nothing of runs, files or windows; may run in any thread."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from muse_studio.core.errors import ErrorKind, MuseStudioError

Pixels = NDArray[np.uint8]

SIDES_PX = (256, 512, 1024)
_QUALITY = 88  # of WebP: 40 KB a picture of 512 px
_GIF_TICK_MS = 10  # a GIF counts hundredths of a second
_LONGEST_MS = 60_000


class AnimationFormat(StrEnum):
    """What can be written; the value is the file's suffix."""

    WEBP = "webp"
    GIF = "gif"


@dataclass(frozen=True, slots=True)
class AnimationWish:
    """How it shall look. side_px: of its square; step_ms: each picture's time; hold_ms: the last one's."""

    kind: AnimationFormat = AnimationFormat.WEBP
    side_px: int = 512
    step_ms: int = 250
    hold_ms: int = 2000

    def durations_ms(self, count: int) -> list[int]:
        """Of each of so many pictures, as the format can tell them."""
        tick = _GIF_TICK_MS if self.kind is AnimationFormat.GIF else 1
        step, hold = (min(max(tick, round(ms / tick) * tick), _LONGEST_MS) for ms in (self.step_ms, self.hold_ms))
        return [*([step] * (count - 1)), hold]


class StoppedError(Exception):
    """The writing was stopped by whoever asked for it."""


Progress = Callable[[float], bool]
"""Told the share done, 0 to 1; False to stop."""


def animation(pictures: Sequence[Callable[[], Pixels]], wish: AnimationWish, progress: Progress) -> bytes:
    """The whole file, in a loop without end. MuseStudioError(BAD_REQUEST) without a picture; StoppedError.

    pictures: each gives its uint8 [s, s, 3] when it is due, so that no more than one is held.
    """
    if not pictures:
        raise MuseStudioError(ErrorKind.BAD_REQUEST, "There is no picture in this run that could be written.")
    prepared = _prepared(pictures, wish, progress)
    first = next(prepared)
    stream = io.BytesIO()
    how = {"save_all": True, "append_images": prepared, "duration": wish.durations_ms(len(pictures)), "loop": 0}
    if wish.kind is AnimationFormat.GIF:
        first.save(stream, "GIF", disposal=1, optimize=False, **how)
    else:
        first.save(stream, "WEBP", quality=_QUALITY, method=2, **how)
    return stream.getvalue()


def _prepared(
    pictures: Sequence[Callable[[], Pixels]], wish: AnimationWish, progress: Progress
) -> Iterator[Image.Image]:
    for number, picture in enumerate(pictures):
        if not progress(number / len(pictures)):
            raise StoppedError
        image = Image.fromarray(np.ascontiguousarray(picture()))
        if image.size != (wish.side_px, wish.side_px):
            image = image.resize((wish.side_px, wish.side_px), Image.Resampling.LANCZOS)
        if wish.kind is AnimationFormat.GIF:
            image = image.quantize(255, Image.Quantize.MEDIANCUT, dither=Image.Dither.FLOYDSTEINBERG)
        yield image


def over_picture(model: Pixels, picture: Pixels, alpha: Pixels) -> Pixels:
    """The model's square [s, s, 3] where alpha says, over the request's picture: both uint8 [S, S, ...]."""
    side = picture.shape[0]
    scaled = np.asarray(Image.fromarray(np.ascontiguousarray(model)).resize((side, side), Image.Resampling.LANCZOS))
    weight = alpha[..., None].astype(np.uint16)
    mixed = scaled * weight + picture * (255 - weight) + 127
    return (mixed // 255).astype(np.uint8)
