"""Another state of a document, worked out in a thread and taken over as one undo step. Knows no commands and jobs.

64 MP take seconds to be copied, composed and made ready to be drawn; the window goes on meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from muse_studio.core.document import Document, DocumentState
from muse_studio.gui.canvas.picture import PictureCache
from muse_studio.gui.stage import Stage

Change = Callable[[DocumentState], DocumentState]

_TRIES = 5
"""A person who never stops painting waits once, rather than never seeing what they asked for."""
_STROKE_LOOK_S = 0.05


class InThread(Protocol):
    """Runs a function in a thread and waits for it."""

    async def __call__(self, work: Callable[..., Any], *material: Any) -> Any: ...


@dataclass(frozen=True, slots=True, eq=False)
class _Ready:
    """A new state, how it looks, and that made ready for the canvas."""

    state: DocumentState
    picture: NDArray[np.uint8]
    cache: PictureCache


async def remake(
    stage: Stage, document: Document, plan: Callable[[], Change | None], label: str, in_thread: InThread
) -> bool:
    """Let the document on the canvas take what a change makes of it; anew where it was changed meanwhile.

    plan: the change for the document as it is now; None gives up. A stroke that is being painted is waited for.
    Returns whether it was done: not where another document is shown by then.
    """
    for tries_left in reversed(range(_TRIES)):
        while document.in_stroke:
            await asyncio.sleep(_STROKE_LOOK_S)
        change = plan()
        if change is None:
            return False
        version, state = document.version, document.snapshot()
        ready = _prepared(change, state) if tries_left == 0 else await in_thread(_prepared, change, state)
        if stage.sheet is None or stage.sheet.document is not document:
            return False
        if document.version == version and not document.in_stroke:
            document.take(ready.state, label, ready.picture)
            stage.canvas.set_document(document, ready.cache)
            return True
    raise AssertionError("the last try lets nobody in between")


async def step(stage: Stage, *, redo: bool, in_thread: InThread) -> None:
    """Undo or redo. Where that brings another canvas, a thread works out how it looks; if the document is changed
    meanwhile, nothing is taken back: what the person has gone on with stays."""
    document = stage.sheet.document if stage.sheet is not None else None
    coming = None if document is None or stage.canvas.is_busy else document.coming(redo=redo)
    ready = None
    if document is not None and coming is not None:
        version, canvas = document.version, document.canvas_version
        picture, ready = await in_thread(_looked_at, coming)
        if stage.sheet is None or stage.sheet.document is not document or stage.canvas.is_busy:
            return
        if (document.version, document.canvas_version) != (version, canvas):
            return
        document.foresee(coming, picture, redo=redo)
    (stage.redo if redo else stage.undo)(ready)


def _looked_at(state: DocumentState) -> tuple[NDArray[np.uint8], PictureCache]:
    picture = state.picture()
    return picture, PictureCache.of(picture)


def _prepared(change: Change, state: DocumentState) -> _Ready:
    fresh = change(state)
    return _Ready(fresh, *_looked_at(fresh))
