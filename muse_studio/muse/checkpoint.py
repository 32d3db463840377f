"""Checkpoint folders: cascade.json and safetensors, hashed and loaded from the same bytes.

Nothing here unpickles, follows a name or a link out of the folder, or allocates a model before its files are known to
fit it. Knows nothing of what the tensors mean.
"""

from __future__ import annotations

import hashlib
import json
import math
import mmap
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from muse_studio.muse.config import CascadeConfig
from muse_studio.muse.config_json import ConfigError, cascade_from_dict, cascade_to_dict
from muse_studio.muse.folder import (
    CASCADE_NAME,
    REFUSED_SUFFIXES,
    SHOWN_PROBLEMS,
    FileRecord,
    Folder,
    check_hash,
    check_name,
    fault,
)
from muse_studio.muse.folder import CheckpointError as CheckpointError  # also for those who only load folders
from muse_studio.muse.safetensors_header import PREFIX_BYTES, HeaderError, TensorInfo, header_length, parse_header

FORMAT = 1
TEXT_ENCODER_FOLDER = "text_encoder"
FILES_LIMIT = 64  # files of one folder; ours has nine
CHUNK_BYTES = 8 * 2**20
MAPS = os.name != "nt"
"""Whether files may stay mapped: on Windows one that is can neither be removed nor replaced."""


# Weights


def read_header(folder: Folder, name: str) -> dict[str, TensorInfo]:
    """The checked header of a safetensors file; its data is not read. Raises CheckpointError."""
    with folder.open(name) as (file, _, size):
        return _read_header(folder.path, name, file, size)[1]


def _read_header(folder: Path, name: str, file: BufferedReader, size: int) -> tuple[bytes, dict[str, TensorInfo]]:
    prefix = file.read(PREFIX_BYTES)
    try:
        header = file.read(header_length(prefix, size))
        return prefix + header, parse_header(header, size - PREFIX_BYTES - len(header))
    except HeaderError as error:
        raise fault(folder, f"{name}: {error}") from error


def read_tensors(
    folder: Folder, name: str, expected: Mapping[str, Tensor] | None = None, *, finite: bool = True
) -> dict[str, Tensor]:
    """Every tensor of a safetensors file as it is on disk, on the CPU. Hashes the very bytes it returns.

    expected: tensors (on meta will do) whose names and shapes the file must have; compared before its data is read.
    Raises CheckpointError, also for tensors that are not finite.
    """
    return dict(stream_tensors(folder, name, expected, finite=finite))


def stream_tensors(
    folder: Folder,
    name: str,
    expected: Mapping[str, Tensor] | None = None,
    wanted: Callable[[str], bool] = lambda key: True,
    *,
    finite: bool = True,
    mapped: torch.dtype | None = None,
) -> Iterator[tuple[str, Tensor]]:
    """The tensors of a safetensors file one at a time, so that no more than one is in memory beside what was kept.

    Trust them only once all have come: a wrong hash is known at the end of the file. Arguments and errors are
    `read_tensors`'; what is not `wanted` is hashed and left out.
    mapped: tensors of this dtype stay in the file, of the same descriptor, and come into memory where they are used;
            what is written to them stays here. Every byte was read and looked at all the same.
    """
    problems = []
    with folder.open(name) as (file, record, size):
        head, header = _read_header(folder.path, name, file, size)
        if expected is not None:
            differences = compare_shapes(expected, {key: info.shape for key, info in header.items()})
            if differences:
                raise CheckpointError(f"{folder.path / name} does not fit the architecture it came with", differences)
        digest = hashlib.sha256(head) if record is not None else None
        pages = _map(file) if MAPS and any(_stays(info, len(head), mapped) for info in header.values()) else None
        longest = max((info.end - info.begin for info in header.values()), default=0)
        passed = bytearray(min(CHUNK_BYTES, longest))
        for key, info in sorted(header.items(), key=lambda item: item[1].begin):
            count, keep = info.end - info.begin, wanted(key)
            here = keep and (pages is None or not _stays(info, len(head), mapped))
            data = bytearray(count) if here else passed
            looked_at = keep and finite
            sound = True
            for piece in _pieces(data, file, digest, count):
                sound = sound and (not looked_at or _is_finite(torch.frombuffer(piece, dtype=info.dtype)))
            if file.tell() != len(head) + info.end:
                raise fault(folder.path, f"{name}: became shorter while it was read")
            if not sound:
                problems.append(f"{key}: not finite")
            if keep:
                yield key, _tensor(data if here else pages, info, 0 if here else len(head) + info.begin)
        if digest is not None:
            check_hash(folder.path, name, digest, record)
    if problems:
        raise CheckpointError(f"{folder.path / name} holds numbers that are not finite", tuple(problems))


