"""Loss curves and sheets as PNG. Knows nothing about training."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont


def png_bytes(image: Image.Image) -> bytes:
    """The image as PNG."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def webp_bytes(image: Image.Image) -> bytes:
    """The image as WebP: small files of many pictures."""
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=85, method=6)
    return buffer.getvalue()


def draw_curves(figures: Sequence[dict[str, float]], title: str) -> bytes:
    """A PNG with one plot per figure over training minutes."""
    from matplotlib.figure import Figure

    names = [name for name in figures[-1] if name not in ("step", "elapsed_s")]
    figure = Figure(figsize=(4.2 * len(names), 3.2), layout="constrained")
    for axis, name in zip(figure.subplots(1, len(names), squeeze=False)[0], names, strict=True):
        rows = [row for row in figures if name in row]
        axis.plot([row["elapsed_s"] / 60 for row in rows], [row[name] for row in rows], linewidth=1.2)
        axis.set_title(f"{title}: {name}", fontsize=10)
        axis.set_xlabel("training minutes", fontsize=8)
        axis.grid(alpha=0.3)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=100)
    return buffer.getvalue()


def contact_sheet(
    pictures: Sequence[NDArray[np.uint8]], captions: Sequence[str], columns: int, side: int = 160
) -> Image.Image:
    """Pictures uint8 [H, W, 3] in rows, each with its caption below."""
    lines = 2 if side > 150 else 3
    text_height = 2 + 14 * lines
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (columns * (side + 8) + 8, rows * (side + text_height + 8) + 8), "white")
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(11)
    for number, (pixels, caption) in enumerate(zip(pictures, captions, strict=True)):
        left = 8 + (number % columns) * (side + 8)
        top = 8 + (number // columns) * (side + text_height + 8)
        sheet.paste(Image.fromarray(pixels).resize((side, side), Image.Resampling.LANCZOS), (left, top))
        draw.multiline_text(
            (left, top + side + 2), _wrapped(caption, side // 6, lines), fill="black", font=font, spacing=1
        )
    return sheet


def _wrapped(text: str, width: int, most: int) -> str:
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + len(word) + 1 > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return "\n".join([*lines, line][:most])
