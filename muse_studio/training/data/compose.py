"""Composes training pictures: a random generator in, a picture and its exact caption out.

The same generator state gives the same example. Sizes and places are decided as shares of the canvas before any pixel
is touched, so that one composition can be painted at 256 and at 512 px. Knows nothing of tokens or models.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from muse_studio.training.data.avatars import Avatars
from muse_studio.training.data.drawings import DrawingSet
from muse_studio.training.data.hues import BACKGROUNDS, turn_hue
from muse_studio.training.data.landscapes import HEIGHT_PX, WIDTH_PX, Landscapes
from muse_studio.training.data.mix import KINDS, Mix
from muse_studio.training.data.scenes import Crop, Layer, Scene, SceneWriter

FULL_PX = 512


@dataclass(frozen=True, slots=True)
class Example:
    """rgb: uint8 [size, size, 3]; caption: never empty; labels: what the composition is made of, for evaluation."""

    rgb: NDArray[np.uint8]
    caption: str
    labels: dict[str, str]


@dataclass(frozen=True, slots=True)
class ExamplePair:
    """One composition at 512 px and, box-downsampled from it, at 256 px."""

    large: NDArray[np.uint8]
    small: NDArray[np.uint8]
    caption: str
    labels: dict[str, str]


@dataclass(frozen=True, slots=True)
class HeldOutPrompt:
    """A caption of a (concept, style) pair that training never sees."""

    prompt: str
    concept: str
    style: str


class Composer:
    """Draws examples from the pictures on disk according to a Mix."""

    def __init__(
        self,
        drawings: DrawingSet,
        landscapes: Landscapes,
        mix: Mix | None = None,
        avatars: Avatars | None = None,
        *,
        vector_only: bool = False,
        held_out: bool = False,
    ) -> None:
        """vector_only: only pictures with true 512-px detail, for super-resolution; held_out: only pairs kept back."""
        self.drawings = drawings
        self.landscapes = landscapes
        self.mix = mix or Mix()
        self.avatars = avatars
        entries = avatars.entries if avatars is not None else ()
        self._writer = SceneWriter(drawings, landscapes, self.mix, entries, vector_only=vector_only, held_out=held_out)

    def sample(self, rng: np.random.Generator, size: int = 256) -> Example:
        """One example at 256 or 512 px."""
        scene = self._writer.write(rng)
        return Example(self.paint(scene, size), scene.caption, scene.labels)

    def sample_pair(self, rng: np.random.Generator) -> ExamplePair:
        """The same composition at 512 px and reduced from that to 256 px."""
        scene = self._writer.write(rng)
        large = Image.fromarray(self.paint(scene, FULL_PX))
        return ExamplePair(np.asarray(large), np.asarray(large.reduce(2)), scene.caption, scene.labels)

    def paint(self, scene: Scene, size: int) -> NDArray[np.uint8]:
        """uint8 [size, size, 3] of a scene."""
        if isinstance(scene.backdrop, Crop):
            canvas = self._landscape(scene.backdrop, size)
        else:
            canvas = Image.new("RGB", (size, size), BACKGROUNDS[scene.backdrop])
        for layer in scene.layers:
            self._paste(canvas, layer, size)
        return np.asarray(canvas)

    def held_out_prompts(self) -> tuple[HeldOutPrompt, ...]:
        """One plain prompt for each held-out (concept, style) pair, in a fixed order."""
        pairs = dict.fromkeys((entry.label, entry.style) for entry in self.drawings.entries if entry.held_out)
        return tuple(HeldOutPrompt(captions_of_style(label, style)[0], label, style) for label, style in pairs)

    def _landscape(self, crop: Crop, size: int) -> Image.Image:
        side = crop.side * HEIGHT_PX
        left, top = crop.x * (WIDTH_PX - side), crop.y * (HEIGHT_PX - side)
        picture = Image.fromarray(self.landscapes.rgb(crop.index))
        square = picture.resize((size, size), Image.Resampling.BICUBIC, box=(left, top, left + side, top + side))
        return square.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if crop.flipped else square

    def _rgba(self, layer: Layer, size: int) -> NDArray[np.uint8]:
        if layer.avatar and self.avatars is not None:
            return self.avatars.rgba(layer.index, size)
        return self.drawings.rgba(layer.index, size)

    def _paste(self, canvas: Image.Image, layer: Layer, size: int) -> None:
        side = max(8, round(layer.size * size))
        source = 256 if side <= 256 else FULL_PX
        picture = Image.fromarray(self._rgba(layer, source))
        if layer.turn:
            picture = turn_hue(picture, layer.turn)
        if side != source:
            picture = picture.resize((side, side), Image.Resampling.BICUBIC, reducing_gap=2.0)
        if layer.flipped:
            picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        corner = (round(layer.x * size - side / 2), round(layer.y * size - side / 2))
        canvas.paste(picture, corner, picture)


def captions_of_style(label: str, style: str) -> tuple[str, ...]:
    """The three plain captions of a concept in a style: "a 3d render of a fox", "a fox, 3d style", "a 3d fox"."""
    return tuple(SceneWriter.plain_captions(label, style))


def examples(composer: Composer, seed: int, size: int = 256) -> Iterator[Example]:
    """An endless stream of examples; example n of a seed is always the same."""
    number = 0
    while True:
        yield composer.sample(np.random.default_rng((seed, number)), size)
        number += 1


__all__ = ["KINDS", "Composer", "Example", "ExamplePair", "HeldOutPrompt", "captions_of_style", "examples"]
