"""How sure the model was, laid over a step's picture: doubt glows, what is not decided is dimmed. Knows no Qt."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

_SURE = np.array([30, 60, 160], np.float32)
_UNSURE = np.array([255, 80, 20], np.float32)
"""Blue to orange: told apart also by those who see no difference between red and green."""

_WEIGHT = 0.62
_UNDECIDED_WEIGHT = 0.6


def heated(picture: Pixels, confidence: Pixels, decided: NDArray[np.bool_] | None) -> Pixels:
    """uint8 [s, s, 3] of a picture of any size, with confidence uint8 [n, n] as colour where it is decided.

    What is sure keeps its picture's colours best; cells that are not decided turn grey and dark.
    """
    side = picture.shape[0]
    cells = np.arange(side) * len(confidence) // side
    doubt = (1 - confidence.astype(np.float32) / 255)[cells][:, cells, None]
    base = picture.astype(np.float32)
    colour = _SURE + (_UNSURE - _SURE) * doubt
    weight = _WEIGHT * (0.35 + 0.65 * doubt)
    shown = base + (colour - base) * weight
    if decided is not None:
        known = decided[cells][:, cells, None]
        grey = base.mean(axis=2, keepdims=True) * (1 - _UNDECIDED_WEIGHT)
        shown = np.where(known, shown, np.broadcast_to(grey, base.shape))
    return np.rint(shown).clip(0, 255).astype(np.uint8)
