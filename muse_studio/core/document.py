"""The artist's document: picture, mask, frame and their history.

Knows nothing about windows, workers or the model; pixels never leave it except as read-only views. Every method that
changes something returns the changed rectangle, for a view to repaint, and is one undo step.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from muse_studio.core import limits
from muse_studio.core.brush import Brush, StrokePainter
from muse_studio.core.containers import BadContainerError, check_extent
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.geometry import Extent, Point, Rect
from muse_studio.core.history import Change, ChangeKind, History
from muse_studio.core.masks import painted_bounds
from muse_studio.core.pictures import Picture
from muse_studio.core.tiles import BlockPatch, TilePatch, TileRecorder

Pixels = NDArray[np.uint8]


class Document:
    """A picture of any extent up to 64 MP, a mask of the same extent, and the square that the model sees.

    pixels: uint8 [H, W, 3 or 4], straight alpha, sRGB; copied. MuseStudioError(BAD_PICTURE) if they are not that.
    path:   where it was opened from, None for a new one.
    """

    def __init__(self, pixels: Pixels, path: Path | None = None) -> None:
        self._start(_owned(pixels), path)

    @classmethod
    def of_picture(cls, picture: Picture, path: Path | None = None) -> Document:
        """A document that takes over the picture's pixels without a copy (64 MP are 256 MiB)."""
        document = cls.__new__(cls)
        document._start(picture.pixels if picture.pixels.flags.writeable else _owned(picture.pixels), path)
        return document

    def _start(self, pixels: Pixels, path: Path | None) -> None:
        self.path = path
        self._history = History()
        self._stroke: _Stroke | None = None
        self.stroke_end = Rect.empty()  # what the last `end_stroke` painted: at most a fraction of the brush
        self.picture_version = 0  # another whenever `picture` has other pixels, for those who read it in a thread
        self._become(_State(pixels, np.zeros(pixels.shape[:2], np.uint8), default_frame(_extent_of(pixels))))

    def _become(self, state: _State) -> None:
        self._picture, self._mask, self._frame = state.picture, state.mask, state.frame
        self.picture_version += 1
        self._picture_view, self._mask_view = _view(state.picture), _view(state.mask)
        self._empty_mask: bool | None = None  # not known

    # What it holds ------------------------------------------------------------------------------------------------

    @property
    def picture(self) -> Pixels:
        """uint8 [H, W, 4], RGBA; read-only and live. Another array after a `ChangeKind.DOCUMENT` change."""
        return self._picture_view

    @property
    def mask(self) -> Pixels:
        """uint8 [H, W], 255 = regenerate; read-only and live. Another array after a `ChangeKind.DOCUMENT` change."""
        return self._mask_view

    @property
    def extent(self) -> Extent:
        return _extent_of(self._picture)

    @property
    def bounds(self) -> Rect:
        """The whole document as a rectangle."""
        return Rect.of(self.extent)

    @property
    def frame(self) -> Rect:
        """The square that the model sees; reaches over the right or lower edge only where the document is smaller."""
        return self._frame

    @property
    def frame_inside(self) -> Rect:
        """The part of the frame that has pixels."""
        return self._frame.intersect(self.bounds)

    def mask_is_empty(self) -> bool:
        """Whether nothing at all is painted."""
        if self._empty_mask is None:
            self._empty_mask = not self._mask.any()
        return self._empty_mask

    def mask_in_frame(self) -> Pixels:
        """The mask of `frame_inside`: a read-only, live view."""
        return self._mask_view[self.frame_inside.slices]

    # Frame --------------------------------------------------------------------------------------------------------

    def set_frame(self, rect: Rect) -> Rect:
        """Move or resize the frame; returns it made square, within the least and greatest side, and moved inside.

        Not an undo step: like zoom it is where one looks, and changes no pixel.
        """
        most = max(limits.FRAME_SIDE_PX, self.extent.width, self.extent.height)
        side = min(max(rect.width, rect.height, limits.FRAME_SIDE_LEAST_PX), most)
        self._frame = Rect(rect.x, rect.y, side, side).clamp_inside(self.extent)
        return self._frame

    # Strokes ------------------------------------------------------------------------------------------------------

    @property
    def in_stroke(self) -> bool:
        return self._stroke is not None

    def begin_stroke(self, brush: Brush) -> None:
        """Start painting; a stroke still open is ended first."""
        self.end_stroke()
        recorder = TileRecorder(self._mask)
        self._stroke = _Stroke(StrokePainter(self._mask, brush, recorder.touch), recorder, brush)

    def stroke_to(self, point: Point, pressure: float | None = 1.0) -> Rect:
        """Move the brush; returns what it changed. Without a stroke nothing happens."""
        if self._stroke is None:
            return Rect.empty()
        self._empty_mask = None
        return self._stroke.painter.line_to(point, pressure)

    def end_stroke(self) -> bool:
        """Finish the stroke as one undo step; False if it changed nothing. `stroke_end`: what it still painted."""
        stroke, self._stroke = self._stroke, None
        if stroke is None:
            return False
        self.stroke_end = stroke.painter.finish()
        self._empty_mask = None
        patch = stroke.recorder.finish()
        if patch is None:
            return False
        label = "Erase mask" if stroke.brush.erase else "Paint mask"
        self._push(patch, Change(label, patch.rect, ChangeKind.MASK))
        return True

    def cancel_stroke(self) -> Rect:
        """Take the open stroke back as if it had never begun; returns what that changed."""
        stroke, self._stroke = self._stroke, None
        self._empty_mask = None
        return Rect.empty() if stroke is None else stroke.recorder.restore()

    # Whole-mask commands ------------------------------------------------------------------------------------------

    def clear_mask(self) -> Rect:
        """Nothing is painted any more."""
        self.end_stroke()
        return self._change_mask(painted_bounds(self._mask), 0, "Clear mask")

    def fill_mask(self) -> Rect:
        """Everything is painted."""
        self.end_stroke()
        return self._change_mask(self.bounds, 255, "Fill mask")

    def invert_mask(self) -> Rect:
        """What was painted is free and the other way round."""
        self.end_stroke()
        edit = _InvertEdit(self)
        edit.swap()
        self._history.push(edit)
        return self.bounds

    def set_mask(self, mask: Pixels, label: str = "Load mask") -> Rect:
        """Replace the mask by a copy of uint8 [H, W]. MuseStudioError(BAD_MASK) for another shape."""
        if mask.dtype != np.uint8 or mask.shape != self._mask.shape:
            message = f"The mask must have {self.extent} pixels like the picture."
            raise MuseStudioError(ErrorKind.BAD_MASK, message, f"{mask.dtype} {mask.shape}")
        self.end_stroke()
        return self._change_mask(self.bounds, mask, label)

    def _change_mask(self, rect: Rect, values: Pixels | int, label: str) -> Rect:
        """One undo step that sets the mask of `rect`; nothing at all if it has these values already."""
        if rect.is_empty or np.array_equal(self._mask[rect.slices], np.broadcast_to(values, (rect.height, rect.width))):
            return Rect.empty()
        patch = BlockPatch.of(self._mask, rect)
        self._mask[rect.slices] = values
        self._empty_mask = None
        self._push(patch, Change(label, rect, ChangeKind.MASK))
        return rect

    def _push(self, patch: TilePatch | BlockPatch, change: Change) -> None:
        self._history.push(_PatchEdit(self, patch, change))

    # Picture ------------------------------------------------------------------------------------------------------

    def apply_pixels(self, rect: Rect, rgba: Pixels, label: str) -> Rect:
        """Put uint8 [rect.height, rect.width, 4] into the picture; parts outside the document are left off.

        ValueError if the pixels do not fit the rectangle.
        """
        if rgba.dtype != np.uint8 or rgba.shape != (rect.height, rect.width, 4):
            raise ValueError(f"pixels {rgba.dtype} {rgba.shape} do not fit {rect}")
        self.end_stroke()
        inside = rect.intersect(self.bounds)
        fresh = rgba[inside.translate(-rect.x, -rect.y).slices] if not inside.is_empty else rgba[:0]
        if inside.is_empty or np.array_equal(self._picture[inside.slices], fresh):
            return Rect.empty()
        patch = BlockPatch.of(self._picture, inside)
        self._picture[inside.slices] = fresh
        self.picture_version += 1
        self._push(patch, Change(label, inside, ChangeKind.PICTURE))
        return inside

    def replace_picture(self, pixels: Pixels, label: str) -> Rect:
        """A new picture of any extent, an empty mask, the frame in its default place; undo brings the old ones back.

        pixels: uint8 [H, W, 3 or 4]; copied.
        """
        self.end_stroke()
        owned = _owned(pixels)
        state = _State(owned, np.zeros(owned.shape[:2], np.uint8), default_frame(_extent_of(owned)))
        edit = _ReplaceEdit(self, state, label)
        edit.swap()
        self._history.push(edit)
        return self.bounds

    # History ------------------------------------------------------------------------------------------------------

    def undo(self) -> Change | None:
        """Take back the last step (an open stroke is ended first); None if there is none."""
        self.end_stroke()
        return self._history.undo()

    def redo(self) -> Change | None:
        """Do the step after again; None if there is none, or a stroke is open."""
        self.end_stroke()
        return self._history.redo()

    @property
    def can_undo(self) -> bool:
        return self._history.can_undo

    @property
    def can_redo(self) -> bool:
        return self._history.can_redo

    @property
    def undo_label(self) -> str | None:
        return self._history.undo_label

    @property
    def redo_label(self) -> str | None:
        return self._history.redo_label

    @property
    def dirty(self) -> bool:
        """Whether anything changed since it was opened or `mark_saved`."""
        return self._history.dirty

    def mark_saved(self) -> None:
        self._history.mark_saved()


