"""The tools and the brush's settings. Knows nothing of Qt, events or pixels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, StrEnum

from muse_studio.core.brush import Brush
from muse_studio.core.limits import BRUSH_LEAST_PX, BRUSH_LIMIT_PX
from muse_studio.core.selection import Combine


class Tool(Enum):
    """What pressing and dragging on the canvas does. Values are the names of the commands that choose them."""

    BRUSH = "brush"
    ERASER = "eraser"
    RECTANGLE = "rectangle"
    ELLIPSE = "ellipse"
    LASSO = "lasso"
    POLYGON = "polygon"
    WAND = "wand"
    FRAME = "frame"
    PAN = "pan"
    ZOOM = "zoom"

    @property
    def paints(self) -> bool:
        return self in (Tool.BRUSH, Tool.ERASER)

    @property
    def selects(self) -> bool:
        """Whether it marks out an area that joins the mask at once."""
        return self in (Tool.RECTANGLE, Tool.ELLIPSE, Tool.LASSO, Tool.POLYGON, Tool.WAND)


SIZE_FACTOR = 1.15
"""One press of [ or ] changes the size by this much, and by at least a pixel: seven presses for 2.7 times."""

HARDNESS_STEP = 0.1


@dataclass(frozen=True, slots=True)
class BrushSettings:
    """size_px: diameter in document pixels; hardness: share of the radius that is solid; opacity. Both in [0, 1].

    pressure_sizes, pressure_fades: whether a pen's pressure changes the size, and the opacity.
    Values outside their range are brought into it, so that every control may simply add and multiply.
    """

    size_px: float = 64.0
    hardness: float = 0.7
    opacity: float = 1.0
    pressure_sizes: bool = True
    pressure_fades: bool = False

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
        return Brush(self.size_px, self.hardness, self.opacity, erase, self.pressure_sizes, self.pressure_fades)


class Sample(StrEnum):
    """Whose colours the magic wand compares."""

    PICTURE = "picture"
    LAYER = "layer"


TOLERANCE_LIMIT = 255


@dataclass(frozen=True, slots=True)
class AreaSettings:
    """How the tools that mark out areas work.

    how:        what a new area does to the mask, unless keys say otherwise.
    tolerance:  of the magic wand: the most that a colour channel may differ, 0 to 255. Brought into its range.
    contiguous: whether the wand takes only what is joined to the pixel that was pressed.
    """

    how: Combine = Combine.REPLACE
    tolerance: int = 32
    contiguous: bool = True
    sample: Sample = Sample.PICTURE

    def __post_init__(self) -> None:
        object.__setattr__(self, "tolerance", min(max(int(self.tolerance), 0), TOLERANCE_LIMIT))


def combine_for(how: Combine, *, shift: bool, alt: bool) -> Combine:
    """What the keys held at the start make of the chosen way: shift adds, alt subtracts, both intersect."""
    if shift and alt:
        return Combine.INTERSECT
    if shift:
        return Combine.ADD
    return Combine.SUBTRACT if alt else how
