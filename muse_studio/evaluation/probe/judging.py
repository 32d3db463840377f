"""What the probe says of pictures, and how often that is what was wanted. Knows not whether a picture is real."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from muse_studio.evaluation.probe.learning import as_tensor
from muse_studio.evaluation.probe.network import AXES, Probe
from muse_studio.evaluation.probe.pictures import UNKNOWN, Seen, shrunk

MEASURES = ("concept (top 5)", "concept (first)", "style", "background", "count", "position")
TOP = 5


@dataclass(frozen=True, slots=True)
class Verdict:
    """right: by measure, only those that were asked. words: the probe's first word of each axis."""

    right: dict[str, bool]
    words: dict[str, str]


@dataclass(frozen=True, slots=True)
class Score:
    """right of trials, which showed `drawings` different things: pictures of one drawing are no independent trials."""

    right: int
    trials: int
    drawings: int

    @property
    def share(self) -> float:
        """right / trials."""
        return self.right / self.trials

    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the share, with the drawings for trials where they are fewer."""
        return wilson(self.share, min(self.trials, self.drawings))


def wilson(share: float, trials: int, z: float = 1.959964) -> tuple[float, float]:
    """The interval that holds the true share of successes in 95 of 100 cases (Wilson 1927), within [0, 1]."""
    middle = share + z * z / (2 * trials)
    half = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    below = 1 + z * z / trials
    return max(0.0, (middle - half) / below), min(1.0, (middle + half) / below)


@torch.no_grad()
def judge(probe: Probe, seen: Sequence[Seen], batch: int = 64) -> list[Verdict]:
    """One verdict for each picture."""
    verdicts: list[Verdict] = []
    for first in range(0, len(seen), batch):
        part = list(seen[first : first + batch])
        logits = probe(as_tensor(part))
        verdicts += [_verdict(probe, logits, row, one) for row, one in enumerate(part)]
    return verdicts


def _verdict(probe: Probe, logits: dict[str, Tensor], row: int, one: Seen) -> Verdict:
    right: dict[str, bool] = {}
    for axis in AXES:
        wanted = one.classes[axis]
        if wanted == UNKNOWN:
            continue
        order = logits[axis][row].argsort(descending=True).tolist()
        right["concept (first)" if axis == "concept" else axis] = order[0] == wanted
        if axis == "concept":
            right["concept (top 5)"] = wanted in order[:TOP]
    words = {axis: probe.labels.of(axis)[int(logits[axis][row].argmax())] for axis in AXES}
    return Verdict(right, words)


@torch.no_grad()
def in_place(probe: Probe, rgb: NDArray[np.uint8], wanted: tuple[int, int], stacked: bool) -> tuple[bool, str]:
    """Whether both halves of a picture show what they should, by their top five; and what the probe sees in them.

    rgb: uint8 [S, S, 3]; the halves are the squares where the first and the second thing belong.
    """
    halves = [Seen(shrunk(np.ascontiguousarray(half)), {}, "") for half in split(rgb, stacked)]
    order = probe(as_tensor(halves))["concept"].argsort(1, descending=True)
    right = all(wanted[place] in order[place, :TOP].tolist() for place in range(2))
    first, second = (probe.labels.concept[int(order[place, 0])] for place in range(2))
    return right, f"{first} {'above' if stacked else 'left of'} {second}"


def split(rgb: NDArray[np.uint8], stacked: bool) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The squares, half as wide as the picture, in the middle of its left and right, or upper and lower, half."""
    side = rgb.shape[0]
    half, quarter = side // 2, side // 4
    if stacked:
        return rgb[:half, quarter : quarter + half], rgb[half:, quarter : quarter + half]
    return rgb[quarter : quarter + half, :half], rgb[quarter : quarter + half, half:]


def scores(verdicts: Iterable[Verdict], drawings: Iterable[str]) -> dict[str, Score]:
    """By measure. drawings: what each picture shows; give each picture another word where all are independent."""
    right: Counter[str] = Counter()
    trials: Counter[str] = Counter()
    shown: dict[str, set[str]] = {}
    for verdict, drawing in zip(verdicts, drawings, strict=True):
        for measure, value in verdict.right.items():
            right[measure] += value
            trials[measure] += 1
            shown.setdefault(measure, set()).add(drawing)
    return {name: Score(right[name], trials[name], len(shown[name])) for name in MEASURES if trials[name]}


def confusions(verdicts: Iterable[Verdict], wanted: Iterable[str], axis: str, most: int = 8) -> list[tuple[str, int]]:
    """The commonest mistakes on an axis, as ("fox → cat", times)."""
    measure = "concept (first)" if axis == "concept" else axis
    wrong: Counter[str] = Counter()
    for verdict, word in zip(verdicts, wanted, strict=True):
        if not verdict.right.get(measure, True):
            wrong[f"{word} → {verdict.words[axis]}"] += 1
    return wrong.most_common(most)
