"""What is exported shows the same pixels in every program, says its colours, and carries what made it."""

from __future__ import annotations

import io
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from muse_studio.core import export, limits
from muse_studio.core.containers import orientation
from muse_studio.core.document import DocumentState
from muse_studio.core.errors import MuseStudioError
from muse_studio.core.exif_text import SEGMENT_LIMIT_BYTES, exif_of_text, text_of_exif
from muse_studio.core.export import ExportArea, ExportChoice, ExportFormat, encode_export
from muse_studio.core.geometry import Rect
from muse_studio.core.layers import Layer, Variation
from muse_studio.core.metadata import read_request_text, request_text, settings_text
from muse_studio.core.pictures import decode_picture
from muse_studio.core.request import EditRequest, Mode
from tests.core.project.sample import noise, sample_state

REQUEST = EditRequest(Mode.GENERATE, "an owl “in” 東京, 🦉", negative_prompt="text", seed=9)
TEXT = request_text(REQUEST, {"model": "tiny"})
RASTER = [one for one in ExportFormat if one is not ExportFormat.PSD]


def opaque_state() -> DocumentState:
    """One smooth, opaque layer, so that lossy formats come close."""
    ramp = np.linspace(0, 255, 96, dtype=np.uint8)
    pixels = np.dstack([np.tile(ramp, (96, 1)), np.tile(ramp[:, None], (1, 96)), *np.full((2, 96, 96), 255, np.uint8)])
    return replace(sample_state(96, 96), layers=(Layer(1, "Ground", Rect(0, 0, 96, 96), (Variation(pixels),)),))


@pytest.mark.parametrize("kind", RASTER)
def test_prompt_and_settings_come_back_from_every_format(kind: ExportFormat) -> None:
    for area in ExportArea:
        data = encode_export(opaque_state(), ExportChoice(kind, area), TEXT)
        picture = decode_picture(data, "x")
        told = read_request_text(picture.text)
        assert told is not None
        assert told == {**REQUEST.settings(), "extra": {"model": "tiny"}}
        assert picture.notes == ()
        assert picture.pixels.shape[:2] == ((512, 512) if area is ExportArea.FRAME else (96, 96))


@pytest.mark.parametrize("kind", RASTER)
def test_settings_are_left_out_on_request(kind: ExportFormat) -> None:
    data = encode_export(opaque_state(), ExportChoice(kind, settings=False), TEXT)
    assert decode_picture(data, "x").text == {}
    assert b"owl" not in data


@pytest.mark.parametrize("choice", [ExportChoice(), ExportChoice(ExportFormat.WEBP, lossless=True)])
def test_lossless_formats_keep_every_pixel_and_what_is_see_through(choice: ExportChoice) -> None:
    state = sample_state()
    layers = (replace(state.layers[0], opacity=0.3), *state.layers[1:])
    state = replace(state, layers=layers)
    np.testing.assert_array_equal(decode_picture(encode_export(state, choice, TEXT), "x").pixels, state.picture())


@pytest.mark.parametrize(("kind", "quality"), [(ExportFormat.JPEG, 95), (ExportFormat.WEBP, 95)])
def test_lossy_formats_come_close_and_lower_quality_is_smaller(kind: ExportFormat, quality: int) -> None:
    state = opaque_state()
    good, bad = (encode_export(state, ExportChoice(kind, quality=one), {}) for one in (quality, 20))
    error = np.abs(decode_picture(good, "x").pixels.astype(int) - state.picture()).mean()
    assert error < 2
    assert len(bad) < len(good)


@pytest.mark.parametrize("kind", RASTER)
def test_noise_is_exported_at_the_highest_quality(kind: ExportFormat) -> None:
    """Hardly any picture needs more room than its pixels; noise does."""
    pixels = noise(400, 500, 1)[..., :3].copy()
    data = export.encode_pixels(pixels, ExportChoice(kind, quality=100), TEXT)
    assert decode_picture(data, "x").pixels.shape == (400, 500, 4)


def test_transparency_is_laid_over_white_where_it_cannot_be_or_shall_not_stay() -> None:
    state = sample_state()
    clear = np.zeros((30, 40, 4), np.uint8)
    state = replace(state, layers=(Layer(1, "Clear", Rect(0, 0, 40, 30), (Variation(clear),)),), active=1)
    for choice in (ExportChoice(ExportFormat.JPEG), ExportChoice(transparent=False)):
        assert decode_picture(encode_export(state, choice, {}), "x").pixels.min() >= 254
    assert not decode_picture(encode_export(state, ExportChoice(ExportFormat.WEBP), {}), "x").pixels[..., 3].any()


@pytest.mark.parametrize("kind", [ExportFormat.JPEG, ExportFormat.WEBP])
def test_a_profile_says_that_the_colours_are_srgb(kind: ExportFormat) -> None:
    image = Image.open(io.BytesIO(encode_export(opaque_state(), ExportChoice(kind), {})))
    profile = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
    assert "sRGB" in ImageCms.getProfileDescription(profile)


