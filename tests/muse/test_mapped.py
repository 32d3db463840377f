"""Weights that stay in their file: the same numbers, looked at like any others, and a file that nobody writes to."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from muse_studio.muse import checkpoint
from muse_studio.muse.checkpoint import load_weights, stream_tensors
from muse_studio.muse.folder import CheckpointError, FileRecord, Folder


def single(folder: Path) -> tuple[nn.Module, Folder]:
    """A module of one matrix of 4 MB on meta, and the file that it fits."""
    noise = torch.Generator().manual_seed(0)
    save_file({"weight": torch.randn(1024, 1024, generator=noise)}, folder / "one.safetensors")
    with torch.device("meta"):
        return nn.Linear(1024, 1024, bias=False), Folder(folder)


def test_a_mapped_file_is_used_where_it_is_and_never_written_to(tmp_path: Path) -> None:
    module, folder = single(tmp_path)
    before = (tmp_path / "one.safetensors").read_bytes()
    load_weights(module, folder, "one.safetensors", mapped=True)
    stored = load_file(tmp_path / "one.safetensors")["weight"]
    address, pages = module.weight.data_ptr(), Path("/proc/self/maps")  # type: ignore[operator, union-attr]
    assert torch.equal(module.weight, stored)  # type: ignore[arg-type]
    if checkpoint.MAPS and pages.exists():
        ranges = [line for line in pages.read_text().splitlines() if line.endswith("one.safetensors")]
        spans = [[int(end, 16) for end in line.split()[0].split("-")] for line in ranges]
        assert any(begin <= address < end for begin, end in spans)
    with torch.no_grad():
        module.weight.fill_(3)  # type: ignore[operator, union-attr]
    assert (tmp_path / "one.safetensors").read_bytes() == before
    (tmp_path / "one.safetensors").unlink()
    assert module.weight.sum() == 3 * 1024**2  # type: ignore[operator, union-attr]


def test_what_is_mapped_was_read_and_looked_at_first(tmp_path: Path) -> None:
    module, folder = single(tmp_path)
    path = tmp_path / "one.safetensors"
    data = bytearray(path.read_bytes())
    sound = FileRecord(hashlib.sha256(data).hexdigest(), len(data))
    load_weights(module, Folder(tmp_path, {path.name: sound}), path.name, mapped=True)
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(CheckpointError, match="sha256"):
        load_weights(module, Folder(tmp_path, {path.name: sound}), path.name, mapped=True)
    data[-4:] = torch.tensor(float("nan")).numpy().tobytes()
    path.write_bytes(data)
    with pytest.raises(CheckpointError, match="weight: not finite"):
        load_weights(module, folder, path.name, mapped=True)


def test_another_dtype_and_odd_places_are_read_as_ever(tmp_path: Path) -> None:
    module, folder = single(tmp_path)
    load_weights(module, folder, "one.safetensors", dtype=torch.bfloat16, mapped=True)
    assert torch.equal(module.weight, load_file(tmp_path / "one.safetensors")["weight"].bfloat16())  # type: ignore[arg-type]
    header = {
        "a": {"dtype": "U8", "shape": [3], "data_offsets": [0, 3]},
        "b": {"dtype": "F32", "shape": [2], "data_offsets": [3, 11]},
    }
    text = json.dumps(header).encode()
    (tmp_path / "odd.safetensors").write_bytes(
        len(text).to_bytes(8, "little") + text + bytes(3) + torch.tensor([0.5, -2.0]).numpy().tobytes()
    )
    tensors = dict(stream_tensors(folder, "odd.safetensors", mapped=torch.float32))
    assert tensors["b"].tolist() == [0.5, -2.0]
