"""Whatever a project file holds: a sound state or a refusal in words, within the limits, and nothing else."""

from __future__ import annotations

import io
import os
import struct
import tracemalloc
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from muse_studio.core import limits
from muse_studio.core.document import DocumentState
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.geometry import Rect
from muse_studio.core.layers import Layer, Variation
from muse_studio.core.pictures import encode_png
from muse_studio.core.project.project import Project
from muse_studio.core.project.reading import read_project
from tests.core.project.sample import foreign, noise, packed, sample_project, sample_state, write, zipped

MIMETYPE = ("mimetype", b"image/openraster")
STACK = b'<image w="8" h="8"><stack><layer src="data/a.png"/></stack></image>'
PICTURE = encode_png(noise(8, 8, 1))


def opened(path: Path, data: bytes) -> DocumentState | None:
    """A sound state, or None for a refusal; fails for anything else."""
    path.write_bytes(data)
    try:
        state = read_project(path).state
    except MuseStudioError as refusal:
        return check_refusal(refusal, path)
    assert state.mask.shape == (state.extent.height, state.extent.width)
    assert state.layers
    assert state.active in [layer.id for layer in state.layers]
    return state


def check_refusal(refusal: MuseStudioError, path: Path) -> None:
    assert refusal.kind is ErrorKind.BAD_PICTURE
    assert path.name in refusal.message


def refused(tmp_path: Path, data: bytes, words: str) -> None:
    with pytest.raises(MuseStudioError, match=words) as refusal:
        read_project(write(tmp_path, data))
    assert refusal.value.kind is ErrorKind.BAD_PICTURE
    assert "sample.ora" in refusal.value.message


def test_truncated_at_every_byte_it_is_refused(tmp_path: Path) -> None:
    state = sample_state(8, 6)
    layers = (replace(state.layers[0]), Layer(7, "Two", Rect(-2, 1, 3, 3), (Variation(noise(3, 3, 1)),)))
    whole = packed(Project(replace(state, layers=layers), runs={"a": b"1"}))
    path = tmp_path / "cut.ora"
    assert opened(path, whole) is not None
    for length in range(len(whole)):
        assert opened(path, whole[:length]) is None, length


