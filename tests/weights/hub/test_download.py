"""A download is whole and verified, or not there at all; and it takes only what a person has agreed to."""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
from pathlib import Path

import pytest

from muse_studio import __version__
from muse_studio.core.cascade_folder import read_cascade, verify
from muse_studio.core.catalogue import find_published
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.fetched import NOTE_NAME, place_of, read_note
from muse_studio.weights import hub as door
from muse_studio.weights.download import Transfer, download
from muse_studio.weights.offer import Offer
from tests.weights.hub.loopback_hub import COMMIT, WANTED, Fault, Hub

AMUSED = find_published("amused-256")
LARGEST = "transformer/diffusion_pytorch_model.safetensors"


def offered() -> Offer:
    return door.ask(AMUSED)


def fetch(parent: Path, offer: Offer | None = None) -> list[Transfer]:
    offer = offer or offered()
    return list(download(offer, parent, offer.licence))


def files_below(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(parent: Path, kind: ErrorKind, offer: Offer | None = None) -> str:
    """The sentence of a download that must fail, after which nothing has the cascade's name."""
    with pytest.raises(MuseStudioError) as fault:
        fetch(parent, offer)
    assert fault.value.kind is kind, fault.value
    assert not place_of(AMUSED, parent).is_there
    return fault.value.message


def is_whole(parent: Path, hub: Hub) -> bool:
    """Whether the folder holds what the hub has, no byte else, and nothing is hidden beside it."""
    place = place_of(AMUSED, parent)
    here = files_below(place.folder)
    note = json.loads(here.pop(NOTE_NAME))
    wanted = {name: data for name, data in hub.files.items() if name in WANTED}
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in wanted.items()}
    right = here == wanted and all(any(path.iterdir()) for path in place.folder.rglob("*") if path.is_dir())
    return (
        right
        and {name: entry["sha256"] for name, entry in note["files"].items()} == hashes
        and not place.hidden.exists()
    )


def test_every_wanted_file_arrives_and_is_verified(hub: Hub, tmp_path: Path) -> None:
    transfers = fetch(tmp_path)
    assert is_whole(tmp_path, hub)
    total = sum(len(hub.files[name]) for name in WANTED)
    assert transfers[-1].done_bytes == transfers[-1].total_bytes == total
    done = [transfer.done_bytes for transfer in transfers]
    assert done == sorted(done)
    place = place_of(AMUSED, tmp_path)
    note = json.loads((place.folder / NOTE_NAME).read_text())
    assert (note["repo"], note["commit"], note["licence"]) == ("amused/amused-256", COMMIT, "openrail++")
    assert read_note(place.folder) is not None
    assert verify(place.folder, read_cascade(place.folder)) == ()


