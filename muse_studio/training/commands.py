"""`muse-studio train`: data, every stage, sample sheets, the finished folder. Knows not how a stage trains."""

from __future__ import annotations

import argparse
import os
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muse_studio.core.errors import ErrorKind, MuseStudioError

if TYPE_CHECKING:
    import torch

    from muse_studio.training.engine import Engine
    from muse_studio.training.recipe import Recipe

DEFAULT_MODEL = Path("models/default")
RECIPE_NAMES = ("reduced", "full", "paper", "paper-3b")
STAGE_NAMES = ("base-vqgan", "superres-vqgan", "base", "superres")
DECODER_NAMES = ("base-decoder", "superres-decoder")


def duration_s(text: str) -> float:
    """Seconds of a duration such as 90s, 25m or 2h. Raises ArgumentTypeError."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text)
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is no duration: write 90s, 25m or 2h")
    return float(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[match[2]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the commands of `muse-studio train`."""
    rooms = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    common = _common_options()
    _add_data(rooms, common)
    training = _training_options()
    for name in STAGE_NAMES:
        rooms.add_parser(name, parents=[training], help=f"train or resume the stage {name}")
    for name in DECODER_NAMES:
        told = f"finetune a larger decoder for {name.replace('decoder', 'vqgan')}, all else frozen"
        rooms.add_parser(name, parents=[training], help=told)
    rooms.add_parser("all", parents=[training], help="build the data, train every stage, assemble")
    finished = rooms.add_parser("assemble", parents=[common], help="write the finished folder")
    finished.add_argument(
        "--newer-drafts",
        action="store_true",
        help="take the base's finetuned decoder, though super-resolution learned from drafts by the first",
    )
    rooms.add_parser("unpack", parents=[common], help="checkpoints of a finished folder, to train on from it")
    rooms.add_parser("figures", parents=[common], help="measure the tokenizers on held-out pictures")
    sheet = rooms.add_parser("sheet", parents=[common], help="draw a sample sheet, as PNG or WebP")
    shown = sheet.add_mutually_exclusive_group()
    shown.add_argument("--more", action="store_true", help="of the 268 more things, each alone")
    shown.add_argument("--together", action="store_true", help="of some of these in pairs, rows, places, photographs")
    average = rooms.add_parser("average", parents=[common], help="average the weights that a stage has kept")
    average.add_argument("stage", choices=STAGE_NAMES)
    average.add_argument("--decay", type=float, default=0.7, help="of one kept file to the next; the paper's is 0.7")
    _add_dry_run(rooms)


def _common_options() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--recipe", choices=RECIPE_NAMES, default="reduced", help="reduced fits a CPU")
    common.add_argument("--data", type=Path, default=Path("data"), help="folder of the drawn training pictures")
    common.add_argument("--runs", type=Path, default=Path("runs"), help="folder of checkpoints, curves and sheets")
    common.add_argument("--text-encoder", type=Path, default=None, help="folder in the transformers layout")
    common.add_argument("--threads", type=int, default=0, help="CPU threads; 0 means all")
    common.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda", "mps", "xla"))
    common.add_argument("-o", "--output", type=Path, default=None, help="folder or picture to write")
    return common


def _add_dry_run(rooms: Any) -> None:
    options = _training_options()  # its own, for defaults belong to the options and not to the command
    dry = rooms.add_parser("dry-run", parents=[options], help="what a recipe costs, and that it runs")
    dry.add_argument("stages", nargs="*", choices=(*STAGE_NAMES, []), metavar="STAGE", help="all if none is named")
    dry.add_argument("--examples", type=int, default=1, help="examples of a step and process while proving")
    dry.add_argument("--memory", type=float, default=8.0, help="GB to stay below; fewer layers where they don't fit")
    dry.add_argument("--processes", type=int, default=8, help="GPUs that the estimate of time is for")
    dry.add_argument("--tflops", type=float, default=200.0, help="what each gets done in a second")
    dry.set_defaults(recipe="paper", runs=Path("runs/dry-run"), steps=2)


