"""What is dropped or pasted: found in the mime data as a local file or as bytes, never decoded here.

Knows nothing about documents. Qt reads no file from outside: `core.pictures` does, with its limits. Only what
another program already holds as bare pixels in the clipboard passes through a QImage, and becomes PNG bytes first.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData
from PySide6.QtGui import QImage

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.limits import PICTURE_LIMIT_PIXELS

_ENCODED = ("image/png", "image/webp", "image/jpeg")


@dataclass(frozen=True, slots=True)
class PictureFile:
    """A picture in a local file."""

    path: Path


@dataclass(frozen=True, slots=True)
class PictureBytes:
    """A picture as encoded bytes, with a name for messages."""

    data: bytes
    name: str


Incoming = PictureFile | PictureBytes


def holds_picture(mime: QMimeData) -> bool:
    """Whether a drag may be dropped here; cheap, and true for anything that could be one."""
    return mime.hasUrls() or mime.hasImage() or any(mime.hasFormat(kind) for kind in _ENCODED)


def find_picture(mime: QMimeData, name: str) -> Incoming | None:
    """The first picture in the data; None if there is none. MuseStudioError for a picture that isn't on this computer.

    A file is preferred to pixels, since it keeps what pixels lose: depth, profile and text.
    """
    urls = mime.urls() if mime.hasUrls() else []
    local = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
    if local:
        return PictureFile(local[0])
    for kind in _ENCODED:
        if mime.hasFormat(kind):
            return PictureBytes(bytes(mime.data(kind).data()), name)
    if mime.hasImage():
        return _from_pixels(mime.imageData(), name)
    if urls:
        raise MuseStudioError(
            ErrorKind.BAD_PICTURE,
            "This picture is on the web, and Muse Studio doesn't go online by itself. Save it to this computer first, "
            "or copy the picture itself.",
            f"{len(urls)} urls",
        )
    return None


def _from_pixels(image: object, name: str) -> Incoming | None:
    if not isinstance(image, QImage) or image.isNull():
        return None
    if image.width() * image.height() > PICTURE_LIMIT_PIXELS:
        size = f"{image.width()} × {image.height()}"
        raise MuseStudioError(ErrorKind.BAD_PICTURE, f"The copied picture is too large ({size}); copy a part of it.")
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG", 100)  # type: ignore[call-overload]  # quality 100: fast, hardly compressed
    return PictureBytes(bytes(data.data()), name)
