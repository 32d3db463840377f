"""Broken, lying and oversized pictures are refused in words, quickly, and never crash or fill the memory."""

from __future__ import annotations

import os
import struct
import time
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ImageFile

from muse_studio.core import limits, pictures
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.pictures import decode_picture, open_picture
from tests.corpus import pictures as corpus

SOUND = {
    "PNG": corpus.encoded(corpus.noise(40, 30), "PNG"),
    "JPEG": corpus.encoded(corpus.noise(40, 30), "JPEG"),
    "JPEG progressive": corpus.encoded(corpus.noise(40, 30), "JPEG", progressive=True),
    "WebP": corpus.encoded(corpus.noise(40, 30), "WEBP"),
    "WebP lossless": corpus.encoded(corpus.noise(40, 30, 4), "WEBP", lossless=True, exif=corpus.exif(6)),
}
FEW_MIB = 50 * 1024 * 1024


def refused(data: bytes) -> MuseStudioError:
    with pytest.raises(MuseStudioError) as caught:
        decode_picture(data, "bad.png")
    error = caught.value
    assert error.kind is ErrorKind.BAD_PICTURE
    assert "bad.png" in error.message
    assert error.message.endswith(".")
    return error


def opens_or_is_refused(data: bytes) -> None:
    """Anything but a picture or a clean refusal fails the test."""
    try:
        decode_picture(data, "x")
    except MuseStudioError as error:
        if error.kind is not ErrorKind.BAD_PICTURE:
            raise


@pytest.mark.parametrize("kind", SOUND)
def test_truncated_pictures_are_refused_at_every_offset(kind: str) -> None:
    data = SOUND[kind]
    for length in np.linspace(0, len(data) - 1, 200).astype(int):
        refused(data[:length])


@pytest.mark.parametrize("kind", SOUND)
def test_flipped_bits_open_or_are_refused(kind: str) -> None:
    data, rng = SOUND[kind], np.random.default_rng(1)
    for place in rng.integers(0, len(data) * 8, 1_000):
        broken = bytearray(data)
        broken[place // 8] ^= 1 << (place % 8)
        opens_or_is_refused(bytes(broken))


def test_flipped_bits_in_png_pixels_are_always_noticed() -> None:
    data = SOUND["PNG"]
    start = data.index(b"IDAT")
    for place in np.random.default_rng(2).integers(start + 4, len(data) - 16, 100):
        broken = bytearray(data)
        broken[place] ^= 0x10
        refused(bytes(broken))


@pytest.mark.parametrize("kind", [b"IHDR", b"IDAT", b"IEND"])
def test_wrong_checksums_are_named(kind: bytes) -> None:
    data = bytearray(SOUND["PNG"])
    start = data.index(kind)
    (length,) = struct.unpack_from(">I", data, start - 4)
    data[start + 4 + length] ^= 1
    assert "checksum" in refused(bytes(data)).message


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([b"", corpus.PNG_SIGNATURE, b"\xff\xd8\xff", b"RIFF\x20\x00\x00\x00WEBP"]), st.binary(max_size=300)
)
def test_random_bytes_are_refused(start: bytes, rest: bytes) -> None:
    opens_or_is_refused(start + rest)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"iTXt", b"zTXt", b"iCCP", b"eXIf", b"ABCD"]),
            st.binary(max_size=40),
        ),
        max_size=8,
    )
)
def test_random_sound_chunks_are_refused_or_open(chunks: list[tuple[bytes, bytes]]) -> None:
    body = b"".join(corpus.chunk(kind, content) for kind, content in chunks)
    for first in (b"", corpus.header(3, 3), corpus.header(3, 3, 16, corpus.GREY)):
        opens_or_is_refused(corpus.PNG_SIGNATURE + first + body + corpus.chunk(b"IEND", b""))


@pytest.mark.parametrize(
    "data",
    [
        corpus.png_claiming(65_535, 65_535),
        corpus.png_claiming(10**8, 1),
        corpus.png_claiming(1, 10**8),
        corpus.png_claiming(2**31 - 1, 2**31 - 1),
        corpus.png_claiming(10_000, 10_000),
        corpus.jpeg_claiming(65_500, 65_500),
        corpus.webp_claiming(16_383, 16_383),
        corpus.webp_claiming(2**24, 200),
    ],
)
def test_bombs_are_refused_before_any_pixel(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "_DECODERS", {})  # touching a decoder would be a KeyError
    tracemalloc.start()
    try:
        error = refused(data)
        assert tracemalloc.get_traced_memory()[1] < FEW_MIB
    finally:
        tracemalloc.stop()
    assert "Scale it down" in error.message


