"""A project comes back as it was saved, other programs can open it, and theirs are opened here."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from muse_studio.core import limits
from muse_studio.core.document import DocumentState
from muse_studio.core.errors import MuseStudioError
from muse_studio.core.geometry import Extent, Rect
from muse_studio.core.layers import Layer, Variation
from muse_studio.core.pictures import decode_picture, encode_png
from muse_studio.core.project import own
from muse_studio.core.project.encoded import EncodedPixels
from muse_studio.core.project.project import Project
from muse_studio.core.project.reading import read_project, read_table, read_thumbnail
from muse_studio.core.project.writing import project_parts
from tests.core.project.sample import foreign, noise, packed, sample_project, sample_state, write, zipped


def assert_same_state(one: DocumentState, other: DocumentState) -> None:
    assert (one.extent, one.active, one.frame, one.wishes) == (other.extent, other.active, other.frame, other.wishes)
    assert one.transform == other.transform
    np.testing.assert_array_equal(one.mask, other.mask)
    assert len(one.layers) == len(other.layers)
    for mine, theirs in zip(one.layers, other.layers, strict=True):
        assert (mine.id, mine.name, mine.place, mine.chosen) == (theirs.id, theirs.name, theirs.place, theirs.chosen)
        assert (mine.visible, mine.opacity) == (theirs.visible, theirs.opacity)
        assert len(mine.variations) == len(theirs.variations)
        for first, second in zip(mine.variations, theirs.variations, strict=True):
            np.testing.assert_array_equal(first.pixels, second.pixels)
            assert (first.facts, first.tokens) == (second.facts, second.tokens)


def test_a_project_comes_back_as_it_was(tmp_path: Path) -> None:
    project = sample_project()
    read = read_project(write(tmp_path, packed(project)))
    assert_same_state(project.state, read.state)
    assert (read.title, read.runs, read.facts, read.notes) == (project.title, project.runs, project.facts, ())


def test_equal_projects_are_equal_files() -> None:
    assert packed(sample_project()) == packed(sample_project())


def test_the_archive_is_what_the_specification_asks_for(tmp_path: Path) -> None:
    state = sample_state(600, 300)
    path = write(tmp_path, packed(Project(state)))
    assert path.read_bytes()[30:38] == b"mimetype"
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        assert archive.read("mimetype") == b"image/openraster"
        assert {info.compress_type for info in archive.infolist()} <= {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
        thumbnail = decode_picture(archive.read("Thumbnails/thumbnail.png"), "thumbnail")
        assert thumbnail.extent == Extent(256, 128)
        merged = decode_picture(archive.read("mergedimage.png"), "merged").pixels
        np.testing.assert_array_equal(merged, state.picture())
        root = ET.fromstring(archive.read("stack.xml"))
        assert (root.tag, root.get("w"), root.get("h")) == ("image", "600", "300")
        top, middle, ground = root[0]
        assert [layer.get("name") for layer in root[0]] == [layer.name for layer in reversed(state.layers)]
        assert (top.get("visibility"), ground.get("visibility")) == ("hidden", "visible")
        assert [middle.get(key) for key in ("x", "y", "opacity", "selected")] == ["-4", "20", "0.5", "true"]
        shown = decode_picture(archive.read(str(middle.get("src"))), "layer").pixels
        np.testing.assert_array_equal(shown, state.layers[1].pixels)


texts = st.text(max_size=60)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=texts, prompt=texts, title=texts)
def test_any_text_survives(tmp_path: Path, name: str, prompt: str, title: str) -> None:
    """Names, prompts and titles: emoji, right to left, NUL, lone surrogates, markup."""
    state = sample_state()
    layers = (replace(state.layers[0], name=name or "x"), *state.layers[1:])
    read = read_project(write(tmp_path, packed(Project(replace(state, layers=layers), title))))
    assert not read.notes, "the stack was not taken for another program's"
    assert read.title == title
    assert_same_state(
        replace(state, layers=(replace(layers[0], name=read.state.layers[0].name), *layers[1:])), read.state
    )


def test_another_programs_file_opens_as_plain_layers(tmp_path: Path) -> None:
    stack = (
        '<stack><layer name="Top" src="data/b.png" x="6" y="-2" opacity="0.25" selected="true"/>'
        '<layer name="Ground" src="data/a.png" visibility="hidden"/></stack>'
    )
    project = read_project(write(tmp_path, foreign(stack), "from-krita.ora"))
    ground, top = project.state.layers
    assert (ground.name, ground.visible, ground.place) == ("Ground", False, Rect(0, 0, 8, 8))
    assert (top.name, top.opacity, top.place) == ("Top", 0.25, Rect(6, -2, 4, 4))
    assert project.state.active == top.id
    np.testing.assert_array_equal(top.pixels, noise(4, 4, 2))
    assert (project.title, project.notes) == ("from-krita", ())


def test_parts_that_begin_with_a_slash_are_found(tmp_path: Path) -> None:
    """Some programs name them so, in the archive and in the stack."""
    parts = {"mimetype": b"image/openraster", "/data/a.png": encode_png(noise(8, 8, 1))}
    xml = b'<image w="8" h="8"><stack><layer src="/data/a.png"/></stack></image>'
    (layer,) = read_project(write(tmp_path, zipped({**parts, "stack.xml": xml}))).state.layers
    np.testing.assert_array_equal(layer.pixels, noise(8, 8, 1))


def test_groups_are_laid_flat_and_what_is_lost_is_said(tmp_path: Path) -> None:
    stack = (
        '<stack><stack name="G" x="3" opacity="0.5" visibility="hidden" composite-op="svg:multiply">'
        '<layer name="In" src="data/b.png" x="1" opacity="0.5"/></stack>'
        '<layer name="Text" src="data/words.svg"/><layer src="data/gone.png"/><text/>'
        '<layer src="data/a.png"/></stack>'
    )
    project = read_project(write(tmp_path, foreign(stack)))
    ground, inner = project.state.layers
    assert (inner.place.x, inner.opacity, inner.visible) == (4, 0.25, False)
    notes = " ".join(project.notes)
    for words in ("laid flat", "group's opacity", "multiply", "“Text” was left out", "text in it was left out"):
        assert words in notes
    assert ground.name == "Layer 4"


def test_what_krita_saves_opens_as_it_shows_it() -> None:
    """Made by `.ci/krita_check.py` from a project of ours, by Krita 5.1.5; the merged picture in it is Krita's own."""
    path = Path(__file__).parents[2] / "corpus" / "projects" / "krita-5.1.ora"
    read = read_project(path)
    names = ["Background", "A fox „ä“ 狐", "Over the edge", "Negative place", "Hidden"]
    assert [layer.name for layer in read.state.layers] == names
    assert [layer.visible for layer in read.state.layers] == [True, True, True, True, False]
    assert read.state.layers[1].opacity == pytest.approx(0.6, abs=1 / 255)
    assert read.notes == ()
    with zipfile.ZipFile(path) as archive:
        shown = decode_picture(archive.read("mergedimage.png"), "mergedimage.png").pixels
    assert np.abs(read.state.picture()[..., :3].astype(int) - shown[..., :3]).max() <= 1


