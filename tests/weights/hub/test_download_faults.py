"""Whatever the network and the disk do, a download ends verified or absent, and says why (M6 of the faults)."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import httpx2
import pytest

from muse_studio.core import limits
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.fetched import place_of
from muse_studio.weights import hub as door
from muse_studio.weights import partial
from muse_studio.weights.download import download
from tests.weights.hub.loopback_hub import FINE, WANTED, Fault, Hub
from tests.weights.hub.test_download import AMUSED, LARGEST, fetch, is_whole, offered, refused

CUTS = 100


@pytest.fixture
def quick(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """For hundreds of downloads: weights alone, no certificates read for each, no waiting for the disk's platters."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    monkeypatch.setattr(door, "connect", lambda: httpx2.Client(follow_redirects=True, verify=False))
    hub.files = {name: data for name, data in hub.files.items() if name.endswith((".safetensors", "index.json"))}


def cut_points(hub: Hub) -> list[tuple[str, int]]:
    """A hundred places in the files, the first and last bytes of each among them."""
    weights = sorted(name for name in WANTED if name.endswith(".safetensors"))
    points = [(name, at) for name in weights for at in (0, 1, len(hub.files[name]) - 1)]
    sizes = [(name, len(hub.files[name])) for name in weights]
    total, others = sum(size for _, size in sizes), CUTS - len(points)
    for index in range(others):
        place = total * index // others
        for name, size in sizes:
            if place < size:
                points.append((name, place))
                break
            place -= size
    return points


@pytest.mark.usefixtures("quick")
def test_a_connection_cut_anywhere_is_made_again(hub: Hub, tmp_path: Path) -> None:
    points = cut_points(hub)
    assert len(points) == CUTS
    offer = offered()
    for index, (name, at) in enumerate(points):
        hub.asked.clear()
        hub.misbehave = lambda asked, nth, name=name, at=at: Fault(cut_at=at) if (asked, nth) == (name, 0) else FINE
        parent = tmp_path / str(index)
        fetch(parent, offer)
        assert is_whole(parent, hub), (name, at)
        assert hub.starts(name) == ([0, at] if at else [0, 0])


@pytest.mark.usefixtures("quick")
def test_a_connection_that_never_holds_leaves_a_beginning(hub: Hub, tmp_path: Path) -> None:
    """Cut at 100 points for good: absent, then resumed by the next call from the very byte."""
    offer = offered()
    for index, (name, at) in enumerate(cut_points(hub)):
        hub.asked.clear()
        hub.misbehave = lambda asked, nth, name=name, at=at: Fault(cut_at=at) if asked == name else FINE
        parent = tmp_path / str(index)
        assert "what has come is kept" in refused(parent, ErrorKind.NETWORK, offer)
        assert len(hub.starts(name)) <= limits.DOWNLOAD_TRIES_LIMIT + 1
        assert (place_of(AMUSED, parent).hidden / name).stat().st_size == at
        hub.misbehave = lambda asked, nth: FINE
        hub.asked.clear()
        fetch(parent, offer)
        assert is_whole(parent, hub), (name, at)
        assert hub.starts(name) == [at]


def test_a_server_that_gives_no_parts_is_fetched_from_whole(hub: Hub, tmp_path: Path) -> None:
    hub.misbehave = lambda name, nth: Fault(no_parts=True, cut_at=1000) if name == LARGEST and nth < 2 else FINE
    fetch(tmp_path)
    assert is_whole(tmp_path, hub)
    hub.asked.clear()
    hub.misbehave = lambda name, nth: Fault(no_parts=True, cut_at=1000 if name == LARGEST and nth == 0 else None)
    fetch(tmp_path / "again")
    assert is_whole(tmp_path / "again", hub)
    assert hub.starts(LARGEST) == [0, 1000]


def test_another_part_than_the_one_asked_for_is_not_taken(hub: Hub, tmp_path: Path) -> None:
    hub.misbehave = lambda name, nth: Fault(cut_at=1000) if nth == 0 else Fault(wrong_part=True)
    assert "another part" in refused(tmp_path, ErrorKind.NETWORK)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(length=7),
        Fault(length=-7),
        Fault(content=b"another file"),
        None,
        Fault(content=bytes(9000), told=False),
    ],
    ids=["longer by its head", "shorter by its head", "a shorter file", "right size, wrong bytes", "endless"],
)
@pytest.mark.parametrize("name", [LARGEST, "tokenizer/vocab.json"])
def test_what_was_not_published_is_not_kept(hub: Hub, tmp_path: Path, name: str, fault: Fault | None) -> None:
    fault = fault or Fault(content=bytes(len(hub.files[name])))
    hub.misbehave = lambda asked, nth: fault if asked == name else FINE
    assert "is not what was published" in refused(tmp_path, ErrorKind.BAD_MODEL)
    assert (place_of(AMUSED, tmp_path).hidden / name).stat().st_size == 0
    hub.misbehave = lambda asked, nth: FINE
    fetch(tmp_path)
    assert is_whole(tmp_path, hub)


def test_a_list_with_wrong_hashes_brings_nothing(hub: Hub, tmp_path: Path) -> None:
    offer = offered()
    hub.files[LARGEST] = hub.files[LARGEST][::-1]
    assert "its hash is another" in refused(tmp_path, ErrorKind.BAD_MODEL, offer)


