"""Real drawings as the probe sees them: compositions at 128 px with a class for each axis.

Everything comes from the Composer, so nothing here can be a generated picture. Knows nothing of networks or models.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from muse_studio.evaluation.probe.network import AXES, SIDE_PX, Labels
from muse_studio.training.data.compose import Composer
from muse_studio.training.data.concepts import REDUCED_CONCEPTS
from muse_studio.training.data.drawings import DrawingSet
from muse_studio.training.data.hues import BACKGROUNDS
from muse_studio.training.data.landscapes import Landscapes
from muse_studio.training.data.mix import Mix
from muse_studio.training.data.table import LEARNED_PACKS

PHOTOGRAPH = "photograph"
UNKNOWN = -1
"""The class of an axis that has no word for a picture, such as the style of a drawing in a fourth style."""

LABELS = Labels(
    concept=tuple(REDUCED_CONCEPTS.values()),
    style=("3d", "flat", "sticker"),
    count=("1", "2", "3"),
    background=(*BACKGROUNDS, PHOTOGRAPH),
)

TRAINING_MIX = Mix(
    single=0.45,
    row=0.30,
    placed=0.10,
    on_landscape=0.15,
    landscape=0.0,
    white_chance=0.25,
    scale=(0.4, 1.0),
    jitter=0.08,
    pasted_scale=(0.5, 0.8),
    flip_chance=0.5,
)
"""All seven packs, so that a concept is more than three drawings; any size, place and background."""

AS_ASKED = Mix(
    single=1.0, on_landscape=0.0, landscape=0.0, white_chance=0.4, scale=(0.75, 0.75), jitter=0.0, packs=LEARNED_PACKS
)
"""One object, centred, at three quarters of the canvas, in a style that the model knows: what its prompts ask for."""

MOVED = replace(AS_ASKED, scale=(0.4, 1.0), jitter=0.08, flip_chance=0.5)
ROWS = Mix(single=0.34, row=0.66, on_landscape=0.0, landscape=0.0, packs=LEARNED_PACKS)
ON_PHOTOGRAPHS = Mix(
    single=0.0, on_landscape=1.0, landscape=0.0, pasted_scale=(0.75, 0.75), pasted_shift=0.0, packs=LEARNED_PACKS
)
PAIRS = Mix(single=0.0, pair=1.0, on_landscape=0.0, landscape=0.0, packs=LEARNED_PACKS)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the probe sees and what is true of it.

    rgb:     uint8 [128, 128, 3].
    classes: one for each of AXES; UNKNOWN where the axis has no word for it.
    drawing: pack, concept and style in one word: pictures of one drawing are no independent trials.
    """

    rgb: NDArray[np.uint8]
    classes: dict[str, int]
    drawing: str


class RealPictures:
    """Compositions of real drawings by their numbers: the same number is always the same picture."""

    def __init__(self, data: Path, mix: Mix, seed: int, *, held_out: bool, size: int = 256) -> None:
        """size: what is painted before it is reduced to 128 px. MuseStudioError where the data has not been built."""
        self._composer = Composer(DrawingSet(data, "reduced"), Landscapes(data), mix, held_out=held_out)
        self._seed, self._size = seed, size

    def __getitem__(self, number: int) -> Seen:
        return self.painted(number)[0]

    def painted(self, number: int) -> tuple[Seen, NDArray[np.uint8]]:
        """What the probe sees, and the picture as it was painted, uint8 [size, size, 3]."""
        example = self._composer.sample(np.random.default_rng((self._seed, number)), self._size)
        words = example.labels
        return Seen(shrunk(example.rgb), classes_of(words), f"{words['pack']} {words['concept']}"), example.rgb

    def first(self, count: int) -> Iterator[Seen]:
        """Numbers 0 to count - 1."""
        return (self[number] for number in range(count))


def classes_of(words: dict[str, str]) -> dict[str, int]:
    """The class on each axis of a composition's labels (`Example.labels`)."""
    shown = {
        "concept": words["concept"],
        "style": words["style"],
        "count": words.get("count", "1"),
        "background": words.get("background", PHOTOGRAPH),
    }
    return {axis: _place(LABELS.of(axis), shown[axis]) for axis in AXES}


def shrunk(rgb: NDArray[np.uint8], side: int = SIDE_PX) -> NDArray[np.uint8]:
    """uint8 [side, side, 3] of a square picture, by the mean of the pixels under each new one."""
    if rgb.shape[0] == side:
        return rgb
    return np.asarray(Image.fromarray(rgb).resize((side, side), Image.Resampling.BOX))


def _place(words: tuple[str, ...], word: str) -> int:
    return words.index(word) if word in words else UNKNOWN
