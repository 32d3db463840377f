"""The step under the head, shown on the canvas in its run's frame; the document is never touched. Knows no buttons.

Pixels are fetched in a thread. While one picture is fetched others may be wished for: only the last of them is shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent

from muse_studio.client.surface import StudioClient
from muse_studio.core.canvas_transform import UNCHANGED, CanvasTransform
from muse_studio.core.composite import result_alpha
from muse_studio.core.geometry import Extent, Rect
from muse_studio.core.run_pictures import StepPicture, develop, preview_pixels, thumb_pixels
from muse_studio.core.runs import Run, RunStep
from muse_studio.gui.canvas.canvas import Canvas
from muse_studio.gui.faults import Faults
from muse_studio.gui.timeline.darkroom import Darkroom
from muse_studio.gui.timeline.heat import heated
from muse_studio.gui.timeline.redecode import can_redecode, full_picture, is_quick, side_px
from muse_studio.gui.timeline.state import Timeline, Told

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class _Wish:
    """A step to show. frame: where it belongs now. extent: the document's, None where there is none.

    since: what has become of the canvas since the run.
    """

    run: Run
    step: RunStep
    doubt: bool
    frame: Rect
    extent: Extent | None
    since: CanvasTransform = UNCHANGED


class Screen(QObject):
    """Follows a timeline; a brush put on the canvas, or Escape there, ends the looking."""

    def __init__(
        self, canvas: Canvas, timeline: Timeline, darkroom: Darkroom, client: StudioClient, faults: Faults
    ) -> None:
        super().__init__(canvas)
        self._canvas, self._timeline, self._darkroom, self._faults = canvas, timeline, darkroom, faults
        self._wanted: _Wish | None = None
        self._fetching = False
        self._alphas: dict[tuple[str, Rect, Extent, CanvasTransform], Pixels] = {}
        self._client = client
        self._resting: asyncio.TimerHandle | None = None
        self.rest_s: float | None = 0.4
        """How long the head stands still before a coarse picture is made again in full; None: it never is."""
        self.shown: RunStep | None = None
        """The step on the canvas; None while the document is."""
        self.on_show: list[Callable[[], None]] = []
        """Told when a step came onto the canvas or the last one left it."""
        timeline.on_change.append(self._changed)
        canvas.installEventFilter(self)

    def _changed(self, told: Told) -> None:
        if told not in (Told.HEAD, Told.LOOK):
            return
        self.rest(None)
        run, step = self._timeline.run, self._timeline.current
        if not self._timeline.is_screening or run is None or step is None:
            self._leave()
            return
        document = self._canvas.document
        wish = _Wish(run, step, self._timeline.shows_doubt, run.frame, None)
        if document is not None:
            found, since = document.found(run.noted), document.since(run.noted)
            wish = replace(wish, frame=found, extent=document.extent, since=since)
        self._wanted = wish
        if not self._fetching:
            self._fetching = True
            self._faults.spawn(self._fetch())

    def _leave(self) -> None:
        self._wanted = None
        if self.shown is not None:
            self.shown = None
            self._canvas.release_preview()
            self._tell()

    async def _fetch(self) -> None:
        """Show what is wanted until it is what is shown."""
        try:
            while (wish := self._wanted) is not None:
                pixels = await self._darkroom.in_thread(_developed, wish)
                alpha = await self._alpha(wish)
                if self._wanted is wish:
                    self._wanted = None
                    self._show(wish, pixels, alpha)
        finally:
            self._fetching = False

    def _show(self, wish: _Wish, pixels: Pixels | None, alpha: Pixels | None) -> None:
        if pixels is None:  # nothing is left of this step's looks: the one before stays until it is made again
            self.rest(wish)
            return
        self._canvas.hold_preview(wish.frame, pixels, alpha)
        self.shown = wish.step
        self._tell()
        coarse = wish.step.stage == "base" and len(pixels) < side_px(wish.step)
        if coarse and not self._timeline.is_playing and is_quick(self._client, wish.step):
            self.rest(wish)

    def rest(self, wish: _Wish | None) -> None:
        """The head stands still: a while later the step is seen as sharp as the model can make it. None: it moved.

        Composition only, and what has no picture: that is a tenth of a second's work, where detail takes one or two.
        """
        if self._resting is not None:
            self._resting.cancel()
            self._resting = None
        if wish is not None and self.rest_s is not None:
            loop = asyncio.get_event_loop()
            self._resting = loop.call_later(self.rest_s, lambda: self._faults.spawn(self._sharpen(wish)))

    async def _sharpen(self, wish: _Wish) -> None:
        place, idle = self._timeline.place_of(wish.step), not self._client.jobs
        if place is None or not idle or not can_redecode(self._client, wish.run, wish.step):
            return
        pixels = await full_picture(self._client, wish.run, wish.step)
        tree, kept = self._timeline.tree, wish.run.steps[place[0]][place[1]].picture
        if pixels is not None and tree is not None and tree.get(wish.run.id) is wish.run and kept is wish.step.picture:
            fresh = await self._darkroom.in_thread(develop, StepPicture(raw=pixels))
            if fresh is not None:  # its thumbnail stays as its neighbours' are; it is told of, so it is shown
                tree.put_picture(wish.run, *place, replace(fresh, thumb=kept.thumb or fresh.thumb))

    async def _alpha(self, wish: _Wish) -> Pixels | None:
        """How much of the picture shows: under the run's mask, as its result would."""
        request = wish.run.request
        if request.mask is None or wish.extent is None:
            return None
        key = (wish.run.id, wish.frame, wish.extent, wish.since)
        if key not in self._alphas:
            mask = wish.since.turned(request.mask)
            asked = partial(result_alpha, mask, wish.frame, wish.extent, side=request.frame_side)
            found = await self._darkroom.in_thread(asked)
            if found is None:
                return None
            self._alphas = {key: found}  # of one run at a time: a quarter of a megabyte each
        return self._alphas.get(key)

    def _tell(self) -> None:
        for listener in tuple(self.on_show):
            listener()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not self._timeline.is_screening:
            return False
        kind = event.type()
        if kind == QEvent.Type.TabletPress or (kind == QEvent.Type.MouseButtonPress and self._paints(event)):
            self._timeline.leave()
        elif isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            if kind == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if kind == QEvent.Type.KeyPress:
                self._timeline.leave()
                return True
        return False

    def _paints(self, event: QEvent) -> bool:
        """Whether a press works on the document; one that only moves the view leaves the step where it is."""
        return (
            isinstance(event, QMouseEvent)
            and event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton)
            and self._canvas.tool.paints
        )


def _developed(wish: _Wish) -> Pixels | None:
    """The step's picture as it is to be shown, the best that is left of it; in a thread."""
    pixels = preview_pixels(wish.step.picture)
    if pixels is None:
        pixels = thumb_pixels(wish.step.picture)
    if pixels is None:
        return None
    return wish.since.turned(_heated(wish, pixels) if wish.doubt else pixels)


def _heated(wish: _Wish, pixels: Pixels) -> Pixels:
    grid = wish.step.grid
    decided = None if grid is None else grid.decided | ~wish.run.inside(len(grid.tokens))
    if pixels.shape[0] < 4 * len(wish.step.confidence):  # room for cells with clear edges
        pixels = pixels.repeat(2, 0).repeat(2, 1)
    return heated(pixels, wish.step.confidence, decided)