@pytest.mark.parametrize(
    ("status", "words", "tries"),
    [
        (401, "without an account", 1),
        (403, "without an account", 1),
        (404, "does not have", 1),
        (410, "refused to give", 1),
        (429, "busy or broken", limits.DOWNLOAD_TRIES_LIMIT),
        (500, "busy or broken", limits.DOWNLOAD_TRIES_LIMIT),
        (503, "busy or broken", limits.DOWNLOAD_TRIES_LIMIT),
    ],
)
def test_a_refusal_is_told_in_words(hub: Hub, tmp_path: Path, status: int, words: str, tries: int) -> None:
    hub.misbehave = lambda name, nth: Fault(status=status) if name == LARGEST else FINE
    assert words in refused(tmp_path, ErrorKind.NETWORK)
    assert len(hub.starts(LARGEST)) == tries
    hub.listing_status = status
    with pytest.raises(MuseStudioError, match=words) as fault:
        offered()
    assert fault.value.kind is ErrorKind.NETWORK


def test_a_server_that_is_broken_for_a_moment_is_asked_again(hub: Hub, tmp_path: Path) -> None:
    hub.misbehave = lambda name, nth: Fault(status=503) if nth < limits.DOWNLOAD_TRIES_LIMIT - 1 else FINE
    fetch(tmp_path)
    assert is_whole(tmp_path, hub)


def test_a_connection_that_falls_silent_is_made_again(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "_TIMES", httpx2.Timeout(0.2))
    hub.misbehave = lambda name, nth: Fault(pause_s=20.0) if (name, nth) == (LARGEST, 0) else FINE
    fetch(tmp_path)
    assert is_whole(tmp_path, hub)
    assert hub.starts(LARGEST) == [0, 1024]


def test_while_waiting_the_caller_is_asked_whether_to_go_on(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "DOWNLOAD_WAIT_S", 60.0)
    hub.misbehave = lambda name, nth: Fault(status=503)
    offer = offered()
    transfers = download(offer, tmp_path, offer.licence)
    assert next(transfers).waiting
    transfers.close()
    assert not place_of(AMUSED, tmp_path).is_there


def test_files_may_lie_at_another_address(hub: Hub, tmp_path: Path) -> None:
    """As the Hub keeps them; the first byte that is wanted is asked for there too."""
    other = hub.address.replace("127.0.0.1", "localhost")

    def misbehave(name: str, nth: int) -> Fault:
        if hub.asked[-1][0].startswith("/store/"):
            return Fault(cut_at=1200) if (name, nth) == (LARGEST, 0) else FINE
        return Fault(to=f"{other}/store/{name}")

    hub.misbehave = misbehave
    fetch(tmp_path)
    assert is_whole(tmp_path, hub)
    assert [start for path, start in hub.fetched() if path == f"/store/{LARGEST}"] == [0, 1200]


def test_a_chain_without_an_end_is_left(hub: Hub, tmp_path: Path) -> None:
    hub.misbehave = lambda name, nth: Fault(to=f"{hub.address}/store/{name}")
    assert "connection" in refused(tmp_path, ErrorKind.NETWORK)


def test_a_secure_address_may_not_send_on_to_one_that_is_not(hub: Hub) -> None:
    offer = offered()
    secure = type(offer)(offer.entry, "https://huggingface.co", offer.commit, offer.licence, offer.files)
    answer = httpx2.Response(200, request=httpx2.Request("GET", f"{hub.address}/store/{LARGEST}"))
    with pytest.raises(MuseStudioError, match="not secure"):
        door._start(answer, secure, offer.files[0], 0)


@pytest.mark.usefixtures("quick")
def test_a_full_disk_keeps_what_has_come(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Full at many bytes: absent, told in words; with room again it goes on from the last byte on the disk."""
    offer, write = offered(), partial.write_all
    for room in range(1, 4800, 240):
        left = [room]

        def full(descriptor: int, data: bytes, left: list[int] = left) -> None:
            write(descriptor, data[: left[0]])
            left[0] -= len(data)
            if left[0] < 0:
                left[0] = 0
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(partial, "write_all", full)
        parent = tmp_path / str(room)
        assert "the disk is full" in refused(parent, ErrorKind.DISK, offer)
        assert place_of(AMUSED, parent).kept_bytes == room
        monkeypatch.setattr(partial, "write_all", write)
        hub.asked.clear()
        fetch(parent, offer)
        assert is_whole(parent, hub)
        assert len(hub.fetched()) <= len(WANTED)


def test_a_disk_that_refuses_the_last_move_leaves_it_for_the_next_call(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, target: Path) -> Path:
        raise OSError(errno.EACCES, os.strerror(errno.EACCES))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", refuse)
        assert "not allowed" in refused(tmp_path, ErrorKind.DISK)
    hub.asked.clear()
    fetch(tmp_path)
    assert is_whole(tmp_path, hub)
    assert not hub.fetched()


@pytest.mark.parametrize("address", ["ftp://example.org", "huggingface.co", "https://", "https://a?b", "http://[1"])
def test_an_address_that_is_none_is_named(hub: Hub, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("HF_ENDPOINT", address)
    with pytest.raises(MuseStudioError, match="no address") as fault:
        offered()
    assert fault.value.kind is ErrorKind.BAD_REQUEST


def test_nobody_at_the_address_is_told(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(MuseStudioError, match=r"The connection to 127\.0\.0\.1:9 failed"):
        offered()


def test_a_machine_that_is_set_offline_asks_nobody(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    offer = offered()
    hub.asked.clear()
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert "HF_HUB_OFFLINE is set" in refused(tmp_path, ErrorKind.NETWORK, offer)
    with pytest.raises(MuseStudioError, match="HF_HUB_OFFLINE is set"):
        offered()
    assert not hub.asked
