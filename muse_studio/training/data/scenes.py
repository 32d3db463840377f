"""Decides what a training picture shows, and writes its caption, before any pixel is touched.

A Scene is a backdrop and layers, all placed in shares of the canvas. Knows nothing of how pictures are painted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from muse_studio.training.data import captions
from muse_studio.training.data.avatar_words import avatar_caption
from muse_studio.training.data.avatars import Avatar
from muse_studio.training.data.concepts import also_called, own_colour
from muse_studio.training.data.drawings import DrawingSet
from muse_studio.training.data.hues import COLOUR_WORDS, DARK_BACKGROUNDS, HUE_WORDS
from muse_studio.training.data.landscapes import Landscapes
from muse_studio.training.data.mix import KINDS, Mix
from muse_studio.training.data.table import Drawing


@dataclass(frozen=True, slots=True)
class Layer:
    """A drawing or an avatar on the canvas: centre and side in shares of the canvas, hue turned by `turn` degrees."""

    index: int
    x: float
    y: float
    size: float
    turn: float = 0.0
    flipped: bool = False
    avatar: bool = False


@dataclass(frozen=True, slots=True)
class Crop:
    """A square of a landscape: `side` in shares of its height, `x` and `y` in shares of the room that leaves."""

    index: int
    x: float
    y: float
    side: float
    flipped: bool


@dataclass(frozen=True, slots=True)
class Scene:
    """backdrop: a colour's name or a photograph's crop; layers from back to front."""

    backdrop: str | Crop
    layers: tuple[Layer, ...]
    caption: str
    labels: dict[str, str]


class Pool:
    """Drawings to choose from, each with its chance."""

    def __init__(self, drawings: DrawingSet, indices: Sequence[int], mix: Mix) -> None:
        self.entries = [drawings.entries[index] for index in indices]
        self._edges = np.cumsum(drawing_chances(self.entries, mix))
        self._by_style: dict[str, list[Drawing]] = {}
        for entry in self.entries:
            self._by_style.setdefault(entry.style, []).append(entry)

    def draw(self, rng: np.random.Generator) -> Drawing:
        """One of them."""
        return self.entries[_pick(rng, self._edges)]

    def countable(self, rng: np.random.Generator) -> Drawing:
        """One of which two can be asked for, if fifty draws find one."""
        for _ in range(50):
            drawing = self.draw(rng)
            if captions.can_count(drawing.label):
                return drawing
        return drawing

    def other(self, rng: np.random.Generator, first: Drawing) -> Drawing:
        """One of another concept in the style of `first`, if fifty draws find one."""
        same_style = self._by_style[first.style]
        for _ in range(50):
            second = captions.choose(rng, same_style)
            if second.label != first.label:
                break
        return second


class SceneWriter:
    """Writes scenes according to a Mix."""

    def __init__(
        self,
        drawings: DrawingSet,
        landscapes: Landscapes,
        mix: Mix,
        avatars: Sequence[Avatar] = (),
        *,
        vector_only: bool = False,
        held_out: bool = False,
    ) -> None:
        self._drawings = drawings
        self._mix = mix
        wanted = drawings.select(held_out=held_out, vector_only=vector_only)
        fitting = [index for index in wanted if _fits(drawings.entries[index], mix)]
        beyond = [index for index in wanted if _is_beyond(drawings.entries[index], mix)]
        self._known = Pool(drawings, fitting, mix)
        self._beyond = [drawings.entries[index] for index in beyond]
        self._every = Pool(drawings, [*fitting, *beyond], mix) if beyond else self._known
        self._landscapes = [entry for entry in landscapes.entries if entry.held_out == held_out]
        weights = dict(zip(KINDS, mix.weights(), strict=True))
        self._avatars = [avatar for avatar in avatars if avatar.held_out == held_out]
        if not self._avatars:
            weights["avatar"] = 0.0
        self.turnable = self._choices_in_other_colours()
        if not self.turnable:
            weights["turned"] = 0.0
        if not self._beyond:
            weights["beyond"] = 0.0
        if vector_only:
            weights["landscape"] = weights["on_landscape"] = 0.0
        self._writers: dict[str, Callable[[np.random.Generator], Scene]] = {
            "single": self._single,
            "on_landscape": self._on_landscape,
            "landscape": self._landscape,
            "pair": self._pair,
            "row": self._row,
            "placed": self._placed,
            "avatar": self._avatar,
            "turned": self._turned,
            "beyond": self._beyond_the_labels,
        }
        self._kinds = [kind for kind in KINDS if weights[kind] > 0.0]
        total = sum(weights.values())
        self._kind_edges = np.cumsum([weights[kind] / total for kind in self._kinds])

    def write(self, rng: np.random.Generator) -> Scene:
        """The next scene of `rng`."""
        return self._writers[self._kinds[_pick(rng, self._kind_edges)]](rng)

    @staticmethod
    def plain_captions(label: str, style: str) -> list[str]:
        """Every plain way to ask for `label` in `style`."""
        render = captions.STYLE_NOUNS[style][0]
        return [
            f"{captions.article(render)} {render} of {captions.with_article(label)}",
            f"{captions.with_article(label)}, {style} style",
            captions.with_article(label, style),
        ]

    def _choices_in_other_colours(self) -> list[tuple[Drawing, str]]:
        """Drawings of the mix's turned_labels, each with each of turned_colours that it can have and has not."""
        return [
            (drawing, colour)
            for drawing in self._known.entries
            if drawing.label in self._mix.turned_labels
            for colour in self._drawings.colours[drawing.index].words()
            if colour in self._mix.turned_colours and colour != own_colour(drawing.label, drawing.style)
        ]

    def _pool(self, rng: np.random.Generator) -> Pool:
        """What a composition is made of: drawings of the labels or, by the mix's chance, all."""
        beyond = self._every is not self._known and _happens(rng, self._mix.beyond_chance)
        return self._every if beyond else self._known

    def _background(self, rng: np.random.Generator) -> str:
        names = self._mix.backgrounds
        if rng.random() < self._mix.white_chance or len(names) == 1:
            return names[0]
        return captions.choose(rng, names[1:])

    def _crop(self, rng: np.random.Generator) -> tuple[Crop, str]:
        entry = captions.choose(rng, self._landscapes)
        crop = Crop(
            entry.index,
            float(rng.random()),
            float(rng.random()),
            float(rng.uniform(0.8, 1.0)),
            bool(rng.random() < 0.5),
        )
        return crop, entry.caption

    def _name(self, rng: np.random.Generator, drawing: Drawing) -> str:
        """The drawing's name, or now and then another word for it."""
        others = also_called().get(drawing.label, ())
        return captions.choose(rng, others) if others and rng.random() < self._mix.other_name_chance else drawing.label

    def _single(self, rng: np.random.Generator) -> Scene:
        drawing, background = self._known.draw(rng), self._background(rng)
        return self._alone(rng, drawing, background, *self._colour(rng, drawing))

    def _turned(self, rng: np.random.Generator) -> Scene:
        drawing, colour = self.turnable[int(rng.integers(len(self.turnable)))]
        return self._alone(rng, drawing, self._background(rng), colour, self._turn(rng, drawing, colour))

    def _beyond_the_labels(self, rng: np.random.Generator) -> Scene:
        drawing = captions.choose(rng, self._beyond)
        return self._alone(rng, drawing, self._background(rng), "", 0.0)

    def _alone(self, rng: np.random.Generator, drawing: Drawing, background: str, colour: str, turn: float) -> Scene:
        """One thing, as a single object is shown."""
        phrase, tail = captions.styled(rng, self._name(rng, drawing), drawing.style, colour)
        caption = phrase + tail + _comma(tail, captions.on_background(rng, background))
        size = float(rng.uniform(*self._mix.scale))
        layer = Layer(drawing.index, *self._jittered(rng), size, turn, bool(rng.random() < self._mix.flip_chance))
        labels = _labels("single", drawing) | {"background": background, "colour": colour}
        return Scene(background, (layer,), caption, labels)

    def _jittered(self, rng: np.random.Generator) -> tuple[float, float]:
        shift = rng.uniform(-self._mix.jitter, self._mix.jitter, size=2)
        return 0.5 + float(shift[0]), 0.5 + float(shift[1])

    def _colour(self, rng: np.random.Generator, drawing: Drawing) -> tuple[str, float]:
        """(colour word, degrees to turn), or ("", 0) for the drawing's own colours."""
        if rng.random() >= self._mix.hue_chance or drawing.is_person or COLOUR_WORDS & set(drawing.label.split()):
            return self._own_colour(rng, drawing), 0.0
        words = self._drawings.colours[drawing.index].words()
        if not words:
            return "", 0.0
        word = captions.choose(rng, words)
        return word, self._turn(rng, drawing, word)

    def _turn(self, rng: np.random.Generator, drawing: Drawing, colour: str) -> float:
        """Degrees to the colour, more or less."""
        return (HUE_WORDS[colour] - self._drawings.colours[drawing.index].hue + float(rng.uniform(-5.0, 5.0))) % 360.0

    def _own_colour(self, rng: np.random.Generator, drawing: Drawing) -> str:
        """The colour that the drawing has, where it is to be named."""
        return own_colour(drawing.label, drawing.style) if _happens(rng, self._mix.own_colour_chance) else ""

    def _on_landscape(self, rng: np.random.Generator) -> Scene:
        drawing = self._pool(rng).draw(rng)
        crop, place = self._crop(rng)
        colour = self._own_colour(rng, drawing)
        phrase, tail = captions.styled(rng, self._name(rng, drawing), drawing.style, colour)
        caption = f"{phrase} in front of {place}{tail}"
        size = float(rng.uniform(*self._mix.pasted_scale))
        shift = self._mix.pasted_shift
        x, y = float(rng.uniform(0.5 - shift, 0.5 + shift)), float(rng.uniform(0.5, 0.5 + 1.5 * shift))
        labels = _labels("on_landscape", drawing) | {"landscape": place}
        return Scene(crop, (self._laid(drawing, x, y, size),), caption, labels)

    def _laid(self, drawing: Drawing, x: float, y: float, size: float) -> Layer:
        """A drawing with its centre at a place; where the mix has cells, moved so that its corner lies on one."""
        if self._mix.cell:
            x, y = (round((centre - size / 2) / self._mix.cell) * self._mix.cell + size / 2 for centre in (x, y))
        return Layer(drawing.index, x, y, size)

    def _size(self, rng: np.random.Generator, least: float, most: float) -> float:
        """Any between the two; where the mix has cells, the most whole cells that are on the canvas and not above."""
        size = float(rng.uniform(least, most))
        return int(min(most, 1.0) / self._mix.cell + 1e-9) * self._mix.cell if self._mix.cell else size

    def _landscape(self, rng: np.random.Generator) -> Scene:
        crop, place = self._crop(rng)
        caption = captions.choose(rng, (place, f"a photo of {place}", f"{place}, photo"))
        return Scene(crop, (), caption, {"kind": "landscape", "style": "photo", "landscape": place})

    def _avatar(self, rng: np.random.Generator) -> Scene:
        avatar = captions.choose(rng, self._avatars)
        background = self._background(rng)
        while avatar.light_background and background in DARK_BACKGROUNDS:
            background = self._background(rng)
        words = avatar_caption(rng, avatar.noun, avatar.whole, avatar.skin, avatar.phrases)
        size = float(rng.uniform(*self._mix.scale))
        layer = Layer(avatar.index, *self._jittered(rng), size, avatar=True)
        labels = {"kind": "avatar", "concept": avatar.noun, "style": "avatar", "background": background}
        return Scene(background, (layer,), words + _comma(",", captions.on_background(rng, background)), labels)

    def _pair(self, rng: np.random.Generator) -> Scene:
        pool = self._pool(rng)
        first = pool.draw(rng)
        second = pool.other(rng, first)
        background, size = self._background(rng), self._size(rng, 0.46, 0.52)
        stacked = rng.random() < 0.3
        near, far = 0.5 - 0.245, 0.5 + 0.245
        places = ((0.5, near), (0.5, far)) if stacked else ((near, 0.5), (far, 0.5))
        layers = tuple(self._laid(d, *place, size) for d, place in zip((first, second), places, strict=True))
        before = _happens(rng, self._mix.adjectives_chance)
        adjectives = (f"{self._own_colour(rng, one)} {one.style if before else ''}".strip() for one in (first, second))
        a, b = (captions.with_article(*one) for one in zip((first.label, second.label), adjectives, strict=True))
        if stacked:
            words = captions.choose(rng, (f"{a} above {b}", f"{b} below {a}"))
        else:
            beside = "" if _happens(rng, self._mix.unsaid_chance) else " side by side"
            # Half of the time the right one comes first, or “first named, left” is learned instead of the words.
            left_first = (f"{a} to the left of {b}", f"{a} and {b}{beside}", f"{a} on the left and {b} on the right")
            right_first = (f"{b} to the right of {a}", f"{b} on the right and {a} on the left")
            words = captions.choose(rng, left_first if rng.random() < 0.5 else right_first)
        tail = "" if before else f", {first.style} style"
        caption = words + tail + _comma(tail, captions.on_background(rng, background))
        labels = _labels("pair", first) | {"second": second.label, "background": background, "stacked": str(stacked)}
        return Scene(background, layers, caption, labels)

    def _row(self, rng: np.random.Generator) -> Scene:
        drawing, background = self._pool(rng).countable(rng), self._background(rng)
        if not captions.can_count(drawing.label):
            return self._single(rng)
        count = int(rng.integers(2, 4))
        size = self._size(rng, 0.88 / count, 1.0 / count)
        layers = tuple(self._laid(drawing, (n + 0.5) / count, 0.5, size) for n in range(count))
        ending = captions.on_background(rng, background)
        colour = self._own_colour(rng, drawing)
        row = "" if _happens(rng, self._mix.unsaid_chance) else " in a row"
        if rng.random() < 0.5:
            caption = f"{captions.counted(drawing.label, count, f'{colour} {drawing.style}'.strip())}{row}{ending}"
        else:
            caption = f"{captions.counted(drawing.label, count, colour)}{row}{ending}, {drawing.style} style"
        labels = _labels("row", drawing) | {"count": str(count), "background": background}
        return Scene(background, layers, caption, labels)

    def _placed(self, rng: np.random.Generator) -> Scene:
        drawing, background = self._pool(rng).draw(rng), self._background(rng)
        ending = captions.on_background(rng, background)
        place = captions.choose(rng, tuple(_PLACES))
        x, y, low, high = _PLACES[place]
        layer = self._laid(drawing, x, y, self._size(rng, low, high))
        colour = self._own_colour(rng, drawing)
        if place in ("big", "small"):
            adjective = " ".join(word for word in (place, colour, drawing.style) if word)
            caption = f"{captions.with_article(drawing.label, adjective)}{ending}"
        else:
            phrase, tail = captions.styled(rng, self._name(rng, drawing), drawing.style, colour)
            caption = f"{phrase} {place}{ending}{tail}"
        labels = _labels("placed", drawing) | {"place": place, "background": background}
        return Scene(background, (layer,), caption, labels)


