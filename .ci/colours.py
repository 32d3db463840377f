"""Asks the model that ships for every thing that its recipe turns, in every colour, and counts whose hue is right.

    colours.py [--data data] [-o docs/images/colours.webp]

Right: the main hue of what is not white is within 25 degrees of the hue that the word stands for. One picture each, of
the base stage, with the model's own plan; seeds 0, 1, 2 ... in order. Wrong ones get a red frame.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from muse_studio.muse.cascade import Cascade  # noqa: E402
from muse_studio.training.data.captions import with_article  # noqa: E402
from muse_studio.training.data.drawings import DrawingSet  # noqa: E402
from muse_studio.training.data.hues import HUE_WORDS, hue_stats  # noqa: E402
from muse_studio.training.data.landscapes import Landscapes  # noqa: E402
from muse_studio.training.data.scenes import SceneWriter  # noqa: E402
from muse_studio.training.recipe import reduced  # noqa: E402

BATCH, COLUMNS, TILE_PX, FRAME_PX = 8, 13, 96, 2
AWAY_LIMIT_DEGREES = 25.0
INK_LIMIT = 215
"""Darkest of the three colours of a pixel above which it is ground."""


def main() -> int:
    """Makes the pictures, then the sheet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT / "data")
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "docs" / "images" / "colours.webp")
    options = parser.parse_args()
    recipe = reduced()
    writer = SceneWriter(DrawingSet(options.data, recipe.subset), Landscapes(options.data), recipe.mix)
    asked = [(with_article(one.label, f"{colour} {one.style}"), colour) for one, colour in writer.turnable]
    pictures = made([prompt for prompt, _ in asked])
    away = [degrees(rgb, colour) for rgb, (_, colour) in zip(pictures, asked, strict=True)]
    for (prompt, _), found in zip(asked, away, strict=True):
        if found > AWAY_LIMIT_DEGREES:
            print(f"{prompt}: {found:.0f} degrees away")
    print(f"{sum(found <= AWAY_LIMIT_DEGREES for found in away)} of {len(away)} in the colour asked")
    sheet(pictures, away).save(options.output, quality=82, method=6)
    return 0


def made(prompts: list[str]) -> list[NDArray[np.uint8]]:
    """uint8 [256, 256, 3] for each prompt."""
    model = Cascade.load(ROOT / "models" / "default", torch.device("cpu"))
    found: list[NDArray[np.uint8]] = []
    for first in range(0, len(prompts), BATCH):
        part = prompts[first : first + BATCH]
        seeds = range(first, first + len(part))
        *_, last = model.sample(part, [""], seeds, model.config.defaults.base, None)
        pictures = model.picture(last.tokens, "base").permute(0, 2, 3, 1)
        found += [*(pictures * 255).round().to(torch.uint8).numpy()]
        print(f"{len(found)} of {len(prompts)}", flush=True)
    return found


def degrees(rgb: NDArray[np.uint8], colour: str) -> float:
    """How far the main hue of the ink is from the colour's."""
    ink = np.where(rgb.min(axis=-1) < INK_LIMIT, 255, 0).astype(np.uint8)
    return abs((hue_stats(np.dstack([rgb, ink])).hue - HUE_WORDS[colour] + 180.0) % 360.0 - 180.0)


def sheet(pictures: list[NDArray[np.uint8]], away: list[float]) -> Image.Image:
    """All of them in rows."""
    pitch = TILE_PX + 2 * FRAME_PX
    paper = Image.new("RGB", (COLUMNS * pitch, -(-len(pictures) // COLUMNS) * pitch), "white")
    for number, (rgb, found) in enumerate(zip(pictures, away, strict=True)):
        tile = Image.new("RGB", (pitch, pitch), "white" if found <= AWAY_LIMIT_DEGREES else "red")
        tile.paste(Image.fromarray(rgb).resize((TILE_PX, TILE_PX), Image.Resampling.LANCZOS), (FRAME_PX, FRAME_PX))
        paper.paste(tile, (number % COLUMNS * pitch, number // COLUMNS * pitch))
    return paper


if __name__ == "__main__":
    sys.exit(main())
