"""Layers as a Photoshop file. Knows nothing about disks. psd-tools, which writes it, is imported only when it does.

Kept: names, order, places, opacity, visibility, every pixel of each layer's chosen variation, and the merged picture
for programs that read no layers.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from muse_studio.core import limits
from muse_studio.core.document import DocumentState
from muse_studio.core.errors import ErrorKind, MuseStudioError

_NAME_CHARACTERS = 250  # the format's own limit is 255


def encode_psd(state: DocumentState) -> bytes:
    """The document as a PSD of 8-bit RGBA. MuseStudioError(BAD_REQUEST) where it is larger than the format allows."""
    from psd_tools import PSDImage

    file = PSDImage.frompil(Image.fromarray(np.ascontiguousarray(state.picture())))
    for layer in state.layers:
        image = Image.fromarray(np.ascontiguousarray(layer.pixels))
        opacity = round(layer.opacity * 255)
        made = file.create_pixel_layer(image, top=layer.place.y, left=layer.place.x, opacity=opacity)
        made.name = _storable(layer.name)
        made.visible = layer.visible
    file._updated = False  # the merged picture is already right; the library would lay the layers over each other anew
    stream = io.BytesIO()
    file.save(stream)
    if stream.tell() > limits.PSD_LIMIT_BYTES:
        message = (
            "The picture is too large for a Photoshop file, which holds 2 GB. Merge some layers, or scale it down."
        )
        raise MuseStudioError(ErrorKind.BAD_REQUEST, message)
    return stream.getvalue()


def _storable(name: str) -> str:
    return name.encode("utf-16-be", "replace").decode("utf-16-be").replace("\x00", "")[:_NAME_CHARACTERS]
