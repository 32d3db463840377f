"""Devices: chosen by name, told in words, and out of memory in its four shapes."""

from __future__ import annotations

import sys

import pytest
import torch

from muse_studio.muse.device import (
    DeviceError,
    DeviceInfo,
    classify_out_of_memory,
    describe_device,
    pick_device,
    release_memory,
)


@pytest.fixture
def no_accelerator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    monkeypatch.setitem(sys.modules, "torch_xla", None)


@pytest.mark.usefixtures("no_accelerator")
def test_auto_is_the_cpu_where_there_is_nothing_else() -> None:
    assert pick_device("auto") == pick_device() == pick_device(" CPU ") == torch.device("cpu")


@pytest.mark.usefixtures("no_accelerator")
@pytest.mark.parametrize("name", ["cuda", "cuda:1", "mps", "xla"])
def test_a_device_that_is_missing_is_named_and_another_offered(name: str) -> None:
    with pytest.raises(DeviceError, match="Choose auto or cpu"):
        pick_device(name)


@pytest.mark.parametrize("name", ["", "gpu", "cuda:x", "cuda:-1", "cuda:²", "auto:1", "tpu", "meta", "cpu,cuda"])
def test_an_unknown_name_is_refused(name: str) -> None:
    with pytest.raises(DeviceError):
        pick_device(name)


@pytest.mark.usefixtures("no_accelerator")
def test_auto_prefers_cuda_to_mps_to_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert pick_device().type == "mps"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert pick_device().type == "cuda"
    assert pick_device("cuda:1") == torch.device("cuda", 1)
    with pytest.raises(DeviceError, match="no GPU number 2"):
        pick_device("cuda:2")


def test_the_cpu_is_described_with_its_memory() -> None:
    info = describe_device(torch.device("cpu"))
    assert info.kind == "cpu"
    assert info.total_bytes is not None
    assert info.free_bytes is not None
    assert 0 < info.free_bytes <= info.total_bytes
    assert "core" in info.name


def test_a_driver_that_fails_is_described_as_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("CUDA driver error: unknown error")

    monkeypatch.setattr(torch.cuda, "mem_get_info", fail)
    assert describe_device(torch.device("cuda")) == DeviceInfo("cuda", "cuda", None, None)


OUT_OF_MEMORY = [
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB"),
    RuntimeError("[enforce fail at alloc_cpu.cpp:118] err == 0. DefaultCPUAllocator: can't allocate memory: you tried"),
    RuntimeError("[enforce fail at alloc_cpu.cpp:126] DefaultCPUAllocator: not enough memory: you tried to allocate"),
    RuntimeError("MPS backend out of memory (MPS allocated: 18.00 GB)"),
    RuntimeError("RESOURCE_EXHAUSTED: Attempting to allocate 9.00G"),
    RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate(handle)"),
    MemoryError(),
    OSError(12, "Cannot allocate memory"),
    -9,
    137,
]


@pytest.mark.parametrize("error", OUT_OF_MEMORY, ids=str)
def test_out_of_memory_is_known_in_every_shape(error: BaseException | int) -> None:
    assert classify_out_of_memory(error)


@pytest.mark.parametrize(
    "error",
    [RuntimeError("shape mismatch"), ValueError("out of memory"), OSError(28, "No space left"), KeyError("memory"),
     KeyboardInterrupt(), 0, 1, -15, None],
    ids=str,
)  # fmt: skip
def test_other_errors_are_not_out_of_memory(error: BaseException | int | None) -> None:
    assert not classify_out_of_memory(error)


def test_the_cause_of_an_error_counts() -> None:
    outer = ValueError("the picture could not be made")
    outer.__cause__ = RuntimeError("while decoding")
    outer.__cause__.__context__ = MemoryError()
    assert classify_out_of_memory(outer)
    circle = ValueError("x")
    circle.__cause__ = RuntimeError("y")
    circle.__cause__.__context__ = circle
    assert not classify_out_of_memory(circle)


def test_what_torch_raises_on_this_cpu_is_known() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**50, dtype=torch.float32)
    assert classify_out_of_memory(caught.value)
    release_memory(torch.device("cpu"))
