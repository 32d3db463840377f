"""The tools and the brush's settings. Knows nothing of Qt, events or pixels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from muse_studio.core.brush import Brush
from muse_studio.core.limits import BRUSH_LEAST_PX, BRUSH_LIMIT_PX


class Tool(Enum):
    """What dragging on the canvas does."""

    BRUSH = "brush"
    ERASER = "eraser"
    PAN = "pan"
    FRAME = "frame"

    @property
    def paints(self) -> bool:
        return self in (Tool.BRUSH, Tool.ERASER)


SIZE_FACTOR = 1.15
"""One press of [ or ] changes the size by this much, and by at least a pixel: seven presses for 2.7 times."""

HARDNESS_STEP = 0.1


@dataclass(frozen=True, slots=True)
class BrushSettings:
    """size_px: diameter in document pixels; hardness: share of the radius that is solid; opacity. Both in [0, 1].

    Values outside their range are brought into it, so that every control may simply add and multiply.
    """

    size_px: float = 64.0
    hardness: float = 0.7
    opacity: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "size_px", min(max(float(self.size_px), BRUSH_LEAST_PX), BRUSH_LIMIT_PX))
        object.__setattr__(self, "hardness", min(max(float(self.hardness), 0.0), 1.0))
        object.__setattr__(self, "opacity", min(max(float(self.opacity), 0.0), 1.0))

    def resized(self, direction: int) -> BrushSettings:
        """One step larger (1) or smaller (-1), in whole pixels."""
        size = self.size_px * SIZE_FACTOR**direction
        if abs(size - self.size_px) < 1:
            size = self.size_px + direction
        return replace(self, size_px=max(1.0, round(size)))

    def hardened(self, direction: int) -> BrushSettings:
        """One step harder (1) or softer (-1)."""
        return replace(self, hardness=round(self.hardness + direction * HARDNESS_STEP, 2))

    def brush(self, *, erase: bool) -> Brush:
        return Brush(self.size_px, self.hardness, self.opacity, erase)
