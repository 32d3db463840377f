"""The part of a document that is about its mask: strokes and commands on all of it. Knows nothing of layers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from muse_studio.core.brush import Brush, StrokePainter
from muse_studio.core.document.base import Base
from muse_studio.core.document.edits import InvertEdit, MaskEdit
from muse_studio.core.document.state import Pixels
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.geometry import Point, Rect
from muse_studio.core.history import Change, ChangeKind
from muse_studio.core.masks import painted_bounds
from muse_studio.core.selection import Combine, combined
from muse_studio.core.tiles import BlockPatch, TilePatch, TileRecorder


@dataclass(slots=True)
class _Stroke:
    painter: StrokePainter
    recorder: TileRecorder
    brush: Brush


class MaskPart(Base):
    """Painting what shall be made anew. Every method that changes something returns where."""

    _stroke: _Stroke | None = None
    stroke_end = Rect.empty()
    """What the last `end_stroke` painted: at most a fraction of the brush."""

    def mask_is_empty(self) -> bool:
        """Whether nothing at all is painted."""
        if self._empty_mask is None:
            self._empty_mask = not self._mask.any()
        return self._empty_mask

    def mask_in_frame(self) -> Pixels:
        """The mask of `frame_inside`: a read-only, live view."""
        return self._mask_view[self.frame_inside.slices]

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
        self._mask_changed()
        return self._stroke.painter.line_to(point, pressure)

    def end_stroke(self) -> bool:
        """Finish the stroke as one undo step; False if it changed nothing. `stroke_end`: what it still painted."""
        stroke, self._stroke = self._stroke, None
        if stroke is None:
            return False
        self.stroke_end = stroke.painter.finish()
        self._mask_changed()
        patch = stroke.recorder.finish()
        if patch is None:
            return False
        label = "Erase mask" if stroke.brush.erase else "Paint mask"
        self._push_mask(patch, Change(label, patch.rect, ChangeKind.MASK))
        return True

    def cancel_stroke(self) -> Rect:
        """Take the open stroke back as if it had never begun; returns what that changed."""
        stroke, self._stroke = self._stroke, None
        self._mask_changed()
        return Rect.empty() if stroke is None else stroke.recorder.restore()

    # Commands -----------------------------------------------------------------------------------------------------

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
        edit = InvertEdit(self)
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

    def combine_mask(self, area: Pixels, rect: Rect, how: Combine, label: str) -> Rect:
        """Join an area to the mask: uint8 [rect.height, rect.width], of a rectangle inside the document."""
        self.end_stroke()
        reach = rect if how in (Combine.ADD, Combine.SUBTRACT) else rect.union(painted_bounds(self._mask))
        fresh = np.zeros((reach.height, reach.width), np.uint8)
        if not rect.is_empty:
            fresh[rect.translate(-reach.x, -reach.y).slices] = area
        return self._change_mask(reach, combined(self._mask[reach.slices], fresh, how), label)

    def _change_mask(self, rect: Rect, values: Pixels | int, label: str) -> Rect:
        """One undo step that sets the mask of `rect`; nothing at all if it has these values already."""
        if rect.is_empty or np.array_equal(self._mask[rect.slices], np.broadcast_to(values, (rect.height, rect.width))):
            return Rect.empty()
        patch = BlockPatch.of(self._mask, rect)
        self._mask[rect.slices] = values
        self._mask_changed()
        self._push_mask(patch, Change(label, rect, ChangeKind.MASK))
        return rect

    def _push_mask(self, patch: TilePatch | BlockPatch, change: Change) -> None:
        self._history.push(MaskEdit(self, patch, change))