# Words for a place: centre x, centre y, least and greatest size.
_PLACES: dict[str, tuple[float, float, float, float]] = {
    "on the left": (0.26, 0.5, 0.42, 0.5),
    "on the right": (0.74, 0.5, 0.42, 0.5),
    "at the top": (0.5, 0.26, 0.42, 0.5),
    "at the bottom": (0.5, 0.74, 0.42, 0.5),
    "big": (0.5, 0.5, 1.0, 1.1),
    "small": (0.5, 0.5, 0.3, 0.4),
}


def drawing_chances(entries: Sequence[Drawing], mix: Mix) -> np.ndarray:
    """float64 [N] summing to 1: groups of packs share as the mix says; people and flags are held to their limits."""
    chances = np.full(len(entries), 1.0 / max(1, len(entries)))
    grouped = np.zeros(len(entries), bool)
    for packs, share in mix.pack_shares:
        inside = np.asarray([entry.pack in packs for entry in entries])
        grouped |= inside
        if inside.any() and not inside.all():
            chances[inside] *= share / chances[inside].sum()
    rest = 1.0 - sum(share for _, share in mix.pack_shares)
    if grouped.any() and not grouped.all():
        chances[~grouped] *= rest / chances[~grouped].sum()
    chances /= chances.sum()
    people = np.asarray([entry.is_person for entry in entries], bool)
    flags = np.asarray([entry.group == "flags" for entry in entries], bool)
    for inside, limit in ((people, mix.people_share), (flags, mix.flags_share)):
        if chances[inside].sum() > limit:
            chances[inside] *= limit / chances[inside].sum()
    rest_inside = ~(people | flags)
    if rest_inside.any():
        chances[rest_inside] *= (1.0 - chances[~rest_inside].sum()) / chances[rest_inside].sum()
    return chances / chances.sum()


def _pick(rng: np.random.Generator, edges: np.ndarray) -> int:
    return min(int(np.searchsorted(edges, rng.random(), side="right")), len(edges) - 1)


def _happens(rng: np.random.Generator, chance: float) -> bool:
    """What never happens takes no random number: the examples of an older mix stay what they are."""
    return chance > 0 and rng.random() < chance


def _labels(kind: str, drawing: Drawing) -> dict[str, str]:
    return {"kind": kind, "concept": drawing.label, "style": drawing.style, "pack": drawing.pack}


def _fits(drawing: Drawing, mix: Mix) -> bool:
    """Whether a mix draws it at all."""
    return (not mix.packs or drawing.pack in mix.packs) and (not mix.labels or drawing.label in mix.labels)


def _is_beyond(drawing: Drawing, mix: Mix) -> bool:
    """Whether it is of the mix's packs, and of a concept that its labels leave out."""
    return bool(mix.labels) and drawing.label not in mix.labels and (not mix.packs or drawing.pack in mix.packs)


def _comma(tail: str, ending: str) -> str:
    """ "a fox, 3d style" goes on with ", on a pink background"."""
    return f",{ending}" if tail and ending else ending
