"""Pictures from outside become RGBA pixels in sRGB, or are refused; pixels become a PNG.

Knows nothing about documents or windows. Files, drops, the clipboard and the command line all come through here. Qt
never decodes a byte from outside: the container is checked first (`containers`), then Pillow decodes, by one class per
allowed format, never by its registry of plug-ins.

What becomes of what: greys, palettes and 1 bit become RGB; CMYK goes through its profile, or by Pillow's formula
without one; a palette's or key colour's transparency becomes alpha; 16-bit grey is rounded to 8 bits, 16-bit colour
keeps its high byte; of an animation the first frame is opened; 32-bit float pixels exist in none of the formats.
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from muse_studio.core import limits
from muse_studio.core.containers import BadContainerError, Container, Outline, check_extent, orientation, outline
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.exif_text import text_of_exif
from muse_studio.core.files import printable
from muse_studio.core.geometry import Extent

Pixels = NDArray[np.uint8]

_STRIP_ROWS = 256  # conversions go strip by strip, so that a 64 MP picture needs no second full copy
_PNG_COMPRESSION = 4  # of 9: twice as fast as Pillow's 6 for 3 % more bytes
_PNG_RUNS = 3  # zlib's Z_RLE: of what the row filters leave, runs are nearly all that can be found
_PERMITTED_MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "I;16", "I;16B", "I")
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_OPEN_NO_WAIT = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)  # a FIFO must not hang us

Decoder = Callable[[io.BytesIO], Image.Image]
_DECODERS: dict[Container, Decoder] = {
    Container.PNG: PngImagePlugin.PngImageFile,
    Container.JPEG: JpegImagePlugin.JpegImageFile,
    Container.WEBP: WebPImagePlugin.WebPImageFile,
}


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A decoded picture, upright.

    pixels:    uint8 [H, W, 4], RGBA, straight alpha, sRGB, owned by whoever holds this value.
    had_alpha: whether the file could be transparent, even if no pixel is.
    notes:     what a person should know about the conversion, as sentences.
    text:      the text chunks of a PNG, or the like from EXIF, at most PICTURE_TEXT_LIMIT_BYTES in all.
    """

    pixels: Pixels
    had_alpha: bool
    notes: tuple[str, ...] = ()
    text: dict[str, str] = field(default_factory=dict)

    @property
    def extent(self) -> Extent:
        return Extent(self.pixels.shape[1], self.pixels.shape[0])


def open_picture(path: Path) -> Picture:
    """The picture in a file. MuseStudioError(BAD_PICTURE, OUT_OF_MEMORY) says why not."""
    return decode_picture(read_bounded(path), path.name)


def decode_picture(data: bytes, name: str, limit_bytes: int = limits.PICTURE_LIMIT_BYTES) -> Picture:
    """The picture in these bytes; `name` is for messages. MuseStudioError(BAD_PICTURE, OUT_OF_MEMORY) says why not."""
    try:
        if len(data) > limit_bytes:
            raise BadContainerError(f"it has more than {limit_bytes // 1024**2} MB")
        if not data:
            raise BadContainerError("the file is empty")
        return _decode(outline(data))
    except MemoryError as fault:
        message = f"There is not enough memory to open “{printable(name)}”. Close something, or scale it down."
        raise MuseStudioError(ErrorKind.OUT_OF_MEMORY, message, repr(fault)) from fault
    except BadContainerError as fault:
        raise _refusal(name, str(fault), repr(fault.__cause__ or fault)) from fault
    except (
        Exception
    ) as fault:  # Pillow reports broken files by OSError, SyntaxError, ValueError, struct.error and others
        raise _refusal(name, "its pixels are damaged or cut off", repr(fault)) from fault


