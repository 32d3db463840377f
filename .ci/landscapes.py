"""Sets landscapes by several plans of sampling beside the photographs whose captions were asked for.

    landscapes.py [--data data] [--model models/default] [--pictures 40] [-o docs/images/landscapes.webp]

Distinct: different base tokens in a picture's 256 cells. Alike: neighbouring cells, side by side or one above the
other, that have the same token. Colours: root mean square difference to the photograph, both shrunk to 4 x 4 pixels,
of 255.
Photographs are the first ones of training in an order by seed 0, cut in the middle; seeds 0, 1, 2 ... in order.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from muse_studio.muse.cascade import BASE_PX, Cascade  # noqa: E402
from muse_studio.muse.plans import StagePlan  # noqa: E402
from muse_studio.training.data.landscapes import Landscapes  # noqa: E402
from muse_studio.training.data.squares import square  # noqa: E402

BATCH, TILE_PX, SHOWN = 20, 128, 8
OLD = StagePlan(24, 0.5, 0.5, top_k=2)
EVEN = replace(OLD, order="halton")
PLANS = {
    "surest first, two likeliest": OLD,
    "surest first, eight likeliest": replace(OLD, top_k=8),
    "surest first, two likeliest, temperature 4": replace(OLD, temperature=4.0),
    "even order, two likeliest": EVEN,
    "even order, four likeliest": replace(EVEN, top_k=4),
    "even order, eight likeliest": replace(EVEN, top_k=8),
    "even order, any token a third as likely": replace(EVEN, top_k=0, min_p=1 / 3),
    "even order, any token a tenth as likely": replace(EVEN, top_k=0, min_p=0.1),
}


@torch.no_grad()
def main() -> int:
    """Makes the pictures, prints the table, then writes the sheet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT / "data")
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "default")
    parser.add_argument("--pictures", type=int, default=40)
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "docs" / "images" / "landscapes.webp")
    options = parser.parse_args()
    model = Cascade.load(options.model, torch.device("cpu"))
    photographs, captions = asked(Landscapes(options.data), options.pictures)
    real = torch.from_numpy(photographs).permute(0, 3, 1, 2).float() / 255
    tokens = model.base_vqgan.encode(real.to(model.dtype))
    rows = [real[:SHOWN], model.picture(tokens[:SHOWN], "base").float()]
    tell("the photographs", tokens, real, real)
    for name, plan in PLANS.items():
        made = sampled(model, captions, plan)
        pictures = model.picture(made, "base").float()
        tell(name, made, pictures, real)
        rows.append(pictures[:SHOWN])
    sheet(rows).save(options.output, quality=82, method=6)
    return 0


def asked(landscapes: Landscapes, count: int) -> tuple[NDArray[np.uint8], list[str]]:
    """uint8 [count, 256, 256, 3] and a caption for each."""
    known = [one for one in landscapes.entries if not one.held_out]
    chosen = [known[int(place)] for place in np.random.default_rng(0).permutation(len(known))[:count]]
    return np.stack([square(landscapes.rgb(one.index), BASE_PX) for one in chosen]), [
        f"{one.caption}, photo" for one in chosen
    ]


def sampled(model: Cascade, captions: Sequence[str], plan: StagePlan) -> Tensor:
    """Base tokens int64 [N, 16, 16]."""
    made = []
    for first in range(0, len(captions), BATCH):
        part = captions[first : first + BATCH]
        *_, last = model.sample(part, [""], range(first, first + len(part)), plan, None)
        made.append(last.tokens)
    return torch.cat(made)


def tell(name: str, tokens: Tensor, pictures: Tensor, real: Tensor) -> None:
    """One line of the table."""
    distinct = np.mean([len(one.unique()) for one in tokens])
    across, down = (tokens[:, :, 1:] == tokens[:, :, :-1]).float(), (tokens[:, 1:] == tokens[:, :-1]).float()
    small, wanted = (torch.nn.functional.adaptive_avg_pool2d(one, 4) for one in (pictures, real))
    away = 255 * (small - wanted).pow(2).mean((1, 2, 3)).sqrt().mean()
    alike = (across.mean() + down.mean()) / 2
    print(f"| {name} | {distinct:.0f} | {alike:.0%} | {away:.0f} |", flush=True)


def sheet(rows: Sequence[Tensor]) -> Image.Image:
    """One row for each of the table's, after the photographs as the tokenizer keeps them."""
    lines = [torch.cat([*row], -1) for row in rows]
    pixels = (torch.cat(lines, -2) * 255).round().byte().permute(1, 2, 0).numpy()
    return Image.fromarray(pixels).resize((SHOWN * TILE_PX, len(rows) * TILE_PX), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    sys.exit(main())
