"""What a model makes and sees: sides of its pictures in px, and tokens a side. Knows no weights, names no family."""

from __future__ import annotations

from dataclasses import dataclass

from muse_studio.core.limits import BASE_SIDE_PX, FRAME_SIDE_PX
from muse_studio.core.request import frame_side
from muse_studio.core.tokens import TokenState

CELL_PX = 16
"""Side of what one token of a model of one stage covers, at any size."""


def is_only_stage(stage: str, grid: int, size: int) -> bool:
    """Whether a stage with so many tokens a side makes the whole of a picture of `size` px, with no other after it."""
    return stage == "base" and grid * CELL_PX == size


@dataclass(frozen=True, slots=True)
class Sight:
    """What the model sees of a frame when it makes a picture of some size.

    side_px: of the frame as it sees it.
    base:    tokens a side. detail: the same of super-resolution; None where there is none.
    """

    side_px: int = FRAME_SIDE_PX
    base: int = 16
    detail: int | None = 64

    @property
    def finest(self) -> int:
        """Tokens a side of the finer grid."""
        return self.base if self.detail is None else self.detail


@dataclass(frozen=True, slots=True)
class ModelShape:
    """The defaults are those of our own cascades.

    name:   as the model gives it; "" where it is not known.
    sizes:  sides of results in px, its own first.
    base_grid, superres_grid: tokens a side at its own size; None where there is no super-resolution.
    takes_loras: whether a request may bring LoRAs.
    """

    name: str = ""
    sizes: tuple[int, ...] = (FRAME_SIDE_PX, BASE_SIDE_PX)
    base_grid: int = 16
    superres_grid: int | None = 64
    takes_loras: bool = False

    @property
    def own_size(self) -> int:
        return self.sizes[0]

    @property
    def has_detail(self) -> bool:
        """Whether there is a second stage."""
        return self.superres_grid is not None

    def size_for(self, wished: int | None) -> int:
        """The size that a wish leads to: its own where the wish is None, or one that it doesn't make."""
        return wished if wished is not None and wished in self.sizes else self.own_size

    def has_made(self, tokens: TokenState, size: int, name: object) -> bool:
        """Whether a whole picture of this size can begin from these tokens; of two stages both must be there.

        name: of the model that made them, if it is known.
        """
        if isinstance(name, str) and name and self.name and name != self.name:
            return False
        detail = None if tokens.superres is None else len(tokens.superres.tokens)
        return (len(tokens.base.tokens), detail) == (self.sight(size).base, self.superres_grid)

    def sight(self, wished: int | None) -> Sight:
        """Of a picture of the size that this wish leads to."""
        size = self.size_for(wished)
        if self.superres_grid is None:
            base = self.base_grid if size == self.own_size else size // CELL_PX
            return Sight(frame_side(size), base, None)
        return Sight(frame_side(size), self.base_grid, self.superres_grid if size == self.own_size else None)


OWN_SHAPE = ModelShape()
