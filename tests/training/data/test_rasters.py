"""Drawings come out whole, centred, of one size, with clean edges; nothing outside the file is ever read."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from muse_studio.training.data import rasters

SQUARE = '<path d="M4 6h20v10H4z" fill="#d02020"/>'


def icons(body: str, **more: Any) -> dict[str, Any]:
    """An Iconify set with one icon."""
    return {"icons": {"one": {"body": body}}, "width": 32, "height": 32, **more}


def svg(body: str, attributes: str = 'width="32" height="32" viewBox="0 0 32 32"') -> str:
    """An SVG file."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {attributes}>{body}</svg>'
    )


@pytest.mark.parametrize(
    ("body", "tolerance"),
    [(SQUARE, 0.005), ('<circle cx="28" cy="3" r="2"/>', 0.03), ('<path d="M0 0h32v32H0z"/>', 0.005)],
)
def test_ink_is_450_px_large_and_centred(body: str, tolerance: float) -> None:
    pixels = rasters.render_svg(rasters.icon_svg(icons(body), "one"))
    left, top, right, bottom = rasters.ink_box(pixels)
    assert pixels.shape == (512, 512, 4)
    assert abs(max(right - left, bottom - top) - rasters.INK_PX) <= rasters.INK_PX * tolerance
    assert abs((left + right) - 512) <= 2
    assert abs((top + bottom) - 512) <= 2


@pytest.mark.parametrize("unit", ["", "px", "pt", "mm"])
def test_no_unit_of_length_crops_a_drawing(unit: str) -> None:
    circle = '<circle cx="16" cy="16" r="15" fill="red"/>'
    pixels = rasters.render_svg(svg(circle, f'width="32{unit}" height="32{unit}" viewBox="0 0 32 32"'))
    share = (pixels[..., 3] > 127).mean()
    assert share == pytest.approx(np.pi * 225**2 / 512**2, rel=0.02)


def test_colours_survive() -> None:
    pixels = rasters.render_svg(svg(SQUARE))
    assert tuple(pixels[256, 256]) == (0xD0, 0x20, 0x20, 255)
    assert tuple(pixels[0, 0]) == (0, 0, 0, 0)


def test_aliases_are_followed_turned_and_flipped() -> None:
    corner = '<path d="M0 0h32v4H0z" fill="red"/><path d="M0 0h4v32H0z" fill="blue"/>'
    pack = icons(corner, aliases={"flip": {"parent": "one", "hFlip": True}, "turn": {"parent": "one", "rotate": 2}})
    plain, flip, turn = (rasters.render_svg(rasters.icon_svg(pack, name)) for name in ("one", "flip", "turn"))
    assert np.abs(plain[:, ::-1].astype(int) - flip).mean() < 1.0
    assert np.abs(plain[::-1, ::-1].astype(int) - turn).mean() < 1.0
    assert np.abs(plain.astype(int) - flip).mean() > 5.0


@pytest.mark.parametrize(
    "body",
    [
        "",
        '<script>alert(1)</script><path d="M0 0h9v9z"/>',
        '<image href="file:///etc/hostname" width="32" height="32"/>',
        '<use xlink:href="http://example.org/a.svg#x"/>',
        '<path onload="x()" d="M0 0h9v9z"/>',
        "<path",
    ],
)
def test_empty_unsafe_and_broken_drawings_are_refused(body: str) -> None:
    with pytest.raises(rasters.BadDrawing):
        rasters.render_svg(svg(body))


def test_references_inside_the_drawing_are_allowed() -> None:
    body = '<defs><path id="p" d="M4 6h20v10H4z"/></defs><use href="#p"/>'
    assert rasters.render_svg(svg(body))[256, 256, 3] == 255


@pytest.mark.parametrize("aliases", [{}, {"two": {"parent": "three"}}, {"two": {"parent": "two"}}])
def test_an_icon_that_is_not_there_is_refused(aliases: dict[str, Any]) -> None:
    with pytest.raises(rasters.BadDrawing):
        rasters.icon_svg(icons(SQUARE, aliases=aliases), "two")


def test_rasters_are_enlarged_to_the_same_size() -> None:
    picture = Image.new("RGBA", (256, 256))
    picture.paste((10, 200, 30, 255), (20, 60, 244, 160))
    stream = io.BytesIO()
    picture.save(stream, "WEBP", lossless=True)
    pixels = rasters.render_raster(stream.getvalue())
    left, top, right, bottom = rasters.ink_box(pixels)
    assert right - left == rasters.INK_PX
    assert bottom - top == pytest.approx(rasters.INK_PX * 100 / 224, abs=2)
    assert tuple(pixels[256, 256]) == (10, 200, 30, 255)


@pytest.mark.parametrize("data", [b"", b"RIFF....WEBP", b"not a picture at all"])
def test_damaged_rasters_are_refused(data: bytes) -> None:
    with pytest.raises(rasters.BadDrawing):
        rasters.render_raster(data)


def test_kept_drawings_are_lossless() -> None:
    pixels = rasters.render_svg(svg('<circle cx="16" cy="16" r="9" fill="#123456" opacity="0.5"/>'))
    with Image.open(io.BytesIO(rasters.encode_lossless(pixels))) as picture:
        again = np.asarray(picture.convert("RGBA"))
    assert np.array_equal(again[..., 3], pixels[..., 3])
    assert np.array_equal(again[pixels[..., 3] > 0], pixels[pixels[..., 3] > 0])


def test_halving_keeps_the_colour_of_edges() -> None:
    pixels = np.zeros((4, 4, 4), np.uint8)
    pixels[:, :1] = (200, 100, 50, 255)
    small = rasters.halved(pixels)
    assert np.abs(small[0, 0].astype(int) - (200, 100, 50, 128)).max() <= 1
    assert small[0, 1, 3] == 0
