"""Every finished picture is kept, found again, and never harmed: by damage, by a full disk, by a second program."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muse_studio.core import gallery as rooms
from muse_studio.core.entries import entry_from_json, entry_name, entry_of, entry_to_json
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.gallery import Gallery, delete_file
from muse_studio.core.geometry import Extent
from muse_studio.core.metadata import tokens_of
from muse_studio.core.pictures import encode_png, open_picture
from muse_studio.core.request import EditRequest, Mode, StagePlan
from muse_studio.core.settings import data_folder
from muse_studio.core.tokens import TokenState
from tests.core.test_request import requests
from tests.corpus import pictures as corpus

FOX = EditRequest(Mode.GENERATE, "a 3d Fox", "rain", seed=7, count=3, base=StagePlan(steps=12))
TOKENS = TokenState.whole(np.arange(256, dtype=np.int32).reshape(16, 16), np.zeros((64, 64), np.int32))


def kept(folder: Path, count: int = 3) -> Gallery:
    gallery = Gallery(folder)
    for number in range(count):
        gallery.keep(corpus.noise(16, 16), replace(FOX, prompt=f"fox {number}", seed=number, count=1))
    return gallery


def remove_none(path: Path) -> bool:
    return False


def test_a_kept_picture_carries_pixels_settings_and_tokens_of_its_own_variation(tmp_path: Path) -> None:
    gallery, pixels = Gallery(tmp_path), corpus.noise(64, 64)
    entry = gallery.keep(pixels, FOX, 2, {"model": "drawings"}, TOKENS)
    assert (entry.prompt, entry.negative_prompt, entry.seed, entry.model) == ("a 3d Fox", "rain", 9, "drawings")
    picture = gallery.picture(entry)
    assert np.array_equal(picture.pixels[..., :3], pixels)
    assert tokens_of(picture.pixels, picture.text) == TOKENS
    back = gallery.settings(entry)
    assert back is not None
    assert {key: back[key] for key in back if key != "extra"} == FOX.variation(2).settings()
    assert picture.text["parameters"].startswith("a 3d Fox\nNegative prompt: rain\nSteps: 12")


def test_the_newest_comes_first_also_after_a_start(tmp_path: Path) -> None:
    names = [entry.name for entry in kept(tmp_path, 5).entries]
    assert names == sorted(names, reverse=True)
    again = Gallery(tmp_path)
    again.load()
    assert [entry.name for entry in again.entries] == names
    assert [entry.prompt for entry in again.entries] == [f"fox {number}" for number in (4, 3, 2, 1, 0)]


def test_search_finds_words_in_prompt_negative_prompt_mode_model_and_seed(tmp_path: Path) -> None:
    gallery = Gallery(tmp_path)
    fox = gallery.keep(corpus.noise(8, 8), FOX, 1, {"model": "drawings"})
    owl = gallery.keep(corpus.noise(8, 8), EditRequest(Mode.GENERATE, "Eule Straße", seed=1234))
    for text in ("FOX", "rain", "3d rain", "generate", "draw", "8"):
        assert gallery.search(text) == (fox,) if text != "generate" else (owl, fox), text
    assert gallery.search("strasse eule") == (owl,)
    assert gallery.search("1234") == (owl,)
    assert gallery.search("fox owl") == ()
    assert gallery.search("  ") == (owl, fox)
    starred = gallery.star(fox, True)
    assert gallery.search(starred=True) == (starred,)
    assert gallery.search("eule", starred=True) == ()


def test_a_star_changes_nothing_else_in_the_file_and_comes_off_without_a_trace(tmp_path: Path) -> None:
    gallery = kept(tmp_path)
    entry = gallery.entries[1]
    before, order = gallery.path(entry).read_bytes(), [each.name for each in gallery.entries]
    picture = gallery.picture(entry)
    starred = gallery.star(entry, True)
    assert starred.starred
    assert gallery.star(starred, True) == starred
    after = gallery.picture(starred)
    assert np.array_equal(after.pixels, picture.pixels)
    assert {key: after.text[key] for key in picture.text} == picture.text
    assert [each.name for each in gallery.entries] == order
    assert not gallery.star(starred, False).starred
    assert gallery.path(entry).read_bytes() == before


@pytest.mark.parametrize("damage", ["missing", b"", b"{", b"null", b'{"format": 9, "entries": []}', b"[" * 100_000])
def test_the_index_is_made_anew_from_the_pictures_with_every_star(tmp_path: Path, damage: str | bytes) -> None:
    gallery = kept(tmp_path)
    gallery.star(gallery.entries[2], True)
    gallery.save_index()
    index = tmp_path / "index.json"
    assert json.loads(index.read_bytes())["entries"][2]["starred"]
    if isinstance(damage, bytes):
        index.write_bytes(damage)
    else:
        index.unlink()
    again = Gallery(tmp_path)
    again.load()
    assert again.entries == gallery.entries
    assert [entry.starred for entry in again.entries] == [False, False, True]


def test_the_index_saves_reading_and_is_not_believed_when_a_file_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gallery = kept(tmp_path, 4)
    gallery.save_index()
    Gallery(tmp_path).star(gallery.entries[0], True)  # by another program
    read: list[str] = []
    real = rooms._read_entry

    def counting(path: Path) -> object:
        read.append(path.name)
        return real(path)

    monkeypatch.setattr(rooms, "_read_entry", counting)
    again = Gallery(tmp_path)
    again.load()
    assert read == [gallery.entries[0].name]
    assert again.entries[0].starred


def test_broken_and_foreign_files_are_skipped_and_named(tmp_path: Path) -> None:
    gallery = kept(tmp_path, 1)
    whole = gallery.path(gallery.entries[0]).read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[:-20])
    (tmp_path / "no.png").write_bytes(b"GIF89a")
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "plain.png").write_bytes(encode_png(corpus.noise(8, 8)))
    os.mkfifo(tmp_path / "pipe.png")
    gallery.load()
    assert gallery.broken == ("cut.png", "empty.png", "no.png")
    assert len(gallery.entries) == 2
    plain = next(entry for entry in gallery.entries if entry.name == "plain.png")
    assert (plain.prompt, plain.mode, plain.seed) == ("", "", None)
    assert gallery.settings(plain) is None


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2), st.floats(0, 1, exclude_max=True), st.integers(0, 255))
def test_any_damage_to_any_file_is_survived(which: int, share: float, flip: int) -> None:
    """flip: bits that are turned in one byte; 0 cuts the file off there."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        gallery = kept(folder, 2)
        gallery.save_index()
        victim = sorted(folder.glob("*.*"))[which]
        content = bytearray(victim.read_bytes())
        where = int(share * len(content))
        if flip:
            content[where] ^= flip
        else:
            del content[where:]
        victim.write_bytes(content)
        again = Gallery(folder)
        again.load()
        unharmed = {entry.name for entry in gallery.entries} - {victim.name}
        assert unharmed <= {entry.name for entry in again.entries}
        for entry in again.entries:
            if entry.name in unharmed:
                assert again.thumbnail(entry).shape[0] == 16


