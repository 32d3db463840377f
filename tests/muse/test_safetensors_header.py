"""Hostile safetensors headers: refused by our own check, quickly, before anything is allocated."""

from __future__ import annotations

import json
import pickle
import tracemalloc

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save

from muse_studio.muse.safetensors_header import (
    DTYPES,
    HEADER_LIMIT_BYTES,
    TENSOR_LIMIT,
    HeaderError,
    header_length,
    parse_header,
)

GOOD = save(
    {"a.weight": torch.zeros(2, 3), "a.bias": torch.zeros(3, dtype=torch.float16), "n": torch.tensor(7)},
    metadata={"format": "pt"},
)


def check(data: bytes) -> dict[str, object]:
    length = header_length(data[:8], len(data))
    return dict(parse_header(data[8 : 8 + length], len(data) - 8 - length))


def with_header(header: object, data_bytes: int = 0) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + bytes(data_bytes)


def entry(shape: list[object], begin: int, end: int, dtype: object = "F32") -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def test_a_good_header_gives_every_tensor_and_its_place() -> None:
    found = check(GOOD)
    assert {name: (info.dtype, info.shape, info.end - info.begin) for name, info in found.items()} == {  # type: ignore[attr-defined]
        "a.weight": (torch.float32, (2, 3), 24),
        "a.bias": (torch.float16, (3,), 6),
        "n": (torch.int64, (), 8),
    }


@pytest.mark.parametrize("dtype", DTYPES.values())
def test_every_type_on_the_list_is_read_as_the_library_writes_it(dtype: torch.dtype) -> None:
    assert check(save({"x": torch.zeros(3, 5).to(dtype)}))["x"].dtype == dtype  # type: ignore[attr-defined]


HOSTILE = {
    "duplicate names": with_header(b'{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},'
                                   b'"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', 1),
    "a duplicate field": with_header(b'{"a":{"dtype":"U8","shape":[1],"shape":[1],"data_offsets":[0,1]}}', 1),
    "a path": with_header({"../../x": entry([1], 0, 4)}, 4),
    "a path within": with_header({"a/b": entry([1], 0, 4)}, 4),
    "a drive": with_header({"C:\\x": entry([1], 0, 4)}, 4),
    "dots": with_header({"a..b": entry([1], 0, 4)}, 4),
    "a leading dot": with_header({".a": entry([1], 0, 4)}, 4),
    "a NUL": with_header({"a\0b": entry([1], 0, 4)}, 4),
    "a newline": with_header({"a\n": entry([1], 0, 4)}, 4),
    "an empty name": with_header({"": entry([1], 0, 4)}, 4),
    "a long name": with_header({"a" * 10_000: entry([1], 0, 4)}, 4),
    "a lone surrogate": with_header(b'{"\\ud800":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', 1),
    "nothing times a lot": with_header({"a": entry([0, 2**40], 0, 0)}),
    "an empty tensor": with_header({"a": entry([0], 0, 0)}),
    "a product past 64 bits": with_header({"a": entry([2**30, 2**30, 2**30], 0, 4)}, 4),
    "a negative side": with_header({"a": entry([-1], 0, 4)}, 4),
    "a side of True": with_header({"a": entry([True], 0, 4)}, 4),
    "a side of 1.0": with_header({"a": entry([1.0], 0, 4)}, 4),
    "a shape of text": with_header({"a": entry("1", 0, 4)}, 4),  # type: ignore[arg-type]
    "many dimensions": with_header({"a": entry([1] * 100, 0, 4)}, 4),
    "an unknown type": with_header({"a": entry([1], 0, 1, "F8_E4M3")}, 1),
    "a type of list": with_header({"a": entry([1], 0, 4, ["F32"])}, 4),
    "an extra field": with_header({"a": entry([1], 0, 4) | {"code": "x"}}, 4),
    "a missing field": with_header({"a": {"dtype": "F32", "shape": [1]}}, 4),
    "no table": with_header({"a": [1, 2]}, 4),
    "offsets backwards": with_header({"a": entry([1], 4, 0)}, 4),
    "offsets past the end": with_header({"a": entry([2], 0, 8)}, 4),
    "too little for the shape": with_header({"a": entry([2], 0, 4)}, 4),
    "an overlap": with_header({"a": entry([1], 0, 4), "b": entry([1], 0, 4)}, 4),
    "a gap": with_header({"a": entry([1], 0, 4), "b": entry([1], 8, 12)}, 12),
    "a hidden tail": with_header({"a": entry([1], 0, 4)}, 64),
    "a hidden head": with_header({"a": entry([1], 4, 8)}, 8),
    "metadata of numbers": with_header({"__metadata__": {"a": 1}}),
    "metadata of text": with_header({"__metadata__": "x"}),
    "a list": with_header([]),
    "not JSON": with_header(b"{nope"),
    "not text": with_header(b'{"\xff": 1}'),
    "a deep nest": with_header(b'{"a":' * 200_000),
    "a deep list": with_header(b'{"a":' + b"[" * 1_000_000),
    "a huge number": with_header(b'{"a":' + b"9" * 1_000_000 + b"}"),
    "nothing": b"",
    "seven bytes": b"\x01\0\0\0\0\0\0",
    "a length of all": b"\xff" * 8 + b"{}",
    "a length past the end": (100).to_bytes(8, "little") + b"{}",
    "a header of length 0": bytes(8),
    "a pickle": pickle.dumps({"a": [1, 2, 3]}),
    "an old pickle": pickle.dumps({"a": [1, 2, 3]}, protocol=2),
    "a zip": b"PK\x03\x04" + bytes(100),
}  # fmt: skip


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_header_is_refused(data: bytes) -> None:
    with pytest.raises(HeaderError):
        check(data)


