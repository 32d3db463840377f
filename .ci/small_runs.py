"""Small controlled runs of the base transformer: equal steps and equal pictures from new weights, one thing changed.

    small_runs.py [--data data] [--runs runs] [--steps 120]

Each is judged on the same 96 compositions that it was not trained on, by the loss on tokens masked as in training, and
with all of them masked. Prints a table, and keeps figures.json under RUNS/small. Four minutes of one core each.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import torch
from torch.nn.functional import cross_entropy

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from muse_studio.muse.base import BaseTransformer  # noqa: E402
from muse_studio.training import masked, stages  # noqa: E402
from muse_studio.training.loop import RunOptions, train  # noqa: E402
from muse_studio.training.recipe import Recipe, reduced  # noqa: E402

Change = Callable[[Recipe], Recipe]
JUDGED_FROM = 10_000_000
"""Numbers of compositions far behind those of training."""


def _masked(**settings: float) -> Change:
    return lambda recipe: replace(recipe, masked=replace(recipe.masked, **settings))


def _base(**sizes: object) -> Change:
    return lambda recipe: replace(recipe, cascade=replace(recipe.cascade, base=replace(recipe.cascade.base, **sizes)))


def _plain() -> Recipe:
    """The reduced recipe in batches of eight, without masked regions: what 120 steps can tell apart."""
    recipe = reduced()
    masks, loop = replace(recipe.masked, regions=0.0), replace(recipe.loop("base"), batch=8)
    return replace(recipe, masked=masks, loops=(loop,) * 4)


def _adamw(recipe: Recipe) -> Recipe:
    loops = list(recipe.loops)
    loops[2] = replace(loops[2], optimiser="adamw")
    return replace(recipe, loops=tuple(loops))


RUNS: dict[str, tuple[Change, Callable[[float], float] | None]] = {
    "as the recipe has it": (lambda recipe: recipe, None),
    "mask rate uniform in place of cosine": (lambda recipe: recipe, lambda uniform: uniform),
    "no text dropped": (_masked(text_dropout=0.0), None),
    "text of three in ten dropped": (_masked(text_dropout=0.3), None),
    "no label smoothing": (_masked(smoothing=0.0), None),
    "no positions of single cells": (_base(cell_positions=False), None),
    "AdamW in place of Muon": (_adamw, None),
    "320 wide, 3 layers": (_base(hidden=320, layers=3, mlp=1280), None),
    "192 wide, 9 layers": (_base(hidden=192, layers=9, mlp=768), None),
}


def main() -> int:
    """Runs what has no figures yet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT / "data")
    parser.add_argument("--runs", type=Path, default=ROOT / "runs")
    parser.add_argument("--steps", type=int, default=120)
    options = parser.parse_args()
    torch.set_num_threads(1)
    home = options.runs / "small"
    home.mkdir(parents=True, exist_ok=True)
    kept = home / "figures.json"
    figures = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else {}
    folders = stages.Folders(options.data, options.runs, ROOT / "models" / "default" / "text_encoder")
    for name, (change, ratio) in RUNS.items():
        if name not in figures:
            figures[name] = _run(change(_plain()), ratio, folders, home / "run", options.steps)
            kept.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    for name, found in figures.items():
        print(f"| {name} | {found['loss']:.3f} | {found['all masked']:.3f} | {found['accuracy']:.1%} |")
    return 0


def _run(
    recipe: Recipe, ratio: Callable[[float], float] | None, folders: stages.Folders, output: Path, steps: int
) -> dict[str, float]:
    """Trains from new weights and judges what came of it."""
    shutil.rmtree(output, ignore_errors=True)
    task = stages.task(recipe, "base", folders, torch.device("cpu"))
    loop = replace(recipe.loop("base"), total_steps=steps, warm_up=20, average=0.0)
    begun = time.perf_counter()
    with _mask_rate(ratio):
        train(task, loop, RunOptions(draws=False), output)
    model = task.module
    assert isinstance(model, BaseTransformer)
    judge = stages.task(_plain(), "base", folders, torch.device("cpu"))
    assert isinstance(judge, masked.BaseTask)
    return _judged(model, judge) | {"seconds": time.perf_counter() - begun}


@contextmanager
def _mask_rate(ratio: Callable[[float], float] | None) -> Iterator[None]:
    before = masked.training_mask_ratio
    masked.training_mask_ratio = ratio or before
    try:
        yield
    finally:
        masked.training_mask_ratio = before


@torch.no_grad()
def _judged(model: BaseTransformer, judge: masked.BaseTask) -> dict[str, float]:
    """Cross-entropy in nats without smoothing, with the whole caption, and the share of tokens that come first."""
    model.eval()
    torch.manual_seed(0)
    losses, blind, right = [], [], []
    batches = judge.batches(JUDGED_FROM, 16)
    for number in range(6):
        batch, first = next(batches), JUDGED_FROM + 16 * number
        text = judge.encode([judge.example(one).caption for one in range(first, first + 16)])
        context = model.prepare(text.states, text.mask)
        for hidden, found in ((batch.masked, losses), (torch.ones_like(batch.masked), blind)):
            logits = model(batch.base.masked_fill(hidden, model.mask_token), context, hidden).float()
            found.append(float(cross_entropy(logits, batch.base[hidden])))
            if found is losses:
                right.append(float((logits.argmax(-1) == batch.base[hidden]).float().mean()))
    means = (sum(values) / len(values) for values in (losses, blind, right))
    return dict(zip(("loss", "all masked", "accuracy"), means, strict=True))


if __name__ == "__main__":
    sys.exit(main())