def test_other_tools_find_the_parameters_where_they_look() -> None:
    """Exif IFD, user comment, eight bytes of UNICODE, then two bytes a character."""
    data = encode_export(opaque_state(), ExportChoice(ExportFormat.JPEG), TEXT)
    exif = Image.open(io.BytesIO(data)).getexif()
    comment = exif.get_ifd(0x8769)[0x9286]
    assert comment[8:].decode("utf-16-be") == TEXT["parameters"]
    assert exif[0x0131].startswith("Muse Studio")
    assert orientation(exif_of_text(TEXT, "x")) == (1, False)


def test_too_large_a_webp_is_refused_with_advice() -> None:
    pixels = np.zeros((1, 16_384, 3), np.uint8)
    with pytest.raises(MuseStudioError, match="Choose PNG"):
        export.encode_pixels(pixels, ExportChoice(ExportFormat.WEBP), {})


def test_exif_has_room_for_the_longest_prompt_and_leaves_our_own_text_out_before_it_overflows() -> None:
    long = replace(REQUEST, prompt="東" * limits.PROMPT_LIMIT_CHARACTERS)
    exif = exif_of_text(request_text(long), "x")
    assert len(exif) <= SEGMENT_LIMIT_BYTES + 200
    assert text_of_exif(exif) == request_text(long)
    too_much = request_text(long, {"note": "x" * 40_000})
    assert text_of_exif(exif_of_text(too_much, "x")) == {"parameters": too_much["parameters"]}


@settings(max_examples=300, deadline=None)
@given(exif=st.binary(max_size=200), place=st.integers(0, 400), byte=st.integers(0, 255))
def test_hostile_exif_gives_text_or_nothing(exif: bytes, place: int, byte: int) -> None:
    text_of_exif(exif)
    text_of_exif(b"MM\x00*\x00\x00\x00\x08" + exif)
    sound = bytearray(exif_of_text(TEXT, "x"))
    sound[place % len(sound)] = byte
    text_of_exif(bytes(sound))


def test_a_table_that_points_at_itself_ends() -> None:
    row = struct.pack(">HHLL", 0x8769, 4, 1, 8)
    assert text_of_exif(b"MM\x00*\x00\x00\x00\x08" + struct.pack(">H", 1) + row + bytes(4)) == {}


def test_settings_that_are_not_sound_are_not_written() -> None:
    assert settings_text({"mode": "generate", "prompt": 3}) == {}
    assert settings_text(REQUEST.settings()) == request_text(REQUEST)


def test_a_photoshop_file_has_the_layers_with_their_names_places_and_pixels(tmp_path: Path) -> None:
    from psd_tools import PSDImage

    state = sample_state()
    path = tmp_path / "x.psd"
    path.write_bytes(encode_export(state, ExportChoice(ExportFormat.PSD), TEXT))
    read = PSDImage.open(path)
    assert (read.width, read.height) == (40, 30)
    assert len(read) == len(state.layers)
    for mine, theirs in zip(state.layers, read, strict=True):
        assert theirs.name == mine.name
        assert (theirs.left, theirs.top, theirs.width, theirs.height) == (
            mine.place.x,
            mine.place.y,
            mine.place.width,
            mine.place.height,
        )
        assert theirs.opacity == round(mine.opacity * 255)
        assert theirs.visible == mine.visible
        np.testing.assert_array_equal(np.asarray(theirs.topil()), mine.pixels)
    merged = np.asarray(read.topil())
    np.testing.assert_array_equal(merged[..., :3], state.picture()[..., :3])


def test_a_photoshop_file_takes_any_name(tmp_path: Path) -> None:
    from psd_tools import PSDImage

    state = sample_state()
    for name in ("x" * 300, "🦉\x00\ud800", "-", "\u0301"):
        layers = (replace(state.layers[0], name=name),)
        data = encode_export(replace(state, layers=layers, active=1), ExportChoice(ExportFormat.PSD), {})
        read = PSDImage.open(io.BytesIO(data))
        assert len(read) == 1
        assert read[0].name[:1] == name[:1]


def test_a_photoshop_file_beyond_its_format_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PSD_LIMIT_BYTES", 100)
    with pytest.raises(MuseStudioError, match="Photoshop"):
        encode_export(sample_state(), ExportChoice(ExportFormat.PSD), {})


def test_noise_survives_the_psd_of_a_large_layer() -> None:
    from psd_tools import PSDImage

    pixels = noise(300, 500, 4)
    state = replace(sample_state(500, 300), layers=(Layer(1, "N", Rect(0, 0, 500, 300), (Variation(pixels),)),))
    read = PSDImage.open(io.BytesIO(encode_export(state, ExportChoice(ExportFormat.PSD), {})))
    np.testing.assert_array_equal(np.asarray(read[0].topil()), pixels)
