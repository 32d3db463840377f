"""Develops steps' pictures and fetches them back, in threads. Knows nothing of what shows them.

Threads get and give numpy arrays and bytes only; images for the screen are made here, in the window's thread.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from muse_studio.core.errors import MuseStudioError
from muse_studio.core.run_pictures import THUMB_SIDE_PX, StepPicture, develop, thumb_pixels
from muse_studio.core.runs import Run, RunChange, RunNews, RunTree
from muse_studio.gui.faults import Faults

Pixels = NDArray[np.uint8]
T = TypeVar("T")
Place = tuple[str, int, int]
"""A run's id, a variation and a step."""

_THUMBS_KEPT = 1500  # of 56 px at 200 %: 50 KB each


class Darkroom(QObject):
    """Of one window. `close` it before the event loop ends."""

    developed = Signal(str, int, int)
    """A thumbnail that was asked for has come: of which run, variation and step."""

    def __init__(self, faults: Faults) -> None:
        super().__init__()
        self._faults = faults
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="darkroom")
        self._tree: RunTree | None = None
        self._thumbs: OrderedDict[Place, QImage] = OrderedDict()
        self._asked: dict[Place, StepPicture] = {}
        self._closed = False

    def close(self) -> None:
        """Let go of the threads."""
        self._closed = True
        self.watch(None)
        self._pool.shutdown(wait=True, cancel_futures=True)

    def watch(self, tree: RunTree | None) -> None:
        """Develop every picture of this tree as it comes."""
        if tree is self._tree:
            return
        if self._tree is not None:
            self._tree.on_change.remove(self._changed)
        self._tree = tree
        self._thumbs.clear()
        self._asked.clear()
        if tree is not None:
            tree.on_change.append(self._changed)
            for run in tree.runs:
                for variation, row in enumerate(run.steps):
                    for step in range(len(row)):
                        self._develop(tree, run, variation, step)

    def thumb(self, run: Run, variation: int, step: int, side_px: int | None = None) -> QImage | None:
        """A step's thumbnail, square; None while it is fetched, or where there is none.

        side_px: in device pixels; another size is given until this one has come. None: whatever size there is.
        """
        place = (run.id, variation, step)
        image = self._thumbs.get(place)
        if image is not None and side_px in (None, image.width()):
            self._thumbs.move_to_end(place)
            return image
        picture = run.steps[variation][step].picture
        if not picture.is_empty and place not in self._asked and not self._closed:
            self._asked[place] = picture
            self._faults.spawn(self._fetch(place, picture, side_px or THUMB_SIDE_PX))
        return image

    async def in_thread(self, work: Callable[..., T], *arguments: object) -> T | None:
        """What `work` gives, computed in a thread; None once the darkroom is closed."""
        if self._closed:
            return None
        return await asyncio.get_event_loop().run_in_executor(self._pool, work, *arguments)

    # Inside

    def _changed(self, change: RunChange) -> None:
        if change.news in (RunNews.STEP, RunNews.PICTURE) and self._tree is not None:
            self._develop(self._tree, change.run, change.variation, change.step)

    def _develop(self, tree: RunTree, run: Run, variation: int, step: int) -> None:
        picture = run.steps[variation][step].picture
        if picture.raw is None or self._closed:
            return
        self._thumbs.pop((run.id, variation, step), None)
        self._asked.pop((run.id, variation, step), None)
        self._faults.spawn(self._encode(tree, run, variation, step, picture))

    async def _encode(self, tree: RunTree, run: Run, variation: int, step: int, picture: StepPicture) -> None:
        loop = asyncio.get_running_loop()
        encoded = await loop.run_in_executor(self._pool, develop, picture)
        now = run.steps[variation][step].picture
        if now is picture:
            tree.put_picture(run, variation, step, encoded)
        elif now.is_empty:  # let go before it was developed: its thumbnail stays
            tree.put_picture(run, variation, step, encoded.without_preview())

    async def _fetch(self, place: Place, picture: StepPicture, side_px: int) -> None:
        try:
            pixels = await self.in_thread(_square, picture, side_px)
        except MuseStudioError:  # a damaged picture in a project: its cell stays empty, and is not asked for again
            return
        if pixels is None or self._asked.get(place) is not picture:
            return
        del self._asked[place]
        self._thumbs[place] = image_of(pixels)
        while len(self._thumbs) > _THUMBS_KEPT:
            self._thumbs.popitem(last=False)
        self.developed.emit(*place)


def _square(picture: StepPicture, side_px: int) -> Pixels | None:
    """uint8 [side, side, 3]; in a thread."""
    pixels = thumb_pixels(picture)
    if pixels is None:
        return None
    return np.asarray(Image.fromarray(pixels).resize((side_px, side_px), Image.Resampling.LANCZOS))


def image_of(rgb: Pixels) -> QImage:
    """An image for the screen of uint8 [h, w, 3]; copied."""
    pixels = np.ascontiguousarray(rgb)
    height, width = pixels.shape[:2]
    image = QImage(pixels.data, width, height, width * 3, QImage.Format.Format_RGB888)  # type: ignore[call-overload]
    return image.convertToFormat(QImage.Format.Format_RGB32)
