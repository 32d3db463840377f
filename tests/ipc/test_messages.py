"""Every message comes back as it was sent, and nothing malformed gets through or escapes as another exception."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, get_args

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.limits import LORAS_LIMIT
from muse_studio.core.request import Mode
from muse_studio.ipc import limits, messages
from muse_studio.ipc.framing import Frame
from muse_studio.ipc.messages import (
    LAYOUTS,
    FromWorker,
    Letter,
    Message,
    Plan,
    ToWorker,
    pack,
    shapes_of,
    unpack_from_worker,
    unpack_to_worker,
)

TO_WORKER: tuple[type[Message], ...] = get_args(ToWorker)
FROM_WORKER: tuple[type[Message], ...] = get_args(FromWorker)
ALL = TO_WORKER + FROM_WORKER

text = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)
numbers = st.integers(0, 2**53)
positions = st.integers(1, 40).flatmap(lambda total: st.tuples(st.integers(0, total - 1), st.just(total)))
seconds = st.floats(0, 1e6)
finite = st.one_of(st.none(), st.floats(0, 30))
plans = st.builds(Plan, steps=st.one_of(st.none(), st.integers(1, 256)), guidance=finite, temperature=finite)
devices = st.builds(messages.DeviceInfo, text, text, st.one_of(st.none(), numbers), st.one_of(st.none(), numbers))
grids = st.integers(1, 256)
sizes = st.lists(st.sampled_from([256, 512, 1024]), min_size=1, unique=True).map(tuple)
optional_plans = st.one_of(st.none(), plans)
ways = st.sampled_from(["taken", "fixed", "none"])
hashes = st.integers(0, 2**256 - 1).map(lambda number: f"{number:064x}")
loras = st.lists(st.builds(messages.LoraPart, text, hashes, st.floats(-10, 10), text), max_size=LORAS_LIMIT).map(tuple)
one_stage = st.builds(messages.ModelInfo, text, text, plans, st.none(), sizes, grids, st.none(), optional_plans, ways)
two_stages = st.builds(messages.ModelInfo, text, text, plans, plans, sizes, grids, grids, optional_plans, ways)
models = st.one_of(one_stage, two_stages)


def grid(dtype: str, *shape: int) -> np.ndarray[Any, Any]:
    return (np.arange(math.prod(shape)) % 200).astype(dtype).reshape(shape)


@st.composite
def runs(draw: st.DrawFn) -> Letter:
    side = draw(st.integers(0, 9))
    pixels = (grid("<u1", side, side, 3), grid("<u1", side, side)) if side else (None, None)
    one_stage = (grid("<i4", 2, 2), grid("<u1", 2, 2))
    tokens = draw(st.sampled_from([(None,) * 4, (*one_stage, None, None), one_stage * 2]))
    reached = draw(st.sampled_from([None, one_stage[0]]))
    arrays = (*pixels, *tokens, reached)
    modes, sizes = st.sampled_from(list(Mode)), st.sampled_from([256, 512, 1024])
    fields = (draw(numbers), draw(modes), draw(text), draw(text), draw(st.integers(0, 2**32 - 1)), draw(sizes))
    rest = (draw(plans), draw(plans), draw(st.floats(0, 1)), draw(st.integers(1, 16)), draw(st.floats(0, 1)))
    return Letter(messages.Run(*fields, *rest, draw(numbers), draw(loras), shapes_of(*arrays)), arrays)


@st.composite
def steps(draw: st.DrawFn) -> Letter:
    (index, total), (job_index, job_total) = draw(positions), draw(positions)
    side, preview = draw(st.integers(1, 9)), draw(st.integers(0, 9))
    cells = (grid("<i4", side, side), grid("<f4", side, side), grid("<u1", side, side))
    arrays = (*cells, grid("<u1", preview, preview, 3))
    stage, left = draw(st.sampled_from(["base", "superres"])), draw(st.one_of(st.none(), seconds))
    fields = (draw(numbers), index, total, stage, job_index, job_total, left, draw(st.integers(0, 15)))
    return Letter(messages.Step(*fields, shapes_of(*arrays)), arrays)


@st.composite
def results(draw: st.DrawFn, kind: type[Message]) -> Letter:
    side = draw(st.integers(1, 9))
    grids = draw(st.sampled_from([(None, None), (grid("<i4", 2, 2), None), (grid("<i4", 2, 2), grid("<i4", 4, 4))]))
    arrays = (grid("<u1", side, side, 3), *grids, draw(st.sampled_from([None, grid("<u1", side, side)])))
    notes = tuple(draw(st.lists(st.text(max_size=9), max_size=4)))
    facts = (draw(seconds), notes, shapes_of(*arrays))
    if kind is messages.Made:
        return Letter(messages.Made(draw(numbers), draw(st.integers(0, 15)), *facts), arrays)
    return Letter(messages.Finished(draw(numbers), *facts), arrays)


def alone(strategy: st.SearchStrategy[Message]) -> st.SearchStrategy[Letter]:
    return strategy.map(Letter)


offers = st.lists(
    st.builds(messages.SmallerPlan, st.sampled_from(("count", "size", "device")), text), max_size=limits.OFFERS_LIMIT
).map(tuple)

LETTERS: dict[type[Message], st.SearchStrategy[Letter]] = {
    messages.Load: alone(st.builds(messages.Load, text, text)),
    messages.Run: runs(),
    messages.Look: alone(st.builds(messages.Look, numbers, text)),
    messages.Cancel: alone(st.builds(messages.Cancel, numbers)),
    messages.Ping: alone(st.builds(messages.Ping, numbers)),
    messages.Shutdown: alone(st.just(messages.Shutdown())),
    messages.Hello: alone(st.builds(messages.Hello, text, numbers)),
    messages.Loading: alone(st.builds(messages.Loading, st.floats(0, 1), text)),
    messages.Ready: alone(st.builds(messages.Ready, models, devices)),
    messages.Step: steps(),
    messages.Made: results(messages.Made),
    messages.Finished: results(messages.Finished),
    messages.Cancelled: alone(st.builds(messages.Cancelled, numbers)),
    messages.Failed: alone(st.builds(messages.Failed, st.one_of(st.none(), numbers), text, text, text, offers)),
    messages.Pong: alone(st.builds(messages.Pong, numbers)),
    messages.Looked: alone(st.builds(messages.Looked, numbers, text, hashes, text, text)),
    messages.Note: alone(st.builds(messages.Note, text)),
}


@contextmanager
def only_protocol_errors() -> Iterator[None]:
    kind = ErrorKind.PROTOCOL
    try:
        yield
    except MuseStudioError as fault:
        kind = fault.kind
    assert kind is ErrorKind.PROTOCOL


def unpack(kind: type[Message], frame: Frame) -> Letter:
    return (unpack_to_worker if kind in TO_WORKER else unpack_from_worker)(frame)


def test_every_message_has_a_test() -> None:
    assert set(LETTERS) == set(ALL)


@pytest.mark.parametrize("kind", ALL)
@given(data=st.data())
def test_a_message_round_trips(kind: type[Message], data: st.DataObject) -> None:
    letter = data.draw(LETTERS[kind])
    back = unpack(kind, pack(letter))
    assert back.message == letter.message
    assert len(back.arrays) == len(letter.arrays)
    for got, sent in zip(back.arrays, letter.arrays, strict=True):
        np.testing.assert_array_equal(got, sent)


@pytest.mark.parametrize("kind", ALL)
@given(data=st.data())
def test_a_damaged_message_is_read_or_refused_and_nothing_else(kind: type[Message], data: st.DataObject) -> None:
    frame = pack(data.draw(LETTERS[kind]))
    header, payload = bytearray(frame.header), bytearray(frame.payload)
    for place in data.draw(st.lists(st.integers(0, len(header) * 8 - 1), min_size=1, max_size=5)):
        header[place // 8] ^= 1 << place % 8
    del payload[data.draw(st.integers(0, len(payload))) :]
    with only_protocol_errors():
        unpack(kind, Frame(bytes(header), bytes(payload)))


@pytest.mark.parametrize("kind", ALL)
@given(data=st.data())
def test_truncating_a_header_anywhere_is_refused(kind: type[Message], data: st.DataObject) -> None:
    frame = pack(data.draw(LETTERS[kind]))
    length = data.draw(st.integers(1, len(frame.header) - 1))
    with pytest.raises(MuseStudioError):
        unpack(kind, Frame(frame.header[:length], frame.payload))


@given(st.binary(min_size=1, max_size=200), st.binary(max_size=50))
def test_random_headers_are_refused_as_protocol_errors_only(header: bytes, payload: bytes) -> None:
    for reader in (unpack_to_worker, unpack_from_worker):
        with only_protocol_errors():
            reader(Frame(header, payload))


@pytest.mark.parametrize("kind", ALL)
@given(data=st.data())
def test_no_side_takes_the_other_sides_messages(kind: type[Message], data: st.DataObject) -> None:
    frame = pack(data.draw(LETTERS[kind]))
    with pytest.raises(MuseStudioError):
        (unpack_from_worker if kind in TO_WORKER else unpack_to_worker)(frame)


@pytest.mark.parametrize("kind", LAYOUTS)
@given(data=st.data())
def test_a_payload_that_disagrees_with_its_shapes_is_refused(kind: type[Message], data: st.DataObject) -> None:
    frame = pack(data.draw(LETTERS[kind]))
    wrong = data.draw(st.sampled_from([frame.payload + b"x", frame.payload[:-1] if frame.payload else b"x"]))
    with pytest.raises(MuseStudioError):
        unpack(kind, Frame(frame.header, wrong))


def as_fields(letter: Letter) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(letter.message)
    return fields


def refused(fields: dict[str, Any], payload: bytes = b"") -> str:
    header = msgspec.msgpack.encode(fields)
    for reader in (unpack_to_worker, unpack_from_worker):
        with pytest.raises(MuseStudioError) as caught:
            reader(Frame(header, payload))
        assert caught.value.kind is ErrorKind.PROTOCOL
    return caught.value.detail


@pytest.mark.parametrize(
    "wrong",
    [{"sizes": ()}, {"sizes": (300,)}, {"sizes": (512, 512)}, {"superres_grid": 64}, {"base_grid": 0}],
)
def test_a_model_that_contradicts_itself_is_refused(wrong: dict[str, Any]) -> None:
    plan = {"steps": 1, "guidance": None, "temperature": None}
    model = {"name": "m", "licence": "l", "base": plan, "superres": None, "sizes": (512, 256), "base_grid": 32}
    device = {"name": "d", "kind": "cpu", "total_bytes": None, "free_bytes": None}
    sound = {"type": "ready", "model": {**model, "superres_grid": None}, "device": device}
    unpack_from_worker(Frame(msgspec.msgpack.encode(sound), b""))
    refused({**sound, "model": {**model, "superres_grid": None, **wrong}})


def test_unknown_types_and_fields_are_refused_by_name() -> None:
    assert "explode" in refused({"type": "explode"})
    assert "extra" in refused({"type": "pong", "nonce": 1, "extra": 2})
    assert "nonce" in refused({"type": "pong"})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1.0, 1.5])
def test_a_share_outside_zero_to_one_is_refused(value: float) -> None:
    refused({"type": "loading", "share": value, "what": ""})


@pytest.mark.parametrize(
    "shapes", [[[2, 2]] * 3, [[2, 2]] * 3 + [[3, 3]], [[2], [2, 2], [2, 2], [1, 1, 3]], [], [[-1, 2]] * 4]
)
def test_shapes_of_another_form_are_refused(shapes: list[list[int]]) -> None:
    step = messages.Step(1, 0, 1, "base", 0, 1, None, 0, ((2, 2), (2, 2), (2, 2), (1, 1, 3)))
    refused(as_fields(Letter(step)) | {"shapes": shapes}, bytes(39))


def test_shapes_whose_product_overflows_are_refused_without_allocating() -> None:
    step = messages.Step(1, 0, 1, "base", 0, 1, None, 0, (*[(16384, 16384)] * 3, (16384, 16384, 3)))
    refused(as_fields(Letter(step)), bytes(8))


@pytest.mark.parametrize(
    "wrong",
    [{"index": 1}, {"job_index": 5}, {"total": 0}, {"stage": "third"}, {"seconds_left": -1.0}, {"variation": 16}],
)
def test_a_step_out_of_its_bounds_is_refused(wrong: dict[str, Any]) -> None:
    step = messages.Step(1, 0, 1, "base", 0, 5, None, 0, ((1, 1), (1, 1), (1, 1), (1, 1, 3)))
    refused(as_fields(Letter(step)) | wrong, bytes(12))


def test_arrays_other_than_told_are_not_sent() -> None:
    step = messages.Step(1, 0, 1, "base", 0, 5, None, 0, ((1, 1), (1, 1), (1, 1), (1, 1, 3)))
    for arrays in ((), (grid("<i8", 1, 1), grid("<f4", 1, 1), grid("<u1", 1, 1), grid("<u1", 1, 1, 3))):
        with pytest.raises(MuseStudioError):
            pack(Letter(step, arrays))


def test_a_lone_surrogate_is_not_sent() -> None:
    with pytest.raises(MuseStudioError):
        pack(Letter(messages.Note("\ud800")))
