"""Checkpoint folders: round trips, and every way in which one can be wrong or hostile."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from muse_studio.muse import checkpoint
from muse_studio.muse.checkpoint import (
    half,
    load_weights,
    read_cascade_json,
    read_header,
    read_tensors,
    save_folder,
    verify_folder,
    write_atomically,
)
from muse_studio.muse.folder import CheckpointError, FileRecord, Folder, check_name
from muse_studio.muse.presets import build_modules, random_text_encoder, tiny

WEIGHTS = ("base.safetensors", "superres.safetensors", "base_vqgan.safetensors", "superres_vqgan.safetensors")


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("saved")
    torch.manual_seed(0)
    random_text_encoder().save(path / "donor")
    save_folder(path / "tiny", tiny(), build_modules(tiny()), path / "donor")
    return path / "tiny"


@pytest.fixture
def folder(saved: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(saved, tmp_path / "model"))


def edit_json(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    content = json.loads((folder / "cascade.json").read_text("utf-8"))
    change(content)
    (folder / "cascade.json").write_text(json.dumps(content), "utf-8")


def rewrite(folder: Path, name: str, change: Callable[[dict[str, torch.Tensor]], object]) -> None:
    """Changes a weights file and its record, as a hostile author of a checkpoint would."""
    state = load_file(folder / name)
    change(state)
    save_file(state, folder / name)
    record(folder, name)


def record(folder: Path, name: str) -> None:
    data = (folder / name).read_bytes()
    entry = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    edit_json(folder, lambda content: content["files"].__setitem__(name, entry))


def load_base(folder: Path) -> nn.Module:
    cascade = read_cascade_json(folder)
    with torch.device("meta"):
        module = build_modules(cascade.config)["base"]
    load_weights(module, Folder(folder, cascade.files), "base.safetensors")
    return module


# What works


def test_a_saved_folder_is_read_as_it_was_written(folder: Path) -> None:
    cascade = verify_folder(folder)
    assert cascade.config == tiny()
    assert set(cascade.files) == {
        *WEIGHTS, "text_encoder/config.json", "text_encoder/model.safetensors", "text_encoder/tokenizer.json",
        "text_encoder/tokenizer_config.json",
    }  # fmt: skip
    assert not list(folder.rglob("*.tmp"))


def test_weights_are_half_on_disk_and_what_was_asked_for_in_memory(folder: Path) -> None:
    header = read_header(Folder(folder), "base.safetensors")
    assert {info.dtype for info in header.values()} == {torch.float16}
    stored = load_file(folder / "base.safetensors")
    module = load_base(folder)
    for name, parameter in module.named_parameters():
        assert parameter.dtype == torch.float32
        assert torch.equal(parameter, stored[name].float())
    with torch.device("meta"):
        module = build_modules(tiny())["base"]
    load_weights(module, Folder(folder), "base.safetensors", dtype=torch.bfloat16)
    assert {parameter.dtype for parameter in module.parameters()} == {torch.bfloat16}


def test_loaded_weights_can_be_trained_on(folder: Path) -> None:
    module = load_base(folder)
    optimiser = torch.optim.SGD(module.parameters(), 0.1)
    before = {name: parameter.clone() for name, parameter in module.named_parameters()}
    sum(parameter.sum() for parameter in module.parameters()).backward()  # type: ignore[union-attr]
    optimiser.step()
    assert all(not torch.equal(before[name], parameter) for name, parameter in module.named_parameters())


def test_saving_over_an_older_checkpoint_replaces_it(folder: Path) -> None:
    torch.manual_seed(9)
    modules = build_modules(tiny(align=True))
    save_folder(folder, tiny(align=True), modules)
    assert verify_folder(folder).config == tiny(align=True)
    assert torch.equal(
        load_base(folder).state_dict()["head.out.weight"], modules["base"].head.out.weight.half().float()
    )  # type: ignore[union-attr,operator]


def test_a_failed_save_leaves_the_older_checkpoint_and_no_temporary(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    real, left = os.fsync, 0

    def full_disk(descriptor: int) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise OSError(28, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", full_disk)
    for failing in range(1, 10):
        left = failing
        with pytest.raises(OSError, match="No space"):
            save_folder(folder, tiny(), build_modules(tiny()))
        assert {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()} == before


def test_numbers_too_large_for_half_are_not_saved() -> None:
    for value in (1e6, float("nan"), float("inf")):
        with pytest.raises(ValueError, match=r"a\.b"):
            half({"a.b": torch.tensor([1.0, value])})
    assert half({"n": torch.tensor([1, 2])})["n"].dtype == torch.int64


def test_an_atomic_write_is_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.json"
    write_atomically(path, b"old")
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"

    def fail(*_: object) -> None:
        raise OSError(5, "Input/output error")

    for target in ("replace", "fsync"):
        with monkeypatch.context() as patch:
            patch.setattr(Path if target == "replace" else os, target, fail)
            with pytest.raises(OSError, match="Input/output"):
                write_atomically(path, b"newer")
        assert path.read_bytes() == b"new"
        assert [file.name for file in tmp_path.iterdir()] == ["a.json"]


# Weights that do not fit


def test_the_first_five_faults_are_listed_and_nothing_is_loaded(folder: Path) -> None:
    def spoil(state: dict[str, torch.Tensor]) -> None:
        for name in ("norm.weight", "positions.rows", "head.out.bias"):
            del state[name]
        state["extra.one"] = torch.zeros(1)
        state["extra.two"] = torch.zeros(1)
        state["tokens.weight"] = torch.zeros(7, 32)

    rewrite(folder, "base.safetensors", spoil)
    with torch.device("meta"):
        module = build_modules(tiny())["base"]
    with pytest.raises(CheckpointError) as caught:
        load_weights(module, Folder(folder), "base.safetensors")
    assert len(caught.value.problems) == 6
    told = str(caught.value)
    assert told.count(";") == 5
    assert told.endswith("and 1 more")
    assert "norm.weight: missing" in caught.value.problems
    assert "extra.one: not part of this model" in caught.value.problems
    assert "tokens.weight: shape [7, 32] where [33, 32] is needed" in caught.value.problems
    assert all(parameter.is_meta for parameter in module.parameters())


def test_a_file_that_does_not_fit_is_refused_before_its_data_is_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rewrite(folder, "base.safetensors", lambda state: state.pop("norm.weight"))

    def refuse(*_: object) -> None:
        raise AssertionError("tensors were made")

    monkeypatch.setattr(checkpoint, "_fill", refuse)
    with pytest.raises(CheckpointError, match="missing"):
        load_base(folder)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_numbers_that_are_not_finite_are_refused(folder: Path, value: float) -> None:
    rewrite(folder, "base.safetensors", lambda state: state["head.out.bias"].__setitem__(3, value))
    with pytest.raises(CheckpointError, match=r"head\.out\.bias: not finite"):
        load_base(folder)


def test_a_module_with_hidden_buffers_is_refused_instead_of_left_on_meta(folder: Path) -> None:
    with torch.device("meta"):
        module = nn.Linear(2, 2, bias=False)
        module.register_buffer("hidden", torch.zeros(1), persistent=False)
    save_file({"weight": torch.zeros(2, 2)}, folder / "x.safetensors")
    with pytest.raises(RuntimeError, match="hidden"):
        load_weights(module, Folder(folder), "x.safetensors")


def test_odd_offsets_are_read_right(tmp_path: Path) -> None:
    header = {
        "a": {"dtype": "U8", "shape": [3], "data_offsets": [0, 3]},
        "b": {"dtype": "F32", "shape": [2], "data_offsets": [3, 11]},
    }
    text = json.dumps(header).encode()
    data = bytes([1, 2, 3]) + torch.tensor([0.5, -2.0]).numpy().tobytes()
    (tmp_path / "odd.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + data)
    tensors = read_tensors(Folder(tmp_path), "odd.safetensors")
    assert tensors["a"].tolist() == [1, 2, 3]
    assert tensors["b"].tolist() == [0.5, -2.0]


# Files that are not what cascade.json says


@pytest.mark.parametrize("name", [*WEIGHTS, "text_encoder/model.safetensors", "text_encoder/tokenizer.json"])
def test_a_flipped_byte_is_found(folder: Path, name: str) -> None:
    data = bytearray((folder / name).read_bytes())
    data[-1] ^= 1
    (folder / name).write_bytes(data)
    with pytest.raises(CheckpointError) as caught:
        verify_folder(folder)
    assert [problem.split(":")[0] for problem in caught.value.problems] == [name]
    if name == "base.safetensors":
        with pytest.raises(CheckpointError, match="sha256"):
            load_base(folder)


def test_missing_longer_and_shorter_files_are_all_named(folder: Path) -> None:
    (folder / "base.safetensors").unlink()
    with (folder / "superres.safetensors").open("ab") as file:
        file.write(b"x")
    (folder / "base_vqgan.safetensors").write_bytes(b"")
    with pytest.raises(CheckpointError) as caught:
        verify_folder(folder)
    assert [problem.split(":")[0] for problem in caught.value.problems] == list(WEIGHTS[:3])
    assert "missing" in caught.value.problems[0]


def test_a_file_without_a_record_is_not_opened(folder: Path) -> None:
    edit_json(folder, lambda content: content["files"].pop("base.safetensors"))
    with pytest.raises(CheckpointError, match="not among the files"):
        load_base(folder)


def test_the_bytes_that_are_hashed_are_the_bytes_that_are_loaded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exchanging the file by name while it is read changes nothing: one descriptor serves header, hash and data."""
    expected, path = load_base(folder), folder / "base.safetensors"
    real = checkpoint.parse_header

    def exchange(header: bytes, data_bytes: int) -> object:
        path.rename(folder / "moved")
        path.write_bytes(bytes(100))
        return real(header, data_bytes)

    monkeypatch.setattr(checkpoint, "parse_header", exchange)
    module = load_base(folder)
    for name, parameter in module.named_parameters():
        assert torch.equal(parameter, expected.state_dict()[name])


