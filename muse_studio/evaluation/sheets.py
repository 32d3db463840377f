"""Contact sheets: small pictures in rows, each with a frame and lines of words below. Knows not what they mean."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

FRAMES = {"good": (38, 132, 74), "fair": (214, 144, 24), "bad": (196, 48, 48), "plain": (170, 170, 170)}
GAP_PX, FRAME_PX, LINE_PX, FONT_PX = 8, 3, 13, 11


@dataclass(frozen=True, slots=True)
class Cell:
    """rgb: uint8 [H, W, 3]. lines: below it, each cut where it does not fit. frame: one of FRAMES."""

    rgb: NDArray[np.uint8]
    lines: tuple[str, ...]
    frame: str = "plain"


def sheet(cells: Sequence[Cell], columns: int = 8, side: int = 144) -> bytes:
    """A PNG; few colours are enough for drawings on plain grounds and keep it small."""
    font = ImageFont.load_default(FONT_PX)
    words = [[part for line in cell.lines for part in wrapped(line, font, side)] for cell in cells]
    tall = max((len(lines) for lines in words), default=0) * LINE_PX
    wide, high = side + GAP_PX, side + tall + GAP_PX
    rows = -(-len(cells) // columns)
    paper = Image.new("RGB", (columns * wide + GAP_PX, rows * high + GAP_PX), "white")
    draw = ImageDraw.Draw(paper)
    for number, (cell, lines) in enumerate(zip(cells, words, strict=True)):
        left, top = GAP_PX + number % columns * wide, GAP_PX + number // columns * high
        draw.rectangle((left, top, left + side - 1, top + side - 1), fill=FRAMES[cell.frame])
        inner = side - 2 * FRAME_PX
        picture = Image.fromarray(cell.rgb).resize((inner, inner), Image.Resampling.BOX)
        paper.paste(picture, (left + FRAME_PX, top + FRAME_PX))
        for line, text in enumerate(lines):
            draw.text((left, top + side + line * LINE_PX), text, fill="black", font=font)
    buffer = io.BytesIO()
    paper.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def wrapped(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width_px: int, most: int = 2) -> list[str]:
    """`text` in at most `most` lines that fit."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > width_px:
            lines.append(word)
        else:
            lines[-1] = longer
    return [*lines[: most - 1], lines[most - 1] + "…"] if len(lines) > most else lines
