"""An OpenRaster file, ours or another program's, becomes a project, or is refused in words. Trusts nothing.

Ours: by our own table, as long as the layer stack is still the one that was written with it. Any other: by the layer
stack alone, with a note on what had to be simplified. Knows nothing about windows; may run in any thread.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from muse_studio.core import limits
from muse_studio.core.containers import BadContainerError, Container, check_extent, outline, sniff
from muse_studio.core.document import DocumentState, default_frame
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.files import printable
from muse_studio.core.geometry import Extent, Rect
from muse_studio.core.layers import Layer, Variation
from muse_studio.core.pictures import Picture, decode_picture
from muse_studio.core.project.archive import Archive, BadArchiveError, opened_archive
from muse_studio.core.project.own import (
    MASK_NAME,
    OWN_NAME,
    RUNS_FOLDER,
    LayerEntry,
    NewerFormatError,
    OwnTable,
    own_from_json,
)
from muse_studio.core.project.project import Project
from muse_studio.core.project.stack import STACK_NAME, LayerStack, StackLayer, stack_from_xml
from muse_studio.core.project.writing import THUMBNAIL_NAME, stack_digest
from muse_studio.core.wishes import Wishes

Pixels = NDArray[np.uint8]

_ALTERED = (
    "Another program has changed this project. Its layers are as that program left them; variations, mask and prompt "
    "were not kept by it."
)
_NEWER = (
    "This project was made by a newer version of Muse Studio{0}. Its layers are shown; save it under another name to "
    "keep what only the newer version knows."
)


def read_project(path: Path) -> Project:
    """The project in a file. MuseStudioError(BAD_PICTURE, OUT_OF_MEMORY) says why there is none."""
    try:
        with opened_archive(path) as archive:
            return _project(archive, path.stem)
    except MemoryError as fault:
        message = f"There is not enough memory to open “{printable(path.name)}”. Close other pictures and programs."
        raise MuseStudioError(ErrorKind.OUT_OF_MEMORY, message, repr(fault)) from fault
    except BadArchiveError as fault:
        raise _refusal(path, str(fault), repr(fault.__cause__ or fault)) from fault
    except MuseStudioError as fault:  # layers that do not fit together
        raise _refusal(path, "its layers are damaged", str(fault.detail)) from fault
    except FileNotFoundError as fault:
        raise _refusal(path, "there is no such file", repr(fault)) from fault
    except PermissionError as fault:
        raise _refusal(path, "reading it is not allowed", repr(fault)) from fault
    except (OSError, ValueError) as fault:  # ValueError: a NUL in the name
        raise _refusal(path, "it cannot be read", repr(fault)) from fault


def read_thumbnail(path: Path) -> Pixels | None:
    """uint8 [h, w, 4], the project's picture in small; None if the file is no sound project. Never raises."""
    try:
        with opened_archive(path) as archive:
            data = archive.read(THUMBNAIL_NAME, limits.PICTURE_TEXT_LIMIT_BYTES)
            picture = decode_picture(data, path.name)
    except (BadArchiveError, MuseStudioError, OSError, ValueError, MemoryError):
        return None
    most = limits.PROJECT_THUMBNAIL_SIDE_PX
    return picture.pixels if max(picture.extent.width, picture.extent.height) <= most else None


def read_table(path: Path) -> OwnTable | None:
    """Our own table alone, for lists of projects; None if there is none that is sound. Never raises."""
    try:
        with opened_archive(path) as archive:
            return own_from_json(archive.read(OWN_NAME, limits.PROJECT_JSON_LIMIT_BYTES))
    except (BadArchiveError, NewerFormatError, OSError, ValueError, MemoryError):
        return None


def _refusal(path: Path, reason: str, detail: str) -> MuseStudioError:
    return MuseStudioError(ErrorKind.BAD_PICTURE, f"“{printable(path.name)}” cannot be opened: {reason}.", detail)


def _project(archive: Archive, title: str) -> Project:
    stack_data = archive.read(STACK_NAME, limits.PROJECT_XML_LIMIT_BYTES)
    note = ""
    if OWN_NAME in archive:
        try:
            table = own_from_json(archive.read(OWN_NAME, limits.PROJECT_JSON_LIMIT_BYTES))
            if table.stack == stack_digest(stack_data):
                return _own_project(archive, table)
            note = _ALTERED
        except NewerFormatError as newer:
            version = f" ({printable(str(newer), 20)})" if str(newer) else ""
            note = _NEWER.format(version)
    return _foreign_project(archive, stack_from_xml(stack_data), title, note)


# Our own ------------------------------------------------------------------------------------------------------------