@pytest.mark.parametrize("seed", range(4))
def test_a_thousand_flipped_bits_give_a_sound_project_or_a_refusal(tmp_path: Path, seed: int) -> None:
    """250 files for each seed, each with one to eight bits flipped."""
    random, whole, path = np.random.default_rng(seed), packed(sample_project()), tmp_path / "flipped.ora"
    for _ in range(250):
        data = np.frombuffer(whole, np.uint8).copy()
        for place in random.integers(0, len(data) * 8, random.integers(1, 9)):
            data[place // 8] ^= 1 << (place % 8)
        opened(path, data.tobytes())


@pytest.mark.parametrize("name", ["stack.xml", "muse-studio/document.json", "data/layer0.png", "muse-studio/mask.png"])
def test_flipped_bits_behind_right_checksums_are_no_better(tmp_path: Path, name: str) -> None:
    """60 files for each part: the archive is sound, what is in it is not."""
    random, entries, path = np.random.default_rng(1), unzipped(packed(sample_project())), tmp_path / "flipped.ora"
    for _ in range(60):
        data = np.frombuffer(entries[name], np.uint8).copy()
        for place in random.integers(0, len(data) * 8, random.integers(1, 9)):
            data[place // 8] ^= 1 << (place % 8)
        opened(path, zipped({**entries, name: data.tobytes()}))


def test_random_bytes_are_refused(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    for length in (0, 1, 21, 22, 100, 5_000):
        assert opened(tmp_path / "noise.ora", random.bytes(length)) is None
    assert opened(tmp_path / "end.ora", b"PK\x05\x06" + bytes(18)) is None


def test_names_out_of_the_archive_are_refused(tmp_path: Path) -> None:
    for name in ("../x", "data/../../x", "//etc/passwd", "/../x", "a//b", "c:\\x", "C:x", "./x", "data\\a.png"):
        data = zipped([MIMETYPE, ("stack.xml", STACK), ("data/a.png", PICTURE), (name, b"")])
        refused(tmp_path, data, "a name that no program should give")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_parts_of_one_name_are_refused(tmp_path: Path) -> None:
    data = zipped([MIMETYPE, ("stack.xml", STACK), ("data/a.png", PICTURE), ("data/a.png", PICTURE)])
    refused(tmp_path, data, "two of its parts have one name")


def test_another_zip_is_refused(tmp_path: Path) -> None:
    refused(tmp_path, zipped({"word/document.xml": b"<x/>"}), "not an OpenRaster file")
    refused(tmp_path, zipped({"mimetype": b"application/epub+zip"}), "not an OpenRaster file")
    refused(tmp_path, zipped({"mimetype": b"image/openrasteR"}), "not an OpenRaster file")
    refused(tmp_path, zipped([MIMETYPE]), "'stack.xml' is missing")


def test_an_archive_with_too_many_parts_is_refused_before_they_are_listed(tmp_path: Path) -> None:
    data = bytearray(foreign('<stack><layer src="data/a.png"/></stack>'))
    end = data.rfind(b"PK\x05\x06")
    struct.pack_into("<HH", data, end + 8, 65_500, 65_500)
    refused(tmp_path, bytes(data), "too many parts")
    struct.pack_into("<HHL", data, end + 8, 3, 3, 2**31)
    refused(tmp_path, bytes(data), "too many parts")


def test_a_zip_of_the_large_kind_is_refused(tmp_path: Path) -> None:
    """Its own end record could claim a directory of any size."""
    data = foreign('<stack><layer src="data/a.png"/></stack>')
    end = data.rfind(b"PK\x05\x06")
    refused(tmp_path, data[:end] + b"PK\x06\x07" + bytes(16) + data[end:], "large kind")


def test_a_bomb_is_refused_without_unfolding_it(tmp_path: Path) -> None:
    bomb = zipped([MIMETYPE, ("stack.xml", bytes(60 * 1024**2))])
    assert len(bomb) < 100_000
    path = write(tmp_path, bomb)
    tracemalloc.start()
    with pytest.raises(MuseStudioError, match="too large"):
        read_project(path)
    assert tracemalloc.get_traced_memory()[1] < 5 * 1024**2
    tracemalloc.stop()


def test_a_part_that_unfolds_beyond_its_claim_is_refused(tmp_path: Path) -> None:
    data = bytearray(zipped([MIMETYPE, ("stack.xml", bytes(30 * 1024**2))]))
    for signature, place in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = data.rfind(signature)
        struct.pack_into("<L", data, at + place, 100)
    tracemalloc.start()
    refused(tmp_path, bytes(data), "damaged or cut off")
    assert tracemalloc.get_traced_memory()[1] < 5 * 1024**2
    tracemalloc.stop()


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        ('<!DOCTYPE i [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><image w="8" h="8"/>', "entities"),
        ('<!DOCTYPE i SYSTEM "file:///etc/passwd"><image w="8" h="8"/>', "entities"),
        ('<image w="8" h="8">' + "<stack>" * 1000, "nested too deeply"),
        ('<image w="8" h="8"><stack>' + "<layer/>" * 1001 + "</stack></image>", "more than 1000 layers"),
        ('<image w="99999" h="99999"/>', "it claims"),
        ('<image w="0" h="8"/>', "no pixels"),
        ('<image w="-8" h="8"/>', "size is missing"),
        ('<image h="8"/>', "size is missing"),
        ("<picture/>", "list of layers is damaged"),
        ('<image w="8" h="8"><layer src="data/a.png"/></image>', "list of layers is damaged"),
        ('<image w="8" h="8"><stack>', "list of layers is damaged"),
        ('<image w="8" h="8"><stack/></image>', "no layer with a picture"),
        ('<image w="8" h="8"><stack><layer src="stack.xml"/></stack></image>', "no layer with a picture"),
    ],
)
def test_a_hostile_stack_is_refused(tmp_path: Path, xml: str, words: str) -> None:
    refused(tmp_path, zipped([MIMETYPE, ("stack.xml", xml.encode()), ("data/a.png", PICTURE)]), words)


@pytest.mark.parametrize("value", ["nan", "inf", "-1", "1e999", "two", ""])
def test_odd_opacities_and_places_are_made_sound(tmp_path: Path, value: str) -> None:
    stack = f'<stack><layer src="data/a.png" opacity="{value}" x="{value}" y="99999999999999999999"/></stack>'
    (layer,) = read_project(write(tmp_path, foreign(stack))).state.layers
    assert 0 <= layer.opacity <= 1
    assert abs(layer.place.x) <= 1
    assert layer.place.y == 0


def test_layers_that_claim_too_many_pixels_are_refused_before_they_are_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = packed(sample_project())
    monkeypatch.setattr(limits, "LAYERS_LIMIT_BYTES", 4 * 100)
    stack = '<stack><layer src="data/a.png"/><layer src="data/a.png"/></stack>'
    refused(tmp_path, foreign(stack), "megapixels")
    refused(tmp_path, ours, "megapixels")


def test_a_picture_of_another_size_than_its_layer_is_refused(tmp_path: Path) -> None:
    entries = unzipped(packed(sample_project()))
    entries["data/layer0.png"] = PICTURE
    refused(tmp_path, zipped(entries), "another size than its layer")


def test_a_layer_that_is_no_png_is_refused(tmp_path: Path) -> None:
    entries = unzipped(packed(sample_project()))
    entries["data/layer0.png"] = b"GIF89a"
    refused(tmp_path, zipped(entries), "is no PNG")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"size": [40, 30]', b'"size": [99999, 99999]'),
        (b'"size": [40, 30]', b'"size": [40]'),
        (b'"opacity": 0.5', b'"opacity": NaN'),
        (b'"opacity": 0.5', b'"opacity": "1"'),
        (b'"chosen": 1', b'"chosen": 3'),
        (b'"id": 7', b'"id": 1'),
        (b'"format": 1', b'"format": "1"'),
        (b'"frame": [-8, 0, 64, 64]', b'"frame": [-8, 0, -64, 64]'),
        (b'"place": [-4, 20, 16, 16]', b'"place": [-4, 20, 16, 999999999999]'),
        (b'"tokens": {', b'"tokens": {"base": 3, "x": {'),
        (b'"layers": [', b'"layers": [[[[[['),
    ],
)
def test_a_table_that_lies_is_refused(tmp_path: Path, old: bytes, new: bytes) -> None:
    entries = unzipped(packed(sample_project()))
    table = entries["muse-studio/document.json"]
    assert old in table
    entries["muse-studio/document.json"] = table.replace(old, new, 1)
    refused(tmp_path, zipped(entries), "own notes on the layers are damaged|it claims|no pixels")


