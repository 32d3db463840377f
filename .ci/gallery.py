"""Makes the pictures and figures of docs/gallery.md and docs/modes.md by running the commands that are printed there,
in their order.

    gallery.py                 everything: docs/gallery/*.webp, the table in docs/gallery.md, docs/images/modes.png
    gallery.py --keep FOLDER   the full pictures stay there, those of docs/modes.md in its folder modes
    gallery.py --keep FOLDER --again   nothing is run: strips and figures are made of what is there

Commands run in a folder that holds valley.jpg, mask.png and half-mask.png. Knows no option of any command.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).resolve().parent.parent
PAGE, PICTURES = ROOT / "docs" / "gallery.md", ROOT / "docs" / "gallery"
MODES_PAGE, MODES_PICTURE = ROOT / "docs" / "modes.md", ROOT / "docs" / "images" / "modes.png"
sys.path.insert(0, str(ROOT))

from muse_studio.core.pictures import open_picture  # noqa: E402
from muse_studio.evaluation.probe.learning import as_tensor  # noqa: E402
from muse_studio.evaluation.probe.pictures import LABELS, Seen, shrunk  # noqa: E402
from muse_studio.evaluation.probe.weights import load_probe  # noqa: E402
from muse_studio.muse.cascade import Cascade  # noqa: E402

HIGH_PX, GAP_PX = 220, 8
LABEL_PX = 22
BEGIN, END = "<!-- measured -->", "<!-- /measured -->"

GIVEN = {
    "valley.jpg": ROOT / "resources" / "samples" / "mountain-valley.jpg",
    "mask.png": ROOT / "docs" / "images" / "valley-mask.png",
    "half-mask.png": PICTURES / "half-mask.png",
}
STRIPS: dict[str, tuple[str, ...]] = {
    "1-inpaint": ("valley.jpg", "mask.png", "hamburger.png"),
    "2-beside": ("two.png", "half-mask.png", "owl.png"),
    "3-outpaint": ("wide.png", "fox-wide.png"),
    "4-object": ("dog.png", "pig.png"),
    "5-colour": ("star.png", "blue-star.png", "heart.png", "yellow-heart.png"),
    "6-style": ("fox.png", "flat-fox.png"),
    "7-background": ("fox.png", "pink-fox.png"),
    "8-negative": ("crown-1.png", "crown-2.png", "no-sticker-1.png", "no-sticker-2.png"),
    "9-reroll": ("heart.png", "mended-heart.png"),
    "10-retexture": ("fox.png", "detail.png"),
    "11-branch": ("fox.png", "steps/base-08.png", "lion.png"),
}

MODES = (
    ("1 generate", "fox.png"),
    ("2 go on from a step", "lion.png"),
    ("3 variations", "dog-1.png"),
    ("3 variations", "dog-2.png"),
    ("4 edit", "penguin.png"),
    ("5 re-roll", "reroll.png"),
    ("6 new texture", "detail.png"),
    ("7 inpaint", "hamburger.png"),
    ("8 outpaint", "wide.png"),
)
MODES_ROWS = (4, 3, 2)


@dataclass(frozen=True, slots=True)
class Change:
    """An edit that is measured. axis: of the probe; was, wanted: its words before and after; stays: what should."""

    name: str
    before: str
    after: str
    axis: str
    was: str
    wanted: str
    stays: Literal["ground", "object"] = "ground"


CHANGES = (
    Change("4, object", "dog.png", "pig.png", "concept", "dog", "pig"),
    Change("6, style", "fox.png", "flat-fox.png", "style", "3d", "flat"),
    Change("7, background", "fox.png", "pink-fox.png", "background", "teal", "pink", "object"),
    Change("8, negative prompt", "crown-1.png", "no-sticker-1.png", "style", "sticker", "flat"),
    Change("9, re-roll", "heart.png", "mended-heart.png", "concept", "heart", "heart"),
    Change("11, branch", "fox.png", "lion.png", "concept", "fox", "lion"),
)


def main() -> int:
    """Runs all commands of the page, then writes its pictures and its table. The first command that fails ends it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where the full pictures stay")
    parser.add_argument("--again", action="store_true", help="run no command")
    options = parser.parse_args()
    keep: Path | None = options.keep
    here = os.environ | {"PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryDirectory() as passing:
        folder = keep or Path(passing)
        for page_of, where in ((PAGE, folder), (MODES_PAGE, folder / "modes")):
            where.mkdir(parents=True, exist_ok=True)
            for name, source in GIVEN.items():
                shutil.copyfile(source, where / name)
            for command in [] if options.again else commands(page_of.read_text(encoding="utf-8")):
                print(f"$ {shlex.join(command)}", flush=True)
                subprocess.run([sys.executable, "-m", "muse_studio", *command[1:]], cwd=where, check=True, env=here)
        modes_picture(folder / "modes").save(MODES_PICTURE, optimize=True)
        for name, files in STRIPS.items():
            strip([folder / file for file in files]).save(PICTURES / f"{name}.webp", quality=82, method=6)
        model = Cascade.load(ROOT / "models" / "default", dtype=torch.float32)
        figures = [measured(change, folder, model) for change in CHANGES]
    (PICTURES / "figures.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    page = PAGE.read_text(encoding="utf-8")
    start, end = page.index(BEGIN) + len(BEGIN), page.index(END)
    PAGE.write_text(f"{page[:start]}\n{table(figures)}\n{page[end:]}", encoding="utf-8")
    return 0


def commands(page: str) -> list[list[str]]:
    """Every line of every shell block, split into words; a line that ends in a backslash goes on in the next."""
    blocks = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [shlex.split(line) for line in lines if line.startswith("muse-studio ")]


def strip(files: list[Path]) -> Image.Image:
    """Pictures side by side, all as high."""
    shown = [Image.open(file).convert("RGB") for file in files]
    shown = [one.resize((round(one.width * HIGH_PX / one.height), HIGH_PX), Image.Resampling.LANCZOS) for one in shown]
    paper = Image.new("RGB", (sum(one.width + GAP_PX for one in shown) - GAP_PX, HIGH_PX), "white")
    left = 0
    for one in shown:
        paper.paste(one, (left, 0))
        left += one.width + GAP_PX
    return paper


def modes_picture(folder: Path) -> Image.Image:
    """The pictures of docs/modes.md in rows, each below its number and name."""
    rows, shown = [], iter(MODES)
    for length in MODES_ROWS:
        members = [next(shown) for _ in range(length)]
        row = strip([folder / file for _, file in members])
        paper = Image.new("RGB", (row.width, LABEL_PX + row.height), "white")
        paper.paste(row, (0, LABEL_PX))
        left = 0
        for label, file in members:
            ImageDraw.Draw(paper).text((left, 2), label, fill="black", font=ImageFont.load_default(14))
            left += strip([folder / file]).width + GAP_PX
        rows.append(paper)
    whole = Image.new(
        "RGB", (max(row.width for row in rows), sum(row.height + GAP_PX for row in rows) - GAP_PX), "white"
    )
    top = 0
    for row in rows:
        whole.paste(row, (0, top))
        top += row.height + GAP_PX
    return whole


def measured(change: Change, folder: Path, model: Cascade) -> dict[str, object]:
    """The share of base tokens that stayed, where they should; and how likely the probe finds both words."""
    before, after = (open_picture(folder / name).pixels[..., :3].copy() for name in (change.before, change.after))
    first, second = model.tokenize(torch.from_numpy(np.stack([before, after])).permute(0, 3, 1, 2).float() / 255).base
    ground = first == first.flatten().mode().values
    should = ground if change.stays == "ground" else ~ground
    kept = float((first == second)[should].float().mean())
    probe, _ = load_probe(ROOT / "resources" / "probe")
    seen = [Seen(shrunk(rgb), {}, "") for rgb in (before, after)]
    with torch.no_grad():
        likely = {axis: logits.softmax(-1) for axis, logits in probe(as_tensor(seen)).items()}
    words = {word: [float(likely[change.axis][row, LABELS.of(change.axis).index(word)]) for row in range(2)]
             for word in dict.fromkeys((change.was, change.wanted))}  # fmt: skip
    return {"change": change.name, "axis": change.axis, "stays": change.stays, "kept": kept, "words": words}


def table(figures: list[dict[str, object]]) -> str:
    """Markdown."""
    lines = ["| example | base tokens that stayed | the probe finds | before | after |", "|---|---|---|---|---|"]
    for one in figures:
        words = one["words"]
        assert isinstance(words, dict)
        for row, (word, (before, after)) in enumerate(words.items()):
            name, kept = (one["change"], f"{one['kept']:.0%} of the {one['stays']}") if row == 0 else ("", "")
            lines.append(f"| {name} | {kept} | {one['axis']} “{word}” | {before:.0%} | {after:.0%} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
