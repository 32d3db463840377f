"""How often each kind of composition is drawn: the part of the recipe that decides what the model can learn.

Knows nothing of pixels or words.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from muse_studio.training.data.hues import BACKGROUNDS, HUE_WORDS

KINDS = ("single", "pair", "row", "placed", "on_landscape", "landscape", "avatar", "turned", "beyond")


@dataclass(frozen=True, slots=True)
class Mix:
    """Weights of the kinds of example (they need not sum to 1), and the choices within them.

    single:       one centred object on a plain background
    pair:         two objects, side by side or one above the other
    row:          two or three of one object in a row
    placed:       one small object at a named side, or one that is said to be big or small
    on_landscape: one object pasted on a photograph
    landscape:    a photograph alone
    avatar:       a portrait whose attributes are known (skipped where none are built)
    turned:       one of turned_labels as a single object, in one of turned_colours
    beyond:       a single object whose concept is none of `labels`
    hue_chance:   chance that a single object whose colour can be turned is turned and its colour named
    own_colour_chance: chance that the colour that a drawing has is named, "a red apple"; for the reduced packs alone
    unsaid_chance: chance that an arrangement is left to the model: "two apples" for a row, "a fox and a cat"
    adjectives_chance: chance that the style of a pair stands before both, "a 3d fox above a 3d cat", and not at the end
    beyond_chance: chance that the things of a pair, in a row, at a place or on a photograph are any, and not of `labels`
    white_chance: chance of a white background; the other colours share the rest
    scale:        least and greatest size of a single object's 512-px drawing, as a share of the canvas
    jitter:       greatest shift of a single object, as a share of the canvas
    pasted_scale: least and greatest size of an object on a photograph
    pasted_shift: greatest shift of an object on a photograph from the centre, as a share of the canvas
    packs, labels: the only packs and concepts to draw, but for `beyond` and `beyond_chance`; empty for all
    cell:         the corners of objects on photographs, in pairs, in rows and at named places lie on multiples of this
                  share of the canvas, and all but those on photographs are whole cells large; 0 for anywhere and any
                  size. A drawing that moves by whole token cells keeps its pattern of tokens
    flip_chance:  chance that a single object is mirrored
    other_name_chance: chance that a concept goes by another of its names, such as "cat" for a cat face
    pack_shares:  groups of packs with the share of all drawings they get; drawings within a group are alike in chance
    people_share, flags_share: greatest share of all drawings that show people or faces, and flags
    """

    single: float = 0.80
    pair: float = 0.0
    row: float = 0.0
    placed: float = 0.0
    on_landscape: float = 0.10
    landscape: float = 0.10
    avatar: float = 0.0
    turned: float = 0.0
    beyond: float = 0.0
    turned_labels: tuple[str, ...] = ()
    turned_colours: tuple[str, ...] = tuple(HUE_WORDS)
    hue_chance: float = 0.0
    own_colour_chance: float = 0.0
    unsaid_chance: float = 0.0
    adjectives_chance: float = 0.0
    beyond_chance: float = 0.0
    white_chance: float = 0.35
    scale: tuple[float, float] = (0.75, 1.0)
    jitter: float = 0.03
    pasted_scale: tuple[float, float] = (0.5, 0.75)
    pasted_shift: float = 0.08
    packs: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    cell: float = 0.0
    flip_chance: float = 0.0
    other_name_chance: float = 0.0
    pack_shares: tuple[tuple[tuple[str, ...], float], ...] = ()
    people_share: float = 0.15
    flags_share: float = 0.01
    backgrounds: tuple[str, ...] = field(default=tuple(BACKGROUNDS))

    def weights(self) -> tuple[float, ...]:
        """The weights of KINDS, in that order."""
        return tuple(float(getattr(self, kind)) for kind in KINDS)


def reduced_mix() -> Mix:
    """For a model small enough to train on a CPU: mostly one centred object, in its own colours."""
    return Mix()


def full_mix() -> Mix:
    """For the full recipe: landscapes 18 %, avatars 12 %; half of the drawings are of the 3d and glossy packs."""
    return Mix(
        single=0.38,
        pair=0.08,
        row=0.08,
        placed=0.06,
        on_landscape=0.10,
        landscape=0.18,
        avatar=0.12,
        hue_chance=0.25,
        unsaid_chance=0.3,
        adjectives_chance=0.3,
        other_name_chance=0.3,
        pack_shares=((("fluent-3d", "fluent-emoji"), 0.5),),
    )
