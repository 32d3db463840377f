"""Pictures of strangers become squares to train on. Knows nothing of files, shards or captions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from muse_studio.core.pictures import decode_picture

Square = NDArray[np.uint8]


def open_rgb(data: bytes, name: str) -> Square:
    """uint8 [H, W, 3] by the program's own safe reader, on white where it was transparent.

    Raises MuseStudioError BAD_PICTURE.
    """
    picture = decode_picture(data, name)
    rgb = picture.pixels[..., :3]
    if not picture.had_alpha:
        return rgb
    alpha = picture.pixels[..., 3:].astype(np.uint16)
    return ((rgb * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)


def square(rgb: Square, side: int) -> Square:
    """The middle of a picture [H, W, 3] as [side, side, 3]."""
    height, width = rgb.shape[:2]
    edge = min(height, width)
    top, left = (height - edge) // 2, (width - edge) // 2
    middle = np.ascontiguousarray(rgb[top : top + edge, left : left + edge])
    if edge == side:
        return middle
    return np.array(Image.fromarray(middle).resize((side, side), Image.Resampling.LANCZOS))
