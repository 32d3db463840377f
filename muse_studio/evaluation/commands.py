"""`muse-studio evaluate`: measures a cascade and writes a report. Knows not how anything is measured."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muse_studio import __version__, places
from muse_studio.core.errors import ErrorKind, MuseStudioError

if TYPE_CHECKING:
    from muse_studio.evaluation.making import Maker
    from muse_studio.evaluation.report import Report, Section

PARTS = ("probe", "fid", "reconstruction", "speed")
APART = ("sampling", "copies")
"""What `all` leaves out: they answer questions of whoever makes a model, in an hour or so."""
LIKENESS_NEEDS = "FID and CLIP score need real pictures with captions: name them with --coco or --cc3m."
ENCODERS_NEEDED = (
    "FID and CLIP score need weights, which are not part of this program: name --inception FILE.safetensors for FID, "
    "--features FOLDER for a Fréchet distance in the features of another encoder, or --clip FOLDER for CLIP score."
)
SEED_LIMIT = 2**32 - 1
GROUP_NAMES = ("asked", "held out", "never drawn", "on a photograph", "counts", "positions")
"""`probe.prompts.GROUPS`, which this module does not read before it must: it needs torch."""
CEILING_PICTURES = 400
"""Real compositions of each kind that a new probe is measured on."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `muse-studio evaluate`."""
    parser.add_argument(
        "what",
        nargs="+",
        choices=(*PARTS, "all", *APART),
        help="probe: classifiers that learned from real drawings judge the default model's pictures; fid: FID and CLIP "
        "score on captioned pictures of yours; reconstruction: what the tokenizers keep, and what the probe still "
        "finds in it; speed; all of these. And "
        "sampling: plans of the same cost side by side, of the base stage with --size 256, of both with 512; "
        "copies: how near pictures are to training's drawings, in the space of base tokens",
    )
    parser.add_argument("-o", "--output", type=Path, default=Path("evaluation"), metavar="DIR", help="the report")
    parser.add_argument("--model", type=Path, default=None, metavar="DIR", help="the cascade (default: what ships)")
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda", "mps", "xla"))
    parser.add_argument("--pictures", type=_positive, default=300, metavar="N", help="how many to make (default 300)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the prompts and of the first picture")
    parser.add_argument("--size", type=int, choices=(256, 512), default=512, help="256 is the base stage alone")
    parser.add_argument("--threads", type=int, default=0, help="CPU threads; 0 means all")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    probe = parser.add_argument_group("probe")
    probe.add_argument("--train", action="store_true", help="train the probe anew first, from the pictures in --data")
    probe.add_argument("--steps", type=_positive, default=1200, help="of that training (default 1200)")
    probe.add_argument(
        "--groups",
        nargs="+",
        choices=GROUP_NAMES,
        default=GROUP_NAMES,
        metavar="GROUP",
        help=f"only these groups of prompts share the pictures ({', '.join(repr(name) for name in GROUP_NAMES)})",
    )
    probe.add_argument("--probe", type=Path, default=None, metavar="DIR", help="the probe (default: what ships)")
    probe.add_argument(
        "--data", type=Path, default=Path("data"), metavar="DIR", help="made by `muse-studio train data`"
    )
    fid = parser.add_argument_group("fid")
    fid.add_argument("--coco", type=Path, nargs=2, metavar=("JSON", "DIR"), help="COCO captions and their pictures")
    fid.add_argument("--cc3m", type=Path, nargs="+", metavar="PATH", help="a folder, a .tsv, or .tar shards")
    fid.add_argument("--inception", type=Path, metavar="FILE", help="FID's Inception-v3 as safetensors")
    fid.add_argument("--features", type=Path, metavar="DIR", help="a CLIP, DINOv2 or ViT of transformers")
    fid.add_argument("--clip", type=Path, metavar="DIR", help="a CLIP of transformers, for CLIP score")
    others = parser.add_argument_group("reconstruction and speed")
    others.add_argument("--images", type=Path, metavar="DIR", help="pictures to reconstruct (default: held-out ones)")
    others.add_argument("--repeats", type=_positive, default=3, help="pictures to time; the median counts")


