"""Shards in CC3M's form are read by number: shuffled, the same again, split by process, with what is broken counted."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.training.data.ahead import Ahead
from muse_studio.training.data.shards import Shards, expand, spans

HUES = 12
OPENED: list[Shards] = []


def jpeg(number: int, side: int = 32) -> bytes:
    """A plain picture whose red says which it is."""
    stream = io.BytesIO()
    Image.new("RGB", (side, side + 8), (number * 255 // HUES, 40, 90)).save(stream, format="JPEG", quality=95)
    return stream.getvalue()


def shard(path: Path, members: dict[str, bytes]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w") as archive:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return path


def good(*numbers: int) -> dict[str, bytes]:
    """Members as img2dataset writes them."""
    members = {}
    for number in numbers:
        members[f"{number:09d}.jpg"] = jpeg(number)
        members[f"{number:09d}.json"] = json.dumps({"caption": f"number {number}", "status": "success"}).encode()
        members[f"{number:09d}.txt"] = f"number {number}".encode()
    return members


def opened(paths: list[Path], **options: object) -> Shards:
    shards = Shards(paths, **{"least": 16, "report": lambda text: None, **options})  # type: ignore[arg-type]
    OPENED.append(shards)
    return shards


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    while OPENED:
        OPENED.pop().close()


def captions(shards: Shards, count: int, first: int = 0) -> list[str]:
    found = [shards.example(number) for number in range(first, first + count)]
    for example in found:
        red = round(float(example.rgb[..., 0].mean()))
        assert abs(red - int(example.caption.split()[-1]) * 255 // HUES) <= 2, "a caption of another picture"
    return [example.caption for example in found]


@pytest.fixture
def two(tmp_path: Path) -> list[Path]:
    return [shard(tmp_path / "00000.tar", good(0, 1, 2, 3, 4)), shard(tmp_path / "00001.tar", good(5, 6, 7))]


def test_every_round_has_every_example_once_in_an_order_of_its_own(two: list[Path]) -> None:
    shards = opened(two)
    assert len(shards) == 8
    rounds = [captions(shards, 8, 8 * epoch) for epoch in range(3)]
    assert [sorted(one) for one in rounds] == [[f"number {number}" for number in range(8)]] * 3
    assert len({tuple(one) for one in rounds}) == 3
    assert captions(opened(two), 24) == sum(rounds, [])
    assert captions(opened(two, seed=1), 8) != rounds[0]


def test_what_is_broken_gives_its_place_to_the_next_and_is_counted_once(tmp_path: Path) -> None:
    members = good(0, 1, 2)
    members |= {"a.jpg": b"\xff\xd8 broken", "a.txt": b"x", "b.jpg": jpeg(3), "b.txt": b" \n", "c.jpg": jpeg(3, 8)}
    members |= {"c.txt": b"x", "d.jpg": jpeg(4), "e.txt": b"alone", "f.jpg": jpeg(5), "f.txt": b"\xff\xfe"}
    members |= {"g.jpg": jpeg(6), "g.json": b'{"caption": "number 6"}', "h.jpg": jpeg(7), "h.json": b"[1]"}
    shards = opened([shard(tmp_path / "0.tar", members)])
    seen = captions(shards, 3 * len(shards))
    assert set(seen) == {"number 0", "number 1", "number 2", "number 6"}
    assert shards.skipped.counts() == {
        "broken caption": 1,
        "broken picture": 1,
        "empty caption": 2,
        "no caption": 1,
        "no picture": 1,
        "too small": 1,
    }
    assert "1 too small" in shards.skipped.remark()
    assert "no caption: 0.tar d" in "\n".join(shards.skipped.lines())


@pytest.mark.parametrize("cut", [100, 700, 1500, 2560, 3000, 6000])
def test_a_shard_cut_anywhere_gives_what_is_whole_and_is_counted(tmp_path: Path, cut: int) -> None:
    whole = shard(tmp_path / "whole.tar", good(*range(8)))
    (tmp_path / "cut.tar").write_bytes(whole.read_bytes()[:cut])
    notes: list[str] = []
    found = list(spans(tmp_path / "cut.tar", lambda reason, name: notes.append(reason)))
    everything = list(spans(whole, lambda reason, name: None))
    assert len(everything) == 8
    assert [span[:2] for span in found] == [span[:2] for span in everything[: len(found)]]
    assert all(at + size <= cut and text + length <= cut for at, size, text, length, _ in found)
    assert "shard cut short or damaged" in notes


def test_a_set_of_nothing_but_bad_examples_stops_with_the_reasons(tmp_path: Path) -> None:
    paths = [shard(tmp_path / "0.tar", good(0, 1, 2))]
    shards = opened(paths, least=500)
    with pytest.raises(MuseStudioError, match="3 too small") as caught:
        shards.example(0)
    assert caught.value.kind is ErrorKind.BAD_REQUEST
    with pytest.raises(MuseStudioError, match="No picture with a caption"):
        opened([shard(tmp_path / "1.tar", {"a.cls": b"3"})])


def test_the_index_is_kept_while_no_shard_changes(two: list[Path], tmp_path: Path) -> None:
    cache = tmp_path / "runs" / "index.npz"
    first = opened(two, cache=cache)
    before = cache.read_bytes()
    again = opened(two, cache=cache)
    assert captions(again, 8) == captions(first, 8)
    assert cache.read_bytes() == before
    shard(two[1], good(5, 6, 7, 8))
    changed = opened(two, cache=cache)
    assert len(changed) == 9
    cache.write_bytes(cache.read_bytes()[:50])
    assert len(opened(two, cache=cache)) == 9
    assert first.config() != changed.config()


def test_patterns_name_files_and_nothing_else(two: list[Path]) -> None:
    folder = two[0].parent
    assert expand([str(folder / "{00000..00001}.tar")]) == tuple(two)
    assert expand([str(folder / "*.tar"), str(two[0])]) == tuple(two)
    for bad in ("pipe:cat a.tar", "https://example.org/0.tar", str(folder / "{00000..00002}.tar"), str(folder / "x*")):
        with pytest.raises(MuseStudioError) as caught:
            expand([bad])
        assert caught.value.kind is ErrorKind.BAD_REQUEST


@pytest.mark.parametrize(("batch", "stride", "threads"), [(4, 4, 0), (4, 4, 2), (2, 6, 3), (1, 1, 1)])
def test_making_ahead_changes_no_answer_and_makes_little_in_vain(batch: int, stride: int, threads: int) -> None:
    made: list[int] = []

    def make(number: int) -> int:
        made.append(number)
        return number * number

    ahead = Ahead(make, batch=batch, stride=stride, threads=threads)
    asked = [first + place for first in range(10, 10 + 20 * stride, stride) for place in range(batch)]
    assert [ahead(number) for number in asked] == [number * number for number in asked]
    assert ahead(3) == 9
    ahead.close()
    expected = {first + place for first in range(10, 10 + 60 * stride, stride) for place in range(batch)}
    assert set(made) - set(range(3, 4 + 60 * stride)) <= expected
    assert len(made) <= len(asked) + 2 + 2 * ahead.depth


def test_a_fault_while_making_ahead_reaches_who_asks_for_it() -> None:
    def make(number: int) -> np.ndarray:
        if number == 2:
            raise MuseStudioError(ErrorKind.DISK, "gone")
        return np.zeros(1)

    ahead = Ahead(make, batch=1, stride=1, threads=2)
    ahead(0), ahead(1)
    with pytest.raises(MuseStudioError, match="gone"):
        ahead(2)
    ahead.close()
