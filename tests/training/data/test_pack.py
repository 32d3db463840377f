"""Any folder becomes shards that webdataset reads; what can't be used is counted by reason; a full disk leaves no half."""

from __future__ import annotations

import errno
import io
import json
import os
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from muse_studio.core import files
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.training.data.pack import Packed, pack


def picture(path: Path, number: int, side: tuple[int, int] = (48, 40)) -> None:
    pixels = np.random.default_rng(number).integers(0, 256, (side[1], side[0], 3), dtype=np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def packed(folder: Path, output: Path, **options: int) -> Packed:
    settings = {"size": 32, "least": 16, "shard_size": 3, "threads": 2, **options}
    return pack(folder, output, report=lambda text: None, **settings)


def samples(folder: Path) -> list[dict[str, bytes]]:
    """What webdataset itself makes of the shards."""
    from webdataset.tariterators import group_by_keys, tar_file_expander

    found = []
    for path in sorted(folder.glob("*.tar")):
        with path.open("rb") as stream:
            found += list(group_by_keys(tar_file_expander([{"url": path.name, "stream": stream}])))
    return found


def test_a_folder_becomes_shards_in_the_form_of_cc3m(tmp_path: Path) -> None:
    for number in range(5):
        picture(tmp_path / "in" / f"part{number % 2}" / f"{number}.png", number)
        (tmp_path / "in" / f"part{number % 2}" / f"{number}.txt").write_text(f" number\n{number} ")
    made = packed(tmp_path / "in", tmp_path / "out")
    assert (made.shards, made.examples, made.skipped) == (("00000.tar", "00001.tar"), 5, {})
    with tarfile.open(tmp_path / "out" / "00000.tar") as archive:
        assert archive.getnames()[:3] == ["000000000.jpg", "000000000.json", "000000000.txt"]
    found = samples(tmp_path / "out")
    assert [sample["__key__"] for sample in found] == ["000000000", "000000001", "000000002", "000010000", "000010001"]
    assert [sample["txt"].decode() for sample in found] == [f"number {number}" for number in (0, 2, 4, 1, 3)]
    told = json.loads(found[0]["json"])
    assert (told["caption"], told["original_width"], told["original_height"]) == ("number 0", 48, 40)
    assert Image.open(io.BytesIO(found[0]["jpg"])).size == (32, 32)
    index = json.loads((tmp_path / "out" / "index.json").read_bytes())
    assert [shard["examples"] for shard in index["shards"]] == [3, 2]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("metadata.csv", "file_name,text\na.png,one\nb.png,two\n"),
        ("metadata.tsv", "image\tcaption\na.png\tone\nb.png\ttwo\n"),
        ("metadata.jsonl", '{"file_name": "a.png", "text": "one"}\n\n{"file_name": "b.png", "text": "two"}\n'),
    ],
)
def test_a_table_of_captions_is_read_in_each_form(tmp_path: Path, name: str, text: str) -> None:
    for number, letter in enumerate("ab"):
        picture(tmp_path / "in" / f"{letter}.png", number)
    (tmp_path / "in" / name).write_text(text)
    packed(tmp_path / "in", tmp_path / "out")
    assert [sample["txt"] for sample in samples(tmp_path / "out")] == [b"one", b"two"]


def test_what_cannot_be_used_is_skipped_counted_and_named(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    for number, name in enumerate(("good.png", "small.png", "silent.png", "mute.png")):
        picture(folder / name, number, (15, 40) if name == "small.png" else (40, 40))
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 and no more")
    (folder / "cut.png").write_bytes((folder / "good.png").read_bytes()[:200])
    for name, caption in (("good", "a picture"), ("small", "x"), ("silent", " \n"), ("broken", "x"), ("cut", "x")):
        (folder / f"{name}.txt").write_text(caption)
    made = packed(folder, tmp_path / "out")
    assert made.examples == 1
    assert made.skipped == {"broken picture": 2, "empty caption": 1, "no caption": 1, "too small": 1}
    assert "2 skipped, broken picture: broken.jpg, cut.png" in made.lines
    assert json.loads((tmp_path / "out" / "index.json").read_bytes())["skipped"] == made.skipped


def test_a_table_cannot_reach_out_of_its_folder(tmp_path: Path) -> None:
    picture(tmp_path / "secret.png", 1)
    picture(tmp_path / "in" / "a.png", 0)
    rows = [{"file_name": name, "text": "x"} for name in ("../secret.png", str(tmp_path / "secret.png"), "no.png", "a.png")]
    (tmp_path / "in" / "metadata.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    made = packed(tmp_path / "in", tmp_path / "out")
    assert (made.examples, made.skipped) == (1, {"no such picture": 1, "outside the folder": 2})


def test_a_folder_without_anything_to_use_says_why(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jpg").write_bytes(b"no picture")
    (tmp_path / "in" / "a.txt").write_text("a picture")
    with pytest.raises(MuseStudioError) as caught:
        packed(tmp_path / "in", tmp_path / "out")
    assert caught.value.kind is ErrorKind.BAD_REQUEST
    assert "broken picture: a.jpg" in caught.value.detail
    (tmp_path / "in" / "metadata.tsv").write_text("caption\turl\na dog\thttps://example.org/a.jpg\n")
    with pytest.raises(MuseStudioError, match="names no picture files"):
        packed(tmp_path / "in", tmp_path / "out")


def test_a_disk_full_at_any_write_leaves_whole_shards_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        picture(tmp_path / "in" / f"{number}.png", number)
        (tmp_path / "in" / f"{number}.txt").write_text("x")
    write, seen = os.write, set()
    for allowed in range(0, 12):
        left, output = [allowed], tmp_path / f"out{allowed}"

        def limited(descriptor: int, data: memoryview, left: list[int] = left) -> int:
            if left[0] == 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            left[0] -= 1
            return write(descriptor, data)

        with monkeypatch.context() as patch:
            patch.setattr(files.os, "write", limited)
            try:
                packed(tmp_path / "in", output, shard_size=2)
            except MuseStudioError as fault:
                assert fault.kind is ErrorKind.DISK
        found = sorted(path.name for path in output.iterdir())
        seen.add(len(found))
        assert all(name.endswith((".tar", ".json")) for name in found)
        assert len(samples(output)) == 2 * len([name for name in found if name.endswith(".tar")]) - ("00002.tar" in found)
    assert {0, 1, 2} <= seen


def test_shards_are_never_mixed_with_older_ones(tmp_path: Path) -> None:
    picture(tmp_path / "in" / "a.png", 0)
    (tmp_path / "in" / "a.txt").write_text("x")
    packed(tmp_path / "in", tmp_path / "out")
    with pytest.raises(MuseStudioError, match="already"):
        packed(tmp_path / "in", tmp_path / "out")
