"""How near generated pictures are to what training has shown, in the space of base tokens. Knows nothing of reports.

Two pictures are alike in the share of equal tokens among the cells where either shows more than the plain ground: so a
ground of the same colour makes nothing alike. A token stands for 16 x 16 pixels as they are, so what is moved or scaled
is not found; the reduced recipe moves and scales nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from muse_studio.evaluation.probe.pictures import AS_ASKED
from muse_studio.muse.cascade import BASE_PX, Cascade
from muse_studio.training.data.compose import Composer
from muse_studio.training.data.drawings import DrawingSet
from muse_studio.training.data.hues import BACKGROUNDS
from muse_studio.training.data.landscapes import Landscapes
from muse_studio.training.data.scenes import Layer, Scene

BATCH = 16


@dataclass(frozen=True, slots=True)
class Place:
    """Where a drawing lies: its centre and its side in shares of the canvas, on whole cells."""

    x: float
    y: float
    side: float


MIDDLE = Place(0.5, 0.5, AS_ASKED.scale[0])
HALVES = (Place(0.25, 0.5, 0.5), Place(0.75, 0.5, 0.5))
"""Of two things side by side, as `scenes` lays them."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One composition: a drawing, by its row, on a plain ground."""

    row: int
    concept: str
    style: str
    ground: str


class Compositions:
    """Every drawing that training shows, at one place, on every ground, as base tokens int64 [N, 16, 16]."""

    def __init__(
        self,
        cascade: Cascade,
        data: Path,
        *,
        held_out: bool = False,
        grounds: Sequence[str] = (),
        place: Place = MIDDLE,
    ) -> None:
        """held_out: the drawings that were kept back, instead. MuseStudioError where the data has not been built."""
        self.place = place
        drawings = DrawingSet(data, "wide")
        self._cascade, self._composer = cascade, Composer(drawings, Landscapes(data), AS_ASKED)
        entries = [drawings.entries[row] for row in drawings.select(held_out=held_out)]
        kept = [entry for entry in entries if entry.pack in AS_ASKED.packs]
        self.shown = tuple(
            Shown(entry.index, entry.label, entry.style, ground)
            for entry, ground in product(kept, grounds or tuple(BACKGROUNDS))
        )
        plain = {name: Scene(name, (), "", {}) for name in BACKGROUNDS}
        empty = dict(zip(plain, self._tokens(plain.values()), strict=True))
        self.tokens = torch.stack(list(self._tokens(self._scene(one) for one in self.shown)))
        self.empty = torch.stack([empty[one.ground] for one in self.shown])

    def picture(self, number: int) -> NDArray[np.uint8]:
        """uint8 [256, 256, 3] of one composition."""
        return self._composer.paint(self._scene(self.shown[number]), BASE_PX)

    def likeness(self, tokens: Tensor) -> Tensor:
        """float32 [N] in [0, 1]: how alike each composition is to one picture's tokens, int64 [16, 16]."""
        drawn = (self.tokens != self.empty) | (tokens != self.empty)
        equal = drawn & (self.tokens == tokens)
        return equal.sum((1, 2)) / drawn.sum((1, 2)).clamp_min(1)

    def nearest(self, tokens: Tensor) -> tuple[float, int]:
        """The greatest likeness to one picture's tokens, and whose it is."""
        best = self.likeness(tokens).max(0)
        return float(best.values), int(best.indices)

    def nearest_there(self, tokens: Tensor) -> tuple[float, int]:
        """The same of what a picture shows in the place alone; all else counts as ground."""
        side = tokens.shape[-1]
        top, left = (round((centre - self.place.side / 2) * side) for centre in (self.place.y, self.place.x))
        cells = round(self.place.side * side)
        inside = torch.zeros_like(tokens, dtype=torch.bool)
        inside[top : top + cells, left : left + cells] = True
        return self.nearest(torch.where(inside, tokens, self.empty[0]))

    def apart(self) -> NDArray[np.float64]:
        """How near each composition is to the nearest one of another drawing: what no copying is needed for."""
        rows = torch.tensor([one.row for one in self.shown])
        found = [self.likeness(one)[rows != row] for one, row in zip(self.tokens, rows, strict=True)]
        return np.asarray([float(one.max()) for one in found if len(one)])

    def _scene(self, one: Shown) -> Scene:
        return Scene(one.ground, (Layer(one.row, self.place.x, self.place.y, self.place.side),), "", {})

    @torch.no_grad()
    def _tokens(self, scenes: Iterable[Scene]) -> Iterator[Tensor]:
        model = self._cascade
        every = list(scenes)
        for first in range(0, len(every), BATCH):
            rgb = np.stack([self._composer.paint(scene, BASE_PX) for scene in every[first : first + BATCH]])
            pictures = torch.from_numpy(rgb).permute(0, 3, 1, 2).float().div(255)
            yield from model.base_vqgan.encode(pictures.to(model.device, model.dtype)).cpu()