def default_frame(extent: Extent) -> Rect:
    """The largest square in the middle, at least 512 px; a smaller document has it at its upper left corner."""
    side = max(limits.FRAME_SIDE_PX, min(extent.width, extent.height))
    return Rect((extent.width - side) // 2, (extent.height - side) // 2, side, side).clamp_inside(extent)


@dataclass(slots=True)
class _Stroke:
    painter: StrokePainter
    recorder: TileRecorder
    brush: Brush


@dataclass(frozen=True, slots=True, eq=False)
class _State:
    picture: Pixels
    mask: Pixels
    frame: Rect


@dataclass(frozen=True, slots=True, eq=False)
class _PatchEdit:
    """Other pixels of the mask or of the picture."""

    document: Document
    patch: TilePatch | BlockPatch
    change: Change

    @property
    def size_bytes(self) -> int:
        return self.patch.size_bytes

    def swap(self) -> None:
        document = self.document
        if self.change.kind is ChangeKind.MASK:
            self.patch.swap(document._mask)
            document._empty_mask = None
        else:
            self.patch.swap(document._picture)
            document.picture_version += 1


@dataclass(frozen=True, slots=True, eq=False)
class _InvertEdit:
    """Its own opposite, so nothing is kept."""

    document: Document

    @property
    def change(self) -> Change:
        return Change("Invert mask", self.document.bounds, ChangeKind.MASK)

    @property
    def size_bytes(self) -> int:
        return 0

    def swap(self) -> None:
        np.invert(self.document._mask, out=self.document._mask)
        self.document._empty_mask = None


@dataclass(slots=True, eq=False)
class _ReplaceEdit:
    """The other picture, mask and frame as they are; nothing is copied."""

    document: Document
    other: _State
    label: str

    @property
    def change(self) -> Change:
        return Change(self.label, self.document.bounds, ChangeKind.DOCUMENT)

    @property
    def size_bytes(self) -> int:
        return self.other.picture.nbytes + self.other.mask.nbytes

    def swap(self) -> None:
        document = self.document
        before = _State(document._picture, document._mask, document._frame)
        document._become(self.other)
        self.other = before


def _extent_of(pixels: Pixels) -> Extent:
    return Extent(pixels.shape[1], pixels.shape[0])


def _view(pixels: Pixels) -> Pixels:
    view = pixels.view()
    view.flags.writeable = False
    return view


def _owned(pixels: Pixels) -> Pixels:
    """A writable RGBA copy. MuseStudioError(BAD_PICTURE) for another layout or too many pixels."""
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] not in (3, 4):
        detail = f"{pixels.dtype} {pixels.shape}"
        raise MuseStudioError(ErrorKind.BAD_PICTURE, "The picture's pixels have an unknown layout.", detail)
    try:
        check_extent(_extent_of(pixels))
    except BadContainerError as fault:
        raise MuseStudioError(ErrorKind.BAD_PICTURE, f"The picture cannot be used: {fault}.") from fault
    owned = np.full((*pixels.shape[:2], 4), 255, dtype=np.uint8)
    owned[..., : pixels.shape[2]] = pixels
    return owned