def _add_data(rooms: Any, common: argparse.ArgumentParser) -> None:
    data = rooms.add_parser("data", parents=[common], help="build the drawn pictures; or pack any folder into shards")
    deeds = data.add_subparsers(dest="deed", metavar="pack")
    pack = deeds.add_parser("pack", help="any folder of pictures and captions as webdataset shards")
    pack.add_argument("folder", type=Path, help="pictures with .txt files of their names, or a metadata.csv/tsv/jsonl")
    pack.add_argument("-o", "--output", type=Path, required=True, help="folder of the shards")
    pack.add_argument("--size", type=int, default=512, help="side of the packed squares, in pixels")
    pack.add_argument("--least", type=int, default=256, help="a picture with a shorter side is too small")
    pack.add_argument("--shard-size", type=int, default=10_000, help="examples of one shard")
    pack.add_argument("--loaders", type=int, default=4, help="threads that open pictures")


def _training_options() -> argparse.ArgumentParser:
    training = argparse.ArgumentParser(add_help=False, parents=[_common_options()])
    training.add_argument("--budget", type=duration_s, default=None, help="stop after this long, e.g. 25m; resumable")
    training.add_argument("--steps", type=int, default=None, help="stop after so many steps; resumable")
    training.add_argument(
        "--perceptual",
        metavar="FEATURES",
        help="tokenizers and decoders also learn from a distance between features: filters, which need no download, or "
        "the folder of an image model (CLIP, DINOv2, ConvNeXt, ResNet ...) with its safetensors",
    )
    training.add_argument(
        "--loaders",
        type=_loaders,
        default=None,
        help="threads that make pictures ahead: with --shards 4, else one for each core beside a GPU and none on a CPU",
    )
    training.add_argument("--adversarial", action="store_true", help="and from an adversary that tells made from real")
    scale = training.add_argument_group("training at scale")
    scale.add_argument(
        "--shards", action="append", metavar="PATTERN", help="webdataset shards, such as 'cc3m/{00000..00331}.tar'"
    )
    scale.add_argument("--least", type=int, default=None, help="least side of a usable picture, by default the stage's")
    scale.add_argument("--tokenizers", type=Path, default=None, help="a finished cascade whose tokenizers to use")
    scale.add_argument("--engine", choices=("single", "ddp", "fsdp"), default="single", help="under accelerate launch")
    scale.add_argument("--micro-batch", type=int, default=0, help="examples that a process takes at once")
    scale.add_argument("--recompute", action="store_true", help="gradient checkpointing: less memory, more work")
    scale.add_argument("--keep-every", type=int, default=None, help="steps between weights kept for averaging")
    scale.add_argument("--keep-last", type=int, default=20, help="how many of these")
    scale.add_argument("--no-sheets", action="store_true", help="draw no sample sheets")
    return training


def _loaders(text: str) -> int:
    """From 0 to 256: Raises ArgumentTypeError."""
    if not text.isdecimal() or int(text) > 256:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 256")
    return int(text)


def run(arguments: argparse.Namespace) -> int:
    """Runs `muse-studio train`; returns an exit code."""
    if arguments.what == "data" and arguments.deed == "pack":
        _pack(arguments)
        return 0
    import torch

    from muse_studio.training.paper import ALL_RECIPES

    for number in (signal.SIGINT, signal.SIGTERM):  # a shell that starts a run in the background ignores Ctrl-C for it
        signal.signal(number, signal.default_int_handler)
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    deed = DEEDS.get(arguments.what, _stages)
    deed(arguments, ALL_RECIPES[arguments.recipe]())
    return 0


def _folders(arguments: argparse.Namespace) -> Any:
    from muse_studio.training.stages import Folders

    return Folders(arguments.data, arguments.runs, arguments.text_encoder or DEFAULT_MODEL / "text_encoder")


def _device(arguments: argparse.Namespace) -> torch.device:
    from muse_studio.muse.device import pick_device

    return pick_device(arguments.device)


