"""The probe's part of a report: pictures of every group of prompts, judged and set beside real drawings.

Knows nothing of how the report is written down.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse_studio.evaluation.making import Maker
from muse_studio.evaluation.probe.ceilings import COMPARED, Scores, read
from muse_studio.evaluation.probe.judging import MEASURES, Score, Verdict, confusions, in_place, judge, scores
from muse_studio.evaluation.probe.network import Probe
from muse_studio.evaluation.probe.pictures import LABELS, UNKNOWN, Seen, shrunk
from muse_studio.evaluation.probe.prompts import GROUPS, Prompt, prompts
from muse_studio.evaluation.probe.weights import load_probe
from muse_studio.evaluation.report import Section, Sheet, Table
from muse_studio.evaluation.sheets import Cell, sheet
from muse_studio.training.recipe import RECIPES, Recipe

GOALS = {"concept (top 5)": 0.80, "style": 0.95, "background": 0.95, "count": 0.80, "position": 0.80}
ON_SHEET = 48

ABOUT = {
    "asked": "Pairs of a thing and a style that training sees, on plain backgrounds: "
    "its own drawings, asked for by their captions.",
    "held out": "Pairs of which a drawing exists that training never saw: both words are known, the picture is new.",
    "never drawn": "Pairs of which no pack has a drawing; compared with the real drawings of held-out pairs.",
    "on a photograph": "The same things in front of a landscape.",
    "counts": "Two or three of one thing in a row.",
    "positions": "Two things of one style, the first to the left of, to the right of, or above the second. "
    "Right if the probe finds each in its half, by its top five.",
}


@dataclass(frozen=True, slots=True)
class Judged:
    """One prompt, the picture that came of it at the sheet's size, and what the probe says."""

    prompt: Prompt
    rgb: NDArray[np.uint8]
    verdict: Verdict


def measure_probe(
    maker: Maker, home: Path, count: int, seed: int, asked_for: Collection[str] = GROUPS
) -> tuple[list[Section], dict[str, Any]]:
    """Sections and figures of about `count` pictures, judged by the probe in the folder `home`.

    asked_for: the groups of prompts to measure, in the order of GROUPS.
    """
    probe, facts = load_probe(home)
    names = tuple(name for name in GROUPS if name in asked_for)
    asked = prompts(count, seed, names)
    made = maker.pictures([prompt.text for prompt in asked], seed)
    judged = [judged_one(probe, prompt, rgb) for prompt, rgb in zip(asked, made, strict=True)]
    untrained = untrained_groups(maker.cascade.config.name)
    groups = {name: [one for one in judged if one.prompt.group == name] for name in names}
    found = {name: model_scores(members) for name, members in groups.items()}
    sections = [
        _summary(found, facts, untrained, recipe_of(maker.cascade.config.name) is not None),
        *(_group(name, groups[name], found[name], facts, untrained) for name in names),
        _sheets(groups),
        _about_the_probe(facts),
    ]
    figures = {name: {measure: _plain(score) for measure, score in group.items()} for name, group in found.items()}
    return sections, {"pictures": len(judged), "seed": seed, "groups": figures, "not trained for": sorted(untrained)}


def judged_one(probe: Probe, prompt: Prompt, rgb: NDArray[np.uint8]) -> Judged:
    """The verdict on one generated picture."""
    [verdict] = judge(probe, [Seen(shrunk(rgb), prompt.classes, prompt.text)])
    if prompt.others:
        right, words = in_place(probe, rgb, prompt.others, prompt.stacked)
        verdict = replace(verdict, right=verdict.right | {"position": right}, words=verdict.words | {"position": words})
    return Judged(prompt, shrunk(rgb, 256), verdict)


def model_scores(judged: Sequence[Judged]) -> Scores:
    """By measure; pictures of one pair of a thing and a style, or of one pair of things, are no independent trials."""
    return scores([one.verdict for one in judged], [_shown(one.prompt) for one in judged])


def _shown(prompt: Prompt) -> str:
    return f"{prompt.others or (prompt.classes['concept'], prompt.classes['style'])}"


def untrained_groups(model_name: str) -> frozenset[str]:
    """The groups whose compositions the recipe of this model leaves out; none is known of a model without a recipe."""
    recipe = recipe_of(model_name)
    if recipe is None:
        return frozenset()
    weights = {"counts": recipe.mix.row, "positions": recipe.mix.pair}
    return frozenset(name for name, weight in weights.items() if not weight)


def recipe_of(model_name: str) -> Recipe | None:
    """The recipe that makes a model of this name; None for a model from elsewhere."""
    return next((recipe for recipe in (make() for make in RECIPES.values()) if recipe.name == model_name), None)


def ceiling(group: str, facts: dict[str, Any], held_out: bool) -> Scores:
    """What real drawings score where a model's pictures of this group do."""
    kind = facts["ceilings"][COMPARED.get(group, group)]
    return read(kind["held out" if held_out else "learned from"])


def _summary(found: dict[str, Scores], facts: dict[str, Any], untrained: frozenset[str], known: bool) -> Section:
    """Each goal once, over the prompts that it is about."""
    rows = []
    for measure, goal in GOALS.items():
        names = {"count": ("counts",), "position": ("positions",)}.get(measure, ("asked", "held out"))
        for name in names:
            score, real = found.get(name, {}).get(measure), ceiling(name, facts, name == "held out").get(measure)
            if score is not None:
                note = " (the model was not trained for it)" if name in untrained else ""
                rows.append(_row(f"{measure}: {name}{note}", score, real, goal))
    header = ("what", "generated", "95 % interval", "real drawings", "share of them", "goal", "")
    notes = () if known else ("No recipe here makes a model of this name: it may not know the probe's words at all.",)
    return Section("What the probe finds in its pictures", (Table(header, tuple(rows)), *notes))


