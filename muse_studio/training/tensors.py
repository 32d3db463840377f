"""Tensors to a safetensors file, one at a time: a checkpoint takes no second copy of itself in memory.

Knows nothing about what the tensors are. A tensor that is spread over processes is gathered, one tensor at a time too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import torch
from torch import Tensor

from muse_studio.core.files import atomic_write_parts

CODES = {
    torch.float64: "F64",
    torch.float32: "F32",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.int16: "I16",
    torch.int8: "I8",
    torch.uint8: "U8",
    torch.bool: "BOOL",
}
DTYPES = {code: dtype for dtype, code in CODES.items()}


def write_tensors(
    path: Path,
    tensors: Mapping[str, Tensor],
    told: Mapping[str, str],
    *,
    make: Callable[[str], Tensor] | None = None,
    writes: bool = True,
) -> None:
    """Replaces `path` by these tensors and texts, whole or not at all. Raises MuseStudioError DISK.

    make:   where `tensors` are empty ones on meta, what gives the tensor of a name when its turn comes.
    writes: False in all but one of several processes. They too must call: gathering needs every one of them.
    """
    parts = _parts(tensors, told, make or tensors.__getitem__)
    if writes:
        atomic_write_parts(path, parts)
    else:
        for _ in parts:
            pass


def whole(tensor: Tensor) -> Tensor:
    """The tensor itself, or what all processes' shares of it make together."""
    gather = getattr(tensor, "full_tensor", None)
    return tensor.detach() if gather is None else gather().detach()


def _parts(
    tensors: Mapping[str, Tensor], told: Mapping[str, str], make: Callable[[str], Tensor]
) -> Iterator[bytes | memoryview]:
    # Wide numbers first, so that each tensor lies where a pointer to its numbers may point.
    order = sorted(tensors, key=lambda name: (-tensors[name].dtype.itemsize, name))
    header: dict[str, object] = {"__metadata__": dict(told)}
    end = 0
    for name in order:
        tensor = tensors[name]
        begin, end = end, end + tensor.numel() * tensor.dtype.itemsize
        header[name] = {"dtype": CODES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [begin, end]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    yield len(text).to_bytes(8, "little") + text
    for name in order:
        flat = whole(make(name)).cpu().contiguous().reshape(-1)
        yield memoryview(flat.view(torch.uint8).numpy())  # type: ignore[arg-type]