def _map(file: BufferedReader) -> mmap.mmap | None:
    """The whole file, private to this process; None on a file system that cannot."""
    with suppress(OSError, ValueError):
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    return None


def _stays(info: TensorInfo, head_bytes: int, mapped: torch.dtype | None) -> bool:
    """Whether a tensor can be used where it is: as it is asked for, and where numbers of its kind may begin."""
    return info.dtype is mapped and (head_bytes + info.begin) % info.dtype.itemsize == 0 and info.end > info.begin


def _tensor(data: Any, info: TensorInfo, offset: int) -> Tensor:
    count = (info.end - info.begin) // info.dtype.itemsize
    return torch.frombuffer(data, dtype=info.dtype, count=count, offset=offset).reshape(info.shape)


def _pieces(data: bytearray, file: BufferedReader, digest: Any, count: int) -> Iterator[memoryview]:
    """Reads and hashes `count` bytes piece by piece, all of them into `data` or, where that is of another size, over
    and over into its beginning. Fewer where the file ends before."""
    view, position = memoryview(data), 0
    whole = len(data) == count
    while position < count:
        begin = position if whole else 0
        piece = view[begin : begin + min(CHUNK_BYTES, count - position)]
        filled = _fill(piece, file)
        if digest is not None:
            digest.update(piece[:filled])
        if filled < len(piece):
            return
        position += filled
        yield piece


def _fill(piece: memoryview, file: BufferedReader) -> int:
    """Bytes read: as many as there is room for, or all that there are."""
    filled = 0
    while filled < len(piece) and (read := file.readinto(piece[filled:])):
        filled += read
    return filled


def _is_finite(tensor: Tensor) -> bool:
    """Of the least and the largest number, which are NaN where one is: a twentieth of the time of `isfinite`."""
    return not tensor.is_floating_point() or not tensor.numel() or all(map(_finite, tensor.aminmax()))


def _finite(number: Tensor) -> bool:
    return math.isfinite(number.item())


def compare_shapes(expected: Mapping[str, Tensor], found: Mapping[str, tuple[int, ...]]) -> tuple[str, ...]:
    """One line for every tensor that is missing, of another shape, or too many."""
    problems = []
    for name, tensor in expected.items():
        if name not in found:
            problems.append(f"{name}: missing")
        elif found[name] != tuple(tensor.shape):
            problems.append(f"{name}: shape {list(found[name])} where {list(tensor.shape)} is needed")
    problems += [f"{name}: not part of this model" for name in found if name not in expected]
    return tuple(problems)


def load_weights(
    module: nn.Module,
    folder: Folder,
    name: str,
    *,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str = "cpu",
    mapped: bool = False,
) -> None:
    """Fills `module`, built under `torch.device("meta")`, from a safetensors file; floats become `dtype`.

    mapped: on a CPU those that are of it already stay in the file: see `stream_tensors`.

    Raises CheckpointError before anything is allocated where names or shapes differ, and RuntimeError where the module
    has buffers that its state dict leaves out, which meta cannot fill.
    """
    state = {}
    staying = dtype if mapped and torch.device(device).type == "cpu" else None
    for key, tensor in stream_tensors(folder, name, module.state_dict(), mapped=staying):
        state[key] = tensor.to(device, dtype if tensor.is_floating_point() else tensor.dtype)
    module.load_state_dict(state, strict=True, assign=True)
    left = [key for key, tensor in (*module.named_parameters(), *module.named_buffers()) if tensor.is_meta]
    if left:
        raise RuntimeError(f"buffers outside the state dict cannot be loaded: {left[:SHOWN_PROBLEMS]}")


# cascade.json


@dataclass(frozen=True, slots=True)
class CascadeFile:
    """What cascade.json says: the architecture and what every file must be."""

    config: CascadeConfig
    files: Mapping[str, FileRecord]


def read_cascade_json(path: Path) -> CascadeFile:
    """cascade.json of the folder `path`, checked; no other file is touched. Raises CheckpointError."""
    if path.is_file() or path.suffix.lower() in REFUSED_SUFFIXES:
        raise CheckpointError(
            f"{path} is a single file; a model here is a folder with {CASCADE_NAME} and safetensors", (path.name,)
        )
    if not path.is_dir():
        raise CheckpointError(f"there is no model folder at {path}", (f"{path.name}: missing",))
    content = Folder(path).read_json(CASCADE_NAME)
    if content.pop("format", None) != FORMAT:
        raise fault(path, f"{CASCADE_NAME}: format is not {FORMAT}; a newer version of this program may read it")
    files = _read_records(path, content.pop("files", None))
    try:
        return CascadeFile(cascade_from_dict(content), files)
    except ConfigError as error:
        raise fault(path, f"{CASCADE_NAME}: {error}") from error