def test_a_table_of_endless_brackets_is_refused(tmp_path: Path) -> None:
    entries = unzipped(packed(sample_project()))
    entries["muse-studio/document.json"] = b"[" * 200_000
    refused(tmp_path, zipped(entries), "damaged")


def test_an_encrypted_or_strangely_packed_archive_is_refused(tmp_path: Path) -> None:
    data = bytearray(foreign('<stack><layer src="data/a.png"/></stack>'))
    for signature, flags in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        place = data.find(signature, data.find(signature) + 4)
        data[place + flags] |= 1
    refused(tmp_path, bytes(data), "damaged or cut off")
    refused(
        tmp_path, zipped([MIMETYPE, ("stack.xml", STACK), ("data/a.png", PICTURE)], zipfile.ZIP_LZMA)[:-1], "cut off"
    )


@pytest.mark.skipif(os.name != "posix", reason="FIFOs are Posix's")
def test_folders_fifos_and_devices_are_refused(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo.ora"
    os.mkfifo(fifo)
    for path in (tmp_path, fifo, Path("/dev/zero")):
        with pytest.raises(MuseStudioError, match="a folder or a device"):
            read_project(path)
    with pytest.raises(MuseStudioError, match="no such file"):
        read_project(tmp_path / "gone.ora")


def unzipped(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