def test_a_full_disk_leaves_no_half_picture_and_no_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gallery = kept(tmp_path, 1)
    entry = gallery.entries[0]
    before = gallery.path(entry).read_bytes()

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(MuseStudioError) as caught:
        gallery.keep(corpus.noise(8, 8), FOX)
    assert caught.value.kind is ErrorKind.DISK
    with pytest.raises(MuseStudioError):
        gallery.star(entry, True)
    gallery.save_index()
    monkeypatch.undo()
    assert gallery.entries == (entry,)
    assert gallery.path(entry).read_bytes() == before
    assert [path.name for path in tmp_path.glob("*.png")] == [entry.name]
    assert not list(tmp_path.glob(".*"))


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(MuseStudioError) as caught:
        Gallery(tmp_path / "file" / "gallery").keep(corpus.noise(8, 8), FOX)
    assert caught.value.kind is ErrorKind.DISK


def test_two_programs_at_once_lose_nothing(tmp_path: Path) -> None:
    first, second = Gallery(tmp_path), Gallery(tmp_path)
    for number in range(6):
        one, other = (first, second) if number % 2 else (second, first)
        entry = one.keep(corpus.noise(8, 8), replace(FOX, prompt=str(number), count=1))
        other.load()
        other.star(entry, number % 3 == 0)
        one.save_index()
        other.save_index()
    for gallery in (first, second, Gallery(tmp_path)):
        gallery.load()
        assert [(entry.prompt, entry.starred) for entry in gallery.entries] == [
            (str(number), number % 3 == 0) for number in range(5, -1, -1)
        ]