def _own_project(archive: Archive, table: OwnTable) -> Project:
    seen: dict[str, Pixels] = {}
    layers = tuple(_own_layer(archive, entry, seen) for entry in table.layers)
    mask = _pixels(archive, MASK_NAME, table.extent)[..., 0]
    state = DocumentState(
        table.extent, layers, table.active, np.ascontiguousarray(mask), table.frame, table.wishes, table.transform
    )
    runs = {
        name.removeprefix(RUNS_FOLDER): archive.read(name, limits.PROJECT_PICTURE_LIMIT_BYTES)
        for name in archive.names
        if name.startswith(RUNS_FOLDER)
    }
    return Project(state, table.title, runs, table.facts)


def _own_layer(archive: Archive, entry: LayerEntry, seen: dict[str, Pixels]) -> Layer:
    """seen: what has been decoded, by its part: layers may share pixels."""
    for one in entry.variations:
        if one.source not in seen:
            seen[one.source] = _read_only(_pixels(archive, one.source, entry.place.extent))
    variations = tuple(Variation(seen[one.source], one.facts, one.tokens) for one in entry.variations)
    return Layer(entry.id, entry.name, entry.place, variations, entry.chosen, entry.visible, entry.opacity)


def _pixels(archive: Archive, source: str, extent: Extent) -> Pixels:
    """uint8 [H, W, 4] of a part that must have just this extent, known before anything is decoded."""
    data = archive.read(source, limits.PROJECT_PICTURE_LIMIT_BYTES)
    if _extent(data, source) != extent:
        raise BadArchiveError(f"its part {source!r} has another size than its layer")
    return _decoded(data, source).pixels


def _extent(data: bytes, source: str) -> Extent:
    if sniff(data) is not Container.PNG:
        raise BadArchiveError(f"its part {source!r} is no PNG")
    try:
        return outline(data).extent
    except BadContainerError as fault:
        raise BadArchiveError(f"its part {source!r} cannot be opened: {fault}") from fault


def _decoded(data: bytes, source: str) -> Picture:
    try:
        return decode_picture(data, source, limits.PROJECT_PICTURE_LIMIT_BYTES)
    except MuseStudioError as fault:
        if fault.kind is ErrorKind.OUT_OF_MEMORY:
            raise MemoryError(fault.detail) from fault
        raise BadArchiveError(f"its part {source!r} is damaged") from fault


def _read_only(pixels: Pixels) -> Pixels:
    pixels.flags.writeable = False
    return pixels


# Other programs' ----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Room:
    """How many pixels may still be opened."""

    left: int = field(default_factory=lambda: limits.LAYERS_LIMIT_BYTES // 4)
    notes: dict[str, None] = field(default_factory=dict)

    def take(self, extent: Extent) -> None:
        self.left -= extent.area
        if self.left < 0:
            most = limits.LAYERS_LIMIT_BYTES // 4 // 1024**2
            raise BadArchiveError(f"its layers claim more than {most} megapixels")


def _foreign_project(archive: Archive, stack: LayerStack, title: str, note: str) -> Project:
    room = _Room(notes=dict.fromkeys((*((note,) if note else ()), *stack.notes)))
    read = [_foreign_layer(archive, line, room) for line in stack.layers]
    kept = [(line, layer) for line, layer in zip(stack.layers, read, strict=True) if layer is not None]
    if not kept:
        raise BadArchiveError("it has no layer with a picture")
    kept.reverse()  # the file has the topmost first
    layers = tuple(
        Layer(number, line.name, place, (Variation(pixels, {}, None),), 0, line.visible, line.opacity)
        for number, (line, (place, pixels)) in enumerate(kept, start=1)
    )
    active = next((number for number, (line, _) in enumerate(kept, start=1) if line.selected), len(layers))
    mask = np.zeros((stack.extent.height, stack.extent.width), np.uint8)
    state = DocumentState(stack.extent, layers, active, mask, default_frame(stack.extent), Wishes())
    return Project(state, title, notes=tuple(room.notes))


def _foreign_layer(archive: Archive, line: StackLayer, room: _Room) -> tuple[Rect, Pixels] | None:
    """Its place and pixels; None with a note for a layer that is no picture (a drawing in SVG, an empty one)."""
    if not line.source.lower().endswith(".png") or line.source not in archive:
        room.notes[f"“{printable(line.name, 40)}” was left out: it is not a layer of pixels."] = None
        return None
    data = archive.read(line.source, limits.PROJECT_PICTURE_LIMIT_BYTES)
    extent = _extent(data, line.source)
    room.take(extent)
    check_extent(extent)
    picture = _decoded(data, line.source)
    for note in picture.notes:
        room.notes[note] = None
    return Rect(line.x, line.y, extent.width, extent.height), _read_only(picture.pixels)
