"""Whatever bytes come, a frame reader gives whole frames or one PROTOCOL error."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.ipc.framing import MAGIC, PREFIX_BYTES, Frame, FrameReader, encode_frame, prefix_bytes
from muse_studio.ipc.limits import HEADER_LIMIT_BYTES, PAYLOAD_LIMIT_BYTES

frames = st.builds(Frame, st.binary(min_size=1, max_size=40), st.binary(max_size=200))


def read_all(pieces: list[bytes]) -> tuple[list[Frame], MuseStudioError | None]:
    """What a reader gives until its first fault; nothing but a PROTOCOL error may escape."""
    reader = FrameReader()
    got: list[Frame] = []
    try:
        for piece in pieces:
            for frame in reader.feed(piece):
                got.append(frame)  # noqa: PERF402 - what came before the fault counts
        reader.finish()
    except MuseStudioError as error:
        fault = error
    else:
        return got, None
    assert fault.kind is ErrorKind.PROTOCOL
    return got, fault


def split(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[a:b] for a, b in pairwise(places)]


@given(st.lists(frames, max_size=6), st.lists(st.integers(0, 10_000), max_size=12))
def test_frames_come_back_however_the_bytes_are_cut(sent: list[Frame], cuts: list[int]) -> None:
    data = b"".join(map(encode_frame, sent))
    assert read_all(split(data, cuts)) == (sent, None)


@given(st.lists(frames, min_size=1, max_size=4))
def test_frames_come_back_byte_by_byte(sent: list[Frame]) -> None:
    data = b"".join(map(encode_frame, sent))
    assert read_all([data[i : i + 1] for i in range(len(data))]) == (sent, None)


@given(st.lists(frames, min_size=1, max_size=3))
def test_truncation_at_every_byte_loses_no_whole_frame_and_is_noticed(sent: list[Frame]) -> None:
    data = b"".join(map(encode_frame, sent))
    ends = {sum(len(encode_frame(f)) for f in sent[:n]): n for n in range(len(sent) + 1)}
    for length in range(len(data) + 1):
        got, fault = read_all([data[:length]])
        whole = max(n for end, n in ends.items() if end <= length)
        assert got == sent[:whole]
        assert (fault is None) == (length in ends)


@given(st.lists(st.binary(max_size=300), max_size=5))
def test_random_bytes_give_protocol_errors_only(pieces: list[bytes]) -> None:
    read_all(pieces)


@given(st.lists(frames, min_size=1, max_size=4), st.data())
def test_bit_flips_give_frames_or_protocol_errors_only(sent: list[Frame], data: st.DataObject) -> None:
    flipped = bytearray(b"".join(map(encode_frame, sent)))
    for place in data.draw(st.lists(st.integers(0, len(flipped) * 8 - 1), min_size=1, max_size=8)):
        flipped[place // 8] ^= 1 << place % 8
    read_all([bytes(flipped)])


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"HTTP", "HTTP"),
        (b"MUSF", "MUSF"),
        (b"X", "X"),
        (MAGIC + b"\x02\x00" + bytes(8), "version 2"),
        (prefix_bytes(0, 0), "header of 0 bytes"),
        (prefix_bytes(HEADER_LIMIT_BYTES + 1, 0), "header of 98305 bytes"),
        (prefix_bytes(2**32 - 1, 0), "header of 4294967295 bytes"),
        (prefix_bytes(1, PAYLOAD_LIMIT_BYTES + 1), "payload of 67108865 bytes"),
        (prefix_bytes(1, 2**32 - 1), "payload of 4294967295 bytes"),
    ],
)
def test_wrong_prefixes_are_refused_by_name_before_anything_is_stored(data: bytes, named: str) -> None:
    got, fault = read_all([data])
    assert got == []
    assert fault is not None
    assert named in fault.detail


def test_a_broken_reader_stays_broken_and_keeps_nothing() -> None:
    reader = FrameReader()
    good = encode_frame(Frame(b"h"))
    with pytest.raises(MuseStudioError):
        list(reader.feed(b"junk"))
    with pytest.raises(MuseStudioError):
        list(reader.feed(good * 1000))
    with pytest.raises(MuseStudioError):
        reader.finish()


def test_frames_before_a_fault_are_given_before_it_is_raised() -> None:
    frame = Frame(b"last words", b"picture")
    got, fault = read_all([encode_frame(frame) + b"garbage"])
    assert got == [frame]
    assert fault is not None


def test_what_is_over_a_limit_is_not_sent() -> None:
    for frame in (Frame(b""), Frame(bytes(HEADER_LIMIT_BYTES + 1)), Frame(b"h", bytes(PAYLOAD_LIMIT_BYTES + 1))):
        with pytest.raises(MuseStudioError):
            encode_frame(frame)


def test_the_largest_frame_comes_back() -> None:
    frame = Frame(bytes(HEADER_LIMIT_BYTES), random.Random(1).randbytes(1024) * 1024)
    data = encode_frame(frame)
    assert read_all([data[i : i + 65536] for i in range(0, len(data), 65536)]) == ([frame], None)
    assert len(data) == PREFIX_BYTES + len(frame.header) + len(frame.payload)