# Hostile files


class Bomb:
    """Unpickled, it creates the file it names."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[[Path], None], tuple[Path]]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("protocol", range(2, 6))
def test_a_pickle_renamed_safetensors_is_refused_and_never_run(folder: Path, protocol: int) -> None:
    (folder / "base.safetensors").write_bytes(pickle.dumps(Bomb(folder / "ran"), protocol))
    record(folder, "base.safetensors")
    with pytest.raises(CheckpointError, match="pickle"):
        load_base(folder)
    assert not (folder / "ran").exists()


@pytest.mark.parametrize("suffix", [".ckpt", ".pt", ".pth", ".bin", ".pkl", ".pickle", ".PT", ".npz", ".py"])
def test_formats_that_can_run_code_are_refused_by_name(folder: Path, suffix: str) -> None:
    path = folder.with_name("model" + suffix)
    path.write_bytes(pickle.dumps(Bomb(folder / "ran")))
    with pytest.raises(CheckpointError):
        read_cascade_json(path)
    edit_json(folder, lambda content: content["files"].__setitem__(f"x{suffix}", content["files"]["base.safetensors"]))
    with pytest.raises(CheckpointError, match="can run code"):
        read_cascade_json(folder)
    with pytest.raises(CheckpointError, match="can run code"):
        read_tensors(Folder(folder), f"x{suffix}")
    assert not (folder / "ran").exists()


@pytest.mark.parametrize(
    "name",
    ["../x.json", "/etc/passwd", "a/../../x", "..", "", "a//b", "./a", "a/", "C:\\x", "C:x", "\\\\host\\share\\x",
     "a\0b", "~/x", "a\nb", "a|b", "x" * 300],
)  # fmt: skip
def test_names_that_leave_the_folder_are_refused(folder: Path, name: str) -> None:
    with pytest.raises(CheckpointError):
        check_name(name)
    with pytest.raises(CheckpointError):
        Folder(folder).read(name, 100)
    edit_json(folder, lambda content: content["files"].__setitem__(name, content["files"]["base.safetensors"]))
    with pytest.raises(CheckpointError):
        read_cascade_json(folder)


@pytest.mark.parametrize("name", WEIGHTS)
def test_a_link_out_of_the_folder_is_not_followed(folder: Path, name: str) -> None:
    outside = folder.with_name("outside")
    (folder / name).rename(outside)
    (folder / name).symlink_to(outside)
    with pytest.raises(CheckpointError, match="out of the folder"):
        verify_folder(folder)


def test_a_linked_folder_inside_is_not_followed_out(folder: Path) -> None:
    (folder / "text_encoder").rename(folder.with_name("outside"))
    (folder / "text_encoder").symlink_to(folder.with_name("outside"))
    inside = Folder(folder, read_cascade_json(folder).files).inside("text_encoder")
    with pytest.raises(CheckpointError, match="out of the folder"):
        inside.read("config.json", 10_000)


def test_a_link_within_the_folder_and_a_linked_folder_are_fine(folder: Path) -> None:
    (folder / "base.safetensors").rename(folder / "real")
    (folder / "base.safetensors").symlink_to("real")
    link = folder.with_name("link")
    link.symlink_to(folder)
    assert verify_folder(link).config == tiny()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
def test_what_is_no_regular_file_is_refused_without_waiting(folder: Path) -> None:
    (folder / "base.safetensors").unlink()
    os.mkfifo(folder / "base.safetensors")
    (folder / "superres.safetensors").unlink()
    (folder / "superres.safetensors").mkdir()
    (folder / "base_vqgan.safetensors").unlink()
    (folder / "base_vqgan.safetensors").symlink_to("base_vqgan.safetensors")
    with pytest.raises(CheckpointError) as caught:
        verify_folder(folder)
    assert len(caught.value.problems) == 3


# cascade.json


def test_a_missing_folder_a_file_and_an_empty_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="there is no model folder"):
        read_cascade_json(tmp_path / "nowhere")
    (tmp_path / "model.safetensors").write_bytes(b"x")
    with pytest.raises(CheckpointError, match="is a single file"):
        read_cascade_json(tmp_path / "model.safetensors")
    with pytest.raises(CheckpointError, match=r"cascade\.json: missing"):
        read_cascade_json(tmp_path)


@pytest.mark.parametrize("data", [b"", b"{", b"null", b"[]", b"\xff", b"{}", b"[" * 300_000, b" " * (2**20 + 1)])
def test_a_cascade_json_that_is_none_is_refused(folder: Path, data: bytes) -> None:
    (folder / "cascade.json").write_bytes(data)
    with pytest.raises(CheckpointError, match=r"cascade\.json"):
        read_cascade_json(folder)


CHANGES: dict[str, Callable[[dict[str, Any]], object]] = {
    "another format": lambda c: c.update(format=2),
    "an unknown field": lambda c: c.update(plugin="evil"),
    "no files": lambda c: c.pop("files"),
    "files of another kind": lambda c: c.update(files=[1]),
    "too many files": lambda c: c.update(files={f"{i}.safetensors": c["files"]["base.safetensors"] for i in range(99)}),
    "a record without hash": lambda c: c["files"]["base.safetensors"].pop("sha256"),
    "a record with more": lambda c: c["files"]["base.safetensors"].update(url="x"),
    "a short hash": lambda c: c["files"]["base.safetensors"].update(sha256="abc"),
    "a hash of text": lambda c: c["files"]["base.safetensors"].update(sha256="z" * 64),
    "a negative size": lambda c: c["files"]["base.safetensors"].update(bytes=-1),
    "a size of True": lambda c: c["files"]["base.safetensors"].update(bytes=True),
    "a record of text": lambda c: c["files"].update({"base.safetensors": "x"}),
    "another codebook": lambda c: c["architecture"]["base"].update(codebook_size=64),
    "layers without end": lambda c: c["architecture"]["base"].update(layers=10**12),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_cascade_json_that_is_wrong_is_refused(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    edit_json(folder, change)
    with pytest.raises(CheckpointError):
        read_cascade_json(folder)


def test_a_record_has_the_hash_and_size_of_the_file(folder: Path) -> None:
    data = (folder / "base.safetensors").read_bytes()
    expected = FileRecord(hashlib.sha256(data).hexdigest(), len(data))
    assert read_cascade_json(folder).files["base.safetensors"] == expected
