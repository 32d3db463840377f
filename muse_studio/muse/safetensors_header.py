"""Checks a safetensors header before anything is allocated for it.

The safetensors library accepts duplicate keys, names like `../../x`, shapes like [0, 2^40] and headers of 53 MB
(8 s and 1 GB to parse). Knows nothing about models, folders or hashes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import torch

HEADER_LIMIT_BYTES = 512 * 2**10  # the largest model here has 1,500 tensors, 200 KB; this much parses in 0.1 s
TENSOR_LIMIT = 4096
NAME_LIMIT_CHARACTERS = 256
DIMENSION_LIMIT = 8
SIDE_LIMIT = 2**31
PREFIX_BYTES = 8

DTYPES: Mapping[str, torch.dtype] = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_\-]*(\.[A-Za-z0-9_][A-Za-z0-9_\-]*)*\Z")


class HeaderError(ValueError):
    """A header that is not one we read; the message says why."""


@dataclass(frozen=True, slots=True)
class TensorInfo:
    """One tensor's place: `begin` and `end` are bytes from the start of the data, after the header."""

    dtype: torch.dtype
    shape: tuple[int, ...]
    begin: int
    end: int


def header_length(prefix: bytes, file_bytes: int) -> int:
    """Bytes of the JSON header, from a file's first eight. Raises HeaderError."""
    if prefix[:4] == b"PK\x03\x04" or (prefix[:1] == b"\x80" and prefix[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05")):
        raise HeaderError("it is a pickle under another name, which could run code: it was not opened")
    if len(prefix) < PREFIX_BYTES:
        raise HeaderError("it is too short for a safetensors file")
    length = int.from_bytes(prefix, "little")
    if length > file_bytes - PREFIX_BYTES:
        raise HeaderError("it is cut short, or no safetensors file")
    if length > HEADER_LIMIT_BYTES:
        raise HeaderError(f"its header takes {length} bytes; {HEADER_LIMIT_BYTES} are the most that is read")
    return length


def parse_header(header: bytes, data_bytes: int) -> dict[str, TensorInfo]:
    """Every tensor of a file whose data after the header takes `data_bytes`. Raises HeaderError."""
    if not header.startswith(b"{"):
        raise HeaderError("its header is not a JSON object")
    try:
        content = json.loads(header.decode("utf-8"), object_pairs_hook=_unique_keys)
    except HeaderError:
        raise
    except (ValueError, RecursionError) as error:
        raise HeaderError(f"its header is not JSON: {str(error)[:200]}") from error
    metadata = content.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise HeaderError("its metadata is not a table of texts")
    if len(content) > TENSOR_LIMIT:
        raise HeaderError(f"it holds {len(content)} tensors; {TENSOR_LIMIT} are the most that is read")
    tensors = {name: _parse_tensor(name, entry) for name, entry in content.items()}
    _check_contiguous(tensors, data_bytes)
    return tensors


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise HeaderError("a name occurs twice in its header")
    return table


def _parse_tensor(name: str, entry: Any) -> TensorInfo:
    shown = ascii(name[:80])
    if len(name) > NAME_LIMIT_CHARACTERS or not _NAME.match(name):
        raise HeaderError(f"tensor name {shown} is not letters, digits, '_' and '-' joined by single dots")
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise HeaderError(f"tensor {shown} does not have exactly dtype, shape and data_offsets")
    dtype = DTYPES.get(entry["dtype"]) if isinstance(entry["dtype"], str) else None
    if dtype is None:
        raise HeaderError(f"tensor {shown} has type {ascii(entry['dtype'])[:40]}, which is not read")
    shape, offsets = entry["shape"], entry["data_offsets"]
    if not _are_counts(shape) or len(shape) > DIMENSION_LIMIT or not all(0 < side < SIDE_LIMIT for side in shape):
        raise HeaderError(f"tensor {shown} has an impossible shape {ascii(shape)[:80]}")
    if not _are_counts(offsets) or len(offsets) != 2:
        raise HeaderError(f"tensor {shown} has impossible offsets {ascii(offsets)[:80]}")
    if offsets[1] - offsets[0] != prod(shape) * dtype.itemsize:
        raise HeaderError(
            f"tensor {shown} of shape {shape} does not take the {offsets[1] - offsets[0]} bytes it claims"
        )
    return TensorInfo(dtype, tuple(shape), offsets[0], offsets[1])


def _are_counts(values: Any) -> bool:
    """Whether `values` is a list of integers from 0; True and False are none."""
    return isinstance(values, list) and all(type(value) is int and value >= 0 for value in values)


def _check_contiguous(tensors: Mapping[str, TensorInfo], data_bytes: int) -> None:
    """Every byte of the data belongs to exactly one tensor. Raises HeaderError."""
    position = 0
    for name, info in sorted(tensors.items(), key=lambda item: item[1].begin):
        if info.begin != position:
            raise HeaderError(f"tensor {name[:80]!a} overlaps another or leaves a gap at byte {position}")
        position = info.end
    if position != data_bytes:
        raise HeaderError(f"its tensors take {position} bytes of data and the file holds {data_bytes}")
