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


def _prepared(change: Change, state: DocumentState) -> _Ready:
    fresh = change(state)
    picture = fresh.picture()
    return _Ready(fresh, picture, PictureCache.of(picture))
