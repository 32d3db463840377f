"""What the probe scores on real drawings, and on no drawings at all: the ceiling and the floor of every figure.

Knows nothing of generated pictures.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from muse_studio.evaluation.probe.judging import MEASURES, Score, Verdict, confusions, in_place, judge, scores
from muse_studio.evaluation.probe.network import SIDE_PX, Probe
from muse_studio.evaluation.probe.pictures import (
    AS_ASKED,
    LABELS,
    MOVED,
    ON_PHOTOGRAPHS,
    PAIRS,
    ROWS,
    RealPictures,
    Seen,
)
from muse_studio.training.data.compose import Composer
from muse_studio.training.data.drawings import DrawingSet
from muse_studio.training.data.landscapes import Landscapes

Scores = dict[str, Score]
SEED = 61
FULL_PX = 512
"""Real pictures are painted as large as generated ones before the probe sees them."""

KINDS = {"asked": AS_ASKED, "on a photograph": ON_PHOTOGRAPHS, "counts": ROWS}
COMPARED = {"held out": "asked", "never drawn": "asked"}
"""Groups of prompts that are compared with the real drawings of another kind."""


def measure(probe: Probe, data: Path, pictures: int) -> dict[str, Any]:
    """Ceilings and checks as plain values for probe.json, on `pictures` real compositions of each kind.

    MuseStudioError where the data has not been built.
    """
    found: dict[str, Any] = {"ceilings": {}, "checks": {}}
    for kind, mix in KINDS.items():
        for held_out in (False, True):
            seen = list(RealPictures(data, mix, SEED, held_out=held_out, size=FULL_PX).first(pictures))
            found["ceilings"].setdefault(kind, {})[_name(held_out)] = _plain(scored(probe, seen))
    for held_out in (False, True):
        placed = _positions(probe, data, pictures // 2, held_out)
        found["ceilings"].setdefault("positions", {})[_name(held_out)] = _plain(placed)
    moved = list(RealPictures(data, MOVED, SEED, held_out=True, size=FULL_PX).first(pictures))
    found["checks"]["held-out drawings, other sizes and places"] = _plain(scored(probe, moved))
    every = RealPictures(data, replace(AS_ASKED, packs=()), SEED, held_out=True, size=FULL_PX)
    seen = list(every.first(pictures))
    found["checks"]["held-out drawings of all seven packs"] = _plain(scored(probe, seen))
    rows = list(RealPictures(data, replace(ROWS, packs=()), SEED, held_out=True, size=FULL_PX).first(pictures))
    found["checks"]["rows of such drawings, their pixels shuffled"] = _plain(scored(probe, shuffled(rows)))
    found["checks"]["noise, with the labels of such rows"] = _plain(scored(probe, noise(rows)))
    found["confused"] = {axis: _confused(judge(probe, seen), seen, axis) for axis in ("concept", "style")}
    return found


def read(values: dict[str, Any]) -> Scores:
    """Scores from their plain values, in the order of MEASURES."""
    return {name: Score(**values[name]) for name in MEASURES if name in values}


def shuffled(seen: Iterable[Seen]) -> list[Seen]:
    """The same colours in another order: nothing is left to recognise but colours."""
    rng = np.random.default_rng(SEED)
    return [replace(one, rgb=rng.permutation(one.rgb.reshape(-1, 3)).reshape(one.rgb.shape)) for one in seen]


def noise(seen: Iterable[Seen]) -> list[Seen]:
    """Random pixels under the labels of real pictures."""
    rng = np.random.default_rng(SEED)
    return [replace(one, rgb=rng.integers(0, 256, (SIDE_PX, SIDE_PX, 3), np.uint8)) for one in seen]


def _positions(probe: Probe, data: Path, pictures: int, held_out: bool) -> Scores:
    composer = Composer(DrawingSet(data, "reduced"), Landscapes(data), PAIRS, held_out=held_out)
    verdicts, shown = [], []
    for number in range(pictures):
        example = composer.sample(np.random.default_rng((SEED, number)), FULL_PX)
        first, second = example.labels["concept"], example.labels["second"]
        if first == second:  # where a style has one held-out drawing, it has no mate
            continue
        wanted = (LABELS.concept.index(first), LABELS.concept.index(second))
        right, _ = in_place(probe, example.rgb, wanted, example.labels["stacked"] == "True")
        verdicts.append(Verdict({"position": right}, {}))
        shown.append(f"{example.labels['pack']} {first} {second}")
    return scores(verdicts, shown)


def scored(probe: Probe, seen: Sequence[Seen]) -> Scores:
    """By measure, what the probe has right of real pictures; those of one drawing are no independent trials."""
    return scores(judge(probe, seen), [one.drawing for one in seen])


def _confused(verdicts: list[Verdict], seen: list[Seen], axis: str) -> list[str]:
    words = [LABELS.of(axis)[one.classes[axis]] for one in seen]
    return [f"{what} ({times}×)" for what, times in confusions(verdicts, words, axis)]


def _plain(found: Scores) -> dict[str, dict[str, int]]:
    return {name: asdict(score) for name, score in found.items()}


def _name(held_out: bool) -> str:
    return "held out" if held_out else "learned from"
