"""COCO and CC3M come in whole; what is broken, empty or elsewhere is left out and counted."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from muse_studio.core.errors import MuseStudioError
from muse_studio.evaluation.captioned import BROKEN, NO_CAPTION, NOT_HERE, cc3m, coco, pictures, square
from muse_studio.training.data.skipped import Skipped


def png(colour: tuple[int, ...], size: tuple[int, int] = (30, 20)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGBA" if len(colour) == 4 else "RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """Two good pictures and a broken one."""
    folder = tmp_path / "images"
    folder.mkdir()
    (folder / "red.png").write_bytes(png((255, 0, 0)))
    (folder / "blue.png").write_bytes(png((0, 0, 255)))
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 nothing more")
    return folder


def coco_file(folder: Path, images: list[tuple[int, str]], captions: list[tuple[int, str]]) -> Path:
    content = {
        "images": [{"id": number, "file_name": name} for number, name in images],
        "annotations": [{"image_id": number, "caption": words} for number, words in captions],
    }
    path = folder / "captions.json"
    path.write_text(json.dumps(content))
    return path


def test_coco_gives_each_picture_once_with_its_first_caption(images: Path) -> None:
    captions = [(1, " a red \n thing"), (2, "blue"), (1, "another"), (3, "broken"), (4, ""), (5, "gone")]
    files = [(1, "red.png"), (2, "blue.png"), (3, "broken.jpg"), (4, "red.png"), (5, "gone.png")]
    skipped = Skipped()
    found = list(pictures(coco(coco_file(images, files, captions), images, 0), 10, 16, skipped))
    assert sorted(one.caption for one in found) == ["a red thing", "blue"]
    red = next(one for one in found if one.caption == "a red thing")
    assert red.rgb.shape == (16, 16, 3)
    assert (red.rgb == (255, 0, 0)).all()
    assert skipped.counts() == {BROKEN: 1, NO_CAPTION: 1, NOT_HERE: 1}
    assert f"1 {NO_CAPTION}" in skipped.remark()


def test_the_seed_decides_which_come_first(images: Path) -> None:
    files = [(number, "red.png") for number in range(30)]
    path = coco_file(images, files, [(number, f"number {number}") for number in range(30)])

    def first(seed: int) -> list[str]:
        return [one.caption for one in pictures(coco(path, images, seed), 5, 8, Skipped())]

    assert first(1) == first(1)
    assert first(1) != first(2)
    assert len(first(1)) == 5


def test_a_name_that_leads_out_of_the_folder_is_not_opened(images: Path) -> None:
    (images.parent / "secret.png").write_bytes(png((0, 0, 0)))
    for name in ("../secret.png", str(images.parent / "secret.png"), "https://example.org/a.png"):
        skipped = Skipped()
        assert not list(pictures(coco(coco_file(images, [(1, name)], [(1, "x")]), images, 0), 5, 8, skipped))
        assert skipped.counts() == {NOT_HERE: 1}


@pytest.mark.parametrize("content", ["", "[]", '{"images": [{"id": 1}], "annotations": []}', '{"images": []}'])
def test_a_file_that_is_no_coco_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "captions.json"
    path.write_text(content)
    with pytest.raises(MuseStudioError, match="no file of COCO captions"):
        list(coco(path, tmp_path, 0))


def test_a_folder_gives_pictures_with_the_words_beside_them(images: Path) -> None:
    (images / "red.txt").write_text("a red one\n")
    (images / "broken.txt").write_text("broken")
    skipped = Skipped()
    assert [one.caption for one in pictures(cc3m([images], 0, skipped), 10, 8, skipped)] == ["a red one"]
    assert skipped.counts() == {NO_CAPTION: 1, BROKEN: 1}


def test_a_table_names_files_from_its_own_folder(images: Path) -> None:
    table = images.parent / "train.tsv"
    table.write_text("a red one\timages/red.png\na web one\thttp://example.org/x.jpg\n")
    skipped = Skipped()
    assert [one.caption for one in pictures(cc3m([table], 0, skipped), 10, 8, skipped)] == ["a red one"]
    assert skipped.counts() == {NOT_HERE: 1}
    table.write_text("only a caption\n")
    with pytest.raises(MuseStudioError, match="not a caption and a file"):
        list(cc3m([table], 0, Skipped()))


def shard(path: Path, members: list[tuple[str, bytes]]) -> Path:
    with tarfile.open(path, "w") as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def test_shards_are_read_member_by_member(tmp_path: Path) -> None:
    members = [
        ("0001.jpg", png((255, 0, 0))),
        ("0001.txt", b"a red one"),
        ("0002.png", png((0, 0, 255))),
        ("0002.json", b'{"caption": "a blue one", "url": "x"}'),
        ("0003.jpg", png((0, 0, 0))),
        ("0004.jpg", b"broken"),
        ("0004.txt", b"broken"),
        ("0005.txt", b"words alone"),
        ("0006.png", png((0, 255, 0))),
        ("0006.json", b"[not json"),
    ]
    skipped = Skipped()
    found = list(pictures(cc3m([shard(tmp_path / "a.tar", members)], 0, skipped), 10, 8, skipped))
    assert [one.caption for one in found] == ["a red one", "a blue one"]
    assert skipped.counts() == {NO_CAPTION: 1, BROKEN: 1, "broken caption": 1, "no picture": 1}
    assert [one.caption for one in pictures(cc3m([tmp_path], 0, Skipped()), 1, 8, Skipped())] == ["a red one"]


def test_a_shard_that_is_cut_off_is_said(tmp_path: Path) -> None:
    whole = shard(tmp_path / "a.tar", [("1.png", png((0, 0, 0), (300, 300))), ("1.txt", b"x")]).read_bytes()
    (tmp_path / "a.tar").write_bytes(whole[:700])
    skipped = Skipped()
    assert not list(pictures(cc3m([tmp_path / "a.tar"], 0, skipped), 10, 8, skipped))
    assert "shard cut short or damaged" in skipped.counts()


def test_nothing_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(MuseStudioError, match="nothing at"):
        list(cc3m([tmp_path / "none"], 0, Skipped()))
    with pytest.raises(MuseStudioError, match="no JPEG, PNG or WebP"):
        list(cc3m([tmp_path], 0, Skipped()))


def test_the_middle_square_is_kept_and_transparency_becomes_white() -> None:
    wide = np.zeros((4, 12, 4), np.uint8)
    wide[:, 4:8] = (10, 200, 30, 255)
    assert (square(wide, 4) == (10, 200, 30)).all()
    assert (square(np.zeros((6, 6, 4), np.uint8), 3) == 255).all()