def _pack(arguments: argparse.Namespace) -> None:
    from muse_studio.training.data.pack import pack

    pack(
        arguments.folder,
        arguments.output,
        size=arguments.size,
        least=arguments.least,
        shard_size=arguments.shard_size,
        threads=arguments.loaders,
    )


def _build_data(arguments: argparse.Namespace, recipe: Recipe) -> None:
    from muse_studio.training.data.build import build
    from muse_studio.training.data.table import SUBSETS

    for subset in SUBSETS[: SUBSETS.index(recipe.subset) + 1]:  # the probe looks at the smaller ones
        build(arguments.data, subset, lambda share, what: print(f"{share:4.0%} {what}"))


def _stages(arguments: argparse.Namespace, recipe: Recipe) -> None:
    from muse_studio.training.recipe import STAGES
    from muse_studio.training.stages import judged, run_stage

    if arguments.shards:
        _sharded_stages(arguments, recipe)
        return
    if arguments.recipe.startswith("paper"):
        raise MuseStudioError(
            ErrorKind.BAD_REQUEST,
            f"The recipe {arguments.recipe} learns from shards: name them with --shards 'folder/{{00000..00331}}.tar'. "
            "Make them of any folder with: muse-studio train data pack FOLDER -o SHARDS",
        )
    if arguments.engine != "single":
        raise MuseStudioError(ErrorKind.BAD_REQUEST, "Several processes train from shards alone: add --shards.")
    if arguments.what == "all":
        _build_data(arguments, recipe)
    if not (arguments.data / recipe.subset).exists():
        raise MuseStudioError(
            ErrorKind.BAD_REQUEST, f"No training pictures in {arguments.data}. Run: muse-studio train data"
        )
    folders, device = _folders(arguments), _device(arguments)
    recipe, distance = judged(recipe, arguments.perceptual, arguments.adversarial, device)
    loaders = arguments.loaders
    if loaders is None:  # composing takes 4 ms of a core for each picture, and a GPU a fraction of one
        loaders = 0 if device.type == "cpu" else os.cpu_count() or 1
    for stage in STAGES if arguments.what == "all" else (arguments.what,):
        run_stage(recipe, stage, folders, _options(arguments), device, distance, loaders)
    if arguments.what == "all":
        _assemble(arguments, recipe)


def _options(arguments: argparse.Namespace) -> Any:
    from muse_studio.training.loop import RunOptions
    from muse_studio.training.paper import KEEP_EVERY

    keep = KEEP_EVERY if arguments.recipe.startswith("paper") else 0
    return RunOptions(
        budget_s=arguments.budget if arguments.budget is not None else float("inf"),
        budget_steps=arguments.steps if arguments.steps is not None else float("inf"),
        micro_batch=arguments.micro_batch,
        recompute=arguments.recompute,
        keep_every=keep if arguments.keep_every is None else arguments.keep_every,
        keep_last=arguments.keep_last,
        draws=not arguments.no_sheets,
        ahead=_device(arguments).type == "cuda",
        report=lambda text: print(text, flush=True),
    )


def _engine(arguments: argparse.Namespace) -> Engine:
    from muse_studio.training.engine import Engine, Launched

    device = _device(arguments)
    return Engine(device) if arguments.engine == "single" else Launched(arguments.engine, device)


def _sharded_stages(arguments: argparse.Namespace, recipe: Recipe) -> None:
    from muse_studio.training.data.shards import expand
    from muse_studio.training.recipe import STAGES
    from muse_studio.training.sharded import Source, run_sharded, shards_for
    from muse_studio.training.stages import judged

    stages = STAGES if arguments.what == "all" else (arguments.what,)
    paths, engine = expand(arguments.shards), _engine(arguments)
    recipe, distance = judged(recipe, arguments.perceptual, arguments.adversarial, engine.device)
    for stage in stages:
        shards = shards_for([stage], paths, arguments.runs, arguments.least)
        try:
            source = Source(
                shards,
                _folders(arguments),
                arguments.tokenizers,
                loaders=4 if arguments.loaders is None else arguments.loaders,
                distance=distance,
            )
            run_sharded(recipe, stage, source, _options(arguments), engine)
            if engine.rank == 0:
                print("\n".join(shards.skipped.lines()), end="\n" if shards.skipped.counts() else "", flush=True)
        finally:
            shards.close()


