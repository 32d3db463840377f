"""A document as a picture file for others: which part of it, in which format, and how well. Knows nothing about disks.

What comes out says that its colours are sRGB and, if it is wished, which prompt and settings made it.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

import muse_studio
from muse_studio.core.composite import export_picture, over_white
from muse_studio.core.document import Document, DocumentState
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.exif_text import exif_of_text
from muse_studio.core.layers import is_opaque
from muse_studio.core.limits import FRAME_SIDE_PX
from muse_studio.core.pictures import encode_png
from muse_studio.core.psd import encode_psd

Pixels = NDArray[np.uint8]

_WEBP_SIDE_LIMIT_PX = 16_383  # the format's own
_FULL_COLOUR_QUALITY = 90  # from here on a JPEG keeps colours at full size: below, nobody sees it
_WEBP_EFFORT = 4  # of 6: 5 and 6 take twice as long for 2 % less


class ExportFormat(StrEnum):
    """What can be written; the values are the names' endings."""

    PNG = "png"
    JPEG = "jpg"
    WEBP = "webp"
    PSD = "psd"

    @property
    def has_quality(self) -> bool:
        return self in (ExportFormat.JPEG, ExportFormat.WEBP)

    @property
    def has_alpha(self) -> bool:
        return self is not ExportFormat.JPEG

    @property
    def has_settings(self) -> bool:
        """Whether a prompt can be written into it."""
        return self is not ExportFormat.PSD


class ExportArea(StrEnum):
    """FRAME: what the model sees, at its own size. WHOLE: everything at full size."""

    FRAME = "frame"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class ExportChoice:
    """How a document is written.

    quality:     1 to 100, of JPEG and WebP.
    lossless:    of WebP: every pixel as it is, and quality does not matter.
    transparent: keep what is see-through; else it is laid over white.
    settings:    write prompt and settings into it.
    side_px:     of FRAME: what the model reduces or magnifies it to.
    """

    format: ExportFormat = ExportFormat.PNG
    area: ExportArea = ExportArea.WHOLE
    quality: int = 92
    lossless: bool = False
    transparent: bool = True
    settings: bool = True
    side_px: int = FRAME_SIDE_PX


def encode_export(state: DocumentState, choice: ExportChoice, text: Mapping[str, str]) -> bytes:
    """The file's bytes. text: as `metadata.request_text` gives it; left out if the choice says so.

    MuseStudioError(BAD_REQUEST) where the picture is larger than the format allows.
    """
    if choice.format is ExportFormat.PSD:
        return encode_psd(state)
    return encode_pixels(pixels_of(state, choice.area, choice.side_px), choice, text)


def pixels_of(state: DocumentState, area: ExportArea, side_px: int = FRAME_SIDE_PX) -> Pixels:
    """uint8 [H, W, 3 or 4]: with alpha only if something is see-through."""
    if area is ExportArea.FRAME:
        return export_picture(Document.of_state(state), side_px)
    whole = state.picture()
    return np.ascontiguousarray(whole[..., :3] if is_opaque(whole) else whole)


def encode_pixels(pixels: Pixels, choice: ExportChoice, text: Mapping[str, str]) -> bytes:
    """As `encode_export`, of uint8 [H, W, 3 or 4]."""
    if pixels.shape[2] == 4 and not (choice.transparent and choice.format.has_alpha):
        pixels = over_white(pixels)
    text = text if choice.settings else {}
    if choice.format is ExportFormat.PNG:
        return encode_png(pixels, text)
    if choice.format is ExportFormat.WEBP and max(pixels.shape[:2]) > _WEBP_SIDE_LIMIT_PX:
        message = f"A WebP has at most {_WEBP_SIDE_LIMIT_PX:,} pixels a side. Choose PNG, or scale the picture down."
        raise MuseStudioError(ErrorKind.BAD_REQUEST, message, str(pixels.shape))
    how: dict[str, object] = {"icc_profile": srgb_profile()}
    if text:
        how["exif"] = exif_of_text(text, f"Muse Studio {muse_studio.__version__}")
    stream, image = io.BytesIO(), Image.fromarray(np.ascontiguousarray(pixels))
    if choice.format is ExportFormat.JPEG:
        colour = 0 if choice.quality >= _FULL_COLOUR_QUALITY else 2
        image.save(stream, format="JPEG", quality=choice.quality, subsampling=colour, **how)
    else:
        exact = choice.lossless  # colours under alpha 0 belong to the pixels only where every pixel counts
        how |= {"quality": choice.quality, "lossless": choice.lossless, "exact": exact, "method": _WEBP_EFFORT}
        image.save(stream, format="WEBP", **how)
    return stream.getvalue()


def srgb_profile() -> bytes:
    """The ICC profile that says sRGB: JPEG and WebP have no shorter way."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