def read_bounded(path: Path, limit_bytes: int = limits.PICTURE_LIMIT_BYTES) -> bytes:
    """The bytes of a regular file of at most `limit_bytes`. MuseStudioError(BAD_PICTURE) for anything else."""
    name = path.name or str(path)
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # asked before opening: opening a device may have effects
            raise _refusal(name, "it is a folder or a device, not a picture file")
        with open(path, "rb", opener=lambda file, flags: os.open(file, flags | _OPEN_NO_WAIT)) as stream:
            status = os.fstat(stream.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise _refusal(name, "it is a folder or a device, not a picture file")
            data = stream.read(limit_bytes + 1) if status.st_size <= limit_bytes else b""
            if status.st_size > limit_bytes or len(data) > limit_bytes:
                raise _refusal(name, f"it has more than {limit_bytes // 1024**2} MB")
            return data
    except FileNotFoundError as fault:
        raise _refusal(name, "there is no such file", repr(fault)) from fault
    except PermissionError as fault:
        raise _refusal(name, "reading it is not allowed", repr(fault)) from fault
    except (OSError, ValueError) as fault:
        raise _refusal(name, "it cannot be read", repr(fault)) from fault


def picture_from_pixels(pixels: Pixels, name: str) -> Picture:
    """Pixels that are already decoded (a clipboard's bitmap) under the same limits as a file.

    pixels: uint8 [H, W, 3 or 4]; copied. MuseStudioError(BAD_PICTURE) if they are not that or too many.
    """
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] not in (3, 4):
        raise _refusal(name, "its pixels have an unknown layout", f"{pixels.dtype} {pixels.shape}")
    height, width, channels = pixels.shape
    try:
        check_extent(Extent(width, height))
    except BadContainerError as fault:
        raise _refusal(name, str(fault)) from fault
    rgba = np.full((height, width, 4), 255, dtype=np.uint8)
    rgba[..., :channels] = pixels
    return Picture(rgba, had_alpha=channels == 4)


def open_mask(path: Path, extent: Extent) -> Pixels:
    """A mask from any picture: uint8 [H, W], 255 = regenerate.

    Its alpha if any pixel is transparent, else its brightness. MuseStudioError(BAD_MASK) if its extent is another one,
    BAD_PICTURE if it cannot be opened.
    """
    picture = open_picture(path)
    if picture.extent != extent:
        raise MuseStudioError(
            ErrorKind.BAD_MASK,
            f"The mask “{printable(path.name)}” has {picture.extent} pixels, the picture {extent}. "
            "Make them the same size.",
            str(path),
        )
    alpha = picture.pixels[..., 3]
    if picture.had_alpha and int(alpha.min()) < 255:
        return alpha.copy()
    return np.array(Image.fromarray(picture.pixels[..., :3]).convert("L"))


def encode_png(pixels: Pixels, text: Mapping[str, str] | None = None, *, quick: bool = False) -> bytes:
    """A PNG of uint8 [H, W] or [H, W, 3 or 4] sRGB pixels, with `text` as text chunks. ValueError for other pixels.

    Characters a PNG cannot hold (NUL, lone surrogates) are replaced. quick: in a third of the time.
    """
    grey = pixels.ndim == 2
    if pixels.dtype != np.uint8 or not (grey or (pixels.ndim == 3 and pixels.shape[2] in (3, 4))) or pixels.size == 0:
        raise ValueError(f"a PNG needs uint8 [H, W] or [H, W, 3 or 4], not {pixels.dtype} {pixels.shape}")
    info = PngImagePlugin.PngInfo()
    info.add(b"sRGB", b"\x00")  # perceptual intent: says what the numbers mean
    for key, value in (text or {}).items():
        info.add_text(_storable(key)[:79], _storable(value))
    stream = io.BytesIO()
    image = Image.fromarray(np.ascontiguousarray(pixels))
    how = {"compress_level": 1, "compress_type": _PNG_RUNS} if quick else {"compress_level": _PNG_COMPRESSION}
    image.save(stream, format="PNG", pnginfo=info, **how)
    return stream.getvalue()


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "�")


def _refusal(name: str, reason: str, detail: str = "") -> MuseStudioError:
    message = f"“{printable(name)}” cannot be opened: {reason}."
    return MuseStudioError(ErrorKind.BAD_PICTURE, message, detail)


# Decoding -----------------------------------------------------------------------------------------------------------


