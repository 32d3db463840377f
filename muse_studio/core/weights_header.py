"""The names, kinds and shapes in a safetensors file, read without torch and without the data.

What loads the weights checks the header again, by rules as strict as these. Knows no particular network.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from muse_studio.core import limits
from muse_studio.core.errors import MuseStudioError
from muse_studio.core.files import printable
from muse_studio.core.folder_files import bad_model, open_inside

ITEM_BYTES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1}
_PREFIX_BYTES = 8


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor: its kind as the format calls it, its shape, and its bytes from the file's beginning on."""

    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int

    @property
    def count(self) -> int:
        """Numbers in it."""
        return prod(self.shape)


def read_tensors(folder: Path, name: str) -> dict[str, Tensor]:
    """Every tensor of a file inside the folder. MuseStudioError(BAD_MODEL) where it is none, or cut off; OSError."""
    with open_inside(folder, name) as file:
        size = file.seek(0, 2)
        file.seek(0)
        prefix = file.read(_PREFIX_BYTES)
        length = int.from_bytes(prefix, "little")
        if len(prefix) < _PREFIX_BYTES or not 2 <= length <= limits.WEIGHTS_HEADER_LIMIT_BYTES:
            raise _no_weights(name)
        header = file.read(length)
    start = _PREFIX_BYTES + length
    try:
        table = json.loads(header, object_pairs_hook=_unique)
        tensors = {key: _tensor(entry, start) for key, entry in table.items() if key != "__metadata__"}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as fault:
        raise _no_weights(name) from fault
    end = start
    for tensor in sorted(tensors.values(), key=lambda each: each.begin):
        if tensor.begin != end:
            raise _no_weights(name)
        end = tensor.end
    if end != size:
        sizes = f"{size:,} bytes where {end:,} belong"
        raise bad_model(f"“{printable(name)}” has {sizes}: it is cut off or another file. Fetch the cascade again.")
    return tensors


def parameter_count(tensors: Mapping[str, Tensor]) -> int:
    """Numbers that were learned: positions that are merely counted are whole numbers of 64 bits."""
    return sum(tensor.count for tensor in tensors.values() if tensor.dtype != "I64")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("a name occurs twice")
    return table


def _tensor(entry: Mapping[str, Any], start: int) -> Tensor:
    dtype, shape, (begin, end) = entry["dtype"], tuple(entry["shape"]), entry["data_offsets"]
    if not all(type(number) is int and 0 <= number < 2**48 for number in (*shape, begin, end)) or len(shape) > 8:
        raise ValueError("not a shape")
    if end - begin != prod(shape) * ITEM_BYTES[dtype]:
        raise ValueError("another size than its shape has")
    return Tensor(dtype, shape, start + begin, start + end)


def _no_weights(name: str) -> MuseStudioError:
    return bad_model(f"“{printable(name)}” is no safetensors file, whatever its name says. Fetch the cascade again.")