def _read_records(path: Path, content: Any) -> dict[str, FileRecord]:
    if not isinstance(content, dict) or len(content) > FILES_LIMIT:
        raise fault(path, f"{CASCADE_NAME}: files is not a table of at most {FILES_LIMIT} names")
    records = {}
    for name, entry in content.items():
        check_name(name)
        sha256, size = (entry.get("sha256"), entry.get("bytes")) if isinstance(entry, dict) else (None, None)
        hexadecimal = isinstance(sha256, str) and len(sha256) == 64 and not set(sha256) - set("0123456789abcdef")
        if not hexadecimal or type(size) is not int or size < 0 or len(entry) != 2:
            raise fault(path, f"{CASCADE_NAME}: the record of {name} is not a sha256 and a count of bytes")
        records[name] = FileRecord(str(sha256), size)
    return records


def verify_folder(path: Path) -> CascadeFile:
    """Reads cascade.json and hashes every file it lists, naming all that are wrong. Raises CheckpointError."""
    cascade = read_cascade_json(path)
    folder = Folder(path, cascade.files)
    problems: list[str] = []
    for name in cascade.files:
        try:
            with folder.open(name) as (file, record, _):
                check_hash(path, name, hashlib.file_digest(file, "sha256"), record)
        except CheckpointError as error:
            problems += error.problems
    if problems:
        raise fault(path, *problems)
    return cascade


# Writing


def write_atomically(path: Path, data: bytes | memoryview) -> None:
    """Replaces `path` by `data` whole or not at all: temporary file beside it, fsync, rename. Raises OSError."""
    _commit([(_stage(path, data), path)])


def _stage(path: Path, data: bytes | memoryview) -> Path:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    return temporary


def _commit(staged: list[tuple[Path, Path]]) -> None:
    try:
        for temporary, path in staged:
            temporary.replace(path)
    finally:
        for temporary, _ in staged:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


def half(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A state dict as it goes to disk: floats in float16, contiguous, on the CPU. Raises ValueError on overflow."""
    stored = {}
    for name, tensor in state.items():
        tensor = tensor.detach().to("cpu")
        stored[name] = (tensor.half() if tensor.is_floating_point() else tensor).contiguous().clone()
        if not _is_finite(stored[name]):
            raise ValueError(f"{name} is not finite, or too large for float16: it was not saved")
    return stored


def save_folder(
    path: Path,
    config: CascadeConfig,
    modules: Mapping[str, nn.Module | Mapping[str, Tensor]],
    text_encoder: Path | None = None,
) -> CascadeFile:
    """Writes a checkpoint folder: `modules` by name without suffix ("base"), floats in float16, then cascade.json.

    text_encoder: the folder whose files become text_encoder/; None leaves what is there, if anything, and lists it.
    All files are complete on disk before the first one replaces an older. Raises OSError, ValueError.
    """
    from safetensors.torch import save

    target = path / TEXT_ENCODER_FOLDER
    target.mkdir(parents=True, exist_ok=True)
    records: dict[str, FileRecord] = {}
    staged: list[tuple[Path, Path]] = []

    def stage(name: str, data: bytes) -> None:
        check_name(name)
        records[name] = FileRecord(hashlib.sha256(data).hexdigest(), len(data))
        staged.append((_stage(path / name, data), path / name))

    try:
        for name, module in modules.items():
            state = module.state_dict() if isinstance(module, nn.Module) else module
            stage(f"{name}.safetensors", save(half(state), metadata={"format": "pt"}))
        for file in sorted((text_encoder or target).iterdir()):
            if file.is_file() and file.suffix in {".json", ".safetensors"}:
                stage(f"{TEXT_ENCODER_FOLDER}/{file.name}", file.read_bytes())
        table = {name: {"sha256": record.sha256, "bytes": record.bytes} for name, record in records.items()}
        content = {"format": FORMAT, **cascade_to_dict(config), "files": table}
        data = json.dumps(content, indent=2, ensure_ascii=False).encode() + b"\n"
        staged.append((_stage(path / CASCADE_NAME, data), path / CASCADE_NAME))
    except BaseException:
        for temporary, _ in staged:
            temporary.unlink(missing_ok=True)
        raise
    _commit(staged)
    return CascadeFile(config, records)
