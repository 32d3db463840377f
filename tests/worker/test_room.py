"""Memory runs short before, in and after a job: what is chosen, what is offered, and that the worker goes on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.offers import Offer, OfferKind, smaller_plans
from muse_studio.core.request import EditRequest, Mode, StagePlan
from muse_studio.muse import device as devices
from muse_studio.muse.device import DeviceInfo, classify_out_of_memory
from muse_studio.muse.guidance import Way
from muse_studio.muse.memory import job_bytes
from muse_studio.worker.room import WAY_VARIABLE, fitting_way
from muse_studio.worker.session import MEMORY_WAS_SHORT, ResultEvent, Session

REQUEST = EditRequest(Mode.GENERATE, "a fox", seed=3, base=StagePlan(2, 2.0), superres=StagePlan(1, 1.0))
SHAPES: tuple[BaseException, ...] = (
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB"),
    RuntimeError("[enforce fail at alloc_cpu.cpp:124] DefaultCPUAllocator: can't allocate memory"),
    RuntimeError("RESOURCE_EXHAUSTED: Attempting to allocate 9.00G"),
    MemoryError(),
)
FAILURES = 20  # each place in each shape; a hundred take a minute and a half
ON_CPU = DeviceInfo("a CPU", "cpu", 2**40, 2**40)


@pytest.fixture(scope="module")
def session(tiny_model: Path) -> Session:
    session = Session()
    session.load(tiny_model, "cpu")
    return session


def run(session: Session, request: EditRequest = REQUEST) -> ResultEvent:
    last = list(session.run(request))[-1]
    assert isinstance(last, ResultEvent)
    return last


def needs(session: Session, way: Way, size: int = 512, count: int = 1) -> int:
    return job_bytes(session.cascade.config, size, count, way, session.cascade.dtype)


def way_with(session: Session, free: int | None, request: EditRequest = REQUEST) -> Way:
    info = replace(ON_CPU, free_bytes=free)
    return fitting_way(session.cascade, request, info, smaller_plans(request, on_cpu=True))


def test_the_way_follows_from_the_memory_that_is_free(session: Session) -> None:
    assert way_with(session, 2 * needs(session, "batch")) == "batch"
    assert way_with(session, needs(session, "sequential")) == "sequential"
    assert way_with(session, None) == "batch"


def test_what_cannot_fit_is_refused_before_the_first_step_with_what_would(session: Session) -> None:
    four = replace(REQUEST, count=4)
    with pytest.raises(MuseStudioError) as caught:
        way_with(session, needs(session, "sequential", 512, 2), four)
    assert caught.value.kind is ErrorKind.OUT_OF_MEMORY
    assert caught.value.offers == (Offer(OfferKind.COUNT, "2"), Offer(OfferKind.SIZE, "256"))
    assert "4 pictures of 512 × 512" in caught.value.message
    assert "a CPU" in caught.value.message
    with pytest.raises(MuseStudioError) as caught:
        way_with(session, needs(session, "sequential", 256), REQUEST)
    assert caught.value.offers == (Offer(OfferKind.SIZE, "256"),)
    with pytest.raises(MuseStudioError) as caught:
        way_with(session, 1000, REQUEST)
    assert caught.value.offers == ()
    assert "choose a smaller model" in caught.value.message
    assert "and 0 MiB are free" in caught.value.message


def test_every_offer_that_is_made_then_runs(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    free = needs(session, "sequential", 256)
    monkeypatch.setattr(devices, "describe_device", lambda device: replace(ON_CPU, free_bytes=free))
    with pytest.raises(MuseStudioError) as caught:
        run(session)
    (offer,) = caught.value.offers
    assert run(session, offer.applied(REQUEST)).picture.shape == (256, 256, 3)


def test_both_ways_give_the_same_picture(tiny_model: Path) -> None:
    pictures = []
    for way in ("batch", "sequential"):
        session = Session(way=way)
        session.load(tiny_model, "cpu")
        pictures.append(run(session).picture)
        assert session.cascade.guidance.way == way
    np.testing.assert_array_equal(*pictures)


def test_a_person_s_way_is_taken_whatever_is_free(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(WAY_VARIABLE, "sequential")
    session = Session()
    session.load(tiny_model, "cpu")
    monkeypatch.setattr(devices, "describe_device", lambda device: replace(ON_CPU, free_bytes=1))
    run(session)
    assert session.cascade.guidance.way == "sequential"


class Failing:
    """One call of `owner.method` fails with `fault`, the one numbered `after`."""

    def __init__(self, owner: Any, method: str, fault: BaseException, after: int = 0) -> None:
        self._patch = pytest.MonkeyPatch()
        original, calls = getattr(owner, method), iter(range(10_000))

        def broken(*arguments: Any, **options: Any) -> Any:
            if next(calls) == after:
                raise fault.with_traceback(None)
            return original(*arguments, **options)

        self._patch.setattr(owner, method, broken)

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None:
        self._patch.undo()


@pytest.mark.parametrize("fault", SHAPES, ids=["gpu", "cpu", "tpu", "python"])
@pytest.mark.parametrize("stage", ["base", "superres"])
def test_a_batch_that_runs_out_goes_on_in_halves_to_the_same_picture(
    tiny_model: Path, stage: str, fault: BaseException
) -> None:
    session = Session()
    session.load(tiny_model, "cpu")
    expected = run(session)
    with Failing(getattr(session.cascade, stage), "forward", fault):
        result = run(session)
    np.testing.assert_array_equal(result.picture, expected.picture)
    assert MEMORY_WAS_SHORT in result.notes
    assert MEMORY_WAS_SHORT not in expected.notes
    run(session)
    assert session.cascade.guidance.way == "sequential", "the next job does not run into the same wall"


def test_out_of_memory_in_every_place_and_shape_is_survived(tiny_model: Path, session: Session) -> None:
    """At load, in each stage, in a preview and in the final decode; afterwards a job gives the same picture."""
    cascade = session.cascade
    places: list[tuple[Any, str]] = [
        (cascade.base, "prepare"), (cascade.superres, "prepare"), (cascade, "preview"), (cascade, "picture"),
    ]  # fmt: skip
    expected = run(session)
    for number in range(FAILURES):
        fault, place = SHAPES[number % 4], number // 4 % 5
        if place == 4:
            assert_load_fails(tiny_model, fault)
            continue
        with Failing(*places[place], fault), pytest.raises(MuseStudioError) as caught:
            run(session)
        assert caught.value.kind is ErrorKind.OUT_OF_MEMORY
        assert "512 × 512" in caught.value.message
        assert caught.value.offers == (Offer(OfferKind.SIZE, "256"),)
    np.testing.assert_array_equal(run(session).picture, expected.picture)


def assert_load_fails(tiny_model: Path, fault: BaseException) -> None:
    from muse_studio.weights import opening as module

    def broken(*_: object, **__: object) -> Iterator[None]:
        raise fault.with_traceback(None)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module.Cascade, "load", broken)
        with pytest.raises(MuseStudioError, match="tiny") as caught:
            Session().load(tiny_model, "cpu")
    assert caught.value.kind is ErrorKind.OUT_OF_MEMORY


def test_a_gpu_that_is_too_small_or_missing_is_answered_with_the_cpu(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(MuseStudioError) as caught:
        Session().load(tiny_model, "cuda")
    assert caught.value.offers == (Offer(OfferKind.DEVICE, "cpu"),)
    monkeypatch.setattr(devices, "pick_device", lambda name: (_ for _ in ()).throw(MemoryError))
    with pytest.raises(MuseStudioError) as caught:
        Session().load(tiny_model, "cuda")
    assert caught.value.kind is ErrorKind.OUT_OF_MEMORY
    assert caught.value.offers == (Offer(OfferKind.DEVICE, "cpu"),)


def test_the_fourth_shape_is_the_worker_s_end_and_offers_the_same() -> None:
    from muse_studio.client.jobs import lost_error

    assert classify_out_of_memory(-9)
    assert lost_error(killed=True, request=REQUEST).offers == (Offer(OfferKind.SIZE, "256"),)
    assert lost_error(killed=False, request=REQUEST).offers == ()
