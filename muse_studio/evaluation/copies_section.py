"""Near-copies of training's drawings as a part of a report. Knows not how likeness is measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from muse_studio.evaluation.copies import HALVES, Compositions
from muse_studio.evaluation.probe.prompts import MORE, TOGETHER, Prompt, more_prompts, together_prompts
from muse_studio.evaluation.report import Section, Sheet, Table
from muse_studio.evaluation.sampling import SEEDS_PER_PROMPT, Sampler, Say, asked_prompts
from muse_studio.evaluation.sheets import Cell, sheet
from muse_studio.evaluation.ways import Way
from muse_studio.muse.cascade import Cascade

GROUPS = ("asked", "held out", "never drawn")
MARKS = (0.5, 0.8, 0.95)
SHOWN_PER_GROUP = 8
ABOUT = (
    "Base tokens of generated pictures beside those of all {count} compositions that training can show of one drawing "
    "on a plain ground. Alike: the share of equal tokens among the cells where either picture shows more than its "
    "ground. Two different drawings of training are at most {apart:.0%} alike (half of them at most {middle:.0%}): "
    "what is more alike than that is a near-copy. Things that are moved or scaled would not be found."
)
NAMES = {
    "asked": "asked for drawings that training shows",
    "held out": "asked for held-out drawings",
    "never drawn": "asked for what no pack has drawn",
    MORE: "asked for more things that training shows",
}
SIDE_BY_SIDE = "asked for two of these side by side: each half beside what training shows there"


@dataclass(frozen=True, slots=True)
class Found:
    """One generated picture and the composition that is nearest to it."""

    prompt: Prompt
    tokens: Tensor
    alike: float
    number: int


def measure_copies(
    cascade: Cascade, digest: str, data: Path, kept: Path, pictures: int, seed: int, say: Say
) -> tuple[Section, dict[str, Any]]:
    """A table by group, and a sheet of the nearest pairs. MuseStudioError where the data has not been built."""
    asked = asked_prompts(pictures, seed, GROUPS)
    each = sum(prompt.group == "asked" for prompt in asked)
    asked += more_prompts(each, seed) + together_prompts(each, seed)
    made = Sampler(cascade, digest, kept).tokens(Way("", cascade.config.defaults.base), asked, seed)
    say("tokens of every composition that training shows")
    training = Compositions(cascade, data)
    real = Compositions(cascade, data, held_out=True, grounds=("white",))
    found = [
        Found(prompt, one, *training.nearest(one))
        for prompt, grids in zip(asked, made, strict=True) if prompt.group != TOGETHER
        for one in grids
    ]  # fmt: skip
    say("tokens of every drawing in either half")
    halves = _side_by_side(cascade, data, [pair for pair in zip(asked, made, strict=True) if pair[0].group == TOGETHER])
    apart = Compositions(cascade, data, grounds=("white",)).apart()
    groups = {group: [one for one in found if one.prompt.group == group] for group in NAMES}
    kinds = {NAMES[group]: [one.alike for one in those] for group, those in groups.items()}
    kinds["real held-out drawings, not generated"] = [training.nearest(tokens)[0] for tokens in real.tokens]
    kinds[SIDE_BY_SIDE] = [alike for alike, _ in halves]
    nearest = {NAMES[group]: _asked_for(training, groups[group]) for group in ("asked", MORE)}
    nearest[SIDE_BY_SIDE] = f"{sum(right for _, right in halves)} of {len(halves)}"
    header = ("pictures", "count", "median", *(f"≥ {mark:.0%} alike" for mark in MARKS), "nearest is what was asked")
    table = Table(header, tuple((*_row(name, values), nearest.get(name, "")) for name, values in kinds.items()))
    about = ABOUT.format(count=len(training.shown), apart=apart.max(initial=0), middle=float(np.median([*apart, 0])))
    sheets = [_pairs(cascade, training, group, those) for group, those in groups.items()]
    figures = {
        "compositions": len(training.shown),
        "seeds": SEEDS_PER_PROMPT,
        "different drawings at most": float(apart.max(initial=0)),
        "kinds": {name: _shares(values) for name, values in kinds.items()},
        "nearest is what was asked": nearest,
    }
    return Section("Near-copies of training's drawings", (about, table, *sheets)), figures


def _side_by_side(cascade: Cascade, data: Path, asked: Sequence[tuple[Prompt, Tensor]]) -> list[tuple[float, bool]]:
    """Of each half of each picture how near the nearest drawing there is, and whether it is the one asked for."""
    found = []
    for place, half in enumerate(HALVES):
        training = Compositions(cascade, data, grounds=("white",), place=half)
        for prompt, grids in asked:
            thing, style = prompt.second if place else prompt.pair[0], prompt.pair[1]  # type: ignore[misc]
            for one in grids:
                alike, number = training.nearest_there(one)
                near = training.shown[number]
                found.append((alike, (near.concept, near.style) == (thing, style)))
    return found


def _asked_for(training: Compositions, found: Sequence[Found]) -> str:
    """Of how many pictures the nearest composition is of the thing and in the style that were asked for."""
    nearest = [training.shown[one.number] for one in found]
    hits = sum((near.concept, near.style) == one.prompt.pair for near, one in zip(nearest, found, strict=True))
    return f"{hits} of {len(found)}"


def _shares(values: Sequence[float]) -> dict[str, float]:
    marks = {f"{mark:.0%}": float(np.mean([value >= mark for value in values])) for mark in MARKS}
    return {"count": len(values), "median": float(np.median(values)), **marks}


def _row(name: str, values: Sequence[float]) -> tuple[str, ...]:
    if not values:
        return (name, "0", "–", *("–" for _ in MARKS))
    shares = _shares(values)
    return (name, f"{len(values)}", f"{shares['median']:.0%}", *(f"{shares[f'{mark:.0%}']:.0%}" for mark in MARKS))


def _pairs(cascade: Cascade, training: Compositions, group: str, found: Sequence[Found]) -> Sheet:
    """Generated pictures, the nearest first, each beside the composition that it is nearest to."""
    cells = []
    for one in sorted(found, key=lambda one: -one.alike)[:SHOWN_PER_GROUP]:
        picture = cascade.picture(one.tokens[None].to(cascade.device), "base")[0].float().cpu()
        rgb = (picture * 255).round().byte().permute(1, 2, 0).numpy()
        near = training.shown[one.number]
        cells.append(Cell(rgb, (one.prompt.text, "made")))
        cells.append(
            Cell(
                training.picture(one.number),
                (f"{near.concept}, {near.style}, {near.ground}", f"{one.alike:.0%} alike"),
                "fair",
            )
        )
    caption = f"{NAMES[group].capitalize()}: the pictures that are most alike, each with its nearest composition"
    return Sheet(f"copies-{group.replace(' ', '-')}.png", sheet(cells, side=120), caption)