def _group(
    name: str, members: list[Judged], found: Scores, facts: dict[str, Any], untrained: frozenset[str]
) -> Section:
    parts: list[str | Table | Sheet] = [f"{ABOUT[name]} {len(members)} pictures."]
    if name in untrained:
        parts.append("This model's recipe has no such compositions: the figures say what it does when asked anyway.")
    learned, held_out = (ceiling(name, facts, flag) for flag in (False, True))
    rows = []
    for measure, score in found.items():
        first, second = learned.get(measure), held_out.get(measure)
        low, high = score.interval()
        rows.append((measure, _percent(score.share), f"{low:.0%} to {high:.0%}", _beside(first), _beside(second)))
    header = ("what", "generated", "95 % interval", "real, drawings the probe learned from", "real, held-out drawings")
    parts.append(Table(header, tuple(rows)))
    wrong = _mistakes(members)
    if wrong:
        parts.append(f"Commonest mistakes: {'; '.join(wrong)}.")
    return Section(name.capitalize(), tuple(parts))


def _mistakes(members: list[Judged]) -> list[str]:
    found = []
    for axis in ("concept", "style", "background", "count"):
        known = [one for one in members if one.prompt.classes[axis] != UNKNOWN]
        words = [LABELS.of(axis)[one.prompt.classes[axis]] for one in known]
        pairs = confusions([one.verdict for one in known], words, axis, 4)
        found += [f"{what} ({times}×)" for what, times in pairs]
    return found


def _sheets(groups: dict[str, list[Judged]]) -> Section:
    key = "Green: everything as asked. Amber: the thing is among the probe's top five. Red: it is not."
    parts: list[str | Table | Sheet] = [f"The first ones of their groups, not picked. {key}"]
    names = [name for name in groups if name != "asked"]
    others = [one for name in names for one in groups[name][: -(-ON_SHEET // len(names))]]
    for file, members, about in (
        ("asked.png", groups.get("asked", []), "Pairs that training sees"),
        ("others.png", others, "The other groups, in their order"),
    ):
        if members:
            parts.append(Sheet(file, sheet([cell(one) for one in members[:ON_SHEET]]), about))
    return Section("Pictures", tuple(parts))


def cell(one: Judged) -> Cell:
    """A picture with its prompt and, where something is not as asked, what the probe sees instead."""
    right, words = one.verdict.right, one.verdict.words
    thing = right.get("concept (top 5)", right.get("position", True))
    if all(value for name, value in right.items() if name != "concept (top 5)"):
        return Cell(one.rgb, (one.prompt.text, "as asked"), "good")
    seen = words.get("position") or f"{words['style']} {words['concept']}, {words['count']}, {words['background']}"
    return Cell(one.rgb, (one.prompt.text, f"sees: {seen}"), "fair" if thing else "bad")


def _about_the_probe(facts: dict[str, Any]) -> Section:
    made = facts["training"]
    rows = []
    for what, values in facts["checks"].items():
        found = read(values)
        cells = (_beside(found.get(measure)) for measure in MEASURES[:5])
        rows.append((what, *cells, str(max(score.drawings for score in found.values()))))
    table = Table(("what the probe was shown", *MEASURES[:5], "drawings"), tuple(rows))
    chance = ", ".join(
        f"{name} {value:.0%}"
        for name, value in (
            ("concept in the top 5", 5 / len(LABELS.concept)),
            ("style", 1 / len(LABELS.style)),
            ("background", 1 / len(LABELS.background)),
            ("count", 1 / len(LABELS.count)),
        )
    )
    trained = (
        f"A small convolutional network, trained for {made['seconds'] / 60:.0f} minutes on {made['pictures']:,} "
        "compositions of real drawings, from the training split alone and never on a generated picture. Pictures of "
        "one drawing, or of one pair of words, are no independent trials: intervals count drawings and pairs."
    )
    floor = (
        f"Chance, where all words are alike: {chance}. A background can be told from shuffled pixels, since the "
        "commonest colour stays; noise is always given the same words, which are right for some of the labels."
    )
    confused = "Held-out drawings that it confuses: " + ("; ".join(facts["confused"]["concept"]) or "none") + "."
    return Section("The probe itself", (trained, table, floor, confused))


def _row(what: str, score: Score, real: Score | None, goal: float) -> tuple[str, ...]:
    low, high = score.interval()
    share = f"{score.share / real.share:.0%}" if real is not None and real.right else "not measured"
    return (
        what,
        _percent(score.share),
        f"{low:.0%} to {high:.0%}",
        _beside(real),
        share,
        f"≥ {goal:.0%}",
        _verdict(score, real, goal),
    )


def _verdict(score: Score, real: Score | None, goal: float) -> str:
    """A goal is a share of what real drawings score; where only that share reaches it and the score does not, both are
    said."""
    if score.share >= goal:
        return "reached"
    if real is not None and real.right and score.share >= goal * real.share:
        return "reached as a share of real drawings"
    return "MISSED"


def _beside(score: Score | None) -> str:
    """A real score in a table, with its interval; empty where there is none."""
    if score is None:
        return ""
    low, high = score.interval()
    return f"{_percent(score.share)} ({low:.0%} to {high:.0%})"


def _percent(share: float) -> str:
    return f"{share:.1%}"


def _plain(score: Score) -> dict[str, float]:
    low, high = score.interval()
    return {"right": score.right, "trials": score.trials, "share": score.share, "low": low, "high": high}
