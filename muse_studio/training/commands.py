"""`muse-studio train`: data, every stage, sample sheets, the finished folder. Knows not how a stage trains."""

from __future__ import annotations

import argparse
import re
import signal
from pathlib import Path

from muse_studio.core.errors import ErrorKind, MuseStudioError

DEFAULT_MODEL = Path("models/default")


def duration_s(text: str) -> float:
    """Seconds of a duration such as 90s, 25m or 2h. Raises ArgumentTypeError."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text)
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is no duration: write 90s, 25m or 2h")
    return float(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[match[2]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `muse-studio train`."""
    parser.add_argument(
        "what",
        choices=(
            "data",
            "base-vqgan",
            "superres-vqgan",
            "base",
            "superres",
            "all",
            "assemble",
            "unpack",
            "figures",
            "sheet",
        ),
        help="data builds the pictures; a stage trains it, all trains every one; assemble writes the finished folder; "
        "unpack makes checkpoints of a finished folder, to train on from it; figures "
        "measures its tokenizers on held-out pictures; sheet draws a sample sheet",
    )
    parser.add_argument("--recipe", choices=("reduced", "full"), default="reduced", help="reduced fits a CPU")
    parser.add_argument("--data", type=Path, default=Path("data"), help="folder of the training pictures")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="folder of checkpoints, curves and sheets")
    parser.add_argument("--text-encoder", type=Path, default=DEFAULT_MODEL / "text_encoder")
    parser.add_argument("--budget", type=duration_s, default=None, help="stop after this long, e.g. 25m; resumable")
    parser.add_argument("--threads", type=int, default=0, help="CPU threads; 0 means all")
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda", "mps", "xla"))
    parser.add_argument("-o", "--output", type=Path, default=DEFAULT_MODEL, help="folder or picture to write")


def run(arguments: argparse.Namespace) -> int:
    """Runs `muse-studio train`; returns an exit code."""
    import torch

    from muse_studio.muse.device import pick_device
    from muse_studio.training.recipe import RECIPES, STAGES
    from muse_studio.training.stages import Folders

    for number in (signal.SIGINT, signal.SIGTERM):  # a shell that starts a run in the background ignores Ctrl-C for it
        signal.signal(number, signal.default_int_handler)
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    recipe = RECIPES[arguments.recipe]()
    folders = Folders(arguments.data, arguments.runs, arguments.text_encoder)
    if arguments.what in ("data", "all"):
        _build_data(arguments.data, recipe.subset)
    if arguments.what in STAGES or arguments.what == "all":
        if not (arguments.data / recipe.subset).exists():
            raise MuseStudioError(
                ErrorKind.BAD_REQUEST, f"No training pictures in {arguments.data}. Run: muse-studio train data"
            )
        device = pick_device(arguments.device)
        for stage in STAGES if arguments.what == "all" else (arguments.what,):
            _train(recipe, stage, folders, arguments.budget, device)
    if arguments.what in ("assemble", "all"):
        from muse_studio.training.assemble import assemble

        assemble(recipe, folders, arguments.output)
    if arguments.what == "unpack":
        from muse_studio.training.assemble import unpack

        unpack(recipe, folders, DEFAULT_MODEL)
    if arguments.what == "figures":
        from muse_studio.training.assemble import held_out_figures

        for name, kept in held_out_figures(recipe, folders, arguments.output, pick_device(arguments.device)).items():
            print(f"{name}: {kept.psnr:.1f} dB, SSIM {kept.ssim:.3f}, {kept.codes_used:.0%} of the codebook")
    if arguments.what == "sheet":
        from muse_studio.training.assemble import sample_sheet

        sample_sheet(DEFAULT_MODEL, arguments.output, pick_device(arguments.device))
    return 0


def _build_data(folder: Path, subset: str) -> None:
    from muse_studio.training.data.build import build

    build(folder, subset, lambda share, what: print(f"{share:4.0%} {what}"))


def _train(recipe: object, stage: str, folders: object, budget_s: float | None, device: object) -> None:
    from muse_studio.training.loop import RunOptions
    from muse_studio.training.stages import run_stage

    options = RunOptions(budget_s=budget_s or float("inf"), report=lambda text: print(text, flush=True))
    run_stage(recipe, stage, folders, options, device)  # type: ignore[arg-type]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    raise SystemExit(run(parser.parse_args()))
