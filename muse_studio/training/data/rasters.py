"""Turns one drawing, vector or raster, into a 512-px RGBA picture whose ink is centred and 450 px large.

Vectors are rendered twice by libvips at 96 dpi (its default of 72 crops old files): once to find the ink, once so
that the ink fits. Knows nothing of packs or captions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

import numpy as np
import pyvips
from numpy.typing import NDArray
from PIL import Image

CANVAS_PX = 512
INK_PX = 450
INK_ALPHA = 8
_SVG_LIMIT_BYTES = 4 * 2**20
_EXTERNAL = re.compile(r"""<\s*(script|foreignObject|image)\b|\bon\w+\s*=|href\s*=\s*["'](?!#)""", re.IGNORECASE)


class BadDrawing(ValueError):
    """The drawing has no ink, or is not a harmless picture."""


def icon_svg(icons: Mapping[str, Any], name: str) -> str:
    """The SVG text of icon `name` in an Iconify JSON set, aliases (with their turns and flips) followed."""
    turns, flip_x, flip_y = 0, False, False
    icon: Mapping[str, Any] | None = icons["icons"].get(name)
    for _ in range(5):
        if icon is not None:
            break
        alias = icons.get("aliases", {}).get(name)
        if alias is None:
            raise BadDrawing(f"no icon {name!r} in this pack")
        turns += int(alias.get("rotate", 0))
        flip_x ^= bool(alias.get("hFlip", False))
        flip_y ^= bool(alias.get("vFlip", False))
        name = alias["parent"]
        icon = icons["icons"].get(name)
    if icon is None:
        raise BadDrawing(f"the alias {name!r} leads nowhere")
    left, top = icon.get("left", 0), icon.get("top", 0)
    width = icon.get("width", icons.get("width", 16))
    height = icon.get("height", icons.get("height", 16))
    body = _turned(icon["body"], left + width / 2, top + height / 2, turns, flip_x, flip_y)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{width}" height="{height}" viewBox="{left} {top} {width} {height}">{body}</svg>'
    )


def render_svg(svg: str) -> NDArray[np.uint8]:
    """uint8 [512, 512, 4], straight alpha, ink centred. Raises BadDrawing for an empty or unsafe SVG."""
    data = svg.encode("utf-8")
    if len(data) > _SVG_LIMIT_BYTES or _EXTERNAL.search(svg):
        raise BadDrawing("the SVG is too large or refers to something outside itself")
    try:
        natural = pyvips.Image.svgload_buffer(data, dpi=96)
        first_scale = CANVAS_PX / max(natural.width, natural.height)
        first = _pixels(pyvips.Image.svgload_buffer(data, dpi=96, scale=first_scale))
        left, top, right, bottom = ink_box(first)
        scale = first_scale * INK_PX / max(right - left, bottom - top)
        second = _pixels(pyvips.Image.svgload_buffer(data, dpi=96, scale=scale))
    except pyvips.Error as error:
        raise BadDrawing(str(error)) from error
    return centred(second)


def render_raster(data: bytes) -> NDArray[np.uint8]:
    """The same for a picture that is already pixels (the 3d pack's 256-px WebP), enlarged by Lanczos."""
    try:
        picture = pyvips.Image.new_from_buffer(data, "")
        if max(picture.width, picture.height) > 4096:
            raise BadDrawing("the picture is too large")
        pixels = _pixels(picture)
    except pyvips.Error as error:
        raise BadDrawing(str(error)) from error
    left, top, right, bottom = ink_box(pixels)
    ink = Image.fromarray(pixels[top:bottom, left:right])
    scale = INK_PX / max(ink.size)
    size = (max(1, round(ink.width * scale)), max(1, round(ink.height * scale)))
    return centred(np.asarray(ink.resize(size, Image.Resampling.LANCZOS)))


def ink_box(pixels: NDArray[np.uint8]) -> tuple[int, int, int, int]:
    """(left, top, right, bottom) of the pixels that are not transparent. Raises BadDrawing if all are."""
    inked = pixels[..., 3] > INK_ALPHA
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    if rows.size == 0:
        raise BadDrawing("the drawing is empty")
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def centred(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """`pixels` cut to their ink (at most 512 px of it) and centred on a transparent 512-px canvas."""
    left, top, right, bottom = ink_box(pixels)
    ink = pixels[top:bottom, left:right][:CANVAS_PX, :CANVAS_PX]
    canvas = np.zeros((CANVAS_PX, CANVAS_PX, 4), np.uint8)
    y, x = (CANVAS_PX - ink.shape[0]) // 2, (CANVAS_PX - ink.shape[1]) // 2
    canvas[y : y + ink.shape[0], x : x + ink.shape[1]] = ink
    canvas[canvas[..., 3] == 0] = 0
    return canvas


def encode_lossless(pixels: NDArray[np.uint8]) -> bytes:
    """Lossless WebP of uint8 [H, W, 4]."""
    height, width, bands = pixels.shape
    picture = pyvips.Image.new_from_memory(np.ascontiguousarray(pixels).data, width, height, bands, "uchar")
    encoded: bytes = picture.copy(interpretation="srgb").webpsave_buffer(lossless=True, effort=2)
    return encoded


def halved(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Half the size by a 2×2 box over premultiplied colour, so that edges keep theirs. Straight alpha in and out."""
    height, width = pixels.shape[0] // 2, pixels.shape[1] // 2
    small = Image.fromarray(pixels).resize((width, height), Image.Resampling.BOX)
    return cast("NDArray[np.uint8]", np.asarray(small))


def _pixels(picture: Any) -> NDArray[np.uint8]:
    if picture.bands == 3:
        picture = picture.addalpha()
    if picture.bands != 4 or picture.format != "uchar":
        picture = picture.colourspace("srgb").cast("uchar")
        picture = picture if picture.bands == 4 else picture.addalpha()
    return np.frombuffer(picture.write_to_memory(), np.uint8).reshape(picture.height, picture.width, 4)


def _turned(body: str, x: float, y: float, turns: int, flip_x: bool, flip_y: bool) -> str:
    steps = []
    if turns % 4:
        steps.append(f"rotate({90 * (turns % 4)} {x} {y})")
    if flip_x or flip_y:
        sign_x, sign_y = (-1 if flip_x else 1), (-1 if flip_y else 1)
        steps.append(f"translate({x} {y}) scale({sign_x} {sign_y}) translate({-x} {-y})")
    return f'<g transform="{" ".join(steps)}">{body}</g>' if steps else body