def test_a_project_that_another_program_changed_is_read_by_its_layers_with_a_note(tmp_path: Path) -> None:
    path = write(tmp_path, packed(sample_project()))
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    entries["stack.xml"] = entries["stack.xml"].replace(b'name="Hidden"', b'name="Renamed"')
    project = read_project(write(tmp_path, zipped(entries)))
    assert [layer.name for layer in project.state.layers][2] == "Renamed"
    assert len(project.state.layers[1].variations) == 1
    assert "Another program" in project.notes[0]


def test_a_newer_format_opens_as_plain_layers_with_a_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "FORMAT", 2)
    data = packed(sample_project())
    monkeypatch.undo()
    project = read_project(write(tmp_path, data))
    assert [layer.name for layer in project.state.layers] == ["Ground", 'Owl “<&"\u732b', "Hidden"]
    assert "newer version" in project.notes[0]
    assert not project.state.mask.any()


def test_a_thumbnail_and_the_table_are_read_without_the_layers(tmp_path: Path) -> None:
    path = write(tmp_path, packed(sample_project()))
    small = read_thumbnail(path)
    assert small is not None
    assert small.shape == (30, 40, 4)
    table = read_table(path)
    assert table is not None
    assert table.title == "Owl at night"
    path.write_bytes(b"no project")
    assert read_thumbnail(path) is None
    assert read_table(path) is None


