"""The other parts of a report: likeness to captioned pictures, reconstruction and speed.

Knows nothing of the command line, nor of how a report is written down.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.pictures import open_picture
from muse_studio.evaluation.bench import Row
from muse_studio.evaluation.captioned import Captioned, Entry, pictures, square
from muse_studio.evaluation.encoders import load_clip, load_features, load_inception
from muse_studio.evaluation.likeness import ENOUGH, Alignment, Distance, alignment, describe, distance
from muse_studio.evaluation.making import Maker
from muse_studio.evaluation.reconstruction import Reconstruction, reconstruct
from muse_studio.evaluation.report import Section, Sheet, Table
from muse_studio.evaluation.sheets import Cell, sheet
from muse_studio.muse.cascade import BASE_PX, SUPERRES_PX, Cascade
from muse_studio.training.data.captioned import SUFFIXES
from muse_studio.training.data.skipped import Skipped

ON_SHEET = 12
HELD_OUT_PICTURES = 40
HELD_OUT_SEED = 7  # the same compositions as `muse-studio train figures`


@dataclass(frozen=True, slots=True)
class Encoders:
    """What a person named for judging likeness: files and folders of weights, or None."""

    inception: Path | None = None
    features: Path | None = None
    clip: Path | None = None


def likeness_section(
    maker: Maker, entries: Iterator[Entry], skipped: Skipped, encoders: Encoders, count: int, seed: int, size: int
) -> tuple[Section, dict[str, Any]]:
    """FID, other Fréchet distances and CLIP score of pictures made from the captions of real ones.

    skipped: what `entries` leaves out is in it, and what of them cannot be used is added.
    """
    networks = [load(path) for load, path in _networks(encoders) if path is not None]
    clip = load_clip(encoders.clip) if encoders.clip is not None else None
    real: list[Captioned] = list(pictures(entries, count, size, skipped))
    if len(real) < 2:
        raise MuseStudioError(
            ErrorKind.BAD_REQUEST, f"Fewer than two usable pictures were found ({skipped.remark() or 'it is empty'})."
        )
    captions = [one.caption for one in real]
    made = list(maker.pictures(captions, seed))
    originals = [one.rgb for one in real]
    distances = [distance(net.name, describe(originals, net), describe(made, net)) for net in networks]
    aligned = alignment(encoders.clip.name, clip, made, originals, captions) if encoders.clip and clip else None
    section = Section("Likeness to captioned pictures", tuple(_likeness(distances, aligned, skipped, real, made)))
    return section, {
        "pictures": len(real),
        "skipped": skipped.counts(),
        "distances": [asdict(one) | {"title": one.title} for one in distances],
        "clip score": asdict(aligned) if aligned else None,
    }


def _networks(encoders: Encoders) -> Iterator[tuple[Any, Path | None]]:
    yield load_inception, encoders.inception
    yield load_features, encoders.features


def _likeness(
    distances: list[Distance], aligned: Alignment | None, skipped: Skipped, real: list[Captioned], made: list[Any]
) -> Iterator[str | Table | Sheet]:
    left_out = f" {skipped.remark().capitalize()}." if skipped.counts() else ""
    yield f"{len(real)} pictures, one made from the caption of each real one.{left_out}"
    rows = [
        (one.title, f"{one.distance:.2f}", "" if one.floor is None else f"{one.floor:.2f}", str(one.features))
        for one in distances
    ]
    if rows:
        yield Table(("Fréchet distance, lower is better", "generated", "real from real", "features"), tuple(rows))
        few = min(one.made for one in distances)
        wide = max(one.features for one in distances)
        if few < max(ENOUGH, wide):
            yield (
                f"{few} pictures are too few to compare with figures from elsewhere, which come from 10,000 to 50,000: "
                "the distance is too large by an amount that shrinks with their number."
            )
    if aligned is not None:
        header = ("CLIP score, higher is better", "generated", "the real pictures")
        yield Table(header, ((aligned.name, f"{aligned.made:.2f}", f"{aligned.real:.2f}"),))
    cells = []
    for one, rgb in list(zip(real, made, strict=True))[:ON_SHEET]:
        cells += [Cell(rgb, (one.caption,)), Cell(one.rgb, ("real",))]
    yield Sheet("likeness.png", sheet(cells), "Generated pictures, each with the real one of its caption")


def reconstruction_section(cascade: Cascade, images: Path | None, data: Path) -> tuple[Section, dict[str, Any]]:
    """Both tokenizers on the pictures of a folder, or on held-out compositions where the training data is here."""
    found: dict[str, Reconstruction] = {}
    for name, vqgan, size in (
        ("base tokenizer", cascade.base_vqgan, BASE_PX),
        ("super-resolution tokenizer", cascade.superres_vqgan, SUPERRES_PX),
    ):
        for what, source in _to_reconstruct(images, data, size):
            found[f"{name}, {what}"] = reconstruct(vqgan, source)
    rows = [
        (name, f"{one.psnr:.1f} dB", f"{one.ssim:.3f}", f"{one.codes_used:.0%}", str(one.pictures))
        for name, one in found.items()
    ]
    table = Table(("tokenizer and pictures", "PSNR", "SSIM", "codebook in use", "pictures"), tuple(rows))
    words = "Pictures decoded from their own tokens: the ceiling of everything that the transformers draw."
    return Section("Reconstruction", (words, table)), {name: asdict(one) for name, one in found.items()}


def _to_reconstruct(images: Path | None, data: Path, size: int) -> Iterator[tuple[str, Iterable[Tensor]]]:
    if images is not None:
        paths = sorted(path for path in images.rglob("*") if path.suffix.lower() in SUFFIXES)
        if not paths:
            raise MuseStudioError(ErrorKind.BAD_REQUEST, f"“{images}” holds no JPEG, PNG or WebP pictures.")
        yield images.name, (_tensor(square(open_picture(path).pixels, size)) for path in paths)
        return
    from muse_studio.training.data.compose import Composer
    from muse_studio.training.data.drawings import DrawingSet
    from muse_studio.training.data.landscapes import Landscapes
    from muse_studio.training.recipe import reduced

    composer = Composer(DrawingSet(data, "reduced"), Landscapes(data), reduced().tokenizer_mix, held_out=True)
    for kind, what in (("single", "held-out drawings"), ("landscape", "held-out photographs")):
        yield what, _compositions(composer, kind, size)


def _compositions(composer: Any, kind: str, size: int) -> Iterator[Tensor]:
    """The first compositions of one kind, float32 [3, size, size]."""
    found = 0
    for number in range(100 * HELD_OUT_PICTURES):
        if found == HELD_OUT_PICTURES:
            return
        example = composer.sample(np.random.default_rng((HELD_OUT_SEED, number)), size)
        if example.labels["kind"] == kind:
            found += 1
            yield _tensor(example.rgb)


def speed_section(model: Path, device: str, repeats: int) -> tuple[Section, dict[str, Any]]:
    """The rows of `muse-studio bench model`."""
    from muse_studio.evaluation.speed import measure

    measured: list[Row] = measure(model, device, repeats)
    rows = tuple(
        (
            row.what,
            f"{row.value:.3g} {row.unit}",
            "" if row.ratio is None else f"{row.ratio:.2f} of {row.ratio_to}",
            row.goal,
            {None: "", True: "reached", False: "MISSED"}[row.reached],
        )
        for row in measured
    )
    table = Table(("what", "measured", "ratio", "goal", ""), rows)
    figures = {row.what: {"value": row.value, "unit": row.unit} for row in measured}
    return Section("Speed", (f"On {_machine(device)}; medians of {repeats}.", table)), figures


def _machine(device: str) -> str:
    from muse_studio.muse.device import describe_device, pick_device

    return describe_device(pick_device(device)).name


def _tensor(rgb: np.ndarray) -> Tensor:
    return torch.from_numpy(rgb.copy()).permute(2, 0, 1).float() / 255
