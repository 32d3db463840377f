"""Cascades are told of without loading them, and nothing that they say of themselves is trusted."""

from __future__ import annotations

import json
import os
import shutil
import struct
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muse_studio.core.cascade_folder import check_folder, read_cascade, verify
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.shelf import cascades, find, look, with_folder, without_folder

SHIPPED = Path(__file__).parents[2] / "models" / "default"


@pytest.fixture
def model(tiny_model: Path, tmp_path: Path) -> Path:
    """A copy that may be harmed."""
    folder = tmp_path / "mine"
    shutil.copytree(tiny_model, folder)
    (folder / "README.md").write_text("# Tiny\n\nDraws nothing.", encoding="utf-8")
    return folder


def refusal(folder: Path) -> str:
    with pytest.raises(MuseStudioError) as caught:
        check_folder(folder)
    assert caught.value.kind is ErrorKind.BAD_MODEL
    return caught.value.message


def test_the_shipped_cascade_tells_all_about_itself() -> None:
    cascade = look(SHIPPED, ships=True)
    assert cascade.facts is not None
    assert (cascade.name, cascade.facts.licence) == ("muse-drawings-reduced", "Apache-2.0")
    assert cascade.facts.size_bytes == sum(
        path.stat().st_size
        for path in SHIPPED.rglob("*")
        if path.relative_to(SHIPPED).as_posix() in cascade.facts.files
    )
    assert 47.0e6 < cascade.parameter_count < 47.1e6
    assert (cascade.facts.base.steps, cascade.facts.superres.steps) == (24, 8)
    assert cascade.card.startswith("# Model card")
    assert cascade.sample is not None


def test_a_sound_folder_is_taken_and_verified(model: Path) -> None:
    told: list[tuple[int, int]] = []
    facts = check_folder(model)
    assert verify(model, facts, lambda done, total: not told.append((done, total))) == ()
    assert told[-1] == (facts.size_bytes, facts.size_bytes)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_one_flipped_bit_in_any_file_is_found(model: Path) -> None:
    facts = read_cascade(model)
    for name in facts.files:
        path = model / name
        data = bytearray(path.read_bytes())
        data[-1] ^= 1
        path.write_bytes(data)
        (problem,) = verify(model, facts)
        assert name in problem
        data[-1] ^= 1
        path.write_bytes(data)
    assert verify(model, facts) == ()


def test_verifying_stops_when_it_is_told_to(model: Path) -> None:
    calls = []
    assert verify(model, read_cascade(model), lambda *_: bool(calls.append(1))) == ()
    assert len(calls) == 1


def test_what_is_no_cascade_is_refused_in_words(model: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "no cascade.json" in refusal(empty)
    assert "There is no folder" in refusal(tmp_path / "nowhere")
    (tmp_path / "model.ckpt").write_bytes(b"\x80\x04")
    assert "single file" in refusal(tmp_path / "model.ckpt")
    (model / "extra").mkdir()
    (model / "extra" / "weights.pt").write_bytes(b"\x80\x04")
    assert "“extra/weights.pt” is a file that can run code" in refusal(model)


def test_a_pickle_with_another_name_is_refused(model: Path) -> None:
    size = (model / "base.safetensors").stat().st_size
    (model / "base.safetensors").write_bytes(b"\x80\x04\x95" + bytes(size - 3))
    assert "no safetensors file" in refusal(model)


def test_links_out_of_the_folder_are_refused(model: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.safetensors"
    (model / "base.safetensors").rename(outside)
    (model / "base.safetensors").symlink_to(outside)
    assert "leads out of the folder" in refusal(model)
    (model / "base.safetensors").unlink()
    assert "“base.safetensors” is missing" in refusal(model)
    outside.rename(model / "base.safetensors")
    check_folder(model)
    (model / "notes").symlink_to(tmp_path, target_is_directory=True)
    assert "leads out of the folder" in refusal(model)


def test_a_cut_file_and_a_fifo_are_refused(model: Path) -> None:
    path = model / "superres.safetensors"
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    assert "cut off" in refusal(model)
    path.unlink()
    os.mkfifo(path)
    assert "superres.safetensors" in refusal(model)
    cascade = look(model)
    assert cascade.facts is None
    assert cascade.problem


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a\x00b", "C:\\x", "a//b", "w.pkl", "~/x", "x" * 300])
def test_hostile_names_are_refused(model: Path, name: str) -> None:
    stored = json.loads((model / "cascade.json").read_bytes())
    stored["files"][name] = {"sha256": "0" * 64, "bytes": 1}
    (model / "cascade.json").write_text(json.dumps(stored))
    refusal(model)


def test_hostile_headers_take_no_memory(model: Path) -> None:
    path = model / "base.safetensors"
    size = path.stat().st_size
    for head in (struct.pack("<Q", 2**60), b"", struct.pack("<Q", 8) + b'{"a": 1}', struct.pack("<Q", 2) + b"[]"):
        path.write_bytes(head + bytes(size - len(head)))
        assert "no safetensors file" in refusal(model)


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=10) | st.none() | st.integers(), st.sampled_from(
    ["format", "name", "licence", "files", "defaults", "architecture"]), st.booleans())  # fmt: skip
def test_any_damage_to_cascade_json_is_refused_or_harmless(value: object, key: str, drop: bool) -> None:
    stored = json.loads((SHIPPED / "cascade.json").read_bytes())
    if drop:
        del stored[key]
    else:
        stored[key] = value
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "cascade.json").write_text(json.dumps(stored))
        with suppress(MuseStudioError):
            read_cascade(Path(name))


def test_the_list_holds_each_folder_once_and_never_loses_the_shipped_one(model: Path) -> None:
    added = with_folder((), model, SHIPPED)
    assert added == (str(model),)
    for again in (model, model / ".." / "mine", SHIPPED):
        with pytest.raises(MuseStudioError, match="in the list already"):
            with_folder(added, again, SHIPPED)
    known = cascades(SHIPPED, added)
    assert [(cascade.name, cascade.ships) for cascade in known] == [("muse-drawings-reduced", True), ("tiny", False)]
    assert known[1].card.startswith("# Tiny")
    assert find("tiny", known) is known[1]
    assert find(str(model), known) is known[1]
    with pytest.raises(MuseStudioError, match="These are known: muse-drawings-reduced, tiny"):
        find("owl", known)
    with pytest.raises(MuseStudioError, match="cannot be removed"):
        without_folder(added, SHIPPED, SHIPPED)
    assert without_folder(added, model, SHIPPED) == ()
    assert model.is_dir()
    with pytest.raises(MuseStudioError, match="not in the list"):
        without_folder((), model, SHIPPED)


def test_a_folder_that_went_away_stays_in_the_list_and_says_so(model: Path) -> None:
    shutil.rmtree(model)
    _, gone = cascades(SHIPPED, [str(model)])
    assert gone.name == "mine"
    assert "moved or deleted" in gone.problem
