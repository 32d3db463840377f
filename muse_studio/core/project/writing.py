"""A project becomes the parts of an OpenRaster file. Knows nothing about disks; may run in any thread.

What other programs need is written by the specification: the stack, one PNG for each layer (its chosen variation), the
merged picture and a thumbnail. What only this program understands is in its own folder, which others leave alone or
drop.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from muse_studio.core import limits
from muse_studio.core.document import DocumentState
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.layers import Layer
from muse_studio.core.pictures import encode_png
from muse_studio.core.project.archive import BadArchiveError, archive_parts
from muse_studio.core.project.encoded import EncodedPixels
from muse_studio.core.project.own import FOLDER, MASK_NAME, OWN_NAME, RUNS_FOLDER, own_to_json
from muse_studio.core.project.project import Project
from muse_studio.core.project.stack import STACK_NAME, LayerStack, StackLayer, stack_to_xml

Pixels = NDArray[np.uint8]

MERGED_NAME = "mergedimage.png"
THUMBNAIL_NAME = "Thumbnails/thumbnail.png"
_RUN_NAME = re.compile(r"[\w.\-/]{1,120}", re.ASCII)


def project_parts(project: Project, encoded: EncodedPixels, *, merged: bool = True) -> Iterator[bytes]:
    """The file's bytes for `atomic_write_parts`. MuseStudioError(DISK) for a project beyond the limits.

    encoded: where PNGs of layers are kept between two calls.
    merged:  without, a recovery file is written sooner; other programs then have no merged picture to show.
    """
    try:
        _check(project.state)
        yield from archive_parts(_entries(project, encoded, merged))
    except BadArchiveError as fault:
        message = f"The project cannot be saved: {fault}."
        raise MuseStudioError(ErrorKind.DISK, message, repr(fault)) from fault


def _check(state: DocumentState) -> None:
    """BadArchiveError for a project that could not be opened again."""
    shared = {id(one.pixels): layer.place.area for layer in state.layers for one in layer.variations}
    pixels = sum(shared.values())
    if len(state.layers) > limits.LAYERS_LIMIT:
        raise BadArchiveError(f"it has more than {limits.LAYERS_LIMIT} layers. Merge some of them")
    if pixels > limits.LAYERS_LIMIT_BYTES // 4:
        most = limits.LAYERS_LIMIT_BYTES // 4 // 1024**2
        raise BadArchiveError(f"its layers have more than {most} megapixels together. Merge or delete some of them")


def _entries(project: Project, encoded: EncodedPixels, merged: bool) -> dict[str, bytes]:
    state = project.state
    sources = _sources(state)
    stack = stack_to_xml(_stack(state, sources))
    own = own_to_json(project, sources, stack_digest(stack))
    if max(len(own) / limits.PROJECT_JSON_LIMIT_BYTES, len(stack) / limits.PROJECT_XML_LIMIT_BYTES) > 1:
        raise BadArchiveError("it has too many layers and variations. Delete variations that are not needed")
    entries = {STACK_NAME: stack, OWN_NAME: own}
    whole = state.picture()
    entries[THUMBNAIL_NAME] = encode_png(thumbnail(whole))
    for layer in state.layers:
        for number, one in enumerate(layer.variations):
            source = sources[layer.id, number]
            if source not in entries:
                entries[source] = encoded.png(one.pixels)
    if merged:
        entries[MERGED_NAME] = encoded.png(whole)
    entries[MASK_NAME] = encode_png(state.mask, quick=True)
    for name, data in project.runs.items():
        if not _RUN_NAME.fullmatch(name) or any(part in ("", ".", "..") for part in name.split("/")):
            raise BadArchiveError(f"a run has the impossible name {name!r}")
        entries[RUNS_FOLDER + name] = data
    return entries


def stack_digest(stack: bytes) -> str:
    """Tells whether the stack was written by another program since."""
    return hashlib.blake2b(stack, digest_size=16).hexdigest()


def _sources(state: DocumentState) -> dict[tuple[int, int], str]:
    """Where each variation's pixels are: the chosen one where others look for a layer, the rest in our own folder.

    Pixels that two layers share are written once.
    """
    names: dict[int, str] = {}
    for place, layer in enumerate(state.layers):
        names.setdefault(id(layer.pixels), f"data/layer{place}.png")
    for place, layer in enumerate(state.layers):
        for number, one in enumerate(layer.variations):
            names.setdefault(id(one.pixels), f"{FOLDER}layer{place}-{number}.png")
    several = ((layer, number) for layer in state.layers for number in range(len(layer.variations)))
    return {(layer.id, number): names[id(layer.variations[number].pixels)] for layer, number in several}


def _stack(state: DocumentState, sources: dict[tuple[int, int], str]) -> LayerStack:
    def line(layer: Layer) -> StackLayer:
        return StackLayer(
            name=layer.name,
            source=sources[layer.id, layer.chosen],
            x=layer.place.x,
            y=layer.place.y,
            opacity=layer.opacity,
            visible=layer.visible,
            selected=layer.id == state.active,
        )

    return LayerStack(state.extent, tuple(line(layer) for layer in reversed(state.layers)))


def thumbnail(pixels: Pixels, side_px: int = limits.PROJECT_THUMBNAIL_SIDE_PX) -> Pixels:
    """uint8 [h, w, 4] of at most `side_px` a side, never larger than `pixels` [H, W, 4]."""
    image = Image.fromarray(np.ascontiguousarray(pixels))
    share = min(1.0, side_px / max(image.size))
    size = (max(1, round(image.width * share)), max(1, round(image.height * share)))
    return np.asarray(image.resize(size, Image.Resampling.BOX, reducing_gap=2.0)) if share < 1 else pixels
