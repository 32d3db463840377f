"""The comparison of ways of sampling as a part of a report. Knows not how pictures are made or judged."""

from __future__ import annotations

import hashlib
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

from muse_studio.evaluation.probe.weights import load_probe
from muse_studio.evaluation.report import Section, Table
from muse_studio.evaluation.sampling import (
    MEASURES,
    SEEDS_PER_PROMPT,
    Mean,
    Sampler,
    Say,
    asked_prompts,
    beside,
    drawings_asked,
    measured,
)
from muse_studio.evaluation.ways import Way, base_ways, split_ways
from muse_studio.muse.cascade import Cascade
from muse_studio.muse.checkpoint import read_cascade_json

ABOUT = (
    "One row for each way, on the same {prompts} prompts and {seeds} seeds of each: as many single things that "
    "training shows, held-out pairs, never drawn pairs and things on photographs. Concept, style, background: how "
    "likely the probe finds the word that was asked for. All right: the share of pictures of which all three come "
    "first. As drawn: {drawn}. Variety: the share of tokens in which two pictures of one prompt differ. In brackets "
    "the difference to the first row and its standard error, over prompts; beyond two errors it stands out (*)."
)


def measure_sampling(
    cascade: Cascade, model: Path, home: Path, data: Path, kept: Path, pictures: int, seed: int, size: int, say: Say
) -> tuple[Section, dict[str, Any]]:
    """Compares the base stage's ways at 256 px, or the division of steps between both stages at 512."""
    probe, _ = load_probe(home)
    asked = asked_prompts(pictures, seed)
    drawn = drawings_asked(cascade, data, asked)
    sampler = Sampler(cascade, digest(model), kept)
    ways = base_ways() if size == 256 else split_ways()
    found = []
    for number, way in enumerate(ways):
        say(f"way {number + 1} of {len(ways)}: {way.name}")
        found.append(measured(cascade, probe, sampler.tokens(way, asked, seed), asked, drawn))
    means = beside(found)
    what = (
        "the share of tokens that are those of the drawing that was asked for, where training shows it"
        if size == 256
        else "PSNR to the drawing that was asked for, in dB, where training shows it"
    )
    about = ABOUT.format(prompts=len(asked), seeds=SEEDS_PER_PROMPT, drawn=what)
    rows = tuple(_row(way, row, size) for way, row in zip(ways, means, strict=True))
    section = Section("Ways of sampling", (about, Table(("way", "passes", *MEASURES), rows)))
    figures = {
        way.name: {"passes": way.passes, **{name: asdict(mean) for name, mean in row.items()}}
        for way, row in zip(ways, means, strict=True)
    }
    return section, {"prompts": len(asked), "seed": seed, "size": size, "ways": figures}


def _row(way: Way, means: dict[str, Mean], size: int) -> tuple[str, ...]:
    in_decibels = {"as drawn"} if size != 256 else set()
    return (way.name, f"{way.passes}", *(_cell(means[name], name in in_decibels) for name in MEASURES))


def _cell(mean: Mean, in_decibels: bool) -> str:
    if math.isnan(mean.value):
        return "–"
    scale, digits = (1, 2) if in_decibels else (100, 1)
    value = f"{scale * mean.value:.{digits}f}{' dB' if in_decibels else ' %'}"
    if not mean.error:
        return value
    mark = " *" if abs(mean.beside) > 2 * mean.error else ""
    return f"{value} ({scale * mean.beside:+.{digits}f} ± {scale * mean.error:.{digits}f}){mark}"


def digest(model: Path) -> str:
    """Of the weights alone: the plans in cascade.json change no way that is compared here."""
    records = sorted((name, record.sha256) for name, record in read_cascade_json(model).files.items())
    return hashlib.sha256(repr(records).encode()).hexdigest()