@pytest.mark.parametrize("name", ["a pickle", "an old pickle", "a zip"])
def test_a_pickle_under_another_name_is_called_one(name: str) -> None:
    with pytest.raises(HeaderError, match="pickle"):
        check(HOSTILE[name])


def test_a_huge_header_is_refused_by_its_length_alone() -> None:
    with pytest.raises(HeaderError, match="header takes"):
        header_length((HEADER_LIMIT_BYTES + 1).to_bytes(8, "little"), 2**40)
    assert header_length(HEADER_LIMIT_BYTES.to_bytes(8, "little"), 2**40) == HEADER_LIMIT_BYTES


def test_the_largest_header_is_checked_within_16_mib() -> None:
    def entry_of(i: int) -> str:
        return f'"t{i}":{{"dtype":"U8","shape":[1],"data_offsets":[{i},{i + 1}]}}'

    header = "{" + ",".join(entry_of(i) for i in range(TENSOR_LIMIT)) + "}"
    padded = header.encode().ljust(HEADER_LIMIT_BYTES)
    assert len(padded) == HEADER_LIMIT_BYTES
    tracemalloc.start()
    assert len(parse_header(padded, TENSOR_LIMIT)) == TENSOR_LIMIT
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 * 2**20
    with pytest.raises(HeaderError, match="tensors"):
        parse_header((header[:-1] + "," + entry_of(TENSOR_LIMIT) + "}").encode(), TENSOR_LIMIT + 1)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_random_bytes_raise_header_errors_only(data: bytes) -> None:
    with pytest.raises(HeaderError):
        check(data)


@settings(max_examples=400, deadline=None)
@given(st.integers(0, len(GOOD) * 8 - 1))
def test_a_flipped_bit_passes_or_is_refused(bit: int) -> None:
    data = bytearray(GOOD)
    data[bit // 8] ^= 1 << bit % 8
    try:
        check(bytes(data))
    except HeaderError:
        pass


@pytest.mark.parametrize("length", range(len(GOOD)))
def test_a_file_cut_short_is_refused(length: int) -> None:
    with pytest.raises(HeaderError):
        check(GOOD[:length])