def _dry_run(arguments: argparse.Namespace, recipe: Recipe) -> None:
    from muse_studio.training.data.shards import expand
    from muse_studio.training.dry_run import GIGA, Cost, RandomText, dry_run, noise_shards, random_vqgan
    from muse_studio.training.recipe import STAGES
    from muse_studio.training.sharded import Source, shards_for

    stages, engine = arguments.stages or STAGES, _engine(arguments)
    patterns = arguments.shards or [str(noise_shards(arguments.runs) / "*.tar")]
    shards = shards_for(stages, expand(patterns), arguments.runs, arguments.least)
    text = None if arguments.text_encoder else RandomText(recipe.cascade.text_encoder.width, engine.device)
    vqgan = None if arguments.tokenizers else lambda stage: random_vqgan(recipe, stage, engine.device)
    source = Source(shards, _folders(arguments), arguments.tokenizers, text, vqgan, loaders=1)
    try:
        dry_run(
            recipe,
            stages,
            source,
            engine,
            Cost(arguments.processes, arguments.tflops * 1e12),
            steps=arguments.steps,
            examples=arguments.examples,
            limit_bytes=int(arguments.memory * GIGA),
            report=lambda text: print(text, flush=True),
        )
    finally:
        shards.close()


def _average(arguments: argparse.Namespace, recipe: Recipe) -> None:
    from muse_studio.training.series import AVERAGED, average, series

    del recipe
    folder = arguments.runs / arguments.stage
    files, output = series(folder), arguments.output or folder / AVERAGED
    average(files, output, arguments.decay)
    print(f"{output}: the average of {len(files)} files, {files[0].stem} to {files[-1].stem}, decay {arguments.decay}")


def _assemble(arguments: argparse.Namespace, recipe: Recipe) -> None:
    from muse_studio.training.assemble import assemble

    newer = getattr(arguments, "newer_drafts", False)  # `train all` does not ask
    assemble(recipe, _folders(arguments), arguments.output or DEFAULT_MODEL, newer_drafts=newer)


def _unpack(arguments: argparse.Namespace, recipe: Recipe) -> None:
    from muse_studio.training.assemble import unpack

    unpack(recipe, _folders(arguments), DEFAULT_MODEL)


def _figures(arguments: argparse.Namespace, recipe: Recipe) -> None:
    from muse_studio.training.assemble import held_out_figures

    output, device = arguments.output or DEFAULT_MODEL, _device(arguments)
    for name, kept in held_out_figures(recipe, _folders(arguments), output, device).items():
        print(f"{name}: {kept.psnr:.1f} dB, SSIM {kept.ssim:.3f}, {kept.codes_used:.0%} of the codebook")


def _sheet(arguments: argparse.Namespace, recipe: Recipe) -> None:
    from muse_studio.training.assemble import sample_sheet
    from muse_studio.training.sheet_prompts import more_sheet_prompts, together_sheet_prompts

    del recipe
    if arguments.output is None:
        raise MuseStudioError(ErrorKind.BAD_REQUEST, "A sheet needs a file to go to: -o sheet.png")
    prompts = more_sheet_prompts() if arguments.more else together_sheet_prompts() if arguments.together else ()
    sample_sheet(DEFAULT_MODEL, arguments.output, _device(arguments), prompts)


DEEDS: dict[str, Callable[[argparse.Namespace, Any], None]] = {
    "data": _build_data,
    "assemble": _assemble,
    "unpack": _unpack,
    "figures": _figures,
    "sheet": _sheet,
    "average": _average,
    "dry-run": _dry_run,
}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    raise SystemExit(run(parser.parse_args()))
