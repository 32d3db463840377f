"""`muse-studio bench`: how fast the cascade and the window are here, as one table with ratios taken in one run.

Knows nothing about requests or documents. The window is measured by its own process, so that torch and Qt stay apart.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

WINDOW_TIMEOUT_S = 1200.0  # two jobs, two loads and a large picture; a busy machine is no fault
DEFAULT_MODEL = Path(__file__).parents[2] / "models" / "default"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. ratio_to: what the ratio compares with. goal: empty where there is none."""

    what: str
    value: float
    unit: str
    ratio: float | None = None
    ratio_to: str = ""
    goal: str = ""
    reached: bool | None = None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `muse-studio bench`."""
    parser.add_argument(
        "what",
        nargs="?",
        choices=("all", "model", "window", "published"),
        default="all",
        help="published: the aMUSEd-512 shape beside diffusers, on random weights; not among all, for it takes minutes "
        "and 8 GB",
    )
    parser.add_argument("--model", type=Path, default=DEFAULT_MODEL, help="checkpoint folder")
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda", "mps", "xla"))
    parser.add_argument("--repeats", type=int, default=3, help="pictures to time; the median counts")
    parser.add_argument(
        "--preset",
        action="append",
        choices=("tiny", "default-sizes", "muse-900m", "muse-3b"),
        help="time random weights of these sizes instead of a model; may be given several times. On a CUDA GPU "
        "muse-900m and muse-3b are timed unasked",
    )
    parser.add_argument(
        "--compile", action="store_true", help="torch.compile for the layers of presets: minutes at first, then faster"
    )
    parser.add_argument("--steps", type=int, default=12, help="steps of the published picture (default 12)")
    parser.add_argument("--threads", type=int, default=0, help="CPU threads of the published picture; 0 means all")
    parser.add_argument("--json", action="store_true", help="print one JSON object per row")


def run(arguments: argparse.Namespace) -> int:
    """Measures and prints; returns an exit code."""
    rows: list[Row] = []
    if arguments.what == "published":
        rows += _beside_rows(arguments)
    if arguments.what in ("all", "model"):
        rows += _model_rows(arguments)
    if arguments.what in ("all", "window"):
        rows += _window_rows(arguments.model)
    print(as_json(rows) if arguments.json else as_table(rows))
    return 0


def _model_rows(arguments: argparse.Namespace) -> list[Row]:
    from muse_studio.evaluation.published import published_rows
    from muse_studio.evaluation.speed import measure, measure_presets, presets_for

    rows, names = [], arguments.preset
    if names is None:
        rows += measure(arguments.model, arguments.device, arguments.repeats)
        names = presets_for(arguments.device)
    told = (arguments.model, arguments.device, arguments.repeats)
    return rows + measure_presets(names, *told, compiled=arguments.compile) + published_rows()


def _beside_rows(arguments: argparse.Namespace) -> list[Row]:
    import torch

    from muse_studio.evaluation.beside_public import measure_beside
    from muse_studio.evaluation.random_published import Shapes

    torch.set_num_threads(arguments.threads or torch.get_num_threads())
    return measure_beside(Shapes(), arguments.steps, lambda what: print(what, file=sys.stderr, flush=True))


def as_json(rows: list[Row]) -> str:
    """One JSON object per row and line."""
    return "\n".join(json.dumps(asdict(row)) for row in rows)


def as_table(rows: list[Row]) -> str:
    """The rows in aligned columns."""
    cells = [("what", "measured", "ratio", "goal", "")]
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.2f} of {row.ratio_to}"
        verdict = {None: "", True: "reached", False: "MISSED"}[row.reached]
        cells.append((row.what, f"{row.value:.3g} {row.unit}", ratio, row.goal, verdict))
    widths = [max(len(line[column]) for line in cells) for column in range(5)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]  # fmt: skip
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def _window_rows(model: Path) -> list[Row]:
    # The clock is read here: what the system says of a process's start is off by up to a second.
    command = [sys.executable, "-m", "muse_studio.gui.bench", str(model), repr(time.time())]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=WINDOW_TIMEOUT_S)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not lines:
        print(f"The window could not be measured: {done.stderr.strip()[-400:]}", file=sys.stderr)
        return []
    return [Row(**json.loads(line)) for line in lines]
