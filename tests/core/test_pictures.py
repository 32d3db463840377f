"""Sound pictures become the documented pixels."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.geometry import Extent
from muse_studio.core.pictures import decode_picture, encode_png, open_mask, open_picture, picture_from_pixels
from tests.corpus import pictures as corpus


def decoded(data: bytes) -> np.ndarray:
    return decode_picture(data, "test").pixels


def test_rgb_png_keeps_its_bytes_and_is_opaque() -> None:
    pixels = corpus.noise()
    picture = decode_picture(corpus.encoded(pixels, "PNG"), "test")
    assert np.array_equal(picture.pixels[..., :3], pixels)
    assert (picture.pixels[..., 3] == 255).all()
    assert not picture.had_alpha
    assert picture.notes == ()


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_rgba_keeps_its_bytes_even_under_full_transparency(kind: str) -> None:
    pixels = corpus.noise(channels=4)
    pixels[:4, :, 3] = 0
    picture = decode_picture(corpus.encoded(pixels, kind, lossless=True, exact=True), "test")
    assert np.array_equal(picture.pixels, pixels)
    assert picture.had_alpha


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_lossy_formats_come_close(kind: str) -> None:
    pixels = corpus.smooth(64, 48)
    difference = decoded(corpus.encoded(pixels, kind, quality=95))[..., :3].astype(int) - pixels
    assert np.abs(difference).max() < 12


def test_one_bit_and_grey_become_equal_channels() -> None:
    grey = corpus.noise()[..., 0]
    assert np.array_equal(decoded(corpus.encoded(grey, "PNG"))[..., 1], grey)
    stream = io.BytesIO()
    Image.fromarray(grey).point(lambda value: 255 * (value > 127), "1").save(stream, "PNG")
    assert np.array_equal(decoded(stream.getvalue())[..., 2], np.where(grey > 127, 255, 0))


def test_grey_with_alpha_keeps_both() -> None:
    pixels = corpus.noise(channels=2)
    result = decoded(corpus.encoded(pixels, "PNG"))
    assert np.array_equal(result[..., 0], pixels[..., 0])
    assert np.array_equal(result[..., 3], pixels[..., 1])


def test_palette_transparency_becomes_alpha() -> None:
    palette = corpus.chunk(b"PLTE", bytes([10, 20, 30, 40, 50, 60, 70, 80, 90]))
    transparency = corpus.chunk(b"tRNS", bytes([0, 128]))
    picture = decode_picture(corpus.png(3, 1, bytes([0, 1, 2]), palette, transparency, colour=corpus.PALETTE), "test")
    assert picture.had_alpha
    assert picture.pixels.tolist() == [[[10, 20, 30, 0], [40, 50, 60, 128], [70, 80, 90, 255]]]


def test_palette_without_transparency_is_opaque() -> None:
    palette = corpus.chunk(b"PLTE", bytes([10, 20, 30, 40, 50, 60]))
    picture = decode_picture(corpus.png(2, 1, bytes([1, 0]), palette, colour=corpus.PALETTE), "test")
    assert picture.pixels.tolist() == [[[40, 50, 60, 255], [10, 20, 30, 255]]]
    assert not picture.had_alpha


def test_key_colours_become_alpha() -> None:
    rgb = corpus.png(2, 1, bytes([1, 2, 3, 1, 2, 4]), corpus.chunk(b"tRNS", struct.pack(">HHH", 1, 2, 3)))
    assert decoded(rgb)[0, :, 3].tolist() == [0, 255]
    grey = corpus.png(2, 1, bytes([9, 8]), corpus.chunk(b"tRNS", struct.pack(">H", 8)), colour=corpus.GREY)
    assert decoded(grey)[0, :, 3].tolist() == [255, 0]
    four_bit = corpus.png(2, 1, bytes([0x37]), corpus.chunk(b"tRNS", struct.pack(">H", 7)), bits=4, colour=corpus.GREY)
    assert decoded(four_bit)[0].tolist() == [[51, 51, 51, 255], [119, 119, 119, 0]]


def test_sixteen_bit_grey_is_scaled_and_never_clipped() -> None:
    values = [0, 257, 128, 129, 32768, 65535, 65534]
    data = corpus.png(7, 1, struct.pack(">7H", *values), bits=16, colour=corpus.GREY)
    picture = decode_picture(data, "test")
    assert picture.pixels[0, :, 0].tolist() == [round(value * 255 / 65535) for value in values]
    assert any("16 bits" in note for note in picture.notes)


def test_sixteen_bit_grey_key_is_compared_in_full_depth() -> None:
    key = corpus.chunk(b"tRNS", struct.pack(">H", 300))
    data = corpus.png(2, 1, struct.pack(">2H", 300, 301), key, bits=16, colour=corpus.GREY)
    assert decoded(data)[0, :, 3].tolist() == [0, 255]


@pytest.mark.parametrize(("colour", "channels"), [(corpus.RGB, 3), (corpus.RGBA, 4), (corpus.GREY_ALPHA, 2)])
def test_sixteen_bit_colour_keeps_its_high_byte(colour: int, channels: int) -> None:
    values = [(index * 9173) % 65536 for index in range(channels * 4)]
    result = decoded(corpus.png(4, 1, struct.pack(f">{len(values)}H", *values), bits=16, colour=colour))
    high = np.array([value >> 8 for value in values]).reshape(1, 4, channels)
    bands = {3: [0, 1, 2], 4: [0, 1, 2, 3], 2: [0, 3]}[channels]
    assert np.array_equal(result[..., bands], high)


def test_cmyk_is_converted_and_noted() -> None:
    stream = io.BytesIO()
    Image.new("CMYK", (8, 8), (0, 255, 255, 0)).save(stream, "JPEG", quality=95)
    picture = decode_picture(stream.getvalue(), "test")
    red, green, blue = picture.pixels[4, 4, :3].tolist()
    assert red > 200
    assert green < 60
    assert blue < 60
    assert any("CMYK" in note for note in picture.notes)


ORIENTED = {
    1: lambda p: p,
    2: lambda p: p[:, ::-1],
    3: lambda p: p[::-1, ::-1],
    4: lambda p: p[::-1],
    5: lambda p: p.transpose(1, 0, 2),
    6: lambda p: np.rot90(p, -1),
    7: lambda p: p[::-1, ::-1].transpose(1, 0, 2),
    8: lambda p: np.rot90(p, 1),
}


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("turn", range(1, 9))
def test_exif_orientation_is_made_upright(turn: int, order: str) -> None:
    pixels = corpus.noise(5, 3)
    data = corpus.png(5, 3, pixels.tobytes(), corpus.chunk(b"eXIf", corpus.exif(turn, order)))
    picture = decode_picture(data, "test")
    assert np.array_equal(picture.pixels[..., :3], ORIENTED[turn](pixels))
    assert picture.notes == ()


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_exif_orientation_is_read_from_every_format(kind: str) -> None:
    data = corpus.encoded(corpus.smooth(40, 24), kind, exif=b"Exif\x00\x00" + corpus.exif(6))
    assert decode_picture(data, "test").extent == Extent(24, 40)


@pytest.mark.parametrize(
    "block",
    [
        corpus.exif(0),
        corpus.exif(9),
        corpus.exif(6, kind=4),
        corpus.exif(6)[:15],
        b"rubbish",
        b"II*\x00\xff\xff\xff\xff",
    ],
    ids=["0", "9", "a long", "cut off", "rubbish", "wild offset"],
)
def test_damaged_orientation_is_upright_with_a_note(block: bytes) -> None:
    pixels = corpus.noise(5, 3)
    picture = decode_picture(corpus.png(5, 3, pixels.tobytes(), corpus.chunk(b"eXIf", block)), "test")
    assert np.array_equal(picture.pixels[..., :3], pixels)
    assert any("orientation" in note for note in picture.notes)


def test_orientation_is_not_written_again() -> None:
    data = corpus.png(5, 3, bytes(45), corpus.chunk(b"eXIf", corpus.exif(6)))
    once = decode_picture(data, "test")
    assert decode_picture(encode_png(once.pixels, once.text), "test").extent == once.extent == Extent(3, 5)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_profiles_are_converted_to_srgb(kind: str) -> None:
    pixels = np.zeros((16, 16, 3), np.uint8)
    pixels[..., 0] = 230
    data = corpus.encoded(pixels, kind, icc_profile=corpus.wide_gamut_profile(), quality=95)
    red, green, _ = decoded(data)[8, 8, :3].tolist()
    assert green > 200 > 60 > red


def test_profile_leaves_alpha_alone() -> None:
    pixels = corpus.noise(channels=4)
    data = corpus.encoded(pixels, "PNG", icc_profile=corpus.wide_gamut_profile())
    assert np.array_equal(decoded(data)[..., 3], pixels[..., 3])


def test_srgb_profile_changes_no_byte() -> None:
    from PIL import ImageCms

    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    pixels = corpus.noise()
    assert np.array_equal(decoded(corpus.encoded(pixels, "PNG", icc_profile=srgb))[..., :3], pixels)


@pytest.mark.parametrize(
    "profile", [b"rubbish", b"", corpus.wide_gamut_profile()[:300]], ids=["rubbish", "none", "cut"]
)
def test_damaged_profile_is_ignored_with_a_note(profile: bytes) -> None:
    import zlib

    pixels = corpus.noise(5, 3)
    extra = corpus.chunk(b"iCCP", b"name\x00\x00" + zlib.compress(profile))
    picture = decode_picture(corpus.png(5, 3, pixels.tobytes(), extra), "test")
    assert np.array_equal(picture.pixels[..., :3], pixels)
    assert (not profile) or any("profile" in note for note in picture.notes)


def test_undecodable_profile_chunk_is_noted() -> None:
    extra = corpus.chunk(b"iCCP", b"name\x00\x00not zlib")
    assert any("profile" in note for note in decode_picture(corpus.png(2, 2, bytes(12), extra), "test").notes)


def test_animations_open_as_their_first_frame() -> None:
    picture = decode_picture(corpus.animated_png(3), "test")
    assert np.array_equal(picture.pixels[..., :3].reshape(-1), np.arange(12))
    assert any("first frame" in note for note in picture.notes)
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("#ff0000", "#00ff00")]
    stream = io.BytesIO()
    frames[0].save(stream, "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    picture = decode_picture(stream.getvalue(), "test")
    assert picture.pixels[0, 0].tolist() == [255, 0, 0, 255]
    assert any("first frame" in note for note in picture.notes)


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 16_384), (16_384, 1), (511, 3)])
def test_odd_extents_survive(width: int, height: int) -> None:
    pixels = corpus.noise(width, height)
    assert np.array_equal(decoded(encode_png(pixels))[..., :3], pixels)


def test_text_is_read_from_all_three_kinds_of_chunk() -> None:
    import zlib

    extra = [
        corpus.chunk(b"tEXt", "plain\x00Grün\n2".encode("latin-1")),
        corpus.chunk(b"zTXt", b"packed\x00\x00" + zlib.compress(b"small")),
        corpus.chunk(b"iTXt", b"wide\x00\x00\x00\x00\x00" + "狐🦊".encode()),
        corpus.chunk(b"iTXt", b"both\x00\x01\x00ja\x00\x00" + zlib.compress("狐".encode())),
    ]
    text = decode_picture(corpus.png(2, 2, bytes(12), *extra), "test").text
    assert text == {"plain": "Grün\n2", "packed": "small", "wide": "狐🦊", "both": "狐"}


def test_encoded_text_comes_back_and_the_picture_says_it_is_srgb() -> None:
    text = {"parameters": "a fox\nNegative prompt: rain", "muse_studio": "狐 \x00 \ud800 end"}
    data = encode_png(corpus.noise(), text)
    back = decode_picture(data, "test").text
    assert back["parameters"] == text["parameters"]
    assert back["muse_studio"] == "狐 � ? end"
    assert b"sRGB" in [kind for kind, _ in corpus.chunks_of(data)]


def test_only_grey_rgb_and_rgba_bytes_are_encoded() -> None:
    for pixels in (np.zeros((4, 4, 2), np.uint8), np.zeros((4, 4, 3), np.float32), np.zeros((0, 4, 3), np.uint8)):
        with pytest.raises(ValueError, match="needs uint8"):
            encode_png(pixels)


def test_clipboard_pixels_follow_the_same_limits() -> None:
    assert picture_from_pixels(corpus.noise(), "clipboard").extent == Extent(24, 16)
    assert picture_from_pixels(corpus.noise(channels=4), "clipboard").had_alpha
    huge = np.broadcast_to(np.zeros(3, np.uint8), (9_000, 9_000, 3))
    for pixels in (huge, np.zeros((4, 4), np.uint8), np.zeros((0, 4, 3), np.uint8)):
        with pytest.raises(MuseStudioError) as caught:
            picture_from_pixels(pixels, "clipboard")
        assert caught.value.kind is ErrorKind.BAD_PICTURE


class TestMask:
    def write(self, folder: Path, pixels: np.ndarray) -> Path:
        path = folder / "mask.png"
        path.write_bytes(corpus.encoded(pixels, "PNG"))
        return path

    def test_brightness_is_the_mask(self, tmp_path: Path) -> None:
        grey = corpus.noise()[..., 0]
        assert np.array_equal(open_mask(self.write(tmp_path, grey), Extent(24, 16)), grey)

    def test_transparency_is_the_mask_if_there_is_any(self, tmp_path: Path) -> None:
        pixels = corpus.noise(channels=4)
        assert np.array_equal(open_mask(self.write(tmp_path, pixels), Extent(24, 16)), pixels[..., 3])
        pixels[..., 3] = 255
        pixels[..., :3] = 40
        assert (open_mask(self.write(tmp_path, pixels), Extent(24, 16)) == 40).all()

    def test_another_extent_is_refused_and_both_are_named(self, tmp_path: Path) -> None:
        with pytest.raises(MuseStudioError) as caught:
            open_mask(self.write(tmp_path, corpus.noise()), Extent(100, 50))
        assert caught.value.kind is ErrorKind.BAD_MASK
        assert "24 × 16" in caught.value.message
        assert "100 × 50" in caught.value.message


@pytest.mark.parametrize("name", ["with spaces.png", "狐🦊.png", "e\u0301.png", "-dash.png", "line\nbreak.png"])
def test_names_of_any_kind_open(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(corpus.encoded(corpus.noise(), "PNG"))
    assert open_picture(tmp_path / name).extent == Extent(24, 16)