def test_pixels_that_layers_share_are_written_and_held_once(tmp_path: Path) -> None:
    state = sample_state()
    twin = replace(state.layers[1], id=99, chosen=2)
    data = packed(Project(replace(state, layers=(*state.layers, twin))))
    assert data.count(b"\x89PNG") == packed(Project(state)).count(b"\x89PNG")
    *_, one, _, other = read_project(write(tmp_path, data)).state.layers
    assert other.chosen == 2
    for first, second in zip(one.variations, other.variations, strict=True):
        assert np.shares_memory(first.pixels, second.pixels)


def test_a_document_without_layers_comes_back(tmp_path: Path) -> None:
    empty = replace(sample_state(), layers=(), active=0)
    assert_same_state(empty, read_project(write(tmp_path, packed(Project(empty)))).state)


def test_unchanged_layers_are_encoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from muse_studio.core.project import encoded

    made: list[tuple[int, ...]] = []

    def counted(pixels: np.ndarray, **how: bool) -> bytes:
        made.append(pixels.shape)
        return real(pixels, **how)

    real = encoded.encode_png
    monkeypatch.setattr(encoded, "encode_png", counted)
    kept, state = EncodedPixels(), sample_state()
    b"".join(project_parts(Project(state), kept, merged=False))
    assert len(made) == 5
    fresh = replace(state.layers[2], variations=(Variation(noise(6, 5, 99)),))
    b"".join(project_parts(Project(replace(state, layers=(*state.layers[:2], fresh))), kept, merged=False))
    assert made[5:] == [(6, 5, 4)]


def test_what_is_kept_goes_with_its_pixels_and_stays_below_its_limit() -> None:
    kept = EncodedPixels(limit_bytes=3_000)
    pixels = [Variation(noise(20, 20, n)).pixels for n in range(4)]
    for one in pixels:
        kept.png(one)
    assert 0 < kept.size_bytes <= 3_000
    del one
    pixels.clear()
    assert kept.size_bytes == 0


def test_pixels_that_may_change_are_encoded_each_time() -> None:
    kept, pixels = EncodedPixels(), noise(5, 5, 0)
    first = kept.png(pixels)
    pixels[0, 0] = 0
    assert kept.png(pixels) != first


def test_a_project_that_could_not_be_opened_again_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LAYERS_LIMIT", 2)
    with pytest.raises(MuseStudioError, match="more than 2 layers"):
        packed(sample_project())
    monkeypatch.undo()
    monkeypatch.setattr(limits, "LAYERS_LIMIT_BYTES", 1000)
    with pytest.raises(MuseStudioError, match="megapixels"):
        packed(sample_project())
    monkeypatch.undo()
    monkeypatch.setattr(limits, "PROJECT_JSON_LIMIT_BYTES", 1000)
    with pytest.raises(MuseStudioError, match="too many layers and variations"):
        packed(sample_project())
    monkeypatch.undo()
    monkeypatch.setattr(limits, "PROJECT_ENTRIES_LIMIT", 5)
    with pytest.raises(MuseStudioError, match="more parts"):
        packed(sample_project())
    monkeypatch.undo()
    monkeypatch.setattr(limits, "PROJECT_LIMIT_BYTES", 1000)
    with pytest.raises(MuseStudioError, match="larger than any project"):
        packed(sample_project())


def test_runs_with_impossible_names_are_not_written() -> None:
    with pytest.raises(MuseStudioError, match="impossible name"):
        packed(Project(sample_state(), runs={"../../x": b""}))


def test_the_table_names_its_format_and_program() -> None:
    state = sample_state()
    sources = {(layer.id, n): f"{layer.id}-{n}.png" for layer in state.layers for n in range(len(layer.variations))}
    table = json.loads(own.own_to_json(Project(state), sources, "x"))
    assert table["format"] == own.FORMAT
    assert table["program"]


def test_the_largest_layer_of_noise_may_be_opened_again() -> None:
    """Its PNG is a little larger than its pixels; a picture from outside may not be that large."""
    assert limits.PROJECT_PICTURE_LIMIT_BYTES > limits.PICTURE_LIMIT_PIXELS * 4 * 1.1


def test_a_layer_of_a_project_is_a_value() -> None:
    layer = sample_state().layers[0]
    assert isinstance(layer, Layer)
    with pytest.raises(ValueError, match="read-only"):
        layer.pixels[0, 0] = 0
