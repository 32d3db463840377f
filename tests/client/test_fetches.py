"""A download is observable, is a person's at every step, and outlives the window: on the disk, paused."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muse_studio.client.fake_fetch import FakeFetch
from muse_studio.client.fetches import Fetch, Fetches, FetchState
from muse_studio.core.catalogue import find_published
from muse_studio.core.fetched import Begun, place_of, write_begun
from tests.weights.hub.conftest import hub  # noqa: F401 - a fixture
from tests.weights.hub.loopback_hub import Fault, Hub

AMUSED = find_published("amused-256")
NAME = AMUSED.name
LARGEST = "transformer/diffusion_pytorch_model.safetensors"


def scripted(parent: Path) -> tuple[Fetches, FakeFetch, list[FetchState]]:
    fake, states = FakeFetch(), list[FetchState]()
    fetches = Fetches((AMUSED,), parent, fake.start)
    fetches.on_change.append(lambda fetch: states.append(fetch.state))
    return fetches, fake, states


def test_the_network_is_asked_only_when_a_person_asks_and_fetched_from_only_after_consent(tmp_path: Path) -> None:
    fetches, fake, states = scripted(tmp_path)
    assert fetches.of(NAME).state is FetchState.OFFERED
    fetches.accept(NAME)
    fetches.go_on(NAME)
    assert fake.started == []
    fetches.ask(NAME)
    assert "--terms" in fake.started[-1]
    fake.offer(tmp_path / NAME, licence="mit")
    assert fetches.of(NAME).state is FetchState.TERMS
    assert len(fake.started) == 1
    fetches.accept(NAME)
    assert fake.started[-1][-2:] == ("--accept", "mit")
    fake.move(10, 100, seconds_left=9.0)
    fetch = fetches.of(NAME)
    assert (fetch.done_bytes, fetch.total_bytes, fetch.bytes_per_s) == (10, 100, 10.0)
    assert states == [FetchState.ASKING, FetchState.TERMS, FetchState.FETCHING, FetchState.FETCHING]


def test_saying_no_fetches_nothing(tmp_path: Path) -> None:
    fetches, fake, _ = scripted(tmp_path)
    fetches.ask(NAME)
    fetches.decline(NAME)
    assert fetches.of(NAME).state is FetchState.OFFERED
    fake.offer(tmp_path)  # comes too late
    assert fetches.of(NAME).state is FetchState.OFFERED
    fetches.ask(NAME)
    fake.offer(tmp_path)
    fetches.decline(NAME)
    assert fetches.of(NAME) == Fetch(AMUSED)
    assert len(fake.started) == 2


def test_a_paused_download_goes_on_under_the_accepted_licence_without_asking_again(tmp_path: Path) -> None:
    fetches, fake, _ = scripted(tmp_path)
    fetches.ask(NAME)
    fake.offer(tmp_path)
    fetches.accept(NAME)
    fake.move(30, 100)
    fetches.pause(NAME)
    assert fetches.of(NAME).state is FetchState.PAUSED
    assert fetches.of(NAME).done_bytes == 30
    fetches.go_on(NAME)
    assert fake.started[-1][-2:] == ("--accept", "openrail++")
    assert fetches.of(NAME).state is FetchState.FETCHING


def test_what_a_closed_window_has_left_is_paused_in_the_next_one(tmp_path: Path) -> None:
    place = place_of(AMUSED, tmp_path)
    write_begun(place, Begun("openrail++", 4000))
    (place.hidden / "part").write_bytes(bytes(1000))
    fetches, fake, _ = scripted(tmp_path)
    fetches.saw(fetches.look())
    fetch = fetches.of(NAME)
    assert (fetch.state, fetch.done_bytes, fetch.total_bytes) == (FetchState.PAUSED, 1000, 4000)
    fetches.go_on(NAME)
    assert fake.started[-1][-2:] == ("--accept", "openrail++")


def test_giving_up_keeps_or_deletes_what_has_come(tmp_path: Path) -> None:
    fetches, fake, _ = scripted(tmp_path)
    place = place_of(AMUSED, tmp_path)
    fetches.ask(NAME)
    fake.offer(tmp_path)
    fetches.accept(NAME)
    write_begun(place, Begun("openrail++", 4000))
    (place.hidden / "transformer").mkdir()
    (place.hidden / "transformer" / "part").write_bytes(bytes(1000))
    fake.move(1000, 4000)
    fetches.pause(NAME)
    assert (place.hidden / "transformer" / "part").is_file()
    fetches.delete(NAME)
    assert not place.hidden.exists()
    assert fetches.of(NAME) == Fetch(AMUSED)
    fetches.go_on(NAME)
    assert len(fake.started) == 2


def test_a_failed_one_says_why_and_is_tried_again(tmp_path: Path) -> None:
    fetches, fake, _ = scripted(tmp_path)
    fetches.ask(NAME)
    fake.offer(tmp_path)
    fetches.accept(NAME)
    fake.move(30, 100)
    fake.fail("The disk is full.", "disk")
    assert (fetches.of(NAME).state, fetches.of(NAME).problem) == (FetchState.FAILED, "The disk is full.")
    fetches.go_on(NAME)
    assert fetches.of(NAME).state is FetchState.FETCHING
    fake.fail("The licence is mit now.", "bad_request")
    fetches.go_on(NAME)
    assert fetches.of(NAME).state is FetchState.ASKING, "another licence is read before it is accepted"


def test_a_process_that_dies_without_a_word_is_a_failure(tmp_path: Path) -> None:
    fetches, fake, _ = scripted(tmp_path)
    fetches.ask(NAME)
    fake.end()
    assert fetches.of(NAME).state is FetchState.FAILED
    assert "unexpectedly" in fetches.of(NAME).problem


def test_a_process_that_ends_late_does_not_end_the_next_one(tmp_path: Path) -> None:
    """The one that told the terms may still be there when they are accepted."""
    first, second = FakeFetch(), FakeFetch()
    fetches = Fetches((AMUSED,), tmp_path, first.start)
    fetches.ask(NAME)
    first.started[-1] = ()  # so that it does not end with its terms
    first.offer(tmp_path)
    fetches.start = second.start
    fetches.accept(NAME)
    first.runs = True
    first.fail("too late")
    assert fetches.of(NAME).state is FetchState.FETCHING
    second.move(30, 100)
    assert fetches.of(NAME).done_bytes == 30


def test_a_program_that_cannot_be_started_is_a_failure(tmp_path: Path) -> None:
    def refuse(*_: object) -> FakeFetch:
        raise OSError(13, "Permission denied")

    fetches = Fetches((AMUSED,), tmp_path, refuse)
    fetches.ask(NAME)
    assert fetches.of(NAME).state is FetchState.FAILED
    assert "could not be started" in fetches.of(NAME).problem


ACTS = ("ask", "accept", "decline", "pause", "go_on", "delete")
SAYS: dict[str, Callable[[FakeFetch], None]] = {
    "offer": lambda fake: fake.offer(Path("/nowhere")),
    "move": lambda fake: fake.move(50, 100),
    "fail": lambda fake: fake.fail("no"),
    "finish": lambda fake: fake.finish(Path("/nowhere/amused-256")),
    "end": lambda fake: fake.end(),
    "nonsense": lambda fake: fake.say({"event": "terms", "endpoint": 3}),
}


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from((*ACTS, *SAYS)), max_size=30))
def test_no_sequence_fetches_without_consent_or_loses_sight_of_a_process(words: list[str]) -> None:
    fetches, fake, _ = scripted(Path("/nowhere"))
    consent = False
    for word in words:
        before = fetches.of(NAME).state
        if word == "accept" and before is FetchState.TERMS:
            consent = True
        if word in ACTS:
            getattr(fetches, word)(NAME)
        elif fake.started and fake.runs:
            SAYS[word](fake)
        if "--accept" in (fake.started or [()])[-1]:
            assert consent
        assert fetches.of(NAME).is_busy == fake.runs


# With the real process


@pytest.fixture
def home(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:  # noqa: F811
    monkeypatch.setenv("MUSE_STUDIO_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("MUSE_STUDIO_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    return tmp_path / "data" / "models"


async def until(true: Callable[[], object]) -> None:
    deadline = asyncio.get_running_loop().time() + 30
    while not true():
        assert asyncio.get_running_loop().time() < deadline, "it never came true"
        await asyncio.sleep(0.01)


@pytest.mark.skipif(os.name != "posix", reason="the loopback Hub's tests")
def test_a_real_download_is_asked_for_accepted_paused_and_gone_on_with(home: Path, hub: Hub) -> None:  # noqa: F811
    """The child process, against the Hub on this machine: nothing is fetched twice, and the end is verified."""

    async def play() -> None:
        fetches = Fetches((AMUSED,))
        came: list[Path] = []
        fetches.on_fetched.append(lambda fetch, folder: came.append(folder))
        try:
            fetches.ask(NAME)
            await until(lambda: fetches.of(NAME).state is FetchState.TERMS)
            terms = fetches.of(NAME).terms
            assert terms is not None
            assert (terms.licence, terms.endpoint) == ("openrail++", hub.address)
            assert not hub.fetched()
            hub.misbehave = lambda name, nth: Fault(pause_s=30.0 if name == LARGEST and nth == 0 else 0.0)
            fetches.accept(NAME)
            part = place_of(AMUSED, home).hidden / LARGEST
            await until(lambda: fetches.of(NAME).file == LARGEST and part.stat().st_size > 0)
            fetches.pause(NAME)
            await until(lambda: fetches.of(NAME).state is FetchState.PAUSED)
            hub.over.set()
            fetches.go_on(NAME)
            await until(lambda: fetches.of(NAME).state is not FetchState.FETCHING)
            assert fetches.of(NAME).state is FetchState.FETCHED, fetches.of(NAME).problem
            assert came == [home / NAME]
        finally:
            fetches.close()

    asyncio.run(play())
    starts = hub.starts(LARGEST)
    assert starts[0] == 0 < starts[1], "it went on from what had come"
    note = json.loads((home / NAME / "download.json").read_text())
    assert note["licence"] == "openrail++"
