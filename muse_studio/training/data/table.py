"""The table of drawings that were picked by hand and by rule: which icon of which pack shows what, in which style.

`picks.tsv.gz` has one row for each drawing: pack, the icon's name inside the pack, Unicode code points, label, style,
group, licence, keywords and Japanese label. Knows nothing of files on disk or pixels.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal, get_args

from muse_studio.training.data.concepts import MORE_CONCEPTS, REDUCED_CONCEPTS, clean_label

REDUCED_PACKS = (
    "fluent-3d",
    "fluent-emoji",
    "fluent-emoji-flat",
    "noto",
    "noto-v1",
    "twemoji",
    "streamline-emojis",
)
RASTER_PACKS = frozenset({"fluent-3d"})
HELD_OUT_SHARE = 0.05
Subset = Literal["reduced", "wide", "full"]
SUBSETS: tuple[Subset, ...] = get_args(Subset)
LEARNED_PACKS = ("fluent-3d", "fluent-emoji-flat", "streamline-emojis")
"""Those whose styles the reduced recipe's transformers learn; its tokenizers see all of REDUCED_PACKS."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """One drawing of one concept.

    index:       its row in the pixel caches of its subset.
    label:       the concept in plain words, without article: "fox", "birthday cake".
    style:       one of 3d, glossy, flat, shaded, blob, minimal, sticker.
    vector:      True if it was drawn from vectors, so that 512 px are real.
    held_out:    True if its (concept, style) pair is kept for evaluation.
    """

    index: int
    pack: str
    icon: str
    code_points: str
    label: str
    style: str
    group: str
    subgroup: str
    licence: str
    vector: bool
    held_out: bool

    @property
    def is_person(self) -> bool:
        """True for people, faces and body parts, which are never recoloured."""
        return self.group in ("people", "smileys")


def is_held_out(label: str, style: str) -> bool:
    """True for a stable 5 % of all (concept, style) pairs; depends on nothing but the two words."""
    digest = hashlib.sha256(f"{label}|{style}".encode()).digest()
    return int.from_bytes(digest[:8], "big") < HELD_OUT_SHARE * 2.0**64


@cache
def load_table(subset: str) -> tuple[Drawing, ...]:
    """All drawings of a subset in a fixed order. Raises ValueError for a name that is not in SUBSETS.

    "reduced": REDUCED_CONCEPTS in seven styles. "wide": these, and MORE_CONCEPTS in the styles of LEARNED_PACKS.
    "full": all.
    """
    if subset not in SUBSETS:
        raise ValueError(f"the subset is one of {', '.join(SUBSETS)}, not {subset!r}")
    rows = [row for row in _rows() if subset == "full" or _is_reduced(row) or (subset == "wide" and _is_more(row))]
    return tuple(_drawing(index, row, subset) for index, row in enumerate(rows))


def japanese_labels() -> dict[str, str]:
    """What each drawing is called in Japanese, by its code points. From emojibase."""
    return {row["code_points"]: row["japanese"] for row in _rows()}


def _rows() -> list[dict[str, str]]:
    packed = resources.files("muse_studio.training.data").joinpath("picks.tsv.gz").read_bytes()
    lines = gzip.decompress(packed).decode("utf-8").splitlines()
    names = lines[0].split("\t")
    return [dict(zip(names, line.split("\t"), strict=True)) for line in lines[1:]]


def _is_reduced(row: dict[str, str]) -> bool:
    return row["pack"] in REDUCED_PACKS and row["code_points"] in REDUCED_CONCEPTS


def _is_more(row: dict[str, str]) -> bool:
    return row["pack"] in LEARNED_PACKS and row["code_points"] in MORE_CONCEPTS


def _drawing(index: int, row: dict[str, str], subset: str) -> Drawing:
    code_points = row["code_points"]
    named = {} if subset == "full" else REDUCED_CONCEPTS | MORE_CONCEPTS
    label = named.get(code_points) or clean_label(code_points, row["label"])
    return Drawing(
        index=index,
        pack=row["pack"],
        icon=row["icon"],
        code_points=code_points,
        label=label,
        style=row["style"],
        group=row["group"],
        subgroup=row["subgroup"],
        licence=row["licence"],
        vector=row["pack"] not in RASTER_PACKS,
        held_out=is_held_out(label, row["style"]),
    )