def run(options: argparse.Namespace) -> int:
    """Measures, writes the report and says where it lies; returns an exit code."""
    _check(options)
    import torch

    from muse_studio.evaluation.making import model_name
    from muse_studio.evaluation.report import HTML_NAME, MARKDOWN_NAME, Report

    if options.threads:
        torch.set_num_threads(options.threads)
    if options.train:
        _train_probe(options)
    report = Report(f"Evaluation of {model_name(options.model)}", _intro(options))
    lent: list[Maker] = []

    def maker() -> Maker:
        from muse_studio.evaluation.making import Maker

        if not lent:
            kept = options.output / "pictures"
            lent.append(Maker(options.model, options.device, options.size, kept, _say))
        return lent[0]

    for part in _asked_for(options):
        _say(f"measuring: {part}")
        _MEASURES[part](options, report, maker)
        report.write(options.output)
    print(json.dumps(report.figures, ensure_ascii=False) if options.json else _summary(report))
    _say(f"{options.output / MARKDOWN_NAME} and {HTML_NAME} are written")
    return 0


def _asked_for(options: argparse.Namespace) -> list[str]:
    every = PARTS if "all" in options.what else ()
    return [part for part in (*PARTS, *APART) if part in options.what or part in every]


def _check(options: argparse.Namespace) -> None:
    """Refuses at once what could only fail after minutes; fills in what ships."""
    options.model = (options.model or places.default_model()).expanduser()
    options.probe = options.probe or places.resources() / "probe"
    if not 0 <= options.seed <= SEED_LIMIT - options.pictures:
        raise MuseStudioError(ErrorKind.BAD_REQUEST, f"The seed must be from 0 to {SEED_LIMIT - options.pictures}.")
    if "fid" in options.what:
        why = _no_likeness(options)
        if why:
            raise MuseStudioError(ErrorKind.BAD_REQUEST, why)


def _no_likeness(options: argparse.Namespace) -> str:
    """Why FID and CLIP score cannot be measured; empty where they can."""
    if not (options.coco or options.cc3m):
        return LIKENESS_NEEDS
    return "" if options.inception or options.features or options.clip else ENCODERS_NEEDED


def _probe(options: argparse.Namespace, report: Report, maker: Callable[[], Maker]) -> None:
    from muse_studio.evaluation.probe.section import measure_probe

    sections, figures = measure_probe(maker(), options.probe, options.pictures, options.seed, options.groups)
    _add(report, "probe", sections, figures)


def _fid(options: argparse.Namespace, report: Report, maker: Callable[[], Maker]) -> None:
    from muse_studio.evaluation.captioned import cc3m, coco
    from muse_studio.evaluation.report import Section
    from muse_studio.evaluation.sections import Encoders, likeness_section
    from muse_studio.training.data.skipped import Skipped

    why = _no_likeness(options)
    if why:
        _add(report, "fid", [Section("Likeness to captioned pictures", (f"Not measured. {why}",))], {})
        return
    skipped = Skipped()
    if options.coco:
        entries = coco(options.coco[0], options.coco[1], options.seed)
    else:
        entries = cc3m(options.cc3m, options.seed, skipped)
    encoders = Encoders(options.inception, options.features, options.clip)
    section, figures = likeness_section(
        maker(), entries, skipped, encoders, options.pictures, options.seed, options.size
    )  # fmt: skip
    _add(report, "fid", [section], figures)


