"""Checkpoint folders: cascade.json and safetensors, hashed and loaded from the same bytes.

Nothing here unpickles, follows a name or a link out of the folder, or allocates a model before its files are known to
fit it. Knows nothing of what the tensors mean.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path, PurePosixPath
from typing import Any

import torch
from torch import Tensor, nn

from muse_studio.muse.config import CascadeConfig
from muse_studio.muse.config_json import ConfigError, cascade_from_dict, cascade_to_dict
from muse_studio.muse.safetensors_header import (
    PREFIX_BYTES,
    HeaderError,
    TensorInfo,
    header_length,
    parse_header,
)

FORMAT = 1
CASCADE_NAME = "cascade.json"
TEXT_ENCODER_FOLDER = "text_encoder"
JSON_LIMIT_BYTES = 2**20  # cascade.json is 4 KB
TOKENIZER_LIMIT_BYTES = 64 * 2**20  # T5's is 2.4 MB, mT5's 16 MB
FILES_LIMIT = 64  # files of one folder; ours has nine
SHOWN_PROBLEMS = 5
CHUNK_BYTES = 4 * 2**20
REFUSED_SUFFIXES = frozenset({".bin", ".ckpt", ".npy", ".npz", ".pickle", ".pkl", ".pt", ".pth", ".py"})


class CheckpointError(ValueError):
    """A checkpoint that cannot be loaded, or not be trusted. `problems`: one line each, all that were found."""

    def __init__(self, message: str, problems: tuple[str, ...] = ()) -> None:
        self.message = message
        self.problems = problems
        shown = list(problems[:SHOWN_PROBLEMS])
        if len(problems) > SHOWN_PROBLEMS:
            shown.append(f"and {len(problems) - SHOWN_PROBLEMS} more")
        super().__init__(message + (": " + "; ".join(shown) if shown else ""))


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What a file of a checkpoint must be: its sha256 in hexadecimal and its size in bytes."""

    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Folder:
    """The only way to files of a checkpoint: none outside it, none but regular files, none that fails its hash.

    files: what each file must be, by name; a file without a record is refused. None = nothing is verified.
    root:  links may lead to files inside here; None = inside `path` itself.
    """

    path: Path
    files: Mapping[str, FileRecord] | None = None
    root: Path | None = None

    def inside(self, name: str) -> Folder:
        """The folder `name` of this one, with its share of the records."""
        check_name(name)
        files = self.files
        if files is not None:
            files = {key.removeprefix(name + "/"): value for key, value in files.items() if key.startswith(name + "/")}
        return Folder(self.path / name, files, self.root or self.path)

    def has(self, name: str) -> bool:
        """Whether the folder offers `name`: on record where there are records, else on disk."""
        return name in self.files if self.files is not None else (self.path / name).is_file()

    def read(self, name: str, limit_bytes: int) -> bytes:
        """All of a small file. Raises CheckpointError."""
        with self.open(name) as (file, record, size):
            if size > limit_bytes:
                raise _fault(self.path, f"{name}: takes {size} bytes; {limit_bytes} are the most that is read")
            data = file.read(size)
            _check_hash(self.path, name, hashlib.sha256(data), record)
            return data

    def read_json(self, name: str, limit_bytes: int = JSON_LIMIT_BYTES) -> dict[str, Any]:
        """A small file that holds one JSON object. Raises CheckpointError."""
        data = self.read(name, limit_bytes)
        try:
            content = json.loads(data.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise _fault(self.path, f"{name}: not JSON: {str(error)[:200]}") from error
        if not isinstance(content, dict):
            raise _fault(self.path, f"{name}: not a JSON object")
        return content

    @contextmanager
    def open(self, name: str) -> Iterator[tuple[BufferedReader, FileRecord | None, int]]:
        """A regular file inside the folder, its record and its size in bytes. Raises CheckpointError."""
        check_name(name)
        record = None
        if self.files is not None:
            record = self.files.get(name)
            if record is None:
                raise _fault(self.path, f"{name}: is not among the files that {CASCADE_NAME} lists")
        try:
            path = (self.path / name).resolve(strict=True)
            if not path.is_relative_to((self.root or self.path).resolve()):
                raise _fault(self.path, f"{name}: leads out of the folder")
            # Not blocking: a FIFO in a file's place would wait for ever.
            flags = (
                os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
            )
            file = os.fdopen(os.open(path, flags), "rb")
        except FileNotFoundError as error:
            raise _fault(self.path, f"{name}: missing") from error
        except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links
            raise _fault(self.path, f"{name}: cannot be read: {error}") from error
        with file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise _fault(self.path, f"{name}: not a regular file")
            if record is not None and status.st_size != record.bytes:
                raise _fault(self.path, f"{name}: takes {status.st_size} bytes and {CASCADE_NAME} says {record.bytes}")
            yield file, record, status.st_size


def check_name(name: str) -> None:
    """Refuses a file name that is not plainly inside its folder, and formats that can run code."""
    path = PurePosixPath(name)
    if not name or len(name) > 200 or path.is_absolute() or ".." in path.parts or str(path) != name:
        raise CheckpointError("a file name in this checkpoint leads out of its folder", (ascii(name[:80]),))
    if any(ord(letter) < 32 or letter in '\\:*?"<>|' for letter in name) or name.startswith("~"):
        raise CheckpointError("a file name in this checkpoint is not portable", (ascii(name[:80]),))
    if path.suffix.lower() in REFUSED_SUFFIXES:
        problem = f"{name}: only safetensors are read; {path.suffix} files can run code"
        raise CheckpointError("this checkpoint is in a format that is never opened", (problem,))


def _fault(folder: Path, *problems: str) -> CheckpointError:
    return CheckpointError(f"the checkpoint in {folder} cannot be used", problems)


def _check_hash(folder: Path, name: str, digest: Any, record: FileRecord | None) -> None:
    if record is not None and digest.hexdigest() != record.sha256:
        raise _fault(
            folder, f"{name}: its sha256 is not the one {CASCADE_NAME} lists: damaged or exchanged; fetch it again"
        )


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
        raise _fault(folder, f"{name}: {error}") from error


def read_tensors(
    folder: Folder, name: str, expected: Mapping[str, Tensor] | None = None, *, finite: bool = True
) -> dict[str, Tensor]:
    """Every tensor of a safetensors file as it is on disk, on the CPU. Hashes the very bytes it returns.

    expected: tensors (on meta will do) whose names and shapes the file must have; compared before its data is read.
    Raises CheckpointError, also for tensors that are not finite.
    """
    with folder.open(name) as (file, record, size):
        head, header = _read_header(folder.path, name, file, size)
        if expected is not None:
            problems = compare_shapes(expected, {key: info.shape for key, info in header.items()})
            if problems:
                raise CheckpointError(f"{folder.path / name} does not fit the architecture it came with", problems)
        data, digest = bytearray(size - len(head)), hashlib.sha256(head)
        view, position = memoryview(data), 0
        while position < len(data):
            count = file.readinto(view[position : position + CHUNK_BYTES])
            if not count:
                raise _fault(folder.path, f"{name}: became shorter while it was read")
            digest.update(view[position : position + count])
            position += count
        _check_hash(folder.path, name, digest, record)
    tensors = {key: _tensor(data, info) for key, info in header.items()}
    problems = tuple(f"{key}: not finite" for key, tensor in tensors.items() if finite and not _is_finite(tensor))
    if problems:
        raise CheckpointError(f"{folder.path / name} holds numbers that are not finite", problems)
    return tensors


def _tensor(data: bytearray, info: TensorInfo) -> Tensor:
    aligned = info.begin % info.dtype.itemsize == 0
    source, offset = (data, info.begin) if aligned else (data[info.begin : info.end], 0)
    count = (info.end - info.begin) // info.dtype.itemsize
    return torch.frombuffer(source, dtype=info.dtype, count=count, offset=offset).reshape(info.shape)


def _is_finite(tensor: Tensor) -> bool:
    return not tensor.is_floating_point() or bool(torch.isfinite(tensor).all())


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
) -> None:
    """Fills `module`, built under `torch.device("meta")`, from a safetensors file; floats become `dtype`.

    Raises CheckpointError before anything is allocated where names or shapes differ, and RuntimeError where the module
    has buffers that its state dict leaves out, which meta cannot fill.
    """
    tensors = read_tensors(folder, name, module.state_dict())
    state = {}
    while tensors:
        key, tensor = tensors.popitem()
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
        raise _fault(path, f"{CASCADE_NAME}: format is not {FORMAT}; a newer version of this program may read it")
    files = _read_records(path, content.pop("files", None))
    try:
        return CascadeFile(cascade_from_dict(content), files)
    except ConfigError as error:
        raise _fault(path, f"{CASCADE_NAME}: {error}") from error


def _read_records(path: Path, content: Any) -> dict[str, FileRecord]:
    if not isinstance(content, dict) or len(content) > FILES_LIMIT:
        raise _fault(path, f"{CASCADE_NAME}: files is not a table of at most {FILES_LIMIT} names")
    records = {}
    for name, entry in content.items():
        check_name(name)
        sha256, size = (entry.get("sha256"), entry.get("bytes")) if isinstance(entry, dict) else (None, None)
        hexadecimal = isinstance(sha256, str) and len(sha256) == 64 and not set(sha256) - set("0123456789abcdef")
        if not hexadecimal or type(size) is not int or size < 0 or len(entry) != 2:
            raise _fault(path, f"{CASCADE_NAME}: the record of {name} is not a sha256 and a count of bytes")
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
                _check_hash(path, name, hashlib.file_digest(file, "sha256"), record)
        except CheckpointError as error:
            problems += error.problems
    if problems:
        raise _fault(path, *problems)
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