def _decode(source: Outline) -> Picture:
    notes = list(source.notes)
    image = _DECODERS[source.container](io.BytesIO(source.data))
    if image.size != (source.extent.width, source.extent.height) or image.mode not in _PERMITTED_MODES:
        raise BadContainerError("it is damaged: its parts disagree about its size")
    image.load()
    image = _eight_bits(image, source)
    had_alpha = _has_alpha(image) or source.grey_key is not None or source.rgb_key is not None
    convert = _profile_conversion(image.mode, source.icc, notes)
    turn, damaged = orientation(source.exif)
    if damaged:
        notes.append("The orientation tag is damaged; the picture is shown as stored.")
    if source.bits > 8:
        notes.append("16 bits per channel were reduced to 8.")
    if image.mode == "CMYK":
        notes.append("CMYK colours were converted to sRGB.")
    if source.frames_left_out:
        notes.append("Only the first frame of the animation was opened.")
    if turn in _TURNS:
        image = image.transpose(_TURNS[turn])
    text = source.text or text_of_exif(source.exif)
    return Picture(_pixels(image, convert), had_alpha, tuple(notes), text)


def _has_alpha(image: Image.Image) -> bool:
    return "A" in image.getbands() or "transparency" in image.info


def _eight_bits(image: Image.Image, source: Outline) -> Image.Image:
    """16-bit grey rounded to 8 bits, and a key colour turned into alpha."""
    if image.mode.startswith("I"):
        wide = np.asarray(image).astype(np.uint32)
        image = Image.fromarray(((np.minimum(wide, 65_535) * 255 + 32_767) // 65_535).astype(np.uint8))
        opaque = wide != source.grey_key if source.grey_key is not None else None
    elif source.grey_key is not None:
        image = image.convert("L")
        opaque = np.asarray(image) != source.grey_key * 255 // (2**source.bits - 1)
    elif source.rgb_key is not None:
        key = np.array([value >> (source.bits - 8) for value in source.rgb_key], dtype=np.uint16)
        opaque = (np.asarray(image) != key).any(axis=2)
    else:
        opaque = None
    if opaque is not None:
        image.putalpha(Image.fromarray(opaque.astype(np.uint8) * 255))
    return image


StripConversion = Callable[[Image.Image], Image.Image]


def _profile_conversion(mode: str, profile: bytes | None, notes: list[str]) -> StripConversion | None:
    """What takes a strip without alpha to sRGB; None if there is nothing to convert. Adds a note on damage."""
    if profile is None:
        return None
    plain = {"1": "L", "LA": "L", "P": "RGB", "PA": "RGB", "RGBA": "RGB", "RGBX": "RGB"}.get(mode, mode)
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if plain == "RGB" and "srgb" in ImageCms.getProfileDescription(source).lower():
            return None  # converting sRGB to itself would move values by one
        transform = ImageCms.buildTransform(
            source,
            ImageCms.createProfile("sRGB"),
            plain,
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        notes.append("The colour profile is damaged or does not fit and was ignored.")
        return None

    def convert(strip: Image.Image) -> Image.Image:
        converted = ImageCms.applyTransform(strip.convert(plain), transform)
        return strip if converted is None else converted

    return convert


def _pixels(image: Image.Image, convert: StripConversion | None) -> Pixels:
    """RGBA of the whole image, converted strip by strip."""
    pixels = np.empty((image.height, image.width, 4), dtype=np.uint8)
    for top in range(0, image.height, _STRIP_ROWS):
        bottom = min(image.height, top + _STRIP_ROWS)
        strip = image.crop((0, top, image.width, bottom))
        if "transparency" in image.info or image.mode == "PA":
            strip = strip.convert("RGBA")
        rgba = strip.convert("RGBA") if convert is None else _converted(strip, convert)
        pixels[top:bottom] = np.asarray(rgba)
    return pixels


def _converted(strip: Image.Image, convert: StripConversion) -> Image.Image:
    """Colours through the profile, alpha untouched."""
    alpha = strip.getchannel("A") if "A" in strip.getbands() else None
    result = convert(strip).convert("RGBA")
    if alpha is not None:
        result.putalpha(alpha)
    return result