def _reconstruction(options: argparse.Namespace, report: Report, maker: Callable[[], Maker]) -> None:
    from muse_studio.evaluation.report import Section
    from muse_studio.evaluation.sections import reconstruction_section

    if options.images is None and not (options.data / "reduced").is_dir():
        why = "Reconstruction needs pictures: name a folder with --images, or build the data: muse-studio train data"
        if "all" not in options.what:
            raise MuseStudioError(ErrorKind.BAD_REQUEST, why)
        _add(report, "reconstruction", [Section("Reconstruction", (f"Not measured. {why}",))], {})
        return
    section, figures = reconstruction_section(maker().cascade, options.images, options.data)
    _add(report, "reconstruction", [section], figures)
    if options.images is None:
        from muse_studio.evaluation.probe.tokenized import tokenized_section
        from muse_studio.evaluation.probe.weights import load_probe

        section, figures = tokenized_section(maker().cascade, load_probe(options.probe)[0], options.data)
        _add(report, "tokenized", [section], figures)


def _speed(options: argparse.Namespace, report: Report, maker: Callable[[], Maker]) -> None:
    from muse_studio.evaluation.sections import speed_section

    section, figures = speed_section(options.model, options.device, options.repeats)
    _add(report, "speed", [section], figures)


def _sampling(options: argparse.Namespace, report: Report, maker: Callable[[], Maker]) -> None:
    from muse_studio.evaluation.sampling_section import measure_sampling

    kept = options.output / "tokens"
    section, figures = measure_sampling(
        maker().cascade, options.model, options.probe, options.data, kept, options.pictures, options.seed,
        options.size, _say,
    )  # fmt: skip
    _add(report, "sampling", [section], figures)


def _copies(options: argparse.Namespace, report: Report, maker: Callable[[], Maker]) -> None:
    from muse_studio.evaluation.copies_section import measure_copies
    from muse_studio.evaluation.sampling_section import digest

    cascade, kept = maker().cascade, options.output / "tokens"
    section, figures = measure_copies(
        cascade, digest(options.model), options.data, kept, options.pictures, options.seed, _say
    )
    _add(report, "copies", [section], figures)


_MEASURES: dict[str, Callable[[argparse.Namespace, Report, Callable[[], Maker]], None]] = {
    "probe": _probe,
    "fid": _fid,
    "reconstruction": _reconstruction,
    "speed": _speed,
    "sampling": _sampling,
    "copies": _copies,
}


def _add(report: Report, part: str, sections: list[Section], figures: dict[str, Any]) -> None:
    report.sections += sections
    report.figures[part] = figures


def _train_probe(options: argparse.Namespace) -> None:
    from muse_studio.evaluation.probe.ceilings import measure
    from muse_studio.evaluation.probe.learning import Learning, learn
    from muse_studio.evaluation.probe.pictures import LABELS, TRAINING_MIX, RealPictures
    from muse_studio.evaluation.probe.weights import load_probe, save_probe

    learning = Learning(steps=options.steps)
    drawings = RealPictures(options.data, TRAINING_MIX, learning.seed, held_out=False)
    learned = learn(LABELS, drawings, learning, _say)
    training = {"pictures": learned.pictures, "seconds": round(learned.seconds), "loss": round(learned.loss, 4)}
    save_probe(options.probe, learned.probe, {"training": training})
    _say("measuring what it scores on real drawings")
    stored, _ = load_probe(options.probe)  # as it ships, in half precision
    save_probe(options.probe, stored, {"training": training, **measure(stored, options.data, CEILING_PICTURES)})


def _intro(options: argparse.Namespace) -> str:
    only = "" if tuple(options.groups) == GROUP_NAMES else f"--groups {shlex.join(options.groups)} "
    return (
        f"Made by `muse-studio evaluate {' '.join(options.what)}` {__version__} with {only}--pictures "
        f"{options.pictures} --seed {options.seed} --size {options.size}. Every picture was made by the model's own "
        "default plans."
    )


def _summary(report: Report) -> str:
    """The first table of every section with figures, for a terminal."""
    from muse_studio.evaluation.report import Table

    blocks = []
    for section in report.sections:
        table = next((part for part in section.parts if isinstance(part, Table)), None)
        if table is not None:
            blocks.append(f"{section.title}\n{_aligned(table.header, table.rows)}")
    return "\n\n".join(blocks)


def _aligned(header: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> str:
    lines = [header, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def _positive(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return number


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