def test_a_text_bomb_is_left_out_and_the_picture_opens() -> None:
    data = corpus.png_with_text_bomb(1_000_000_000)
    tracemalloc.start()
    try:
        picture = decode_picture(data, "x")
        assert tracemalloc.get_traced_memory()[1] < FEW_MIB
    finally:
        tracemalloc.stop()
    assert picture.text == {}
    assert any("Text" in note for note in picture.notes)


def test_many_texts_share_one_limit() -> None:
    texts = [corpus.chunk(b"tEXt", b"key%d\x00" % number + b"x" * 100_000) for number in range(50)]
    text = decode_picture(corpus.png(2, 2, bytes(12), *texts), "x").text
    assert 0 < sum(map(len, text.values())) <= limits.PICTURE_TEXT_LIMIT_BYTES


def test_a_profile_bomb_is_ignored() -> None:
    bomb = corpus.chunk(b"iCCP", b"name\x00\x00" + zlib.compress(bytes(100_000_000)))
    picture = decode_picture(corpus.png(2, 2, bytes(12), bomb), "x")
    assert any("profile" in note for note in picture.notes)


def test_ten_thousand_frames_cost_one() -> None:
    assert decode_picture(corpus.animated_png(10_000), "x").pixels.shape == (2, 2, 4)


def test_endless_chunks_and_scans_are_refused() -> None:
    many = corpus.chunk(b"tEXt", b"a\x00b") * (limits.PICTURE_CHUNKS_LIMIT + 1)
    refused(corpus.png(2, 2, bytes(12), many))
    data = corpus.encoded(corpus.noise(40, 30), "JPEG", progressive=True)
    end = data.rindex(b"\xff\xd9")
    refused(data[:end] + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x00" * 2_000 + data[end:])


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "PPM", "ICO"])
def test_other_formats_are_refused_whatever_their_name(kind: str) -> None:
    data = corpus.encoded(corpus.noise(16, 16), kind)
    assert "PNG, JPEG or WebP" in refused(data).message


def test_thirty_two_bit_float_has_no_way_in() -> None:
    import io

    from PIL import Image

    stream = io.BytesIO()
    Image.fromarray(np.zeros((4, 4), np.float32)).save(stream, "TIFF")
    refused(stream.getvalue())


def test_the_type_is_told_by_the_bytes_not_by_the_name(tmp_path: Path) -> None:
    path = tmp_path / "really.jpg"
    path.write_bytes(SOUND["PNG"])
    assert np.array_equal(open_picture(path).pixels[..., :3], corpus.noise(40, 30))


def test_what_is_no_regular_file_is_refused_without_waiting(tmp_path: Path) -> None:
    places = [tmp_path, tmp_path / "missing.png", tmp_path / ("long" * 100), Path("nul\x00.png")]
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.png")
        (tmp_path / "loop.png").symlink_to(tmp_path / "loop.png")
        (tmp_path / "zero.png").symlink_to("/dev/zero")
        places += [tmp_path / "pipe.png", tmp_path / "loop.png", tmp_path / "zero.png", Path("/dev/zero")]
    start = time.monotonic()
    for place in places:
        with pytest.raises(MuseStudioError) as caught:
            open_picture(place)
        assert caught.value.kind is ErrorKind.BAD_PICTURE
    assert time.monotonic() - start < 30  # it came back at all


def test_devices_are_not_even_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(*_: object) -> int:
        raise AssertionError("opening a device may have effects")

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", opened)
        with pytest.raises(MuseStudioError, match="not a picture file"):
            open_picture(Path(os.devnull))


def test_a_jpeg_without_its_end_is_called_cut_off() -> None:
    for missing in (1, 2, 100):
        assert "cut off" in refused(SOUND["JPEG"][:-missing]).message


def test_an_oversized_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.png"
    with path.open("wb") as stream:
        stream.truncate(limits.PICTURE_LIMIT_BYTES + 1)
    tracemalloc.start()
    try:
        with pytest.raises(MuseStudioError, match="200 MB"):
            open_picture(path)
        assert tracemalloc.get_traced_memory()[1] < FEW_MIB
    finally:
        tracemalloc.stop()


def test_out_of_memory_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(pictures, "_decode", fail)
    with pytest.raises(MuseStudioError) as caught:
        decode_picture(SOUND["PNG"], "x")
    assert caught.value.kind is ErrorKind.OUT_OF_MEMORY


def test_truncated_pictures_are_never_tolerated_globally() -> None:
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False


def test_names_in_messages_are_printable() -> None:
    with pytest.raises(MuseStudioError) as caught:
        decode_picture(b"x", "a\nb\x1b[31m\ud800" + "z" * 500)
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 300


def test_sizes_that_disagree_are_refused() -> None:
    vp8 = corpus.encoded(corpus.noise(40, 30), "WEBP")
    body = (
        b"VP8X" + struct.pack("<I", 10) + bytes(4) + (99).to_bytes(3, "little") + (99).to_bytes(3, "little") + vp8[12:]
    )
    opens_or_is_refused(b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body)