def test_what_cannot_be_removed_stays_and_is_named(tmp_path: Path) -> None:
    gallery = kept(tmp_path)
    first, second, _ = gallery.entries
    gallery.thumbnail(first)
    assert gallery.delete([first], remove_none) == (first,)
    assert len(gallery.entries) == 3
    assert gallery.delete([first, second], delete_file) == ()
    assert [entry.prompt for entry in gallery.entries] == ["fox 0"]
    assert len(list(gallery.cache.iterdir())) == 1
    assert gallery.delete([first], remove_none) == ()  # another program was faster


def test_the_oldest_without_a_star_go_and_only_when_it_was_told(tmp_path: Path) -> None:
    gallery = kept(tmp_path, 6)
    sizes = {entry.size_bytes for entry in gallery.entries}
    gallery.limit_bytes = 4 * max(sizes) + min(sizes) // 2
    oldest = gallery.star(gallery.entries[-1], True)
    assert gallery.is_nearly_full
    assert gallery.make_room() == 0
    assert len(gallery.entries) == 6
    gallery.mark_told()
    again = Gallery(tmp_path, gallery.limit_bytes)
    again.load()
    assert again.told
    assert again.make_room() == 2
    assert oldest in again.entries
    assert [entry.prompt for entry in again.entries] == ["fox 5", "fox 4", "fox 3", "fox 0"]
    assert again.size_bytes <= again.limit_bytes


def test_a_thumbnail_is_small_and_made_again_when_it_is_damaged(tmp_path: Path) -> None:
    gallery = Gallery(tmp_path)
    entry = gallery.keep(corpus.noise(512, 512), FOX)
    (cached,) = gallery.cache.iterdir()
    assert cached.stat().st_size < 64 * 1024
    first = gallery.thumbnail(entry)
    assert first.shape[:2] == (224, 224)
    cached.write_bytes(b"RIFF")
    again = gallery.thumbnail(entry)
    assert again.shape[:2] == (224, 224)
    assert open_picture(cached).extent == Extent(224, 224)
    gallery.path(entry).unlink()
    with pytest.raises(MuseStudioError):
        gallery.thumbnail(entry)


@settings(deadline=None, max_examples=100)
@given(requests, st.floats(0, 4e9), st.booleans())
def test_entries_survive_the_index(request: EditRequest, moment_s: float, starred: bool) -> None:
    name = entry_name(moment_s, "0123abcd")
    entry = replace(entry_of(name, Extent(3, 4), {}), prompt=request.prompt, mode=request.mode.value, starred=starred)
    assert abs(entry.made_s - moment_s) < 1e-3
    assert entry_from_json(json.loads(json.dumps(entry_to_json(entry)))) == entry


@settings(deadline=None, max_examples=80)
@given(st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(
    st.sampled_from(["format", "entries", "told", "name", "extent", "seed", "made_s"]), inner)))  # fmt: skip
def test_any_index_is_read_or_ignored(values: object) -> None:
    with tempfile.TemporaryDirectory() as name:
        head, line = '{"format": 1, "told": 3, "entries": [', json.dumps(values)
        (Path(name) / "index.json").write_text(f"{head}\n{line},\n{line}\n]}}\n")
        Gallery(Path(name)).load()
        (Path(name) / "index.json").write_text(line)
        Gallery(Path(name)).load()


def test_a_damaged_line_of_the_index_costs_its_own_entry_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gallery = kept(tmp_path, 4)
    gallery.save_index()
    index = tmp_path / "index.json"
    lines = index.read_bytes().split(b"\n")
    index.write_bytes(b"\n".join([*lines[:2], lines[2][: len(lines[2]) // 2], *lines[3:]]))
    read: list[str] = []
    real = rooms._read_entry
    monkeypatch.setattr(rooms, "_read_entry", lambda path: (read.append(path.name), real(path))[1])
    again = Gallery(tmp_path)
    again.load()
    assert again.entries == gallery.entries
    assert read == [gallery.entries[1].name]


def test_the_folder_follows_the_platform_and_the_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSE_STUDIO_DATA", str(tmp_path / "kept"))
    assert data_folder() == tmp_path / "kept"
    assert Gallery().folder == tmp_path / "kept" / "gallery"
    monkeypatch.delenv("MUSE_STUDIO_DATA")
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    assert data_folder() == tmp_path / "share" / "muse-studio"
