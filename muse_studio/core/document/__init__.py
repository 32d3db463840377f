"""The artist's document: layers, mask, frame, wishes and their history.

Knows nothing about windows, workers or the model; pixels never leave it except as read-only views. Every method that
changes something returns the changed rectangle, for a view to repaint, and is one undo step.

What it does is in its parts: mask.py, layering.py and canvas.py; what it holds in state.py and base.py; how things are
taken back in edits.py.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from time import monotonic

import numpy as np

from muse_studio.core import limits
from muse_studio.core.document.canvas import CanvasPart, state_of
from muse_studio.core.document.edits import StateEdit, WishesEdit
from muse_studio.core.document.mask import MaskPart
from muse_studio.core.document.moment import Moment
from muse_studio.core.document.state import (
    BACKGROUND,
    DocumentState,
    Pixels,
    check_state,
    default_frame,
    frame_near,
    owned,
)
from muse_studio.core.geometry import Rect
from muse_studio.core.history import Change
from muse_studio.core.masks import painted_bounds
from muse_studio.core.pictures import Picture
from muse_studio.core.wishes import Wishes

__all__ = ["BACKGROUND", "Document", "DocumentState", "Moment", "default_frame"]


class Document(MaskPart, CanvasPart):
    """Layers on a canvas of any extent up to 64 MP, a mask of the same extent, and the square that the model sees.

    pixels: uint8 [H, W, 3 or 4], straight alpha, sRGB; copied. MuseStudioError(BAD_PICTURE) if they are not that.
    path:   where it was opened from, None for a new one.
    """

    def __init__(self, pixels: Pixels, path: Path | None = None) -> None:
        self._begin(state_of(owned(pixels)), path)

    @classmethod
    def of_picture(cls, picture: Picture, path: Path | None = None) -> Document:
        """A document that takes over the picture's pixels without a copy (64 MP are 256 MiB)."""
        document = cls.__new__(cls)
        document._begin(state_of(picture.pixels), path)
        return document

    @classmethod
    def of_state(cls, state: DocumentState, path: Path | None = None) -> Document:
        """A document that begins with a state, such as a project file's; the mask is copied.

        MuseStudioError for a canvas or layers past the limits, or parts that don't fit together.
        """
        check_state(state)
        document = cls.__new__(cls)
        ids = [layer.id for layer in state.layers]
        active = state.active if state.active in ids else (ids[-1] if ids else 0)
        frame = frame_near(state.frame, state.extent)
        document._begin(replace(state, mask=state.mask.copy(), frame=frame, active=active), path)
        return document

    def snapshot(self) -> DocumentState:
        """All of it as it is now, for a thread to read or save: layers are values, the mask is copied.

        Only what is painted is: memory that is zero anyway costs nothing until somebody reads it.
        """
        mask = np.zeros(self._mask.shape, np.uint8)
        painted = Rect.empty() if self.mask_is_empty() else painted_bounds(self._mask)
        mask[painted.slices] = self._mask[painted.slices]
        return replace(self._current(), mask=mask)

    # Frame and wishes ---------------------------------------------------------------------------------------------

    def set_frame(self, rect: Rect) -> Rect:
        """Move or resize the frame; returns it made square, within the least and greatest side, and near enough.

        It may reach over any edge of the canvas, to extend the picture there. Not an undo step: like zoom it is where
        one looks, and changes no pixel.
        """
        self._frame = frame_near(rect, self.extent)
        return self._frame

    def set_wishes(self, wishes: Wishes, label: str = "Change the prompt") -> Rect:
        """Other wishes; changes of the same label that follow each other closely are one undo step."""
        now_s, last = monotonic(), self._history.top
        if wishes == self._wishes:
            return Rect.empty()
        if isinstance(last, WishesEdit) and last.label == label and now_s < last.until_s:
            self._wishes = wishes
            self.version += 1
            last.until_s = now_s + limits.WISHES_MERGE_S
            return Rect.empty()
        self.end_stroke()
        edit = WishesEdit(self, wishes, label, now_s + limits.WISHES_MERGE_S)
        edit.swap()
        self._history.push(edit)
        return Rect.empty()

    # History ------------------------------------------------------------------------------------------------------

    def undo(self) -> Change | None:
        """Take back the last step (an open stroke is ended first); None if there is none."""
        self.end_stroke()
        return self._history.undo()

    def redo(self) -> Change | None:
        """Do the step after again; None if there is none, or a stroke is open."""
        self.end_stroke()
        return self._history.redo()

    def coming(self, *, redo: bool) -> DocumentState | None:
        """The other canvas that undo or redo would bring, for a thread to look at; None where it brings less."""
        edit = self._history.next_redo if redo else self._history.next_undo
        return edit.other if isinstance(edit, StateEdit) and not self.in_stroke else None

    def foresee(self, coming: DocumentState, picture: Pixels, *, redo: bool) -> None:
        """How a state that is `coming` looks: what `picture()` of it gave, which is taken over with the next swap."""
        edit = self._history.next_redo if redo else self._history.next_undo
        if isinstance(edit, StateEdit) and edit.other is coming:
            edit.look = picture

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