def test_nothing_is_asked_but_the_list_and_the_wanted_files(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No account token, no word about this machine, no file that can run code, none twice."""
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    fetch(tmp_path)
    paths = [path for path, _, _ in hub.asked]
    assert sorted(paths) == sorted(
        ["/api/models/amused/amused-256", *(f"/amused/amused-256/resolve/{COMMIT}/{name}" for name in WANTED)]
    )
    for _, _, headers in hub.asked:
        told = {name.lower(): value for name, value in headers.items()}
        assert "authorization" not in told
        assert told["user-agent"] == f"muse-studio/{__version__}"


def test_nothing_is_fetched_without_the_licence_being_accepted(hub: Hub, tmp_path: Path) -> None:
    for accepted in ("", "MIT"):
        with pytest.raises(MuseStudioError, match="which nobody has accepted"):
            next(download(offered(), tmp_path, accepted))
    assert not hub.fetched()
    assert not any(tmp_path.glob("*amused*"))


def test_a_changed_licence_is_a_part_of_the_offer(hub: Hub) -> None:
    hub.licence = "cc-by-nc-4.0"
    offer = offered()
    assert offer.licence == "cc-by-nc-4.0"
    assert offer.licence_is_new
    hub.licence = "OpenRAIL++"
    assert not offered().licence_is_new


def test_a_cancelled_download_goes_on_from_there(hub: Hub, tmp_path: Path) -> None:
    hub.misbehave = lambda name, nth: Fault(pause_s=0.05 if name == LARGEST else 0.0)
    place = place_of(AMUSED, tmp_path)
    for _ in range(40):  # every try is dropped after its first bytes from the network
        asked = len(hub.fetched())
        transfers = download(offered(), tmp_path, "openrail++")
        for _ in transfers:
            if len(hub.fetched()) > asked:
                break
        else:
            break
        transfers.close()
        assert not place.is_there
        assert place.hidden.is_dir()
    assert is_whole(tmp_path, hub)
    starts = hub.starts(LARGEST)
    assert starts == sorted(set(starts)), "a byte was fetched twice"
    assert len(starts) > 1


def test_a_beginning_of_other_content_is_noticed_and_fetched_anew(hub: Hub, tmp_path: Path) -> None:
    begun = place_of(AMUSED, tmp_path).hidden / LARGEST
    for left in (bytes(700), bytes(len(hub.files[LARGEST])), bytes(9000)):
        shutil.rmtree(tmp_path / AMUSED.name, ignore_errors=True)
        begun.parent.mkdir(parents=True, exist_ok=True)
        begun.write_bytes(left)
        (begun.parent / "of an older version.json").write_bytes(b"{}")
        (place_of(AMUSED, tmp_path).hidden / "older" / "still").mkdir(parents=True)
        fetch(tmp_path)
        assert is_whole(tmp_path, hub)


def test_the_folder_that_is_there_is_never_touched(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / AMUSED.name).mkdir()
    (tmp_path / AMUSED.name / "mine.txt").write_text("mine")
    with pytest.raises(MuseStudioError, match="There is a folder"):
        fetch(tmp_path)
    assert files_below(tmp_path / AMUSED.name) == {"mine.txt": b"mine"}
    assert not hub.fetched()


def test_room_on_the_disk_is_looked_at_first(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1000))
    assert "are free on that disk" in refused(tmp_path, ErrorKind.DISK)
    assert not hub.fetched()


def test_two_at_once_do_not_harm_each_other(hub: Hub, tmp_path: Path) -> None:
    """The second is refused while the first one runs, whoever it is, and the first one does not notice."""
    hub.misbehave = lambda name, nth: Fault(pause_s=0.005)
    offer, faults = offered(), []
    first = download(offer, tmp_path, offer.licence)
    next(first)

    def second() -> None:
        try:
            fetch(tmp_path, offer)
        except MuseStudioError as fault:
            faults.append(fault)

    others = [threading.Thread(target=second) for _ in range(4)]
    for other in others:
        other.start()
    for _ in first:
        pass
    for other in others:
        other.join()
    assert is_whole(tmp_path, hub)
    assert len(faults) == 4
    assert {fault.kind for fault in faults} == {ErrorKind.BAD_REQUEST}
    assert len(hub.fetched()) == len(WANTED)


def test_a_hub_cache_is_used_without_copying(hub: Hub, tmp_path: Path) -> None:
    blobs = tmp_path / "hub cache" / "models--amused--amused-256" / "blobs"
    blobs.mkdir(parents=True)
    offer = offered()
    for file in offer.files:
        (blobs / file.identity).write_bytes(hub.files[file.name])
    wrong = next(file for file in offer.files if file.name == LARGEST)
    (blobs / wrong.identity).write_bytes(bytes(wrong.size_bytes))
    fetch(tmp_path, offer)
    assert is_whole(tmp_path, hub)
    assert [path.endswith(LARGEST) for path, _ in hub.fetched()] == [True], "only the damaged one is fetched"
    assert (blobs / wrong.identity).read_bytes() == bytes(wrong.size_bytes), "and the cache is not touched"
    for file in offer.files:
        same = (tmp_path / AMUSED.name / file.name).samefile(blobs / file.identity)
        assert same == (file.name != LARGEST)
